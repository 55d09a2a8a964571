/* xgboost_train.c: what a booster is made with, its rounds, and the check that XGBoost did what it
 * was told: it falls back to another device with a warning or none, and ignores what it does not
 * know. */
#include <assert.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/json.h"
#include "learn/xgboost.h"
#include "learn/xgboost_library.h"
#include "misstep/alloc.h"

/* Parameters that are not the user's to give through --xgb, and what to use instead. */
static const struct {
  const char *name, *instead;
} own_params[] = {
    {"learning_rate", "use --learning-rate"},
    {"eta", "use --learning-rate"},
    {"max_depth", "use --max-depth"},
    {"subsample", "use --subsample"},
    {"colsample_bytree", "use --colsample-bytree"},
    {"max_bin", "use --max-bin"},
    {"n_estimators", "use --n-estimators"},
    {"num_round", "use --n-estimators"},
    {"num_boost_round", "use --n-estimators"},
    {"early_stopping_rounds", "use --early-stopping"},
    {"seed", "use --seed"},
    {"random_state", "use --seed"},
    {"nthread", "use --threads"},
    {"n_jobs", "use --threads"},
    {"device", "use --device"},
    {"gpu_id", "use --device"},
    {"objective", "it is always multi:softprob, which gives probabilities"},
    {"num_class", "it follows from the labels"},
    {"booster", "it is always gbtree"},
    {"eval_metric", "early stopping looks at mlogloss"},
    {"disable_default_eval_metric", "early stopping looks at mlogloss"},
    {"process_type", "models are always trained from nothing"},
    {"validate_parameters", "parameters are always validated"},
    {"verbosity", "warnings are always shown"},
};

mst_status mst_xgb_options_check(const mst_xgb_options *options) {
  for (int32_t i = 0; i < options->n_extra; i++) {
    const char *name = options->extra[i].name;
    if (!*name) return MST_FAIL(MST_E_ARG, "--xgb: a parameter without a name");
    for (size_t j = 0; j < sizeof own_params / sizeof *own_params; j++)
      if (strcmp(name, own_params[j].name) == 0)
        return MST_FAIL(MST_E_ARG, "--xgb %s: %s", name, own_params[j].instead);
  }
  return MST_OK;
}

void mst_xgb_format_number(double x, char text[32]) {
  assert(text);
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  locale_t before = c ? uselocale(c) : (locale_t)0;
  for (int digits = 1; digits <= 17; digits++) {
    (void)snprintf(text, 32, "%.*g", digits, x);
    if (strtod(text, NULL) == x) break;
  }
  if (c) {
    (void)uselocale(before);
    freelocale(c);
  }
}

/* The extra parameter of that name, or NULL. */
static const char *extra_value(const mst_xgb_options *options, const char *name) {
  for (int32_t i = options->n_extra; i-- > 0;)
    if (strcmp(options->extra[i].name, name) == 0) return options->extra[i].value;
  return NULL;
}

static mst_status set_one(const mst__xgb_api *api, mst__xgb_handle b, const char *name,
                          const char *value) {
  if (api->set_param(b, name, value)) return mst__xgb_fail(api, MST_E_ADAPTER, __func__, name);
  return MST_OK;
}

static mst_status set_number(const mst__xgb_api *api, mst__xgb_handle b, const char *name,
                             double value) {
  char text[32];
  mst_xgb_format_number(value, text);
  return set_one(api, b, name, text);
}

/* Set everything once, before the first round: num_class before objective, because newer releases
 * apply each parameter at once. */
