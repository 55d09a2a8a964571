/* learner_lightgbm.c: LightGBM's trees (Ke, Meng, Finley, Wang, Chen, Ma, Ye and Liu: LightGBM: a
 * highly efficient gradient boosting decision tree. NeurIPS 2017), on the features and from the
 * margins that XGBoost gets. It trains on the CPU, whatever the device of the features. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "learn/engine.h"
#include "learn/learner.h"
#include "misstep/alloc.h"
#include "misstep/log.h"

static mst_status open_library(void) { return mst_lgb_open(NULL); }

static mst_status go_on(int32_t round, double loss, void *context) {
  (void)round;
  (void)loss;
  (void)context;
  return MST_OK;
}

/* One round: parameters that LightGBM refuses are found before the long work begins. */
static mst_status try_out(const mst_model_options *o, int32_t n_classes) {
  mst_lgb_options options = mst__model_options_lgb(o, n_classes);
  const mst_lgb_plan plan = {.n_rounds = 1, .round = go_on};
  mst_csr x = {0};
  mst_lgb_rows *rows = NULL;
  mst_lgb_booster *booster = NULL;
  mst_lgb_rounds rounds;
  options.subsample = 1; /* of so few rows a share may be none */
  int32_t *label = NULL;
  mst_status st = mst__probe_rows(n_classes, &x, &label);
  if (!st) st = mst_lgb_rows_create(&options, &x, label, NULL, NULL, NULL, &rows);
  if (!st) st = mst_lgb_train(&options, &plan, rows, NULL, &booster, &rounds);
  mst_lgb_booster_free(booster);
  mst_lgb_rows_free(rows);
  mst_csr_fini(&x);
  mst_free(label);
  return st;
}

static mst_status make_rows(const mst_model_options *o, const mst__rows *rows, void *train,
                            void **out) {
  const mst_lgb_options options = mst__model_options_lgb(o, rows->n_classes);
  mst_lgb_rows *made = NULL;
  const mst_status st =
      mst_lgb_rows_create(&options, rows->x, rows->label, rows->margin, rows->weight, train, &made);
  *out = made;
  return st;
}

static void free_rows(void *rows) { mst_lgb_rows_free(rows); }

static mst_status show_round(int32_t round, double loss, void *n_rounds) {
  char detail[48] = "";
  if (!isnan(loss)) (void)snprintf(detail, sizeof detail, "mlogloss %.3f", loss);
  return mst_progress("boosting", round, *(int32_t *)n_rounds, detail);
}

static mst_status boost(const mst_model_options *o, int64_t n_rows, void *const matrix[2],
                        mst_model *model, mst_fit_report *report) {
  const mst_lgb_options options = mst__model_options_lgb(o, model->n_classes);
  int32_t n_rounds = o->n_estimators;
  const mst_lgb_plan plan = {n_rounds, o->early_stopping, show_round, &n_rounds};
  mst_lgb_rounds rounds;
  (void)n_rows;
  const mst_status st =
      mst_lgb_train(&options, &plan, matrix[0], matrix[1], &model->lightgbm, &rounds);
  if (st) return st;
  report->n_rounds = rounds.n_done;
  report->best_round = rounds.n_best - 1;
  report->validation_mlogloss = rounds.loss;
  model->n_rounds = rounds.n_best;
  return MST_OK;
}

static mst_status version(char version[MST__VERSION_BYTES], char path[1024]) {
  mst_lgb_info info;
  const mst_status st = mst_lgb_open(&info);
  if (st) return st;
  (void)snprintf(version, MST__VERSION_BYTES, "%s", info.version);
  memcpy(path, info.path, sizeof info.path);
  return MST_OK;
}

static mst_status dump(const mst_model *model, char **bytes, size_t *n) {
  const char *text = mst_lgb_booster_text(model->lightgbm);
  *n = strlen(text);
  *bytes = mst_alloc(*n, 1);
  if (!*bytes) return MST_E_NOMEM;
  memcpy(*bytes, text, *n);
  return MST_OK;
}

static mst_status parse(const char *bytes, size_t n, mst_model *model, mst__shape *shape) {
  (void)n; /* a zero follows */
  const mst_status st = mst_lgb_booster_load(bytes, &model->lightgbm);
  return st ? st
            : mst_lgb_booster_shape(model->lightgbm, &shape->n_features, &shape->n_classes,
                                    &shape->n_rounds);
}

static const mst__engine engine = {.name = "lightgbm",
                                   .title = "LightGBM",
                                   .file = "lightgbm.txt",
                                   .version = version,
                                   .matrix = make_rows,
                                   .matrix_free = free_rows,
                                   .boost = boost,
                                   .dump = dump,
                                   .parse = parse};

static mst_status fit(const mst_model_options *o, const mst_training *t, mst_model *model,
                      mst_fit_report *report) {
  return mst__engine_fit(&engine, o, t, model, report);
}

/* A row's probabilities: the softmax of its scores and, where training began with them, margins. */
static void to_proba(const double *score, int32_t n_classes, int with_margin, float *proba) {
  double most = -INFINITY, sum = 0;
  for (int32_t c = 0; c < n_classes; c++) {
    const double s = score[c] + (with_margin ? (double)proba[c] : 0);
    most = s > most ? s : most;
  }
  for (int32_t c = 0; c < n_classes; c++)
    sum += exp(score[c] + (with_margin ? (double)proba[c] : 0) - most);
  for (int32_t c = 0; c < n_classes; c++)
    proba[c] = (float)(exp(score[c] + (with_margin ? (double)proba[c] : 0) - most) / sum);
}

static mst_status predict(const mst_model *model, mst_corpus *corpus, int64_t n, int n_threads,
                          float *proba) {
  const int32_t n_classes = model->n_classes;
  const int with_margin = model->margin != MST_MARGIN_NONE;
  mst_csr x = {0};
  mst_status st = MST_OK;
  double *score = mst_alloc((size_t)n * (size_t)n_classes, sizeof *score);
  if (!score) return MST_E_NOMEM;
  if (with_margin) { /* the margins wait in proba, which is written last */
    st = mst__linear_decide(model, corpus, n_threads, proba);
    if (!st) mst__linear_margin(model->solver, model->margin, proba, n, n_classes, n_threads);
  }
  if (!st) st = mst_vectorizer_transform(model->trees.vectorizer, corpus, NULL, n, NULL, &x);
  if (!st) st = mst_lgb_booster_predict(model->lightgbm, &x, n_threads, score);
  for (int64_t d = 0; !st && d < n; d++)
    to_proba(score + d * n_classes, n_classes, with_margin, proba + d * n_classes);
  mst_csr_fini(&x);
  mst_free(score);
  return st;
}

static mst_status save(mst__writer *w, const mst_model *model) {
  return mst__engine_save(&engine, w, model);
}

static mst_status load(const mst__folder *r, mst_model *model) {
  return mst__engine_load(&engine, r, model);
}

const mst__learner mst__learner_lightgbm = {.name = "lightgbm",
                                            .needs = MST__NEEDS_TREES,
                                            .weighs = 1,
                                            .open = open_library,
                                            .try_out = try_out,
                                            .fit = fit,
                                            .predict = predict,
                                            .save = save,
                                            .load = load};
