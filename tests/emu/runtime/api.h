/* Inside the stand-in of the CUDA runtime: errors, the device's state, streams as queues of
 * operations.
 */
#ifndef EMU_API_H
#define EMU_API_H

#include <cuda_runtime_api.h>

#include "emu.h"

/* One delayed operation of a stream. */
typedef struct emu_operation emu_operation;
struct emu_operation {
  emu_operation *next;
  u64 sequence; /* unique, ascending in the order of the calls */
  enum { OP_LAUNCH, OP_COPY, OP_SET, OP_RECORD, OP_WAIT, OP_FREE, OP_CALL } kind;
  int device;
  const emu_kernel *kernel;
  u32 grid[3], block[3], dynamic_bytes;
  unsigned char *data; /* launch: parameters; copy: snapshot of a pageable source or NULL. Owned */
  u64 to, from, bytes; /* also set: to, bytes, value; free: to */
  int value, poisoned;
  cudaEvent_t event;
  cudaStream_t after; /* OP_WAIT: this stream must have done `target` */
  u64 target;
  cudaHostFn_t call;
  void *payload;
};

struct CUstream_st {
  int device, number, non_blocking, destroyed;
  emu_operation *first, *last;
  u64 done; /* sequence of the last operation that ran */
  cudaStream_t next;
};

struct CUevent_st {
  cudaStream_t stream; /* of the last record; NULL: never recorded */
  u64 sequence;
  double seconds;
  int device, destroyed;
};

/* Errors: what cudaGetLastError tells, and where it came from. */
cudaError_t emu_error(cudaError_t error, const char *call);
void emu_launch_error(cudaError_t error);
cudaError_t
emu_device_ready(void);  /* no device, old driver, lost device: the error that every call answers */
bool emu_lose_now(void); /* counts a launch or copy; true: the device is gone */
int emu_current_device(void);
void emu_lock(void);
void emu_unlock(int *unused);

/* Opens every API function: one caller at a time, and the answers of a device that is not there. */
#define EMU_ENTER()                                                                                \
  __attribute__((cleanup(emu_unlock))) int locked_ = 0;                                            \
  (void)locked_;                                                                                   \
  emu_lock();                                                                                      \
  if (emu_device_ready() != cudaSuccess) return emu_error(emu_device_ready(), __func__)

extern u32 emu_architecture; /* highest one a .cu was compiled for: the device is of that kind */

cudaError_t emu_enqueue(cudaStream_t stream, emu_operation operation);
cudaStream_t emu_stream(cudaStream_t stream); /* resolves the default streams; NULL: not a stream */
cudaError_t emu_stream_finish(cudaStream_t stream);
cudaError_t emu_finish_all(int device);
void emu_execute(emu_operation *operation);
bool emu_stream_idle(cudaStream_t stream, u64 sequence);
void emu_stream_step(void);
void emu_free_now(u64 address, const char *call);
void emu_run_operation_memory(emu_operation *op);
u64 emu_symbol(const void *symbol); /* device address of a variable; 0: not one */

#endif
