/* sums.cuh: sums of each column over the rows of a matrix, in one fixed order. Internal.
 *
 * columns_sum_kernel  block 64 x 4: 64 columns, four rows at a time of a strip of SUM_ROWS; 2 KiB
 * of
 *                     shared memory. Strips' sums are summed by the same kernel until one is left.
 */
#ifndef MISSTEP_CUDA_LINEAR_SUMS_CUH
#define MISSTEP_CUDA_LINEAR_SUMS_CUH

#include "cuda/linear/wide.cuh"

enum { SUM_COLUMNS = 64, SUM_LANES = 4, SUM_ROWS = 256 };

/* Sum of(row, column) over the strip's rows: lane by lane, then the lanes. */
template <typename F>
__global__ void __launch_bounds__(SUM_COLUMNS *SUM_LANES, 2)
    columns_sum_kernel(const __grid_constant__ F of, int64_t n, int32_t q, double *out) {
  __shared__ double lanes[SUM_LANES][SUM_COLUMNS];
  const int32_t j = (int32_t)(blockIdx.y * SUM_COLUMNS + threadIdx.x);
  const int64_t first = (int64_t)blockIdx.x * SUM_ROWS;
  const int64_t end = first + SUM_ROWS < n ? first + SUM_ROWS : n;
  double sum = 0;
  for (int64_t i = first + threadIdx.y; i < end && j < q; i += SUM_LANES) sum += of(i, j);
  lanes[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y || j >= q) return;
  for (int lane = 1; lane < SUM_LANES; lane++) sum += lanes[lane][threadIdx.x];
  out[(int64_t)blockIdx.x * q + j] = sum;
}

typedef struct mst__sum_of_sums {
  const double *x;
  int32_t q;
  __device__ double operator()(int64_t i, int32_t j) const { return x[i * q + j]; }
} mst__sum_of_sums;

template <typename F>
static mst_status mst__sum_launch(mst_backend *backend, const F &of, int64_t n, int32_t q,
                                  double *out) {
  const dim3 grid((unsigned)mst__cuda_blocks(n, SUM_ROWS),
                  (unsigned)mst__cuda_blocks(q, SUM_COLUMNS));
  columns_sum_kernel<<<grid, dim3(SUM_COLUMNS, SUM_LANES), 0, mst__cuda(backend)->stream>>>(of, n,
                                                                                            q, out);
  return mst__cuda_check(cudaGetLastError(), "columns_sum_kernel", __func__);
}

/* sum[j] = sum over i < n of of(i, j), on the host. No rows: 0. */
template <typename F>
static mst_status mst__columns_sum(mst__wide *w, const F &of, int64_t n, double *sum) {
  const int32_t q = w->shape.q;
  for (int32_t j = 0; j < q; j++) sum[j] = 0;
  if (!n) return MST_OK;
  int64_t n_left = mst__cuda_blocks(n, SUM_ROWS);
  double *from = w->partial.ptr, *to = from + n_left * q;
  MST_TRY(mst__sum_launch(w->backend, of, n, q, from));
  while (n_left > 1) {
    const mst__sum_of_sums sums = {from, q};
    MST_TRY(mst__sum_launch(w->backend, sums, n_left, q, to));
    n_left = mst__cuda_blocks(n_left, SUM_ROWS);
    double *const other = from;
    from = to;
    to = other;
  }
  return mst__cuda_to_host(w->backend, sum, from, (size_t)q * sizeof *sum);
}

/* Doubles that the sums of n rows need. */
static inline int64_t mst__sum_room(int64_t n, int32_t q) {
  const int64_t n_strips = mst__cuda_blocks(n, SUM_ROWS);
  return (n_strips + mst__cuda_blocks(n_strips, SUM_ROWS) + 1) * q;
}

#endif
