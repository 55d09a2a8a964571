/* weight.cu: rows of counts to rows of weights, by the body that the CPU uses. The pairs of rows
 * are written first. A block weighs 128 rows: its threads make weights, an entry each, in order; a
 * thread a row sums those in shared memory, left to right, in double; all threads scale and write.
 *
 * Block 256, no atomics but one a warp for the greatest count. Per entry:
 * count_most_kernel    4 read, where there is a table of tf
 * row_weight_kernel    8 + 8 (idf) read, 4 or 8 written; 19 KiB of shared memory. Rows that have
 *                      more than 2048 entries together are weighed twice; with `relative` 4 more
 *                      read, a thread a row
 * row_kept_kernel, row_keep_kernel   a thread a row, where entries of weight 0 are left out: 4 + 8
 *                      read; 8 + 4 + 8 read, 8 to 12 written
 * Launches: 1 or 2 a batch, and those of the rows.
 */
#include "cuda/rows.cuh"

#include "body/normalize.h"
#include "body/weight.h"

/* Rows of a block; weights that it holds. */
enum { TILE_ROWS = 128, TILE = 2048 };

/* Rows from r0 on, and what weighs them. */
typedef struct weighed {
  int64_t r0, n_rows, from; /* from: entries before row r0 */
  const int64_t *row_ptr;   /* of all rows */
  const int32_t *col, *count;
  const double *tf, *idf; /* or NULL */
  int relative, norm;
} weighed;

/* Where weights go. */
typedef struct target {
  const int64_t *row_ptr; /* of all rows where some entries are left out; else NULL */
  int32_t *col;           /* with row_ptr */
  float *val_32;          /* or NULL */
  double *val_64;         /* or NULL */
} target;

__device__ static int is_kept(const weighed &w, int32_t col) { return !w.idf || w.idf[col] != 0.0; }

/* kept [n_rows] entries of each row that are kept. */
__global__ void __launch_bounds__(MST__BLOCK)
    row_kept_kernel(const __grid_constant__ weighed w, int64_t *kept) {
  const int64_t r = mst__at();
  if (r >= w.n_rows) return;
  int64_t n = 0;
  for (int64_t e = w.row_ptr[r]; e < w.row_ptr[r + 1]; e++) n += is_kept(w, w.col[e]);
  kept[r] = n;
}

/* The rows that a block weighs. */
typedef struct tile {
  int64_t bound[TILE_ROWS + 1]; /* entries before each */
  int64_t total[TILE_ROWS];     /* with w.relative */
  double length[TILE_ROWS];     /* 0 without w.norm */
  double weight[TILE];          /* of some entries at a time */
} tile;

/* Where row k of a tile stands. */
__device__ static int64_t tile_row(const weighed &w, int64_t k) {
  const int64_t r = (int64_t)blockIdx.x * TILE_ROWS + k;
  return w.r0 + (r < w.n_rows ? r : w.n_rows);
}

/* The row of a tile that entry e belongs to. */
__device__ static int owner_of(const tile &t, int64_t e) {
  return (int)mst__below(t.bound, TILE_ROWS + 1, e, 1) - 1;
}

__device__ static double weight_of(const weighed &w, const tile &t, int64_t e) {
  const int64_t total = w.relative ? t.total[owner_of(t, e)] : 0;
  return mst_body_weight(w.col[e], w.count[e], w.tf, w.idf, total);
}

/* The length of each row: weights by all threads, sums by a thread a row, left to right. */
__device__ static void measure_rows(const weighed &w, tile &t) {
  const int k = (int)threadIdx.x;
  const int64_t end = t.bound[TILE_ROWS];
  double sum = 0.0;
  for (int64_t from = t.bound[0]; from < end; from += TILE) {
    const int64_t to = min(from + TILE, end);
    for (int64_t e = from + k; e < to; e += MST__BLOCK) t.weight[e - from] = weight_of(w, t, e);
    __syncthreads();
    if (k < TILE_ROWS)
      for (int64_t e = max(t.bound[k], from); e < min(t.bound[k + 1], to); e++)
        sum = mst_body_norm_add(sum, t.weight[e - from], w.norm);
    if (to < end) __syncthreads(); /* the last weights are read again */
  }
  if (k < TILE_ROWS) t.length[k] = mst_body_norm_length(sum, w.norm);
}

