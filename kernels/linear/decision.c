/* decision.c: decision values of fitted weights, row by row. */
#include "misstep/logistic.h"

/* Classes summed together: they live in registers while the row's entries pass by. */
enum { BLOCK = 16 };

/* Add row d of one matrix to the sums of n classes, whose weights stand n_classes apart. */
static void add_row(const mst_csr *x, int64_t d, const float *coef, int32_t n_classes, int32_t n,
                    double *sum) {
  const float *val = x->val;
  for (int64_t e = x->row_ptr[d]; e < x->row_ptr[d + 1]; e++) {
    const float *w = coef + (int64_t)x->col[e] * n_classes;
    for (int32_t k = 0; k < n; k++) sum[k] += (double)val[e] * w[k];
  }
}

static void decide_row(const mst_csr *x, int n_parts, int64_t d, const float *coef,
                       const float *intercept, int32_t n_classes, float *out) {
  for (int32_t first = 0; first < n_classes; first += BLOCK) {
    const int32_t n = n_classes - first < BLOCK ? n_classes - first : BLOCK;
    const float *w = coef + first;
    double sum[BLOCK];
    for (int32_t k = 0; k < n; k++) sum[k] = intercept[first + k];
    for (int p = 0; p < n_parts; p++) {
      add_row(&x[p], d, w, n_classes, n, sum);
      w += x[p].n_cols * n_classes;
    }
    for (int32_t k = 0; k < n; k++) out[first + k] = (float)sum[k];
  }
}

mst_status mst_logistic_decision(const mst_csr *x, int n_parts, const float *coef,
                                 const float *intercept, int32_t n_classes, int n_threads,
                                 float *decision) {
  if (!x || n_parts < 1 || !coef || !intercept || !decision)
    return MST_FAIL(MST_E_ARG, "decision values need a float32 matrix, weights and an output");
  for (int p = 0; p < n_parts; p++)
    if (x[p].dtype != MST_FLOAT32 || x[p].n_rows != x->n_rows)
      return MST_FAIL(MST_E_ARG, "decision values need float32 matrices of equally many rows");
  if (n_classes < 1 || n_threads < 1)
    return MST_FAIL(MST_E_ARG, "decision values of %d classes on %d threads", n_classes, n_threads);
#pragma omp parallel for num_threads(n_threads) schedule(static)
  for (int64_t d = 0; d < x->n_rows; d++)
    decide_row(x, n_parts, d, coef, intercept, n_classes, decision + d * n_classes);
  return MST_OK;
}
