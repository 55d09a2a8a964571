// Memory, atomics, warps and barriers: what a kernel does beside arithmetic, against the same
// computed in C.
#include <cooperative_groups.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

namespace cg = cooperative_groups;
typedef unsigned long long u64;

static int failures;
static void expect(const char *what, bool good) {
  if (good) return;
  printf("%s: wrong\n", what);
  failures++;
}

// Device copy of a vector, or zeros.
template <class T> struct Buffer {
  T *p;
  int n;
  explicit Buffer(int count) : n(count) {
    cudaMalloc((void **)&p, count * sizeof(T));
    cudaMemset(p, 0, count * sizeof(T));
  }
  explicit Buffer(const std::vector<T> &from) : Buffer((int)from.size()) {
    cudaMemcpy(p, from.data(), from.size() * sizeof(T), cudaMemcpyHostToDevice);
  }
  std::vector<T> get() const {
    std::vector<T> out(n);
    cudaMemcpy(out.data(), p, n * sizeof(T), cudaMemcpyDeviceToHost);
    return out;
  }
  ~Buffer() { cudaFree(p); }
};

__constant__ int table[8] = {1, 2, 3, 5, 8, 13, 21, 34};
__device__ int numbers[4] = {10, 20, 30, 40};
__device__ int *const pointer = &numbers[2];
__device__ u64 counter = 5;
struct Mixed {
  int a;
  double b;
  signed char c;
  short d[3];
};

