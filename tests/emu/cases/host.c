/* The stand-in of the CUDA runtime as the host sees it: streams, devices, faults. usage: emu_host
 * CASE
 */
#include "twin.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N 1000

static int failures;

static void expect(int good, const char *what) {
  if (good) return;
  printf("wrong: %s (last error %s)\n", what, cudaGetErrorName(cudaPeekAtLastError()));
  failures++;
}

#define OK(call) expect((call) == cudaSuccess, #call)

/* Everything once, with waits where they belong: must be right in every mode. */
static void pipeline(void) {
  cudaStream_t a, b;
  cudaEvent_t first, second;
  int *in, *out, *d_in, *d_mid, *d_out, pageable[N];
  float ms = -1;
  OK(cudaStreamCreate(&a));
  OK(cudaStreamCreateWithFlags(&b, cudaStreamNonBlocking));
  OK(cudaEventCreate(&first));
  OK(cudaEventCreateWithFlags(&second, cudaEventDefault));
  OK(cudaMallocHost((void **)&in, N * sizeof *in));
  OK(cudaHostAlloc((void **)&out, N * sizeof *out, cudaHostAllocDefault));
  OK(cudaMalloc((void **)&d_in, N * sizeof *d_in));
  OK(cudaMallocAsync((void **)&d_mid, N * sizeof *d_mid, a));
  OK(cudaMallocAsync((void **)&d_out, N * sizeof *d_out, a));
  for (int i = 0; i < N; i++) in[i] = i;
  OK(cudaEventRecord(first, a));
  OK(cudaMemcpyAsync(d_in, in, N * sizeof *in, cudaMemcpyHostToDevice, a));
  OK(twin_a_scale(d_mid, d_in, N, a));
  OK(cudaEventRecord(second, a));
  OK(cudaStreamWaitEvent(b, second, 0));
  OK(twin_b_scale(d_out, d_mid, N, b));
  OK(cudaMemcpyAsync(out, d_out, N * sizeof *out, cudaMemcpyDeviceToHost, b));
  OK(cudaStreamSynchronize(b));
  for (int i = 0; i < N; i++) expect(out[i] == 21 * i, "two files, two streams");
  OK(cudaEventSynchronize(second));
  OK(cudaEventElapsedTime(&ms, first, second));
  expect(ms >= 0, "time between events");
  /* The default stream waits for blocking streams, and they for it. */
  OK(cudaMemsetAsync(d_mid, 0, N * sizeof *d_mid, a));
  OK(twin_a_scale(d_out, d_mid, N, NULL));
  OK(cudaMemsetAsync(d_in, 1, 4, a));
  OK(cudaMemcpy(pageable, d_out, sizeof pageable, cudaMemcpyDeviceToHost));
  for (int i = 0; i < N; i++) expect(pageable[i] == 0, "default stream after a blocking stream");
  while (cudaStreamQuery(a) == cudaErrorNotReady) continue;
  OK(cudaMemcpy(pageable, d_in, 4, cudaMemcpyDefault));
  expect(pageable[0] == 0x01010101, "blocking stream after the default stream");
  OK(cudaHostRegister(pageable, sizeof pageable, cudaHostRegisterDefault));
  OK(cudaMemcpyAsync(d_in, pageable, sizeof pageable, cudaMemcpyHostToDevice, a));
  OK(cudaDeviceSynchronize());
  OK(cudaHostUnregister(pageable));
  OK(cudaFreeAsync(d_mid, a));
  OK(cudaFreeAsync(d_out, a));
  OK(cudaStreamSynchronize(a));
  OK(cudaFree(d_in));
  OK(cudaFreeHost(in));
  OK(cudaFreeHost(out));
  OK(cudaEventDestroy(first));
  OK(cudaEventDestroy(second));
  OK(cudaStreamDestroy(a));
  OK(cudaStreamDestroy(b));
}

static void no_device(void) {
  int n = 5;
  void *p = NULL;
  expect(cudaGetDeviceCount(&n) == cudaErrorNoDevice && n == 0, "no device");
  expect(cudaMalloc(&p, 10) == cudaErrorNoDevice, "memory without a device");
}

