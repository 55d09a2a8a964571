/* joined.c: n-grams as joined strings. A custom token pattern may yield tokens with spaces or
 * control characters inside: two different tuples can then be one string, and the order of strings
 * is not that of tuples. Plain and slow; everything else goes by numbers. */
#include <stdlib.h>
#include <string.h>

#include "features/internal.h"

/* The n tokens at p, joined by spaces, in a buffer that is emptied first. */
static mst_status join(const mst__source *source, int64_t p, int32_t n, mst_buffer *buffer) {
  buffer->size_bytes = 0;
  mst_status st = MST_OK;
  for (int64_t i = p; !st && i < p + n; i++) {
    const mst_slice s = mst_strings_at(source->spelling, source->items.id[i]);
    if (i > p) st = mst_buffer_append(buffer, " ", 1);
    if (!st) st = mst_buffer_append(buffer, s.ptr, (size_t)s.len);
  }
  return st;
}

/* Number every n-gram of every item by a map: new ones are added, or (frozen) are -1. */
static mst_status number_joins(const mst__source *source, int32_t n_min, int32_t n_max,
                               mst__string_map *map, int frozen, mst_grams *out) {
  const mst_sequences *items = &source->items;
  mst_grams grams = {0};
  mst_buffer buffer;
  mst_buffer_init(&buffer, SIZE_MAX / 2, "an n-gram");
  mst_status st = mst_ngrams_layout(items, n_min, n_max, 0, &grams);
  for (int64_t i = 0; !st && i < items->n_items; i++) {
    int32_t *to = grams.id + grams.ptr[i];
    for (int32_t n = n_min; n <= n_max; n++)
      for (int64_t p = items->ptr[i]; !st && p + n <= items->ptr[i + 1]; p++, to++) {
        st = join(source, p, n, &buffer);
        const mst_slice joined = {buffer.data, (int64_t)buffer.size_bytes};
        if (!st && frozen) *to = mst__string_map_find(map, joined);
        else if (!st) st = mst__string_map_add(map, joined, to);
      }
  }
  mst_buffer_fini(&buffer);
  if (st) mst_grams_fini(&grams);
  else *out = grams;
  return st;
}

typedef struct entry {
  mst_slice string;
  int32_t id;
} entry;

static int by_string(const void *a, const void *b) {
  return mst_slice_compare(((const entry *)a)->string, ((const entry *)b)->string);
}

mst_status mst__joined_fit(const mst__source *source, int32_t n_min, int32_t n_max,
                           mst_grams *grams, mst_strings *terms) {
  mst__string_map map;
  mst_status st = mst__string_map_init(&map);
  if (st) {
    mst__string_map_fini(&map);
    return st;
  }
  entry *entries = NULL;
  int32_t *rank = NULL, *order = NULL;
  mst_strings unsorted = {0};
  st = number_joins(source, n_min, n_max, &map, 0, grams);
  if (st) goto done;
  const size_t n = (size_t)map.n;
  entries = mst_alloc(n, sizeof *entries);
  rank = mst_alloc(n, sizeof *rank);
  order = mst_alloc(n, sizeof *order);
  st = entries && rank && order ? MST_OK : MST_E_NOMEM;
  for (int32_t id = 0; !st && id < map.n; id++)
    entries[id] = (entry){mst__string_map_at(&map, id), id};
  if (!st) {
    qsort(entries, n, sizeof *entries, by_string);
    for (int32_t i = 0; i < map.n; i++) rank[order[i] = entries[i].id] = i;
    unsorted = (mst_strings){map.n, map.bytes.data, map.start};
    st = mst__strings_take(&unsorted, order, map.n, terms);
  }
  if (st) mst_grams_fini(grams);
  else mst_grams_remap(grams, rank, 1);
done:
  mst__string_map_fini(&map);
  mst_free(entries);
  mst_free(rank);
  mst_free(order);
  return st;
}

mst_status mst__joined_lookup(const mst__source *source, int32_t n_min, int32_t n_max,
                              const mst_strings *terms, mst_grams *grams) {
  mst__string_map map;
  mst_status st = mst__string_map_init(&map);
  for (int64_t t = 0; !st && t < terms->n; t++) {
    int32_t id;
    st = mst__string_map_add(&map, mst_strings_at(terms, t), &id);
  }
  if (!st) st = number_joins(source, n_min, n_max, &map, 1, grams);
  mst__string_map_fini(&map);
  return st;
}
