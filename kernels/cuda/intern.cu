/* intern.cu: numbers for spellings by a hash table in device memory.
 *
 * spelling_insert_kernel  block 256, grid one per tile of 4 KiB, 8 KiB shared (where the tile's
 *                  spellings begin, so that every thread has one whatever their lengths). Per
 *                  spelling of n bytes: n hashed in words of 8 (all but the first 8 read again to
 *                  compare), 8 of the slot, n + 8 of the arena, 8 of bitmaps, 4 written; per byte
 *                  of text 1/4 of bitmaps. One compare-and-swap and one addition per new spelling,
 *                  no atomic for a known one.
 * spelling_number_kernel  4 + 4 + 4 bytes a spelling
 * docs_mark_kernel thread per document, block 256: 8 bytes read, one atomic OR into a bitmap
 * docs_place_kernel  thread per document: 8 + 8 + about 16 bytes read, 8 written
 * The rest runs over new spellings only, a thread each, block 256: measure, store, rehash, and at
 * the end lengths and gather. Launches of a batch: insert, number, and four for what is new.
 *
 * A slot is found by the lower bits of a 64-bit fingerprint and told apart by its upper 24; then
 * the bytes are compared, always: equal fingerprints cost time, never a wrong answer. A spelling of
 * many megabytes is one thread's work: right, not fast.
 */
#include "cuda/intern.cuh"

#include <cub/device/device_scan.cuh>

enum {
  BLOCK = 256,
  TILE = 4096,
  TILE_STRIPS = TILE / MST__STRIP,
  TILE_WORDS = TILE / 32,
  FEWEST_SLOTS = 1024,
  GROWTH = 4
};

#define MOST_SLOTS ((int64_t)1 << 31)
#define IN_CUT ((mst__cuda_slot)1 << 39)
#define PLACE_MASK (IN_CUT - 1)
#define TAG_SHIFT 40

/* What the kernels see of a table and of the cut at hand. */
typedef struct view {
  mst__cuda_slot *slot;
  uint32_t *slot_type, *type_slot;
  int64_t *type_start;
  const uint8_t *arena;
  unsigned long long *counters;
  uint64_t mask, hash_mask; /* slots - 1 */
  int64_t limit;
  mst__cuda_cut cut;
} view;

typedef struct spelling {
  const uint8_t *p;
  int64_t len;
} spelling;

/* The spelling that a thread looks up: its first 8 bytes stay in a register, for most are all. */
typedef struct wanted {
  spelling s;
  uint64_t head;
} wanted;

/* The next border behind byte i. There is one: bit n_bytes. */
__device__ static int64_t next_border(const uint32_t *border, int64_t i) {
  int64_t w = (i + 1) >> 5;
  uint32_t bits = border[w] & ~0u << ((i + 1) & 31);
  while (!bits) bits = border[++w];
  return w * 32 + __ffs((int)bits) - 1;
}

__device__ static wanted wanted_of(spelling s) { return {s, mst__chunk(s.p, 0, s.len)}; }

__device__ static uint64_t fingerprint(const wanted &w) {
  uint64_t h = (uint64_t)w.s.len * 0x9e3779b97f4a7c15u;
  for (int64_t i = 0; i < w.s.len; i += 8) {
    h = (h ^ (i ? mst__chunk(w.s.p, i, w.s.len) : w.head)) * 0xd6e8feb86659fd93u;
    h ^= h >> 32;
  }
  h *= 0x9e3779b97f4a7c15u;
  return h ^ h >> 29;
}

__device__ static int same(const wanted &w, spelling s) {
  if (w.s.len != s.len || w.head != mst__chunk(s.p, 0, s.len)) return 0;
  for (int64_t i = 8; i < s.len; i += 8)
    if (mst__chunk(w.s.p, i, s.len) != mst__chunk(s.p, i, s.len)) return 0;
  return 1;
}

__device__ static spelling spelling_at(const view &t, mst__cuda_slot s) {
  const int64_t place = (int64_t)(s & PLACE_MASK) - 1;
  spelling found;
  if (s & IN_CUT) {
    found = {t.cut.d_bytes + place, next_border(t.cut.d_border, place) - place};
  } else {
    found.p = mst__arena_at(t.arena, place, &found.len);
  }
  return found;
}

/* Slots are written while others look: the first look must not be kept in a register or cache. */
__device__ static mst__cuda_slot look(const mst__cuda_slot *slot) {
  return *static_cast<const volatile mst__cuda_slot *>(slot);
}

