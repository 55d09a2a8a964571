/* The adapter to XGBoost: opening, training, reading back, saving; and every way to be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/xgboost.h"
#include "misstep/alloc.h"
#include "misstep/log.h"
#include "three_classes.h"

#define N_ROWS 60
#define N_COLS 5

static mst_xgb_options make_options(void) {
  return (mst_xgb_options){.n_classes = N_CLASSES,
                           .learning_rate = 0.1,
                           .max_depth = 3,
                           .subsample = 0.8,
                           .colsample_bytree = 0.8,
                           .max_bin = 256,
                           .device = "cpu",
                           .seed = 7,
                           .n_threads = 1};
}

static mst_xgb_booster *train(const mst_xgb_options *o, const mst_xgb_matrix *m, int rounds) {
  mst_xgb_booster *b = NULL;
  assert_int_equal(mst_xgb_booster_create(o, m, NULL, &b), MST_OK);
  for (int r = 0; r < rounds; r++) assert_int_equal(mst_xgb_booster_update(b, r), MST_OK);
  return b;
}

static void test_matrix_refuses_bad_input(void **state) {
  (void)state;
  mst_csr x;
  int32_t label[N_ROWS];
  three_classes(N_ROWS, N_COLS, &x, label);
  mst_xgb_matrix *m = NULL;
  mst_csr empty = x;
  empty.n_rows = 0;
  assert_int_equal(mst_xgb_matrix_create(&empty, NULL, NULL, 0, 1, &m), MST_E_ARG);
  x.col[0] = N_COLS;
  assert_int_equal(mst_xgb_matrix_create(&x, label, NULL, 0, 1, &m), MST_E_ARG);
  x.col[0] = 0;
  assert_int_equal(mst_xgb_matrix_create(&x, label, NULL, 0, 0, &m), MST_E_ARG);
  x.dtype = MST_FLOAT64;
  assert_int_equal(mst_xgb_matrix_create(&x, label, NULL, 0, 1, &m), MST_E_ARG);
  x.dtype = MST_FLOAT32;
  ((float *)x.val)[0] = INFINITY;
  assert_int_equal(mst_xgb_matrix_create(&x, label, NULL, 0, 1, &m), MST_E_ADAPTER);
  assert_null(strstr(mst_error_last()->message, ".cc"));
  assert_null(strchr(mst_error_last()->message, '\n'));
  assert_null(m);
  mst_csr_fini(&x);
}

static int fail_at(void *payload) { return --*(int *)payload == 0; }

static void test_matrix_without_memory(void **state) {
  (void)state; /* XGBoost allocates by itself: the failing allocator stops at its door */
  mst_csr x;
  int32_t label[N_ROWS];
  three_classes(N_ROWS, N_COLS, &x, label);
  mst_status st = MST_E_NOMEM;
  for (int k = 1; st; k++) {
    mst_xgb_matrix *m = NULL;
    int countdown = k;
    mst_alloc_set_fail(fail_at, &countdown);
    st = mst_xgb_matrix_create(&x, label, NULL, 0, 1, &m);
    mst_alloc_set_fail(NULL, NULL);
    if (st) assert_int_equal(st, MST_E_NOMEM);
    if (st) assert_null(m);
    mst_xgb_matrix_free(m);
  }
  mst_csr_fini(&x);
}

static void test_round_trip(void **state) {
  (void)state;
  mst_csr x;
  int32_t label[N_ROWS];
  three_classes(N_ROWS, N_COLS, &x, label);
  mst_xgb_matrix *m = NULL;
  assert_int_equal(mst_xgb_matrix_create(&x, label, NULL, 0, 1, &m), MST_OK);
  mst_xgb_options o = make_options();
  mst_xgb_booster *b = train(&o, m, 20), *again = NULL;
  assert_string_equal(mst_xgb_booster_device(b), "cpu");
  assert_int_equal(mst_xgb_booster_set_attr(b, "name", "value"), MST_OK);
  static float p[N_ROWS * N_CLASSES], q[N_ROWS * N_CLASSES];
  assert_int_equal(mst_xgb_booster_predict(b, m, 1, N_CLASSES, p), MST_OK);
  assert_int_equal(mst_xgb_booster_predict(b, m, 1, N_CLASSES + 1, q), MST_E_ARG);
  for (int d = 0; d < N_ROWS; d++) assert_true(p[d * N_CLASSES + label[d]] > 0.5f);
  char *bytes = NULL, *value = NULL;
  size_t n = 0;
  assert_int_equal(mst_xgb_booster_dump(b, &bytes, &n), MST_OK);
  mst_xgb_booster_free(b);
  assert_int_equal(mst_xgb_booster_load(bytes, n, &again), MST_OK);
  assert_int_equal(mst_xgb_booster_predict(again, m, 2, N_CLASSES, q), MST_OK);
  assert_memory_equal(p, q, sizeof p);
  assert_int_equal(mst_xgb_booster_get_attr(again, "name", &value), MST_OK);
  assert_string_equal(value, "value");
  mst_free(value);
  assert_int_equal(mst_xgb_booster_get_attr(again, "none", &value), MST_OK);
  assert_null(value);
  int64_t n_features = 0;
  int32_t n_classes = 0, n_rounds = 0;
  assert_int_equal(mst_xgb_booster_shape(again, &n_features, &n_classes, &n_rounds), MST_OK);
  assert_int_equal(n_features, N_COLS);
  assert_int_equal(n_classes, N_CLASSES);
  assert_int_equal(n_rounds, 20);
  assert_int_equal(mst_xgb_booster_update(again, 20), MST_E_STATE);
  mst_xgb_booster_free(again);
  again = NULL;
  assert_int_equal(mst_xgb_booster_load("no model", 8, &again), MST_E_FORMAT);
  assert_null(again);
  mst_free(bytes);
  mst_xgb_matrix_free(m);
  mst_csr_fini(&x);
}