static mst_status set_params(const mst__xgb_api *api, const mst_xgb_options *o, int has_device,
                             mst__xgb_handle b) {
  char seed[32];
  (void)snprintf(seed, sizeof seed, "%llu", (unsigned long long)(o->seed & INT64_MAX));
  const struct {
    const char *name;
    double value;
  } numbers[] = {{"nthread", o->n_threads},
                 {"num_class", o->n_classes},
                 {"learning_rate", o->learning_rate},
                 {"max_depth", o->max_depth},
                 {"subsample", o->subsample},
                 {"colsample_bytree", o->colsample_bytree},
                 {"max_bin", o->max_bin}};
  mst_status st = set_one(api, b, "verbosity", "1");
  if (!st) st = set_one(api, b, "validate_parameters", "1");
  if (!st && has_device) st = set_one(api, b, "device", o->device);
  for (size_t i = 0; !st && i < sizeof numbers / sizeof *numbers; i++)
    st = set_number(api, b, numbers[i].name, numbers[i].value);
  if (!st) st = set_one(api, b, "objective", "multi:softprob");
  if (!st) st = set_one(api, b, "eval_metric", "mlogloss");
  if (!st) st = set_one(api, b, "seed", seed);
  if (!st) st = set_one(api, b, "tree_method", "hist");
  for (int32_t i = 0; !st && i < o->n_extra; i++)
    st = set_one(api, b, o->extra[i].name, o->extra[i].value);
  return st;
}

/* Can this library train on that device at all? */
static mst_status check_device(const char *device, const mst_xgb_info *info) {
  if (strcmp(device, "cpu") == 0) return MST_OK;
  if (strncmp(device, "cuda", 4) != 0)
    return MST_FAIL(MST_E_ARG, "no device \"%s\": cpu, cuda or cuda:N", device);
  if (info->version[0] < 2 || !info->has_cuda)
    return MST_FAIL(MST_E_DEVICE, "XGBoost %d.%d.%d (%s) cannot use %s: %s", info->version[0],
                    info->version[1], info->version[2], info->path, device,
                    info->has_cuda ? "2.0 or newer is needed" : "it is built without CUDA");
  return MST_OK;
}

mst_status mst_xgb_booster_create(const mst_xgb_options *options, const mst_xgb_matrix *train,
                                  const mst_xgb_matrix *valid, mst_xgb_booster **out) {
  mst_xgb_info info;
  const mst__xgb_api *api;
  mst_status st = mst_xgb_options_check(options);
  if (!st) st = mst_xgb_open(&info);
  if (!st) st = mst__xgb(&api);
  if (!st) st = check_device(options->device, &info);
  if (st) return st;
  mst_xgb_booster *b = mst_alloc_zero(1, sizeof *b);
  if (!b) return MST_E_NOMEM;
  const char *method = extra_value(options, "tree_method");
  (void)snprintf(b->wanted_device, sizeof b->wanted_device, "%s", options->device);
  (void)snprintf(b->tree_method, sizeof b->tree_method, "%s", method ? method : "hist");
  b->train = train;
  b->n_threads = options->n_threads;
  b->n_extra = options->n_extra;
  const mst__xgb_dmatrix cached[2] = {train->handle, valid ? valid->handle : NULL};
  if (api->create(cached, valid ? 2 : 1, &b->handle))
    st = mst__xgb_fail(api, MST_E_ADAPTER, __func__, "making a booster");
  if (!st) st = set_params(api, options, info.version[0] >= 2, b->handle);
  if (st) mst_xgb_booster_free(b);
  else *out = b;
  return st;
}

/* The string at a path of object keys, or "". */
static const char *config_string(const mst_json *config, const char *const *keys) {
  for (; *keys && config; keys++)
    config = mst_json_kind_of(config) == MST_JSON_OBJECT ? mst_json_get(config, *keys) : NULL;
  const char *text = config ? mst_json_string(config, NULL) : NULL;
  return text ? text : "";
}

static mst_status read_config(const mst__xgb_api *api, mst__xgb_handle b, mst_json **config) {
  uint64_t n = 0;
  const char *text = NULL;
  if (api->save_config(b, &n, &text))
    return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "reading its configuration back");
  mst_status st = mst_json_parse(text, strlen(text), config);
  return st ? mst_error_prefix(st, "XGBoost's configuration") : MST_OK;
}

