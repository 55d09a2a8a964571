/* Devices: how many, how they fail, what they say of themselves; and the error that
 * cudaGetLastError tells.
 */
#include "api.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static _Thread_local int current_device;
static _Thread_local cudaError_t last_error;
static _Thread_local const char *last_call;
static _Thread_local bool launch_unseen, launched_since;
static bool lost;
static u64 n_actions;

void emu_lock(void) { pthread_mutex_lock(&mutex); }
void emu_unlock(int *unused) {
  (void)unused;
  pthread_mutex_unlock(&mutex);
}

int emu_current_device(void) { return current_device; }
bool emu_is_lost(void) { return lost; }

bool emu_lose_now(void) {
  const u64 lose = emu_get_settings()->lose;
  if (lose && ++n_actions >= lose) lost = true;
  return lost;
}

/* A child of fork has no CUDA where its parent has started it: the driver cannot be shared. */
static bool started_by_another(void) {
  static pid_t starter;
  if (!starter) starter = getpid();
  return starter != getpid();
}

cudaError_t emu_device_ready(void) {
  const emu_settings *s = emu_get_settings();
  if (started_by_another()) return cudaErrorInitializationError;
  if (s->driver < 13000) return cudaErrorInsufficientDriver;
  if (s->devices == 0) return cudaErrorNoDevice;
  return lost ? cudaErrorLaunchFailure : cudaSuccess;
}

/* Remember the error of a call that also returns it. */
cudaError_t emu_error(cudaError_t error, const char *call) {
  if (error != cudaSuccess && error != cudaErrorNotReady) {
    last_error = error;
    last_call = call;
    launched_since = false;
  }
  return error;
}

/* <<<>>> returns nothing: only cudaGetLastError can tell that a launch failed. */
void emu_launch_error(cudaError_t error) {
  if (error == cudaSuccess) {
    launched_since = true;
    return;
  }
  last_error = error;
  last_call = "a launch";
  launch_unseen = true;
  launched_since = false;
}

static cudaError_t tell(void) {
  if (last_error != cudaSuccess && launched_since && !lost) {
    emu_report_host("stale error",
                    "cudaGetLastError after a launch that worked returns %s of an earlier %s: "
                    "clear it where that "
                    "failure is handled",
                    cudaGetErrorName(last_error), last_call);
  }
  launch_unseen = false;
  return lost ? cudaErrorLaunchFailure : last_error;
}

cudaError_t cudaGetLastError(void) {
  const cudaError_t error = tell();
  last_error = cudaSuccess;
  launched_since = false;
  return error;
}

cudaError_t cudaPeekAtLastError(void) { return tell(); }

void emu_error_at_exit(void) {
  if (launch_unseen && !lost) {
    emu_report_host("unchecked launch",
                    "a launch failed (%s) and nobody called cudaGetLastError after it",
                    cudaGetErrorName(last_error));
  }
}

static const struct {
  cudaError_t error;
  const char *name, *text;
} errors[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration",
     "invalid configuration argument"},
    {cudaErrorInvalidDevicePointer, "cudaErrorInvalidDevicePointer", "invalid device pointer"},
    {cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection",
     "invalid copy direction for memcpy"},
    {cudaErrorInitializationError, "cudaErrorInitializationError", "initialization error"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
     "CUDA driver version is insufficient for CUDA runtime version"},
    {cudaErrorInvalidDeviceFunction, "cudaErrorInvalidDeviceFunction", "invalid device function"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorInvalidSymbol, "cudaErrorInvalidSymbol", "invalid device symbol"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
    {cudaErrorHostMemoryNotRegistered, "cudaErrorHostMemoryNotRegistered",
     "pointer does not correspond to a registered memory region"},
    {cudaErrorLaunchOutOfResources, "cudaErrorLaunchOutOfResources",
     "too many resources requested for launch"},
};

static size_t find_error(cudaError_t error) {
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
    if (errors[i].error == error) return i;
  }
  return 0;
}

const char *cudaGetErrorName(cudaError_t error) {
  const size_t i = find_error(error);
  return i || error == cudaSuccess ? errors[i].name : "unrecognized error code";
}

const char *cudaGetErrorString(cudaError_t error) {
  const size_t i = find_error(error);
  return i || error == cudaSuccess ? errors[i].text : "unrecognized error code";
}

