/* items.cu: from a token stream to what is counted: the chosen rows without dropped types; or each
 * distinct word once. Words are spellings, so the host's: the CPU's own code makes their items, and
 * the device only says which words its rows hold.
 *
 * Block 256, a thread a position, tiles of 256 positions. Per token:
 * item_length_kernel  thread per row: 8 (row) + 16 read, 8 written; scan 16
 * item_keep_kernel    4 (id) + 1 (drop) read, 8 written a tile
 * item_take_kernel    4 + 1 read, 4 written; per row 16 read, 8 written; 3 KiB of shared memory
 * item_used_kernel    4 read, an atomic per distinct type
 * gram_length_kernel  thread per item: 16 read, 8 written; scan 16
 * Launches: items_take 3 and two scans.
 */
#include "cuda/counts.cuh"

#include <cub/device/device_scan.cuh>

#include "body/ngram.h"

/* The tokens of rows, one row after the other. */
typedef struct row_tokens {
  const int64_t *doc_ptr;
  const int32_t *id;
  const int64_t *rows; /* [n_rows], or NULL: row r is document r */
  int64_t n_rows;
  const int64_t *ptr;  /* [n_rows + 1] */
  int64_t n;           /* ptr[n_rows] */
  const uint8_t *drop; /* or NULL */
} row_tokens;

/* Its arrays. */
typedef struct row_arrays {
  mst__cuda_scratch<int64_t> rows, ptr;
  mst__cuda_scratch<uint8_t> drop;

  explicit row_arrays(mst_backend *backend) : rows(backend), ptr(backend), drop(backend) {}
} row_arrays;

__global__ void __launch_bounds__(MST__BLOCK)
    item_length_kernel(const __grid_constant__ row_tokens t, int64_t *ptr) {
  const int64_t r = mst__at();
  if (r >= t.n_rows) return;
  const int64_t d = t.rows ? t.rows[r] : r;
  ptr[r] = t.doc_ptr[d + 1] - t.doc_ptr[d];
}

/* The token of this thread's position, or -1 where it is dropped or behind the end. */
__device__ static int32_t own_token(const row_tokens &t) {
  if (!t.n_rows) return -1;
  const mst__span row = mst__owner(t.ptr, t.n_rows, 0);
  if (mst__at() >= t.n) return -1;
  const int64_t d = t.rows ? t.rows[row.item] : row.item;
  const int32_t id = t.id[t.doc_ptr[d] + mst__at() - row.from];
  return t.drop && t.drop[id] ? -1 : id;
}

__global__ void __launch_bounds__(MST__BLOCK)
    item_keep_kernel(const __grid_constant__ row_tokens t, int64_t *tile_ptr) {
  const int n = __syncthreads_count(own_token(t) >= 0);
  if (threadIdx.x == 0) tile_ptr[blockIdx.x] = n;
}

__global__ void __launch_bounds__(MST__BLOCK)
    item_take_kernel(const __grid_constant__ row_tokens t, const int64_t *tile_ptr, int32_t *id,
                     int64_t *ptr) {
  __shared__ int64_t row_range[2];
  __shared__ unsigned votes[MST__WARPS];
  __shared__ int before[MST__BLOCK];
  const int lane = (int)(threadIdx.x % MST__WARP), warp = (int)(threadIdx.x / MST__WARP);
  const int64_t tile = blockIdx.x, from = tile_ptr[tile];
  const int32_t token = own_token(t);
  const unsigned own = __ballot_sync(~0u, token >= 0);
  if (lane == 0) votes[warp] = own;
  if (threadIdx.x < 2)
    row_range[threadIdx.x] = mst__below(t.ptr, t.n_rows + 1, (tile + threadIdx.x) * MST__BLOCK, 0);
  __syncthreads();
  int n = __popc(own & ((1u << lane) - 1));
  for (int w = 0; w < warp; w++) n += __popc(votes[w]);
  before[threadIdx.x] = n;
  if (token >= 0) id[from + n] = token;
  __syncthreads();
  for (int64_t r = row_range[0] + threadIdx.x; r < row_range[1]; r += MST__BLOCK)
    ptr[r] = from + before[t.ptr[r] - tile * MST__BLOCK];
}

