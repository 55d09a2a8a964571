/* test_select.c: chi-squared against numbers worked out by hand, and the choice of the best
 * terms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "failing_alloc.h"
#include "features/select.h"
#include "test_backend.h"

/* Four rows, two classes: term 0 in class 0 only, term 1 in both alike, term 2 nowhere. */
static int64_t row_ptr[] = {0, 2, 3, 4, 5};
static int32_t col[] = {0, 1, 0, 1, 1};
static int32_t val[] = {1, 2, 3, 1, 1};
static const mst_csr counts = {4, 3, row_ptr, col, val, MST_INT32};
static const int32_t label[] = {0, 0, 1, 1};

static void nothing_in_nothing_out(void **state) {
  (void)state;
  int64_t zero[] = {0};
  const mst_csr none = {0, 0, zero, NULL, NULL, MST_INT32};
  int64_t n_ids = 9;
  assert_int_equal(mst_select_chi2(mst_test_backend(2), &none, NULL, 1, NULL), MST_OK);
  assert_int_equal(mst_select_top(NULL, 0, 5, NULL, &n_ids), MST_OK);
  assert_int_equal(n_ids, 0);
}

static void by_hand(void **state) {
  (void)state;
  double chi2[5] = {-7, -7, -7, -7, -7}; /* sentinels around the three */
  assert_int_equal(mst_select_chi2(mst_test_backend(2), &counts, label, 2, chi2 + 1), MST_OK);
  assert_true(chi2[0] == -7 && chi2[4] == -7);
  assert_true(chi2[1] == 4.0); /* observed 4 and 0, expected 2 and 2 */
  assert_true(chi2[2] == 0.0); /* observed 2 and 2 */
  assert_true(chi2[3] == 0.0);
}

static void same_for_any_threads(void **state) {
  (void)state;
  double one[3], seven[3];
  assert_int_equal(mst_select_chi2(mst_test_backend(1), &counts, label, 2, one), MST_OK);
  assert_int_equal(mst_select_chi2(mst_test_backend(7), &counts, label, 2, seven), MST_OK);
  assert_memory_equal(one, seven, sizeof one);
}

static void wrong_arguments(void **state) {
  (void)state;
  const int32_t beyond[] = {0, 2, 0, 0}, below[] = {0, 0, 0, -1};
  double chi2[3];
  mst_csr floats = counts;
  floats.dtype = MST_FLOAT32;
  assert_int_equal(mst_select_chi2(mst_test_backend(1), &counts, beyond, 2, chi2), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "row 1: class 2 of 2"));
  assert_int_equal(mst_select_chi2(mst_test_backend(1), &counts, below, 2, chi2), MST_E_ARG);
  assert_int_equal(mst_select_chi2(mst_test_backend(1), &floats, label, 2, chi2), MST_E_ARG);
}

static void best_terms_ties_by_id(void **state) {
  (void)state;
  const double score[] = {1.0, 3.0, 1.0, -2.0, 1.0, 0.0, 3.0, -0.0};
  const int32_t four[] = {0, 1, 2, 6}, six[] = {0, 1, 2, 4, 5, 6};
  int32_t ids[8];
  int64_t n_ids = 0;
  assert_int_equal(mst_select_top(score, 8, 4, ids, &n_ids), MST_OK);
  assert_int_equal(n_ids, 4);
  assert_memory_equal(ids, four, sizeof four);
  assert_int_equal(mst_select_top(score, 8, 6, ids, &n_ids), MST_OK);
  assert_memory_equal(ids, six, sizeof six); /* 0 and -0 are equal: the lower id */
  assert_int_equal(mst_select_top(score, 8, 99, ids, &n_ids), MST_OK);
  assert_int_equal(n_ids, 8);
  assert_int_equal(mst_select_top(score, 8, 0, ids, &n_ids), MST_OK);
  assert_int_equal(n_ids, 0);
}

static mst_status select_all(void *payload) {
  (void)payload;
  double chi2[3];
  return mst_select_chi2(mst_test_backend(1), &counts, label, 2, chi2);
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  assert_int_equal(fail_every_alloc(select_all, NULL), 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_in_nothing_out), cmocka_unit_test(by_hand),
      cmocka_unit_test(same_for_any_threads),   cmocka_unit_test(wrong_arguments),
      cmocka_unit_test(best_terms_ties_by_id),  cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
