/* backend.c: devices by name, and what every backend has: threads and memory. The only file that
 * knows which backends this build has. */
#include "misstep/backend.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend_table.h"
#include "misstep/alloc.h"

#ifdef MISSTEP_CUDA
#define HAS_CUDA 1
static const mst__operations *const cuda_operations = &mst__cuda_operations;

static mst_status count_gpus(int *n_devices) { return mst__cuda_count(n_devices); }

static mst_status describe_gpu(int device, char *line, size_t size) {
  return mst__cuda_describe(device, line, size);
}

static mst_status free_of_gpu(int device, int64_t *free_bytes) {
  return mst__cuda_memory(device, free_bytes);
}

static mst_status open_sparse(void) { return mst__cuda_sparse_open(); }
#else
#define HAS_CUDA 0
static const mst__operations *const cuda_operations = NULL; /* no name gets as far */

static mst_status count_gpus(int *n_devices) {
  *n_devices = 0;
  return MST_FAIL(MST_E_DEVICE, "this misstep was built without CUDA; use --device cpu");
}

static mst_status describe_gpu(int device, char *line, size_t size) {
  (void)device;
  (void)line;
  (void)size;
  return MST_E_DEVICE;
}

static mst_status free_of_gpu(int device, int64_t *free_bytes) {
  (void)device;
  (void)free_bytes;
  return MST_E_DEVICE;
}

static mst_status open_sparse(void) {
  return MST_FAIL(MST_E_DEVICE, "this misstep was built without CUDA; use --device cpu");
}
#endif

int mst_backend_has_cuda(void) { return HAS_CUDA; }

/* N of "cuda:N"; 0 for "cuda" where that is allowed; -1: no such name. */
static int cuda_number(const char *name, int bare) {
  enum { DIGITS_MAX = 8 };
  if (bare && strcmp(name, "cuda") == 0) return 0;
  if (strncmp(name, "cuda:", 5) != 0 || !name[5]) return -1;
  const size_t n = strspn(name + 5, "0123456789");
  if (n > DIGITS_MAX || name[5 + n]) return -1;
  return (int)strtol(name + 5, NULL, 10);
}

/* MST_E_DEVICE: there is no GPU of that number. The message lists those there are. */
static mst_status check_number(int number) {
  int n_devices = 0;
  enum { LISTED = 16 };
  char list[LISTED * 10] = "";
  const mst_status st = count_gpus(&n_devices);
  if (st || number < n_devices) return st;
  for (int n = 0; n < n_devices && n < LISTED; n++)
    (void)snprintf(list + strlen(list), sizeof list - strlen(list), "%scuda:%d", n ? ", " : "", n);
  return MST_FAIL(MST_E_DEVICE, "this machine has %s%s", list,
                  n_devices > LISTED ? " and more" : "");
}

mst_status mst_backend_resolve(const char *request, char *name, size_t size) {
  int number = cuda_number(request, 1), n_devices;
  if (strcmp(request, "auto") == 0) {
    number = HAS_CUDA && count_gpus(&n_devices) == MST_OK ? 0 : -1;
  } else if (number >= 0) {
    const mst_status st = check_number(number);
    if (st) return mst_error_prefix(st, "--device %s", request);
  } else if (strcmp(request, "cpu") != 0) {
    return MST_FAIL(MST_E_ARG, "--device %s: auto, cpu, cuda or cuda:N is expected", request);
  }
  const int all = strcmp(request, "cuda") == 0 && count_gpus(&n_devices) == MST_OK && n_devices > 1;
  if (number < 0) (void)snprintf(name, size, "cpu");
  else if (all) (void)snprintf(name, size, "cuda");
  else (void)snprintf(name, size, "cuda:%d", number);
  return MST_OK;
}

mst_status mst_backend_describe(int number, char *line, size_t size) {
  int n_devices;
  const mst_status st = count_gpus(&n_devices);
  if (st) return st;
  if (number >= 0 && number < n_devices) return describe_gpu(number, line, size);
  *line = 0;
  return MST_OK;
}

