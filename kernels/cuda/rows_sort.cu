/* rows_sort.cu: sort rows that fit a thread, a warp or a block, and give their runs to the sink.
 * Two of the three are for ordinary rows, by their mean length: words of titles take 10 ids,
 * characters of titles 200.
 *
 *                        block  grid         shared memory  ids of a row
 * row_thread_kernel      128    rows / 128   16.5 KiB       up to 32, insertion
 * row_warp_kernel        256    rows / 8     8 KiB          up to 256, bitonic
 * row_block_kernel       256    rows         32 KiB         up to 4096, CUB's radix sort
 * Each: per id 4 read; per row 16 read. Counted: 8 written a row, an atomic of 4 bytes a pair, one
 * of 8 for a pair of several. Written: 8 a pair. Launches: 1 each.
 */
#include "cuda/rows.cuh"

#include <cub/block/block_radix_sort.cuh>

enum { THREADS = 128, EACH = MST__ROW_BLOCK / MST__BLOCK };

/* Ids from i on that equal key[i]; most often there is one. */
__device__ static int run_length(const int32_t *key, int i, int n) {
  int low = i + 1, high = n;
  if (low == n || key[low] != key[i]) return 1;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (key[middle] == key[i]) low = middle + 1;
    else high = middle;
  }
  return low - i;
}

__global__ void __launch_bounds__(THREADS)
    row_thread_kernel(const __grid_constant__ mst__cuda_rows v,
                      const __grid_constant__ mst__cuda_sink s) {
  __shared__ int32_t keys[THREADS][MST__ROW_THREAD + 1]; /* odd: rows begin in different banks */
  const int64_t r = (int64_t)blockIdx.x * THREADS + threadIdx.x;
  if (r >= v.n_rows) return;
  const mst__cuda_row row = mst__row_at(v, r);
  if (row.n > MST__ROW_THREAD) return;
  int32_t *key = keys[threadIdx.x];
  int n = 0;
  for (int64_t i = row.from; i < row.from + row.n; i++) {
    const int32_t id = v.id[i];
    if (id < 0) continue;
    int at = n++;
    for (; at > 0 && key[at - 1] > id; at--) key[at] = key[at - 1];
    key[at] = id;
  }
  int n_pairs = 0;
  for (int i = 0, end; i < n; i = end) {
    for (end = i + 1; end < n && key[end] == key[i];) end++;
    mst__sink_put(s, r, n_pairs++, key[i], end - i);
  }
  mst__sink_end(s, r, n_pairs);
}

/* Put two ids in order, or in the opposite one. */
__device__ static void order_two(int32_t *key, int low, int high, int falling) {
  const int32_t a = key[low], b = key[high];
  if ((a > b) == falling) return;
  key[low] = b;
  key[high] = a;
}

/* Sort key[0 .. width), a power of two from 32 on, by the warp: Batcher's bitonic network. */
__device__ static void sort_by_warp(int32_t *key, int width, int lane) {
  for (int run = 2; run <= width; run *= 2)
    for (int step = run / 2; step; step /= 2) {
      for (int k = lane; k < width / 2; k += MST__WARP) {
        const int low = (k & ~(step - 1)) * 2 | (k & (step - 1));
        order_two(key, low, low | step, (low & run) != 0);
      }
      __syncwarp();
    }
}

/* Give the runs of n sorted ids to the sink, by the warp. Returns how many there are. */
__device__ static int put_runs(const mst__cuda_sink &s, int64_t row, const int32_t *key, int n,
                               int lane) {
  int n_pairs = 0;
  for (int first = 0; first < n; first += MST__WARP) {
    const int i = first + lane;
    const int head = i < n && (i == 0 || key[i - 1] != key[i]);
    const unsigned heads = __ballot_sync(~0u, head);
    if (head)
      mst__sink_put(s, row, n_pairs + __popc(heads & ((1u << lane) - 1)), key[i],
                    run_length(key, i, n));
    n_pairs += __popc(heads);
  }
  return n_pairs;
}

