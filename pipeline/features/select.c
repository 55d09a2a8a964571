/* select.c: chi-squared from exact integer sums, and the k best of a list. */
#include "features/select.h"

#include <string.h>

#include "features/internal.h"

static mst_status check_labels(const mst_csr *counts, const int32_t *label, int32_t n_classes) {
  if (counts->dtype != MST_INT32) return MST_FAIL(MST_E_ARG, "chi-squared is taken from counts");
  if (n_classes < 1) return MST_FAIL(MST_E_ARG, "%d classes", n_classes);
  for (int64_t d = 0; d < counts->n_rows; d++)
    if (label[d] < 0 || label[d] >= n_classes)
      return MST_FAIL(MST_E_ARG, "row %lld: class %d of %d", (long long)d, label[d], n_classes);
  return MST_OK;
}

/* Sum up counts of the host, wherever the backend works. */
static mst_status sum_classes(mst_backend *backend, const mst_csr *counts, const int32_t *label,
                              int32_t n_classes, int64_t *observed, int64_t *rows_of) {
  const int64_t n = counts->row_ptr[counts->n_rows];
  const void *row_ptr = NULL, *col = NULL, *val = NULL;
  mst_csr home = *counts;
  mst_status st = mst__home_view(backend, counts->row_ptr, counts->n_rows + 1,
                                 sizeof *counts->row_ptr, &row_ptr);
  if (!st) st = mst__home_view(backend, counts->col, n, sizeof *counts->col, &col);
  if (!st) st = mst__home_view(backend, counts->val, n, sizeof(int32_t), &val);
  home.row_ptr = (int64_t *)row_ptr;
  home.col = (int32_t *)col;
  home.val = (void *)val;
  if (!st) st = mst_counts_by_class(backend, &home, label, n_classes, observed, rows_of);
  mst__home_view_free(backend, row_ptr);
  mst__home_view_free(backend, col);
  mst__home_view_free(backend, val);
  return st;
}

double mst_chi2_term(const int64_t *observed, int64_t stride, const int64_t *rows,
                     int32_t n_classes) {
  int64_t total = 0, n_rows = 0;
  for (int32_t c = 0; c < n_classes; c++) {
    total += observed[c * stride];
    n_rows += rows[c];
  }
  double sum = 0.0;
  for (int32_t c = 0; c < n_classes && n_rows; c++) {
    const double expected = (double)rows[c] / (double)n_rows * (double)total;
    const double off = (double)observed[c * stride] - expected;
    if (expected > 0.0) sum = sum + off * off / expected;
  }
  return sum;
}

mst_status mst_select_chi2(mst_backend *backend, const mst_csr *counts, const int32_t *label,
                           int32_t n_classes, double *chi2) {
  mst_status st = check_labels(counts, label, n_classes);
  if (st) return st;
  const int64_t n_terms = counts->n_cols;
  int64_t *observed = mst_alloc((size_t)n_classes * (size_t)n_terms, sizeof *observed);
  int64_t *rows_of = mst_alloc((size_t)n_classes, sizeof *rows_of);
  st = observed && rows_of ? MST_OK : MST_E_NOMEM;
  if (!st) st = sum_classes(backend, counts, label, n_classes, observed, rows_of);
  if (st) goto done;
#pragma omp parallel for schedule(static) num_threads(mst_backend_threads(backend))
  for (int64_t t = 0; t < n_terms; t++)
    chi2[t] = mst_chi2_term(observed + t, n_terms, rows_of, n_classes);
done:
  mst_free(observed);
  mst_free(rows_of);
  return st;
}

/* Doubles as integers in the same order. */
static uint64_t order_key(double x) {
  uint64_t bits;
  x = x + 0.0; /* -0 is 0 */
  memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

/* Key of the k-th greatest score, found digit by digit from the top: no sort, no worst case. */
static uint64_t kth_greatest(const double *score, int64_t n, int64_t k) {
  uint64_t prefix = 0, mask = 0;
  for (int shift = 56; shift >= 0; shift -= 8) {
    int64_t count[256] = {0};
    for (int64_t t = 0; t < n; t++) {
      const uint64_t key = order_key(score[t]);
      if ((key & mask) == prefix) count[key >> shift & 255]++;
    }
    uint64_t digit = 255;
    for (; k > count[digit]; digit--) k -= count[digit];
    prefix |= digit << shift;
    mask |= (uint64_t)255 << shift;
  }
  return prefix;
}

mst_status mst_select_top(const double *score, int64_t n, int64_t k, int32_t *ids, int64_t *n_ids) {
  if (k > n) k = n;
  *n_ids = 0;
  if (k <= 0) return MST_OK;
  const uint64_t least = kth_greatest(score, n, k);
  int64_t above = 0, to = 0;
  for (int64_t t = 0; t < n; t++) above += order_key(score[t]) > least;
  int64_t level = k - above; /* how many of those equal to the least are let in, lowest ids first */
  for (int64_t t = 0; t < n; t++) {
    const uint64_t key = order_key(score[t]);
    if (key > least || (key == least && level-- > 0)) ids[to++] = (int32_t)t;
  }
  *n_ids = to;
  return MST_OK;
}
