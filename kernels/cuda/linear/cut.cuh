/* cut.cuh: a matrix of the host cut into blocks that cuSPARSE's 32-bit counts can hold. Internal.
 *
 * A line is a row, or by column a column; no line is cut, so each sum of a product stays one
 * call's, and where the cuts are depends on the matrix and the limit alone.
 *
 * In: CSR of the host. Out: blocks, and one part at a time with 32-bit offsets. Next stage:
 * sparse.cu sends them.
 */
#ifndef MISSTEP_CUDA_LINEAR_CUT_CUH
#define MISSTEP_CUDA_LINEAR_CUT_CUH

#include "cuda/device.cuh"
#include "misstep/csr.h"

/* Rows row .. row_end-1 and columns col .. col_end-1 of x, both numbered from 0; borrowed. */
typedef struct mst__part {
  const mst_csr *x;
  int64_t row, row_end, col, col_end;
} mst__part;

/* Lines that lie side by side, with an entry at least. */
typedef struct mst__block {
  int64_t first, n_lines, n_entries;
  int64_t ptr_at, at; /* where its offsets, and its entries, begin in the arrays of all blocks */
  void *descriptor;   /* cuSPARSE's; NULL: none yet */
} mst__block;

/* A part's own arrays on the host, 32 bits. */
typedef struct mst__cut {
  int32_t *row_ptr, *col; /* [rows + 1]; [row_ptr[rows]] */
  float *val;             /* [row_ptr[rows]] */
} mst__cut;

/* Cut the part between lines into blocks with at most so many entries; none where it has no entry.
 *   blocks  owned by the caller, mst_free
 * MST_E_LIMIT: a line has more. MST_E_NOMEM. */
mst_status mst__cut_plan(const mst__part *part, int by_column, int64_t most, mst__block **blocks,
                         int64_t *n_blocks);

/* Copy a part with fewer than 2^31 rows and entries. mst__cut_fini frees it. MST_E_NOMEM. */
mst_status mst__cut_make(const mst__part *part, mst__cut *out);
void mst__cut_fini(mst__cut *cut);

#endif
