/* spec_parameters.c: "parameters": names are the options of misstep train with underscores, and
 * every listed value is checked as the command line would. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "misstep/alloc.h"
#include "spec_read.h"

/* Options that the spec says in its own words, and with which. */
static const struct {
  const char *name, *instead;
} elsewhere[] = {{"seed", "seeds"},  {"learner", "models"},
                 {"folds", "folds"}, {"fold-column", "folds: {column: NAME}"},
                 {"test", NULL},     {"bootstrap", NULL},
                 {"threads", NULL},  {"output", NULL},
                 {"force", NULL},    {"config", NULL},
                 {"workers", NULL},  {"quiet", NULL},
                 {"format", NULL},   {"help", NULL}};

static mst_status find_option(const sweep_spec *spec, const sweep_yaml *key, sweep_parameter *p) {
  if (strlen(key->text) >= sizeof p->name)
    return sweep_fail_at(spec, key, "'%.40s...' is no option of misstep train", key->text);
  char name[64];
  (void)snprintf(name, sizeof name, "%s", key->text);
  for (char *c = name; *c; c++)
    if (*c == '_') *c = '-';
  for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
    if (strcmp(name, elsewhere[i].name) == 0)
      return elsewhere[i].instead
                 ? sweep_fail_at(spec, key, "'%s' is no parameter: write %s", key->text,
                                 elsewhere[i].instead)
                 : sweep_fail_at(spec, key, "'%s' cannot be a parameter of a sweep", key->text);
  const int found = mst_option_find(name);
  if (found < 0 || !(mst_options[found].commands & CMD_TRAIN)) {
    const char *near = mst_option_nearest(CMD_TRAIN, name);
    char words[64] = "";
    (void)snprintf(words, sizeof words, "%s", near ? near : "");
    for (char *c = words; *c; c++)
      if (*c == '-') *c = '_';
    return near ? sweep_fail_at(spec, key, "parameter '%s' is unknown; did you mean %s?", key->text,
                                words)
                : sweep_fail_at(spec, key,
                                "parameter '%s' is unknown; misstep train --help lists them",
                                key->text);
  }
  p->option = &mst_options[found];
  (void)snprintf(p->name, sizeof p->name, "%s", key->text);
  for (char *c = p->name; *c; c++)
    if (*c == '-') *c = '_';
  return MST_OK;
}

/* A value as the command line has it: [1, 2] is 1,2 and a list of NAME=VALUE has a line each. */
static mst_status text_of(const sweep_spec *spec, const sweep_parameter *p, const sweep_yaml *at,
                          char **out) {
  const sweep_yaml *item = at->kind == SWEEP_LIST ? at->child : at;
  const int n = at->kind == SWEEP_LIST ? at->n : 1;
  mst_buffer text;
  mst_buffer_init(&text, (size_t)1 << 20, "a parameter's value");
  mst_status st = MST_OK;
  if (at->kind == SWEEP_MAP || n < 1) st = sweep_fail_at(spec, at, "a value is expected");
  for (int i = 0; !st && i < n; i++) {
    if (item[i].kind != SWEEP_TEXT) st = sweep_fail_at(spec, &item[i], "a value is expected");
    else if (p->option->kind == OPT_LIST) st = mst_option_check(p->option, item[i].text);
    if (!st)
      st = mst_buffer_printf(&text, "%s%s",
                             i == 0                        ? ""
                             : p->option->kind == OPT_LIST ? "\n"
                                                           : ",",
                             item[i].text);
  }
  if (!st) st = mst_buffer_append(&text, "", 1);
  if (!st && p->option->kind != OPT_LIST) st = mst_option_check(p->option, (const char *)text.data);
  if (st == MST_E_ARG) st = sweep_fail_at(spec, at, "%s", mst_error_last()->message);
  if (st) mst_buffer_fini(&text);
  else *out = (char *)text.data;
  return st;
}

static mst_status read_values(const sweep_spec *spec, const sweep_yaml *item, int n,
                              sweep_parameter *p) {
  p->value = mst_alloc_zero((size_t)n, sizeof *p->value);
  p->place = mst_alloc((size_t)n, sizeof *p->place);
  if (!p->value || !p->place) return MST_E_NOMEM;
  mst_status st = MST_OK;
  for (int i = 0; !st && i < n; i++) {
    st = text_of(spec, p, &item[i], &p->value[i]);
    if (st) break;
    p->place[i] = (sweep_place){item[i].line, item[i].column};
    p->n++;
    for (int before = 0; !st && before < i; before++)
      if (strcmp(p->value[before], p->value[i]) == 0)
        st = sweep_fail_at(spec, &item[i], "%s stands twice", p->value[i]);
  }
  return st;
}

