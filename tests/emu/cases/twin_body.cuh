// The equal names of twin_a.cu and twin_b.cu. TWIN_FACTOR: the file's factor.
#ifndef TWIN_BODY_CUH
#define TWIN_BODY_CUH

static __constant__ int factor = TWIN_FACTOR;
static __device__ int launches;

static __global__ void scale_kernel(int *out, const int *in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] * factor;
  if (i == 0) launches++;
}

static cudaError_t scale(int *d_out, const int *d_in, int n, cudaStream_t stream) {
  if (n) scale_kernel<<<(n + 127) / 128, 128, 0, stream>>>(d_out, d_in, n);
  return cudaGetLastError();
}
#endif
