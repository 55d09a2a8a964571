/* log.c: two process-wide callbacks. They are set once by the program, before any work. */
#include "misstep/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

static mst_log_fn *log_fn;
static void *log_payload;
static mst_progress_fn *progress_fn;
static void *progress_payload;

void mst_log_set(mst_log_fn *log, void *payload) {
  log_fn = log;
  log_payload = payload;
}

void mst_log(mst_log_level level, const char *format, ...) {
  if (!log_fn) return;
  char message[1024];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(message, sizeof message, format, args);
  va_end(args);
  log_fn(level, message, log_payload);
}

void mst_progress_set(mst_progress_fn *progress, void *payload) {
  progress_fn = progress;
  progress_payload = payload;
}

mst_status mst_progress(const char *stage, int64_t done, int64_t total, const char *detail) {
  if (progress_fn && progress_fn(stage, done, total, detail, progress_payload))
    return MST_FAIL(MST_E_CANCELLED, "cancelled while %s", stage);
  return MST_OK;
}
