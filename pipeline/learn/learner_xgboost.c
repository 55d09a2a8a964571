/* learner_xgboost.c: boosted trees, from the linear part's margins unless --margin none. The trees
 * are walked by our own code where that gave the library's bits. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/folder.h"
#include "learn/crew_internal.h"
#include "learn/engine.h"
#include "learn/learner.h"
#include "learn/part_folder.h"
#include "misstep/alloc.h"

#define MAX_BOOSTER_BYTES ((size_t)1 << 33)

static mst_status open_library(void) { return mst_xgb_open(NULL); }

/* What XGBoost gets: a matrix here or, with a crew, a share of the rows in each worker. */
static mst_status make_matrix(const mst_model_options *o, const mst__rows *rows, void *train,
                              void **out) {
  (void)train;
  if (o->crew) {
    const mst__share share = {.x = *rows->x, /* a view: dealing only reads */
                              .label = (int32_t *)(uintptr_t)rows->label,
                              .margin = (float *)(uintptr_t)rows->margin,
                              .weight = (float *)(uintptr_t)rows->weight,
                              .n_margin = rows->margin ? rows->n_classes : 0};
    return mst__crew_deal(o->crew, rows->is_valid, &share);
  }
  mst_xgb_matrix *matrix = NULL;
  mst_status st = mst_xgb_matrix_create(rows->x, rows->label, rows->margin, rows->n_classes,
                                        o->n_threads, &matrix);
  if (!st && rows->weight) st = mst_xgb_matrix_weigh(matrix, rows->weight);
  *out = matrix;
  return st;
}

static void free_matrix(void *matrix) { mst_xgb_matrix_free(matrix); }

static mst_status boost(const mst_model_options *o, int64_t n_rows, void *const matrix[2],
                        mst_model *model, mst_fit_report *report) {
  const int64_t n_here = n_rows / mst__crew_size(o->crew);
  const mst_xgb_options options = mst__model_options_xgb(o, n_here, model->n_classes);
  if (o->crew)
    return mst__crew_boost(o->crew, &options, o->n_estimators, o->early_stopping, &model->booster,
                           report);
  return mst__boost(&options, o->n_estimators, o->early_stopping, matrix[0], matrix[1],
                    &model->booster, report);
}

static const mst__engine engine = {make_matrix, free_matrix, boost};

/* What the folder will say of the booster. */
static mst_status describe_booster(mst_model *model, const mst_fit_report *report) {
  mst_xgb_info info;
  mst_status st = mst_xgb_open(&info);
  if (st) return st;
  memcpy(model->xgb_version, info.version, sizeof info.version);
  memcpy(model->device, report->device, sizeof model->device);
  model->n_rounds = report->best_round + 1;
  st = mst_xgb_booster_set_attr(model->booster, "misstep_version", MST__VERSION);
  if (st) return st;
  return mst__forest_create(model->booster, model->n_classes,
                            mst_vectorizer_n_terms(model->trees.vectorizer), &model->forest);
}

static mst_status fit(const mst_model_options *o, const mst_training *t, mst_model *model,
                      mst_fit_report *report) {
  float *margin = NULL;
  mst_status st = MST_OK;
  if (o->margin != MST_MARGIN_NONE) st = mst__linear_fit(o, t, model, &margin, report);
  if (!st) st = mst__trees_fit(&engine, o, t, margin, model, report);
  mst_free(margin);
  return st ? st : describe_booster(model, report);
}

static mst_status ask_library(const mst_model *model, const mst_csr *x, int with_margin,
                              int n_threads, float *proba) {
  mst_xgb_matrix *matrix = NULL;
  mst_status st = mst_xgb_matrix_create(x, NULL, with_margin ? proba : NULL, model->n_classes,
                                        n_threads, &matrix);
  if (!st) st = mst_xgb_booster_predict(model->booster, matrix, n_threads, model->n_classes, proba);
  mst_xgb_matrix_free(matrix);
  return st;
}

static mst_status predict(const mst_model *model, mst_corpus *corpus, int64_t n, int n_threads,
                          float *proba) {
  const int with_margin = model->margin != MST_MARGIN_NONE;
  mst_csr x = {0};
  mst_status st = MST_OK;
  if (with_margin) { /* the margins wait in proba, which is written last */
    st = mst__linear_decide(model, corpus, n_threads, proba);
    if (st) return st;
    mst__linear_margin(model->solver, model->margin, proba, n, model->n_classes, n_threads);
  }
  st = mst_vectorizer_transform(model->trees.vectorizer, corpus, NULL, n, NULL, &x);
  if (!st && model->forest)
    st = mst__forest_predict(model->forest, &x, with_margin, n_threads, proba);
  else if (!st) st = ask_library(model, &x, with_margin, n_threads, proba);
  mst_csr_fini(&x);
  return st;
}

