/* child.c: runs a program in the folder of the paper. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "files/folder.h"
#include "paper.h"

void paper_log_last(const char *path, char *line, size_t n) {
  char *text = NULL;
  size_t used = 0;
  *line = 0;
  if (mst_file_read(path, (size_t)1 << 24, &text, &used)) return;
  while (used && (text[used - 1] == '\n' || text[used - 1] == '\r')) text[--used] = 0;
  const char *last = strrchr(text, '\n');
  last = last ? last + 1 : text;
  /* "try: misstep train --help" stands under what is wrong */
  if (strncmp(last, "try: ", 5) == 0 && last > text) {
    text[last - 1 - text] = 0;
    last = strrchr(text, '\n');
    last = last ? last + 1 : text;
  }
  if (strncmp(last, "misstep: ", 9) == 0) last += 9;
  (void)snprintf(line, n, "%s", last);
  mst_free(text);
}

/* In the child: never returns. It ends with its parent, however that ends. */
static void become(const char *dir, const char *const *argv, const char *log, pid_t parent) {
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent || chdir(dir)) _exit(126);
  const int out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (out < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0) _exit(126);
  (void)signal(SIGINT, SIG_IGN); /* the parent decides */
  execv(argv[0], (char *const *)argv);
  (void)fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
  _exit(127);
}

mst_status paper_child(const char *dir, const char *const *argv, const char *log) {
  char path[8300], last[256];
  int status = 0, stopped = 0;
  const pid_t parent = getpid(), pid = fork();
  if (pid < 0) return MST_FAIL(MST_E_IO, "fork: %s", strerror(errno));
  if (pid == 0) become(dir, argv, log, parent);
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return MST_FAIL(MST_E_IO, "waiting for %s: %s", argv[0], strerror(errno));
    if (!mst_terminal_signal() || stopped) continue;
    stopped = 1;
    (void)kill(pid, SIGKILL);
  }
  if (stopped) return MST_FAIL(MST_E_CANCELLED, "stopped");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return MST_OK;
  (void)snprintf(path, sizeof path, "%s/%s", dir, log);
  paper_log_last(path, last, sizeof last);
  if (WIFSIGNALED(status))
    return MST_FAIL(MST_E_ADAPTER, "%s was ended by signal %d", argv[1], WTERMSIG(status));
  const char *name = strrchr(argv[1], '/');
  return MST_FAIL(MST_E_ADAPTER, "%s: %s", name ? name + 1 : argv[1],
                  *last ? last : "failed in silence");
}
