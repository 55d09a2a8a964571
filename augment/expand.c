/* expand.c: turns a rule's phrases into patterns: one for each value of its declared slots. */
#include <string.h>

#include "internal.h"

enum { MAX_PHRASE_BYTES = 1 << 20 };
#include "lexicon.h"

/* A value for each declared slot of the phrase that is looked for. */
typedef struct choice {
  int n;
  int32_t slot[MST__MAX_SLOTS];
  int32_t value[MST__MAX_SLOTS];
} choice;

static const mst__declared *declared_of(const mst_rules_builder *b, int32_t slot) {
  return MST__AT(b->declared, mst__declared, slot - MST__SLOT_DECLARED);
}

static int32_t value_of(const choice *chosen, int32_t slot) {
  for (int i = 0; i < chosen->n; i++)
    if (chosen->slot[i] == slot) return chosen->value[i];
  return 0;
}

/* The text of a declared slot's part. */
static mst_status value_text(const mst_rules_builder *b, const mst__cursor *at,
                             const mst__part *part, const choice *chosen, mst_slice *out) {
  const mst__declared *d = declared_of(b, part->slot);
  const int64_t row = (int64_t)value_of(chosen, part->slot) * d->forms.n;
  const mst__str s = *MST__AT(d->values, mst__str, row + part->form);
  *out = mst__arena_at(b, s);
  if (s.len) return MST_OK;
  const mst_slice value = mst__arena_at(b, *MST__AT(d->values, mst__str, row));
  const mst_slice form = mst__arena_at(b, *MST__AT(d->forms, mst__str, part->form));
  return mst__fail_at(at, "the value '%.*s' has no form '%.*s'", (int)value.len,
                      (const char *)value.ptr, (int)form.len, (const char *)form.ptr);
}

/* Append literal bytes; what touches a value and is a Korean particle follows its last sound. */
static mst_status append_literal(mst_buffer *out, mst_slice literal, mst_slice value) {
  int64_t n = 0;
  while (value.len && n < literal.len && literal.ptr[n] >= 0x80) n++;
  mst_status st = MST_OK;
  const mst_slice rest = {literal.ptr, n};
  if (n) st = mst_korean_particles_write(value, rest, out); /* no particle: as it is */
  return st ? st : mst_buffer_append(out, literal.ptr + n, (size_t)(literal.len - n));
}

static mst_status append_phrase(const mst_rules_builder *b, const mst__cursor *at,
                                const mst__phrase *phrase, const choice *chosen, mst_buffer *out) {
  mst_slice value = {0};
  mst_status st = MST_OK;
  for (int i = 0; !st && i < phrase->n_parts; i++) {
    const mst__part *part = &phrase->part[i];
    uint8_t mark[MST__MARK_BYTES];
    if (part->slot < 0) {
      st = append_literal(out, mst__arena_at(b, part->text), value);
      value.len = 0;
    } else if (part->slot < MST__SLOT_DECLARED) {
      mst__mark_write(part->slot, part->number, mark);
      st = mst_buffer_append(out, mark, sizeof mark);
      value.len = 0;
    } else {
      st = value_text(b, at, part, chosen, &value);
      if (!st) st = mst_buffer_append(out, value.ptr, (size_t)value.len);
    }
  }
  return st;
}

/* Store a phrase with chosen values as an expansion. */
static mst_status add_expansion(mst_rules_builder *b, const mst__cursor *at,
                                const mst__phrase *phrase, const choice *chosen, int64_t *out) {
  mst_buffer text;
  mst__str s = {0};
  mst_buffer_init(&text, MAX_PHRASE_BYTES, "a phrase");
  mst_status st = append_phrase(b, at, phrase, chosen, &text);
  if (st == MST_E_LIMIT)
    st =
        MST_FAIL(MST_E_LIMIT, "%s:%d:%d: a phrase of more than %d bytes, expected at most %d words",
                 at->name, phrase->line, phrase->column, MAX_PHRASE_BYTES, MST__MAX_WORDS);
  if (!st) st = mst__arena_add(b, text.data, (int64_t)text.size_bytes, &s);
  const int capital = !st && text.data[0] >= 'A' && text.data[0] <= 'Z';
  mst_buffer_fini(&text);
  if (st) return st;
  mst__expansion *e = mst__list_add(&b->expansions, sizeof *e);
  if (!e) return MST_E_NOMEM;
  *e = (mst__expansion){s, phrase->line, phrase->column, capital, chosen->n > 0};
  *out = b->expansions.n - 1;
  return MST_OK;
}

static int has_slot(const mst__phrase *phrase, const mst__part *part) {
  for (int i = 0; i < phrase->n_parts; i++)
    if (phrase->part[i].slot == part->slot && phrase->part[i].number == part->number) return 1;
  return 0;
}

/* Can `to` be written from what `from` has matched? */
static mst_status check_slots(const mst__cursor *at, const mst__phrase *from,
                              const mst__phrase *to) {
  mst__cursor here = *at;
  for (int i = 0; i < to->n_parts; i++)
    if (to->part[i].slot >= 0 && !has_slot(from, &to->part[i])) {
      here.line = to->line;
      here.p = here.line_start + to->column - 1;
      return mst__fail_at(&here,
                          "a slot that the phrase of column %d, which it replaces, does not "
                          "have",
                          from->column);
    }
  for (int i = 0; i < from->n_parts; i++) {
    const int slot = from->part[i].slot;
    const int kept =
        slot == MST__SLOT_NUMBER || slot == MST__SLOT_MANY || slot == MST__SLOT_EXPRESSION;
    if (kept && !has_slot(to, &from->part[i])) {
      here.line = to->line;
      here.p = here.line_start + to->column - 1;
      return mst__fail_at(&here,
                          "it drops a number or expression of the phrase of column %d, "
                          "expected the same slot",
                          from->column);
    }
  }
  return MST_OK;
}

