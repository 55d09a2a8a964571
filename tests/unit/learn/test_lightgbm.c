/* The adapter to LightGBM: training, judging, reading back; every way to be refused, and every
 * allocation that may fail. Against LightGBM's own training: tests/cli/lightgbm.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "failing_alloc.h"
#include "learn/lightgbm.h"
#include "three_classes.h"

#define N_ROWS 300
#define N_COLS 4

static const mst_lgb_options options = {.n_classes = N_CLASSES,
                                        .learning_rate = 0.1,
                                        .max_depth = 3,
                                        .subsample = 0.8,
                                        .colsample_bytree = 1,
                                        .max_bin = 255,
                                        .seed = 7,
                                        .n_threads = 1};

/* Ends the training after round `last`; notes the losses. */
typedef struct watch {
  int32_t last, n;
  double loss[64];
} watch;

static mst_status on_round(int32_t round, double loss, void *context) {
  watch *w = context;
  assert_int_equal(round, w->n + 1);
  w->loss[w->n++] = loss;
  return round == w->last ? MST_FAIL(MST_E_CANCELLED, "enough") : MST_OK;
}

static mst_status fit(const mst_lgb_options *o, const mst_csr *x, const int32_t *label, watch *w,
                      mst_lgb_booster **out) {
  const mst_lgb_plan plan = {.n_rounds = 20, .round = on_round, .context = w};
  mst_lgb_rows *rows = NULL;
  mst_lgb_rounds rounds;
  mst_status st = mst_lgb_rows_create(o, x, label, NULL, NULL, NULL, &rows);
  if (!st) st = mst_lgb_train(o, &plan, rows, NULL, out, &rounds);
  if (!st) assert_int_equal(rounds.n_best, rounds.n_done);
  mst_lgb_rows_free(rows);
  return st;
}

static void test_round_trip(void **state) {
  (void)state;
  mst_csr x;
  int32_t label[N_ROWS], n_classes = 0, n_rounds = 0;
  int64_t n_features = 0;
  static double p[N_ROWS * N_CLASSES], q[N_ROWS * N_CLASSES];
  watch w = {0};
  mst_lgb_booster *b = NULL, *again = NULL;
  three_classes(N_ROWS, N_COLS, &x, label);
  assert_int_equal(fit(&options, &x, label, &w, &b), MST_OK);
  assert_int_equal(w.n, 20);
  assert_true(isnan(w.loss[19]));
  assert_int_equal(mst_lgb_booster_predict(b, &x, 1, p), MST_OK);
  for (int d = 0; d < N_ROWS; d++)
    for (int c = 0; c < N_CLASSES; c++)
      if (c != label[d]) assert_true(p[d * N_CLASSES + label[d]] > p[d * N_CLASSES + c]);
  assert_int_equal(mst_lgb_booster_load(mst_lgb_booster_text(b), &again), MST_OK);
  assert_string_equal(mst_lgb_booster_text(again), mst_lgb_booster_text(b));
  assert_int_equal(mst_lgb_booster_predict(again, &x, 2, q), MST_OK);
  assert_memory_equal(p, q, sizeof p);
  assert_int_equal(mst_lgb_booster_shape(again, &n_features, &n_classes, &n_rounds), MST_OK);
  assert_int_equal(n_features, N_COLS);
  assert_int_equal(n_classes, N_CLASSES);
  assert_int_equal(n_rounds, 20);
  mst_lgb_booster_free(again);
  mst_lgb_booster_free(b);
  mst_csr_fini(&x);
}

static void test_threads_make_no_difference(void **state) {
  (void)state;
  mst_csr x;
  int32_t label[N_ROWS];
  mst_lgb_booster *one = NULL, *four = NULL;
  mst_lgb_options o = options;
  three_classes(N_ROWS, N_COLS, &x, label);
  assert_int_equal(fit(&o, &x, label, &(watch){0}, &one), MST_OK);
  o.n_threads = 4;
  assert_int_equal(fit(&o, &x, label, &(watch){0}, &four), MST_OK);
  assert_string_equal(mst_lgb_booster_text(one), mst_lgb_booster_text(four));
  mst_lgb_booster_free(one);
  mst_lgb_booster_free(four);
  mst_csr_fini(&x);
}

