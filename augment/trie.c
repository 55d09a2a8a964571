/* trie.c: phrases as paths of words. */
#include "compiled.h"

enum { FIRST_EDGES = 4096 };

static mst_status add_node(mst_rules *r, int32_t *out) {
  if (r->nodes.n == INT32_MAX) return MST_FAIL(MST_E_LIMIT, "more than 2^31-1 places in the rules");
  mst__node *node = mst__list_add(&r->nodes, sizeof *node);
  if (!node) return MST_E_NOMEM;
  *node = (mst__node){-1, -1, 0};
  *out = (int32_t)(r->nodes.n - 1);
  return MST_OK;
}

static mst_status resize(mst_rules *r, int64_t n_slots) {
  uint64_t *key = mst_alloc_zero((size_t)n_slots, sizeof *key);
  int32_t *child = mst_alloc((size_t)n_slots, sizeof *child);
  if (!key || !child) {
    mst_free(key);
    mst_free(child);
    return MST_E_NOMEM;
  }
  for (int64_t i = 0; r->edge_key && i <= r->edge_mask; i++) {
    if (!r->edge_key[i]) continue;
    uint64_t at = mst_body_edge_hash(r->edge_key[i]);
    while (key[at & (uint64_t)(n_slots - 1)]) at++;
    key[at & (uint64_t)(n_slots - 1)] = r->edge_key[i];
    child[at & (uint64_t)(n_slots - 1)] = r->edge_child[i];
  }
  mst_free(r->edge_key);
  mst_free(r->edge_child);
  r->edge_key = key;
  r->edge_child = child;
  r->edge_mask = n_slots - 1;
  return MST_OK;
}

mst_status mst__trie_init(mst_rules *r) {
  int32_t root;
  const mst_status st = add_node(r, &root);
  return st ? st : resize(r, FIRST_EDGES);
}

mst_status mst__trie_step(mst_rules *r, int32_t *node, int32_t word, int gap) {
  int32_t child = mst__child(r, *node, word, gap);
  if (child < 0) {
    mst_status st = add_node(r, &child);
    if (!st && 2 * r->n_edges > r->edge_mask) st = resize(r, 2 * (r->edge_mask + 1));
    if (st) return st;
    const uint64_t key = (uint64_t)*node << 32 | mst_body_label(word, gap);
    uint64_t at = mst_body_edge_hash(key);
    while (r->edge_key[at & (uint64_t)r->edge_mask]) at++;
    r->edge_key[at & (uint64_t)r->edge_mask] = key;
    r->edge_child[at & (uint64_t)r->edge_mask] = child;
    r->n_edges++;
    MST__AT(r->nodes, mst__node, *node)->words |= mst_body_label_bit(mst_body_label(word, gap));
  }
  *node = child;
  return MST_OK;
}

mst_status mst__trie_step_wild(mst_rules *r, int32_t *node, int32_t kind, int32_t suffix, int gap) {
  for (int32_t i = MST__AT(r->nodes, mst__node, *node)->wild; i >= 0;) {
    const mst__wild *w = MST__AT(r->wilds, mst__wild, i);
    if (w->kind == kind && w->suffix == suffix && w->gap == gap) {
      *node = w->child;
      return MST_OK;
    }
    i = w->next;
  }
  int32_t child;
  mst_status st = add_node(r, &child);
  mst__wild *w = st ? NULL : mst__list_add(&r->wilds, sizeof *w);
  if (!w) return st ? st : MST_E_NOMEM;
  mst__node *from = MST__AT(r->nodes, mst__node, *node);
  *w = (mst__wild){kind, suffix, gap, child, from->wild};
  from->wild = (int32_t)(r->wilds.n - 1);
  *node = child;
  return MST_OK;
}
