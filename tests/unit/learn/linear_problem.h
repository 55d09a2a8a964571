/* linear_problem.h: made-up text-like classification problems, and what both linear solvers must
 * answer alike. Only for the tests of this folder. */
#ifndef MISSTEP_TEST_LINEAR_PROBLEM_H
#define MISSTEP_TEST_LINEAR_PROBLEM_H

#include "misstep/csr.h"
#include "misstep/logistic.h"

typedef struct problem {
  mst_csr x; /* rows of 1 to 12 terms, Euclidean length 1; every 50th row empty */
  int32_t *label, *fold;
  int32_t n_classes, n_folds;
  const mst_logistic_block *block; /* NULL unless a test sets one; borrowed */
  float *weight;                   /* [D] likewise, but owned */
} problem;

typedef struct fitted {
  float *coef, *intercept, *decision;
  double *objective;
  int64_t n_coef, n_decision;
  int32_t n_classes;
} fitted;

typedef mst_status fit_fn(const mst_logistic_problem *problem, const mst_logistic_options *options,
                          const mst_logistic_result *result);

/* Terms lean towards a class (term number modulo n_classes), so there is something to learn. */
problem problem_make(int64_t n_rows, int64_t n_cols, int32_t n_classes, int32_t n_folds,
                     uint64_t seed);
/* The rows outside the fold, without folds. */
problem problem_without_fold(const problem *p, int32_t fold);
void problem_free(problem *p);

fitted fitted_make(const problem *p);
mst_status fitted_run(fit_fn *fit, const problem *p, const mst_logistic_options *options,
                      fitted *f);
int fitted_equal(const fitted *a, const fitted *b); /* byte for byte */
void fitted_free(fitted *f);

/* MST_E_ARG, and outputs untouched. */
void expect_refused(fit_fn *fit, const problem *p, const mst_logistic_options *options);
/* Every MST_E_ARG of the shared contract; outputs untouched. */
void bad_linear_arguments(void **state, fit_fn *fit);
/* 1, 2, 3 and 7 threads: the same bytes. */
void threads_change_nothing(fit_fn *fit);
/* The failing allocator for every k: MST_E_NOMEM and untouched outputs until it succeeds. */
void failing_linear_allocator(void **state, fit_fn *fit);

#endif
