/* learner.c: the learners by their numbers, and the one that needs no file of its own. */
#include "learn/learner.h"

#include <string.h>

#include "misstep/alloc.h"

static const mst__learner *const learners[MST_N_LEARNERS] = {
    &mst__learner_xgboost, &mst__learner_linear, &mst__learner_majority,
    &mst__learner_nb,      &mst__learner_svm,    &mst__learner_lightgbm};

const mst__learner *mst__learner_of(mst_learner learner) { return learners[learner]; }

const char *mst_learner_name(int32_t number) {
  return number >= 0 && number < MST_N_LEARNERS ? learners[number]->name : NULL;
}

int mst_learner_find(const char *name, mst_learner *out) {
  for (int i = 0; i < MST_N_LEARNERS; i++) {
    if (strcmp(learners[i]->name, name) != 0) continue;
    *out = (mst_learner)i;
    return 1;
  }
  return 0;
}

mst_status mst_learner_open(mst_learner learner) { return learners[learner]->open(); }

int mst_learner_has_trees(mst_learner learner) {
  return learners[learner]->needs == MST__NEEDS_TREES;
}

int mst_learner_has_linear(mst_learner learner, mst_margin margin) {
  const mst__needs needs = learners[learner]->needs;
  return needs == MST__NEEDS_LINEAR || (needs == MST__NEEDS_TREES && margin != MST_MARGIN_NONE);
}

int mst_learner_has_proba(mst_learner learner) { return !learners[learner]->has_no_proba; }

int mst_learner_weighs(mst_learner learner) { return learners[learner]->weighs; }

mst_status mst__open_nothing(void) { return MST_OK; }

mst_status mst__try_nothing(const mst_model_options *options, int32_t n_classes) {
  (void)options;
  (void)n_classes;
  return MST_OK;
}

/* The majority class: the shares of the classes, whatever the text. They are in every model; here
 * they are those of the rows' weights. */

static mst_status fit_majority(const mst_model_options *options, const mst_training *training,
                               mst_model *model, mst_fit_report *report) {
  (void)options;
  double *sum = training->weight ? mst_alloc_zero((size_t)model->n_classes, sizeof *sum) : NULL;
  if (!training->weight) return MST_OK;
  if (!sum) return MST_E_NOMEM;
  double all = 0;
  for (int64_t d = 0; d < report->n_rows; d++) {
    sum[training->label[d]] += (double)training->weight[d];
    all += (double)training->weight[d];
  }
  for (int32_t c = 0; c < model->n_classes; c++) model->shares[c] = (float)(sum[c] / all);
  mst_free(sum);
  return MST_OK;
}

static mst_status predict_majority(const mst_model *model, mst_corpus *corpus, int64_t n,
                                   int n_threads, float *proba) {
  (void)corpus;
  (void)n_threads;
  for (int64_t d = 0; d < n; d++)
    memcpy(proba + d * model->n_classes, model->shares,
           (size_t)model->n_classes * sizeof *model->shares);
  return MST_OK;
}

static mst_status save_majority(mst__writer *writer, const mst_model *model) {
  (void)writer;
  (void)model;
  return MST_OK;
}

static mst_status load_majority(const mst__folder *folder, mst_model *model) {
  (void)folder;
  (void)model;
  return MST_OK;
}

const mst__learner mst__learner_majority = {.name = "majority",
                                            .needs = MST__NEEDS_NO_TEXT,
                                            .weighs = 1,
                                            .open = mst__open_nothing,
                                            .try_out = mst__try_nothing,
                                            .fit = fit_majority,
                                            .predict = predict_majority,
                                            .save = save_majority,
                                            .load = load_majority};
