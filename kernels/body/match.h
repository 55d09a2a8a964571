/* match.h: walks the trie of patterns over a document's units. One body for host and device.
 *
 *     mst_body_matching m = {.s = matches, ...};   room 0: matches are counted only
 *     mst_body_match_all(&m);                      m.n and m.n_captures: what there is
 *
 * The walk goes back and forth on a stack of its own: at each place slots come first, then the
 * word, then the stem of a Korean word.
 */
#ifndef MISSTEP_BODY_MATCH_H
#define MISSTEP_BODY_MATCH_H

#include <stddef.h>
#include <stdint.h>

#include "misstep/host_device.h"
#include "misstep/matches.h"
#include "misstep/maths.h"
#include "misstep/tokens.h"

/* A place of the walk: unit `at` is next behind a node; what is still to be tried there. */
typedef struct mst_body_place {
  int32_t node, at;
  int32_t wild;     /* the next slot edge, -1: none */
  uint8_t is_word;  /* the word was tried: the stem is left */
  uint8_t n_slots;  /* matched so far */
  uint8_t in_maths; /* a word so far is maths: only rules that keep the value may */
} mst_body_place;

/* One document. What comes before the line is the caller's. */
typedef struct mst_body_matching {
  const mst_matches *s;
  const uint8_t *text;
  const mst_match_unit *unit;
  int32_t n_units;
  const mst_match_token *token;
  uint64_t label;
  int any_label;
  mst_match *match;     /* [room] */
  mst_capture *capture; /* [capture_room] */
  int64_t room, capture_room;
  /* ---- */
  int64_t n, n_captures; /* found, written or not */
  int32_t first;         /* unit at which the walk began */
  int32_t begin[MST_MATCH_SLOTS], end[MST_MATCH_SLOTS];
} mst_body_matching;

/* Label of an edge along a word: never 0; and its bit in a node's words. */
MST_HD static inline uint32_t mst_body_label(int32_t word, int gap) {
  return ((uint32_t)word * 2 + (uint32_t)gap) + 1;
}

MST_HD static inline uint64_t mst_body_label_bit(uint32_t label) {
  return (uint64_t)1 << (label * 0x9e3779b1u >> 26);
}

/* Where the search for an edge begins: high bits of a product, which depend on node and label. */
MST_HD static inline uint64_t mst_body_edge_hash(uint64_t key) {
  return key * 0x9e3779b97f4a7c15u >> 36;
}

/* Child of a node along a word, or -1; mask: the number of edges less 1. */
MST_HD static inline int32_t mst_body_child(const mst_match_node *nodes, const uint64_t *edge_key,
                                            const int32_t *edge_child, uint64_t mask, int32_t node,
                                            int32_t word, int gap) {
  const uint32_t label = mst_body_label(word, gap);
  if (!(nodes[node].words & mst_body_label_bit(label))) return -1;
  const uint64_t key = (uint64_t)node << 32 | label;
  for (uint64_t i = mst_body_edge_hash(key);; i++) {
    const uint64_t found = edge_key[i & mask];
    if (found == key) return edge_child[i & mask];
    if (!found) return -1;
  }
}

MST_HD static inline const mst_match_type *mst_body_type(const mst_body_matching *m, int64_t i) {
  return &m->s->type[m->unit[i].type];
}

MST_HD static inline int mst_body_is_maths(const mst_body_matching *m, int64_t i) {
  return i >= 0 && i < m->n_units && m->unit[i].guard & MST_MATCH_IS_MATHS;
}

/* Does unit i (an apostrophe, a hyphen) join the words on both sides of it? */
MST_HD static inline int mst_body_is_joint(const mst_match_type *type, const mst_match_unit *unit,
                                           int64_t n_units, int64_t i, int hyphens) {
  if (i < 1 || i + 1 >= n_units) return 0;
  const int joint = type[unit[i].type].joint;
  if (!joint || (joint == MST_MATCH_HYPHEN && !hyphens) || unit[i].gap || unit[i + 1].gap) return 0;
  return type[unit[i - 1].type].kind == MST_PIECE_WORD &&
         type[unit[i + 1].type].kind == MST_PIECE_WORD;
}

/* Are units first .. last a part of a longer word? A genitive's s may stay where it is. */
MST_HD static inline int mst_body_is_part(const mst_match_type *type, const mst_match_unit *unit,
                                          int64_t n_units, int64_t first, int64_t last,
                                          int hyphens) {
  if (mst_body_is_joint(type, unit, n_units, first - 1, hyphens)) return 1;
  if (!mst_body_is_joint(type, unit, n_units, last + 1, hyphens)) return 0;
  return hyphens || !type[unit[last + 2].type].is_s;
}