/* The slot of the spelling at byte `at` of the cut, made where there is none. */
__device__ static uint32_t find_slot(const view &t, int64_t at, int64_t len) {
  const wanted mine = wanted_of({t.cut.d_bytes + at, len});
  const uint64_t h = fingerprint(mine) & t.hash_mask;
  const mst__cuda_slot tag = h >> TAG_SHIFT;
  const mst__cuda_slot own = tag << TAG_SHIFT | IN_CUT | (mst__cuda_slot)(at + 1);
  uint64_t i = h & t.mask;
  for (uint64_t n = 0; n <= t.mask; n++, i = (i + 1) & t.mask) {
    mst__cuda_slot s = look(&t.slot[i]);
    if (!s) s = atomicCAS(&t.slot[i], 0ull, own);
    if (!s) {
      const unsigned long long type = atomicAdd(&t.counters[0], 1ull);
      if (type >= (unsigned long long)t.limit) break;
      t.slot_type[i] = (uint32_t)type;
      t.type_slot[type] = (uint32_t)i;
      return (uint32_t)i;
    }
    if (s >> TAG_SHIFT == tag && same(mine, spelling_at(t, s))) return (uint32_t)i;
  }
  *static_cast<volatile unsigned long long *>(&t.counters[1]) = 1;
  return 0;
}

/* The tile that a block works on, read once for all its threads. */
typedef struct tile_head {
  int64_t first; /* number of the tile's first spelling */
  int n;         /* spellings that begin in it */
  int full;      /* the table is: leave it all to the next attempt */
} tile_head;

__device__ static tile_head head_of(const view &t, int64_t tile) {
  const int64_t strip = tile * TILE_STRIPS, last = min(strip + TILE_STRIPS, t.cut.n_strips);
  tile_head head;
  head.first = t.cut.d_strip_ptr[strip];
  head.n = (int)(t.cut.d_strip_ptr[last] - head.first);
  head.full = *static_cast<const volatile unsigned long long *>(&t.counters[1]) != 0;
  return head;
}

/* Collect where the spellings of a tile begin, relative to it: one thread for each word of the
 * bitmap, eight neighbours a strip. */
__device__ static void collect(const mst__cuda_cut &cut, int64_t tile, int64_t first,
                               uint16_t *place) {
  const int w = (int)threadIdx.x;
  if (w >= TILE_WORDS) return;
  const int64_t strip = tile * TILE_STRIPS + w / MST__STRIP_WORDS;
  uint32_t bits = strip < cut.n_strips ? cut.d_begin[tile * TILE_WORDS + w] : 0;
  const int own = __popc(bits);
  int before = own;
  for (int step = 1; step < MST__STRIP_WORDS; step *= 2) {
    const int left = __shfl_up_sync(~0u, before, step, MST__STRIP_WORDS);
    if (w % MST__STRIP_WORDS >= step) before += left;
  }
  if (strip >= cut.n_strips) return;
  int at = (int)(cut.d_strip_ptr[strip] - first) + before - own;
  for (; bits; bits &= bits - 1) place[at++] = (uint16_t)(w * 32 + __ffs((int)bits) - 1);
}

__global__ void __launch_bounds__(BLOCK)
    spelling_insert_kernel(const __grid_constant__ view t, uint32_t *value) {
  __shared__ uint16_t place[TILE];
  __shared__ tile_head head;
  const int64_t tile = blockIdx.x;
  if (threadIdx.x == 0) head = head_of(t, tile);
  __syncthreads();
  if (head.full) return;
  collect(t.cut, tile, head.first, place);
  __syncthreads();
  for (int k = (int)threadIdx.x; k < head.n; k += BLOCK) {
    const int64_t at = tile * TILE + place[k];
    const int64_t end = next_border(t.cut.d_border, at);
    const int apart = end < t.cut.n_bytes && !(t.cut.d_begin[end >> 5] >> (end & 31) & 1);
    value[head.first + k] = find_slot(t, at, end - at) << 1 | (uint32_t)apart;
  }
}

/* Slots become numbers. */
__global__ void __launch_bounds__(BLOCK)
    spelling_number_kernel(const uint32_t *slot_type, int64_t n, uint32_t *value) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i < n) value[i] = slot_type[value[i] >> 1] << 1 | (value[i] & 1);
}

