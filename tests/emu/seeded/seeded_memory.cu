// Seeded bugs in global memory: bounds, values never set, blocks against each other, lifetimes.
#include "seeded.h"

namespace {

constexpr int N = 1000; // no multiple of the block

__global__ void copy_kernel(int *out, const int *in, int n, int bad) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (bad || i < n) out[i] = in[i] + 1;
}

__global__ void neighbour_kernel(int *out, const int *in, int n, int bad) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  out[i] = in[i] + (i + 1 < n + bad ? in[i + 1] == -12345 : 0) + 1;
}

__global__ void write_past_kernel(int *out, const int *in, int n, int bad) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = in[i] + 1;
  if (i == n - 1) out[i + bad] = in[n - 1] + 1;
}

// Length of the token that begins at each document's first byte; the text may end inside of it.
__global__ void token_kernel(int *out, const unsigned char *text, int n, int bad) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  int j = i;
  while ((bad || j < n) && text[j] != ' ') j++;
  out[i] = j - i;
}

__global__ void count_kernel(int *counter, const int *in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n && in[i] % 2) atomicAdd(counter, 1);
}

__global__ void lost_kernel(int *counter, const int *in, int n, int bad) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n || !(in[i] % 2)) return;
  if (bad) {
    *counter = *counter + 1;
  } else {
    atomicAdd(counter, 1);
  }
}

__global__ void sum_kernel(int *sums, int *total, int bad) {
  if (threadIdx.x == 0) sums[blockIdx.x] = blockIdx.x;
  if (bad && blockIdx.x == gridDim.x - 1 && threadIdx.x == 0) {
    int s = 0;
    for (unsigned b = 0; b < gridDim.x; b++) s += sums[b]; // other blocks may not be done
    *total = s;
  }
}

__global__ void total_kernel(const int *sums, int *total, int n) {
  int s = 0;
  for (int b = 0; b < n; b++) s += sums[b];
  *total = s;
}

// Same cell by two blocks, plainly.
__global__ void owner_kernel(int *owner, int bad) {
  if (threadIdx.x == 0) owner[bad ? 0 : blockIdx.x] = (int)blockIdx.x;
}

__global__ void wide_index_kernel(int *out, int columns, int rows, int bad) {
  const int row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= rows) return;
  const long long good = (long long)row * columns / 65536;
  const int overflows = row * columns / 65536;
  out[bad ? overflows : good] = row;
}

__global__ void vector_kernel(int *out, const int *in, int n, int bad) {
  const int i = 4 * (blockIdx.x * blockDim.x + threadIdx.x) + bad;
  if (i + 3 >= n) return;
  const int4 v = *(const int4 *)(in + i);
  out[i] = v.x + v.y + v.z + v.w;
}

// Open addressing without a limit: turns for ever when the table is full.
__global__ void insert_kernel(unsigned *table, int slots, int n, int bad, int *failed) {
  const int i = threadIdx.x;
  if (i >= n) return;
  unsigned at = (unsigned)i * 2654435761u % slots;
  for (int probes = 0; bad || probes < slots; probes++) {
    if (atomicCAS(&table[at], 0u, (unsigned)i + 1) == 0) return;
    at = (at + 1) % slots;
  }
  *failed = 1;
}

__global__ void fail_kernel(int *p) { *p = 1; }

int check(Device<int> &d_out, const int *in, int from = 0) {
  int out[N], wrong = 0;
  d_out.get(out);
  for (int i = from; i < N; i++) wrong += out[i] != in[i] + 1;
  return wrong != 0;
}

typedef void (*kernel_t)(int *, const int *, int, int);

int run(kernel_t kernel, int bad) {
  int in[N];
  for (int i = 0; i < N; i++) in[i] = 3 * i;
  Device<int> d_in(in, N), d_out(N);
  kernel<<<(N + 127) / 128, 128>>>(d_out.p, d_in.p, N, bad);
  return cudaDeviceSynchronize() != cudaSuccess || check(d_out, in);
}

int last_element(int bad) { return run(copy_kernel, bad); }
int read_past(int bad) { return run(neighbour_kernel, bad); }
int write_past(int bad) { return run(write_past_kernel, bad); }

int token_end(int bad) {
  unsigned char text[100];
  int out[100];
  for (int i = 0; i < 100; i++) text[i] = i % 7 == 6 ? ' ' : 'a';
  Device<unsigned char> d_text(text, 100);
  Device<int> d_out(100);
  token_kernel<<<1, 128>>>(d_out.p, d_text.p, 100, bad);
  d_out.get(out);
  return out[99] != 1;
}

int uninitialised_global(int bad) {
  int in[N];
  for (int i = 0; i < N; i++) in[i] = 3 * i;
  Device<int> d_in(N), d_out(N);
  cudaMemcpy(d_in.p, in, (N - bad) * sizeof(int), cudaMemcpyHostToDevice);
  copy_kernel<<<8, 128>>>(d_out.p, d_in.p, N, 0);
  return check(d_out, in);
}

int unzeroed_counter(int bad) {
  int in[N], got = 0;
  for (int i = 0; i < N; i++) in[i] = i;
  Device<int> d_in(in, N), d_counter(1);
  if (!bad) cudaMemset(d_counter.p, 0, sizeof(int));
  count_kernel<<<8, 128>>>(d_counter.p, d_in.p, N);
  d_counter.get(&got);
  return got != N / 2;
}

