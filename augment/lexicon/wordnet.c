/* wordnet.c: WordNet 3.0's files in memory. All lines of the indexes are checked when they are
 * opened, and the synsets that look-ups will read. Formats: wndb(5WN), cntlist(5WN).
 */
#include <string.h>

#include "internal.h"
#include "misstep/hash.h"

static const char *const pos_names[MST__WN_POS] = {"noun", "verb", "adj", "adv"};

mst_status mst__wordnet_map(const char *folder, mst__wordnet *w) {
  mst_status st = mst__map_open(folder, "cntlist.rev", &w->counts);
  for (int pos = 0; !st && pos < MST__WN_POS; pos++) {
    char name[16];
    const size_t n = strlen(pos_names[pos]);
    memcpy(name, "index.", 6);
    memcpy(name + 6, pos_names[pos], n + 1);
    st = mst__map_open(folder, name, &w->index[pos]);
    memcpy(name, "data.", 5);
    memcpy(name + 5, pos_names[pos], n + 1);
    if (!st) st = mst__map_open(folder, name, &w->data[pos]);
    memcpy(name, pos_names[pos], n);
    memcpy(name + n, ".exc", 5);
    if (!st) st = mst__map_open(folder, name, &w->exc[pos]);
  }
  return st;
}

void mst__wordnet_close(mst__wordnet *w) {
  for (int pos = 0; pos < MST__WN_POS; pos++) {
    mst__map_close(&w->index[pos]);
    mst__map_close(&w->data[pos]);
    mst__map_close(&w->exc[pos]);
    mst_free(w->lemma[pos]);
    mst__exceptions_close(&w->irregular[pos]);
  }
  mst__map_close(&w->counts);
  *w = (mst__wordnet){0};
}

/* One line of a file, field by field. */
typedef struct fields {
  const uint8_t *p, *end;
} fields;

static mst_slice next_field(fields *f) {
  while (f->p < f->end && *f->p == ' ') f->p++;
  const mst_slice s = {f->p, 0};
  while (f->p < f->end && *f->p != ' ' && *f->p != '\n') f->p++;
  return (mst_slice){s.ptr, f->p - s.ptr};
}

/* A number of at most 9 digits, or -1. */
static int64_t number_of(mst_slice s) {
  int64_t value = 0;
  if (!s.len || s.len > 9) return -1;
  for (int64_t i = 0; i < s.len; i++) {
    if (s.ptr[i] < '0' || s.ptr[i] > '9') return -1;
    value = value * 10 + (s.ptr[i] - '0');
  }
  return value;
}

static fields line_at(const mst__map *map, int64_t at) {
  const uint8_t *begin = map->bytes + at;
  const uint8_t *end = memchr(begin, '\n', (size_t)(map->n - at));
  return (fields){begin, end ? end : map->bytes + map->n};
}

int64_t mst__lemma_offset(const mst__wordnet *w, int pos, const mst__lemma *lemma, int32_t k) {
  const mst__map *map = &w->index[pos];
  fields f = {map->bytes + lemma->offsets, map->bytes + map->n};
  int64_t offset = -1;
  for (int32_t i = 0; i <= k; i++) offset = number_of(next_field(&f));
  return offset;
}

/* The slot of a word: its lemma's, or the free one where it belongs. */
static mst__lemma *slot_of(const mst__wordnet *w, int pos, mst_slice word) {
  const mst__map *map = &w->index[pos];
  const uint64_t hash = mst_hash64(word.ptr, (size_t)word.len, 0);
  for (uint64_t i = hash & w->mask[pos];; i = (i + 1) & w->mask[pos]) {
    mst__lemma *lemma = &w->lemma[pos][i];
    if (!lemma->at) return lemma;
    if (lemma->tag != hash >> 48) continue;
    const uint8_t *known = map->bytes + lemma->at - 1;
    const int64_t room = map->n - (lemma->at - 1);
    if (room > word.len && known[word.len] == ' ' && !memcmp(known, word.ptr, (size_t)word.len))
      return lemma;
  }
}

mst__lemma *mst__lemma_find(const mst__wordnet *w, int pos, mst_slice word) {
  if (!word.len) return NULL;
  mst__lemma *lemma = slot_of(w, pos, word);
  return lemma->at ? lemma : NULL;
}

