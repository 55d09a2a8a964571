/* The cuSPARSE stand-in: right products, and a finding for each wrong use. usage: emu_sparse
 * [WRONG]
 */
#define DISABLE_CUSPARSE_DEPRECATED
#include "twin.h"

#include <cusparse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda/linear/sparse_values.h"

/* What the product says without this header. */
_Static_assert((int)MST__SPARSE_INDEX_32I == (int)CUSPARSE_INDEX_32I &&
                   (int)MST__SPARSE_BASE_ZERO == (int)CUSPARSE_INDEX_BASE_ZERO &&
                   (int)MST__SPARSE_ORDER_ROW == (int)CUSPARSE_ORDER_ROW &&
                   (int)MST__SPARSE_NON_TRANSPOSE == (int)CUSPARSE_OPERATION_NON_TRANSPOSE &&
                   (int)MST__SPARSE_SPMM_CSR_ALG3 == (int)CUSPARSE_SPMM_CSR_ALG3 &&
                   (int)MST__SPARSE_ACTION_NUMERIC == (int)CUSPARSE_ACTION_NUMERIC &&
                   (int)MST__SPARSE_CSR2CSC_ALG1 == (int)CUSPARSE_CSR2CSC_ALG1,
               "cuSPARSE's values are others");

/* A is 3 x 4: row 0: (1:2.0), row 1: none, row 2: (0:1.0) (3:4.0). B is 4 x 2, b[i][j] = i + 10
 * j.
 */
static const int offsets[] = {0, 1, 1, 3}, columns[] = {1, 0, 3};
static const double values[] = {2, 1, 4};

typedef struct {
  cusparseHandle_t handle;
  cusparseSpMatDescr_t a;
  cusparseDnMatDescr_t b, c;
  int *d_offsets, *d_columns;
  double *d_values, *d_b, *d_c;
  void *buffer;
} scene;

static int failures;
static void expect(int good, const char *what) {
  if (good) return;
  printf("wrong: %s\n", what);
  failures++;
}

static void *upload(const void *from, size_t bytes) {
  void *p = NULL;
  if (cudaMalloc(&p, bytes) != cudaSuccess ||
      cudaMemcpy(p, from, bytes, cudaMemcpyHostToDevice) != cudaSuccess)
    exit(3);
  return p;
}

static void build(scene *s, int wrong) {
  double b[8];
  const int bad_columns[] = {1, 0, 4};
  for (int i = 0; i < 8; i++) b[i] = i / 2 + 10 * (i % 2);
  memset(s, 0, sizeof *s);
  cusparseCreate(&s->handle);
  s->d_offsets = upload(offsets, sizeof offsets);
  s->d_columns = upload(wrong == 1 ? bad_columns : columns, sizeof columns);
  s->d_values = upload(values, sizeof values);
  s->d_b = upload(b, sizeof b);
  if (cudaMalloc((void **)&s->d_c, 6 * sizeof(double)) != cudaSuccess) exit(3);
  cusparseCreateCsr(&s->a, 3, 4, 3, s->d_offsets, s->d_columns, s->d_values, CUSPARSE_INDEX_32I,
                    CUSPARSE_INDEX_32I, CUSPARSE_INDEX_BASE_ZERO, CUDA_R_64F);
  cusparseCreateDnMat(&s->b, wrong == 2 ? 3 : 4, 2, 2, s->d_b, CUDA_R_64F, CUSPARSE_ORDER_ROW);
  cusparseCreateDnMat(&s->c, 3, 2, 2, s->d_c, wrong == 3 ? CUDA_R_32F : CUDA_R_64F,
                      CUSPARSE_ORDER_ROW);
}

static cusparseStatus_t multiply(scene *s, double beta, int wrong) {
  const double one = 1;
  size_t bytes = 16;
  const cusparseStatus_t status = cusparseSpMM_bufferSize(
      s->handle, CUSPARSE_OPERATION_NON_TRANSPOSE, CUSPARSE_OPERATION_NON_TRANSPOSE, &one, s->a,
      s->b, &beta, s->c, CUDA_R_64F, CUSPARSE_SPMM_CSR_ALG2, &bytes);
  if (status != CUSPARSE_STATUS_SUCCESS) return status;
  if (!s->buffer && cudaMalloc(&s->buffer, wrong == 4 ? bytes / 2 : bytes) != cudaSuccess)
    return CUSPARSE_STATUS_ALLOC_FAILED;
  if (wrong == 5) cusparseDestroySpMat(s->a);
  return cusparseSpMM(s->handle, CUSPARSE_OPERATION_NON_TRANSPOSE, CUSPARSE_OPERATION_NON_TRANSPOSE,
                      &one, s->a, s->b, &beta, s->c, CUDA_R_64F, CUSPARSE_SPMM_CSR_ALG2,
                      wrong == 6 ? NULL : s->buffer);
}