/* The loss on rows to judge on is that of the kept rounds' scores, and training stops by it. */
static void test_judged_and_stopped(void **state) {
  (void)state;
  mst_csr x;
  int32_t label[N_ROWS], wrong[N_ROWS];
  static double score[N_ROWS * N_CLASSES];
  mst_lgb_rows *train = NULL, *valid = NULL;
  mst_lgb_booster *b = NULL;
  mst_lgb_rounds rounds;
  watch w = {0};
  const mst_lgb_plan plan = {60, 3, on_round, &w};
  three_classes(N_ROWS, N_COLS, &x, label);
  for (int d = 0; d < N_ROWS; d++) wrong[d] = d % 10 ? label[d] : (label[d] + 1) % N_CLASSES;
  assert_int_equal(mst_lgb_rows_create(&options, &x, label, NULL, NULL, NULL, &train), MST_OK);
  assert_int_equal(mst_lgb_rows_create(&options, &x, wrong, NULL, NULL, train, &valid), MST_OK);
  assert_int_equal(mst_lgb_train(&options, &plan, train, valid, &b, &rounds), MST_OK);
  assert_true(rounds.n_best + 3 == w.n && w.n < 60);
  assert_true(rounds.loss == w.loss[rounds.n_best - 1]);
  for (int i = 0; i < w.n; i++) assert_true(w.loss[i] >= rounds.loss);
  assert_int_equal(mst_lgb_booster_predict(b, &x, 1, score), MST_OK);
  double sum = 0;
  for (int d = 0; d < N_ROWS; d++) {
    double total = 0;
    for (int c = 0; c < N_CLASSES; c++) total += exp(score[d * N_CLASSES + c]);
    sum += log(total) - score[d * N_CLASSES + wrong[d]];
  }
  assert_float_equal(sum / N_ROWS, rounds.loss, 1e-6);
  mst_lgb_booster_free(b);
  mst_lgb_rows_free(valid);
  mst_lgb_rows_free(train);
  mst_csr_fini(&x);
}

/* A margin that tells the classes already leaves nothing for the trees to say. */
static void test_margins_are_boosted_from(void **state) {
  (void)state;
  mst_csr x;
  int32_t label[N_ROWS];
  static float margin[N_ROWS * N_CLASSES];
  static double p[N_ROWS * N_CLASSES];
  const mst_lgb_plan plan = {.n_rounds = 5, .round = on_round, .context = &(watch){0}};
  mst_lgb_rows *rows = NULL;
  mst_lgb_booster *b = NULL;
  mst_lgb_rounds rounds;
  three_classes(N_ROWS, N_COLS, &x, label);
  for (int i = 0; i < N_ROWS * N_CLASSES; i++)
    margin[i] = i % N_CLASSES == label[i / N_CLASSES] ? 30 : -30;
  assert_int_equal(mst_lgb_rows_create(&options, &x, label, margin, NULL, NULL, &rows), MST_OK);
  assert_int_equal(mst_lgb_train(&options, &plan, rows, NULL, &b, &rounds), MST_OK);
  assert_int_equal(mst_lgb_booster_predict(b, &x, 1, p), MST_OK);
  for (int i = 0; i < N_ROWS * N_CLASSES; i++) assert_true(fabs(p[i]) < 1e-6);
  mst_lgb_booster_free(b);
  mst_lgb_rows_free(rows);
  mst_csr_fini(&x);
}

static void test_bad_input_is_refused(void **state) {
  (void)state;
  mst_csr x;
  int32_t label[N_ROWS];
  mst_lgb_rows *rows = NULL;
  mst_lgb_booster *b = NULL;
  mst_lgb_options none = options;
  static double p[N_ROWS * N_CLASSES];
  three_classes(N_ROWS, N_COLS, &x, label);
  x.col[0] = N_COLS;
  assert_int_equal(mst_lgb_rows_create(&options, &x, label, NULL, NULL, NULL, &rows), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "column 4 of 4"));
  x.col[0] = 0;
  x.dtype = MST_FLOAT64;
  assert_int_equal(mst_lgb_rows_create(&options, &x, label, NULL, NULL, NULL, &rows), MST_E_ARG);
  x.dtype = MST_FLOAT32;
  assert_null(rows);
  none.subsample = 0.001;
  assert_int_equal(fit(&none, &x, label, &(watch){0}, &b), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "--subsample 0.001 of 300"));
  assert_int_equal(fit(&options, &x, label, &(watch){.last = 4}, &b), MST_E_CANCELLED);
  assert_null(b);
  assert_int_equal(fit(&options, &x, label, &(watch){0}, &b), MST_OK);
  x.n_cols = N_COLS + 1;
  assert_int_equal(mst_lgb_booster_predict(b, &x, 1, p), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "5 columns, the model has 4"));
  mst_lgb_booster_free(b);
  mst_csr_fini(&x);
}

/* Train with one extra parameter and give the status. */
static mst_status try_with(const char *name, const char *value, mst_lgb_booster **b) {
  mst_csr x;
  int32_t label[N_ROWS];
  mst_lgb_options o = options;
  const mst_parameter extra[] = {{"min_data_in_leaf", "20"}, {name, value}};
  o.extra = extra;
  o.n_extra = 2;
  three_classes(N_ROWS, N_COLS, &x, label);
  const mst_status st = fit(&o, &x, label, &(watch){0}, b);
  mst_csr_fini(&x);
  return st;
}

