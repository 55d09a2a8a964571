/* progress.c: what a run is to do, and how far it is. */
#include <math.h>

#include "run.h"

int sweep_run_has(const sweep_run *run, int64_t task) {
  const int mine = run->spec->halving.eta || task % run->n_shards == run->shard;
  return mine && run->wanted[task];
}

int sweep_run_is_spent(const sweep_run *run, const sweep_ledger *ledger) {
  const double most = run->spec->budget.seconds;
  return most > 0 && sweep_ledger_cost(ledger) >= most;
}

sweep_progress sweep_run_progress(const sweep_run *run, const sweep_ledger *ledger) {
  sweep_progress p = {.best = NAN};
  for (int64_t t = 0; t < run->cells->n_tasks; t++) {
    const sweep_task *task = &run->cells->task[t];
    if (!sweep_run_has(run, t)) continue;
    for (int64_t i = task->first; i < task->first + task->n; i++) {
      const sweep_entry *e = ledger ? sweep_ledger_find(ledger, run->cells->cell[i].key) : NULL;
      p.n_open += sweep_cell_is_open(e);
      p.n_failed += e && !e->done;
      p.n_done += e && e->done;
      const double value = e ? e->value : NAN;
      if (isnan(value)) continue;
      if (isnan(p.best) || (run->spec->maximize ? value > p.best : value < p.best)) p.best = value;
    }
  }
  return p;
}
