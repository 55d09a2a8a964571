/* xgboost.h: XGBoost through its C API, opened at run time.
 *
 * In: CSR, labels, margins. Out: a booster, predictions. Opened with dlopen, so one program runs with
 * any release from 1.7 on and starts without any. The one place that knows the library.
 */
#ifndef MISSTEP_XGBOOST_H
#define MISSTEP_XGBOOST_H

#include <stddef.h>
#include <stdint.h>

#include "misstep/csr.h"
#include "misstep/status.h"

typedef struct mst_xgb_info {
  int version[3];
  int has_cuda;
  char path[1024]; /* of the library */
} mst_xgb_info;

/* Find and open the library (once per process): $MISSTEP_XGBOOST_LIB, then .deps of the clone, then
 * the system's. MST_E_ADAPTER: none found; the message says how to get it. */
mst_status mst_xgb_open(mst_xgb_info *info);

typedef struct mst_xgb_matrix mst_xgb_matrix;
typedef struct mst_xgb_booster mst_xgb_booster;

/* Copy a float32 CSR into a DMatrix; it is checked first (mst_csr_check).
 *   label   [D] or NULL; margin [D x n_margin] or NULL. MST_E_ARG, MST_E_ADAPTER. */
mst_status mst_xgb_matrix_create(const mst_csr *x, const int32_t *label, const float *margin,
                                 int32_t n_margin, int n_threads, mst_xgb_matrix **out);
void mst_xgb_matrix_free(mst_xgb_matrix *matrix);

/* The rest of the adapter (train, predict, save, load, read back) is declared here by its author. */

#endif