__global__ void __launch_bounds__(MST__BLOCK)
    row_warp_kernel(const __grid_constant__ mst__cuda_rows v, const mst__cuda_row *list,
                    int64_t n_list, const __grid_constant__ mst__cuda_sink s) {
  __shared__ int32_t keys[MST__WARPS][MST__ROW_WARP];
  const int lane = (int)(threadIdx.x % MST__WARP), warp = (int)(threadIdx.x / MST__WARP);
  const int64_t k = (int64_t)blockIdx.x * MST__WARPS + warp;
  if (k >= n_list) return;
  const mst__cuda_row row = list ? list[k] : mst__row_at(v, k);
  if (row.n > MST__ROW_WARP) return;
  int32_t *key = keys[warp];
  int width = MST__WARP, n = 0;
  while (width < row.n) width *= 2;
  for (int i = lane; i < width; i += MST__WARP) {
    const int32_t id = i < row.n ? v.id[row.from + i] : -1;
    key[i] = id < 0 ? v.n_terms : id; /* behind all others */
    n += __popc(__ballot_sync(~0u, id >= 0));
  }
  __syncwarp();
  sort_by_warp(key, width, lane);
  const int n_pairs = put_runs(s, row.number, key, n, lane);
  if (lane == 0) mst__sink_end(s, row.number, n_pairs);
}

typedef cub::BlockRadixSort<uint32_t, MST__BLOCK, EACH> block_sort;

/* Sort the ids of a row into key; returns how many are not negative. */
__device__ static int sort_by_block(const mst__cuda_rows &v, const mst__cuda_row &row, int n_bits,
                                    int32_t *key, typename block_sort::TempStorage &storage) {
  uint32_t own[EACH];
  for (int k = 0; k < EACH; k++) {
    const int i = k * MST__BLOCK + (int)threadIdx.x; /* any order will do */
    const int32_t id = i < row.n ? v.id[row.from + i] : -1;
    own[k] = (uint32_t)(id < 0 ? v.n_terms : id);
  }
  block_sort(storage).Sort(own, 0, n_bits);
  for (int k = 0; k < EACH; k++) key[(int)threadIdx.x * EACH + k] = (int32_t)own[k];
  __syncthreads();
  int low = 0, high = (int)row.n;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (key[middle] < v.n_terms) low = middle + 1;
    else high = middle;
  }
  return low;
}

__global__ void __launch_bounds__(MST__BLOCK)
    row_block_kernel(const __grid_constant__ mst__cuda_rows v, const mst__cuda_row *list,
                     int n_bits, const __grid_constant__ mst__cuda_sink s) {
  __shared__ typename block_sort::TempStorage storage;
  __shared__ int32_t key[MST__ROW_BLOCK];
  __shared__ int before[MST__WARPS];
  const int lane = (int)(threadIdx.x % MST__WARP), warp = (int)(threadIdx.x / MST__WARP);
  const mst__cuda_row row = list[blockIdx.x];
  const int n = sort_by_block(v, row, n_bits, key, storage);
  int n_pairs = 0;
  for (int first = 0; first < n; first += MST__BLOCK) {
    const int i = first + (int)threadIdx.x;
    const int head = i < n && (i == 0 || key[i - 1] != key[i]);
    const unsigned heads = __ballot_sync(~0u, head);
    if (lane == 0) before[warp] = __popc(heads);
    const int n_heads = __syncthreads_count(head);
    int k = n_pairs + __popc(heads & ((1u << lane) - 1));
    for (int w = 0; w < warp; w++) k += before[w];
    if (head) mst__sink_put(s, row.number, k, key[i], run_length(key, i, n));
    n_pairs += n_heads;
    __syncthreads();
  }
  if (threadIdx.x == 0) mst__sink_end(s, row.number, n_pairs);
}

mst_status mst__cuda_rows_by_thread(mst_backend *backend, const mst__cuda_rows *v,
                                    const mst__cuda_sink *s) {
  return MST_LAUNCH(backend, row_thread_kernel, mst__cuda_blocks(v->n_rows, THREADS), THREADS, *v,
                    *s);
}

mst_status mst__cuda_rows_by_warp(mst_backend *backend, const mst__cuda_rows *v,
                                  const mst__cuda_row *d_list, int64_t n, const mst__cuda_sink *s) {
  return MST_LAUNCH(backend, row_warp_kernel, mst__cuda_blocks(n, MST__WARPS), MST__BLOCK, *v,
                    d_list, n, *s);
}

mst_status mst__cuda_rows_by_block(mst_backend *backend, const mst__cuda_rows *v,
                                   const mst__cuda_row *d_list, int64_t n,
                                   const mst__cuda_sink *s) {
  const int n_bits = mst__cuda_bits((uint64_t)v->n_terms + 1);
  return MST_LAUNCH(backend, row_block_kernel, n, MST__BLOCK, *v, d_list, n_bits, *s);
}