/* Bytes that each new spelling takes in the arena. */
__global__ void __launch_bounds__(BLOCK)
    spelling_measure_kernel(const __grid_constant__ view t, int64_t from, int64_t n,
                            int64_t *room) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i > n) return;
  room[i] = 0;
  if (i < n) room[i] = (spelling_at(t, t.slot[t.type_slot[from + i]]).len + 8 + 15) & ~(int64_t)15;
}

/* Move new spellings into the arena. */
__global__ void __launch_bounds__(BLOCK)
    spelling_store_kernel(const __grid_constant__ view t, int64_t from, int64_t n, int64_t used,
                          const int64_t *room_ptr, uint8_t *arena) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i >= n) return;
  mst__cuda_slot *slot = &t.slot[t.type_slot[from + i]];
  const spelling s = spelling_at(t, *slot);
  const int64_t start = used + room_ptr[i], room = room_ptr[i + 1] - room_ptr[i];
  uint64_t *to = reinterpret_cast<uint64_t *>(arena + start);
  to[0] = (uint64_t)s.len;
  for (int64_t k = 8; k < room; k += 8)
    to[k / 8] = k - 8 < s.len ? mst__chunk(s.p, k - 8, s.len) : 0;
  t.type_start[from + i] = start;
  *slot = *slot >> TAG_SHIFT << TAG_SHIFT | (mst__cuda_slot)(start + 1);
}

/* Enter what an old table holds into a larger one: all different, so nothing is compared. */
__global__ void __launch_bounds__(BLOCK)
    spelling_rehash_kernel(const __grid_constant__ view t, const mst__cuda_slot *old,
                           const uint32_t *old_slot, int64_t n) {
  const int64_t type = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (type >= n) return;
  const mst__cuda_slot s = old[old_slot[type]];
  uint64_t i = fingerprint(wanted_of(spelling_at(t, s))) & t.hash_mask & t.mask;
  while (atomicCAS(&t.slot[i], 0ull, s)) i = (i + 1) & t.mask;
  t.slot_type[i] = (uint32_t)type;
  t.type_slot[type] = (uint32_t)i;
}

/* Copy spellings one behind the other. */
__global__ void __launch_bounds__(BLOCK)
    spelling_gather_kernel(const uint8_t *arena, const int64_t *type_start, const uint32_t *order,
                           int64_t n, const int64_t *ptr, uint8_t *out) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i >= n) return;
  int64_t len;
  const uint8_t *p = mst__arena_at(arena, type_start[order ? order[i] : i], &len);
  uint8_t *to = out + ptr[i];
  for (int64_t k = 0; k < len; k += 8) {
    uint64_t w = mst__chunk(p, k, len);
    for (int64_t left = min(len - k, (int64_t)8); left > 0; left--, w >>= 8) *to++ = (uint8_t)w;
  }
}

__global__ void __launch_bounds__(BLOCK)
    spelling_lengths_kernel(const uint8_t *arena, const int64_t *type_start, const uint32_t *order,
                            int64_t n, int64_t *length) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i > n) return;
  length[i] = 0;
  if (i < n) (void)mst__arena_at(arena, type_start[order ? order[i] : i], &length[i]);
}

__global__ void __launch_bounds__(BLOCK)
    docs_mark_kernel(const int64_t *start, int64_t n, int64_t origin, int64_t scale,
                     uint32_t *docs) {
  const int64_t d = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (d >= n) return;
  const int64_t at = (start[d] - origin) * scale;
  atomicOr(&docs[at >> 5], 1u << (at & 31));
}

__global__ void __launch_bounds__(BLOCK)
    docs_place_kernel(const __grid_constant__ mst__cuda_cut cut, const int64_t *start, int64_t n,
                      int64_t origin, int64_t scale, int64_t base, int64_t *ptr) {
  const int64_t d = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (d >= n) return;
  const int64_t at = (start[d] - origin) * scale, strip = at / MST__STRIP, word = at >> 5;
  int64_t before = cut.d_strip_ptr[strip];
  for (int64_t w = strip * MST__STRIP_WORDS; w < word; w++) before += __popc(cut.d_begin[w]);
  before += __popc(cut.d_begin[word] & ~(~0u << (at & 31)));
  ptr[d] = base + before;
}

