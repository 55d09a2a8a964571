/* ngram_level.cu: the n-grams of length n from those of length n-1, by a radix sort of the pairs
 * (rank of the prefix, last unit) with their positions, by exactly the bits that a pair has.
 *
 * A level that does not fit the free memory is sorted in ranges of prefixes, the widest that fit.
 *
 * Block 256, a thread a position, grid positions / 256; shared memory below 64 bytes. Per position:
 * pair_count_kernel  1 + 4 read, an atomic a block
 * pair_kernel        1 + 4 + 4 read, 12 written, an atomic a block
 * radix sort         CUB: 8 read; per 8 bits 12 read and 12 written. 17 bits of words' units and as
 *                    many of prefixes are 5 rounds: 128
 * head_kernel        8 read, 4 written; scan 8
 * level_kernel       12 + 4 read, 4 written to anywhere (a sector of 32); 8 per distinct n-gram
 * so about 190 bytes a position and level with words (34 bits), 130 with characters. Launches: 4,
 * a scan and the sort. A level in several ranges reads 5 bytes a position more for each of the
 * about 30 steps of a bisection, and for each range.
 */
#include "cuda/ngram.cuh"

#include <cub/device/device_radix_sort.cuh>
#include <cub/device/device_scan.cuh>

/* Memory of one pair while its level is made: two keys, two positions; and, where all n-grams are
 * distinct, parent and unit, twice while they grow. */
enum { PAIR_BYTES = 2 * (8 + 4) + 2 * (4 + 4), LOW_BITS = 32 };

/* The pairs of level n whose prefixes are lo .. hi-1. From the highest bit on a key is what 32 bits
 * do not hold of the position (not sorted by), the prefix - lo, the unit. */
typedef struct pairs {
  int64_t n_positions;
  const uint8_t *left;
  const int32_t *id, *rank;
  int32_t n;
  int64_t lo, hi;
  int unit_bits, key_bits; /* at most 31, 62 */
} pairs;

/* Whether an n-gram of the range begins at position p. */
__device__ static int begins(const pairs &j, int64_t p) {
  return p < j.n_positions && j.left[p] >= j.n && j.rank[p] >= j.lo && j.rank[p] < j.hi;
}

__global__ void __launch_bounds__(MST__BLOCK)
    pair_count_kernel(const __grid_constant__ pairs j, unsigned long long *count) {
  const int n = __syncthreads_count(begins(j, mst__at()));
  if (threadIdx.x == 0 && n) atomicAdd(count, (unsigned long long)n);
}

__global__ void __launch_bounds__(MST__BLOCK)
    pair_kernel(const __grid_constant__ pairs j, unsigned long long *count, uint64_t *key,
                uint32_t *low) {
  const int64_t p = mst__at();
  const int mine = begins(j, p);
  const int64_t to = mst__place(mine, count);
  if (!mine) return;
  const uint64_t prefix = (uint64_t)(j.rank[p] - j.lo), unit = (uint64_t)j.id[p + j.n - 1];
  const uint64_t high = (uint64_t)p >> LOW_BITS;
  key[to] = high << j.key_bits | prefix << j.unit_bits | unit;
  low[to] = (uint32_t)p;
}

__device__ static uint64_t pair_of(const pairs &j, uint64_t key) {
  return key & (((uint64_t)1 << j.key_bits) - 1);
}

/* Sorted pairs. place [n + 1]: first 1 where an n-gram begins, then n-grams that begin before. */
typedef struct sorted_pairs {
  int64_t n;
  const uint64_t *key;
  const uint32_t *low;
  int32_t *place;
} sorted_pairs;

__global__ void __launch_bounds__(MST__BLOCK)
    head_kernel(const __grid_constant__ pairs j, const __grid_constant__ sorted_pairs s) {
  const int64_t i = mst__at();
  if (i > s.n) return;
  s.place[i] = i < s.n && (i == 0 || pair_of(j, s.key[i]) != pair_of(j, s.key[i - 1]));
}

/* base: n-grams of the ranges before. */
__global__ void __launch_bounds__(MST__BLOCK)
    level_kernel(const __grid_constant__ pairs j, const __grid_constant__ sorted_pairs s,
                 int64_t base, int32_t *next, int32_t *parent, int32_t *unit) {
  const int64_t i = mst__at();
  if (i >= s.n) return;
  const uint64_t high = s.key[i] >> j.key_bits << LOW_BITS;
  const int64_t gram = base + s.place[i + 1] - 1;
  next[high | s.low[i]] = (int32_t)gram;
  if (s.place[i + 1] == s.place[i]) return;
  const uint64_t pair = pair_of(j, s.key[i]);
  parent[gram] = (int32_t)(j.lo + (int64_t)(pair >> j.unit_bits));
  unit[gram] = (int32_t)(pair & (((uint64_t)1 << j.unit_bits) - 1));
}

static int64_t blocks(int64_t n) { return mst__cuda_blocks(n, MST__BLOCK); }

/* Pairs of j. */
static mst_status count_pairs(mst_backend *backend, const pairs &j, int64_t *n) {
  mst__cuda_scratch<unsigned long long> count(backend);
  unsigned long long found = 0;
  MST_TRY(count.alloc_zero(1));
  MST_TRY(MST_LAUNCH(backend, pair_count_kernel, blocks(j.n_positions), MST__BLOCK, j, count.ptr));
  MST_TRY(mst__cuda_fetch(backend, &found, count.ptr));
  *n = (int64_t)found;
  return MST_OK;
}

