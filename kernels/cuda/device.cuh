/* device.cuh: what every .cu of this folder shares: the backend's state, checked calls and
 * launches, and scratch memory that frees itself. Internal.
 *
 * All work is put on state->stream; state->copy only brings text in. Memory comes from the device's
 * stream-ordered pool, so an allocation costs no wait after the first run of its size.
 *
 *     mst__cuda_scratch<int32_t> d_count(backend);
 *     MST_TRY(d_count.alloc(n));
 *     MST_TRY(MST_LAUNCH(backend, count_kernel, mst__cuda_blocks(n, 256), 256, d_count.ptr, n));
 *     MST_TRY(MST_CUB(backend, cub::DeviceScan::ExclusiveSum, d_count.ptr, d_at.ptr, n));
 *     return MST_CUDA(cudaStreamSynchronize(mst__cuda(backend)->stream));
 */
#ifndef MISSTEP_CUDA_DEVICE_CUH
#define MISSTEP_CUDA_DEVICE_CUH

#include <cuda_runtime.h>

#include "cuda/operations.h"
#include "misstep/alloc.h"

/* Code points first .. last, above 0xffff, are of one class (mst_piece_kind). */
typedef struct mst__class_range {
  int32_t first, last, kind;
} mst__class_range;

typedef struct mst__cuda_state {
  int device;
  cudaStream_t stream;        /* all work */
  cudaStream_t copy;          /* text on its way to the device */
  int64_t batch_bytes;        /* text of one batch; 0: from the free memory. MST_CUDA_BATCH_BYTES */
  int64_t block_entries;      /* of a matrix, for one call of cuSPARSE. MST_CUDA_BLOCK_ENTRIES */
  uint64_t hash_mask;         /* all ones; a test leaves few. MST_CUDA_HASH_MASK */
  uint8_t *d_bmp;             /* [0x10000] class of every code point below 0x10000 */
  mst__class_range *d_ranges; /* [n_ranges] rising; what is in none is MST_PIECE_OTHER */
  int n_ranges;
  int64_t n_refused; /* allocations that found no room so far */
} mst__cuda_state;

static inline mst__cuda_state *mst__cuda(const mst_backend *backend) {
  return static_cast<mst__cuda_state *>(backend->state);
}

/* Record why a CUDA call failed: MST_E_NOMEM for memory, else MST_E_DEVICE with the call's text and
 * CUDA's words. MST_OK stays MST_OK. */
mst_status mst__cuda_check(cudaError_t error, const char *call, const char *function);

/* Allocate count * size bytes of the pool. MST_E_NOMEM says how much was wanted and is free. */
mst_status mst__cuda_take(const mst_backend *backend, void **out, size_t count, size_t size,
                          const char *function);

/* pinned.cu: a backend is there, and no longer: the pool of pinned memory lasts as long as any. */
void mst__cuda_pinned_open(void);
void mst__cuda_pinned_close(void);

/* Bytes that can still be allocated: the device's, and what the pool keeps unused. */
int64_t mst__cuda_free_bytes(const mst_backend *backend);

/* Leave the function with the status of an expression that failed. */
#define MST_TRY(expression)                                                                        \
  do {                                                                                             \
    const mst_status st_ = (expression);                                                           \
    if (st_ != MST_OK) return st_;                                                                 \
  } while (0)

/* A call of the CUDA runtime as a status. */
#define MST_CUDA(call) mst__cuda_check((call), #call, __func__)

/* Blocks of n_threads for n things. */
static inline int64_t mst__cuda_blocks(int64_t n, int n_threads) {
  return (n + n_threads - 1) / n_threads;
}

