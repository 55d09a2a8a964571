/* settings.c: reads the lines "language: en", "protect: ...", "operations: ..." of a rule file. */
#include <regex.h>
#include <string.h>

#include "internal.h"

typedef mst_status read_fn(mst_rules_builder *b, mst__cursor *c);

static mst_status read_language(mst_rules_builder *b, mst__cursor *c) {
  mst__skip_blanks(c);
  const mst__cursor at = *c;
  const mst_slice name = mst__take_name(c);
  const int korean = name.len == 2 && !memcmp(name.ptr, "ko", 2);
  if (!korean && (name.len != 2 || memcmp(name.ptr, "en", 2) != 0))
    return mst__fail_at(&at, "language '%.*s', expected en or ko", (int)name.len,
                        (const char *)name.ptr);
  b->korean = korean;
  return MST_OK;
}

static mst_status read_labels(mst_rules_builder *b, mst__cursor *c) {
  do {
    if (mst__peek(c) == ',') c->p++;
    mst__skip_blanks(c);
    const mst__cursor at = *c;
    const mst_slice name = mst__take_text(c, ",[]\"#");
    if (!name.len) return mst__fail_at(&at, "nothing, expected a label");
    int64_t i = 0;
    while (i < b->labels.n && !mst__arena_is(b, *MST__AT(b->labels, mst__str, i), name)) i++;
    if (i < b->labels.n) continue; /* another file has named it */
    if (i == MST__MAX_LABELS)
      return mst__fail_at(&at, "a label too many, expected at most %d", MST__MAX_LABELS);
    mst__str *label = mst__list_add(&b->labels, sizeof *label);
    if (!label) return MST_E_NOMEM;
    const mst_status st = mst__arena_add(b, name.ptr, name.len, label);
    if (st) return st;
  } while (mst__peek(c) == ',');
  return MST_OK;
}

static mst_status read_protect(mst_rules_builder *b, mst__cursor *c) {
  mst_status st = MST_OK;
  do {
    mst__phrase phrase = {0};
    if (mst__peek(c) == ',') c->p++;
    const mst__cursor at = *c;
    st = mst__phrase_read(b, c, &phrase);
    if (!st) st = mst__protect_add(b, &at, &phrase);
    if (!st) mst__skip_blanks(c);
  } while (!st && mst__peek(c) == ',');
  return st;
}

static mst_status read_expression(mst_rules_builder *b, mst__cursor *c) {
  char why[200];
  regex_t compiled;
  mst__str s;
  while (mst__peek(c) == ' ' || mst__peek(c) == '\t') c->p++;
  const mst__cursor at = *c;
  const mst_slice text = mst__take_text(c, "");
  if (!text.len) return mst__fail_at(&at, "nothing, expected a regular expression");
  mst_status st = mst__arena_add(b, text.ptr, text.len, &s);
  if (!st) st = mst_buffer_append(&b->arena, "", 1);
  if (st) return st;
  const int code = regcomp(&compiled, (const char *)b->arena.data + s.at, REG_EXTENDED);
  if (code) {
    (void)regerror(code, &compiled, why, sizeof why);
    return mst__fail_at(&at, "%s, expected a POSIX extended regular expression", why);
  }
  const int empty = !regexec(&compiled, "", 0, NULL, 0);
  regfree(&compiled);
  if (empty) return mst__fail_at(&at, "it matches nothing at all, expected one that matches text");
  mst__str *stored = mst__list_add(&b->expressions, sizeof *stored);
  if (!stored) return MST_E_NOMEM;
  *stored = s;
  return MST_OK;
}

static mst_status read_operations(mst_rules_builder *b, mst__cursor *c) {
  return mst__program_read(c, &b->program);
}

static mst_status read_edits(mst_rules_builder *b, mst__cursor *c) {
  double low = 0, high = 0;
  static const char what[] = "two whole numbers from 0 to 16 as in 1..3";
  mst__skip_blanks(c);
  const mst__cursor at = *c;
  const uint8_t *dots = memchr(c->p, '.', (size_t)(c->end - c->p));
  if (!dots || c->end - dots < 2 || dots[1] != '.') return mst__fail_at(&at, "expected %s", what);
  mst__cursor first = *c;
  first.end = dots;
  mst_status st = mst__take_real(&first, 0, 16, what, &low);
  c->p = dots + 2;
  if (!st) st = mst__take_real(c, 1, 16, what, &high);
  if (!st && (low > high || low != (int)low || high != (int)high || first.p != dots))
    st = mst__fail_at(&at, "expected %s", what);
  if (st) return st;
  b->program.min_edits = (int32_t)low;
  b->program.max_edits = (int32_t)high;
  return MST_OK;
}

static mst_status read_max_change(mst_rules_builder *b, mst__cursor *c) {
  mst__skip_blanks(c);
  return mst__take_real(c, 0.001, 1, "a share above 0 up to 1", &b->program.max_change_frac);
}

static const char *const names[] = {"language",   "labels", "protect",   "protect-pattern",
                                    "operations", "edits",  "max-change"};
static read_fn *const readers[] = {read_language,   read_labels, read_protect,   read_expression,
                                   read_operations, read_edits,  read_max_change};
enum { N_NAMES = sizeof names / sizeof *names };

static mst_slice name_at(const void *unused, int64_t i) {
  (void)unused;
  return (mst_slice){(const uint8_t *)names[i], (int64_t)strlen(names[i])};
}

mst_status mst__setting_read(mst_rules_builder *b, mst__cursor *c, int *found) {
  char hint[96];
  mst__cursor ahead = *c;
  const mst_slice name = mst__take_name(&ahead);
  *found = name.len && mst__peek(&ahead) == ':';
  if (!*found) return MST_OK;
  for (int i = 0; i < N_NAMES; i++) {
    const mst_slice known = name_at(NULL, i);
    if (known.len != name.len || memcmp(known.ptr, name.ptr, (size_t)name.len) != 0) continue;
    c->p = ahead.p + 1;
    return readers[i](b, c);
  }
  return mst__fail_at(c, "unknown setting '%.*s:'%s; a phrase with a colon needs quotes",
                      (int)name.len, (const char *)name.ptr,
                      mst__hint(name, name_at, NULL, N_NAMES, hint));
}
