/* attributes.c: reads "[label: a, b] [p: 0.5]" at the end of a rule. */
#include <string.h>

#include "internal.h"

typedef mst_status read_fn(mst_rules_builder *b, mst__cursor *c, mst__rule *rule);

static mst_slice label_at(const void *builder, int64_t i) {
  const mst_rules_builder *b = builder;
  return mst__arena_at(b, *MST__AT(b->labels, mst__str, i));
}

static mst_status read_labels(mst_rules_builder *b, mst__cursor *c, uint64_t *bits) {
  char hint[96];
  do {
    if (mst__peek(c) == ',') c->p++;
    while (mst__peek(c) == ' ' || mst__peek(c) == '\t') c->p++;
    const mst__cursor at = *c;
    const mst_slice name = mst__take_text(c, ",[]\"#");
    int64_t i = 0;
    while (i < b->labels.n && !mst__arena_is(b, *MST__AT(b->labels, mst__str, i), name)) i++;
    if (i == b->labels.n)
      return mst__fail_at(&at, "unknown label '%.*s'%s; expected one of the 'labels:' above",
                          (int)name.len, (const char *)name.ptr,
                          mst__hint(name, label_at, b, b->labels.n, hint));
    *bits |= (uint64_t)1 << i;
  } while (mst__peek(c) == ',');
  return MST_OK;
}

static mst_status read_label(mst_rules_builder *b, mst__cursor *c, mst__rule *rule) {
  return read_labels(b, c, &rule->label);
}

static mst_status read_no_label(mst_rules_builder *b, mst__cursor *c, mst__rule *rule) {
  return read_labels(b, c, &rule->no_label);
}

static mst_slice word_at(const void *words, int64_t i) {
  const char *word = ((const char *const *)words)[i];
  return (mst_slice){(const uint8_t *)word, (int64_t)strlen(word)};
}

/* One of n words. */
static mst_status read_choice(mst__cursor *c, const char *const *words, int n, const char *what,
                              int *out) {
  char hint[96];
  mst__skip_blanks(c);
  const mst__cursor at = *c;
  const mst_slice name = mst__take_name(c);
  for (int i = 0; i < n; i++) {
    const mst_slice word = word_at(words, i);
    if (word.len != name.len || memcmp(word.ptr, name.ptr, (size_t)name.len) != 0) continue;
    *out = i;
    return MST_OK;
  }
  return mst__fail_at(&at, "'%.*s'%s, expected %s", (int)name.len, (const char *)name.ptr,
                      mst__hint(name, word_at, words, n, hint), what);
}

static mst_status read_pos(mst_rules_builder *b, mst__cursor *c, mst__rule *rule) {
  static const char *const words[] = {"noun", "verb", "adjective", "adverb"};
  int pos = 0;
  (void)b;
  const mst_status st = read_choice(c, words, 4, "noun, verb, adjective or adverb", &pos);
  rule->pos = (mst_pos)(MST_POS_NOUN + pos);
  return st;
}

static mst_status read_p(mst_rules_builder *b, mst__cursor *c, mst__rule *rule) {
  double p = 1;
  (void)b;
  mst__skip_blanks(c);
  const mst_status st = mst__take_real(c, 1e-6, 1, "a probability above 0 up to 1", &p);
  rule->p = mst__threshold(p);
  return st;
}

static mst_status read_weight(mst_rules_builder *b, mst__cursor *c, mst__rule *rule) {
  double weight = 1;
  (void)b;
  mst__skip_blanks(c);
  const mst_status st = mst__take_real(c, 0.001, 1000, "a weight from 0.001 to 1000", &weight);
  rule->weight = (uint32_t)(weight * 1000 + 0.5);
  return st;
}

static mst_status read_name(mst_rules_builder *b, mst__cursor *c, mst__rule *rule) {
  mst__skip_blanks(c);
  const mst__cursor at = *c;
  const mst_slice name = mst__take_name(c);
  if (!name.len) return mst__fail_at(&at, "expected a name of letters, digits, '-' and '_'");
  return mst__arena_add(b, name.ptr, name.len, &rule->name);
}

static mst_status read_keeps(mst_rules_builder *b, mst__cursor *c, mst__rule *rule) {
  static const char *const words[] = {"value"};
  int i = 0;
  (void)b;
  rule->keeps_value = 1;
  return read_choice(c, words, 1, "value", &i);
}

static mst_status read_allow(mst_rules_builder *b, mst__cursor *c, mst__rule *rule) {
  static const char *const words[] = {"overlap"};
  int i = 0;
  (void)b;
  rule->may_overlap = 1;
  return read_choice(c, words, 1, "overlap", &i);
}

static mst_status read_operation(mst_rules_builder *b, mst__cursor *c, mst__rule *rule) {
  static const char *const words[] = {"synonym",     "paraphrase",   "lexicon",
                                      "contraction", "number-words", "units"};
  int i = 0;
  (void)b;
  const mst_status st = read_choice(c, words, 6, "contraction, number-words or units", &i);
  rule->operation = (mst_operation)i;
  return st;
}

static const char *const names[] = {"label", "not-label", "pos",   "p",        "weight",
                                    "name",  "keeps",     "allow", "operation"};
static read_fn *const readers[] = {read_label, read_no_label, read_pos,
                                   read_p,     read_weight,   read_name,
                                   read_keeps, read_allow,    read_operation};
enum { N_NAMES = sizeof names / sizeof *names };

mst_status mst__attributes_read(mst_rules_builder *b, mst__cursor *c, mst__rule *rule) {
  unsigned seen = 0;
  mst__skip_blanks(c);
  while (mst__peek(c) == '[') {
    int i = 0;
    c->p++;
    mst__skip_blanks(c);
    const mst__cursor at = *c;
    mst_status st = read_choice(c, names, N_NAMES,
                                "an attribute: label, not-label, pos, p, weight, "
                                "name, keeps, operation or allow",
                                &i);
    if (st) return st;
    if (seen >> i & 1) return mst__fail_at(&at, "the attribute '%s' twice", names[i]);
    seen |= 1u << i;
    mst__skip_blanks(c);
    st = mst__take(c, ':', "':' behind the name of an attribute");
    if (!st) st = readers[i](b, c, rule);
    if (!st) mst__skip_blanks(c);
    if (!st) st = mst__take(c, ']', "']'");
    if (st) return st;
    mst__skip_blanks(c);
  }
  return MST_OK;
}
