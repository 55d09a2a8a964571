/* pinned.cu: memory of the host that a device copies into without a stop on the way, from a pool:
 * pinning a block costs about as much as a copy through it.
 *
 * A block belongs to whoever has it until mst_free, also when all backends are closed. What is
 * given back waits in the pool for the next one of its size while any backend is open, as long as
 * no more than KEPT_BYTES wait. Blocks below FEWEST_BYTES, and all where the system pins no more,
 * are ordinary memory: their copies are slower, their bytes the same.
 */
#include "cuda/device.cuh"

#include <pthread.h>

enum { MOST_BLOCKS = 256, FEWEST_BYTES = 1 << 16 };
#define KEPT_BYTES ((size_t)4 << 30)

typedef struct pinned_block {
  void *ptr;
  size_t n_bytes;
  int is_out; /* somebody has it */
} pinned_block;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pinned_block blocks[MOST_BLOCKS]; /* [n_blocks], under the mutex, as is all below */
static int n_blocks, n_open;
static size_t kept_bytes; /* of those that nobody has */

void mst__cuda_pinned_open(void) {
  (void)pthread_mutex_lock(&mutex);
  n_open++;
  (void)pthread_mutex_unlock(&mutex);
}

/* Forget block i and unpin it. */
static void unpin(int i) {
  void *ptr = blocks[i].ptr;
  if (!blocks[i].is_out) kept_bytes -= blocks[i].n_bytes;
  blocks[i] = blocks[--n_blocks];
  if (cudaFreeHost(ptr) != cudaSuccess) (void)cudaGetLastError(); /* the device is lost */
}

void mst__cuda_pinned_close(void) {
  (void)pthread_mutex_lock(&mutex);
  n_open--;
  for (int i = n_blocks - 1; i >= 0 && !n_open; i--)
    if (!blocks[i].is_out) unpin(i);
  (void)pthread_mutex_unlock(&mutex);
}

/* mst_free's part for a block of the pool. */
static void give_back(void *ptr) {
  (void)pthread_mutex_lock(&mutex);
  int i = 0;
  while (blocks[i].ptr != ptr) i++;
  if (!n_open || kept_bytes + blocks[i].n_bytes > KEPT_BYTES) {
    unpin(i);
  } else {
    blocks[i].is_out = 0;
    kept_bytes += blocks[i].n_bytes;
  }
  (void)pthread_mutex_unlock(&mutex);
}

/* The smallest block that waits and is not more than twice too large, or -1. */
static int find_kept(size_t n_bytes) {
  int best = -1;
  for (int i = 0; i < n_blocks; i++)
    if (!blocks[i].is_out && blocks[i].n_bytes >= n_bytes && blocks[i].n_bytes / 2 <= n_bytes &&
        (best < 0 || blocks[i].n_bytes < blocks[best].n_bytes))
      best = i;
  return best;
}

/* Under the mutex. NULL: there is no more. */
static void *take(size_t n_bytes) {
  int i = find_kept(n_bytes);
  if (i >= 0) {
    kept_bytes -= blocks[i].n_bytes;
  } else {
    void *ptr = NULL;
    if (n_blocks == MOST_BLOCKS) return NULL;
    if (cudaMallocHost(&ptr, n_bytes) != cudaSuccess) {
      (void)cudaGetLastError();
      return NULL;
    }
    i = n_blocks++;
    blocks[i].ptr = ptr;
    blocks[i].n_bytes = n_bytes;
  }
  blocks[i].is_out = 1;
  return blocks[i].ptr;
}

void *mst__cuda_alloc_host(mst_backend *backend, size_t count, size_t size) {
  size_t n_bytes = 0;
  (void)backend;
  if (__builtin_mul_overflow(count, size, &n_bytes) || n_bytes < FEWEST_BYTES)
    return mst_alloc(count, size);
  (void)pthread_mutex_lock(&mutex);
  void *ptr = take(n_bytes);
  (void)pthread_mutex_unlock(&mutex);
  if (!ptr) return mst_alloc(count, size);
  if (!mst_alloc_adopt(ptr, give_back)) return ptr;
  give_back(ptr);
  return NULL;
}
