/* find.cu: n-grams to the terms of a vocabulary. An n-gram is found by as many steps as it has
 * units, each one look into a table of (node, unit) pairs; a thread goes from one position through
 * all lengths, so each step is done once.
 *
 * gram_find_kernel  block 256, a thread a position; per position 4 + 4 read, and per step 8 (edge
 *                   key, a sector of 32) + 4 (node) + 4 (term) read from anywhere, 4 written; 2
 *                   KiB of shared memory, no atomics. To the device: 12 bytes a slot of the
 *                   table, 4 a node and a unit, at every call. Launches: 2 and a scan.
 */
#include "cuda/counts.cuh"

#include "body/ngram.h"

/* A tree, and items to look up. */
typedef struct search {
  mst_gram_tree tree;  /* its arrays are the device's */
  const int32_t *unit; /* [n_units] the tree's unit of each of the items' units, or -1 */
  mst_sequences items;
  int32_t n_min, n_max;
  int whole;
  const int64_t *gram_ptr;
} search;

__device__ static int32_t step(const mst_gram_tree &tree, int32_t node, int32_t unit) {
  const uint64_t key = (uint64_t)(uint32_t)node << 32 | (uint32_t)unit;
  uint64_t at = key * 0x9E3779B97F4A7C15u >> tree.edge_shift;
  while (tree.edge_key[at] != key && tree.edge_key[at] != UINT64_MAX)
    at = (at + 1) & tree.edge_mask;
  return tree.edge_key[at] == key ? tree.edge_node[at] : -1;
}

/* A whole item that is shorter than n_min. */
__device__ static int32_t find_whole(const search &s, int64_t from, int64_t end) {
  int32_t node = s.unit[s.items.id[from]];
  for (int64_t p = from + 1; p < end && node >= 0; p++) {
    const int32_t unit = s.unit[s.items.id[p]];
    node = unit < 0 ? -1 : step(s.tree, node, unit);
  }
  return node < 0 ? -1 : s.tree.term[node];
}

__global__ void __launch_bounds__(MST__BLOCK)
    gram_find_kernel(const __grid_constant__ search s, int32_t *gram_id) {
  const mst__span o = mst__owner(s.items.ptr, s.items.n_items, 0);
  const int64_t p = mst__at(), len = o.end - o.from;
  if (p >= s.items.n_positions) return;
  int32_t *list = gram_id + s.gram_ptr[o.item];
  if (len < s.n_min) {
    if (s.whole && p == o.from) *list = find_whole(s, o.from, o.end);
    return;
  }
  int32_t node = s.unit[s.items.id[p]];
  for (int32_t n = 1; n <= s.n_max && p + n <= o.end; n++) {
    if (n > 1 && node >= 0) {
      const int32_t unit = s.unit[s.items.id[p + n - 1]];
      node = unit < 0 ? -1 : step(s.tree, node, unit);
    }
    if (n >= s.n_min)
      list[mst_body_ngram_offset(len, s.n_min, n) + p - o.from] = node < 0 ? -1 : s.tree.term[node];
  }
}

mst_status mst__cuda_ngrams_find(mst_backend *backend, const mst_sequences *items,
                                 const mst_gram_tree *tree, const int32_t *unit_map, int32_t n_min,
                                 int32_t n_max, int whole, mst_grams *grams) {
  mst__cuda_scratch<int32_t> term(backend), edge_node(backend), unit(backend), id(backend);
  mst__cuda_scratch<uint64_t> edge_key(backend);
  mst__cuda_scratch<int64_t> ptr(backend);
  const int64_t n_slots = (int64_t)tree->edge_mask + 1;
  int64_t n_grams = 0;
  MST_TRY(mst__cuda_send_array(&term, tree->term, tree->n_nodes));
  MST_TRY(mst__cuda_send_array(&edge_key, tree->edge_key, n_slots));
  MST_TRY(mst__cuda_send_array(&edge_node, tree->edge_node, n_slots));
  MST_TRY(mst__cuda_send_array(&unit, unit_map, items->n_units));
  MST_TRY(mst__cuda_ngrams_layout(items, n_min, n_max, whole, &ptr, &id, &n_grams));
  search s = {*tree, unit.ptr, *items, n_min, n_max, whole, ptr.ptr};
  s.tree.term = term.ptr;
  s.tree.edge_key = edge_key.ptr;
  s.tree.edge_node = edge_node.ptr;
  MST_TRY(MST_LAUNCH(backend, gram_find_kernel, mst__cuda_blocks(items->n_positions, MST__BLOCK),
                     MST__BLOCK, s, id.ptr));
  MST_TRY(mst__cuda_wait(backend));
  *grams = {items->n_items, ptr.take(), id.take(), n_grams, backend};
  return MST_OK;
}
