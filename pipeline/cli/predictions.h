/* predictions.h: predictions that somebody made elsewhere, matched with labelled records.
 *
 * In: a file of labelled records and a file of predictions. Out: class numbers and, where they are
 * there, probabilities. Next stage: scoring.
 */
#ifndef MISSTEP_PREDICTIONS_H
#define MISSTEP_PREDICTIONS_H

#include "cli/option.h"
#include "misstep/text.h"
#include "score/metrics.h"

/* D labelled records and what was predicted for each, in the order of the labelled file. */
typedef struct mst_predictions {
  mst_strings names;   /* [C] classes: labels, predictions and probability columns, sorted */
  int32_t *number;     /* [2 D] owned: true classes, then predicted ones */
  float *proba;        /* [D x C] owned, or NULL: the file has no probabilities */
  mst_answers answers; /* the same, as mst_metrics_judge takes it; borrowed */
} mst_predictions;

/* Read --predictions and the labelled file, and match them by --id-column, or by row number without
 * it. The predicted label stands in column prediction, or label where that is missing. Columns
 * right of it, but for line, probability, label_K and probability_K (K: 2, 3, ...), hold the
 * classes' probabilities if one of them is named as a label of the files; then every label needs
 * one.
 * MST_E_FORMAT, with file, line and column: no such column, an empty label, other numbers of
 * records, an identifier that is empty, there twice or in one file alone, a label without a
 * column, no probability from 0 to 1, a sum off 1 by more than 0.001. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_predictions_read(const mst_settings *s, const char *labelled, mst_predictions *out);
void mst_predictions_fini(mst_predictions *p);

#endif
