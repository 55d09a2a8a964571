/* rows.cu: rows of a matrix as lists of ids, dealt out by length. A row that is one item is a list
 * already. Rows of several items are written out, as many at a time as fit the free memory: a scan
 * of the items' lengths says where, so that a document of a million words and a million documents
 * of one are the same work.
 *
 * Block 256; a thread an entry, a row or an id; 2 KiB of shared memory in one.
 * entry_length_kernel  per listed item 4 + 16 read, 8 written; scan 16
 * list_length_kernel   per row 8 + 16 + 16 read, 8 written; scan 16
 * entry_id_kernel      per id 4 read (and ptr, from caches), 4 written; list_id_kernel likewise,
 *                      where rows are chosen documents: a second bisection, in the row
 * row_class_kernel     per row 16 read, an atomic a block; row_list_kernel again, 24 written a row
 *                      of the class
 * row_most_kernel      per row 16 read
 * Launches: 1 for the ordinary rows, 1 for classes, 2 for each class that is not empty.
 */
#include "cuda/rows.cuh"

/* Rows that are not ordinary. */
typedef enum row_class { CLASS_WARP, CLASS_BLOCK, CLASS_LONG, N_CLASSES } row_class;

/* Room for one batch of lists: the sort of long rows needs some too. */
enum { LIST_SHARE = 2 };

__global__ void __launch_bounds__(MST__BLOCK)
    entry_length_kernel(const __grid_constant__ mst_rows rows, int64_t *entry_ptr) {
  const int64_t e = mst__at();
  if (e >= rows.n_listed) return;
  const int64_t item = rows.item[e];
  entry_ptr[e] = rows.grams.ptr[item + 1] - rows.grams.ptr[item];
}

__global__ void __launch_bounds__(MST__BLOCK)
    list_length_kernel(const __grid_constant__ mst_rows rows, const int64_t *entry_ptr,
                       int64_t *ptr) {
  const int64_t r = mst__at();
  if (r >= rows.n_rows) return;
  const int64_t d = rows.doc ? rows.doc[r] : r;
  ptr[r] = entry_ptr[rows.doc_ptr[d + 1]] - entry_ptr[rows.doc_ptr[d]];
}

/* Rows r0 .. r0 + n_rows - 1 of all documents in their order: their entries stand side by side. */
__global__ void __launch_bounds__(MST__BLOCK)
    entry_id_kernel(const __grid_constant__ mst_rows rows, const int64_t *entry_ptr, int64_t r0,
                    int64_t n_rows, int32_t *id) {
  const int64_t first = rows.doc_ptr[r0], n = rows.doc_ptr[r0 + n_rows] - first;
  const int64_t origin = entry_ptr[first], p = origin + mst__at();
  const mst__span e = mst__owner(entry_ptr + first, n, origin);
  if (p >= entry_ptr[first + n]) return;
  id[mst__at()] = rows.grams.id[rows.grams.ptr[rows.item[first + e.item]] + p - e.from];
}

/* Rows r0 .. r0 + n_rows - 1 of any documents; ptr is that of all rows. */
__global__ void __launch_bounds__(MST__BLOCK)
    list_id_kernel(const __grid_constant__ mst_rows rows, const int64_t *entry_ptr,
                   const int64_t *ptr, int64_t r0, int64_t n_rows, int32_t *id) {
  const int64_t origin = ptr[r0], p = origin + mst__at();
  const mst__span row = mst__owner(ptr + r0, n_rows, origin);
  if (p >= ptr[r0 + n_rows]) return;
  const int64_t d = rows.doc[r0 + row.item];
  const int64_t first = rows.doc_ptr[d], n = rows.doc_ptr[d + 1] - first;
  const int64_t at = entry_ptr[first] + p - row.from;
  const int64_t e = first + mst__below(entry_ptr + first, n, at, 1) - 1;
  id[mst__at()] = rows.grams.id[rows.grams.ptr[rows.item[e]] + at - entry_ptr[e]];
}

__global__ void row_split_kernel(const int64_t *ptr, int64_t n_rows, int64_t r0, int64_t most,
                                 int64_t *out) {
  const int64_t n = mst__below(ptr + r0 + 1, n_rows - r0, ptr[r0] + most, 1);
  const int64_t r1 = r0 + (n ? n : 1);
  out[0] = r1;
  out[1] = ptr[r0];
  out[2] = ptr[r1];
}

