/* run.h: all cells of a sweep that are not done, computed by worker processes of this machine;
 * other machines may work on the same folder at the same time.
 */
#ifndef MISSTEP_SWEEP_RUN_H
#define MISSTEP_SWEEP_RUN_H

#include "device.h"
#include "rung.h"
#include "work.h"

typedef struct sweep_run {
  const char *dir;
  const sweep_spec *spec;
  const sweep_cells *cells;
  sweep_device device;
  sweep_data *data;      /* read; workers inherit it */
  int workers;           /* processes, at most */
  int64_t memory;        /* bytes for all of them; 0: what the machine has */
  int shard, n_shards;   /* tasks whose number modulo n_shards is shard; all tasks with halving */
  const uint8_t *wanted; /* [n_tasks] of sweep_wanted_make */
  int wait;              /* for cells that others are at, or take them over */
  int quiet;
} sweep_run;

/* How far a sweep is, by its ledgers. */
typedef struct sweep_progress {
  int64_t n_done, n_failed, n_open; /* wanted cells of the shard; failed: in their last attempt */
  double best;                      /* of the metric; NaN before the first */
  int ended;                        /* by the budget */
} sweep_progress;

/* Is a task wanted now, and of the run's shard? */
int sweep_run_has(const sweep_run *run, int64_t task);
/* Has the sweep cost as much as it may? */
int sweep_run_is_spent(const sweep_run *run, const sweep_ledger *ledger);

/* Where the cells of a run's shard stand; ledger NULL: there is none yet. */
sweep_progress sweep_run_progress(const sweep_run *run, const sweep_ledger *ledger);

/* Compute what is wanted, rung after rung (run->wanted is not looked at). Without halving and wait,
 * cells that another machine is at stay open. MST_E_CANCELLED after Ctrl-C. MST_E_IO: full disk and
 * the like; MST_E_FORMAT: a damaged ledger. What was finished before a failure stays. */
mst_status sweep_run_all(const sweep_run *run, sweep_progress *out);

/* The signal that asked the last run to stop, or 0. */
int sweep_run_signal(void);

/* worker.c: in a worker process: take tasks until none is left. Returns an exit code. */
typedef struct sweep_shared {
  int stop;          /* finish what is under way */
  int spent;         /* the budget is */
  int64_t *current;  /* [workers] task, -1: none */
  uint8_t *given_up; /* [n_tasks] failed in this run */
} sweep_shared;
int sweep_worker_main(const sweep_run *run, volatile sweep_shared *shared, int number);

#endif
