/* records.h: files of records: CSV (RFC 4180), TSV, JSON lines, fastText's __label__ lines.
 *
 * In: a path ("-": standard input), plain, gzip or zstd. Out: columns of UTF-8 fields, each record
 * with the line it began on. Next stages: split, features.
 */
#ifndef MISSTEP_RECORDS_H
#define MISSTEP_RECORDS_H

#include <stdint.h>

#include "misstep/status.h"
#include "misstep/text.h"

typedef enum mst_file_format {
  MST_FILE_AUTO, /* by name (.csv .tsv .tab .jsonl .ndjson .json .txt .ft, before .gz or .zst);
                    standard input and unknown names: csv */
  MST_FILE_CSV, MST_FILE_TSV, MST_FILE_JSONL, MST_FILE_FASTTEXT
} mst_file_format;

typedef enum mst_decode { MST_DECODE_STRICT, MST_DECODE_REPLACE, MST_DECODE_SKIP } mst_decode;

typedef struct mst_read_options {
  mst_file_format format;  /* --input-format */
  mst_decode decode;       /* --decode-errors: strict: MST_E_FORMAT; replace: U+FFFD as Python's
                              errors="replace"; skip: the record is left out and counted */
  int64_t max_field_bytes; /* --max-field-bytes, 16 MiB */
  int n_threads;
} mst_read_options;

mst_read_options mst_read_options_default(void);

/* A batch of records, or a whole file. */
typedef struct mst_records mst_records;

/* A file being read batch by batch in bounded memory. */
typedef struct mst_reader mst_reader;

/* Open and read the header. Columns of JSON lines are the keys of the first record (later records may
 * lack some: empty field; nested values are an error); fastText has the columns label, text.
 * MST_E_IO, MST_E_FORMAT (empty file; a NUL byte; a header with two equal names), MST_E_NOMEM. */
mst_status mst_reader_open(const char *path, const mst_read_options *options, mst_reader **out);
/* Read the next records, at most about max_rows (>= 1); *out has 0 rows at the end.
 * MST_E_FORMAT with "path:line:column: what was found, what was expected": an unclosed quote (the
 * line where it opened), a row with too few or many fields, a quote inside an unquoted field is taken
 * literally, text after a closing quote is an error, broken UTF-8 (strict), a NUL byte.
 * MST_E_LIMIT: a field above max_field_bytes. MST_E_IO, MST_E_NOMEM. */
mst_status mst_reader_next(mst_reader *reader, int64_t max_rows, mst_records **out);
/* Records left out so far because of decode skip, and the line of the first one. */
int64_t mst_reader_n_skipped(const mst_reader *reader, int64_t *first_line);
void mst_reader_close(mst_reader *reader);

/* Read a whole file: in parallel where it can be mapped. Same errors; the error reported is that of
 * the lowest line. Same result for any n_threads. Rows may be 0 (the caller decides). */
mst_status mst_records_read(const char *path, const mst_read_options *options, mst_records **out);
void mst_records_free(mst_records *records);

int64_t mst_records_n_rows(const mst_records *records);
int32_t mst_records_n_cols(const mst_records *records);
const char *mst_records_path(const mst_records *records);
/* Column name, zero-terminated (names hold no zeros). */
const char *mst_records_col_name(const mst_records *records, int32_t col);
/* Column by name, or -1. */
int32_t mst_records_col(const mst_records *records, const char *name);
/* Column by name; MST_E_FORMAT lists the columns there are, with the nearest name first. */
mst_status mst_records_find(const mst_records *records, const char *name, int32_t *col);
mst_slice mst_records_field(const mst_records *records, int64_t row, int32_t col);
int64_t mst_records_line(const mst_records *records, int64_t row); /* 1-based */
int64_t mst_records_n_skipped(const mst_records *records, int64_t *first_line);

/* The text of all rows: the given columns joined by one space (an empty field still leaves its
 * space, as a notebook's "a + ' ' + b" does). One column is a copy of it.
 *   view  points into *storage, which the caller frees with mst_strings_fini. MST_E_NOMEM. */
mst_status mst_records_text(const mst_records *records, const int32_t *cols, int32_t n_cols,
                            int n_threads, mst_strings *storage, mst_text *view);

#endif
