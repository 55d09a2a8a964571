/* lightgbm_parameters.c: what LightGBM is told, as one line of name=value. It takes what it does
 * not know without a word, so names are looked up in its own list of them first. */
#include <stdio.h>
#include <string.h>

#include "files/json.h"
#include "learn/lightgbm_library.h"
#include "learn/xgboost.h"
#include "misstep/alloc.h"

enum { MAX_LEAVES = 131072, MAX_NAMES_BYTES = 1 << 20, MAX_LINE_BYTES = 1 << 20 };

/* Parameters that are not the user's to give through --lightgbm, by their first name, and what to
 * use instead. */
static const struct {
  const char *name, *instead;
} own_parameters[] = {
    {"learning_rate", "use --learning-rate"},
    {"max_depth", "use --max-depth"},
    {"bagging_fraction", "use --subsample"},
    {"feature_fraction", "use --colsample-bytree"},
    {"max_bin", "use --max-bin"},
    {"num_iterations", "use --n-estimators"},
    {"early_stopping_round", "use --early-stopping"},
    {"early_stopping_min_delta", "--early-stopping counts every lower loss"},
    {"seed", "use --seed"},
    {"num_threads", "use --threads"},
    {"device_type", "it is always cpu"},
    {"objective", "it is always multiclass, which gives probabilities"},
    {"num_class", "it follows from the labels"},
    {"boosting", "it is always gbdt"},
    {"metric", "early stopping looks at multi_logloss"},
    {"deterministic", "it is always true"},
    {"force_col_wise", "it is always true: the trees are the same for any number of threads"},
    {"force_row_wise", "it is always false: the trees are the same for any number of threads"},
    {"verbosity", "errors are always shown"},
    {"forcedsplits_filename", "no manifest could say what its file held"},
    {"forcedbins_filename", "no manifest could say what its file held"},
};

/* Parameters of LightGBM's command line: its files, machines, predictions and judgements. They
 * would be taken and mean nothing here. */
static const char *const of_its_program[] = {"task",
                                             "config",
                                             "data",
                                             "valid",
                                             "input_model",
                                             "output_model",
                                             "output_result",
                                             "snapshot_freq",
                                             "save_binary",
                                             "header",
                                             "label_column",
                                             "weight_column",
                                             "group_column",
                                             "ignore_column",
                                             "two_round",
                                             "pre_partition",
                                             "convert_model",
                                             "num_machines",
                                             "time_out",
                                             "machine_list_filename",
                                             "machines",
                                             "tree_learner",
                                             "metric_freq",
                                             "parser_config_file",
                                             "local_listen_port",
                                             "precise_float_parser",
                                             "convert_model_language",
                                             "predict_contrib",
                                             "predict_leaf_index",
                                             "predict_raw_score",
                                             "predict_disable_shape_check",
                                             "start_iteration_predict",
                                             "num_iteration_predict",
                                             "pred_early_stop",
                                             "pred_early_stop_freq",
                                             "pred_early_stop_margin",
                                             "is_provide_training_metric",
                                             "first_metric_only",
                                             "eval_at",
                                             "multi_error_top_k",
                                             "auc_mu_weights",
                                             "gpu_platform_id",
                                             "gpu_device_id",
                                             "gpu_device_id_list",
                                             "gpu_use_dp",
                                             "num_gpu"};

/* LightGBM's names: an object of all first names, each with its other ones. */
static mst_status read_names(const mst__lgb_api *api, mst_json **names) {
  int64_t n = 0;
  char *text = mst_alloc(MAX_NAMES_BYTES, 1);
  if (!text) return MST_E_NOMEM;
  mst_status st = MST_OK;
  if (api->names(MAX_NAMES_BYTES, &n, text) || n < 1 || n > MAX_NAMES_BYTES)
    st = MST_FAIL(MST_E_ADAPTER, "LightGBM does not list its parameters");
  if (!st) st = mst_json_parse(text, strlen(text), names);
  mst_free(text);
  return st;
}

