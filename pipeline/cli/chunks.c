/* chunks.c: parts of a job that are made side by side. */
#include "cli/chunks.h"

#include "misstep/alloc.h"

mst_status mst_chunks_make(int64_t n, int n_threads, mst_chunk_fn *make, void *payload) {
  int *status = mst_alloc((size_t)n, sizeof *status);
  mst_status st = status ? MST_OK : MST_E_NOMEM;
  if (st) return st;
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
  for (int64_t k = 0; k < n; k++) status[k] = (int)make(payload, k);
  for (int64_t k = 0; !st && k < n; k++)
    if (status[k]) st = make(payload, k);
  mst_free(status);
  return st;
}