static void test_truncate_equals_fewer_rounds(void **state) {
  (void)state;
  mst_csr x;
  int32_t label[N_ROWS];
  three_classes(N_ROWS, N_COLS, &x, label);
  mst_xgb_matrix *m = NULL;
  assert_int_equal(mst_xgb_matrix_create(&x, label, NULL, 0, 1, &m), MST_OK);
  mst_xgb_options o = make_options();
  mst_xgb_booster *shorter = train(&o, m, 8), *longer = train(&o, m, 20);
  static float p[N_ROWS * N_CLASSES], q[N_ROWS * N_CLASSES];
  assert_int_equal(mst_xgb_booster_truncate(longer, 8), MST_OK);
  assert_int_equal(mst_xgb_booster_predict(shorter, m, 1, N_CLASSES, p), MST_OK);
  assert_int_equal(mst_xgb_booster_predict(longer, m, 1, N_CLASSES, q), MST_OK);
  assert_memory_equal(p, q, sizeof p);
  assert_int_equal(mst_xgb_booster_truncate(longer, 9), MST_E_ARG);
  assert_int_equal(mst_xgb_booster_truncate(longer, 0), MST_E_ARG);
  mst_xgb_booster_free(shorter);
  mst_xgb_booster_free(longer);
  mst_xgb_matrix_free(m);
  mst_csr_fini(&x);
}

/* Margins are added to the trees, and a margin alone (no useful column) is its own softmax. */
static void test_margin_enters(void **state) {
  (void)state;
  mst_csr x;
  assert_int_equal(mst_csr_init(&x, 4, 1, 0, MST_FLOAT32), MST_OK);
  const int32_t label[4] = {0, 1, 0, 1};
  const float flat[8] = {0}, margin[8] = {1, 0, 0, 2, 3, 0, 0, 4};
  mst_xgb_matrix *m = NULL, *with = NULL;
  assert_int_equal(mst_xgb_matrix_create(&x, label, flat, 2, 1, &m), MST_OK);
  assert_int_equal(mst_xgb_matrix_create(&x, NULL, margin, 2, 1, &with), MST_OK);
  mst_xgb_options o = make_options();
  o.n_classes = 2;
  o.subsample = 1;
  mst_xgb_booster *b = train(&o, m, 3);
  float p[8];
  assert_int_equal(mst_xgb_booster_predict(b, with, 1, 2, p), MST_OK);
  for (int d = 0; d < 4; d++)
    assert_float_equal(p[2 * d], 1 / (1 + expf(margin[2 * d + 1] - margin[2 * d])), 1e-6);
  mst_xgb_booster_free(b);
  mst_xgb_matrix_free(m);
  mst_xgb_matrix_free(with);
  mst_csr_fini(&x);
}

