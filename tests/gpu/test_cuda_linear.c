/* test_cuda_linear.c: linear fits on a device: known answers, the CPU's optimum (not its bits),
 * folds, terms of each fit's own, the same bytes in every run, and everything that is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/learn/own_terms.h"
#include "misstep/log.h"
#include "test_backend.h"

static char device[32];

static mst_status fit(const mst_logistic_problem *of, const mst_logistic_options *options,
                      const mst_logistic_result *result) {
  return mst_logistic_fit_on(mst_test_backend(1), of, options, result, device);
}

static mst_status fit_multinomial(const mst_logistic_problem *of,
                                  const mst_logistic_options *options,
                                  const mst_logistic_result *result) {
  if (!options) return fit(of, NULL, result);
  mst_logistic_options o = *options;
  o.loss = MST_LOSS_MULTINOMIAL;
  return fit(of, &o, result);
}

static mst_status on_cpu_multinomial(const mst_logistic_problem *of,
                                     const mst_logistic_options *options,
                                     const mst_logistic_result *result) {
  mst_logistic_options o = *options;
  o.loss = MST_LOSS_MULTINOMIAL;
  return mst_logistic_fit(of, &o, result);
}

static fit_fn *const fits[2] = {fit, fit_multinomial};
static fit_fn *const on_cpu[2] = {mst_logistic_fit, on_cpu_multinomial};

static mst_logistic_options exactly(void) {
  mst_logistic_options o = mst_logistic_options_default();
  o.eps = 1e-8;
  o.max_iter = 2000;
  return o;
}

static void no_library(void **state) {
  (void)state;
  problem p = problem_make(20, 10, 2, 0, 1);
  fitted f = fitted_make(&p);
  const mst_logistic_options o = exactly();
  (void)setenv("MISSTEP_CUSPARSE_LIB", "/no/such/library.so", 1);
  assert_int_equal(fitted_run(fit, &p, &o, &f), MST_E_ADAPTER);
  assert_non_null(strstr(mst_error_last()->message, "/no/such/library.so"));
  assert_non_null(strstr(mst_error_last()->message, "cuSPARSE"));
  (void)unsetenv("MISSTEP_CUSPARSE_LIB");
  fitted_free(&f);
  problem_free(&p);
}

/* Two rows, one term each way: w = (a, -a), a = C / (1 + exp(n a)) with n 1, multinomial 2. */
static void two_rows(void **state) {
  (void)state;
  int64_t row_ptr[3] = {0, 1, 2};
  int32_t col[2] = {0, 1};
  float val[2] = {1, 1};
  const mst_csr x = {2, 2, row_ptr, col, val, MST_FLOAT32};
  const int32_t label[2] = {0, 1};
  const mst_logistic_options o = exactly();
  float coef[4], intercept[2], decision[4];
  double objective[2];
  for (int m = 0; m < 2; m++) {
    double a = 1;
    for (int i = 0; i < 400; i++) a -= (a - 5 / (1 + exp((1 + m) * a))) / 4;
    assert_int_equal(fits[m](&(mst_logistic_problem){&x, label, 2, NULL, 0, NULL, NULL}, &o,
                             &(mst_logistic_result){coef, intercept, decision, objective}),
                     MST_OK);
    const double want[4] = {a, -a, -a, a};
    for (int i = 0; i < 4; i++) assert_float_equal(coef[i], want[i], 1e-3);
    assert_float_equal(intercept[0], 0, 1e-3);
    assert_float_equal(decision[0], a, 2e-3);
    assert_true(fabs(objective[0] - (1 + m) * a * a - 10 * log1p(exp(-(1 + m) * a))) < 1e-5);
    assert_string_equal(device, mst_backend_device(mst_test_backend(1)));
  }
}