__global__ void __launch_bounds__(MST__BLOCK)
    item_used_kernel(const __grid_constant__ row_tokens t, int32_t *used) {
  const int32_t token = own_token(t);
  if (token >= 0) mst__flag(&used[token]);
}

mst_status mst__cuda_sum_up(mst_backend *backend, int64_t *d_ptr, int64_t n, int64_t *total) {
  MST_TRY(MST_CUDA(cudaMemsetAsync(d_ptr + n, 0, sizeof *d_ptr, mst__cuda(backend)->stream)));
  MST_TRY(MST_CUB(backend, cub::DeviceScan::ExclusiveSum, d_ptr, d_ptr, n + 1));
  return total ? mst__cuda_fetch(backend, total, d_ptr + n) : MST_OK;
}

/* Bring rows and drop to the device and lay the rows' tokens out. */
static mst_status row_tokens_init(mst_backend *backend, const mst_tokens *tokens,
                                  const int64_t *rows, int64_t n_rows, const uint8_t *drop,
                                  row_arrays *arrays, row_tokens *out) {
  if (rows) MST_TRY(mst__cuda_send_array(&arrays->rows, rows, n_rows));
  if (drop) MST_TRY(mst__cuda_send_array(&arrays->drop, drop, tokens->types.n));
  MST_TRY(arrays->ptr.alloc(n_rows + 1));
  row_tokens t = {tokens->doc_ptr, tokens->id, arrays->rows.ptr, n_rows,
                  arrays->ptr.ptr, 0,          arrays->drop.ptr};
  MST_TRY(MST_LAUNCH(backend, item_length_kernel, mst__cuda_blocks(n_rows, MST__BLOCK), MST__BLOCK,
                     t, arrays->ptr.ptr));
  MST_TRY(mst__cuda_sum_up(backend, arrays->ptr.ptr, n_rows, &t.n));
  *out = t;
  return MST_OK;
}

mst_status mst__cuda_items_take(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                                int64_t n_rows, const uint8_t *drop, mst_sequences *out) {
  row_arrays arrays(backend);
  row_tokens t;
  mst__cuda_scratch<int64_t> tile_ptr(backend), ptr(backend);
  mst__cuda_scratch<int32_t> id(backend);
  MST_TRY(row_tokens_init(backend, tokens, rows, n_rows, drop, &arrays, &t));
  const int64_t n_tiles = t.n / MST__BLOCK + 1; /* one holds the place behind the last token */
  int64_t n = 0;
  MST_TRY(tile_ptr.alloc(n_tiles + 1));
  MST_TRY(MST_LAUNCH(backend, item_keep_kernel, n_tiles, MST__BLOCK, t, tile_ptr.ptr));
  MST_TRY(mst__cuda_sum_up(backend, tile_ptr.ptr, n_tiles, &n));
  MST_TRY(ptr.alloc(n_rows + 1));
  MST_TRY(id.alloc(n));
  MST_TRY(
      MST_LAUNCH(backend, item_take_kernel, n_tiles, MST__BLOCK, t, tile_ptr.ptr, id.ptr, ptr.ptr));
  MST_TRY(mst__cuda_wait(backend));
  *out = {n_rows, ptr.take(), id.take(), (int32_t)tokens->types.n, n};
  return MST_OK;
}

/* The types that the rows hold, as one document of the host's. */
static mst_status list_used(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                            int64_t n_rows, int32_t **list, int64_t *n_list) {
  row_arrays arrays(backend);
  row_tokens t;
  mst__cuda_scratch<int32_t> used(backend);
  int32_t *flag = NULL;
  const int64_t n_types = tokens->types.n;
  MST_TRY(row_tokens_init(backend, tokens, rows, n_rows, NULL, &arrays, &t));
  MST_TRY(used.alloc_zero(n_types));
  MST_TRY(MST_LAUNCH(backend, item_used_kernel, mst__cuda_blocks(t.n, MST__BLOCK), MST__BLOCK, t,
                     used.ptr));
  const mst_status st = mst__cuda_fetch_array(backend, used.ptr, n_types, &flag);
  *list = flag;
  *n_list = 0;
  for (int64_t w = 0; !st && w < n_types; w++)
    if (flag[w]) flag[(*n_list)++] = (int32_t)w; /* never ahead of w */
  return st;
}

