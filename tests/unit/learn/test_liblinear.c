/* The LIBLINEAR adapter: against our own solver (same optimum), scikit-learn's coefficients,
 * threads, bad input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learn/liblinear.h"
#include "linear_problem.h"
#include "misstep/log.h"

static void no_rows(void **state) {
  (void)state;
  int64_t row_ptr[1] = {0};
  const mst_csr x = {.n_rows = 0, .n_cols = 3, .row_ptr = row_ptr, .dtype = MST_FLOAT32};
  const mst_logistic_options o = mst_liblinear_options_default();
  const int32_t label = 0;
  float coef[6] = {7}, intercept[2] = {7};
  assert_int_equal(mst_liblinear_fit(&(mst_logistic_problem){&x, &label, 2, NULL, 0, NULL, NULL},
                                     &o, &(mst_logistic_result){coef, intercept, NULL, NULL}),
                   MST_E_ARG);
  assert_true(coef[0] == 7 && intercept[0] == 7);
}

/* Both solvers, tightly: the same minimum to 1e-6 of it, the same decisions. */
static void same_optimum(void **state) {
  (void)state;
  for (int folds = 0; folds <= 3; folds += 3) {
    problem p = problem_make(600, 100, 4, folds, 17);
    fitted ours = fitted_make(&p), theirs = fitted_make(&p);
    mst_logistic_options o = mst_logistic_options_default();
    o.eps = 1e-8;
    o.max_iter = 2000;
    assert_int_equal(fitted_run(mst_logistic_fit, &p, &o, &ours), MST_OK);
    o.eps = 1e-6;
    assert_int_equal(fitted_run(mst_liblinear_fit, &p, &o, &theirs), MST_OK);
    for (int32_t k = 0; k < 4; k++) {
      assert_true(fabs(ours.objective[k] - theirs.objective[k]) <= 1e-6 * theirs.objective[k]);
      assert_float_equal(ours.intercept[k], theirs.intercept[k], 2e-3);
    }
    for (int64_t i = 0; i < ours.n_decision; i++)
      assert_float_equal(ours.decision[i], theirs.decision[i], 5e-3);
    fitted_free(&ours);
    fitted_free(&theirs);
    problem_free(&p);
  }
}

/* 6 rows, 3 terms. LogisticRegression(solver="liblinear", C=5, tol=1e-10, intercept_scaling=1),
 * scikit-learn 1.9.1, on y == 0, y == 1, y == 2:
 *   X = [[1,0,0],[.8,.6,0],[0,1,0],[0,.6,.8],[0,0,1],[.6,0,.8]], y = [0,0,1,1,2,2] */
static void like_scikit_learn(void **state) {
  (void)state;
  int64_t row_ptr[7] = {0, 1, 3, 4, 6, 7, 9};
  int32_t col[9] = {0, 0, 1, 1, 1, 2, 2, 0, 2};
  float val[9] = {1, .8f, .6f, 1, .6f, .8f, 1, .6f, .8f};
  const mst_csr x = {6, 3, row_ptr, col, val, MST_FLOAT32};
  const int32_t label[6] = {0, 0, 1, 1, 2, 2};
  const double want[4][3] = {{1.774633290, -1.870298598, -0.461501772},
                             {-0.481830077, 1.703344597, -1.855408257},
                             {-1.853960402, -0.290867626, 1.550390325},
                             {-0.562278284, -0.538890014, -0.617625122}};
  mst_logistic_options o = mst_liblinear_options_default();
  o.eps = 1e-10;
  float coef[9], intercept[3];
  assert_int_equal(mst_liblinear_fit(&(mst_logistic_problem){&x, label, 3, NULL, 0, NULL, NULL}, &o,
                                     &(mst_logistic_result){coef, intercept, NULL, NULL}),
                   MST_OK);
  for (int k = 0; k < 3; k++) {
    for (int t = 0; t < 3; t++) assert_float_equal(coef[t * 3 + k], want[t][k], 1e-5);
    assert_float_equal(intercept[k], want[3][k], 1e-5);
  }
}

