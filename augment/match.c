/* match.c: finds what rules and lexicons could write in a document. */
#include <string.h>

#include "engine.h"

/* A walk through the trie from one unit on. */
typedef struct walk {
  mst__doc *d;
  const mst_rules *r;
  int32_t first;
  int literal_maths; /* a word of the pattern is maths: only rules that keep the value may */
  int8_t n_slots;
  int32_t begin[MST__MAX_SLOTS], end[MST__MAX_SLOTS]; /* bytes that they match */
} walk;

static int label_fits(const mst__rule *rule, const mst__doc *d) {
  if (d->any_label) return 1;
  if (rule->label && !(rule->label & d->label)) return 0;
  return !(rule->no_label & d->label);
}

/* May a word of this part of speech stand behind the unit before? Korean needs no such test. */
static int pos_fits(const mst__doc *d, int32_t first, mst_pos pos, int korean) {
  if (korean || pos == MST_POS_ANY || first == 0) return 1;
  const mst__unit *before = mst__unit_at(d, first - 1);
  if (mst__unit_at(d, first)->gap != 1 || !before->type->role) return 1;
  if (pos == MST_POS_VERB) return !(before->type->role & MST__DETERMINER);
  if (pos == MST_POS_NOUN) return !(before->type->role & MST__MODAL);
  return 1;
}

/* Does unit i (an apostrophe, a hyphen) join the words on both sides of it? */
static int is_joint(const mst__doc *d, int64_t i, int hyphens) {
  if (i < 1 || i + 1 >= d->units.n) return 0;
  const mst__unit *u = mst__unit_at(d, i);
  if (u->gap || u[1].gap || u[-1].type->kind != MST_PIECE_WORD || u[1].type->kind != MST_PIECE_WORD)
    return 0;
  const uint8_t *p = d->text.ptr + u->begin;
  const int64_t n = u->end - u->begin;
  if (n == 1 && *p == '-') return hyphens;
  return (n == 1 && *p == '\'') || (n == 3 && !memcmp(p, "\xe2\x80\x99", 3));
}

int mst__is_part(const mst__doc *d, int64_t first, int64_t last, int hyphens) {
  if (is_joint(d, first - 1, hyphens)) return 1;
  if (!is_joint(d, last + 1, hyphens)) return 0;
  const mst__unit *behind = mst__unit_at(d, last + 2); /* a genitive's s may stay where it is */
  return hyphens || behind->end - behind->begin != 1 || (d->text.ptr[behind->begin] | 0x20) != 's';
}

mst__case mst__text_case(const mst__doc *d, int32_t first, int32_t last) {
  int long_capitals = 0, other = 0;
  for (int32_t i = first; i <= last; i++) {
    const mst__unit *u = mst__unit_at(d, i);
    if (u->type->kind != MST_PIECE_WORD || u->type->letters == MST__NO_LETTER) continue;
    long_capitals |= u->type->letters == MST__CAPITALS;
    other |= u->type->letters == MST__SMALL ||
             (u->type->letters == MST__CAPITAL && u->end - u->begin > 1);
  }
  if (long_capitals && !other) return MST__UPPER_ALL;
  const mst__letters letters = (mst__letters)mst__unit_at(d, first)->type->letters;
  if (letters == MST__CAPITAL || letters == MST__CAPITALS) return MST__UPPER_FIRST;
  return letters == MST__SMALL ? MST__LOWER_FIRST : MST__AS_IS;
}

/* Does maths stand right before or behind units first .. last? Then a number there is a part of it
 * and stays a number. */
static int touches_maths(const mst__doc *d, int32_t first, int32_t last) {
  if (first > 0 && mst__unit_at(d, first - 1)->guard & MST__MATHS) return 1;
  return last + 1 < d->units.n && mst__unit_at(d, last + 1)->guard & MST__MATHS;
}

