/* backend.h: where the work is done. A device is resolved once, at the start, by name; what was
 * asked for is what runs, or it is an error.
 */
#ifndef MISSTEP_BACKEND_H
#define MISSTEP_BACKEND_H

#include <stddef.h>

#include "misstep/status.h"

/* Resolve "auto", "cpu", "cuda" or "cuda:N" to "cpu" or "cuda:N".
 *   name  [size] written on success
 * auto is the first GPU where this build and this machine have one, else the CPU.
 * MST_E_ARG: not a device name. MST_E_DEVICE: cuda, but built without CUDA, or without a GPU; the
 * message says which of the two is missing. */
mst_status mst_backend_resolve(const char *request, char *name, size_t size);

/* Nonzero when this build has CUDA kernels. */
int mst_backend_has_cuda(void);

#endif
