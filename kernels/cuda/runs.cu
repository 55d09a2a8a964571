/* runs.cu: char_wb looks up words between white space: runs of pieces, made distinct by the table
 * that makes pieces distinct (intern.cu), the entries taken as 4 bytes each.
 *
 * run_cut_kernel  block 256, a thread for two entries, a warp a strip of 256 bytes: per entry 4 + 4
 *                 + 1 + 1/2 bytes read, 1 written. Then intern.cu over 4 bytes an entry.
 */
#include "cuda/analyze.cuh"

#include <cub/device/device_scan.cuh>

enum { BLOCK = 256, WARP = 32, WARPS = BLOCK / WARP, ENTRY_BYTES = 4, PIECES_PER_RUN_TYPE = 16 };

/* Runs of pieces between white space, as spellings of 4 bytes an entry: a thread has two entries,
 * 8 bytes, a warp a strip. kind: of the pieces; docs: where documents begin. */
__global__ void __launch_bounds__(BLOCK)
    run_cut_kernel(const __grid_constant__ mst__cuda_docs s, const uint8_t *kind,
                   const uint8_t *docs, int64_t n_strips, uint8_t *begin, uint8_t *border,
                   int32_t *strip_count) {
  const int64_t strip = (int64_t)blockIdx.x * WARPS + threadIdx.x / WARP;
  const int lane = (int)(threadIdx.x % WARP);
  if (strip >= n_strips) return;
  const int64_t g = strip * WARP + lane;
  uint32_t begins = 0, borders = 0;
  for (int k = 0; k < 2; k++) {
    const int64_t i = g * 2 + k;
    const int bit = k * ENTRY_BYTES;
    if (i == s.n) borders |= 1u << bit;
    if (i >= s.n) break;
    const int doc = docs[g] >> bit & 1, space = kind[s.entry[i] >> 1] == MST_PIECE_SPACE;
    const int skip = s.skip && s.skip[i];
    const uint32_t last = i ? s.entry[i - 1] : 0;
    const int apart = doc || (last & 1) || kind[last >> 1] == MST_PIECE_SPACE;
    begins |= (uint32_t)(apart && !space && !skip) << bit;
    borders |= (uint32_t)(apart || space || skip) << bit;
  }
  begin[g] = (uint8_t)begins;
  border[g] = (uint8_t)borders;
  int n = __popc(begins);
  for (int step = WARP / 2; step; step /= 2) n += __shfl_down_sync(~0u, n, step);
  if (lane == 0) strip_count[strip] = n;
}

/* Cut the entries into runs: bitmaps and offsets. */
static mst_status cut_runs(mst__cuda_tokens_job *j, uint32_t *d_begin, uint32_t *d_border,
                           int64_t *d_ptr) {
  mst_backend *backend = j->backend;
  const int64_t n_strips = mst__strips(j->s.n * ENTRY_BYTES);
  mst__cuda_scratch<uint32_t> docs(backend);
  mst__cuda_scratch<uint8_t> kind(backend);
  mst__cuda_scratch<int32_t> count(backend);
  MST_TRY(docs.alloc_zero(n_strips * MST__STRIP_WORDS));
  MST_TRY(count.alloc_zero(n_strips + 1));
  MST_TRY(mst__cuda_send_array(&kind, j->pieces->kind, j->pieces->types.n));
  MST_TRY(mst__cuda_docs_mark(backend, j->s.doc_ptr, j->s.n_docs + 1, 0, ENTRY_BYTES, docs.ptr));
  MST_TRY(MST_LAUNCH(backend, run_cut_kernel, mst__cuda_blocks(n_strips, WARPS), BLOCK, j->s,
                     kind.ptr, reinterpret_cast<const uint8_t *>(docs.ptr), n_strips,
                     reinterpret_cast<uint8_t *>(d_begin), reinterpret_cast<uint8_t *>(d_border),
                     count.ptr));
  return MST_CUB(backend, cub::DeviceScan::ExclusiveScan, count.ptr, d_ptr, cuda::std::plus<>{},
                 (int64_t)0, n_strips + 1);
}

mst_status mst__cuda_runs_make(mst__cuda_tokens_job *j) {
  mst_backend *backend = j->backend;
  const int64_t n_bytes = j->s.n * ENTRY_BYTES, n_strips = mst__strips(n_bytes);
  mst__cuda_scratch<uint32_t> begin(backend), border(backend);
  mst__cuda_scratch<int64_t> ptr(backend);
  mst__cuda_table table(backend);
  MST_TRY(begin.alloc(n_strips * MST__STRIP_WORDS));
  MST_TRY(border.alloc(n_strips * MST__STRIP_WORDS));
  MST_TRY(ptr.alloc(n_strips + 1));
  MST_TRY(cut_runs(j, begin.ptr, border.ptr, ptr.ptr));
  const mst__cuda_cut cut = {reinterpret_cast<const uint8_t *>(j->s.entry),
                             n_bytes,
                             n_strips,
                             begin.ptr,
                             border.ptr,
                             ptr.ptr};
  int64_t n_runs = 0;
  MST_TRY(mst__cuda_fetch(backend, &n_runs, ptr.ptr + n_strips));
  MST_TRY(j->d_run.alloc(n_runs));
  MST_TRY(mst__cuda_table_open(&table, j->s.n / PIECES_PER_RUN_TYPE));
  MST_TRY(mst__cuda_table_add(&table, &cut, j->d_run.ptr));
  MST_TRY(mst__cuda_table_fetch(&table, NULL, &j->runs));
  MST_TRY(j->d_run_ptr.alloc(j->s.n_docs + 1));
  MST_TRY(mst__cuda_docs_place(backend, &cut, j->s.doc_ptr, j->s.n_docs + 1, 0, ENTRY_BYTES, 0,
                               j->d_run_ptr.ptr));
  j->s = {j->s.n_docs, n_runs, j->d_run_ptr.ptr, j->d_run.ptr, NULL};
  return MST_OK;
}
