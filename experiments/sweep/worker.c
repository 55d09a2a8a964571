/* worker.c: a worker process: from the task where its share begins, round to where it began. */
#include <stdio.h>

#include "lease.h"
#include "misstep/alloc.h"
#include "misstep/backend.h"
#include "run.h"

/* Does a task have a cell that is neither done nor has failed too often? */
static int is_open(const sweep_run *run, const sweep_ledger *ledger, const sweep_task *task) {
  for (int64_t i = task->first; i < task->first + task->n; i++) {
    if (sweep_cell_is_open(sweep_ledger_find(ledger, run->cells->cell[i].key))) return 1;
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

/* What a worker has open. */
typedef struct desk {
  const sweep_run *run;
  volatile sweep_shared *shared;
  int number;
  sweep_worker worker;
  sweep_ledger *ledger;
  sweep_writer writer;
} desk;

/* Compute a task whose lease is ours. */
static mst_status compute(desk *d, const sweep_task *task, int64_t t) {
  mst_buffer lines;
  int64_t n_failed = 0;
  mst_buffer_init(&lines, (size_t)1 << 30, "results");
  mst_status st = sweep_task_compute(&d->worker, task, &lines, &n_failed);
  if (!st) st = sweep_writer_append(&d->writer, &lines);
  if (!st && n_failed) d->shared->given_up[t] = 1;
  mst_buffer_fini(&lines);
  return st;
}

static mst_status one_task(desk *d, int64_t t) {
  const sweep_run *run = d->run;
  const sweep_task *task = &run->cells->task[t];
  const char *key = run->cells->cell[task->first].key;
  int taken = 0;
  if (!sweep_run_has(run, t) || d->shared->given_up[t] || !is_open(run, d->ledger, task))
    return MST_OK;
  mst_status st = sweep_lease_take(run->dir, key, &taken);
  if (st || !taken) return st;
  d->shared->current[d->number] = t;
  /* what its last owner did between our look and our lease: it may be finished, or have failed */
  st = sweep_ledger_read(d->ledger);
  if (!st && sweep_run_is_spent(run, d->ledger)) d->shared->stop = d->shared->spent = 1;
  else if (!st && !d->shared->given_up[t] && is_open(run, d->ledger, task)) {
    const sweep_task part = open_part(run, d->ledger, *task);
    st = compute(d, &part, t);
  }
  d->shared->current[d->number] = -1;
  sweep_lease_drop(run->dir, key);
  return st;
}

int sweep_worker_main(const sweep_run *run, volatile sweep_shared *shared, int number) {
  desk d = {.run = run, .shared = shared, .number = number, .writer = {.file = -1}};
  int64_t first = 0, n = run->cells->n_tasks;
  while (n && !run->wanted[n - 1]) n--;
  while (first < n && !run->wanted[first]) first++;
  const int64_t start = (n - first) * number / run->workers;
  d.worker = (sweep_worker){.spec = run->spec, .cells = run->cells, .data = run->data};
  sweep_device_of_worker(run->device.name, run->device.n_gpus, number, d.worker.device);
  mst_status st = mst_backend_open(d.worker.device, 1, &d.worker.backend);
  if (!st) st = sweep_ledger_open(run->dir, NULL, 0, &d.ledger);
  if (!st) st = sweep_ledger_read(d.ledger);
  if (!st) st = sweep_writer_init(run->dir, &d.writer);
  for (int64_t i = 0; !st && i < n - first && !shared->stop; i++)
    st = one_task(&d, first + (start + i) % (n - first));
  if (st) (void)fprintf(stderr, "misstep: %s\n", mst_error_last()->message);
  sweep_writer_close(&d.writer);
  sweep_ledger_close(d.ledger);
  sweep_data_fini(d.worker.data); /* the study goes before the backend that it works on */
  mst_backend_close(d.worker.backend);
  return st == MST_OK ? 0 : st == MST_E_FORMAT ? 3 : 1;
}