/* May a word of this part of speech stand behind the unit before? Korean needs no such test. */
MST_HD static inline int mst_body_pos_fits(const mst_body_matching *m, int32_t first, int pos,
                                           int korean) {
  if (korean || pos == MST_MATCH_ANY_POS || first == 0 || m->unit[first].gap != 1) return 1;
  const int role = mst_body_type(m, first - 1)->role;
  if (pos == MST_MATCH_VERB) return !(role & MST_MATCH_DETERMINER);
  if (pos == MST_MATCH_NOUN) return !(role & MST_MATCH_MODAL);
  return 1;
}

/* Does a rule apply to units m->first .. last, whose words match? A number beside maths is a part
 * of it and stays a number. */
MST_HD static inline int mst_body_may_apply(const mst_body_matching *m, const mst_match_entry *e,
                                            const mst_match_rule *rule, int32_t last,
                                            int has_particles, int in_maths) {
  if (!(m->s->kinds >> rule->kind & 1)) return 0;
  if (!m->any_label && ((rule->label && !(rule->label & m->label)) || rule->no_label & m->label))
    return 0;
  if (in_maths && !rule->keeps_value) return 0;
  if (rule->keeps_value && !e->n_slots &&
      (mst_body_is_maths(m, m->first - 1) || mst_body_is_maths(m, (int64_t)last + 1)))
    return 0;
  if (has_particles && rule->pos != MST_MATCH_ANY_POS && rule->pos != MST_MATCH_NOUN) return 0;
  return mst_body_pos_fits(m, m->first, rule->pos, rule->korean) &&
         !mst_body_is_part(m->s->type, m->unit, m->n_units, m->first, last, 0);
}

MST_HD static inline void mst_body_match_add(mst_body_matching *m, const mst_match *match) {
  if (m->n < m->room) m->match[m->n] = *match;
  m->n++;
}

/* A pattern whose words match. */
MST_HD static inline void mst_body_match_entry(mst_body_matching *m, const mst_match_entry *e,
                                               int32_t last, int32_t n_particles, int in_maths) {
  const int applies = e->rule >= 0;
  const mst_match_rule *rule = applies ? &m->s->rule[e->rule] : NULL;
  if (m->n >= MST_MATCH_LIMIT) return;
  if (applies && !mst_body_may_apply(m, e, rule, last, n_particles > 0, in_maths)) return;
  mst_match t;
  t.first = m->first;
  t.last = last;
  t.rule = e->rule;
  t.kind = applies ? rule->kind : m->s->protects;
  t.weight = applies ? rule->weight : 0;
  t.p = applies ? rule->p : 0;
  t.first_alt = e->first_alt;
  t.n_alts = e->n_alts;
  t.first_capture = (int32_t)m->n_captures;
  t.n_particles = n_particles;
  t.n_captures = e->n_slots;
  t.keeps_value = applies && rule->keeps_value;
  t.zero = 0;
  mst_body_match_add(m, &t);
  for (int i = 0; i < e->n_slots; i++, m->n_captures++) {
    if (m->n_captures >= m->capture_room) continue;
    mst_capture *c = &m->capture[m->n_captures];
    c->begin = m->begin[i];
    c->end = m->end[i];
    c->mark = e->slot[i];
  }
}

/* All patterns that end at a node. */
MST_HD static inline void mst_body_match_node(mst_body_matching *m, int32_t node, int32_t last,
                                              int32_t n_particles, int in_maths) {
  for (int32_t i = m->s->node[node].out; i >= 0; i = m->s->entry[i].next)
    mst_body_match_entry(m, &m->s->entry[i], last, n_particles, in_maths);
}

/* An expression from unit `at` on: its last unit, or -1. */
MST_HD static inline int32_t mst_body_expression_end(const mst_body_matching *m, int32_t at) {
  int has_operator = 0;
  int32_t i = at;
  if (mst_body_is_maths(m, (int64_t)at - 1) || m->unit[at].token < 0) return -1;
  for (; mst_body_is_maths(m, i); i++)
    has_operator |= m->unit[i].token >= 0 && m->token[m->unit[i].token].kind == MST_MATHS_OPERATOR;
  return has_operator ? i - 1 : -1;
}

