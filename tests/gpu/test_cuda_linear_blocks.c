/* test_cuda_linear_blocks.c: linear fits on a device whose matrix takes several calls of cuSPARSE,
 * and those that the device has no room for.
 *
 * The limit of a block is lowered by MST_CUDA_BLOCK_ENTRIES. That blocks give the same bytes as no
 * blocks is asked of the emulator alone, where a row is summed in one order wherever it stands; of
 * a GPU the same optimum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/learn/own_terms.h"
#include "misstep/backend.h"

static mst_backend *in_blocks; /* of fit_in_blocks */

static mst_status fit_in_blocks(const mst_logistic_problem *of, const mst_logistic_options *options,
                                const mst_logistic_result *result) {
  char device[32];
  return mst_logistic_fit_on(in_blocks, of, options, result, device);
}

static void open_with(int64_t most) {
  char text[32];
  const char *name = getenv("MST_TEST_DEVICE");
  (void)snprintf(text, sizeof text, "%lld", (long long)most);
  assert_int_equal(setenv("MST_CUDA_BLOCK_ENTRIES", text, 1), 0);
  assert_int_equal(mst_backend_open(name ? name : "cuda:0", 1, &in_blocks), MST_OK);
  (void)unsetenv("MST_CUDA_BLOCK_ENTRIES");
}

static mst_status fit_with(int64_t most, const problem *p, const mst_logistic_options *o,
                           fitted *f) {
  open_with(most);
  const mst_status st = fitted_run(fit_in_blocks, p, o, f);
  mst_backend_close(in_blocks);
  return st;
}

static const int64_t no_limit = INT32_MAX;

static void check_equal(const fitted *a, const fitted *b) {
#ifdef MST_TEST_EMULATED
  assert_true(fitted_equal(a, b));
#else
  for (int32_t k = 0; k < a->n_classes; k++)
    assert_true(fabs(a->objective[k] - b->objective[k]) <= 1e-5 * fabs(b->objective[k]));
  for (int64_t i = 0; i < a->n_coef; i++) assert_float_equal(a->coef[i], b->coef[i], 1e-2);
#endif
}

/* The most entries that a row, or a column, has. */
static int64_t longest(const mst_csr *x, int by_column) {
  int64_t most = 0;
  int64_t *count = calloc((size_t)x->n_cols + 1, sizeof *count);
  assert_non_null(count);
  for (int64_t d = 0; d < x->n_rows; d++)
    if (!by_column && x->row_ptr[d + 1] - x->row_ptr[d] > most)
      most = x->row_ptr[d + 1] - x->row_ptr[d];
  for (int64_t e = 0; by_column && e < x->row_ptr[x->n_rows]; e++) {
    const int64_t n = ++count[x->col[e]];
    if (n > most) most = n;
  }
  free(count);
  return most;
}

static void check_limits(const problem *p, const mst_logistic_options *o) {
  const int64_t n = p->x.row_ptr[p->x.n_rows], row = longest(&p->x, 0), term = longest(&p->x, 1);
  const int64_t least = row > term ? row : term;
  const int64_t limits[] = {least, least + 1, n / 3, n / 2, n - 1, n, n + 1};
  fitted whole = fitted_make(p), f = fitted_make(p);
  assert_int_equal(fit_with(no_limit, p, o, &whole), MST_OK);
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    if (limits[i] < least) continue;
    assert_int_equal(fit_with(limits[i], p, o, &f), MST_OK);
    check_equal(&f, &whole);
  }
  fitted_free(&f);
  fitted_free(&whole);
}

static void any_limit(void **state) {
  (void)state;
  mst_logistic_options o = mst_logistic_options_default();
  for (int m = 0; m < 2; m++) {
    problem p = problem_make(60, 25, 3, 2, 4);
    o.loss = m ? MST_LOSS_MULTINOMIAL : MST_LOSS_ONE_VS_REST;
    check_limits(&p, &o);
    problem_free(&p);
  }
}

/* Terms of a fit's own are a matrix for themselves, with blocks of its own. */
static void own_terms_too(void **state) {
  (void)state;
  const mst_logistic_options o = mst_logistic_options_default();
  problem p = problem_make(60, 24, 3, 2, 23);
  own_terms own;
  own_terms_add(&own, &p, 24);
  check_limits(&p, &o);
  own_terms_free(&own);
  problem_free(&p);
}

enum { LIMIT = 8, ROWS = 12, TERMS = 7 };

/* A matrix with so many entries; the arrays have room for ROWS * TERMS. */
static mst_csr matrix_of(int n_entries, int64_t *row_ptr, int32_t *col, float *val) {
  int taken[ROWS][TERMS] = {{0}};
  int64_t n = 0;
  for (int i = 0; i < n_entries; i++) taken[i * 5 % ROWS][i * 3 % TERMS] = 1; /* all different */
  row_ptr[0] = 0;
  for (int i = 0; i < ROWS * TERMS; i++) {
    const int d = i / TERMS, t = i % TERMS;
    if (taken[d][t]) {
      val[n] = 0.25f * (float)(1 + (d + t) % 4);
      col[n++] = t;
    }
    row_ptr[d + 1] = n;
  }
  assert_int_equal(n, n_entries);
  return (mst_csr){ROWS, TERMS, row_ptr, col, val, MST_FLOAT32};
}