static mst_status bound(const sweep_spec *spec, const sweep_parameter *p, const sweep_yaml *at,
                        double *out) {
  char *text = NULL, *end = NULL;
  mst_status st = text_of(spec, p, at, &text);
  if (st) return st;
  *out = strtod(text, &end);
  if (end == text || *end || !isfinite(*out)) st = sweep_fail_at(spec, at, "a number is expected");
  mst_free(text);
  return st;
}

static mst_status read_range(const sweep_spec *spec, const sweep_yaml *at, const sweep_yaml *low,
                             const sweep_yaml *high, const char *distribution, sweep_parameter *p) {
  static const char *const names[] = {"uniform", "int_uniform", "log_uniform_values", NULL};
  const int whole = p->option->kind == OPT_INT;
  if (p->option->kind != OPT_INT && p->option->kind != OPT_REAL)
    return sweep_fail_at(spec, at, "%s is no number: it needs values", p->name);
  if (spec->method == SWEEP_GRID)
    return sweep_fail_at(spec, at, "a grid needs values; a range needs method random or sobol");
  mst_status st = bound(spec, p, low, &p->low);
  if (!st) st = bound(spec, p, high, &p->high);
  if (!st && !(p->low < p->high))
    st = sweep_fail_at(spec, low, "the range is empty: min %s, max %s", low->text, high->text);
  p->distribution = whole ? SWEEP_INT_UNIFORM : SWEEP_UNIFORM;
  if (st || !distribution) return st;
  for (int i = 0; names[i]; i++)
    if (strcmp(names[i], distribution) == 0) {
      p->distribution = (sweep_distribution)(SWEEP_UNIFORM + i);
      if (p->distribution == SWEEP_LOG_UNIFORM && p->low <= 0)
        return sweep_fail_at(spec, low, "a logarithmic range must begin above 0");
      if (p->distribution == SWEEP_UNIFORM && whole)
        return sweep_fail_at(spec, at, "%s is a whole number: int_uniform", p->name);
      if (p->distribution == SWEEP_INT_UNIFORM && !whole)
        return sweep_fail_at(spec, at, "%s is no whole number: uniform", p->name);
      return MST_OK;
    }
  const char *near = sweep_nearest(names, distribution);
  return sweep_fail_at(spec, at, "distribution '%.60s' is not supported; %s%s", distribution,
                       *near ? "did you mean "
                             : "there are uniform, int_uniform, log_uniform_values",
                       *near ? near : "");
}

/* {value: 1}, {values: [1, 2]} or {min: 1, max: 2, distribution: uniform}. */
static mst_status read_one(const sweep_spec *spec, const sweep_yaml *at, sweep_parameter *p) {
  static const char *const words[] = {"value", "values", "min", "max", "distribution", NULL};
  if (at->kind != SWEEP_MAP)
    return sweep_fail_at(spec, at, "value, values, or min and max are expected for %s", p->name);
  const mst_status known = sweep_keys_of(spec, at, words);
  if (known) return known;
  const sweep_yaml *value = sweep_yaml_get(at, "value"), *values = sweep_yaml_get(at, "values"),
                   *low = sweep_yaml_get(at, "min"), *high = sweep_yaml_get(at, "max"),
                   *distribution = sweep_yaml_get(at, "distribution");
  if ((value != NULL) + (values != NULL) + (low || high) != 1)
    return sweep_fail_at(spec, at, "%s needs one of value, values, or min and max", p->name);
  if (distribution && distribution->kind != SWEEP_TEXT)
    return sweep_fail_at(spec, distribution, "a distribution's name is expected");
  const char *word = distribution ? distribution->text : NULL;
  if (low || high) {
    if (!low || !high) return sweep_fail_at(spec, at, "%s needs both min and max", p->name);
    return read_range(spec, at, low, high, word, p);
  }
  if (word && strcmp(word, value ? "constant" : "categorical") != 0)
    return sweep_fail_at(spec, distribution, "distribution '%.60s' needs min and max", word);
  if (value) return read_values(spec, value, 1, p);
  if (values->kind != SWEEP_LIST || values->n < 1)
    return sweep_fail_at(spec, values, "a list of at least one value is expected");
  return read_values(spec, values->child, values->n, p);
}

