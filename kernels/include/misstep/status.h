/* status.h: how every fallible function of misstep reports.
 *
 * In: a failure somewhere. Out: a status code, and one sentence per thread that
 * names the datum ("train.csv:812:4: 4 fields, expected 3"). Next stage: the
 * command line turns the code into an exit code and prints the sentence.
 */
#ifndef MISSTEP_STATUS_H
#define MISSTEP_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/* What went wrong, by kind. Zero is success; everything else is negative. */
typedef enum mst_status {
  MST_OK = 0,
  MST_E_ARG = -1,    /* the caller's argument or option makes no sense */
  MST_E_NOMEM = -2,  /* no memory */
  MST_E_LIMIT = -3,  /* a stated ceiling was reached; the message names the option that raises it */
  MST_E_IO = -4,     /* reading or writing failed: disk full, pipe closed, permission */
  MST_E_FORMAT = -5, /* the input's content is wrong: file, line, column and what was expected */
  MST_E_STATE = -6,  /* called out of order */
  MST_E_UNSUPPORTED = -7, /* valid, but not available in this build */
  MST_E_DEVICE = -8,      /* a device is missing or failed */
  MST_E_ADAPTER = -9,     /* a third-party library is missing or failed; its own words are kept */
  MST_E_CANCELLED = -10   /* a progress callback, or Ctrl-C, asked to stop */
} mst_status;

/* The last failure of the calling thread. */
typedef struct mst_error {
  mst_status status;
  const char *function; /* where it was raised */
  char message[1024];   /* one line, impersonal, no trailing newline */
} mst_error;

/* Return the calling thread's last failure; never NULL.
 *
 * Meaningful only right after a failure on this thread: success, _free and _close
 * leave it as it was. Before any failure its status is MST_OK.
 */
const mst_error *mst_error_last(void);

/* Record a failure for this thread and return its status.
 *
 *   status    a negative status
 *   function  name of the raising function; kept as a pointer
 *   format    printf format of one line; what does not fit is cut
 *
 * Use it through MST_FAIL.
 */
mst_status mst_error_set(mst_status status, const char *function, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put `prefix: ` before the calling thread's last message: a caller adds the file it was reading.
 * Returns the status unchanged, so that it can stand in a return statement. */
mst_status mst_error_prefix(mst_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Return the constant's spelling, for example "MST_E_FORMAT". Never NULL. */
const char *mst_status_name(mst_status status);

/* Tells the compiler what mst_error_set asserts: a failure's status is never MST_OK. */
static inline mst_status mst_failure(mst_status status) {
  if (status >= MST_OK) __builtin_unreachable();
  return status;
}

#define MST_FAIL(status, ...) mst_failure(mst_error_set((status), __func__, __VA_ARGS__))

#ifdef __cplusplus
}
#endif
#endif
