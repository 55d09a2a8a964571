/* test_vectorizer.c: fitting and transforming: errors, options, and what must not change the
 * result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "corpus.h"
#include "failing_alloc.h"
#include "misstep/log.h"
#include "test_backend.h"

static test_corpus texts;

static mst_corpus *corpus_of(test_corpus *c) {
  mst_corpus *corpus = NULL;
  assert_int_equal(mst_corpus_create(mst_test_backend(2), &c->text, &corpus), MST_OK);
  return corpus;
}

static void expect_fit_error(const mst_vectorizer_options *o, mst_corpus *corpus, mst_status status,
                             const char *words) {
  mst_vectorizer *v = (mst_vectorizer *)&texts;
  mst_csr x = {.n_rows = 77};
  assert_int_equal(mst_vectorizer_fit(o, corpus, NULL, 0, &v, NULL, &x), status);
  assert_non_null(strstr(mst_error_last()->message, words));
  assert_ptr_equal(v, &texts);
  assert_int_equal(x.n_rows, 77);
}

static void empty_corpus_has_no_vocabulary(void **state) {
  (void)state;
  test_corpus_clear(&texts);
  mst_corpus *corpus = corpus_of(&texts);
  for (int i = 0; i < N_OPTION_SETS; i++) {
    const mst_vectorizer_options o = test_options(i);
    expect_fit_error(&o, corpus, MST_E_FORMAT, "empty vocabulary");
  }
  mst_corpus_free(corpus);
  test_corpus_add(&texts, "", 0);
  test_corpus_add(&texts, " . ", 3);
  corpus = corpus_of(&texts);
  const mst_vectorizer_options o = test_options(0);
  expect_fit_error(&o, corpus, MST_E_FORMAT, "empty vocabulary");
  mst_corpus_free(corpus);
}

static void wrong_options_are_named(void **state) {
  (void)state;
  test_corpus_fill(&texts, 1, 20);
  mst_corpus *corpus = corpus_of(&texts);
  const mst_vectorizer_options good = mst_vectorizer_options_default();
  mst_vectorizer_options o = good;
  o.ngram_min = 3, o.ngram_max = 2;
  expect_fit_error(&o, corpus, MST_E_ARG, "ngram_range 3,2");
  o.ngram_min = 1, o.ngram_max = 17;
  expect_fit_error(&o, corpus, MST_E_ARG, "from 1 to 16");
  o = good, o.min_df = (mst_df_cut){1, 1.5};
  expect_fit_error(&o, corpus, MST_E_ARG, "min_df");
  o = good, o.max_df = (mst_df_cut){0, 0.0};
  expect_fit_error(&o, corpus, MST_E_ARG, "max_df");
  o = good, o.max_features = -1;
  expect_fit_error(&o, corpus, MST_E_ARG, "max_features");
  o = good, o.stop_words = "klingon";
  expect_fit_error(&o, corpus, MST_E_ARG, "not a built-in stop list: klingon");
  o = good, o.dtype = MST_INT32;
  expect_fit_error(&o, corpus, MST_E_ARG, "dtype");
  o = good, o.token.token_pattern = "(";
  expect_fit_error(&o, corpus, MST_E_ARG, "");
  o = good, o.min_df = (mst_df_cut){0, 10.0}, o.max_df = (mst_df_cut){0, 5.0};
  expect_fit_error(&o, corpus, MST_E_ARG, "max_df corresponds to < documents than min_df");
  o = good, o.min_df = (mst_df_cut){0, 20.0}, o.max_df = (mst_df_cut){0, 20.0};
  expect_fit_error(&o, corpus, MST_E_ARG, "After pruning, no terms remain");
  const int64_t beyond = 20;
  mst_vectorizer *v = NULL;
  assert_int_equal(mst_vectorizer_fit(&good, corpus, &beyond, 1, &v, NULL, NULL), MST_E_ARG);
  assert_null(v);
  mst_corpus_free(corpus);
}

/* Two documents whose counts, frequencies and weights are worked out by hand. */
static void small_example_by_hand(void **state) {
  (void)state;
  test_corpus_clear(&texts);
  test_corpus_add(&texts, "Step step wrong", 15);
  test_corpus_add(&texts, "wrong, the-end", 14);
  mst_corpus *corpus = corpus_of(&texts);
  mst_vectorizer_options o = mst_vectorizer_options_default();
  o.stop_words = "english";
  mst_vectorizer *v = NULL;
  mst_csr counts = {0}, x = {0};
  assert_int_equal(mst_vectorizer_fit(&o, corpus, NULL, 0, &v, &counts, &x), MST_OK);
  assert_int_equal(mst_vectorizer_n_terms(v), 3); /* end step wrong */
  assert_int_equal(mst_vectorizer_n_docs(v), 2);
  assert_memory_equal(mst_vectorizer_terms(v)->bytes, "endstepwrong", 12);
  const int64_t df[] = {1, 1, 2}, tf[] = {1, 2, 2}, row_ptr[] = {0, 2, 4};
  const int32_t col[] = {1, 2, 0, 2}, count[] = {2, 1, 1, 1};
  assert_memory_equal(mst_vectorizer_doc_freq(v), df, sizeof df);
  assert_memory_equal(mst_vectorizer_term_freq(v), tf, sizeof tf);
  assert_memory_equal(counts.row_ptr, row_ptr, sizeof row_ptr);
  assert_memory_equal(counts.col, col, sizeof col);
  assert_memory_equal(counts.val, count, sizeof count);
  const double rare = log(3.0 / 2.0) + 1.0, length = sqrt(4.0 * rare * rare + 1.0);
  const double *val = x.val;
  assert_true(fabs(val[0] - 2.0 * rare / length) < 1e-15);
  assert_true(fabs(val[1] - 1.0 / length) < 1e-15);
  assert_true(mst_vectorizer_options_view(v)->stop_words != o.stop_words); /* a copy */
  mst_csr_fini(&counts);
  mst_csr_fini(&x);
  mst_vectorizer_free(v);
  mst_corpus_free(corpus);
}