static void old_driver(void) {
  int n = 5, version = 0;
  expect(cudaGetDeviceCount(&n) == cudaErrorInsufficientDriver && n == 0, "old driver");
  OK(cudaDriverGetVersion(&version));
  expect(version == 12000, "its version");
}

/* A process whose parent has started CUDA has none of its own. */
static void child_of_fork(void) {
  int n = 0, code = 0;
  OK(cudaGetDeviceCount(&n));
  const pid_t pid = fork();
  if (pid == 0) _exit(cudaGetDeviceCount(&n) == cudaErrorInitializationError ? 42 : 1);
  expect(pid > 0 && waitpid(pid, &code, 0) == pid, "a child");
  expect(WIFEXITED(code) && WEXITSTATUS(code) == 42, "no CUDA in it");
  OK(cudaGetDeviceCount(&n));
}

/* MST_EMU_DEVICES=2 */
static void two_devices(void) {
  int n = 0, device = -1;
  int *d[2];
  struct cudaDeviceProp p;
  OK(cudaGetDeviceCount(&n));
  expect(n == 2, "two devices");
  for (int i = 0; i < 2; i++) {
    OK(cudaSetDevice(i));
    OK(cudaGetDevice(&device));
    expect(device == i, "current device");
    OK(cudaGetDeviceProperties(&p, i));
    expect(p.major == 9 && p.warpSize == 32 && p.totalGlobalMem > 0, "properties");
    OK(cudaMalloc((void **)&d[i], N * sizeof(int)));
    OK(cudaMemset(d[i], i, N * sizeof(int)));
    OK(twin_a_scale(d[i], d[i], 0, NULL));
  }
  OK(cudaMemcpy(d[0], d[1], N * sizeof(int), cudaMemcpyDeviceToDevice));
  for (int i = 0; i < 2; i++) OK(cudaFree(d[i]));
  expect(cudaSetDevice(7) == cudaErrorInvalidDevice, "device 7 of two");
}

/* MST_EMU_MEMORY=1000000 */
static void small_memory(void) {
  size_t left = 0, total = 0;
  void *p = NULL, *q = NULL;
  OK(cudaMalloc(&p, 600000));
  expect(cudaMalloc(&q, 600000) == cudaErrorMemoryAllocation && !q, "more than there is");
  expect(cudaGetLastError() == cudaErrorMemoryAllocation && cudaGetLastError() == cudaSuccess,
         "told once");
  OK(cudaMemGetInfo(&left, &total));
  expect(left == 400000 && total == 1000000, "what is left");
  OK(cudaFree(p));
  OK(cudaMalloc(&q, 900000));
  OK(cudaFreeAsync(q, NULL));
  OK(cudaMallocAsync(&p, 900000, NULL));
  OK(cudaFree(p));
}

/* MST_EMU_LOSE=3: the third launch or copy and everything after it fails. */
static void lost_device(void) {
  int *d = NULL, h[4] = {1, 2, 3, 4};
  OK(cudaMalloc((void **)&d, sizeof h));
  OK(cudaMemcpy(d, h, sizeof h, cudaMemcpyHostToDevice));
  OK(twin_a_scale(d, d, 4, NULL));
  expect(cudaMemcpy(h, d, sizeof h, cudaMemcpyDeviceToHost) == cudaErrorLaunchFailure, "the third");
  expect(h[0] == 1, "a copy that failed writes nothing");
  expect(cudaDeviceSynchronize() == cudaErrorLaunchFailure, "after it");
  expect(cudaFree(d) == cudaErrorLaunchFailure, "even free");
  expect(!strcmp(cudaGetErrorString(cudaErrorLaunchFailure), "unspecified launch failure"),
         "its text");
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*run)(void);
  } cases[] = {{"pipeline", pipeline},           {"no_device", no_device},
               {"old_driver", old_driver},       {"two_devices", two_devices},
               {"child_of_fork", child_of_fork}, {"small_memory", small_memory},
               {"lost_device", lost_device}};
  for (size_t i = 0; argc == 2 && i < sizeof cases / sizeof *cases; i++) {
    if (strcmp(argv[1], cases[i].name)) continue;
    cases[i].run();
    return failures != 0;
  }
  return 2;
}