/* A side of a rule, with the expansions of phrases that have no declared slots. */
typedef struct side {
  const mst__phrase *phrase;
  int n;
  int64_t fixed[MST__MAX_PHRASES]; /* -1: not stored yet, or depends on values */
} side;

static int depends(const mst__phrase *phrase) {
  for (int i = 0; i < phrase->n_parts; i++)
    if (phrase->part[i].slot >= MST__SLOT_DECLARED) return 1;
  return 0;
}

static mst_status expansion_of(mst_rules_builder *b, const mst__cursor *at, side *s, int i,
                               const choice *chosen, int64_t *out) {
  if (s->fixed[i] >= 0) {
    *out = s->fixed[i];
    return MST_OK;
  }
  const mst_status st = add_expansion(b, at, &s->phrase[i], chosen, out);
  if (!st && !depends(&s->phrase[i])) s->fixed[i] = *out;
  return st;
}

/* One pattern: phrase i of `from`, to all of `to` (but itself in a class). */
static mst_status add_pattern(mst_rules_builder *b, const mst__cursor *at, int32_t rule, side *from,
                              int i, side *to, const choice *chosen) {
  mst__pattern p = {.rule = rule, .first_target = b->targets.n};
  mst_status st = expansion_of(b, at, from, i, chosen, &p.source);
  for (int j = 0; !st && j < to->n; j++) {
    int64_t id = 0;
    if (from == to && i == j) continue;
    st = expansion_of(b, at, to, j, chosen, &id);
    int64_t *target = st ? NULL : mst__list_add(&b->targets, sizeof *target);
    if (!target) return st ? st : MST_E_NOMEM;
    *target = id;
    p.n_targets++;
  }
  mst__pattern *stored = st ? NULL : mst__list_add(&b->patterns, sizeof *stored);
  if (!stored) return st ? st : MST_E_NOMEM;
  *stored = p;
  return MST_OK;
}

/* Declared slots of a phrase and how many choices of values there are. */
static int64_t choices_of(const mst_rules_builder *b, const mst__phrase *phrase, choice *first) {
  int64_t n = 1;
  *first = (choice){0};
  for (int i = 0; i < phrase->n_parts; i++) {
    if (phrase->part[i].slot < MST__SLOT_DECLARED) continue;
    first->slot[first->n++] = phrase->part[i].slot;
    n *= declared_of(b, phrase->part[i].slot)->n_values;
    if (n > MST__MAX_EXPANSIONS) break;
  }
  return n;
}

static mst_status expand_side(mst_rules_builder *b, const mst__cursor *at, int32_t rule, side *from,
                              side *to) {
  mst_status st = MST_OK;
  for (int i = 0; !st && i < from->n; i++) {
    choice chosen;
    const int64_t n = choices_of(b, &from->phrase[i], &chosen);
    if (n > MST__MAX_EXPANSIONS)
      return MST_FAIL(MST_E_LIMIT,
                      "%s:%d:%d: the slots of a phrase have %lld values together, at "
                      "most %d are possible",
                      at->name, from->phrase[i].line, from->phrase[i].column, (long long)n,
                      MST__MAX_EXPANSIONS);
    for (int j = 0; !st && j < to->n; j++)
      if (from != to || i != j) st = check_slots(at, &from->phrase[i], &to->phrase[j]);
    for (int64_t k = 0; !st && k < n; k++) {
      int64_t left = k;
      for (int s = 0; s < chosen.n; s++) {
        const int32_t values = declared_of(b, chosen.slot[s])->n_values;
        chosen.value[s] = (int32_t)(left % values);
        left /= values;
      }
      st = add_pattern(b, at, rule, from, i, to, &chosen);
    }
  }
  return st;
}

mst_status mst__rule_expand(mst_rules_builder *b, const mst__cursor *at, int32_t rule,
                            const mst__phrase *left, int n_left, const mst__phrase *right,
                            int n_right) {
  side l = {.phrase = left, .n = n_left}, r = {.phrase = right, .n = n_right};
  for (int i = 0; i < MST__MAX_PHRASES; i++) l.fixed[i] = r.fixed[i] = -1;
  const mst__arrow arrow = MST__AT(b->rules, mst__rule, rule)->arrow;
  if (arrow == MST__CLASS) return expand_side(b, at, rule, &l, &l);
  mst_status st = expand_side(b, at, rule, &l, &r);
  if (!st && arrow == MST__BOTH) st = expand_side(b, at, rule, &r, &l);
  return st;
}

mst_status mst__protect_add(mst_rules_builder *b, const mst__cursor *at,
                            const mst__phrase *phrase) {
  const choice none = {0};
  mst__pattern p = {.rule = -1, .first_target = b->targets.n};
  for (int i = 0; i < phrase->n_parts; i++)
    if (phrase->part[i].slot >= 0)
      return mst__fail_at(at, "a protected phrase with a slot, expected words");
  mst_status st = add_expansion(b, at, phrase, &none, &p.source);
  mst__pattern *stored = st ? NULL : mst__list_add(&b->patterns, sizeof *stored);
  if (!stored) return st ? st : MST_E_NOMEM;
  *stored = p;
  return MST_OK;
}