/* The first name of a parameter, or NULL. */
static const char *first_name(const mst_json *names, const char *name) {
  for (size_t i = 0; i < mst_json_size(names); i++) {
    const char *first = mst_json_key(names, i);
    const mst_json *others = mst_json_get(names, first);
    if (strcmp(first, name) == 0) return first;
    for (size_t j = 0; j < mst_json_size(others); j++)
      if (strcmp(mst_json_string(mst_json_at(others, j), NULL), name) == 0) return first;
  }
  return NULL;
}

/* The first name of an extra parameter that is the user's to give. */
static mst_status check_one(const mst_json *names, const mst_parameter *p, const char **first) {
  *first = first_name(names, p->name);
  if (!*first) return MST_FAIL(MST_E_ARG, "--lightgbm: LightGBM has no parameter %s", p->name);
  for (size_t i = 0; i < sizeof own_parameters / sizeof *own_parameters; i++)
    if (strcmp(*first, own_parameters[i].name) == 0)
      return MST_FAIL(MST_E_ARG, "--lightgbm %s: %s", p->name, own_parameters[i].instead);
  for (size_t i = 0; i < sizeof of_its_program / sizeof *of_its_program; i++)
    if (strcmp(*first, of_its_program[i]) == 0)
      return MST_FAIL(MST_E_ARG, "--lightgbm %s: it is for LightGBM's own program", p->name);
  if (!*p->value || p->value[strcspn(p->value, " \t\r\n")])
    return MST_FAIL(MST_E_ARG, "--lightgbm %s=%s: expected a value without spaces", p->name,
                    p->value);
  return MST_OK;
}

static mst_status add_fixed(const mst_lgb_options *o, mst_buffer *line) {
  char rate[32], rows[32], columns[32];
  mst_xgb_format_number(o->learning_rate, rate);
  mst_xgb_format_number(o->subsample, rows);
  mst_xgb_format_number(o->colsample_bytree, columns);
  return mst_buffer_printf(
      line,
      "objective=multiclass num_class=%d metric=multi_logloss boosting=gbdt learning_rate=%s "
      "max_depth=%d bagging_fraction=%s feature_fraction=%s max_bin=%d seed=%d num_threads=%d "
      "device_type=cpu deterministic=true force_col_wise=true verbosity=-1",
      o->n_classes, rate, o->max_depth, rows, columns, o->max_bin, (int)(o->seed & INT32_MAX),
      o->n_threads);
}

/* The extra ones, of the same name the last, and what follows from the others unless it is among
 * them: as many leaves as the depth allows; other rows each round. */
static mst_status add_extra(const mst_lgb_options *o, const mst_json *names, mst_buffer *line) {
  int has_leaves = 0, has_freq = 0;
  mst_status st = MST_OK;
  for (int32_t i = 0; !st && i < o->n_extra; i++) {
    const char *first = NULL, *later = NULL;
    int is_last = 1;
    st = check_one(names, &o->extra[i], &first);
    for (int32_t j = i + 1; !st && j < o->n_extra; j++) {
      later = first_name(names, o->extra[j].name);
      is_last &= !later || strcmp(later, first) != 0;
    }
    if (st || !is_last) continue;
    has_leaves |= strcmp(first, "num_leaves") == 0;
    has_freq |= strcmp(first, "bagging_freq") == 0;
    st = mst_buffer_printf(line, " %s=%s", first, o->extra[i].value);
  }
  if (!st && !has_leaves)
    st = mst_buffer_printf(line, " num_leaves=%d",
                           o->max_depth < 17 ? 1 << o->max_depth : MAX_LEAVES);
  if (!st && !has_freq) st = mst_buffer_printf(line, " bagging_freq=%d", o->subsample < 1);
  return st;
}

mst_status mst__lgb_parameters(const mst__lgb_api *api, const mst_lgb_options *o,
                               mst_buffer *line) {
  mst_json *names = NULL;
  mst_buffer_init(line, MAX_LINE_BYTES, "LightGBM's parameters");
  mst_status st = o->n_extra ? read_names(api, &names) : MST_OK;
  if (!st) st = add_fixed(o, line);
  if (!st) st = add_extra(o, names, line);
  if (!st) st = mst_buffer_append(line, "", 1);
  mst_json_free(names);
  if (st) mst_buffer_fini(line);
  return st;
}
