/* splice.c: copies of documents as pieces, a thread a copy; which types pieces have, and other
 * numbers for them. */
#include <string.h>

#include "body/splice.h"
#include "cpu/operations.h"
#include "misstep/alloc.h"

static void write_copy(const mst_splices *s, int64_t copy, uint32_t *out) {
  const int64_t n = mst_body_stretches(s, copy);
  for (int64_t k = 0; k < n; k++) {
    const mst_body_stretch t = mst_body_stretch_at(s, copy, k);
    for (int64_t at = t.from; at < t.end; at++) *out++ = mst_body_stretch_entry(s, &t, at);
  }
}

mst_status mst__cpu_splices_apply(mst_backend *backend, const mst_splices *splices,
                                  mst_pieces *out) {
  const int64_t n = splices->n_copies;
  int64_t *ptr = mst_alloc((size_t)n + 1, sizeof *ptr);
  if (!ptr) return MST_E_NOMEM;
#pragma omp parallel for schedule(static) num_threads(backend->n_threads)
  for (int64_t c = 0; c < n; c++) ptr[c + 1] = mst_body_splice_length(splices, c);
  ptr[0] = 0;
  for (int64_t c = 0; c < n; c++) ptr[c + 1] += ptr[c];
  uint32_t *entry = mst_alloc((size_t)ptr[n], sizeof *entry);
  if (!entry) {
    mst_free(ptr);
    return MST_E_NOMEM;
  }
#pragma omp parallel for schedule(static) num_threads(backend->n_threads)
  for (int64_t c = 0; c < n; c++) write_copy(splices, c, entry + ptr[c]);
  out->n_docs = n;
  out->doc_ptr = ptr;
  out->entry = entry;
  out->n_entries = ptr[n];
  out->home = backend;
  return MST_OK;
}

mst_status mst__cpu_pieces_used(mst_backend *backend, const mst_pieces *pieces, uint8_t *used) {
  (void)backend;
  if (pieces->types.n) memset(used, 0, (size_t)pieces->types.n);
  for (int64_t i = 0; i < pieces->n_entries; i++) used[pieces->entry[i] >> 1] = 1;
  return MST_OK;
}

mst_status mst__cpu_pieces_renumber(mst_backend *backend, mst_pieces *pieces,
                                    const uint32_t *number) {
  uint32_t *entry = pieces->entry;
#pragma omp parallel for schedule(static) num_threads(backend->n_threads)
  for (int64_t i = 0; i < pieces->n_entries; i++)
    entry[i] = number[entry[i] >> 1] << 1 | (entry[i] & 1);
  return MST_OK;
}
