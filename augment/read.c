/* read.c: reads a rule file line by line. */
#include <stdio.h>
#include <string.h>

#include "internal.h"

/* Offset of the first byte that is not valid UTF-8, or is zero; n if all is well. */
static int64_t utf8_end(const uint8_t *p, int64_t n) {
  int64_t i = 0;
  while (i < n) {
    const uint8_t c = p[i];
    if (c && c < 0x80) {
      i++;
      continue;
    }
    const int more = c >= 0xc2 && c < 0xe0   ? 1
                     : c >= 0xe0 && c < 0xf0 ? 2
                     : c >= 0xf0 && c < 0xf5 ? 3
                                             : 0;
    if (!more || n - i <= more) return i;
    for (int k = 1; k <= more; k++)
      if ((p[i + k] & 0xc0) != 0x80) return i;
    const uint8_t next = p[i + 1];
    if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f) || (c == 0xf0 && next < 0x90) ||
        (c == 0xf4 && next > 0x8f))
      return i;
    i += more + 1;
  }
  return n;
}

static mst_status check_utf8(const char *name, const uint8_t *bytes, int64_t n) {
  const int64_t bad = utf8_end(bytes, n);
  if (bad == n) return MST_OK;
  mst__cursor c = {name, bytes + bad, bytes + n, bytes, 1};
  for (int64_t i = 0; i < bad; i++) {
    if (bytes[i] != '\n') continue;
    c.line++;
    c.line_start = bytes + i + 1;
  }
  return mst__fail_at(&c, bytes[bad] ? "broken UTF-8, expected UTF-8 text"
                                     : "a zero byte, expected text");
}

/* The arrow at the cursor; MST__CLASS if there is none. */
static mst__arrow take_arrow(mst__cursor *c) {
  static const struct {
    const char *text;
    mst__arrow arrow;
  } arrows[] = {{"<->", MST__BOTH}, {"->", MST__FORTH}, {"=>", MST__ONE_WAY}};
  for (int i = 0; i < 3; i++) {
    const size_t n = strlen(arrows[i].text);
    if ((size_t)(c->end - c->p) < n || memcmp(c->p, arrows[i].text, n) != 0) continue;
    c->p += n;
    return arrows[i].arrow;
  }
  return MST__CLASS;
}

static mst_status read_side(mst_rules_builder *b, mst__cursor *c, mst__phrase *side, int *n) {
  mst_status st = MST_OK;
  do {
    if (*n) c->p++;
    if (*n == MST__MAX_PHRASES)
      return MST_FAIL(MST_E_LIMIT, "%s:%d:%lld: a phrase too many, at most %d a side are possible",
                      c->name, c->line, (long long)(c->p - c->line_start) + 1, MST__MAX_PHRASES);
    st = mst__phrase_read(b, c, &side[*n]);
    if (st) return st;
    ++*n;
    mst__skip_blanks(c);
  } while (mst__peek(c) == ',');
  return MST_OK;
}

/* A rule's own name, or where it stands. */
static mst_status name_rule(mst_rules_builder *b, const char *file, mst__rule *rule) {
  char text[256];
  if (rule->name.len) return MST_OK;
  const char *dot = strstr(file, ".rules");
  const int n = dot && !dot[6] ? (int)(dot - file) : (int)strlen(file);
  const char *slash = strrchr(file, '/');
  const char *base = slash ? slash + 1 : file;
  (void)snprintf(text, sizeof text, "%.*s:%d", n - (int)(base - file), base, rule->line);
  for (char *p = text; *p; p++)
    if (*p == ' ' || *p == ',' || *p == ';') *p = '_';
  return mst__arena_add(b, text, (int64_t)strlen(text), &rule->name);
}

/* Both sides of a rule: large, so they live outside the stack. */
typedef struct sides {
  mst__phrase left[MST__MAX_PHRASES], right[MST__MAX_PHRASES];
  int n_left, n_right;
} sides;

