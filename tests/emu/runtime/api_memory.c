/* Allocation, copies, fills and symbols of the CUDA runtime API. */
#include "api.h"

#include <stdlib.h>

static u64 used[64]; /* bytes in use of each device */

static u64 to_u64(const void *p) { return (u64)(uintptr_t)p; }

static cudaError_t allocate(void **out, size_t bytes, emu_kind kind, const char *call) {
  const int device = emu_current_device();
  if (!out) return emu_error(cudaErrorInvalidValue, call);
  *out = NULL;
  if (bytes == 0) return cudaSuccess;
  if (kind == EMU_DEVICE && bytes > emu_get_settings()->memory - used[device]) {
    emu_finish_all(device); /* stream-ordered frees that are still pending */
    if (bytes > emu_get_settings()->memory - used[device])
      return emu_error(cudaErrorMemoryAllocation, call);
  }
  const u64 address = emu_memory_new(bytes, kind, device, call);
  if (kind == EMU_DEVICE) used[device] += bytes;
  *out = (void *)(uintptr_t)address;
  return cudaSuccess;
}

/* Free what begins at an address; anything else is a finding. */
static cudaError_t release(void *pointer, emu_kind kind, const char *call) {
  emu_allocation *a = emu_memory_find(to_u64(pointer));
  if (!pointer) return cudaSuccess;
  if (!a || a->address != to_u64(pointer) || a->kind != kind) {
    emu_report_host("bad free", "%s of %p, which no matching call returned", call, pointer);
    return emu_error(cudaErrorInvalidValue, call);
  }
  if (a->freed) {
    emu_report_host("double free", "%s of allocation %u (%llu bytes), which is free already", call,
                    a->number, (unsigned long long)a->size);
    return emu_error(cudaErrorInvalidValue, call);
  }
  if (kind == EMU_DEVICE) used[a->device] -= a->size;
  emu_memory_free(a);
  return cudaSuccess;
}

void emu_free_now(u64 address, const char *call) {
  release((void *)(uintptr_t)address, EMU_DEVICE, call);
}

cudaError_t cudaMalloc(void **out, size_t bytes) {
  EMU_ENTER();
  return allocate(out, bytes, EMU_DEVICE, __func__);
}

cudaError_t cudaMallocAsync(void **out, size_t bytes, cudaStream_t stream) {
  EMU_ENTER();
  if (!emu_stream(stream)) return emu_error(cudaErrorInvalidResourceHandle, __func__);
  return allocate(out, bytes, EMU_DEVICE, __func__);
}

cudaError_t cudaMallocFromPoolAsync(void **out, size_t bytes, cudaMemPool_t pool,
                                    cudaStream_t stream) {
  (void)pool;
  return cudaMallocAsync(out, bytes, stream);
}

/* As the real one, it waits for the device first. */
cudaError_t cudaFree(void *pointer) {
  EMU_ENTER();
  emu_finish_all(emu_current_device());
  return release(pointer, EMU_DEVICE, __func__);
}

cudaError_t cudaFreeAsync(void *pointer, cudaStream_t stream) {
  EMU_ENTER();
  cudaStream_t s = emu_stream(stream);
  if (!s || !pointer)
    return emu_error(s ? cudaErrorInvalidValue : cudaErrorInvalidResourceHandle, __func__);
  return emu_error(emu_enqueue(s, (emu_operation){.kind = OP_FREE, .to = to_u64(pointer)}),
                   __func__);
}

cudaError_t cudaHostAlloc(void **out, size_t bytes, unsigned flags) {
  EMU_ENTER();
  (void)flags;
  return allocate(out, bytes, EMU_PINNED, __func__);
}

cudaError_t cudaMallocHost(void **out, size_t bytes) {
  EMU_ENTER();
  return allocate(out, bytes, EMU_PINNED, __func__);
}

cudaError_t cudaFreeHost(void *pointer) {
  EMU_ENTER();
  emu_finish_all(-1);
  return release(pointer, EMU_PINNED, __func__);
}

/* Host and kernels see the same bytes; nothing is moved. */
cudaError_t cudaMallocManaged(void **out, size_t bytes, unsigned flags) {
  EMU_ENTER();
  (void)flags;
  return allocate(out, bytes, EMU_PINNED, __func__);
}

