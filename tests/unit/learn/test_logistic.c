/* The wide logistic regression: small problems with known answers, its own optimality conditions,
 * folds, threads, bad input. LIBLINEAR as a second opinion is in test_liblinear.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "linear_problem.h"
#include "misstep/alloc.h"
#include "misstep/log.h"
#include "misstep/logistic.h"

static void no_rows(void **state) {
  (void)state;
  int64_t row_ptr[1] = {0};
  const mst_csr x = {.n_rows = 0, .n_cols = 3, .row_ptr = row_ptr, .dtype = MST_FLOAT32};
  const mst_logistic_options o = mst_logistic_options_default();
  const int32_t label = 0;
  float coef[6] = {7}, intercept[2] = {7};
  assert_int_equal(mst_logistic_fit(&(mst_logistic_problem){&x, &label, 2, NULL, 0, NULL, NULL}, &o,
                                    &(mst_logistic_result){coef, intercept, NULL, NULL}),
                   MST_E_ARG);
  assert_true(coef[0] == 7 && intercept[0] == 7);
  assert_int_equal(mst_logistic_decision(&x, 1, coef, intercept, 2, 1, coef), MST_OK);
  assert_true(coef[0] == 7);
}

/* Two rows, one term each way: by symmetry w = (a, -a), no bias, and a = C / (1 + exp(a)). */
static void two_rows(void **state) {
  (void)state;
  int64_t row_ptr[3] = {0, 1, 2};
  int32_t col[2] = {0, 1};
  float val[2] = {1, 1};
  const mst_csr x = {2, 2, row_ptr, col, val, MST_FLOAT32};
  const int32_t label[2] = {0, 1};
  mst_logistic_options o = mst_logistic_options_default();
  o.eps = 1e-7;
  float coef[4], intercept[2], decision[4];
  double objective[2], a = 1;
  for (int i = 0; i < 200; i++) a -= (a - 5 / (1 + exp(a))) / 2;
  assert_int_equal(mst_logistic_fit(&(mst_logistic_problem){&x, label, 2, NULL, 0, NULL, NULL}, &o,
                                    &(mst_logistic_result){coef, intercept, decision, objective}),
                   MST_OK);
  assert_float_equal(coef[0], a, 1e-3);
  assert_float_equal(coef[1], -a, 1e-3);
  assert_float_equal(coef[2], -a, 1e-3);
  assert_float_equal(coef[3], a, 1e-3);
  assert_float_equal(intercept[0], 0, 1e-3);
  assert_float_equal(decision[0], a, 2e-3);
  assert_true(fabs(objective[0] - (a * a + 10 * log1p(exp(-a)))) < 1e-5);
}

/* Column numbers that no row has: only the bias can be learnt. */
static void bias_only(void **state) {
  (void)state;
  int64_t row_ptr[5] = {0};
  const mst_csr x = {4, 0, row_ptr, NULL, NULL, MST_FLOAT32};
  const int32_t label[4] = {0, 0, 0, 1};
  mst_logistic_options o = mst_logistic_options_default();
  o.eps = 1e-7;
  float intercept[2], coef[1];
  double b = 0.5;
  for (int i = 0; i < 500; i++) b -= (b - 5 * (3 / (1 + exp(b)) - 1 / (1 + exp(-b)))) / 10;
  assert_int_equal(mst_logistic_fit(&(mst_logistic_problem){&x, label, 2, NULL, 0, NULL, NULL}, &o,
                                    &(mst_logistic_result){coef, intercept, NULL, NULL}),
                   MST_OK);
  assert_float_equal(intercept[0], b, 1e-3);
  assert_float_equal(intercept[1], -b, 1e-3);
  o.bias = -1;
  assert_int_equal(mst_logistic_fit(&(mst_logistic_problem){&x, label, 2, NULL, 0, NULL, NULL}, &o,
                                    &(mst_logistic_result){coef, intercept, NULL, NULL}),
                   MST_OK);
  assert_true(intercept[0] == 0 && intercept[1] == 0);
}

