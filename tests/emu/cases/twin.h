/* Two .cu with the same names inside: each must keep its own. */
#ifndef TWIN_H
#define TWIN_H

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* out[i] = in[i] * the file's factor, on a stream. */
cudaError_t twin_a_scale(int *d_out, const int *d_in, int n, cudaStream_t stream);
cudaError_t twin_b_scale(int *d_out, const int *d_in, int n, cudaStream_t stream);

#ifdef __cplusplus
}
#endif

#endif
