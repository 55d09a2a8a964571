/* batch.c: cuts a batch of texts and looks each distinct word up once. */
#include <string.h>

#include "engine.h"
#include "misstep/unicode.h"

static int is_one_of(mst_slice s, const char *const *words, size_t n) {
  for (size_t i = 0; i < n; i++)
    if ((int64_t)strlen(words[i]) == s.len && !memcmp(words[i], s.ptr, (size_t)s.len)) return 1;
  return 0;
}

/* Words that tell a noun or a verb behind them. */
static uint8_t role_of(mst_slice lower) {
  static const char *const determiners[] = {
      "a",  "an",   "the", "this", "that", "these", "those", "his",  "her",   "their",
      "my", "your", "our", "its",  "no",   "any",   "some",  "each", "every", "of"};
  static const char *const modals[] = {"can", "could", "will", "would", "should", "must", "may",
                                       "did", "does",  "do",   "not",   "cannot", "to",   "i",
                                       "he",  "she",   "they", "we",    "you",    "who"};
  static const char *const articles[] = {"a", "an"};
  uint8_t role = 0;
  if (lower.len > 6) return 0; /* the longest of them */
  if (is_one_of(lower, determiners, sizeof determiners / sizeof *determiners))
    role |= MST__DETERMINER;
  if (is_one_of(lower, modals, sizeof modals / sizeof *modals)) role |= MST__MODAL;
  if (is_one_of(lower, articles, 2)) role |= MST__ARTICLE;
  return role;
}

static uint8_t letters_of(mst_slice s) {
  int n_upper = 0, n_lower = 0, first = 0;
  for (int64_t i = 0; i < s.len; i++) {
    const int upper = s.ptr[i] >= 'A' && s.ptr[i] <= 'Z';
    const int lower = (s.ptr[i] >= 'a' && s.ptr[i] <= 'z') || s.ptr[i] >= 0x80;
    if (!n_upper && !n_lower && upper) first = 1;
    n_upper += upper;
    n_lower += lower;
  }
  if (!n_upper && !n_lower) return MST__NO_LETTER;
  if (n_upper > 1 && !n_lower) return MST__CAPITALS;
  return first ? MST__CAPITAL : MST__SMALL;
}

static int has_break(mst_slice s) {
  for (int64_t i = 0; i < s.len; i++)
    if (s.ptr[i] != ' ' && s.ptr[i] != '\t') return 1;
  return 0;
}

/* The longest stem that rules know, with particles behind it. */
static void find_stem(const mst_rules *r, mst_slice lower, mst__type *t) {
  t->stem = -1;
  if (!lower.len || lower.ptr[0] < 0xea || lower.ptr[0] > 0xed) return;
  for (int64_t n = lower.len - 1; n > 0; n--) {
    if ((lower.ptr[n] & 0xc0) == 0x80) continue;
    const mst_slice stem = {lower.ptr, n}, rest = {lower.ptr + n, lower.len - n};
    const int32_t word = mst__words_find(&r->words, stem);
    if (word < 0 || !mst_korean_particles_fit(stem, rest)) continue;
    t->stem = word;
    t->stem_len = (int32_t)n;
    return;
  }
}

static int is_ascii_word(mst_slice s) {
  for (int64_t i = 0; i < s.len; i++)
    if ((s.ptr[i] | 0x20) < 'a' || (s.ptr[i] | 0x20) > 'z') return 0;
  return 1;
}

/* Lower case without a call for most words. */
static mst_status lower_case(mst_slice s, mst_buffer *out) {
  out->size_bytes = 0;
  uint8_t *to = mst_buffer_reserve(out, (size_t)s.len);
  if (!to) return mst_error_last()->status;
  int64_t i = 0;
  for (; i < s.len && s.ptr[i] < 0x80; i++)
    to[i] = s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? (uint8_t)(s.ptr[i] + 32) : s.ptr[i];
  out->size_bytes = (size_t)i;
  if (i == s.len) return MST_OK;
  out->size_bytes = 0;
  return mst_unicode_lower(s.ptr, s.len, out);
}

