/* process.c: one helper process from start to end. */
#include "report/process.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_SECONDS 60
#define POLL_NANOSECONDS 2000000L

extern char **environ;

enum { INPUT, OUTPUT, WORDS, N_FILES }; /* the child's 0, 1, 2 */

static mst_status open_files(const char *input, size_t n, int fd[N_FILES]) {
  for (int i = 0; i < N_FILES; i++) {
    fd[i] = memfd_create("misstep", MFD_CLOEXEC);
    if (fd[i] < 0) return MST_FAIL(MST_E_IO, "a memory file: %s", strerror(errno));
  }
  for (size_t done = 0; done < n;) {
    const ssize_t written = write(fd[INPUT], input + done, n - done);
    if (written < 0 && errno != EINTR)
      return MST_FAIL(MST_E_IO, "a memory file: %s", strerror(errno));
    if (written > 0) done += (size_t)written;
  }
  (void)lseek(fd[INPUT], 0, SEEK_SET);
  return MST_OK;
}

/* Start the program with the files as its standard streams and no signal blocked. */
static mst_status start(char *const argv[], const int fd[N_FILES], pid_t *pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (posix_spawn_file_actions_init(&actions))
    return MST_FAIL(MST_E_NOMEM, "no memory to start %s", argv[0]);
  (void)posix_spawnattr_init(&attributes);
  sigset_t none;
  (void)sigemptyset(&none);
  (void)posix_spawnattr_setsigmask(&attributes, &none);
  (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  int rc = 0;
  for (int i = 0; i < N_FILES && !rc; i++)
    rc = posix_spawn_file_actions_adddup2(&actions, fd[i], i);
  if (!rc) rc = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environ);
  (void)posix_spawnattr_destroy(&attributes);
  (void)posix_spawn_file_actions_destroy(&actions);
  if (rc == ENOENT) return MST_FAIL(MST_E_UNSUPPORTED, "%s is not installed", argv[0]);
  return rc ? MST_FAIL(MST_E_ADAPTER, "%s: %s", argv[0], strerror(rc)) : MST_OK;
}

/* Wait for the end, at most LIMIT_SECONDS; *code is the exit code, or -1 for a violent end. */
static mst_status wait_for(const char *name, pid_t pid, int *code) {
  struct timespec begin, now;
  (void)clock_gettime(CLOCK_MONOTONIC, &begin);
  for (;;) {
    int status = 0;
    const pid_t rc = waitpid(pid, &status, WNOHANG);
    *code = rc == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (rc < 0 && errno == ECHILD) *code = 0; /* SIGCHLD is ignored: the output will tell */
    if (rc == pid || (rc < 0 && errno == ECHILD)) return MST_OK;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - begin.tv_sec > LIMIT_SECONDS) break;
    (void)nanosleep(&(struct timespec){.tv_nsec = POLL_NANOSECONDS}, NULL);
  }
  (void)kill(pid, SIGKILL);
  (void)waitpid(pid, NULL, 0);
  return MST_FAIL(MST_E_ADAPTER, "%s took more than %d seconds", name, LIMIT_SECONDS);
}

/* A memory file's content, a zero byte follows. */
static mst_status take(int fd, char **out, size_t *n_out) {
  const off_t n = lseek(fd, 0, SEEK_END);
  char *bytes = n < 0 ? NULL : mst_alloc((size_t)n + 1, 1);
  if (n < 0) return MST_FAIL(MST_E_IO, "a memory file: %s", strerror(errno));
  if (!bytes) return MST_E_NOMEM;
  if (pread(fd, bytes, (size_t)n, 0) != (ssize_t)n) {
    mst_free(bytes);
    return MST_FAIL(MST_E_IO, "a memory file could not be read");
  }
  bytes[n] = '\0';
  *out = bytes;
  *n_out = (size_t)n;
  return MST_OK;
}

/* The failure in the program's words: its last line that says something. */
static mst_status fail_with_words(const char *name, int fd, int code) {
  char *words = NULL;
  size_t n = 0;
  const mst_status st = take(fd, &words, &n);
  if (st) return st;
  while (n && (words[n - 1] == '\n' || words[n - 1] == ' ')) words[--n] = '\0';
  const char *line = strrchr(words, '\n');
  (void)MST_FAIL(MST_E_ADAPTER, "%s failed (%d): %s", name, code, line ? line + 1 : words);
  mst_free(words);
  return MST_E_ADAPTER;
}

mst_status mst_process_run(char *const argv[], const char *input, size_t n, char **out,
                           size_t *n_out) {
  int fd[N_FILES] = {-1, -1, -1}, code = 0;
  pid_t pid = 0;
  mst_status st = open_files(input, n, fd);
  if (!st) st = start(argv, fd, &pid);
  if (!st) st = wait_for(argv[0], pid, &code);
  if (!st && code) st = fail_with_words(argv[0], fd[WORDS], code);
  if (!st) st = take(fd[OUTPUT], out, n_out);
  for (int i = 0; i < N_FILES; i++)
    if (fd[i] >= 0) (void)close(fd[i]);
  return st;
}
