/* run.c: the process that starts the workers, keeps their leases alive, shows how far they are, and
 * stops them. It computes nothing itself: a process that has run OpenMP cannot be forked. */
#include "run.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "lease.h"
#include "live.h"
#include "memory.h"
#include "misstep/alloc.h"
#include "misstep/log.h"

enum { MOST_IDLE_DEATHS = 16 };

static volatile sig_atomic_t n_signals, last_signal;

static void on_signal(int number) {
  last_signal = number;
  n_signals++;
}

int sweep_run_signal(void) { return last_signal; }

/* Everything that the parent keeps. */
typedef struct parent {
  const sweep_run *run;
  volatile sweep_shared *shared;
  pid_t *pid; /* [workers] 0: none */
  sweep_ledger *ledger;
  sweep_writer writer; /* for the tasks of workers that died */
  double began, shown, touched;
  int64_t n_before; /* cells done when it began */
  sweep_progress last;
  int n_idle_deaths;
  mst_status failed; /* of a worker: everything stops */
} parent;

static mst_status start_worker(parent *p, int number) {
  const pid_t self = getpid(), pid = fork();
  if (pid < 0) return MST_FAIL(MST_E_IO, "a worker process: %s", strerror(errno));
  if (pid > 0) {
    p->pid[number] = pid;
    return MST_OK;
  }
  /* The terminal's Ctrl-C is for the parent alone; without a parent there is no work. */
  (void)setpgid(0, 0);
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  (void)signal(SIGINT, SIG_IGN);
  (void)signal(SIGTERM, SIG_DFL);
  mst_progress_set(NULL, NULL);
  if (getppid() != self) _exit(1);
  _exit(sweep_worker_main(p->run, p->shared, number));
}

static mst_status show(parent *p, int last) {
  const double now = mst_terminal_now();
  const int tty = isatty(STDERR_FILENO);
  if (p->run->quiet || (!last && now - p->shown < (tty ? 0.5 : 10))) return MST_OK;
  p->shown = now;
  const mst_status st = sweep_ledger_read(p->ledger);
  if (st) return st;
  const sweep_progress s = sweep_run_progress(p->run, p->ledger);
  const sweep_live live = {.run = p->run,
                           .ledger = p->ledger,
                           .progress = s,
                           .n_new = s.n_done - p->n_before,
                           .seconds = now - p->began};
  return sweep_live_show(&live, last);
}

/* A worker that was killed: what it was at has failed once, and another may try. */
static mst_status note_death(parent *p, int number, int status) {
  const int64_t t = p->shared->current[number];
  char error[64];
  (void)snprintf(error, sizeof error, "its worker died (signal %d)", WTERMSIG(status));
  p->shared->current[number] = -1;
  mst_log(MST_LOG_WARNING, "a worker died (signal %d)%s", WTERMSIG(status),
          t < 0 ? "" : "; its cell is tried again");
  if (t < 0) { /* between tasks: nothing counts its tries */
    if (++p->n_idle_deaths > MOST_IDLE_DEATHS)
      return MST_FAIL(MST_E_IO, "workers die before they begin (signal %d)", WTERMSIG(status));
    return MST_OK;
  }
  const sweep_task *task = &p->run->cells->task[t];
  const sweep_worker worker = {.spec = p->run->spec, .cells = p->run->cells, .data = p->run->data};
  mst_buffer lines;
  mst_buffer_init(&lines, (size_t)1 << 30, "results");
  mst_status st = sweep_task_fail(&worker, task, error, 0, &lines);
  if (!st) st = sweep_writer_append(&p->writer, &lines);
  mst_buffer_fini(&lines);
  sweep_lease_drop(p->run->dir, p->run->cells->cell[task->first].key);
  return st;
}

