/* What nvcc's host objects call: registration of modules, launches; and the running of delayed
 * operations.
 */
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define STATIC_SHARED_LIMIT 49152
#define SHARED_LIMIT 232448

/* Host address of a kernel's stub or of a variable's shadow -> what it stands for. */
typedef struct {
  const void *host;
  const emu_kernel *kernel;
  u64 address;
  u32 shared_limit;
} symbol;

u32 emu_architecture;
static symbol *symbols;
static size_t n_symbols, capacity;

static symbol *add_symbol(const void *host) {
  if (n_symbols == capacity) {
    capacity = capacity ? 2 * capacity : 64;
    symbols = realloc(symbols, capacity * sizeof *symbols);
    if (!symbols) emu_die(0, "out of memory");
  }
  symbols[n_symbols] = (symbol){.host = host, .shared_limit = STATIC_SHARED_LIMIT};
  return &symbols[n_symbols++];
}

static symbol *find_symbol(const void *host) {
  for (size_t i = 0; i < n_symbols; i++) {
    if (symbols[i].host == host) return &symbols[i];
  }
  return NULL;
}

u64 emu_symbol(const void *host) {
  const symbol *s = find_symbol(host);
  return s ? s->address : 0;
}

/* Called by each .cu's host object before main (under its renamed __cudaRegisterFatBinary). */
void **emu_register(const emu_module *module) {
  if (module->architecture > emu_architecture) emu_architecture = module->architecture;
  for (u32 i = 0; i < module->n_variables; i++) {
    const emu_variable *v = &module->variables[i];
    *v->address = emu_memory_new(v->size ? v->size : 1, EMU_VARIABLE, 0, v->name);
    if (v->image) {
      memcpy(emu_host(*v->address), v->image, v->size);
    } else {
      memset(emu_host(*v->address), 0, v->size);
    }
    emu_mark(*v->address, v->size, EMU_SET);
  }
  for (u32 i = 0; i < module->n_variables; i++) {
    const emu_variable *v = &module->variables[i];
    for (u32 m = 0; m < v->n_moves; m++) {
      const u64 value = *v->moves[m].target + (u64)v->moves[m].addend;
      memcpy(emu_host(*v->address) + v->moves[m].offset, &value, sizeof value);
    }
  }
  return (void **)(uintptr_t)module;
}

void __cudaRegisterFatBinaryEnd(void **handle);
void __cudaRegisterFatBinaryEnd(void **handle) { (void)handle; }
void __cudaUnregisterFatBinary(void **handle);
void __cudaUnregisterFatBinary(void **handle) { (void)handle; }
char __cudaInitModule(void **handle);
char __cudaInitModule(void **handle) {
  (void)handle;
  return 1;
}

/* nvcc passes more to the next two (dimensions, sizes); names are all that is needed here. */
void __cudaRegisterFunction(void **handle, const char *host, char *device_name, const char *name,
                            ...);
void __cudaRegisterFunction(void **handle, const char *host, char *device_name, const char *name,
                            ...) {
  const emu_module *module = (const emu_module *)(void *)handle;
  (void)device_name;
  if (find_symbol(host)) return;
  for (u32 i = 0; i < module->n_kernels; i++) {
    if (!strcmp(module->kernels[i].name, name)) add_symbol(host)->kernel = &module->kernels[i];
  }
}

void __cudaRegisterVar(void **handle, char *host, char *device_address, const char *name, ...);
void __cudaRegisterVar(void **handle, char *host, char *device_address, const char *name, ...) {
  const emu_module *module = (const emu_module *)(void *)handle;
  (void)device_address;
  for (u32 i = 0; i < module->n_variables; i++) {
    const emu_variable *v = &module->variables[i];
    if (!strcmp(v->name, name)) add_symbol(host)->address = *v->address;
  }
}

static _Thread_local struct {
  dim3 grid, block;
  size_t shared;
  cudaStream_t stream;
} pushed;

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared,
                                     struct CUstream_st *stream);
unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared,
                                     struct CUstream_st *stream) {
  pushed.grid = grid;
  pushed.block = block;
  pushed.shared = shared;
  pushed.stream = stream;
  return 0;
}

cudaError_t __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared, void *stream);
cudaError_t __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared, void *stream) {
  *grid = pushed.grid;
  *block = pushed.block;
  *shared = pushed.shared;
  memcpy(stream, &pushed.stream, sizeof pushed.stream);
  return cudaSuccess;
}

static cudaError_t check_shape(const symbol *s, dim3 grid, dim3 block, size_t shared) {
  const u64 threads = (u64)block.x * block.y * block.z;
  if (!grid.x || !grid.y || !grid.z || grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535) {
    return cudaErrorInvalidConfiguration;
  }
  if (!threads || block.x > 1024 || block.y > 1024 || block.z > 64 || threads > 1024) {
    return cudaErrorInvalidConfiguration;
  }
  if (threads > s->kernel->max_threads) return cudaErrorInvalidValue;
  if (shared + s->kernel->shared_bytes > s->shared_limit) return cudaErrorInvalidValue;
  return cudaSuccess;
}

static cudaError_t launch(const void *host, dim3 grid, dim3 block, void **arguments, size_t shared,
                          cudaStream_t stream) {
  const symbol *s = find_symbol(host);
  cudaStream_t queue = emu_stream(stream);
  if (!s || !s->kernel) return cudaErrorInvalidDeviceFunction;
  if (!queue || queue->device != emu_current_device()) return cudaErrorInvalidResourceHandle;
  const cudaError_t error = check_shape(s, grid, block, shared);
  if (error) return error;
  const emu_kernel *kernel = s->kernel;
  u64 bytes = 16;
  for (u32 i = 0; i < kernel->n_params; i++) bytes += kernel->params[i].size + 16;
  emu_operation op = {.kind = OP_LAUNCH,
                      .kernel = kernel,
                      .grid = {grid.x, grid.y, grid.z},
                      .block = {block.x, block.y, block.z},
                      .dynamic_bytes = (u32)shared};
  op.data = calloc(1, bytes);
  if (!op.data) emu_die(0, "out of memory");
  for (u32 i = 0; i < kernel->n_params; i++) {
    memcpy(op.data + kernel->params[i].offset, arguments[i], kernel->params[i].size);
  }
  return emu_enqueue(queue, op);
}

