/* weight.cu: rows of counts to rows of weights. The pairs of rows are written first; then a thread
 * weighs a row with the body that the CPU uses, so its sums run left to right. That is in double;
 * weights of 4 bytes are rounded once from a batch of rows.
 *
 * Block 256, no shared memory, no atomics but one a warp for the greatest count.
 * count_most_kernel    thread per entry: 4 read
 * row_weight_kernel    thread per row: per entry 8 + 8 (idf) read, 8 written; with a norm 16 read
 *                      and 8 written more, from caches. Neighbours read places of their own, a
 *                      sector of 32 bytes for 4 or 8 steps each
 * weight_round_kernel  thread per entry: 8 read, 4 written
 * row_kept_kernel, row_keep_kernel   thread per row, where entries of weight 0 are left out: per
 *                      entry 4 + 8 read; 8 + 4 + 8 read, 8 to 12 written
 * Launches: 1 or 2 a batch, and those of the rows.
 */
#include "cuda/rows.cuh"

#include "body/normalize.h"
#include "body/weight.h"

/* Rows from r0 on, and what weighs them. */
typedef struct weighed {
  int64_t r0, n_rows, from; /* from: entries before row r0 */
  const int64_t *row_ptr;   /* of all rows */
  const int32_t *col, *count;
  const double *tf, *idf; /* or NULL */
  int relative, norm;
  double *weight; /* of these entries */
} weighed;

/* Where weights go. */
typedef struct target {
  const int64_t *row_ptr; /* NULL: entries stay where they are; else of all rows */
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

/* 4 blocks: without that ptxas saves registers until it spills. */
__global__ void __launch_bounds__(MST__BLOCK, 4)
    row_weight_kernel(const __grid_constant__ weighed w) {
  if (mst__at() >= w.n_rows) return;
  const int64_t r = w.r0 + mst__at(), from = w.row_ptr[r], n = w.row_ptr[r + 1] - from;
  double *weight = w.weight + (from - w.from);
  const int32_t *col = w.col + from;
  mst_body_weight_row(col, w.count + from, n, w.tf, w.idf, w.relative, weight);
  mst_body_normalize_row(weight, n, w.norm);
}

/* Round the n weights of w. */
__global__ void __launch_bounds__(MST__BLOCK)
    weight_round_kernel(const __grid_constant__ weighed w, int64_t n, float *val) {
  const int64_t i = mst__at();
  if (i < n) val[w.from + i] = (float)w.weight[i];
}

/* Leave out the entries of weight 0. */
__global__ void __launch_bounds__(MST__BLOCK)
    row_keep_kernel(const __grid_constant__ weighed w, const __grid_constant__ target t) {
  if (mst__at() >= w.n_rows) return;
  const int64_t r = w.r0 + mst__at();
  int64_t to = t.row_ptr[r];
  for (int64_t e = w.row_ptr[r]; e < w.row_ptr[r + 1]; e++) {
    const int32_t col = w.col[e];
    if (!is_kept(w, col)) continue;
    const double weight = w.weight[e - w.from];
    t.col[to] = col;
    if (t.val_32) t.val_32[to] = (float)weight;
    else t.val_64[to] = weight;
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

/* Weigh all n_rows of w, as many at a time as fit; where nothing is moved or rounded their own
 * place is room enough. */
static mst_status weigh_rows(mst_backend *backend, weighed w, int64_t n_rows, const target &t) {
  if (t.val_64 && !t.row_ptr) {
    w.n_rows = n_rows;
    w.weight = t.val_64;
    return MST_LAUNCH(backend, row_weight_kernel, blocks(n_rows), MST__BLOCK, w);
  }
  const int64_t fit = mst__cuda_budget(backend) / (int64_t)sizeof(double);
  for (int64_t r1; w.r0 < n_rows; w.r0 = r1) {
    mst__cuda_scratch<double> weight(backend);
    int64_t entries[2];
    MST_TRY(mst__cuda_rows_split(backend, w.row_ptr, n_rows, w.r0, fit, &r1, entries));
    const int64_t n = entries[1] - entries[0];
    MST_TRY(weight.alloc(n));
    w.n_rows = r1 - w.r0;
    w.from = entries[0];
    w.weight = weight.ptr;
    MST_TRY(MST_LAUNCH(backend, row_weight_kernel, blocks(w.n_rows), MST__BLOCK, w));
    MST_TRY(t.row_ptr
                ? MST_LAUNCH(backend, row_keep_kernel, blocks(w.n_rows), MST__BLOCK, w, t)
                : MST_LAUNCH(backend, weight_round_kernel, blocks(n), MST__BLOCK, w, n, t.val_32));
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
