/* xgboost_library.h: the functions of XGBoost's C API that misstep calls, as pointers.
 *
 * Only functions whose signatures are the same from 1.7.4 to 3.5: declared here, so no header of
 * the library is needed to build. Private to this folder.
 */
#ifndef MISSTEP_XGBOOST_LIBRARY_H
#define MISSTEP_XGBOOST_LIBRARY_H

#include <stdint.h>

#include "learn/xgboost.h"
#include "misstep/status.h"

typedef void *mst__xgb_dmatrix; /* DMatrixHandle */
typedef void *mst__xgb_handle;  /* BoosterHandle */

/* Every function but the first four returns 0 or -1; bst_ulong is uint64_t. */
typedef struct mst__xgb_api {
  const char *(*get_last_error)(void);
  void (*version)(int *major, int *minor, int *patch);
  int (*build_info)(const char **json);
  int (*register_log)(void (*log)(const char *message));
  int (*matrix_from_csr)(const char *indptr, const char *indices, const char *data, uint64_t n_cols,
                         const char *config, mst__xgb_dmatrix *out);
  int (*matrix_set_info)(mst__xgb_dmatrix matrix, const char *field, const char *array);
  int (*matrix_free)(mst__xgb_dmatrix matrix);
  int (*create)(const mst__xgb_dmatrix *cached, uint64_t n, mst__xgb_handle *out);
  int (*free)(mst__xgb_handle booster);
  int (*set_param)(mst__xgb_handle booster, const char *name, const char *value);
  int (*update)(mst__xgb_handle booster, int round, mst__xgb_dmatrix train);
  int (*eval)(mst__xgb_handle booster, int round, mst__xgb_dmatrix *matrices, const char **names,
              uint64_t n, const char **text);
  int (*predict)(mst__xgb_handle booster, mst__xgb_dmatrix matrix, const char *config,
                 const uint64_t **shape, uint64_t *n_dims, const float **result);
  int (*load)(mst__xgb_handle booster, const void *bytes, uint64_t n);
  int (*save)(mst__xgb_handle booster, const char *config, uint64_t *n, const char **bytes);
  int (*save_config)(mst__xgb_handle booster, uint64_t *n, const char **json);
  int (*set_attr)(mst__xgb_handle booster, const char *key, const char *value);
  int (*get_attr)(mst__xgb_handle booster, const char *key, const char **value, int *found);
  int (*slice)(mst__xgb_handle booster, int begin, int end, int step, mst__xgb_handle *out);
  int (*n_rounds)(mst__xgb_handle booster, int *n);
  int (*n_features)(mst__xgb_handle booster, uint64_t *n);
} mst__xgb_api;

/* What only 2.1 and newer have: boosting by several processes. */
typedef struct mst__xgb_group {
  int (*tracker_create)(const char *config, void **out);
  int (*tracker_run)(void *tracker, const char *config);
  int (*tracker_args)(void *tracker, const char **json);
  int (*tracker_free)(void *tracker);
  int (*join)(const char *config);
  int (*leave)(void);
} mst__xgb_group;

/* Those functions. MST_E_UNSUPPORTED: the library has no tracker; MST_E_ADAPTER as mst__xgb. */
mst_status mst__xgb_group_open(const mst__xgb_group **group);

/* The opened library, ready for the calling thread. MST_E_ADAPTER as mst_xgb_open. */
mst_status mst__xgb(const mst__xgb_api **api);

/* Record XGBoost's last error as one line without its file names and stack trace. */
mst_status mst__xgb_fail(const mst__xgb_api *api, mst_status status, const char *function,
                         const char *doing);

/* Begin to note "Parameters: { ... } are not used" on this thread; such a warning is then kept
 * instead of logged. */
void mst__xgb_watch_unused(void);
/* The names noted since, or "" ("foo, bar"); valid until the next call of either function. */
const char *mst__xgb_unused(void);

struct mst_xgb_matrix {
  mst__xgb_dmatrix handle;
  int64_t n_rows;
};

struct mst_xgb_booster {
  mst__xgb_handle handle;
  const mst_xgb_matrix *train; /* borrowed while training; NULL for a loaded booster */
  int n_threads;               /* as last set */
  int n_extra;                 /* extra parameters, which a failure may be about */
  char wanted_device[32];
  char device[32]; /* read back */
  char tree_method[32];
};

#endif
