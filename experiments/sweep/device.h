/* device.h: what a sweep computes on.
 *
 * In: --device. Out: its name, and the memory of its GPUs. CUDA cannot be used in a process whose
 * parent has used it before fork, and the workers are forks: so another child is asked, and this
 * process never starts CUDA.
 */
#ifndef MISSTEP_SWEEP_DEVICE_H
#define MISSTEP_SWEEP_DEVICE_H

#include <stdint.h>

#include "misstep/status.h"

typedef struct sweep_device {
  char name[32];      /* "cpu", "cuda:N", or "cuda": all GPUs, of which each worker gets one */
  int n_gpus;         /* behind that name */
  int64_t free_bytes; /* of the one that has the fewest; 0 without one */
} sweep_device;

/* Errors are mst_backend_resolve's and mst_backend_memory's; MST_E_IO: the child ended too soon. */
mst_status sweep_device_ask(const char *request, sweep_device *out);

/* The GPU of worker number 0, 1, ...: name itself, or where that is all GPUs one of them in turn.
 *   name  [32] written */
void sweep_device_of_worker(const char *name, int n_gpus, int number, char worker[32]);

#endif