static uint8_t joint_of(mst_slice s) {
  if (s.len == 1 && *s.ptr == '-') return MST_MATCH_HYPHEN;
  const int apostrophe =
      s.len == 1 ? *s.ptr == '\'' : s.len == 3 && !memcmp(s.ptr, "\xe2\x80\x99", 3);
  return apostrophe ? MST_MATCH_APOSTROPHE : 0;
}

static uint8_t signs_of(mst_slice s) {
  int signs = mst__is_mathsy(s) ? MST__MATHSY : 0;
  for (int64_t i = 0; i < s.len; i++) {
    if (s.ptr[i] == '\\' || s.ptr[i] > '~') signs |= MST__WHOLE;
    if (s.ptr[i] == '\\' || s.ptr[i] == '$') signs |= MST__LATEX;
  }
  return (uint8_t)signs;
}

static mst_status describe(const mst_augment_batch *batch, int64_t v, mst_buffer *scratch) {
  const mst_rules *r = batch->a->rules;
  const mst_slice s = mst_strings_at(&batch->pieces->types, v);
  mst__type *t = &batch->type[v];
  *t = (mst__type){.word = -1,
                   .stem = -1,
                   .node = -1,
                   .stem_node = -1,
                   .len = (int32_t)s.len,
                   .kind = batch->pieces->kind[v],
                   .signs = signs_of(s),
                   .joint = joint_of(s),
                   .is_s = s.len == 1 && (*s.ptr | 0x20) == 's'};
  if (t->kind == MST_PIECE_SPACE) {
    t->breaks = (uint8_t)has_break(s);
    return MST_OK;
  }
  mst_status st = lower_case(s, scratch);
  if (st) return st;
  const mst_slice lower = {scratch->data, (int64_t)scratch->size_bytes};
  t->word = mst__words_find(&r->words, lower);
  if (t->word >= 0) t->node = r->root[t->word];
  if (t->kind != MST_PIECE_WORD) return MST_OK;
  t->letters = letters_of(s);
  t->role = role_of(lower);
  t->ascii = (uint8_t)is_ascii_word(s);
  find_stem(r, lower, t);
  if (t->stem >= 0) t->stem_node = r->root[t->stem];
  return MST_OK;
}

/* Collects a word's alternatives. */
typedef struct asked {
  mst_augment_batch *batch;
  int32_t lexicon;
} asked;

static mst_status take_alternative(void *payload, mst_slice alternative, mst_pos pos) {
  const asked *q = payload;
  mst_augment_batch *b = q->batch;
  const int64_t at = (int64_t)b->lex_bytes.size_bytes;
  const mst_status st = mst_buffer_append(&b->lex_bytes, alternative.ptr, (size_t)alternative.len);
  mst__lex *lex = st ? NULL : mst__list_add(&b->lex, sizeof *lex);
  if (!lex) return st ? st : MST_E_NOMEM;
  *lex = (mst__lex){at, (int32_t)alternative.len, q->lexicon, pos};
  return MST_OK;
}

/* Is this word a phrase of its own in the rules? Then lexicons are not asked. */
static int rules_name(const mst_rules *r, const mst__type *t) {
  return t->node >= 0 && MST__AT(r->nodes, mst__node, t->node)->out >= 0;
}

static mst_status look_up(mst_augment_batch *b, mst_buffer *scratch) {
  mst_status st = MST_OK;
  b->lexical = mst_alloc_zero((size_t)b->pieces->types.n, sizeof *b->lexical);
  if (!b->lexical) return MST_E_NOMEM;
  for (int64_t v = 0; !st && v < b->pieces->types.n; v++) {
    const mst__type *t = &b->type[v];
    if (t->kind != MST_PIECE_WORD || t->signs & MST__MATHSY || rules_name(b->a->rules, t)) continue;
    st = lower_case(mst_strings_at(&b->pieces->types, v), scratch);
    const mst_slice lower = {scratch->data, (int64_t)scratch->size_bytes};
    b->lexical[v].first = (int32_t)b->lex.n;
    for (int i = 0; !st && i < b->a->n_lexicons; i++) {
      asked q = {b, i};
      st = mst_lexicon_find(b->a->lexicon[i], lower, MST_POS_ANY, take_alternative, &q);
    }
    b->lexical[v].n = (int32_t)b->lex.n - b->lexical[v].first;
  }
  return st;
}

