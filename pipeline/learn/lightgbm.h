/* lightgbm.h: LightGBM's C API, for what --learner lightgbm needs of it.
 *
 * In: rows of features, classes, margins to boost from, weights. Out: a booster; its raw scores;
 * its text, which lightgbm.Booster reads. The library is opened at run time. An entry that a row
 * lacks is 0 to LightGBM, where XGBoost takes it as missing.
 */
#ifndef MISSTEP_LIGHTGBM_H
#define MISSTEP_LIGHTGBM_H

#include <stdint.h>

#include "learn/parameter.h"
#include "misstep/csr.h"
#include "misstep/status.h"

typedef struct mst_lgb_info {
  char path[1024]; /* of the library */
  char version[64];
} mst_lgb_info;

typedef struct mst_lgb_rows mst_lgb_rows;
typedef struct mst_lgb_booster mst_lgb_booster;

typedef struct mst_lgb_options {
  int32_t n_classes;
  double learning_rate;
  int32_t max_depth; /* at most 2^max_depth leaves, and 131,072 */
  double subsample, colsample_bytree;
  int32_t max_bin;
  uint64_t seed;              /* the low 31 bits are used */
  int n_threads;              /* the booster is the same for any number */
  const mst_parameter *extra; /* [n_extra] borrowed; any of LightGBM's that is not above */
  int32_t n_extra;
} mst_lgb_options;

/* Find and open the library (once per process): $MISSTEP_LIGHTGBM_LIB and, when that is set,
 * nothing else; then .deps of the clone. info may be NULL. Its API has no call for its version:
 * that is what VERSION.txt says in the folder above the library's, where packages have it, and else
 * "sha256:" and the first 16 digits of the library's.
 * MST_E_ADAPTER: there is none, or it is older than 4.0; the message says how to get it. */
mst_status mst_lgb_open(mst_lgb_info *info);

/* Rows as LightGBM has them; x is not needed afterwards.
 *   label   [D] 0 .. C-1
 *   margin  [D x C] to boost from, or NULL
 *   weight  [D], or NULL
 *   train   NULL, or the training rows, whose bins rows to be judged on get
 * MST_E_ARG: not float32, a column out of range, more than 2^31-1 rows times classes; an extra
 * parameter that LightGBM does not know, that is another option's, or whose value it refuses.
 * MST_E_NOMEM, MST_E_ADAPTER. */
mst_status mst_lgb_rows_create(const mst_lgb_options *options, const mst_csr *x,
                               const int32_t *label, const float *margin, const float *weight,
                               const mst_lgb_rows *train, mst_lgb_rows **out);
void mst_lgb_rows_free(mst_lgb_rows *rows);

/* What is to be done.
 *   round  called after each round with its number (from 1) and the loss on the rows to judge on
 *          (NaN without); a status ends the training */
typedef mst_status mst_lgb_round_fn(int32_t round, double loss, void *context);
typedef struct mst_lgb_plan {
  int32_t n_rounds;
  int32_t early_stopping; /* rounds without a lower loss; read where there are rows to judge on */
  mst_lgb_round_fn *round;
  void *context; /* of round */
} mst_lgb_plan;

/* What was done. */
typedef struct mst_lgb_rounds {
  int32_t n_done, n_best; /* rounds that added trees, and those kept */
  double loss;            /* of the last one kept; NaN without rows to judge on */
} mst_lgb_rounds;

/* Train on train; unless valid is NULL, until its loss has not improved for early_stopping rounds,
 * and then keep the best ones. A round that cannot split adds no trees, only the first adds ones of
 * a single leaf: the classes' shares, or nothing to the margins. MST_E_ARG: the share of rows is
 * less than one row. MST_E_ADAPTER. */
mst_status mst_lgb_train(const mst_lgb_options *options, const mst_lgb_plan *plan,
                         const mst_lgb_rows *train, const mst_lgb_rows *valid,
                         mst_lgb_booster **out, mst_lgb_rounds *rounds);
void mst_lgb_booster_free(mst_lgb_booster *booster);

/* The booster as LightGBM's text; borrowed, ends with a NUL. */
const char *mst_lgb_booster_text(const mst_lgb_booster *booster);
/* A booster from such a text. MST_E_FORMAT: it is none. MST_E_NOMEM, MST_E_ADAPTER. */
mst_status mst_lgb_booster_load(const char *text, mst_lgb_booster **out);
mst_status mst_lgb_booster_shape(const mst_lgb_booster *booster, int64_t *n_features,
                                 int32_t *n_classes, int32_t *n_rounds);

/* Raw scores [D x C], without the margins that training began with. A row's depend on that row
 * alone. MST_E_ARG: x has another number of columns. MST_E_ADAPTER. */
mst_status mst_lgb_booster_predict(const mst_lgb_booster *booster, const mst_csr *x, int n_threads,
                                   double *score);

#endif
