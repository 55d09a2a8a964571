/* margin.c: which number of the linear model enters the trees. It is a choice (multinomial logits
 * are another), made here and nowhere else; rows do not know each other. */
#include <math.h>

#include "learn/model_internal.h"

/* A class may be absent from a fold; its logarithm must still be finite. */
#define FLOOR 1e-6

/* p(c) = sigmoid(decision(c)) / sum of the same over the classes, added in class order. */
static double sigmoid_sum(const float *decision, int32_t n_classes) {
  double sum = 0;
  for (int32_t c = 0; c < n_classes; c++) sum += 1 / (1 + exp(-(double)decision[c]));
  return sum;
}

static double proba_at(float decision, double sum, int32_t n_classes) {
  return sum > 0 ? 1 / (1 + exp(-(double)decision)) / sum : 1.0 / n_classes;
}

void mst__linear_proba(float *decision, int64_t n, int32_t n_classes, int n_threads) {
#pragma omp parallel for schedule(static) num_threads(n_threads) if (n > 64)
  for (int64_t d = 0; d < n; d++) {
    float *row = decision + d * n_classes;
    const double sum = sigmoid_sum(row, n_classes);
    for (int32_t c = 0; c < n_classes; c++) row[c] = (float)proba_at(row[c], sum, n_classes);
  }
}

void mst__linear_margin(mst_margin kind, float *decision, int64_t n, int32_t n_classes,
                        int n_threads) {
  if (kind == MST_MARGIN_RAW) return;
#pragma omp parallel for schedule(static) num_threads(n_threads) if (n > 64)
  for (int64_t d = 0; d < n; d++) {
    float *row = decision + d * n_classes;
    const double sum = sigmoid_sum(row, n_classes);
    for (int32_t c = 0; c < n_classes; c++)
      row[c] = (float)log(fmax(proba_at(row[c], sum, n_classes), FLOOR));
  }
}
