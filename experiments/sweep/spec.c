/* spec.c: the keys of a spec but its parameters. */
#include "spec.h"

#include <errno.h>
#include <stdarg.h>
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

static const char *const keys[] = {"name",       "description", "data",      "method", "metric",
                                   "parameters", "run_cap",     "draw_seed", "rows",   "folds",
                                   "seeds",      "protocol",    "models",    NULL};

/* What W&B or the paper's table of contents knows and this program does not do yet. */
static const char *const later[] = {"early_terminate", "budget",  "augment",
                                    "program",         "command", NULL};

mst_status sweep_fail_at(const sweep_spec *spec, const sweep_yaml *at, const char *format, ...) {
  char message[512];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(message, sizeof message, format, args);
  va_end(args);
  return MST_FAIL(MST_E_FORMAT, "%s:%d:%d: %s", spec->path, at->line, at->column, message);
}

const char *sweep_nearest(const char *const *words, const char *word) {
  const char *best = "";
  int best_distance = (int)strlen(word) / 2 + 1;
  for (; *words; words++) {
    const int distance = mst_name_distance(word, *words);
    if (distance >= best_distance) continue;
    best = *words;
    best_distance = distance;
  }
  return best;
}

static int is_in(const char *const *words, const char *word) {
  for (; *words; words++)
    if (strcmp(*words, word) == 0) return 1;
  return 0;
}

static mst_status unknown(const sweep_spec *spec, const sweep_yaml *at, const char *what,
                          const char *const *words) {
  const char *near = sweep_nearest(words, at->text);
  if (*near)
    return sweep_fail_at(spec, at, "%s '%.60s' is unknown; did you mean %s?", what, at->text, near);
  char known[256] = "";
  for (size_t used = 0; *words && used < sizeof known; words++)
    used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", *words);
  return sweep_fail_at(spec, at, "%s '%.60s' is unknown; there are %s", what, at->text, known);
}

static mst_status check_keys(const sweep_spec *spec, const sweep_yaml *root) {
  if (root->kind != SWEEP_MAP)
    return sweep_fail_at(spec, root, "data, parameters and other keys are expected");
  for (int i = 0; i < root->n; i += 2) {
    const sweep_yaml *key = &root->child[i];
    if (is_in(later, key->text))
      return sweep_fail_at(spec, key, "'%s' is not supported yet", key->text);
    if (!is_in(keys, key->text)) return unknown(spec, key, "key", keys);
  }
  return MST_OK;
}

/* A text value; *at is it, for messages. */
static mst_status text_of(const sweep_spec *spec, const sweep_yaml *at, const char *what) {
  if (at->kind == SWEEP_TEXT && *at->text) return MST_OK;
  return sweep_fail_at(spec, at, "%s is expected", what);
}

static mst_status number_of(const sweep_spec *spec, const sweep_yaml *at, int64_t low, int64_t high,
                            int64_t *out) {
  char *end = NULL;
  errno = 0;
  const long long value = at->kind == SWEEP_TEXT ? strtoll(at->text, &end, 10) : 0;
  if (!end || end == at->text || *end || errno || value < low || value > high)
    return sweep_fail_at(spec, at, "a whole number from %lld to %lld is expected", (long long)low,
                         (long long)high);
  *out = value;
  return MST_OK;
}

/* One number or a list of them. */
static mst_status numbers_of(const sweep_spec *spec, const sweep_yaml *at, int64_t low,
                             int64_t high, int64_t **out, int32_t *n_out) {
  const sweep_yaml *item = at->kind == SWEEP_LIST ? at->child : at;
  const int n = at->kind == SWEEP_LIST ? at->n : 1;
  if (n < 1) return sweep_fail_at(spec, at, "the list is empty");
  int64_t *values = mst_alloc((size_t)n, sizeof *values);
  mst_status st = values ? MST_OK : MST_E_NOMEM;
  for (int i = 0; !st && i < n; i++) {
    st = number_of(spec, &item[i], low, high, &values[i]);
    for (int before = 0; !st && before < i; before++)
      if (values[before] == values[i])
        st = sweep_fail_at(spec, &item[i], "%s stands twice", item[i].text);
  }
  if (st) {
    mst_free(values);
    return st;
  }
  *out = values;
  *n_out = n;
  return MST_OK;
}

