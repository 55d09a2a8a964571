/* test_matches.c: matches of patterns, on the CPU or the device that MST_TEST_DEVICE names, against
 * a search that tries each pattern at each unit: empty input, edges of blocks, random patterns with
 * words, slots, labels and lexicons, more matches than are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "body/match.h"
#include "failing_alloc.h"
#include "misstep/rng.h"
#include "test_backend.h"

enum { WORDS = 4, TYPES = 9, PATTERNS = 24, LENGTH = 5, EDGES = 512, DOCS = 300, UNITS = 8192 };
enum { NUMBER = 4, ONE, PLUS, HYPHEN, APOSTROPHE }; /* types behind the words; word 3 is an s */

static const char *const spelling[TYPES] = {"ab", "ca", "bd", "s", "27", "1", "+", "-", "'"};

/* A word (0 .. WORDS-1) or WORDS + a slot. */
typedef struct pattern {
  int n, item[LENGTH], gap[LENGTH];
} pattern;

typedef struct problem {
  mst_matches s;
  pattern pattern[PATTERNS];
  mst_match_node node[PATTERNS * LENGTH + 1];
  mst_match_wild wild[PATTERNS * LENGTH];
  mst_match_entry entry[PATTERNS];
  mst_match_rule rule[PATTERNS];
  uint64_t edge_key[EDGES];
  int32_t edge_child[EDGES];
  mst_match_type type[TYPES];
  mst_match_lexical lexical[TYPES];
  mst_match_lex lex[3];
  uint8_t text[4 * UNITS], any_label[DOCS];
  int64_t text_start[DOCS + 1], unit_ptr[DOCS + 1], token_ptr[DOCS + 1];
  mst_match_unit unit[UNITS];
  mst_match_token token[UNITS];
  uint64_t label[DOCS];
} problem;

static problem p;
static const int64_t no_suffix[2] = {0, 0};
static uint64_t drawn_from;

static uint32_t draw(uint64_t at, uint32_t below) {
  return (uint32_t)mst_rng_below(below, 17, MST_RNG_GENERATE, drawn_from, 0, at);
}

static int32_t new_node(void) {
  p.node[p.s.n_nodes] = (mst_match_node){-1, -1, 0};
  return (int32_t)p.s.n_nodes++;
}

/* The node behind one item of a pattern, made if it is new. */
static int32_t step(int32_t node, int item, int gap) {
  int32_t child;
  if (item < WORDS) {
    const uint32_t label = mst_body_label(item, gap);
    child = mst_body_child(p.node, p.edge_key, p.edge_child, EDGES - 1, node, item, gap);
    if (child >= 0) return child;
    const uint64_t key = (uint64_t)node << 32 | label;
    uint64_t at = mst_body_edge_hash(key);
    while (p.edge_key[at % EDGES]) at++;
    p.edge_key[at % EDGES] = key;
    p.node[node].words |= mst_body_label_bit(label);
    return p.edge_child[at % EDGES] = new_node();
  }
  for (int32_t i = p.node[node].wild; i >= 0; i = p.wild[i].next)
    if (p.wild[i].kind == item - WORDS && p.wild[i].gap == gap) return p.wild[i].child;
  child = new_node();
  p.wild[p.s.n_wilds] = (mst_match_wild){item - WORDS, -1, gap, child, p.node[node].wild};
  p.node[node].wild = (int32_t)p.s.n_wilds++;
  return child;
}

static void add_pattern(int32_t r) {
  pattern *t = &p.pattern[r];
  const uint64_t at = 100 * (uint64_t)(r + 1);
  int32_t node = 0, n_slots = 0;
  mst_match_entry *e = &p.entry[r];
  t->n = 1 + (int)draw(at, LENGTH);
  *e = (mst_match_entry){.rule = draw(at + 1, 6) ? r : -1, .first_alt = r, .n_alts = 1};
  for (int i = 0; i < t->n; i++) {
    t->item[i] = (int)draw(at + 10 + (uint64_t)i, n_slots < MST_MATCH_SLOTS ? WORDS + 4 : WORDS);
    t->gap[i] = i ? draw(at + 20 + (uint64_t)i, 4) != 0 : 0;
    if (t->item[i] >= WORDS) e->slot[n_slots++] = (uint8_t)(t->item[i] - WORDS);
    node = step(node, t->item[i], t->gap[i]);
  }
  e->n_slots = (int8_t)n_slots;
  e->next = p.node[node].out;
  p.node[node].out = r;
  p.rule[r] = (mst_match_rule){.label = draw(at + 2, 3) ? 0 : 1 + draw(at + 3, 3),
                               .no_label = draw(at + 4, 4) ? 0 : 2,
                               .p = draw(at + 5, 100),
                               .weight = (uint32_t)r + 5,
                               .kind = (uint8_t)draw(at + 6, 3),
                               .pos = (uint8_t)draw(at + 7, 4),
                               .keeps_value = draw(at + 8, 2) == 0,
                               .korean = draw(at + 9, 5) == 0};
}

