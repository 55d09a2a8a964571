/* parts.c: a vectorizer with the memory of what was selected from. */
#include <string.h>

#include "features/select.h"
#include "learn/model_internal.h"
#include "misstep/alloc.h"

void mst__part_fini(mst__part *part) {
  mst_vectorizer_free(part->vectorizer);
  mst_strings_fini(&part->terms);
  mst_free(part->idf);
  mst_free(part->selected);
  *part = (mst__part){0};
}

int64_t mst__part_n_terms(const mst__part *part) {
  if (!part->vectorizer) return 0;
  return part->selected ? part->terms.n : mst_vectorizer_n_terms(part->vectorizer);
}

mst_status mst__model_strings_copy(const mst_strings *from, mst_strings *to) {
  mst_strings s = {.n = from->n};
  const size_t n_bytes = from->n ? (size_t)from->start[from->n] : 0;
  s.start = mst_alloc_zero((size_t)from->n + 1, sizeof *s.start);
  s.bytes = s.start ? mst_alloc(n_bytes, 1) : NULL;
  if (!s.bytes) {
    mst_strings_fini(&s);
    return MST_E_NOMEM;
  }
  if (from->n) memcpy(s.start, from->start, ((size_t)from->n + 1) * sizeof *s.start);
  if (n_bytes) memcpy(s.bytes, from->bytes, n_bytes);
  *to = s;
  return MST_OK;
}

/* Remember the terms of the fit before some are taken. */
static mst_status remember_terms(mst__part *part) {
  const mst_strings *terms = mst_vectorizer_terms(part->vectorizer);
  mst_status st = mst__model_strings_copy(terms, &part->terms);
  if (st) return st;
  part->idf = mst_alloc((size_t)terms->n, sizeof *part->idf);
  if (!part->idf) return MST_E_NOMEM;
  memcpy(part->idf, mst_vectorizer_idf(part->vectorizer), (size_t)terms->n * sizeof *part->idf);
  return MST_OK;
}

mst_status mst__part_select(mst__part *part, mst_backend *backend, const mst_csr *counts,
                            const int32_t *label, int32_t n_classes, int64_t k) {
  const int64_t n = counts->n_cols, n_kept = k < n ? k : n;
  if (n_kept == n) return MST_OK;
  double *chi2 = mst_alloc((size_t)n, sizeof *chi2);
  part->selected = chi2 ? mst_alloc((size_t)n_kept, sizeof *part->selected) : NULL;
  mst_status st = part->selected ? MST_OK : MST_E_NOMEM;
  if (!st) st = mst_select_chi2(backend, counts, label, n_classes, chi2);
  if (!st) st = mst_select_top(chi2, n, k, part->selected, &part->n_selected);
  mst_free(chi2);
  if (!st) st = remember_terms(part);
  if (!st) st = mst_vectorizer_take(part->vectorizer, part->selected, part->n_selected);
  return st;
}