cudaError_t cudaGetDeviceCount(int *count) {
  *count = 0;
  EMU_ENTER();
  *count = emu_get_settings()->devices;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  EMU_ENTER();
  if (device < 0 || device >= emu_get_settings()->devices)
    return emu_error(cudaErrorInvalidDevice, __func__);
  current_device = device;
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int *device) {
  EMU_ENTER();
  *device = current_device;
  return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int *version) {
  *version = emu_get_settings()->driver;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *p, int device) {
  EMU_ENTER();
  if (device < 0 || device >= emu_get_settings()->devices)
    return emu_error(cudaErrorInvalidDevice, __func__);
  memset(p, 0, sizeof *p);
  snprintf(p->name, sizeof p->name, "misstep emulator");
  memcpy(p->uuid.bytes, "misstep-emulate", 15);
  p->uuid.bytes[15] = (char)device;
  p->totalGlobalMem = emu_get_settings()->memory;
  p->major = (int)emu_architecture / 10;
  p->minor = (int)emu_architecture % 10;
  p->warpSize = 32;
  p->maxThreadsPerBlock = p->maxThreadsDim[0] = p->maxThreadsDim[1] = 1024;
  p->maxThreadsDim[2] = 64;
  p->maxGridSize[0] = 2147483647;
  p->maxGridSize[1] = p->maxGridSize[2] = 65535;
  p->sharedMemPerBlock = 49152;
  p->sharedMemPerBlockOptin = 232448;
  p->sharedMemPerMultiprocessor = 233472;
  p->regsPerBlock = p->regsPerMultiprocessor = 65536;
  p->multiProcessorCount = 4;
  p->maxThreadsPerMultiProcessor = 2048;
  p->maxBlocksPerMultiProcessor = 32;
  p->unifiedAddressing = p->canMapHostMemory = p->concurrentKernels = p->asyncEngineCount = 1;
  p->l2CacheSize = 50 << 20;
  p->memoryPoolsSupported = 1;
  p->memoryBusWidth = 5120;
  p->totalConstMem = 65536;
  return cudaSuccess;
}

static int attribute(enum cudaDeviceAttr name) {
  switch (name) {
  case cudaDevAttrMaxThreadsPerBlock:
  case cudaDevAttrMaxBlockDimX:
  case cudaDevAttrMaxBlockDimY: return 1024;
  case cudaDevAttrMaxBlockDimZ: return 64;
  case cudaDevAttrMaxGridDimX: return 2147483647;
  case cudaDevAttrMaxGridDimY:
  case cudaDevAttrMaxGridDimZ: return 65535;
  case cudaDevAttrMaxSharedMemoryPerBlock: return 49152;
  case cudaDevAttrMaxSharedMemoryPerBlockOptin: return 232448;
  case cudaDevAttrMaxSharedMemoryPerMultiprocessor: return 233472;
  case cudaDevAttrReservedSharedMemoryPerBlock: return 1024;
  case cudaDevAttrWarpSize: return 32;
  case cudaDevAttrMaxRegistersPerBlock:
  case cudaDevAttrMaxRegistersPerMultiprocessor: return 65536;
  case cudaDevAttrMultiProcessorCount: return 4;
  case cudaDevAttrMaxThreadsPerMultiProcessor: return 2048;
  case cudaDevAttrMaxBlocksPerMultiprocessor: return 32;
  case cudaDevAttrComputeCapabilityMajor: return (int)emu_architecture / 10;
  case cudaDevAttrComputeCapabilityMinor: return (int)emu_architecture % 10;
  case cudaDevAttrL2CacheSize: return 50 << 20;
  case cudaDevAttrClockRate: return 1000000;
  case cudaDevAttrMemoryPoolsSupported:
  case cudaDevAttrUnifiedAddressing:
  case cudaDevAttrCanMapHostMemory:
  case cudaDevAttrConcurrentKernels:
  case cudaDevAttrAsyncEngineCount: return 1;
  default: return 0;
  }
}

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr name, int device) {
  EMU_ENTER();
  if (device < 0 || device >= emu_get_settings()->devices)
    return emu_error(cudaErrorInvalidDevice, __func__);
  *value = attribute(name);
  return cudaSuccess;
}

cudaError_t cudaDeviceGetPCIBusId(char *out, int size, int device) {
  EMU_ENTER();
  snprintf(out, (size_t)size, "0000:%02x:00.0", device);
  return cudaSuccess;
}

cudaError_t cudaDeviceGetStreamPriorityRange(int *least, int *greatest) {
  *least = *greatest = 0;
  return cudaSuccess;
}

cudaError_t cudaSetDeviceFlags(unsigned flags) {
  (void)flags;
  return cudaSuccess;
}

cudaError_t cudaDeviceSetLimit(enum cudaLimit limit, size_t value) {
  (void)limit;
  (void)value;
  return cudaSuccess;
}

cudaError_t cudaDeviceCanAccessPeer(int *can, int device, int peer) {
  *can = device != peer;
  return cudaSuccess;
}

cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned flags) {
  (void)peer;
  (void)flags;
  return cudaSuccess;
}

cudaError_t cudaDeviceReset(void) {
  EMU_ENTER();
  return emu_error(emu_finish_all(current_device), __func__);
}