static void test_mlogloss(void **state) {
  (void)state;
  mst_csr x;
  int32_t label[N_ROWS];
  three_classes(N_ROWS, N_COLS, &x, label);
  mst_xgb_matrix *m = NULL, *valid = NULL;
  assert_int_equal(mst_xgb_matrix_create(&x, label, NULL, 0, 1, &m), MST_OK);
  assert_int_equal(mst_xgb_matrix_create(&x, label, NULL, 0, 1, &valid), MST_OK);
  const mst_xgb_options o = make_options();
  mst_xgb_booster *b = NULL;
  assert_int_equal(mst_xgb_booster_create(&o, m, valid, &b), MST_OK);
  double last = 10, loss = 0;
  for (int r = 0; r < 5; r++) {
    assert_int_equal(mst_xgb_booster_update(b, r), MST_OK);
    assert_int_equal(mst_xgb_booster_mlogloss(b, valid, r, &loss), MST_OK);
    assert_true(loss < last);
    last = loss;
  }
  static float p[N_ROWS * N_CLASSES];
  assert_int_equal(mst_xgb_booster_predict(b, valid, 1, N_CLASSES, p), MST_OK);
  double sum = 0;
  for (int d = 0; d < N_ROWS; d++) sum -= log((double)p[d * N_CLASSES + label[d]]);
  assert_float_equal(loss, sum / N_ROWS, 1e-5);
  mst_xgb_booster_free(b);
  mst_xgb_matrix_free(m);
  mst_xgb_matrix_free(valid);
  mst_csr_fini(&x);
}

/* Train one round with one extra parameter or device and give the status. */
static mst_status try_with(const char *name, const char *value, const char *device) {
  mst_csr x;
  int32_t label[N_ROWS];
  three_classes(N_ROWS, N_COLS, &x, label);
  mst_xgb_matrix *m = NULL;
  assert_int_equal(mst_xgb_matrix_create(&x, label, NULL, 0, 1, &m), MST_OK);
  mst_xgb_options o = make_options();
  const mst_parameter extra = {name, value};
  o.extra = &extra;
  o.n_extra = name != NULL;
  o.device = device;
  mst_xgb_booster *b = NULL;
  mst_status st = mst_xgb_booster_create(&o, m, NULL, &b);
  if (!st) st = mst_xgb_booster_update(b, 0);
  mst_xgb_booster_free(b);
  mst_xgb_matrix_free(m);
  mst_csr_fini(&x);
  return st;
}

static void test_extra_parameters(void **state) {
  (void)state;
  assert_int_equal(try_with("min_child_weight", "2", "cpu"), MST_OK);
  assert_int_equal(try_with("tree_method", "approx", "cpu"), MST_OK);
  assert_int_equal(try_with("min_child_wait", "2", "cpu"), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "min_child_wait"));
  assert_int_equal(try_with("min_child_weight", "two", "cpu"), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "min_child_weight"));
  assert_int_equal(try_with("eta", "0.3", "cpu"), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "--learning-rate"));
  assert_int_equal(try_with("objective", "multi:softmax", "cpu"), MST_E_ARG);
  assert_int_equal(try_with("", "1", "cpu"), MST_E_ARG);
}

static void test_device_is_never_changed_silently(void **state) {
  (void)state;
  assert_int_equal(try_with(NULL, NULL, "tpu"), MST_E_ARG);
  mst_status st = try_with(NULL, NULL, "cuda:0");
  assert_true(st == MST_E_DEVICE || st == MST_OK); /* OK only where there is a GPU */
  if (st) assert_non_null(strstr(mst_error_last()->message, "cuda:0"));
}

static void count_warnings(mst_log_level level, const char *message, void *payload) {
  if (level == MST_LOG_WARNING && strstr(message, "XGBoost: ")) ++*(int *)payload;
}

static void test_warnings_go_to_our_log(void **state) {
  (void)state;
  int n = 0;
  mst_log_set(count_warnings, &n);
  mst_status st = try_with(NULL, NULL, "cuda:0");
  mst_log_set(NULL, NULL);
  mst_xgb_info info;
  assert_int_equal(mst_xgb_open(&info), MST_OK);
  if (st && info.has_cuda) assert_true(n > 0);
}

static void test_numbers_ignore_the_locale(void **state) {
  (void)state;
  char text[32];
  const char *german = setlocale(LC_ALL, "de_DE.UTF-8");
  mst_xgb_format_number(0.1, text);
  assert_string_equal(text, "0.1");
  mst_xgb_format_number(1.0 / 3, text);
  assert_string_equal(text, "0.3333333333333333");
  mst_xgb_format_number(256, text);
  assert_string_equal(text, "256");
  if (german) assert_int_equal(try_with("gamma", "0.5", "cpu"), MST_OK);
  (void)setlocale(LC_ALL, "C");
}

int main(void) {
  if (mst_xgb_open(NULL)) {
    (void)fprintf(stderr, "skipped: %s\n", mst_error_last()->message);
    return 77;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_matrix_refuses_bad_input),
      cmocka_unit_test(test_matrix_without_memory),
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_truncate_equals_fewer_rounds),
      cmocka_unit_test(test_margin_enters),
      cmocka_unit_test(test_mlogloss),
      cmocka_unit_test(test_extra_parameters),
      cmocka_unit_test(test_device_is_never_changed_silently),
      cmocka_unit_test(test_warnings_go_to_our_log),
      cmocka_unit_test(test_numbers_ignore_the_locale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
