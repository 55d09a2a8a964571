/* options.c: the options of a configuration, and which of them its model reads. Cells that differ
 * in others are one cell, and what is set for the other models of a spec is not set for it: so it
 * is neither refused nor a second cell. */
#include <stdio.h>
#include <string.h>

#include "cells.h"
#include "cli/command.h"
#include "misstep/alloc.h"

sweep_options sweep_options_of(const char *name) {
  static const char *const like[] = {"max-depth", "analyzer", "linear-c", "augment"};
  static const sweep_options all[] = {SWEEP_OF_MODEL, SWEEP_OF_TREES, SWEEP_OF_LINEAR,
                                      SWEEP_OF_COPIES};
  const int found = mst_option_find(name);
  for (int i = 0; found >= 0 && i < 4; i++)
    if (strcmp(mst_options[found].group, mst_options[mst_option_find(like[i])].group) == 0)
      return all[i];
  return SWEEP_OF_DATA;
}

enum {
  LINEAR = 1 << MST_LEARNER_LINEAR,
  NB = 1 << MST_LEARNER_NB,
  SVM = 1 << MST_LEARNER_SVM,
  ONLY_XGBOOST = ~(1 << MST_LEARNER_XGBOOST),
  ONLY_LIGHTGBM = ~(1 << MST_LEARNER_LIGHTGBM),
  ONLY_TREES = ~(1 << MST_LEARNER_XGBOOST | 1 << MST_LEARNER_LIGHTGBM),
  ONLY_NB = ~NB
};

/* Options that pass some learners by although they read others of their group. */
static const struct {
  const char *name;
  int learners; /* bits */
} unread[] = {{"xgb", ONLY_XGBOOST},
              {"lightgbm", ONLY_LIGHTGBM},
              {"early-stopping", ONLY_TREES},
              {"validation-size", ONLY_TREES},
              {"nb-alpha", ONLY_NB},
              {"linear-folds", LINEAR | NB | SVM}, /* of the margins */
              {"linear-solver", NB | SVM},         /* SVMs are LIBLINEAR's */
              {"linear-c", NB},
              {"linear-eps", NB},
              {"linear-char-features", NB}, /* words alone, and their counts alone */
              {"linear-char-ngram-range", NB},
              {"linear-sublinear-tf", NB},
              {"linear-relative-tf", NB},
              {"linear-use-idf", NB},
              {"linear-smooth-idf", NB},
              {"linear-paper-idf", NB},
              {"linear-norm", NB}};

/* Options that mean nothing beside a value of another. */
static const struct {
  const char *name, *other, *value;
} moot[] = {{"validation-size", "early-stopping", "0"},
            {"linear-char-ngram-range", "linear-char-features", "0"}};

int sweep_option_matters(int model, const mst_settings *s, const char *name) {
  const sweep_options of = sweep_options_of(name);
  const mst_learner learner = (mst_learner)model;
  if (strcmp(name, "seed") == 0 || strcmp(name, "bootstrap") == 0) return 0;
  for (size_t i = 0; i < sizeof unread / sizeof *unread; i++)
    if (strcmp(name, unread[i].name) == 0 && (unread[i].learners >> model & 1)) return 0;
  for (size_t i = 0; i < sizeof moot / sizeof *moot; i++)
    if (strcmp(name, moot[i].name) == 0 && mst_setting_is(s, moot[i].other, moot[i].value))
      return 0;
  if (of == SWEEP_OF_COPIES)
    return strcmp(name, "augment") == 0 || !mst_setting_is(s, "augment", "none");
  if (of == SWEEP_OF_DATA || strcmp(name, "learner") == 0 || strcmp(name, "class-weight") == 0)
    return 1;
  const mst_margin margin =
      mst_setting_is(s, "margin", "none") ? MST_MARGIN_NONE : MST_MARGIN_LINEAR;
  if (of == SWEEP_OF_LINEAR) return mst_learner_has_linear(learner, margin);
  return mst_learner_has_trees(learner);
}

mst_status sweep_setting_set(mst_settings *s, const sweep_parameter *p, const char *text) {
  if (p->option->kind != OPT_LIST) return mst_settings_set(s, p->option->name, text, 3);
  mst_buffer line;
  mst_buffer_init(&line, (size_t)1 << 20, "a parameter's value");
  mst_status st = MST_OK;
  while (!st && *text) {
    const size_t n = strcspn(text, "\n");
    line.size_bytes = 0;
    st = mst_buffer_append(&line, text, n);
    if (!st) st = mst_buffer_append(&line, "", 1);
    if (!st) st = mst_settings_set(s, p->option->name, (const char *)line.data, 3);
    text += n + (text[n] == '\n');
  }
  mst_buffer_fini(&line);
  return st;
}

/* Settings of a configuration. of: options that do not matter under these keep their defaults;
 * NULL: all are set. */
static mst_status make_settings(const sweep_spec *spec, int model, int64_t choice,
                                const mst_settings *of, mst_settings *out) {
  mst_status st = mst_settings_init(out, CMD_TRAIN);
  if (st) return st;
  for (int32_t i = 0; !st && i < spec->n_parameters; i++) {
    const sweep_parameter *p = &spec->parameter[i];
    /* a preset sets options that matter, whether or not it does */
    const int matters = !of || strcmp(p->option->name, "preset") == 0 ||
                        sweep_option_matters(model, of, p->option->name);
    if (matters) st = sweep_setting_set(out, p, p->value[sweep_spec_choice(spec, choice, i)]);
  }
  if (!st) st = mst_settings_set(out, "learner", mst_learner_name(model), 3);
  if (!st) st = mst_settings_preset(out, mst_setting_text(out, "preset"));
  if (st) mst_settings_fini(out);
  return st;
}

/* What is one for the whole spec, and the seed. */
static mst_status set_common(const sweep_spec *spec, int64_t seed, mst_settings *s) {
  char text[32];
  mst_status st = mst_settings_set(s, "threads", "1", 3);
  if (!st) st = mst_settings_set(s, "bootstrap", "0", 3);
  (void)snprintf(text, sizeof text, "%lld", (long long)seed);
  if (!st) st = mst_settings_set(s, "seed", text, 3);
  (void)snprintf(text, sizeof text, "%lld", (long long)spec->folds);
  if (!st) st = mst_settings_set(s, "folds", text, 3);
  if (!st && spec->fold_column) st = mst_settings_set(s, "fold-column", spec->fold_column, 3);
  return st;
}

mst_status sweep_settings_make(const sweep_spec *spec, int model, int64_t choice, int64_t seed,
                               mst_settings *out) {
  mst_settings all;
  mst_status st = make_settings(spec, model, choice, NULL, &all);
  if (!st) {
    st = make_settings(spec, model, choice, &all, out);
    mst_settings_fini(&all);
  }
  if (!st && (st = set_common(spec, seed, out))) mst_settings_fini(out);
  if (!st || st == MST_E_NOMEM) return st;
  return MST_FAIL(MST_E_FORMAT, "%s: %s", spec->path, mst_error_last()->message);
}