static mst_status write_booster(mst__writer *w, const mst_model *model) {
  char *bytes = NULL;
  size_t n = 0;
  mst_status st = mst_xgb_booster_dump(model->booster, &bytes, &n);
  if (!st) st = mst__write_bytes(w, "booster.ubj", bytes, n);
  mst_free(bytes);
  return st;
}

static mst_status save(mst__writer *w, const mst_model *model) {
  char text[64];
  mst_status st = mst__part_write(w, "trees", &model->trees);
  if (!st && model->margin != MST_MARGIN_NONE) st = mst__linear_save(w, model);
  if (!st) st = write_booster(w, model);
  (void)snprintf(text, sizeof text, "%d.%d.%d", model->xgb_version[0], model->xgb_version[1],
                 model->xgb_version[2]);
  return st ? st : mst_json_set(w->versions, "xgboost", mst_json_new_string(text));
}

/* "MAJOR.MINOR.PATCH", whatever follows; 0: it is something else. */
static int read_version(const char *text, int version[3]) {
  for (int i = 0; i < 3; i++) {
    char *end;
    const long part = strtol(text, &end, 10);
    if (end == text || part < 0 || part > INT_MAX || (i < 2 && *end != '.')) return 0;
    version[i] = (int)part;
    text = end + 1;
  }
  return 1;
}

/* Refuse trees of a newer library before it sees them: an older one reads them without a word and
 * gives other probabilities. */
static mst_status check_library(const mst__folder *r, int version[3]) {
  mst_xgb_info info;
  const char *written = mst__text_member(mst__member(r->manifest, "versions"), "xgboost");
  if (!read_version(written, version))
    return MST_FAIL(MST_E_FORMAT, "%s/manifest.json does not say which XGBoost wrote it", r->path);
  mst_status st = mst_xgb_open(&info);
  if (st) return st;
  for (int i = 0; i < 3; i++) {
    if (version[i] < info.version[i]) return MST_OK;
    if (version[i] > info.version[i])
      return MST_FAIL(MST_E_FORMAT,
                      "%s: written by XGBoost %s, read by %d.%d.%d (%s): install %s or newer, or "
                      "train again",
                      r->path, written, info.version[0], info.version[1], info.version[2],
                      info.path, written);
  }
  return MST_OK;
}

static mst_status read_booster(const mst__folder *r, mst_model *model) {
  char path[4096], *bytes = NULL;
  size_t n = 0;
  int64_t n_features = 0;
  int32_t n_classes = 0, n_rounds = 0;
  mst_status st = mst__listed_path(r, "booster.ubj", path);
  if (!st) st = mst_file_read(path, MAX_BOOSTER_BYTES, &bytes, &n);
  if (st) return st;
  st = mst_xgb_booster_load(bytes, n, &model->booster);
  mst_free(bytes);
  if (!st) st = mst_xgb_booster_shape(model->booster, &n_features, &n_classes, &n_rounds);
  if (st) return mst_error_prefix(st, "%s", path);
  const int64_t n_terms = mst_vectorizer_n_terms(model->trees.vectorizer);
  if (n_features != n_terms || n_classes != model->n_classes || n_rounds != model->n_rounds)
    return MST_FAIL(MST_E_FORMAT,
                    "%s holds %lld features, %d classes, %d rounds; the model has %lld, %d, %d",
                    path, (long long)n_features, n_classes, n_rounds, (long long)n_terms,
                    model->n_classes, model->n_rounds);
  return mst__forest_create(model->booster, model->n_classes, n_terms, &model->forest);
}

static mst_status load(const mst__folder *r, mst_model *model) {
  mst_status st = check_library(r, model->xgb_version);
  if (!st && model->margin != MST_MARGIN_NONE) st = mst__linear_load(r, model);
  if (!st) st = mst__part_read(r, "trees", &model->trees);
  return st ? st : read_booster(r, model);
}

const mst__learner mst__learner_xgboost = {.name = "xgboost",
                                           .needs = MST__NEEDS_TREES,
                                           .weighs = 1,
                                           .open = open_library,
                                           .try_out = mst__boost_probe,
                                           .fit = fit,
                                           .predict = predict,
                                           .save = save,
                                           .load = load};
