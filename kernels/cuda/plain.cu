/* plain.cu: documents that cannot be looked up because a piece of theirs depends on its neighbours.
 * Rare, but for a corpus in Greek capitals all of them.
 *
 * Block 256. Only where such pieces exist, and piece_survey for char:
 * plain_mark_kernel    thread per entry: 4 + 1 bytes read; for a dependent one a bisection of
 *                      documents and an atomic OR
 * plain_skip_kernel, plain_gather_kernel   warp per plain document: 1 and 4 + 4 bytes an entry
 * piece_survey_kernel  thread per entry: 4 + 1 + 1 read, few writes
 * plain_spread_kernel  thread per unit: 4 read, 4 written, a bisection of plain documents
 * plain_insert_kernel  warp per plain document: 4 + 4 bytes a unit
 * plain_at_kernel      thread per plain document: 16 read, 8 written
 * plain_shift_kernel   thread per document: 8 read, 8 written, a bisection of plain documents
 */
#include "cuda/analyze.cuh"

#include <cub/device/device_scan.cuh>

enum { BLOCK = 256, WARP = 32, WARPS = BLOCK / WARP };

/* Mark the documents that hold a dependent piece. */
__global__ void __launch_bounds__(BLOCK)
    plain_mark_kernel(const __grid_constant__ mst__cuda_docs s, const uint8_t *dependent,
                      uint32_t *plain) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i >= s.n || !dependent[s.entry[i] >> 1]) return;
  const int64_t d = mst__below(s.doc_ptr, s.n_docs + 1, i, 1) - 1;
  atomicOr(&plain[d >> 5], 1u << (d & 31));
}

/* Mark the entries of plain documents, and write their number: a warp each. */
__global__ void __launch_bounds__(BLOCK)
    plain_skip_kernel(const __grid_constant__ mst__cuda_docs s, const int64_t *plain,
                      int64_t n_plain, uint8_t *skip, int64_t *length) {
  const int64_t k = (int64_t)blockIdx.x * WARPS + threadIdx.x / WARP;
  const int lane = (int)(threadIdx.x % WARP);
  if (k > n_plain) return;
  const int64_t first = k < n_plain ? s.doc_ptr[plain[k]] : 0;
  const int64_t last = k < n_plain ? s.doc_ptr[plain[k] + 1] : 0;
  for (int64_t i = first + lane; i < last; i += WARP) skip[i] = 1;
  if (lane == 0) length[k] = last - first;
}

/* Copy the entries of plain documents one behind the other, a warp each. */
__global__ void __launch_bounds__(BLOCK)
    plain_gather_kernel(const __grid_constant__ mst__cuda_docs s, const int64_t *plain,
                        int64_t n_plain, const int64_t *ptr, uint32_t *out) {
  const int64_t k = (int64_t)blockIdx.x * WARPS + threadIdx.x / WARP;
  if (k >= n_plain) return;
  const int64_t first = s.doc_ptr[plain[k]], n = ptr[k + 1] - ptr[k];
  for (int64_t i = threadIdx.x % WARP; i < n; i += WARP) out[ptr[k] + i] = s.entry[first + i];
}

/* Which pieces do documents that are looked up hold, and do they hold a lone space? Many threads
 * write the same 1. */
__global__ void __launch_bounds__(BLOCK)
    piece_survey_kernel(const __grid_constant__ mst__cuda_docs s, volatile uint8_t *used,
                        volatile uint32_t *has_space) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i >= s.n || (s.skip && s.skip[i])) return;
  const uint32_t entry = s.entry[i];
  if (used && !used[entry >> 1]) used[entry >> 1] = 1;
  if ((entry & 1) && !*has_space) *has_space = 1;
}

/* Plain documents among the others: number k belongs before unit at[k] of those looked up, and
 * brings units ptr[k] .. ptr[k + 1] of value. */
typedef struct insertion {
  int64_t n;
  const int64_t *doc, *at, *ptr;
  const uint32_t *value;
} insertion;

__global__ void __launch_bounds__(BLOCK)
    plain_at_kernel(const int64_t *ptr, const int64_t *plain, int64_t n, int64_t *at) {
  const int64_t k = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (k < n) at[k] = ptr[plain[k]];
}

__global__ void __launch_bounds__(BLOCK)
    plain_spread_kernel(const __grid_constant__ insertion p, const int32_t *from, int64_t n,
                        int32_t *id) {
  const int64_t o = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (o < n) id[o + p.ptr[mst__below(p.at, p.n, o, 1)] - p.ptr[0]] = from[o];
}

__global__ void __launch_bounds__(BLOCK)
    plain_insert_kernel(const __grid_constant__ insertion p, int32_t *id) {
  const int64_t k = (int64_t)blockIdx.x * WARPS + threadIdx.x / WARP;
  if (k >= p.n) return;
  for (int64_t i = p.ptr[k] + threadIdx.x % WARP; i < p.ptr[k + 1]; i += WARP)
    id[p.at[k] + i - p.ptr[0]] = (int32_t)p.value[i];
}

__global__ void __launch_bounds__(BLOCK)
    plain_shift_kernel(const __grid_constant__ insertion p, int64_t n, int64_t *doc_ptr) {
  const int64_t d = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (d < n) doc_ptr[d] += p.ptr[mst__below(p.doc, p.n, d, 0)] - p.ptr[0];
}

