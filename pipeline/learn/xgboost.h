/* xgboost.h: XGBoost through its C API, opened at run time.
 *
 * In: CSR, labels, margins. Out: a booster, predictions. Opened with dlopen, so one program runs
 * with any release from 1.7 on and starts without any. The one place that knows the library.
 */
#ifndef MISSTEP_XGBOOST_H
#define MISSTEP_XGBOOST_H

#include <stddef.h>
#include <stdint.h>

#include "learn/parameter.h"
#include "misstep/csr.h"
#include "misstep/status.h"

typedef struct mst_xgb_info {
  int version[3];
  int has_cuda;
  char path[1024]; /* of the library */
} mst_xgb_info;

/* Find and open the library (once per process): $MISSTEP_XGBOOST_LIB and, when that is set, nothing
 * else; then .deps of the clone, then the system's. info may be NULL.
 * MST_E_ADAPTER: none found; the message says where it looked and how to get it. Any thread. */
mst_status mst_xgb_open(mst_xgb_info *info);

typedef struct mst_xgb_matrix mst_xgb_matrix;
typedef struct mst_xgb_booster mst_xgb_booster;

/* Copy a float32 CSR into a DMatrix; it is checked first (mst_csr_check).
 *   label   [D] or NULL; margin [D x n_margin] or NULL. D >= 1. An infinite value is MST_E_ADAPTER.
 * MST_E_ARG, MST_E_ADAPTER, MST_E_NOMEM. */
mst_status mst_xgb_matrix_create(const mst_csr *x, const int32_t *label, const float *margin,
                                 int32_t n_margin, int n_threads, mst_xgb_matrix **out);
/* Weigh the rows of a matrix: what each counts for in training, and in a mean loss.
 *   weight  [D] finite, above 0
 * MST_E_ARG, MST_E_ADAPTER. */
mst_status mst_xgb_matrix_weigh(mst_xgb_matrix *matrix, const float *weight);
void mst_xgb_matrix_free(mst_xgb_matrix *matrix);

/* What a booster is made with. The objective is multi:softprob, tree_method hist unless an extra
 * parameter names another one. */
typedef struct mst_xgb_options {
  int32_t n_classes;
  double learning_rate;
  int32_t max_depth;
  double subsample, colsample_bytree;
  int32_t max_bin;
  const mst_parameter *extra; /* [n_extra] borrowed: --xgb */
  int32_t n_extra;
  const char *device; /* "cpu", "cuda" or "cuda:N" */
  uint64_t seed;      /* the low 63 bits are used */
  int n_threads;
} mst_xgb_options;

/* Check the extra parameters alone: those that misstep sets itself and those that would take away
 * the probabilities are MST_E_ARG, naming the option to use. Needs no library. */
mst_status mst_xgb_options_check(const mst_xgb_options *options);

/* Make a booster that will train on train and, unless it is NULL, be evaluated on valid; both must
 * outlive its training. MST_E_ARG as mst_xgb_options_check; MST_E_DEVICE: the library cannot use
 * the device; MST_E_ADAPTER. Train one booster at a time per thread: before 3.3 two would share
 * their random numbers. */
mst_status mst_xgb_booster_create(const mst_xgb_options *options, const mst_xgb_matrix *train,
                                  const mst_xgb_matrix *valid, mst_xgb_booster **out);
void mst_xgb_booster_free(mst_xgb_booster *booster);

/* Add round number round (0-based). After the first one the library's own configuration is read
 * back: MST_E_DEVICE when it trained elsewhere than asked or with another tree method; MST_E_ARG
 * names an extra parameter that XGBoost does not know or whose value it refuses. MST_E_ADAPTER. */
mst_status mst_xgb_booster_update(mst_xgb_booster *booster, int32_t round);

/* Mean log loss over matrix, which must be the booster's train or valid. MST_E_ADAPTER. */
mst_status mst_xgb_booster_mlogloss(mst_xgb_booster *booster, const mst_xgb_matrix *matrix,
                                    int32_t round, double *mlogloss);

/* Replace the booster by its first n_rounds rounds; it cannot be trained further. MST_E_ARG:
 * fewer than 1 or more than there are. MST_E_ADAPTER. */
mst_status mst_xgb_booster_truncate(mst_xgb_booster *booster, int32_t n_rounds);

/* Probabilities of a matrix' rows, written to proba [n_rows x n_classes]. A row's result depends on
 * that row alone. MST_E_ADAPTER; MST_E_ARG: the booster has another number of classes. */
mst_status mst_xgb_booster_predict(mst_xgb_booster *booster, const mst_xgb_matrix *matrix,
                                   int n_threads, int32_t n_classes, float *proba);

/* The model as UBJSON, as XGBoost's own load_model reads it. *bytes by mst_free. */
mst_status mst_xgb_booster_dump(mst_xgb_booster *booster, char **bytes, size_t *n_bytes);
/* The same as JSON. */
mst_status mst_xgb_booster_dump_json(mst_xgb_booster *booster, char **bytes, size_t *n_bytes);
/* A booster from such bytes. MST_E_FORMAT: not a model. Check who wrote it before: XGBoost below
 * 3.1 reads models of newer releases without a word and gives other probabilities. */
mst_status mst_xgb_booster_load(const void *bytes, size_t n_bytes, mst_xgb_booster **out);

/* What the booster was trained for. MST_E_FORMAT, MST_E_ADAPTER. */
mst_status mst_xgb_booster_shape(mst_xgb_booster *booster, int64_t *n_features, int32_t *n_classes,
                                 int32_t *n_rounds);
/* The device of the last configuration ("cpu", "cuda:0"), read back after the first round. */
const char *mst_xgb_booster_device(const mst_xgb_booster *booster);

/* A named string kept inside the model. value_out is *value copied (mst_free), NULL when absent. */
mst_status mst_xgb_booster_set_attr(mst_xgb_booster *booster, const char *name, const char *value);
mst_status mst_xgb_booster_get_attr(mst_xgb_booster *booster, const char *name, char **value_out);

/* Write x so that reading it gives x back, in as few digits as that takes, whatever the locale:
 * XGBoost reads "0.1" and "0.10000000000000001" to different floats on some releases. */
void mst_xgb_format_number(double x, char text[32]);

#endif