static mst_status reap(parent *p, int *n_alive) {
  *n_alive = 0;
  mst_status st = MST_OK;
  for (int i = 0; !st && i < p->run->workers; i++) {
    int status = 0;
    if (!p->pid[i]) continue;
    if (waitpid(p->pid[i], &status, WNOHANG) == 0) {
      ++*n_alive;
      continue;
    }
    p->pid[i] = 0;
    if (WIFSIGNALED(status)) {
      st = note_death(p, i, status);
      if (!st && !p->shared->stop) st = start_worker(p, i);
      *n_alive += p->pid[i] != 0;
    } else if (WEXITSTATUS(status)) {
      p->shared->stop = 1;
      p->failed = WEXITSTATUS(status) == 3 ? MST_E_FORMAT : MST_E_IO;
    }
  }
  return st;
}

static void keep_leases(parent *p) {
  const double now = mst_terminal_now();
  if (now - p->touched < SWEEP_LEASE_TOUCH) return;
  p->touched = now;
  for (int i = 0; i < p->run->workers; i++) {
    const int64_t t = p->shared->current[i];
    if (t >= 0)
      sweep_lease_touch(p->run->dir, p->run->cells->cell[p->run->cells->task[t].first].key);
  }
}

static void kill_all(parent *p) {
  for (int i = 0; i < p->run->workers; i++) {
    if (!p->pid[i]) continue;
    (void)kill(p->pid[i], SIGKILL);
    (void)waitpid(p->pid[i], NULL, 0);
    const int64_t t = p->shared->current[i];
    if (t >= 0)
      sweep_lease_drop(p->run->dir, p->run->cells->cell[p->run->cells->task[t].first].key);
    p->pid[i] = 0;
  }
}

static mst_status supervise(parent *p) {
  const struct timespec pause = {0, 50000000};
  int n_alive = 1, told = 0;
  mst_status st = MST_OK;
  while (!st && n_alive) {
    (void)nanosleep(&pause, NULL);
    if (n_signals && !told) {
      told = p->shared->stop = 1;
      (void)fprintf(stderr,
                    "%smisstep: stopping when the cells under way are finished; "
                    "Ctrl-C again stops now\n",
                    isatty(STDERR_FILENO) ? "\r\033[K" : "");
    }
    if (n_signals > 1) break;
    st = reap(p, &n_alive);
    keep_leases(p);
    if (!st) st = show(p, 0);
  }
  return st;
}

