/* records.h: files of records: CSV (RFC 4180), TSV, JSON lines, fastText's __label__ lines.
 *
 * In: a path ("-": standard input), plain, gzip or zstd. Out: columns of UTF-8 fields, each record
 * with the line it began on. Next stages: split, features.
 *
 * CSV: fields separated by commas (TSV: tabs, otherwise the same), quoted with ", lines ended by
 * \n, \r\n or \r. A quoted field may hold delimiters, line ends and doubled quotes; a quote inside
 * an unquoted field is taken literally. Columns are known by name, in any order. A byte order mark
 * is dropped. A wholly empty line is skipped where there are several columns (as pandas does) and
 * is a record with an empty field where there is one.
 * JSON lines: one object per line; numbers and booleans become their text, null becomes empty.
 * fastText: "__label__x text", exactly one label in a line. Empty lines are skipped in both.
 */
#ifndef MISSTEP_RECORDS_H
#define MISSTEP_RECORDS_H

#include <stdint.h>

#include "misstep/status.h"
#include "misstep/text.h"

typedef enum mst_file_format {
  MST_FILE_AUTO, /* by name (.csv .tsv .tab .jsonl .ndjson .json .txt .ft, before .gz or .zst);
                    standard input and unknown names: csv */
  MST_FILE_CSV,
  MST_FILE_TSV,
  MST_FILE_JSONL,
  MST_FILE_FASTTEXT
} mst_file_format;

typedef enum mst_decode { MST_DECODE_STRICT, MST_DECODE_REPLACE, MST_DECODE_SKIP } mst_decode;

typedef struct mst_read_options {
  mst_file_format format; /* --input-format */
  mst_decode decode;      /* --decode-errors: strict: MST_E_FORMAT; replace: U+FFFD as Python's
                              errors="replace"; skip: the record is left out and counted */
  /* --max-field-bytes, 16 MiB; counted as stored between its quotes; of JSON lines and fastText a
   * whole line */
  int64_t max_field_bytes;
  int n_threads;
} mst_read_options;

/* Format by the file's name, strict, 16 MiB a field, 1 thread. */
mst_read_options mst_read_options_default(void);

/* A batch of records, or a whole file. */
typedef struct mst_records mst_records;

/* A file being read batch by batch in bounded memory. */
typedef struct mst_reader mst_reader;

/* Open and read the header. Columns of JSON lines are the keys of the first record (later records
 * may lack some: empty field; keys that the first lacks are not read; nested values are an error);
 * fastText has the columns label, text.
 * MST_E_ARG: max_field_bytes or n_threads below 1. MST_E_IO. MST_E_FORMAT: an empty file, UTF-16, a
 * NUL byte, broken UTF-8 (unless replaced), a header with two equal names. MST_E_LIMIT: a name
 * above max_field_bytes. MST_E_NOMEM. */
mst_status mst_reader_open(const char *path, const mst_read_options *options, mst_reader **out);
/* Read the next records, at most about max_rows (>= 1); *out has 0 rows at the end.
 * MST_E_FORMAT with "path:line:column: what was found, what was expected" (column: bytes from 1):
 * an unclosed quote (the line where it opened), a row with too few or many fields, text after a
 * closing quote, broken UTF-8 (strict), a NUL byte, a line that is no JSON object, no label or two;
 * damaged gzip or zstd data. MST_E_LIMIT: a field above max_field_bytes. MST_E_ARG: max_rows < 1.
 * MST_E_IO, MST_E_NOMEM. A batch lives on its own: the reader may be closed before it. */
mst_status mst_reader_next(mst_reader *reader, int64_t max_rows, mst_records **out);
/* Records left out so far because of decode skip, and the line of the first one. */
int64_t mst_reader_n_skipped(const mst_reader *reader, int64_t *first_line);
void mst_reader_close(mst_reader *reader);

/* Read a whole file: in parallel; a plain file is mapped and must not shrink while records live.
 * Same errors; the error reported is that of the lowest line. Same result for any n_threads. Rows
 * may be 0 (the caller decides). MST_E_CANCELLED while a compressed file or a pipe is read.
 * Cost: reads the file's bytes twice; 16 bytes a field and 8 a record beside the mapping. */
mst_status mst_records_read(const char *path, const mst_read_options *options, mst_records **out);
void mst_records_free(mst_records *records);

/* Rows and columns, and the path as errors name it ("standard input" for "-"), borrowed. */
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

/* Keep some rows and forget the others.
 *   rows  [n] strictly rising */
void mst_records_keep(mst_records *records, const int64_t *rows, int64_t n);

/* The text of all rows: the given columns joined by one space (an empty field still leaves its
 * space, as a notebook's "a + ' ' + b" does). One column is a copy of it.
 *   view  points into *storage, which the caller frees with mst_strings_fini.
 * MST_E_ARG: n_cols < 1. MST_E_NOMEM. */
mst_status mst_records_text(const mst_records *records, const int32_t *cols, int32_t n_cols,
                            int n_threads, mst_strings *storage, mst_text *view);

#endif
