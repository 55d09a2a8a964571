/* compile.c: makes the engine's tables from what rule files left in a builder. */
#include <string.h>

#include "compiled.h"
#include "misstep/unicode.h"

/* Work in progress. */
typedef struct work {
  const mst_rules_builder *b;
  const char *name;   /* of the file, for messages */
  int64_t first;      /* expansion */
  int64_t n;          /* expansions */
  mst_pieces *lower;  /* [n] documents: the expansions in lower case */
  int32_t *target_of; /* [n] number of the target, or -1 */
  mst_rules *r;
} work;

static const mst__expansion *expansion(const work *w, int64_t i) {
  return MST__AT(w->b->expansions, mst__expansion, w->first + i);
}

mst_status mst__cut_lower(const mst_rules_builder *b, int64_t first, mst_pieces **out) {
  const int64_t n = b->expansions.n - first;
  mst_buffer bytes;
  mst_buffer_init(&bytes, SIZE_MAX / 4, "the text of the rules");
  int64_t *start = mst_alloc((size_t)n + 1, sizeof *start);
  mst_status st = start ? MST_OK : MST_E_NOMEM;
  if (start) start[0] = 0;
  for (int64_t i = 0; !st && i < n; i++) {
    const mst__expansion *e = MST__AT(b->expansions, mst__expansion, first + i);
    const mst_slice s = mst__arena_at(b, e->text);
    st = mst_unicode_lower(s.ptr, s.len, &bytes);
    start[i + 1] = (int64_t)bytes.size_bytes;
  }
  const mst_text text = {n, bytes.data, start};
  if (!st) st = mst__cut(&text, 1, out);
  mst_buffer_fini(&bytes);
  mst_free(start);
  return st;
}

static mst_status fail(const work *w, int64_t i, const char *what) {
  const mst__expansion *e = expansion(w, i);
  char text[MST__SHOWN];
  mst__phrase_show(mst__arena_at(w->b, e->text), text);
  return MST_FAIL(MST_E_FORMAT, "%s:%d:%d: '%s' %s", w->name, e->line, e->column, text, what);
}

static mst_slice piece_at(const work *w, int64_t i, int *kind) {
  const uint32_t id = w->lower->entry[i] >> 1;
  *kind = w->lower->kind[id];
  return mst_strings_at(&w->lower->types, id);
}

/* Can this phrase stand between what a text has around it? */
static mst_status check_phrase(const work *w, int64_t e) {
  const int64_t from = w->lower->doc_ptr[e], to = w->lower->doc_ptr[e + 1];
  int first = MST_PIECE_OTHER, last = MST_PIECE_OTHER, kind;
  if (to > from) {
    (void)piece_at(w, from, &first);
    (void)piece_at(w, to - 1, &last);
  }
  if (first != MST_PIECE_WORD || last != MST_PIECE_WORD)
    return fail(w, e, "does not begin and end with a letter, a digit or a slot");
  if (to - from > MST__MAX_WORDS) return fail(w, e, "is too long, expected at most 64 words");
  for (int64_t i = from; i < to; i++) {
    const mst_slice s = piece_at(w, i, &kind);
    for (int64_t k = 1; k < s.len; k++)
      if (mst__mark_at(s.ptr + k, s.ptr + s.len) >= 0)
        return fail(w, e, "has a slot that touches a letter or slot before it");
  }
  return MST_OK;
}

/* One piece of a phrase that is looked for: a step in the trie. */
static mst_status step(work *w, int64_t i, int gap, int32_t *node, mst__entry *entry) {
  int kind;
  int32_t word;
  const mst_slice s = piece_at(w, i, &kind);
  const int mark = mst__mark_at(s.ptr, s.ptr + s.len);
  if (mark < 0) {
    const mst_status st = mst__words_add(&w->r->words, s, &word);
    return st ? st : mst__trie_step(w->r, node, word, gap);
  }
  int32_t suffix = -1;
  const mst_slice rest = {s.ptr + MST__MARK_BYTES, s.len - MST__MARK_BYTES};
  mst_status st = rest.len ? mst__words_add(&w->r->suffixes, rest, &suffix) : MST_OK;
  entry->slot[entry->n_slots++] = (uint8_t)mark;
  return st ? st : mst__trie_step_wild(w->r, node, mark % 4, suffix, gap);
}

