/* choose.h: the terms that each of the cross-fits chooses for itself.
 *
 * In: counts of all training rows, labels, folds. Out: the columns of one matrix that serves all
 * fits, and which fit has which. A fit's choice is made from the rows that it may see: a choice
 * made from all of them would tell a fold's labels to the fit that must not know them. Next stage:
 * joined rows (fit_linear.c) and the wide solver. Private to this folder.
 */
#ifndef MISSTEP_CHOOSE_H
#define MISSTEP_CHOOSE_H

#include <stdint.h>

#include "misstep/csr.h"
#include "misstep/status.h"

/* Columns 0 .. n_agreed-1 are every fit's, the others some fits'; each range rises in term. */
typedef struct mst__choice {
  int32_t n_fits; /* 1 + folds; fit 0 sees all rows */
  int64_t n_cols, n_agreed;
  int32_t *term;     /* [n_cols] column of the counts */
  uint8_t *chosen;   /* [(n_cols - n_agreed) x n_fits] */
  int32_t *selected; /* [n_selected] fit 0's terms, rising */
  int64_t n_selected;
} mst__choice;

/* The k terms of highest chi-squared in each fit, ties to the lower one.
 *   counts  [D x V] MST_INT32
 *   label   [D] 0 .. n_classes-1; fold [D] 0 .. n_folds-1, or NULL with n_folds 0
 * MST_E_NOMEM. Exact: integers are counted once by fold and class, and a fit's are the sums over
 * the folds that it sees; the same bytes for any n_threads. */
mst_status mst__choice_init(mst__choice *choice, const mst_csr *counts, const int32_t *label,
                            int32_t n_classes, const int32_t *fold, int32_t n_folds, int64_t k,
                            int n_threads);
void mst__choice_fini(mst__choice *choice);

#endif