/* Length of the gradient of P at the fitted weights, and at zero. */
static void gradient(const problem *p, const fitted *f, double c, int32_t k, double *at_fit,
                     double *at_zero) {
  double *g = calloc((size_t)p->x.n_cols + 1, sizeof *g),
         *g0 = calloc((size_t)p->x.n_cols + 1, sizeof *g0);
  const float *val = p->x.val;
  for (int64_t t = 0; t < p->x.n_cols; t++) g[t] = f->coef[t * p->n_classes + k];
  g[p->x.n_cols] = f->intercept[k];
  for (int64_t d = 0; d < p->x.n_rows; d++) {
    double z = f->intercept[k];
    const double y = p->label[d] == k;
    for (int64_t e = p->x.row_ptr[d]; e < p->x.row_ptr[d + 1]; e++)
      z += (double)val[e] * f->coef[(int64_t)p->x.col[e] * p->n_classes + k];
    const double r = c * (y - 1 / (1 + exp(-z))), r0 = c * (y - 0.5);
    for (int64_t e = p->x.row_ptr[d]; e < p->x.row_ptr[d + 1]; e++) {
      g[p->x.col[e]] -= r * (double)val[e];
      g0[p->x.col[e]] -= r0 * (double)val[e];
    }
    g[p->x.n_cols] -= r;
    g0[p->x.n_cols] -= r0;
  }
  *at_fit = *at_zero = 0;
  for (int64_t t = 0; t <= p->x.n_cols; t++) {
    *at_fit += g[t] * g[t];
    *at_zero += g0[t] * g0[t];
  }
  *at_fit = sqrt(*at_fit);
  *at_zero = sqrt(*at_zero);
  free(g);
  free(g0);
}

static void gradient_vanishes(void **state) {
  (void)state;
  const double c[3] = {0.1, 5, 300};
  problem p = problem_make(400, 60, 3, 4, 11);
  fitted f = fitted_make(&p);
  for (int i = 0; i < 3; i++) {
    mst_logistic_options o = mst_logistic_options_default();
    o.c = c[i];
    o.eps = 1e-9;
    o.max_iter = 2000;
    assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &f), MST_OK);
    for (int32_t k = 0; k < 3; k++) {
      double at_fit, at_zero;
      gradient(&p, &f, c[i], k, &at_fit, &at_zero);
      assert_true(at_fit < 1e-4 * at_zero);
    }
  }
  fitted_free(&f);
  problem_free(&p);
}

/* The objective falls to the optimum as eps promises: within eps of it, as a share. */
static void eps_is_kept(void **state) {
  (void)state;
  problem p = problem_make(500, 80, 3, 0, 5);
  fitted best = fitted_make(&p), f = fitted_make(&p);
  mst_logistic_options o = mst_logistic_options_default();
  o.eps = 1e-9;
  o.max_iter = 2000;
  assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &best), MST_OK);
  for (double eps = 0.1; eps > 1e-7; eps /= 10) {
    o.eps = eps;
    assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &f), MST_OK);
    for (int32_t k = 0; k < 3; k++)
      assert_true(f.objective[k] <= best.objective[k] * (1 + eps + 1e-7));
  }
  fitted_free(&f);
  fitted_free(&best);
  problem_free(&p);
}

/* A fold's decisions are those of a fit on the other folds alone, and no change of the fold's own
 * labels moves them. */
static void fold_is_never_seen(void **state) {
  (void)state;
  problem p = problem_make(300, 50, 3, 3, 3);
  fitted f = fitted_make(&p);
  mst_logistic_options o = mst_logistic_options_default();
  o.eps = 1e-8;
  o.max_iter = 2000;
  assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &f), MST_OK);
  float *before = malloc((size_t)f.n_decision * sizeof *before);
  memcpy(before, f.decision, (size_t)f.n_decision * sizeof *before);

  problem rest = problem_without_fold(&p, 1);
  fitted g = fitted_make(&rest);
  assert_int_equal(fitted_run(mst_logistic_fit, &rest, &o, &g), MST_OK);
  float *alone = malloc((size_t)f.n_decision * sizeof *alone);
  assert_int_equal(mst_logistic_decision(&p.x, 1, g.coef, g.intercept, 3, 1, alone), MST_OK);
  for (int64_t d = 0; d < p.x.n_rows; d++)
    for (int32_t k = 0; p.fold[d] == 1 && k < 3; k++)
      assert_float_equal(before[d * 3 + k], alone[d * 3 + k], 2e-3);

  for (int64_t d = 0; d < p.x.n_rows; d++)
    if (p.fold[d] == 1) p.label[d] = (p.label[d] + 1) % 3;
  assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &f), MST_OK);
  for (int64_t d = 0; d < p.x.n_rows; d++)
    if (p.fold[d] == 1) assert_memory_equal(before + d * 3, f.decision + d * 3, 3 * sizeof *before);
  free(alone);
  free(before);
  fitted_free(&g);
  problem_free(&rest);
  fitted_free(&f);
  problem_free(&p);
}

