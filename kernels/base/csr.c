/* csr.c: making, checking and cutting sparse matrices. Whole rows and columns only: arithmetic on
 * values lives with its stage. */
#include "misstep/csr.h"

#include <string.h>

#include "misstep/alloc.h"

mst_status mst_csr_init(mst_csr *out, int64_t n_rows, int64_t n_cols, int64_t n_entries,
                        mst_dtype dtype) {
  if (n_rows < 0 || n_cols < 0 || n_entries < 0 || n_cols > INT32_MAX)
    return MST_FAIL(MST_E_ARG, "no matrix of %lld x %lld with %lld entries", (long long)n_rows,
                    (long long)n_cols, (long long)n_entries);
  mst_csr x = {.n_rows = n_rows, .n_cols = n_cols, .dtype = dtype};
  x.row_ptr = mst_alloc_zero((size_t)n_rows + 1, sizeof *x.row_ptr);
  x.col = x.row_ptr ? mst_alloc((size_t)n_entries, sizeof *x.col) : NULL;
  x.val = x.col ? mst_alloc((size_t)n_entries, (size_t)mst_dtype_bytes(dtype)) : NULL;
  if (!x.val) {
    mst_csr_fini(&x);
    return MST_E_NOMEM;
  }
  *out = x;
  return MST_OK;
}

void mst_csr_fini(mst_csr *x) {
  mst_free(x->row_ptr);
  mst_free(x->col);
  mst_free(x->val);
  *x = (mst_csr){0};
}

mst_status mst_csr_take_rows(const mst_csr *x, const int64_t *rows, int64_t n_rows, mst_csr *out) {
  int64_t n_entries = 0;
  for (int64_t r = 0; r < n_rows; r++) {
    if (rows[r] < 0 || rows[r] >= x->n_rows)
      return MST_FAIL(MST_E_ARG, "row %lld of a matrix with %lld rows", (long long)rows[r],
                      (long long)x->n_rows);
    n_entries += x->row_ptr[rows[r] + 1] - x->row_ptr[rows[r]];
  }
  mst_csr y;
  mst_status st = mst_csr_init(&y, n_rows, x->n_cols, n_entries, x->dtype);
  if (st) return st;
  const size_t width = (size_t)mst_dtype_bytes(x->dtype);
  for (int64_t r = 0; r < n_rows; r++) {
    const int64_t from = x->row_ptr[rows[r]], n = x->row_ptr[rows[r] + 1] - from;
    const int64_t to = y.row_ptr[r];
    memcpy(y.col + to, x->col + from, (size_t)n * sizeof *y.col);
    memcpy((char *)y.val + (size_t)to * width, (const char *)x->val + (size_t)from * width,
           (size_t)n * width);
    y.row_ptr[r + 1] = to + n;
  }
  *out = y;
  return MST_OK;
}

/* New number of each column, -1 where it is dropped; NULL without memory or with bad ids. */
static int32_t *column_map(const mst_csr *x, const int32_t *ids, int64_t n_ids) {
  int32_t *map = mst_alloc((size_t)x->n_cols, sizeof *map);
  if (!map) return NULL;
  memset(map, 0xff, (size_t)x->n_cols * sizeof *map);
  for (int64_t i = 0; i < n_ids; i++) {
    if (ids[i] < 0 || ids[i] >= x->n_cols || (i && ids[i] <= ids[i - 1])) {
      MST_FAIL(MST_E_ARG, "column %d is out of order or beyond %lld", ids[i], (long long)x->n_cols);
      mst_free(map);
      return NULL;
    }
    map[ids[i]] = (int32_t)i;
  }
  return map;
}

mst_status mst_csr_take_cols(const mst_csr *x, const int32_t *ids, int64_t n_ids, mst_csr *out) {
  int32_t *map = column_map(x, ids, n_ids);
  if (!map) return mst_error_last()->status;
  int64_t n_entries = 0;
  for (int64_t e = 0; e < x->row_ptr[x->n_rows]; e++) n_entries += map[x->col[e]] >= 0;
  mst_csr y;
  mst_status st = mst_csr_init(&y, x->n_rows, n_ids, n_entries, x->dtype);
  if (st) goto done;
  const size_t width = (size_t)mst_dtype_bytes(x->dtype);
  int64_t to = 0;
  for (int64_t r = 0; r < x->n_rows; r++) {
    for (int64_t e = x->row_ptr[r]; e < x->row_ptr[r + 1]; e++) {
      if (map[x->col[e]] < 0) continue;
      y.col[to] = map[x->col[e]];
      memcpy((char *)y.val + (size_t)to * width, (const char *)x->val + (size_t)e * width, width);
      to++;
    }
    y.row_ptr[r + 1] = to;
  }
  *out = y;
done:
  mst_free(map);
  return st;
}

mst_status mst_csr_check(const mst_csr *x) {
  if (x->row_ptr[0] != 0) return MST_FAIL(MST_E_ARG, "row_ptr[0] is not 0");
  for (int64_t r = 0; r < x->n_rows; r++) {
    if (x->row_ptr[r + 1] < x->row_ptr[r])
      return MST_FAIL(MST_E_ARG, "row %lld ends before it begins", (long long)r);
    for (int64_t e = x->row_ptr[r]; e < x->row_ptr[r + 1]; e++) {
      if (x->col[e] < 0 || x->col[e] >= x->n_cols)
        return MST_FAIL(MST_E_ARG, "row %lld: column %d of %lld", (long long)r, x->col[e],
                        (long long)x->n_cols);
      if (e > x->row_ptr[r] && x->col[e] <= x->col[e - 1])
        return MST_FAIL(MST_E_ARG, "row %lld: column %d after %d", (long long)r, x->col[e],
                        x->col[e - 1]);
    }
  }
  return MST_OK;
}
