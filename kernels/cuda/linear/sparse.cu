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
  const mst_library_function functions[] = {{&sparse.create, "cusparseCreate"},
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
  return mst_library_find_all(library, functions, sizeof functions / sizeof *functions);
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

mst__sparse_half::~mst__sparse_half() {
  for (int64_t i = 0; i < n_blocks; i++)
    if (block[i].descriptor) (void)sparse.destroy_sparse(block[i].descriptor);
  mst_free(block);
}

mst__sparse::~mst__sparse() {
  if (handle) (void)sparse.destroy(handle);
}

/* Room for the entries of all blocks. */
static mst_status make_room(mst__sparse_half *h) {
  if (!h->n_blocks) return MST_OK;
  const mst__block *last = &h->block[h->n_blocks - 1];
  MST_TRY(h->row_ptr.alloc(last->ptr_at + last->n_lines + 1));
  MST_TRY(h->col.alloc(last->at + last->n_entries));
  return h->val.alloc(last->at + last->n_entries);
}

static mst_status send(mst__sparse_half *h, const mst__block *b, const mst__cut *c) {
  const size_t n = (size_t)b->n_entries;
  mst_backend *backend = h->row_ptr.backend;
  MST_TRY(mst__cuda_to_home(backend, h->row_ptr.ptr + b->ptr_at, c->row_ptr,
                            ((size_t)b->n_lines + 1) * sizeof *c->row_ptr));
  MST_TRY(mst__cuda_to_home(backend, h->col.ptr + b->at, c->col, n * sizeof *c->col));
  return mst__cuda_to_home(backend, h->val.ptr + b->at, c->val, n * sizeof *c->val);
}

/* Bring a part to the device, block by block; it is cut already. */
static mst_status send_blocks(mst__sparse_half *h, const mst__part *part) {
  mst_status st = make_room(h);
  for (int64_t i = 0; !st && i < h->n_blocks; i++) {
    const mst__block *b = &h->block[i];
    mst__part lines = *part;
    lines.row = part->row + b->first;
    lines.row_end = lines.row + b->n_lines;
    mst__cut cut = {};
    st = mst__cut_make(&lines, &cut);
    if (!st) st = send(h, b, &cut);
    mst__cut_fini(&cut);
  }
  return st;
}

/* A block of the transpose from its columns of X, which are all there is in `from`. */
static mst_status transpose_block(mst__sparse *a, const mst__sparse_half *from,
                                  const mst__block *to) {
  const int m = (int)from->n_rows, n = (int)to->n_lines, entries = (int)to->n_entries;
  int32_t *const ptr = a->t.row_ptr.ptr + to->ptr_at, *const row = a->t.col.ptr + to->at;
  float *const val = a->t.val.ptr + to->at;
  mst__cuda_scratch<uint8_t> work(a->backend);
  size_t bytes = 0;
  MST_TRY(MST_SPARSE(sparse.csc_bytes(a->handle, m, n, entries, from->val.ptr, from->row_ptr.ptr,
                                      from->col.ptr, val, ptr, row, CUDA_R_32F,
                                      MST__SPARSE_ACTION_NUMERIC, MST__SPARSE_BASE_ZERO,
                                      MST__SPARSE_CSR2CSC_ALG1, &bytes)));
  MST_TRY(work.alloc((int64_t)bytes));
  return MST_SPARSE(sparse.csc(a->handle, m, n, entries, from->val.ptr, from->row_ptr.ptr,
                               from->col.ptr, val, ptr, row, CUDA_R_32F, MST__SPARSE_ACTION_NUMERIC,
                               MST__SPARSE_BASE_ZERO, MST__SPARSE_CSR2CSC_ALG1, work.ptr));
}

/* Where one block is not all: each block of the transpose from columns that are sent for it. */
static mst_status transpose_blocks(mst__sparse *a, const mst__part *part, int64_t most) {
  for (int64_t i = 0; i < a->t.n_blocks; i++) {
    const mst__block *to = &a->t.block[i];
    mst__part columns = *part;
    columns.col = part->col + to->first;
    columns.col_end = columns.col + to->n_lines;
    mst__sparse_half from(a->backend);
    from.n_rows = part->row_end - part->row;
    MST_TRY(mst__cut_plan(&columns, 0, most, &from.block, &from.n_blocks));
    MST_TRY(send_blocks(&from, &columns));
    MST_TRY(transpose_block(a, &from, to));
  }
  return MST_OK;
}

static mst_status describe(mst__sparse_half *h) {
  for (int64_t i = 0; i < h->n_blocks; i++) {
    mst__block *b = &h->block[i];
    MST_TRY(MST_SPARSE(sparse.create_csr(
        &b->descriptor, b->n_lines, h->n_cols, b->n_entries, h->row_ptr.ptr + b->ptr_at,
        h->col.ptr + b->at, h->val.ptr + b->at, MST__SPARSE_INDEX_32I, MST__SPARSE_INDEX_32I,
        MST__SPARSE_BASE_ZERO, CUDA_R_32F)));
  }
  return MST_OK;
}

mst_status mst__sparse_init(mst__sparse *a, const mst_csr *x, int64_t first, int64_t end) {
  const mst__part part = {x, 0, x->n_rows, first, end};
  const int64_t most = mst__cuda(a->backend)->block_entries;
  MST_TRY(open_library());
  MST_TRY(MST_SPARSE(sparse.create(&a->handle)));
  MST_TRY(MST_SPARSE(sparse.set_stream(a->handle, mst__cuda(a->backend)->stream)));
  if (x->n_rows >= INT32_MAX)
    return MST_FAIL(MST_E_LIMIT, "a linear fit on a GPU of %lld rows: 2^31-2 at most",
                    (long long)x->n_rows);
  a->x.n_rows = a->t.n_cols = x->n_rows;
  a->x.n_cols = a->t.n_rows = end - first;
  MST_TRY(mst__cut_plan(&part, 0, most, &a->x.block, &a->x.n_blocks));
  MST_TRY(mst__cut_plan(&part, 1, most, &a->t.block, &a->t.n_blocks));
  MST_TRY(make_room(&a->t));
  if (a->x.n_blocks > 1) MST_TRY(transpose_blocks(a, &part, most));
  MST_TRY(send_blocks(&a->x, &part));
  if (a->x.n_blocks == 1) MST_TRY(transpose_block(a, &a->x, a->t.block));
  MST_TRY(describe(&a->x));
  return describe(&a->t);
}

/* Both dense matrices, described for one product. */
typedef struct dense_pair {
  void *b = NULL, *c = NULL;
  ~dense_pair() {
    if (b) (void)sparse.destroy_dense(b);
    if (c) (void)sparse.destroy_dense(c);
  }
} dense_pair;

/* One block's product, or (bytes not NULL) the room that it needs. */
static mst_status times_block(mst__sparse *a, mst__sparse_half *h, const mst__block *block,
                              const float *d_b, int64_t n, float *d_c, size_t *bytes) {
  const float one = 1, zero = 0;
  const int as_is = MST__SPARSE_NON_TRANSPOSE, algorithm = MST__SPARSE_SPMM_CSR_ALG3;
  dense_pair pair;
  MST_TRY(MST_SPARSE(sparse.create_dense(&pair.b, h->n_cols, n, n, const_cast<float *>(d_b),
                                         CUDA_R_32F, MST__SPARSE_ORDER_ROW)));
  MST_TRY(MST_SPARSE(sparse.create_dense(&pair.c, block->n_lines, n, n, d_c + block->first * n,
                                         CUDA_R_32F, MST__SPARSE_ORDER_ROW)));
  if (bytes)
    return MST_SPARSE(sparse.spmm_bytes(a->handle, as_is, as_is, &one, block->descriptor, pair.b,
                                        &zero, pair.c, CUDA_R_32F, algorithm, bytes));
  return MST_SPARSE(sparse.spmm(a->handle, as_is, as_is, &one, block->descriptor, pair.b, &zero,
                                pair.c, CUDA_R_32F, algorithm, h->work.ptr));
}

mst_status mst__sparse_times(mst__sparse *a, int transposed, const float *d_b, int64_t n,
                             float *d_c) {
  mst__sparse_half *h = transposed ? &a->t : &a->x;
  if (!h->n_blocks || !n) /* nothing to multiply: cuSPARSE is not asked */
    return MST_CUDA(cudaMemsetAsync(d_c, 0, (size_t)(h->n_rows * n) * sizeof *d_c,
                                    mst__cuda(a->backend)->stream));
  if (!h->work.ptr || h->work_n != n) {
    size_t most = 0;
    for (int64_t i = 0; i < h->n_blocks; i++) {
      size_t bytes = 0;
      MST_TRY(times_block(a, h, &h->block[i], d_b, n, d_c, &bytes));
      most = max(most, bytes);
    }
    MST_TRY(h->work.alloc((int64_t)most));
    h->work_n = n;
  }
  for (int64_t i = 0; i < h->n_blocks; i++)
    MST_TRY(times_block(a, h, &h->block[i], d_b, n, d_c, NULL));
  return MST_OK;
}
