/* ngram.cu: number n-grams level by level. The rank of an n-gram is that of the pair (rank of its
 * first n-1 units, last unit), so one sort a level (ngram_level.cu) gives dense ranks in the order
 * of the tuples, and no spelling is ever looked at.
 *
 * Block 256, a thread a position, grid positions / 256; 2 KiB of shared memory. Per position:
 * left_kernel          1 written (the items' ptr from caches)
 * unit_flag_kernel     4 read, an atomic per unit
 * unit_rank_kernel     4 + 4 read, 4 written
 * level_store_kernel   each level: 1 + 4 read, 4 written
 * Per unit 12. Launches: 5 and a scan, and 1 a level.
 */
#include "cuda/ngram.cuh"

#include <cub/device/device_scan.cuh>

#include "body/ngram.h"

__global__ void __launch_bounds__(MST__BLOCK)
    left_kernel(const int64_t *ptr, int64_t n_items, int64_t n_positions, uint8_t *left) {
  const int64_t p = mst__at(), n = mst__owner(ptr, n_items, 0).end - p;
  if (p >= n_positions) return;
  left[p] = (uint8_t)(n < UINT8_MAX ? n : UINT8_MAX);
}

__global__ void __launch_bounds__(MST__BLOCK)
    unit_flag_kernel(const int32_t *id, int64_t n, int32_t *used) {
  if (mst__at() < n) mst__flag(&used[id[mst__at()]]);
}

/* place [n_units + 1]: used units before each. */
__global__ void __launch_bounds__(MST__BLOCK)
    unit_list_kernel(const int32_t *place, int64_t n_units, int32_t *unit) {
  const int64_t u = mst__at();
  if (u < n_units && place[u] != place[u + 1]) unit[place[u]] = (int32_t)u;
}

__global__ void __launch_bounds__(MST__BLOCK)
    unit_rank_kernel(const int32_t *id, const int32_t *place, int64_t n, int32_t *rank) {
  const int64_t p = mst__at();
  if (p < n) rank[p] = place[id[p]];
}

/* What level_store_kernel reads. */
typedef struct store {
  const int64_t *ptr;
  int64_t n_items, n_positions;
  const uint8_t *left;
  const int32_t *rank;
  int32_t n_min, n;
  const int64_t *gram_ptr;
  int32_t *is_term; /* or NULL: shorter items are no n-grams */
} store;

/* Copy the ranks of level n from positions to the lists of the items. */
__global__ void __launch_bounds__(MST__BLOCK)
    level_store_kernel(const __grid_constant__ store s, int32_t *gram_id) {
  const mst__span o = mst__owner(s.ptr, s.n_items, 0);
  const int64_t p = mst__at(), len = o.end - o.from;
  if (p >= s.n_positions || s.left[p] < s.n) return;
  if (s.n >= s.n_min) {
    gram_id[s.gram_ptr[o.item] + mst_body_ngram_offset(len, s.n_min, s.n) + p - o.from] = s.rank[p];
  } else if (s.is_term && len == s.n) {
    gram_id[s.gram_ptr[o.item]] = s.rank[p];
    mst__flag(&s.is_term[s.rank[p]]);
  }
}

static int64_t blocks(int64_t n) { return mst__cuda_blocks(n, MST__BLOCK); }

static mst_status store_level(mst__cuda_ranking *g, int32_t n, const int32_t *d_rank) {
  mst__cuda_level *level = &g->level[n - 1];
  const int64_t n_positions = g->items.n_positions;
  if (g->whole && n < g->n_min) {
    mst__cuda_scratch<int32_t> is_term(g->backend);
    MST_TRY(is_term.alloc_zero(level->n));
    level->is_term = is_term.take();
  }
  const store s = {g->items.ptr,    g->items.n_items, n_positions, g->left.ptr, d_rank, g->n_min, n,
                   g->gram_ptr.ptr, level->is_term};
  return MST_LAUNCH(g->backend, level_store_kernel, blocks(n_positions), MST__BLOCK, s,
                    g->gram_id.ptr);
}

/* Level 1: the units that occur, densely renumbered in their order. */
static mst_status rank_units(mst__cuda_ranking *g, int32_t *d_rank) {
  mst_backend *backend = g->backend;
  const int64_t n_units = g->items.n_units, n_positions = g->items.n_positions;
  mst__cuda_scratch<int32_t> used(backend), place(backend), unit(backend);
  int32_t n = 0;
  MST_TRY(used.alloc_zero(n_units + 1));
  MST_TRY(place.alloc(n_units + 1));
  MST_TRY(MST_LAUNCH(backend, unit_flag_kernel, blocks(n_positions), MST__BLOCK, g->items.id,
                     n_positions, used.ptr));
  MST_TRY(MST_CUB(backend, cub::DeviceScan::ExclusiveSum, used.ptr, place.ptr, n_units + 1));
  MST_TRY(mst__cuda_fetch(backend, &n, place.ptr + n_units));
  MST_TRY(unit.alloc(n));
  MST_TRY(MST_LAUNCH(backend, unit_list_kernel, blocks(n_units), MST__BLOCK, place.ptr, n_units,
                     unit.ptr));
  g->level[0].n = n;
  g->level[0].unit = unit.take();
  g->n_levels = 1;
  return MST_LAUNCH(backend, unit_rank_kernel, blocks(n_positions), MST__BLOCK, g->items.id,
                    place.ptr, n_positions, d_rank);
}

/* All levels. */
static mst_status rank_levels(mst__cuda_ranking *g) {
  mst_backend *backend = g->backend;
  const int64_t n_positions = g->items.n_positions;
  mst__cuda_scratch<int32_t> first(backend), second(backend);
  MST_TRY(g->left.alloc(n_positions));
  MST_TRY(first.alloc(n_positions));
  MST_TRY(MST_LAUNCH(backend, left_kernel, blocks(n_positions), MST__BLOCK, g->items.ptr,
                     g->items.n_items, n_positions, g->left.ptr));
  MST_TRY(rank_units(g, first.ptr));
  MST_TRY(store_level(g, 1, first.ptr));
  if (g->n_max > 1) MST_TRY(second.alloc(n_positions));
  int32_t *d_rank = first.ptr, *d_next = second.ptr;
  for (int32_t n = 2; n <= g->n_max; n++) {
    MST_TRY(mst__cuda_level_rank(g, n, d_rank, d_next));
    if (g->n_levels < n) break;
    MST_TRY(store_level(g, n, d_next));
    int32_t *swap = d_rank;
    d_rank = d_next;
    d_next = swap;
  }
  return MST_OK;
}

mst_status mst__cuda_ngrams_rank(mst_backend *backend, const mst_sequences *items, int32_t n_min,
                                 int32_t n_max, int whole, mst_grams *grams,
                                 mst_gram_table *table) {
  mst__cuda_ranking g(backend, items, n_min, n_max, whole);
  MST_TRY(mst__cuda_ngrams_layout(items, n_min, n_max, whole, &g.gram_ptr, &g.gram_id, &g.n_grams));
  MST_TRY(rank_levels(&g));
  MST_TRY(mst__cuda_ngrams_order(&g, table));
  *grams = {items->n_items, g.gram_ptr.take(), g.gram_id.take(), g.n_grams, backend};
  return MST_OK;
}
