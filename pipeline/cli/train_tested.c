/* train_tested.c: a copy that says what a tested record says would teach it: such copies are found
 * by the hash under which the split keeps equal texts together. */
#include <stdlib.h>

#include "cli/train_copies.h"
#include "misstep/alloc.h"

static int compare_hashes(const void *x, const void *y) {
  const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
  return (a > b) - (a < b);
}

mst_status mst_tested_init(const mst_text *text, int n_threads, mst_tested *out) {
  mst_tested t = {mst_alloc((size_t)text->n_docs, sizeof *t.hash), text->n_docs, n_threads};
  mst_status st = t.hash ? mst_split_hash(text, n_threads, t.hash) : MST_E_NOMEM;
  if (st) {
    mst_free(t.hash);
    return st;
  }
  qsort(t.hash, (size_t)t.n, sizeof *t.hash, compare_hashes);
  *out = t;
  return MST_OK;
}

void mst_tested_fini(mst_tested *tested) {
  mst_free(tested->hash);
  *tested = (mst_tested){0};
}

mst_status mst__tested_flag(const mst_tested *tested, const mst_text *copies, uint8_t *flag) {
  uint64_t *hash = mst_alloc((size_t)copies->n_docs, sizeof *hash);
  const mst_status st = hash ? mst_split_hash(copies, tested->n_threads, hash) : MST_E_NOMEM;
  for (int64_t d = 0; !st && d < copies->n_docs; d++)
    flag[d] =
        bsearch(&hash[d], tested->hash, (size_t)tested->n, sizeof *hash, compare_hashes) != NULL;
  mst_free(hash);
  return st;
}
