/* fill.c: from rows of n-grams to matrices. Entries were counted before, so every array is made
 * once at its final size. */
#include <math.h>
#include <string.h>

#include "features/internal.h"

/* 1 + ln(count) for every count up to longest. */
static mst_status tf_table(int64_t longest, double **out) {
  double *tf = mst_alloc((size_t)longest + 1, sizeof *tf);
  if (!tf) return MST_E_NOMEM;
  tf[0] = 0.0;
  for (int64_t c = 1; c <= longest; c++) tf[c] = log((double)c) + 1.0;
  *out = tf;
  return MST_OK;
}

static mst_status make_counts(const mst_rows *rows, int64_t n_terms, const int64_t *row_ptr,
                              mst_csr *out) {
  const mst_status st = mst_csr_init(out, rows->n_rows, n_terms, row_ptr[rows->n_rows], MST_INT32);
  if (!st) memcpy(out->row_ptr, row_ptr, (size_t)(rows->n_rows + 1) * sizeof *row_ptr);
  return st;
}

/* A matrix with the row_ptr given instead of one of its own. */
static mst_status make_weights(const mst_rows *rows, int64_t n_terms, int64_t **row_ptr,
                               mst_dtype dtype, mst_csr *out) {
  const mst_status st = mst_csr_init(out, 0, n_terms, (*row_ptr)[rows->n_rows], dtype);
  if (st) return st;
  mst_free(out->row_ptr);
  out->row_ptr = *row_ptr;
  out->n_rows = rows->n_rows;
  *row_ptr = NULL;
  return MST_OK;
}

mst_status mst__vectorizer_fill(const mst_vectorizer *v, const mst_rows *rows, int64_t **row_ptr,
                                int n_threads, mst_csr *counts, mst_csr *x) {
  const mst_vectorizer_options *o = &v->options;
  const int64_t n_terms = v->terms.n;
  mst_weighing weighing = {.idf = o->idf == MST_IDF_NONE ? NULL : v->idf,
                           .binary = o->binary,
                           .relative = o->tf == MST_TF_RELATIVE,
                           .norm = o->norm == MST_NORM_L1   ? 1
                                   : o->norm == MST_NORM_L2 ? 2
                                                            : 0};
  mst_csr made_counts = {0}, made_x = {0};
  double *tf = NULL;
  /* A weight of 0 is no entry: those rows are counted first and weighed from their counts. */
  const int sparser = x && weighing.idf && v->has_zero_idf;
  mst_status st = MST_OK;
  if (x && o->tf == MST_TF_SUBLINEAR) st = tf_table(o->binary ? 1 : mst_rows_longest(rows), &tf);
  weighing.tf = tf;
  if (!st && (counts || sparser)) st = make_counts(rows, n_terms, *row_ptr, &made_counts);
  if (!st && x && !sparser) st = make_weights(rows, n_terms, row_ptr, o->dtype, &made_x);
  if (!st && (counts || x))
    st = mst_rows_fill(rows, n_terms, &weighing, n_threads,
                       made_counts.row_ptr ? &made_counts : NULL, made_x.row_ptr ? &made_x : NULL);
  if (!st && sparser) st = mst_counts_weigh(&made_counts, &weighing, o->dtype, n_threads, &made_x);
  if (!st && counts) {
    *counts = made_counts;
    made_counts = (mst_csr){0};
  }
  if (!st && x) {
    *x = made_x;
    made_x = (mst_csr){0};
  }
  mst_csr_fini(&made_counts);
  mst_csr_fini(&made_x);
  mst_free(tf);
  return st;
}