static void make_types(void) {
  for (int v = 0; v < TYPES; v++) {
    p.type[v] = (mst_match_type){.word = v < WORDS ? v : -1,
                                 .stem = v == 2 ? 0 : -1,
                                 .node = -1,
                                 .stem_node = -1,
                                 .stem_len = 1,
                                 .len = (int32_t)strlen(spelling[v]),
                                 .kind = v < PLUS ? MST_PIECE_WORD : MST_PIECE_OTHER,
                                 .role = (uint8_t)(v < 2 ? v + 1 : 0),
                                 .is_s = v == 3,
                                 .joint = v == HYPHEN       ? MST_MATCH_HYPHEN
                                          : v == APOSTROPHE ? MST_MATCH_APOSTROPHE
                                                            : 0};
    for (int k = 0; k < 2; k++) {
      const int32_t word = k ? p.type[v].stem : p.type[v].word;
      const int32_t child =
          word < 0 ? -1 : mst_body_child(p.node, p.edge_key, p.edge_child, EDGES - 1, 0, word, 0);
      *(k ? &p.type[v].stem_node : &p.type[v].node) = child;
    }
    p.lexical[v] = (mst_match_lexical){v == 1 ? 1 : 0, v < 2 ? 2 : 0};
  }
  for (int i = 0; i < 3; i++) p.lex[i] = (mst_match_lex){0, 1, i % 2, (int)draw(90u + i, 3)};
}

/* A document of n units, behind those that are there. */
static void add_doc(int64_t d, int64_t n) {
  int64_t u = p.unit_ptr[d], k = p.token_ptr[d], at = p.text_start[d];
  for (int64_t i = 0; i < n; i++, u++) {
    const int v = (int)draw(5000 + 3 * (uint64_t)u, TYPES);
    const int is_maths = v >= NUMBER && v <= PLUS;
    const uint8_t gap = (uint8_t)(i == 0 || !draw(5001 + 3 * (uint64_t)u, 20)
                                      ? 2
                                      : draw(5002 + 3 * (uint64_t)u, 3) != 0);
    if (gap) p.text[at++] = ' ';
    const int32_t begin = (int32_t)(at - p.text_start[d]), end = begin + p.type[v].len;
    memcpy(p.text + at, spelling[v], (size_t)p.type[v].len);
    at += p.type[v].len;
    p.unit[u] = (mst_match_unit){
        .begin = begin, .end = end, .token = -1, .type = v, .gap = gap, .guard = (uint8_t)is_maths};
    if (!is_maths) continue;
    p.unit[u].token = (int32_t)(k - p.token_ptr[d]);
    p.token[k++] = (mst_match_token){
        .begin = begin, .end = end, .kind = v == PLUS ? MST_MATHS_OPERATOR : MST_MATHS_NUMBER};
  }
  p.unit_ptr[d + 1] = u;
  p.token_ptr[d + 1] = k;
  p.text_start[d + 1] = at;
  p.label[d] = draw(3000 + (uint64_t)d, 3);
  p.any_label[d] = draw(4000 + (uint64_t)d, 3) == 0;
}

static void problem_init(int n_patterns, int64_t n_docs, uint32_t most, uint64_t seed) {
  memset(&p, 0, sizeof p);
  drawn_from = seed;
  (void)new_node();
  for (int32_t r = 0; r < n_patterns; r++) add_pattern(r);
  make_types();
  for (int64_t d = 0; d < n_docs; d++) add_doc(d, most ? draw(2000 + (uint64_t)d, most + 1) : 0);
  const mst_matches sizes = p.s;
  p.s = (mst_matches){.n_nodes = sizes.n_nodes,
                      .n_wilds = sizes.n_wilds,
                      .n_entries = n_patterns,
                      .n_rules = n_patterns,
                      .n_edges = EDGES,
                      .node = p.node,
                      .wild = p.wild,
                      .entry = p.entry,
                      .rule = p.rule,
                      .edge_key = p.edge_key,
                      .edge_child = p.edge_child,
                      .suffix_start = no_suffix,
                      .suffix = p.text,
                      .kinds = 5,
                      .protects = 9,
                      .lexicon_kind = 7,
                      .lexicon_rule = -33,
                      .n_types = TYPES,
                      .n_lex = 3,
                      .type = p.type,
                      .lexical = seed % 2 ? p.lexical : NULL,
                      .lex = p.lex,
                      .n_docs = n_docs,
                      .text = p.text,
                      .text_start = p.text_start,
                      .unit_ptr = p.unit_ptr,
                      .unit = p.unit,
                      .token_ptr = p.token_ptr,
                      .token = p.token,
                      .label = p.label,
                      .any_label = p.any_label};
}

