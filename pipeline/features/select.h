/* select.h: which terms tell the classes apart.
 *
 * In: integer counts of the training rows and their classes. Out: the k terms of highest
 * chi-squared. Next stage: mst_vectorizer_take and the trees.
 */
#ifndef MISSTEP_SELECT_H
#define MISSTEP_SELECT_H

#include <stdint.h>

#include "misstep/backend.h"
#include "misstep/csr.h"
#include "misstep/status.h"

/* Chi-squared of each term against the classes, from counts, as sklearn.feature_selection.chi2.
 *
 *     observed(c,t) = sum of counts(d,t) over the rows d of class c        (int64, exact)
 *     expected(c,t) = rows(c) / D * sum over c of observed(c,t)
 *     chi2(t)       = sum over c of (observed - expected)^2 / expected
 *
 *   counts  [D x V] MST_INT32
 *   label   [D], 0 .. n_classes-1
 *   chi2    [V], written; 0 for a term that never occurs
 *
 * MST_E_ARG: a label out of range, counts not MST_INT32. MST_E_NOMEM, MST_E_DEVICE. Same bytes on
 * any backend, for any number of threads. */
mst_status mst_select_chi2(mst_backend *backend, const mst_csr *counts, const int32_t *label,
                           int32_t n_classes, double *chi2);

/* The formula above for one term: chi-squared of its occurrences by class.
 *   observed  class c's at observed[c * stride]
 *   rows      [n_classes] */
double mst_chi2_term(const int64_t *observed, int64_t stride, const int64_t *rows,
                     int32_t n_classes);

/* Choose the k terms of highest score, ties by lower id; ids come out rising.
 *   ids  [min(k, n)], written; *n_ids receives how many
 * MST_E_NOMEM. */
mst_status mst_select_top(const double *score, int64_t n, int64_t k, int32_t *ids, int64_t *n_ids);

#endif
