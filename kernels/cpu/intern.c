/* intern.c: the rare half of intern.h: new keys and growth. */
#include "cpu/intern.h"

#include "misstep/alloc.h"

enum { FIRST_SLOTS = 4096, FIRST_ARENA = 1 << 16 };

void mst__intern_init(mst__intern *t, const uint8_t *base) { *t = (mst__intern){.base = base}; }

void mst__intern_fini(mst__intern *t) {
  mst_free(t->slot);
  mst_free(t->key);
  mst_free(t->arena);
  *t = (mst__intern){0};
}

uint64_t mst__hash_long(const uint8_t *p, int64_t len) {
  uint64_t h = (uint64_t)len;
  for (int64_t i = 0; i < len; i += 8) {
    const int64_t left = len - i;
    const uint64_t w = mst__load(p + i, left < 8 ? left : 8, left);
    h = mst__slot_hash(h, w, 0);
  }
  return h;
}

int mst__intern_same(const mst__intern *t, uint32_t id, const uint8_t *p, int64_t len) {
  const mst_slice key = mst__intern_at(t, id);
  return key.len == len && memcmp(key.ptr, p, (size_t)len) == 0;
}

/* Put a slot whose key is not in the table yet. */
static void slot_put(mst__slot *slot, uint64_t mask, mst__slot s) {
  uint64_t i = mst__slot_hash(s.w0, s.w1, s.len) & mask;
  while (slot[i].id1) i = (i + 1) & mask;
  slot[i] = s;
}

/* A table of n slots, a power of two, with what the old one holds. */
static mst_status resize_slots(mst__intern *t, uint64_t n) {
  const uint64_t n_old = t->slot && t->n ? t->mask + 1 : 0;
  mst__slot *slot = mst_alloc_zero(n, sizeof *slot);
  if (!slot) return MST_E_NOMEM;
  for (uint64_t i = 0; i < n_old; i++)
    if (t->slot[i].id1) slot_put(slot, n - 1, t->slot[i]);
  mst_free(t->slot);
  t->slot = slot;
  t->mask = n - 1;
  return MST_OK;
}

/* Room for one more slot: twice the table when it is half full. */
static mst_status grow_slots(mst__intern *t) {
  if (!t->slot) return resize_slots(t, FIRST_SLOTS);
  return (uint64_t)t->n < (t->mask + 1) / 2 ? MST_OK : resize_slots(t, (t->mask + 1) * 2);
}

static mst_status resize_keys(mst__intern *t, int64_t capacity) {
  mst__key *key = mst_realloc(t->key, (size_t)capacity, sizeof *key);
  if (!key) return MST_E_NOMEM;
  t->key = key;
  t->capacity = capacity;
  return MST_OK;
}

static mst_status grow_keys(mst__intern *t) {
  if (t->n < t->capacity) return MST_OK;
  return resize_keys(t, t->capacity ? t->capacity * 2 : FIRST_SLOTS);
}

mst_status mst__intern_reserve(mst__intern *t, int64_t n) {
  uint64_t n_slots = FIRST_SLOTS;
  if (n < FIRST_SLOTS) return MST_OK; /* the first key makes room for so many */
  while (n_slots / 2 < (uint64_t)n) n_slots *= 2;
  t->slot = mst_alloc(n_slots, sizeof *t->slot);
  if (!t->slot) return MST_E_NOMEM;
  t->mask = n_slots - 1;
  return resize_keys(t, (int64_t)n_slots / 2); /* so many keys, then the slots grow as well */
}

void mst__intern_ready(mst__intern *t) {
  if (t->slot && !t->n) memset(t->slot, 0, (t->mask + 1) * sizeof *t->slot);
}

/* Copy a key behind the others; *start receives its place. */
static mst_status arena_copy(mst__intern *t, const uint8_t *p, int64_t len, int64_t *start) {
  if (t->arena_used + len > t->arena_capacity || !t->arena) {
    int64_t capacity = t->arena_capacity ? t->arena_capacity * 2 : FIRST_ARENA;
    if (capacity < t->arena_used + len) capacity = t->arena_used + len;
    uint8_t *arena = mst_realloc(t->arena, (size_t)capacity, 1);
    if (!arena) return MST_E_NOMEM;
    t->base = t->arena = arena;
    t->arena_capacity = capacity;
  }
  if (len) memcpy(t->arena + t->arena_used, p, (size_t)len);
  *start = t->arena_used;
  t->arena_used += len;
  return MST_OK;
}

mst_status mst__intern_insert(mst__intern *t, mst__slot want, const uint8_t *p, int64_t len,
                              uint32_t *id) {
  if (t->n == INT32_MAX) return MST_FAIL(MST_E_LIMIT, "more than %d distinct spellings", INT32_MAX);
  if (grow_slots(t) || grow_keys(t)) return MST_E_NOMEM;
  int64_t start = 0;
  if (t->base && !t->arena) start = p - t->base;
  else if (arena_copy(t, p, len, &start)) return MST_E_NOMEM;
  const uint64_t w1 = len > 16 ? mst__load(p + 8, 8, 8) : want.w1; /* a long one's is a hash */
  t->key[t->n] = (mst__key){start, len, want.w0, w1};
  *id = (uint32_t)t->n++;
  want.id1 = *id + 1;
  slot_put(t->slot, t->mask, want);
  return MST_OK;
}
