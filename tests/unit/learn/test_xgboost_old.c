/* XGBoost before 2.1 trains alone but not in a crew: a program of its own, because the library is
 * opened once per process. MISSTEP_XGBOOST_LIB must be that of old_xgboost.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "learn/crew.h"
#include "learn/xgboost.h"

static char base[] = "/tmp/misstep-test-XXXXXX";

static void test_it_opens_but_has_no_tracker(void **state) {
  (void)state;
  mst_xgb_info info;
  mst_crew_place place;
  mst_crew *crew = NULL;
  char output[64];
  assert_int_equal(mst_xgb_open(&info), MST_OK);
  assert_int_equal(info.version[0], 2);
  assert_int_equal(mst_crew_place_find(2, &place), MST_OK);
  (void)snprintf(output, sizeof output, "%s/model", base);
  assert_int_equal(mst_crew_open(&place, output, &crew), MST_E_UNSUPPORTED);
  assert_non_null(
      strstr(mst_error_last()->message, "--workers needs XGBoost 2.1 or newer; this is 2.0.3"));
  assert_null(crew);
  assert_int_equal(rmdir(base), 0); /* nothing was left in it */
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_it_opens_but_has_no_tracker)};
  if (!mkdtemp(base)) return 2;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