/* A class all of whose rows lie in one fold: that fold's fit has no positive row, and says no. */
static void class_absent_from_a_fit(void **state) {
  (void)state;
  problem p = problem_make(200, 30, 3, 4, 9);
  for (int64_t d = 0; d < p.x.n_rows; d++) p.fold[d] = p.label[d] == 2 ? 0 : p.fold[d];
  fitted f = fitted_make(&p);
  mst_logistic_options o = mst_logistic_options_default();
  assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &f), MST_OK);
  for (int64_t d = 0; d < p.x.n_rows; d++) {
    for (int32_t k = 0; k < 3; k++) assert_true(isfinite(f.decision[d * 3 + k]));
    if (p.fold[d] == 0) assert_true(f.decision[d * 3 + 2] < -2);
  }
  /* one fold only: its fit has no row at all and stays zero */
  p.n_folds = 1;
  memset(p.fold, 0, (size_t)p.x.n_rows * sizeof *p.fold);
  assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &f), MST_OK);
  for (int64_t i = 0; i < f.n_decision; i++) assert_true(f.decision[i] == 0);
  fitted_free(&f);
  problem_free(&p);
}

static void threads_agree(void **state) {
  (void)state;
  threads_change_nothing(mst_logistic_fit);
}

/* Matrices side by side decide as one matrix does. */
static void parts_decide_as_a_whole(void **state) {
  (void)state;
  problem p = problem_make(60, 50, 3, 0, 21);
  int32_t ids[50];
  for (int32_t t = 0; t < 50; t++) ids[t] = t;
  mst_csr parts[2] = {{0}};
  assert_int_equal(mst_csr_take_cols(&p.x, ids, 20, &parts[0]), MST_OK);
  assert_int_equal(mst_csr_take_cols(&p.x, ids + 20, 30, &parts[1]), MST_OK);
  float coef[150], intercept[3] = {0.5f, -1, 2}, whole[180], both[180];
  for (int i = 0; i < 150; i++) coef[i] = (float)(i % 17) - 8.25f;
  assert_int_equal(mst_logistic_decision(&p.x, 1, coef, intercept, 3, 1, whole), MST_OK);
  assert_int_equal(mst_logistic_decision(parts, 2, coef, intercept, 3, 2, both), MST_OK);
  assert_memory_equal(whole, both, sizeof whole);
  parts[1].n_rows--;
  assert_int_equal(mst_logistic_decision(parts, 2, coef, intercept, 3, 1, both), MST_E_ARG);
  assert_int_equal(mst_logistic_decision(parts, 0, coef, intercept, 3, 1, both), MST_E_ARG);
  mst_csr_fini(&parts[0]);
  mst_csr_fini(&parts[1]);
  problem_free(&p);
}

/* A class's weights do not depend on what the other classes are called or how many there are. */
static void columns_are_independent(void **state) {
  (void)state;
  problem p = problem_make(300, 40, 20, 2, 8);
  fitted all = fitted_make(&p);
  mst_logistic_options o = mst_logistic_options_default();
  assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &all), MST_OK);
  for (int64_t d = 0; d < p.x.n_rows; d++) p.label[d] = p.label[d] == 13;
  p.n_classes = 2;
  fitted one = fitted_make(&p);
  assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &one), MST_OK);
  for (int64_t t = 0; t < p.x.n_cols; t++)
    assert_true(all.coef[t * 20 + 13] == one.coef[t * 2 + 1]);
  fitted_free(&one);
  fitted_free(&all);
  problem_free(&p);
}

