/* Our own walk of the trees against XGBoost's: the same bits, on rows that a fit did not see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "learn/forest.h"
#include "misstep/alloc.h"
#include "misstep/rng.h"

#define N_ROWS 700
#define N_COLS 30
#define N_CLASSES 4

static uint64_t draw(uint64_t n, uint64_t row, uint64_t position) {
  return mst_rng_below(n, 11, MST_RNG_GENERATE, row, 0, position);
}

/* Rows with about a fifth of the columns, values 1 to 3 halves; every tenth row is empty. */
static void make_rows(mst_csr *x, uint64_t first, int32_t *label) {
  assert_int_equal(mst_csr_init(x, N_ROWS, N_COLS, N_ROWS * N_COLS, MST_FLOAT32), MST_OK);
  int64_t e = 0;
  for (uint64_t d = 0; d < N_ROWS; d++) {
    label[d] = (int32_t)draw(N_CLASSES, first + d, 1000);
    for (uint64_t v = 0; d % 10 && v < N_COLS; v++) {
      if (draw(5, first + d, v) != 0) continue;
      if (v < 8) label[d] = (int32_t)(v % N_CLASSES);
      x->col[e] = (int32_t)v;
      ((float *)x->val)[e++] = 0.5f * (float)(1 + draw(3, first + d, v + 100));
    }
    x->row_ptr[d + 1] = e;
  }
}

static mst_xgb_booster *train(const mst_xgb_matrix *m, const mst_parameter *extra) {
  const mst_xgb_options o = {.n_classes = N_CLASSES,
                             .learning_rate = 0.3,
                             .max_depth = 5,
                             .subsample = 0.8,
                             .colsample_bytree = 0.8,
                             .max_bin = 256,
                             .device = "cpu",
                             .extra = extra,
                             .n_extra = extra != NULL,
                             .n_threads = 1};
  mst_xgb_booster *b = NULL;
  assert_int_equal(mst_xgb_booster_create(&o, m, NULL, &b), MST_OK);
  for (int r = 0; r < 20; r++) assert_int_equal(mst_xgb_booster_update(b, r), MST_OK);
  return b;
}

static void check_bits(mst_xgb_booster *b, const mst__forest *f, const mst_csr *x,
                       int with_margin) {
  static float margin[N_ROWS * N_CLASSES], ours[N_ROWS * N_CLASSES], theirs[N_ROWS * N_CLASSES];
  for (int i = 0; i < N_ROWS * N_CLASSES; i++)
    margin[i] = -0.01f * (float)draw(900, (uint64_t)i, 7);
  mst_xgb_matrix *m = NULL;
  assert_int_equal(mst_xgb_matrix_create(x, NULL, with_margin ? margin : NULL, N_CLASSES, 1, &m),
                   MST_OK);
  assert_int_equal(mst_xgb_booster_predict(b, m, 1, N_CLASSES, theirs), MST_OK);
  for (int threads = 1; threads <= 3; threads += 2) {
    memcpy(ours, margin, sizeof ours);
    assert_int_equal(mst__forest_predict(f, x, with_margin, threads, ours), MST_OK);
    assert_memory_equal(ours, theirs, sizeof ours);
  }
  mst_xgb_matrix_free(m);
}

static void check_with(const mst_parameter *extra, int readable) {
  mst_csr x, fresh;
  static int32_t label[N_ROWS], unused[N_ROWS];
  make_rows(&x, 0, label);
  make_rows(&fresh, N_ROWS, unused);
  mst_xgb_matrix *m = NULL;
  assert_int_equal(mst_xgb_matrix_create(&x, label, NULL, 0, 1, &m), MST_OK);
  mst_xgb_booster *b = train(m, extra);
  mst__forest *f = NULL;
  assert_int_equal(mst__forest_create(b, N_CLASSES, N_COLS, &f), MST_OK);
  assert_int_equal(f != NULL, readable);
  if (f) check_bits(b, f, &fresh, 0);
  if (f) check_bits(b, f, &fresh, 1);
  mst__forest_free(f);
  mst_xgb_booster_free(b);
  mst_xgb_matrix_free(m);
  mst_csr_fini(&x);
  mst_csr_fini(&fresh);
}

static void test_same_bits(void **state) {
  (void)state;
  check_with(NULL, 1);
}

static void test_several_trees_a_round(void **state) {
  (void)state;
  const mst_parameter extra = {"num_parallel_tree", "3"};
  check_with(&extra, 1);
}

static void test_other_trees_are_left_to_the_library(void **state) {
  (void)state;
  const mst_parameter extra = {"multi_strategy", "multi_output_tree"};
  check_with(&extra, 0);
}

static int fail_at(void *payload) { return --*(int *)payload == 0; }

static void test_walk_without_memory(void **state) {
  (void)state; /* reading is left out: jansson is not safe when memory fails */
  mst_csr x;
  static int32_t label[N_ROWS];
  static float p[N_ROWS * N_CLASSES];
  make_rows(&x, 0, label);
  mst_xgb_matrix *m = NULL;
  mst__forest *f = NULL;
  assert_int_equal(mst_xgb_matrix_create(&x, label, NULL, 0, 1, &m), MST_OK);
  mst_xgb_booster *b = train(m, NULL);
  assert_int_equal(mst__forest_create(b, N_CLASSES, N_COLS, &f), MST_OK);
  mst_status st = MST_E_NOMEM;
  for (int k = 1; st; k++) {
    int countdown = k;
    mst_alloc_set_fail(fail_at, &countdown);
    st = mst__forest_predict(f, &x, 0, 3, p);
    mst_alloc_set_fail(NULL, NULL);
    if (st) assert_int_equal(st, MST_E_NOMEM);
  }
  mst__forest_free(f);
  mst_xgb_booster_free(b);
  mst_xgb_matrix_free(m);
  mst_csr_fini(&x);
}

int main(void) {
  if (mst_xgb_open(NULL)) {
    (void)fprintf(stderr, "skipped: %s\n", mst_error_last()->message);
    return 77;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_bits),
      cmocka_unit_test(test_several_trees_a_round),
      cmocka_unit_test(test_other_trees_are_left_to_the_library),
      cmocka_unit_test(test_walk_without_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