/* All types, in parallel; the lowest failing one decides. */
static mst_status describe_all(mst_augment_batch *b, int n_threads) {
  const int64_t n = b->pieces->types.n;
  int failed = MST_OK; /* the lowest of the statuses, whichever thread had it */
#pragma omp parallel num_threads(n_threads) reduction(min : failed)
  {
    mst_buffer scratch;
    mst_buffer_init(&scratch, SIZE_MAX / 4, "a word");
    mst_status st = MST_OK;
#pragma omp for schedule(static)
    for (int64_t v = 0; v < n; v++)
      if (!st) st = describe(b, v, &scratch);
    mst_buffer_fini(&scratch);
    failed = (int)st;
  }
  return failed ? MST_FAIL((mst_status)failed, "no memory for %lld distinct words", (long long)n)
                : MST_OK;
}

/* What the search for matches has of rules and pieces. */
static void lay_out_matches(mst_augment_batch *b) {
  const mst_rules *r = b->a->rules;
  b->matches = (mst_matches){.n_nodes = r->nodes.n,
                             .n_wilds = r->wilds.n,
                             .n_entries = r->entries.n,
                             .n_rules = r->n_rules,
                             .n_edges = r->edge_mask + 1,
                             .n_suffixes = r->suffixes.n,
                             .node = r->nodes.items,
                             .wild = r->wilds.items,
                             .entry = r->entries.items,
                             .rule = r->when,
                             .edge_key = r->edge_key,
                             .edge_child = r->edge_child,
                             .suffix_start = r->suffixes.start.items,
                             .suffix = r->suffixes.bytes.data,
                             .kinds = b->a->matched,
                             .protects = MST_OP_N,
                             .lexicon_kind = MST_OP_LEXICON,
                             .lexicon_rule = MST__RULE_LEXICON,
                             .n_types = b->pieces->types.n,
                             .n_lex = b->lex.n,
                             .type = b->type,
                             .lexical = b->lexical,
                             .lex = b->lex.items};
}

mst_status mst_augment_batch_create(const mst_augmenter *a, const mst_text *text, int n_threads,
                                    mst_augment_batch **out) {
  mst_augment_batch *b = mst_alloc_zero(1, sizeof *b);
  if (!b) return MST_E_NOMEM;
  b->a = a;
  b->text = text;
  mst_buffer_init(&b->lex_bytes, SIZE_MAX / 4, "alternatives of lexicons");
  mst_buffer scratch;
  mst_buffer_init(&scratch, SIZE_MAX / 4, "a word");
  mst_status st = mst__cut(text, n_threads, &b->pieces);
  if (!st) {
    b->type = mst_alloc((size_t)b->pieces->types.n, sizeof *b->type);
    st = b->type ? describe_all(b, n_threads) : MST_E_NOMEM;
  }
  if (!st && a->n_lexicons && a->matched >> MST_OP_LEXICON & 1) st = look_up(b, &scratch);
  mst_buffer_fini(&scratch);
  if (!st) lay_out_matches(b);
  if (st) mst_augment_batch_free(b);
  else *out = b;
  return st;
}

void mst_augment_batch_free(mst_augment_batch *b) {
  if (!b) return;
  mst_pieces_free(b->pieces);
  mst_free(b->type);
  mst_free(b->lexical);
  mst__list_fini(&b->lex);
  mst_buffer_fini(&b->lex_bytes);
  mst_free(b);
}

const mst_pieces *mst_augment_batch_pieces(const mst_augment_batch *b) { return b->pieces; }
