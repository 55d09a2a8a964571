/* sparse.cu: cuSPARSE found and opened, matrices on the device, products. */
#include "cuda/linear/sparse.cuh"

#include <pthread.h>
#include <stdlib.h>

#include "misstep/library.h"

#define NAMES_TRIED "libcusparse.so.12, libcusparse.so"

/* What is called, with cuSPARSE's own parameters; its objects are pointers, its enumerations
 * int. */
typedef struct api {
  int (*create)(void **handle);
  int (*destroy)(void *handle);
  int (*set_stream)(void *handle, cudaStream_t stream);
  const char *(*error_string)(int status);
  int (*create_csr)(void **out, int64_t rows, int64_t cols, int64_t entries, void *offsets,
                    void *columns, void *values, int offset_type, int column_type, int base,
                    cudaDataType type);
  int (*destroy_sparse)(const void *matrix);
  int (*create_dense)(void **out, int64_t rows, int64_t cols, int64_t ld, void *values,
                      cudaDataType type, int order);
  int (*destroy_dense)(const void *matrix);
  int (*spmm_bytes)(void *handle, int op_a, int op_b, const void *alpha, const void *a,
                    const void *b, const void *beta, void *c, cudaDataType compute, int algorithm,
                    size_t *bytes);
  int (*spmm)(void *handle, int op_a, int op_b, const void *alpha, const void *a, const void *b,
              const void *beta, void *c, cudaDataType compute, int algorithm, void *work);
  int (*csc_bytes)(void *handle, int m, int n, int entries, const void *values, const int *offsets,
                   const int *columns, void *out_values, int *out_offsets, int *out_rows,
                   cudaDataType type, int action, int base, int algorithm, size_t *bytes);
  int (*csc)(void *handle, int m, int n, int entries, const void *values, const int *offsets,
             const int *columns, void *out_values, int *out_offsets, int *out_rows,
             cudaDataType type, int action, int base, int algorithm, void *work);
} api;

static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
static int opened; /* under the mutex; the table never changes once it is set */
static api sparse;

/* Look every function up; the first one that is missing, or NULL. */
static const char *load_functions(void *library) {
  const struct {
    void *slot;
    const char *name;
  } functions[] = {{&sparse.create, "cusparseCreate"},
                   {&sparse.destroy, "cusparseDestroy"},
                   {&sparse.set_stream, "cusparseSetStream"},
                   {&sparse.error_string, "cusparseGetErrorString"},
                   {&sparse.create_csr, "cusparseCreateCsr"},
                   {&sparse.destroy_sparse, "cusparseDestroySpMat"},
                   {&sparse.create_dense, "cusparseCreateDnMat"},
                   {&sparse.destroy_dense, "cusparseDestroyDnMat"},
                   {&sparse.spmm_bytes, "cusparseSpMM_bufferSize"},
                   {&sparse.spmm, "cusparseSpMM"},
                   {&sparse.csc_bytes, "cusparseCsr2cscEx2_bufferSize"},
                   {&sparse.csc, "cusparseCsr2cscEx2"}};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    void *found = mst_library_find(library, functions[i].name);
    if (!found) return functions[i].name;
    *static_cast<void **>(functions[i].slot) = found;
  }
  return NULL;
}

/* What MISSTEP_CUSPARSE_LIB names and nothing else; or the library that the process has already, or
 * the system's. */
static void *find_library(const char *chosen) {
  if (chosen && *chosen) return mst_library_open(chosen, 0);
  void *program = mst_library_open(NULL, 0);
  if (program && mst_library_find(program, "cusparseSpMM")) return program;
  if (program) mst_library_close(program);
  void *library = mst_library_open("libcusparse.so.12", 0);
  return library ? library : mst_library_open("libcusparse.so", 0);
}

static mst_status open_locked(void) {
  const char *chosen = getenv("MISSTEP_CUSPARSE_LIB");
  void *library = find_library(chosen);
  if (!library)
    return MST_FAIL(
        MST_E_ADAPTER,
        "the linear fit on a GPU needs cuSPARSE (tried %s; %s): install it with CUDA or "
        "by pip (nvidia-cusparse), name it by MISSTEP_CUSPARSE_LIB, or take "
        "--linear-solver liblinear, which is the host's",
        chosen && *chosen ? chosen : NAMES_TRIED, mst_library_why());
  const char *missing = load_functions(library);
  if (missing) return MST_FAIL(MST_E_ADAPTER, "cuSPARSE has no %s: it is too old", missing);
  opened = 1;
  return MST_OK;
}

