/* spec.c: the keys of a spec but its parameters. */
#include "spec_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"
#include "misstep/alloc.h"

const char *const sweep_metrics[] = {"accuracy",
                                     "balanced_accuracy",
                                     "macro_f1",
                                     "weighted_f1",
                                     "log_loss",
                                     "macro_precision",
                                     "macro_recall",
                                     "top3_accuracy",
                                     "map3",
                                     "calibration_error",
                                     NULL};

int sweep_metric_needs_proba(const char *name) {
  static const char *const all[] = {"log_loss", "calibration_error", NULL};
  return sweep_is_in(all, name);
}

static const char *const keys[] = {
    "name",       "description", "data",      "method",  "metric",
    "parameters", "run_cap",     "draw_seed", "rows",    "folds",
    "seeds",      "protocol",    "models",    "augment", "early_terminate",
    "resource",   "budget",      NULL};

/* What W&B or the paper's table of contents knows and this program does not do yet. */
static const char *const later[] = {"program", "command", NULL};

static mst_status check_keys(const sweep_spec *spec, const sweep_yaml *root) {
  if (root->kind != SWEEP_MAP)
    return sweep_fail_at(spec, root, "data, parameters and other keys are expected");
  for (int i = 0; i < root->n; i += 2) {
    const sweep_yaml *key = &root->child[i];
    if (sweep_is_in(later, key->text))
      return sweep_fail_at(spec, key, "'%s' is not supported yet", key->text);
    if (!sweep_is_in(keys, key->text)) return sweep_unknown(spec, key, "key", keys);
  }
  return MST_OK;
}

static mst_status read_metric(sweep_spec *spec, const sweep_yaml *root) {
  static const char *const parts[] = {"name", "goal", NULL};
  static const char *const goals[] = {"maximize", "minimize", NULL};
  const sweep_yaml *at = sweep_yaml_get(root, "metric"), *goal = NULL;
  (void)snprintf(spec->metric, sizeof spec->metric, "macro_f1");
  if (at && at->kind == SWEEP_LIST) return sweep_fail_at(spec, at, "name and goal are expected");
  const sweep_yaml *name = at;
  if (at && at->kind == SWEEP_MAP) {
    for (int i = 0; i < at->n; i += 2)
      if (!sweep_is_in(parts, at->child[i].text))
        return sweep_unknown(spec, &at->child[i], "key", parts);
    name = sweep_yaml_get(at, "name");
    goal = sweep_yaml_get(at, "goal");
  }
  mst_status st = name ? sweep_text_of(spec, name, "a metric") : MST_OK;
  if (!st && name && !sweep_is_in(sweep_metrics, name->text))
    st = sweep_unknown(spec, name, "metric", sweep_metrics);
  if (!st && name) (void)snprintf(spec->metric, sizeof spec->metric, "%s", name->text);
  spec->maximize =
      strcmp(spec->metric, "log_loss") != 0 && strcmp(spec->metric, "calibration_error") != 0;
  if (!st && goal) st = sweep_text_of(spec, goal, "maximize or minimize");
  if (!st && goal && !sweep_is_in(goals, goal->text)) st = sweep_unknown(spec, goal, "goal", goals);
  if (!st && goal) spec->maximize = strcmp(goal->text, "maximize") == 0;
  return st;
}

