/* ppdb.c: a file of paraphrases in the text format of the Paraphrase Database (PPDB 1.0 and 2.0).
 *
 *     [NN] ||| mistake ||| error ||| PPDB2.0Score=4.2 ... ||| 0-0 ||| Equivalence
 *
 * Phrases of several words on the left are passed over, since single words are looked up; where the
 * sixth field is there (2.0), only pairs that mean the same (Equivalence) are taken. Best first:
 * by PPDB2.0Score, then as the file has them.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "misstep/hash.h"

typedef struct pair {
  mst_slice word, alternative; /* in the map */
  double score;
  mst_pos pos;
} pair;

struct mst__ppdb {
  mst__map map;
  pair *pairs; /* by word, best first */
  int64_t n, capacity;
  int64_t *first; /* [mask + 1] pair of a word, + 1 */
  uint64_t mask;
};

enum { FIELDS = 6 };

static int split(mst_slice line, mst_slice field[FIELDS]) {
  int n = 0;
  while (n < FIELDS) {
    const uint8_t *bar = line.len ? memmem(line.ptr, (size_t)line.len, "|||", 3) : NULL;
    mst_slice s = {line.ptr, bar ? bar - line.ptr : line.len};
    while (s.len && s.ptr[s.len - 1] == ' ') s.len--;
    while (s.len && *s.ptr == ' ') s.ptr++, s.len--;
    field[n++] = s;
    if (!bar) break;
    line = (mst_slice){bar + 3, line.len - (bar + 3 - line.ptr)};
  }
  return n;
}

/* Penn Treebank's tags, as far as they name a part of speech: [NN], [VBD], [JJ], [RB]. */
static mst_pos pos_of(mst_slice tag) {
  static const struct {
    uint8_t tag[3];
    mst_pos pos;
  } tags[] = {{"NN", MST_POS_NOUN},
              {"VB", MST_POS_VERB},
              {"JJ", MST_POS_ADJECTIVE},
              {"RB", MST_POS_ADVERB}};
  for (int i = 0; i < 4 && tag.len >= 4; i++)
    if (tag.ptr[1] == tags[i].tag[0] && tag.ptr[2] == tags[i].tag[1] &&
        !memchr(tag.ptr, '/', (size_t)tag.len) && !memchr(tag.ptr, '\\', (size_t)tag.len))
      return tags[i].pos;
  return MST_POS_ANY;
}

/* A decimal number in any locale; 0 where there is none. */
static double score_of(mst_slice features) {
  static const char name[] = "PPDB2.0Score=";
  const uint8_t *end = features.ptr + features.len;
  const uint8_t *p =
      features.len ? memmem(features.ptr, (size_t)features.len, name, sizeof name - 1) : NULL;
  if (!p) return 0;
  p += sizeof name - 1;
  double value = 0, unit = 1;
  const int negative = p < end && *p == '-';
  p += negative;
  for (; p < end && *p >= '0' && *p <= '9'; p++) value = value * 10 + (*p - '0');
  if (p < end && *p == '.')
    for (p++; p < end && *p >= '0' && *p <= '9'; p++) value += (*p - '0') * (unit /= 10);
  return negative ? -value : value;
}

static mst_status add(mst__ppdb *x, const pair *item) {
  if (x->n == x->capacity) {
    const int64_t capacity = x->capacity ? 2 * x->capacity : 256;
    pair *pairs = mst_realloc(x->pairs, (size_t)capacity, sizeof *pairs);
    if (!pairs) return MST_E_NOMEM;
    x->pairs = pairs;
    x->capacity = capacity;
  }
  x->pairs[x->n++] = *item;
  return MST_OK;
}

