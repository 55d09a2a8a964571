/* weight.c: rows of counts to rows of weights. A row is weighed and scaled while it is in the
 * cache, in double, and rounded once on its way to the matrix: nothing is held twice. */
#include <omp.h>
#include <string.h>

#include "body/normalize.h"
#include "body/weight.h"
#include "cpu/operations.h"
#include "cpu/rows.h"
#include "misstep/alloc.h"

/* Scratch of one thread: a row. */
typedef struct row_scratch {
  mst__accumulator acc;
  int32_t *col, *count;
  double *weight;
} row_scratch;

static void scratch_free(row_scratch *scratch, int n_threads) {
  for (int t = 0; scratch && t < n_threads; t++) {
    mst__accumulator_fini(&scratch[t].acc);
    mst_free(scratch[t].col);
    mst_free(scratch[t].count);
    mst_free(scratch[t].weight);
  }
  mst_free(scratch);
}

/* Scratch for n_threads threads and rows of at most longest entries. NULL: no memory.
 * rows may be NULL: nothing will be read through it. */
static row_scratch *scratch_create(const mst_rows *rows, int64_t n_terms, int64_t longest,
                                   int n_threads) {
  row_scratch *scratch = mst_alloc_zero((size_t)n_threads, sizeof *scratch);
  for (int t = 0; scratch && t < n_threads; t++) {
    row_scratch *s = &scratch[t];
    s->col = mst_alloc((size_t)longest, sizeof *s->col);
    s->count = s->col ? mst_alloc((size_t)longest, sizeof *s->count) : NULL;
    s->weight = s->count ? mst_alloc((size_t)longest, sizeof *s->weight) : NULL;
    if (s->weight && (!rows || !mst__accumulator_init(&s->acc, rows, n_terms))) continue;
    scratch_free(scratch, n_threads);
    return NULL;
  }
  return scratch;
}

static int64_t longest_row(const int64_t *row_ptr, int64_t n_rows) {
  int64_t longest = 0;
  for (int64_t r = 0; r < n_rows; r++)
    if (row_ptr[r + 1] - row_ptr[r] > longest) longest = row_ptr[r + 1] - row_ptr[r];
  return longest;
}

/* Weigh one row, whose columns x has, and round it into x at entry `at`. */
static void write_weights(const mst_weighing *weighing, const int32_t *count, int64_t n,
                          double *weight, mst_csr *x, int64_t at) {
  double *val = x->dtype == MST_FLOAT64 ? (double *)x->val + at : weight;
  mst_body_weight_row(x->col + at, count, n, weighing->tf, weighing->idf, weighing->relative, val);
  mst_body_normalize_row(val, n, weighing->norm);
  if (x->dtype == MST_FLOAT64) return;
  float *out = (float *)x->val + at;
  for (int64_t i = 0; i < n; i++) out[i] = (float)val[i];
}

mst_status mst__cpu_rows_fill(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                              int64_t n_entries, const mst_weighing *weighing, mst_csr *counts,
                              mst_csr *x) {
  (void)n_entries;
  const int64_t *row_ptr = counts ? counts->row_ptr : x->row_ptr;
  const int n_threads = mst__row_threads(backend->n_threads, rows->n_rows);
  row_scratch *scratch =
      scratch_create(rows, n_terms, mst__rows_longest(rows, n_threads), n_threads);
  if (!scratch) return MST_E_NOMEM;
#pragma omp parallel for schedule(dynamic, 256) num_threads(n_threads)
  for (int64_t r = 0; r < rows->n_rows; r++) {
    row_scratch *s = &scratch[omp_get_thread_num()];
    if (weighing->idf)
      mst__row_prefetch_terms(rows, r, weighing->idf, n_terms, sizeof *weighing->idf);
    const int64_t at = row_ptr[r], n = row_ptr[r + 1] - at;
    int32_t *col = (x ? x->col : counts->col) + at;
    mst__row_read(&s->acc, rows, r, n, col, s->count, s->col);
    if (weighing->binary)
      for (int64_t i = 0; i < n; i++) s->count[i] = 1;
    if (counts) {
      if (x) memcpy(counts->col + at, col, (size_t)n * sizeof *col);
      memcpy((int32_t *)counts->val + at, s->count, (size_t)n * sizeof *s->count);
    }
    if (x) write_weights(weighing, s->count, n, s->weight, x, at);
  }
  scratch_free(scratch, n_threads);
  return MST_OK;
}

/* Entries of one row of counts whose idf is not 0. */
static int64_t n_weighted(const mst_csr *counts, int64_t r, const double *idf) {
  int64_t n = 0;
  for (int64_t i = counts->row_ptr[r]; i < counts->row_ptr[r + 1]; i++)
    n += !idf || idf[counts->col[i]] != 0.0;
  return n;
}

/* Weigh all entries of a row, then leave out those of weight 0: the sums do not change. */
static void weigh_row(const mst_csr *counts, int64_t r, const mst_weighing *weighing,
                      row_scratch *s, mst_csr *x) {
  const int64_t from = counts->row_ptr[r], n = counts->row_ptr[r + 1] - from;
  const int32_t *col = counts->col + from;
  mst_body_weight_row(col, (const int32_t *)counts->val + from, n, weighing->tf, weighing->idf,
                      weighing->relative, s->weight);
  mst_body_normalize_row(s->weight, n, weighing->norm);
  int64_t to = x->row_ptr[r];
  for (int64_t i = 0; i < n; i++) {
    if (weighing->idf && weighing->idf[col[i]] == 0.0) continue;
    x->col[to] = col[i];
    if (x->dtype == MST_FLOAT64) ((double *)x->val)[to] = s->weight[i];
    else ((float *)x->val)[to] = (float)s->weight[i];
    to++;
  }
}

mst_status mst__cpu_counts_weigh(mst_backend *backend, const mst_csr *counts,
                                 const mst_weighing *weighing, mst_dtype dtype, mst_csr *out) {
  const int64_t n_rows = counts->n_rows;
  int64_t n_entries = 0;
  for (int64_t r = 0; r < n_rows; r++) n_entries += n_weighted(counts, r, weighing->idf);
  const int n_threads = mst__row_threads(backend->n_threads, n_rows);
  mst_csr x;
  mst_status st = mst_csr_init(&x, n_rows, counts->n_cols, n_entries, dtype);
  if (st) return st;
  row_scratch *scratch = scratch_create(NULL, 0, longest_row(counts->row_ptr, n_rows), n_threads);
  if (!scratch) {
    mst_csr_fini(&x);
    return MST_E_NOMEM;
  }
  for (int64_t r = 0; r < n_rows; r++)
    x.row_ptr[r + 1] = x.row_ptr[r] + n_weighted(counts, r, weighing->idf);
#pragma omp parallel for schedule(dynamic, 256) num_threads(n_threads)
  for (int64_t r = 0; r < n_rows; r++)
    weigh_row(counts, r, weighing, &scratch[omp_get_thread_num()], &x);
  scratch_free(scratch, n_threads);
  *out = x;
  return MST_OK;
}