/* Put a kernel on the backend's stream; no blocks: nothing to do. A status. */
#define MST_LAUNCH(backend, kernel, n_blocks, n_threads, ...)                                      \
  mst__cuda_launch((n_blocks),                                                                     \
                   [&](unsigned n_blocks_) {                                                       \
                     kernel<<<n_blocks_, (n_threads), 0, mst__cuda(backend)->stream>>>(            \
                         __VA_ARGS__);                                                             \
                   },                                                                              \
                   #kernel, __func__)

template <typename F>
static inline mst_status mst__cuda_launch(int64_t n_blocks, F launch, const char *kernel,
                                          const char *function) {
  if (n_blocks == 0) return MST_OK;
  if (n_blocks > INT32_MAX)
    return mst_error_set(MST_E_LIMIT, function, "%s: more than 2^31-1 blocks", kernel);
  launch((unsigned)n_blocks);
  return mst__cuda_check(cudaGetLastError(), kernel, function);
}

/* Device memory that goes back to the pool at the end of its scope, in the stream's order. */
template <typename T> struct mst__cuda_scratch {
  mst_backend *backend;
  T *ptr = nullptr;

  explicit mst__cuda_scratch(mst_backend *backend) : backend(backend) {}
  mst__cuda_scratch(const mst__cuda_scratch &) = delete;
  mst__cuda_scratch &operator=(const mst__cuda_scratch &) = delete;
  ~mst__cuda_scratch() { release(); }

  /* Room for count things, uninitialised, instead of what was here. MST_E_NOMEM. */
  mst_status alloc(int64_t count) {
    release();
    void *block = nullptr;
    const mst_status st = mst__cuda_take(backend, &block, (size_t)count, sizeof(T), __func__);
    ptr = static_cast<T *>(block);
    return st;
  }
  /* The same, all bytes zero. */
  mst_status alloc_zero(int64_t count) {
    MST_TRY(alloc(count));
    return MST_CUDA(cudaMemsetAsync(ptr, 0, (size_t)count * sizeof(T), mst__cuda(backend)->stream));
  }
  void release() {
    mst__cuda_free(backend, ptr);
    ptr = nullptr;
  }
  /* Hand the memory on; it is no longer freed here. */
  T *take() {
    T *taken = ptr;
    ptr = nullptr;
    return taken;
  }
};

/* Run a function of CUB with its temporary storage, on the backend's stream: the arguments are
 * those between the storage and the stream. A status. */
#define MST_CUB(backend, function, ...)                                                            \
  mst__cuda_cub((backend),                                                                         \
                [&](void *storage_, size_t &bytes_) {                                              \
                  return function(storage_, bytes_, __VA_ARGS__, mst__cuda(backend)->stream);      \
                },                                                                                 \
                #function, __func__)

template <typename F>
static inline mst_status mst__cuda_cub(mst_backend *backend, F run, const char *call,
                                       const char *function) {
  size_t bytes = 0;
  MST_TRY(mst__cuda_check(run(nullptr, bytes), call, function));
  mst__cuda_scratch<uint8_t> d_storage(backend);
  MST_TRY(d_storage.alloc((int64_t)bytes));
  return mst__cuda_check(run(d_storage.ptr, bytes), call, function);
}

/* Fetch one thing from the device, after all work before it. */
template <typename T>
static inline mst_status mst__cuda_fetch(mst_backend *backend, T *host, const T *d_from) {
  return mst__cuda_to_host(backend, host, d_from, sizeof *host);
}

/* Copy an array of n things to new memory of the host; *host is owned by the caller. */
template <typename T>
static inline mst_status mst__cuda_fetch_array(mst_backend *backend, const T *d_from, int64_t n,
                                               T **host) {
  *host = static_cast<T *>(mst_alloc((size_t)n, sizeof(T)));
  if (!*host) return MST_E_NOMEM;
  return mst__cuda_to_host(backend, *host, d_from, (size_t)n * sizeof(T));
}

/* Copy an array of n things to the device. */
template <typename T>
static inline mst_status mst__cuda_send_array(mst__cuda_scratch<T> *d_to, const T *host,
                                              int64_t n) {
  MST_TRY(d_to->alloc(n));
  return mst__cuda_to_home(d_to->backend, d_to->ptr, host, (size_t)n * sizeof(T));
}

/* Number of x[0 .. n) (rising) that are below y, or at most y. */
__device__ static inline int64_t mst__below(const int64_t *x, int64_t n, int64_t y, int or_equal) {
  int64_t low = 0, high = n;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (x[middle] < y || (or_equal && x[middle] == y)) low = middle + 1;
    else high = middle;
  }
  return low;
}

#endif