/* Walk a phrase into the trie. */
static mst_status insert(work *w, int64_t e, int32_t *node, mst__entry *entry) {
  int gap = 0, kind;
  mst_status st = MST_OK;
  *node = 0;
  for (int64_t i = w->lower->doc_ptr[e]; !st && i < w->lower->doc_ptr[e + 1]; i++) {
    (void)piece_at(w, i, &kind);
    if (kind == MST_PIECE_SPACE) gap = 1;
    else st = step(w, i, gap, node, entry);
    if (kind != MST_PIECE_SPACE) gap = (int)(w->lower->entry[i] & 1);
  }
  return st;
}

static int same_lower(const work *w, int64_t a, int64_t b) {
  const int64_t *p = w->lower->doc_ptr;
  const int64_t n = p[a + 1] - p[a];
  return n == p[b + 1] - p[b] &&
         !memcmp(w->lower->entry + p[a], w->lower->entry + p[b], (size_t)n * sizeof(uint32_t));
}

static mst_status add_alt(work *w, int64_t source, int64_t target) {
  const mst__expansion *s = expansion(w, source), *t = expansion(w, target);
  if (same_lower(w, source, target)) {
    if (s->has_value) return MST_OK; /* two forms of a value may be the same word */
    return fail(w, target, "would be replaced by itself");
  }
  mst__alt *alt = mst__list_add(&w->r->alts, sizeof *alt);
  if (!alt) return MST_E_NOMEM;
  if (w->target_of[target] < 0) w->target_of[target] = w->r->n_targets++;
  const mst__capitals capitals = !s->capital  ? MST__CAPITAL_TARGET
                                 : t->capital ? MST__CAPITAL_BOTH
                                              : MST__CAPITAL_SOURCE;
  *alt = (mst__alt){w->target_of[target], (int32_t)capitals};
  return MST_OK;
}

static mst_status add_pattern(work *w, const mst__pattern *p) {
  const int64_t source = p->source - w->first;
  const mst__expansion *e = expansion(w, source);
  mst__entry entry = {
      .rule = p->rule, .line = e->line, .column = e->column, .first_alt = (int32_t)w->r->alts.n};
  int32_t node;
  mst_status st = check_phrase(w, source);
  if (!st) st = insert(w, source, &node, &entry);
  for (int64_t k = 0; !st && k < p->n_targets; k++) {
    const int64_t target = *MST__AT(w->b->targets, int64_t, p->first_target + k) - w->first;
    st = check_phrase(w, target);
    if (!st) st = add_alt(w, source, target);
  }
  if (st) return st;
  entry.n_alts = (int32_t)w->r->alts.n - entry.first_alt;
  if (!entry.n_alts && p->rule >= 0) return MST_OK;
  entry.only_slot = (int8_t)(entry.n_slots > 0);
  mst__entry *stored = mst__list_add(&w->r->entries, sizeof *stored);
  if (!stored) return MST_E_NOMEM;
  mst__node *at = MST__AT(w->r->nodes, mst__node, node);
  entry.next = at->out;
  at->out = (int32_t)(w->r->entries.n - 1);
  *stored = entry;
  return MST_OK;
}

/* Child of the root for each word, so that most words of a text need no search. */
static mst_status make_root(mst_rules *r) {
  r->root = mst_alloc((size_t)r->words.n, sizeof *r->root);
  if (!r->root) return MST_E_NOMEM;
  for (int32_t i = 0; i < r->words.n; i++) r->root[i] = mst__child(r, 0, i, 0);
  return MST_OK;
}

static int has_mark(mst_slice s) {
  for (int64_t i = 0; i + MST__MARK_BYTES <= s.len; i++)
    if (mst__mark_at(s.ptr + i, s.ptr + s.len) >= 0) return 1;
  return 0;
}