/* Shared with the workers: stop, and where each of them is. */
static mst_status map_shared(const sweep_run *run, volatile sweep_shared **out, size_t *n_bytes) {
  const size_t n_current = (size_t)run->workers * sizeof(int64_t),
               n_tasks = (size_t)run->cells->n_tasks;
  *n_bytes = sizeof(sweep_shared) + n_current + n_tasks;
  char *bytes = mmap(NULL, *n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (bytes == MAP_FAILED) return MST_FAIL(MST_E_NOMEM, "%zu bytes to share", *n_bytes);
  sweep_shared *shared = (sweep_shared *)(void *)bytes;
  shared->current = (int64_t *)(void *)(bytes + sizeof *shared);
  shared->given_up = (uint8_t *)(bytes + sizeof *shared + n_current);
  for (int i = 0; i < run->workers; i++) shared->current[i] = -1;
  *out = shared;
  return MST_OK;
}

static mst_status run_workers(parent *p) {
  mst_status st = MST_OK;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  (void)sigaction(SIGINT, &action, NULL);
  (void)sigaction(SIGTERM, &action, NULL);
  if (p->began == 0) p->began = p->shown = mst_terminal_now();
  for (int i = 0; !st && i < p->run->workers; i++) st = start_worker(p, i);
  if (!st) st = supervise(p);
  kill_all(p);
  if (!st) st = show(p, 1);
  if (!st) st = sweep_ledger_read(p->ledger);
  if (!st && p->failed) st = MST_FAIL(p->failed, "stopped: see above; what is finished is kept");
  if (!st && n_signals) st = MST_FAIL(MST_E_CANCELLED, "stopped by signal %d", (int)last_signal);
  return st;
}

/* What is wanted now, as the ledgers stand. */
static mst_status decide(parent *p, sweep_run *run, sweep_wanted *wanted) {
  sweep_wanted_fini(wanted);
  mst_status st = sweep_ledger_read(p->ledger);
  if (!st) st = sweep_wanted_make(run->spec, run->cells, p->ledger, wanted);
  run->wanted = st ? NULL : wanted->task;
  return st;
}

/* Nothing that is open is ours to do now: others are at it. */
static void wait_for_others(void) {
  const struct timespec pause = {1, 0};
  (void)nanosleep(&pause, NULL);
}

/* Trainings with open cells, but for those that have failed in this run. */
static int64_t count_left(const parent *p, const sweep_run *run) {
  int64_t n = 0;
  for (int64_t t = 0; t < run->cells->n_tasks; t++) {
    const sweep_task *task = &run->cells->task[t];
    int open = 0;
    for (int64_t i = task->first; i < task->first + task->n; i++)
      open |= sweep_cell_is_open(sweep_ledger_find(p->ledger, run->cells->cell[i].key));
    n += open && sweep_run_has(run, t) && !p->shared->given_up[t];
  }
  return n;
}

/* Rung after rung until nothing is open; one pass without halving, unless others are waited for. */
static mst_status run_rungs(parent *p, sweep_run *run) {
  const int halving = run->spec->halving.eta > 0;
  sweep_wanted wanted = {0};
  mst_status st = decide(p, run, &wanted);
  sweep_progress s = st ? (sweep_progress){0} : sweep_run_progress(run, p->ledger);
  p->n_before = s.n_done;
  while (!st && s.n_open && !sweep_run_is_spent(run, p->ledger)) {
    const int64_t n_before = s.n_open;
    const int32_t rung = wanted.rung;
    if (halving && !run->quiet)
      mst_terminal_note("rung %d of %d: %lld cells", rung + 1, run->spec->halving.n_rungs,
                        (long long)s.n_open);
    if (halving) memset(p->shared->given_up, 0, (size_t)run->cells->n_tasks);
    st = run_workers(p);
    if (!st) st = decide(p, run, &wanted);
    if (st || p->shared->spent || !(halving || (run->wait && count_left(p, run)))) break;
    s = sweep_run_progress(run, p->ledger);
    if (wanted.rung == rung && s.n_open == n_before) wait_for_others();
  }
  if (!st) p->last = sweep_run_progress(run, p->ledger);
  p->last.ended = wanted.ended || sweep_run_is_spent(run, p->ledger);
  sweep_wanted_fini(&wanted);
  return st;
}

mst_status sweep_run_all(const sweep_run *given, sweep_progress *out) {
  sweep_run run = *given;
  parent p = {.run = &run, .writer = {.file = -1}};
  size_t n_bytes = 0;
  mst_status st = sweep_ledger_open(run.dir, run.spec->metric, 0, &p.ledger);
  if (!st) st = sweep_ledger_read(p.ledger);
  if (!st) st = sweep_ledger_repair(p.ledger);
  if (!st) st = sweep_writer_init(run.dir, &p.writer);
  if (!st) sweep_lease_clear(run.dir);
  const sweep_memory memory = sweep_memory_look(&run, st ? NULL : p.ledger, run.memory);
  run.workers = sweep_memory_fit(&memory, run.workers);
  if (!st && run.workers < given->workers)
    mst_terminal_note("%d of %d workers: each needs about %.0f MB of %.0f MB", run.workers,
                      given->workers, (double)memory.worker / 1e6, (double)memory.there / 1e6);
  if (!st && run.workers < given->workers && memory.gpu_worker)
    mst_terminal_note("and about %.0f MB of %.0f MB of GPU memory", (double)memory.gpu_worker / 1e6,
                      (double)memory.gpu_there / 1e6);
  p.pid = mst_alloc_zero((size_t)run.workers, sizeof *p.pid);
  if (!st && !p.pid) st = MST_E_NOMEM;
  if (!st) st = map_shared(&run, &p.shared, &n_bytes);
  if (!st) st = run_rungs(&p, &run);
  *out = p.last;
  if (p.shared) (void)munmap((void *)(uintptr_t)p.shared, n_bytes);
  sweep_writer_close(&p.writer);
  sweep_ledger_close(p.ledger);
  mst_free(p.pid);
  return st;
}
