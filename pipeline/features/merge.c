/* merge.c: one list of all shards' terms, with the sums of their frequencies.
 *
 * The shards' lists are sorted, so the order of spellings is cut into ranges, one for a thread:
 * first every range merges its part of the lists and numbers it from 0; that says where each range
 * begins, and everything is written there. What comes out does not depend on the cuts. */
#include <string.h>

#include "features/shards.h"

enum { FEWEST_TERMS = 64, MOST_RANGES = 256 }; /* of a range, in the longest list; in all */

typedef struct merge {
  mst__fitting *fit;
  const mst_strings *spelled; /* [n_shards] */
  int n_shards, n_ranges;
  int64_t *begin; /* [n_ranges + 1][n_shards] where each range begins in each list */
  int64_t n_terms[MOST_RANGES + 1], n_bytes[MOST_RANGES + 1]; /* of a range; then, before it */
  mst__merged out;
} merge;

/* The first of a shard's terms that does not sort before a spelling. */
static int64_t reach(const mst_strings *terms, int64_t n, mst_slice spelling) {
  int64_t low = 0, high = n;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (mst_slice_compare(mst_strings_at(terms, middle), spelling) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* Cut all lists at terms of the longest one. */
static mst_status cut_ranges(merge *m, int n_threads) {
  const size_t n = (size_t)m->n_shards;
  int longest = 0;
  for (int i = 1; i < m->n_shards; i++)
    if (m->fit[i].n_raw > m->fit[longest].n_raw) longest = i;
  const int64_t most = m->fit[longest].n_raw, wanted = most / FEWEST_TERMS + 1;
  const int64_t allowed = n_threads < MOST_RANGES ? n_threads : MOST_RANGES;
  m->n_ranges = (int)(wanted < allowed ? wanted : allowed);
  m->begin = mst_alloc_zero(((size_t)m->n_ranges + 1) * n, sizeof *m->begin);
  if (!m->begin) return MST_E_NOMEM;
  for (int k = 1; k < m->n_ranges; k++) {
    const mst_slice at = mst_strings_at(&m->spelled[longest], most * k / m->n_ranges);
    for (size_t i = 0; i < n; i++)
      m->begin[(size_t)k * n + i] = reach(&m->spelled[i], m->fit[i].n_raw, at);
  }
  for (size_t i = 0; i < n; i++) m->begin[(size_t)m->n_ranges * n + i] = m->fit[i].n_raw;
  return MST_OK;
}

/* Which shards have the term that sorts first of those at hand, as bits; 0: no term is left. */
static uint64_t find_next(const merge *m, const int64_t *at, const int64_t *end, mst_slice *next) {
  uint64_t who = 0;
  for (int i = 0; i < m->n_shards; i++) {
    if (at[i] == end[i]) continue;
    const mst_slice own = mst_strings_at(&m->spelled[i], at[i]);
    const int order = who ? mst_slice_compare(own, *next) : -1;
    if (order < 0) {
      *next = own;
      who = 0;
    }
    if (order <= 0) who |= (uint64_t)1 << i;
  }
  return who;
}

/* Tell every shard the numbers of its terms within the range. More than 2^31-1 end it early. */
static void number_range(merge *m, int k) {
  const int64_t *end = m->begin + (int64_t)(k + 1) * m->n_shards;
  int64_t at[MST__SHARDS_MAX], n = 0, n_bytes = 0;
  mst_slice next = {NULL, 0};
  memcpy(at, end - m->n_shards, (size_t)m->n_shards * sizeof *at);
  for (uint64_t who; n <= INT32_MAX && (who = find_next(m, at, end, &next)) != 0; n++) {
    for (int i = 0; i < m->n_shards; i++)
      if (who >> i & 1) m->fit[i].map[at[i]++] = (int32_t)n;
    n_bytes += next.len;
  }
  m->n_terms[k] = n;
  m->n_bytes[k] = n_bytes;
}

/* Sum up the range's terms, and write them and their final numbers. */
static void write_range(merge *m, int k) {
  const int64_t *end = m->begin + (int64_t)(k + 1) * m->n_shards;
  mst_strings *terms = &m->out.terms;
  int64_t at[MST__SHARDS_MAX], to = m->n_bytes[k];
  memcpy(at, end - m->n_shards, (size_t)m->n_shards * sizeof *at);
  for (int64_t t = m->n_terms[k]; t < m->n_terms[k + 1]; t++) {
    mst_slice spelling = {NULL, 0};
    for (int i = 0; i < m->n_shards; i++) {
      mst__fitting *f = &m->fit[i];
      if (at[i] == end[i] || f->map[at[i]] != t - m->n_terms[k]) continue;
      spelling = mst_strings_at(&m->spelled[i], at[i]);
      m->out.doc_freq[t] += f->doc_freq[at[i]];
      m->out.term_freq[t] += f->term_freq[at[i]];
      f->map[at[i]++] = (int32_t)t;
    }
    if (spelling.len) memcpy(terms->bytes + to, spelling.ptr, (size_t)spelling.len);
    to += spelling.len;
    terms->start[t + 1] = to;
  }
}

/* Put what the ranges have behind each other, and make room for it. */
static mst_status place_ranges(merge *m) {
  int64_t n_terms = 0, n_bytes = 0;
  for (int k = 0; k <= m->n_ranges; k++) {
    const int64_t terms_here = m->n_terms[k], bytes_here = m->n_bytes[k];
    m->n_terms[k] = n_terms;
    m->n_bytes[k] = n_bytes;
    n_terms += terms_here;
    n_bytes += bytes_here;
  }
  if (n_terms > INT32_MAX) return MST_FAIL(MST_E_LIMIT, "more than 2^31-1 terms");
  mst__merged *out = &m->out;
  out->terms.n = n_terms;
  out->terms.bytes = mst_alloc((size_t)n_bytes, 1);
  out->terms.start = mst_alloc_zero((size_t)n_terms + 1, sizeof *out->terms.start);
  out->doc_freq = mst_alloc_zero((size_t)n_terms, sizeof *out->doc_freq);
  out->term_freq = mst_alloc_zero((size_t)n_terms, sizeof *out->term_freq);
  return out->terms.bytes && out->terms.start && out->doc_freq && out->term_freq ? MST_OK
                                                                                 : MST_E_NOMEM;
}

static mst_status make_maps(merge *m) {
  int64_t n = 0;
  for (int i = 0; i < m->n_shards; i++) {
    mst__fitting *f = &m->fit[i];
    n += f->n_raw;
    if (!f->n_raw) continue;
    f->map = mst_alloc((size_t)f->n_raw, sizeof *f->map);
    if (!f->map) return MST_E_NOMEM;
  }
  return n ? MST_OK : mst__no_terms();
}

void mst__merged_fini(mst__merged *merged) {
  mst_strings_fini(&merged->terms);
  mst_free(merged->doc_freq);
  mst_free(merged->term_freq);
  *merged = (mst__merged){0};
}

mst_status mst__terms_merge(mst__fitting *fit, const mst_strings *spelled, int n_shards,
                            int n_threads, mst__merged *out) {
  merge m = {.fit = fit, .spelled = spelled, .n_shards = n_shards};
  mst_status st = make_maps(&m);
  if (!st) st = cut_ranges(&m, n_threads);
  if (!st) {
#pragma omp parallel for schedule(static, 1) num_threads(m.n_ranges)
    for (int k = 0; k < m.n_ranges; k++) number_range(&m, k);
    st = place_ranges(&m);
  }
  if (!st) {
#pragma omp parallel for schedule(static, 1) num_threads(m.n_ranges)
    for (int k = 0; k < m.n_ranges; k++) write_range(&m, k);
    *out = m.out;
  } else {
    mst__merged_fini(&m.out);
  }
  mst_free(m.begin);
  return st;
}
