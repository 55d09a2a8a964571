/* linear_problem.c: see linear_problem.h. */
#include "linear_problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "misstep/alloc.h"
#include "misstep/rng.h"
#include "own_terms.h"

static uint64_t draw(uint64_t n, uint64_t seed, int64_t row, uint64_t place) {
  return mst_rng_below(n, seed, MST_RNG_GENERATE, (uint64_t)row, 0, place);
}

static int rising(const void *a, const void *b) {
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

/* Distinct terms of one row, rising; half of them lean towards the row's class. */
static int64_t make_row(problem *p, int64_t d, uint64_t seed, int32_t *col) {
  const int64_t n_draws = d % 50 == 49 ? 0 : 1 + (int64_t)draw(12, seed, d, 0);
  for (int64_t i = 0; i < n_draws; i++) {
    int64_t t = (int64_t)draw((uint64_t)p->x.n_cols, seed, d, (uint64_t)(2 + i));
    if (i % 2 && t - t % p->n_classes + p->label[d] < p->x.n_cols)
      t = t - t % p->n_classes + p->label[d];
    col[i] = (int32_t)t;
  }
  qsort(col, (size_t)n_draws, sizeof *col, rising);
  int64_t n = 0;
  for (int64_t i = 0; i < n_draws; i++)
    if (n == 0 || col[i] != col[n - 1]) col[n++] = col[i];
  return n;
}

problem problem_make(int64_t n_rows, int64_t n_cols, int32_t n_classes, int32_t n_folds,
                     uint64_t seed) {
  problem p = {.n_classes = n_classes, .n_folds = n_folds};
  assert_int_equal(mst_csr_init(&p.x, n_rows, n_cols, 12 * n_rows, MST_FLOAT32), MST_OK);
  p.label = malloc((size_t)n_rows * sizeof *p.label);
  p.fold = n_folds ? malloc((size_t)n_rows * sizeof *p.fold) : NULL;
  float *val = p.x.val;
  for (int64_t d = 0; d < n_rows; d++) {
    /* the last class has few rows */
    p.label[d] = (int32_t)draw((uint64_t)(d % 4 ? n_classes - 1 : n_classes), seed, d, 1);
    if (n_folds) p.fold[d] = (int32_t)draw((uint64_t)n_folds, seed, d, 100);
    const int64_t from = p.x.row_ptr[d], n = make_row(&p, d, seed, p.x.col + from);
    double norm = 0;
    for (int64_t i = 0; i < n; i++) {
      val[from + i] = 1.0f + (float)draw(4, seed, d, (uint64_t)(50 + i));
      norm += (double)val[from + i] * val[from + i];
    }
    for (int64_t i = 0; i < n; i++) val[from + i] = (float)(val[from + i] / sqrt(norm));
    p.x.row_ptr[d + 1] = from + n;
  }
  return p;
}

problem problem_without_fold(const problem *p, int32_t fold) {
  problem rest = {.n_classes = p->n_classes};
  int64_t *rows = malloc((size_t)p->x.n_rows * sizeof *rows), n = 0;
  rest.label = malloc((size_t)p->x.n_rows * sizeof *rest.label);
  for (int64_t d = 0; d < p->x.n_rows; d++) {
    if (p->fold[d] == fold) continue;
    rest.label[n] = p->label[d];
    rows[n++] = d;
  }
  assert_int_equal(mst_csr_take_rows(&p->x, rows, n, &rest.x), MST_OK);
  free(rows);
  return rest;
}

void problem_free(problem *p) {
  mst_csr_fini(&p->x);
  free(p->label);
  free(p->fold);
}

fitted fitted_make(const problem *p) {
  const int64_t c = p->n_classes;
  fitted f = {.n_coef = p->x.n_cols * c, .n_decision = p->x.n_rows * c, .n_classes = p->n_classes};
  f.coef = calloc((size_t)f.n_coef, sizeof *f.coef);
  f.intercept = calloc((size_t)c, sizeof *f.intercept);
  f.decision = calloc((size_t)f.n_decision, sizeof *f.decision);
  f.objective = calloc((size_t)c, sizeof *f.objective);
  return f;
}

mst_status fitted_run(fit_fn *fit, const problem *p, const mst_logistic_options *options,
                      fitted *f) {
  const mst_logistic_problem given = {&p->x,      p->label, p->n_classes, p->fold,
                                      p->n_folds, p->block, p->weight};
  const mst_logistic_result result = {f->coef, f->intercept, f->decision, f->objective};
  return fit(&given, options, &result);
}

int fitted_equal(const fitted *a, const fitted *b) {
  const size_t c = (size_t)a->n_classes;
  return !memcmp(a->coef, b->coef, (size_t)a->n_coef * sizeof *a->coef) &&
         !memcmp(a->decision, b->decision, (size_t)a->n_decision * sizeof *a->decision) &&
         !memcmp(a->intercept, b->intercept, c * sizeof *a->intercept) &&
         !memcmp(a->objective, b->objective, c * sizeof *a->objective);
}

void fitted_free(fitted *f) {
  free(f->coef);
  free(f->intercept);
  free(f->decision);
  free(f->objective);
}

void expect_refused(fit_fn *fit, const problem *p, const mst_logistic_options *o) {
  fitted f = fitted_make(p), untouched = fitted_make(p);
  assert_int_equal(fitted_run(fit, p, o, &f), MST_E_ARG);
  assert_int_equal(mst_error_last()->status, MST_E_ARG);
  assert_true(fitted_equal(&f, &untouched));
  fitted_free(&f);
  fitted_free(&untouched);
}

static void expect_option_refused(fit_fn *fit, const problem *p, int which, double value) {
  mst_logistic_options o = mst_logistic_options_default();
  if (which == 0) o.c = value;
  else if (which == 1) o.eps = value;
  else if (which == 2) o.bias = value;
  else o.n_threads = (int)value;
  expect_refused(fit, p, &o);
}

void bad_linear_arguments(void **state, fit_fn *fit) {
  (void)state;
  problem p = problem_make(30, 20, 3, 4, 6);
  const mst_logistic_options o = mst_logistic_options_default();
  fitted f = fitted_make(&p);
  const mst_logistic_result result = {f.coef, f.intercept, NULL, NULL};
  const mst_logistic_problem good = {&p.x, p.label, 3, NULL, 0, NULL, NULL};
  const mst_logistic_problem bad[] = {{NULL, p.label, 3, NULL, 0, NULL, NULL},
                                      {&p.x, NULL, 3, NULL, 0, NULL, NULL},
                                      {&p.x, p.label, 3, NULL, 4, NULL, NULL},
                                      {&p.x, p.label, 3, p.fold, 0, NULL, NULL},
                                      {&p.x, p.label, 1, NULL, 0, NULL, NULL}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(fit(&bad[i], &o, &result), MST_E_ARG);
  assert_int_equal(fit(&good, NULL, &result), MST_E_ARG);
  assert_int_equal(fit(&good, &o, &(mst_logistic_result){NULL, f.intercept, NULL, NULL}),
                   MST_E_ARG);
  assert_int_equal(fit(&good, &o, &(mst_logistic_result){f.coef, NULL, NULL, NULL}), MST_E_ARG);
  for (int which = 0; which < 4; which++) {
    if (which != 2) expect_option_refused(fit, &p, which, 0);
    if (which != 2) expect_option_refused(fit, &p, which, -1);
    if (which != 3) expect_option_refused(fit, &p, which, (double)NAN);
  }
  p.label[7] = 3;
  expect_refused(fit, &p, &o);
  p.label[7] = -1;
  expect_refused(fit, &p, &o);
  p.label[7] = 0;
  p.fold[29] = 4;
  expect_refused(fit, &p, &o);
  p.fold[29] = 0;
  ((float *)p.x.val)[5] = NAN;
  expect_refused(fit, &p, &o);
  ((float *)p.x.val)[5] = INFINITY;
  expect_refused(fit, &p, &o);
  p.x.dtype = MST_FLOAT64;
  expect_refused(fit, &p, &o);
  fitted_free(&f);
  problem_free(&p);
}

/* Fails the call when the payload has counted down to zero. */
static int fail_kth(void *payload) { return (*(int *)payload)-- == 0; }

void failing_linear_allocator(void **state, fit_fn *fit) {
  (void)state;
  problem p = problem_make(30, 20, 3, 4, 6);
  own_terms own;
  own_terms_add(&own, &p, 1);
  mst_logistic_options o = mst_logistic_options_default();
  o.n_threads = 2;
  fitted f = fitted_make(&p), untouched = fitted_make(&p);
  int n_failed = 0;
  for (;; n_failed++) {
    int k = n_failed;
    mst_alloc_set_fail(fail_kth, &k);
    const mst_status st = fitted_run(fit, &p, &o, &f);
    mst_alloc_set_fail(NULL, NULL);
    if (st == MST_OK) break;
    assert_int_equal(st, MST_E_NOMEM);
    assert_int_equal(mst_error_last()->status, MST_E_NOMEM);
    assert_true(fitted_equal(&f, &untouched));
    assert_true(n_failed < 100);
  }
  assert_true(n_failed >= 4);
  own_terms_free(&own);
  fitted_free(&untouched);
  fitted_free(&f);
  problem_free(&p);
}

void threads_change_nothing(fit_fn *fit) {
  problem p = problem_make(700, 90, 7, 5, 21);
  fitted one = fitted_make(&p), many = fitted_make(&p);
  mst_logistic_options o = mst_logistic_options_default();
  assert_int_equal(fitted_run(fit, &p, &o, &one), MST_OK);
  const int n_threads[3] = {2, 3, 7};
  for (int i = 0; i < 3; i++) {
    o.n_threads = n_threads[i];
    assert_int_equal(fitted_run(fit, &p, &o, &many), MST_OK);
    assert_true(fitted_equal(&one, &many));
  }
  fitted_free(&many);
  fitted_free(&one);
  problem_free(&p);
}
