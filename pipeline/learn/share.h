/* share.h: a worker's share of the rows, as NumPy's files in a folder.
 *
 * In: a matrix with labels and margins. Out: the same of a range of rows. Rows stay in their order:
 * worker k of n holds rows k * D / n up to (k + 1) * D / n. Private to this folder.
 */
#ifndef MISSTEP_SHARE_H
#define MISSTEP_SHARE_H

#include <stdint.h>

#include "misstep/csr.h"
#include "misstep/status.h"

/* Rows with what belongs to them; dealt out they are a view, read back they are owned. */
typedef struct mst__share {
  mst_csr x; /* float32 */
  int32_t *label;
  float *margin; /* [rows x n_margin] or NULL */
  int32_t n_margin;
  float *weight; /* [rows] or NULL */
} mst__share;

/* First row of worker k of n among n_rows. */
int64_t mst__share_begin(int64_t n_rows, int k, int n);

/* Write the rows of each of n workers into dir as K.NAME-... . MST_E_ARG: fewer rows than workers.
 * MST_E_IO, MST_E_NOMEM. */
mst_status mst__share_deal(const char *dir, const char *name, const mst__share *all, int n);
/* Read the rows of worker k, n_cols wide. MST_E_FORMAT, MST_E_IO, MST_E_NOMEM. */
mst_status mst__share_load(const char *dir, const char *name, int k, int64_t n_cols,
                           int32_t n_margin, int has_weight, mst__share *out);
void mst__share_fini(mst__share *share);

#endif
