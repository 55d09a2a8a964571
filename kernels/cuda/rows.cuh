/* rows.cuh: rows of n-grams as sorted (term, count) pairs, whatever they are made of. Internal.
 *
 * rows.cu makes rows of items into lists of ids and deals rows out by length; rows_sort.cu sorts
 * what fits a thread, a warp or a block, rows_long.cu the rest. What is done with the pairs is the
 * sink's: count.cu counts, weight.cu writes.
 */
#ifndef MISSTEP_CUDA_ROWS_CUH
#define MISSTEP_CUDA_ROWS_CUH

#include "cuda/counts.cuh"

/* Most ids of a row that a thread, a warp, a block sorts; and the mean up to which rows are dealt
 * to threads first. */
enum { MST__ROW_THREAD = 32, MST__ROW_WARP = 256, MST__ROW_BLOCK = 4096, MST__ROW_SHORT_MEAN = 16 };

/* Rows as lists of ids. Negative ids are skipped. */
typedef struct mst__cuda_rows {
  int64_t n_rows, n_ids;
  const int64_t *ptr; /* [n_rows + 1], row r is id[ptr[r] - origin .. ptr[r+1] - origin) */
  int64_t origin;     /* ptr[0] */
  const int32_t *id;
  int32_t n_terms; /* ids are below */
} mst__cuda_rows;

/* What becomes of the pairs: counted, or written where col is not NULL. Per row of the rows at
 * hand; per term of all. */
typedef struct mst__cuda_sink {
  int64_t *n;               /* counted: [n_rows] pairs of each row */
  unsigned *doc_freq;       /* counted: [V] rows of each term, or NULL */
  unsigned long long *more; /* counted: [V] occurrences beyond the first of each
                                                row; with doc_freq */
  const int64_t *row_ptr;   /* written: [n_rows + 1] */
  int32_t *col, *count;     /* written: where row_ptr says */
  int binary;               /* written counts are 1 */
} mst__cuda_sink;

__device__ static inline void mst__sink_put(const mst__cuda_sink &s, int64_t row, int64_t k,
                                            int32_t term, int64_t count) {
  if (s.col) {
    const int64_t at = s.row_ptr[row] + k;
    s.col[at] = term;
    s.count[at] = s.binary ? 1 : (int32_t)count;
  } else if (s.doc_freq) {
    atomicAdd(&s.doc_freq[term], 1u);
    if (count > 1) atomicAdd(&s.more[term], (unsigned long long)(count - 1));
  }
}

/* A row has n pairs. */
__device__ static inline void mst__sink_end(const mst__cuda_sink &s, int64_t row, int64_t n) {
  if (!s.col) s.n[row] = n;
}

/* One row. */
typedef struct mst__cuda_row {
  int64_t number, from, n; /* ids from .. from + n - 1 */
} mst__cuda_row;

__device__ static inline mst__cuda_row mst__row_at(const mst__cuda_rows &v, int64_t r) {
  return {r, v.ptr[r] - v.origin, v.ptr[r + 1] - v.ptr[r]};
}

/* rows.cu: put the pairs of all rows into a sink. MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst__cuda_rows_read(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                               const mst__cuda_sink *sink);

/* rows.cu: the greatest number of ids in a row. MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst__cuda_rows_most(mst_backend *backend, const mst_rows *rows, int64_t *most);

/* rows.cu: the most rows from r0 on, at least one, that have at most `most` things: those of row r
 * are ptr[r] .. ptr[r+1]-1.
 *   r1      behind the last of the rows
 *   things  [2] ptr[r0], ptr[r1]
 * MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst__cuda_rows_split(mst_backend *backend, const int64_t *d_ptr, int64_t n_rows,
                                int64_t r0, int64_t most, int64_t *r1, int64_t (&things)[2]);

/* rows_sort.cu: the rows that a thread, a warp or a block sorts.
 *   d_list  [n], or NULL: all rows that are short enough
 * MST_E_DEVICE. */
mst_status mst__cuda_rows_by_thread(mst_backend *backend, const mst__cuda_rows *v,
                                    const mst__cuda_sink *s);
mst_status mst__cuda_rows_by_warp(mst_backend *backend, const mst__cuda_rows *v,
                                  const mst__cuda_row *d_list, int64_t n, const mst__cuda_sink *s);
mst_status mst__cuda_rows_by_block(mst_backend *backend, const mst__cuda_rows *v,
                                   const mst__cuda_row *d_list, int64_t n, const mst__cuda_sink *s);

/* rows_long.cu: rows of any length, none empty; list [n] is the host's. MST_E_NOMEM,
 * MST_E_DEVICE. */
mst_status mst__cuda_rows_by_sort(mst_backend *backend, const mst__cuda_rows *v,
                                  const mst__cuda_row *list, int64_t n, const mst__cuda_sink *s);

#endif
