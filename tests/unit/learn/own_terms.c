/* own_terms.c: see own_terms.h. */
#include "own_terms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "misstep/rng.h"

static uint64_t draw(uint64_t n, uint64_t seed, int64_t i, uint64_t place) {
  return mst_rng_below(n, seed, MST_RNG_GENERATE, (uint64_t)i, 0, place);
}

void own_terms_add(own_terms *own, problem *p, uint64_t seed) {
  const int64_t n_terms = p->x.n_cols, first = n_terms * 2 / 3, n_fits = 1 + p->n_folds;
  const int64_t first_disputed = first + (n_terms - first) / 2;
  own->chosen = malloc((size_t)((n_terms - first_disputed) * n_fits));
  own->scale = malloc((size_t)(p->x.n_rows * n_fits) * sizeof *own->scale);
  for (int64_t i = 0; i < (n_terms - first_disputed) * n_fits; i++)
    own->chosen[i] = (uint8_t)draw(2, seed, i, 200);
  for (int64_t i = 0; i < p->x.n_rows * n_fits; i++)
    own->scale[i] = 0.25f * (float)draw(6, seed, i, 201);
  own->block = (mst_logistic_block){first, first_disputed, own->chosen, own->scale};
  p->block = &own->block;
}

void own_terms_free(own_terms *own) {
  free(own->chosen);
  free(own->scale);
}

/* Row d's entries as the fit has them, appended to x. */
static void append_row(const problem *p, int32_t fit, int64_t d, mst_csr *x) {
  const mst_logistic_block *block = p->block;
  const int64_t n_fits = 1 + p->n_folds;
  int64_t to = x->row_ptr[x->n_rows];
  for (int64_t e = p->x.row_ptr[d]; e < p->x.row_ptr[d + 1]; e++) {
    const int64_t t = p->x.col[e], disputed = t - block->first_disputed;
    if (disputed >= 0 && !block->chosen[disputed * n_fits + fit]) continue;
    const float scale = t < block->first ? 1 : block->scale[d * n_fits + fit];
    if (scale <= 0) continue;
    x->col[to] = (int32_t)t;
    ((float *)x->val)[to++] = ((const float *)p->x.val)[e] * scale;
  }
  x->row_ptr[++x->n_rows] = to;
}

problem problem_of_fit(const problem *p, int32_t fit) {
  problem seen = {.n_classes = p->n_classes};
  const int64_t n = p->x.n_rows;
  assert_int_equal(mst_csr_init(&seen.x, n, p->x.n_cols, p->x.row_ptr[n], MST_FLOAT32), MST_OK);
  seen.label = malloc((size_t)n * sizeof *seen.label);
  seen.x.n_rows = 0;
  for (int64_t d = 0; d < n; d++) {
    if (fit && p->fold[d] == fit - 1) continue;
    seen.label[seen.x.n_rows] = p->label[d];
    append_row(p, fit, d, &seen.x);
  }
  return seen;
}

/* Decisions of the rows that only this fit decides, by its plain problem's weights. */
static void check_decisions(const problem *p, const fitted *whole, int32_t fit, const fitted *alone,
                            double tolerance) {
  const int32_t n_classes = p->n_classes;
  float *decision = malloc((size_t)n_classes * sizeof *decision);
  for (int64_t d = 0; d < p->x.n_rows; d++) {
    if (p->fold[d] != fit - 1) continue;
    mst_csr row = {0};
    assert_int_equal(mst_csr_init(&row, 1, p->x.n_cols, 12, MST_FLOAT32), MST_OK);
    row.n_rows = 0;
    append_row(p, fit, d, &row);
    assert_int_equal(
        mst_logistic_decision(&row, 1, alone->coef, alone->intercept, n_classes, 1, decision),
        MST_OK);
    for (int32_t k = 0; k < n_classes; k++)
      assert_float_equal(decision[k], whole->decision[d * n_classes + k], tolerance);
    mst_csr_fini(&row);
  }
  free(decision);
}

void block_is_many_problems(fit_fn *fit, const mst_logistic_options *options, double tolerance) {
  problem p = problem_make(240, 60, 3, 3, 17);
  own_terms own;
  own_terms_add(&own, &p, 18);
  fitted whole = fitted_make(&p);
  assert_int_equal(fitted_run(fit, &p, options, &whole), MST_OK);
  for (int32_t f = 0; f < 4; f++) {
    problem seen = problem_of_fit(&p, f);
    fitted alone = fitted_make(&seen);
    assert_int_equal(fitted_run(fit, &seen, options, &alone), MST_OK);
    for (int64_t i = 0; f == 0 && i < whole.n_coef; i++)
      assert_float_equal(alone.coef[i], whole.coef[i], tolerance);
    for (int32_t k = 0; f == 0 && k < 3; k++)
      assert_true(fabs(alone.objective[k] - whole.objective[k]) <= 1e-5 * alone.objective[k]);
    if (f) check_decisions(&p, &whole, f, &alone, tolerance);
    fitted_free(&alone);
    problem_free(&seen);
  }
  fitted_free(&whole);
  own_terms_free(&own);
  problem_free(&p);
}

void bad_blocks(fit_fn *fit) {
  problem p = problem_make(30, 20, 3, 4, 6);
  const mst_logistic_options o = mst_logistic_options_default();
  own_terms own;
  own_terms_add(&own, &p, 1);
  own.scale[7] = NAN;
  expect_refused(fit, &p, &o);
  own.scale[7] = 1;
  own.block.first_disputed = own.block.first - 1;
  expect_refused(fit, &p, &o);
  own.block.first_disputed = p.x.n_cols + 1;
  expect_refused(fit, &p, &o);
  own.block.first_disputed = p.x.n_cols - 1;
  own.block.chosen = NULL;
  expect_refused(fit, &p, &o);
  own.block.first_disputed = p.x.n_cols;
  own.block.scale = NULL;
  expect_refused(fit, &p, &o);
  own_terms_free(&own);
  problem_free(&p);
}