static void rows_decide_alone(void **state) {
  (void)state;
  problem p = problem_make(90, 40, 21, 0, 4);
  fitted f = fitted_make(&p);
  mst_logistic_options o = mst_logistic_options_default();
  assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &f), MST_OK);
  float *all = malloc((size_t)f.n_decision * sizeof *all), row[21];
  assert_int_equal(mst_logistic_decision(&p.x, 1, f.coef, f.intercept, 21, 3, all), MST_OK);
  for (int64_t d = 0; d < p.x.n_rows; d++) {
    mst_csr x;
    assert_int_equal(mst_csr_take_rows(&p.x, &d, 1, &x), MST_OK);
    assert_int_equal(mst_logistic_decision(&x, 1, f.coef, f.intercept, 21, 1, row), MST_OK);
    assert_memory_equal(row, all + d * 21, sizeof row);
    for (int k = 0; k < 21; k++) assert_float_equal(row[k], f.decision[d * 21 + k], 1e-5);
    mst_csr_fini(&x);
  }
  free(all);
  fitted_free(&f);
  problem_free(&p);
}

static int refuse(const char *stage, int64_t done, int64_t total, const char *detail,
                  void *payload) {
  assert_string_equal(stage, "linear fits");
  assert_true(done >= 0 && done <= total && detail);
  return ++*(int *)payload > 3;
}

static void cancelled(void **state) {
  (void)state;
  problem p = problem_make(200, 30, 3, 5, 2);
  fitted f = fitted_make(&p);
  mst_logistic_options o = mst_logistic_options_default();
  int calls = 0;
  mst_progress_set(refuse, &calls);
  assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &f), MST_E_CANCELLED);
  assert_int_equal(mst_error_last()->status, MST_E_CANCELLED);
  mst_progress_set(NULL, NULL);
  fitted_free(&f);
  problem_free(&p);
}

static void hear(mst_log_level level, const char *message, void *payload) {
  assert_int_equal(level, MST_LOG_WARNING);
  assert_non_null(strstr(message, "after 1 passes"));
  ++*(int *)payload;
}

static void passes_run_out(void **state) {
  (void)state;
  problem p = problem_make(200, 30, 3, 5, 2);
  fitted f = fitted_make(&p);
  mst_logistic_options o = mst_logistic_options_default();
  o.max_iter = 1;
  int calls = 0;
  mst_log_set(hear, &calls);
  assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &f), MST_OK);
  mst_log_set(NULL, NULL);
  assert_int_equal(calls, 1);
  fitted_free(&f);
  problem_free(&p);
}

static void bad_arguments(void **state) { bad_linear_arguments(state, mst_logistic_fit); }
static void no_memory(void **state) { failing_linear_allocator(state, mst_logistic_fit); }

static void bad_decisions(void **state) {
  (void)state;
  problem p = problem_make(4, 5, 2, 0, 1);
  float coef[10] = {0}, intercept[2] = {0}, out[8];
  assert_int_equal(mst_logistic_decision(NULL, 1, coef, intercept, 2, 1, out), MST_E_ARG);
  assert_int_equal(mst_logistic_decision(&p.x, 1, NULL, intercept, 2, 1, out), MST_E_ARG);
  assert_int_equal(mst_logistic_decision(&p.x, 1, coef, NULL, 2, 1, out), MST_E_ARG);
  assert_int_equal(mst_logistic_decision(&p.x, 1, coef, intercept, 2, 1, NULL), MST_E_ARG);
  assert_int_equal(mst_logistic_decision(&p.x, 1, coef, intercept, 0, 1, out), MST_E_ARG);
  assert_int_equal(mst_logistic_decision(&p.x, 1, coef, intercept, 2, 0, out), MST_E_ARG);
  p.x.dtype = MST_FLOAT64;
  assert_int_equal(mst_logistic_decision(&p.x, 1, coef, intercept, 2, 1, out), MST_E_ARG);
  p.x.dtype = MST_FLOAT32;
  problem_free(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_rows),
      cmocka_unit_test(two_rows),
      cmocka_unit_test(bias_only),
      cmocka_unit_test(gradient_vanishes),
      cmocka_unit_test(eps_is_kept),
      cmocka_unit_test(fold_is_never_seen),
      cmocka_unit_test(class_absent_from_a_fit),
      cmocka_unit_test(threads_agree),
      cmocka_unit_test(parts_decide_as_a_whole),
      cmocka_unit_test(columns_are_independent),
      cmocka_unit_test(rows_decide_alone),
      cmocka_unit_test(cancelled),
      cmocka_unit_test(passes_run_out),
      cmocka_unit_test(bad_arguments),
      cmocka_unit_test(no_memory),
      cmocka_unit_test(bad_decisions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
