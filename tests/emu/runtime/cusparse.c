/* Stand-in for the parts of cuSPARSE that the product uses: SpMM of a CSR matrix, CSR to CSC.
 *
 * What it proves is our use of the library: shapes, types, leading dimensions, index bounds,
 * buffer sizes, streams and lifetimes. Its sums say nothing about cuSPARSE's: entries of a row
 * are added left to right, under a
 * random schedule from right to left, because the library promises no order.
 */
#define DISABLE_CUSPARSE_DEPRECATED
#include <cusparse.h>

#include "api.h"

#include <stdlib.h>

#define ALIVE 0x5a5au
#define BUFFER_BYTES 4096 /* what every bufferSize answers, plus a word a row */

struct cusparseContext {
  u32 state;
  cudaStream_t stream;
};

struct cusparseSpMatDescr {
  u32 state;
  s64 rows, cols, entries;
  u64 offsets, columns, values;
  int wide; /* 64-bit indices */
  int base;
  cudaDataType type;
};

struct cusparseDnMatDescr {
  u32 state;
  s64 rows, cols, ld;
  u64 values;
  cudaDataType type;
  int by_row;
};

/* One call, copied: it runs when its stream comes to it. */
typedef struct {
  struct cusparseSpMatDescr a;
  struct cusparseDnMatDescr b, c;
  bool a_transposed, b_transposed;
  double alpha, beta;
  cudaDataType compute;
  /* CSR to CSC */
  u64 out_values, out_offsets, out_rows;
  bool with_values;
} call_data;

static u64 to_u64(const void *p) { return (u64)(uintptr_t)p; }

static cusparseStatus_t wrong(const char *call, const char *what) {
  emu_report_host("cusparse", "%s: %s", call, what);
  return CUSPARSE_STATUS_INVALID_VALUE;
}

static u32 bytes_of(cudaDataType type) {
  return type == CUDA_R_64F                         ? 8
         : type == CUDA_R_32F || type == CUDA_R_32I ? 4
         : type == CUDA_R_8I                        ? 1
                                                    : 0;
}

/* Host address of device memory that a call reads (must be set) or writes (is set by it); NULL
 * after a report.
 */
static unsigned char *memory(u64 address, u64 bytes, bool read, const char *what) {
  const emu_allocation *a = emu_memory_find(address);
  if (bytes == 0) return emu_host(address);
  if (!a || a->freed || address - a->address > a->size ||
      bytes > a->size - (address - a->address)) {
    emu_report_host("cusparse", "%s: %llu bytes at 0x%llx are not device memory in use", what,
                    (unsigned long long)bytes, (unsigned long long)address);
    return NULL;
  }
  unsigned char *states = emu_states + (address - emu_arena);
  if (!read) {
    memset(states, EMU_SET, bytes);
  } else if (memchr(states, EMU_UNSET, bytes)) {
    emu_report_host("cusparse", "%s: some of its %llu bytes were never written", what,
                    (unsigned long long)bytes);
    return NULL;
  }
  return emu_host(address);
}

static double value_at(const unsigned char *at, cudaDataType type, s64 i) {
  switch (type) {
  case CUDA_R_64F: return ((const double *)(const void *)at)[i];
  case CUDA_R_32F: return (double)((const float *)(const void *)at)[i];
  case CUDA_R_32I: return ((const int32_t *)(const void *)at)[i];
  default: return ((const int8_t *)at)[i];
  }
}

static void set_value(unsigned char *at, cudaDataType type, s64 i, double v) {
  if (type == CUDA_R_64F) ((double *)(void *)at)[i] = v;
  if (type == CUDA_R_32F) ((float *)(void *)at)[i] = (float)v;
  if (type == CUDA_R_32I) ((int32_t *)(void *)at)[i] = (int32_t)v;
  if (type == CUDA_R_8I) ((int8_t *)at)[i] = (int8_t)v;
}

static s64 index_at(const unsigned char *at, int wide, s64 i) {
  return wide ? ((const s64 *)(const void *)at)[i] : ((const int32_t *)(const void *)at)[i];
}

