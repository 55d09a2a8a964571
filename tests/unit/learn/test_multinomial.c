/* The multinomial logistic regression: known answers, its own optimality conditions, folds, blocks,
 * threads, bad input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "misstep/logistic.h"
#include "own_terms.h"

static mst_status fit(const mst_logistic_problem *of, const mst_logistic_options *options,
                      const mst_logistic_result *result) {
  if (!options) return mst_logistic_fit(of, NULL, result);
  mst_logistic_options o = *options;
  o.loss = MST_LOSS_MULTINOMIAL;
  return mst_logistic_fit(of, &o, result);
}

static mst_logistic_options exactly(void) {
  mst_logistic_options o = mst_logistic_options_default();
  o.eps = 1e-9;
  o.max_iter = 2000;
  return o;
}

static void bad_arguments(void **state) { bad_linear_arguments(state, fit); }
static void no_memory(void **state) { failing_linear_allocator(state, fit); }
static void blocks_that_are_refused(void **state) {
  (void)state;
  bad_blocks(fit);
}

/* Two rows, one term each way: by symmetry w_0 = (a, -a) = -w_1, and a = C / (1 + exp(2 a)). */
static void two_rows(void **state) {
  (void)state;
  int64_t row_ptr[3] = {0, 1, 2};
  int32_t col[2] = {0, 1};
  float val[2] = {1, 1};
  const mst_csr x = {2, 2, row_ptr, col, val, MST_FLOAT32};
  const int32_t label[2] = {0, 1};
  const mst_logistic_options o = exactly();
  float coef[4], intercept[2], decision[4];
  double objective[2], a = 1;
  for (int i = 0; i < 200; i++) a -= (a - 5 / (1 + exp(2 * a))) / 4;
  assert_int_equal(fit(&(mst_logistic_problem){&x, label, 2, NULL, 0, NULL, NULL}, &o,
                       &(mst_logistic_result){coef, intercept, decision, objective}),
                   MST_OK);
  const double want[4] = {a, -a, -a, a};
  for (int i = 0; i < 4; i++) assert_float_equal(coef[i], want[i], 1e-3);
  assert_float_equal(intercept[0], 0, 1e-3);
  assert_true(fabs(objective[0] - (2 * a * a + 10 * log1p(exp(-2 * a)))) < 1e-5);
  assert_true(objective[1] == objective[0]);
}

/* Length of the gradient of P at weights times `size`. */
static double gradient(const problem *p, const fitted *f, double c, double size) {
  const int32_t n_classes = p->n_classes;
  const int64_t n = (p->x.n_cols + 1) * n_classes;
  double *g = calloc((size_t)n, sizeof *g), *prob = calloc((size_t)n_classes, sizeof *prob);
  const float *val = p->x.val;
  for (int64_t i = 0; i < n; i++)
    g[i] = size * (i < n - n_classes ? f->coef[i] : f->intercept[i - n + n_classes]);
  for (int64_t d = 0; d < p->x.n_rows; d++) {
    double sum = 0;
    for (int32_t k = 0; k < n_classes; k++) {
      double z = size * f->intercept[k];
      for (int64_t e = p->x.row_ptr[d]; e < p->x.row_ptr[d + 1]; e++)
        z += size * (double)val[e] * f->coef[(int64_t)p->x.col[e] * n_classes + k];
      sum += prob[k] = exp(z);
    }
    for (int32_t k = 0; k < n_classes; k++) {
      const double r = c * ((p->label[d] == k) - prob[k] / sum);
      for (int64_t e = p->x.row_ptr[d]; e < p->x.row_ptr[d + 1]; e++)
        g[(int64_t)p->x.col[e] * n_classes + k] -= r * (double)val[e];
      g[n - n_classes + k] -= r;
    }
  }
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += g[i] * g[i];
  free(g);
  free(prob);
  return sqrt(sum);
}

/* One vector of lanes, two, and as many as there may be. */
static void gradient_vanishes(void **state) {
  (void)state;
  const int32_t n_classes[5] = {2, 3, 11, 40, 128};
  const double c[3] = {0.1, 3, 300};
  for (int i = 0; i < 5; i++) {
    problem p = problem_make(500, 60, n_classes[i], 3, 11);
    fitted f = fitted_make(&p);
    for (int j = 0; j < 3; j++) {
      mst_logistic_options o = exactly();
      o.c = c[j];
      assert_int_equal(fitted_run(fit, &p, &o, &f), MST_OK);
      assert_true(gradient(&p, &f, c[j], 1) < 1e-4 * gradient(&p, &f, c[j], 0));
    }
    fitted_free(&f);
    problem_free(&p);
  }
}

static void too_many_classes(void **state) {
  (void)state;
  problem p = problem_make(300, 20, 129, 0, 2);
  const mst_logistic_options o = mst_logistic_options_default();
  expect_refused(fit, &p, &o);
  problem_free(&p);
}

/* The objective falls to the optimum as eps promises: within eps of it, as a share. */
static void eps_is_kept(void **state) {
  (void)state;
  problem p = problem_make(500, 80, 5, 0, 5);
  fitted best = fitted_make(&p), f = fitted_make(&p);
  mst_logistic_options o = exactly();
  assert_int_equal(fitted_run(fit, &p, &o, &best), MST_OK);
  for (o.eps = 0.1; o.eps > 1e-7; o.eps /= 10) {
    assert_int_equal(fitted_run(fit, &p, &o, &f), MST_OK);
    assert_true(f.objective[0] <= best.objective[0] * (1 + o.eps + 1e-7));
  }
  fitted_free(&f);
  fitted_free(&best);
  problem_free(&p);
}

/* Fits with terms of their own, and folds, are as many plain problems. */
static void fits_are_problems_of_their_own(void **state) {
  (void)state;
  const mst_logistic_options o = exactly();
  block_is_many_problems(fit, &o, 2e-3);
}

/* No change of a fold's labels moves what its fit decides about it, by a bit. */
static void fold_is_never_seen(void **state) {
  (void)state;
  problem p = problem_make(300, 50, 3, 3, 3);
  fitted before = fitted_make(&p), after = fitted_make(&p);
  const mst_logistic_options o = mst_logistic_options_default();
  assert_int_equal(fitted_run(fit, &p, &o, &before), MST_OK);
  for (int64_t d = 0; d < p.x.n_rows; d++)
    if (p.fold[d] == 1) p.label[d] = (p.label[d] + 1) % 3;
  assert_int_equal(fitted_run(fit, &p, &o, &after), MST_OK);
  for (int64_t d = 0; d < p.x.n_rows; d++)
    if (p.fold[d] == 1)
      assert_memory_equal(before.decision + d * 3, after.decision + d * 3, 3 * sizeof(float));
  fitted_free(&before);
  fitted_free(&after);
  problem_free(&p);
}

static void threads_agree(void **state) {
  (void)state;
  threads_change_nothing(fit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bad_arguments),
      cmocka_unit_test(no_memory),
      cmocka_unit_test(blocks_that_are_refused),
      cmocka_unit_test(too_many_classes),
      cmocka_unit_test(two_rows),
      cmocka_unit_test(gradient_vanishes),
      cmocka_unit_test(eps_is_kept),
      cmocka_unit_test(fits_are_problems_of_their_own),
      cmocka_unit_test(fold_is_never_seen),
      cmocka_unit_test(threads_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
