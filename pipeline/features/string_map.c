/* string_map.c: strings to numbers, open addressing at half load. */
#include <string.h>

#include "features/internal.h"
#include "misstep/hash.h"

static mst_status grow(mst__string_map *map, uint64_t n_slots) {
  int32_t *slot = mst_alloc(n_slots, sizeof *slot);
  if (!slot) return MST_E_NOMEM;
  int64_t *start = mst_realloc(map->start, n_slots / 2 + 1, sizeof *start);
  if (!start) {
    mst_free(slot);
    return MST_E_NOMEM;
  }
  memset(slot, 0xff, n_slots * sizeof *slot);
  map->start = start;
  if (map->n == 0) start[0] = 0;
  mst_free(map->slot);
  map->slot = slot;
  map->mask = n_slots - 1;
  for (int32_t id = 0; id < map->n; id++) {
    const mst_slice s = mst__string_map_at(map, id);
    uint64_t at = mst_hash64(s.ptr, (size_t)s.len, 0) & map->mask;
    while (slot[at] >= 0) at = (at + 1) & map->mask;
    slot[at] = id;
  }
  return MST_OK;
}

mst_status mst__string_map_init(mst__string_map *map) {
  *map = (mst__string_map){0};
  mst_buffer_init(&map->bytes, SIZE_MAX / 2, "a table of strings");
  return grow(map, 64);
}

void mst__string_map_fini(mst__string_map *map) {
  mst_buffer_fini(&map->bytes);
  mst_free(map->start);
  mst_free(map->slot);
  *map = (mst__string_map){0};
}

mst_slice mst__string_map_at(const mst__string_map *map, int32_t id) {
  return (mst_slice){map->bytes.data + map->start[id], map->start[id + 1] - map->start[id]};
}

/* The slot that holds a string, or the empty one where it belongs. */
static uint64_t locate(const mst__string_map *map, mst_slice string) {
  uint64_t at = mst_hash64(string.ptr, (size_t)string.len, 0) & map->mask;
  for (; map->slot[at] >= 0; at = (at + 1) & map->mask) {
    const mst_slice s = mst__string_map_at(map, map->slot[at]);
    if (s.len == string.len && (s.len == 0 || !memcmp(s.ptr, string.ptr, (size_t)s.len))) break;
  }
  return at;
}

int32_t mst__string_map_find(const mst__string_map *map, mst_slice string) {
  return map->slot[locate(map, string)];
}

mst_status mst__string_map_add(mst__string_map *map, mst_slice string, int32_t *id) {
  uint64_t at = locate(map, string);
  if (map->slot[at] < 0) {
    if (map->n == INT32_MAX) return MST_FAIL(MST_E_LIMIT, "more than 2^31-1 distinct strings");
    if ((uint64_t)map->n + 1 > (map->mask + 1) / 2) {
      const mst_status st = grow(map, (map->mask + 1) * 2);
      if (st) return st;
      at = locate(map, string);
    }
    const mst_status st = mst_buffer_append(&map->bytes, string.ptr, (size_t)string.len);
    if (st) return st;
    map->slot[at] = map->n++;
    map->start[map->n] = (int64_t)map->bytes.size_bytes;
  }
  *id = map->slot[at];
  return MST_OK;
}
