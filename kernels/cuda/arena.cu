/* arena.cu: the bytes of distinct spellings, kept one behind the other in device memory.
 *
 * All kernels: a thread per spelling that is new, or at the end of all, block 256; what they move
 * is the spellings themselves and 8 to 16 bytes each: measure, store, lengths, gather.
 */
#include "cuda/intern_view.cuh"

#include <cub/device/device_scan.cuh>

enum { BLOCK = 256 };

/* Bytes that each new spelling takes in the arena. */
__global__ void __launch_bounds__(BLOCK)
    spelling_measure_kernel(const __grid_constant__ mst__intern_view t, int64_t from, int64_t n,
                            int64_t *room) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i > n) return;
  room[i] = 0;
  if (i < n)
    room[i] = (mst__spelling_at(t, t.slot[t.type_slot[from + i]]).len + 8 + 15) & ~(int64_t)15;
}

/* Move new spellings into the arena. */
__global__ void __launch_bounds__(BLOCK)
    spelling_store_kernel(const __grid_constant__ mst__intern_view t, int64_t from, int64_t n,
                          int64_t used, const int64_t *room_ptr, uint8_t *arena) {
  const int64_t i = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (i >= n) return;
  mst__cuda_slot *slot = &t.slot[t.type_slot[from + i]];
  const mst__spelling s = mst__spelling_at(t, *slot);
  const int64_t start = used + room_ptr[i], room = room_ptr[i + 1] - room_ptr[i];
  uint64_t *to = reinterpret_cast<uint64_t *>(arena + start);
  to[0] = (uint64_t)s.len;
  for (int64_t k = 8; k < room; k += 8)
    to[k / 8] = k - 8 < s.len ? mst__chunk(s.p, k - 8, s.len) : 0;
  t.type_start[from + i] = start;
  *slot = *slot >> MST__TAG_SHIFT << MST__TAG_SHIFT | (mst__cuda_slot)(start + 1);
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

mst_status mst__cuda_arena_store(mst__cuda_table *t, const mst__cuda_cut *cut, int64_t n_stored) {
  mst_backend *backend = t->backend;
  const int64_t n = t->n_types - n_stored;
  if (!n) return MST_OK;
  mst__cuda_scratch<int64_t> room(backend), room_ptr(backend);
  MST_TRY(room.alloc(n + 1));
  MST_TRY(room_ptr.alloc(n + 1));
  MST_TRY(MST_LAUNCH(backend, spelling_measure_kernel, mst__cuda_blocks(n + 1, BLOCK), BLOCK,
                     mst__intern_view_of(t, cut), n_stored, n, room.ptr));
  MST_TRY(MST_CUB(backend, cub::DeviceScan::ExclusiveSum, room.ptr, room_ptr.ptr, n + 1));
  int64_t n_bytes = 0;
  MST_TRY(mst__cuda_fetch(backend, &n_bytes, room_ptr.ptr + n));
  MST_TRY(reserve(t, n_bytes));
  MST_TRY(MST_LAUNCH(backend, spelling_store_kernel, mst__cuda_blocks(n, BLOCK), BLOCK,
                     mst__intern_view_of(t, cut), n_stored, n, t->arena_used, room_ptr.ptr,
                     t->arena.ptr));
  t->arena_used += n_bytes;
  return MST_OK;
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