static int rising(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static mst_status read_folds(sweep_spec *spec, const sweep_yaml *at) {
  if (!at) return MST_OK;
  if (at->kind != SWEEP_MAP) return sweep_number_of(spec, at, 2, 1000, &spec->folds);
  const sweep_yaml *column = sweep_yaml_get(at, "column");
  if (!column || at->n != 2)
    return sweep_fail_at(spec, at, "a number of folds, or column: NAME, is expected");
  mst_status st = sweep_text_of(spec, column, "a column's name");
  if (st) return st;
  spec->fold_column = mst_alloc(strlen(column->text) + 1, 1);
  if (!spec->fold_column) return MST_E_NOMEM;
  memcpy(spec->fold_column, column->text, strlen(column->text) + 1);
  return MST_OK;
}

static mst_status read_models(sweep_spec *spec, const sweep_yaml *at) {
  const char *names[MST_N_LEARNERS + 1];
  for (int i = 0; i <= MST_N_LEARNERS; i++) names[i] = mst_learner_name(i);
  spec->n_models = 1;
  return at ? sweep_words_of(spec, at, "model", names, spec->model, &spec->n_models) : MST_OK;
}

static mst_status read_protocols(sweep_spec *spec, const sweep_yaml *at) {
  static const char *const names[] = {"clean", "paper", NULL};
  spec->n_protocols = 1;
  mst_status st =
      at ? sweep_words_of(spec, at, "protocol", names, spec->protocol, &spec->n_protocols) : MST_OK;
  for (int32_t i = 0; !st && i < spec->n_protocols; i++)
    if (spec->protocol[i] == SWEEP_PAPER && spec->fold_column)
      st = sweep_fail_at(spec, at, "protocol paper divides at random: folds needs a number");
  return st;
}

static mst_status read_data(sweep_spec *spec, const sweep_yaml *root) {
  const sweep_yaml *at = sweep_yaml_get(root, "data");
  if (!at) return sweep_fail_at(spec, root, "data: FILE is missing");
  mst_status st = sweep_text_of(spec, at, "a file");
  const char *slash = strrchr(spec->path, '/');
  const int folder = slash && !st && at->text[0] != '/' ? (int)(slash + 1 - spec->path) : 0;
  if (!st && (size_t)folder + strlen(at->text) >= sizeof spec->data)
    st = sweep_fail_at(spec, at, "the path is too long");
  if (!st) (void)snprintf(spec->data, sizeof spec->data, "%.*s%s", folder, spec->path, at->text);
  return st;
}

/* Every model must have what it is judged by. */
static mst_status check_metric(const sweep_spec *spec, const sweep_yaml *root) {
  const sweep_yaml *at = sweep_yaml_get(root, "metric");
  for (int32_t m = 0; at && m < spec->n_models; m++)
    if (sweep_metric_needs_proba(spec->metric) &&
        !mst_learner_has_proba((mst_learner)spec->model[m]))
      return sweep_fail_at(spec, at, "%s needs probabilities, which model '%s' lacks", spec->metric,
                           mst_learner_name(spec->model[m]));
  return MST_OK;
}

static mst_status read_spec(sweep_spec *spec, const sweep_yaml *root) {
  const sweep_yaml *rows, *seeds;
  mst_status st = check_keys(spec, root);
  if (!st) st = read_data(spec, root);
  if (!st) st = sweep_spec_method(spec, root);
  if (!st) st = read_metric(spec, root);
  if (!st && (rows = sweep_yaml_get(root, "rows"))) {
    st = sweep_numbers_of(spec, rows, 1, INT64_MAX, &spec->rows, &spec->n_rows);
    if (!st) qsort(spec->rows, (size_t)spec->n_rows, sizeof *spec->rows, rising);
  }
  if (!st) st = read_folds(spec, sweep_yaml_get(root, "folds"));
  if (!st && (seeds = sweep_yaml_get(root, "seeds")))
    st = sweep_numbers_of(spec, seeds, 0, (int64_t)1 << 53, &spec->seed, &spec->n_seeds);
  else if (!st) {
    spec->seed = mst_alloc_zero(1, sizeof *spec->seed);
    spec->n_seeds = 1;
    if (!spec->seed) st = MST_E_NOMEM;
  }
  if (!st) st = read_models(spec, sweep_yaml_get(root, "models"));
  if (!st) st = check_metric(spec, root);
  if (!st) st = read_protocols(spec, sweep_yaml_get(root, "protocol"));
  if (!st)
    st = sweep_spec_parameters(spec, sweep_yaml_get(root, "parameters"),
                               sweep_yaml_get(root, "augment"));
  if (!st) st = sweep_spec_ends(spec, root);
  return st;
}

int sweep_spec_names_protocol(const sweep_spec *spec) {
  return spec->n_protocols > 1 || spec->protocol[0] == SWEEP_PAPER;
}

mst_status sweep_spec_load(const char *path, sweep_spec *out) {
  sweep_yaml root = {0};
  if (strlen(path) >= sizeof out->path)
    return MST_FAIL(MST_E_ARG, "%.60s...: the path is too long", path);
  *out = (sweep_spec){0};
  (void)snprintf(out->path, sizeof out->path, "%s", path);
  mst_status st = mst_terminal_input(sweep_yaml_load(path, &root));
  if (!st) st = read_spec(out, &root);
  sweep_yaml_fini(&root);
  if (st) sweep_spec_fini(out);
  return st;
}

void sweep_spec_fini(sweep_spec *spec) {
  for (int32_t p = 0; p < spec->n_parameters; p++) {
    for (int64_t v = 0; v < spec->parameter[p].n; v++) mst_free(spec->parameter[p].value[v]);
    mst_free(spec->parameter[p].value);
    mst_free(spec->parameter[p].place);
  }
  mst_free(spec->parameter);
  mst_free(spec->rows);
  mst_free(spec->seed);
  mst_free(spec->fold_column);
  *spec = (sweep_spec){0};
}

int64_t sweep_spec_configs(const sweep_spec *spec) {
  if (spec->method != SWEEP_GRID) return spec->run_cap;
  int64_t n = 1;
  for (int32_t p = 0; p < spec->n_parameters; p++)
    if (__builtin_mul_overflow(n, spec->parameter[p].n, &n)) return INT64_MAX;
  return n;
}

int64_t sweep_spec_choice(const sweep_spec *spec, int64_t c, int32_t p) {
  if (spec->method != SWEEP_GRID) return spec->parameter[p].n == 1 ? 0 : c;
  for (int32_t later_one = spec->n_parameters - 1; later_one > p; later_one--)
    c /= spec->parameter[later_one].n;
  return c % spec->parameter[p].n;
}