cudaError_t cudaHostRegister(void *pointer, size_t bytes, unsigned flags) {
  EMU_ENTER();
  (void)flags;
  if (!pointer || !bytes) return emu_error(cudaErrorInvalidValue, __func__);
  emu_memory_register(to_u64(pointer), bytes);
  return cudaSuccess;
}

cudaError_t cudaHostUnregister(void *pointer) {
  EMU_ENTER();
  emu_finish_all(-1);
  if (!emu_memory_unregister(to_u64(pointer)))
    return emu_error(cudaErrorHostMemoryNotRegistered, __func__);
  return cudaSuccess;
}

cudaError_t cudaHostGetDevicePointer(void **out, void *pointer, unsigned flags) {
  EMU_ENTER();
  (void)flags;
  *out = pointer;
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *total) {
  EMU_ENTER();
  *total = emu_get_settings()->memory;
  *free_bytes = *total - used[emu_current_device()];
  return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(struct cudaPointerAttributes *out, const void *pointer) {
  EMU_ENTER();
  const emu_allocation *a = emu_memory_find(to_u64(pointer));
  memset(out, 0, sizeof *out);
  if (a && !a->freed && to_u64(pointer) - a->address < a->size) {
    out->type = a->kind == EMU_PINNED ? cudaMemoryTypeHost : cudaMemoryTypeDevice;
    out->device = a->device;
    out->devicePointer = (void *)(uintptr_t)pointer;
    out->hostPointer = a->kind == EMU_PINNED ? (void *)(uintptr_t)pointer : NULL;
  }
  return cudaSuccess;
}

/* Pools: one a device, without limits of its own. */
cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t *pool, int device) {
  EMU_ENTER();
  *pool = (cudaMemPool_t)(uintptr_t)(device + 1);
  return cudaSuccess;
}

cudaError_t cudaDeviceGetMemPool(cudaMemPool_t *pool, int device) {
  return cudaDeviceGetDefaultMemPool(pool, device);
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, enum cudaMemPoolAttr name, void *value) {
  (void)pool;
  (void)name;
  (void)value;
  return cudaSuccess;
}

cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, enum cudaMemPoolAttr name, void *value) {
  EMU_ENTER();
  const u64 bytes = used[(uintptr_t)pool - 1];
  (void)name;
  memcpy(value, &bytes, sizeof bytes);
  return cudaSuccess;
}

cudaError_t cudaMemPoolCreate(cudaMemPool_t *pool, const struct cudaMemPoolProps *properties) {
  return cudaDeviceGetDefaultMemPool(pool, properties->location.id);
}

cudaError_t cudaMemPoolDestroy(cudaMemPool_t pool) {
  (void)pool;
  return cudaSuccess;
}

cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, size_t bytes) {
  (void)pool;
  (void)bytes;
  return cudaSuccess;
}

/* Whether [address, +bytes) may be touched; host memory that is not pinned cannot be checked. */
static bool check_range(u64 address, u64 bytes, const char *call, const char *side) {
  if (!emu_arena || !emu_in_arena(address)) return true;
  const emu_allocation *a = emu_memory_find(address);
  const bool inside =
      a && address - a->address <= a->size && bytes <= a->size - (address - a->address);
  if (a && inside && !a->freed) return true;
  if (a && a->freed && address - a->address < a->size) {
    emu_report_host("use after free", "%s: its %s is allocation %u, which is free", call, side,
                    a->number);
  } else {
    emu_report_host(
        "bounds",
        "%s: its %s of %llu bytes begins at byte %llu of allocation %u, which has %llu bytes", call,
        side, (unsigned long long)bytes, (unsigned long long)(a ? address - a->address : 0),
        a ? a->number : 0, (unsigned long long)(a ? a->size : 0));
  }
  return false;
}

static bool check_direction(u64 to, u64 from, enum cudaMemcpyKind kind, const char *call) {
  const bool to_device = emu_is_device(to), from_device = emu_is_device(from);
  bool good = true;
  if (kind == cudaMemcpyHostToDevice) good = to_device && !from_device;
  if (kind == cudaMemcpyDeviceToHost) good = !to_device && from_device;
  if (kind == cudaMemcpyDeviceToDevice) good = to_device && from_device;
  if (kind == cudaMemcpyHostToHost) good = !to_device && !from_device;
  if (!good) {
    emu_report_host(
        "direction",
        "%s: the direction says %s, but the destination is %s memory and the source %s memory",
        call,
        kind == cudaMemcpyHostToDevice     ? "host to device"
        : kind == cudaMemcpyDeviceToHost   ? "device to host"
        : kind == cudaMemcpyDeviceToDevice ? "device to device"
                                           : "host to host",
        to_device ? "device" : "host", from_device ? "device" : "host");
  }
  return good;
}

