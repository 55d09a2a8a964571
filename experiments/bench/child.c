/* child.c: runs a program, keeps its output, its time and its peak memory. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "misstep/alloc.h"

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* In the child: never returns. */
static void become(const char *const *argv, int threads, const int pipe_ends[2]) {
  char number[16];
  (void)snprintf(number, sizeof number, "%d", threads);
  setenv("OMP_NUM_THREADS", number, 1);
  setenv("OPENBLAS_NUM_THREADS", number, 1);
  unsetenv("OMP_WAIT_POLICY"); /* both sides wait as they do at a user's */
  unsetenv("GOMP_SPINCOUNT");
  setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
  (void)signal(SIGINT, SIG_DFL); /* the parent ignores it, to clear up after its children */
  dup2(pipe_ends[1], STDOUT_FILENO);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  execv(argv[0], (char *const *)argv);
  fprintf(stderr, "misstep-bench: %s: %s\n", argv[0], strerror(errno));
  _exit(127);
}

static mst_status drain(int from, mst_buffer *text) {
  for (;;) {
    uint8_t *to = mst_buffer_reserve(text, 65536);
    if (!to) return mst_error_last()->status;
    const ssize_t got = read(from, to, 65536);
    if (got == 0) return MST_OK;
    if (got > 0) text->size_bytes += (size_t)got;
    else if (errno != EINTR) return MST_FAIL(MST_E_IO, "a pipe: %s", strerror(errno));
  }
}

static mst_status parse_last_line(const mst_buffer *text, const char *program, mst_json **out) {
  size_t end = text->size_bytes;
  while (end && text->data[end - 1] == '\n') end--;
  size_t begin = end;
  while (begin && text->data[begin - 1] != '\n') begin--;
  const mst_status st = mst_json_parse(text->data + begin, end - begin, out);
  return st ? mst_error_prefix(st, "answer of %s", program) : MST_OK;
}

/* Also Python's and misstep's way of ending after Ctrl-C counts as Ctrl-C. */
static mst_status ended_badly(const char *const *argv, int status) {
  const int by_signal = WIFSIGNALED(status);
  const int number = by_signal ? WTERMSIG(status) : WEXITSTATUS(status);
  if (number == (by_signal ? SIGINT : 128 + SIGINT)) return MST_FAIL(MST_E_CANCELLED, "stopped");
  return MST_FAIL(MST_E_ADAPTER, "%s %s ended with %s %d", argv[0], argv[1] ? argv[1] : "",
                  by_signal ? "signal" : "status", number);
}

static double seconds_of(const struct timeval *t) {
  return (double)t->tv_sec + 1e-6 * (double)t->tv_usec;
}

mst_status bench_child(const char *const *argv, int threads, int answer, bench_run *out) {
  int ends[2], status = 0;
  struct rusage used;
  mst_buffer text;
  mst_buffer_init(&text, (size_t)1 << 28, "output of a child process");
  *out = (bench_run){0};
  if (pipe(ends)) return MST_FAIL(MST_E_IO, "a pipe: %s", strerror(errno));
  const double began = now();
  const pid_t pid = fork();
  if (pid == 0) become(argv, threads, ends);
  close(ends[1]);
  mst_status st = pid < 0 ? MST_FAIL(MST_E_IO, "fork: %s", strerror(errno)) : drain(ends[0], &text);
  close(ends[0]);
  if (pid > 0 && wait4(pid, &status, 0, &used) < 0)
    st = MST_FAIL(MST_E_IO, "waiting for %s: %s", argv[0], strerror(errno));
  out->seconds = now() - began;
  if (!st && status) st = ended_badly(argv, status);
  if (!st) out->peak_bytes = (double)used.ru_maxrss * 1024;
  if (!st) out->core_seconds = seconds_of(&used.ru_utime) + seconds_of(&used.ru_stime);
  if (!st && answer) st = parse_last_line(&text, argv[0], &out->answer);
  mst_buffer_fini(&text);
  return st;
}

void bench_run_fini(bench_run *run) {
  mst_json_free(run->answer);
  *run = (bench_run){0};
}

double bench_number(const bench_run *run, const char *key) {
  return run->answer ? mst_json_number(mst_json_get(run->answer, key)) : NAN;
}
