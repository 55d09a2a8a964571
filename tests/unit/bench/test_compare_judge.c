/* test_compare_judge.c: ratios of runs: known answers, noise that is none, too few runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "bench/compare.h"
#include "misstep/rng.h"

static compare_runs runs_of(int n, const double *values) {
  compare_runs r = {.n = n};
  if (n) memcpy(r.run, values, (size_t)n * sizeof *values);
  return r;
}

static void no_runs(void **state) {
  (void)state;
  const compare_runs none = {.n = 0}, one = runs_of(1, (double[]){2});
  compare_verdict verdict = COMPARE_SAME;
  assert_true(isnan(compare_median(&none)));
  assert_true(isnan(compare_apart(&none, &one, &verdict).ratio));
  assert_int_equal(verdict, COMPARE_UNKNOWN);
  const compare_ratio r = compare_apart(&one, &one, &verdict);
  assert_true(r.ratio == 1 && isnan(r.low) && isnan(r.high));
  assert_int_equal(verdict, COMPARE_UNKNOWN);
  (void)compare_pairs(&one, &one, &verdict);
  assert_int_equal(verdict, COMPARE_UNKNOWN);
}

/* exp of Welch's 95 % interval of the logarithms by scipy, with 3 degrees of freedom for 3.70. */
static void like_welch(void **state) {
  (void)state;
  const compare_runs old = runs_of(3, (double[]){1.0, 1.1, 0.9}),
                     new = runs_of(4, (double[]){2.0, 2.2, 2.4, 2.1});
  compare_verdict verdict;
  const compare_ratio r = compare_apart(&old, &new, &verdict);
  assert_true(fabs(r.ratio - 2.15) < 1e-12);
  assert_true(fabs(r.low - 1.7439403323) < 1e-8 && fabs(r.high - 2.7184406450) < 1e-8);
  assert_int_equal(verdict, COMPARE_MORE);
  const compare_ratio back = compare_apart(&new, &old, &verdict);
  assert_true(fabs(back.low * r.high - 1) < 1e-12 && fabs(back.high * r.low - 1) < 1e-12);
  assert_int_equal(verdict, COMPARE_LESS);
}

static void runs_that_overlap(void **state) {
  (void)state;
  double a[20], b[20];
  for (int i = 0; i < 20; i++) {
    a[i] = 1 + 0.001 * i;
    b[i] = 1.018 + 0.001 * i;
  }
  const compare_runs old = runs_of(20, a), new = runs_of(20, b);
  compare_verdict verdict;
  const compare_ratio r = compare_apart(&old, &new, &verdict);
  assert_true(r.low > 1); /* and yet: one run of the old side is as slow as the new one's best */
  assert_int_equal(verdict, COMPARE_SAME);
}

/* All runs alike: the interval is a point. */
static void no_spread(void **state) {
  (void)state;
  const compare_runs old = runs_of(3, (double[]){1, 1, 1}), new = runs_of(2, (double[]){2, 2});
  compare_verdict verdict;
  const compare_ratio r = compare_apart(&old, &new, &verdict);
  assert_true(fabs(r.low - 2) < 1e-12 && fabs(r.high - 2) < 1e-12);
  assert_int_equal(verdict, COMPARE_MORE);
  (void)compare_apart(&old, &old, &verdict);
  assert_int_equal(verdict, COMPARE_SAME);
}

/* A machine that drifts threefold: pairs see a tenth, two times do not. */
static void pairs_leave_the_machine_out(void **state) {
  (void)state;
  compare_runs old = {.n = 10}, new = {.n = 10};
  for (int i = 0; i < 10; i++) {
    old.run[i] = 1 + 0.2 * i;
    new.run[i] = old.run[i] * (1.1 + (i % 2 ? 0.01 : -0.01));
  }
  compare_verdict verdict;
  const compare_ratio r = compare_pairs(&old, &new, &verdict);
  assert_true(fabs(r.ratio - 1.1) < 1e-3 && r.low > 1.09 && r.high < 1.11);
  assert_int_equal(verdict, COMPARE_MORE);
  (void)compare_apart(&old, &new, &verdict);
  assert_int_equal(verdict, COMPARE_SAME);
}

/* Of measurements of the same thing few are said to differ: at most one in twenty, less by far
 * where two times are compared. */
static void false_alarms(void **state) {
  (void)state;
  int apart = 0, pairs = 0;
  for (uint64_t t = 0; t < 2000; t++) {
    compare_runs side[2] = {{.n = 7}, {.n = 7}};
    for (uint64_t s = 0; s < 2; s++)
      for (uint64_t i = 0; i < 7; i++) {
        double sum = 0;
        for (uint64_t k = 0; k < 6; k++)
          sum += (double)mst_rng_below(1000, 3, MST_RNG_GENERATE, t, (uint32_t)s, i * 8 + k) / 1000;
        side[s].run[i] = exp(0.1 * (sum - 3));
      }
    compare_verdict verdict;
    (void)compare_apart(&side[0], &side[1], &verdict);
    apart += verdict != COMPARE_SAME;
    (void)compare_pairs(&side[0], &side[1], &verdict);
    pairs += verdict != COMPARE_SAME;
  }
  assert_in_range(apart, 0, 10);
  assert_in_range(pairs, 60, 140); /* 5 % */
}

static void words(void **state) {
  (void)state;
  assert_string_equal(compare_words(COMPARE_MORE, "s"), "slower");
  assert_string_equal(compare_words(COMPARE_MORE, "records/s"), "faster");
  assert_string_equal(compare_words(COMPARE_LESS, "/h"), "slower");
  assert_string_equal(compare_words(COMPARE_MORE, "MB"), "more");
  assert_string_equal(compare_words(COMPARE_SAME, ""), "same");
  assert_string_equal(compare_words(COMPARE_UNKNOWN, "s"), "one run");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_runs),      cmocka_unit_test(like_welch),
      cmocka_unit_test(no_spread),    cmocka_unit_test(runs_that_overlap),
      cmocka_unit_test(words),        cmocka_unit_test(pairs_leave_the_machine_out),
      cmocka_unit_test(false_alarms),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
