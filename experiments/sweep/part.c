/* part.c: reading once, planning per seed, cutting per fold and size. */
#include "part.h"

#include <math.h>
#include <string.h>

#include "misstep/alloc.h"

/* rows counts all records of an experiment, test part included, as the paper does. */
static int64_t share(int64_t rows, int64_t part, int64_t all) {
  return (int64_t)floor((double)rows * (double)part / (double)all + 0.5);
}

mst_status sweep_data_read(const sweep_spec *spec, sweep_data *out) {
  sweep_data d = {.seed = -2, .fold = -2, .rows = -2};
  mst_settings s;
  mst_status st = sweep_settings_make(spec, spec->model[0], 0, spec->seed[0], &s);
  if (st) return st;
  st = mst_data_read(spec->data, &s, mst_setting_text(&s, "text-column"), &d.data);
  if (!st) st = mst_data_label(&d.data, mst_setting_text(&s, "label-column"), &d.names);
  mst_settings_fini(&s);
  const int64_t n = st ? 0 : d.data.text.n_docs;
  if (!st && spec->n_rows && spec->rows[spec->n_rows - 1] > n)
    st = MST_FAIL(MST_E_FORMAT, "%s: rows %lld: %s has %lld records", spec->path,
                  (long long)spec->rows[spec->n_rows - 1], spec->data, (long long)n);
  if (st) sweep_data_fini(&d);
  else *out = d;
  return st;
}

static void drop_part(sweep_data *d) {
  if (d->study) {
    const mst_study_counts c = mst_study_count(d->study);
    d->counts.n_features += c.n_features;
    d->counts.n_margins += c.n_margins;
    d->counts.n_matrices += c.n_matrices;
    d->counts.n_trainings += c.n_trainings;
    d->counts.n_models += c.n_models;
  }
  mst_study_free(d->study);
  d->study = NULL;
  mst_present_fini(&d->present);
  mst_part_fini(&d->train);
  mst_part_fini(&d->held);
  d->fold = d->rows = -2;
}

void sweep_data_fini(sweep_data *d) {
  drop_part(d);
  mst_division_fini(&d->plan);
  mst_strings_fini(&d->names);
  mst_data_fini(&d->data);
}

mst_status sweep_data_plan(const sweep_spec *spec, sweep_data *d, int32_t seed) {
  mst_settings s;
  if (d->seed == seed) return MST_OK;
  drop_part(d);
  mst_division_fini(&d->plan);
  d->seed = -2;
  mst_status st = sweep_settings_make(spec, spec->model[0], 0, spec->seed[seed], &s);
  if (st) return st;
  st = mst_division_make(&s, &d->data, &d->names, NULL, &d->plan);
  mst_settings_fini(&s);
  if (!st) d->seed = seed;
  return st;
}

/* 0 trains, 1 tests, -1 is left out. */
static mst_status divide(const sweep_spec *spec, const sweep_data *d, const sweep_cell *cell,
                         int32_t *part) {
  const int64_t n = d->data.text.n_docs;
  const mst_split_records records = {d->plan.unit, d->plan.key, d->data.label, n,
                                     (int32_t)d->names.n};
  const uint64_t seed = (uint64_t)spec->seed[cell->seed];
  int64_t n_test = 0;
  for (int64_t i = 0; i < n; i++) {
    part[i] = d->plan.n_folds ? d->plan.part[i] == cell->fold : d->plan.part[i];
    n_test += part[i];
  }
  if (cell->rows < 0) return MST_OK;
  const int64_t rows = spec->rows[cell->rows], most = spec->rows[spec->n_rows - 1];
  mst_status st = MST_OK;
  if (most < n) st = sweep_subset(&records, seed, 1, share(most, n_test, n), part);
  if (!st && rows < n) st = sweep_subset(&records, seed, 0, share(rows, n - n_test, n), part);
  return st;
}

mst_status sweep_data_part(const sweep_spec *spec, sweep_data *d, const sweep_cell *cell,
                           mst_backend *backend) {
  mst_status st = sweep_data_plan(spec, d, cell->seed);
  if (st || (d->study && d->fold == cell->fold && d->rows == cell->rows)) return st;
  drop_part(d);
  int32_t *part = mst_alloc((size_t)d->data.text.n_docs, sizeof *part);
  st = part ? divide(spec, d, cell, part) : MST_E_NOMEM;
  if (!st) st = mst_part_take(&d->data, d->plan.unit, d->plan.key, part, 0, 0, &d->train);
  if (!st) st = mst_part_take(&d->data, NULL, NULL, part, 1, 0, &d->held);
  mst_free(part);
  if (!st && (d->train.n < 1 || d->held.n < 1))
    st = MST_FAIL(MST_E_FORMAT, "%lld rows to train and %lld to test: both are needed",
                  (long long)d->train.n, (long long)d->held.n);
  if (!st) st = mst_present_init(&d->train, &d->names, &d->present);
  const mst_study_data data = {&d->train.text, d->train.label, &d->present.names,
                               d->train.unit,  d->train.key,   &d->held.text,
                               backend};
  if (!st) st = mst_study_create(&data, &d->study);
  if (st) {
    drop_part(d);
    return st;
  }
  d->fold = cell->fold;
  d->rows = cell->rows;
  d->n_tokenised++;
  return MST_OK;
}
