/* ngram.c: number n-grams level by level. The rank of an n-gram is that of the pair (rank of its
 * first n-1 units, rank of its last unit), so one radix sort of 64-bit keys a level gives dense
 * ranks in the order of the tuples, and no spelling is ever looked at. */
#include "cpu/ngram.h"

#include <omp.h>
#include <string.h>

#include "cpu/radix.h"
#include "misstep/alloc.h"

/* Positions sorted at once; two buffers of 16 bytes each. */
#define CHUNK_PAIRS ((int64_t)1 << 23)

void mst_grams_fini(mst_grams *grams) {
  mst_free(grams->ptr);
  mst_free(grams->id);
  *grams = (mst_grams){0};
}

int64_t mst_ngram_total(int64_t n_units, int32_t n_min, int32_t n_max, int whole) {
  if (n_units < n_min) return whole && n_units > 0;
  const int32_t top = n_units < n_max ? (int32_t)n_units : n_max;
  return mst__gram_offset(n_units, n_min, top + 1);
}

mst_status mst_ngrams_layout(const mst_sequences *items, int32_t n_min, int32_t n_max, int whole,
                             mst_grams *out) {
  mst_grams grams = {.n_items = items->n_items};
  grams.ptr = mst_alloc((size_t)items->n_items + 1, sizeof *grams.ptr);
  if (!grams.ptr) return MST_E_NOMEM;
  grams.ptr[0] = 0;
  for (int64_t i = 0; i < items->n_items; i++)
    grams.ptr[i + 1] =
        grams.ptr[i] + mst_ngram_total(items->ptr[i + 1] - items->ptr[i], n_min, n_max, whole);
  grams.id = mst_alloc((size_t)grams.ptr[items->n_items], sizeof *grams.id);
  if (!grams.id) {
    mst_grams_fini(&grams);
    return MST_E_NOMEM;
  }
  *out = grams;
  return MST_OK;
}

/* Copy the ranks of one level from positions to the lists of the items. */
static void store_level(mst__ranking *g, int32_t n, const int32_t *rank) {
  const mst_sequences *items = g->items;
#pragma omp parallel for schedule(static) num_threads(g->n_threads)
  for (int64_t i = 0; i < items->n_items; i++) {
    const int64_t from = items->ptr[i], len = items->ptr[i + 1] - from;
    if (n >= g->n_min && len >= n) {
      memcpy(g->grams.id + g->grams.ptr[i] + mst__gram_offset(len, g->n_min, n), rank + from,
             (size_t)(len - n + 1) * sizeof *rank);
    } else if (g->whole && len == n) {
      g->grams.id[g->grams.ptr[i]] = rank[from];
#pragma omp atomic write
      g->level[n - 1].is_term[rank[from]] = 1;
    }
  }
}

/* Under the whole rule short levels say which of their n-grams are terms. */
static mst_status flag_terms(mst__ranking *g, int32_t n) {
  mst__level *level = &g->level[n - 1];
  if (!g->whole || n >= g->n_min) return MST_OK;
  level->is_term = mst_alloc_zero((size_t)level->n, 1);
  return level->is_term ? MST_OK : MST_E_NOMEM;
}

