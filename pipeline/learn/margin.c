/* margin.c: which number of the linear model enters the trees. It is a choice, made here and
 * nowhere else; rows do not know each other. */
#include <math.h>

#include "learn/model_internal.h"

/* A class may be absent from a fold; its logarithm must still be finite. */
#define FLOOR 1e-6

/* What a row's probabilities are taken from. */
typedef struct row_scale {
  mst_linear_solver solver;
  int32_t n_classes;
  double most; /* the largest decision */
  double sum;  /* of the classes' weights, added in class order */
} row_scale;

/* What a class weighs among the others: its sigmoid; in a multinomial fit exp(decision), the
 * largest taken off. */
static double weight_of(const row_scale *s, float decision) {
  if (s->solver == MST_SOLVER_MULTINOMIAL) return exp((double)decision - s->most);
  return 1 / (1 + exp(-(double)decision));
}

static row_scale scale_of(mst_linear_solver solver, const float *decision, int32_t n_classes) {
  row_scale s = {solver, n_classes, (double)decision[0], 0};
  for (int32_t c = 1; c < n_classes; c++) s.most = fmax(s.most, (double)decision[c]);
  for (int32_t c = 0; c < n_classes; c++) s.sum += weight_of(&s, decision[c]);
  return s;
}

static double proba_of(const row_scale *s, float decision) {
  return s->sum > 0 ? weight_of(s, decision) / s->sum : 1.0 / s->n_classes;
}

void mst__linear_proba(mst_linear_solver solver, float *decision, int64_t n, int32_t n_classes,
                       int n_threads) {
#pragma omp parallel for schedule(static) num_threads(n_threads) if (n > 64)
  for (int64_t d = 0; d < n; d++) {
    float *row = decision + d * n_classes;
    const row_scale s = scale_of(solver, row, n_classes);
    for (int32_t c = 0; c < n_classes; c++) row[c] = (float)proba_of(&s, row[c]);
  }
}

void mst__linear_margin(mst_linear_solver solver, mst_margin kind, float *decision, int64_t n,
                        int32_t n_classes, int n_threads) {
  if (kind == MST_MARGIN_RAW) return;
#pragma omp parallel for schedule(static) num_threads(n_threads) if (n > 64)
  for (int64_t d = 0; d < n; d++) {
    float *row = decision + d * n_classes;
    const row_scale s = scale_of(solver, row, n_classes);
    for (int32_t c = 0; c < n_classes; c++) row[c] = (float)log(fmax(proba_of(&s, row[c]), FLOOR));
  }
}
