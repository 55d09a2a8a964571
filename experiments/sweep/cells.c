/* cells.c: every configuration on every part of the data, in the order in which they share most. */
#include "cells.h"

#include <stdio.h>
#include <string.h>

#include "misstep/alloc.h"

#define MOST_CELLS 2000000

static void name_cell(const sweep_spec *spec, const sweep_ground *ground, const sweep_config *c,
                      sweep_cell *cell) {
  char text[512];
  const long long rows = cell->rows < 0 ? 0 : (long long)spec->rows[cell->rows],
                  most = spec->n_rows ? (long long)spec->rows[spec->n_rows - 1] : 0;
  /* the largest size decides the test part, so it is in every key */
  const int n = snprintf(
      text, sizeof text, "1\n%s\n%s\n%s\n%s\nrows=%lld of %lld\nseed=%lld\nfold=%d%s", ground->data,
      ground->versions, ground->device, c->hash, rows, most, (long long)spec->seed[cell->seed],
      cell->fold, cell->protocol == SWEEP_PAPER ? "\nprotocol=paper" : "");
  sweep_hash(text, (size_t)n, cell->key);
}

/* Is a configuration tried on a rung? */
static int belongs(const sweep_spec *spec, const sweep_config *c, int32_t rows, int32_t rung) {
  if (!spec->halving.eta) return 1;
  return spec->halving.by_rows ? rows == rung && c->bracket <= rung : c->rung == rung;
}

/* The cells of one part of the data on one rung. */
static void add_part(const sweep_spec *spec, const sweep_ground *ground, int64_t part_number,
                     int32_t rung, sweep_cells *out) {
  const int32_t n_rows = spec->n_rows ? spec->n_rows : 1;
  const int64_t n_one = (int64_t)spec->n_seeds * ground->n_folds * n_rows,
                one = part_number % n_one, n_choices = sweep_spec_configs(spec);
  const sweep_config *last = NULL;
  for (int64_t i = 0; i < out->n_configs; i++) {
    const sweep_config *c = &out->config[i];
    if (!belongs(spec, c, (int32_t)(one % n_rows), rung)) continue;
    sweep_cell *cell = &out->cell[out->n_cells];
    *cell = (sweep_cell){.config = (int32_t)i,
                         .rung = rung,
                         .rows = spec->n_rows ? (int32_t)(one % n_rows) : -1,
                         .fold = (int32_t)(one / n_rows % ground->n_folds),
                         .seed = (int32_t)(one / n_rows / ground->n_folds),
                         .protocol = (sweep_protocol)spec->protocol[part_number / n_one]};
    cell->number =
        ((part_number * MST_N_LEARNERS + c->model) * n_choices + c->choice) * SWEEP_MOST_RUNGS +
        rung;
    name_cell(spec, ground, c, cell);
    if (last && strcmp(last->training, c->training) == 0) out->task[out->n_tasks - 1].n++;
    else out->task[out->n_tasks++] = (sweep_task){out->n_cells, 1};
    out->n_cells++;
    last = c;
  }
}

static mst_status make_cells(const sweep_spec *spec, const sweep_ground *ground, sweep_cells *out) {
  const int64_t n_parts = (int64_t)spec->n_seeds * ground->n_folds *
                          (spec->n_rows ? spec->n_rows : 1) * spec->n_protocols;
  const int64_t most = n_parts * out->n_configs;
  if (most > MOST_CELLS)
    return MST_FAIL(MST_E_LIMIT, "%s: %lld cells; two million are the most", spec->path,
                    (long long)most);
  out->cell = mst_alloc((size_t)most, sizeof *out->cell);
  out->task = mst_alloc((size_t)most, sizeof *out->task);
  if (!out->cell || !out->task) return MST_E_NOMEM;
  for (int32_t rung = 0; rung < spec->halving.n_rungs; rung++)
    for (int64_t i = 0; i < n_parts; i++) add_part(spec, ground, i, rung, out);
  return MST_OK;
}

int64_t sweep_cells_count(const sweep_spec *spec) {
  const int64_t times[] = {spec->n_models,    spec->n_rows ? spec->n_rows : 1,
                           spec->n_seeds,     spec->folds ? spec->folds : 1,
                           spec->n_protocols, spec->halving.by_rows ? 1 : spec->halving.n_rungs};
  int64_t n = sweep_spec_configs(spec);
  for (int i = 0; i < 6; i++)
    if (__builtin_mul_overflow(n, times[i], &n)) return INT64_MAX;
  return n;
}

mst_status sweep_cells_make(const sweep_spec *spec, const sweep_ground *ground, sweep_cells *out) {
  sweep_cells cells = {0};
  mst_buffer keys;
  mst_buffer_init(&keys, (size_t)1 << 30, "the keys of the cells");
  mst_status st = MST_OK;
  if (sweep_cells_count(spec) > MOST_CELLS)
    st = MST_FAIL(MST_E_LIMIT, "%s: %lld cells; two million are the most", spec->path,
                  (long long)sweep_cells_count(spec));
  if (!st) st = sweep_configs_make(spec, &cells);
  if (!st) st = make_cells(spec, ground, &cells);
  for (int64_t i = 0; !st && i < cells.n_cells; i++)
    st = mst_buffer_append(&keys, cells.cell[i].key, SWEEP_KEY);
  if (!st) sweep_hash(keys.data, keys.size_bytes, cells.hash);
  mst_buffer_fini(&keys);
  if (st) sweep_cells_fini(&cells);
  else *out = cells;
  return st;
}

void sweep_cells_fini(sweep_cells *cells) {
  sweep_configs_fini(cells);
  mst_free(cells->cell);
  mst_free(cells->task);
  *cells = (sweep_cells){0};
}
