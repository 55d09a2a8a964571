/* test_tokens.c: the fast path against the plain path (its definition), threads, errors, memory. */
#include "corpus.h"
#include "cpu/analyze.h"
#include "failing_alloc.h"
#include "test_backend.h"

#define CORPUS(...)                                                                                \
  corpus_of((const char *const[]){__VA_ARGS__},                                                    \
            sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

static mst_pieces *cut(const corpus *c) {
  mst_pieces *pieces = NULL;
  assert_int_equal(mst_pieces_create(mst_test_backend(2), &c->text, &pieces), MST_OK);
  return pieces;
}

static mst_tokens *run(const mst_pieces *pieces, const mst_token_options *o, int n_threads) {
  mst_tokens *t = NULL;
  assert_int_equal(mst_tokens_create(mst_test_backend(n_threads), pieces, o, &t), MST_OK);
  mst_test_read_tokens(t);
  assert_int_equal(t->n_tokens, t->doc_ptr[t->n_docs]);
  return t;
}

static void assert_same_tokens(const mst_tokens *a, const mst_tokens *b) {
  assert_int_equal(a->n_docs, b->n_docs);
  assert_memory_equal(a->doc_ptr, b->doc_ptr, (size_t)(a->n_docs + 1) * sizeof *a->doc_ptr);
  assert_memory_equal(a->id, b->id, (size_t)a->doc_ptr[a->n_docs] * sizeof *a->id);
  assert_same_strings(&a->types, &b->types);
}

/* Sorted, distinct, all used, ids in range, joinable as promised. */
static void assert_sound(const mst_tokens *t) {
  uint8_t *used = calloc((size_t)t->types.n + 1, 1);
  assert_non_null(used);
  for (int64_t i = 0; i < t->doc_ptr[t->n_docs]; i++) {
    assert_in_range(t->id[i], 0, t->types.n - 1);
    used[t->id[i]] = 1;
  }
  int joinable = 1;
  for (int64_t v = 0; v < t->types.n; v++) {
    assert_true(used[v]);
    const mst_slice s = mst_strings_at(&t->types, v);
    joinable &= s.len > 0;
    for (int64_t i = 0; i < s.len; i++) joinable &= s.ptr[i] > 0x20;
  }
  assert_int_equal(t->joinable, joinable);
  assert_sorted(&t->types);
  free(used);
}

static void assert_document(const mst_tokens *t, int64_t d, const char *const *want, int n) {
  assert_int_equal(t->doc_ptr[d + 1] - t->doc_ptr[d], n);
  for (int i = 0; i < n; i++) {
    const mst_slice s = mst_strings_at(&t->types, t->id[t->doc_ptr[d] + i]);
    assert_int_equal(s.len, strlen(want[i]));
    assert_memory_equal(s.ptr, want[i], (size_t)s.len);
  }
}

static void empty_corpus(void **state) {
  (void)state;
  corpus c = CORPUS("");
  c.text.n_docs = 0;
  mst_pieces *pieces = cut(&c);
  for (int k = MST_ANALYZER_WORD; k <= MST_ANALYZER_MATHS; k++) {
    mst_token_options o = mst_token_options_default();
    o.analyzer = (mst_analyzer)k;
    mst_tokens *t = run(pieces, &o, 2);
    assert_int_equal(t->n_docs, 0);
    assert_int_equal(t->types.n, 0);
    assert_int_equal(t->joinable, 1);
    mst_tokens_free(t);
  }
  mst_tokens_free(NULL);
  mst_pieces_free(pieces);
  corpus_free(&c);
}

static void defaults(void **state) {
  (void)state;
  corpus c = CORPUS("The cat, a CAT!", "", " ", "\xce\x9f\xce\x94\xce\x9f\xce\xa3 x");
  mst_pieces *pieces = cut(&c);
  const mst_token_options o = mst_token_options_default();
  mst_tokens *t = run(pieces, &o, 2);
  assert_document(t, 0, (const char *const[]){"the", "cat", "cat"}, 3);
  assert_document(t, 1, NULL, 0);
  assert_document(t, 2, NULL, 0);
  assert_document(t, 3, (const char *const[]){"\xce\xbf\xce\xb4\xce\xbf\xcf\x82"}, 1);
  assert_sound(t);
  mst_tokens_free(t);
  mst_pieces_free(pieces);
  corpus_free(&c);
}

/* What only the whole text knows: marks that vanish join words, white space that vanishes joins
 * runs, a sigma looks over a full stop. */
static void neighbours(void **state) {
  (void)state;
  corpus c = CORPUS("e\xcc\x81t",
                    "1990\xe2\x80\x93"
                    "2000 ab",
                    "A\xce\xa3.B cd");
  mst_pieces *pieces = cut(&c);
  mst_token_options o = mst_token_options_default();
  mst_tokens *kept = run(pieces, &o, 1);
  assert_document(kept, 0, NULL, 0);
  assert_document(kept, 1, (const char *const[]){"1990", "2000", "ab"}, 3);
  assert_document(kept, 2, (const char *const[]){"a\xcf\x83", "cd"}, 2);
  o.strip_accents = MST_ACCENTS_ASCII;
  mst_tokens *ascii = run(pieces, &o, 1);
  assert_document(ascii, 0, (const char *const[]){"et"}, 1);
  assert_document(ascii, 1, (const char *const[]){"19902000", "ab"}, 2);
  assert_sound(ascii);
  mst_tokens_free(kept);
  mst_tokens_free(ascii);
  mst_pieces_free(pieces);
  corpus_free(&c);
}

/* Fast path == plain path, any threads == one, over all options. */
static void check_options(const mst_pieces *pieces, const mst_pieces *on_host,
                          mst_token_options o) {
  mst_tokens *one = run(pieces, &o, 1), *two = run(pieces, &o, 2), *seven = run(pieces, &o, 7);
  assert_sound(one);
  assert_same_tokens(one, two);
  assert_same_tokens(one, seven);
  const mst__analysis a = {
      .pieces = on_host, .options = o, .bmp = mst__unicode_bmp(), .n_threads = 1};
  mst_tokens plain = {.n_docs = pieces->n_docs};
  assert_int_equal(mst__tokens_plain(&a, &plain), MST_OK);
  assert_same_tokens(one, &plain);
  mst_free(plain.doc_ptr);
  mst_free(plain.id);
  mst_strings_fini(&plain.types);
  mst_tokens_free(one);
  mst_tokens_free(two);
  mst_tokens_free(seven);
}

static void fast_is_plain(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    corpus c = corpus_random(seed, 300, seed % 2 ? 4 : 30);
    mst_pieces *pieces = cut(&c), *on_host = cut(&c);
    mst_test_read_pieces(on_host);
    for (int i = 0; i < 4 * 2 * 3; i++) {
      mst_token_options o = mst_token_options_default();
      o.analyzer = (mst_analyzer)(i % 4);
      o.lowercase = i / 4 % 2;
      o.strip_accents = (mst_accents)(i / 8);
      check_options(pieces, on_host, o);
    }
    mst_pieces_free(on_host);
    mst_pieces_free(pieces);
    corpus_free(&c);
  }
}

