/* spec_search.c: how configurations are chosen, which of them go on, and when a sweep ends. */
#include "spec_read.h"

#include <stdlib.h>
#include <string.h>

enum { USUAL_ETA = 3, USUAL_STEPS = 3 };

mst_status sweep_spec_method(sweep_spec *spec, const sweep_yaml *root) {
  static const char *const methods[] = {"grid", "random", "sobol", "asha", "hyperband", NULL};
  static const sweep_method drawn[] = {SWEEP_GRID, SWEEP_RANDOM, SWEEP_SOBOL, SWEEP_RANDOM,
                                       SWEEP_RANDOM};
  const sweep_yaml *at = sweep_yaml_get(root, "method"), *cap = sweep_yaml_get(root, "run_cap"),
                   *draws = sweep_yaml_get(root, "draw_seed");
  int64_t seed = 0;
  int which = 0;
  mst_status st = MST_OK;
  if (at && at->kind == SWEEP_TEXT && strcmp(at->text, "bayes") == 0)
    st = sweep_fail_at(spec, at,
                       "method 'bayes' is not supported: its answer depends on the order in which "
                       "trials end; there are grid, random, sobol, asha and hyperband");
  if (!st && at) st = sweep_word_of(spec, at, "method", methods, &which);
  spec->method = drawn[which];
  if (which >= 3) spec->halving.eta = USUAL_ETA;
  spec->halving.n_brackets = which == 4 ? SWEEP_MOST_RUNGS : 1;
  if (!st && cap) st = sweep_number_of(spec, cap, 1, INT64_MAX, &spec->run_cap);
  if (!st && draws) st = sweep_number_of(spec, draws, 0, INT64_MAX, &seed);
  spec->draws = (uint64_t)seed;
  if (!st && spec->method == SWEEP_GRID && cap)
    st = sweep_fail_at(spec, cap,
                       "run_cap belongs to a method that draws: random, sobol, asha, "
                       "hyperband");
  if (!st && spec->method != SWEEP_GRID && !cap)
    st = sweep_fail_at(spec, at, "method %s needs run_cap, the number of configurations", at->text);
  return st;
}

/* What early_terminate says; 0: nothing. */
typedef struct terms {
  int64_t min_iter, max_iter, eta, s;
} terms;

static mst_status read_terms(sweep_spec *spec, const sweep_yaml *at, terms *out) {
  static const char *const words[] = {"type", "min_iter", "max_iter", "eta", "s", NULL};
  static const char *const types[] = {"hyperband", NULL};
  const struct {
    const char *name;
    int64_t low, *to;
  } numbers[] = {{"min_iter", 1, &out->min_iter},
                 {"max_iter", 2, &out->max_iter},
                 {"eta", 2, &out->eta},
                 {"s", 1, &out->s}};
  int type = 0;
  mst_status st = sweep_keys_of(spec, at, words);
  const sweep_yaml *type_at = st ? NULL : sweep_yaml_get(at, "type");
  if (!st && !type_at) st = sweep_fail_at(spec, at, "type: hyperband is expected");
  if (!st) st = sweep_word_of(spec, type_at, "type", types, &type);
  for (int i = 0; !st && i < 4; i++) {
    const sweep_yaml *number = sweep_yaml_get(at, numbers[i].name);
    if (number) st = sweep_number_of(spec, number, numbers[i].low, 1000000, numbers[i].to);
  }
  if (!st && out->min_iter && out->s)
    st = sweep_fail_at(spec, at, "min_iter and s say the same: one of them is expected");
  return st;
}

static mst_status rungs_of_rows(sweep_spec *spec, const sweep_yaml *at, const terms *t) {
  if (t->min_iter || t->max_iter || t->s)
    return sweep_fail_at(spec, at,
                         "with resource: rows the sizes of rows are the rungs: no "
                         "min_iter, max_iter or s");
  if (spec->n_rows < 2 || spec->n_rows > SWEEP_MOST_RUNGS)
    return sweep_fail_at(spec, at, "resource: rows needs rows: a list of 2 to %d sizes",
                         SWEEP_MOST_RUNGS);
  spec->halving.n_rungs = spec->n_rows;
  return MST_OK;
}

