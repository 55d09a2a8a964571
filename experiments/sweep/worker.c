/* worker.c: a worker process: from the task where its share begins, round to where it began. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "lease.h"
#include "misstep/alloc.h"
#include "misstep/backend.h"
#include "run.h"

/* Does a task have a cell that is neither done nor has failed too often? */
static int is_open(const sweep_run *run, const sweep_ledger *ledger, const sweep_task *task) {
  for (int64_t i = task->first; i < task->first + task->n; i++) {
    const sweep_entry *e = sweep_ledger_find(ledger, run->cells->cell[i].key);
    if (!e || (!e->done && e->n_failed < SWEEP_TRIES)) return 1;
  }
  return 0;
}

/* Cells of a task that are open, as a task of their own where they are not all of it: what is
 * finished is never computed again. Open cells are its longest beginning and end; between them
 * may be done ones only if a ledger's line was removed by hand, and then they are done again. */
static sweep_task open_part(const sweep_run *run, const sweep_ledger *ledger, sweep_task task) {
  sweep_task one = {task.first, 1};
  while (task.n > 1 && !is_open(run, ledger, &one)) {
    task.first++;
    task.n--;
    one.first = task.first;
  }
  one.first = task.first + task.n - 1;
  while (task.n > 1 && !is_open(run, ledger, &one)) {
    task.n--;
    one.first--;
  }
  return task;
}

/* Compute a task whose lease is ours. */
static mst_status compute(const sweep_run *run, sweep_worker *worker, sweep_writer *writer,
                          const sweep_task *task, uint8_t volatile *given_up) {
  mst_buffer lines;
  int64_t n_failed = 0;
  mst_buffer_init(&lines, (size_t)1 << 30, "results");
  mst_status st = sweep_task_compute(worker, task, &lines, &n_failed);
  if (!st) st = sweep_writer_append(writer, &lines);
  if (!st && n_failed) *given_up = 1;
  mst_buffer_fini(&lines);
  (void)run;
  return st;
}

static mst_status one_task(const sweep_run *run, volatile sweep_shared *shared, int number,
                           int64_t t, sweep_worker *worker, sweep_ledger *ledger,
                           sweep_writer *writer) {
  const sweep_task *task = &run->cells->task[t];
  const char *key = run->cells->cell[task->first].key;
  int taken = 0;
  if (t % run->n_shards != run->shard || shared->given_up[t] || !is_open(run, ledger, task))
    return MST_OK;
  mst_status st = sweep_lease_take(run->dir, key, &taken);
  if (st || !taken) return st;
  shared->current[number] = t;
  st = sweep_ledger_read(ledger); /* its last owner may have finished it */
  if (!st && is_open(run, ledger, task)) {
    const sweep_task part = open_part(run, ledger, *task);
    st = compute(run, worker, writer, &part, &shared->given_up[t]);
  }
  shared->current[number] = -1;
  sweep_lease_drop(run->dir, key);
  return st;
}

int sweep_worker_main(const sweep_run *run, volatile sweep_shared *shared, int number) {
  sweep_worker worker = {.spec = run->spec, .cells = run->cells, .data = run->data};
  sweep_writer writer = {.file = -1};
  sweep_ledger *ledger = NULL;
  const int64_t n = run->cells->n_tasks, start = n * number / run->workers;
  (void)snprintf(worker.device, sizeof worker.device, "%s", run->device);
  mst_status st = mst_backend_open(run->device, 1, &worker.backend);
  if (!st) st = sweep_ledger_open(run->dir, NULL, 0, &ledger);
  if (!st) st = sweep_ledger_read(ledger);
  if (!st) st = sweep_writer_init(run->dir, &writer);
  for (int64_t i = 0; !st && i < n && !shared->stop; i++)
    st = one_task(run, shared, number, (start + i) % n, &worker, ledger, &writer);
  if (st) (void)fprintf(stderr, "misstep: %s\n", mst_error_last()->message);
  sweep_writer_close(&writer);
  sweep_ledger_close(ledger);
  sweep_data_fini(worker.data); /* the study goes before the backend that it works on */
  mst_backend_close(worker.backend);
  return st == MST_OK ? 0 : st == MST_E_FORMAT ? 3 : 1;
}