/* Check the synsets of a lemma that look-ups will read. */
static mst_status check_synsets(const mst__wordnet *w, int pos, const mst__lemma *lemma) {
  for (int32_t k = 0; k < w->max_senses && k < (int32_t)lemma->n; k++) {
    mst__synset synset;
    mst_slice word;
    int marked, more;
    const int64_t offset = mst__lemma_offset(w, pos, lemma, k);
    const mst_status st = offset < 0 ? mst__map_fail(&w->index[pos], lemma->offsets,
                                                     "expected the offset of a synset")
                                     : mst__synset_open(&w->data[pos], offset, &synset);
    if (st) return st;
    while ((more = mst__synset_next(&synset, &word, &marked)) > 0) continue;
    if (more < 0)
      return mst__map_fail(&w->data[pos], offset, "a damaged synset, expected words and numbers");
  }
  return MST_OK;
}

/* lemma pos synset_cnt p_cnt [ptr_symbol ...] sense_cnt tagsense_cnt synset_offset ... */
static mst_status read_index_line(mst__wordnet *w, int pos, int64_t at) {
  const mst__map *map = &w->index[pos];
  fields f = line_at(map, at);
  const mst_slice word = next_field(&f);
  (void)next_field(&f);
  const int64_t n = number_of(next_field(&f)), n_pointers = number_of(next_field(&f));
  for (int64_t i = 0; i < n_pointers && f.p < f.end; i++) (void)next_field(&f);
  (void)next_field(&f);
  (void)next_field(&f);
  if (!word.len || n < 1 || n > UINT16_MAX || n_pointers < 0 || f.p == f.end)
    return mst__map_fail(map, at, "a damaged line, expected a lemma and its synsets");
  mst__lemma *lemma = slot_of(w, pos, word);
  if (lemma->at) return mst__map_fail(map, at, "a lemma that stands before, too");
  const uint64_t hash = mst_hash64(word.ptr, (size_t)word.len, 0);
  *lemma = (mst__lemma){(uint32_t)at + 1, (uint32_t)(f.p - map->bytes), (uint16_t)n,
                        (uint16_t)(hash >> 48), 0};
  return check_synsets(w, pos, lemma);
}

static mst_status read_index(mst__wordnet *w, int pos) {
  const mst__map *map = &w->index[pos];
  uint64_t n_slots = 2, n_lines = 0;
  if (map->n >= UINT32_MAX) return mst__map_fail(map, 0, "above 4 GiB");
  for (int64_t i = 0; i < map->n; i++) n_lines += map->bytes[i] == '\n';
  while (n_slots < 2 * (n_lines + 2)) n_slots *= 2;
  w->lemma[pos] = mst_alloc_zero(n_slots, sizeof *w->lemma[pos]);
  if (!w->lemma[pos]) return MST_E_NOMEM;
  w->mask[pos] = n_slots - 1;
  mst_status st = MST_OK;
  for (int64_t at = 0; !st && at < map->n;) {
    const fields f = line_at(map, at);
    /* Lines of the licence begin with two spaces. */
    if (f.p < f.end && *f.p != ' ') st = read_index_line(w, pos, at);
    else if (f.p == f.end) st = mst__map_fail(map, at, "an empty line, expected a lemma");
    at = f.end - map->bytes + 1;
  }
  return st;
}

/* lemma%ss_type:... sense_number tag_cnt */
static mst_status read_counts(mst__wordnet *w) {
  static const int8_t pos_of_type[] = {-1, 0, 1, 2, 3, 2};
  const mst__map *map = &w->counts;
  for (int64_t at = 0; at < map->n;) {
    fields f = line_at(map, at);
    const uint8_t *end = f.end;
    const mst_slice key = next_field(&f);
    (void)next_field(&f);
    const int64_t count = number_of(next_field(&f));
    const uint8_t *percent = key.len ? memchr(key.ptr, '%', (size_t)key.len) : NULL;
    const int type = percent && key.ptr + key.len - percent > 1 ? percent[1] - '0' : 0;
    if (count < 0 || type < 1 || type > 5)
      return mst__map_fail(map, at, "a damaged line, expected a sense and how often it was tagged");
    const mst_slice word = {key.ptr, percent - key.ptr};
    mst__lemma *lemma = mst__lemma_find(w, pos_of_type[type], word);
    if (lemma && lemma->count < UINT32_MAX / 2) lemma->count += (uint32_t)count;
    at = end - map->bytes + 1;
  }
  return MST_OK;
}

mst_status mst__wordnet_read(mst__wordnet *w) {
  mst_status st = MST_OK;
  for (int pos = 0; !st && pos < MST__WN_POS; pos++) {
    st = read_index(w, pos);
    if (!st) st = mst__exceptions_read(&w->exc[pos], &w->irregular[pos]);
  }
  return st ? st : read_counts(w);
}
