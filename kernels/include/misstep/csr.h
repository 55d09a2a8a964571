/* csr.h: a sparse matrix by rows, the form in which features travel.
 *
 * In: counts per document and term. Out: the matrix that scipy.sparse.csr_matrix, the linear fits
 * and XGBoost read. Column numbers rise strictly within a row; no entry is an explicit zero.
 */
#ifndef MISSTEP_CSR_H
#define MISSTEP_CSR_H

#include <stdint.h>

#include "misstep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mst_dtype { MST_FLOAT32, MST_FLOAT64, MST_INT32, MST_INT64, MST_UINT8 } mst_dtype;

/* Bytes of one element. */
static inline int64_t mst_dtype_bytes(mst_dtype t) {
  return t == MST_UINT8 ? 1 : t == MST_FLOAT32 || t == MST_INT32 ? 4 : 8;
}

/* [n_rows x n_cols], Z = row_ptr[n_rows] entries. Owned arrays unless a function says view. */
typedef struct mst_csr {
  int64_t n_rows;   /* D */
  int64_t n_cols;   /* V, below 2^31 */
  int64_t *row_ptr; /* [n_rows + 1], row_ptr[0] == 0 */
  int32_t *col;     /* [Z], 0 .. n_cols-1, strictly rising within a row */
  void *val;        /* [Z] of dtype */
  mst_dtype dtype;  /* MST_FLOAT32, MST_FLOAT64, or MST_INT32 for counts */
} mst_csr;

/* Allocate an [n_rows x n_cols] matrix with room for n_entries; row_ptr is zero, the rest
 * uninitialised. MST_E_ARG: a negative size, n_cols above 2^31-1. MST_E_NOMEM. *out only on
 * success. */
mst_status mst_csr_init(mst_csr *out, int64_t n_rows, int64_t n_cols, int64_t n_entries,
                        mst_dtype dtype);

/* Free the arrays; the matrix is empty afterwards. */
void mst_csr_fini(mst_csr *x);

/* Copy the given rows, in the given order (a row may come twice), into a new matrix.
 *   rows  [n_rows], each 0 .. x->n_rows-1
 * MST_E_ARG: a row out of range. MST_E_NOMEM. Exact. */
mst_status mst_csr_take_rows(const mst_csr *x, const int64_t *rows, int64_t n_rows, mst_csr *out);

/* Keep the columns of ids and renumber them 0 .. n_ids-1.
 *   ids  [n_ids], strictly rising, each 0 .. x->n_cols-1
 * MST_E_ARG: ids out of range or order. MST_E_NOMEM. Exact. */
mst_status mst_csr_take_cols(const mst_csr *x, const int32_t *ids, int64_t n_ids, mst_csr *out);

/* Check every promise of the struct: XGBoost does not check indices and would write out of bounds.
 * MST_E_ARG names the first row that breaks one. */
mst_status mst_csr_check(const mst_csr *x);

#ifdef __cplusplus
}
#endif
#endif
