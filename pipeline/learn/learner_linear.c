/* learner_linear.c: logistic regression: the linear part alone; and the part as files. */
#include <stdio.h>

#include "learn/learner.h"
#include "learn/liblinear.h"
#include "learn/part_folder.h"
#include "misstep/alloc.h"

static mst_status fit(const mst_model_options *options, const mst_training *training,
                      mst_model *model, mst_fit_report *report) {
  return mst__linear_fit(options, training, model, NULL, report);
}

mst_status mst__linear_predict(const mst_model *model, mst_corpus *corpus, int64_t n, int n_threads,
                               float *proba) {
  mst_status st = mst__linear_decide(model, corpus, n_threads, proba);
  if (!st) mst__linear_proba(model->solver, proba, n, model->n_classes, n_threads);
  return st;
}

static mst_status write_coef(mst__writer *w, const mst_model *model) {
  const int64_t n_words = mst_vectorizer_n_terms(model->linear.vectorizer);
  const int64_t n_chars =
      model->chars.vectorizer ? mst_vectorizer_n_terms(model->chars.vectorizer) : 0;
  mst_status st = mst__write_array(w, "linear/coef.npy", model->coef, MST_FLOAT32,
                                   n_words + n_chars, model->n_classes);
  if (!st)
    st = mst__write_array(w, "linear/intercept.npy", model->intercept, MST_FLOAT32,
                          model->n_classes, 0);
  return st;
}

mst_status mst__linear_save(mst__writer *w, const mst_model *model) {
  char text[64];
  const int v = mst_liblinear_version();
  mst_status st = mst__part_write(w, "linear", &model->linear);
  if (!st) st = mst__part_write(w, "chars", &model->chars);
  if (!st) st = write_coef(w, model);
  if (st || model->solver != MST_SOLVER_LIBLINEAR) return st;
  (void)snprintf(text, sizeof text, "%d.%d", v / 100, v % 100);
  return mst_json_set(w->versions, "liblinear", mst_json_new_string(text));
}

mst_status mst__linear_load(const mst__folder *r, mst_model *model) {
  mst_array coef = {0}, intercept = {0};
  mst_status st = mst__part_read(r, "linear", &model->linear);
  const int with_chars = mst__member(r->manifest, "chars") != NULL;
  if (!st && with_chars) st = mst__part_read(r, "chars", &model->chars);
  if (st) return st;
  const int64_t n_terms = mst_vectorizer_n_terms(model->linear.vectorizer) +
                          (with_chars ? mst_vectorizer_n_terms(model->chars.vectorizer) : 0);
  st = mst__read_array(r, "linear/coef.npy", MST_FLOAT32, n_terms, model->n_classes, &coef);
  if (st) return st;
  model->coef = coef.data;
  st = mst__read_array(r, "linear/intercept.npy", MST_FLOAT32, model->n_classes, 0, &intercept);
  if (!st) model->intercept = intercept.data;
  return st;
}

const mst__learner mst__learner_linear = {.name = "linear",
                                          .needs = MST__NEEDS_LINEAR,
                                          .weighs = 1,
                                          .open = mst__open_nothing,
                                          .try_out = mst__try_nothing,
                                          .fit = fit,
                                          .predict = mst__linear_predict,
                                          .save = mst__linear_save,
                                          .load = mst__linear_load};
