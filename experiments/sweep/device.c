/* device.c: the device, asked in a process of its own. */
#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "misstep/backend.h"

/* What the child answers: small enough for a pipe to take at once. */
typedef struct answer {
  mst_status status;
  char message[1024];
  sweep_device device;
} answer;

static mst_status look(const char *request, sweep_device *d) {
  mst_status st = mst_backend_resolve(request, d->name, sizeof d->name);
  if (st || strcmp(d->name, "cpu") == 0) return st;
  const int all = strcmp(d->name, "cuda") == 0;
  for (int number = all ? 0 : (int)strtol(d->name + strlen("cuda:"), NULL, 10);; number++) {
    int64_t n_bytes = -1;
    st = mst_backend_memory(number, &n_bytes);
    if (st || n_bytes < 0) return st;
    if (!d->n_gpus++ || n_bytes < d->free_bytes) d->free_bytes = n_bytes;
    if (!all) return MST_OK;
  }
}

static _Noreturn void reply(const char *request, int to) {
  answer a;
  memset(&a, 0, sizeof a);
  a.status = look(request, &a.device);
  if (a.status) (void)snprintf(a.message, sizeof a.message, "%s", mst_error_last()->message);
  _exit(write(to, &a, sizeof a) != (ssize_t)sizeof a);
}

mst_status sweep_device_ask(const char *request, sweep_device *out) {
  answer a;
  int ends[2], code = 0;
  memset(&a, 0, sizeof a);
  if (!mst_backend_has_cuda() || strcmp(request, "cpu") == 0) {
    a.status = look(request, &a.device);
    if (!a.status) *out = a.device;
    return a.status;
  }
  if (pipe(ends)) return MST_FAIL(MST_E_IO, "a pipe: %s", strerror(errno));
  const pid_t pid = fork();
  if (pid == 0) reply(request, ends[1]);
  (void)close(ends[1]);
  const ssize_t n = pid < 0 ? 0 : read(ends[0], &a, sizeof a);
  (void)close(ends[0]);
  if (pid < 0) return MST_FAIL(MST_E_IO, "a process that asks the device: %s", strerror(errno));
  while (waitpid(pid, &code, 0) < 0 && errno == EINTR) continue;
  if (n != (ssize_t)sizeof a || code)
    return MST_FAIL(MST_E_IO, "--device %s: the process that asks it ended with code %d", request,
                    WIFEXITED(code) ? WEXITSTATUS(code) : 128 + WTERMSIG(code));
  if (a.status) return MST_FAIL(a.status, "%s", a.message);
  *out = a.device;
  return MST_OK;
}

void sweep_device_of_worker(const char *name, int n_gpus, int number, char worker[32]) {
  if (strcmp(name, "cuda") == 0) (void)snprintf(worker, 32, "cuda:%d", number % n_gpus);
  else (void)snprintf(worker, 32, "%s", name);
}