/* Any number of entries around the limit: 0, 1, and one to each side of one, two, three blocks. */
static void sizes_around_the_limit(void **state) {
  (void)state;
  static const int sizes[] = {0,         1,         LIMIT - 1,     LIMIT,
                              LIMIT + 1, 2 * LIMIT, 2 * LIMIT + 1, 3 * LIMIT + 1};
  const mst_logistic_options o = mst_logistic_options_default();
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    int64_t row_ptr[ROWS + 1];
    int32_t col[ROWS * TERMS], label[ROWS];
    float val[ROWS * TERMS];
    for (int d = 0; d < ROWS; d++) label[d] = d % 2;
    const problem p = {.x = matrix_of(sizes[s], row_ptr, col, val), .label = label, .n_classes = 2};
    fitted whole = fitted_make(&p), f = fitted_make(&p);
    assert_int_equal(fit_with(no_limit, &p, &o, &whole), MST_OK);
    assert_int_equal(fit_with(LIMIT, &p, &o, &f), MST_OK);
    check_equal(&f, &whole);
    fitted_free(&f);
    fitted_free(&whole);
  }
}

/* One row of five terms, and a term that all six rows have. */
static void a_line_longer_than_a_block(void **state) {
  (void)state;
  int64_t row_ptr[7] = {0, 1, 2, 7, 8, 9, 10};
  int32_t col[10] = {3, 3, 0, 1, 2, 3, 4, 3, 3, 3}, label[6] = {0, 1, 0, 1, 0, 1};
  float val[10] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const problem p = {.x = {6, 5, row_ptr, col, val, MST_FLOAT32}, .label = label, .n_classes = 2};
  const mst_logistic_options o = mst_logistic_options_default();
  fitted f = fitted_make(&p), untouched = fitted_make(&p);
  assert_int_equal(fit_with(4, &p, &o, &f), MST_E_LIMIT);
  assert_non_null(strstr(mst_error_last()->message, "row 2 has 5 entries"));
  assert_non_null(strstr(mst_error_last()->message, "takes 4 at most"));
  assert_int_equal(fit_with(5, &p, &o, &f), MST_E_LIMIT);
  assert_non_null(strstr(mst_error_last()->message, "term 3 has 6 entries"));
  assert_true(fitted_equal(&f, &untouched));
  assert_int_equal(fit_with(6, &p, &o, &f), MST_OK);
  fitted_free(&f);
  fitted_free(&untouched);
}

static void no_host_memory(void **state) {
  open_with(60);
  failing_linear_allocator(state, fit_in_blocks);
  mst_backend_close(in_blocks);
}

static void check_figures(void) {
  const char *message = mst_error_last()->message, *needs = strstr(message, "it needs ");
  const char *has = strstr(message, "to work in, ");
  assert_non_null(needs);
  assert_non_null(has);
  assert_true(strtoll(needs + strlen("it needs "), NULL, 10) > 0);
  assert_non_null(strstr(has, " are free; take fewer features, or --device cpu"));
}

/* More terms than any device has room for: told before anything is made. */
static void no_room_at_all(void **state) {
  (void)state;
  int64_t row_ptr[3] = {0, 1, 2};
  int32_t col[2] = {0, INT32_MAX - 1};
  float val[2] = {1, 1}, coef = 7, intercept = 7;
  const int32_t label[2] = {0, 99};
  const mst_csr x = {2, INT32_MAX, row_ptr, col, val, MST_FLOAT32};
  const mst_logistic_problem p = {&x, label, 100, NULL, 0, NULL, NULL};
  const mst_logistic_options o = mst_logistic_options_default();
  open_with(no_limit);
  assert_int_equal(fit_in_blocks(&p, &o, &(mst_logistic_result){&coef, &intercept, NULL, NULL}),
                   MST_E_NOMEM);
  mst_backend_close(in_blocks);
  check_figures();
  assert_true(coef == 7 && intercept == 7);
}

/* On a device that the environment made small: more and more rows, until there is no room. */
static void room_runs_out(void **state) {
  (void)state;
  if (!getenv("MST_EMU_MEMORY")) skip();
  mst_logistic_options o = mst_logistic_options_default();
  int n_fitted = 0, n_refused = 0;
  o.max_iter = 1;
  for (int64_t n_rows = 100; n_rows <= 1600; n_rows += 60) {
    problem p = problem_make(n_rows, 40, 3, 2, 7);
    fitted f = fitted_make(&p), untouched = fitted_make(&p);
    open_with(no_limit);
    const mst_status st = fitted_run(fit_in_blocks, &p, &o, &f);
    mst_backend_close(in_blocks);
    if (st) {
      assert_int_equal(st, MST_E_NOMEM);
      check_figures();
      assert_true(fitted_equal(&f, &untouched));
    }
    n_fitted += !st;
    n_refused += st != MST_OK;
    fitted_free(&f);
    fitted_free(&untouched);
    problem_free(&p);
  }
  assert_true(n_fitted && n_refused);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_limit),
      cmocka_unit_test(own_terms_too),
      cmocka_unit_test(sizes_around_the_limit),
      cmocka_unit_test(a_line_longer_than_a_block),
      cmocka_unit_test(no_host_memory),
      cmocka_unit_test(no_room_at_all),
      cmocka_unit_test(room_runs_out),
  };
  if (mst_backend_open_sparse()) {
    (void)printf("skipped: %s\n", mst_error_last()->message);
    return 77;
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
