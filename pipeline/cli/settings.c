/* settings.c: one value per option: from the defaults, a preset, a configuration, the command line.
 * A later source wins; within the command line the last word wins. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/settings_internal.h"
#include "misstep/alloc.h"

static char *copy_text(const char *text) {
  const size_t n = strlen(text) + 1;
  char *copy = mst_alloc(n, 1);
  if (copy) memcpy(copy, text, n);
  return copy;
}

mst_status mst_settings_init(mst_settings *s, unsigned command) {
  *s = (mst_settings){.command = command};
  s->value = mst_alloc_zero((size_t)mst_n_options, sizeof *s->value);
  s->given = mst_alloc_zero((size_t)mst_n_options, 1);
  if (!s->value || !s->given) goto fail;
  for (int i = 0; i < mst_n_options; i++) {
    const mst_option *o = &mst_options[i];
    const char *fallback =
        command == CMD_TRAIN && o->train_fallback ? o->train_fallback : o->fallback;
    if ((o->commands & command) && fallback && !(s->value[i] = copy_text(fallback))) goto fail;
  }
  return MST_OK;
fail:
  mst_settings_fini(s);
  return MST_E_NOMEM;
}

void mst_settings_fini(mst_settings *s) {
  for (int i = 0; s->value && i < mst_n_options; i++) mst_free(s->value[i]);
  mst_free(s->value);
  mst_free(s->given);
  mst_free(s->positional);
  *s = (mst_settings){0};
}

/* A list grows by a line where the same source adds to it; a later source starts it anew. */
static char *joined(const char *old, const char *text) {
  const size_t n_bytes = strlen(old) + strlen(text) + 2;
  char *both = mst_alloc(n_bytes, 1);
  if (both) (void)snprintf(both, n_bytes, "%s\n%s", old, text);
  return both;
}

mst_status mst_settings_set(mst_settings *s, const char *name, const char *text, uint8_t given) {
  const int i = mst_option_find(name);
  if (i < 0 || !(mst_options[i].commands & s->command)) {
    const char *near = mst_option_nearest(s->command, name);
    return MST_FAIL(MST_E_ARG, "unknown option --%s%s%s%s", name, near ? "; did you mean --" : "",
                    near ? near : "", near ? "?" : "; see --help");
  }
  mst_status st = mst_option_check(&mst_options[i], text);
  if (st || given < s->given[i]) return st;
  const int grows = mst_options[i].kind == OPT_LIST && given == s->given[i] && s->value[i];
  char *value = grows ? joined(s->value[i], text) : copy_text(text);
  if (!value) return MST_E_NOMEM;
  mst_free(s->value[i]);
  s->value[i] = value;
  s->given[i] = given;
  return MST_OK;
}

/* One name=value of a preset. */
typedef struct preset_value {
  const char *name, *value;
} preset_value;

/* The paper's learner: XGBoost on all terms, 300 rounds, no margins. */
#define PAPER_LEARNER                                                                              \
  {"select", "none"}, {"margin", "none"}, {"n-estimators", "300"}, {"learning-rate", "0.1"},       \
      {"max-depth", "4"}, {"subsample", "0.8"}, {"colsample-bytree", "0.8"}, {                     \
    "linear-char-features", "0"                                                                    \
  }

mst_status mst_settings_preset(mst_settings *s, const char *name) {
  static const preset_value paper[] = {PAPER_LEARNER,         {"min-df", "1"},
                                       {"norm", "none"},      {"relative-tf", "true"},
                                       {"paper-idf", "true"}, {NULL, NULL}};
  static const preset_value notebook[] = {
      PAPER_LEARNER, {"min-df", "2"}, {"norm", "l2"}, {NULL, NULL}};
  const preset_value *values = strcmp(name, "paper") == 0      ? paper
                               : strcmp(name, "notebook") == 0 ? notebook
                                                               : NULL;
  for (; values && values->name; values++) {
    mst_status st = mst_settings_set(s, values->name, values->value, 1);
    if (st) return st;
  }
  return MST_OK;
}

static const char *value_of(const mst_settings *s, const char *name) {
  const int i = mst_option_find(name);
  assert(i >= 0);
  return s->value[i];
}

const char *mst_setting_text(const mst_settings *s, const char *name) { return value_of(s, name); }

int64_t mst_setting_int(const mst_settings *s, const char *name) {
  int64_t value = 0;
  const char *text = value_of(s, name);
  if (text) (void)mst__read_int(text, &value);
  return value;
}

double mst_setting_real(const mst_settings *s, const char *name) {
  double value = 0;
  const char *text = value_of(s, name);
  if (text) (void)mst__read_real(text, &value);
  return value;
}

int mst_setting_on(const mst_settings *s, const char *name) {
  return mst_setting_is(s, name, "true");
}

int mst_setting_is(const mst_settings *s, const char *name, const char *word) {
  const char *text = value_of(s, name);
  return text && strcmp(text, word) == 0;
}

int mst_setting_given(const mst_settings *s, const char *name) {
  const int i = mst_option_find(name);
  assert(i >= 0);
  return s->given[i];
}
