/* Opening XGBoost's library: a program of its own, because the library is opened once per
 * process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "learn/xgboost.h"

static void test_broken_path_is_an_error(void **state) {
  (void)state;
  assert_int_equal(setenv("MISSTEP_XGBOOST_LIB", "/nowhere/libxgboost.so", 1), 0);
  assert_int_equal(mst_xgb_open(NULL), MST_E_ADAPTER);
  assert_non_null(strstr(mst_error_last()->message, "MISSTEP_XGBOOST_LIB=/nowhere/libxgboost.so"));
  assert_int_equal(setenv("MISSTEP_XGBOOST_LIB", "/proc/self/status", 1), 0);
  assert_int_equal(mst_xgb_open(NULL), MST_E_ADAPTER);
  assert_non_null(strstr(mst_error_last()->message, "MISSTEP_XGBOOST_LIB=/proc/self/status"));
  assert_int_equal(setenv("MISSTEP_XGBOOST_LIB", "libz.so.1", 1), 0);
  assert_int_equal(mst_xgb_open(NULL), MST_E_ADAPTER);
  assert_non_null(strstr(mst_error_last()->message, "has no XGBGetLastError"));
  assert_int_equal(unsetenv("MISSTEP_XGBOOST_LIB"), 0);
  mst_xgb_info info = {0};
  mst_status st = mst_xgb_open(&info);
  if (st) {
    assert_int_equal(st, MST_E_ADAPTER);
    assert_non_null(strstr(mst_error_last()->message, "./scripts/setup"));
    skip();
  }
  assert_true(info.version[0] >= 1);
  assert_int_equal(info.path[0], '/');
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_broken_path_is_an_error)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