/* Rows that weigh differently: the optimum that the CPU finds, and not that without weights. */
static void weights_as_on_the_cpu(void **state) {
  (void)state;
  problem p = problem_make(40, 15, 3, 2, 8);
  const mst_logistic_options o = exactly();
  p.weight = malloc((size_t)p.x.n_rows * sizeof *p.weight);
  for (int64_t d = 0; d < p.x.n_rows; d++) p.weight[d] = 0.25f + (float)(d % 4);
  for (int m = 0; m < 2; m++) {
    fitted f = fitted_make(&p), g = fitted_make(&p);
    assert_int_equal(fitted_run(fits[m], &p, &o, &f), MST_OK);
    assert_int_equal(fitted_run(on_cpu[m], &p, &o, &g), MST_OK);
    for (int64_t i = 0; i < f.n_coef; i++) assert_float_equal(f.coef[i], g.coef[i], 5e-3);
    for (int64_t i = 0; i < f.n_decision; i++)
      assert_float_equal(f.decision[i], g.decision[i], 1e-2);
    for (int k = 0; k < 3; k++)
      assert_true(fabs(f.objective[k] - g.objective[k]) < 1e-6 * g.objective[k]);
    fitted_free(&f);
    fitted_free(&g);
  }
  free(p.weight);
  problem_free(&p);
}

/* No terms at all, or no entries: only the bias can be learnt; and without a bias nothing. */
static void bias_only(void **state) {
  (void)state;
  int64_t row_ptr[5] = {0};
  const int32_t label[4] = {0, 0, 0, 1};
  mst_logistic_options o = exactly();
  float intercept[2], coef[6];
  double b = 0.5;
  for (int i = 0; i < 500; i++) b -= (b - 5 * (3 / (1 + exp(b)) - 1 / (1 + exp(-b)))) / 10;
  for (int64_t n_cols = 0; n_cols <= 3; n_cols += 3) {
    const mst_csr x = {4, n_cols, row_ptr, NULL, NULL, MST_FLOAT32};
    const mst_logistic_problem p = {&x, label, 2, NULL, 0, NULL, NULL};
    const mst_logistic_result result = {coef, intercept, NULL, NULL};
    o.bias = 1;
    assert_int_equal(fit(&p, &o, &result), MST_OK);
    assert_float_equal(intercept[0], b, 1e-3);
    assert_float_equal(intercept[1], -b, 1e-3);
    for (int i = 0; i < 2 * n_cols; i++) assert_true(coef[i] == 0);
    o.bias = -1;
    assert_int_equal(fit(&p, &o, &result), MST_OK);
    assert_true(intercept[0] == 0 && intercept[1] == 0);
  }
}

/* P at the fitted weights of fit 0, without its block: in double, on the host. */
static double objective_of(const problem *p, const fitted *f, double c, int32_t k) {
  const float *val = p->x.val;
  double sum = 0.5 * (double)f->intercept[k] * f->intercept[k];
  for (int64_t t = 0; t < p->x.n_cols; t++) {
    const double w = f->coef[t * p->n_classes + k];
    sum += 0.5 * w * w;
  }
  for (int64_t d = 0; d < p->x.n_rows; d++) {
    double z = f->intercept[k];
    for (int64_t e = p->x.row_ptr[d]; e < p->x.row_ptr[d + 1]; e++)
      z += (double)val[e] * f->coef[(int64_t)p->x.col[e] * p->n_classes + k];
    sum += c * log1p(exp(p->label[d] == k ? -z : z));
  }
  return sum;
}

