/* find.c: n-grams to the terms of a vocabulary. An n-gram is found by as many steps as it has
 * units, each one look into a table of (node, unit) pairs. */
#include "cpu/operations.h"

static int32_t step(const mst_gram_tree *tree, int32_t node, int32_t unit) {
  const uint64_t key = (uint64_t)(uint32_t)node << 32 | (uint32_t)unit;
  uint64_t at = key * 0x9E3779B97F4A7C15u >> tree->edge_shift;
  while (tree->edge_key[at] != key && tree->edge_key[at] != UINT64_MAX)
    at = (at + 1) & tree->edge_mask;
  return tree->edge_key[at] == key ? tree->edge_node[at] : -1;
}

/* Walk from every position of one item and write what terms are met. */
static void find_item(const mst_gram_tree *tree, const int32_t *id, int64_t len, const int32_t *map,
                      int32_t n_min, int32_t n_max, int32_t *to) {
  int64_t row[MST_NGRAM_LIMIT + 1]; /* where the n-grams of each length begin */
  row[n_min] = 0;
  for (int32_t n = n_min + 1; n <= n_max; n++) row[n] = row[n - 1] + len - n + 2;
  for (int64_t p = 0; p < len; p++) {
    int32_t node = map[id[p]];
    for (int32_t n = 1; n <= n_max && p + n <= len; n++) {
      if (n > 1 && node >= 0) {
        const int32_t unit = map[id[p + n - 1]];
        node = unit < 0 ? -1 : step(tree, node, unit);
      }
      if (n >= n_min) to[row[n] + p] = node < 0 ? -1 : tree->term[node];
    }
  }
}

/* A whole item that is shorter than n_min. */
static int32_t find_whole(const mst_gram_tree *tree, const int32_t *id, int64_t len,
                          const int32_t *map) {
  int32_t node = map[id[0]];
  for (int64_t p = 1; p < len && node >= 0; p++)
    node = map[id[p]] < 0 ? -1 : step(tree, node, map[id[p]]);
  return node < 0 ? -1 : tree->term[node];
}

mst_status mst__cpu_ngrams_find(mst_backend *backend, const mst_sequences *items,
                                const mst_gram_tree *tree, const int32_t *unit_map, int32_t n_min,
                                int32_t n_max, int whole, mst_grams *out) {
  mst_grams grams;
  const mst_status st = mst_ngrams_layout(items, n_min, n_max, whole, &grams);
  if (st) return st;
#pragma omp parallel for schedule(dynamic, 1024) num_threads(backend->n_threads)
  for (int64_t i = 0; i < items->n_items; i++) {
    const int32_t *id = items->id + items->ptr[i];
    const int64_t len = items->ptr[i + 1] - items->ptr[i];
    int32_t *to = grams.id + grams.ptr[i];
    if (len >= n_min) find_item(tree, id, len, unit_map, n_min, n_max, to);
    else if (whole && len > 0) *to = find_whole(tree, id, len, unit_map);
  }
  grams.home = backend;
  *out = grams;
  return MST_OK;
}
