/* test_shards.c: a corpus on joined backends gives the bytes of one backend, whatever the number of
 * shards, the rows and the options. MST_TEST_DEVICE "cuda" takes the machine's GPUs; else CPUs are
 * joined, as many as a case wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corpus.h"
#include "failing_alloc.h"
#include "misstep/counts.h"

static test_corpus texts;

static int is_cuda(void) {
  const char *device = getenv("MST_TEST_DEVICE");
  return device && strcmp(device, "cuda") == 0;
}

static mst_backend *one(void) {
  mst_backend *backend = NULL;
  assert_int_equal(mst_backend_open("cpu", 2, &backend), MST_OK);
  return backend;
}

static mst_backend *joined(int n, int n_threads) {
  mst_backend *first = NULL;
  if (is_cuda()) {
    assert_int_equal(mst_backend_open("cuda", n_threads, &first), MST_OK);
    assert_string_equal(mst_backend_device(first), "cuda:0");
    return first;
  }
  for (int i = 0; i < n; i++) {
    mst_backend *backend = NULL;
    assert_int_equal(mst_backend_open("cpu", n_threads, &backend), MST_OK);
    if (first) mst_backend_join(first, backend);
    else first = backend;
  }
  return first;
}

/* What a corpus gives. */
typedef struct given {
  mst_vectorizer *v;
  mst_csr counts, x, again;
} given;

static void given_fini(given *g) {
  mst_csr_fini(&g->counts);
  mst_csr_fini(&g->x);
  mst_csr_fini(&g->again);
  mst_vectorizer_free(g->v);
  *g = (given){0};
}

static mst_corpus *pieces_corpus(mst_backend *backend) {
  mst_backend *cpu = one();
  mst_pieces *pieces = NULL;
  mst_corpus *corpus = NULL;
  assert_int_equal(mst_pieces_create(cpu, &texts.text, &pieces), MST_OK);
  pieces->home = NULL;
  assert_int_equal(mst_corpus_take(backend, pieces, &corpus), MST_OK);
  mst_backend_close(cpu);
  return corpus;
}

/* Fit on some rows (NULL: all), weigh others. */
static void give(mst_backend *backend, int option_set, int taken, const int64_t *rows, int64_t n,
                 given *g) {
  const mst_vectorizer_options o = test_options(option_set);
  static const int64_t few[] = {7, 3, 3, 0};
  mst_corpus *corpus = NULL;
  if (taken) corpus = pieces_corpus(backend);
  else assert_int_equal(mst_corpus_create(backend, &texts.text, &corpus), MST_OK);
  assert_int_equal(mst_corpus_n_docs(corpus), texts.text.n_docs);
  assert_int_equal(mst_vectorizer_fit(&o, corpus, rows, n, &g->v, &g->counts, &g->x), MST_OK);
  assert_int_equal(mst_vectorizer_transform(g->v, corpus, few, 4, NULL, &g->again), MST_OK);
  mst_corpus_free(corpus);
}

static void assert_same(const given *a, const given *b) {
  const int64_t n = mst_vectorizer_n_terms(a->v);
  assert_true(same_strings(mst_vectorizer_terms(a->v), mst_vectorizer_terms(b->v)));
  assert_int_equal(mst_vectorizer_n_docs(a->v), mst_vectorizer_n_docs(b->v));
  const size_t n_bytes = (size_t)n * sizeof(int64_t);
  assert_memory_equal(mst_vectorizer_doc_freq(a->v), mst_vectorizer_doc_freq(b->v), n_bytes);
  assert_memory_equal(mst_vectorizer_term_freq(a->v), mst_vectorizer_term_freq(b->v), n_bytes);
  assert_memory_equal(mst_vectorizer_idf(a->v), mst_vectorizer_idf(b->v), n_bytes);
  assert_true(same_csr(&a->counts, &b->counts));
  assert_true(same_csr(&a->x, &b->x) && same_csr(&a->again, &b->again));
}

static void any_number_of_shards(void **state) {
  (void)state;
  enum { N = 60 };
  static const int n_shards[] = {2, 3, 7};
  int64_t backwards[N];
  test_corpus_fill(&texts, 7, N);
  for (int64_t r = 0; r < N; r++) backwards[r] = N - 1 - r;
  for (int i = 0; i < N_OPTION_SETS; i++)
    for (int k = 0; k < 3; k++) {
      if (is_cuda() && k) continue;
      const int64_t *rows = k == 1 ? backwards + 9 : NULL;
      mst_backend *cpu = one(), *many = joined(n_shards[k], 1 + k);
      given a = {0}, b = {0};
      give(cpu, i, 0, rows, 40, &a);
      give(many, i, k == 2, rows, 40, &b);
      assert_same(&a, &b);
      given_fini(&b);
      given_fini(&a);
      mst_backend_close(many);
      mst_backend_close(cpu);
    }
}

/* So many terms that they are merged in ranges: every word in one shard, in some or in all. */
static void any_number_of_threads(void **state) {
  (void)state;
  static const int n_threads[] = {1, 2, 4, 5};
  test_corpus_clear(&texts);
  for (int d = 0; d < 1500; d++) {
    char text[64];
    const int n = snprintf(text, sizeof text, "q%x every%d %xz", d * 7919 % 4096, d % 5, d % 700);
    test_corpus_add(&texts, text, (size_t)n);
  }
  mst_backend *cpu = one();
  given a = {0};
  give(cpu, 0, 0, NULL, texts.text.n_docs, &a);
  assert_true(mst_vectorizer_n_terms(a.v) > 2000);
  for (int k = 0; k < 4; k++) {
    mst_backend *many = joined(2 + k, n_threads[k]);
    given b = {0};
    give(many, 0, 0, NULL, texts.text.n_docs, &b);
    assert_same(&a, &b);
    given_fini(&b);
    mst_backend_close(many);
  }
  given_fini(&a);
  mst_backend_close(cpu);
}