/* Set j->hi: from j->lo on as many prefixes, at least one, as have at most `most` pairs. n: those
 * pairs. If one prefix alone has more, allocating for them will tell. */
static mst_status choose_range(mst_backend *backend, pairs *j, int64_t n_prefixes, int64_t most,
                               int64_t *n) {
  int64_t low = j->lo + 1, high = n_prefixes;
  j->hi = high;
  MST_TRY(count_pairs(backend, *j, n));
  if (*n <= most) return MST_OK;
  while (low < high) {
    j->hi = low + (high - low + 1) / 2;
    MST_TRY(count_pairs(backend, *j, n));
    if (*n <= most) low = j->hi;
    else high = j->hi - 1;
  }
  j->hi = low;
  return count_pairs(backend, *j, n);
}

/* Make an array of a level longer. */
static mst_status grow(mst_backend *backend, int32_t **array, int64_t n_old, int64_t n) {
  mst__cuda_scratch<int32_t> longer(backend);
  MST_TRY(longer.alloc(n));
  if (n_old)
    MST_TRY(MST_CUDA(cudaMemcpyAsync(longer.ptr, *array, (size_t)n_old * sizeof **array,
                                     cudaMemcpyDeviceToDevice, mst__cuda(backend)->stream)));
  mst__cuda_free(backend, *array);
  *array = longer.take();
  return MST_OK;
}

/* Give the sorted pairs their n-grams' numbers, behind those that the level has. */
static mst_status number_pairs(mst__cuda_ranking *g, const pairs &j, const sorted_pairs &s,
                               int32_t *d_next) {
  mst_backend *backend = g->backend;
  mst__cuda_level *level = &g->level[j.n - 1];
  int32_t n_grams = 0;
  MST_TRY(MST_LAUNCH(backend, head_kernel, blocks(s.n + 1), MST__BLOCK, j, s));
  MST_TRY(MST_CUB(backend, cub::DeviceScan::ExclusiveSum, s.place, s.place, s.n + 1));
  MST_TRY(mst__cuda_fetch(backend, &n_grams, s.place + s.n));
  const int64_t base = level->n, total = base + n_grams;
  if (total > INT32_MAX) return MST_FAIL(MST_E_LIMIT, "more than 2^31-1 n-grams of length %d", j.n);
  MST_TRY(grow(backend, &level->parent, base, total));
  MST_TRY(grow(backend, &level->unit, base, total));
  level->n = total;
  return MST_LAUNCH(backend, level_kernel, blocks(s.n), MST__BLOCK, j, s, base, d_next,
                    level->parent, level->unit);
}

/* Sort and number the n pairs of j. */
static mst_status rank_range(mst__cuda_ranking *g, const pairs &j, int64_t n, int32_t *d_next) {
  mst_backend *backend = g->backend;
  mst__cuda_scratch<uint64_t> key(backend), key_2(backend);
  mst__cuda_scratch<uint32_t> low(backend), low_2(backend);
  mst__cuda_scratch<unsigned long long> count(backend);
  MST_TRY(count.alloc_zero(1));
  MST_TRY(key.alloc(n));
  MST_TRY(low.alloc(n + 1));
  MST_TRY(key_2.alloc(n));
  MST_TRY(low_2.alloc(n + 1));
  MST_TRY(MST_LAUNCH(backend, pair_kernel, blocks(j.n_positions), MST__BLOCK, j, count.ptr, key.ptr,
                     low.ptr));
  cub::DoubleBuffer<uint64_t> keys(key.ptr, key_2.ptr);
  cub::DoubleBuffer<uint32_t> lows(low.ptr, low_2.ptr);
  MST_TRY(MST_CUB(backend, cub::DeviceRadixSort::SortPairs, keys, lows, n, 0, j.key_bits));
  const sorted_pairs s = {n, keys.Current(), lows.Current(),
                          reinterpret_cast<int32_t *>(lows.Alternate())};
  return number_pairs(g, j, s, d_next);
}

mst_status mst__cuda_level_rank(mst__cuda_ranking *g, int32_t n, const int32_t *d_rank,
                                int32_t *d_next) {
  const int64_t n_prefixes = g->level[n - 2].n, n_positions = g->items.n_positions;
  const int unit_bits = mst__cuda_bits((uint64_t)g->items.n_units);
  if (mst__cuda_bits((uint64_t)n_positions) + unit_bits > 64)
    return MST_FAIL(MST_E_LIMIT, "%d distinct units at %lld positions are more than 2^64 together",
                    g->items.n_units, (long long)n_positions);
  const int64_t fit = mst__cuda_budget(g->backend) / PAIR_BYTES;
  const int64_t most = fit < 1 ? 1 : fit > INT32_MAX ? INT32_MAX : fit;
  pairs j = {n_positions, g->left.ptr, g->items.id,
             d_rank,      n,           0,
             0,           unit_bits,   unit_bits + mst__cuda_bits((uint64_t)n_prefixes)};
  for (; j.lo < n_prefixes; j.lo = j.hi) {
    int64_t n_pairs = 0;
    MST_TRY(choose_range(g->backend, &j, n_prefixes, most, &n_pairs));
    if (n_pairs) MST_TRY(rank_range(g, j, n_pairs, d_next));
  }
  if (g->level[n - 1].n) g->n_levels = n;
  return MST_OK;
}