static mst_status read_rule(mst_rules_builder *b, mst__cursor *c, sides *s) {
  mst__rule rule = {.file = (int32_t)b->files.n - 1,
                    .line = c->line,
                    .korean = b->korean,
                    .p = UINT64_MAX,
                    .weight = 1000};
  const mst__cursor at = *c;
  s->n_left = s->n_right = 0;
  mst_status st = read_side(b, c, s->left, &s->n_left);
  if (st) return st;
  rule.arrow = take_arrow(c);
  rule.operation = rule.arrow >= MST__FORTH ? MST_OP_PARAPHRASE : MST_OP_SYNONYM;
  if (rule.arrow != MST__CLASS) st = read_side(b, c, s->right, &s->n_right);
  else if (mst__peek(c) != '\n' && mst__peek(c) != '[')
    return mst__take(c, '\n', "',', '=>', '[' or the end of the line");
  else if (s->n_left < 2)
    return mst__fail_at(c, "one phrase alone, expected ',' or '=>' and what may replace it");
  if (!st) st = mst__attributes_read(b, c, &rule);
  if (!st && mst__peek(c) != '\n') st = mst__take(c, '\n', "',', '=>', '[' or the end of the line");
  if (!st) st = name_rule(b, c->name, &rule);
  mst__rule *stored = st ? NULL : mst__list_add(&b->rules, sizeof *stored);
  if (!stored) return st ? st : MST_E_NOMEM;
  *stored = rule;
  return mst__rule_expand(b, &at, (int32_t)b->rules.n - 1, s->left, s->n_left, s->right,
                          s->n_right);
}

/* Is this line "{name}: ..."? */
static int is_declaration(const mst__cursor *c) {
  mst__cursor ahead = *c;
  if (mst__peek(&ahead) != '{') return 0;
  ahead.p++;
  (void)mst__take_name(&ahead);
  if (mst__peek(&ahead) != '}') return 0;
  ahead.p++;
  while (mst__peek(&ahead) == ' ' || mst__peek(&ahead) == '\t') ahead.p++;
  return mst__peek(&ahead) == ':';
}

static mst_status read_line(mst_rules_builder *b, mst__cursor *c, sides *s) {
  mst__skip_blanks(c);
  if (mst__peek(c) == '\n') return MST_OK;
  if (is_declaration(c)) return mst__declaration_read(b, c);
  int found = 0;
  mst_status st = mst__setting_read(b, c, &found);
  if (!st && !found) return read_rule(b, c, s);
  if (!st) mst__skip_blanks(c);
  return st || mst__peek(c) == '\n' ? st : mst__take(c, '\n', "',' or the end of the line");
}

static mst_status read_lines(mst_rules_builder *b, mst__cursor *c) {
  sides *s = mst_alloc(1, sizeof *s);
  mst_status st = s ? MST_OK : MST_E_NOMEM;
  while (!st && c->p < c->end) {
    st = read_line(b, c, s);
    if (st) break;
    while (c->p < c->end && *c->p != '\n') c->p++;
    c->p += c->p < c->end;
    c->line_start = c->p;
    c->line++;
  }
  mst_free(s);
  return st;
}

mst_status mst__file_read(mst_rules_builder *b, const char *name, const void *bytes,
                          int64_t n_bytes) {
  const uint8_t *text = bytes;
  mst_status st = check_utf8(name, text, n_bytes);
  if (st) return st;
  if (n_bytes >= 3 && !memcmp(text, "\xEF\xBB\xBF", 3)) {
    text += 3;
    n_bytes -= 3;
  }
  mst__str *file = mst__list_add(&b->files, sizeof *file);
  if (!file) return MST_E_NOMEM;
  *file = (mst__str){0};
  st = mst__arena_add(b, name, (int64_t)strlen(name), file);
  mst__declared_clear(b);
  b->korean = 0;
  b->first_rule = b->rules.n;
  b->first_pattern = b->patterns.n;
  b->first_expansion = b->expansions.n;
  mst__cursor c = {name, text, text + n_bytes, text, 1};
  return st || !n_bytes ? st : read_lines(b, &c);
}

mst_status mst_rules_builder_add(mst_rules_builder *b, const char *name, const void *bytes,
                                 int64_t n_bytes) {
  if (!b || !name || (n_bytes && !bytes)) return MST_FAIL(MST_E_ARG, "no builder, name or text");
  const mst_status st = mst__file_read(b, name, bytes, n_bytes);
  return st ? st : mst__file_check(b, name);
}