static void patterns(void **state) {
  (void)state;
  corpus c = CORPUS("one two\xc2\x85three", "", "x");
  mst_pieces *pieces = cut(&c);
  mst_token_options o = mst_token_options_default();
  o.token_pattern = "(\\S)\\S*";
  mst_tokens *t = run(pieces, &o, 2);
  assert_document(t, 0, (const char *const[]){"o", "t", "t"}, 3);
  assert_sound(t);
  mst_tokens_free(t);
  o.token_pattern = "x*";
  t = run(pieces, &o, 1);
  assert_document(t, 1, (const char *const[]){""}, 1);
  assert_document(t, 2, (const char *const[]){"x", ""}, 2);
  assert_int_equal(t->joinable, 0);
  mst_tokens_free(t);
  mst_pieces_free(pieces);
  corpus_free(&c);
}

static void bad_arguments(void **state) {
  (void)state;
  corpus c = CORPUS("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
  mst_pieces *pieces = cut(&c);
  mst_token_options o = mst_token_options_default();
  mst_tokens *t = NULL;
  mst_backend *backend = mst_test_backend(2);
  assert_int_equal(mst_tokens_create(backend, NULL, &o, &t), MST_E_ARG);
  assert_int_equal(mst_tokens_create(backend, pieces, NULL, &t), MST_E_ARG);
  assert_int_equal(mst_tokens_create(NULL, pieces, &o, &t), MST_E_ARG);
  assert_int_equal(mst_tokens_create(backend, pieces, &o, NULL), MST_E_ARG);
  o.token_pattern = "(a)(b)";
  assert_int_equal(mst_tokens_create(backend, pieces, &o, &t), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "2 groups"));
  o.token_pattern = "(a";
  assert_int_equal(mst_tokens_create(backend, pieces, &o, &t), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "parenthesis"));
  o.token_pattern = "(?:a+a+)+[cd]"; /* more steps than PCRE2 takes */
  assert_int_equal(mst_tokens_create(backend, pieces, &o, &t), MST_E_ADAPTER);
  o.token_pattern = "a";
  o.analyzer = MST_ANALYZER_CHAR;
  assert_int_equal(mst_tokens_create(backend, pieces, &o, &t), MST_E_ARG);
  o.token_pattern = NULL;
  o.analyzer = (mst_analyzer)9;
  assert_int_equal(mst_tokens_create(backend, pieces, &o, &t), MST_E_ARG);
  assert_null(t);
  mst_pieces_free(pieces);
  corpus_free(&c);
}

typedef struct attempt {
  const mst_pieces *pieces;
  mst_token_options options;
} attempt;

static mst_status run_once(void *payload) {
  const attempt *a = payload;
  mst_tokens *t = NULL;
  const mst_status st = mst_tokens_create(mst_test_backend(1), a->pieces, &a->options, &t);
  assert_true((st == MST_OK) == (t != NULL));
  mst_tokens_free(t);
  return st;
}

static void no_memory(void **state) {
  (void)state;
  corpus c = corpus_random(7, 60, 30);
  attempt a = {cut(&c), mst_token_options_default()};
  for (int k = MST_ANALYZER_WORD; k <= MST_ANALYZER_MATHS; k++) {
    a.options.analyzer = (mst_analyzer)k;
    a.options.strip_accents = MST_ACCENTS_UNICODE;
    assert_true(fail_every_alloc(run_once, &a) > 5);
  }
  a.options.analyzer = MST_ANALYZER_WORD;
  a.options.token_pattern = "(?u)\\w+";
  assert_true(fail_every_alloc(run_once, &a) > 5);
  mst_pieces_free((mst_pieces *)a.pieces);
  corpus_free(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(empty_corpus),  cmocka_unit_test(defaults),
      cmocka_unit_test(neighbours),    cmocka_unit_test(patterns),
      cmocka_unit_test(fast_is_plain), cmocka_unit_test(bad_arguments),
      cmocka_unit_test(no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