/* Does a rule apply to units w->first .. last, whose words match? */
static int may_apply(const walk *w, const mst__entry *e, const mst__rule *rule, int32_t last,
                     int has_particles) {
  const mst__doc *d = w->d;
  if (!(d->batch->a->matched >> rule->operation & 1) || !label_fits(rule, d)) return 0;
  if (w->literal_maths && !rule->keeps_value) return 0;
  if (rule->keeps_value && !e->n_slots && touches_maths(d, w->first, last)) return 0;
  if (has_particles && rule->pos != MST_POS_ANY && rule->pos != MST_POS_NOUN) return 0;
  return pos_fits(d, w->first, rule->pos, rule->korean) && !mst__is_part(d, w->first, last, 0);
}

static mst_status add_candidate(walk *w, const mst__entry *e, int32_t last, int32_t n_particles) {
  mst__doc *d = w->d;
  const mst__rule *rule = e->rule < 0 ? NULL : &w->r->rule[e->rule];
  if (d->candidates.n >= MST__MAX_CANDIDATES) return MST_OK;
  if (rule && !may_apply(w, e, rule, last, n_particles > 0)) return MST_OK;
  mst__candidate *c = mst__list_add(&d->candidates, sizeof *c);
  if (!c) return MST_E_NOMEM;
  d->is_guarded |= !rule;
  c->first = w->first;
  c->last = last;
  c->rule = e->rule;
  c->operation = rule ? rule->operation : MST_OP_N;
  c->weight = rule ? rule->weight : 0;
  c->p = rule ? rule->p : 0;
  c->first_alt = e->first_alt;
  c->n_alts = e->n_alts;
  c->keeps_value = rule && rule->keeps_value;
  c->n_particles = n_particles;
  c->first_capture = (int32_t)d->captures.n;
  c->n_captures = e->n_slots;
  for (int i = 0; i < e->n_slots; i++) {
    mst__capture *t = mst__list_add(&d->captures, sizeof *t);
    if (!t) return MST_E_NOMEM;
    *t = (mst__capture){w->begin[i], w->end[i], e->slot[i]};
  }
  return MST_OK;
}

/* All patterns that end at a node. */
static inline mst_status add_candidates(walk *w, int32_t node, int32_t last, int32_t n_particles) {
  mst_status st = MST_OK;
  for (int32_t i = MST__AT(w->r->nodes, mst__node, node)->out; !st && i >= 0;) {
    const mst__entry *e = MST__AT(w->r->entries, mst__entry, i);
    st = add_candidate(w, e, last, n_particles);
    i = e->next;
  }
  return st;
}

static mst_status go(walk *w, int32_t node, int32_t at);

/* The token of maths that begins with a unit, or NULL. */
static const mst__token *token_at(const mst__doc *d, const mst__unit *u) {
  return u->token < 0 ? NULL : MST__AT(d->tokens, mst__token, u->token);
}

/* Does the slot match at unit `at`? *end: its last byte + 1, *last: its last unit. */
static int slot_matches(const walk *w, const mst__wild *wild, int32_t at, int32_t *end,
                        int32_t *last) {
  const mst__doc *d = w->d;
  const mst__unit *u = mst__unit_at(d, at);
  *last = at;
  if (wild->kind == MST__SLOT_WORD) {
    const int64_t rest = wild->suffix < 0 ? 0 : mst__words_at(&w->r->suffixes, wild->suffix).len;
    *end = u->end - (int32_t)rest;
    return u->type->kind == MST_PIECE_WORD && !u->guard && *end > u->begin;
  }
  const mst__token *t = token_at(d, u);
  if (wild->kind == MST__SLOT_EXPRESSION) {
    int has_operator = 0;
    if (at > 0 && mst__unit_at(d, at - 1)->guard & MST__MATHS) return 0; /* it began before */
    while (*last < d->units.n && mst__unit_at(d, *last)->guard & MST__MATHS) {
      const mst__token *inside = token_at(d, mst__unit_at(d, *last));
      has_operator |= inside && inside->kind == MST_MATHS_OPERATOR;
      ++*last;
    }
    if (!t || !has_operator) return 0;
    *end = mst__unit_at(d, --*last)->end;
    return 1;
  }
  if (!t || (t->kind != MST_MATHS_NUMBER && t->kind != MST_MATHS_FRACTION)) return 0;
  if (wild->kind == MST__SLOT_MANY && t->end - t->begin == 1 && d->text.ptr[t->begin] == '1')
    return 0;
  *end = t->end;
  while (*last + 1 < d->units.n && mst__unit_at(d, *last)->end < t->end) ++*last;
  return 1;
}

