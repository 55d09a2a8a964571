/* Seeded bugs: small programs with one defect each (bad = 1) and their corrected twins (bad = 0).
 *
 * A case returns 0 when its result is right. It frees and checks everything it should, so that
 * the twin is silent.
 */
#ifndef SEEDED_H
#define SEEDED_H

#include <cuda_runtime.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const char *name;
  int (*run)(int bad);
} seeded_case;

extern const seeded_case seeded_block_cases[], seeded_memory_cases[],
    seeded_stream_cases[]; /* end: name NULL */

#ifdef __cplusplus
}

/* Device copies of host arrays that free themselves. */
template <class T> struct Device {
  T *p = nullptr;
  int n;
  explicit Device(int count) : n(count) { cudaMalloc((void **)&p, count * sizeof(T)); }
  Device(int count, int byte) : Device(count) { cudaMemset(p, byte, count * sizeof(T)); }
  Device(const T *from, int count) : Device(count) {
    cudaMemcpy(p, from, count * sizeof(T), cudaMemcpyHostToDevice);
  }
  ~Device() { cudaFree(p); }
  void get(T *to) { cudaMemcpy(to, p, n * sizeof(T), cudaMemcpyDeviceToHost); }
};
#endif

#endif