__global__ void __launch_bounds__(MST__BLOCK)
    row_weight_kernel(const __grid_constant__ weighed w, const __grid_constant__ target out) {
  __shared__ tile t;
  const int k = (int)threadIdx.x;
  if (k <= TILE_ROWS) t.bound[k] = w.row_ptr[tile_row(w, k)];
  if (k < TILE_ROWS) t.length[k] = 0.0;
  __syncthreads();
  if (w.relative && k < TILE_ROWS)
    t.total[k] = mst_body_weight_total(w.count + t.bound[k], t.bound[k + 1] - t.bound[k]);
  __syncthreads();
  if (w.norm) measure_rows(w, t);
  __syncthreads();
  const int64_t first = t.bound[0], end = t.bound[TILE_ROWS];
  const int at_hand = w.norm && end - first <= TILE;
  for (int64_t e = first + k; e < end; e += MST__BLOCK) {
    const double weight = at_hand ? t.weight[e - first] : weight_of(w, t, e);
    const double scaled = w.norm ? mst_body_norm_scale(weight, t.length[owner_of(t, e)]) : weight;
    if (out.val_32) out.val_32[e - w.from] = (float)scaled;
    else out.val_64[e - w.from] = scaled;
  }
}

/* Leave out the entries of weight 0. */
__global__ void __launch_bounds__(MST__BLOCK)
    row_keep_kernel(const __grid_constant__ weighed w, const double *weight,
                    const __grid_constant__ target t) {
  if (mst__at() >= w.n_rows) return;
  const int64_t r = w.r0 + mst__at();
  int64_t to = t.row_ptr[r];
  for (int64_t e = w.row_ptr[r]; e < w.row_ptr[r + 1]; e++) {
    const int32_t col = w.col[e];
    if (!is_kept(w, col)) continue;
    t.col[to] = col;
    if (t.val_32) t.val_32[to] = (float)weight[e - w.from];
    else t.val_64[to] = weight[e - w.from];
    to++;
  }
}

__global__ void __launch_bounds__(MST__BLOCK)
    count_most_kernel(const int32_t *count, int64_t n, int32_t *most) {
  const int64_t i = mst__at();
  int32_t own = i < n ? count[i] : 0;
  for (int step = MST__WARP / 2; step; step /= 2) {
    const int32_t other = __shfl_down_sync(~0u, own, step);
    if (other > own) own = other;
  }
  if (threadIdx.x % MST__WARP == 0 && own > *(volatile int32_t *)most) atomicMax(most, own);
}

static int64_t blocks(int64_t n) { return mst__cuda_blocks(n, MST__BLOCK); }

/* The tables of a weighing on the device. */
typedef struct weighing_tables {
  mst__cuda_scratch<double> tf, idf;

  explicit weighing_tables(mst_backend *backend) : tf(backend), idf(backend) {}
} weighing_tables;

/* Send the tables; tf is as long as the n_entries counts need. */
static mst_status send_tables(mst_backend *backend, const mst_weighing *weighing,
                              const int32_t *d_count, int64_t n_entries, int64_t n_terms,
                              weighing_tables *tables) {
  if (weighing->idf) MST_TRY(mst__cuda_send_array(&tables->idf, weighing->idf, n_terms));
  if (!weighing->tf) return MST_OK;
  mst__cuda_scratch<int32_t> found(backend);
  int32_t most = 0;
  MST_TRY(found.alloc_zero(1));
  MST_TRY(MST_LAUNCH(backend, count_most_kernel, blocks(n_entries), MST__BLOCK, d_count, n_entries,
                     found.ptr));
  MST_TRY(mst__cuda_fetch(backend, &most, found.ptr));
  return mst__cuda_send_array(&tables->tf, weighing->tf, (int64_t)most + 1);
}

static mst_status weigh(mst_backend *backend, const weighed &w, const target &t) {
  return MST_LAUNCH(backend, row_weight_kernel, mst__cuda_blocks(w.n_rows, TILE_ROWS), MST__BLOCK,
                    w, t);
}

/* Weigh all n_rows of w. Where entries are left out, the weights of as many rows at a time as fit
 * are written first: a row's length is that of all its entries. */
static mst_status weigh_rows(mst_backend *backend, weighed w, int64_t n_rows, const target &t) {
  w.n_rows = n_rows;
  if (!t.row_ptr) return weigh(backend, w, t);
  const int64_t fit = mst__cuda_budget(backend) / (int64_t)sizeof(double);
  for (int64_t r1; w.r0 < n_rows; w.r0 = r1) {
    mst__cuda_scratch<double> weight(backend);
    int64_t entries[2];
    MST_TRY(mst__cuda_rows_split(backend, w.row_ptr, n_rows, w.r0, fit, &r1, entries));
    MST_TRY(weight.alloc(entries[1] - entries[0]));
    w.n_rows = r1 - w.r0;
    w.from = entries[0];
    target all = {};
    all.val_64 = weight.ptr;
    MST_TRY(weigh(backend, w, all));
    MST_TRY(MST_LAUNCH(backend, row_keep_kernel, blocks(w.n_rows), MST__BLOCK, w, weight.ptr, t));
  }
  return MST_OK;
}

