/* sparse_values.h: the values of cuSPARSE's enumerations that its calls are given here; its header
 * is not everywhere where the kernels are built. Internal.
 */
#ifndef MISSTEP_CUDA_LINEAR_SPARSE_VALUES_H
#define MISSTEP_CUDA_LINEAR_SPARSE_VALUES_H

/* cuSPARSE's values, by the names that they have there (tests/emu/cases/sparse.c compares them). */
enum {
  MST__SPARSE_INDEX_32I = 2,
  MST__SPARSE_BASE_ZERO = 0,
  MST__SPARSE_ORDER_ROW = 2,
  MST__SPARSE_NON_TRANSPOSE = 0,
  MST__SPARSE_SPMM_CSR_ALG3 = 12,
  MST__SPARSE_ACTION_NUMERIC = 1,
  MST__SPARSE_CSR2CSC_ALG1 = 1
};

#endif
