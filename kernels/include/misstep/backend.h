/* backend.h: where the work is done. A device is resolved once, at the start, by name; what was
 * asked for is what runs, or it is an error. Then it is opened once and passed down.
 *
 * A backend owns memory, its home: the host's for cpu, the device's for cuda. The structs of
 * tokens.h and counts.h say which of their arrays are at home; every stage gives the same bytes on
 * every backend. A backend is for one thread at a time.
 */
#ifndef MISSTEP_BACKEND_H
#define MISSTEP_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#include "misstep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mst_backend mst_backend;

/* Resolve "auto", "cpu", "cuda" or "cuda:N" to "cpu" or "cuda:N", or on a machine with several GPUs
 * "cuda", all of them, to itself.
 *   name  [size] written on success; 32 bytes are enough
 * auto is the first GPU where this build and this machine have one, else the CPU.
 * MST_E_ARG: not a device name. MST_E_DEVICE: cuda, but built without CUDA; no driver; a driver too
 * old (its version and the one needed); no GPU; no GPU N (the message lists those there are). */
mst_status mst_backend_resolve(const char *request, char *name, size_t size);

/* Nonzero when this build has CUDA kernels. */
int mst_backend_has_cuda(void);

/* Describe GPU number 0, 1, ... in a line: name, memory, compute capability, driver.
 *   line  [size] written on success; empty: there is none of this number, the list is at its end
 * MST_E_DEVICE: as mst_backend_resolve, for lists that cannot begin. */
mst_status mst_backend_describe(int number, char *line, size_t size);

/* The memory that is free on GPU number 0, 1, ... Starts CUDA in this process, which must not fork
 * after it.
 *   free_bytes  written on success; -1: there is none of this number
 * MST_E_DEVICE: as mst_backend_resolve, or the GPU cannot be asked. */
mst_status mst_backend_memory(int number, int64_t *free_bytes);

/* Open cuSPARSE, which linear fits on a GPU need and nothing else; they do it themselves.
 * MST_E_ADAPTER: it is not there, or too old. MST_E_DEVICE: built without CUDA. */
mst_status mst_backend_open_sparse(void);

/* Open a device; "cuda" opens all GPUs, joined to the first.
 *   device     "cpu", "cuda:N" or "cuda", as resolved
 *   n_threads  of the host, >= 1
 * MST_E_ARG: not such a name, n_threads below 1. MST_E_DEVICE: it is not there, or failed to start.
 * MST_E_NOMEM. */
mst_status mst_backend_open(const char *device, int n_threads, mst_backend **out);

/* Close it and what is joined to it; everything that they made has been freed before. NULL is fine.
 */
void mst_backend_close(mst_backend *backend);

/* "cpu" or "cuda:N", also where others are joined to it; borrowed. */
const char *mst_backend_device(const mst_backend *backend);

/* Let `more`, which is joined to nothing, share the work of `backend` from now on, and be closed
 * with it. What knows nothing of joined backends (all of tokens.h and counts.h) uses the first
 * alone; a corpus (features/vectorizer.h) is dealt out to all. */
void mst_backend_join(mst_backend *backend, mst_backend *more);

/* The backend joined after this one, or NULL. */
mst_backend *mst_backend_next(const mst_backend *backend);

/* Host threads of what comes. */
int mst_backend_threads(const mst_backend *backend);

/* Use n_threads >= 1 host threads from now on: one for a handful of texts, which are done before a
 * second thread is awake. */
void mst_backend_set_threads(mst_backend *backend, int n_threads);

/* Nonzero where home is the host's memory: arrays may be read there and need no copies, and what
 * mst_backend_alloc gives may be freed by mst_free. */
int mst_backend_is_host(const mst_backend *backend);

/* Allocate count * size bytes at home, uninitialised; at least one byte, so NULL always means
 * failure: MST_E_NOMEM is recorded, with how much was wanted. */
void *mst_backend_alloc(mst_backend *backend, size_t count, size_t size);

/* Free what mst_backend_alloc gave. NULL is fine, also for the backend: then it is the host's. */
void mst_backend_free(mst_backend *backend, void *home);

/* Allocate count * size bytes of the host's memory that copies from home reach fastest (pinned,
 * where home is a device); for mst_free, also after the backend is closed, not for mst_realloc.
 * NULL: MST_E_NOMEM is recorded. */
void *mst_backend_alloc_host(mst_backend *backend, size_t count, size_t size);

/* Copy n_bytes from the host to home, or back. MST_E_DEVICE. */
mst_status mst_backend_to_home(mst_backend *backend, void *home, const void *host, size_t n_bytes);
mst_status mst_backend_to_host(mst_backend *backend, void *host, const void *home, size_t n_bytes);

#ifdef __cplusplus
}
#endif
#endif