/* The objective within 1e-6 of the CPU's, and what is said of it is true. */
static void the_cpus_optimum(void **state) {
  (void)state;
  static const int32_t n_classes[2] = {2, 5};
  static const double c[2] = {0.3, 20};
  for (int i = 0; i < 8; i++) {
    const int m = i % 2;
    problem p = problem_make(300, 70, n_classes[i / 2 % 2], 3, 11 + (uint64_t)i);
    fitted ours = fitted_make(&p), theirs = fitted_make(&p);
    mst_logistic_options o = exactly();
    o.c = c[i / 4];
    assert_int_equal(fitted_run(fits[m], &p, &o, &ours), MST_OK);
    assert_int_equal(fitted_run(on_cpu[m], &p, &o, &theirs), MST_OK);
    for (int32_t k = 0; k < p.n_classes; k++) {
      assert_true(fabs(ours.objective[k] - theirs.objective[k]) <= 1e-6 * theirs.objective[k]);
      if (!m) assert_true(fabs(objective_of(&p, &ours, o.c, k) / ours.objective[k] - 1) < 1e-6);
    }
    for (int64_t v = 0; v < ours.n_decision; v++)
      assert_float_equal(ours.decision[v], theirs.decision[v], 5e-3);
    fitted_free(&ours);
    fitted_free(&theirs);
    problem_free(&p);
  }
}

/* The proven gap: within eps of the optimum, as a share, and no more work than that needs. */
static void eps_is_kept(void **state) {
  (void)state;
  problem p = problem_make(300, 80, 3, 0, 5);
  for (int m = 0; m < 2; m++) {
    fitted best = fitted_make(&p), f = fitted_make(&p);
    mst_logistic_options o = exactly();
    assert_int_equal(fitted_run(on_cpu[m], &p, &o, &best), MST_OK);
    for (o.eps = 0.1; o.eps > 1e-7; o.eps /= 10) {
      assert_int_equal(fitted_run(fits[m], &p, &o, &f), MST_OK);
      for (int32_t k = 0; k < 3; k++)
        assert_true(f.objective[k] <= best.objective[k] * (1 + o.eps + 1e-7));
    }
    fitted_free(&f);
    fitted_free(&best);
  }
  problem_free(&p);
}

/* A fit with terms of its own, and its fold left out, is a problem by itself. */
static void fits_are_problems_of_their_own(void **state) {
  (void)state;
  const mst_logistic_options o = exactly();
  for (int m = 0; m < 2; m++) block_is_many_problems(fits[m], &o, 5e-3);
}

/* With a block too the optimum is the CPU's. */
static void own_terms_on_both(void **state) {
  (void)state;
  problem p = problem_make(240, 60, 3, 3, 23);
  own_terms own;
  own_terms_add(&own, &p, 24);
  const mst_logistic_options o = exactly();
  for (int m = 0; m < 2; m++) {
    fitted ours = fitted_make(&p), theirs = fitted_make(&p);
    assert_int_equal(fitted_run(fits[m], &p, &o, &ours), MST_OK);
    assert_int_equal(fitted_run(on_cpu[m], &p, &o, &theirs), MST_OK);
    for (int32_t k = 0; k < 3; k++)
      assert_true(fabs(ours.objective[k] - theirs.objective[k]) <= 1e-6 * theirs.objective[k]);
    for (int64_t v = 0; v < ours.n_decision; v++)
      assert_float_equal(ours.decision[v], theirs.decision[v], 5e-3);
    fitted_free(&ours);
    fitted_free(&theirs);
  }
  own_terms_free(&own);
  problem_free(&p);
}

/* No change of a fold's labels moves what its fit decides about it, by a bit; a second run gives
 * the same bytes. */
static void a_fold_is_never_seen(void **state) {
  (void)state;
  problem p = problem_make(200, 40, 3, 3, 3);
  const mst_logistic_options o = mst_logistic_options_default();
  for (int m = 0; m < 2; m++) {
    fitted f = fitted_make(&p), again = fitted_make(&p);
    assert_int_equal(fitted_run(fits[m], &p, &o, &f), MST_OK);
    assert_int_equal(fitted_run(fits[m], &p, &o, &again), MST_OK);
    assert_true(fitted_equal(&f, &again));
    for (int64_t d = 0; d < p.x.n_rows; d++)
      if (p.fold[d] == 1) p.label[d] = (p.label[d] + 1) % 3;
    assert_int_equal(fitted_run(fits[m], &p, &o, &again), MST_OK);
    for (int64_t d = 0; d < p.x.n_rows; d++)
      if (p.fold[d] == 1)
        assert_memory_equal(f.decision + d * 3, again.decision + d * 3, 3 * sizeof *f.decision);
    fitted_free(&f);
    fitted_free(&again);
  }
  problem_free(&p);
}

