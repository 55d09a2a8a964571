/* learner_svm.c: linear support vector machines, one class against the rest, on the linear part's
 * features, by LIBLINEAR's L2R_L2LOSS_SVC (Fan, Chang, Hsieh, Wang and Lin: LIBLINEAR: a library
 * for large linear classification. JMLR 9, 2008).
 *
 *     minimise 1/2 |w|^2 + C sum over rows of max(0, 1 - y w.x)^2
 *
 * The class of the highest decision value is predicted. Nothing says how probable it is: decision
 * values are no logarithms of odds, and none are made up here. */
#include "learn/learner.h"

static mst_status fit(const mst_model_options *options, const mst_training *training,
                      mst_model *model, mst_fit_report *report) {
  return mst__linear_fit(options, training, model, NULL, report);
}

static mst_status predict(const mst_model *model, mst_corpus *corpus, int64_t n, int n_threads,
                          float *score) {
  (void)n;
  return mst__linear_decide(model, corpus, n_threads, score);
}

const mst__learner mst__learner_svm = {.name = "svm",
                                       .needs = MST__NEEDS_LINEAR,
                                       .has_no_proba = 1,
                                       .open = mst__open_nothing,
                                       .try_out = mst__try_nothing,
                                       .fit = fit,
                                       .predict = predict,
                                       .save = mst__linear_save,
                                       .load = mst__linear_load};