/* What decides which records are read and divided is one for the whole sweep. */
static mst_status check_single(const sweep_spec *spec, const sweep_yaml *at,
                               const sweep_parameter *p) {
  static const char *const groups_of[] = {"text-column", "test-size", "device"};
  for (int i = 0; i < 3; i++) {
    const mst_option *like = &mst_options[mst_option_find(groups_of[i])];
    if (strcmp(like->group, p->option->group) == 0 && (p->n != 1 || p->distribution))
      return sweep_fail_at(spec, at, "%s must have one value in a sweep", p->name);
  }
  return MST_OK;
}

/* One parameter. bare: a value or a list of them may stand without a key. */
static mst_status add(sweep_spec *spec, const sweep_yaml *name, const sweep_yaml *at, int bare) {
  sweep_parameter *p = &spec->parameter[spec->n_parameters];
  mst_status st = find_option(spec, name, p);
  for (int32_t before = 0; !st && before < spec->n_parameters; before++)
    if (spec->parameter[before].option == p->option)
      st = sweep_fail_at(spec, name, "parameter '%s' stands twice", p->name);
  if (st) return st;
  spec->n_parameters++; /* from here on it is freed with the rest */
  if (!bare || at->kind == SWEEP_MAP) st = read_one(spec, at, p);
  else if (at->kind == SWEEP_LIST && at->n < 1) st = sweep_fail_at(spec, at, "the list is empty");
  else if (at->kind == SWEEP_LIST) st = read_values(spec, at->child, at->n, p);
  else st = read_values(spec, at, 1, p);
  return st ? st : check_single(spec, at, p);
}

/* augment: {rules: ..., copies: ...} are the options --augment, --copies and so on. */
static mst_status add_augment(sweep_spec *spec, const sweep_yaml *at) {
  static const char *const words[] = {"rules",      "copies", "balance",    "max_copies", "lexicon",
                                      "operations", "edits",  "max_change", NULL};
  char augment[] = "augment";
  mst_status st = sweep_keys_of(spec, at, words);
  if (!st && !sweep_yaml_get(at, "rules"))
    st = sweep_fail_at(spec, at, "rules: none, duplicates, weights or a name of rules is expected");
  for (int i = 0; !st && i < at->n; i += 2) {
    sweep_yaml name = at->child[i];
    if (strcmp(name.text, "rules") == 0) name.text = augment;
    st = add(spec, &name, &at->child[i + 1], 1);
  }
  return st;
}

mst_status sweep_spec_imply(sweep_spec *spec, const char *option, int64_t value) {
  sweep_parameter *p = &spec->parameter[spec->n_parameters];
  *p = (sweep_parameter){.option = &mst_options[mst_option_find(option)]};
  (void)snprintf(p->name, sizeof p->name, "%s", option);
  for (char *c = p->name; *c; c++)
    if (*c == '-') *c = '_';
  p->value = mst_alloc_zero(1, sizeof *p->value);
  if (!p->value) return MST_E_NOMEM;
  spec->n_parameters++;
  p->value[0] = mst_alloc(32, 1);
  if (!p->value[0]) return MST_E_NOMEM;
  p->n = 1;
  (void)snprintf(p->value[0], 32, "%lld", (long long)value);
  return MST_OK;
}

mst_status sweep_spec_parameters(sweep_spec *spec, const sweep_yaml *at,
                                 const sweep_yaml *augment) {
  if (at && at->kind != SWEEP_MAP)
    return sweep_fail_at(spec, at, "names of options and their values are expected");
  const int most = (at ? at->n : 0) / 2 + (augment ? augment->n : 0) / 2;
  spec->parameter = mst_alloc_zero((size_t)most + 1, sizeof *spec->parameter);
  mst_status st = spec->parameter ? MST_OK : MST_E_NOMEM;
  for (int i = 0; !st && at && i < at->n; i += 2)
    st = add(spec, &at->child[i], &at->child[i + 1], 0);
  if (!st && augment) st = add_augment(spec, augment);
  return st;
}
