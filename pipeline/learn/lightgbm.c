/* lightgbm.c: rows, rounds and scores by LightGBM's C API. A booster is kept as its text, read
 * back: so what was trained here predicts what anybody's copy of the text does. */
#include "learn/lightgbm.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "learn/lightgbm_library.h"
#include "misstep/alloc.h"

struct mst_lgb_rows {
  void *handle;
  int64_t n_rows;
};

struct mst_lgb_booster {
  void *handle;
  char *text;
  int32_t n_rounds;
};

static mst_status fail(const mst__lgb_api *api, const char *what) {
  return MST_FAIL(MST_E_ADAPTER, "LightGBM, %s: %s", what, api->get_last_error());
}

/* Of a call with parameters that the user gave: LightGBM does not always say which it refuses. */
static mst_status fail_with(const mst__lgb_api *api, const mst_lgb_options *o, const char *what) {
  char given[512] = "";
  for (int32_t i = 0; i < o->n_extra; i++) {
    const size_t n = strlen(given);
    (void)snprintf(given + n, sizeof given - n, " %s=%s", o->extra[i].name, o->extra[i].value);
  }
  if (!o->n_extra) return fail(api, what);
  return MST_FAIL(MST_E_ARG, "LightGBM, %s with --lightgbm%s: %s", what, given,
                  api->get_last_error());
}

/* LightGBM does not check indices. */
static mst_status check_rows(const mst_csr *x, int32_t n_classes) {
  if (x->dtype != MST_FLOAT32) return MST_FAIL(MST_E_ARG, "LightGBM is given float32 here");
  if (x->n_rows > INT32_MAX / n_classes || x->n_cols > INT32_MAX)
    return MST_FAIL(MST_E_ARG,
                    "%lld rows of %d classes and %lld columns: LightGBM takes 2^31-1 of rows times "
                    "classes and of columns",
                    (long long)x->n_rows, n_classes, (long long)x->n_cols);
  for (int64_t e = 0; e < x->row_ptr[x->n_rows]; e++)
    if (x->col[e] < 0 || x->col[e] >= x->n_cols)
      return MST_FAIL(MST_E_ARG, "entry %lld has column %d of %lld", (long long)e, x->col[e],
                      (long long)x->n_cols);
  return MST_OK;
}

static mst_status set_labels(const mst__lgb_api *api, void *handle, const int32_t *label, int n) {
  float *as_real = mst_alloc((size_t)n, sizeof *as_real);
  if (!as_real) return MST_E_NOMEM;
  for (int d = 0; d < n; d++) as_real[d] = (float)label[d];
  const int failed = api->rows_set_field(handle, "label", as_real, n, MST__LGB_FLOAT32);
  mst_free(as_real);
  return failed ? fail(api, "labels") : MST_OK;
}

/* LightGBM has margins class by class. */
static mst_status set_margins(const mst__lgb_api *api, void *handle, const float *margin, int n,
                              int32_t n_classes) {
  double *turned = mst_alloc((size_t)n * (size_t)n_classes, sizeof *turned);
  if (!turned) return MST_E_NOMEM;
  for (int64_t d = 0; d < n; d++)
    for (int64_t c = 0; c < n_classes; c++) turned[c * n + d] = (double)margin[d * n_classes + c];
  const int failed =
      api->rows_set_field(handle, "init_score", turned, n * n_classes, MST__LGB_FLOAT64);
  mst_free(turned);
  return failed ? fail(api, "margins") : MST_OK;
}

