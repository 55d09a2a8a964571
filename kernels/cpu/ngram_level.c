/* ngram_level.c: the n-grams of length n from those of length n-1.
 *
 * A position becomes one 64-bit word: rank of the prefix there, last unit, position, from the most
 * significant bit on. Words are dealt into buckets of neighbouring prefixes, in the order of their
 * positions; a bucket fits a cache, so it is sorted there, by one thread, and its n-grams numbered.
 */
#include <omp.h>
#include <string.h>

#include "cpu/ngram.h"
#include "cpu/radix.h"
#include "misstep/alloc.h"

/* Words held at once (one bucket may have more), and the size and number of buckets aimed at. */
#define CHUNK_WORDS ((int64_t)1 << 24)
enum { BUCKET_WORDS_BITS = 13, BUCKETS_BITS = 10 };

typedef struct levelling {
  mst__ranking *g;
  int32_t n;
  const int32_t *rank;
  int32_t *next;
  int pos_bits, unit_bits;
  int prefix_bits; /* of a prefix within its bucket */
  int64_t n_buckets;
  int64_t *place;    /* [n_threads x n_buckets] words of a slice of the items, then where they go */
  int64_t *from;     /* [n_buckets + 1] words before a bucket */
  int64_t *first;    /* [n_buckets + 1] n-grams before a bucket, known for those that are sorted */
  uint64_t *words;   /* of the buckets at hand */
  uint64_t *scratch; /* [n_threads x largest] */
  int64_t largest;   /* words of the largest bucket */
} levelling;

static void levelling_fini(levelling *l) {
  mst_free(l->place);
  mst_free(l->from);
  mst_free(l->first);
  mst_free(l->words);
  mst_free(l->scratch);
}

mst_status mst__level_flag_terms(mst__ranking *g, int32_t n) {
  mst__level *level = &g->level[n - 1];
  if (!g->whole || n >= g->n_min) return MST_OK;
  level->is_term = mst_alloc_zero((size_t)level->n, 1);
  return level->is_term ? MST_OK : MST_E_NOMEM;
}

/* Divide the bits of a word and the prefixes into buckets. */
static mst_status levelling_init(levelling *l) {
  const mst_sequences *items = l->g->items;
  const int64_t n_positions = items->n_positions, n_prefixes = l->g->level[l->n - 2].n;
  l->pos_bits = mst__bits_for((uint64_t)n_positions);
  l->unit_bits = mst__bits_for((uint64_t)items->n_units);
  const int room = 64 - l->pos_bits - l->unit_bits;
  if (room < 0)
    return MST_FAIL(MST_E_LIMIT, "%d distinct units at %lld positions are more than 2^64 together",
                    items->n_units, (long long)n_positions);
  int buckets_bits = l->pos_bits - BUCKET_WORDS_BITS;
  buckets_bits = buckets_bits < 0 ? 0 : buckets_bits > BUCKETS_BITS ? BUCKETS_BITS : buckets_bits;
  l->prefix_bits = mst__bits_for((uint64_t)n_prefixes) - buckets_bits;
  if (l->prefix_bits < 0) l->prefix_bits = 0;
  if (l->prefix_bits > room) l->prefix_bits = room;
  l->n_buckets = (n_prefixes >> l->prefix_bits) + 1;
  const size_t n = (size_t)l->n_buckets;
  l->place = mst_alloc_zero(n * (size_t)l->g->n_threads, sizeof *l->place);
  l->from = l->place ? mst_alloc(n + 1, sizeof *l->from) : NULL;
  l->first = l->from ? mst_alloc(n + 1, sizeof *l->first) : NULL;
  return l->first ? MST_OK : MST_E_NOMEM;
}

/* Count the positions that begin an n-gram, by slice of the items and bucket. */
static void count_words(levelling *l) {
  const mst_sequences *items = l->g->items;
  const int n_threads = l->g->n_threads;
#pragma omp parallel for schedule(static, 1) num_threads(n_threads)
  for (int s = 0; s < n_threads; s++) {
    int64_t *count = l->place + s * l->n_buckets;
    const int64_t last = mst__slice(items->n_items, s + 1, n_threads);
    for (int64_t i = mst__slice(items->n_items, s, n_threads); i < last; i++)
      for (int64_t p = items->ptr[i]; p + l->n <= items->ptr[i + 1]; p++)
        count[l->rank[p] >> l->prefix_bits]++;
  }
  l->from[0] = 0;
  for (int64_t b = 0; b < l->n_buckets; b++) {
    int64_t to = l->from[b];
    for (int s = 0; s < n_threads; s++) {
      const int64_t here = l->place[s * l->n_buckets + b];
      l->place[s * l->n_buckets + b] = to;
      to += here;
    }
    l->from[b + 1] = to;
    if (to - l->from[b] > l->largest) l->largest = to - l->from[b];
  }
}

/* The buckets from lo on that are held at once. */
static int64_t chunk_end(const levelling *l, int64_t lo) {
  int64_t hi = lo + 1;
  while (hi < l->n_buckets && l->from[hi + 1] - l->from[lo] <= CHUNK_WORDS) hi++;
  return hi;
}