__device__ __noinline__ int fibonacci(int n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
__device__ __noinline__ int first(const int *p) { return p[0]; }

__global__ void memory_kernel(Mixed m, int *out, const signed char *bytes, const uint4 *fours,
                              int n) {
  __shared__ int s[64];
  const int i = blockIdx.x * blockDim.x + threadIdx.x, t = threadIdx.x;
  if (i >= n) return;
  int local[16];
  for (int k = 0; k < 16; k++) local[k] = (k * 7 + i) & 15;
  s[t] = i;
  const uint4 v = fours[i];
  out[i] = table[i & 7] + numbers[i & 3] + *pointer + m.a + (int)m.b + m.c + m.d[i % 3] + bytes[i] +
           fibonacci(i % 9) + local[local[i & 15]] + first(&s[t]) + first(&out[n + i]) +
           (int)(v.x ^ v.y ^ v.z ^ v.w);
  atomicAdd(&counter, (u64)i);
}

static void test_memory() {
  const int n = 300;
  const Mixed m = {7, 3.25, -5, {100, -200, 300}};
  std::vector<signed char> bytes(n);
  std::vector<uint4> fours(n);
  for (int i = 0; i < n; i++) {
    bytes[i] = (signed char)(i * 37);
    fours[i] = make_uint4(i, i << 8, i << 16, 99);
  }
  Buffer<signed char> d_bytes(bytes);
  Buffer<uint4> d_fours(fours);
  Buffer<int> d_out(2 * n);
  u64 start = 11, got = 0;
  cudaMemcpyToSymbol(counter, &start, sizeof start);
  memory_kernel<<<(n + 63) / 64, 64>>>(m, d_out.p, d_bytes.p, d_fours.p, n);
  const std::vector<int> out = d_out.get();
  cudaMemcpyFromSymbol(&got, counter, sizeof got);
  const int t[8] = {1, 2, 3, 5, 8, 13, 21, 34}, f[9] = {0, 1, 1, 2, 3, 5, 8, 13, 21};
  bool good = got == 11 + (u64)n * (n - 1) / 2;
  for (int i = 0; i < n; i++) {
    int local[16];
    for (int k = 0; k < 16; k++) local[k] = (k * 7 + i) & 15;
    good &= out[i] == t[i & 7] + 10 * (1 + (i & 3)) + 30 + 7 + 3 - 5 + m.d[i % 3] + bytes[i] +
                          f[i % 9] + local[local[i & 15]] + i + (i ^ i << 8 ^ i << 16 ^ 99);
  }
  expect("memory", good);
}

template <class T> __global__ void atomic_kernel(T *cells, int n) {
  __shared__ unsigned s;
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (threadIdx.x == 0) s = 0;
  __syncthreads();
  if (i < n) {
    const T v = (T)(i * 2654435761u);
    atomicAdd(&cells[0], v);
    atomicMin(&cells[1], v);
    atomicMax(&cells[2], v);
    atomicOr(&cells[3], (T)1 << (i & 31));
    atomicAnd(&cells[4], ~((T)1 << (i & 15)));
    atomicXor(&cells[5], v);
    T old = 0, seen;
    do {
      seen = old;
      old = atomicCAS(&cells[6], seen, seen + 3);
    } while (old != seen);
    atomicExch(&cells[7 + i], v);
    atomicInc(&s, 9);
  }
  __syncthreads();
  if (threadIdx.x == 0) atomicAdd(&cells[7 + n], (T)s);
}

template <class T> static void test_atomics(const char *name) {
  const int n = 200, blocks = 4;
  std::vector<T> want(8 + n, 0);
  want[1] = ~(T)0;
  want[4] = ~(T)0;
  Buffer<T> d_cells(want);
  atomic_kernel<T><<<blocks, 64>>>(d_cells.p, n);
  for (int i = 0; i < n; i++) {
    const T v = (T)(i * 2654435761u);
    want[0] += v;
    want[1] = v < want[1] ? v : want[1];
    want[2] = v > want[2] ? v : want[2];
    want[3] |= (T)1 << (i & 31);
    want[4] &= ~((T)1 << (i & 15));
    want[5] ^= v;
    want[6] += 3;
    want[7 + i] = v;
  }
  want[7 + n] = 3 * (64 % 10) + 8 % 10;
  expect(name, d_cells.get() == want);
}

__global__ void warp_kernel(unsigned *out) {
  const int i = threadIdx.x, lane = i & 31;
  unsigned *o = out + i * 16;
  const unsigned v = i * 977u, full = 0xffffffffu;
  o[0] = __shfl_sync(full, v, (lane * 5) & 31);
  o[1] = __shfl_up_sync(full, v, 3);
  o[2] = __shfl_down_sync(full, v, 4, 8);
  o[3] = __shfl_xor_sync(full, v, 9);
  o[4] = __ballot_sync(full, v & 1);
  o[5] = __any_sync(full, i == 37);
  o[6] = __all_sync(full, i < 32);
  o[7] = __match_any_sync(full, i % 5);
  int same;
  o[8] = __match_all_sync(full, i / 32, &same);
  o[9] = (unsigned)same;
  o[10] = __popc(__activemask()) > 0;
  o[11] = (unsigned)(__shfl_sync(full, (u64)i << 40, lane ^ 1) >> 40);
  if (lane < 12) o[12] = __ballot_sync(0xfffu, lane & 1);
  const auto tile = cg::tiled_partition<8>(cg::this_thread_block());
  unsigned sum = i;
  for (int step = 4; step; step /= 2) sum += tile.shfl_down(sum, step);
  o[13] = tile.shfl(sum, 0);
#if __CUDA_ARCH__ >= 800
  o[14] = __reduce_add_sync(full, v);
  o[15] = (unsigned)__reduce_min_sync(full, 5 - lane);
#else
  o[14] = o[15] = 0;
#endif
}

static void test_warps() {
  Buffer<unsigned> d_out(64 * 16);
  warp_kernel<<<1, 64>>>(d_out.p);
  const std::vector<unsigned> got = d_out.get();
  bool good = true;
  for (int i = 0; i < 64; i++) {
    const unsigned *o = &got[i * 16];
    const int lane = i & 31, base = i & ~31, tile = i & ~7;
    unsigned odd = 0, alike = 0, sum = 0;
    for (int j = 0; j < 32; j++) {
      odd |= (unsigned)((base + j) * 977u & 1) << j;
      alike |= (unsigned)((base + j) % 5 == i % 5) << j;
      sum += (base + j) * 977u;
    }
    const unsigned want[14] = {(base + (lane * 5 & 31)) * 977u,
                               (lane < 3 ? i : i - 3) * 977u,
                               ((lane & 7) < 4 ? i + 4 : i) * 977u,
                               (base + (lane ^ 9)) * 977u,
                               odd,
                               base == 32,
                               base == 0,
                               alike,
                               ~0u,
                               1,
                               1,
                               (unsigned)(i ^ 1),
                               lane < 12 ? 0xaaau : 0,
                               (unsigned)(8 * tile + 28)};
    for (int k = 0; k < 14; k++) {
      if (o[k] != want[k])
        printf("warp result %d of thread %d: %x, expected %x\n", k, i, o[k], want[k]);
      good &= o[k] == want[k];
    }
    if (o[14]) good &= o[14] == sum && (int)o[15] == 5 - 31;
  }
  expect("warps", good);
}

__global__ void barrier_kernel(int *out) {
  extern __shared__ int dynamic[];
  const int t = threadIdx.x + threadIdx.y * blockDim.x, n = blockDim.x * blockDim.y;
  dynamic[t] = t;
  out[t] = __syncthreads_count(t % 3 == 0) + 1000 * __syncthreads_and(t < n) +
           2000 * __syncthreads_or(t == n - 1);
  for (int half = n / 2; half; half /= 2) {
    if (t < half) dynamic[t] += dynamic[t + half];
    __syncthreads();
  }
  if (t < 64) asm volatile("bar.sync 3, 64;");
  if (t == 0) out[n] = dynamic[0] + (int)(gridDim.y * 100 + blockIdx.z + gridDim.z);
}

static void test_barriers() {
  Buffer<int> d_out(129);
  const dim3 block(16, 8);
  barrier_kernel<<<1, block, 128 * sizeof(int)>>>(d_out.p);
  const std::vector<int> out = d_out.get();
  bool good = out[128] == 127 * 128 / 2 + 101;
  for (int i = 0; i < 128; i++) good &= out[i] == 43 + 1000 + 2000;
  expect("barriers", good);
}

// Threads that wait for each other: a lock by atomics, a flag by volatile reads. zero_copy is
// pinned host memory.
__global__ void wait_kernel(unsigned *lock, int *sum, volatile int *flag, const int *zero_copy) {
  bool done = false;
  while (!done) {
    if (atomicCAS(lock, 0u, 1u) == 0) {
      atomicAdd(sum, zero_copy[threadIdx.x]);
      atomicExch(lock, 0u);
      done = true;
    }
  }
  if (threadIdx.x == 63) *flag = 1;
  while (*flag == 0) continue;
}

static void test_waiting() {
  Buffer<unsigned> d_lock(1);
  Buffer<int> d_sum(1), d_flag(1);
  int *values = nullptr;
  cudaMallocHost((void **)&values, 64 * sizeof(int));
  for (int i = 0; i < 64; i++) values[i] = i;
  wait_kernel<<<1, 64>>>(d_lock.p, d_sum.p, d_flag.p, values);
  expect("waiting", d_sum.get()[0] == 63 * 32 && d_flag.get()[0] == 1);
  cudaFreeHost(values);
}

__global__ void grid_kernel(int *out) {
  out[blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z)] =
      (int)(blockIdx.x + 10 * blockIdx.y + 100 * blockIdx.z);
  if (blockIdx.x == 1 && blockIdx.y == 2 && blockIdx.z == 1)
    printf("hello %d %s %.2f %llu\n", 7, "text", 1.5, 1ull << 40);
}

static void test_grid() {
  Buffer<int> d_out(3 * 4 * 2);
  grid_kernel<<<dim3(3, 4, 2), 1>>>(d_out.p);
  const std::vector<int> out = d_out.get();
  bool good = true;
  for (int i = 0; i < 24; i++) good &= out[i] == i % 3 + 10 * (i / 3 % 4) + 100 * (i / 12);
  expect("grid", good);
}

int main() {
  test_memory();
  test_atomics<unsigned>("32-bit atomics");
  test_atomics<u64>("64-bit atomics");
  test_warps();
  test_barriers();
  test_grid();
  test_waiting();
  return failures != 0;
}
