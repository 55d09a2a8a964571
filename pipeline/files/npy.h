/* npy.h: NumPy's array file (.npy) and SciPy's sparse matrix file (.npz), so that Python reads
 * matrices and models without misstep.
 *
 * Format 1.0 of numpy.lib.format, little-endian, C order; npz as scipy.sparse.load_npz expects
 * (indices, indptr, format, shape, data), stored or deflated, zip64 where needed.
 */
#ifndef MISSTEP_NPY_H
#define MISSTEP_NPY_H

#include <stddef.h>
#include <stdint.h>

#include "misstep/csr.h"
#include "misstep/status.h"

/* An array as read: n_dims 1 or 2. data is owned (mst_free). */
typedef struct mst_array {
  int n_dims;
  int64_t shape[2];
  mst_dtype dtype;
  void *data;
} mst_array;

/* Serialise an array to bytes (*out by mst_free). MST_E_NOMEM. */
mst_status mst_npy_dump(const void *data, mst_dtype dtype, int n_dims, const int64_t *shape,
                        char **out, size_t *n_bytes);
/* Read a .npy file. MST_E_FORMAT names the file and what is wrong (truncated, big-endian, Fortran
 * order, an unknown type); MST_E_IO, MST_E_NOMEM. */
mst_status mst_npy_load(const char *path, mst_array *out);
void mst_array_fini(mst_array *array);

/* Write a CSR matrix to a file of its own. indices are int32, or int64 with int64 indptr when there
 * are more than 2^31-1 entries. compress 0: stored. MST_E_IO, MST_E_NOMEM. */
mst_status mst_npz_write_csr(const char *path, const mst_csr *x, int compress);

/* Write svmlight / libsvm text: "label index:value ..." with indices from 0 (scikit-learn's
 * dump_svmlight_file default). label may be NULL (zeros). MST_E_IO. */
mst_status mst_svmlight_write(const char *path, const mst_csr *x, const int32_t *label);

#endif
