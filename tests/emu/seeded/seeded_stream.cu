// Seeded bugs between host and streams: what MST_EMU_ASYNC=late and random are for.
#include "seeded.h"

namespace {

constexpr int N = 500;

__global__ void double_kernel(int *out, const int *in, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = 2 * in[i];
}

// Two streams, device and pinned buffers; in[i] = i.
struct Scene {
  cudaStream_t a, b;
  cudaEvent_t event;
  int *in, *out, *d_in, *d_mid, *d_out;
  Scene() {
    cudaStreamCreateWithFlags(&a, cudaStreamNonBlocking);
    cudaStreamCreateWithFlags(&b, cudaStreamNonBlocking);
    cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
    cudaMallocHost((void **)&in, N * sizeof(int));
    cudaMallocHost((void **)&out, N * sizeof(int));
    cudaMallocAsync((void **)&d_in, N * sizeof(int), a);
    cudaMallocAsync((void **)&d_mid, N * sizeof(int), a);
    cudaMallocAsync((void **)&d_out, N * sizeof(int), a);
    for (int i = 0; i < N; i++) {
      in[i] = i;
      out[i] = 0;
    }
  }
  void copy_in(cudaStream_t s) {
    cudaMemcpyAsync(d_in, in, N * sizeof(int), cudaMemcpyHostToDevice, s);
  }
  void copy_out(const int *from, cudaStream_t s) {
    cudaMemcpyAsync(out, from, N * sizeof(int), cudaMemcpyDeviceToHost, s);
  }
  int wrong(int factor) const {
    int n = 0;
    for (int i = 0; i < N; i++) n += out[i] != factor * i;
    return n != 0;
  }
  ~Scene() {
    cudaDeviceSynchronize();
    cudaFree(d_in);
    cudaFree(d_mid);
    cudaFree(d_out);
    cudaFreeHost(in);
    cudaFreeHost(out);
    cudaEventDestroy(event);
    cudaStreamDestroy(a);
    cudaStreamDestroy(b);
  }
};

int missing_stream_sync(int bad) {
  Scene s;
  s.copy_in(s.a);
  double_kernel<<<4, 128, 0, s.a>>>(s.d_out, s.d_in, N);
  s.copy_out(s.d_out, s.a);
  if (!bad) cudaStreamSynchronize(s.a);
  return s.wrong(2);
}

int wrong_stream_sync(int bad) {
  Scene s;
  s.copy_in(s.a);
  double_kernel<<<4, 128, 0, s.a>>>(s.d_out, s.d_in, N);
  s.copy_out(s.d_out, s.a);
  cudaStreamSynchronize(bad ? s.b : s.a);
  return s.wrong(2);
}

int missing_event_wait(int bad) {
  Scene s;
  s.copy_in(s.a);
  double_kernel<<<4, 128, 0, s.a>>>(s.d_mid, s.d_in, N);
  cudaEventRecord(s.event, s.a);
  if (!bad) cudaStreamWaitEvent(s.b, s.event, 0);
  double_kernel<<<4, 128, 0, s.b>>>(s.d_out, s.d_mid, N);
  s.copy_out(s.d_out, s.b);
  cudaStreamSynchronize(s.b);
  return s.wrong(4);
}

int event_before_work(int bad) {
  Scene s;
  if (bad) cudaEventRecord(s.event, s.a); // records nothing yet
  s.copy_in(s.a);
  double_kernel<<<4, 128, 0, s.a>>>(s.d_mid, s.d_in, N);
  if (!bad) cudaEventRecord(s.event, s.a);
  cudaStreamWaitEvent(s.b, s.event, 0);
  double_kernel<<<4, 128, 0, s.b>>>(s.d_out, s.d_mid, N);
  s.copy_out(s.d_out, s.b);
  cudaStreamSynchronize(s.b);
  return s.wrong(4);
}

int source_overwritten(int bad) {
  Scene s;
  s.copy_in(s.a);
  if (!bad) cudaStreamSynchronize(s.a);
  s.in[7] = -1; // the next batch
  double_kernel<<<4, 128, 0, s.a>>>(s.d_out, s.d_in, N);
  s.copy_out(s.d_out, s.a);
  cudaStreamSynchronize(s.a);
  return s.wrong(2);
}

int default_stream_assumed(int bad) {
  Scene s;
  s.copy_in(s.a); // a non-blocking stream: the default stream does not wait for it
  if (!bad) cudaStreamSynchronize(s.a);
  double_kernel<<<4, 128>>>(s.d_out, s.d_in, N);
  cudaMemcpy(s.out, s.d_out, N * sizeof(int), cudaMemcpyDeviceToHost);
  return s.wrong(2);
}

int freed_on_other_stream(int bad) {
  Scene s;
  int *d_tmp;
  cudaMallocAsync((void **)&d_tmp, N * sizeof(int), s.a);
  s.copy_in(s.a);
  double_kernel<<<4, 128, 0, s.a>>>(d_tmp, s.d_in, N);
  double_kernel<<<4, 128, 0, s.a>>>(s.d_out, d_tmp, N);
  s.copy_out(s.d_out, s.a);
  cudaEventRecord(s.event, s.a);
  if (!bad) cudaStreamWaitEvent(s.b, s.event, 0);
  cudaFreeAsync(d_tmp, s.b);
  cudaStreamSynchronize(s.b);
  cudaStreamSynchronize(s.a);
  return s.wrong(4);
}

int stream_after_destroy(int bad) {
  Scene s;
  cudaStream_t extra;
  cudaStreamCreate(&extra);
  if (!bad) s.copy_in(extra);
  cudaStreamDestroy(extra);
  if (bad) s.copy_in(extra);
  return 0;
}

int unfinished_at_exit(int bad) {
  static int *d;
  cudaStream_t extra;
  cudaStreamCreate(&extra);
  cudaMalloc((void **)&d, 4);
  cudaMemsetAsync(d, 0, 4, extra);
  if (!bad) cudaStreamSynchronize(extra);
  cudaStreamDestroy(extra);
  if (!bad) cudaFree(d);
  return 0;
}

int wrong_device(int bad) {
  int in[N] = {0}, out[N];
  Device<int> d_in(in, N);
  cudaSetDevice(bad);
  int *d_out = nullptr;
  cudaMalloc((void **)&d_out, sizeof out);
  double_kernel<<<4, 128>>>(d_out, d_in.p, N);
  cudaMemcpy(out, d_out, sizeof out, cudaMemcpyDeviceToHost);
  cudaFree(d_out);
  cudaSetDevice(0);
  return out[N - 1] != 0;
}

} // namespace

extern "C" const seeded_case seeded_stream_cases[] = {
    {"missing_stream_sync", missing_stream_sync},
    {"wrong_stream_sync", wrong_stream_sync},
    {"missing_event_wait", missing_event_wait},
    {"event_before_work", event_before_work},
    {"source_overwritten", source_overwritten},
    {"default_stream_assumed", default_stream_assumed},
    {"freed_on_other_stream", freed_on_other_stream},
    {"stream_after_destroy", stream_after_destroy},
    {"wrong_device", wrong_device},
    {"unfinished_at_exit", unfinished_at_exit},
    {nullptr, nullptr},
};
