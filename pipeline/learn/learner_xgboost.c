/* learner_xgboost.c: boosted trees, from the linear part's margins unless --margin none. The trees
 * are walked by our own code where that gave the library's bits. */
#include <stdio.h>
#include <string.h>

#include "learn/crew_internal.h"
#include "learn/engine.h"
#include "learn/learner.h"

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

static mst_status version(char version[MST__VERSION_BYTES], char path[1024]) {
  mst_xgb_info info;
  const mst_status st = mst_xgb_open(&info);
  if (st) return st;
  (void)snprintf(version, MST__VERSION_BYTES, "%d.%d.%d", info.version[0], info.version[1],
                 info.version[2]);
  memcpy(path, info.path, sizeof info.path);
  return MST_OK;
}

static mst_status dump(const mst_model *model, char **bytes, size_t *n) {
  return mst_xgb_booster_dump(model->booster, bytes, n);
}

static mst_status parse(const char *bytes, size_t n, mst_model *model, mst__shape *shape) {
  const mst_status st = mst_xgb_booster_load(bytes, n, &model->booster);
  return st ? st
            : mst_xgb_booster_shape(model->booster, &shape->n_features, &shape->n_classes,
                                    &shape->n_rounds);
}

static const mst__engine engine = {.name = "xgboost",
                                   .title = "XGBoost",
                                   .file = "booster.ubj",
                                   .version = version,
                                   .matrix = make_matrix,
                                   .matrix_free = free_matrix,
                                   .boost = boost,
                                   .dump = dump,
                                   .parse = parse};

/* The trees for our own walk. */
static mst_status open_forest(mst_model *model) {
  return mst__forest_create(model->booster, model->n_classes,
                            mst_vectorizer_n_terms(model->trees.vectorizer), &model->forest);
}

static mst_status fit(const mst_model_options *o, const mst_training *t, mst_model *model,
                      mst_fit_report *report) {
  mst_status st = mst__engine_fit(&engine, o, t, model, report);
  if (st) return st;
  memcpy(model->device, report->device, sizeof model->device);
  model->n_rounds = report->best_round + 1;
  st = mst_xgb_booster_set_attr(model->booster, "misstep_version", MST__VERSION);
  return st ? st : open_forest(model);
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

static mst_status save(mst__writer *w, const mst_model *model) {
  return mst__engine_save(&engine, w, model);
}

static mst_status load(const mst__folder *r, mst_model *model) {
  const mst_status st = mst__engine_load(&engine, r, model);
  return st ? st : open_forest(model);
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