mst_status mst_lgb_rows_create(const mst_lgb_options *options, const mst_csr *x,
                               const int32_t *label, const float *margin, const float *weight,
                               const mst_lgb_rows *train, mst_lgb_rows **out) {
  mst_buffer line;
  const mst__lgb_api *api;
  mst_status st = mst__lgb(&api);
  if (!st) st = check_rows(x, options->n_classes);
  if (!st) st = mst__lgb_parameters(api, options, &line);
  if (st) return st;
  mst_lgb_rows *rows = mst_alloc_zero(1, sizeof *rows);
  if (!rows) {
    mst_buffer_fini(&line);
    return MST_E_NOMEM;
  }
  const int n = (int)x->n_rows;
  rows->n_rows = x->n_rows;
  if (api->rows_from_csr(x->row_ptr, MST__LGB_INT64, x->col, x->val, MST__LGB_FLOAT32,
                         x->n_rows + 1, x->row_ptr[x->n_rows], x->n_cols, (const char *)line.data,
                         train ? train->handle : NULL, &rows->handle))
    st = fail_with(api, options, "features");
  mst_buffer_fini(&line);
  if (!st) st = set_labels(api, rows->handle, label, n);
  if (!st && margin) st = set_margins(api, rows->handle, margin, n, options->n_classes);
  if (!st && weight && api->rows_set_field(rows->handle, "weight", weight, n, MST__LGB_FLOAT32))
    st = fail(api, "weights");
  if (st) mst_lgb_rows_free(rows);
  else *out = rows;
  return st;
}

void mst_lgb_rows_free(mst_lgb_rows *rows) {
  const mst__lgb_api *api;
  if (!rows) return;
  if (rows->handle && !mst__lgb(&api)) (void)api->rows_free(rows->handle);
  mst_free(rows);
}

/* The text says with how many threads it was made, which made no difference. */
static void drop_threads(char *text) {
  char *line = strstr(text, "\n[num_threads: ");
  const char *next = line ? strchr(line + 1, '\n') : NULL;
  if (next) memmove(line, next, strlen(next) + 1);
}

/* The first n_rounds rounds as text (mst_free). */
static mst_status save(const mst__lgb_api *api, void *handle, int32_t n_rounds, char **text) {
  int64_t n = 0, again = 0;
  char nothing[1];
  if (api->save(handle, 0, n_rounds, 0, 0, &n, nothing)) return fail(api, "saving");
  *text = mst_alloc((size_t)n + 1, 1);
  if (!*text) return MST_E_NOMEM;
  if (!api->save(handle, 0, n_rounds, 0, n, &again, *text) && again == n) {
    (*text)[n] = 0;
    drop_threads(*text);
    return MST_OK;
  }
  mst_free(*text);
  return fail(api, "saving");
}

/* The rounds of a training, judged where stop is above 0. A round in which no tree can split leaves
 * nothing in the booster, but the next one draws other rows and columns, so training goes on, as in
 * lightgbm.train. The first always leaves trees, if need be of one leaf. */
static mst_status train_rounds(const mst__lgb_api *api, void *handle, const mst_lgb_plan *plan,
                               int32_t stop, mst_lgb_rounds *r) {
  mst_status st = MST_OK;
  int32_t best_at = 0;
  *r = (mst_lgb_rounds){0, 0, NAN};
  for (int32_t i = 0; !st && i < plan->n_rounds; i++) {
    int is_stuck = 0, n = 0;
    double loss = NAN;
    if (api->update(handle, &is_stuck)) return fail(api, "training");
    if (i == 0 || !is_stuck) r->n_done++;
    if (stop && (api->eval(handle, 1, &n, &loss) || n != 1)) return fail(api, "judging a round");
    if (i == 0 || !stop || loss < r->loss) {
      r->n_best = r->n_done;
      r->loss = loss;
      best_at = i;
    }
    st = plan->round(i + 1, loss, plan->context);
    if (stop && i - best_at >= stop) break;
  }
  return st;
}

/* LightGBM's own words for a bag of no rows name a line of its source. */
static mst_status check_bag(const mst_lgb_options *options, const mst_lgb_rows *train) {
  if ((int64_t)(options->subsample * (double)train->n_rows) >= 1) return MST_OK;
  return MST_FAIL(MST_E_ARG, "--subsample %g of %lld training rows is none", options->subsample,
                  (long long)train->n_rows);
}