static u64 dense_bytes(const struct cusparseDnMatDescr *m) {
  const s64 lines = m->by_row ? m->rows : m->cols, length = m->by_row ? m->cols : m->rows;
  return lines ? (u64)((lines - 1) * m->ld + length) * bytes_of(m->type) : 0;
}

static s64 dense_at(const struct cusparseDnMatDescr *m, s64 row, s64 col) {
  return m->by_row ? row * m->ld + col : col * m->ld + row;
}

typedef struct {
  const unsigned char *offsets, *columns, *values;
} csr_view;

/* The three arrays of a CSR matrix, with every index checked. */
static bool view_csr(const struct cusparseSpMatDescr *a, bool with_values, csr_view *out) {
  const u64 width = a->wide ? 8 : 4;
  out->offsets = memory(a->offsets, (u64)(a->rows + 1) * width, true, "row offsets");
  out->columns = memory(a->columns, (u64)a->entries * width, true, "column indices");
  out->values =
      with_values ? memory(a->values, (u64)a->entries * bytes_of(a->type), true, "values") : NULL;
  if (!out->offsets || !out->columns || (with_values && !out->values)) return false;
  s64 before = a->base;
  for (s64 r = 0; r <= a->rows; r++) {
    const s64 at = index_at(out->offsets, a->wide, r);
    if (at < before || at > a->entries + a->base || (r == 0 && at != a->base)) {
      wrong("CSR", "row offsets do not ascend from the base to the number of entries");
      return false;
    }
    before = at;
  }
  if (before != a->entries + a->base) {
    wrong("CSR", "the last row offset is not the number of entries");
    return false;
  }
  for (s64 i = 0; i < a->entries; i++) {
    const s64 column = index_at(out->columns, a->wide, i) - a->base;
    if (column < 0 || column >= a->cols) {
      wrong("CSR", "a column index is outside of the matrix");
      return false;
    }
  }
  return true;
}

/* sums += A B, entry by entry; sums is rows x cols of C, in the order of rows. */
static void add_products(const call_data *d, const csr_view *a, const unsigned char *b,
                         double *sums) {
  const bool backwards = emu_get_settings()->random;
  for (s64 row = 0; row < d->a.rows; row++) {
    const s64 begin = index_at(a->offsets, d->a.wide, row) - d->a.base;
    const s64 end = index_at(a->offsets, d->a.wide, row + 1) - d->a.base;
    for (s64 step = 0; step < end - begin; step++) {
      const s64 entry = backwards ? end - 1 - step : begin + step;
      const s64 column = index_at(a->columns, d->a.wide, entry) - d->a.base;
      const s64 out = d->a_transposed ? column : row, in = d->a_transposed ? row : column;
      const double v = value_at(a->values, d->a.type, entry);
      for (s64 j = 0; j < d->c.cols; j++) {
        const double w = value_at(
            b, d->b.type, d->b_transposed ? dense_at(&d->b, j, in) : dense_at(&d->b, in, j));
        double *sum = &sums[out * d->c.cols + j];
        *sum =
            d->compute == CUDA_R_32F ? (double)((float)*sum + (float)v * (float)w) : *sum + v * w;
      }
    }
  }
}

static void run_spmm(void *payload) {
  call_data *d = payload;
  csr_view a;
  const bool good = view_csr(&d->a, true, &a);
  const unsigned char *b =
      good ? memory(d->b.values, dense_bytes(&d->b), true, "dense matrix B") : NULL;
  if (b && d->beta != 0 &&
      !memory(d->c.values, dense_bytes(&d->c), true, "dense matrix C (beta is not 0)"))
    b = NULL;
  if (b && d->c.rows * d->c.cols > 0) {
    double *sums = calloc((size_t)(d->c.rows * d->c.cols), sizeof *sums);
    if (!sums) emu_die(0, "out of memory");
    add_products(d, &a, b, sums);
    unsigned char *c = memory(d->c.values, dense_bytes(&d->c), false, "dense matrix C");
    for (s64 i = 0; c && i < d->c.rows * d->c.cols; i++) {
      const s64 at = dense_at(&d->c, i / d->c.cols, i % d->c.cols);
      const double old = d->beta != 0 ? d->beta * value_at(c, d->c.type, at) : 0;
      set_value(c, d->c.type, at, d->alpha * sums[i] + old);
    }
    free(sums);
  }
  free(d);
}