cudaError_t cudaLaunchKernel(const void *host, dim3 grid, dim3 block, void **arguments,
                             size_t shared, cudaStream_t stream) {
  EMU_ENTER();
  const cudaError_t error = launch(host, grid, block, arguments, shared, stream);
  emu_launch_error(error);
  return error;
}

cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void **arguments,
                               size_t shared, cudaStream_t stream);
cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void **arguments,
                               size_t shared, cudaStream_t stream) {
  return cudaLaunchKernel((const void *)kernel, grid, block, arguments, shared, stream);
}

cudaError_t __cudaGetKernel(cudaKernel_t *out, const void *host);
cudaError_t __cudaGetKernel(cudaKernel_t *out, const void *host) {
  *out = (cudaKernel_t)(uintptr_t)host;
  return cudaSuccess;
}

cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t *config, const void *host,
                                void **arguments) {
  EMU_ENTER();
  const cudaError_t error = launch(host, config->gridDim, config->blockDim, arguments,
                                   config->dynamicSmemBytes, config->stream);
  return emu_error(error, __func__);
}

static void run_kernel(emu_operation *op) {
  static char trace;
  emu_launch_now = (emu_launch_state){.kernel = op->kernel,
                                      .params = op->data,
                                      .dynamic_bytes = op->dynamic_bytes,
                                      .device = op->device};
  memcpy(emu_launch_now.grid, op->grid, sizeof op->grid);
  memcpy(emu_launch_now.block, op->block, sizeof op->block);
  emu_launch_now.n_threads = op->block[0] * op->block[1] * op->block[2];
  emu_launch_now.n_blocks = (u64)op->grid[0] * op->grid[1] * op->grid[2];
  if (!trace) trace = getenv("MST_EMU_TRACE") ? 'y' : 'n';
  if (trace == 'y') {
    fprintf(stderr, "emu: launch %s grid %u block %u shared %u+%u\n", op->kernel->name, op->grid[0],
            emu_launch_now.n_threads, op->kernel->shared_bytes, op->dynamic_bytes);
  }
  emu_check_launch();
  emu_counting = emu_get_settings()->count != NULL;
  if (emu_counting) emu_count_launch();
  emu_run_launch();
}

/* Run one operation whose turn has come. */
void emu_execute(emu_operation *op) {
  struct timespec now;
  const bool counts = op->kind == OP_LAUNCH || op->kind == OP_COPY || op->kind == OP_SET;
  if (counts ? emu_lose_now() : emu_is_lost()) return;
  switch (op->kind) {
  case OP_LAUNCH: run_kernel(op); break;
  case OP_RECORD:
    clock_gettime(CLOCK_MONOTONIC, &now);
    op->event->seconds = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    break;
  case OP_WAIT: break;
  case OP_CALL: op->call(op->payload); break;
  default: emu_run_operation_memory(op); break;
  }
}

cudaError_t cudaFuncGetAttributes(struct cudaFuncAttributes *out, const void *host) {
  EMU_ENTER();
  const symbol *s = find_symbol(host);
  if (!s || !s->kernel) return emu_error(cudaErrorInvalidDeviceFunction, __func__);
  memset(out, 0, sizeof *out);
  out->ptxVersion = out->binaryVersion = (int)s->kernel->module->architecture;
  out->maxThreadsPerBlock = (int)s->kernel->max_threads;
  out->sharedSizeBytes = s->kernel->shared_bytes;
  out->maxDynamicSharedSizeBytes = (int)(s->shared_limit - s->kernel->shared_bytes);
  out->numRegs = 32;
  return cudaSuccess;
}

cudaError_t cudaFuncSetAttribute(const void *host, enum cudaFuncAttribute name, int value) {
  EMU_ENTER();
  symbol *s = find_symbol(host);
  if (!s || !s->kernel) return emu_error(cudaErrorInvalidDeviceFunction, __func__);
  if (name != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
  if (value < 0 || (u32)value + s->kernel->shared_bytes > SHARED_LIMIT)
    return emu_error(cudaErrorInvalidValue, __func__);
  s->shared_limit = (u32)value + s->kernel->shared_bytes;
  if (s->shared_limit < STATIC_SHARED_LIMIT) s->shared_limit = STATIC_SHARED_LIMIT;
  return cudaSuccess;
}

cudaError_t cudaFuncSetCacheConfig(const void *host, enum cudaFuncCache config) {
  (void)host;
  (void)config;
  return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *out, const void *host,
                                                                   int threads, size_t shared,
                                                                   unsigned flags) {
  EMU_ENTER();
  const symbol *s = find_symbol(host);
  (void)flags;
  if (!s || !s->kernel) return emu_error(cudaErrorInvalidDeviceFunction, __func__);
  const u64 bytes = shared + s->kernel->shared_bytes + 1024;
  const u64 by_threads = 2048 / (u64)(threads < 1 ? 1 : threads), by_shared = 233472 / bytes;
  *out = (int)(by_threads < by_shared ? by_threads : by_shared);
  if (*out > 32) *out = 32;
  return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *out, const void *host, int threads,
                                                          size_t shared) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(out, host, threads, shared, 0);
}