static mst_status make_room(levelling *l) {
  int64_t n_words = 0;
  for (int64_t lo = 0, hi; lo < l->n_buckets; lo = hi) {
    hi = chunk_end(l, lo);
    if (l->from[hi] - l->from[lo] > n_words) n_words = l->from[hi] - l->from[lo];
  }
  l->words = mst_alloc((size_t)n_words, sizeof *l->words);
  if (!l->words) return MST_E_NOMEM;
  l->scratch = mst_alloc((size_t)l->largest * (size_t)l->g->n_threads, sizeof *l->scratch);
  return l->scratch ? MST_OK : MST_E_NOMEM;
}

/* Write the words of buckets lo .. hi-1. */
static void deal_words(levelling *l, int64_t lo, int64_t hi) {
  const mst_sequences *items = l->g->items;
  const int n_threads = l->g->n_threads;
  const int32_t prefix_mask = (int32_t)(((int64_t)1 << l->prefix_bits) - 1);
  const int64_t skipped = l->from[lo];
#pragma omp parallel for schedule(static, 1) num_threads(n_threads)
  for (int s = 0; s < n_threads; s++) {
    int64_t *place = l->place + s * l->n_buckets;
    const int64_t last = mst__slice(items->n_items, s + 1, n_threads);
    for (int64_t i = mst__slice(items->n_items, s, n_threads); i < last; i++)
      for (int64_t p = items->ptr[i]; p + l->n <= items->ptr[i + 1]; p++) {
        const int64_t b = l->rank[p] >> l->prefix_bits;
        if (b < lo || b >= hi) continue;
        const uint64_t prefix = (uint64_t)(l->rank[p] & prefix_mask);
        l->words[place[b]++ - skipped] =
            (prefix << l->unit_bits | (uint64_t)items->id[p + l->n - 1]) << l->pos_bits |
            (uint64_t)p;
      }
  }
}

static int is_new(const levelling *l, const uint64_t *word, int64_t i) {
  return i == 0 || word[i] >> l->pos_bits != word[i - 1] >> l->pos_bits;
}

/* Sort each bucket and count its n-grams. */
static void sort_buckets(levelling *l, int64_t lo, int64_t hi) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(l->g->n_threads)
  for (int64_t b = lo; b < hi; b++) {
    uint64_t *words = l->words + (l->from[b] - l->from[lo]);
    const int64_t n = l->from[b + 1] - l->from[b];
    const uint64_t *sorted = mst__radix_sort(words, l->scratch + omp_get_thread_num() * l->largest,
                                             n, l->pos_bits, l->prefix_bits + l->unit_bits);
    if (sorted != words) memcpy(words, sorted, (size_t)n * sizeof *words);
    int64_t n_grams = 0;
    for (int64_t i = 0; i < n; i++) n_grams += is_new(l, words, i);
    l->first[b + 1] = n_grams;
  }
  for (int64_t b = lo; b < hi; b++) l->first[b + 1] += l->first[b];
}

static mst_status grow_level(mst__level *level, int64_t n) {
  int32_t *unit = mst_realloc(level->unit, (size_t)n, sizeof *unit);
  if (!unit) return MST_E_NOMEM;
  level->unit = unit;
  int32_t *parent = mst_realloc(level->parent, (size_t)n, sizeof *parent);
  if (!parent) return MST_E_NOMEM;
  level->parent = parent;
  level->n = n;
  return MST_OK;
}

/* Give the n-grams of sorted buckets their numbers, and the positions theirs. */
static void number_buckets(const levelling *l, int64_t lo, int64_t hi) {
  const mst__level *level = &l->g->level[l->n - 1];
  const uint64_t pos_mask = ((uint64_t)1 << l->pos_bits) - 1;
  const uint64_t unit_mask = ((uint64_t)1 << l->unit_bits) - 1;
#pragma omp parallel for schedule(dynamic, 1) num_threads(l->g->n_threads)
  for (int64_t b = lo; b < hi; b++) {
    const uint64_t *words = l->words + (l->from[b] - l->from[lo]);
    const int64_t n = l->from[b + 1] - l->from[b];
    int64_t id = l->first[b] - 1;
    for (int64_t i = 0; i < n; i++) {
      if (is_new(l, words, i)) {
        const uint64_t key = words[i] >> l->pos_bits;
        id++;
        level->parent[id] = (int32_t)(b << l->prefix_bits | (int64_t)(key >> l->unit_bits));
        level->unit[id] = (int32_t)(key & unit_mask);
      }
      l->next[words[i] & pos_mask] = (int32_t)id;
    }
  }
}

mst_status mst__level_rank(mst__ranking *g, int32_t n, const int32_t *rank, int32_t *next) {
  levelling l = {.g = g, .n = n, .rank = rank, .next = next};
  mst_status st = levelling_init(&l);
  if (st) goto done;
  count_words(&l);
  if (l.largest == 0) goto done;
  st = make_room(&l);
  l.first[0] = 0;
  for (int64_t lo = 0, hi; !st && lo < l.n_buckets; lo = hi) {
    hi = chunk_end(&l, lo);
    deal_words(&l, lo, hi);
    sort_buckets(&l, lo, hi);
    if (l.first[hi] > INT32_MAX)
      st = MST_FAIL(MST_E_LIMIT, "more than 2^31-1 n-grams of length %d", n);
    if (!st) st = grow_level(&g->level[n - 1], l.first[hi]);
    if (!st) number_buckets(&l, lo, hi);
  }
  if (!st) st = mst__level_flag_terms(g, n);
  g->n_levels = n;
done:
  levelling_fini(&l);
  return st;
}