mst_status mst__cuda_docs_mark(mst_backend *backend, const int64_t *d_start, int64_t n,
                               int64_t origin, int64_t scale, uint32_t *d_docs) {
  return MST_LAUNCH(backend, docs_mark_kernel, mst__cuda_blocks(n, BLOCK), BLOCK, d_start, n,
                    origin, scale, d_docs);
}

mst_status mst__cuda_docs_place(mst_backend *backend, const mst__cuda_cut *cut,
                                const int64_t *d_start, int64_t n, int64_t origin, int64_t scale,
                                int64_t base, int64_t *d_ptr) {
  return MST_LAUNCH(backend, docs_place_kernel, mst__cuda_blocks(n, BLOCK), BLOCK, *cut, d_start, n,
                    origin, scale, base, d_ptr);
}

static view view_of(const mst__cuda_table *t, const mst__cuda_cut *cut) {
  view v = {};
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

/* Room for n_slots and half as many spellings; what the arrays held is lost. The largest table may
 * be filled: all but one slot. */
static mst_status make_slots(mst__cuda_table *t, int64_t n_slots) {
  t->n_slots = n_slots;
  t->limit = n_slots < MOST_SLOTS ? n_slots / 2 : MOST_SLOTS - 1;
  MST_TRY(t->slot.alloc_zero(n_slots));
  MST_TRY(t->slot_type.alloc(n_slots));
  return t->type_slot.alloc(t->limit);
}

mst_status mst__cuda_table_open(mst__cuda_table *t, int64_t n_keys) {
  int64_t n_slots = FEWEST_SLOTS;
  while (n_slots / 2 < n_keys && n_slots < MOST_SLOTS) n_slots *= 2;
  MST_TRY(t->counters.alloc_zero(2));
  MST_TRY(make_slots(t, n_slots));
  return t->type_start.alloc(t->limit);
}

/* A larger table; the spellings numbered up to the limit keep their numbers, the rest is forgotten
 * and will be entered again. */
static mst_status grow(mst__cuda_table *t, const mst__cuda_cut *cut, int64_t n_stored) {
  mst_backend *backend = t->backend;
  if (t->n_slots == MOST_SLOTS)
    return MST_FAIL(MST_E_LIMIT, "more than %d distinct spellings", INT32_MAX);
  mst__cuda_scratch<mst__cuda_slot> old(backend);
  mst__cuda_scratch<uint32_t> old_slot(backend);
  mst__cuda_scratch<int64_t> start(backend);
  const int64_t n = t->limit;
  int64_t n_slots = t->n_slots * GROWTH;
  if (n_slots > MOST_SLOTS) n_slots = MOST_SLOTS;
  old.ptr = t->slot.take();
  old_slot.ptr = t->type_slot.take();
  t->slot_type.release();
  MST_TRY(make_slots(t, n_slots));
  MST_TRY(start.alloc(t->limit));
  if (n_stored)
    MST_TRY(
        MST_CUDA(cudaMemcpyAsync(start.ptr, t->type_start.ptr, (size_t)n_stored * sizeof *start.ptr,
                                 cudaMemcpyDeviceToDevice, mst__cuda(backend)->stream)));
  t->type_start.release();
  t->type_start.ptr = start.take();
  const view v = view_of(t, cut);
  MST_TRY(MST_LAUNCH(backend, spelling_rehash_kernel, mst__cuda_blocks(n, BLOCK), BLOCK, v, old.ptr,
                     old_slot.ptr, n));
  const unsigned long long counters[2] = {(unsigned long long)n, 0};
  return mst__cuda_to_home(backend, t->counters.ptr, counters, sizeof counters);
}

/* Room for n more bytes in the arena. */
static mst_status reserve(mst__cuda_table *t, int64_t n) {
  if (t->arena_used + n <= t->arena_capacity) return MST_OK;
  const int64_t capacity = max(t->arena_capacity * 2, t->arena_used + n);
  mst__cuda_scratch<uint8_t> arena(t->backend);
  MST_TRY(arena.alloc(capacity));
  if (t->arena_used)
    MST_TRY(MST_CUDA(cudaMemcpyAsync(arena.ptr, t->arena.ptr, (size_t)t->arena_used,
                                     cudaMemcpyDeviceToDevice, mst__cuda(t->backend)->stream)));
  t->arena.release();
  t->arena.ptr = arena.take();
  t->arena_capacity = capacity;
  return MST_OK;
}

/* Take the spellings numbered from n_stored on into the arena. */
static mst_status store(mst__cuda_table *t, const mst__cuda_cut *cut, int64_t n_stored) {
  mst_backend *backend = t->backend;
  const int64_t n = t->n_types - n_stored;
  if (!n) return MST_OK;
  mst__cuda_scratch<int64_t> room(backend), room_ptr(backend);
  MST_TRY(room.alloc(n + 1));
  MST_TRY(room_ptr.alloc(n + 1));
  MST_TRY(MST_LAUNCH(backend, spelling_measure_kernel, mst__cuda_blocks(n + 1, BLOCK), BLOCK,
                     view_of(t, cut), n_stored, n, room.ptr));
  MST_TRY(MST_CUB(backend, cub::DeviceScan::ExclusiveSum, room.ptr, room_ptr.ptr, n + 1));
  int64_t n_bytes = 0;
  MST_TRY(mst__cuda_fetch(backend, &n_bytes, room_ptr.ptr + n));
  MST_TRY(reserve(t, n_bytes));
  MST_TRY(MST_LAUNCH(backend, spelling_store_kernel, mst__cuda_blocks(n, BLOCK), BLOCK,
                     view_of(t, cut), n_stored, n, t->arena_used, room_ptr.ptr, t->arena.ptr));
  t->arena_used += n_bytes;
  return MST_OK;
}

mst_status mst__cuda_table_add(mst__cuda_table *t, const mst__cuda_cut *cut, uint32_t *d_value) {
  mst_backend *backend = t->backend;
  const int64_t n_stored = t->n_types, n_tiles = mst__cuda_blocks(cut->n_strips, TILE_STRIPS);
  unsigned long long counters[2];
  for (;;) {
    MST_TRY(MST_LAUNCH(backend, spelling_insert_kernel, n_tiles, BLOCK, view_of(t, cut), d_value));
    MST_TRY(mst__cuda_to_host(backend, counters, t->counters.ptr, sizeof counters));
    if (!counters[1]) break;
    MST_TRY(grow(t, cut, n_stored));
  }
  t->n_types = (int64_t)counters[0];
  MST_TRY(store(t, cut, n_stored));
  int64_t n = 0;
  MST_TRY(mst__cuda_fetch(backend, &n, cut->d_strip_ptr + cut->n_strips));
  return MST_LAUNCH(backend, spelling_number_kernel, mst__cuda_blocks(n, BLOCK), BLOCK,
                    t->slot_type.ptr, n, d_value);
}

mst_status mst__cuda_table_fetch(const mst__cuda_table *t, const uint32_t *d_order,
                                 mst_strings *types) {
  mst_backend *backend = t->backend;
  const int64_t n = t->n_types;
  mst__cuda_scratch<int64_t> length(backend), ptr(backend);
  mst__cuda_scratch<uint8_t> bytes(backend);
  MST_TRY(length.alloc(n + 1));
  MST_TRY(ptr.alloc(n + 1));
  MST_TRY(MST_LAUNCH(backend, spelling_lengths_kernel, mst__cuda_blocks(n + 1, BLOCK), BLOCK,
                     t->arena.ptr, t->type_start.ptr, d_order, n, length.ptr));
  MST_TRY(MST_CUB(backend, cub::DeviceScan::ExclusiveSum, length.ptr, ptr.ptr, n + 1));
  mst_strings s = {n, NULL, static_cast<int64_t *>(mst_alloc((size_t)n + 1, sizeof(int64_t)))};
  if (!s.start) return MST_E_NOMEM;
  mst_status st = mst__cuda_to_host(backend, s.start, ptr.ptr, ((size_t)n + 1) * sizeof *s.start);
  const int64_t n_bytes = st ? 0 : s.start[n];
  if (!st) s.bytes = static_cast<uint8_t *>(mst_alloc((size_t)n_bytes, 1));
  if (!st) st = s.bytes ? bytes.alloc(n_bytes) : MST_E_NOMEM;
  if (!st)
    st = MST_LAUNCH(backend, spelling_gather_kernel, mst__cuda_blocks(n, BLOCK), BLOCK,
                    t->arena.ptr, t->type_start.ptr, d_order, n, ptr.ptr, bytes.ptr);
  if (!st) st = mst__cuda_to_host(backend, s.bytes, bytes.ptr, (size_t)n_bytes);
  if (st) mst_strings_fini(&s);
  else *types = s;
  return st;
}
