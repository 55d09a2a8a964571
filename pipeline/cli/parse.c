/* parse.c: the command line, word by word. */
#include <stdio.h>
#include <string.h>

#include "cli/settings_internal.h"
#include "misstep/alloc.h"

/* Where the walk over argv stands. */
typedef struct cursor {
  int i, argc;
  char **argv;
} cursor;

static const mst_option *by_letter(unsigned command, char letter) {
  for (int i = 0; i < mst_n_options; i++)
    if (mst_options[i].letter == letter && (mst_options[i].commands & command))
      return &mst_options[i];
  return NULL;
}

static int takes_value(const mst_option *o) { return o->kind != OPT_FLAG && o->kind != OPT_SWITCH; }

/* The value of an option: after "=", else the next word. */
static mst_status set_from(mst_settings *s, cursor *at, const char *name,
                           const char *inline_value) {
  const int index = mst_option_find(name);
  const mst_option *o = index < 0 ? NULL : &mst_options[index];
  if (!o || !(o->commands & s->command))
    return mst_settings_set(s, name, "", 3); /* words the error */
  if (!takes_value(o)) return mst_settings_set(s, name, inline_value ? inline_value : "true", 3);
  if (!inline_value && at->i + 1 >= at->argc)
    return MST_FAIL(MST_E_ARG, "--%s: a value is expected: %s", name, o->values);
  return mst_settings_set(s, name, inline_value ? inline_value : at->argv[++at->i], 3);
}

static mst_status long_option(mst_settings *s, cursor *at) {
  char name[64];
  const char *word = at->argv[at->i] + 2;
  const char *equals = strchr(word, '=');
  const size_t n = equals ? (size_t)(equals - word) : strlen(word);
  if (n >= sizeof name) return MST_FAIL(MST_E_ARG, "unknown option --%.40s...; see --help", word);
  memcpy(name, word, n);
  name[n] = 0;
  const int negated = strncmp(name, "no-", 3) == 0 ? mst_option_find(name + 3) : -1;
  if (negated >= 0 && mst_options[negated].kind == OPT_SWITCH && !equals)
    return mst_settings_set(s, name + 3, "false", 3);
  return set_from(s, at, name, equals ? equals + 1 : NULL);
}

static mst_status short_option(mst_settings *s, cursor *at) {
  const char *word = at->argv[at->i];
  const mst_option *o = by_letter(s->command, word[1]);
  if (!o) return MST_FAIL(MST_E_ARG, "unknown option -%c; see --help", word[1]);
  if (word[2] && !takes_value(o))
    return MST_FAIL(MST_E_ARG, "%s: write short options one by one", word);
  return set_from(s, at, o->name, word[2] ? word + 2 : NULL);
}

static mst_status walk(mst_settings *s, int argc, char **argv) {
  int only_positional = 0;
  cursor at = {0, argc, argv};
  for (; at.i < argc; at.i++) {
    const char *word = argv[at.i];
    mst_status st = MST_OK;
    if (only_positional || word[0] != '-' || word[1] == 0)
      s->positional[s->n_positional++] = argv[at.i];
    else if (strcmp(word, "--") == 0) only_positional = 1;
    else if (word[1] == '-') st = long_option(s, &at);
    else st = short_option(s, &at);
    if (st) return st;
  }
  return MST_OK;
}

mst_status mst_settings_parse(mst_settings *s, int argc, char **argv) {
  s->positional = mst_alloc((size_t)argc + 1, sizeof *s->positional);
  if (!s->positional) return MST_E_NOMEM;
  mst_status st = walk(s, argc, argv);
  if (st) return st;
  const char *config = mst_setting_text(s, "config");
  if (config) st = mst_settings_load(s, config);
  const char *preset = mst_setting_text(s, "preset");
  return !st && preset ? mst_settings_preset(s, preset) : st;
}