/* Compare what was asked with what XGBoost says it did. */
static mst_status check_config(mst_xgb_booster *b, const mst_json *config, const char *device) {
  const char *method =
      config_string(config, (const char *[]){"learner", "gradient_booster", "gbtree_train_param",
                                             "tree_method", NULL});
  const char *updater =
      config_string(config, (const char *[]){"learner", "gradient_booster", "gbtree_train_param",
                                             "updater", NULL});
  (void)snprintf(b->device, sizeof b->device, "%s", device);
  const size_t n = strlen(b->wanted_device);
  const int same = strncmp(device, b->wanted_device, n) == 0 &&
                   (device[n] == 0 || (device[n] == ':' && !strchr(b->wanted_device, ':')));
  if (!same)
    return MST_FAIL(MST_E_DEVICE, "XGBoost trained on %s, asked for %s", device, b->wanted_device);
  if (strcmp(method, b->tree_method) != 0)
    return MST_FAIL(MST_E_DEVICE, "XGBoost used tree_method %s, asked for %s", method,
                    b->tree_method);
  if (strcmp(method, "hist") == 0 &&
      (strstr(updater, "gpu") != NULL) != (*device == 'c' && device[1] == 'u'))
    return MST_FAIL(MST_E_DEVICE, "XGBoost used the updater %s on %s", updater, device);
  return MST_OK;
}

static mst_status read_back(const mst__xgb_api *api, mst_xgb_booster *b) {
  mst_xgb_info info;
  mst_json *config = NULL;
  mst_status st = mst_xgb_open(&info);
  if (!st) st = read_config(api, b->handle, &config);
  if (st) return st;
  const char *device =
      config_string(config, (const char *[]){"learner", "generic_param", "device", NULL});
  st = check_config(b, config, info.version[0] < 2 ? "cpu" : device);
  mst_json_free(config);
  return st;
}

/* The first round: it is where XGBoost looks at the parameters. */
static mst_status first_update(const mst__xgb_api *api, mst_xgb_booster *b) {
  mst__xgb_watch_unused();
  const int failed = api->update(b->handle, 0, b->train->handle);
  const char *unused = mst__xgb_unused();
  if (*unused) return MST_FAIL(MST_E_ARG, "--xgb: XGBoost does not use %s", unused);
  if (failed)
    return mst__xgb_fail(api, b->n_extra ? MST_E_ARG : MST_E_ADAPTER, __func__,
                         b->n_extra ? "training with --xgb" : "training");
  return read_back(api, b);
}

mst_status mst_xgb_booster_update(mst_xgb_booster *booster, int32_t round) {
  const mst__xgb_api *api;
  if (!booster->train) return MST_FAIL(MST_E_STATE, "this booster is trained already");
  mst_status st = mst__xgb(&api);
  if (st) return st;
  if (round == 0) return first_update(api, booster);
  if (api->update(booster->handle, round, booster->train->handle))
    return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "training");
  return MST_OK;
}

mst_status mst_xgb_booster_shape(mst_xgb_booster *booster, int64_t *n_features, int32_t *n_classes,
                                 int32_t *n_rounds) {
  const mst__xgb_api *api;
  mst_status st = mst__xgb(&api);
  if (st) return st;
  uint64_t features = 0;
  int rounds = 0;
  if (api->n_features(booster->handle, &features) || api->n_rounds(booster->handle, &rounds))
    return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "reading the model's shape");
  mst_json *config = NULL;
  st = read_config(api, booster->handle, &config);
  if (st) return st;
  const char *classes =
      config_string(config, (const char *[]){"learner", "learner_model_param", "num_class", NULL});
  *n_features = (int64_t)features;
  *n_classes = (int32_t)strtol(classes, NULL, 10);
  *n_rounds = rounds;
  mst_json_free(config);
  return MST_OK;
}