/* The class of a row of n ids, -1: ordinary. */
__device__ static int class_of(int64_t n, int threads_first) {
  if (n <= (threads_first ? MST__ROW_THREAD : MST__ROW_WARP)) return -1;
  return n <= MST__ROW_WARP ? CLASS_WARP : n <= MST__ROW_BLOCK ? CLASS_BLOCK : CLASS_LONG;
}

__global__ void __launch_bounds__(MST__BLOCK)
    row_class_kernel(const __grid_constant__ mst__cuda_rows v, int threads_first,
                     unsigned long long *count) {
  const int64_t r = mst__at();
  const int own = r < v.n_rows ? class_of(v.ptr[r + 1] - v.ptr[r], threads_first) : -1;
  if (!__syncthreads_or(own >= 0)) return;
  for (int c = 0; c < N_CLASSES; c++) {
    const int n = __syncthreads_count(own == c);
    if (threadIdx.x == 0 && n) atomicAdd(&count[c], (unsigned long long)n);
  }
}

__global__ void __launch_bounds__(MST__BLOCK)
    row_list_kernel(const __grid_constant__ mst__cuda_rows v, int threads_first, int wanted,
                    unsigned long long *count, mst__cuda_row *list) {
  const int64_t r = mst__at();
  const int mine = r < v.n_rows && class_of(v.ptr[r + 1] - v.ptr[r], threads_first) == wanted;
  const int64_t to = mst__place(mine, count);
  if (mine) list[to] = mst__row_at(v, r);
}

__global__ void __launch_bounds__(MST__BLOCK)
    row_most_kernel(const int64_t *ptr, int64_t n_rows, unsigned long long *most) {
  const int64_t r = mst__at();
  unsigned long long n = r < n_rows ? (unsigned long long)(ptr[r + 1] - ptr[r]) : 0;
  for (int step = MST__WARP / 2; step; step /= 2) {
    const unsigned long long other = __shfl_down_sync(~0u, n, step);
    if (other > n) n = other;
  }
  if (threadIdx.x % MST__WARP == 0 && n) atomicMax(most, n);
}

static int64_t blocks(int64_t n) { return mst__cuda_blocks(n, MST__BLOCK); }

/* Where the lists of rows of items go: entry_ptr [n_listed + 1] ids before each listed item, ptr
 * [n_rows + 1] ids before each row. */
static mst_status measure_lists(mst_backend *backend, const mst_rows *rows,
                                mst__cuda_scratch<int64_t> *entry_ptr,
                                mst__cuda_scratch<int64_t> *ptr) {
  MST_TRY(entry_ptr->alloc(rows->n_listed + 1));
  MST_TRY(ptr->alloc(rows->n_rows + 1));
  MST_TRY(MST_LAUNCH(backend, entry_length_kernel, blocks(rows->n_listed), MST__BLOCK, *rows,
                     entry_ptr->ptr));
  MST_TRY(mst__cuda_sum_up(backend, entry_ptr->ptr, rows->n_listed, NULL));
  MST_TRY(MST_LAUNCH(backend, list_length_kernel, blocks(rows->n_rows), MST__BLOCK, *rows,
                     entry_ptr->ptr, ptr->ptr));
  return mst__cuda_sum_up(backend, ptr->ptr, rows->n_rows, NULL);
}

mst_status mst__cuda_rows_most(mst_backend *backend, const mst_rows *rows, int64_t *most) {
  mst__cuda_scratch<int64_t> entry_ptr(backend), ptr(backend);
  mst__cuda_scratch<unsigned long long> found(backend);
  unsigned long long n = 0;
  if (rows->item) MST_TRY(measure_lists(backend, rows, &entry_ptr, &ptr));
  MST_TRY(found.alloc_zero(1));
  MST_TRY(MST_LAUNCH(backend, row_most_kernel, blocks(rows->n_rows), MST__BLOCK,
                     rows->item ? ptr.ptr : rows->grams.ptr, rows->n_rows, found.ptr));
  MST_TRY(mst__cuda_fetch(backend, &n, found.ptr));
  *most = (int64_t)n;
  return MST_OK;
}

