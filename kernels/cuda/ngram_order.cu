/* ngram_order.cu: one order over n-grams of all lengths. Joined spellings sort as a walk through
 * the tree of prefixes does, parents first; so a node's number is its parent's, plus one, plus the
 * sizes of the siblings' trees before it. Siblings stand together, so those sizes are a difference
 * of two places of one scan over the level.
 *
 * Block 256, a thread a node (apply: a position), no shared memory to speak of. Per node:
 * tree_one_kernel     4 written;  tree_add_kernel  8 read, an atomic on the parent
 * scan 8;  tree_base_kernel  8 read, 4 + 4 to anywhere per parent
 * tree_number_kernel  8 read, 4 from the parent, 4 written
 * tree_node_kernel    12 + 4 read, 12 written to anywhere
 * tree_term_kernel    8 read, 4 written;  tree_id_kernel  4 + 4 read, 4 written
 * gram_apply_kernel   per n-gram of the text 4 + 4 read, 4 written
 * To the host: 8 bytes a node, 4 a term. Launches: 9 a level.
 */
#include "cuda/ngram.cuh"

#include <cub/device/device_scan.cuh>

#include "body/ngram.h"

__global__ void __launch_bounds__(MST__BLOCK) tree_one_kernel(int32_t *size, int64_t n) {
  if (mst__at() < n) size[mst__at()] = 1;
}

__global__ void __launch_bounds__(MST__BLOCK)
    tree_add_kernel(const int32_t *parent, const int32_t *size, int64_t n, int32_t *parent_size) {
  const int64_t i = mst__at();
  if (i < n) atomicAdd(&parent_size[parent[i]], size[i]);
}

/* before: nodes of all trees of the level before each. base[p]: what a child of p adds to that. */
__global__ void __launch_bounds__(MST__BLOCK)
    tree_base_kernel(const int32_t *parent, const int32_t *before, int64_t n, const int32_t *number,
                     int32_t *base) {
  const int64_t i = mst__at();
  if (i >= n || (i && parent[i] == parent[i - 1])) return;
  base[parent[i]] = number[parent[i]] + 1 - before[i];
}

__global__ void __launch_bounds__(MST__BLOCK)
    tree_number_kernel(const int32_t *parent, const int32_t *before, const int32_t *base, int64_t n,
                       int32_t *number) {
  const int64_t i = mst__at();
  if (i < n) number[i] = before[i] + (parent ? base[parent[i]] : 0);
}

/* The device's part of a table. */
typedef struct tree {
  int32_t *parent, *unit; /* [n_nodes] */
  int32_t *is_term;       /* [n_nodes + 1], the last 0 */
} tree;

/* above: numbers of the level above, NULL for the first; all: every n-gram of the level is a
 * term. */
__global__ void __launch_bounds__(MST__BLOCK)
    tree_node_kernel(const __grid_constant__ mst__cuda_level l, const int32_t *above, int all,
                     const __grid_constant__ tree t) {
  const int64_t i = mst__at();
  if (i >= l.n) return;
  const int32_t node = l.map[i];
  t.parent[node] = above ? above[l.parent[i]] : -1;
  t.unit[node] = l.unit[i];
  t.is_term[node] = all || (l.is_term && l.is_term[i]);
}

/* term [n_nodes + 1]: terms before each node. */
__global__ void __launch_bounds__(MST__BLOCK)
    tree_term_kernel(const int32_t *term, int64_t n_nodes, int32_t *term_node) {
  const int64_t node = mst__at();
  if (node < n_nodes && term[node] != term[node + 1]) term_node[term[node]] = (int32_t)node;
}

__global__ void __launch_bounds__(MST__BLOCK)
    tree_id_kernel(const int32_t *term, int64_t n, int32_t *map) {
  const int64_t i = mst__at();
  if (i < n) map[i] = term[map[i]];
}

/* What gram_apply_kernel reads. */
typedef struct apply {
  const int64_t *ptr;
  int64_t n_items, n_positions;
  int32_t n_min, n_max;
  int whole;
  const int64_t *gram_ptr;
  const int32_t *map[MST_NGRAM_LIMIT];
} apply;

/* Ranks within levels become ids. */
__global__ void __launch_bounds__(MST__BLOCK)
    gram_apply_kernel(const __grid_constant__ apply a, int32_t *gram_id) {
  const mst__span o = mst__owner(a.ptr, a.n_items, 0);
  const int64_t p = mst__at(), len = o.end - o.from;
  if (p >= a.n_positions) return;
  int32_t *list = gram_id + a.gram_ptr[o.item];
  if (len < a.n_min) {
    if (a.whole && p == o.from) *list = a.map[len - 1][*list];
    return;
  }
  for (int32_t n = a.n_min; n <= a.n_max && p + n <= o.end; n++) {
    int32_t *id = list + mst_body_ngram_offset(len, a.n_min, n) + p - o.from;
    *id = a.map[n - 1][*id];
  }
}

static int64_t blocks(int64_t n) { return mst__cuda_blocks(n, MST__BLOCK); }