/* The paper's weights: term share times ln(D / (1 + df)), entries of weight 0 left out. */
static void paper_leaves_zero_weights_out(void **state) {
  (void)state;
  test_corpus_clear(&texts);
  test_corpus_add(&texts, "aa bb bb", 8);
  test_corpus_add(&texts, "aa", 2);
  test_corpus_add(&texts, "aa cc", 5);
  test_corpus_add(&texts, "", 0);
  mst_corpus *corpus = corpus_of(&texts);
  mst_vectorizer_options o = mst_vectorizer_options_default();
  o.tf = MST_TF_RELATIVE, o.idf = MST_IDF_PAPER, o.norm = MST_NORM_NONE;
  mst_vectorizer *v = NULL;
  mst_csr counts = {0}, x = {0}, only = {0};
  assert_int_equal(mst_vectorizer_fit(&o, corpus, NULL, 0, &v, &counts, &x), MST_OK);
  assert_int_equal(counts.row_ptr[4], 5);
  const int64_t row_ptr[] = {0, 1, 1, 2, 2};
  assert_memory_equal(x.row_ptr, row_ptr, sizeof row_ptr); /* aa: ln(4/4) = 0 */
  assert_true(((double *)x.val)[0] == 2.0 / 3.0 * log(2.0));
  assert_true(((double *)x.val)[1] == 1.0 / 2.0 * log(2.0));
  assert_int_equal(mst_vectorizer_transform(v, corpus, NULL, 0, NULL, &only), MST_OK);
  assert_true(same_csr(&x, &only));
  mst_csr_fini(&counts);
  mst_csr_fini(&x);
  mst_csr_fini(&only);
  mst_vectorizer_free(v);
  mst_corpus_free(corpus);
}

static void ties_keep_the_first_terms(void **state) {
  (void)state;
  test_corpus_clear(&texts);
  test_corpus_add(&texts, "dd cc bb aa ee ee", 17);
  mst_corpus *corpus = corpus_of(&texts);
  mst_vectorizer_options o = mst_vectorizer_options_default();
  o.max_features = 3;
  mst_vectorizer *v = NULL;
  assert_int_equal(mst_vectorizer_fit(&o, corpus, NULL, 0, &v, NULL, NULL), MST_OK);
  assert_memory_equal(mst_vectorizer_terms(v)->bytes, "aabbee", 6);
  mst_vectorizer_free(v);
  mst_corpus_free(corpus);
}

