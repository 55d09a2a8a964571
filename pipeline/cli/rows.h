/* rows.h: predictions as lines of CSV or JSON. */
#ifndef MISSTEP_ROWS_H
#define MISSTEP_ROWS_H

#include "misstep/alloc.h"
#include "misstep/text.h"
#include "read/records.h"

/* What a line holds. */
typedef struct mst_row_options {
  int jsonl;           /* JSON lines, else CSV */
  int64_t top;         /* the N likeliest labels, 1 .. C */
  int probabilities;   /* all classes */
  const char *what;    /* "probability", or "score": decision values */
  const int32_t *keep; /* [n_keep] columns of the input */
  int32_t n_keep;
  const mst_strings *labels; /* [C] */
} mst_row_options;

/* Append the CSV header: kept columns, line, label, probability (or score), label_2, ...,
 * then one column a class with --probabilities. Nothing for JSON lines. MST_E_NOMEM,
 * MST_E_LIMIT. */
mst_status mst_rows_header(const mst_row_options *o, const mst_records *records, mst_buffer *out);

/* Append one record's line.
 *   proba  [C] of this record. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_rows_line(const mst_row_options *o, const mst_records *records, int64_t row,
                         const float *proba, mst_buffer *out);

/* Append a CSV field, quoted where RFC 4180 asks for it. */
mst_status mst_rows_field(mst_buffer *out, mst_slice field);

#endif
