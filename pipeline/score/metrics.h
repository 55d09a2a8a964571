/* metrics.h: how good predictions are, as scikit-learn computes it (to 1e-12), with intervals.
 *
 * In: true classes, and probabilities, decision values or predictions. Out: numbers, a confusion
 * matrix, their JSON and tables.
 */
#ifndef MISSTEP_METRICS_H
#define MISSTEP_METRICS_H

#include <stdint.h>

#include "files/json.h"
#include "misstep/status.h"
#include "misstep/text.h"

typedef struct mst_class_scores {
  double precision, recall, f1; /* zero_division = 0 */
  int64_t support;
} mst_class_scores;

/* A value with a 95 % percentile-bootstrap interval over the test rows. */
typedef struct mst_interval {
  double value, low, high;
} mst_interval;

typedef struct mst_metrics {
  int64_t n_rows;
  int32_t n_classes;
  int has_proba; /* 0: log loss and calibration are 0, not shown */
  int has_ranks; /* 0: predictions alone; top-3 and MAP@3 are 0, not shown */
  mst_interval accuracy, balanced_accuracy, macro_f1, weighted_f1, log_loss;
  double macro_precision, macro_recall, weighted_precision, weighted_recall;
  double micro_precision, micro_recall, micro_f1;
  double top3_accuracy, map3;        /* ties by lower class number */
  double expected_calibration_error; /* 15 equal-width bins of the top probability, each closed on
                                          the right (Guo et al.: On calibration of modern neural
                                          networks. ICML 2017) */
  mst_class_scores *per_class;       /* [C] owned */
  int64_t *confusion;                /* [C x C] owned, row: true, column: predicted */
} mst_metrics;

/* Score probabilities.
 *   label  [D] true class; proba [D x C]; the prediction is the first class of highest probability
 *   n_bootstrap  samples for the intervals (0: low = high = value), below 2^20. Every sample draws
 *                D rows with replacement; draw i of sample b is the low (i even) or high half of
 *                mst_rng_u64(seed, MST_RNG_BOOTSTRAP, i / 2, b, 0), times D / 2^32 (so a row's
 *                chance is off by at most D / 2^32 of itself: 1 in 40,000 at 108,000 rows);
 *                the interval runs from its 2.5 to its 97.5 percentile (linear interpolation)
 * Macro averages run over classes that occur in label or prediction (scikit-learn's default
 * labels); log loss clips as scikit-learn 1.9.1 for float32 probabilities given as float64.
 * MST_E_ARG: D == 0 or above 2^31-1, a label out of range, a probability that is NaN. MST_E_NOMEM.
 * Same bytes for any n_threads. */
mst_status mst_metrics_compute(const int32_t *label, const float *proba, int64_t n_rows,
                               int32_t n_classes, int32_t n_bootstrap, uint64_t seed, int n_threads,
                               mst_metrics *out);

/* The same of decision values: the first class of the highest is the prediction, top-3 and MAP@3
 * follow their order, and what needs probabilities is absent. Infinities are fine. */
mst_status mst_metrics_of_scores(const int32_t *label, const float *score, int64_t n_rows,
                                 int32_t n_classes, int32_t n_bootstrap, uint64_t seed,
                                 int n_threads, mst_metrics *out);

/* Predictions that were made elsewhere. */
typedef struct mst_answers {
  const int32_t *label;     /* [n_rows] true class */
  const int32_t *predicted; /* [n_rows], or NULL: the first class of highest probability or score */
  const float *proba;       /* [n_rows x n_classes], or NULL where predicted or score is there */
  int64_t n_rows;
  int32_t n_classes;
  const float *score; /* as proba: decision values, read where proba is NULL; or NULL */
} mst_answers;

/* The same of given predictions: accuracy, precision, recall, F1 and confusion follow predicted,
 * the rest the probabilities or decision values. Also MST_E_ARG: a prediction out of range. */
mst_status mst_metrics_judge(const mst_answers *answers, int32_t n_bootstrap, uint64_t seed,
                             int n_threads, mst_metrics *out);
void mst_metrics_fini(mst_metrics *metrics);

/* All numbers as a JSON object: {"rows":, "accuracy":, "accuracy_interval": [low, high], ...,
 * "per_class": [{"label":, "precision":, ...}], "confusion": [[...]]}; what needs probabilities is
 * left out where there are none. NULL: no memory. */
mst_json *mst_metrics_json(const mst_metrics *metrics, const mst_strings *labels);

#endif
