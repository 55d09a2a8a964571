/* sort_types.cu: distinct spellings in the order of their bytes.
 *
 * A radix sort by the first 7 bytes, with min(length, 8) as the key's last byte: of two spellings
 * whose 7 bytes (zeros behind the end) are the same, the shorter is the prefix of the other, so
 * NUL bytes inside a text sort as they must. Only spellings of 8 and more bytes can tie; those are
 * merge-sorted by whole spellings, 8 bytes a step until two differ, and put back into the places
 * that the ties hold: keys agree with the order, so a tie's places are those of its spellings.
 * That is one sort more at any length of the common prefix, where a radix sort per 8 bytes would
 * need thousands for two long equal texts.
 *
 * type_key_kernel    thread per spelling, block 256: 8 (place) + 16 (arena) read, 12 written
 * radix sort    CUB, 8 passes over 12 bytes, read and written
 * type_tie_kernel    8 to 24 bytes read, 1 written; select 5 read, 4 written per tie, twice
 * merge sort    about log2(ties) comparisons of 2 x 32 bytes per tie
 * type_place_kernel, type_rank_kernel   12 and 8 bytes
 * Launches: about 20, whatever the text; per distinct spelling, not per byte of text. No atomics.
 */
#include "cuda/intern.cuh"

#include <cub/device/device_merge_sort.cuh>
#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_select.cuh>

enum { BLOCK = 256, KEY_BYTES = 7 };

/* The first 8 bytes, the first byte highest. */
__device__ static uint64_t big_endian(uint64_t w) {
  const uint32_t low = __byte_perm((uint32_t)w, 0, 0x0123);
  const uint32_t high = __byte_perm((uint32_t)(w >> 32), 0, 0x0123);
  return (uint64_t)low << 32 | high;
}

__global__ void __launch_bounds__(BLOCK)
    type_key_kernel(const uint8_t *arena, const int64_t *type_start, int64_t n, uint64_t *key,
                    uint32_t *type) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i >= n) return;
  int64_t len;
  const uint8_t *p = mst__arena_at(arena, type_start[i], &len);
  const uint64_t w = len ? big_endian(mst__chunk(p, 0, len)) : 0;
  key[i] = (w & ~(uint64_t)0xff) | (uint64_t)(len <= KEY_BYTES ? len : KEY_BYTES + 1);
  type[i] = (uint32_t)i;
}

__global__ void __launch_bounds__(BLOCK)
    type_tie_kernel(const uint64_t *key, int64_t n, uint8_t *tied, uint32_t *place) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i >= n) return;
  tied[i] = (i > 0 && key[i - 1] == key[i]) || (i + 1 < n && key[i + 1] == key[i]);
  place[i] = (uint32_t)i;
}

__global__ void __launch_bounds__(BLOCK)
    type_place_kernel(const uint32_t *place, const uint32_t *type, int64_t n, uint32_t *order) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i < n) order[place[i]] = type[i];
}

__global__ void __launch_bounds__(BLOCK)
    type_rank_kernel(const uint32_t *order, int64_t n, uint32_t *rank) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i < n) rank[order[i]] = (uint32_t)i;
}

/* Spelling a before spelling b, by bytes, a prefix first. */
typedef struct spelling_before {
  const uint8_t *arena;
  const int64_t *type_start;

  __device__ bool operator()(uint32_t a, uint32_t b) const {
    int64_t n_a, n_b;
    const uint8_t *p = mst__arena_at(arena, type_start[a], &n_a);
    const uint8_t *q = mst__arena_at(arena, type_start[b], &n_b);
    const int64_t shared = n_a < n_b ? n_a : n_b;
    for (int64_t i = 0; i < shared; i += 8) {
      const uint64_t x = mst__chunk(p, i, shared), y = mst__chunk(q, i, shared);
      if (x != y) return big_endian(x) < big_endian(y);
    }
    return n_a < n_b;
  }
} spelling_before;

/* Put the spellings whose keys are the same in order. */
static mst_status sort_ties(const mst__cuda_table *t, const uint64_t *d_key, uint32_t *d_order) {
  mst_backend *backend = t->backend;
  const int64_t n = t->n_types, n_blocks = mst__cuda_blocks(n, BLOCK);
  mst__cuda_scratch<uint8_t> tied(backend);
  mst__cuda_scratch<uint32_t> all(backend), place(backend), type(backend);
  mst__cuda_scratch<int64_t> count(backend);
  MST_TRY(tied.alloc(n));
  MST_TRY(all.alloc(n));
  MST_TRY(place.alloc(n));
  MST_TRY(type.alloc(n));
  MST_TRY(count.alloc(1));
  MST_TRY(MST_LAUNCH(backend, type_tie_kernel, n_blocks, BLOCK, d_key, n, tied.ptr, all.ptr));
  MST_TRY(MST_CUB(backend, cub::DeviceSelect::Flagged, all.ptr, tied.ptr, place.ptr, count.ptr, n));
  MST_TRY(MST_CUB(backend, cub::DeviceSelect::Flagged, d_order, tied.ptr, type.ptr, count.ptr, n));
  int64_t n_tied = 0;
  MST_TRY(mst__cuda_fetch(backend, &n_tied, count.ptr));
  if (!n_tied) return MST_OK;
  const spelling_before less = {t->arena.ptr, t->type_start.ptr};
  MST_TRY(MST_CUB(backend, cub::DeviceMergeSort::SortKeys, type.ptr, n_tied, less));
  return MST_LAUNCH(backend, type_place_kernel, mst__cuda_blocks(n_tied, BLOCK), BLOCK, place.ptr,
                    type.ptr, n_tied, d_order);
}

mst_status mst__cuda_table_sort(const mst__cuda_table *t, uint32_t *d_order, uint32_t *d_rank) {
  mst_backend *backend = t->backend;
  const int64_t n = t->n_types, n_blocks = mst__cuda_blocks(n, BLOCK);
  if (!n) return MST_OK;
  mst__cuda_scratch<uint64_t> key(backend), sorted(backend);
  mst__cuda_scratch<uint32_t> type(backend);
  MST_TRY(key.alloc(n));
  MST_TRY(sorted.alloc(n));
  MST_TRY(type.alloc(n));
  MST_TRY(MST_LAUNCH(backend, type_key_kernel, n_blocks, BLOCK, t->arena.ptr, t->type_start.ptr, n,
                     key.ptr, type.ptr));
  MST_TRY(MST_CUB(backend, cub::DeviceRadixSort::SortPairs, key.ptr, sorted.ptr, type.ptr, d_order,
                  n, 0, 64));
  type.release();
  key.release();
  MST_TRY(sort_ties(t, sorted.ptr, d_order));
  return MST_LAUNCH(backend, type_rank_kernel, n_blocks, BLOCK, d_order, n, d_rank);
}