static void run_transpose(void *payload) {
  call_data *d = payload;
  csr_view a;
  const u32 size = bytes_of(d->a.type);
  s64 *next = calloc((size_t)d->a.cols + 1, sizeof *next);
  if (!next) emu_die(0, "out of memory");
  if (view_csr(&d->a, d->with_values, &a)) {
    int32_t *offsets = (int32_t *)(void *)memory(d->out_offsets, (u64)(d->a.cols + 1) * 4, false,
                                                 "column offsets");
    int32_t *rows =
        (int32_t *)(void *)memory(d->out_rows, (u64)d->a.entries * 4, false, "row indices");
    unsigned char *values =
        d->with_values ? memory(d->out_values, (u64)d->a.entries * size, false, "values") : NULL;
    for (s64 i = 0; i < d->a.entries; i++) next[index_at(a.columns, 0, i) - d->a.base + 1]++;
    for (s64 i = 0; i < d->a.cols; i++) next[i + 1] += next[i];
    for (s64 i = 0; offsets && i <= d->a.cols; i++) offsets[i] = (int32_t)next[i] + d->a.base;
    for (s64 row = 0; rows && row < d->a.rows; row++) {
      for (s64 i = index_at(a.offsets, 0, row); i < index_at(a.offsets, 0, row + 1); i++) {
        const s64 at = next[index_at(a.columns, 0, i - d->a.base) - d->a.base]++;
        rows[at] = (int32_t)row + d->a.base;
        if (values) memcpy(values + at * size, a.values + (i - d->a.base) * size, size);
      }
    }
  }
  free(next);
  free(d);
}

static cusparseStatus_t enqueue(cusparseHandle_t handle, const call_data *data, cudaHostFn_t run) {
  call_data *copy = malloc(sizeof *copy);
  if (!copy) emu_die(0, "out of memory");
  *copy = *data;
  return cudaLaunchHostFunc(handle->stream, run, copy) ? CUSPARSE_STATUS_EXECUTION_FAILED
                                                       : CUSPARSE_STATUS_SUCCESS;
}

cusparseStatus_t cusparseCreate(cusparseHandle_t *out) {
  if (emu_device_ready() != cudaSuccess) return CUSPARSE_STATUS_NOT_INITIALIZED;
  *out = emu_object_new(sizeof **out, "cuSPARSE handle");
  (*out)->state = ALIVE;
  return CUSPARSE_STATUS_SUCCESS;
}

cusparseStatus_t cusparseDestroy(cusparseHandle_t handle) {
  if (!handle || handle->state != ALIVE)
    return wrong(__func__, "not a handle, or destroyed before");
  handle->state = 0;
  emu_object_end(handle);
  return CUSPARSE_STATUS_SUCCESS;
}

cusparseStatus_t cusparseSetStream(cusparseHandle_t handle, cudaStream_t stream) {
  if (!handle || handle->state != ALIVE) return wrong(__func__, "not a handle");
  handle->stream = stream;
  return CUSPARSE_STATUS_SUCCESS;
}

cusparseStatus_t cusparseGetVersion(cusparseHandle_t handle, int *version) {
  (void)handle;
  *version = CUSPARSE_VERSION;
  return CUSPARSE_STATUS_SUCCESS;
}

