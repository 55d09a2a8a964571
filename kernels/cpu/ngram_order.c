/* ngram_order.c: one order over n-grams of all lengths. Joined spellings sort as a walk through the
 * tree of prefixes does, parents first; so a node's number is its parent's, plus one, plus the
 * sizes of the siblings' trees before it. */
#include "cpu/ngram.h"

#include "misstep/alloc.h"

/* map of every level: the number of nodes in each node's tree. */
static mst_status tree_sizes(mst__ranking *g, int64_t *n_nodes) {
  *n_nodes = 0;
  for (int32_t k = 0; k < g->n_levels; k++) {
    mst__level *level = &g->level[k];
    level->map = mst_alloc((size_t)level->n, sizeof *level->map);
    if (!level->map) return MST_E_NOMEM;
    for (int64_t i = 0; i < level->n; i++) level->map[i] = 1;
    *n_nodes += level->n;
  }
  if (*n_nodes > INT32_MAX) return MST_FAIL(MST_E_LIMIT, "more than 2^31-1 n-grams and prefixes");
  for (int32_t k = g->n_levels - 1; k > 0; k--) {
    const mst__level *level = &g->level[k];
    for (int64_t i = 0; i < level->n; i++) g->level[k - 1].map[level->parent[i]] += level->map[i];
  }
  return MST_OK;
}

/* map of every level: from sizes to node numbers, top level first. */
static void number_nodes(mst__ranking *g) {
  int32_t next = 0;
  for (int32_t k = 0; k < g->n_levels; k++) {
    mst__level *level = &g->level[k];
    for (int64_t i = 0; i < level->n; i++) {
      if (k && (i == 0 || level->parent[i] != level->parent[i - 1]))
        next = g->level[k - 1].map[level->parent[i]] + 1;
      const int32_t size = level->map[i];
      level->map[i] = next;
      next += size;
    }
  }
}

static int is_term(const mst__ranking *g, int32_t k, int64_t i) {
  if (k + 1 >= g->n_min) return 1;
  return g->level[k].is_term ? g->level[k].is_term[i] : 0;
}

/* Fill the tree, and turn node numbers into ids of terms. */
static mst_status fill_table(mst__ranking *g, mst_gram_table *table) {
  int32_t *term_of = mst_alloc_zero((size_t)table->n_nodes, sizeof *term_of);
  if (!term_of) return MST_E_NOMEM;
  for (int32_t k = 0; k < g->n_levels; k++)
    for (int64_t i = 0; i < g->level[k].n; i++) {
      const mst__level *level = &g->level[k];
      table->parent[level->map[i]] = k ? g->level[k - 1].map[level->parent[i]] : -1;
      table->unit[level->map[i]] = level->unit[i];
      term_of[level->map[i]] = is_term(g, k, i);
      table->n_terms += term_of[level->map[i]];
    }
  mst_status st = MST_E_NOMEM;
  table->term_node = mst_alloc((size_t)table->n_terms, sizeof *table->term_node);
  if (!table->term_node) goto done;
  int32_t next = 0;
  for (int64_t node = 0; node < table->n_nodes; node++) {
    if (!term_of[node]) continue;
    table->term_node[next] = (int32_t)node;
    term_of[node] = next++;
  }
  for (int32_t k = g->n_levels - 1; k >= 0; k--) /* parents' numbers were needed above */
    for (int64_t i = 0; i < g->level[k].n; i++) g->level[k].map[i] = term_of[g->level[k].map[i]];
  st = MST_OK;
done:
  mst_free(term_of);
  return st;
}

/* Ranks within levels become ids. */
static void apply_ids(mst__ranking *g) {
  const mst_sequences *items = g->items;
#pragma omp parallel for schedule(static) num_threads(g->n_threads)
  for (int64_t i = 0; i < items->n_items; i++) {
    const int64_t len = items->ptr[i + 1] - items->ptr[i];
    int32_t *id = g->grams.id + g->grams.ptr[i];
    if (len < g->n_min) {
      if (g->whole && len > 0) *id = g->level[len - 1].map[*id];
      continue;
    }
    for (int32_t n = g->n_min; n <= g->n_max && n <= len; n++)
      for (int64_t j = 0; j < len - n + 1; j++, id++) *id = g->level[n - 1].map[*id];
  }
}

mst_status mst__ngrams_order(mst__ranking *g, mst_gram_table *out) {
  mst_gram_table table = {0};
  mst_status st = tree_sizes(g, &table.n_nodes);
  if (st) return st;
  number_nodes(g);
  table.parent = mst_alloc((size_t)table.n_nodes, sizeof *table.parent);
  table.unit = table.parent ? mst_alloc((size_t)table.n_nodes, sizeof *table.unit) : NULL;
  st = table.unit ? fill_table(g, &table) : MST_E_NOMEM;
  if (st) {
    mst_gram_table_fini(&table);
    return st;
  }
  apply_ids(g);
  *out = table;
  return MST_OK;
}
