/* index.c: the vocabulary as a tree of units, for mst_ngrams_find; the spellings of a corpus are
 * looked up once per distinct token, not once per occurrence. */
#include <string.h>

#include "features/internal.h"

struct mst__index {
  mst__string_map units;
  mst_gram_tree tree; /* of the three below */
  int32_t *term;
  uint64_t *edge_key;
  int32_t *edge_node;
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
  uint64_t at = key * 0x9E3779B97F4A7C15u >> index->tree.edge_shift;
  while (index->edge_key[at] != key && index->edge_key[at] != EMPTY)
    at = (at + 1) & index->tree.edge_mask;
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
  index->tree.edge_shift = 64 - bits;
  index->tree.edge_mask = ((uint64_t)1 << bits) - 1;
  index->edge_key = mst_alloc(index->tree.edge_mask + 1, sizeof *index->edge_key);
  index->edge_node = mst_alloc(index->tree.edge_mask + 1, sizeof *index->edge_node);
  index->term = mst_alloc((size_t)(index->tree.n_units + n_edges), sizeof *index->term);
  if (!index->edge_key || !index->edge_node || !index->term) return MST_E_NOMEM;
  if (index->tree.n_units + n_edges > INT32_MAX)
    return MST_FAIL(MST_E_LIMIT, "more than 2^31-1 prefixes of terms");
  memset(index->edge_key, 0xff, (index->tree.edge_mask + 1) * sizeof *index->edge_key);
  memset(index->term, 0xff, (size_t)(index->tree.n_units + n_edges) * sizeof *index->term);
  index->tree.n_nodes = index->tree.n_units;
  for (int64_t t = 0; t < n_terms; t++) {
    int32_t node = unit[start[t]];
    for (int64_t i = start[t] + 1; i < start[t + 1]; i++) {
      const uint64_t key = edge_of(node, unit[i]), at = locate(index, key);
      if (index->edge_key[at] == EMPTY) {
        index->edge_key[at] = key;
        index->edge_node[at] = index->tree.n_nodes++;
      }
      node = index->edge_node[at];
    }
    index->term[node] = (int32_t)t;
  }
  index->tree.term = index->term;
  index->tree.edge_key = index->edge_key;
  index->tree.edge_node = index->edge_node;
  return MST_OK;
}

mst_status mst__index_create(const mst_strings *terms, int separated, mst__index **out) {
  mst__index *index = mst_alloc_zero(1, sizeof *index);
  int64_t *start = mst_alloc((size_t)terms->n + 1, sizeof *start);
  int32_t *unit = NULL;
  mst_status st = index && start ? mst__string_map_init(&index->units) : MST_E_NOMEM;
  if (!st) st = cut_terms(index, terms, separated, start, &unit);
  if (!st) {
    index->tree.n_units = index->units.n;
    st = grow_tree(index, terms->n, start, unit);
  }
  mst_free(unit);
  mst_free(start);
  if (st) mst__index_free(index);
  else *out = index;
  return st;
}

mst_status mst__index_lookup(const mst__index *index, const mst__source *source, int32_t n_min,
                             int32_t n_max, mst_grams *out) {
  const mst_strings *spelling = mst__source_spelling(source);
  const int32_t n_units = source->items.n_units;
  int32_t *map = mst_alloc((size_t)n_units, sizeof *map);
  if (!map) return MST_E_NOMEM;
#pragma omp parallel for schedule(static) num_threads(mst_backend_threads(source->backend))
  for (int32_t u = 0; u < n_units; u++)
    map[u] = mst__string_map_find(&index->units, mst_strings_at(spelling, u));
  const mst_status st = mst_ngrams_find(source->backend, &source->items, &index->tree, map, n_min,
                                        n_max, source->whole, out);
  mst_free(map);
  return st;
}
