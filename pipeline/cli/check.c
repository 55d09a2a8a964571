/* check.c: is a value what its option expects, and which name did the user mean. */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/settings_internal.h"

int mst__read_real(const char *text, double *out) {
  char *end;
  if (!*text || strspn(text, "+-.0123456789eE") != strlen(text)) return 0;
  *out = strtod(text, &end); /* the program never leaves the C locale */
  return *end == 0 && isfinite(*out);
}

int mst__read_int(const char *text, int64_t *out) {
  char *end;
  if (!*text || strspn(text, "+-0123456789") != strlen(text)) return 0;
  errno = 0;
  *out = strtoll(text, &end, 10);
  return *end == 0 && errno == 0;
}

int mst__read_pair(const char *text, int64_t *first, int64_t *second) {
  char left[32];
  const char *comma = strchr(text, ',');
  if (!comma || (size_t)(comma - text) >= sizeof left) return 0;
  memcpy(left, text, (size_t)(comma - text));
  left[comma - text] = 0;
  return mst__read_int(left, first) && mst__read_int(comma + 1, second);
}

static int is_word_of(const char *words, const char *text) {
  const size_t n = strlen(text);
  for (const char *w = words; w; w = strchr(w, '|') ? strchr(w, '|') + 1 : NULL)
    if (n && strncmp(w, text, n) == 0 && (w[n] == '|' || w[n] == 0)) return 1;
  return 0;
}

static mst_status expected(const mst_option *o, const char *text, const char *what) {
  return MST_FAIL(MST_E_ARG, "--%s %s: %s is expected", o->name, text, what);
}

/* "auto" is a value of those options that have it as their default. */
static int is_auto(const mst_option *o, const char *text) {
  return o->fallback && strcmp(o->fallback, "auto") == 0 && strcmp(text, "auto") == 0;
}

static mst_status check_number(const mst_option *o, const char *text) {
  char what[128];
  double value;
  int64_t whole = 0;
  const int is_int = o->kind == OPT_INT;
  const int ok = is_int ? mst__read_int(text, &whole) : mst__read_real(text, &value);
  if (is_int) value = (double)whole;
  if (is_auto(o, text)) return MST_OK;
  if (ok && value >= o->low && value <= o->high) return MST_OK;
  (void)snprintf(what, sizeof what, "%sa %snumber from %.16g to %.16g",
                 is_auto(o, "auto") ? "auto or " : "", is_int ? "whole " : "", o->low, o->high);
  return expected(o, text, what);
}

static mst_status check_pair(const mst_option *o, const char *text) {
  int64_t a, b;
  if (mst__read_pair(text, &a, &b) && a <= b && a >= (int64_t)o->low && b <= (int64_t)o->high)
    return MST_OK;
  return expected(o, text, "MIN,MAX with 1 <= MIN <= MAX <= 16, for example 1,2,");
}

static mst_status check_df(const mst_option *o, const char *text) {
  double value;
  int64_t whole;
  if (is_auto(o, text)) return MST_OK;
  if (mst__read_int(text, &whole) && whole >= 1) return MST_OK;
  if (!mst__read_int(text, &whole) && mst__read_real(text, &value) && value >= 0 && value <= 1)
    return MST_OK;
  return expected(o, text, "a count from 1 (2) or a share from 0.0 to 1.0 (0.01)");
}

static mst_status check_select(const mst_option *o, const char *text) {
  int64_t k;
  if (strcmp(text, "none") == 0) return MST_OK;
  if (strncmp(text, "chi2:", 5) == 0 && mst__read_int(text + 5, &k) && k >= 1) return MST_OK;
  return expected(o, text, "chi2:K with K >= 1, or none,");
}

mst_status mst_option_check(const mst_option *o, const char *text) {
  switch (o->kind) {
  case OPT_FLAG:
  case OPT_SWITCH:
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) return MST_OK;
    return expected(o, text, "true or false");
  case OPT_INT:
  case OPT_REAL: return check_number(o, text);
  case OPT_CHOICE: return is_word_of(o->values, text) ? MST_OK : expected(o, text, o->values);
  case OPT_RANGE: return check_pair(o, text);
  case OPT_DF: return check_df(o, text);
  case OPT_SELECT: return check_select(o, text);
  case OPT_LIST:
    if (o->low > 0) return *text ? MST_OK : expected(o, text, o->values);
    return strchr(text, '=') && text[0] != '=' ? MST_OK : expected(o, text, "NAME=VALUE");
  case OPT_TEXT: return *text || o->low == 0 ? MST_OK : expected(o, text, o->values);
  }
  return MST_OK;
}

int mst_name_distance(const char *a, const char *b) {
  int row[64];
  const int n = (int)strlen(b) < 63 ? (int)strlen(b) : 63;
  for (int j = 0; j <= n; j++) row[j] = j;
  for (int i = 1; a[i - 1]; i++) {
    int diagonal = row[0];
    row[0] = i;
    for (int j = 1; j <= n; j++) {
      const int swap = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      int best = row[j] + 1 < row[j - 1] + 1 ? row[j] + 1 : row[j - 1] + 1;
      row[j] = swap < best ? swap : best;
    }
  }
  return row[n];
}

const char *mst_option_nearest(unsigned command, const char *name) {
  const char *best = NULL;
  int best_distance = (int)strlen(name) / 2 + 1;
  for (int i = 0; i < mst_n_options; i++) {
    if (!(mst_options[i].commands & command)) continue;
    const int d = mst_name_distance(name, mst_options[i].name);
    if (d < best_distance) {
      best = mst_options[i].name;
      best_distance = d;
    }
  }
  return best;
}

int mst_option_find(const char *name) {
  for (int i = 0; i < mst_n_options; i++)
    if (strcmp(mst_options[i].name, name) == 0) return i;
  return -1;
}
