/* test_student.c: intervals of means. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "score/student.h"

static void near(double a, double b, double tolerance) {
  if (!(fabs(a - b) <= tolerance)) fail_msg("%.12g is not %.12g", a, b);
}

/* scipy.stats.t.ppf(0.975, f), SciPy 1.17.1. */
static void test_student(void **state) {
  static const struct {
    int64_t freedom;
    double t;
  } known[] = {{1, 12.706204736174694},  {2, 4.302652729749462}, {3, 3.1824463052837078},
               {4, 2.7764451051977934},  {9, 2.262157162798205}, {30, 2.0422724563012378},
               {200, 1.9718962236339088}};
  (void)state;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    near(mst_student_t(known[i].freedom), known[i].t, 1e-9);
}

static void test_mean(void **state) {
  static const double values[] = {0.8, 0.9, 0.7};
  (void)state;
  mst_mean m = mst_mean_of(NULL, 0);
  assert_true(isnan(m.mean) && isnan(m.low) && isnan(m.high));
  m = mst_mean_of(values, 1);
  near(m.mean, 0.8, 0);
  assert_true(isnan(m.low) && isnan(m.high));
  m = mst_mean_of(values, 3);
  near(m.mean, 0.8, 1e-15);
  near(m.high, 0.8 + 4.302652729749462 * 0.1 / sqrt(3), 1e-9);
  near(m.low, 0.8 - 4.302652729749462 * 0.1 / sqrt(3), 1e-9);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_student), cmocka_unit_test(test_mean)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
