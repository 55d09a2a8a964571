/* sparse.cuh: sparse times dense through cuSPARSE, which is found at run time: a machine without it
 * can do all but this. Internal.
 *
 * A matrix and its transpose are both stored, because cuSPARSE's own transposed product adds up in
 * whatever order its threads come; the algorithm asked for here sums a row in the same order in
 * every run. Its counts have 32 bits, so a large matrix is multiplied block by block of rows; a sum
 * is one block's. The few declarations that are needed stand here: PyPI's compiler has no
 * cusparse.h.
 *
 * In: CSR of the host. Out: products on the device. Next stage: wide.cuh.
 */
#ifndef MISSTEP_CUDA_LINEAR_SPARSE_CUH
#define MISSTEP_CUDA_LINEAR_SPARSE_CUH

#include "cuda/linear/cut.cuh"
#include "cuda/linear/sparse_values.h"

/* [n_rows x n_cols] on the device, in blocks of rows; the transpose has its own, which are blocks
 * of X's columns. */
typedef struct mst__sparse_half {
  int64_t n_rows, n_cols, n_blocks;
  mst__block
      *block; /* [n_blocks], owned; they hold all rows, or there is no entry and none of them */
  mst__cuda_scratch<int32_t> row_ptr, col; /* of all blocks, each with offsets from 0 */
  mst__cuda_scratch<float> val;
  mst__cuda_scratch<uint8_t> work; /* of any block's product with work_n columns */
  int64_t work_n;

  explicit mst__sparse_half(mst_backend *backend)
      : n_rows(0), n_cols(0), n_blocks(0), block(NULL), row_ptr(backend), col(backend),
        val(backend), work(backend), work_n(0) {}
  ~mst__sparse_half();
} mst__sparse_half;

/* A matrix and its transpose: rows of the one are columns of the other. */
typedef struct mst__sparse {
  mst_backend *backend;
  void *handle;
  mst__sparse_half x, t;

  explicit mst__sparse(mst_backend *backend)
      : backend(backend), handle(NULL), x(backend), t(backend) {}
  mst__sparse(const mst__sparse &) = delete;
  mst__sparse &operator=(const mst__sparse &) = delete;
  ~mst__sparse();
} mst__sparse;

/* Take the columns first .. end-1 of a matrix of the host, numbered from 0, to the device.
 * MST_E_ADAPTER: no cuSPARSE (how to get it), or it failed. MST_E_LIMIT: 2^31-1 rows, or a row or
 * column with more entries than a block may have. MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst__sparse_init(mst__sparse *a, const mst_csr *x, int64_t first, int64_t end);

/* C = X B, or X^T B.
 *   d_b, d_c  row-major, n columns
 * MST_E_NOMEM, MST_E_ADAPTER. */
mst_status mst__sparse_times(mst__sparse *a, int transposed, const float *d_b, int64_t n,
                             float *d_c);

#endif