static mst_status open_library(void) {
  (void)pthread_mutex_lock(&opening);
  const mst_status st = opened ? MST_OK : open_locked();
  (void)pthread_mutex_unlock(&opening);
  return st;
}

extern "C" mst_status mst__cuda_sparse_open(void) { return open_library(); }

/* A call of cuSPARSE as a status. */
#define MST_SPARSE(call) sparse_check((call), #call, __func__)
static mst_status sparse_check(int status, const char *call, const char *function) {
  enum { ALLOC_FAILED = 2 };
  if (!status) return MST_OK;
  return mst_failure(mst_error_set(status == ALLOC_FAILED ? MST_E_NOMEM : MST_E_ADAPTER, function,
                                   "%.300s: %s", call, sparse.error_string(status)));
}

mst__sparse::~mst__sparse() {
  if (x.descriptor) (void)sparse.destroy_sparse(x.descriptor);
  if (t.descriptor) (void)sparse.destroy_sparse(t.descriptor);
  if (handle) (void)sparse.destroy(handle);
}

/* The columns first .. end-1 on the host, with 32-bit offsets. */
typedef struct cut {
  int32_t *row_ptr, *col;
  float *val;
} cut;

static void cut_fini(cut *c) {
  mst_free(c->row_ptr);
  mst_free(c->col);
  mst_free(c->val);
}

static int64_t reach(const mst_csr *x, int64_t d, int64_t column) {
  int64_t e = x->row_ptr[d];
  while (e < x->row_ptr[d + 1] && x->col[e] < column) e++;
  return e;
}

static mst_status cut_columns(const mst_csr *x, int64_t first, int64_t end, cut *out) {
  cut c = {};
  const float *val = static_cast<const float *>(x->val);
  int64_t n = 0;
  for (int64_t d = 0; d < x->n_rows; d++) n += reach(x, d, end) - reach(x, d, first);
  if (n > INT32_MAX || x->n_rows >= INT32_MAX)
    return MST_FAIL(MST_E_LIMIT, "a linear fit on a GPU of %lld rows, %lld entries: 2^31-1 at most",
                    (long long)x->n_rows, (long long)n);
  c.row_ptr = static_cast<int32_t *>(mst_alloc((size_t)x->n_rows + 1, sizeof *c.row_ptr));
  c.col = static_cast<int32_t *>(mst_alloc((size_t)n, sizeof *c.col));
  c.val = static_cast<float *>(mst_alloc((size_t)n, sizeof *c.val));
  if (!c.row_ptr || !c.col || !c.val) {
    cut_fini(&c);
    return MST_E_NOMEM;
  }
  n = 0;
  for (int64_t d = 0; d < x->n_rows; d++) {
    c.row_ptr[d] = (int32_t)n;
    for (int64_t e = reach(x, d, first); e < reach(x, d, end); e++, n++) {
      c.col[n] = (int32_t)(x->col[e] - first);
      c.val[n] = val[e];
    }
  }
  c.row_ptr[x->n_rows] = (int32_t)n;
  *out = c;
  return MST_OK;
}

static mst_status send(mst__sparse *a, const cut *c) {
  MST_TRY(mst__cuda_send_array(&a->x.row_ptr, c->row_ptr, a->x.n_rows + 1));
  MST_TRY(mst__cuda_send_array(&a->x.col, c->col, a->n_entries));
  return mst__cuda_send_array(&a->x.val, c->val, a->n_entries);
}

static mst_status describe(mst__sparse_half *h, int64_t n_entries) {
  return MST_SPARSE(sparse.create_csr(&h->descriptor, h->n_rows, h->n_cols, n_entries,
                                      h->row_ptr.ptr, h->col.ptr, h->val.ptr, MST__SPARSE_INDEX_32I,
                                      MST__SPARSE_INDEX_32I, MST__SPARSE_BASE_ZERO, CUDA_R_32F));
}

