// Seeded bugs inside a block: barriers, warps, shared memory, atomics.
#include "seeded.h"

namespace {

constexpr int B = 128;

// Every kernel of this file reverses its input; the defect sits on the way.
__global__ void reverse_kernel(int *out, const int *in, int bad) {
  __shared__ int s[B];
  const int t = threadIdx.x;
  s[t] = in[t];
  if (!bad) __syncthreads();
  out[t] = s[B - 1 - t];
}

__global__ void scan_kernel(int *out, const int *in, int bad) {
  __shared__ int s[B];
  const int t = threadIdx.x;
  s[t] = 1;
  __syncthreads();
  for (int d = 1; d < B; d <<= 1) {
    const int y = t >= d ? s[t - d] : 0;
    if (!bad) __syncthreads();
    s[t] += y;
    __syncthreads();
  }
  out[t] = in[B - s[t]];
}

__global__ void divergent_kernel(int *out, const int *in, int bad) {
  __shared__ int s[B];
  const int t = threadIdx.x;
  s[t] = in[t];
  if (bad && t < 100) {
    s[t] ^= 0x55;
    __syncthreads();
    s[t] ^= 0x55;
  }
  __syncthreads();
  out[t] = s[B - 1 - t];
}

__global__ void early_return_kernel(int *out, const int *in, int bad) {
  __shared__ int s[B];
  const int t = threadIdx.x;
  if (t == B - 1) {
    out[t] = in[0];
    if (bad) return;
  }
  if (t < B - 1) s[t] = in[t];
  __syncthreads();
  if (t < B - 1) out[t] = t ? s[B - 1 - t] : in[B - 1];
}

__global__ void loop_count_kernel(int *out, const int *in, int bad) {
  __shared__ int s[B];
  const int t = threadIdx.x;
  s[t] = in[t];
  for (int i = 0; i < 1 + (bad ? t >> 6 : 1); i++) __syncthreads();
  out[t] = s[B - 1 - t];
}

__global__ void lost_update_kernel(int *out, const int *in, int bad) {
  __shared__ int c;
  const int t = threadIdx.x;
  if (t == 0) c = 0;
  __syncthreads();
  if (bad) {
    c++;
  } else {
    atomicAdd(&c, 1);
  }
  __syncthreads();
  out[t] = in[B - 1 - t] + (c < 0);
}

__global__ void atomic_mix_kernel(int *out, const int *in, int bad) {
  __shared__ int c;
  const int t = threadIdx.x;
  if (t == 0) c = 0;
  __syncthreads();
  atomicAdd(&c, 1);
  if (!bad) __syncthreads();
  out[t] = in[B - 1 - t] + (c < 0);
}

__global__ void uninitialised_shared_kernel(int *out, const int *in, int bad) {
  __shared__ int c;
  const int t = threadIdx.x;
  if (!bad && t == 0) c = 0;
  __syncthreads();
  atomicAdd(&c, 1);
  __syncthreads();
  out[t] = in[B - 1 - t] + (c == -7);
}

__global__ void syncwarp_kernel(int *out, const int *in, int bad) {
  __shared__ int s[B];
  const int t = threadIdx.x, w = t & ~31;
  s[t] = in[t];
  if (!bad) __syncwarp();
  out[B - 32 - w + (t & 31)] = s[w + 31 - (t & 31)];
}

__global__ void partial_syncwarp_kernel(int *out, const int *in, int bad) {
  __shared__ int s[B];
  const int t = threadIdx.x, w = t & ~31, half = t & 16;
  s[t] = in[t];
  __syncwarp(half ? 0xffff0000u : 0xffffu); // halves do not know of each other
  if (!bad) __syncwarp();
  out[B - 32 - w + (t & 31)] = s[w + 31 - (t & 31)];
}

__global__ void shuffle_inactive_kernel(int *out, const int *in, int bad) {
  const int t = threadIdx.x;
  int w = 0;
  if ((t & 31) < 16) w = __shfl_down_sync(0xffffu, in[t], 8, bad ? 32 : 16);
  out[t] = in[B - 1 - t] + (w == -1);
}

__global__ void shuffle_divergent_kernel(int *out, const int *in, int bad) {
  const int t = threadIdx.x;
  int v = in[t];
  if ((t & 31) < 16) v = __shfl_xor_sync(bad ? 0xffffffffu : 0xffffu, v, 1);
  out[t] = in[B - 1 - t] + (v == -1);
}

__global__ void shared_overrun_kernel(int *out, const int *in, int bad) {
  __shared__ int s[B];
  const int t = threadIdx.x;
  s[t] = in[t];
  if (t == B - 1) s[t + bad] = in[t];
  __syncthreads();
  out[t] = s[B - 1 - t];
}

__global__ void dynamic_kernel(int *out, const int *in, int bad) {
  extern __shared__ int dynamic[];
  const int t = threadIdx.x;
  dynamic[t] = in[t];
  __syncthreads();
  out[t] = dynamic[B - 1 - t] + bad * 0;
}

__global__ void local_overrun_kernel(int *out, const int *in, int bad) {
  int held[8];
  const int t = threadIdx.x;
  for (int i = 0; i < 8; i++) held[(i + t) & 7] = in[B - 1 - t] + i;
  out[t] = held[(t & 7) + bad * (t == 9) * 8 + 0 * in[0]];
  if (!bad) out[t] = in[B - 1 - t];
}

__global__ void wide_launch_kernel(int *out, const int *in, int bad) {
  const int t = threadIdx.x;
  if (t < B) out[t] = in[B - 1 - t] + bad * 0;
}

__global__ void assert_kernel(int *out, const int *in, int bad) {
  const int t = threadIdx.x;
  if (bad && t == 5) __trap();
  out[t] = in[B - 1 - t];
}

typedef void (*kernel_t)(int *, const int *, int);

int run(kernel_t kernel, int bad, int threads = B, size_t dynamic = 0, bool check = true) {
  int in[B], out[B], wrong = 0;
  for (int i = 0; i < B; i++) in[i] = i * i + 1;
  Device<int> d_in(in, B), d_out(B, 0);
  kernel<<<1, threads, dynamic>>>(d_out.p, d_in.p, bad);
  if (check && cudaGetLastError() != cudaSuccess) return 1;
  if (cudaDeviceSynchronize() != cudaSuccess) return 1;
  d_out.get(out);
  for (int i = 0; i < B; i++) wrong += out[i] != in[B - 1 - i];
  return check && wrong != 0;
}

int missing_barrier(int bad) { return run(reverse_kernel, bad); }
int missing_second_barrier(int bad) { return run(scan_kernel, bad); }
int divergent_barrier(int bad) { return run(divergent_kernel, bad); }
int early_return(int bad) { return run(early_return_kernel, bad); }
int loop_count(int bad) { return run(loop_count_kernel, bad); }
int lost_update_shared(int bad) { return run(lost_update_kernel, bad); }
int atomic_mix(int bad) { return run(atomic_mix_kernel, bad); }
int uninitialised_shared(int bad) { return run(uninitialised_shared_kernel, bad); }
int missing_syncwarp(int bad) { return run(syncwarp_kernel, bad); }
int partial_syncwarp(int bad) { return run(partial_syncwarp_kernel, bad); }
int shuffle_inactive(int bad) { return run(shuffle_inactive_kernel, bad); }
int shuffle_divergent(int bad) { return run(shuffle_divergent_kernel, bad); }
int shared_overrun(int bad) { return run(shared_overrun_kernel, bad); }
int shared_too_small(int bad) { return run(dynamic_kernel, bad, B, (B - bad) * sizeof(int)); }
int shared_left_over(int bad) {
  const int wrong = run(dynamic_kernel, 0, B, 2 * B * sizeof(int));
  return wrong | run(dynamic_kernel, bad, B, (B - bad) * sizeof(int));
}
int local_overrun(int bad) { return run(local_overrun_kernel, bad); }
int too_many_threads(int bad) { return run(wide_launch_kernel, bad, bad ? 2048 : 256, 0, !bad); }
int trap(int bad) { return run(assert_kernel, bad); }

} // namespace

extern "C" const seeded_case seeded_block_cases[] = {
    {"missing_barrier", missing_barrier},
    {"missing_second_barrier", missing_second_barrier},
    {"divergent_barrier", divergent_barrier},
    {"early_return_barrier", early_return},
    {"loop_barrier_count", loop_count},
    {"lost_update_shared", lost_update_shared},
    {"atomic_plain_mix", atomic_mix},
    {"uninitialised_shared", uninitialised_shared},
    {"missing_syncwarp", missing_syncwarp},
    {"partial_syncwarp", partial_syncwarp},
    {"shuffle_inactive_lane", shuffle_inactive},
    {"shuffle_divergent", shuffle_divergent},
    {"shared_overrun", shared_overrun},
    {"shared_too_small", shared_too_small},
    {"shared_left_over", shared_left_over},
    {"local_overrun", local_overrun},
    {"too_many_threads", too_many_threads},
    {"trap", trap},
    {nullptr, nullptr},
};
