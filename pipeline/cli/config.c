/* config.c: settings as JSON, both ways. A model's manifest holds such an object, so every model
 * says how to make it again. */
#include <stdio.h>
#include <string.h>

#include "cli/settings_internal.h"
#include "cli/terminal.h"

/* Options that describe the invocation rather than the result. */
static int is_presentation(const char *name) {
  static const char *const names[] = {"output", "force",  "format",  "quiet",
                                      "help",   "config", "threads", "preset"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(names[i], name) == 0) return 1;
  return 0;
}

static mst_json *list_json(const char *lines) {
  mst_json *list = mst_json_new_array();
  for (const char *line = lines; list && *line;) {
    const size_t n = strcspn(line, "\n");
    (void)mst_json_append(list, mst_json_new_bytes(line, n));
    line += n + (line[n] == '\n');
  }
  return list;
}

static mst_json *value_json(const mst_option *o, const char *text) {
  int64_t whole;
  double real;
  switch (o->kind) {
  case OPT_FLAG:
  case OPT_SWITCH: return mst_json_new_bool(strcmp(text, "true") == 0);
  case OPT_DF:
  case OPT_INT:
  case OPT_REAL:
    if (o->kind != OPT_REAL && mst__read_int(text, &whole)) return mst_json_new_int(whole);
    if (mst__read_real(text, &real)) return mst_json_new_real(real);
    return mst_json_new_string(text);
  case OPT_LIST: return list_json(text);
  default: return mst_json_new_string(text);
  }
}

mst_json *mst_settings_json(const mst_settings *s) {
  mst_json *object = mst_json_new_object();
  for (int i = 0; object && i < mst_n_options; i++) {
    if (!s->value[i] || is_presentation(mst_options[i].name)) continue;
    if (mst_json_set(object, mst_options[i].name, value_json(&mst_options[i], s->value[i]))) {
      mst_json_free(object);
      return NULL;
    }
  }
  return object;
}

/* A JSON value as the text that the command line would hold. */
static mst_status set_json(mst_settings *s, const char *name, const mst_json *value) {
  char text[64];
  switch (mst_json_kind_of(value)) {
  case MST_JSON_BOOL: return mst_settings_set(s, name, mst_json_bool(value) ? "true" : "false", 2);
  case MST_JSON_STRING: return mst_settings_set(s, name, mst_json_string(value, NULL), 2);
  case MST_JSON_INT:
    (void)snprintf(text, sizeof text, "%lld", (long long)mst_json_int(value));
    return mst_settings_set(s, name, text, 2);
  case MST_JSON_REAL: {
    (void)snprintf(text, sizeof text, "%.17g", mst_json_number(value));
    /* 1.0 is a share of the documents, 1 a count: the point must survive. */
    const size_t n = strlen(text);
    if (!strpbrk(text, ".e")) (void)snprintf(text + n, sizeof text - n, ".0");
    return mst_settings_set(s, name, text, 2);
  }
  case MST_JSON_NULL: return MST_OK;
  case MST_JSON_ARRAY: break;
  default: return MST_FAIL(MST_E_ARG, "%s: a text, number, true or false is expected", name);
  }
  /* [1, 2] is the range 1,2; any other array is a list. */
  if (mst_json_size(value) == 2 && mst_json_kind_of(mst_json_at(value, 0)) == MST_JSON_INT) {
    (void)snprintf(text, sizeof text, "%lld,%lld", (long long)mst_json_int(mst_json_at(value, 0)),
                   (long long)mst_json_int(mst_json_at(value, 1)));
    return mst_settings_set(s, name, text, 2);
  }
  for (size_t i = 0; i < mst_json_size(value); i++) {
    mst_status st = set_json(s, name, mst_json_at(value, i));
    if (st) return st;
  }
  return MST_OK;
}

/* A model's manifest holds every option; one that lacks this was written before it existed, when
 * there were no such features. Repeating that run must not add them. */
static mst_status leave_out_later(mst_settings *s, const mst_json *options) {
  static const char name[] = "linear-char-features";
  if (mst_json_get(options, name) || !(mst_options[mst_option_find(name)].commands & s->command))
    return MST_OK;
  return mst_settings_set(s, name, "0", 2);
}

mst_status mst_settings_load(mst_settings *s, const char *path) {
  mst_json *root = NULL;
  mst_status st = mst_terminal_input(mst_json_load(path, &root));
  if (st) return st;
  const mst_json *object = mst_json_get(root, "options");
  if (!object) object = root;
  if (mst_json_kind_of(object) != MST_JSON_OBJECT) {
    st = MST_FAIL(MST_E_FORMAT, "%s: an object of option names and values is expected", path);
    goto done;
  }
  for (size_t i = 0; !st && i < mst_json_size(object); i++) {
    char name[64];
    (void)snprintf(name, sizeof name, "%s", mst_json_key(object, i));
    for (char *c = name; *c; c++)
      if (*c == '_') *c = '-';
    const int known = mst_option_find(name);
    /* A train manifest may configure predict: what other commands know is passed over. */
    if (known >= 0 && !(mst_options[known].commands & s->command)) continue;
    st = set_json(s, name, mst_json_value(object, i));
    if (st) (void)mst_error_prefix(st, "%s", path);
  }
  if (!st && object != root) st = leave_out_later(s, object);
done:
  mst_json_free(root);
  return st;
}
