// One of two files with equal names inside.
#define TWIN_FACTOR 3
#include "twin.h"

#include "twin_body.cuh"

extern "C" cudaError_t twin_a_scale(int *d_out, const int *d_in, int n, cudaStream_t stream) {
  return scale(d_out, d_in, n, stream);
}
