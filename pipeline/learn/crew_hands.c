/* crew_hands.c: worker processes of this task: started, looked after, ended. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files/folder.h"
#include "learn/crew_internal.h"
#include "misstep/alloc.h"

#define MAX_WORDS ((size_t)1 << 20)

extern char **environ;

enum { INPUT, OUTPUT, WORDS }; /* a worker's 0, 1, 2 */

void mst__crew_file(char path[MST__CREW_PATH], const char *dir, int k, const char *what) {
  (void)snprintf(path, MST__CREW_PATH, "%s/%d.%s", dir, k, what);
}

/* Ctrl-C, which a terminal sends to all, is the first process's to hear. */
static int set_mask(posix_spawnattr_t *attributes) {
  sigset_t mask;
  (void)sigemptyset(&mask);
  (void)sigaddset(&mask, SIGINT);
  const int rc = posix_spawnattr_setsigmask(attributes, &mask);
  return rc ? rc : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK);
}

/* Its standard streams: nothing to read, and all that it writes in one file. */
static int set_streams(posix_spawn_file_actions_t *actions, const char *words) {
  int rc = posix_spawn_file_actions_addopen(actions, INPUT, "/dev/null", O_RDONLY, 0);
  if (!rc)
    rc =
        posix_spawn_file_actions_addopen(actions, WORDS, words, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  return rc ? rc : posix_spawn_file_actions_adddup2(actions, WORDS, OUTPUT);
}

mst_status mst__hand_start(const char *dir, int rank, mst__hand *out) {
  char number[16], parent[16], words[MST__CREW_PATH], folder[MST__CREW_PATH];
  char name[] = "misstep", command[] = MST_CREW_COMMAND;
  char *argv[] = {name, command, folder, number, parent, NULL};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  pid_t pid = 0;
  (void)snprintf(number, sizeof number, "%d", rank);
  (void)snprintf(parent, sizeof parent, "%ld", (long)getpid());
  (void)snprintf(folder, sizeof folder, "%s", dir);
  mst__crew_file(words, dir, rank, "err");
  if (posix_spawn_file_actions_init(&actions)) return MST_FAIL(MST_E_NOMEM, "no memory to start");
  int rc = posix_spawnattr_init(&attributes); /* never fails with this C library */
  if (!rc) rc = set_mask(&attributes);
  if (!rc) rc = set_streams(&actions, words);
  if (!rc) rc = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, argv, environ);
  (void)posix_spawnattr_destroy(&attributes);
  (void)posix_spawn_file_actions_destroy(&actions);
  if (rc) return MST_FAIL(MST_E_IO, "starting worker %d: %s", rank, strerror(rc));
  *out = (mst__hand){.pid = pid};
  return MST_OK;
}

mst_status mst__hand_bind(const char *parent) {
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (strtol(parent, NULL, 10) == (long)getppid()) return MST_OK;
  return MST_FAIL(MST_E_STATE, "the process that started this worker is gone");
}

int mst__hand_ended(mst__hand *hand) {
  int status = 0;
  if (hand->pid <= 0) return 1;
  const pid_t got = waitpid(hand->pid, &status, WNOHANG);
  if (got == 0 || (got < 0 && errno == EINTR)) return 0;
  hand->pid = 0;
  if (got < 0) hand->code = 127; /* someone else has waited for it */
  else if (WIFSIGNALED(status)) hand->signal = WTERMSIG(status);
  else hand->code = WEXITSTATUS(status);
  return 1;
}

void mst__hand_stop(mst__hand *hand) {
  if (hand->pid <= 0) return;
  (void)kill(hand->pid, SIGKILL);
  while (waitpid(hand->pid, NULL, 0) < 0 && errno == EINTR) continue;
  hand->pid = 0;
}

void mst__crew_fail_write(const char *dir, int k, int is_cause, const char *why) {
  char path[MST__CREW_PATH], text[520];
  mst__crew_file(path, dir, k, "failed");
  const int n = snprintf(text, sizeof text, "%c%s", is_cause ? '!' : '?', why);
  if (n > 0) (void)mst_file_write(path, 1, text, strnlen(text, sizeof text));
}

/* The last line that a worker wrote, or "". */
static void last_words(const char *dir, int k, char words[256]) {
  char path[MST__CREW_PATH], *text = NULL;
  size_t n = 0;
  *words = 0;
  mst__crew_file(path, dir, k, "err");
  if (mst_file_read(path, MAX_WORDS, &text, &n)) return;
  while (n && (text[n - 1] == '\n' || text[n - 1] == ' ')) text[--n] = 0;
  const char *line = strrchr(text, '\n');
  (void)snprintf(words, 256, "%s", line ? line + 1 : text);
  mst_free(text);
}

int mst__crew_why(const char *dir, int k, const mst__hand *hand, char why[512]) {
  char path[MST__CREW_PATH], words[256], *text = NULL;
  size_t n = 0;
  mst__crew_file(path, dir, k, "failed");
  if (access(path, F_OK) == 0 && !mst_file_read(path, MAX_WORDS, &text, &n) && n > 1) {
    const int is_cause = text[0] == '!';
    (void)snprintf(why, 512, "%s", text + 1);
    mst_free(text);
    return is_cause;
  }
  mst_free(text);
  last_words(dir, k, words);
  if (hand->signal)
    (void)snprintf(why, 512, "it was ended by signal %d (%s)", hand->signal,
                   strsignal(hand->signal));
  else (void)snprintf(why, 512, "it ended with code %d%s%s", hand->code, *words ? ": " : "", words);
  /* XGBoost ends a process that has lost another one by exit or, now and then, by abort. */
  return hand->signal && hand->signal != SIGABRT;
}
