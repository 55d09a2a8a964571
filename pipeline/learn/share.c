/* share.c: rows dealt to workers and read back by them. */
#include "learn/share.h"

#include <stdio.h>
#include <string.h>

#include "files/folder.h"
#include "files/npy.h"
#include "misstep/alloc.h"

#define MAX_PATH 4400

int64_t mst__share_begin(int64_t n_rows, int k, int n) {
  return (n_rows / n) * k + (n_rows % n) * k / n; /* without n_rows * k, which may overflow */
}

static void path_of(char path[MAX_PATH], const char *dir, const char *name, int k,
                    const char *what) {
  (void)snprintf(path, MAX_PATH, "%s/%d.%s-%s.npy", dir, k, name, what);
}

static mst_status write_array(const char *path, const void *data, mst_dtype type, int64_t n,
                              int64_t m) {
  char *bytes = NULL;
  size_t n_bytes = 0;
  const int64_t shape[2] = {n, m};
  mst_status st = mst_npy_dump(data, type, m ? 2 : 1, shape, &bytes, &n_bytes);
  if (!st) st = mst_file_write(path, 0, bytes, n_bytes);
  mst_free(bytes);
  return st;
}

static mst_status deal_one(const char *dir, const char *name, const mst__share *all, int k, int n) {
  char path[MAX_PATH];
  const mst_csr *x = &all->x;
  const int64_t first = mst__share_begin(x->n_rows, k, n),
                rows = mst__share_begin(x->n_rows, k + 1, n) - first;
  const int64_t from = x->row_ptr[first], entries = x->row_ptr[first + rows] - from;
  int64_t *row_ptr = mst_alloc((size_t)rows + 1, sizeof *row_ptr);
  if (!row_ptr) return MST_E_NOMEM;
  for (int64_t d = 0; d <= rows; d++) row_ptr[d] = x->row_ptr[first + d] - from;
  path_of(path, dir, name, k, "row_ptr");
  mst_status st = write_array(path, row_ptr, MST_INT64, rows + 1, 0);
  mst_free(row_ptr);
  path_of(path, dir, name, k, "col");
  if (!st) st = write_array(path, x->col + from, MST_INT32, entries, 0);
  path_of(path, dir, name, k, "val");
  if (!st) st = write_array(path, (const float *)x->val + from, MST_FLOAT32, entries, 0);
  path_of(path, dir, name, k, "label");
  if (!st) st = write_array(path, all->label + first, MST_INT32, rows, 0);
  path_of(path, dir, name, k, "margin");
  if (!st && all->margin)
    st = write_array(path, all->margin + first * all->n_margin, MST_FLOAT32, rows, all->n_margin);
  path_of(path, dir, name, k, "weight");
  if (!st && all->weight) st = write_array(path, all->weight + first, MST_FLOAT32, rows, 0);
  return st;
}

mst_status mst__share_deal(const char *dir, const char *name, const mst__share *all, int n) {
  mst_status st = MST_OK;
  if (all->x.n_rows < n)
    return MST_FAIL(MST_E_ARG, "--workers %d: there are only %lld rows to %s on", n,
                    (long long)all->x.n_rows, name);
  for (int k = 0; !st && k < n; k++) st = deal_one(dir, name, all, k, n);
  return st;
}

/* An array of n x m (m 0: n) items; n < 0: of any length, which *n_out receives. */
static mst_status load_array(const char *path, mst_dtype type, int64_t n, int64_t m, void **data,
                             int64_t *n_out) {
  mst_array array = {0};
  mst_status st = mst_npy_load(path, &array);
  if (st) return st;
  const int same = array.dtype == type && array.n_dims == (m ? 2 : 1) &&
                   (n < 0 || array.shape[0] == n) && (!m || array.shape[1] == m);
  if (!same) {
    mst_array_fini(&array);
    return MST_FAIL(MST_E_FORMAT, "%s: not the array that a worker expects", path);
  }
  *data = array.data;
  if (n_out) *n_out = array.shape[0];
  return MST_OK;
}

mst_status mst__share_load(const char *dir, const char *name, int k, int64_t n_cols,
                           int32_t n_margin, int has_weight, mst__share *out) {
  char path[MAX_PATH];
  void *row_ptr = NULL, *col = NULL, *label = NULL, *margin = NULL, *weight = NULL;
  mst__share s = {.n_margin = n_margin, .x = {.n_cols = n_cols, .dtype = MST_FLOAT32}};
  int64_t n = 0;
  path_of(path, dir, name, k, "row_ptr");
  mst_status st = load_array(path, MST_INT64, -1, 0, &row_ptr, &n);
  if (!st && n < 2) st = MST_FAIL(MST_E_FORMAT, "%s: no rows", path);
  s.x.row_ptr = row_ptr;
  s.x.n_rows = n - 1;
  path_of(path, dir, name, k, "col");
  if (!st) st = load_array(path, MST_INT32, s.x.row_ptr[n - 1], 0, &col, NULL);
  path_of(path, dir, name, k, "val");
  if (!st) st = load_array(path, MST_FLOAT32, s.x.row_ptr[n - 1], 0, &s.x.val, NULL);
  path_of(path, dir, name, k, "label");
  if (!st) st = load_array(path, MST_INT32, n - 1, 0, &label, NULL);
  path_of(path, dir, name, k, "margin");
  if (!st && n_margin) st = load_array(path, MST_FLOAT32, n - 1, n_margin, &margin, NULL);
  path_of(path, dir, name, k, "weight");
  if (!st && has_weight) st = load_array(path, MST_FLOAT32, n - 1, 0, &weight, NULL);
  s.x.col = col;
  s.label = label;
  s.margin = margin;
  s.weight = weight;
  if (st) mst__share_fini(&s);
  else *out = s;
  return st;
}

void mst__share_fini(mst__share *share) {
  mst_csr_fini(&share->x);
  mst_free(share->label);
  mst_free(share->margin);
  mst_free(share->weight);
  *share = (mst__share){0};
}
