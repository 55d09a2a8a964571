/* index.c: the vocabulary as a tree of units. An n-gram is found by as many steps as it has units,
 * each one look into a table of (node, unit) pairs; the spellings of a corpus are looked up once
 * per distinct token, not once per occurrence. */
#include <string.h>

#include "features/internal.h"

struct mst__index {
  mst__string_map units;
  int32_t n_units;
  int32_t n_nodes;    /* node u < n_units: the n-gram of unit u alone; the others are longer */
  int32_t *term;      /* [n_nodes] term of a node or -1 */
  uint64_t *edge_key; /* [edge_mask + 1] node << 32 | unit, or EMPTY */
  int32_t *edge_node; /* [edge_mask + 1] the longer node */
  uint64_t edge_mask;
  int edge_shift;
};

#define EMPTY UINT64_MAX

void mst__index_free(mst__index *index) {
  if (!index) return;
  mst__string_map_fini(&index->units);
  mst_free(index->term);
  mst_free(index->edge_key);
  mst_free(index->edge_node);
  mst_free(index);
}

/* The unit that begins at from: up to the next space, or one code point. Returns its end. */
static int64_t unit_end(mst_slice term, int64_t from, int separated) {
  int64_t end = from;
  if (separated) {
    const uint8_t *space =
        from < term.len ? memchr(term.ptr + from, ' ', (size_t)(term.len - from)) : NULL;
    return space ? space - term.ptr : term.len;
  }
  do end++;
  while (end < term.len && (term.ptr[end] & 0xc0) == 0x80);
  return end;
}

/* Cut all terms into units: unit ids of term t are (*unit)[start[t] .. start[t+1]). */
static mst_status cut_terms(mst__index *index, const mst_strings *terms, int separated,
                            int64_t *start, int32_t **out) {
  int32_t *unit = NULL;
  int64_t n = 0, capacity = 0;
  start[0] = 0;
  for (int64_t t = 0; t < terms->n; t++) {
    const mst_slice term = mst_strings_at(terms, t);
    int64_t from = 0;
    do {
      if (n == capacity) {
        capacity = capacity ? capacity * 2 : 64;
        int32_t *more = mst_realloc(unit, (size_t)capacity, sizeof *unit);
        if (!more) goto failed;
        unit = more;
      }
      const int64_t end = unit_end(term, from, separated);
      const int64_t len = (end < term.len ? end : term.len) - from;
      if (mst__string_map_add(&index->units, (mst_slice){term.ptr + from, len}, &unit[n++]))
        goto failed;
      from = end + separated; /* a space parts units: a term that ends in one has an empty unit */
    } while (separated ? from <= term.len : from < term.len);
    start[t + 1] = n;
  }
  *out = unit;
  return MST_OK;
failed:
  mst_free(unit);
  return mst_error_last()->status;
}

/* The slot of an edge, or the empty one where it belongs. */
static uint64_t locate(const mst__index *index, uint64_t key) {
  uint64_t at = key * 0x9E3779B97F4A7C15u >> index->edge_shift;
  while (index->edge_key[at] != key && index->edge_key[at] != EMPTY)
    at = (at + 1) & index->edge_mask;
  return at;
}

static uint64_t edge_of(int32_t node, int32_t unit) {
  return (uint64_t)(uint32_t)node << 32 | (uint32_t)unit;
}

/* Make the nodes of all terms. */
static mst_status grow_tree(mst__index *index, int64_t n_terms, const int64_t *start,
                            const int32_t *unit) {
  const int64_t n_edges = start[n_terms] - n_terms;
  int bits = 4;
  while ((int64_t)1 << bits < n_edges * 2) bits++;
  index->edge_shift = 64 - bits;
  index->edge_mask = ((uint64_t)1 << bits) - 1;
  index->edge_key = mst_alloc(index->edge_mask + 1, sizeof *index->edge_key);
  index->edge_node = mst_alloc(index->edge_mask + 1, sizeof *index->edge_node);
  index->term = mst_alloc((size_t)(index->n_units + n_edges), sizeof *index->term);
  if (!index->edge_key || !index->edge_node || !index->term) return MST_E_NOMEM;
  if (index->n_units + n_edges > INT32_MAX)
    return MST_FAIL(MST_E_LIMIT, "more than 2^31-1 prefixes of terms");
  memset(index->edge_key, 0xff, (index->edge_mask + 1) * sizeof *index->edge_key);
  memset(index->term, 0xff, (size_t)(index->n_units + n_edges) * sizeof *index->term);
  index->n_nodes = index->n_units;
  for (int64_t t = 0; t < n_terms; t++) {
    int32_t node = unit[start[t]];
    for (int64_t i = start[t] + 1; i < start[t + 1]; i++) {
      const uint64_t key = edge_of(node, unit[i]), at = locate(index, key);
      if (index->edge_key[at] == EMPTY) {
        index->edge_key[at] = key;
        index->edge_node[at] = index->n_nodes++;
      }
      node = index->edge_node[at];
    }
    index->term[node] = (int32_t)t;
  }
  return MST_OK;
}