mst_status mst_lgb_train(const mst_lgb_options *options, const mst_lgb_plan *plan,
                         const mst_lgb_rows *train, const mst_lgb_rows *valid,
                         mst_lgb_booster **out, mst_lgb_rounds *rounds) {
  char *text = NULL;
  void *handle = NULL;
  mst_buffer line;
  const mst__lgb_api *api;
  mst_status st = mst__lgb(&api);
  if (!st) st = check_bag(options, train);
  if (!st) st = mst__lgb_parameters(api, options, &line);
  if (st) return st;
  if (api->create(train->handle, (const char *)line.data, &handle))
    st = fail_with(api, options, "beginning");
  mst_buffer_fini(&line);
  if (st) return st;
  if (valid && api->add_valid(handle, valid->handle)) st = fail(api, "rows to be judged on");
  if (!st) st = train_rounds(api, handle, plan, valid ? plan->early_stopping : 0, rounds);
  if (!st) st = save(api, handle, rounds->n_best, &text);
  (void)api->free(handle);
  if (!st) st = mst_lgb_booster_load(text, out);
  mst_free(text);
  return st;
}

void mst_lgb_booster_free(mst_lgb_booster *booster) {
  const mst__lgb_api *api;
  if (!booster) return;
  if (booster->handle && !mst__lgb(&api)) (void)api->free(booster->handle);
  mst_free(booster->text);
  mst_free(booster);
}

const char *mst_lgb_booster_text(const mst_lgb_booster *booster) { return booster->text; }

mst_status mst_lgb_booster_load(const char *text, mst_lgb_booster **out) {
  const mst__lgb_api *api;
  const size_t n = strlen(text) + 1;
  mst_status st = mst__lgb(&api);
  if (st) return st;
  mst_lgb_booster *b = mst_alloc_zero(1, sizeof *b);
  if (!b) return MST_E_NOMEM;
  b->text = mst_alloc(n, 1);
  if (b->text) memcpy(b->text, text, n);
  int n_rounds = 0;
  if (!b->text) st = MST_E_NOMEM;
  else if (api->load(text, &n_rounds, &b->handle))
    st = MST_FAIL(MST_E_FORMAT, "no model of LightGBM's: %s", api->get_last_error());
  b->n_rounds = n_rounds;
  if (st) mst_lgb_booster_free(b);
  else *out = b;
  return st;
}

mst_status mst_lgb_booster_shape(const mst_lgb_booster *booster, int64_t *n_features,
                                 int32_t *n_classes, int32_t *n_rounds) {
  const mst__lgb_api *api;
  int features = 0, classes = 0;
  const mst_status st = mst__lgb(&api);
  if (st) return st;
  if (api->n_features(booster->handle, &features) || api->n_classes(booster->handle, &classes))
    return fail(api, "the model's shape");
  *n_features = features;
  *n_classes = classes;
  *n_rounds = booster->n_rounds;
  return MST_OK;
}

mst_status mst_lgb_booster_predict(const mst_lgb_booster *booster, const mst_csr *x, int n_threads,
                                   double *score) {
  char threads[32];
  int64_t n = 0, n_features = 0;
  int32_t n_classes = 0, n_rounds = 0;
  const mst__lgb_api *api;
  mst_status st = mst__lgb(&api);
  if (!st) st = mst_lgb_booster_shape(booster, &n_features, &n_classes, &n_rounds);
  if (!st) st = check_rows(x, n_classes);
  if (st) return st;
  if (x->n_cols != n_features)
    return MST_FAIL(MST_E_ARG, "%lld columns, the model has %lld", (long long)x->n_cols,
                    (long long)n_features);
  if (x->n_rows == 0) return MST_OK;
  (void)snprintf(threads, sizeof threads, "num_threads=%d", n_threads);
  if (api->predict_csr(booster->handle, x->row_ptr, MST__LGB_INT64, x->col, x->val,
                       MST__LGB_FLOAT32, x->n_rows + 1, x->row_ptr[x->n_rows], x->n_cols,
                       MST__LGB_RAW_SCORE, 0, -1, threads, &n, score) ||
      n != x->n_rows * n_classes)
    return fail(api, "predicting");
  return MST_OK;
}
