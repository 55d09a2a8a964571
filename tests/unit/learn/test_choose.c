/* Each fit's own terms: chosen from the rows that it sees and from no other; and the matrix that
 * serves all fits at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "corpus.h"
#include "failing_alloc.h"
#include "features/select.h"
#include "features/vectorizer.h"
#include "learn/choose.h"
#include "learn/join.h"
#include "learn/model_internal.h"
#include "misstep/alloc.h"
#include "misstep/rng.h"
#include "test_backend.h"

/* Counts 1 to 3 of about 6 terms a row, with labels and folds drawn at random. */
typedef struct counted {
  mst_csr counts;
  int32_t *label, *fold;
  int32_t n_classes, n_folds;
} counted;

static uint64_t draw(uint64_t n, uint64_t seed, int64_t row, uint64_t place) {
  return mst_rng_below(n, seed, MST_RNG_GENERATE, (uint64_t)row, 3, place);
}

static counted counted_make(int64_t n, int64_t n_terms, int32_t n_classes, int32_t n_folds,
                            uint64_t seed) {
  counted c = {.n_classes = n_classes, .n_folds = n_folds};
  assert_int_equal(mst_csr_init(&c.counts, n, n_terms, 12 * n, MST_INT32), MST_OK);
  c.label = malloc(((size_t)n + 1) * sizeof *c.label);
  c.fold = n_folds ? malloc(((size_t)n + 1) * sizeof *c.fold) : NULL;
  int64_t at = 0;
  for (int64_t d = 0; d < n; d++) {
    c.label[d] = (int32_t)draw((uint64_t)n_classes, seed, d, 0);
    if (n_folds) c.fold[d] = (int32_t)draw((uint64_t)n_folds, seed, d, 1);
    const uint64_t step = (uint64_t)n_terms / 6 + 1;
    for (int64_t t = (int64_t)draw(step, seed, d, 2); t < n_terms;
         t += 1 + (int64_t)draw(2 * step, seed, d, (uint64_t)t + 3)) {
      if (at == c.counts.row_ptr[d] + 12) break;
      c.counts.col[at] = (int32_t)t;
      ((int32_t *)c.counts.val)[at++] = 1 + (int32_t)draw(3, seed, d, (uint64_t)(n_terms + t));
    }
    c.counts.row_ptr[d + 1] = at;
  }
  return c;
}

static void counted_free(counted *c) {
  mst_csr_fini(&c->counts);
  free(c->label);
  free(c->fold);
}

static mst_status choose(const counted *c, int64_t k, int n_threads, mst__choice *choice) {
  return mst__choice_init(choice, &c->counts, c->label, c->n_classes, c->fold, c->n_folds, k,
                          n_threads);
}

/* Whether a fit has term t. */
static int has(const mst__choice *choice, int32_t fit, int32_t t) {
  for (int64_t i = 0; i < choice->n_cols; i++)
    if (choice->term[i] == t)
      return i < choice->n_agreed || choice->chosen[(i - choice->n_agreed) * choice->n_fits + fit];
  return 0;
}

static void nothing_to_choose_from(void **state) {
  (void)state;
  counted none = counted_make(0, 0, 2, 0, 1), empty = counted_make(20, 0, 2, 3, 1);
  mst__choice choice;
  assert_int_equal(choose(&none, 5, 1, &choice), MST_OK);
  assert_int_equal(choice.n_cols, 0);
  mst__choice_fini(&choice);
  assert_int_equal(choose(&empty, 5, 2, &choice), MST_OK);
  assert_int_equal(choice.n_cols, 0);
  assert_int_equal(choice.n_selected, 0);
  mst__choice_fini(&choice);
  counted_free(&none);
  counted_free(&empty);
}

