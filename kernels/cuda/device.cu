/* device.cu: the CUDA backend's life: devices, streams, the pool, memory at home, and the table of
 * classes that the tokenizer looks code points up in.
 *
 * CUDA's current device is the thread's: every operation makes its own current first, so several
 * devices can be used side by side, each by one thread at a time. */
#include "cuda/device.cuh"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"

/* Ranges of code points above 0xffff that are no MST_PIECE_OTHER; Unicode 15 has about 350. */
enum { MOST_RANGES = 4096, FIRST_RANGED = 0x10000, LAST_RANGED = 0x10ffff };

/* Half of what 32 bits count: room for a library that adds rows to entries, or pads them. */
static const int64_t most_block_entries = (int64_t)1 << 30;

/* CUDA's number for a driver or runtime, as people write it: 13000 is 13.0. */
typedef struct version {
  int major, minor;
} version;

static version version_of(int number) { return {number / 1000, number % 1000 / 10}; }

mst_status mst__cuda_check(cudaError_t error, const char *call, const char *function) {
  if (error == cudaSuccess) return MST_OK;
  (void)cudaGetLastError(); /* what is told here is not told again */
  const mst_status st = error == cudaErrorMemoryAllocation ? MST_E_NOMEM : MST_E_DEVICE;
  return mst_failure(mst_error_set(st, function, "%.300s: %s", call, cudaGetErrorString(error)));
}

mst_status mst__cuda_count(int *n_devices) {
  int n = 0, driver = 0, runtime = 0;
  const cudaError_t error = cudaGetDeviceCount(&n);
  if (error == cudaSuccess && n > 0) {
    *n_devices = n;
    return MST_OK;
  }
  (void)cudaGetLastError();
  if (error == cudaErrorNoDevice || error == cudaSuccess)
    return MST_FAIL(MST_E_DEVICE, "no NVIDIA GPU was found; use --device cpu");
  if (cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0)
    return MST_FAIL(MST_E_DEVICE, "no NVIDIA driver is installed; use --device cpu");
  (void)cudaRuntimeGetVersion(&runtime);
  const version has = version_of(driver), wants = version_of(runtime);
  if (error == cudaErrorInsufficientDriver)
    return MST_FAIL(MST_E_DEVICE,
                    "the NVIDIA driver is for CUDA %d.%d, this misstep needs %d.%d: update the "
                    "driver, or use --device cpu",
                    has.major, has.minor, wants.major, wants.minor);
  return mst__cuda_check(error, "cudaGetDeviceCount", __func__);
}

mst_status mst__cuda_describe(int device, char *line, size_t size) {
  cudaDeviceProp about;
  int driver = 0;
  MST_TRY(MST_CUDA(cudaGetDeviceProperties(&about, device)));
  MST_TRY(MST_CUDA(cudaDriverGetVersion(&driver)));
  const version v = version_of(driver);
  (void)snprintf(line, size, "%s, %.1f GiB, compute capability %d.%d, driver for CUDA %d.%d",
                 about.name, (double)about.totalGlobalMem / (1 << 30), about.major, about.minor,
                 v.major, v.minor);
  return MST_OK;
}

mst_status mst__cuda_memory(int device, int64_t *free_bytes) {
  size_t n_free = 0, total = 0;
  MST_TRY(MST_CUDA(cudaSetDevice(device)));
  MST_TRY(MST_CUDA(cudaMemGetInfo(&n_free, &total)));
  *free_bytes = (int64_t)n_free;
  return MST_OK;
}

/* Bytes that can still be allocated: the device's, and what the pool keeps unused. */
int64_t mst__cuda_free_bytes(const mst_backend *backend) {
  size_t free_bytes = 0, total = 0;
  uint64_t reserved = 0, used = 0;
  cudaMemPool_t pool;
  if (cudaMemGetInfo(&free_bytes, &total) != cudaSuccess) return 0;
  if (cudaDeviceGetDefaultMemPool(&pool, mst__cuda(backend)->device) != cudaSuccess ||
      cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReservedMemCurrent, &reserved) != cudaSuccess ||
      cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &used) != cudaSuccess)
    reserved = used = 0;
  return (int64_t)(free_bytes + (reserved > used ? reserved - used : 0));
}

mst_status mst__cuda_take(const mst_backend *backend, void **out, size_t count, size_t size,
                          const char *function) {
  size_t n_bytes = 0;
  if (__builtin_mul_overflow(count, size, &n_bytes))
    return mst_error_set(MST_E_NOMEM, function, "%s: no memory for %zu items of %zu bytes",
                         backend->device, count, size);
  const cudaError_t error = cudaMallocAsync(out, n_bytes ? n_bytes : 1, mst__cuda(backend)->stream);
  if (error != cudaErrorMemoryAllocation)
    return mst__cuda_check(error, "cudaMallocAsync", function);
  (void)cudaGetLastError();
  mst__cuda(backend)->n_refused++;
  return mst_error_set(MST_E_NOMEM, function, "%s: no memory for %zu bytes, %lld are free",
                       backend->device, n_bytes, (long long)mst__cuda_free_bytes(backend));
}

void *mst__cuda_alloc(mst_backend *backend, size_t count, size_t size) {
  void *home = NULL;
  return mst__cuda_take(backend, &home, count, size, __func__) ? NULL : home;
}

void mst__cuda_free(mst_backend *backend, void *home) {
  if (home) (void)cudaFreeAsync(home, mst__cuda(backend)->stream);
}