static void test_extra_parameters(void **state) {
  (void)state;
  mst_lgb_booster *b = NULL;
  assert_int_equal(try_with("num_leaves", "3", &b), MST_OK);
  assert_non_null(strstr(mst_lgb_booster_text(b), "[num_leaves: 3]"));
  assert_non_null(strstr(mst_lgb_booster_text(b), "[min_data_in_leaf: 20]"));
  assert_non_null(strstr(mst_lgb_booster_text(b), "[bagging_freq: 1]"));
  mst_lgb_booster_free(b);
  /* by another name, the last one counts, and bags are the user's */
  assert_int_equal(try_with("min_child_samples", "7", &b), MST_OK);
  assert_non_null(strstr(mst_lgb_booster_text(b), "[min_data_in_leaf: 7]"));
  mst_lgb_booster_free(b);
  assert_int_equal(try_with("subsample_freq", "2", &b), MST_OK);
  assert_non_null(strstr(mst_lgb_booster_text(b), "[bagging_freq: 2]"));
  mst_lgb_booster_free(b);
  b = NULL;
  static const struct {
    const char *name, *value, *said;
  } wrong[] = {{"min_data_in_leef", "5", "no parameter min_data_in_leef"},
               {"", "5", "no parameter"},
               {"eta", "0.3", "--learning-rate"},
               {"n_estimators", "5", "--n-estimators"},
               {"objective", "binary", "always multiclass"},
               {"machines", "a:1", "own program"},
               {"predict_raw_score", "true", "own program"},
               {"early_stopping_min_delta", "1", "--early-stopping"},
               {"lambda_l1", "two", "lambda_l1"},
               {"lambda_l1", "-1", "lambda_l1"},
               {"lambda_l1", "1 lambda_l2=3", "without spaces"},
               {"lambda_l1", "", "without spaces"}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_int_equal(try_with(wrong[i].name, wrong[i].value, &b), MST_E_ARG);
    if (!strstr(mst_error_last()->message, wrong[i].said))
      fail_msg("\"%s\" does not say %s", mst_error_last()->message, wrong[i].said);
    assert_null(b);
  }
}

static void test_texts_that_are_no_models(void **state) {
  (void)state;
  mst_csr x;
  int32_t label[N_ROWS];
  mst_lgb_booster *b = NULL, *damaged = NULL;
  three_classes(N_ROWS, N_COLS, &x, label);
  assert_int_equal(mst_lgb_booster_load("", &damaged), MST_E_FORMAT);
  assert_int_equal(mst_lgb_booster_load("tree\nversion=v4\n", &damaged), MST_E_FORMAT);
  assert_null(damaged);
  assert_int_equal(fit(&options, &x, label, &(watch){0}, &b), MST_OK);
  char *text = mst_alloc(strlen(mst_lgb_booster_text(b)) + 1, 1);
  assert_non_null(text);
  (void)strcpy(text, mst_lgb_booster_text(b));
  char *line = strstr(text, "num_class=");
  assert_non_null(line);
  memcpy(line, "numb", 4);
  assert_int_equal(mst_lgb_booster_load(text, &damaged), MST_E_FORMAT);
  assert_non_null(strstr(mst_error_last()->message, "no model of LightGBM's"));
  assert_null(damaged);
  mst_free(text);
  mst_lgb_booster_free(b);
  mst_csr_fini(&x);
}

/* LightGBM allocates by itself: the failing allocator stops at its door. */
static mst_status whole(void *payload) {
  const mst_csr *x = payload;
  static int32_t label[N_ROWS];
  static float margin[N_ROWS * N_CLASSES], weight[N_ROWS];
  static double p[N_ROWS * N_CLASSES];
  mst_lgb_rows *train = NULL, *valid = NULL;
  mst_lgb_booster *b = NULL;
  mst_lgb_rounds rounds;
  const mst_lgb_plan plan = {2, 1, on_round, &(watch){0}};
  const mst_parameter extra = {"lambda_l2", "0.5"};
  mst_lgb_options o = options;
  o.extra = &extra;
  o.n_extra = 1;
  for (int d = 0; d < N_ROWS; d++) label[d] = d % N_CLASSES, weight[d] = 1;
  mst_status st = mst_lgb_rows_create(&o, x, label, margin, weight, NULL, &train);
  if (!st) st = mst_lgb_rows_create(&o, x, label, margin, NULL, train, &valid);
  if (!st) st = mst_lgb_train(&o, &plan, train, valid, &b, &rounds);
  if (st) assert_null(b);
  if (!st) st = mst_lgb_booster_predict(b, x, 1, p);
  mst_lgb_booster_free(b);
  mst_lgb_rows_free(valid);
  mst_lgb_rows_free(train);
  return st;
}

static void test_every_allocation_may_fail(void **state) {
  (void)state;
  mst_csr x;
  int32_t label[N_ROWS];
  three_classes(N_ROWS, N_COLS, &x, label);
  assert_true(fail_every_alloc(whole, &x) >= 9);
  mst_csr_fini(&x);
}

int main(void) {
  if (mst_lgb_open(NULL)) {
    (void)fprintf(stderr, "skipped: %s\n", mst_error_last()->message);
    return 77;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_threads_make_no_difference),
      cmocka_unit_test(test_judged_and_stopped),
      cmocka_unit_test(test_margins_are_boosted_from),
      cmocka_unit_test(test_bad_input_is_refused),
      cmocka_unit_test(test_extra_parameters),
      cmocka_unit_test(test_texts_that_are_no_models),
      cmocka_unit_test(test_every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