/* A fit without a row stays zero. */
static void a_fit_without_rows(void **state) {
  (void)state;
  problem p = problem_make(60, 30, 3, 1, 9);
  memset(p.fold, 0, (size_t)p.x.n_rows * sizeof *p.fold);
  const mst_logistic_options o = exactly();
  for (int m = 0; m < 2; m++) {
    fitted f = fitted_make(&p);
    assert_int_equal(fitted_run(fits[m], &p, &o, &f), MST_OK);
    for (int64_t i = 0; i < f.n_decision; i++) assert_true(f.decision[i] == 0);
    fitted_free(&f);
  }
  problem_free(&p);
}

static int refuse(const char *stage, int64_t done, int64_t total, const char *detail,
                  void *payload) {
  assert_string_equal(stage, "linear fits");
  assert_true(done >= 0 && done <= total && detail);
  return ++*(int *)payload > 2;
}

static void hear(mst_log_level level, const char *message, void *payload) {
  assert_int_equal(level, MST_LOG_WARNING);
  assert_non_null(strstr(message, "after 1 passes"));
  ++*(int *)payload;
}

static void cancelled_or_cut_short(void **state) {
  (void)state;
  problem p = problem_make(100, 30, 3, 2, 2);
  fitted f = fitted_make(&p);
  mst_logistic_options o = exactly();
  int calls = 0;
  mst_progress_set(refuse, &calls);
  assert_int_equal(fitted_run(fit, &p, &o, &f), MST_E_CANCELLED);
  mst_progress_set(NULL, NULL);
  calls = 0;
  o.max_iter = 1;
  mst_log_set(hear, &calls);
  assert_int_equal(fitted_run(fit, &p, &o, &f), MST_OK);
  mst_log_set(NULL, NULL);
  assert_int_equal(calls, 1);
  fitted_free(&f);
  problem_free(&p);
}

static void bad_arguments(void **state) {
  for (int m = 0; m < 2; m++) {
    bad_linear_arguments(state, fits[m]);
    bad_blocks(fits[m]);
  }
}

static void no_memory(void **state) { failing_linear_allocator(state, fit); }

/* Whether a machine with a real GPU has the library at all. */
static int is_there(void) {
  problem p = problem_make(20, 10, 2, 0, 1);
  fitted f = fitted_make(&p);
  const mst_logistic_options o = exactly();
  const mst_status st = fitted_run(fit, &p, &o, &f);
  if (st) (void)printf("skipped: %s\n", mst_error_last()->message);
  fitted_free(&f);
  problem_free(&p);
  return st != MST_E_ADAPTER;
}

int main(void) {
  const struct CMUnitTest without[] = {cmocka_unit_test(no_library)}; /* found once, it is kept */
  const struct CMUnitTest with[] = {
      cmocka_unit_test(two_rows),           cmocka_unit_test(weights_as_on_the_cpu),
      cmocka_unit_test(bias_only),          cmocka_unit_test(the_cpus_optimum),
      cmocka_unit_test(eps_is_kept),        cmocka_unit_test(fits_are_problems_of_their_own),
      cmocka_unit_test(own_terms_on_both),  cmocka_unit_test(a_fold_is_never_seen),
      cmocka_unit_test(a_fit_without_rows), cmocka_unit_test(cancelled_or_cut_short),
      cmocka_unit_test(bad_arguments),      cmocka_unit_test(no_memory),
  };
  (void)mst_test_backend(1);
  if (cmocka_run_group_tests(without, NULL, NULL)) return 1;
  return is_there() ? cmocka_run_group_tests(with, NULL, NULL) : 77;
}
