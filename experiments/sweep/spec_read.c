/* spec_read.c: values of a spec, checked one by one, and the messages that lead to their place. */
#include "spec_read.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"
#include "misstep/alloc.h"

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

int sweep_is_in(const char *const *words, const char *word) {
  for (; *words; words++)
    if (strcmp(*words, word) == 0) return 1;
  return 0;
}

mst_status sweep_unknown(const sweep_spec *spec, const sweep_yaml *at, const char *what,
                         const char *const *words) {
  const char *near = sweep_nearest(words, at->text);
  if (*near)
    return sweep_fail_at(spec, at, "%s '%.60s' is unknown; did you mean %s?", what, at->text, near);
  char known[256] = "";
  for (size_t used = 0; *words && used < sizeof known; words++)
    used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", *words);
  return sweep_fail_at(spec, at, "%s '%.60s' is unknown; there are %s", what, at->text, known);
}

/* A text value; *at is it, for messages. */
mst_status sweep_text_of(const sweep_spec *spec, const sweep_yaml *at, const char *what) {
  if (at->kind == SWEEP_TEXT && *at->text) return MST_OK;
  return sweep_fail_at(spec, at, "%s is expected", what);
}

mst_status sweep_number_of(const sweep_spec *spec, const sweep_yaml *at, int64_t low, int64_t high,
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
mst_status sweep_numbers_of(const sweep_spec *spec, const sweep_yaml *at, int64_t low, int64_t high,
                            int64_t **out, int32_t *n_out) {
  const sweep_yaml *item = at->kind == SWEEP_LIST ? at->child : at;
  const int n = at->kind == SWEEP_LIST ? at->n : 1;
  if (n < 1) return sweep_fail_at(spec, at, "the list is empty");
  int64_t *values = mst_alloc((size_t)n, sizeof *values);
  mst_status st = values ? MST_OK : MST_E_NOMEM;
  for (int i = 0; !st && i < n; i++) {
    st = sweep_number_of(spec, &item[i], low, high, &values[i]);
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

mst_status sweep_keys_of(const sweep_spec *spec, const sweep_yaml *map, const char *const *words) {
  if (map->kind != SWEEP_MAP) return sweep_fail_at(spec, map, "keys and their values are expected");
  for (int i = 0; i < map->n; i += 2)
    if (!sweep_is_in(words, map->child[i].text))
      return sweep_unknown(spec, &map->child[i], "key", words);
  return MST_OK;
}

mst_status sweep_word_of(const sweep_spec *spec, const sweep_yaml *at, const char *what,
                         const char *const *words, int *out) {
  char expected[64];
  (void)snprintf(expected, sizeof expected, "a %s", what);
  mst_status st = sweep_text_of(spec, at, expected);
  if (!st && !sweep_is_in(words, at->text)) st = sweep_unknown(spec, at, what, words);
  for (int i = 0; !st && words[i]; i++)
    if (strcmp(words[i], at->text) == 0) *out = i;
  return st;
}

mst_status sweep_words_of(const sweep_spec *spec, const sweep_yaml *at, const char *what,
                          const char *const *words, int *out, int32_t *n_out) {
  const sweep_yaml *item = at->kind == SWEEP_LIST ? at->child : at;
  const int n = at->kind == SWEEP_LIST ? at->n : 1;
  int32_t found = 0;
  if (n < 1) return sweep_fail_at(spec, at, "the list is empty");
  for (int i = 0; i < n; i++) {
    int which = 0;
    const mst_status st = sweep_word_of(spec, &item[i], what, words, &which);
    if (st) return st;
    for (int32_t before = 0; before < found; before++)
      if (out[before] == which)
        return sweep_fail_at(spec, &item[i], "%s stands twice", words[which]);
    out[found++] = which;
  }
  *n_out = found;
  return MST_OK;
}

mst_status sweep_positive_of(const sweep_spec *spec, const sweep_yaml *at, double *out) {
  char *end = NULL;
  const double value = at->kind == SWEEP_TEXT ? strtod(at->text, &end) : 0;
  if (!end || end == at->text || *end || !isfinite(value) || value <= 0)
    return sweep_fail_at(spec, at, "a number above 0 is expected");
  *out = value;
  return MST_OK;
}
