/* home.c: arrays on their way between the host and a backend's home. Where home is the host,
 * nothing is copied: a view is the array itself. */
#include <string.h>

#include "features/internal.h"

mst_status mst__home_view(mst_backend *backend, const void *host, int64_t n, size_t size,
                          const void **out) {
  if (!host || mst_backend_is_host(backend)) {
    *out = host;
    return MST_OK;
  }
  void *home = mst_backend_alloc(backend, (size_t)n, size);
  const mst_status st =
      home ? mst_backend_to_home(backend, home, host, (size_t)n * size) : MST_E_NOMEM;
  if (st) mst_backend_free(backend, home);
  else *out = home;
  return st;
}

void mst__home_view_free(mst_backend *backend, const void *view) {
  if (view && !mst_backend_is_host(backend)) mst_backend_free(backend, (void *)view);
}

mst_status mst__host_view(mst_backend *backend, const void *home, int64_t n, size_t size,
                          const void **out) {
  if (mst_backend_is_host(backend)) {
    *out = home;
    return MST_OK;
  }
  void *host = mst_alloc((size_t)n, size);
  const mst_status st =
      host ? mst_backend_to_host(backend, host, home, (size_t)n * size) : MST_E_NOMEM;
  if (st) mst_free(host);
  else *out = host;
  return st;
}

void mst__host_view_free(mst_backend *backend, const void *view) {
  if (!mst_backend_is_host(backend)) mst_free((void *)view);
}

mst_status mst__grams_to_home(mst_backend *backend, mst_grams *grams) {
  if (mst_backend_is_host(backend)) {
    grams->home = backend; /* mst_alloc is its allocator */
    return MST_OK;
  }
  const void *ptr = NULL, *id = NULL;
  mst_status st = mst__home_view(backend, grams->ptr, grams->n_items + 1, sizeof *grams->ptr, &ptr);
  if (!st) st = mst__home_view(backend, grams->id, grams->n_grams, sizeof *grams->id, &id);
  if (st) {
    mst_backend_free(backend, (void *)ptr);
    return st;
  }
  mst_free(grams->ptr);
  mst_free(grams->id);
  grams->ptr = (int64_t *)ptr;
  grams->id = (int32_t *)id;
  grams->home = backend;
  return MST_OK;
}

void mst__matrix_fini(mst_backend *backend, mst_csr *x) {
  mst_backend_free(backend, x->row_ptr);
  mst_backend_free(backend, x->col);
  mst_backend_free(backend, x->val);
  *x = (mst_csr){0};
}

/* Arrays for n entries where the device's copies go without a stop: what comes back is handed on as
 * it is. */
static mst_status make_host(mst_backend *backend, int64_t n, mst_csr *x) {
  x->row_ptr = mst_backend_alloc_host(backend, (size_t)x->n_rows + 1, sizeof *x->row_ptr);
  if (x->row_ptr) x->col = mst_backend_alloc_host(backend, (size_t)n, sizeof *x->col);
  if (x->col)
    x->val = mst_backend_alloc_host(backend, (size_t)n, (size_t)mst_dtype_bytes(x->dtype));
  return x->val ? MST_OK : MST_E_NOMEM;
}

mst_status mst__matrix_to_host(mst_backend *backend, mst_csr *x, mst_csr *out) {
  if (mst_backend_is_host(backend)) {
    *out = *x;
    *x = (mst_csr){0};
    return MST_OK;
  }
  int64_t n = 0;
  mst_csr host = {.n_rows = x->n_rows, .n_cols = x->n_cols, .dtype = x->dtype};
  mst_status st = mst_backend_to_host(backend, &n, x->row_ptr + x->n_rows, sizeof n);
  if (!st) st = make_host(backend, n, &host);
  if (!st)
    st = mst_backend_to_host(backend, host.row_ptr, x->row_ptr,
                             (size_t)(x->n_rows + 1) * sizeof *x->row_ptr);
  if (!st) st = mst_backend_to_host(backend, host.col, x->col, (size_t)n * sizeof *x->col);
  if (!st)
    st = mst_backend_to_host(backend, host.val, x->val, (size_t)(n * mst_dtype_bytes(x->dtype)));
  if (st) {
    mst_csr_fini(&host);
    return st;
  }
  mst__matrix_fini(backend, x);
  *out = host;
  return MST_OK;
}

mst_status mst__home_copy(mst_backend *backend, const void *home, int64_t n, size_t size,
                          void **out) {
  const void *host = NULL;
  void *copy = mst_backend_alloc(backend, (size_t)n, size);
  mst_status st = copy ? mst__host_view(backend, home, n, size, &host) : MST_E_NOMEM;
  if (!st) st = mst_backend_to_home(backend, copy, host, (size_t)n * size);
  mst__host_view_free(backend, host);
  if (st) mst_backend_free(backend, copy);
  else *out = copy;
  return st;
}