/* List the documents that hold a dependent piece. */
static mst_status find_plain(mst__cuda_tokens_job *j) {
  mst_backend *backend = j->backend;
  mst__cuda_scratch<uint8_t> dependent(backend);
  mst__cuda_scratch<uint32_t> marks(backend);
  uint32_t *mark = NULL;
  const int64_t n_words = j->s.n_docs / 32 + 1;
  MST_TRY(mst__cuda_send_array(&dependent, j->dependent, j->pieces->types.n));
  MST_TRY(marks.alloc_zero(n_words));
  MST_TRY(MST_LAUNCH(backend, plain_mark_kernel, mst__cuda_blocks(j->s.n, BLOCK), BLOCK, j->s,
                     dependent.ptr, marks.ptr));
  mst_status st = mst__cuda_fetch_array(backend, marks.ptr, n_words, &mark);
  for (int64_t w = 0; !st && w < n_words; w++) j->n_plain += __builtin_popcount(mark[w]);
  if (!st) j->plain = static_cast<int64_t *>(mst_alloc((size_t)j->n_plain, sizeof *j->plain));
  if (!st && !j->plain) st = MST_E_NOMEM;
  int64_t n = 0;
  for (int64_t d = 0; !st && d < j->s.n_docs; d++)
    if (mark[d >> 5] >> (d & 31) & 1) j->plain[n++] = d;
  mst_free(mark);
  return st;
}

/* Leave those documents out of the look-up, and fetch their entries. */
static mst_status fetch_plain(mst__cuda_tokens_job *j) {
  mst_backend *backend = j->backend;
  const int64_t n = j->n_plain;
  mst__cuda_scratch<int64_t> length(backend), ptr(backend);
  mst__cuda_scratch<uint32_t> entry(backend);
  MST_TRY(mst__cuda_send_array(&j->d_plain, j->plain, n));
  MST_TRY(j->d_skip.alloc_zero(j->s.n));
  MST_TRY(length.alloc(n + 1));
  MST_TRY(ptr.alloc(n + 1));
  MST_TRY(MST_LAUNCH(backend, plain_skip_kernel, mst__cuda_blocks(n + 1, WARPS), BLOCK, j->s,
                     j->d_plain.ptr, n, j->d_skip.ptr, length.ptr));
  MST_TRY(MST_CUB(backend, cub::DeviceScan::ExclusiveSum, length.ptr, ptr.ptr, n + 1));
  MST_TRY(mst__cuda_fetch_array(backend, ptr.ptr, n + 1, &j->plain_ptr));
  MST_TRY(entry.alloc(j->plain_ptr[n]));
  MST_TRY(MST_LAUNCH(backend, plain_gather_kernel, mst__cuda_blocks(n, WARPS), BLOCK, j->s,
                     j->d_plain.ptr, n, ptr.ptr, entry.ptr));
  MST_TRY(mst__cuda_fetch_array(backend, entry.ptr, j->plain_ptr[n], &j->plain_entry));
  j->s.skip = j->d_skip.ptr;
  return MST_OK;
}

/* Find out which pieces are looked up, and whether a lone space is. */
static mst_status survey(mst__cuda_tokens_job *j) {
  mst_backend *backend = j->backend;
  mst__cuda_scratch<uint32_t> has_space(backend);
  uint32_t any = 0;
  if (!j->n_plain && j->options->analyzer != MST_ANALYZER_CHAR) return MST_OK;
  MST_TRY(has_space.alloc_zero(1));
  if (j->n_plain) MST_TRY(j->d_used.alloc_zero(j->pieces->types.n));
  MST_TRY(MST_LAUNCH(backend, piece_survey_kernel, mst__cuda_blocks(j->s.n, BLOCK), BLOCK, j->s,
                     j->d_used.ptr, has_space.ptr));
  MST_TRY(mst__cuda_fetch(backend, &any, has_space.ptr));
  if (j->n_plain)
    MST_TRY(mst__cuda_fetch_array(backend, j->d_used.ptr, j->pieces->types.n, &j->used));
  j->has_space = any && j->options->analyzer == MST_ANALYZER_CHAR;
  return MST_OK;
}

mst_status mst__cuda_plain_take(mst__cuda_tokens_job *j) {
  if (j->dependent) MST_TRY(find_plain(j));
  if (j->n_plain) MST_TRY(fetch_plain(j));
  return survey(j);
}

mst_status mst__cuda_plain_put(mst__cuda_tokens_job *j, mst__cuda_scratch<int32_t> *id,
                               int64_t *doc_ptr, int64_t *n) {
  mst_backend *backend = j->backend;
  const mst__units *u = &j->units;
  const int64_t first = u->n_ids + 1, n_more = u->ptr[u->n_lists] - u->ptr[first];
  mst__cuda_scratch<int64_t> at(backend);
  mst__cuda_scratch<int32_t> all(backend);
  MST_TRY(at.alloc(j->n_plain));
  MST_TRY(all.alloc(*n + n_more));
  const insertion p = {j->n_plain, j->d_plain.ptr, at.ptr, j->d_list_ptr.ptr + first,
                       j->d_value.ptr};
  MST_TRY(MST_LAUNCH(backend, plain_at_kernel, mst__cuda_blocks(p.n, BLOCK), BLOCK, doc_ptr, p.doc,
                     p.n, at.ptr));
  MST_TRY(MST_LAUNCH(backend, plain_spread_kernel, mst__cuda_blocks(*n, BLOCK), BLOCK, p, id->ptr,
                     *n, all.ptr));
  MST_TRY(
      MST_LAUNCH(backend, plain_insert_kernel, mst__cuda_blocks(p.n, WARPS), BLOCK, p, all.ptr));
  MST_TRY(MST_LAUNCH(backend, plain_shift_kernel, mst__cuda_blocks(j->s.n_docs + 1, BLOCK), BLOCK,
                     p, j->s.n_docs + 1, doc_ptr));
  id->release();
  id->ptr = all.take();
  *n += n_more;
  return MST_OK;
}