mst_status mst__cuda_to_home(mst_backend *backend, void *home, const void *host, size_t n_bytes) {
  if (!n_bytes) return MST_OK;
  const cudaStream_t stream = mst__cuda(backend)->stream;
  MST_TRY(MST_CUDA(cudaMemcpyAsync(home, host, n_bytes, cudaMemcpyHostToDevice, stream)));
  return MST_CUDA(cudaStreamSynchronize(stream));
}

mst_status mst__cuda_to_host(mst_backend *backend, void *host, const void *home, size_t n_bytes) {
  const cudaStream_t stream = mst__cuda(backend)->stream;
  if (n_bytes)
    MST_TRY(MST_CUDA(cudaMemcpyAsync(host, home, n_bytes, cudaMemcpyDeviceToHost, stream)));
  return MST_CUDA(cudaStreamSynchronize(stream));
}

/* Write the ranges of code points above 0xffff to range [MOST_RANGES]; returns how many. */
static int find_ranges(mst__class_range *range) {
  int n = 0;
  for (int32_t cp = FIRST_RANGED; cp <= LAST_RANGED; cp++) {
    const int kind = mst__unicode_class(cp);
    if (kind == MST_PIECE_OTHER) continue;
    if (n && range[n - 1].last == cp - 1 && range[n - 1].kind == kind) {
      range[n - 1].last = cp;
      continue;
    }
    if (n == MOST_RANGES) return -1;
    range[n++] = {cp, cp, kind};
  }
  return n;
}

static mst_status put_classes(mst_backend *backend) {
  mst__cuda_state *s = mst__cuda(backend);
  s->d_bmp = static_cast<uint8_t *>(mst__cuda_alloc(backend, FIRST_RANGED, 1));
  if (!s->d_bmp) return MST_E_NOMEM;
  MST_TRY(mst__cuda_to_home(backend, s->d_bmp, mst__unicode_bmp(), FIRST_RANGED));
  mst__class_range *range =
      static_cast<mst__class_range *>(mst_alloc(MOST_RANGES, sizeof(mst__class_range)));
  if (!range) return MST_E_NOMEM;
  s->n_ranges = find_ranges(range);
  mst_status st =
      s->n_ranges < 0 ? MST_FAIL(MST_E_LIMIT, "too many ranges of code points") : MST_OK;
  const size_t n_bytes = st ? 0 : (size_t)s->n_ranges * sizeof *range;
  if (!st) s->d_ranges = static_cast<mst__class_range *>(mst__cuda_alloc(backend, n_bytes, 1));
  if (!st && !s->d_ranges) st = MST_E_NOMEM;
  if (!st) st = mst__cuda_to_home(backend, s->d_ranges, range, n_bytes);
  mst_free(range);
  return st;
}

static mst_status start(mst_backend *backend) {
  mst__cuda_state *s = mst__cuda(backend);
  cudaMemPool_t pool;
  uint64_t keep = UINT64_MAX;
  MST_TRY(MST_CUDA(cudaSetDevice(s->device)));
  MST_TRY(MST_CUDA(cudaStreamCreateWithFlags(&s->stream, cudaStreamNonBlocking)));
  MST_TRY(MST_CUDA(cudaStreamCreateWithFlags(&s->copy, cudaStreamNonBlocking)));
  MST_TRY(MST_CUDA(cudaDeviceGetDefaultMemPool(&pool, s->device)));
  MST_TRY(MST_CUDA(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep)));
  return put_classes(backend);
}

mst_status mst__cuda_open(mst_backend *backend, int device) {
  int n_devices = 0;
  MST_TRY(mst__cuda_count(&n_devices));
  if (device < 0 || device >= n_devices)
    return MST_FAIL(MST_E_DEVICE, "cuda:%d: this machine has %d GPU%s, cuda:0%s", device, n_devices,
                    n_devices > 1 ? "s" : "", n_devices > 1 ? " and up" : "");
  mst__cuda_state *s = static_cast<mst__cuda_state *>(mst_alloc_zero(1, sizeof *s));
  if (!s) return MST_E_NOMEM;
  const char *batch = getenv("MST_CUDA_BATCH_BYTES"), *mask = getenv("MST_CUDA_HASH_MASK");
  const char *block = getenv("MST_CUDA_BLOCK_ENTRIES");
  s->device = device;
  s->batch_bytes = batch ? strtoll(batch, NULL, 10) : 0;
  s->block_entries = block ? strtoll(block, NULL, 10) : most_block_entries;
  s->hash_mask = mask ? strtoull(mask, NULL, 0) : UINT64_MAX;
  backend->state = s;
  mst__cuda_pinned_open();
  const mst_status st = start(backend);
  if (st) mst__cuda_close(backend);
  return st;
}

void mst__cuda_enter(const mst_backend *backend) {
  if (cudaSetDevice(mst__cuda(backend)->device) != cudaSuccess) (void)cudaGetLastError();
}

void mst__cuda_close(mst_backend *backend) {
  mst__cuda_state *s = mst__cuda(backend);
  if (!s) return;
  if (s->stream) {
    mst__cuda_free(backend, s->d_bmp);
    mst__cuda_free(backend, s->d_ranges);
    (void)cudaStreamSynchronize(s->stream);
    (void)cudaStreamDestroy(s->stream);
  }
  if (s->copy) (void)cudaStreamDestroy(s->copy);
  mst__cuda_pinned_close();
  mst_free(s);
  backend->state = NULL;
}