mst_status mst__cuda_rows_split(mst_backend *backend, const int64_t *d_ptr, int64_t n_rows,
                                int64_t r0, int64_t most, int64_t *r1, int64_t (&things)[2]) {
  mst__cuda_scratch<int64_t> out(backend);
  int64_t host[3];
  MST_TRY(out.alloc(3));
  MST_TRY(MST_LAUNCH(backend, row_split_kernel, 1, 1, d_ptr, n_rows, r0, most, out.ptr));
  MST_TRY(mst__cuda_to_host(backend, host, out.ptr, sizeof host));
  *r1 = host[0];
  things[0] = host[1];
  things[1] = host[2];
  return MST_OK;
}

/* Make a list of the n rows of a class and have them sorted. */
static mst_status read_class(mst_backend *backend, const mst__cuda_rows *v, int threads_first,
                             int which, int64_t n, const mst__cuda_sink *s) {
  mst__cuda_scratch<mst__cuda_row> list(backend);
  mst__cuda_scratch<unsigned long long> count(backend);
  mst__cuda_row *host = NULL;
  MST_TRY(list.alloc(n));
  MST_TRY(count.alloc_zero(1));
  MST_TRY(MST_LAUNCH(backend, row_list_kernel, blocks(v->n_rows), MST__BLOCK, *v, threads_first,
                     which, count.ptr, list.ptr));
  if (which == CLASS_WARP) return mst__cuda_rows_by_warp(backend, v, list.ptr, n, s);
  if (which == CLASS_BLOCK) return mst__cuda_rows_by_block(backend, v, list.ptr, n, s);
  mst_status st = mst__cuda_fetch_array(backend, list.ptr, n, &host);
  if (!st) st = mst__cuda_rows_by_sort(backend, v, host, n, s);
  mst_free(host);
  return st;
}

/* Ordinary rows at once, the others by class. */
static mst_status read_lists(mst_backend *backend, const mst__cuda_rows *v,
                             const mst__cuda_sink *s) {
  const int threads_first = v->n_ids <= MST__ROW_SHORT_MEAN * v->n_rows;
  mst__cuda_scratch<unsigned long long> count(backend);
  unsigned long long n[N_CLASSES];
  MST_TRY(count.alloc_zero(N_CLASSES));
  MST_TRY(MST_LAUNCH(backend, row_class_kernel, blocks(v->n_rows), MST__BLOCK, *v, threads_first,
                     count.ptr));
  MST_TRY(threads_first ? mst__cuda_rows_by_thread(backend, v, s)
                        : mst__cuda_rows_by_warp(backend, v, NULL, v->n_rows, s));
  MST_TRY(mst__cuda_to_host(backend, n, count.ptr, sizeof n));
  for (int c = 0; c < N_CLASSES; c++)
    if (n[c]) MST_TRY(read_class(backend, v, threads_first, c, (int64_t)n[c], s));
  return MST_OK;
}

mst_status mst__cuda_rows_read(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                               const mst__cuda_sink *sink) {
  mst__cuda_rows v = {rows->n_rows,   rows->grams.n_positions, rows->grams.ptr, 0,
                      rows->grams.id, (int32_t)n_terms};
  if (!rows->item) return read_lists(backend, &v, sink);
  mst__cuda_scratch<int64_t> entry_ptr(backend), ptr(backend);
  MST_TRY(measure_lists(backend, rows, &entry_ptr, &ptr));
  const int64_t fit = mst__cuda_budget(backend) / (LIST_SHARE * (int64_t)sizeof *v.id);
  for (int64_t r0 = 0, r1; r0 < rows->n_rows; r0 = r1) {
    mst__cuda_scratch<int32_t> id(backend);
    mst__cuda_sink s = *sink;
    int64_t ids[2];
    MST_TRY(mst__cuda_rows_split(backend, ptr.ptr, rows->n_rows, r0, fit, &r1, ids));
    v = {r1 - r0, ids[1] - ids[0], ptr.ptr + r0, ids[0], NULL, (int32_t)n_terms};
    MST_TRY(id.alloc(v.n_ids));
    MST_TRY(rows->doc ? MST_LAUNCH(backend, list_id_kernel, blocks(v.n_ids), MST__BLOCK, *rows,
                                   entry_ptr.ptr, ptr.ptr, r0, v.n_rows, id.ptr)
                      : MST_LAUNCH(backend, entry_id_kernel, blocks(v.n_ids), MST__BLOCK, *rows,
                                   entry_ptr.ptr, r0, v.n_rows, id.ptr));
    v.id = id.ptr;
    if (s.n) s.n += r0;
    if (s.row_ptr) s.row_ptr += r0;
    MST_TRY(read_lists(backend, &v, &s));
  }
  return MST_OK;
}
