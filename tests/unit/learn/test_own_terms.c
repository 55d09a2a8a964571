/* Linear fits that chose their own terms: many problems in one, with both solvers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "learn/liblinear.h"
#include "own_terms.h"

/* Fits with terms of their own: the same as each by itself, and the same for any threads. */
static void wide_has_own_terms(void **state) {
  (void)state;
  mst_logistic_options o = mst_logistic_options_default();
  o.eps = 1e-9;
  o.max_iter = 2000;
  block_is_many_problems(mst_logistic_fit, &o, 2e-3);
  problem p = problem_make(300, 90, 3, 5, 19); /* 18 columns: one panel or several */
  own_terms own;
  own_terms_add(&own, &p, 20);
  o = mst_logistic_options_default();
  fitted one = fitted_make(&p), many = fitted_make(&p);
  assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &one), MST_OK);
  for (o.n_threads = 2; o.n_threads <= 7; o.n_threads += 5) {
    assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &many), MST_OK);
    assert_true(fitted_equal(&one, &many));
  }
  fitted_free(&one);
  fitted_free(&many);
  own_terms_free(&own);
  problem_free(&p);
}

/* Fits with terms of their own: the same as each by itself, and the optimum of the wide solver. */
static void liblinear_has_own_terms(void **state) {
  (void)state;
  mst_logistic_options o = mst_liblinear_options_default();
  o.eps = 1e-7;
  block_is_many_problems(mst_liblinear_fit, &o, 5e-3);
  problem p = problem_make(240, 60, 3, 3, 23);
  own_terms own;
  own_terms_add(&own, &p, 24);
  fitted ours = fitted_make(&p), theirs = fitted_make(&p);
  assert_int_equal(fitted_run(mst_liblinear_fit, &p, &o, &theirs), MST_OK);
  o.eps = 1e-8;
  o.max_iter = 2000;
  assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &ours), MST_OK);
  for (int32_t k = 0; k < 3; k++)
    assert_true(fabs(ours.objective[k] - theirs.objective[k]) <= 1e-6 * theirs.objective[k]);
  for (int64_t i = 0; i < ours.n_decision; i++)
    assert_float_equal(ours.decision[i], theirs.decision[i], 5e-3);
  fitted_free(&ours);
  fitted_free(&theirs);
  own_terms_free(&own);
  problem_free(&p);
}

static void no_rows(void **state) {
  (void)state;
  const int64_t row_ptr[1] = {0};
  const mst_csr x = {0, 3, (int64_t *)(uintptr_t)row_ptr, NULL, NULL, MST_FLOAT32};
  const int32_t label = 0;
  const float scale = 1;
  float coef[6], intercept[2];
  const mst_logistic_block block = {1, 3, NULL, &scale};
  const mst_logistic_problem empty = {&x, &label, 2, NULL, 0, &block, NULL};
  const mst_logistic_result result = {coef, intercept, NULL, NULL};
  const mst_logistic_options o = mst_logistic_options_default();
  assert_int_equal(mst_logistic_fit(&empty, &o, &result), MST_E_ARG);
  assert_int_equal(mst_liblinear_fit(&empty, &o, &result), MST_E_ARG);
}

static void blocks_that_are_refused(void **state) {
  (void)state;
  bad_blocks(mst_logistic_fit);
  bad_blocks(mst_liblinear_fit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_rows),
      cmocka_unit_test(wide_has_own_terms),
      cmocka_unit_test(liblinear_has_own_terms),
      cmocka_unit_test(blocks_that_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
