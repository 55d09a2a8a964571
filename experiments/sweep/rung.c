/* rung.c: successive halving over what the ledgers hold. Configurations compete within a model,
 * a protocol, a bracket and, where the rungs are rounds, a number of rows; their score is the mean
 * over seeds and folds. */
#include "rung.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A configuration on the present rung. */
typedef struct entrant {
  int64_t group;    /* model, protocol, rows, bracket: those with whom it competes */
  int64_t number;   /* of the configuration; decides among equals */
  double score;     /* better is more */
  int64_t n_scores; /* cells */
  int runs, failed; /* is it on this rung? is a cell of it without a result? */
  int goes_on;
} entrant;

/* All that deciding needs. entrant[e * n_places + place]: configuration e at a place, which is a
 * protocol and, where they compete apart, a number of rows. */
typedef struct decision {
  const sweep_spec *spec;
  const sweep_cells *cells;
  const sweep_ledger *ledger;
  int32_t n_places, n_apart;
  entrant *entrant, *order;
  int64_t n_budget; /* cells that may still be wanted */
} decision;

int sweep_cell_is_open(const sweep_entry *e) {
  return !e || (!e->done && e->n_failed < SWEEP_TRIES);
}

/* How many of n go on. */
static int64_t promoted(const sweep_spec *spec, int64_t n) {
  const int64_t share = n / spec->halving.eta;
  return share ? share : n > 0;
}

static const sweep_entry *find(const decision *d, const sweep_cell *cell) {
  return d->ledger ? sweep_ledger_find(d->ledger, cell->key) : NULL;
}

static entrant *entrant_of(const decision *d, const sweep_cell *cell) {
  const int64_t place =
      (int64_t)cell->protocol * d->n_apart + (d->n_apart > 1 && cell->rows > 0 ? cell->rows : 0);
  return &d->entrant[d->cells->config[cell->config].entrant * (int64_t)d->n_places + place];
}

/* Who is on a rung: those that begin there, and those that went on. */
static void enter(const decision *d, const sweep_cell *cell) {
  const sweep_config *c = &d->cells->config[cell->config];
  entrant *e = entrant_of(d, cell);
  const int64_t place = e - &d->entrant[c->entrant * (int64_t)d->n_places];
  e->group = (place * MST_N_LEARNERS + c->model) * SWEEP_MOST_RUNGS + c->bracket;
  e->number = c->choice;
  e->runs = c->bracket == cell->rung || e->goes_on;
}

static void score(const decision *d, const sweep_cell *cell) {
  const sweep_entry *result = find(d, cell);
  entrant *e = entrant_of(d, cell);
  const double value = result && result->done ? result->value : NAN;
  if (isnan(value)) e->failed = 1;
  else e->score += d->spec->maximize ? value : -value;
  e->n_scores++;
}

