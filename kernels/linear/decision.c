/* decision.c: decision values of fitted weights, row by row. */
#include "misstep/logistic.h"

/* Classes summed together: they live in registers while the row's entries pass by. */
enum { BLOCK = 16 };

static void decide_row(const mst_csr *x, int64_t d, const float *coef, const float *intercept,
                       int32_t n_classes, float *out) {
  const float *val = x->val;
  for (int32_t first = 0; first < n_classes; first += BLOCK) {
    const int32_t n = n_classes - first < BLOCK ? n_classes - first : BLOCK;
    double sum[BLOCK];
    for (int32_t k = 0; k < n; k++) sum[k] = intercept[first + k];
    for (int64_t e = x->row_ptr[d]; e < x->row_ptr[d + 1]; e++) {
      const float *w = coef + (int64_t)x->col[e] * n_classes + first;
      for (int32_t k = 0; k < n; k++) sum[k] += (double)val[e] * w[k];
    }
    for (int32_t k = 0; k < n; k++) out[first + k] = (float)sum[k];
  }
}

mst_status mst_logistic_decision(const mst_csr *x, const float *coef, const float *intercept,
                                 int32_t n_classes, int n_threads, float *decision) {
  if (!x || !coef || !intercept || !decision || x->dtype != MST_FLOAT32)
    return MST_FAIL(MST_E_ARG, "decision values need a float32 matrix, weights and an output");
  if (n_classes < 1 || n_threads < 1)
    return MST_FAIL(MST_E_ARG, "decision values of %d classes on %d threads", n_classes, n_threads);
#pragma omp parallel for num_threads(n_threads) schedule(static)
  for (int64_t d = 0; d < x->n_rows; d++)
    decide_row(x, d, coef, intercept, n_classes, decision + d * n_classes);
  return MST_OK;
}
