/* fill.c: from rows of n-grams to matrices. Entries were counted before, so every array is made
 * once at its final size. */
#include <math.h>

#include "features/internal.h"

mst_status mst_tf_table(int64_t longest, double **out) {
  double *tf = mst_alloc((size_t)longest + 1, sizeof *tf);
  if (!tf) return MST_E_NOMEM;
  tf[0] = 0.0;
  for (int64_t c = 1; c <= longest; c++) tf[c] = log((double)c) + 1.0;
  *out = tf;
  return MST_OK;
}

static mst_status sublinear_table(const mst_vectorizer *v, mst_backend *backend,
                                  const mst_rows *rows, double **tf) {
  int64_t longest = 1;
  const mst_status st = v->options.binary ? MST_OK : mst_rows_longest(backend, rows, &longest);
  return st ? st : mst_tf_table(longest, tf);
}

/* A matrix at home that takes over row_ptr on success. */
static mst_status make_matrix(mst_backend *backend, int64_t n_rows, int64_t n_terms,
                              int64_t n_entries, mst_dtype dtype, int64_t **row_ptr, mst_csr *out) {
  mst_csr x = {.n_rows = n_rows, .n_cols = n_terms, .dtype = dtype};
  x.col = mst_backend_alloc(backend, (size_t)n_entries, sizeof *x.col);
  if (x.col) x.val = mst_backend_alloc(backend, (size_t)n_entries, (size_t)mst_dtype_bytes(dtype));
  if (!x.val) {
    mst_backend_free(backend, x.col);
    return MST_E_NOMEM;
  }
  x.row_ptr = *row_ptr;
  *row_ptr = NULL;
  *out = x;
  return MST_OK;
}

/* Make what mst_rows_fill writes; *row_ptr is the last one's. */
static mst_status make_both(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                            int64_t n_entries, int64_t **row_ptr, mst_csr *counts, mst_csr *x) {
  int64_t *again = NULL;
  mst_status st = MST_OK;
  if (counts && x)
    st = mst__home_copy(backend, *row_ptr, rows->n_rows + 1, sizeof *again, (void **)&again);
  if (!st && counts)
    st = make_matrix(backend, rows->n_rows, n_terms, n_entries, MST_INT32, x ? &again : row_ptr,
                     counts);
  if (!st && x) st = make_matrix(backend, rows->n_rows, n_terms, n_entries, x->dtype, row_ptr, x);
  mst_backend_free(backend, again);
  return st;
}

/* Hand out what is wanted, in the host's memory. */
static mst_status hand_out(mst_backend *backend, mst_csr *made_counts, mst_csr *made_x,
                           mst_csr *counts, mst_csr *x) {
  mst_csr host_counts = {0}, host_x = {0};
  mst_status st = counts ? mst__matrix_to_host(backend, made_counts, &host_counts) : MST_OK;
  if (!st && x) st = mst__matrix_to_host(backend, made_x, &host_x);
  if (st) {
    mst_csr_fini(&host_counts);
    return st;
  }
  if (counts) *counts = host_counts;
  if (x) *x = host_x;
  return MST_OK;
}

mst_status mst__vectorizer_fill(const mst_vectorizer *v, mst_backend *backend, const mst_rows *rows,
                                int64_t **row_ptr, int64_t n_entries, mst_csr *counts, mst_csr *x) {
  const mst_vectorizer_options *o = &v->options;
  const int64_t n_terms = v->terms.n;
  mst_weighing weighing = {.idf = o->idf == MST_IDF_NONE ? NULL : v->idf,
                           .binary = o->binary,
                           .relative = o->tf == MST_TF_RELATIVE,
                           .norm = o->norm == MST_NORM_L1   ? 1
                                   : o->norm == MST_NORM_L2 ? 2
                                                            : 0};
  if (!counts && !x) return MST_OK;
  mst_csr made_counts = {0}, made_x = {.dtype = o->dtype};
  double *tf = NULL;
  /* A weight of 0 is no entry: those rows are counted first and weighed from their counts. */
  const int sparser = x && weighing.idf && v->has_zero_idf;
  mst_csr *fill_counts = counts || sparser ? &made_counts : NULL;
  mst_csr *fill_x = x && !sparser ? &made_x : NULL;
  mst_status st = MST_OK;
  if (x && o->tf == MST_TF_SUBLINEAR) st = sublinear_table(v, backend, rows, &tf);
  weighing.tf = tf;
  if (!st) st = make_both(backend, rows, n_terms, n_entries, row_ptr, fill_counts, fill_x);
  if (!st) st = mst_rows_fill(backend, rows, n_terms, n_entries, &weighing, fill_counts, fill_x);
  if (!st && sparser) st = mst_counts_weigh(backend, &made_counts, &weighing, o->dtype, &made_x);
  if (!st) st = hand_out(backend, &made_counts, &made_x, counts, x);
  mst__matrix_fini(backend, &made_counts);
  mst__matrix_fini(backend, &made_x);
  mst_free(tf);
  return st;
}