int lost_update_global(int bad) {
  int in[N], got = 0;
  for (int i = 0; i < N; i++) in[i] = i;
  Device<int> d_in(in, N), d_counter(1, 0);
  lost_kernel<<<8, 128>>>(d_counter.p, d_in.p, N, bad);
  d_counter.get(&got);
  return got != N / 2;
}

int cross_block_read(int bad) {
  int got = 0;
  Device<int> d_sums(8, 0), d_total(1, 0);
  sum_kernel<<<8, 32>>>(d_sums.p, d_total.p, bad);
  if (!bad) total_kernel<<<1, 1>>>(d_sums.p, d_total.p, 8);
  d_total.get(&got);
  return got != 28;
}

int cross_block_write(int bad) {
  Device<int> d_owner(8, 0);
  owner_kernel<<<8, 32>>>(d_owner.p, bad);
  return cudaDeviceSynchronize() != cudaSuccess;
}

int index_overflow(int bad) {
  Device<int> d_out(60000, 0);
  wide_index_kernel<<<400, 128>>>(d_out.p, 65537, 50000, bad);
  return cudaDeviceSynchronize() != cudaSuccess;
}

int misaligned(int bad) {
  int in[N];
  for (int i = 0; i < N; i++) in[i] = i;
  Device<int> d_in(in, N), d_out(N, 0);
  vector_kernel<<<2, 128>>>(d_out.p, d_in.p, N, bad);
  return cudaDeviceSynchronize() != cudaSuccess;
}

int full_table(int bad) {
  int failed = 0;
  Device<unsigned> d_table(16, 0);
  Device<int> d_failed(1, 0);
  insert_kernel<<<1, 32>>>(d_table.p, 16, 16 + bad, bad, d_failed.p);
  d_failed.get(&failed);
  return failed;
}

int use_after_free(int bad) {
  int in[N] = {0};
  Device<int> d_out(N);
  int *d_in = nullptr;
  cudaMalloc((void **)&d_in, sizeof in);
  cudaMemcpy(d_in, in, sizeof in, cudaMemcpyHostToDevice);
  if (bad) cudaFree(d_in);
  copy_kernel<<<8, 128>>>(d_out.p, d_in, N, 0);
  if (!bad) cudaFree(d_in);
  return check(d_out, in);
}

int host_pointer(int bad) {
  int in[N] = {0};
  Device<int> d_in(in, N), d_out(N);
  copy_kernel<<<8, 128>>>(d_out.p, bad ? in : d_in.p, N, 0);
  return check(d_out, in);
}

int null_pointer(int bad) {
  Device<int> d_out(1, 0);
  fail_kernel<<<1, 1>>>(bad ? nullptr : d_out.p);
  return cudaDeviceSynchronize() != cudaSuccess;
}

int device_pointer_on_host(int bad) {
  Device<int> d_out(1, 0);
  int got = 0;
  d_out.get(&got);
  return bad ? *(volatile int *)d_out.p : got;
}

int double_free(int bad) {
  int *p = nullptr;
  cudaMalloc((void **)&p, 100);
  cudaFree(p);
  if (bad) cudaFree(p);
  return 0;
}

int leak(int bad) {
  int *p = nullptr;
  cudaMalloc((void **)&p, 100);
  if (!bad) cudaFree(p);
  return 0;
}

int wrong_direction(int bad) {
  int in[N] = {0}, out[N];
  Device<int> d_in(in, N);
  cudaMemcpy(out, d_in.p, sizeof out, bad ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToHost);
  return 0;
}

int wrong_size(int bad) {
  int in[N + 1] = {0};
  Device<int> d_in(N);
  cudaMemcpy(d_in.p, in, (N + bad) * sizeof(int), cudaMemcpyHostToDevice);
  return 0;
}

int stale_error(int bad) {
  Device<int> d_out(1, 0);
  void *p = nullptr;
  if (cudaMalloc(&p, (size_t)1 << 50) == cudaSuccess) return 1; // handled: works with less
  if (!bad) cudaGetLastError();
  fail_kernel<<<1, 1>>>(d_out.p);
  return cudaGetLastError() != cudaSuccess;
}

} // namespace

extern "C" const seeded_case seeded_memory_cases[] = {
    {"last_element", last_element},
    {"read_past_end", read_past},
    {"write_past_end", write_past},
    {"text_ends_inside_token", token_end},
    {"uninitialised_global", uninitialised_global},
    {"unzeroed_counter", unzeroed_counter},
    {"lost_update_global", lost_update_global},
    {"cross_block_read", cross_block_read},
    {"cross_block_write", cross_block_write},
    {"index_overflow", index_overflow},
    {"misaligned_vector", misaligned},
    {"full_table", full_table},
    {"use_after_free", use_after_free},
    {"host_pointer", host_pointer},
    {"null_pointer", null_pointer},
    {"device_pointer_on_host", device_pointer_on_host},
    {"double_free", double_free},
    {"leak", leak},
    {"wrong_direction", wrong_direction},
    {"wrong_size", wrong_size},
    {"stale_error", stale_error},
    {nullptr, nullptr},
};
