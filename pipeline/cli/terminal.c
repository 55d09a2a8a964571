/* terminal.c: progress with rate and time left on a terminal, plain lines elsewhere, and
 * signals. */
#include "cli/terminal.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "misstep/log.h"

static volatile sig_atomic_t caught;
static int is_quiet;
static int is_tty;

/* The stage being shown. */
static struct {
  const char *stage;
  double began, shown;
  int open; /* a line without its newline is on the terminal */
} line;

double mst_terminal_now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void on_signal(int number) {
  caught = number;
  (void)signal(number, SIG_DFL); /* a second one ends the program */
}

int mst_terminal_signal(void) { return caught; }

void mst_terminal_clear(void) {
  if (line.open) (void)fputs("\r\033[K", stderr);
  line.open = 0;
}

static void hear_log(mst_log_level level, const char *message, void *payload) {
  (void)payload;
  if (is_quiet && level == MST_LOG_INFO) return;
  mst_terminal_clear();
  (void)fprintf(stderr, "misstep: %s%s\n", level == MST_LOG_WARNING ? "warning: " : "", message);
}

static void show(const char *stage, int64_t done, int64_t total, const char *detail, double now) {
  const double seconds = now - line.began;
  const double rate = seconds > 0 ? (double)done / seconds : 0;
  char left[48] = "";
  if (total > 0 && done < total && rate > 0)
    (void)snprintf(left, sizeof left, ", %.0f s left", (double)(total - done) / rate);
  if (is_tty) (void)fputs("\r\033[K", stderr);
  if (total > 0)
    (void)fprintf(stderr, "%s: %lld of %lld (%.0f %%), %.3g/s%s", stage, (long long)done,
                  (long long)total, 100.0 * (double)done / (double)total, rate, left);
  else (void)fprintf(stderr, "%s: %lld, %.3g/s", stage, (long long)done, rate);
  if (detail && *detail) (void)fprintf(stderr, ", %s", detail);
  if (!is_tty) (void)fputc('\n', stderr);
  line.open = is_tty;
  (void)fflush(stderr);
}

static int hear_progress(const char *stage, int64_t done, int64_t total, const char *detail,
                         void *payload) {
  (void)payload;
  if (caught) return 1;
  if (is_quiet) return 0;
  const double now = mst_terminal_now();
  if (!line.stage || strcmp(line.stage, stage) != 0) {
    mst_terminal_clear();
    line.stage = stage;
    line.began = line.shown = now;
    return 0;
  }
  /* Often on a terminal; elsewhere rarely, so that logs stay short. */
  if (now - line.shown < (is_tty ? 0.1 : 10.0)) return 0;
  line.shown = now;
  show(stage, done, total, detail, now);
  return 0;
}

void mst_terminal_start(int quiet) {
  is_quiet = quiet;
  is_tty = isatty(STDERR_FILENO);
  mst_log_set(hear_log, NULL);
  mst_progress_set(hear_progress, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  (void)sigaction(SIGINT, &action, NULL);
  (void)sigaction(SIGTERM, &action, NULL);
  (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write with a message */
#ifdef SIGXFSZ
  (void)signal(SIGXFSZ, SIG_IGN);
#endif
}

void mst_terminal_note(const char *format, ...) {
  if (is_quiet) return;
  mst_terminal_clear();
  va_list args;
  va_start(args, format);
  (void)vfprintf(stderr, format, args);
  va_end(args);
  (void)fputc('\n', stderr);
}

mst_status mst_terminal_input(mst_status status) {
  return status == MST_E_IO ? MST_FAIL(MST_E_FORMAT, "%s", mst_error_last()->message) : status;
}

int mst_terminal_fail(mst_status status) {
  mst_terminal_clear();
  if (status == MST_E_CANCELLED && caught) {
    (void)fprintf(stderr, "misstep: stopped; nothing half-written\n");
    return 128 + caught;
  }
  (void)fprintf(stderr, "misstep: %s\n", mst_error_last()->message);
  switch (status) {
  case MST_E_ARG: return 2;
  case MST_E_FORMAT:
  case MST_E_LIMIT: return 3;
  default: return 1;
  }
}
