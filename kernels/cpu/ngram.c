/* ngram.c: number n-grams level by level. The rank of an n-gram is that of the pair (rank of its
 * first n-1 units, rank of its last unit), so one radix sort of 64-bit words a level gives dense
 * ranks in the order of the tuples, and no spelling is ever looked at. */
#include "cpu/ngram.h"

#include <string.h>

#include "body/ngram.h"
#include "cpu/operations.h"
#include "misstep/alloc.h"

/* Copy the ranks of one level from positions to the lists of the items. */
static void store_level(mst__ranking *g, int32_t n, const int32_t *rank) {
  const mst_sequences *items = g->items;
#pragma omp parallel for schedule(static) num_threads(g->n_threads)
  for (int64_t i = 0; i < items->n_items; i++) {
    const int64_t from = items->ptr[i], len = items->ptr[i + 1] - from;
    if (n >= g->n_min && len >= n) {
      memcpy(g->grams.id + g->grams.ptr[i] + mst_body_ngram_offset(len, g->n_min, n), rank + from,
             (size_t)(len - n + 1) * sizeof *rank);
    } else if (g->whole && len == n) {
      g->grams.id[g->grams.ptr[i]] = rank[from];
#pragma omp atomic write
      g->level[n - 1].is_term[rank[from]] = 1;
    }
  }
}

/* Level 1: the units that occur, densely renumbered in their order. */
static mst_status rank_units(mst__ranking *g, int32_t *rank) {
  const mst_sequences *items = g->items;
  const int64_t n_positions = items->n_positions;
  int32_t *dense = mst_alloc_zero((size_t)items->n_units, sizeof *dense);
  if (!dense) return MST_E_NOMEM;
  mst_status st = MST_OK;
#pragma omp parallel for schedule(static) num_threads(g->n_threads)
  for (int64_t p = 0; p < n_positions; p++) {
#pragma omp atomic write
    dense[items->id[p]] = 1;
  }
  mst__level *level = &g->level[0];
  for (int32_t u = 0; u < items->n_units; u++) level->n += dense[u];
  level->unit = mst_alloc((size_t)level->n, sizeof *level->unit);
  st = level->unit ? mst__level_flag_terms(g, 1) : MST_E_NOMEM;
  if (st) goto done;
  int32_t next = 0;
  for (int32_t u = 0; u < items->n_units; u++) {
    if (!dense[u]) continue;
    level->unit[next] = u;
    dense[u] = next++;
  }
#pragma omp parallel for schedule(static) num_threads(g->n_threads)
  for (int64_t p = 0; p < n_positions; p++) rank[p] = dense[items->id[p]];
  g->n_levels = 1;
done:
  mst_free(dense);
  return st;
}

static void ranking_fini(mst__ranking *g) {
  for (int32_t k = 0; k < MST_NGRAM_LIMIT; k++) {
    mst_free(g->level[k].parent);
    mst_free(g->level[k].unit);
    mst_free(g->level[k].is_term);
    mst_free(g->level[k].map);
  }
  mst_grams_fini(&g->grams);
}

mst_status mst__cpu_ngrams_rank(mst_backend *backend, const mst_sequences *items, int32_t n_min,
                                int32_t n_max, int whole, mst_grams *grams, mst_gram_table *table) {
  const size_t n_positions = (size_t)items->n_positions;
  mst__ranking g = {items, n_min, n_max, whole, backend->n_threads, 0, {{0}}, {0}};
  int32_t *next = NULL, *rank = mst_alloc(n_positions, sizeof *rank);
  mst_status st = rank ? mst_ngrams_layout(items, n_min, n_max, whole, &g.grams) : MST_E_NOMEM;
  if (!st) st = rank_units(&g, rank);
  if (!st) store_level(&g, 1, rank);
  if (!st && n_max > 1) {
    next = mst_alloc(n_positions, sizeof *next);
    st = next ? MST_OK : MST_E_NOMEM;
  }
  for (int32_t n = 2; !st && n <= n_max; n++) {
    st = mst__level_rank(&g, n, rank, next);
    if (st || g.n_levels < n) break;
    store_level(&g, n, next);
    int32_t *swap = rank;
    rank = next;
    next = swap;
  }
  mst_free(rank);
  mst_free(next);
  if (!st) st = mst__ngrams_order(&g, table);
  if (!st) {
    *grams = g.grams;
    grams->home = backend;
    g.grams = (mst_grams){0};
  }
  ranking_fini(&g);
  return st;
}
