/* rung.h: which cells a sweep wants now, from what its ledgers hold.
 *
 * In: cells and their results. Out: a flag for each task. Rungs are synchronous: the next one is
 * decided when the last one is whole, by its results alone, so the answer is the same for any
 * number of workers and in whatever order they end. Next stage: workers.
 */
#ifndef MISSTEP_SWEEP_RUNG_H
#define MISSTEP_SWEEP_RUNG_H

#include "ledger.h"

enum { SWEEP_TRIES = 3 }; /* how often a cell may fail before it is left alone */

/* Is there something to compute for a cell? entry: its own, or NULL. */
int sweep_cell_is_open(const sweep_entry *entry);

/* What is wanted. */
typedef struct sweep_wanted {
  uint8_t *task; /* [n_tasks] */
  int32_t rung;  /* the first one that is not whole; n_rungs: all are */
  int ended;     /* the budget leaves out what else there is */
} sweep_wanted;

/* Decide.
 *   ledger  read with the spec's metric; NULL: nothing is finished
 * MST_E_NOMEM. */
mst_status sweep_wanted_make(const sweep_spec *spec, const sweep_cells *cells,
                             const sweep_ledger *ledger, sweep_wanted *out);
void sweep_wanted_fini(sweep_wanted *wanted);

/* Cells that there will be when none fails, halving and the budget of cells considered.
 *   n_folds  of the data; 0: one test part
 *   configs  [SWEEP_MOST_RUNGS] receives the configurations on each rung; may be NULL */
int64_t sweep_rungs_expect(const sweep_spec *spec, const sweep_cells *cells, int32_t n_folds,
                           int64_t *configs);

#endif
