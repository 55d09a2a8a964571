/* terms.c: spellings of n-grams, and lists of strings. */
#include <string.h>

#include "features/internal.h"

mst_status mst__strings_take(const mst_strings *from, const int32_t *ids, int64_t n,
                             mst_strings *out) {
  int64_t n_bytes = 0;
  for (int64_t i = 0; i < n; i++) {
    const int64_t v = ids ? ids[i] : i;
    n_bytes += from->start[v + 1] - from->start[v];
  }
  mst_strings to = {.n = n};
  to.bytes = mst_alloc((size_t)n_bytes, 1);
  to.start = mst_alloc((size_t)n + 1, sizeof *to.start);
  if (!to.bytes || !to.start) {
    mst_strings_fini(&to);
    return MST_E_NOMEM;
  }
  to.start[0] = 0;
  for (int64_t i = 0; i < n; i++) {
    const mst_slice s = mst_strings_at(from, ids ? ids[i] : i);
    if (s.len) memcpy(to.bytes + to.start[i], s.ptr, (size_t)s.len);
    to.start[i + 1] = to.start[i] + s.len;
  }
  *out = to;
  return MST_OK;
}

mst_status mst__strings_copy(const mst_strings *from, mst_strings *out) {
  return mst__strings_take(from, NULL, from->n, out);
}

/* Units of a node, last first. Returns how many. */
static int node_units(const mst_gram_table *table, int32_t node, int32_t *units) {
  int n = 0;
  for (; node >= 0; node = table->parent[node]) units[n++] = table->unit[node];
  return n;
}

mst_status mst__terms_spell(const mst_gram_table *table, const mst__source *source,
                            const int32_t *ids, int64_t n, mst_strings *out) {
  const mst_strings *spelling = mst__source_spelling(source);
  mst_strings terms = {.n = n};
  terms.start = mst_alloc((size_t)n + 1, sizeof *terms.start);
  if (!terms.start) return MST_E_NOMEM;
#pragma omp parallel for schedule(static) num_threads(mst_backend_threads(source->backend))
  for (int64_t i = 0; i < n; i++) {
    int32_t units[MST_NGRAM_LIMIT];
    const int k = node_units(table, table->term_node[ids ? ids[i] : i], units);
    int64_t len = source->separated ? k - 1 : 0;
    for (int j = 0; j < k; j++) len += mst_strings_at(spelling, units[j]).len;
    terms.start[i + 1] = len;
  }
  terms.start[0] = 0;
  for (int64_t i = 0; i < n; i++) terms.start[i + 1] += terms.start[i];
  terms.bytes = mst_alloc((size_t)terms.start[n], 1);
  if (!terms.bytes) {
    mst_strings_fini(&terms);
    return MST_E_NOMEM;
  }
#pragma omp parallel for schedule(static) num_threads(mst_backend_threads(source->backend))
  for (int64_t i = 0; i < n; i++) {
    int32_t units[MST_NGRAM_LIMIT];
    uint8_t *to = terms.bytes + terms.start[i];
    for (int j = node_units(table, table->term_node[ids ? ids[i] : i], units) - 1; j >= 0; j--) {
      const mst_slice s = mst_strings_at(spelling, units[j]);
      if (s.len) memcpy(to, s.ptr, (size_t)s.len);
      to += s.len;
      if (source->separated && j > 0) *to++ = ' ';
    }
  }
  *out = terms;
  return MST_OK;
}
