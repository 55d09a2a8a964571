/* internal.h: what the files of read/ share: a source of bytes, a layout, and where records go.
 *
 * In: bytes (a mapping, or a stream's buffer) and a cursor at the beginning of a record. Out: one
 * slice per field, which points into the bytes where they can stay as they are and into an arena
 * otherwise. A parser is a pure function of bytes and cursor: that makes parallel reading exact.
 */
#ifndef MISSTEP_READ_INTERNAL_H
#define MISSTEP_READ_INTERNAL_H

#include <stdint.h>

#include "files/stream.h"
#include "misstep/alloc.h"
#include "read/records.h"

/* Memory that is freed all at once and never moves. */
typedef struct mst__block mst__block;
typedef struct mst__arena {
  mst__block *newest;
} mst__arena;

/* n bytes, NULL with the error recorded. */
uint8_t *mst__arena_take(mst__arena *arena, int64_t n);
void mst__arena_fini(mst__arena *arena);

/* What is known about a file once its header is read. */
typedef struct mst__layout {
  char *path;             /* as messages name it */
  mst_file_format format; /* never AUTO */
  mst_read_options options;
  char **name; /* [n_cols] zero-terminated, all in the first one's memory */
  int32_t n_cols;
} mst__layout;

/* Bytes at hand. */
typedef struct mst__source {
  const uint8_t *bytes;
  int64_t n;
  int final; /* nothing follows: an unfinished record is complete, or an error */
  int dirty; /* may hold NUL or broken UTF-8: fields are checked one by one */
} mst__source;

/* The beginning of a record: its offset in the source and its line, 1-based. */
typedef struct mst__cursor {
  int64_t pos, line;
} mst__cursor;

/* Records found. */
typedef struct mst__rows {
  mst_slice *field; /* [capacity x n_cols] */
  int64_t *line;    /* [capacity] */
  int64_t n, capacity;
  int64_t n_skipped, first_skipped_line; /* 0: none */
  mst__arena arena;
} mst__rows;

/* What is wrong with the input. Workers fill it in; the caller adds path, line and column. */
typedef struct mst__problem {
  mst_status status;
  int64_t at;     /* offset in the source */
  char text[240]; /* "4 fields, expected 3" */
} mst__problem;

/* How a parser ended. */
typedef enum mst__end {
  MST__END_STOP,    /* the next record begins beyond stop, or there is none */
  MST__END_MORE,    /* the record at the cursor is not finished in a source that is not final */
  MST__END_FULL,    /* rows->capacity is reached; for a header: there is none */
  MST__END_PROBLEM, /* see the problem; the cursor is at the record that has it */
  MST__END_NOMEM
} mst__end;

/* Parse the records that begin at or before stop, from the cursor, which is moved behind them. */
typedef mst__end mst__parse_fn(const mst__layout *layout, const mst__source *source,
                               mst__cursor *cursor, int64_t stop, mst__rows *rows,
                               mst__problem *problem);
mst__parse_fn mst__csv_parse, mst__jsonl_parse, mst__fasttext_parse;
mst__parse_fn *mst__parser(mst_file_format format);

/* Read the names of the columns and move the cursor to the first record (the same record for JSON
 * lines). Only layout->name and n_cols are written, by mst__layout_set_names. */
typedef mst__end mst__header_fn(mst__layout *layout, const mst__source *source, mst__cursor *cursor,
                                mst__problem *problem);
mst__header_fn mst__csv_header, mst__jsonl_header, mst__fasttext_header;

/* Begin a file: byte order mark, blank lines, header. Errors are raised. *more: the source is too
 * short and not final; nothing has changed then. */
mst_status mst__header_read(mst__layout *layout, const mst__source *source, mst__cursor *cursor,
                            int *more);
/* Copy names into the layout. END_PROBLEM: two are equal. */
mst__end mst__layout_set_names(mst__layout *layout, const mst_slice *name, int64_t n,
                               mst__problem *problem);
mst_status mst__layout_init(mst__layout *layout, const char *path, const mst_read_options *options);
mst_status mst__layout_copy(mst__layout *layout, const mst__layout *from);
void mst__layout_fini(mst__layout *layout);

/* Say what is wrong, always MST__END_PROBLEM. */
mst__end mst__problem_set(mst__problem *problem, mst_status status, int64_t at, const char *format,
                          ...) __attribute__((format(printf, 4, 5)));
/* Raise it as "path:line:column: text"; record is the cursor at or before problem->at. */
mst_status mst__problem_raise(const mst__problem *problem, const mst__layout *layout,
                              const mst__source *source, mst__cursor record);

/* Do lone carriage returns end lines (CSV, TSV) or are they content? */
int mst__cr_ends_line(mst_file_format format);
/* Line ends in bytes[from .. to); \r\n counts once, at its \n. */
int64_t mst__count_lines(const mst__source *source, int64_t from, int64_t to, int cr_ends_line);

/* Length of the leading part of bytes that is valid UTF-8 without NUL; n if all of it is. */
int64_t mst__utf8_valid(const uint8_t *bytes, int64_t n);
/* A copy in the arena with U+FFFD for every maximal part that cannot be decoded (Python's
 * errors="replace"); text itself if it is valid. .ptr is NULL without memory. */
mst_slice mst__utf8_repair(mst_slice text, mst__arena *arena);
/* Where the byte at of a repaired copy came from: its offset in text. */
int64_t mst__utf8_before_repair(mst_slice text, int64_t at);
/* Check the bytes [from .. to) of one record against the decoding wanted. END_STOP: go on, with
 * *repair set if its fields need mst__utf8_repair, *skip if the record is to be left out. */
mst__end mst__record_check(const mst__layout *layout, const mst__source *source, int64_t from,
                           int64_t to, int *repair, int *skip, mst__problem *problem);

/* For formats of one record per line: where the line at pos ends (its \n, or n). */
mst__end mst__line_find(const mst__layout *layout, const mst__source *source, int64_t pos,
                        int64_t *end, mst__problem *problem);
/* That line as valid UTF-8 without its \r, repaired in the arena if need be.
 * *skip: the record is to be left out. */
mst__end mst__line_text(const mst__layout *layout, const mst__source *source, int64_t pos,
                        int64_t end, mst__arena *arena, mst_slice *line, int *skip,
                        mst__problem *problem);

/* A problem's place, as if the line (mst__line_text) stood at pos of the source, made its place in
 * the source: a repaired line is longer. Returns END_PROBLEM. */
mst__end mst__line_problem(const mst__source *source, int64_t pos, int64_t end, mst_slice line,
                           mst__problem *problem);

/* Records as handed out. */
struct mst_records {
  mst__layout layout; /* its own copy */
  mst_slice *field;   /* [n_rows x n_cols] */
  int64_t *line;      /* [n_rows] */
  int64_t n_rows;
  int64_t n_skipped, first_skipped_line;
  mst__arena *arena; /* [n_arenas] */
  int64_t n_arenas;
  uint8_t *bytes;     /* what the slices point into, or NULL */
  mst_stream *stream; /* whose mapping they point into, or NULL */
};
#endif