const char *cusparseGetErrorName(cusparseStatus_t status) {
  return status == CUSPARSE_STATUS_SUCCESS            ? "CUSPARSE_STATUS_SUCCESS"
         : status == CUSPARSE_STATUS_INVALID_VALUE    ? "CUSPARSE_STATUS_INVALID_VALUE"
         : status == CUSPARSE_STATUS_NOT_SUPPORTED    ? "CUSPARSE_STATUS_NOT_SUPPORTED"
         : status == CUSPARSE_STATUS_EXECUTION_FAILED ? "CUSPARSE_STATUS_EXECUTION_FAILED"
         : status == CUSPARSE_STATUS_NOT_INITIALIZED  ? "CUSPARSE_STATUS_NOT_INITIALIZED"
                                                      : "CUSPARSE_STATUS_ALLOC_FAILED";
}

const char *cusparseGetErrorString(cusparseStatus_t status) { return cusparseGetErrorName(status); }

/* Parameters of the two calls that describe a CSR matrix; Q: const or nothing. */
#define CSR_PARAMETERS(Q)                                                                          \
  int64_t rows, int64_t cols, int64_t entries, Q void *offsets, Q void *columns, Q void *values,   \
      cusparseIndexType_t offset_type, cusparseIndexType_t column_type, cusparseIndexBase_t base,  \
      cudaDataType type

cusparseStatus_t cusparseCreateConstCsr(cusparseConstSpMatDescr_t *out, CSR_PARAMETERS(const)) {
  if (rows < 0 || cols < 0 || entries < 0) return wrong(__func__, "a negative size");
  if (offset_type != column_type) return wrong(__func__, "two types of indices");
  if (!bytes_of(type)) return CUSPARSE_STATUS_NOT_SUPPORTED;
  cusparseSpMatDescr_t made = emu_object_new(sizeof *made, "sparse matrix descriptor");
  *made = (struct cusparseSpMatDescr){ALIVE,
                                      rows,
                                      cols,
                                      entries,
                                      to_u64(offsets),
                                      to_u64(columns),
                                      to_u64(values),
                                      offset_type == CUSPARSE_INDEX_64I,
                                      (int)base,
                                      type};
  *out = made;
  return CUSPARSE_STATUS_SUCCESS;
}

cusparseStatus_t cusparseCreateCsr(cusparseSpMatDescr_t *out, CSR_PARAMETERS()) {
  cusparseConstSpMatDescr_t made = NULL;
  const cusparseStatus_t status = cusparseCreateConstCsr(
      &made, rows, cols, entries, offsets, columns, values, offset_type, column_type, base, type);
  if (status == CUSPARSE_STATUS_SUCCESS) *out = (cusparseSpMatDescr_t)(uintptr_t)made;
  return status;
}

cusparseStatus_t cusparseCsrSetPointers(cusparseSpMatDescr_t a, void *offsets, void *columns,
                                        void *values) {
  if (!a || a->state != ALIVE) return wrong(__func__, "not a matrix");
  a->offsets = to_u64(offsets);
  a->columns = to_u64(columns);
  a->values = to_u64(values);
  return CUSPARSE_STATUS_SUCCESS;
}

cusparseStatus_t cusparseDestroySpMat(cusparseConstSpMatDescr_t a) {
  if (!a || a->state != ALIVE) return wrong(__func__, "not a matrix, or destroyed before");
  ((cusparseSpMatDescr_t)(uintptr_t)a)->state = 0;
  emu_object_end(a);
  return CUSPARSE_STATUS_SUCCESS;
}

cusparseStatus_t cusparseCreateDnMat(cusparseDnMatDescr_t *out, int64_t rows, int64_t cols,
                                     int64_t ld, void *values, cudaDataType type,
                                     cusparseOrder_t order) {
  if (rows < 0 || cols < 0) return wrong(__func__, "a negative size");
  if (ld < (order == CUSPARSE_ORDER_ROW ? cols : rows))
    return wrong(__func__, "the leading dimension is too small");
  if (!bytes_of(type)) return CUSPARSE_STATUS_NOT_SUPPORTED;
  *out = emu_object_new(sizeof **out, "dense matrix descriptor");
  **out = (struct cusparseDnMatDescr){
      ALIVE, rows, cols, ld, to_u64(values), type, order == CUSPARSE_ORDER_ROW};
  return CUSPARSE_STATUS_SUCCESS;
}

