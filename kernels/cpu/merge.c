/* merge.c: the union of the threads' spellings, sorted by bytes and numbered.
 *
 * Spellings are dealt into as many ranges of their first 8 bytes as there are threads (limits taken
 * from a sample); each range is sorted, freed of repetitions and written by one thread. Which range
 * a spelling falls into changes who does the work, never the order.
 */
#include <stdlib.h>

#include "cpu/lists.h"
#include "cpu/radix.h"

enum { SAMPLES = 32, SMALL = 48, AHEAD = 8 };

/* A spelling on its way: its first bytes, most significant first, and its number in the union. */
typedef struct item {
  uint64_t prefix;
  int64_t g;
} item;

/* A spelling: where it is, and its second 8 bytes, most significant first. */
typedef struct spelling {
  mst_slice bytes;
  uint64_t second;
} spelling;

typedef struct merge {
  int64_t n; /* spellings of all tables */
  int n_ranges;
  spelling *key;     /* [n] */
  uint64_t *prefix;  /* [n] */
  item *items, *tmp; /* [n] dealt by range */
  uint64_t *limit;   /* [n_ranges] range r holds prefixes in (limit[r-1], limit[r]] */
  int64_t *place;    /* [n_ranges * n_ranges] see deal */
  int64_t *from;     /* [n_ranges + 1] items of range r are from[r] .. from[r+1] */
  int64_t *n_types;  /* [n_ranges + 1] distinct ones; afterwards: number of the first */
  int64_t *n_bytes;  /* [n_ranges + 1] their bytes; afterwards: place of the first */
} merge;

/* Bytes as in mst__load to a number that orders as the bytes do. */
static uint64_t big_endian(uint64_t w) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return __builtin_bswap64(w);
#else
  return w;
#endif
}

/* -1, 0 or 1, of spellings with the same first 8 bytes. The text itself lies far away: nearly all
 * are told apart, or found equal, without it. */
static int compare_rest(const spelling *a, const spelling *b) {
  if (a->second != b->second) return a->second < b->second ? -1 : 1;
  if (a->bytes.len > 16 && b->bytes.len > 16) return mst_slice_compare(a->bytes, b->bytes);
  return a->bytes.len < b->bytes.len ? -1 : a->bytes.len > b->bytes.len;
}

static int item_before(const spelling *key, item a, item b) {
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  return compare_rest(&key[a.g], &key[b.g]) < 0;
}

static void sort_small(const spelling *key, item *v, int64_t n) {
  for (int64_t i = 1; i < n; i++) {
    const item x = v[i];
    int64_t j = i;
    for (; j > 0 && item_before(key, x, v[j - 1]); j--) v[j] = v[j - 1];
    v[j] = x;
  }
}

/* Merge sort, for spellings that share their first 8 bytes. */
static void sort_merge(const spelling *key, item *v, item *tmp, int64_t n) {
  if (n <= SMALL) {
    sort_small(key, v, n);
    return;
  }
  const int64_t half = n / 2;
  sort_merge(key, v, tmp, half);
  sort_merge(key, v + half, tmp + half, n - half);
  memcpy(tmp, v, (size_t)half * sizeof *v);
  int64_t a = 0, b = half, to = 0;
  while (a < half && b < n) v[to++] = item_before(key, v[b], tmp[a]) ? v[b++] : tmp[a++];
  while (a < half) v[to++] = tmp[a++];
}

/* Radix sort by the byte of the prefix at shift and the ones below it. */
static void sort_radix(const spelling *key, item *v, item *tmp, int64_t n, int shift) {
  if (n <= SMALL || shift < 0) {
    sort_merge(key, v, tmp, n);
    return;
  }
  int64_t end[256] = {0};
  for (int64_t i = 0; i < n; i++) end[v[i].prefix >> shift & 255]++;
  for (int64_t b = 0, at = 0; b < 256; b++) {
    const int64_t count = end[b];
    end[b] = at;
    at += count;
  }
  memcpy(tmp, v, (size_t)n * sizeof *v);
  for (int64_t i = 0; i < n; i++) v[end[tmp[i].prefix >> shift & 255]++] = tmp[i];
  for (int64_t b = 0, at = 0; b < 256; at = end[b++])
    if (end[b] - at > 1) sort_radix(key, v + at, tmp + at, end[b] - at, shift - 8);
}