/* Send items of the host's to the device. */
static mst_status send_items(mst_backend *backend, const mst_sequences *items, mst_sequences *out) {
  mst__cuda_scratch<int64_t> ptr(backend);
  mst__cuda_scratch<int32_t> id(backend);
  MST_TRY(mst__cuda_send_array(&ptr, items->ptr, items->n_items + 1));
  MST_TRY(mst__cuda_send_array(&id, items->id, items->n_positions));
  *out = *items;
  out->ptr = ptr.take();
  out->id = id.take();
  return MST_OK;
}

mst_status mst__cuda_items_words(mst_backend *backend, const mst_tokens *tokens,
                                 const int64_t *rows, int64_t n_rows, mst_sequences *out,
                                 mst_strings *spelling) {
  mst_backend host = {&mst__cpu_operations, "cpu", backend->n_threads, NULL, NULL};
  int64_t doc_ptr[2] = {0, 0};
  const int64_t one_row = 0;
  mst_tokens used = *tokens;
  mst_sequences items = {};
  mst_strings units = {};
  int32_t *list = NULL;
  mst_status st = rows ? list_used(backend, tokens, rows, n_rows, &list, &doc_ptr[1]) : MST_OK;
  used.n_docs = 1;
  used.doc_ptr = doc_ptr;
  used.id = list;
  used.home = &host;
  if (!st)
    st = host.operations->items_words(&host, &used, rows ? &one_row : NULL, 1, &items, &units);
  if (!st) st = send_items(backend, &items, out);
  if (!st) *spelling = units;
  else mst_strings_fini(&units);
  mst_free(const_cast<int64_t *>(items.ptr));
  mst_free(const_cast<int32_t *>(items.id));
  mst_free(list);
  return st;
}

__global__ void __launch_bounds__(MST__BLOCK)
    gram_length_kernel(const int64_t *items, int64_t n_items, int32_t n_min, int32_t n_max,
                       int whole, int64_t *ptr) {
  const int64_t i = mst__at();
  if (i < n_items) ptr[i] = mst_body_ngram_total(items[i + 1] - items[i], n_min, n_max, whole);
}

mst_status mst__cuda_ngrams_layout(const mst_sequences *items, int32_t n_min, int32_t n_max,
                                   int whole, mst__cuda_scratch<int64_t> *ptr,
                                   mst__cuda_scratch<int32_t> *id, int64_t *n_grams) {
  MST_TRY(ptr->alloc(items->n_items + 1));
  MST_TRY(MST_LAUNCH(ptr->backend, gram_length_kernel, mst__cuda_blocks(items->n_items, MST__BLOCK),
                     MST__BLOCK, items->ptr, items->n_items, n_min, n_max, whole, ptr->ptr));
  MST_TRY(mst__cuda_sum_up(ptr->backend, ptr->ptr, items->n_items, n_grams));
  return id->alloc(*n_grams);
}

mst_status mst__cuda_items_copy(mst_backend *backend, const mst_sequences *items,
                                mst_grams *grams) {
  const cudaStream_t stream = mst__cuda(backend)->stream;
  const size_t ptr_bytes = ((size_t)items->n_items + 1) * sizeof *items->ptr;
  const size_t id_bytes = (size_t)items->n_positions * sizeof *items->id;
  mst__cuda_scratch<int64_t> ptr(backend);
  mst__cuda_scratch<int32_t> id(backend);
  MST_TRY(ptr.alloc(items->n_items + 1));
  MST_TRY(id.alloc(items->n_positions));
  MST_TRY(
      MST_CUDA(cudaMemcpyAsync(ptr.ptr, items->ptr, ptr_bytes, cudaMemcpyDeviceToDevice, stream)));
  if (id_bytes)
    MST_TRY(
        MST_CUDA(cudaMemcpyAsync(id.ptr, items->id, id_bytes, cudaMemcpyDeviceToDevice, stream)));
  MST_TRY(mst__cuda_wait(backend));
  *grams = {items->n_items, ptr.take(), id.take(), items->n_positions, backend};
  return MST_OK;
}