static void fold_is_never_seen(void **state) {
  (void)state;
  problem p = problem_make(200, 50, 3, 3, 3);
  fitted f = fitted_make(&p), g = fitted_make(&p);
  const mst_logistic_options o = mst_liblinear_options_default();
  assert_int_equal(fitted_run(mst_liblinear_fit, &p, &o, &f), MST_OK);
  for (int64_t d = 0; d < p.x.n_rows; d++)
    if (p.fold[d] == 1) p.label[d] = (p.label[d] + 1) % 3;
  assert_int_equal(fitted_run(mst_liblinear_fit, &p, &o, &g), MST_OK);
  for (int64_t d = 0; d < p.x.n_rows; d++)
    if (p.fold[d] == 1)
      assert_memory_equal(f.decision + d * 3, g.decision + d * 3, 3 * sizeof *f.decision);
  fitted_free(&g);
  fitted_free(&f);
  problem_free(&p);
}

static void class_absent_from_a_fit(void **state) {
  (void)state;
  problem p = problem_make(200, 30, 3, 4, 9);
  for (int64_t d = 0; d < p.x.n_rows; d++) p.fold[d] = p.label[d] == 2 ? 0 : p.fold[d];
  fitted f = fitted_make(&p);
  const mst_logistic_options o = mst_liblinear_options_default();
  assert_int_equal(fitted_run(mst_liblinear_fit, &p, &o, &f), MST_OK);
  for (int64_t d = 0; d < p.x.n_rows; d++)
    if (p.fold[d] == 0) assert_true(f.decision[d * 3 + 2] < -2);
  p.n_folds = 1;
  memset(p.fold, 0, (size_t)p.x.n_rows * sizeof *p.fold);
  assert_int_equal(fitted_run(mst_liblinear_fit, &p, &o, &f), MST_OK);
  for (int64_t i = 0; i < f.n_decision; i++) assert_true(f.decision[i] == 0);
  fitted_free(&f);
  problem_free(&p);
}

static void threads_agree(void **state) {
  (void)state;
  problem p = problem_make(300, 60, 5, 2, 21);
  fitted one = fitted_make(&p), many = fitted_make(&p);
  mst_logistic_options o = mst_liblinear_options_default();
  assert_int_equal(fitted_run(mst_liblinear_fit, &p, &o, &one), MST_OK);
  for (o.n_threads = 2; o.n_threads <= 7; o.n_threads++) {
    assert_int_equal(fitted_run(mst_liblinear_fit, &p, &o, &many), MST_OK);
    assert_true(fitted_equal(&one, &many));
  }
  fitted_free(&many);
  fitted_free(&one);
  problem_free(&p);
}

static int refuse(const char *stage, int64_t done, int64_t total, const char *detail,
                  void *payload) {
  (void)stage, (void)detail;
  assert_true(done >= 0 && done <= total);
  return ++*(int *)payload > 2;
}

static void cancelled(void **state) {
  (void)state;
  problem p = problem_make(100, 30, 3, 5, 2);
  fitted f = fitted_make(&p);
  const mst_logistic_options o = mst_liblinear_options_default();
  int calls = 0;
  mst_progress_set(refuse, &calls);
  assert_int_equal(fitted_run(mst_liblinear_fit, &p, &o, &f), MST_E_CANCELLED);
  assert_int_equal(mst_error_last()->status, MST_E_CANCELLED);
  mst_progress_set(NULL, NULL);
  fitted_free(&f);
  problem_free(&p);
}

static void version_is_known(void **state) {
  (void)state;
  assert_true(mst_liblinear_version() >= 200);
}

static void bad_arguments(void **state) { bad_linear_arguments(state, mst_liblinear_fit); }
static void no_memory(void **state) { failing_linear_allocator(state, mst_liblinear_fit); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_rows),
      cmocka_unit_test(same_optimum),
      cmocka_unit_test(like_scikit_learn),
      cmocka_unit_test(fold_is_never_seen),
      cmocka_unit_test(class_absent_from_a_fit),
      cmocka_unit_test(threads_agree),
      cmocka_unit_test(cancelled),
      cmocka_unit_test(version_is_known),
      cmocka_unit_test(bad_arguments),
      cmocka_unit_test(no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
