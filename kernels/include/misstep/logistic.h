/* logistic.h: many L2-regularised logistic regressions on one sparse matrix, as one wide problem.
 *
 * In: X [D x V], labels, folds. Out: weights of all classes and fits: one-vs-rest of the full data
 * and of every "all but fold f", as the columns of one W. Next stage: margins for XGBoost.
 *
 * Iterative and with exp and log: it promises an optimum, not bits across devices; on one machine
 * the result is the same bytes for any number of threads, and a column's does not depend on its
 * neighbours.
 */
#ifndef MISSTEP_LOGISTIC_H
#define MISSTEP_LOGISTIC_H

#include <stdint.h>

#include "misstep/csr.h"
#include "misstep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mst_logistic_options {
  double c;    /* --linear-c, cost of an error, > 0 */
  double bias; /* constant feature, regularised as LIBLINEAR does; < 0: none */
  double eps;  /* --linear-eps, > 0: a column is done when the duality gap proves that its objective
                * lies within this share of itself above the minimum */
  int32_t max_iter; /* passes over the rows; columns not done by then are used and warned of */
  int n_threads;    /* >= 1 */
} mst_logistic_options;

/* What is to be fitted, borrowed. */
typedef struct mst_logistic_problem {
  const mst_csr *x;     /* [D x V] MST_FLOAT32, finite */
  const int32_t *label; /* [D] 0 .. n_classes-1 */
  int32_t n_classes;
  const int32_t *fold; /* [D] 0 .. n_folds-1, or NULL with n_folds 0; fit 0 uses all rows, fit 1+f
                        * all rows whose fold is not f */
  int32_t n_folds;
} mst_logistic_problem;

/* Where the results go: the caller's arrays, written. */
typedef struct mst_logistic_result {
  float *coef;      /* [V x n_classes] of fit 0, row-major */
  float *intercept; /* [n_classes] of fit 0, bias * its weight */
  float *decision;  /* [D x n_classes]: row d under the fit that never saw d (1 + fold[d]), or under
                      * fit 0 without folds. May be NULL. */
  double *objective; /* [n_classes] P(w) of fit 0, may be NULL */
} mst_logistic_result;

/* C 5, bias 1, eps 1e-4, 200 passes, 1 thread. */
mst_logistic_options mst_logistic_options_default(void);

/* Fit 1 + n_folds one-vs-rest problems for every class, all from zero (a warm start leaks).
 *
 *     minimise over w
 *         P(w) = 1/2 w.w + C * sum over the fit's rows of ln(1 + exp(-s_d (x_d, bias).w))
 *     s_d = +1 where label[d] is the column's class, else -1
 *
 * With two classes both columns are fitted (one is the other's negative).
 *
 * MST_E_ARG        no rows, fewer than two classes, an option, label, fold or value out of range
 * MST_E_NOMEM      outputs untouched, as after MST_E_ARG
 * MST_E_CANCELLED  by the progress callback; outputs undefined
 *
 * Memory: (V + D) * 4 bytes a column for the at most 32 columns that a thread works on.
 * Time: a pass costs about two sparse products; 8 to 12 passes reach eps 1e-4 on titles at C 5.
 * Equation: dual coordinate descent, Yu, Huang and Lin, Machine Learning 85 (2011) 41-75. */
mst_status mst_logistic_fit(const mst_logistic_problem *problem,
                            const mst_logistic_options *options, const mst_logistic_result *result);

/* decision(d,c) = intercept(c) + sum over t of x(d,t) * coef(t,c), summed left to right in double.
 *   coef [V x n_classes], intercept [n_classes], decision [D x n_classes]
 * A row's result depends on that row alone. Exact: the same bits for any number of threads.
 * MST_E_ARG: a pointer is NULL, x is not MST_FLOAT32, no class, no thread. */
mst_status mst_logistic_decision(const mst_csr *x, const float *coef, const float *intercept,
                                 int32_t n_classes, int n_threads, float *decision);

#ifdef __cplusplus
}
#endif
#endif