/* Every fit's terms are those that the plain selection gives on a copy of its rows. */
static void check_fits(const counted *c, int64_t k) {
  mst__choice choice;
  const int64_t n = c->counts.n_rows, n_terms = c->counts.n_cols;
  int64_t *rows = malloc((size_t)n * sizeof *rows);
  int32_t *label = malloc((size_t)n * sizeof *label), *ids = malloc((size_t)k * sizeof *ids);
  double *chi2 = malloc((size_t)n_terms * sizeof *chi2);
  assert_int_equal(choose(c, k, 2, &choice), MST_OK);
  for (int32_t f = 0; f < choice.n_fits; f++) {
    int64_t n_seen = 0, n_ids = 0;
    mst_csr seen = {0};
    for (int64_t d = 0; d < n; d++)
      if (f == 0 || c->fold[d] != f - 1) {
        label[n_seen] = c->label[d];
        rows[n_seen++] = d;
      }
    assert_int_equal(mst_csr_take_rows(&c->counts, rows, n_seen, &seen), MST_OK);
    assert_int_equal(mst_select_chi2(mst_test_backend(1), &seen, label, c->n_classes, chi2),
                     MST_OK);
    assert_int_equal(mst_select_top(chi2, n_terms, k, ids, &n_ids), MST_OK);
    mst_csr_fini(&seen);
    int64_t at = 0;
    for (int32_t t = 0; t < n_terms; t++) {
      const int wanted = at < n_ids && ids[at] == t;
      at += wanted;
      assert_int_equal(has(&choice, f, t), wanted);
    }
    if (f) continue;
    assert_int_equal(choice.n_selected, n_ids);
    assert_memory_equal(choice.selected, ids, (size_t)n_ids * sizeof *ids);
  }
  mst__choice_fini(&choice);
  free(rows);
  free(label);
  free(ids);
  free(chi2);
}

static void equals_selection_on_the_fits_rows(void **state) {
  (void)state;
  counted folds = counted_make(300, 90, 4, 5, 2), plain = counted_make(200, 70, 3, 0, 3);
  check_fits(&folds, 25);
  check_fits(&folds, 1);
  check_fits(&folds, 90); /* all of them, in every fit */
  check_fits(&plain, 20);
  counted_free(&folds);
  counted_free(&plain);
}

/* So many cells that the table of counts is made in several parts. */
static void a_table_in_parts(void **state) {
  (void)state;
  counted wide = counted_make(400, 6000, 300, 8, 4);
  check_fits(&wide, 500);
  counted_free(&wide);
}

/* New labels for a fold change nothing in the fit that must not see it, and much in the others. */
static void fold_is_never_seen(void **state) {
  (void)state;
  counted c = counted_make(300, 200, 3, 4, 5);
  for (int32_t held = 0; held < 4; held++) {
    mst__choice before, after;
    int64_t n_changed = 0;
    assert_int_equal(choose(&c, 40, 1, &before), MST_OK);
    for (int64_t d = 0; d < 300; d++)
      if (c.fold[d] == held) c.label[d] = (c.label[d] + 1 + (int32_t)(d % 2)) % 3;
    assert_int_equal(choose(&c, 40, 1, &after), MST_OK);
    for (int32_t t = 0; t < 200; t++) {
      assert_int_equal(has(&before, 1 + held, t), has(&after, 1 + held, t));
      n_changed += has(&before, 0, t) != has(&after, 0, t);
    }
    assert_true(n_changed > 0);
    mst__choice_fini(&before);
    mst__choice_fini(&after);
  }
  counted_free(&c);
}

static void threads_agree(void **state) {
  (void)state;
  counted c = counted_make(300, 200, 3, 4, 6);
  mst__choice one;
  assert_int_equal(choose(&c, 50, 1, &one), MST_OK);
  for (int n_threads = 2; n_threads <= 7; n_threads += 5) {
    mst__choice many;
    assert_int_equal(choose(&c, 50, n_threads, &many), MST_OK);
    assert_int_equal(one.n_cols, many.n_cols);
    assert_int_equal(one.n_agreed, many.n_agreed);
    assert_memory_equal(one.term, many.term, (size_t)one.n_cols * sizeof *one.term);
    assert_memory_equal(one.chosen, many.chosen,
                        (size_t)((one.n_cols - one.n_agreed) * one.n_fits));
    assert_memory_equal(one.selected, many.selected, (size_t)one.n_selected * sizeof *one.selected);
    mst__choice_fini(&many);
  }
  mst__choice_fini(&one);
  counted_free(&c);
}