static mst_status read_method(sweep_spec *spec, const sweep_yaml *root) {
  static const char *const methods[] = {"grid", "random", "sobol", NULL};
  const sweep_yaml *at = sweep_yaml_get(root, "method"), *cap = sweep_yaml_get(root, "run_cap"),
                   *draws = sweep_yaml_get(root, "draw_seed");
  int64_t seed = 0;
  mst_status st = at ? text_of(spec, at, "grid, random or sobol") : MST_OK;
  if (!st && at &&
      (strcmp(at->text, "asha") == 0 || strcmp(at->text, "hyperband") == 0 ||
       strcmp(at->text, "bayes") == 0))
    st = sweep_fail_at(
        spec, at, "method '%s' is not supported yet; there are grid, random and sobol", at->text);
  if (!st && at && !is_in(methods, at->text)) st = unknown(spec, at, "method", methods);
  for (int i = 0; !st && at && methods[i]; i++)
    if (strcmp(at->text, methods[i]) == 0) spec->method = (sweep_method)i;
  if (!st && cap) st = number_of(spec, cap, 1, INT64_MAX, &spec->run_cap);
  if (!st && draws) st = number_of(spec, draws, 0, INT64_MAX, &seed);
  spec->draws = (uint64_t)seed;
  if (!st && spec->method == SWEEP_GRID && cap)
    st = sweep_fail_at(spec, cap, "run_cap belongs to method random or sobol");
  if (!st && spec->method != SWEEP_GRID && !cap)
    st = sweep_fail_at(spec, at, "method %s needs run_cap, the number of configurations", at->text);
  return st;
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
      if (!is_in(parts, at->child[i].text)) return unknown(spec, &at->child[i], "key", parts);
    name = sweep_yaml_get(at, "name");
    goal = sweep_yaml_get(at, "goal");
  }
  mst_status st = name ? text_of(spec, name, "a metric") : MST_OK;
  if (!st && name && !is_in(sweep_metrics, name->text))
    st = unknown(spec, name, "metric", sweep_metrics);
  if (!st && name) (void)snprintf(spec->metric, sizeof spec->metric, "%s", name->text);
  spec->maximize =
      strcmp(spec->metric, "log_loss") != 0 && strcmp(spec->metric, "calibration_error") != 0;
  if (!st && goal) st = text_of(spec, goal, "maximize or minimize");
  if (!st && goal && !is_in(goals, goal->text)) st = unknown(spec, goal, "goal", goals);
  if (!st && goal) spec->maximize = strcmp(goal->text, "maximize") == 0;
  return st;
}

static int rising(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static mst_status read_folds(sweep_spec *spec, const sweep_yaml *at) {
  if (!at) return MST_OK;
  if (at->kind != SWEEP_MAP) return number_of(spec, at, 2, 1000, &spec->folds);
  const sweep_yaml *column = sweep_yaml_get(at, "column");
  if (!column || at->n != 2)
    return sweep_fail_at(spec, at, "a number of folds, or column: NAME, is expected");
  mst_status st = text_of(spec, column, "a column's name");
  if (st) return st;
  spec->fold_column = mst_alloc(strlen(column->text) + 1, 1);
  if (!spec->fold_column) return MST_E_NOMEM;
  memcpy(spec->fold_column, column->text, strlen(column->text) + 1);
  return MST_OK;
}

static mst_status read_models(sweep_spec *spec, const sweep_yaml *at) {
  static const char *const names[] = {"xgboost", "linear", "majority", NULL};
  spec->n_models = 1;
  if (!at) return MST_OK;
  const sweep_yaml *item = at->kind == SWEEP_LIST ? at->child : at;
  const int n = at->kind == SWEEP_LIST ? at->n : 1;
  if (n < 1) return sweep_fail_at(spec, at, "the list is empty");
  spec->n_models = 0;
  for (int i = 0; i < n; i++) {
    mst_status st = text_of(spec, &item[i], "a model");
    if (!st && !is_in(names, item[i].text)) st = unknown(spec, &item[i], "model", names);
    if (st) return st;
    int which = 0;
    while (strcmp(names[which], item[i].text) != 0) which++;
    for (int before = 0; before < spec->n_models; before++)
      if (spec->model[before] == which)
        return sweep_fail_at(spec, &item[i], "%s stands twice", item[i].text);
    spec->model[spec->n_models++] = which;
  }
  return MST_OK;
}

static mst_status read_data(sweep_spec *spec, const sweep_yaml *root) {
  const sweep_yaml *at = sweep_yaml_get(root, "data"), *protocol = sweep_yaml_get(root, "protocol");
  if (!at) return sweep_fail_at(spec, root, "data: FILE is missing");
  mst_status st = text_of(spec, at, "a file");
  const char *slash = strrchr(spec->path, '/');
  const int folder = slash && !st && at->text[0] != '/' ? (int)(slash + 1 - spec->path) : 0;
  if (!st && (size_t)folder + strlen(at->text) >= sizeof spec->data)
    st = sweep_fail_at(spec, at, "the path is too long");
  if (!st) (void)snprintf(spec->data, sizeof spec->data, "%.*s%s", folder, spec->path, at->text);
  if (!st && protocol) st = text_of(spec, protocol, "clean");
  if (!st && protocol && strcmp(protocol->text, "clean") != 0)
    st = sweep_fail_at(spec, protocol, "protocol '%.60s' is not supported yet; there is clean",
                       protocol->text);
  return st;
}

static mst_status read_spec(sweep_spec *spec, const sweep_yaml *root) {
  const sweep_yaml *rows, *seeds;
  mst_status st = check_keys(spec, root);
  if (!st) st = read_data(spec, root);
  if (!st) st = read_method(spec, root);
  if (!st) st = read_metric(spec, root);
  if (!st && (rows = sweep_yaml_get(root, "rows"))) {
    st = numbers_of(spec, rows, 1, INT64_MAX, &spec->rows, &spec->n_rows);
    if (!st) qsort(spec->rows, (size_t)spec->n_rows, sizeof *spec->rows, rising);
  }
  if (!st) st = read_folds(spec, sweep_yaml_get(root, "folds"));
  if (!st && (seeds = sweep_yaml_get(root, "seeds")))
    st = numbers_of(spec, seeds, 0, (int64_t)1 << 53, &spec->seed, &spec->n_seeds);
  else if (!st) {
    spec->seed = mst_alloc_zero(1, sizeof *spec->seed);
    spec->n_seeds = 1;
    if (!spec->seed) st = MST_E_NOMEM;
  }
  if (!st) st = read_models(spec, sweep_yaml_get(root, "models"));
  const sweep_yaml *parameters = sweep_yaml_get(root, "parameters");
  return st || !parameters ? st : sweep_spec_parameters(spec, parameters);
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
