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

#include "misstep/backend.h"
#include "misstep/csr.h"
#include "misstep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One-vs-rest: a class against all others, column by column. Multinomial: all classes of a fit
 * together, softmax(z) for their probabilities. */
typedef enum mst_logistic_loss { MST_LOSS_ONE_VS_REST, MST_LOSS_MULTINOMIAL } mst_logistic_loss;

typedef struct mst_logistic_options {
  double c;    /* --linear-c, cost of an error, > 0 */
  double bias; /* constant feature, regularised as LIBLINEAR does; < 0: none */
  double eps;  /* --linear-eps, > 0: a column is done when the duality gap proves that its objective
                * lies within this share of itself above the minimum */
  int32_t max_iter; /* passes over the rows; columns not done by then are used and warned of */
  int n_threads;    /* >= 1 */
  mst_logistic_loss loss;
} mst_logistic_options;

/* Columns `first` .. V-1: terms that every fit chose for itself, from rows that it may see. A row's
 * values there are of no particular length: a fit has them times the row's scale. Borrowed. */
typedef struct mst_logistic_block {
  int64_t first;
  int64_t first_disputed; /* columns first .. first_disputed-1: every fit has them */
  const uint8_t *chosen;  /* [(V - first_disputed) x n_fits] 1: fit has the column, else its weight
                           * there is 0 */
  const float *scale;     /* [D x n_fits] finite */
} mst_logistic_block;

/* What is to be fitted, borrowed. */
typedef struct mst_logistic_problem {
  const mst_csr *x;     /* [D x V] MST_FLOAT32, finite */
  const int32_t *label; /* [D] 0 .. n_classes-1 */
  int32_t n_classes;
  const int32_t *fold; /* [D] 0 .. n_folds-1, or NULL with n_folds 0; fit 0 uses all rows, fit 1+f
                        * all rows whose fold is not f; n_fits = 1 + n_folds */
  int32_t n_folds;
  const mst_logistic_block *block; /* NULL: every fit has all columns as they are */
  const float *weight; /* [D] what a row's error costs in units of C, > 0; NULL: 1 each */
} mst_logistic_problem;

/* Where the results go: the caller's arrays, written. */
typedef struct mst_logistic_result {
  float *coef;      /* [V x n_classes] of fit 0, row-major */
  float *intercept; /* [n_classes] of fit 0, bias * its weight */
  float *decision;  /* [D x n_classes]: row d under the fit that never saw d (1 + fold[d]), or under
                      * fit 0 without folds. May be NULL. */
  double *objective; /* [n_classes] P(w) of fit 0, may be NULL; multinomial: the one, in each */
} mst_logistic_result;

/* C 5, bias 1, eps 1e-4, 200 passes, 1 thread, one-vs-rest. */
mst_logistic_options mst_logistic_options_default(void);

/* Fit 1 + n_folds one-vs-rest problems for every class, all from zero (a warm start leaks).
 *
 *     minimise over w
 *         P(w) = 1/2 w.w + C * sum over the fit's rows of g_d ln(1 + exp(-s_d (x_d, bias).w))
 *     s_d = +1 where label[d] is the column's class, else -1; g_d the row's weight
 *
 * or, multinomial, with one w_k for each class and all together
 *
 *         P(w) = 1/2 sum over k of w_k.w_k + C * sum of g_d (ln(sum over k of exp(z_dk)) - z_dy)
 *         z_dk = (x_d, bias).w_k, y = label[d]
 *
 * With two classes both columns are fitted (one is the other's negative). With a block, x_d is the
 * fit's: values scaled, columns that it did not choose left out.
 *
 * MST_E_ARG        no rows, fewer than two classes, multinomial with more than 128, an option,
 *                  label, fold, weight or value out of range
 * MST_E_NOMEM      outputs untouched, as after MST_E_ARG
 * MST_E_CANCELLED  by the progress callback; outputs undefined
 *
 * Memory: (V + D) * 4 bytes a column for the at most 32 columns that a thread works on.
 * Time: a pass costs about two sparse products; 8 to 12 passes reach eps 1e-4 on titles at C 5.
 * Equation: dual coordinate descent, Yu, Huang and Lin, Machine Learning 85 (2011) 41-75; a
 * multinomial row's problem is solved by Newton's method as a whole. */
mst_status mst_logistic_fit(const mst_logistic_problem *problem,
                            const mst_logistic_options *options, const mst_logistic_result *result);

/* The same fit on a backend. On the CPU it is mst_logistic_fit. On a GPU all columns are one
 * problem solved by Newton's method with conjugate gradients, products by cuSPARSE: the same
 * optimum within eps, proven alike, not the same bits; the same bytes in every run on one GPU.
 *   options  max_iter counts Newton's steps there
 *   device   [32] receives where the weights were fitted, "cpu" or "cuda:N", read back
 * Errors as mst_logistic_fit, and MST_E_ADAPTER: no cuSPARSE, or it failed; MST_E_LIMIT: 2^31-1
 * rows, or a row or term with more than 2^30 entries (any number together: products are made in
 * blocks); MST_E_DEVICE. After MST_E_DEVICE outputs are undefined.
 * Memory of a GPU: the matrix twice, (6 V + 4 D) * 4 bytes a column; where that is not free, fewer
 * fits at a time, and MST_E_NOMEM with the figures where there is no room for one. */
mst_status mst_logistic_fit_on(mst_backend *backend, const mst_logistic_problem *problem,
                               const mst_logistic_options *options,
                               const mst_logistic_result *result, char *device);

/* MST_E_ARG: what mst_logistic_fit refuses. */
mst_status mst_logistic_check(const mst_logistic_problem *problem,
                              const mst_logistic_options *options,
                              const mst_logistic_result *result);

/* MST_E_ARG: the problem's block lies outside its columns, lacks an array, has a scale that is not
 * finite. Without a block all is well. Every solver asks this. */
mst_status mst_logistic_block_check(const mst_logistic_problem *problem);

/* decision(d,c) = intercept(c) + sum over t of x(d,t) * coef(t,c), summed left to right in double.
 *   x     n_parts matrices of D rows, taken as one with their columns side by side
 *   coef  [V x n_classes], V: columns of all parts; intercept [n_classes], decision [D x n_classes]
 * A row's result depends on that row alone. Exact: the same bits for any number of threads.
 * MST_E_ARG: a pointer is NULL, a part is not MST_FLOAT32 or has other rows, no part, class or
 * thread. */
mst_status mst_logistic_decision(const mst_csr *x, int n_parts, const float *coef,
                                 const float *intercept, int32_t n_classes, int n_threads,
                                 float *decision);

#ifdef __cplusplus
}
#endif
#endif
