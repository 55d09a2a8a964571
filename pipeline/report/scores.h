/* scores.h: the tables that a user sees after training or evaluating.
 *
 * In: metrics, label names, what happened while fitting. Out: mst_table objects, to be rendered in
 * any format. Next stage: the terminal, files, the paper.
 */
#ifndef MISSTEP_SCORES_H
#define MISSTEP_SCORES_H

#include "learn/model.h"
#include "misstep/status.h"
#include "misstep/text.h"
#include "report/table.h"
#include "score/metrics.h"

/* What was fitted: rows, classes, terms, rounds, device, seconds. Columns "what", "value".
 *   n_test_rows  0: not mentioned. MST_E_NOMEM. */
mst_status mst_scores_fit(const mst_fit_report *fit, int32_t n_classes, int64_t n_test_rows,
                          mst_table **out);

/* Overall scores. Columns "metric", "value", "low", "high" (95 % bootstrap interval, empty where
 * there is none). Top-3 figures are left out up to 3 classes, where they say nothing, and what
 * needs probabilities where there are none.
 * MST_E_NOMEM. */
mst_status mst_scores_overall(const mst_metrics *metrics, mst_table **out);

/* One row a class, in class order: "label", "precision", "recall", "f1", "support". MST_E_NOMEM. */
mst_status mst_scores_per_class(const mst_metrics *metrics, const mst_strings *labels,
                                mst_table **out);

/* The confusion matrix: a row a true class, a column a predicted one; where a label is wider than
 * 12 columns they are headed by numbers that stand before the labels of the rows. Above 15 classes
 * the 20 largest confusions instead ("true class", "predicted class", "rows", "share" of the true
 * class' rows), ties by class number. MST_E_NOMEM. */
mst_status mst_scores_confusion(const mst_metrics *metrics, const mst_strings *labels,
                                mst_table **out);

#endif