static int by_score(const void *a, const void *b) {
  const entrant *x = a, *y = b;
  if (x->group != y->group) return x->group < y->group ? -1 : 1;
  if (x->failed != y->failed) return x->failed - y->failed;
  if (x->score > y->score || x->score < y->score) return x->score > y->score ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

/* The best of each group go on. A configuration that has failed never does. */
static void promote(const decision *d) {
  const int64_t n = d->cells->n_entrants * d->n_places;
  int64_t n_running = 0;
  for (int64_t i = 0; i < n; i++) {
    entrant *e = &d->entrant[i];
    e->goes_on = 0;
    if (!e->runs) continue;
    if (!e->failed) e->score /= (double)e->n_scores;
    d->order[n_running] = *e;
    d->order[n_running++].n_scores = i; /* where it stands */
  }
  if (n_running) qsort(d->order, (size_t)n_running, sizeof *d->order, by_score);
  for (int64_t i = 0; i < n_running;) {
    const int64_t first = i;
    while (i < n_running && d->order[i].group == d->order[first].group) i++;
    const int64_t n_on = promoted(d->spec, i - first);
    for (int64_t k = first; k < first + n_on; k++)
      if (!d->order[k].failed) d->entrant[d->order[k].n_scores].goes_on = 1;
  }
  for (int64_t i = 0; i < n; i++) {
    d->entrant[i].score = 0;
    d->entrant[i].n_scores = d->entrant[i].failed = d->entrant[i].runs = 0;
  }
}

/* Want the tasks first .. last - 1 of one rung. 1: one of their cells is open. */
static int want(decision *d, int64_t first, int64_t last, sweep_wanted *out) {
  int open = 0;
  for (int64_t t = first; t < last; t++)
    for (int64_t i = 0; i < d->cells->task[t].n; i++)
      enter(d, &d->cells->cell[d->cells->task[t].first + i]);
  for (int64_t t = first; t < last && !out->ended; t++) {
    const sweep_task *task = &d->cells->task[t];
    if (!entrant_of(d, &d->cells->cell[task->first])->runs) continue;
    if (d->n_budget < task->n) {
      out->ended = 1;
      break;
    }
    d->n_budget -= task->n;
    out->task[t] = 1;
    for (int64_t i = task->first; i < task->first + task->n; i++) {
      open |= sweep_cell_is_open(find(d, &d->cells->cell[i]));
      score(d, &d->cells->cell[i]);
    }
  }
  return open;
}

mst_status sweep_wanted_make(const sweep_spec *spec, const sweep_cells *cells,
                             const sweep_ledger *ledger, sweep_wanted *out) {
  sweep_wanted w = {0};
  decision d = {.spec = spec, .cells = cells, .ledger = ledger};
  d.n_apart = spec->halving.eta && !spec->halving.by_rows && spec->n_rows ? spec->n_rows : 1;
  d.n_places = 2 * d.n_apart;
  d.n_budget = spec->budget.cells ? spec->budget.cells : INT64_MAX;
  const size_t n = (size_t)cells->n_entrants * (size_t)d.n_places;
  d.entrant = mst_alloc_zero(n, sizeof *d.entrant);
  d.order = mst_alloc(n, sizeof *d.order);
  w.task = mst_alloc_zero((size_t)cells->n_tasks, 1);
  const mst_status st = d.entrant && d.order && w.task ? MST_OK : MST_E_NOMEM;
  for (int64_t first = 0, last = 0; !st && first < cells->n_tasks && !w.ended; first = last) {
    w.rung = cells->cell[cells->task[first].first].rung;
    while (last < cells->n_tasks && cells->cell[cells->task[last].first].rung == w.rung) last++;
    if (want(&d, first, last, &w)) break;
    w.rung++;
    if (spec->halving.eta) promote(&d);
  }
  mst_free(d.entrant);
  mst_free(d.order);
  if (st) mst_free(w.task);
  else *out = w;
  return st;
}

void sweep_wanted_fini(sweep_wanted *wanted) {
  mst_free(wanted->task);
  *wanted = (sweep_wanted){0};
}

int64_t sweep_rungs_expect(const sweep_spec *spec, const sweep_cells *cells, int32_t n_folds,
                           int64_t *configs) {
  const sweep_halving *h = &spec->halving;
  int64_t n[MST_N_LEARNERS][SWEEP_MOST_RUNGS] = {0},
          all = 0; /* of a model and bracket, on the present rung */
  const int64_t n_parts = (int64_t)spec->n_seeds * (n_folds ? n_folds : 1) * spec->n_protocols *
                          (spec->n_rows && !h->by_rows ? spec->n_rows : 1);
  int64_t n_cells = h->eta ? 0 : cells->n_cells;
  for (int64_t i = 0; i < cells->n_configs; i++) {
    const sweep_config *c = &cells->config[i];
    n[c->model][c->bracket] += h->by_rows || c->rung == c->bracket;
  }
  for (int32_t r = 0; h->eta && r < h->n_rungs; r++, all = 0) {
    for (int m = 0; m < MST_N_LEARNERS; m++)
      for (int32_t b = 0; b <= r && b < h->n_brackets; b++) {
        if (r > b) n[m][b] = promoted(spec, n[m][b]);
        all += n[m][b];
      }
    if (configs) configs[r] = all;
    n_cells += all * n_parts;
  }
  const int64_t most = spec->budget.cells;
  return most && most < n_cells ? most : n_cells;
}
