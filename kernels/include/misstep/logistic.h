/* logistic.h: many L2-regularised logistic regressions on one sparse matrix, as one wide problem.
 *
 * In: X [D x V], labels, folds. Out: weights of all classes and fits: one-vs-rest of the full data
 * and of every "all but fold f", as the columns of one W. Next stage: margins for XGBoost.
 *
 * Iterative and with exp and log: it promises an optimum, not bits across devices; on one backend the
 * result is the same bytes for any number of threads.
 */
#ifndef MISSTEP_LOGISTIC_H
#define MISSTEP_LOGISTIC_H

#include <stdint.h>

#include "misstep/csr.h"
#include "misstep/status.h"

typedef struct mst_logistic_options {
  double c;           /* --linear-c, cost of an error, > 0 */
  double bias;        /* constant feature, regularised as LIBLINEAR does; < 0: none */
  double eps;         /* stop when |gradient| <= eps * |gradient at zero| (per column) */
  int32_t max_iter;   /* Newton steps */
  int n_threads;
} mst_logistic_options;

mst_logistic_options mst_logistic_options_default(void); /* C 5, bias 1, eps 1e-3, 50, 1 thread */

/* Fit 1 + n_folds one-vs-rest problems for every class, all from zero (a warm start leaks).
 *
 *     minimise over w  1/2 w.w + C * sum over the fit's rows of ln(1 + exp(-s_d (x_d, bias).w))
 *     s_d = +1 where label[d] is the column's class, else -1
 *
 *   x      [D x V] MST_FLOAT32
 *   label  [D] 0 .. n_classes-1
 *   fold   [D] 0 .. n_folds-1, or NULL with n_folds 0; fit 0 uses all rows, fit 1+f all rows whose
 *          fold is not f
 *   coef       [V x n_classes] of fit 0, row-major, written
 *   intercept  [n_classes] of fit 0, bias * its weight, written
 *   decision   [D x n_classes], written: row d under the fit that never saw d (1 + fold[d]), or under
 *              fit 0 without folds. May be NULL.
 *   objective  [n_classes] of fit 0, may be NULL
 * With two classes both columns are fitted (one is the other's negative).
 * MST_E_ARG, MST_E_NOMEM, MST_E_CANCELLED. */
mst_status mst_logistic_fit(const mst_csr *x, const int32_t *label, int32_t n_classes,
                            const int32_t *fold, int32_t n_folds,
                            const mst_logistic_options *options, float *coef, float *intercept,
                            float *decision, double *objective);

/* decision(d,c) = intercept(c) + sum over t of x(d,t) * coef(t,c), summed left to right in double.
 * A row's result depends on that row alone. MST_E_ARG. */
mst_status mst_logistic_decision(const mst_csr *x, const float *coef, const float *intercept,
                                 int32_t n_classes, int n_threads, float *decision);

#endif
