/* work.h: one task computed: its cells trained, scored, and written as lines of a ledger. */
#ifndef MISSTEP_SWEEP_WORK_H
#define MISSTEP_SWEEP_WORK_H

#include "ledger.h"
#include "part.h"

/* What a worker process holds. */
typedef struct sweep_worker {
  const sweep_spec *spec;
  const sweep_cells *cells;
  sweep_data *data;
  mst_backend *backend;
  char device[32];
} sweep_worker;

/* Compute a task and append one line per cell, done or failed, to lines. A cell's failure is its
 * result; the status is of what no cell is to blame for: MST_E_NOMEM, MST_E_CANCELLED.
 *   n_failed  receives the number of failed cells */
mst_status sweep_task_compute(sweep_worker *worker, const sweep_task *task, mst_buffer *lines,
                              int64_t *n_failed);

/* Append the lines of a task that failed, or whose worker died, after some seconds. */
mst_status sweep_task_fail(const sweep_worker *worker, const sweep_task *task, const char *error,
                           double seconds, mst_buffer *lines);

#endif
