/* intern_view.cuh: what the kernels of the table of spellings share: the table as they see it, from
 * a slot to the bytes it stands for, and the fingerprint of a spelling. Internal.
 *
 * In: intern.cuh's table and cut. Next stage: intern.cu (finding slots), arena.cu (keeping bytes).
 */
#ifndef MISSTEP_CUDA_INTERN_VIEW_CUH
#define MISSTEP_CUDA_INTERN_VIEW_CUH

#include "cuda/intern.cuh"

#define MST__IN_CUT ((mst__cuda_slot)1 << 39)
#define MST__PLACE_MASK (MST__IN_CUT - 1)
#define MST__TAG_SHIFT 40

/* What the kernels see of a table and of the cut at hand. */
typedef struct mst__intern_view {
  mst__cuda_slot *slot;
  uint32_t *slot_type, *type_slot;
  int64_t *type_start;
  const uint8_t *arena;
  unsigned long long *counters;
  uint64_t mask, hash_mask; /* slots - 1 */
  int64_t limit;
  mst__cuda_cut cut;
} mst__intern_view;

typedef struct mst__spelling {
  const uint8_t *p;
  int64_t len;
} mst__spelling;

/* The spelling that a thread looks up: its first 8 bytes stay in a register, for most are all. */
typedef struct mst__wanted {
  mst__spelling s;
  uint64_t head;
} mst__wanted;

/* The next border behind byte i. There is one: bit n_bytes. */
__device__ static inline int64_t mst__next_border(const uint32_t *border, int64_t i) {
  int64_t w = (i + 1) >> 5;
  uint32_t bits = border[w] & ~0u << ((i + 1) & 31);
  while (!bits) bits = border[++w];
  return w * 32 + __ffs((int)bits) - 1;
}

__device__ static inline mst__wanted mst__wanted_of(mst__spelling s) {
  return {s, mst__chunk(s.p, 0, s.len)};
}

__device__ static inline uint64_t mst__fingerprint(const mst__wanted &w) {
  uint64_t h = (uint64_t)w.s.len * 0x9e3779b97f4a7c15u;
  for (int64_t i = 0; i < w.s.len; i += 8) {
    h = (h ^ (i ? mst__chunk(w.s.p, i, w.s.len) : w.head)) * 0xd6e8feb86659fd93u;
    h ^= h >> 32;
  }
  h *= 0x9e3779b97f4a7c15u;
  return h ^ h >> 29;
}

__device__ static inline mst__spelling mst__spelling_at(const mst__intern_view &t,
                                                        mst__cuda_slot s) {
  const int64_t place = (int64_t)(s & MST__PLACE_MASK) - 1;
  mst__spelling found;
  if (s & MST__IN_CUT) {
    found = {t.cut.d_bytes + place, mst__next_border(t.cut.d_border, place) - place};
  } else {
    found.p = mst__arena_at(t.arena, place, &found.len);
  }
  return found;
}

/* The table, and the cut at hand. */
static inline mst__intern_view mst__intern_view_of(const mst__cuda_table *t,
                                                   const mst__cuda_cut *cut) {
  mst__intern_view v = {};
  v.slot = t->slot.ptr;
  v.slot_type = t->slot_type.ptr;
  v.type_slot = t->type_slot.ptr;
  v.type_start = t->type_start.ptr;
  v.arena = t->arena.ptr;
  v.counters = t->counters.ptr;
  v.mask = (uint64_t)t->n_slots - 1;
  v.hash_mask = mst__cuda(t->backend)->hash_mask;
  v.limit = t->limit;
  v.cut = *cut;
  return v;
}

/* arena.cu: take the spellings numbered from n_stored on into the arena. MST_E_NOMEM,
 * MST_E_DEVICE. */
mst_status mst__cuda_arena_store(mst__cuda_table *t, const mst__cuda_cut *cut, int64_t n_stored);

#endif