/* Threads, fit with or without matrices, subsets and permutations: always the same bytes. */
static void nothing_else_changes_the_result(void **state) {
  (void)state;
  enum { N = 1500 };
  static int64_t backwards[N];
  test_corpus_fill(&texts, 7, N);
  for (int64_t r = 0; r < N; r++) backwards[r] = N - 1 - r;
  for (int i = 0; i < N_OPTION_SETS; i++) {
    const mst_vectorizer_options o = test_options(i);
    mst_vectorizer *first = NULL;
    mst_csr counts = {0}, x = {0};
    mst_corpus *corpus = corpus_of(&texts);
    (void)mst_test_backend(1);
    assert_int_equal(mst_vectorizer_fit(&o, corpus, NULL, 0, &first, &counts, &x), MST_OK);
    assert_int_equal(mst_csr_check(&x), MST_OK);
    for (int threads = 1; threads <= 7; threads += threads == 1 ? 1 : 5) {
      mst_vectorizer *v = NULL;
      mst_csr c = {0}, y = {0}, z = {0}, rows = {0};
      (void)mst_test_backend(threads);
      assert_int_equal(mst_vectorizer_fit(&o, corpus, NULL, 0, &v, &c, &y), MST_OK);
      assert_true(same_csr(&c, &counts) && same_csr(&y, &x));
      assert_true(same_strings(mst_vectorizer_terms(v), mst_vectorizer_terms(first)));
      mst_csr_fini(&c);
      mst_csr_fini(&y);
      assert_int_equal(mst_vectorizer_transform(v, corpus, NULL, 0, &c, &y), MST_OK);
      assert_true(same_csr(&c, &counts) && same_csr(&y, &x));
      mst_csr_fini(&c);
      mst_csr_fini(&y);
      assert_int_equal(mst_vectorizer_transform(v, corpus, backwards + 9, 300, NULL, &z), MST_OK);
      assert_int_equal(mst_csr_take_rows(&x, backwards + 9, 300, &rows), MST_OK);
      assert_true(same_csr(&z, &rows));
      mst_csr_fini(&z);
      mst_csr_fini(&rows);
      mst_vectorizer_free(v);
      assert_int_equal(mst_vectorizer_fit(&o, corpus, backwards, N, &v, NULL, &z), MST_OK);
      assert_int_equal(mst_csr_take_rows(&x, backwards, N, &rows), MST_OK);
      assert_true(same_csr(&z, &rows));
      mst_csr_fini(&z);
      mst_csr_fini(&rows);
      mst_vectorizer_free(v);
    }
    mst_csr_fini(&counts);
    mst_csr_fini(&x);
    mst_vectorizer_free(first);
    mst_corpus_free(corpus);
  }
}

/* A fit on a subset of a corpus is the fit on a corpus of that subset. */
static void subset_is_a_corpus_of_its_own(void **state) {
  (void)state;
  static test_corpus part;
  enum { N = 400, STEP = 3 };
  int64_t rows[N];
  int64_t n = 0;
  test_corpus_fill(&texts, 11, N);
  test_corpus_clear(&part);
  for (int64_t d = 0; d < N; d += STEP) {
    rows[n++] = d;
    test_corpus_add(&part, texts.bytes + texts.start[d],
                    (size_t)(texts.start[d + 1] - texts.start[d]));
  }
  for (int i = 0; i < N_OPTION_SETS; i++) {
    const mst_vectorizer_options o = test_options(i);
    mst_corpus *whole = corpus_of(&texts), *own = corpus_of(&part);
    mst_vectorizer *a = NULL, *b = NULL;
    mst_csr x = {0}, y = {0}, p = {0}, q = {0};
    assert_int_equal(mst_vectorizer_fit(&o, whole, rows, n, &a, NULL, &x), MST_OK);
    assert_int_equal(mst_vectorizer_fit(&o, own, NULL, 0, &b, NULL, &y), MST_OK);
    assert_true(same_csr(&x, &y));
    assert_true(same_strings(mst_vectorizer_terms(a), mst_vectorizer_terms(b)));
    assert_int_equal(mst_vectorizer_transform(b, whole, NULL, 0, NULL, &p), MST_OK);
    assert_int_equal(mst_vectorizer_transform(a, whole, NULL, 0, NULL, &q), MST_OK);
    assert_true(same_csr(&p, &q));
    mst_csr_fini(&x);
    mst_csr_fini(&y);
    mst_csr_fini(&p);
    mst_csr_fini(&q);
    mst_vectorizer_free(a);
    mst_vectorizer_free(b);
    mst_corpus_free(whole);
    mst_corpus_free(own);
  }
}

/* take keeps columns; create from the parts gives the same vectorizer. */
static void taken_and_rebuilt(void **state) {
  (void)state;
  test_corpus_fill(&texts, 5, 200);
  mst_corpus *corpus = corpus_of(&texts);
  for (int i = 0; i < N_OPTION_SETS; i++) {
    const mst_vectorizer_options o = test_options(i);
    mst_vectorizer *v = NULL, *again = NULL;
    mst_csr counts = {0}, few = {0}, got = {0}, x = {0}, y = {0};
    assert_int_equal(mst_vectorizer_fit(&o, corpus, NULL, 0, &v, &counts, NULL), MST_OK);
    const int32_t ids[] = {0, 2, (int32_t)mst_vectorizer_n_terms(v) - 1}, bad[] = {2, 1};
    assert_int_equal(mst_vectorizer_take(v, bad, 2), MST_E_ARG);
    assert_int_equal(mst_vectorizer_take(v, ids, 3), MST_OK);
    assert_int_equal(mst_csr_take_cols(&counts, ids, 3, &few), MST_OK);
    assert_int_equal(mst_vectorizer_transform(v, corpus, NULL, 0, &got, &x), MST_OK);
    assert_true(same_csr(&few, &got));
    assert_int_equal(mst_vectorizer_create(&o, mst_vectorizer_terms(v), NULL,
                                           mst_vectorizer_doc_freq(v), NULL,
                                           mst_vectorizer_n_docs(v), &again),
                     MST_OK);
    assert_int_equal(mst_vectorizer_transform(again, corpus, NULL, 0, NULL, &y), MST_OK);
    assert_true(same_csr(&x, &y));
    mst_csr_fini(&counts);
    mst_csr_fini(&few);
    mst_csr_fini(&got);
    mst_csr_fini(&x);
    mst_csr_fini(&y);
    mst_vectorizer_free(v);
    mst_vectorizer_free(again);
  }
  mst_corpus_free(corpus);
}

