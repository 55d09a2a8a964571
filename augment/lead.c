/* lead.c: what a match of a regular expression must begin with, as sets of bytes. A text in which
 * nothing begins like that need not be searched, which is most texts. What is not understood here
 * (anchors, classes, choices outside of brackets) gives no lead: then every text is searched. */
#include <string.h>

#include "compiled.h"

static int has(const mst__bytes *set, uint8_t c) { return (int)(set->bit[c / 64] >> c % 64 & 1); }

static void add(mst__bytes *set, int from, int to) {
  for (int c = from; c <= to; c++) set->bit[c / 64] |= (uint64_t)1 << c % 64;
}

static int is_literal(char c) { return c > 0 && !strchr("^$.[]()|*+?{}\\", c); }

static int may_be_left_out(const char *p) { return *p && strchr("*?{", *p); }

/* "[0-9]" at p; returns what is behind it, NULL if it is not that simple. */
static const char *read_class(const char *p, mst__bytes *set) {
  if (*++p == '^' || *p == ']') return NULL;
  for (; *p != ']'; p++) {
    if (*p <= 0 || *p == '[' || *p == '\\') return NULL;
    if (p[1] != '-' || p[2] == ']') {
      add(set, *p, *p);
    } else {
      if (p[2] <= 0 || p[2] == '[') return NULL;
      add(set, p[0], p[2]);
      p += 2;
    }
  }
  return p + 1;
}

/* "(pupils|students)" at p: what its choices begin with. */
static const char *read_group(const char *p, mst__bytes *set) {
  int depth = 1;
  if (!is_literal(p[1]) || may_be_left_out(p + 2)) return NULL;
  add(set, p[1], p[1]);
  for (p++; *p && depth; p++) {
    if (strchr("[]\\", *p)) return NULL;
    depth += (*p == '(') - (*p == ')');
    if (*p != '|' || depth != 1) continue;
    if (!is_literal(p[1]) || may_be_left_out(p + 2)) return NULL;
    add(set, p[1], p[1]);
  }
  return p;
}

/* One element at p. */
static const char *read_element(const char *p, mst__bytes *set) {
  *set = (mst__bytes){{0}};
  if (*p == '[') return read_class(p, set);
  if (*p == '(') return read_group(p, set);
  if (!is_literal(*p)) return NULL;
  add(set, *p, *p);
  return p + 1;
}

/* Is there a choice outside of all groups? In doubt there is. */
static int has_outer_choice(const char *p) {
  int depth = 0, in_class = 0;
  for (; *p; p++) {
    if (*p == '[' || *p == ']') in_class = *p == '[';
    depth += (*p == '(') - (*p == ')');
    if ((*p == '|' && depth < 1) || *p == '\\' || (in_class && strchr("()", *p))) return 1;
  }
  return 0;
}

static int meet(const mst__bytes *a, const mst__bytes *b) {
  uint64_t both = 0;
  for (int i = 0; i < 4; i++) both |= a->bit[i] & b->bit[i];
  return both != 0;
}

mst__lead mst__lead_of(const char *expression) {
  mst__lead lead = {0};
  const char *p = has_outer_choice(expression) ? NULL : expression;
  while (p && lead.n < MST__MAX_LEAD) {
    mst__bytes set;
    const int is_group = *p == '(';
    p = read_element(p, &set);
    if (!p) break;
    const int repeats = *p == '+';
    while (*p == '+') p++;
    if (may_be_left_out(p)) break;
    if (lead.n && lead.repeats[lead.n - 1] && meet(&lead.set[lead.n - 1], &set)) break;
    lead.set[lead.n] = set;
    lead.repeats[lead.n++] = (uint8_t)repeats;
    if (is_group) break; /* the length of what it matches is not known */
  }
  lead.is_maths = lead.n > 0;
  for (int c = 0; c < 256; c++) {
    const uint8_t byte = (uint8_t)c;
    lead.first[c] = (uint8_t)has(&lead.set[0], byte);
    if (lead.first[c] && !mst__is_mathsy((mst_slice){&byte, 1})) lead.is_maths = 0;
  }
  return lead;
}

static int leads(const mst__lead *lead, const uint8_t *p, const uint8_t *end) {
  for (int k = 0; k < lead->n; k++) {
    if (p == end || !has(&lead->set[k], *p++)) return 0;
    while (lead->repeats[k] && p < end && has(&lead->set[k], *p)) p++;
  }
  return 1;
}

int mst__lead_in(const mst__lead *lead, mst_slice text, int64_t begin, int64_t end) {
  if (!lead->n) return 1;
  for (int64_t i = begin; i < end; i++) {
    if (!lead->first[text.ptr[i]]) continue;
    if (leads(lead, text.ptr + i, text.ptr + text.len)) return 1;
    while (lead->repeats[0] && i + 1 < end && lead->first[text.ptr[i + 1]])
      i++; /* neither do they */
  }
  return 0;
}