mst_status mst_backend_memory(int number, int64_t *free_bytes) {
  int n_devices;
  const mst_status st = count_gpus(&n_devices);
  if (st) return st;
  if (number >= 0 && number < n_devices) return free_of_gpu(number, free_bytes);
  *free_bytes = -1;
  return MST_OK;
}

mst_status mst_backend_open_sparse(void) { return open_sparse(); }

/* number: of a GPU, or -1. */
static mst_status open_one(int number, int n_threads, mst_backend **out) {
  mst_backend *backend = mst_alloc_zero(1, sizeof *backend);
  if (!backend) return MST_E_NOMEM;
  backend->operations = number < 0 ? &mst__cpu_operations : cuda_operations;
  backend->n_threads = n_threads;
  if (number < 0) (void)snprintf(backend->device, sizeof backend->device, "cpu");
  else (void)snprintf(backend->device, sizeof backend->device, "cuda:%d", number);
  const mst_status st = backend->operations->open(backend, number);
  if (st) mst_free(backend);
  else *out = backend;
  return st;
}

static mst_status open_all(int n_threads, mst_backend **out) {
  int n_devices = 0;
  mst_backend *first = NULL;
  mst_status st = count_gpus(&n_devices);
  for (int n = 0; !st && n < n_devices; n++) {
    mst_backend *backend = NULL;
    st = open_one(n, n_threads, &backend);
    if (!st && first) mst_backend_join(first, backend);
    else if (!st) first = backend;
  }
  if (st) mst_backend_close(first);
  else *out = first;
  return st;
}

mst_status mst_backend_open(const char *device, int n_threads, mst_backend **out) {
  if (!device || !out || n_threads < 1)
    return MST_FAIL(MST_E_ARG, "no device, no place for the backend, or %d threads", n_threads);
  const int all = strcmp(device, "cuda") == 0, number = cuda_number(device, 0);
  if (number < 0 && !all && strcmp(device, "cpu") != 0)
    return MST_FAIL(MST_E_ARG, "no device \"%s\": cpu, cuda or cuda:N is expected", device);
  mst_status st = number < 0 ? MST_OK : check_number(number);
  if (st) return mst_error_prefix(st, "%s", device);
  return all ? open_all(n_threads, out) : open_one(number, n_threads, out);
}

void mst_backend_close(mst_backend *backend) {
  while (backend) {
    mst_backend *next = backend->next;
    mst__on(backend)->close(backend);
    mst_free(backend);
    backend = next;
  }
}

void mst_backend_join(mst_backend *backend, mst_backend *more) {
  while (backend->next) backend = backend->next;
  backend->next = more;
}

mst_backend *mst_backend_next(const mst_backend *backend) { return backend->next; }

const char *mst_backend_device(const mst_backend *backend) { return backend->device; }

int mst_backend_threads(const mst_backend *backend) { return backend->n_threads; }

void mst_backend_set_threads(mst_backend *backend, int n_threads) {
  assert(n_threads >= 1);
  backend->n_threads = n_threads;
}

int mst_backend_is_host(const mst_backend *backend) {
  return !backend || backend->operations == &mst__cpu_operations;
}

void *mst_backend_alloc(mst_backend *backend, size_t count, size_t size) {
  return mst__on(backend)->alloc(backend, count, size);
}

void mst_backend_free(mst_backend *backend, void *home) {
  if (backend) mst__on(backend)->free(backend, home);
  else mst_free(home);
}

void *mst_backend_alloc_host(mst_backend *backend, size_t count, size_t size) {
  return mst__on(backend)->alloc_host(backend, count, size);
}

mst_status mst_backend_to_home(mst_backend *backend, void *home, const void *host, size_t n_bytes) {
  return mst__on(backend)->to_home(backend, home, host, n_bytes);
}

mst_status mst_backend_to_host(mst_backend *backend, void *host, const void *home, size_t n_bytes) {
  return mst__on(backend)->to_host(backend, host, home, n_bytes);
}