/* Most rounds: max_iter, or the one n_estimators of the spec. */
static mst_status find_most(sweep_spec *spec, const sweep_yaml *at, const terms *t, int64_t *out) {
  const sweep_parameter *p = NULL;
  for (int32_t i = 0; i < spec->n_parameters; i++)
    if (strcmp(spec->parameter[i].name, "n_estimators") == 0) p = &spec->parameter[i];
  *out = t->max_iter;
  if (p && (p->n != 1 || p->distribution))
    return sweep_fail_at(spec, at, "the rungs decide n_estimators: it needs one value, the most");
  const int64_t said = p ? strtoll(p->value[0], NULL, 10) : 0;
  if (p && *out && said != *out)
    return sweep_fail_at(spec, at, "max_iter %lld and n_estimators %lld differ", (long long)*out,
                         (long long)said);
  if (p) *out = said;
  if (*out < 2)
    return sweep_fail_at(spec, at,
                         "how many rounds at most? early_terminate: max_iter, or one "
                         "value of n_estimators");
  return p ? MST_OK : sweep_spec_imply(spec, "n-estimators", *out);
}

static mst_status rungs_of_rounds(sweep_spec *spec, const sweep_yaml *at, const terms *t) {
  sweep_halving *h = &spec->halving;
  int64_t most = 0, level = t->min_iter;
  for (int32_t m = 0; m < spec->n_models; m++)
    if (spec->model[m] != 0)
      return sweep_fail_at(spec, at, "only xgboost has rounds: models: xgboost, or resource: rows");
  const mst_status st = find_most(spec, at, t, &most);
  if (st) return st;
  if (!level) {
    level = most;
    for (int64_t i = 0; i < (t->s ? t->s : USUAL_STEPS) && level > 1; i++) level /= h->eta;
    level = level < 1 ? 1 : level;
  }
  if (level >= most)
    return sweep_fail_at(spec, at, "min_iter %lld leaves no rung below %lld rounds",
                         (long long)level, (long long)most);
  for (; level < most; level *= h->eta) h->level[h->n_rungs++] = level;
  h->level[h->n_rungs++] = most;
  return MST_OK;
}

static mst_status read_budget(sweep_spec *spec, const sweep_yaml *at) {
  static const char *const words[] = {"cells", "hours", "dollars", "dollars_per_hour", NULL};
  mst_status st = sweep_keys_of(spec, at, words);
  if (st) return st;
  const sweep_yaml *cells = sweep_yaml_get(at, "cells"), *hours = sweep_yaml_get(at, "hours"),
                   *dollars = sweep_yaml_get(at, "dollars"),
                   *price = sweep_yaml_get(at, "dollars_per_hour");
  double n_hours = 0, n_dollars = 0, rate = 0;
  if (!cells && !hours && !dollars)
    st = sweep_fail_at(spec, at, "cells, hours or dollars are expected");
  if (!st && (dollars != NULL) != (price != NULL))
    st =
        sweep_fail_at(spec, at, "dollars and dollars_per_hour, the price of a worker, go together");
  if (!st && cells) st = sweep_number_of(spec, cells, 1, INT64_MAX, &spec->budget.cells);
  if (!st && hours) st = sweep_positive_of(spec, hours, &n_hours);
  if (!st && dollars) st = sweep_positive_of(spec, dollars, &n_dollars);
  if (!st && price) st = sweep_positive_of(spec, price, &rate);
  if (st) return st;
  if (dollars && (!hours || n_dollars / rate < n_hours)) n_hours = n_dollars / rate;
  spec->budget.seconds = n_hours * 3600;
  return MST_OK;
}

mst_status sweep_spec_ends(sweep_spec *spec, const sweep_yaml *root) {
  static const char *const resources[] = {"rounds", "rows", NULL};
  const sweep_yaml *at = sweep_yaml_get(root, "early_terminate"),
                   *resource = sweep_yaml_get(root, "resource"),
                   *budget = sweep_yaml_get(root, "budget");
  sweep_halving *h = &spec->halving;
  terms t = {0};
  mst_status st = budget ? read_budget(spec, budget) : MST_OK;
  if (!st && at) st = read_terms(spec, at, &t);
  if (t.eta) h->eta = t.eta;
  else if (at && !h->eta) h->eta = USUAL_ETA;
  if (!st && resource) st = sweep_word_of(spec, resource, "resource", resources, &h->by_rows);
  if (!st && resource && !h->eta)
    st = sweep_fail_at(spec, resource, "resource belongs to asha, hyperband or early_terminate");
  if (st) return st;
  const sweep_yaml *place = at ? at : resource ? resource : root;
  if (!h->eta) h->n_rungs = 1;
  else st = h->by_rows ? rungs_of_rows(spec, place, &t) : rungs_of_rounds(spec, place, &t);
  if (h->n_brackets > h->n_rungs) h->n_brackets = h->n_rungs;
  return st;
}
