/* fit.c: from labelled texts to a model: checks, tokens, then what the learner does with them. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "learn/learner.h"
#include "misstep/alloc.h"
#include "misstep/log.h"

double mst__seconds(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Check the labels and keep the share of each class. */
static mst_status count_classes(const int32_t *label, int64_t n, mst_model *model) {
  const int32_t n_classes = model->n_classes;
  int64_t *count = mst_alloc_zero((size_t)n_classes, sizeof *count);
  model->shares = count ? mst_alloc((size_t)n_classes, sizeof *model->shares) : NULL;
  mst_status st = model->shares ? MST_OK : MST_E_NOMEM;
  for (int64_t d = 0; !st && d < n; d++) {
    if (label[d] < 0 || label[d] >= n_classes)
      st = MST_FAIL(MST_E_ARG, "training row %lld has class %d of %d", (long long)d, label[d],
                    n_classes);
    else count[label[d]]++;
  }
  for (int32_t c = 0; !st && c < n_classes; c++) {
    const mst_slice name = mst_strings_at(&model->labels, c);
    if (count[c] == 0)
      st = MST_FAIL(MST_E_ARG, "class \"%.*s\" has no training row", (int)name.len, name.ptr);
    model->shares[c] = (float)((double)count[c] / (double)n);
  }
  mst_free(count);
  return st;
}

static mst_status check_data(int64_t n_rows, const mst_strings *names) {
  if (n_rows < 1) return MST_FAIL(MST_E_ARG, "no training rows");
  if (names->n > INT32_MAX) return MST_FAIL(MST_E_ARG, "more than 2^31-1 classes");
  if (names->n == 1) {
    const mst_slice name = mst_strings_at(names, 0);
    return MST_FAIL(MST_E_FORMAT,
                    "one class only: \"%.*s\" in all %lld training rows; nothing to learn",
                    (int)name.len, name.ptr, (long long)n_rows);
  }
  return names->n < 1 ? MST_FAIL(MST_E_ARG, "no classes") : MST_OK;
}

static mst_status check_weights(const mst_model_options *o, const mst_training *t) {
  if (mst__learner_of(o->learner)->weighs || !(o->class_weight || t->weight)) return MST_OK;
  return MST_FAIL(MST_E_ARG, "--learner %s takes no weights: --class-weight must be none",
                  mst_learner_name(o->learner));
}

/* text: cut here, or NULL where the training's corpus is there. */
static mst_status fit_parts(const mst_model_options *o, const mst_text *text,
                            const mst_training *training, mst_model *model,
                            mst_fit_report *report) {
  const mst__learner *learner = mst__learner_of(o->learner);
  const int cuts = text && learner->needs != MST__NEEDS_NO_TEXT;
  mst_training t = *training;
  const double start = mst__seconds();
  mst_status st = cuts ? mst_corpus_create(o->backend, text, &t.corpus) : MST_OK;
  report->seconds_tokens = mst__seconds() - start;
  if (!st) st = learner->fit(o, &t, model, report);
  if (cuts) mst_corpus_free(t.corpus);
  return st;
}

static mst_model *new_model(const mst_model_options *o, const mst_strings *names) {
  mst_model *model = mst_alloc_zero(1, sizeof *model);
  if (!model) return NULL;
  model->learner = o->learner;
  model->margin = mst_learner_has_trees(o->learner) ? o->margin : MST_MARGIN_NONE;
  model->solver = o->linear_solver;
  model->n_classes = (int32_t)names->n;
  model->seed = o->seed;
  if (mst__model_strings_copy(names, &model->labels)) {
    mst_free(model);
    return NULL;
  }
  return model;
}

/* The rows' weights, and the classes' for the manifest. *own by mst_free. */
static mst_status weigh_rows(const mst_model_options *o, int64_t n_rows, mst_training *t,
                             mst_model *model, float **own) {
  if (!o->class_weight) return MST_OK;
  model->class_weight = mst_alloc((size_t)t->names->n, sizeof *model->class_weight);
  if (!model->class_weight) return MST_E_NOMEM;
  mst_status st =
      mst_class_weight_resolve(o->class_weight, t->names, t->label, n_rows, model->class_weight);
  if (!st) st = mst_class_weight_rows(model->class_weight, t->label, n_rows, t->weight, own);
  if (!st) t->weight = *own;
  return st;
}

/* As fit_parts: text or the training's corpus. */
static mst_status fit(const mst_model_options *options, const mst_text *text,
                      const mst_training *training, mst_model **out, mst_fit_report *report) {
  mst_training t = *training;
  const int64_t n = text ? text->n_docs : mst_corpus_n_docs(t.corpus);
  mst_fit_report r = {.n_rows = n, .validation_mlogloss = NAN, .device = "cpu"};
  mst_status st = mst__model_options_check(options);
  if (!st) st = check_weights(options, &t);
  if (!st) st = check_data(n, t.names);
  if (st) return st;
  const mst_model_options o = mst__model_options_resolve(options, n, (int32_t)t.names->n);
  float *weight = NULL;
  mst_model *model = new_model(&o, t.names);
  if (!model) return MST_E_NOMEM;
  st = count_classes(t.label, n, model);
  if (!st) st = weigh_rows(&o, n, &t, model, &weight);
  if (!st) st = mst__learner_of(o.learner)->try_out(&o, model->n_classes);
  if (!st) st = fit_parts(&o, text, &t, model, &r);
  mst_free(weight);
  if (!st && !model->booster && !model->lightgbm && model->linear_device[0])
    memcpy(r.device, model->linear_device, sizeof r.device);
  memcpy(model->device, r.device, sizeof model->device);
  if (st) {
    mst_model_free(model);
    return st;
  }
  if (report) *report = r;
  *out = model;
  return MST_OK;
}

mst_status mst_model_fit(const mst_model_options *options, const mst_text *text,
                         const int32_t *label, const mst_strings *names, const int64_t *unit,
                         const uint64_t *key, mst_model **out, mst_fit_report *report) {
  const mst_training t = {NULL, label, names, unit, key, NULL, NULL};
  return fit(options, text, &t, out, report);
}

mst_status mst_model_fit_copies(const mst_model_options *options, const mst_training *training,
                                mst_model **out, mst_fit_report *report) {
  return fit(options, NULL, training, out, report);
}

void mst_model_free(mst_model *model) {
  if (!model) return;
  mst_strings_fini(&model->labels);
  mst__part_fini(&model->trees);
  mst__part_fini(&model->linear);
  mst__part_fini(&model->chars);
  mst_free(model->coef);
  mst_free(model->intercept);
  mst_free(model->shares);
  mst_free(model->class_weight);
  mst__forest_free(model->forest);
  mst_xgb_booster_free(model->booster);
  mst_lgb_booster_free(model->lightgbm);
  mst_free(model);
}

const mst_strings *mst_model_labels(const mst_model *model) { return &model->labels; }

int mst_model_has_proba(const mst_model *model) { return mst_learner_has_proba(model->learner); }