/* Does the slot match at unit `at`? Its last unit, or -1. *end: its last byte + 1. */
MST_HD static inline int32_t mst_body_slot_end(const mst_body_matching *m,
                                               const mst_match_wild *wild, int32_t at,
                                               int32_t *end) {
  const mst_match_unit *u = &m->unit[at];
  int32_t last = at;
  if (wild->kind == MST_MATCH_WORD) {
    const int64_t *start = m->s->suffix_start + wild->suffix;
    *end = u->end - (wild->suffix < 0 ? 0 : (int32_t)(start[1] - start[0]));
    return mst_body_type(m, at)->kind == MST_PIECE_WORD && !u->guard && *end > u->begin ? at : -1;
  }
  if (wild->kind == MST_MATCH_EXPRESSION) {
    last = mst_body_expression_end(m, at);
    if (last >= 0) *end = m->unit[last].end;
    return last;
  }
  if (u->token < 0) return -1;
  const mst_match_token *t = &m->token[u->token];
  if (t->kind != MST_MATHS_NUMBER && t->kind != MST_MATHS_FRACTION) return -1;
  if (wild->kind == MST_MATCH_MANY && t->end - t->begin == 1 && m->text[t->begin] == '1') return -1;
  *end = t->end;
  while (last + 1 < m->n_units && m->unit[last].end < t->end) last++;
  return last;
}

/* Does the suffix stand between byte `from` and `end`? */
MST_HD static inline int mst_body_suffix_fits(const mst_body_matching *m, int32_t suffix,
                                              int32_t from, int32_t end) {
  if (suffix < 0) return from == end;
  const int64_t at = m->s->suffix_start[suffix], n = m->s->suffix_start[suffix + 1] - at;
  if (end - from != n) return 0;
  for (int64_t i = 0; i < n; i++)
    if (m->text[from + i] != m->s->suffix[at + i]) return 0;
  return 1;
}

/* May a word, -1: none, lead on from a node? */
MST_HD static inline int mst_body_may_lead(const mst_match_node *node, int32_t word, int gap) {
  return word >= 0 && (node->words & mst_body_label_bit(mst_body_label(word, gap))) != 0;
}

/* Go on behind a node at unit `at`, if anything may match there: 1, and the place. */
MST_HD static inline int mst_body_enter(const mst_body_matching *m, int32_t node, int32_t at,
                                        int n_slots, int in_maths, mst_body_place *place) {
  const mst_match_node *here = &m->s->node[node];
  if ((!here->words && here->wild < 0) || at >= m->n_units) return 0;
  const mst_match_unit *u = &m->unit[at];
  const mst_match_type *t = &m->s->type[u->type];
  if (u->gap == MST_MATCH_BREAK) return 0;
  if (here->wild < 0 && !mst_body_may_lead(here, t->word, u->gap) &&
      !mst_body_may_lead(here, t->stem, u->gap))
    return 0;
  place->node = node;
  place->at = at;
  place->wild = here->wild;
  place->is_word = 0;
  place->n_slots = (uint8_t)n_slots;
  place->in_maths = (uint8_t)in_maths;
  return 1;
}

/* Try the next slot of a place; 1: a place behind it. */
MST_HD static inline int mst_body_try_slot(mst_body_matching *m, mst_body_place *here, int gap,
                                           mst_body_place *next) {
  const mst_match_wild *wild = &m->s->wild[here->wild];
  int32_t end = 0;
  here->wild = wild->next;
  if (wild->gap != gap) return 0;
  const int32_t last = mst_body_slot_end(m, wild, here->at, &end);
  if (last < 0 || !mst_body_suffix_fits(m, wild->suffix, end, m->unit[last].end)) return 0;
  m->begin[here->n_slots] = m->unit[here->at].begin;
  m->end[here->n_slots] = end;
  mst_body_match_node(m, wild->child, last, 0, here->in_maths);
  return mst_body_enter(m, wild->child, last + 1, here->n_slots + 1, here->in_maths, next);
}

/* Try a word at a place, behind which the pattern is at `child`; 1: a place behind it. */
MST_HD static inline int mst_body_try_word(mst_body_matching *m, const mst_body_place *here,
                                           int32_t child, mst_body_place *next) {
  const int in_maths = here->in_maths | (m->unit[here->at].guard & MST_MATCH_IS_MATHS);
  mst_body_match_node(m, child, here->at, 0, in_maths);
  return mst_body_enter(m, child, here->at + 1, here->n_slots, in_maths, next);
}

