/* chunks.h: parts of a job that are made side by side. */
#ifndef MISSTEP_CLI_CHUNKS_H
#define MISSTEP_CLI_CHUNKS_H

#include <stdint.h>

#include "misstep/status.h"

/* Records of a chunk. */
enum { MST_CHUNK_ROWS = 512 };
static inline int64_t mst_chunks_n(int64_t n_rows) {
  return (n_rows + MST_CHUNK_ROWS - 1) / MST_CHUNK_ROWS;
}
/* The end of chunk k of n_rows. */
static inline int64_t mst_chunk_end(int64_t k, int64_t n_rows) {
  return (k + 1) * MST_CHUNK_ROWS < n_rows ? (k + 1) * MST_CHUNK_ROWS : n_rows;
}

/* Call make for chunks 0 .. n-1 on n_threads. Where some fail, the lowest one is made again on this
 * thread, so that its message is this thread's: make may be called twice. MST_E_NOMEM, and what
 * make returns. */
typedef mst_status mst_chunk_fn(void *payload, int64_t k);
mst_status mst_chunks_make(int64_t n, int n_threads, mst_chunk_fn *make, void *payload);

#endif
