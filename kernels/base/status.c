/* status.c: the per-thread record of the last failure. It is a thread-local struct, so that
 * reporting a failure allocates nothing and cannot fail itself. */
#include "misstep/status.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local mst_error last_error;

const mst_error *mst_error_last(void) { return &last_error; }

mst_status mst_error_set(mst_status status, const char *function, const char *format, ...) {
  assert(status < MST_OK);
  /* The arguments may point into the old message, so it is replaced only once the new one is
   * whole. */
  char message[sizeof last_error.message];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(message, sizeof message, format, args);
  va_end(args);
  memcpy(last_error.message, message, sizeof message);
  last_error.status = status;
  last_error.function = function;
  return status;
}

mst_status mst_error_prefix(mst_status status, const char *format, ...) {
  char message[sizeof last_error.message];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(message, sizeof message, format, args);
  va_end(args);
  if (n < 0) n = 0;
  if ((size_t)n > sizeof message - 4) n = (int)sizeof message - 4;
  (void)snprintf(message + n, sizeof message - (size_t)n, ": %.*s", (int)sizeof message - 3 - n,
                 last_error.message);
  memcpy(last_error.message, message, sizeof message);
  return status;
}

const char *mst_status_name(mst_status status) {
  switch (status) {
  case MST_OK: return "MST_OK";
  case MST_E_ARG: return "MST_E_ARG";
  case MST_E_NOMEM: return "MST_E_NOMEM";
  case MST_E_LIMIT: return "MST_E_LIMIT";
  case MST_E_IO: return "MST_E_IO";
  case MST_E_FORMAT: return "MST_E_FORMAT";
  case MST_E_STATE: return "MST_E_STATE";
  case MST_E_UNSUPPORTED: return "MST_E_UNSUPPORTED";
  case MST_E_DEVICE: return "MST_E_DEVICE";
  case MST_E_ADAPTER: return "MST_E_ADAPTER";
  case MST_E_CANCELLED: return "MST_E_CANCELLED";
  }
  return "unknown status";
}