mst_status mst__index_create(const mst_strings *terms, int separated, mst__index **out) {
  mst__index *index = mst_alloc_zero(1, sizeof *index);
  int64_t *start = mst_alloc((size_t)terms->n + 1, sizeof *start);
  int32_t *unit = NULL;
  mst_status st = index && start ? mst__string_map_init(&index->units) : MST_E_NOMEM;
  if (!st) st = cut_terms(index, terms, separated, start, &unit);
  if (!st) {
    index->n_units = index->units.n;
    st = grow_tree(index, terms->n, start, unit);
  }
  mst_free(unit);
  mst_free(start);
  if (st) mst__index_free(index);
  else *out = index;
  return st;
}

static int32_t step(const mst__index *index, int32_t node, int32_t unit) {
  const uint64_t at = locate(index, edge_of(node, unit));
  return index->edge_key[at] == EMPTY ? -1 : index->edge_node[at];
}

/* Walk from every position of one item and write what terms are met. map: source units to ours. */
static void look_item(const mst__index *index, const int32_t *id, int64_t len, const int32_t *map,
                      int32_t n_min, int32_t n_max, int32_t *to) {
  int64_t row[MST_NGRAM_LIMIT + 1]; /* where the n-grams of each length begin */
  row[n_min] = 0;
  for (int32_t n = n_min + 1; n <= n_max; n++) row[n] = row[n - 1] + len - n + 2;
  for (int64_t p = 0; p < len; p++) {
    int32_t node = map[id[p]];
    for (int32_t n = 1; n <= n_max && p + n <= len; n++) {
      if (n > 1 && node >= 0) {
        const int32_t unit = map[id[p + n - 1]];
        node = unit < 0 ? -1 : step(index, node, unit);
      }
      if (n >= n_min) to[row[n] + p] = node < 0 ? -1 : index->term[node];
    }
  }
}

/* A whole item that is shorter than n_min. */
static int32_t look_whole(const mst__index *index, const int32_t *id, int64_t len,
                          const int32_t *map) {
  int32_t node = map[id[0]];
  for (int64_t p = 1; p < len && node >= 0; p++)
    node = map[id[p]] < 0 ? -1 : step(index, node, map[id[p]]);
  return node < 0 ? -1 : index->term[node];
}

mst_status mst__index_lookup(const mst__index *index, const mst__source *source, int32_t n_min,
                             int32_t n_max, int n_threads, mst_grams *out) {
  const mst_sequences *items = &source->items;
  int32_t *map = mst_alloc((size_t)items->n_units, sizeof *map);
  if (!map) return MST_E_NOMEM;
  mst_grams grams = {0};
  const mst_status st = mst_ngrams_layout(items, n_min, n_max, source->whole, &grams);
  if (st) {
    mst_free(map);
    return st;
  }
#pragma omp parallel for schedule(static) num_threads(n_threads)
  for (int32_t u = 0; u < items->n_units; u++)
    map[u] = mst__string_map_find(&index->units, mst_strings_at(source->spelling, u));
#pragma omp parallel for schedule(dynamic, 1024) num_threads(n_threads)
  for (int64_t i = 0; i < items->n_items; i++) {
    const int32_t *id = items->id + items->ptr[i];
    const int64_t len = items->ptr[i + 1] - items->ptr[i];
    int32_t *to = grams.id + grams.ptr[i];
    if (len >= n_min) look_item(index, id, len, map, n_min, n_max, to);
    else if (source->whole && len > 0) *to = look_whole(index, id, len, map);
  }
  mst_free(map);
  *out = grams;
  return MST_OK;
}