static mst_status go_slot(walk *w, const mst__wild *wild, int32_t at) {
  int32_t end, last;
  if (!slot_matches(w, wild, at, &end, &last)) return MST_OK;
  const mst__doc *d = w->d;
  const int32_t rest = mst__unit_at(d, last)->end - end;
  const mst_slice want =
      wild->suffix < 0 ? (mst_slice){0} : mst__words_at(&w->r->suffixes, wild->suffix);
  if (rest != want.len || (rest && memcmp(d->text.ptr + end, want.ptr, (size_t)rest) != 0))
    return MST_OK;
  const int32_t begin = mst__unit_at(d, at)->begin;
  w->begin[w->n_slots] = begin;
  w->end[w->n_slots++] = end;
  mst_status st = add_candidates(w, wild->child, last, 0);
  if (!st) st = go(w, wild->child, last + 1);
  w->n_slots--;
  return st;
}

/* A word of the pattern, behind which the pattern is at a node; and so for its stem. */
static mst_status go_word(walk *w, int32_t child, int32_t stem, int32_t at) {
  const mst__unit *u = mst__unit_at(w->d, at);
  const int before = w->literal_maths;
  mst_status st = MST_OK;
  w->literal_maths |= u->guard & MST__MATHS;
  if (child >= 0) {
    st = add_candidates(w, child, at, 0);
    if (!st) st = go(w, child, at + 1);
  }
  if (!st && stem >= 0 && !u->guard)
    st = add_candidates(w, stem, at, u->end - u->begin - u->type->stem_len);
  w->literal_maths = before;
  return st;
}

/* The slots behind a node. */
static mst_status go_slots(walk *w, int32_t node, int32_t at, int gap) {
  mst_status st = MST_OK;
  for (int32_t i = MST__AT(w->r->nodes, mst__node, node)->wild; !st && i >= 0;) {
    const mst__wild *wild = MST__AT(w->r->wilds, mst__wild, i);
    if (wild->gap == gap) st = go_slot(w, wild, at);
    i = wild->next;
  }
  return st;
}

/* Steps from a node, not the root, over unit `at`. */
static inline mst_status go(walk *w, int32_t node, int32_t at) {
  const mst__node *here = MST__AT(w->r->nodes, mst__node, node);
  if (at >= w->d->units.n || (!here->words && here->wild < 0)) return MST_OK;
  const mst__unit *u = mst__unit_at(w->d, at);
  const mst__type *t = u->type;
  if (u->gap == 2) return MST_OK;
  const mst_status st = here->wild < 0 ? MST_OK : go_slots(w, node, at, u->gap);
  if (st || !here->words) return st;
  const int32_t child = t->word < 0 ? -1 : mst__child(w->r, node, t->word, u->gap);
  const int32_t stem = t->stem < 0 ? -1 : mst__child(w->r, node, t->stem, u->gap);
  return child < 0 && stem < 0 ? MST_OK : go_word(w, child, stem, at);
}

static const mst__lexical *lexical_at(const mst__doc *d, int64_t at) {
  return &d->batch->lexical[mst__unit_at(d, at)->type - d->batch->type];
}

/* What lexicons say about one word. */
static mst_status add_lexical(mst__doc *d, int32_t at) {
  const mst__lexical *found = lexical_at(d, at);
  mst_status st = MST_OK;
  if (mst__is_part(d, at, at, 1)) return MST_OK;
  for (int32_t i = 0; !st && i < found->n; i++) {
    const int32_t alt = found->first + i;
    const mst__lex *lex = MST__AT(d->batch->lex, mst__lex, alt);
    if (!pos_fits(d, at, lex->pos, 0) || d->candidates.n >= MST__MAX_CANDIDATES) continue;
    mst__candidate *c = mst__list_add(&d->candidates, sizeof *c);
    if (!c) return MST_E_NOMEM;
    *c = (mst__candidate){.first = at,
                          .last = at,
                          .rule = MST__RULE_LEXICON - lex->lexicon,
                          .operation = MST_OP_LEXICON,
                          .weight = 1 + 1000 / (uint32_t)found->n,
                          .p = UINT64_MAX,
                          .first_alt = alt,
                          .n_alts = 1};
  }
  return st;
}

