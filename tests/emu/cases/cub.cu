// CUB's device-wide algorithms: radix sort (single tile and onesweep), scan, run-length encode,
// select, reduce.
#include <cub/cub.cuh>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

typedef unsigned long long u64;

static int failures;
static void expect(const char *what, int n, bool good) {
  if (good) return;
  printf("%s of %d: wrong\n", what, n);
  failures++;
}

template <class T> struct Buffer {
  T *p = nullptr;
  size_t n;
  explicit Buffer(size_t count) : n(count) {
    cudaMalloc((void **)&p, (count ? count : 1) * sizeof(T));
  }
  explicit Buffer(const std::vector<T> &from) : Buffer(from.size()) {
    cudaMemcpy(p, from.data(), n * sizeof(T), cudaMemcpyHostToDevice);
  }
  std::vector<T> get(size_t count) const {
    std::vector<T> out(count);
    cudaMemcpy(out.data(), p, count * sizeof(T), cudaMemcpyDeviceToHost);
    return out;
  }
  ~Buffer() { cudaFree(p); }
};

// Call a CUB function twice: for the size of its work memory, and with it.
template <class F> static void with_work_memory(F call) {
  size_t bytes = 0;
  if (call(nullptr, bytes) != cudaSuccess) failures++;
  Buffer<char> work(bytes);
  if (call(work.p, bytes) != cudaSuccess || cudaDeviceSynchronize() != cudaSuccess) failures++;
}

struct IsOdd {
  __host__ __device__ bool operator()(u64 v) const { return v & 1; }
};

static void test(int n) {
  std::vector<u64> keys(n);
  std::vector<unsigned> order(n), values(n);
  u64 r = 88172645463325252ull;
  for (u64 &k : keys)
    k = (r ^= r << 13, r ^= r >> 7, r ^= r << 17, r % (n / 3 + 1)) * 0x9E3779B97F4A7C15ull;
  std::iota(values.begin(), values.end(), 0u);
  order = values;
  std::stable_sort(order.begin(), order.end(),
                   [&](unsigned a, unsigned b) { return keys[a] < keys[b]; });
  std::vector<u64> sorted(n);
  for (int i = 0; i < n; i++) sorted[i] = keys[order[i]];

  Buffer<u64> d_keys(keys), d_sorted((size_t)n), d_unique((size_t)n), d_total((size_t)1);
  Buffer<unsigned> d_values(values), d_order((size_t)n), d_sums((size_t)n);
  Buffer<int> d_lengths((size_t)n), d_runs((size_t)1);
  with_work_memory([&](void *w, size_t &b) {
    return cub::DeviceRadixSort::SortPairs(w, b, d_keys.p, d_sorted.p, d_values.p, d_order.p, n);
  });
  expect("sort", n, d_sorted.get(n) == sorted && d_order.get(n) == order);
  with_work_memory([&](void *w, size_t &b) {
    return cub::DeviceScan::ExclusiveSum(w, b, d_values.p, d_sums.p, n);
  });
  std::vector<unsigned> sums(n);
  std::exclusive_scan(values.begin(), values.end(), sums.begin(), 0u);
  expect("scan", n, d_sums.get(n) == sums);
  with_work_memory(
      [&](void *w, size_t &b) { return cub::DeviceReduce::Sum(w, b, d_keys.p, d_total.p, n); });
  expect("reduce", n, d_total.get(1)[0] == std::accumulate(keys.begin(), keys.end(), (u64)0));
  with_work_memory([&](void *w, size_t &b) {
    return cub::DeviceSelect::If(w, b, d_keys.p, d_unique.p, d_runs.p, n, IsOdd());
  });
  std::vector<u64> odd;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(odd), IsOdd());
  expect("select", n, d_runs.get(1)[0] == (int)odd.size() && d_unique.get(odd.size()) == odd);
  if (!n) return;
  with_work_memory([&](void *w, size_t &b) {
    return cub::DeviceRunLengthEncode::Encode(w, b, d_sorted.p, d_unique.p, d_lengths.p, d_runs.p,
                                              n);
  });
  std::vector<u64> unique;
  std::vector<int> lengths;
  for (u64 k : sorted) {
    if (unique.empty() || unique.back() != k) unique.push_back(k), lengths.push_back(0);
    lengths.back()++;
  }
  expect("run-length encode", n,
         d_runs.get(1)[0] == (int)unique.size() && d_unique.get(unique.size()) == unique &&
             d_lengths.get(lengths.size()) == lengths);
}

int main() {
  for (int n : {1, 2, 31, 32, 33, 1023, 1025, 20000}) test(n);
  return failures != 0;
}