/* Level 1: the units that occur, densely renumbered in their order. */
static mst_status rank_units(mst__ranking *g, int32_t *rank) {
  const mst_sequences *items = g->items;
  const int64_t n_positions = items->ptr[items->n_items];
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
  st = level->unit ? flag_terms(g, 1) : MST_E_NOMEM;
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

/* A run of prefixes whose n-grams are sorted together. */
typedef struct chunk {
  int64_t lo, hi; /* ranks of prefixes, [lo, hi) */
  int64_t n;      /* positions */
} chunk;

/* How many positions begin an n-gram of length n with each prefix. */
static void count_prefixes(const mst_sequences *items, int32_t n, const int32_t *rank,
                           int64_t *count) {
  for (int64_t i = 0; i < items->n_items; i++)
    for (int64_t p = items->ptr[i]; p + n <= items->ptr[i + 1]; p++) count[rank[p]]++;
}

/* Divide the prefixes into chunks of at most CHUNK_PAIRS positions (one prefix may have more).
 * count == NULL: everything is one chunk. Returns whether there was one more. */
static int next_chunk(chunk *c, int64_t n_prefixes, const int64_t *count, int64_t total) {
  c->lo = c->hi;
  if (c->lo >= n_prefixes) return 0;
  c->n = count ? count[c->lo] : total;
  c->hi = count ? c->lo + 1 : n_prefixes;
  while (count && c->hi < n_prefixes && c->n + count[c->hi] <= CHUNK_PAIRS) c->n += count[c->hi++];
  return 1;
}

/* Gather the positions of item i from pairs[to] on; pairs NULL: only count. Returns the next
 * place. */
static int64_t gather_item(const mst_sequences *items, int64_t i, int32_t n, const chunk *c,
                           const int32_t *rank, int unit_bits, mst__pair *pairs, int64_t to) {
  for (int64_t p = items->ptr[i]; p + n <= items->ptr[i + 1]; p++) {
    if (rank[p] < c->lo || rank[p] >= c->hi) continue;
    if (pairs)
      pairs[to] =
          (mst__pair){(uint64_t)(rank[p] - c->lo) << unit_bits | (uint64_t)items->id[p + n - 1], p};
    to++;
  }
  return to;
}

/* Gather the positions of a chunk as pairs, in the order of positions. slot is [n_threads + 1]. */
static void gather_pairs(const mst__ranking *g, int32_t n, const chunk *c, const int32_t *rank,
                         int unit_bits, int64_t *slot, mst__pair *pairs) {
  const mst_sequences *items = g->items;
  for (int writing = 0; writing < 2; writing++) {
#pragma omp parallel for schedule(static, 1) num_threads(g->n_threads)
    for (int s = 0; s < g->n_threads; s++) {
      int64_t to = writing ? slot[s] : 0;
      for (int64_t i = mst__slice(items->n_items, s, g->n_threads);
           i < mst__slice(items->n_items, s + 1, g->n_threads); i++)
        to = gather_item(items, i, n, c, rank, unit_bits, writing ? pairs : NULL, to);
      if (!writing) slot[s + 1] = to;
    }
    if (writing) return;
    slot[0] = 0;
    for (int s = 0; s < g->n_threads; s++) slot[s + 1] += slot[s];
  }
}

/* Number the distinct keys of sorted pairs after those that the level has already. */
static mst_status number_keys(mst__ranking *g, int32_t n, const chunk *c, int unit_bits,
                              int64_t *slot, const mst__pair *pairs, int32_t *next) {
  mst__level *level = &g->level[n - 1];
  slot[0] = level->n - 1; /* a head advances before it is used */
#pragma omp parallel for schedule(static, 1) num_threads(g->n_threads)
  for (int s = 0; s < g->n_threads; s++) {
    int64_t heads = 0;
    for (int64_t i = mst__slice(c->n, s, g->n_threads); i < mst__slice(c->n, s + 1, g->n_threads);
         i++)
      heads += i == 0 || pairs[i].key != pairs[i - 1].key;
    slot[s + 1] = heads;
  }
  for (int s = 0; s < g->n_threads; s++) slot[s + 1] += slot[s];
  const int64_t total = slot[g->n_threads] + 1;
  if (total > INT32_MAX) return MST_FAIL(MST_E_LIMIT, "more than 2^31-1 n-grams of length %d", n);
  int32_t *unit = mst_realloc(level->unit, (size_t)total, sizeof *unit);
  if (!unit) return MST_E_NOMEM;
  level->unit = unit;
  int32_t *parent = mst_realloc(level->parent, (size_t)total, sizeof *parent);
  if (!parent) return MST_E_NOMEM;
  level->parent = parent;
  const uint64_t unit_mask = ((uint64_t)1 << unit_bits) - 1;
#pragma omp parallel for schedule(static, 1) num_threads(g->n_threads)
  for (int s = 0; s < g->n_threads; s++) {
    int64_t id = slot[s];
    for (int64_t i = mst__slice(c->n, s, g->n_threads); i < mst__slice(c->n, s + 1, g->n_threads);
         i++) {
      if (i == 0 || pairs[i].key != pairs[i - 1].key) {
        id++;
        parent[id] = (int32_t)(c->lo + (int64_t)(pairs[i].key >> unit_bits));
        unit[id] = (int32_t)(pairs[i].key & unit_mask);
      }
      next[pairs[i].pos] = (int32_t)id;
    }
  }
  level->n = total;
  return MST_OK;
}

/* Level n from level n-1: rank[p] of the prefix at position p becomes next[p]. */
static mst_status rank_level(mst__ranking *g, int32_t n, const int32_t *rank, int32_t *next) {
  const mst_sequences *items = g->items;
  const int64_t n_prefixes = g->level[n - 2].n;
  const int unit_bits = mst__bits_for((uint64_t)items->n_units);
  int64_t total = 0;
  for (int64_t i = 0; i < items->n_items; i++) {
    const int64_t len = items->ptr[i + 1] - items->ptr[i];
    total += len >= n ? len - n + 1 : 0;
  }
  if (total == 0) return MST_OK;
  mst_status st = MST_E_NOMEM;
  int64_t *count = NULL;
  mst__pair *pairs = NULL;
  int64_t *slot = mst_alloc((size_t)g->n_threads + 1, sizeof *slot);
  if (!slot) goto done;
  if (total > CHUNK_PAIRS) {
    count = mst_alloc_zero((size_t)n_prefixes, sizeof *count);
    if (!count) goto done;
    count_prefixes(items, n, rank, count);
  }
  int64_t largest = 0;
  for (chunk c = {0}; next_chunk(&c, n_prefixes, count, total);)
    if (c.n > largest) largest = c.n;
  pairs = mst_alloc((size_t)largest * 2, sizeof *pairs);
  if (!pairs) goto done;
  st = MST_OK;
  for (chunk c = {0}; !st && next_chunk(&c, n_prefixes, count, total);) {
    gather_pairs(g, n, &c, rank, unit_bits, slot, pairs);
    const int key_bits = unit_bits + mst__bits_for((uint64_t)(c.hi - c.lo));
    st = mst__radix_sort(pairs, pairs + largest, c.n, key_bits, g->n_threads);
    if (!st) st = number_keys(g, n, &c, unit_bits, slot, pairs, next);
  }
  if (!st) st = flag_terms(g, n);
  g->n_levels = n;
done:
  mst_free(slot);
  mst_free(count);
  mst_free(pairs);
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

mst_status mst_ngrams_rank(const mst_sequences *items, int32_t n_min, int32_t n_max, int whole,
                           int n_threads, mst_grams *grams, mst_gram_table *table) {
  const size_t n_positions = (size_t)items->ptr[items->n_items];
  mst__ranking g = {items, n_min, n_max, whole, n_threads, 0, {{0}}, {0}};
  int32_t *next = NULL, *rank = mst_alloc(n_positions, sizeof *rank);
  mst_status st = rank ? mst_ngrams_layout(items, n_min, n_max, whole, &g.grams) : MST_E_NOMEM;
  if (!st) st = rank_units(&g, rank);
  if (!st) store_level(&g, 1, rank);
  if (!st && n_max > 1) {
    next = mst_alloc(n_positions, sizeof *next);
    st = next ? MST_OK : MST_E_NOMEM;
  }
  for (int32_t n = 2; !st && n <= n_max; n++) {
    st = rank_level(&g, n, rank, next);
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
    g.grams = (mst_grams){0};
  }
  ranking_fini(&g);
  return st;
}
