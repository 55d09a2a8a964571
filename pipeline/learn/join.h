/* join.h: words and chosen character n-grams side by side, for all fits at once.
 *
 * In: weights of the words, counts of the n-grams, each fit's choice. Out: one matrix and, per row
 * and fit, the scale that makes the fit's own n-grams a row of length 1. Next stage: the wide
 * solver. Private to this folder.
 */
#ifndef MISSTEP_JOIN_H
#define MISSTEP_JOIN_H

#include "learn/choose.h"
#include "misstep/csr.h"
#include "misstep/status.h"

/* Columns of *x: the words', then the choice's. N-grams weigh (1 + ln count) * idf, not normalised.
 *   words   [D x V] MST_FLOAT32
 *   counts  [D x candidates] MST_INT32; idf [candidates]
 *   scale   receives [D x n_fits], by mst_free: 1 / |row d's n-grams of fit f|, 0 without any
 * MST_E_NOMEM. The same bytes for any n_threads; sums in double, in the order of the columns. */
mst_status mst__rows_join(const mst_csr *words, const mst_csr *counts, const double *idf,
                          const mst__choice *choice, int n_threads, mst_csr *x, float **scale);

#endif