/* The joined matrix of a corpus, and what the model will see of the same rows when it predicts. */
typedef struct joined {
  mst_corpus *corpus;
  mst_vectorizer *words, *chars;
  mst_csr x_words, counts, x;
  mst__choice choice;
  float *scale;
} joined;

static joined joined_make(const corpus *c, const int32_t *fold, int32_t n_folds, int64_t k,
                          int n_threads) {
  joined j = {0};
  mst_vectorizer_options words = mst_vectorizer_options_default(), chars = words;
  words.dtype = chars.dtype = MST_FLOAT32;
  chars.token.analyzer = MST_ANALYZER_CHAR_WB;
  chars.ngram_min = 2;
  chars.ngram_max = 4;
  chars.tf = MST_TF_SUBLINEAR;
  assert_int_equal(mst_corpus_create(mst_test_backend(1), &c->text, &j.corpus), MST_OK);
  assert_int_equal(
      mst_vectorizer_fit(&words, j.corpus, NULL, c->text.n_docs, &j.words, NULL, &j.x_words),
      MST_OK);
  assert_int_equal(
      mst_vectorizer_fit(&chars, j.corpus, NULL, c->text.n_docs, &j.chars, &j.counts, NULL),
      MST_OK);
  assert_int_equal(mst__choice_init(&j.choice, &j.counts, c->label, (int32_t)c->names.n, fold,
                                    n_folds, k, n_threads),
                   MST_OK);
  assert_int_equal(mst__rows_join(&j.x_words, &j.counts, mst_vectorizer_idf(j.chars), &j.choice,
                                  n_threads, &j.x, &j.scale),
                   MST_OK);
  return j;
}

static void joined_free(joined *j) {
  mst_corpus_free(j->corpus);
  mst_vectorizer_free(j->words);
  mst_vectorizer_free(j->chars);
  mst_csr_fini(&j->x_words);
  mst_csr_fini(&j->counts);
  mst_csr_fini(&j->x);
  mst__choice_fini(&j->choice);
  mst_free(j->scale);
}

/* Place of term t among fit 0's, or -1. */
static int place_of(const mst__choice *choice, int32_t t) {
  for (int64_t i = 0; i < choice->n_selected; i++)
    if (choice->selected[i] == t) return (int)i;
  return -1;
}

/* Fit 0's values are those that the vectorizer gives of its terms. */
static void joined_rows_are_the_vectorizers(void **state) {
  (void)state;
  corpus c = corpus_make(150, 3, 7);
  int32_t fold[150];
  for (int d = 0; d < 150; d++) fold[d] = (int32_t)draw(5, 8, d, 0);
  joined j = joined_make(&c, fold, 5, 60, 1), again = joined_make(&c, fold, 5, 60, 7);
  assert_true(j.choice.n_agreed < j.choice.n_cols);
  assert_int_equal(mst_csr_check(&j.x), MST_OK);
  const size_t n_entries = (size_t)j.x.row_ptr[150];
  assert_memory_equal(j.x.col, again.x.col, n_entries * sizeof *j.x.col);
  assert_memory_equal(j.x.val, again.x.val, n_entries * sizeof(float));
  assert_memory_equal(j.scale, again.scale, 150 * 6 * sizeof *j.scale);
  mst_csr want = {0};
  assert_int_equal(mst_vectorizer_take(j.chars, j.choice.selected, j.choice.n_selected), MST_OK);
  assert_int_equal(mst_vectorizer_transform(j.chars, j.corpus, NULL, 150, NULL, &want), MST_OK);
  for (int64_t d = 0; d < 150; d++) {
    double row[60] = {0};
    for (int64_t e = want.row_ptr[d]; e < want.row_ptr[d + 1]; e++)
      row[want.col[e]] = (double)((const float *)want.val)[e];
    for (int64_t e = j.x.row_ptr[d]; e < j.x.row_ptr[d + 1]; e++) {
      const int64_t column = j.x.col[e] - j.x_words.n_cols;
      const int i = column < 0 ? -1 : place_of(&j.choice, j.choice.term[column]);
      if (i >= 0) row[i] -= (double)((const float *)j.x.val)[e] * (double)j.scale[d * 6];
    }
    for (int i = 0; i < 60; i++) assert_float_equal(row[i], 0, 3e-7);
  }
  mst_csr_fini(&want);
  joined_free(&j);
  joined_free(&again);
  corpus_free(&c);
}

