/* class_weight.h: what an error in a class costs beside one in another.
 *
 * In: a value of --class-weight, and a training part's labels. Out: a weight for each class and for
 * each row. Next stage: the fits, which count a row as often as it weighs. Scores are not weighted.
 */
#ifndef MISSTEP_CLASS_WEIGHT_H
#define MISSTEP_CLASS_WEIGHT_H

#include <stdint.h>

#include "misstep/status.h"
#include "misstep/text.h"
#include "read/records.h"

typedef enum mst_class_weight_kind {
  MST_CLASS_WEIGHT_NONE,
  MST_CLASS_WEIGHT_BALANCED, /* n_rows / (n_classes * rows of the class), as scikit-learn */
  MST_CLASS_WEIGHT_FILE
} mst_class_weight_kind;

typedef struct mst_class_weight {
  mst_class_weight_kind kind;
  mst_records *records; /* of the file */
  int32_t label;        /* column */
  double *weight;       /* [rows of the file] */
  int64_t *order;       /* [rows of the file] by label */
} mst_class_weight;

/* "none", "balanced" or a file with the columns label and weight, in any format that records.h
 * reads; free with mst_class_weight_fini in any case.
 * MST_E_FORMAT with line and column: as mst_records_read; a weight that is no number above 0, a
 * label that stands twice, no rows. MST_E_IO, MST_E_LIMIT, MST_E_NOMEM. */
mst_status mst_class_weight_read(const char *text, mst_class_weight *out);
void mst_class_weight_fini(mst_class_weight *weights);

/* MST_E_FORMAT: the file has a label that is not among the names, with its line. */
mst_status mst_class_weight_check(const mst_class_weight *weights, const mst_strings *names);

/* The weight of each class.
 *   names  [C] of the classes that occur, each in label [n] at least once; a label that the file
 *          lacks weighs 1, and one of the file that does not occur here (a small class in a fold)
 *          is passed over: mst_class_weight_check is for all of the data
 *   of_class  [C] receives them
 * MST_E_NOMEM. */
mst_status mst_class_weight_resolve(const mst_class_weight *weights, const mst_strings *names,
                                    const int32_t *label, int64_t n, double *of_class);

/* The weight of each row, [n] by mst_free: of its class, times its own where given is not NULL.
 * MST_E_ARG: one is no float above 0. MST_E_NOMEM. */
mst_status mst_class_weight_rows(const double *of_class, const int32_t *label, int64_t n,
                                 const float *given, float **out);

#endif
