/* liblinear.h: the linear model through LIBLINEAR, the solver that scikit-learn users know.
 *
 * In and out as in misstep/logistic.h. It is the check of our own solver and the baseline beside it
 * (--linear-solver liblinear). Next stage: margins for XGBoost. The one place that knows the
 * library.
 */
#ifndef MISSTEP_LIBLINEAR_H
#define MISSTEP_LIBLINEAR_H

#include <stdint.h>

#include "misstep/csr.h"
#include "misstep/logistic.h"
#include "misstep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* C 5, bias 1, LIBLINEAR's eps 0.01, 1 thread; max_iter is LIBLINEAR's own and not read. */
mst_logistic_options mst_liblinear_options_default(void);

/* Fit what mst_logistic_fit fits (same arguments, same meaning, same objective) with LIBLINEAR's
 * primal solver L2R_LR (its -s 0), every problem from zero, problems side by side on n_threads. The
 * primal solver draws no random numbers, so the result does not depend on the number of threads; it
 * does depend on the BLAS that the library is linked to.
 *
 *   options->eps  LIBLINEAR's: stop where |gradient| <= eps * min(n_pos, n_neg) / n * |gradient at
 *                 0|
 *
 * MST_E_ARG      as mst_logistic_fit; also more than 2^31-2 rows or terms, and weights other than
 *                one for each of two classes: it has a C for a problem's sides, none for a row
 * MST_E_NOMEM    of our own memory; what LIBLINEAR asks for is not checked
 * MST_E_ADAPTER  it refuses the parameters, in its own words
 * MST_E_CANCELLED
 * After MST_E_ADAPTER and MST_E_CANCELLED the outputs are undefined, after the others untouched.
 *
 * Memory: 16 bytes an entry, shared, and LIBLINEAR's own. */
mst_status mst_liblinear_fit(const mst_logistic_problem *problem,
                             const mst_logistic_options *options,
                             const mst_logistic_result *result);

/* The same for support vector machines: squared hinge loss, L2R_L2LOSS_SVC (its -s 2). The
 * objective is 1/2 |w|^2 + C sum of max(0, 1 - y (w.x + b))^2, b being penalised as a weight. */
mst_status mst_liblinear_svm(const mst_logistic_problem *problem,
                             const mst_logistic_options *options,
                             const mst_logistic_result *result);

/* LIBLINEAR's version, for example 230. */
int mst_liblinear_version(void);

#ifdef __cplusplus
}
#endif
#endif