/* One document as the search below sees it. */
typedef struct sight {
  const mst_match_unit *u;
  int64_t n;
  uint64_t label;
  int any;
} sight;

static int is_maths(const sight *s, int64_t i) { return i >= 0 && i < s->n && s->u[i].guard; }

/* Behind the last unit that an item takes at unit i, or -1. */
static int64_t take(const sight *s, int item, int64_t i, int is_last, int *particles) {
  const int type = s->u[i].type, slot = item - WORDS;
  *particles = 0;
  if (item < WORDS) {
    if (type == item) return i + 1;
    *particles = 1; /* type 2 is the stem of word 0 with a particle */
    return is_last && item == 0 && type == 2 ? i + 1 : -1;
  }
  if (slot == MST_MATCH_WORD) return type < WORDS ? i + 1 : -1;
  if (slot == MST_MATCH_NUMBER) return type == NUMBER || type == ONE ? i + 1 : -1;
  if (slot == MST_MATCH_MANY) return type == NUMBER ? i + 1 : -1;
  int has_operator = 0;
  const int64_t from = i;
  if (is_maths(s, i - 1)) return -1;
  for (; is_maths(s, i); i++) has_operator |= s->u[i].type == PLUS;
  return i > from && has_operator ? i : -1;
}

static int joins(const sight *s, int64_t i, int hyphens) {
  if (i < 1 || i + 1 >= s->n || s->u[i].gap || s->u[i + 1].gap) return 0;
  if (s->u[i].type != APOSTROPHE && !(hyphens && s->u[i].type == HYPHEN)) return 0;
  return s->u[i - 1].type < PLUS && s->u[i + 1].type < PLUS;
}

static int is_part(const sight *s, int64_t first, int64_t last, int hyphens) {
  if (joins(s, first - 1, hyphens)) return 1;
  return joins(s, last + 1, hyphens) && (hyphens || s->u[last + 2].type != 3);
}

static int fits_before(const sight *s, int64_t first, int pos) {
  if (first == 0 || s->u[first].gap != 1) return 1;
  const int before = s->u[first - 1].type;
  return !(pos == MST_MATCH_VERB && before == 0) && !(pos == MST_MATCH_NOUN && before == 1);
}

/* Does pattern r match at unit `first`, and apply? Its last unit, or -1. */
static int64_t search(const sight *s, int32_t r, int64_t first, int *particles) {
  const pattern *t = &p.pattern[r];
  const mst_match_rule *rule = &p.rule[r];
  int64_t at = first;
  int n_slots = 0;
  *particles = 0;
  for (int i = 0; i < t->n; i++) {
    if (*particles || at >= s->n || (i && s->u[at].gap != t->gap[i])) return -1;
    at = take(s, t->item[i], at, i == t->n - 1, particles);
    if (at < 0) return -1;
    n_slots += t->item[i] >= WORDS;
  }
  if (p.entry[r].rule < 0) return at - 1;
  if (!(5 >> rule->kind & 1) || is_part(s, first, at - 1, 0)) return -1;
  if (!s->any && ((rule->label && !(rule->label & s->label)) || (rule->no_label & s->label)))
    return -1;
  if (rule->keeps_value && !n_slots && (is_maths(s, first - 1) || is_maths(s, at))) return -1;
  if (*particles && rule->pos > MST_MATCH_NOUN) return -1;
  return rule->korean || fits_before(s, first, rule->pos) ? at - 1 : -1;
}

/* Is the next match this one? */
static void expect(const mst_match_lists *got, int64_t at, int64_t end, int64_t first, int64_t last,
                   int32_t r, int particles) {
  const mst_match *m = NULL;
  for (; at < end && !m; at++)
    if (got->match[at].first == first && got->match[at].first_alt == r && got->match[at].kind != 7)
      m = &got->match[at];
  assert_non_null(m);
  const int applies = p.entry[r].rule >= 0;
  assert_int_equal(m->last, last);
  assert_int_equal(m->rule, p.entry[r].rule);
  assert_int_equal(m->kind, applies ? p.rule[r].kind : 9);
  assert_int_equal(m->weight, applies ? p.rule[r].weight : 0);
  assert_int_equal(m->p, applies ? p.rule[r].p : 0);
  assert_int_equal(m->keeps_value, applies && p.rule[r].keeps_value);
  assert_int_equal(m->n_particles, particles);
  assert_int_equal(m->n_captures, p.entry[r].n_slots);
}

/* Alternatives of lexicons for unit i. */
static int64_t n_lexical(const sight *s, int64_t i) {
  int64_t n = 0;
  const mst_match_lexical f = p.lexical[s->u[i].type];
  if (!p.s.lexical || s->u[i].guard || is_part(s, i, i, 1)) return 0;
  for (int32_t k = f.first; k < f.first + f.n; k++) n += fits_before(s, i, p.lex[k].pos);
  return n;
}