static void test_transpose(scene *s) {
  int *d_offsets = NULL, *d_rows = NULL, got_offsets[5], got_rows[3];
  double *d_values = NULL, got_values[3];
  size_t bytes = 0;
  void *buffer = NULL;
  cudaMalloc((void **)&d_offsets, sizeof got_offsets);
  cudaMalloc((void **)&d_rows, sizeof got_rows);
  cudaMalloc((void **)&d_values, sizeof got_values);
  expect(cusparseCsr2cscEx2_bufferSize(
             s->handle, 3, 4, 3, s->d_values, s->d_offsets, s->d_columns, d_values, d_offsets,
             d_rows, CUDA_R_64F, CUSPARSE_ACTION_NUMERIC, CUSPARSE_INDEX_BASE_ZERO,
             CUSPARSE_CSR2CSC_ALG_DEFAULT, &bytes) == CUSPARSE_STATUS_SUCCESS,
         "buffer size");
  cudaMalloc(&buffer, bytes);
  expect(cusparseCsr2cscEx2(s->handle, 3, 4, 3, s->d_values, s->d_offsets, s->d_columns, d_values,
                            d_offsets, d_rows, CUDA_R_64F, CUSPARSE_ACTION_NUMERIC,
                            CUSPARSE_INDEX_BASE_ZERO, CUSPARSE_CSR2CSC_ALG_DEFAULT,
                            buffer) == CUSPARSE_STATUS_SUCCESS,
         "transpose");
  cudaMemcpy(got_offsets, d_offsets, sizeof got_offsets, cudaMemcpyDeviceToHost);
  cudaMemcpy(got_rows, d_rows, sizeof got_rows, cudaMemcpyDeviceToHost);
  cudaMemcpy(got_values, d_values, sizeof got_values, cudaMemcpyDeviceToHost);
  const int want_offsets[] = {0, 1, 2, 2, 3}, want_rows[] = {2, 0, 2};
  const double want_values[] = {1, 2, 4};
  expect(!memcmp(got_offsets, want_offsets, sizeof want_offsets) &&
             !memcmp(got_rows, want_rows, sizeof want_rows) &&
             !memcmp(got_values, want_values, sizeof want_values),
         "CSC");
  cudaFree(d_offsets);
  cudaFree(d_rows);
  cudaFree(d_values);
  cudaFree(buffer);
}

int main(int argc, char **argv) {
  const int wrong = argc > 1 ? atoi(argv[1]) : 0;
  scene s;
  double c[6];
  build(&s, wrong);
  const cusparseStatus_t status = multiply(&s, 0, wrong);
  if (wrong)
    return status == CUSPARSE_STATUS_SUCCESS && cudaDeviceSynchronize() == cudaSuccess ? 0 : 1;
  expect(status == CUSPARSE_STATUS_SUCCESS && multiply(&s, 1, 0) == CUSPARSE_STATUS_SUCCESS,
         "SpMM");
  cudaMemcpy(c, s.d_c, sizeof c, cudaMemcpyDeviceToHost);
  const double want[] = {4, 44, 0, 0, 24, 124}; /* 2 A B */
  expect(!memcmp(c, want, sizeof c), "product");
  test_transpose(&s);
  expect(cusparseDestroySpMat(s.a) == 0 && cusparseDestroyDnMat(s.b) == 0 &&
             cusparseDestroyDnMat(s.c) == 0 && cusparseDestroy(s.handle) == 0,
         "destroy");
  cudaFree(s.d_offsets);
  cudaFree(s.d_columns);
  cudaFree(s.d_values);
  cudaFree(s.d_b);
  cudaFree(s.d_c);
  cudaFree(s.buffer);
  return failures != 0;
}