/* Mark what phrases protect, and drop the candidates that touch what is protected. */
static void drop_guarded(mst__doc *d) {
  mst__candidate *c = d->candidates.items;
  int64_t n = 0;
  if (!d->is_guarded) return;
  for (int64_t i = 0; i < d->candidates.n; i++) {
    if (c[i].rule != -1 || c[i].operation != MST_OP_N) continue;
    for (int32_t u = c[i].first; u <= c[i].last; u++) mst__unit_at(d, u)->guard |= MST__USER;
  }
  for (int64_t i = 0; i < d->candidates.n; i++) {
    int touched = c[i].operation == MST_OP_N;
    for (int32_t u = c[i].first; u <= c[i].last; u++)
      touched |= mst__unit_at(d, u)->guard & MST__USER;
    if (!touched) c[n++] = c[i];
  }
  d->candidates.n = n;
}

int32_t mst__n_words(const mst__doc *d, int32_t first, int32_t last) {
  int32_t n = 0;
  for (int32_t u = first; u <= last; u++) n += mst__unit_at(d, u)->type->kind == MST_PIECE_WORD;
  return n;
}

/* What drawing needs to know. */
static mst_status lay_out_choices(mst__doc *d) {
  const mst_augmenter *a = d->batch->a;
  const mst__candidate *c = d->candidates.items;
  d->choices.n = 0;
  if (mst__list_reserve(&d->choices, d->candidates.n, sizeof(mst_candidate))) return MST_E_NOMEM;
  mst_candidate *to = d->choices.items;
  for (int64_t i = 0; i < d->candidates.n; i++, c++)
    to[i] = (mst_candidate){.first = c->first,
                            .last = c->last,
                            .n_words = mst__n_words(d, c->first, c->last),
                            .n_alts = c->n_alts,
                            .kind = (int32_t)c->operation,
                            .weight = c->weight,
                            .p = c->p};
  d->choices.n = d->candidates.n;
  d->limit = (int32_t)(a->program.max_change_frac * d->n_words);
  d->noise = 0;
  for (int op = MST_OP_INSERTION; a->wanted >> op && op < MST_OP_N; op++)
    if (a->wanted >> op & 1 && mst__noise_can(d, (mst_operation)op)) d->noise |= 1u << op;
  return MST_OK;
}

mst_status mst__match(mst__doc *d) {
  const mst_rules *r = d->batch->a->rules;
  int wild_maths = 0, wild_words = 0; /* slots that a pattern begins with */
  const int lexical = d->batch->lexical != NULL;
  walk w = {.d = d, .r = r};
  mst_status st = MST_OK;
  for (int32_t i = MST__AT(r->nodes, mst__node, 0)->wild; i >= 0;) {
    const mst__wild *wild = MST__AT(r->wilds, mst__wild, i);
    *(wild->kind == MST__SLOT_WORD ? &wild_words : &wild_maths) = 1;
    i = wild->next;
  }
  for (int32_t i = 0; !st && i < d->units.n; i++) {
    const mst__unit *u = mst__unit_at(d, i);
    const mst__type *t = u->type;
    const int wild = u->guard ? wild_maths : wild_words && t->kind == MST_PIECE_WORD;
    w.first = i;
    if (wild) st = go_slots(&w, 0, i, 0);
    if (!st && (t->node >= 0 || t->stem_node >= 0)) st = go_word(&w, t->node, t->stem_node, i);
    if (!st && lexical && !u->guard && lexical_at(d, i)->n) st = add_lexical(d, i);
  }
  const int noise = d->batch->a->wanted >> MST_OP_INSERTION != 0;
  if (!st && r->n_expressions && (noise || d->candidates.n)) st = mst__guard_expressions(d);
  if (st) return st;
  drop_guarded(d);
  return lay_out_choices(d);
}
