/* lightgbm_library.h: the functions of LightGBM's C API that misstep calls, as pointers; those of
 * 4.0 and newer. Declared here, so no header of the library is needed to build. Private to the
 * lightgbm files.
 */
#ifndef MISSTEP_LIGHTGBM_LIBRARY_H
#define MISSTEP_LIGHTGBM_LIBRARY_H

#include <stdint.h>

#include "learn/lightgbm.h"
#include "misstep/alloc.h"
#include "misstep/status.h"

enum { MST__LGB_FLOAT32, MST__LGB_FLOAT64, MST__LGB_INT32, MST__LGB_INT64 }; /* kinds of arrays */
enum { MST__LGB_RAW_SCORE = 1 };

/* Every function but the first one returns 0 or -1. */
typedef struct mst__lgb_api {
  const char *(*get_last_error)(void);
  int (*rows_from_csr)(const void *indptr, int indptr_kind, const int32_t *indices,
                       const void *data, int data_kind, int64_t n_indptr, int64_t n_entries,
                       int64_t n_cols, const char *parameters, void *reference, void **out);
  int (*rows_set_field)(void *rows, const char *field, const void *data, int n, int kind);
  int (*rows_free)(void *rows);
  int (*create)(void *train, const char *parameters, void **out);
  int (*free)(void *booster);
  int (*add_valid)(void *booster, void *valid);
  int (*update)(void *booster, int *is_finished);
  int (*eval)(void *booster, int data, int *n, double *values);
  int (*save)(void *booster, int start, int n_rounds, int importance, int64_t n_bytes,
              int64_t *n_needed, char *text);
  int (*load)(const char *text, int *n_rounds, void **out);
  int (*predict_csr)(void *booster, const void *indptr, int indptr_kind, const int32_t *indices,
                     const void *data, int data_kind, int64_t n_indptr, int64_t n_entries,
                     int64_t n_cols, int kind, int start, int n_rounds, const char *parameters,
                     int64_t *n, double *out);
  int (*n_classes)(void *booster, int *n);
  int (*n_features)(void *booster, int *n);
  int (*names)(int64_t n_bytes, int64_t *n_needed, char *json);
} mst__lgb_api;

/* The opened library. MST_E_ADAPTER as mst_lgb_open. */
mst_status mst__lgb(const mst__lgb_api **api);

/* lightgbm_parameters.c: what rows and rounds are made with, as LightGBM reads it, with a zero at
 * its end. Columns are worked on side by side, each by one thread, so that sums do not depend on
 * the number of threads. *line is to be freed after success alone. MST_E_ARG as
 * mst_lgb_rows_create. */
mst_status mst__lgb_parameters(const mst__lgb_api *api, const mst_lgb_options *options,
                               mst_buffer *line);

#endif
