/* slurm.h: a sweep as a job array of Slurm.
 *
 * Every task of the array runs the same command; tasks share the work through the leases in the
 * sweep's folder, which must be on a file system that all nodes see. A task that is preempted, or
 * whose node is lost, is put into the queue again by Slurm; what it had finished stays.
 */
#ifndef MISSTEP_SWEEP_SLURM_H
#define MISSTEP_SWEEP_SLURM_H

#include <stdint.h>

#include "misstep/status.h"

enum { SWEEP_SLURM_WORDS = 32 };

typedef struct sweep_slurm {
  const char *partition, *time;         /* as sbatch takes them, or NULL */
  const char *extra[SWEEP_SLURM_WORDS]; /* [n_extra] NAME=VALUE: --NAME=VALUE of sbatch */
  int n_extra, gpus, cpus, array;       /* of a task; array: tasks at most */
  int dry_run, yes;                     /* yes: also while an earlier array is in the queue */
} sweep_slurm;

/* 16 tasks of 4 cores. */
sweep_slurm sweep_slurm_default(void);
/* Take an option of the command line; 0: not one of these, or a bad value. */
int sweep_slurm_parse(sweep_slurm *o, const char *name, const char *value);
/* The device that tasks work on: what a cell's key holds. */
const char *sweep_slurm_device(const sweep_slurm *o);

/* Write DIR/slurm/job.sh and submit it as an array, and after it a job that prints the sweep's
 * status; or print both commands (dry_run).
 *   n_tasks  trainings that are open: no more tasks than that
 * MST_E_UNSUPPORTED: no sbatch here. MST_E_ADAPTER: it refused, in its words. MST_E_STATE: an
 * earlier array is still in the queue. MST_E_IO, MST_E_NOMEM. */
mst_status sweep_slurm_submit(const sweep_slurm *o, const char *spec, const char *dir,
                              int64_t n_tasks);

#endif
