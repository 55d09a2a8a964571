/* intern.cu: numbers for spellings by a hash table in device memory.
 *
 * spelling_insert_kernel  block 256, grid one per tile of 4 KiB, 8 KiB shared (where the tile's
 *                  spellings begin, so that every thread has one whatever their lengths). Per
 *                  spelling of n bytes: n hashed in words of 8 (all but the first 8 read again to
 *                  compare), 8 of the slot, n + 8 of the arena, 8 of bitmaps, 4 written; per byte
 *                  of text 1/4 of bitmaps. One compare-and-swap and one addition per new spelling,
 *                  no atomic for a known one.
 * spelling_number_kernel  4 + 4 + 4 bytes a spelling
 * spelling_rehash_kernel  thread per spelling of a table that grows, block 256
 * Launches of a batch: insert, number, and those of arena.cu for what is new.
 *
 * A slot is found by the lower bits of a 64-bit fingerprint and told apart by its upper 24; then
 * the bytes are compared, always: equal fingerprints cost time, never a wrong answer. A spelling of
 * many megabytes is one thread's work: right, not fast.
 */
#include "cuda/intern_view.cuh"

enum {
  BLOCK = 256,
  TILE = 4096,
  TILE_STRIPS = TILE / MST__STRIP,
  TILE_WORDS = TILE / 32,
  FEWEST_SLOTS = 1024,
  GROWTH = 4
};

#define MOST_SLOTS ((int64_t)1 << 31)

__device__ static int same(const mst__wanted &w, mst__spelling s) {
  if (w.s.len != s.len || w.head != mst__chunk(s.p, 0, s.len)) return 0;
  for (int64_t i = 8; i < s.len; i += 8)
    if (mst__chunk(w.s.p, i, s.len) != mst__chunk(s.p, i, s.len)) return 0;
  return 1;
}

/* Slots are written while others look: the first look must not be kept in a register or cache. */
__device__ static mst__cuda_slot look(const mst__cuda_slot *slot) {
  return *static_cast<const volatile mst__cuda_slot *>(slot);
}

/* The slot of the spelling at byte `at` of the cut, made where there is none. */
__device__ static uint32_t find_slot(const mst__intern_view &t, int64_t at, int64_t len) {
  const mst__wanted mine = mst__wanted_of({t.cut.d_bytes + at, len});
  const uint64_t h = mst__fingerprint(mine) & t.hash_mask;
  const mst__cuda_slot tag = h >> MST__TAG_SHIFT;
  const mst__cuda_slot own = tag << MST__TAG_SHIFT | MST__IN_CUT | (mst__cuda_slot)(at + 1);
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
    if (s >> MST__TAG_SHIFT == tag && same(mine, mst__spelling_at(t, s))) return (uint32_t)i;
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

__device__ static tile_head head_of(const mst__intern_view &t, int64_t tile) {
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
    spelling_insert_kernel(const __grid_constant__ mst__intern_view t, uint32_t *value) {
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
    const int64_t end = mst__next_border(t.cut.d_border, at);
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

/* Enter what an old table holds into a larger one: all different, so nothing is compared. */
__global__ void __launch_bounds__(BLOCK)
    spelling_rehash_kernel(const __grid_constant__ mst__intern_view t, const mst__cuda_slot *old,
                           const uint32_t *old_slot, int64_t n) {
  const int64_t type = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (type >= n) return;
  const mst__cuda_slot s = old[old_slot[type]];
  uint64_t i = mst__fingerprint(mst__wanted_of(mst__spelling_at(t, s))) & t.hash_mask & t.mask;
  while (atomicCAS(&t.slot[i], 0ull, s)) i = (i + 1) & t.mask;
  t.slot_type[i] = (uint32_t)type;
  t.type_slot[type] = (uint32_t)i;
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
  const mst__intern_view v = mst__intern_view_of(t, cut);
  MST_TRY(MST_LAUNCH(backend, spelling_rehash_kernel, mst__cuda_blocks(n, BLOCK), BLOCK, v, old.ptr,
                     old_slot.ptr, n));
  const unsigned long long counters[2] = {(unsigned long long)n, 0};
  return mst__cuda_to_home(backend, t->counters.ptr, counters, sizeof counters);
}

mst_status mst__cuda_table_add(mst__cuda_table *t, const mst__cuda_cut *cut, uint32_t *d_value) {
  mst_backend *backend = t->backend;
  const int64_t n_stored = t->n_types, n_tiles = mst__cuda_blocks(cut->n_strips, TILE_STRIPS);
  unsigned long long counters[2];
  for (;;) {
    MST_TRY(MST_LAUNCH(backend, spelling_insert_kernel, n_tiles, BLOCK, mst__intern_view_of(t, cut),
                       d_value));
    MST_TRY(mst__cuda_to_host(backend, counters, t->counters.ptr, sizeof counters));
    if (!counters[1]) break;
    MST_TRY(grow(t, cut, n_stored));
  }
  t->n_types = (int64_t)counters[0];
  MST_TRY(mst__cuda_arena_store(t, cut, n_stored));
  int64_t n = 0;
  MST_TRY(mst__cuda_fetch(backend, &n, cut->d_strip_ptr + cut->n_strips));
  return MST_LAUNCH(backend, spelling_number_kernel, mst__cuda_blocks(n, BLOCK), BLOCK,
                    t->slot_type.ptr, n, d_value);
}