static void create_refuses_disorder(void **state) {
  (void)state;
  uint8_t bytes[] = "baab";
  int64_t start[] = {0, 1, 2, 3, 4};
  const double idf[] = {1, 1, 1, 1};
  const mst_strings unsorted = {2, bytes, start}, twice = {2, bytes + 1, start};
  const mst_vectorizer_options o = mst_vectorizer_options_default();
  mst_vectorizer *v = NULL;
  assert_int_equal(mst_vectorizer_create(&o, &unsorted, idf, NULL, NULL, 1, &v), MST_E_FORMAT);
  assert_int_equal(mst_vectorizer_create(&o, &twice, idf, NULL, NULL, 1, &v), MST_E_FORMAT);
  assert_int_equal(mst_vectorizer_create(&o, &twice, NULL, NULL, NULL, 1, &v), MST_E_ARG);
  assert_null(v);
  mst_vectorizer_free(NULL);
  mst_corpus_free(NULL);
}

static int cancel(const char *stage, int64_t done, int64_t total, const char *detail,
                  void *payload) {
  (void)stage, (void)total, (void)detail;
  return done == *(const int *)payload;
}

static void progress_can_cancel(void **state) {
  (void)state;
  test_corpus_fill(&texts, 5, 10);
  mst_corpus *corpus = corpus_of(&texts);
  const mst_vectorizer_options o = test_options(0);
  for (int at = 0; at < 4; at++) {
    mst_progress_set(cancel, &at);
    expect_fit_error(&o, corpus, MST_E_CANCELLED, "cancelled");
  }
  mst_progress_set(NULL, NULL);
  mst_corpus_free(corpus);
}

/* One whole life: corpus, fit, transform, take. Nothing may be left behind whichever part fails. */
static mst_status whole_life(void *payload) {
  const mst_vectorizer_options o = test_options(*(int *)payload);
  mst_corpus *corpus = NULL;
  mst_vectorizer *v = NULL;
  mst_csr counts = {.n_rows = 5}, x = {.n_rows = 5}, y = {.n_rows = 5};
  mst_status st = mst_corpus_create(mst_test_backend(2), &texts.text, &corpus);
  if (!st) st = mst_vectorizer_fit(&o, corpus, NULL, 0, &v, &counts, &x);
  if (st) assert_true(v == NULL && counts.n_rows == 5 && x.n_rows == 5);
  const int fitted = st == MST_OK;
  const int32_t ids[] = {0, 1};
  if (!st) st = mst_vectorizer_take(v, ids, 2);
  if (!st) st = mst_vectorizer_transform(v, corpus, NULL, 0, NULL, &y);
  if (st) assert_int_equal(y.n_rows, 5);
  else mst_csr_fini(&y);
  if (fitted) mst_csr_fini(&counts), mst_csr_fini(&x);
  mst_vectorizer_free(v);
  mst_corpus_free(corpus);
  return st;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  test_corpus_fill(&texts, 3, 12);
  /* with all devices of an emulator a fit takes long; every option set is tried on one of them */
  const char *device = getenv("MST_TEST_DEVICE");
  const int step = device && strcmp(device, "cuda") == 0 ? 3 : 1;
  for (int i = 0; i < N_OPTION_SETS; i += step) assert_true(fail_every_alloc(whole_life, &i) > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(empty_corpus_has_no_vocabulary),
      cmocka_unit_test(wrong_options_are_named),
      cmocka_unit_test(small_example_by_hand),
      cmocka_unit_test(paper_leaves_zero_weights_out),
      cmocka_unit_test(ties_keep_the_first_terms),
      cmocka_unit_test(nothing_else_changes_the_result),
      cmocka_unit_test(subset_is_a_corpus_of_its_own),
      cmocka_unit_test(taken_and_rebuilt),
      cmocka_unit_test(create_refuses_disorder),
      cmocka_unit_test(progress_can_cancel),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