static int64_t check(int n_threads) {
  mst_match_lists got;
  int64_t n = 0;
  assert_int_equal(mst_matches_find(mst_test_backend(n_threads), &p.s, &got), MST_OK);
  assert_int_equal(got.n_docs, p.s.n_docs);
  for (int64_t d = 0; d < p.s.n_docs; d++) {
    const sight s = {p.unit + p.unit_ptr[d], p.unit_ptr[d + 1] - p.unit_ptr[d], p.label[d],
                     p.any_label[d]};
    const int64_t from = got.match_ptr[d], end = got.match_ptr[d + 1];
    int64_t expected = 0, captures = 0;
    for (int64_t i = 0; i < s.n; i++) {
      expected += n_lexical(&s, i);
      for (int32_t r = 0; r < p.s.n_entries; r++) {
        int particles;
        const int64_t last = search(&s, r, i, &particles);
        if (last < 0) continue;
        expect(&got, from, end, i, last, r, particles);
        expected++;
        captures += p.entry[r].n_slots;
      }
    }
    assert_int_equal(end - from, expected);
    assert_int_equal(got.capture_ptr[d + 1] - got.capture_ptr[d], captures);
    for (int64_t k = from; k + 1 < end; k++)
      assert_true(got.match[k].first <= got.match[k + 1].first);
    n += expected;
  }
  mst_match_lists_fini(&got);
  return n;
}

static void test_empty(void **state) {
  (void)state;
  problem_init(0, 0, 0, 1);
  assert_int_equal(check(1), 0);
  problem_init(9, 5, 0, 1); /* no units */
  assert_int_equal(check(2), 0);
  problem_init(0, 5, 9, 2); /* no patterns, no lexicon */
  assert_int_equal(check(2), 0);
}

static void test_arguments(void **state) {
  mst_match_lists got;
  mst_backend *b = mst_test_backend(1);
  (void)state;
  problem_init(1, 1, 3, 1);
  assert_int_equal(mst_matches_find(NULL, &p.s, &got), MST_E_ARG);
  assert_int_equal(mst_matches_find(b, NULL, &got), MST_E_ARG);
  assert_int_equal(mst_matches_find(b, &p.s, NULL), MST_E_ARG);
  p.s.n_edges = 3;
  assert_int_equal(mst_matches_find(b, &p.s, &got), MST_E_ARG);
  p.s.n_edges = EDGES;
  p.s.n_nodes = 0;
  assert_int_equal(mst_matches_find(b, &p.s, &got), MST_E_ARG);
}

static void test_numbers_of_documents(void **state) {
  static const int64_t n[] = {1, 31, 32, 33, 127, 128, 129, 257};
  (void)state;
  for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
    problem_init(PATTERNS, n[i], 20, i);
    (void)check(1);
  }
}

static void test_random(void **state) {
  int64_t n = 0;
  (void)state;
  for (uint64_t seed = 10; seed < 40; seed++) {
    problem_init(1 + (int)(seed * 5 % PATTERNS), 20, 40, seed);
    n += check(1 + (int)(seed % 3));
  }
  assert_true(n > 2000);
}

/* More matches than a document may have: the first ones are kept. */
static void test_limit(void **state) {
  mst_match_lists got;
  (void)state;
  problem_init(0, 1, 0, 1);
  for (int32_t i = 0; i < UNITS; i++) p.unit[i] = (mst_match_unit){.token = -1, .gap = i ? 1 : 2};
  for (int i = 0; i < 3; i++) p.lex[i].pos = MST_MATCH_ANY_POS;
  p.unit_ptr[1] = UNITS;
  assert_int_equal(mst_matches_find(mst_test_backend(1), &p.s, &got), MST_OK);
  assert_int_equal(got.match_ptr[1], MST_MATCH_LIMIT);
  assert_int_equal(got.match[MST_MATCH_LIMIT - 1].first, MST_MATCH_LIMIT / 2 - 1);
  mst_match_lists_fini(&got);
}

static mst_status find_all(void *payload) {
  mst_match_lists got;
  (void)payload;
  const mst_status st = mst_matches_find(mst_test_backend(1), &p.s, &got);
  if (!st) mst_match_lists_fini(&got);
  return st;
}

static void test_no_memory(void **state) {
  (void)state;
  problem_init(PATTERNS, 3, 20, 7);
  (void)mst_test_backend(1);
  assert_true(fail_every_alloc(find_all, NULL) >= 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_empty),
                                     cmocka_unit_test(test_arguments),
                                     cmocka_unit_test(test_numbers_of_documents),
                                     cmocka_unit_test(test_random),
                                     cmocka_unit_test(test_limit),
                                     cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
