/* run.h: all cells of a sweep that are not done, computed by worker processes of this machine;
 * other machines may work on the same folder at the same time.
 */
#ifndef MISSTEP_SWEEP_RUN_H
#define MISSTEP_SWEEP_RUN_H

#include "work.h"

enum { SWEEP_TRIES = 3 }; /* how often a cell may fail before it is left alone */

typedef struct sweep_run {
  const char *dir;
  const sweep_spec *spec;
  const sweep_cells *cells;
  const char *device;
  sweep_data *data;    /* read; workers inherit it */
  int workers;         /* processes */
  int shard, n_shards; /* tasks whose number modulo n_shards is shard */
  int quiet;
} sweep_run;

/* How far a sweep is, by its ledgers. */
typedef struct sweep_progress {
  int64_t n_done, n_failed, n_open; /* cells of the shard; failed: in their last attempt */
  double best;                      /* of the metric; NaN before the first */
} sweep_progress;

/* Where the cells of a run's shard stand. */
sweep_progress sweep_run_progress(const sweep_run *run, const sweep_ledger *ledger);

/* Compute. MST_E_CANCELLED after Ctrl-C. MST_E_IO: full disk and the like; MST_E_FORMAT: a damaged
 * ledger. What was finished before a failure stays. */
mst_status sweep_run_all(const sweep_run *run, sweep_progress *out);

/* The signal that asked the last run to stop, or 0. */
int sweep_run_signal(void);

/* worker.c: in a worker process: take tasks until none is left. Returns an exit code. */
typedef struct sweep_shared {
  int stop;          /* finish what is under way */
  int64_t *current;  /* [workers] task, -1: none */
  uint8_t *given_up; /* [n_tasks] failed in this run */
} sweep_shared;
int sweep_worker_main(const sweep_run *run, volatile sweep_shared *shared, int number);

#endif