static target target_of(mst_dtype dtype, void *val) {
  target t = {};
  if (dtype == MST_FLOAT64) t.val_64 = static_cast<double *>(val);
  else t.val_32 = static_cast<float *>(val);
  return t;
}

/* Everything of a weighing but where it goes. */
static weighed weighed_of(const mst_weighing *weighing, const weighing_tables &tables,
                          const int64_t *row_ptr, const int32_t *col, const int32_t *count) {
  weighed w = {};
  w.row_ptr = row_ptr;
  w.col = col;
  w.count = count;
  w.tf = tables.tf.ptr;
  w.idf = tables.idf.ptr;
  w.relative = weighing->relative;
  w.norm = weighing->norm;
  return w;
}

/* Weigh the pairs that have been written to col and count. x->col may be col. */
static mst_status fill_weights(mst_backend *backend, const mst_weighing *weighing,
                               const mst__cuda_sink *s, int64_t n_entries, int64_t n_terms,
                               mst_csr *x) {
  weighing_tables tables(backend);
  MST_TRY(send_tables(backend, weighing, s->count, n_entries, n_terms, &tables));
  const weighed w = weighed_of(weighing, tables, s->row_ptr, s->col, s->count);
  if (x->col != s->col && n_entries)
    MST_TRY(MST_CUDA(cudaMemcpyAsync(x->col, s->col, (size_t)n_entries * sizeof *x->col,
                                     cudaMemcpyDeviceToDevice, mst__cuda(backend)->stream)));
  return weigh_rows(backend, w, x->n_rows, target_of(x->dtype, x->val));
}

mst_status mst__cuda_rows_fill(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                               int64_t n_entries, const mst_weighing *weighing, mst_csr *counts,
                               mst_csr *x) {
  mst__cuda_scratch<int32_t> count(backend);
  mst__cuda_sink s = {};
  if (!counts) MST_TRY(count.alloc(n_entries));
  s.row_ptr = counts ? counts->row_ptr : x->row_ptr;
  s.col = counts ? counts->col : x->col;
  s.count = counts ? static_cast<int32_t *>(counts->val) : count.ptr;
  s.binary = weighing->binary;
  MST_TRY(mst__cuda_rows_read(backend, rows, n_terms, &s));
  if (x) MST_TRY(fill_weights(backend, weighing, &s, n_entries, n_terms, x));
  return mst__cuda_wait(backend);
}

/* Lay out what is kept of the rows of w. */
static mst_status keep_rows(mst_backend *backend, const weighed &w, int64_t n_rows,
                            mst__cuda_scratch<int64_t> *ptr, int64_t *n_entries) {
  weighed all = w;
  all.n_rows = n_rows;
  MST_TRY(ptr->alloc(n_rows + 1));
  MST_TRY(MST_LAUNCH(backend, row_kept_kernel, blocks(n_rows), MST__BLOCK, all, ptr->ptr));
  return mst__cuda_sum_up(backend, ptr->ptr, n_rows, n_entries);
}

mst_status mst__cuda_counts_weigh(mst_backend *backend, const mst_csr *counts,
                                  const mst_weighing *weighing, mst_dtype dtype, mst_csr *x) {
  weighing_tables tables(backend);
  mst__cuda_scratch<int64_t> ptr(backend);
  mst__cuda_scratch<int32_t> col(backend);
  mst__cuda_scratch<uint8_t> val(backend);
  const int32_t *d_count = static_cast<const int32_t *>(counts->val);
  int64_t n_counts = 0, n = 0;
  MST_TRY(mst__cuda_fetch(backend, &n_counts, counts->row_ptr + counts->n_rows));
  MST_TRY(send_tables(backend, weighing, d_count, n_counts, counts->n_cols, &tables));
  const weighed w = weighed_of(weighing, tables, counts->row_ptr, counts->col, d_count);
  MST_TRY(keep_rows(backend, w, counts->n_rows, &ptr, &n));
  MST_TRY(col.alloc(n));
  MST_TRY(val.alloc(n * mst_dtype_bytes(dtype)));
  target t = target_of(dtype, val.ptr);
  t.row_ptr = ptr.ptr;
  t.col = col.ptr;
  MST_TRY(weigh_rows(backend, w, counts->n_rows, t));
  MST_TRY(mst__cuda_wait(backend));
  *x = {counts->n_rows, counts->n_cols, ptr.take(), col.take(), val.take(), dtype};
  return MST_OK;
}
