/* dry.c: --dry-run. */
#include "dry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "energy.h"
#include "memory.h"

/* How many of a kind of text change from one task to the next: what one worker would compute. */
static void count_shared(const sweep_cells *cells, int64_t *n_parts, int64_t *n_features,
                         int64_t *n_margins) {
  const sweep_cell *last = NULL;
  for (int64_t t = 0; t < cells->n_tasks; t++) {
    const sweep_cell *cell = &cells->cell[cells->task[t].first];
    const sweep_config *c = &cells->config[cell->config],
                       *before = last ? &cells->config[last->config] : NULL;
    const int moved =
        !last || last->rows != cell->rows || last->fold != cell->fold || last->seed != cell->seed;
    *n_parts += moved;
    if (c->model == MST_LEARNER_XGBOOST) {
      *n_features += moved || before->model || strcmp(before->trees, c->trees) != 0;
      *n_margins +=
          *c->margin && (moved || before->model || strcmp(before->margin, c->margin) != 0);
    }
    last = cell;
  }
}

/* The rungs, and how many cells there will be. */
static int64_t print_rungs(const sweep_run *run) {
  const sweep_halving *h = &run->spec->halving;
  int64_t n[SWEEP_MOST_RUNGS];
  const int64_t all = sweep_rungs_expect(run->spec, run->cells, run->data->plan.n_folds, n);
  for (int32_t r = 0; h->eta && r < h->n_rungs; r++)
    (void)printf("rung %-12d%lld configurations at %lld %s\n", r + 1, (long long)n[r],
                 (long long)(h->by_rows ? run->spec->rows[r] : h->level[r]),
                 h->by_rows ? "rows" : "rounds");
  return all;
}

/* Cost of a task in units that depend on its size alone. */
static double weight_of(const sweep_run *run, const sweep_task *task) {
  const sweep_cell *last = &run->cells->cell[task->first + task->n - 1];
  const sweep_config *c = &run->cells->config[last->config];
  const double rows = last->rows < 0 ? 1 : (double)run->spec->rows[last->rows];
  return c->model == MST_LEARNER_XGBOOST && c->rounds > 0 ? rows * c->rounds : rows;
}

/* Seconds that all open cells will take, by what the finished ones took; NaN: none is. */
static double expect_seconds(const sweep_run *run, const sweep_ledger *ledger) {
  double cost[MST_N_LEARNERS] = {0}, weight[MST_N_LEARNERS] = {0}, open[MST_N_LEARNERS] = {0},
         all = 0;
  for (int64_t t = 0; t < run->cells->n_tasks; t++) {
    const sweep_task *task = &run->cells->task[t];
    const int model = run->cells->config[run->cells->cell[task->first].config].model;
    double spent = 0;
    int64_t n_done = 0;
    for (int64_t i = task->first; i < task->first + task->n; i++) {
      const sweep_entry *e = ledger ? sweep_ledger_find(ledger, run->cells->cell[i].key) : NULL;
      if (!e || !e->done) continue;
      n_done++;
      spent += mst_json_number(mst_json_get(e->line, "cost"));
    }
    if (n_done == task->n) {
      cost[model] += spent;
      weight[model] += weight_of(run, task);
    } else if (sweep_run_has(run, t)) open[model] += weight_of(run, task);
  }
  for (int m = 0; m < MST_N_LEARNERS; m++)
    if (open[m] > 0) all += weight[m] > 0 ? open[m] * cost[m] / weight[m] : NAN;
  return all;
}

static void print_time(const sweep_run *run, const sweep_ledger *ledger) {
  const double seconds = expect_seconds(run, ledger);
  if (isnan(seconds)) (void)printf("expected time    known when the first cells are done\n");
  else
    (void)printf("expected time    %.0f s with %d workers\n", ceil(seconds / run->workers),
                 run->workers);
}

static void print_cells(const sweep_run *run) {
  const sweep_cells *cells = run->cells;
  int64_t n_parts = 0, n_features = 0, n_margins = 0;
  count_shared(cells, &n_parts, &n_features, &n_margins);
  const int64_t n_cells = print_rungs(run);
  (void)printf("cells            %lld\n", (long long)n_cells);
  if (run->spec->halving.eta)
    (void)printf("without halving  %lld cells; what follows is of these\n",
                 (long long)cells->n_cells);
  (void)printf("trainings        %lld, the others are read off at fewer rounds\n",
               (long long)cells->n_tasks);
  (void)printf("parts            %lld, tokenised once each\n", (long long)n_parts);
  (void)printf("tree features    %lld times\n", (long long)n_features);
  (void)printf("linear margins   %lld times\n", (long long)n_margins);
}

mst_status sweep_dry_run(const sweep_run *given) {
  sweep_run run = *given;
  sweep_ledger *ledger = NULL;
  sweep_wanted wanted = {0};
  char path[4200], energy[256];
  mst_status st = MST_OK;
  (void)snprintf(path, sizeof path, "%.3900s/ledger", run.dir);
  if (access(path, R_OK) == 0) {
    st = sweep_ledger_open(run.dir, run.spec->metric, 1, &ledger);
    if (!st) st = sweep_ledger_read(ledger);
  }
  if (!st) st = sweep_wanted_make(run.spec, run.cells, ledger, &wanted);
  run.wanted = wanted.task;
  if (!st) {
    const sweep_progress p = sweep_run_progress(&run, ledger);
    print_cells(&run);
    (void)printf("done             %lld\nfailed           %lld\nto compute       %lld%s\n",
                 (long long)p.n_done, (long long)p.n_failed, (long long)p.n_open,
                 run.spec->halving.eta ? " now, then the next rung" : "");
    const sweep_memory memory = sweep_memory_look(&run, ledger, run.memory);
    run.workers = sweep_memory_fit(&memory, run.workers);
    (void)printf("memory           %s %.0f MB a worker, %.0f MB there: %d workers\n",
                 memory.is_estimate ? "about" : "up to", (double)memory.worker / 1e6,
                 (double)memory.there / 1e6, run.workers);
    if (memory.gpu_worker)
      (void)printf("GPU memory       about %.0f MB a worker, %.0f MB free on %d GPU%s\n",
                   (double)memory.gpu_worker / 1e6, (double)memory.gpu_there / 1e6,
                   run.device.n_gpus, run.device.n_gpus > 1 ? "s" : "");
    print_time(&run, ledger);
    (void)printf("joules           %s\n", sweep_energy_words(energy));
    (void)printf("folder           %s\ndata             %s, %lld records, %lld classes\n", run.dir,
                 run.spec->data, (long long)run.data->data.text.n_docs,
                 (long long)run.data->names.n);
  }
  sweep_wanted_fini(&wanted);
  sweep_ledger_close(ledger);
  return st;
}