/* The targets' bytes in the order of their numbers. */
static mst_status store_targets(work *w) {
  mst_rules *r = w->r;
  r->target = mst_alloc_zero((size_t)r->n_targets, sizeof *r->target);
  int64_t *source = mst_alloc((size_t)r->n_targets, sizeof *source);
  mst_status st = r->target && source ? MST_OK : MST_E_NOMEM;
  for (int64_t i = 0; !st && i < w->n; i++)
    if (w->target_of[i] >= 0) source[w->target_of[i]] = i;
  for (int32_t t = 0; !st && t < r->n_targets; t++) {
    const mst_slice s = mst__arena_at(w->b, expansion(w, source[t])->text);
    r->target[t] = (mst__target){(int64_t)r->target_bytes.size_bytes, (int32_t)s.len,
                                 (uint8_t)has_mark(s), (uint8_t)mst__is_plain(s)};
    st = mst_buffer_append(&r->target_bytes, s.ptr, (size_t)s.len);
  }
  mst_free(source);
  return st;
}

/* The targets in all cases as pieces: what the fast path writes. */
static mst_status cut_cased(mst_rules *r) {
  mst_buffer bytes;
  mst_buffer_init(&bytes, SIZE_MAX / 4, "the text of the rules");
  const int64_t n = (int64_t)r->n_targets * MST__CASES;
  int64_t *start = mst_alloc((size_t)n + 1, sizeof *start);
  mst_status st = start ? MST_OK : MST_E_NOMEM;
  if (start) start[0] = 0;
  for (int64_t i = 0; !st && i < n; i++) {
    const mst__target *t = &r->target[i / MST__CASES];
    uint8_t *to = t->has_slot ? NULL : mst_buffer_reserve(&bytes, (size_t)t->len);
    if (to) {
      memcpy(to, r->target_bytes.data + t->at, (size_t)t->len);
      mst__case_write(to, t->len, (mst__case)(i % MST__CASES));
      bytes.size_bytes += (size_t)t->len;
    } else if (!t->has_slot) st = mst_error_last()->status;
    start[i + 1] = (int64_t)bytes.size_bytes;
  }
  const mst_text text = {n, bytes.data, start};
  if (!st) st = mst__cut(&text, 1, &r->cased);
  mst_buffer_fini(&bytes);
  mst_free(start);
  return st;
}

mst_status mst__compile(const mst_rules_builder *b, int64_t first_pattern, int64_t first_expansion,
                        const char *name, mst_rules **out) {
  work w = {.b = b, .name = name, .first = first_expansion};
  w.n = b->expansions.n - first_expansion;
  w.r = mst_alloc_zero(1, sizeof *w.r);
  w.target_of = mst_alloc((size_t)w.n, sizeof *w.target_of);
  mst_status st = w.r && w.target_of ? MST_OK : MST_E_NOMEM;
  if (!st) {
    memset(w.target_of, 0xff, (size_t)w.n * sizeof *w.target_of);
    mst_buffer_init(&w.r->target_bytes, SIZE_MAX / 4, "the text of the rules");
    st = mst__words_init(&w.r->words);
  }
  if (!st) st = mst__words_init(&w.r->suffixes);
  if (!st) st = mst__trie_init(w.r);
  if (!st) st = mst__cut_lower(b, first_expansion, &w.lower);
  for (int64_t i = first_pattern; !st && i < b->patterns.n; i++)
    st = add_pattern(&w, MST__AT(b->patterns, mst__pattern, i));
  if (!st) st = make_root(w.r);
  if (!st) st = store_targets(&w);
  if (!st) st = cut_cased(w.r);
  if (!st) st = mst__compile_rest(b, w.r);
  mst_pieces_free(w.lower);
  mst_free(w.target_of);
  if (st) mst_rules_free(w.r);
  else *out = w.r;
  return st;
}

mst_status mst_rules_compile(mst_rules_builder *builder, mst_rules **out) {
  return mst__compile(builder, 0, 0, "rules", out);
}