/* A word with particles ends a pattern. */
MST_HD static inline void mst_body_try_stem(mst_body_matching *m, const mst_body_place *here,
                                            int32_t child) {
  const mst_match_unit *u = &m->unit[here->at];
  if (child >= 0 && !u->guard)
    mst_body_match_node(m, child, here->at, u->end - u->begin - m->s->type[u->type].stem_len,
                        here->in_maths);
}

/* Child of a place's node along a word, or -1. */
MST_HD static inline int32_t mst_body_along(const mst_body_matching *m, const mst_body_place *here,
                                            int32_t word) {
  const mst_matches *s = m->s;
  if (word < 0) return -1;
  return mst_body_child(s->node, s->edge_key, s->edge_child, (uint64_t)s->n_edges - 1, here->node,
                        word, m->unit[here->at].gap);
}

/* All that matches from a place on. */
MST_HD static inline void mst_body_walk(mst_body_matching *m, mst_body_place *stack) {
  for (int depth = 0; depth >= 0;) {
    mst_body_place *here = &stack[depth];
    const mst_match_type *t = mst_body_type(m, here->at);
    if (here->wild >= 0) {
      depth += mst_body_try_slot(m, here, m->unit[here->at].gap, here + 1);
    } else if (!here->is_word) {
      const int32_t child = mst_body_along(m, here, t->word);
      here->is_word = 1;
      const int further = child >= 0 && mst_body_try_word(m, here, child, here + 1);
      if (further || t->stem < 0) depth += further ? 1 : -1;
    } else {
      mst_body_try_stem(m, here, mst_body_along(m, here, t->stem));
      depth--;
    }
  }
}

/* The patterns that begin at unit `at`. */
MST_HD static inline void mst_body_begin(mst_body_matching *m, int32_t at, int slots) {
  mst_body_place stack[MST_MATCH_DEPTH + 1], root = {0, at, -1, 0, 0, 0};
  const mst_match_type *t = mst_body_type(m, at);
  m->first = at;
  if (slots) root.wild = m->s->node[0].wild;
  while (root.wild >= 0)
    if (mst_body_try_slot(m, &root, 0, stack)) mst_body_walk(m, stack);
  if (t->node >= 0 && mst_body_try_word(m, &root, t->node, stack)) mst_body_walk(m, stack);
  mst_body_try_stem(m, &root, t->stem_node);
}

/* What lexicons say about one word. */
MST_HD static inline void mst_body_match_lexical(mst_body_matching *m, int32_t at) {
  const mst_matches *s = m->s;
  const mst_match_lexical found = s->lexical[m->unit[at].type];
  if (!found.n || mst_body_is_part(s->type, m->unit, m->n_units, at, at, 1)) return;
  for (int32_t i = found.first; i < found.first + found.n; i++) {
    if (!mst_body_pos_fits(m, at, s->lex[i].pos, 0) || m->n >= MST_MATCH_LIMIT) continue;
    mst_match t;
    t.first = t.last = at;
    t.rule = s->lexicon_rule - s->lex[i].lexicon;
    t.kind = s->lexicon_kind;
    t.weight = 1 + 1000 / (uint32_t)found.n;
    t.p = UINT64_MAX;
    t.first_alt = i;
    t.n_alts = 1;
    t.first_capture = t.n_particles = 0;
    t.n_captures = 0;
    t.keeps_value = 0;
    t.zero = 0;
    mst_body_match_add(m, &t);
  }
}

/* All matches of the document. */
MST_HD static inline void mst_body_match_all(mst_body_matching *m) {
  int wild_maths = 0, wild_words = 0; /* slots that a pattern begins with */
  m->n = m->n_captures = 0;
  for (int32_t i = m->s->node[0].wild; i >= 0; i = m->s->wild[i].next) {
    if (m->s->wild[i].kind == MST_MATCH_WORD) wild_words = 1;
    else wild_maths = 1;
  }
  for (int32_t i = 0; i < m->n_units; i++) {
    const mst_match_type *t = mst_body_type(m, i);
    const int slots = m->unit[i].guard ? wild_maths : wild_words && t->kind == MST_PIECE_WORD;
    if (slots || t->node >= 0 || t->stem_node >= 0) mst_body_begin(m, i, slots);
    if (m->s->lexical && !m->unit[i].guard) mst_body_match_lexical(m, i);
  }
}

#endif