/* Unset bytes of a copy's source that lies on the device. */
static void check_source(const emu_operation *op) {
  if (!emu_is_device(op->from) || emu_is_device(op->to)) return;
  const unsigned char *states = emu_states + (op->from - emu_arena);
  u64 unset = 0;
  for (u64 i = 0; i < op->bytes; i++) unset += states[i] == EMU_UNSET;
  if (unset) {
    emu_report_host("uninitialised",
                    "a copy of %llu bytes to the host reads %llu bytes that nobody has written",
                    (unsigned long long)op->bytes, (unsigned long long)unset);
  }
}

static void run_copy(emu_operation *op) {
  if (!check_range(op->to, op->bytes, "copy", "destination") ||
      !check_range(op->from, op->bytes, "copy", "source"))
    return;
  check_source(op);
  memmove(emu_host(op->to), op->data ? op->data : emu_host(op->from), op->bytes);
  if (!emu_in_arena(op->to)) return;
  unsigned char *states = emu_states + (op->to - emu_arena);
  if (emu_is_device(op->from)) {
    memmove(states, emu_states + (op->from - emu_arena), op->bytes);
  } else {
    memset(states, EMU_SET, op->bytes);
  }
}

static void run_set(const emu_operation *op) {
  if (!check_range(op->to, op->bytes, "cudaMemset", "destination")) return;
  memset(emu_host(op->to), op->value, op->bytes);
  emu_mark(op->to, op->bytes, EMU_SET);
}

void emu_run_operation_memory(emu_operation *op) {
  if (op->kind == OP_COPY) run_copy(op);
  if (op->kind == OP_SET) run_set(op);
  if (op->kind == OP_FREE) emu_free_now(op->to, "cudaFreeAsync");
}

/* Queue a copy. Pageable memory: a source is read now, a destination is written before the call
 * returns. A pinned destination is filled with nonsense until the copy has run, so that a host
 * that does not wait sees it.
 */
static cudaError_t copy(u64 to, u64 from, size_t bytes, enum cudaMemcpyKind kind,
                        cudaStream_t stream, const char *call, bool wait) {
  cudaStream_t s = emu_stream(stream);
  emu_operation op = {.kind = OP_COPY, .to = to, .from = from, .bytes = bytes};
  emu_memory_init();
  if (!s) return emu_error(cudaErrorInvalidResourceHandle, call);
  if (bytes == 0) return cudaSuccess;
  if (!to || !from) return emu_error(cudaErrorInvalidValue, call);
  if (!check_direction(to, from, kind, call))
    return emu_error(cudaErrorInvalidMemcpyDirection, call);
  if (!check_range(to, bytes, call, "destination") || !check_range(from, bytes, call, "source")) {
    return emu_error(cudaErrorInvalidValue, call);
  }
  if (!emu_in_arena(from) && !emu_memory_registered(from, bytes)) {
    op.data = malloc(bytes);
    if (!op.data) emu_die(0, "out of memory");
    memcpy(op.data, emu_host(from), bytes);
  }
  const bool pinned = emu_in_arena(to) || emu_memory_registered(to, bytes);
  if (!pinned) wait = true;
  if (!wait && emu_get_settings()->async != EMU_NOW && !emu_is_device(to))
    memset(emu_host(to), 0xA5, bytes);
  cudaError_t error = emu_enqueue(s, op);
  if (error == cudaSuccess && wait) error = emu_stream_finish(s);
  return emu_error(error, call);
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind) {
  EMU_ENTER();
  return copy(to_u64(to), to_u64(from), bytes, kind, NULL, __func__, true);
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
                            cudaStream_t stream) {
  EMU_ENTER();
  return copy(to_u64(to), to_u64(from), bytes, kind, stream, __func__, false);
}

