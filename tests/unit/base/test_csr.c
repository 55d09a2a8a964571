/* test_csr.c: sparse matrices: making, cutting, and the check that guards XGBoost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "misstep/alloc.h"
#include "misstep/csr.h"

/* 3 x 4: (1 . 2 .), (. . . .), (. 3 . 4) */
static mst_csr example(void) {
  static const int64_t row_ptr[] = {0, 2, 2, 4};
  static const int32_t col[] = {0, 2, 1, 3};
  static const float val[] = {1, 2, 3, 4};
  mst_csr x;
  assert_int_equal(mst_csr_init(&x, 3, 4, 4, MST_FLOAT32), MST_OK);
  memcpy(x.row_ptr, row_ptr, sizeof row_ptr);
  memcpy(x.col, col, sizeof col);
  memcpy(x.val, val, sizeof val);
  return x;
}

static void test_empty(void **state) {
  (void)state;
  mst_csr x, y;
  assert_int_equal(mst_csr_init(&x, 0, 0, 0, MST_FLOAT64), MST_OK);
  assert_int_equal(mst_csr_check(&x), MST_OK);
  assert_int_equal(mst_csr_take_rows(&x, NULL, 0, &y), MST_OK);
  assert_int_equal(y.n_rows, 0);
  mst_csr_fini(&y);
  assert_int_equal(mst_csr_take_cols(&x, NULL, 0, &y), MST_OK);
  mst_csr_fini(&y);
  mst_csr_fini(&x);
  assert_int_equal(mst_csr_init(&x, -1, 0, 0, MST_FLOAT64), MST_E_ARG);
  assert_int_equal(mst_csr_init(&x, 1, (int64_t)1 << 31, 0, MST_FLOAT64), MST_E_ARG);
}

static void test_take(void **state) {
  (void)state;
  mst_csr x = example(), y;
  const int64_t rows[] = {2, 0, 2}, bad_row[] = {3};
  const int32_t cols[] = {1, 2}, bad_order[] = {2, 1}, bad_col[] = {4};
  assert_int_equal(mst_csr_take_rows(&x, rows, 3, &y), MST_OK);
  assert_int_equal(y.row_ptr[3], 6);
  assert_int_equal(y.col[0], 1);
  assert_true(((float *)y.val)[2] == 1.0f && ((float *)y.val)[5] == 4.0f);
  assert_int_equal(mst_csr_check(&y), MST_OK);
  mst_csr_fini(&y);
  assert_int_equal(mst_csr_take_cols(&x, cols, 2, &y), MST_OK);
  assert_int_equal(y.n_cols, 2);
  assert_int_equal(y.row_ptr[3], 2);
  assert_true(y.col[0] == 1 && ((float *)y.val)[0] == 2.0f && y.col[1] == 0 &&
              ((float *)y.val)[1] == 3.0f);
  mst_csr_fini(&y);
  assert_int_equal(mst_csr_take_rows(&x, bad_row, 1, &y), MST_E_ARG);
  assert_int_equal(mst_csr_take_cols(&x, bad_order, 2, &y), MST_E_ARG);
  assert_int_equal(mst_csr_take_cols(&x, bad_col, 1, &y), MST_E_ARG);
  mst_csr_fini(&x);
}

static void test_check(void **state) {
  (void)state;
  mst_csr x = example();
  assert_int_equal(mst_csr_check(&x), MST_OK);
  x.col[1] = 4;
  assert_int_equal(mst_csr_check(&x), MST_E_ARG);
  x.col[1] = 0;
  assert_int_equal(mst_csr_check(&x), MST_E_ARG);
  x.col[1] = -1;
  assert_int_equal(mst_csr_check(&x), MST_E_ARG);
  x.col[1] = 2;
  x.row_ptr[1] = 5;
  assert_int_equal(mst_csr_check(&x), MST_E_ARG);
  x.row_ptr[1] = 2;
  x.row_ptr[0] = 1;
  assert_int_equal(mst_csr_check(&x), MST_E_ARG);
  mst_csr_fini(&x);
}

static int countdown(void *payload) { return (*(int *)payload)-- == 0; }

static void test_no_memory(void **state) {
  (void)state;
  mst_csr x = example(), y = {.n_rows = -7};
  const int64_t rows[] = {1, 2};
  const int32_t cols[] = {0, 3};
  for (int which = 0; which < 2; which++) {
    mst_status st = MST_E_NOMEM;
    int k = 0;
    for (; st; k++) {
      int left = k;
      mst_alloc_set_fail(countdown, &left);
      st = which ? mst_csr_take_rows(&x, rows, 2, &y) : mst_csr_take_cols(&x, cols, 2, &y);
      mst_alloc_set_fail(NULL, NULL);
      if (st) assert_int_equal(st, MST_E_NOMEM);
      if (st) assert_int_equal(y.n_rows, -7);
    }
    assert_true(k > 2);
    mst_csr_fini(&y);
    y.n_rows = -7;
  }
  mst_csr_fini(&x);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_empty), cmocka_unit_test(test_take),
                                     cmocka_unit_test(test_check),
                                     cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
