/* counts.cuh: what the way from tokens to matrices shares: from a position to the item that holds
 * it, places for what is kept, memory for one batch. Internal.
 *
 * Items have any length, so work is cut by positions, a thread each, and a thread finds its item by
 * bisection between the first and the last item of its block: neither short nor long items leave
 * threads without work.
 */
#ifndef MISSTEP_CUDA_COUNTS_CUH
#define MISSTEP_CUDA_COUNTS_CUH

#include "cuda/device.cuh"

enum { MST__WARP = 32, MST__BLOCK = 256, MST__WARPS = MST__BLOCK / MST__WARP };

/* Bits that hold 0 .. n-1; at least 1. */
static inline int mst__cuda_bits(uint64_t n) { return n > 2 ? 64 - __builtin_clzll(n - 1) : 1; }

/* Bytes that one step may take: nearly all that is free, or what a test allows. */
static inline int64_t mst__cuda_budget(const mst_backend *backend) {
  const int64_t forced = mst__cuda(backend)->batch_bytes;
  return forced ? forced : mst__cuda_free_bytes(backend) / 10 * 9;
}

/* Wait for all work: the end of an operation, where a kernel's fault is told. */
static inline mst_status mst__cuda_wait(mst_backend *backend) {
  return MST_CUDA(cudaStreamSynchronize(mst__cuda(backend)->stream));
}

/* This thread's place in a grid of blocks of MST__BLOCK. */
__device__ static inline int64_t mst__at(void) {
  return (int64_t)blockIdx.x * MST__BLOCK + threadIdx.x;
}

/* An item, and its positions: from .. end-1. */
typedef struct mst__span {
  int64_t item, from, end;
} mst__span;

/* The item that holds position `at` = origin + mst__at(): the last i with ptr[i] <= at. A thread
 * whose position is behind the end gets one of no meaning. All threads of a block of MST__BLOCK
 * call it together, once a kernel. 2 KiB of shared memory hold the bounds of the block's items,
 * unless most of them are empty.
 *   ptr  [n_items + 1], n_items >= 1 */
__device__ static inline mst__span mst__owner(const int64_t *ptr, int64_t n_items, int64_t origin) {
  __shared__ int64_t range[2], bound[MST__BLOCK + 1];
  if (threadIdx.x < 2) {
    const int64_t edge = origin + (int64_t)blockIdx.x * MST__BLOCK + threadIdx.x * (MST__BLOCK - 1);
    const int64_t item = mst__below(ptr, n_items + 1, edge, 1) - 1;
    range[threadIdx.x] = item < n_items ? item : n_items - 1;
  }
  __syncthreads();
  const int64_t first = range[0], n = range[1] - first + 1, at = origin + mst__at();
  const int64_t *own = ptr + first;
  if (n <= MST__BLOCK) {
    for (int64_t k = threadIdx.x; k <= n; k += MST__BLOCK) bound[k] = own[k];
    __syncthreads();
    own = bound;
  }
  const int64_t i = mst__below(own, n, at, 1) - 1;
  return {first + i, own[i], own[i + 1]};
}

/* Places for those threads of a block that want one, from *counter on. The order of blocks is that
 * of their arrival: only for lists whose order matters to nobody. All threads call it together,
 * once a kernel. */
__device__ static inline int64_t mst__place(int wanted, unsigned long long *counter) {
  __shared__ int before[MST__WARPS];
  __shared__ unsigned long long from;
  const unsigned votes = __ballot_sync(~0u, wanted);
  const int lane = (int)(threadIdx.x % MST__WARP), warp = (int)(threadIdx.x / MST__WARP);
  if (lane == 0) before[warp] = __popc(votes);
  __syncthreads();
  if (threadIdx.x == 0) {
    int n = 0;
    for (int w = 0; w < MST__WARPS; w++) {
      const int here = before[w];
      before[w] = n;
      n += here;
    }
    from = n ? atomicAdd(counter, (unsigned long long)n) : 0;
  }
  __syncthreads();
  return (int64_t)from + before[warp] + __popc(votes & ((1u << lane) - 1));
}

/* Set a flag that many threads set. */
__device__ static inline void mst__flag(int32_t *flag) {
  if (!*(volatile int32_t *)flag) atomicExch(flag, 1);
}

/* items.cu: lay out room for the n-grams of every item, as mst_ngrams_layout does.
 *   ptr, id  made here
 * MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst__cuda_ngrams_layout(const mst_sequences *items, int32_t n_min, int32_t n_max,
                                   int whole, mst__cuda_scratch<int64_t> *ptr,
                                   mst__cuda_scratch<int32_t> *id, int64_t *n_grams);

/* items.cu: lengths in d_ptr[0 .. n) become the offsets [n + 1] of what they measure. *total,
 * unless NULL, is the last one. MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst__cuda_sum_up(mst_backend *backend, int64_t *d_ptr, int64_t n, int64_t *total);

#endif