cudaError_t cudaMemcpyPeerAsync(void *to, int to_device, const void *from, int from_device,
                                size_t bytes, cudaStream_t stream) {
  EMU_ENTER();
  (void)to_device;
  (void)from_device;
  return copy(to_u64(to), to_u64(from), bytes, cudaMemcpyDeviceToDevice, stream, __func__, false);
}

cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch,
                              size_t width, size_t height, enum cudaMemcpyKind kind,
                              cudaStream_t stream) {
  EMU_ENTER();
  cudaError_t error = cudaSuccess;
  for (size_t i = 0; i < height && error == cudaSuccess; i++) {
    error = copy(to_u64(to) + i * to_pitch, to_u64(from) + i * from_pitch, width, kind, stream,
                 __func__, false);
  }
  return error;
}

cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch,
                         size_t width, size_t height, enum cudaMemcpyKind kind) {
  const cudaError_t error =
      cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, width, height, kind, NULL);
  return error ? error : cudaStreamSynchronize(NULL);
}

static cudaError_t fill(void *to, int value, size_t bytes, cudaStream_t stream, const char *call) {
  cudaStream_t s = emu_stream(stream);
  if (!s) return emu_error(cudaErrorInvalidResourceHandle, call);
  if (bytes == 0) return cudaSuccess;
  if (!emu_arena || !emu_in_arena(to_u64(to))) {
    emu_report_host("host pointer", "%s of %p, which is not device memory", call, to);
    return emu_error(cudaErrorInvalidValue, call);
  }
  if (!check_range(to_u64(to), bytes, call, "destination"))
    return emu_error(cudaErrorInvalidValue, call);
  return emu_error(
      emu_enqueue(
          s, (emu_operation){.kind = OP_SET, .to = to_u64(to), .bytes = bytes, .value = value}),
      call);
}

/* Asynchronous to the host, on the default stream. */
cudaError_t cudaMemset(void *to, int value, size_t bytes) {
  EMU_ENTER();
  return fill(to, value, bytes, NULL, __func__);
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream) {
  EMU_ENTER();
  return fill(to, value, bytes, stream, __func__);
}

cudaError_t cudaGetSymbolAddress(void **out, const void *symbol) {
  EMU_ENTER();
  const u64 address = emu_symbol(symbol);
  if (!address) return emu_error(cudaErrorInvalidSymbol, __func__);
  *out = (void *)(uintptr_t)address;
  return cudaSuccess;
}

cudaError_t cudaGetSymbolSize(size_t *out, const void *symbol) {
  EMU_ENTER();
  const emu_allocation *a = emu_memory_find(emu_symbol(symbol));
  if (!a) return emu_error(cudaErrorInvalidSymbol, __func__);
  *out = a->size;
  return cudaSuccess;
}

cudaError_t cudaMemcpyToSymbolAsync(const void *symbol, const void *from, size_t bytes,
                                    size_t offset, enum cudaMemcpyKind kind, cudaStream_t stream) {
  EMU_ENTER();
  const u64 to = emu_symbol(symbol);
  if (!to) return emu_error(cudaErrorInvalidSymbol, __func__);
  return copy(to + offset, to_u64(from), bytes, kind, stream, __func__, false);
}

cudaError_t cudaMemcpyToSymbol(const void *symbol, const void *from, size_t bytes, size_t offset,
                               enum cudaMemcpyKind kind) {
  EMU_ENTER();
  const u64 to = emu_symbol(symbol);
  if (!to) return emu_error(cudaErrorInvalidSymbol, __func__);
  return copy(to + offset, to_u64(from), bytes, kind, NULL, __func__, true);
}

cudaError_t cudaMemcpyFromSymbolAsync(void *to, const void *symbol, size_t bytes, size_t offset,
                                      enum cudaMemcpyKind kind, cudaStream_t stream) {
  EMU_ENTER();
  const u64 from = emu_symbol(symbol);
  if (!from) return emu_error(cudaErrorInvalidSymbol, __func__);
  return copy(to_u64(to), from + offset, bytes, kind, stream, __func__, false);
}

cudaError_t cudaMemcpyFromSymbol(void *to, const void *symbol, size_t bytes, size_t offset,
                                 enum cudaMemcpyKind kind) {
  EMU_ENTER();
  const u64 from = emu_symbol(symbol);
  if (!from) return emu_error(cudaErrorInvalidSymbol, __func__);
  return copy(to_u64(to), from + offset, bytes, kind, NULL, __func__, true);
}