cusparseStatus_t cusparseCreateConstDnMat(cusparseConstDnMatDescr_t *out, int64_t rows,
                                          int64_t cols, int64_t ld, const void *values,
                                          cudaDataType type, cusparseOrder_t order) {
  cusparseDnMatDescr_t made = NULL;
  const cusparseStatus_t status =
      cusparseCreateDnMat(&made, rows, cols, ld, (void *)(uintptr_t)values, type, order);
  if (status == CUSPARSE_STATUS_SUCCESS) *out = made;
  return status;
}

cusparseStatus_t cusparseDnMatSetValues(cusparseDnMatDescr_t m, void *values) {
  if (!m || m->state != ALIVE) return wrong(__func__, "not a matrix");
  m->values = to_u64(values);
  return CUSPARSE_STATUS_SUCCESS;
}

cusparseStatus_t cusparseDestroyDnMat(cusparseConstDnMatDescr_t m) {
  if (!m || m->state != ALIVE) return wrong(__func__, "not a matrix, or destroyed before");
  ((cusparseDnMatDescr_t)(uintptr_t)m)->state = 0;
  emu_object_end(m);
  return CUSPARSE_STATUS_SUCCESS;
}

static bool types_match(cudaDataType a, cudaDataType b, cudaDataType c, cudaDataType compute) {
  if (a != b) return false;
  if (a == CUDA_R_8I)
    return (c == CUDA_R_32I && compute == CUDA_R_32I) || (c == CUDA_R_32F && compute == CUDA_R_32F);
  return (a == CUDA_R_32F || a == CUDA_R_64F) && c == a && compute == a;
}

/* The parameters that the three SpMM calls share. */
#define SPMM_PARAMETERS                                                                            \
  cusparseHandle_t handle, cusparseOperation_t op_a, cusparseOperation_t op_b, const void *alpha,  \
      cusparseConstSpMatDescr_t a, cusparseConstDnMatDescr_t b, const void *beta,                  \
      cusparseDnMatDescr_t c, cudaDataType compute, cusparseSpMMAlg_t algorithm
#define DESCRIBE(d)                                                                                \
  describe(d, handle, a, b, c,                                                                     \
           (spmm_kind){op_a != CUSPARSE_OPERATION_NON_TRANSPOSE,                                   \
                       op_b != CUSPARSE_OPERATION_NON_TRANSPOSE, compute},                         \
           __func__)

typedef struct {
  bool a_transposed, b_transposed;
  cudaDataType compute;
} spmm_kind;

/* Fill `d` from the arguments of an SpMM call. */
static cusparseStatus_t describe(call_data *d, cusparseHandle_t handle, cusparseConstSpMatDescr_t a,
                                 cusparseConstDnMatDescr_t b, cusparseConstDnMatDescr_t c,
                                 spmm_kind kind, const char *call) {
  if (!handle || handle->state != ALIVE) return wrong(call, "not a handle");
  if (!a || !b || !c || a->state != ALIVE || b->state != ALIVE || c->state != ALIVE) {
    return wrong(call, "a matrix is NULL or destroyed");
  }
  *d = (call_data){.a = *a, .b = *b, .c = *c, .compute = kind.compute};
  d->a_transposed = kind.a_transposed;
  d->b_transposed = kind.b_transposed;
  const s64 m = kind.a_transposed ? a->cols : a->rows, k = kind.a_transposed ? a->rows : a->cols;
  const s64 b_rows = kind.b_transposed ? b->cols : b->rows;
  const s64 n = kind.b_transposed ? b->rows : b->cols;
  if (c->rows != m || b_rows != k || c->cols != n) {
    return wrong(call, "the shapes do not fit: op(A) [m x k], op(B) [k x n], C [m x n]");
  }
  if (!types_match(a->type, b->type, c->type, kind.compute)) {
    return wrong(call, "no supported combination of types");
  }
  return CUSPARSE_STATUS_SUCCESS;
}

