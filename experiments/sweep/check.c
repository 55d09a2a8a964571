/* check.c: options that can be tried without training are set one after the other, so that the one
 * after which they cannot work is the one to be named. */
#include "check.h"

#include <string.h>

#include "cells.h"
#include "cli/balance.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "misstep/alloc.h"
#include "misstep/backend.h"

/* A trial of some options. */
typedef mst_status try_fn(const sweep_spec *spec, const sweep_data *data, const mst_settings *s);

/* Does no model of the spec take weights? One that does may stand beside others, which fail. */
static mst_status find_weighing(const sweep_spec *spec) {
  for (int32_t m = 0; m < spec->n_models; m++)
    if (mst_learner_weighs((mst_learner)spec->model[m])) return MST_OK;
  return MST_FAIL(MST_E_ARG, "model %s takes no weights", mst_learner_name(spec->model[0]));
}

static mst_status try_weights(const sweep_spec *spec, const sweep_data *data,
                              const mst_settings *s) {
  mst_class_weight weights;
  mst_status st = mst_class_weight_read(mst_setting_text(s, "class-weight"), &weights);
  if (!st) st = mst_class_weight_check(&weights, &data->names);
  if (!st && weights.kind != MST_CLASS_WEIGHT_NONE) st = find_weighing(spec);
  mst_class_weight_fini(&weights);
  return st;
}

/* Cut a text of no letters, which is enough to have the pattern compiled. */
static mst_status try_pattern(const mst_token_options *options) {
  const mst_text text = {1, (const uint8_t *)" ", (const int64_t[]){0, 1}};
  mst_backend *backend = NULL;
  mst_pieces *pieces = NULL;
  mst_tokens *tokens = NULL;
  mst_status st = mst_backend_open("cpu", 1, &backend);
  if (!st) st = mst_pieces_create(backend, &text, &pieces);
  if (!st) st = mst_tokens_create(backend, pieces, options, &tokens);
  mst_tokens_free(tokens);
  mst_pieces_free(pieces);
  mst_backend_close(backend);
  return st;
}

static mst_status try_words(const char *prefix, const mst_settings *s) {
  mst_vectorizer_options options;
  mst_strings stop_list = {0};
  mst_status st = mst_setting_vectorizer(s, prefix, &stop_list, &options);
  if (!st && options.token.token_pattern) st = try_pattern(&options.token);
  mst_strings_fini(&stop_list);
  return st;
}

static mst_status try_tree_words(const sweep_spec *spec, const sweep_data *data,
                                 const mst_settings *s) {
  (void)spec;
  (void)data;
  return try_words("", s);
}

static mst_status try_linear_words(const sweep_spec *spec, const sweep_data *data,
                                   const mst_settings *s) {
  (void)spec;
  (void)data;
  return try_words("linear-", s);
}

static mst_status try_copies(const sweep_spec *spec, const sweep_data *data,
                             const mst_settings *s) {
  const char *id = mst_setting_text(s, "id-column"), *target = mst_setting_text(s, "balance");
  const int only_paper = spec->n_protocols == 1 && spec->protocol[0] == SWEEP_PAPER;
  mst_train_maker maker;
  int32_t column = 0;
  int64_t rows = 1;
  if (mst_setting_is(s, "augment", "none")) return MST_OK; /* the others are not read */
  mst_status st = mst_train_maker_init(s, &maker);
  if (!st && only_paper) st = sweep_part_paper_check(data, maker.weights);
  if (!st && maker.weights) st = find_weighing(spec);
  mst_train_maker_fini(&maker);
  if (!st && id) st = mst_records_find(data->data.records, id, &column);
  return st || !target ? st : mst_balance_target(target, &rows, 1, &rows);
}

/* What is tried, and the options that it reads in the order in which they are set. */
enum { MOST_OPTIONS = 12 };
static const struct {
  try_fn *run;
  const char *option[MOST_OPTIONS];
} trials[] = {{try_weights, {"class-weight", NULL}},
              {try_tree_words, {"stop-words", NULL}},
              {try_tree_words, {"token-pattern", NULL}},
              {try_linear_words, {"linear-stop-words", NULL}},
              {try_linear_words, {"linear-token-pattern", NULL}},
              {try_copies,
               {"augment", "rules", "lexicon", "operations", "edits", "max-change", "balance",
                "copies", "max-copies", "id-column", "rules-hash", NULL}}};

/* The parameter of an option, or -1. */
static int32_t find_parameter(const sweep_spec *spec, const char *option) {
  for (int32_t p = 0; p < spec->n_parameters; p++)
    if (strcmp(spec->parameter[p].option->name, option) == 0) return p;
  return -1;
}

/* A message with the place of a value; of a value that the spec implies or draws, its parameter. */
static mst_status fail(const sweep_spec *spec, const sweep_parameter *p, int64_t value) {
  char message[400];
  const size_t most = sizeof message - 1;
  const char *last = mst_error_last()->message;
  const size_t n = strlen(last) < most ? strlen(last) : most;
  memcpy(message, last, n);
  message[n] = 0;
  if (!p->place || !p->place[value].line)
    return MST_FAIL(MST_E_FORMAT, "%s: %s: %s", spec->path, p->name, message);
  const sweep_yaml at = {.line = p->place[value].line, .column = p->place[value].column};
  return sweep_fail_at(spec, &at, "%s", message);
}

/* Set a trial's options as a configuration has them, one by one. */
static mst_status try_choice(const sweep_spec *spec, const sweep_data *data, size_t trial,
                             int64_t choice) {
  mst_settings s;
  mst_status st = mst_settings_init(&s, CMD_TRAIN);
  if (st) return st;
  for (int i = 0; !st && trials[trial].option[i]; i++) {
    const int32_t number = find_parameter(spec, trials[trial].option[i]);
    if (number < 0) continue;
    const sweep_parameter *p = &spec->parameter[number];
    const int64_t value = sweep_spec_choice(spec, choice, number);
    st = sweep_setting_set(&s, p, p->value[value]);
    if (!st) st = mst_terminal_input(trials[trial].run(spec, data, &s));
    if (st && st != MST_E_NOMEM) st = fail(spec, p, value);
  }
  mst_settings_fini(&s);
  return st;
}

/* Do two configurations differ in what a trial reads? */
static int differ(const sweep_spec *spec, size_t trial, int64_t a, int64_t b) {
  for (int i = 0; trials[trial].option[i]; i++) {
    const int32_t number = find_parameter(spec, trials[trial].option[i]);
    if (number < 0) continue;
    char *const *value = spec->parameter[number].value;
    if (strcmp(value[sweep_spec_choice(spec, a, number)],
               value[sweep_spec_choice(spec, b, number)]) != 0)
      return 1;
  }
  return 0;
}

mst_status sweep_check(const sweep_spec *spec, const sweep_data *data) {
  const int64_t n = sweep_spec_configs(spec);
  mst_status st = MST_OK;
  for (size_t trial = 0; trial < sizeof trials / sizeof *trials; trial++)
    for (int64_t choice = 0, last = -1; !st && choice < n; choice++) {
      if (last >= 0 && !differ(spec, trial, last, choice)) continue;
      st = try_choice(spec, data, trial, choice);
      last = choice;
    }
  return st;
}
