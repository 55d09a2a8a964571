/* forest.h: a booster's trees walked by ourselves, several times faster than the library on text.
 *
 * In: a booster's own JSON. Out: the bits that XGBoost gives. A row of text has few of the
 * features, so most trees end where a row without any would: only trees that ask for one of the
 * row's features on that default path are walked. Private to this folder.
 */
#ifndef MISSTEP_FOREST_H
#define MISSTEP_FOREST_H

#include <stdint.h>

#include "learn/xgboost.h"
#include "misstep/csr.h"
#include "misstep/status.h"

typedef struct mst__forest mst__forest;

/* Read a booster's trees. *out is NULL, and the status MST_OK, for a booster of another kind
 * (dropout, vector leaves) or if a trial on rows made from its own splits differs from XGBoost in
 * one bit: the library is asked then. MST_E_NOMEM, MST_E_ADAPTER. */
mst_status mst__forest_create(mst_xgb_booster *booster, int32_t n_classes, int64_t n_features,
                              mst__forest **out);
void mst__forest_free(mst__forest *forest);

/* Probabilities [D x C] of rows; proba holds their margins before when with_margin. MST_E_NOMEM. */
mst_status mst__forest_predict(const mst__forest *forest, const mst_csr *x, int with_margin,
                               int n_threads, float *proba);

#endif