static size_t buffer_bytes(s64 rows) { return BUFFER_BYTES + 4 * (size_t)rows; }

static bool check_buffer(const void *buffer, size_t bytes) {
  return memory(to_u64(buffer), bytes, false, "work buffer (bufferSize says how big)") != NULL;
}

cusparseStatus_t cusparseSpMM_bufferSize(SPMM_PARAMETERS, size_t *bytes) {
  call_data d;
  (void)algorithm;
  if (!alpha || !beta || !bytes) return wrong(__func__, "a pointer is NULL");
  const cusparseStatus_t status = DESCRIBE(&d);
  if (status == CUSPARSE_STATUS_SUCCESS) *bytes = buffer_bytes(a->rows);
  return status;
}

cusparseStatus_t cusparseSpMM_preprocess(SPMM_PARAMETERS, void *buffer) {
  call_data d;
  (void)algorithm;
  if (!alpha || !beta) return wrong(__func__, "a pointer is NULL");
  const cusparseStatus_t status = DESCRIBE(&d);
  if (status != CUSPARSE_STATUS_SUCCESS) return status;
  return check_buffer(buffer, buffer_bytes(a->rows)) ? status : CUSPARSE_STATUS_INVALID_VALUE;
}

cusparseStatus_t cusparseSpMM(SPMM_PARAMETERS, void *buffer) {
  call_data d;
  (void)algorithm;
  if (!alpha || !beta || emu_is_device(to_u64(alpha)) || emu_is_device(to_u64(beta))) {
    return wrong(__func__, "alpha and beta must be on the host");
  }
  const cusparseStatus_t status = DESCRIBE(&d);
  if (status != CUSPARSE_STATUS_SUCCESS) return status;
  if (!check_buffer(buffer, buffer_bytes(a->rows))) return CUSPARSE_STATUS_INVALID_VALUE;
  d.alpha = value_at(alpha, compute, 0);
  d.beta = value_at(beta, compute, 0);
  return enqueue(handle, &d, run_spmm);
}

/* The parameters that the two calls of CSR to CSC share. */
#define TRANSPOSE_PARAMETERS                                                                       \
  cusparseHandle_t handle, int m, int n, int nnz, const void *values, const int *offsets,          \
      const int *columns, void *out_values, int *out_offsets, int *out_rows, cudaDataType type,    \
      cusparseAction_t action, cusparseIndexBase_t base, cusparseCsr2CscAlg_t algorithm

cusparseStatus_t cusparseCsr2cscEx2_bufferSize(TRANSPOSE_PARAMETERS, size_t *bytes) {
  (void)values, (void)offsets, (void)columns, (void)out_values, (void)out_offsets, (void)out_rows;
  (void)action, (void)base, (void)algorithm, (void)nnz;
  if (!handle || handle->state != ALIVE || !bytes || m < 0 || n < 0) {
    return wrong(__func__, "a bad argument");
  }
  if (!bytes_of(type)) return CUSPARSE_STATUS_NOT_SUPPORTED;
  *bytes = buffer_bytes(m);
  return CUSPARSE_STATUS_SUCCESS;
}

cusparseStatus_t cusparseCsr2cscEx2(TRANSPOSE_PARAMETERS, void *buffer) {
  (void)algorithm;
  if (!handle || handle->state != ALIVE || m < 0 || n < 0 || nnz < 0) {
    return wrong(__func__, "a bad argument");
  }
  if (!bytes_of(type)) return CUSPARSE_STATUS_NOT_SUPPORTED;
  if (!check_buffer(buffer, buffer_bytes(m))) return CUSPARSE_STATUS_INVALID_VALUE;
  call_data d = {.a = {ALIVE, m, n, nnz, to_u64(offsets), to_u64(columns), to_u64(values), 0,
                       (int)base, type}};
  d.with_values = action == CUSPARSE_ACTION_NUMERIC;
  d.out_values = to_u64(out_values);
  d.out_offsets = to_u64(out_offsets);
  d.out_rows = to_u64(out_rows);
  return enqueue(handle, &d, run_transpose);
}