static mst_status read_line(mst__ppdb *x, const mst__map *map, mst_slice line) {
  mst_slice f[FIELDS];
  const int64_t at = line.ptr - map->bytes;
  if (!mst__is_utf8(line)) return mst__map_fail(map, at, "broken UTF-8, expected UTF-8 text");
  const int n = split(line, f);
  if (n < 4 || f[0].len < 2 || f[0].ptr[0] != '[' || !f[1].len || !f[2].len)
    return mst__map_fail(map, at,
                         "expected [TAG] ||| phrase ||| paraphrase ||| features (PPDB's format)");
  static const char same[] = "Equivalence";
  if (n == FIELDS && (f[5].len != sizeof same - 1 || memcmp(f[5].ptr, same, sizeof same - 1) != 0))
    return MST_OK;
  if (memchr(f[1].ptr, ' ', (size_t)f[1].len)) return MST_OK;
  return add(x, &(pair){f[1], f[2], score_of(f[3]), pos_of(f[0])});
}

/* By word; then the better score; then the place in the file. */
static int compare(const void *a, const void *b) {
  const pair *x = a, *y = b;
  const int by_word = mst_slice_compare(x->word, y->word);
  if (by_word) return by_word;
  if (x->score != y->score) return x->score > y->score ? -1 : 1;
  return x->word.ptr < y->word.ptr ? -1 : x->word.ptr > y->word.ptr;
}

static uint64_t slot_of(const mst__ppdb *x, mst_slice word) {
  uint64_t i = mst_hash64(word.ptr, (size_t)word.len, 0) & x->mask;
  while (x->first[i] && mst_slice_compare(x->pairs[x->first[i] - 1].word, word) != 0)
    i = (i + 1) & x->mask;
  return i;
}

static mst_status make_index(mst__ppdb *x) {
  uint64_t n_slots = 2;
  while (n_slots < 2 * ((uint64_t)x->n + 1)) n_slots *= 2;
  x->first = mst_alloc_zero(n_slots, sizeof *x->first);
  if (!x->first) return MST_E_NOMEM;
  x->mask = n_slots - 1;
  if (x->n) qsort(x->pairs, (size_t)x->n, sizeof *x->pairs, compare);
  for (int64_t i = 0; i < x->n; i++) {
    int64_t *slot = &x->first[slot_of(x, x->pairs[i].word)];
    if (!*slot) *slot = i + 1;
  }
  return MST_OK;
}

mst_status mst__ppdb_create(mst__map *map, mst__ppdb **out) {
  if (map->n > 1 && map->bytes[0] == 0x1f && map->bytes[1] == 0x8b)
    return mst__map_fail(map, 0, "compressed by gzip, expected plain text (gunzip it)");
  mst__ppdb *x = mst_alloc_zero(1, sizeof *x);
  mst_status st = x ? MST_OK : MST_E_NOMEM;
  for (int64_t at = 0; !st && at < map->n;) {
    const uint8_t *end = memchr(map->bytes + at, '\n', (size_t)(map->n - at));
    const int64_t stop = end ? end - map->bytes : map->n;
    mst_slice line = {map->bytes + at, stop - at};
    if (line.len && line.ptr[line.len - 1] == '\r') line.len--;
    if (line.len) st = read_line(x, map, line);
    at = stop + 1;
  }
  if (!st) st = make_index(x);
  if (st) {
    mst__ppdb_free(x);
    return st;
  }
  x->map = *map;
  *map = (mst__map){0};
  *out = x;
  return MST_OK;
}

void mst__ppdb_free(mst__ppdb *x) {
  if (!x) return;
  mst__map_close(&x->map);
  mst_free(x->pairs);
  mst_free(x->first);
  mst_free(x);
}

int mst__ppdb_find(const mst__ppdb *x, mst_slice word, int64_t k, mst_slice *alternative,
                   mst_pos *pos) {
  const int64_t first = x->first[slot_of(x, word)] - 1;
  if (first < 0 || first + k >= x->n) return 0;
  const pair *p = &x->pairs[first + k];
  if (mst_slice_compare(p->word, word) != 0) return 0;
  *alternative = p->alternative;
  *pos = p->pos;
  return 1;
}
