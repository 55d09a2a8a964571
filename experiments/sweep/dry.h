/* dry.h: what a run would do, without doing it. */
#ifndef MISSTEP_SWEEP_DRY_H
#define MISSTEP_SWEEP_DRY_H

#include "run.h"

/* Print cells, what they share, what is done, and how long the rest will take. run->wanted is not
 * looked at. Errors as sweep_ledger_read. */
mst_status sweep_dry_run(const sweep_run *run);

#endif
