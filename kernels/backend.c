/* backend.c: the names of devices. This build has one: the CPU. */
#include "misstep/backend.h"

#include <stdio.h>
#include <string.h>

int mst_backend_has_cuda(void) { return 0; }

static int is_cuda_name(const char *request) {
  if (strcmp(request, "cuda") == 0) return 1;
  if (strncmp(request, "cuda:", 5) != 0 || !request[5]) return 0;
  return strspn(request + 5, "0123456789") == strlen(request + 5);
}

mst_status mst_backend_resolve(const char *request, char *name, size_t size) {
  if (is_cuda_name(request))
    return MST_FAIL(MST_E_DEVICE,
                    "--device %s: this misstep was built without CUDA; use --device cpu", request);
  if (strcmp(request, "auto") != 0 && strcmp(request, "cpu") != 0)
    return MST_FAIL(MST_E_ARG, "--device %s: auto, cpu, cuda or cuda:N is expected", request);
  (void)snprintf(name, size, "cpu");
  return MST_OK;
}