static mst_status transpose(mst__sparse *a) {
  const int m = (int)a->x.n_rows, n = (int)a->x.n_cols, entries = (int)a->n_entries;
  mst__cuda_scratch<uint8_t> work(a->backend);
  size_t bytes = 0;
  MST_TRY(a->t.row_ptr.alloc(n + 1));
  MST_TRY(a->t.col.alloc(entries));
  MST_TRY(a->t.val.alloc(entries));
  MST_TRY(MST_SPARSE(sparse.csc_bytes(a->handle, m, n, entries, a->x.val.ptr, a->x.row_ptr.ptr,
                                      a->x.col.ptr, a->t.val.ptr, a->t.row_ptr.ptr, a->t.col.ptr,
                                      CUDA_R_32F, MST__SPARSE_ACTION_NUMERIC, MST__SPARSE_BASE_ZERO,
                                      MST__SPARSE_CSR2CSC_ALG1, &bytes)));
  MST_TRY(work.alloc((int64_t)bytes));
  return MST_SPARSE(sparse.csc(a->handle, m, n, entries, a->x.val.ptr, a->x.row_ptr.ptr,
                               a->x.col.ptr, a->t.val.ptr, a->t.row_ptr.ptr, a->t.col.ptr,
                               CUDA_R_32F, MST__SPARSE_ACTION_NUMERIC, MST__SPARSE_BASE_ZERO,
                               MST__SPARSE_CSR2CSC_ALG1, work.ptr));
}

mst_status mst__sparse_init(mst__sparse *a, const mst_csr *x, int64_t first, int64_t end) {
  cut c = {};
  MST_TRY(open_library());
  MST_TRY(MST_SPARSE(sparse.create(&a->handle)));
  MST_TRY(MST_SPARSE(sparse.set_stream(a->handle, mst__cuda(a->backend)->stream)));
  MST_TRY(cut_columns(x, first, end, &c));
  a->x.n_rows = a->t.n_cols = x->n_rows;
  a->x.n_cols = a->t.n_rows = end - first;
  a->n_entries = c.row_ptr[x->n_rows];
  const mst_status st = a->n_entries ? send(a, &c) : MST_OK;
  cut_fini(&c);
  if (st || !a->n_entries) return st;
  MST_TRY(transpose(a));
  MST_TRY(describe(&a->x, a->n_entries));
  return describe(&a->t, a->n_entries);
}

/* Both dense matrices, described for one product. */
typedef struct dense_pair {
  void *b = NULL, *c = NULL;
  ~dense_pair() {
    if (b) (void)sparse.destroy_dense(b);
    if (c) (void)sparse.destroy_dense(c);
  }
} dense_pair;

mst_status mst__sparse_times(mst__sparse *a, int transposed, const float *d_b, int64_t n,
                             float *d_c) {
  mst__sparse_half *h = transposed ? &a->t : &a->x;
  if (!a->n_entries || !n) /* nothing to multiply: cuSPARSE is not asked */
    return MST_CUDA(cudaMemsetAsync(d_c, 0, (size_t)(h->n_rows * n) * sizeof *d_c,
                                    mst__cuda(a->backend)->stream));
  const float one = 1, zero = 0;
  dense_pair pair;
  size_t bytes = 0;
  MST_TRY(MST_SPARSE(sparse.create_dense(&pair.b, h->n_cols, n, n, const_cast<float *>(d_b),
                                         CUDA_R_32F, MST__SPARSE_ORDER_ROW)));
  MST_TRY(MST_SPARSE(
      sparse.create_dense(&pair.c, h->n_rows, n, n, d_c, CUDA_R_32F, MST__SPARSE_ORDER_ROW)));
  if (!h->work.ptr || h->work_n != n) {
    MST_TRY(MST_SPARSE(sparse.spmm_bytes(
        a->handle, MST__SPARSE_NON_TRANSPOSE, MST__SPARSE_NON_TRANSPOSE, &one, h->descriptor,
        pair.b, &zero, pair.c, CUDA_R_32F, MST__SPARSE_SPMM_CSR_ALG3, &bytes)));
    MST_TRY(h->work.alloc((int64_t)bytes));
    h->work_n = n;
  }
  return MST_SPARSE(sparse.spmm(a->handle, MST__SPARSE_NON_TRANSPOSE, MST__SPARSE_NON_TRANSPOSE,
                                &one, h->descriptor, pair.b, &zero, pair.c, CUDA_R_32F,
                                MST__SPARSE_SPMM_CSR_ALG3, h->work.ptr));
}