/* map of every level: the number of nodes in each node's tree. */
static mst_status tree_sizes(mst__cuda_ranking *g, int64_t *n_nodes) {
  *n_nodes = 0;
  for (int32_t k = 0; k < g->n_levels; k++) {
    mst__cuda_level *l = &g->level[k];
    mst__cuda_scratch<int32_t> map(g->backend);
    MST_TRY(map.alloc(l->n));
    l->map = map.take();
    MST_TRY(MST_LAUNCH(g->backend, tree_one_kernel, blocks(l->n), MST__BLOCK, l->map, l->n));
    *n_nodes += l->n;
  }
  if (*n_nodes > INT32_MAX) return MST_FAIL(MST_E_LIMIT, "more than 2^31-1 n-grams and prefixes");
  for (int32_t k = g->n_levels - 1; k > 0; k--) {
    const mst__cuda_level *l = &g->level[k];
    MST_TRY(MST_LAUNCH(g->backend, tree_add_kernel, blocks(l->n), MST__BLOCK, l->parent, l->map,
                       l->n, g->level[k - 1].map));
  }
  return MST_OK;
}

/* map of every level: from sizes to node numbers, top level first. */
static mst_status number_nodes(mst__cuda_ranking *g) {
  for (int32_t k = 0; k < g->n_levels; k++) {
    const mst__cuda_level *l = &g->level[k], *above = k ? l - 1 : NULL;
    mst__cuda_scratch<int32_t> before(g->backend), base(g->backend);
    MST_TRY(before.alloc(l->n));
    MST_TRY(base.alloc(above ? above->n : 0));
    if (!l->n) continue;
    MST_TRY(MST_CUB(g->backend, cub::DeviceScan::ExclusiveSum, l->map, before.ptr, l->n));
    if (above)
      MST_TRY(MST_LAUNCH(g->backend, tree_base_kernel, blocks(l->n), MST__BLOCK, l->parent,
                         before.ptr, l->n, above->map, base.ptr));
    MST_TRY(MST_LAUNCH(g->backend, tree_number_kernel, blocks(l->n), MST__BLOCK, l->parent,
                       before.ptr, base.ptr, l->n, l->map));
  }
  return MST_OK;
}

/* Fetch a table of the device's. */
static mst_status fetch_table(mst_backend *backend, const tree &t, const int32_t *d_term_node,
                              int64_t n_nodes, int64_t n_terms, mst_gram_table *out) {
  mst_gram_table table = {};
  table.n_nodes = n_nodes;
  table.n_terms = n_terms;
  mst_status st = mst__cuda_fetch_array(backend, t.parent, n_nodes, &table.parent);
  if (!st) st = mst__cuda_fetch_array(backend, t.unit, n_nodes, &table.unit);
  if (!st) st = mst__cuda_fetch_array(backend, d_term_node, n_terms, &table.term_node);
  if (st) mst_gram_table_fini(&table);
  else *out = table;
  return st;
}

/* Make the table, and turn node numbers into ids of terms. */
static mst_status fill_table(mst__cuda_ranking *g, int64_t n_nodes, mst_gram_table *out) {
  mst_backend *backend = g->backend;
  mst__cuda_scratch<int32_t> parent(backend), unit(backend), is_term(backend), term(backend),
      term_node(backend);
  int32_t n_terms = 0;
  MST_TRY(parent.alloc(n_nodes));
  MST_TRY(unit.alloc(n_nodes));
  MST_TRY(is_term.alloc_zero(n_nodes + 1));
  MST_TRY(term.alloc(n_nodes + 1));
  const tree t = {parent.ptr, unit.ptr, is_term.ptr};
  for (int32_t k = 0; k < g->n_levels; k++) {
    const mst__cuda_level *l = &g->level[k];
    MST_TRY(MST_LAUNCH(backend, tree_node_kernel, blocks(l->n), MST__BLOCK, *l,
                       k ? g->level[k - 1].map : NULL, k + 1 >= g->n_min, t));
  }
  MST_TRY(MST_CUB(backend, cub::DeviceScan::ExclusiveSum, is_term.ptr, term.ptr, n_nodes + 1));
  MST_TRY(mst__cuda_fetch(backend, &n_terms, term.ptr + n_nodes));
  MST_TRY(term_node.alloc(n_terms));
  MST_TRY(MST_LAUNCH(backend, tree_term_kernel, blocks(n_nodes), MST__BLOCK, term.ptr, n_nodes,
                     term_node.ptr));
  for (int32_t k = 0; k < g->n_levels; k++)
    MST_TRY(MST_LAUNCH(backend, tree_id_kernel, blocks(g->level[k].n), MST__BLOCK, term.ptr,
                       g->level[k].n, g->level[k].map));
  return fetch_table(backend, t, term_node.ptr, n_nodes, n_terms, out);
}

static mst_status apply_ids(mst__cuda_ranking *g) {
  apply a = {g->items.ptr, g->items.n_items, g->items.n_positions, g->n_min,
             g->n_max,     g->whole,         g->gram_ptr.ptr,      {}};
  for (int32_t k = 0; k < g->n_levels; k++) a.map[k] = g->level[k].map;
  MST_TRY(MST_LAUNCH(g->backend, gram_apply_kernel, blocks(g->items.n_positions), MST__BLOCK, a,
                     g->gram_id.ptr));
  return mst__cuda_wait(g->backend);
}

mst_status mst__cuda_ngrams_order(mst__cuda_ranking *g, mst_gram_table *out) {
  mst_gram_table table = {};
  int64_t n_nodes = 0;
  MST_TRY(tree_sizes(g, &n_nodes));
  MST_TRY(number_nodes(g));
  MST_TRY(fill_table(g, n_nodes, &table));
  const mst_status st = apply_ids(g);
  if (st) mst_gram_table_fini(&table);
  else *out = table;
  return st;
}