/* Fewer documents than shards; documents without a term; rows of one shard alone. */
static void shards_with_nothing_in_them(void **state) {
  (void)state;
  static const int64_t last[] = {8, 8};
  test_corpus_clear(&texts);
  for (int d = 0; d < 9; d++) test_corpus_add(&texts, d % 4 ? "" : "one two", d % 4 ? 0 : 7);
  for (int k = 0; k < 2; k++) {
    mst_backend *cpu = one(), *many = joined(20, 2);
    given a = {0}, b = {0};
    give(cpu, 0, 0, k ? last : NULL, 2, &a);
    give(many, 0, 0, k ? last : NULL, 2, &b);
    assert_same(&a, &b);
    given_fini(&a);
    given_fini(&b);
    mst_backend_close(many);
    mst_backend_close(cpu);
  }
}

/* The errors of one backend, in its words; no corpus at all. */
static void same_errors(void **state) {
  (void)state;
  static const int64_t beyond[] = {0, 3}, negative[] = {-1};
  mst_backend *many = joined(3, 2);
  mst_corpus *corpus = NULL;
  mst_vectorizer *v = NULL;
  mst_vectorizer_options o = mst_vectorizer_options_default();
  test_corpus_clear(&texts);
  assert_int_equal(mst_corpus_create(many, &texts.text, &corpus), MST_OK);
  assert_int_equal(mst_vectorizer_fit(&o, corpus, NULL, 0, &v, NULL, NULL), MST_E_FORMAT);
  assert_non_null(strstr(mst_error_last()->message, "empty vocabulary"));
  mst_corpus_free(corpus);
  for (int d = 0; d < 3; d++) test_corpus_add(&texts, "one two", 7);
  assert_int_equal(mst_corpus_create(many, &texts.text, &corpus), MST_OK);
  assert_int_equal(mst_vectorizer_fit(&o, corpus, beyond, 2, &v, NULL, NULL), MST_E_ARG);
  assert_string_equal(mst_error_last()->message, "row 3 of a corpus with 3 documents");
  assert_int_equal(mst_vectorizer_fit(&o, corpus, negative, 1, &v, NULL, NULL), MST_E_ARG);
  o.min_df = (mst_df_cut){0, 4};
  assert_int_equal(mst_vectorizer_fit(&o, corpus, NULL, 0, &v, NULL, NULL), MST_E_ARG);
  o = mst_vectorizer_options_default();
  o.token.token_pattern = "(";
  assert_int_equal(mst_vectorizer_fit(&o, corpus, NULL, 0, &v, NULL, NULL), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "parenthesis"));
  assert_null(v);
  mst_corpus_free(corpus);
  mst_backend_close(many);
}

static mst_status make_all(void *payload) {
  const mst_vectorizer_options o = test_options(*(int *)payload);
  given g = {0};
  mst_corpus *corpus = NULL;
  mst_backend *first = NULL, *second = NULL;
  mst_status st = mst_backend_open("cpu", 1, &first);
  if (!st) st = mst_backend_open("cpu", 1, &second);
  if (second) mst_backend_join(first, second);
  if (!st) st = mst_corpus_create(first, &texts.text, &corpus);
  if (!st) st = mst_vectorizer_fit(&o, corpus, NULL, 0, &g.v, &g.counts, &g.x);
  if (!st) st = mst_vectorizer_transform(g.v, corpus, NULL, 0, NULL, &g.again);
  mst_corpus_free(corpus);
  given_fini(&g);
  mst_backend_close(first);
  return st;
}

static void no_memory(void **state) {
  (void)state;
  if (is_cuda()) skip();
  test_corpus_fill(&texts, 3, 20);
  for (int i = 0; i < N_OPTION_SETS; i += 5) assert_true(fail_every_alloc(make_all, &i) > 50);
}

static mst_status take_pieces(void *payload) {
  (void)payload;
  mst_backend *first = NULL, *second = NULL;
  mst_pieces *pieces = NULL;
  mst_corpus *corpus = NULL;
  mst_status st = mst_backend_open("cpu", 1, &first);
  if (!st) st = mst_backend_open("cpu", 1, &second);
  if (second) mst_backend_join(first, second);
  if (!st) st = mst_pieces_create(first, &texts.text, &pieces);
  if (!st) st = mst_corpus_take(first, pieces, &corpus);
  if (st) mst_pieces_free(pieces);
  mst_corpus_free(corpus);
  mst_backend_close(first);
  return st;
}

static void no_memory_for_pieces(void **state) {
  (void)state;
  if (is_cuda()) skip();
  assert_true(fail_every_alloc(take_pieces, NULL) > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(same_errors),
                                     cmocka_unit_test(any_number_of_shards),
                                     cmocka_unit_test(any_number_of_threads),
                                     cmocka_unit_test(shards_with_nothing_in_them),
                                     cmocka_unit_test(no_memory),
                                     cmocka_unit_test(no_memory_for_pieces)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
