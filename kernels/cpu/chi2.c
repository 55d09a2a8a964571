/* chi2.c: occurrences of every term in every class. Each thread owns a run of columns of the table,
 * so nothing is added twice and integers make any order exact. */
#include <string.h>

#include "cpu/operations.h"
#include "cpu/radix.h"

/* Add the entries of row r whose columns are lo .. hi-1. */
static void add_row(const mst_csr *counts, int64_t r, int64_t lo, int64_t hi, int64_t *observed) {
  const int32_t *val = counts->val;
  for (int64_t i = counts->row_ptr[r]; i < counts->row_ptr[r + 1]; i++)
    if (counts->col[i] >= lo && counts->col[i] < hi) observed[counts->col[i]] += val[i];
}

mst_status mst__cpu_counts_by_class(mst_backend *backend, const mst_csr *counts,
                                    const int32_t *label, int32_t n_classes, int64_t *observed,
                                    int64_t *rows_of) {
  const int n_threads = backend->n_threads;
  const int64_t n_terms = counts->n_cols;
  memset(observed, 0, (size_t)n_classes * (size_t)n_terms * sizeof *observed);
  memset(rows_of, 0, (size_t)n_classes * sizeof *rows_of);
  for (int64_t r = 0; r < counts->n_rows; r++) rows_of[label[r]]++;
#pragma omp parallel for schedule(static, 1) num_threads(n_threads)
  for (int s = 0; s < n_threads; s++) {
    const int64_t lo = mst__slice(n_terms, s, n_threads),
                  hi = mst__slice(n_terms, s + 1, n_threads);
    for (int64_t r = 0; r < counts->n_rows; r++)
      add_row(counts, r, lo, hi, observed + label[r] * n_terms);
  }
  return MST_OK;
}
