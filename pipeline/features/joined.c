/* joined.c: n-grams as joined strings. A custom token pattern may yield tokens with spaces or
 * control characters inside: two different tuples can then be one string, and the order of strings
 * is not that of tuples. Plain and slow; everything else goes by numbers. */
#include <stdlib.h>
#include <string.h>

#include "features/internal.h"

/* The n tokens id, joined by spaces, in a buffer that is emptied first. */
static mst_status join(const mst_strings *spelling, const int32_t *id, int32_t n,
                       mst_buffer *buffer) {
  buffer->size_bytes = 0;
  mst_status st = MST_OK;
  for (int32_t i = 0; !st && i < n; i++) {
    const mst_slice s = mst_strings_at(spelling, id[i]);
    if (i > 0) st = mst_buffer_append(buffer, " ", 1);
    if (!st) st = mst_buffer_append(buffer, s.ptr, (size_t)s.len);
  }
  return st;
}

/* Number every n-gram of every item by a map: new ones are added, or (frozen) are -1. All on the
 * host. */
static mst_status number_items(const mst_sequences *items, const mst_strings *spelling,
                               int32_t n_min, int32_t n_max, mst__string_map *map, int frozen,
                               mst_grams *out) {
  mst_grams grams = {0};
  mst_buffer buffer;
  mst_buffer_init(&buffer, SIZE_MAX / 2, "an n-gram");
  mst_status st = mst_ngrams_layout(items, n_min, n_max, 0, &grams);
  for (int64_t i = 0; !st && i < items->n_items; i++) {
    int32_t *to = grams.id + grams.ptr[i];
    for (int32_t n = n_min; n <= n_max; n++)
      for (int64_t p = items->ptr[i]; !st && p + n <= items->ptr[i + 1]; p++, to++) {
        st = join(spelling, items->id + p, n, &buffer);
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

/* The same for items at home. */
static mst_status number_joins(const mst__source *source, int32_t n_min, int32_t n_max,
                               mst__string_map *map, int frozen, mst_grams *out) {
  mst_backend *backend = source->backend;
  mst_sequences items = source->items;
  const void *ptr = NULL, *id = NULL;
  mst_status st = mst__host_view(backend, items.ptr, items.n_items + 1, sizeof *items.ptr, &ptr);
  if (!st) st = mst__host_view(backend, items.id, items.n_positions, sizeof *items.id, &id);
  items.ptr = ptr;
  items.id = id;
  if (!st) st = number_items(&items, mst__source_spelling(source), n_min, n_max, map, frozen, out);
  mst__host_view_free(backend, ptr);
  mst__host_view_free(backend, id);
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
  for (int64_t i = 0; !st && i < grams->n_grams; i++) grams->id[i] = rank[grams->id[i]];
  if (!st) st = mst__grams_to_home(source->backend, grams);
  if (st) mst_grams_fini(grams);
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
  if (st) return st;
  st = mst__grams_to_home(source->backend, grams);
  if (st) mst_grams_fini(grams);
  return st;
}