static int range_of(const merge *m, uint64_t prefix) {
  int r = 0;
  while (r < m->n_ranges - 1 && prefix > m->limit[r]) r++;
  return r;
}

static int compare_prefix(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

static mst_status choose_limits(merge *m) {
  const int64_t n = (int64_t)SAMPLES * m->n_ranges;
  uint64_t *sample = mst_alloc((size_t)n, sizeof *sample);
  if (!sample) return MST_E_NOMEM;
  for (int64_t i = 0; i < n; i++) sample[i] = m->prefix[m->n / n * i];
  qsort(sample, (size_t)n, sizeof *sample, compare_prefix);
  for (int r = 0; r < m->n_ranges; r++) m->limit[r] = sample[(int64_t)SAMPLES * (r + 1) - 1];
  mst_free(sample);
  return MST_OK;
}

static mst_status merge_init(merge *m, const mst__worker *workers, int n_tables, int n_threads) {
  *m = (merge){0};
  for (int t = 0; t < n_tables; t++) m->n += workers[t].table.n;
  m->n_ranges = m->n < (int64_t)SAMPLES * SAMPLES * n_threads ? 1 : n_threads;
  const size_t n = (size_t)m->n, n_ranges = (size_t)m->n_ranges;
  m->key = mst_alloc(n, sizeof *m->key);
  m->prefix = m->key ? mst_alloc(n, sizeof *m->prefix) : NULL;
  m->items = m->prefix ? mst_alloc(n, sizeof *m->items) : NULL;
  m->tmp = m->items ? mst_alloc(n, sizeof *m->tmp) : NULL;
  m->limit = m->tmp ? mst_alloc(n_ranges, sizeof *m->limit) : NULL;
  m->place = m->limit ? mst_alloc_zero(n_ranges * n_ranges, sizeof *m->place) : NULL;
  m->from = m->place ? mst_alloc_zero(n_ranges + 1, sizeof *m->from) : NULL;
  m->n_types = m->from ? mst_alloc_zero(n_ranges + 1, sizeof *m->n_types) : NULL;
  m->n_bytes = m->n_types ? mst_alloc_zero(n_ranges + 1, sizeof *m->n_bytes) : NULL;
  return m->n_bytes ? MST_OK : MST_E_NOMEM;
}

static void merge_fini(merge *m) {
  mst_free(m->key);
  mst_free(m->prefix);
  mst_free(m->items);
  mst_free(m->tmp);
  mst_free(m->limit);
  mst_free(m->place);
  mst_free(m->from);
  mst_free(m->n_types);
  mst_free(m->n_bytes);
}

static void flatten(merge *m, const mst__worker *workers, int n_tables) {
#pragma omp parallel for schedule(static, 1) num_threads(m->n_ranges)
  for (int t = 0; t < n_tables; t++) {
    const mst__intern *table = &workers[t].table;
    int64_t g = 0;
    for (int u = 0; u < t; u++) g += workers[u].table.n;
    for (int64_t i = 0; i < table->n; i++, g++) {
      m->key[g] = (spelling){mst__intern_at(table, i), big_endian(table->key[i].w1)};
      m->prefix[g] = big_endian(table->key[i].w0);
    }
  }
}

/* Deal the spellings into their ranges: each thread its slice of them. place is n_ranges counts a
 * slice, which become where the slice's spellings of each range go. */
static void deal(merge *m) {
#pragma omp parallel for schedule(static, 1) num_threads(m->n_ranges)
  for (int t = 0; t < m->n_ranges; t++) {
    int64_t *count = m->place + (int64_t)t * m->n_ranges;
    const int64_t end = mst__slice(m->n, t + 1, m->n_ranges);
    for (int64_t g = mst__slice(m->n, t, m->n_ranges); g < end; g++)
      count[range_of(m, m->prefix[g])]++;
  }
  for (int64_t r = 0, at = 0; r < m->n_ranges; r++) {
    for (int64_t t = 0; t < m->n_ranges; t++) {
      const int64_t here = m->place[t * m->n_ranges + r];
      m->place[t * m->n_ranges + r] = at;
      at += here;
    }
    m->from[r + 1] = at;
  }
#pragma omp parallel for schedule(static, 1) num_threads(m->n_ranges)
  for (int t = 0; t < m->n_ranges; t++) {
    int64_t *place = m->place + (int64_t)t * m->n_ranges;
    const int64_t end = mst__slice(m->n, t + 1, m->n_ranges);
    for (int64_t g = mst__slice(m->n, t, m->n_ranges); g < end; g++)
      m->items[place[range_of(m, m->prefix[g])]++] = (item){m->prefix[g], g};
  }
}

static int same_spelling(const merge *m, int64_t i) {
  const item a = m->items[i - 1], b = m->items[i];
  return a.prefix == b.prefix && compare_rest(&m->key[a.g], &m->key[b.g]) == 0;
}

/* Sort each range; count its spellings, and number them from 0: a number stands where the prefix
 * was, which nothing asks for any more. */
static void sort_ranges(merge *m) {
#pragma omp parallel for schedule(static, 1) num_threads(m->n_ranges)
  for (int r = 0; r < m->n_ranges; r++) {
    const int64_t from = m->from[r], last = m->from[r + 1];
    sort_radix(m->key, m->items + from, m->tmp + from, last - from, 56);
    int64_t n_types = 0, n_bytes = 0;
    uint64_t before = 0;
    for (int64_t i = from; i < last; i++) {
      if (i == from || !same_spelling(m, i)) {
        n_types++;
        n_bytes += m->key[m->items[i].g].bytes.len;
      }
      if (i > from) m->items[i - 1].prefix = before;
      before = (uint64_t)n_types - 1;
    }
    if (last > from) m->items[last - 1].prefix = before;
    m->n_types[r + 1] = n_types;
    m->n_bytes[r + 1] = n_bytes;
  }
  for (int r = 0; r < m->n_ranges; r++) {
    m->n_types[r + 1] += m->n_types[r];
    m->n_bytes[r + 1] += m->n_bytes[r];
  }
}

/* Write the spellings, and their numbers: those of a range behind those of the ranges before. */
static void write_types(const merge *m, uint32_t *rank, mst_strings *types) {
  types->start[types->n] = m->n_bytes[m->n_ranges];
#pragma omp parallel for schedule(static, 1) num_threads(m->n_ranges)
  for (int r = 0; r < m->n_ranges; r++) {
    int64_t byte = m->n_bytes[r], last = -1;
    for (int64_t i = m->from[r]; i < m->from[r + 1]; i++) {
      const int64_t g = m->items[i].g, v = m->n_types[r] + (int64_t)m->items[i].prefix;
      const mst_slice bytes = m->key[g].bytes;
      if (i + AHEAD < m->n) __builtin_prefetch(m->key[m->items[i + AHEAD].g].bytes.ptr);
      rank[g] = (uint32_t)v;
      if (v == last) continue;
      last = v;
      types->start[v] = byte;
      if (bytes.len) memcpy(types->bytes + byte, bytes.ptr, (size_t)bytes.len);
      byte += bytes.len;
    }
  }
}

mst_status mst__intern_merge(const mst__worker *workers, int n_tables, int n_threads,
                             mst_strings *types, uint32_t *rank) {
  merge m;
  mst_strings out = {0};
  mst_status st = merge_init(&m, workers, n_tables, n_threads);
  if (st) goto done;
  flatten(&m, workers, n_tables);
  if (m.n_ranges > 1) st = choose_limits(&m);
  if (st) goto done;
  deal(&m);
  sort_ranges(&m);
  out.n = m.n_types[m.n_ranges];
  if (out.n > INT32_MAX) st = MST_FAIL(MST_E_LIMIT, "more than %d distinct spellings", INT32_MAX);
  if (st) goto done;
  out.bytes = mst_alloc((size_t)m.n_bytes[m.n_ranges], 1);
  out.start = out.bytes ? mst_alloc((size_t)out.n + 1, sizeof *out.start) : NULL;
  st = out.start ? MST_OK : MST_E_NOMEM;
  if (st) goto done;
  write_types(&m, rank, &out);
  *types = out;
  out = (mst_strings){0};
done:
  mst_strings_fini(&out);
  merge_fini(&m);
  return st;
}
