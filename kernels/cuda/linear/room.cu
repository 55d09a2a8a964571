/* room.cu: what a fit needs of the device's memory, asked for before anything is sent.
 *
 * The least that will lie there at the same time: the matrix and its transpose, the problem's own
 * arrays, the dense matrices of one fit, the results. What cuSPARSE and the sums want on top is
 * only known once they are asked; an allocation that finds no room then is told in the same words.
 */
#include "cuda/linear/wide.cuh"

/* Bytes, by what they are for. */
typedef struct needed {
  int64_t matrix, columns, rest;
} needed;

static needed least(const mst_logistic_problem *p, int with_decision) {
  enum { TALL = 6, WIDE = 4 }; /* matrices like W, and like Z, of newton.cu */
  const int64_t n_rows = p->x->n_rows, n_terms = p->x->n_cols, n_classes = p->n_classes;
  const int64_t n_entries = p->x->row_ptr[n_rows], n_fits = 1 + p->n_folds;
  const int64_t entry = sizeof(int32_t) + sizeof(float), number = sizeof(float);
  needed n = {};
  n.matrix = 2 * n_entries * entry;
  n.columns = (TALL * (n_terms + 1) + WIDE * n_rows) * n_classes * number;
  n.rest = (n_terms + 1 + (with_decision ? n_rows : 0)) * n_classes * number; /* results */
  n.rest += n_rows * number * (1 + (p->fold != NULL) + (p->weight != NULL));
  if (p->block) n.rest += n_rows * n_fits * number + (n_terms - p->block->first_disputed) * n_fits;
  return n;
}

mst_status mst__wide_no_room(const mst_backend *backend, const mst_logistic_problem *p,
                             int with_decision) {
  const needed n = least(p, with_decision);
  return MST_FAIL(
      MST_E_NOMEM,
      "%s: no memory for a linear fit of %lld rows, %lld terms, %lld entries and %d classes: it "
      "needs %lld bytes (%lld for the matrix and its transpose, %lld for one fit's columns) and "
      "room to work in, %lld are free; take fewer features, or --device cpu",
      backend->device, (long long)p->x->n_rows, (long long)p->x->n_cols,
      (long long)p->x->row_ptr[p->x->n_rows], p->n_classes,
      (long long)(n.matrix + n.columns + n.rest), (long long)n.matrix, (long long)n.columns,
      (long long)mst__cuda_free_bytes(backend));
}

mst_status mst__wide_room(const mst_backend *backend, const mst_logistic_problem *p,
                          int with_decision) {
  const needed n = least(p, with_decision);
  if (n.matrix + n.columns + n.rest <= mst__cuda_free_bytes(backend)) return MST_OK;
  return mst__wide_no_room(backend, p, with_decision);
}