/* n texts of four random words, so that nearly every n-gram is rare. */
static void random_letters(int64_t n, char *bytes, int64_t *start) {
  int64_t at = 0;
  for (int64_t d = 0; d < n; d++) {
    start[d] = at;
    for (uint64_t i = 0; i < 28; i++)
      bytes[at++] = (char)(i % 7 == 6 ? ' ' : 'a' + (char)draw(26, 12, d, i));
  }
  start[n] = at;
}

/* Labels are drawn without regard to the texts, so a margin of a fit that never saw its row is no
 * better than a guess. A choice made from all rows would be: their labels pick the n-grams. */
static void margins_of_noise_are_guesses(void **state) {
  (void)state;
  enum { N = 600 };
  corpus c = corpus_make(N, 2, 9);
  static char bytes[N * 28];
  static int64_t start[N + 1];
  random_letters(N, bytes, start);
  const mst_text text = {N, (const uint8_t *)bytes, start};
  for (int d = 0; d < N; d++) c.label[d] = (int32_t)draw(2, 10, d, 0);
  mst_model_options o = mst_model_options_default();
  o.backend = mst_test_backend(1);
  o.linear_char_k = 200;
  o.linear_c = 5;
  o.linear.min_df = (mst_df_cut){0, 1};
  mst_model model = {.n_classes = 2};
  mst_fit_report report = {0};
  mst_corpus *texts = NULL;
  float *margin = NULL;
  assert_int_equal(mst_corpus_create(mst_test_backend(1), &text, &texts), MST_OK);
  const mst_training training = {texts, c.label, NULL, c.unit, c.key, NULL, NULL};
  assert_int_equal(mst__linear_fit(&o, &training, &model, &margin, &report), MST_OK);
  int n_right = 0;
  for (int d = 0; d < N; d++) n_right += (margin[2 * d] < margin[2 * d + 1]) == c.label[d];
  assert_in_range(n_right, 0, N / 2 + 62); /* five standard deviations */
  mst_free(margin);
  mst__part_fini(&model.linear);
  mst__part_fini(&model.chars);
  mst_free(model.coef);
  mst_free(model.intercept);
  mst_corpus_free(texts);
  corpus_free(&c);
}

static mst_status choose_and_join(void *payload) {
  const joined *j = payload;
  static const int32_t label[12] = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  static const int32_t fold[12] = {0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2};
  mst__choice choice;
  mst_csr x = {0};
  float *scale = NULL;
  mst_status st = mst__choice_init(&choice, &j->counts, label, 2, fold, 3, 9, 1);
  if (st) return st;
  st =
      mst__rows_join(&j->x_words, &j->counts, mst_vectorizer_idf(j->chars), &choice, 1, &x, &scale);
  if (st) assert_true(!x.row_ptr && !scale);
  mst_csr_fini(&x);
  mst_free(scale);
  mst__choice_fini(&choice);
  return st;
}

static void no_memory(void **state) {
  (void)state;
  corpus c = corpus_make(12, 2, 11);
  joined j = joined_make(&c, NULL, 0, 9, 1);
  assert_true(fail_every_alloc(choose_and_join, &j) > 10);
  joined_free(&j);
  corpus_free(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_to_choose_from),
      cmocka_unit_test(equals_selection_on_the_fits_rows),
      cmocka_unit_test(a_table_in_parts),
      cmocka_unit_test(fold_is_never_seen),
      cmocka_unit_test(threads_agree),
      cmocka_unit_test(joined_rows_are_the_vectorizers),
      cmocka_unit_test(margins_of_noise_are_guesses),
      cmocka_unit_test(no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
