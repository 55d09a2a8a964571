/* study.h: many models of one training part, scored on one test part, with what they share computed
 * once.
 *
 * In: texts, classes, units, and options that vary from model to model. Out: probabilities of the
 * test rows, the same bits as mst_model_fit and mst_model_predict give for the same options. Kept
 * between models: the tokens, the last features of the trees, the last cross-fitted margins, the
 * last DMatrix. Models that differ in their number of rounds alone are one training.
 */
#ifndef MISSTEP_STUDY_H
#define MISSTEP_STUDY_H

#include "learn/model.h"

typedef struct mst_study mst_study;

/* What a study looks at; everything is borrowed and must outlive it. */
typedef struct mst_study_data {
  const mst_text *train; /* NULL: corpus */
  mst_corpus *corpus;    /* the training rows with copies of records among them, on backend */
  const int64_t *parent; /* [D] as mst_training has it, with corpus */
  const float *weight;   /* [D] likewise */
  const int32_t *label;  /* [D] as mst_model_fit */
  const mst_strings *names;
  const int64_t *unit;
  const uint64_t *key;
  const mst_text *test;
  mst_backend *backend;
} mst_study_data;

/* One model, or several that differ in n_estimators alone.
 *   options  n_estimators is ignored
 *   rounds   [n] n_estimators of each, as mst_model_options; 0: the default
 *   trees, margin  texts that are equal exactly where the features of the trees, and the linear
 *            part with its seed, are asked for with equal options */
typedef struct mst_study_run {
  const mst_model_options *options;
  const int32_t *rounds;
  int32_t n;
  const char *trees, *margin;
} mst_study_run;

/* How often a part was computed; what a run does not count was shared. */
typedef struct mst_study_counts {
  int64_t n_features, n_margins, n_matrices, n_trainings, n_models;
} mst_study_counts;

/* Nonzero where models that differ in n_estimators alone are one training: boosted, to a fixed
 * number of rounds. */
int mst_study_shares_rounds(const mst_model_options *options);

/* Begin; nothing is computed yet. MST_E_NOMEM. */
mst_status mst_study_create(const mst_study_data *data, mst_study **out);
void mst_study_free(mst_study *study);
mst_study_counts mst_study_count(const mst_study *study);

/* Fit and predict.
 *   proba    [n] arrays [n_test x C], each written
 *   seconds  [n] from the start of this call until each was written
 * MST_E_ARG: several rounds where they cannot be shared. Errors as mst_model_fit and
 * mst_model_predict; after one the study can be used on. */
mst_status mst_study_fit(mst_study *study, const mst_study_run *run, float *const *proba,
                         double *seconds);

#endif
