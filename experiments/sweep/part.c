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
  if (!st) st = mst_given_take(&s, &d.data, &d.given);
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
  mst_augmented_fini(&d->augmented);
  mst_free(d->twin);
  d->twin = NULL;
  d->n_copies = 0;
  d->fold = d->rows = -2;
}

void sweep_data_fini(sweep_data *d) {
  drop_part(d);
  mst_division_fini(&d->plan);
  mst_strings_fini(&d->names);
  mst_given_fini(&d->given);
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

static mst_split_records records_of(const sweep_data *d) {
  return (mst_split_records){d->plan.unit, d->plan.key, d->data.label, d->data.text.n_docs,
                             (int32_t)d->names.n};
}

/* Clean: 0 trains, 1 tests, -1 is left out. */
static mst_status divide(const sweep_spec *spec, const sweep_data *d, const sweep_cell *cell,
                         int32_t *part) {
  const int64_t n = d->data.text.n_docs;
  const mst_split_records records = records_of(d);
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

/* Which test rows say what a training row says, or belong to its group. */
static mst_status find_twins(sweep_data *d) {
  int64_t top = 0;
  for (int64_t i = 0; i < d->train.n; i++)
    top = d->train.unit[i] >= top ? d->train.unit[i] + 1 : top;
  uint8_t *trained = mst_alloc_zero((size_t)top, 1);
  d->twin = mst_alloc_zero((size_t)d->held.n, 1);
  const mst_status st = trained && d->twin ? MST_OK : MST_E_NOMEM;
  for (int64_t i = 0; !st && i < d->train.n; i++) trained[d->train.unit[i]] = 1;
  for (int64_t i = 0; !st && i < d->held.n; i++)
    d->twin[i] = d->held.unit[i] < top && trained[d->held.unit[i]];
  mst_free(trained);
  return st;
}

static mst_status take_clean(const sweep_spec *spec, sweep_data *d, const sweep_cell *cell,
                             int32_t *part) {
  mst_status st = divide(spec, d, cell, part);
  if (!st) st = mst_part_take(&d->data, d->plan.unit, d->plan.key, part, 0, 0, &d->train);
  if (!st) st = mst_part_take(&d->data, d->plan.unit, d->plan.key, part, 1, 0, &d->held);
  return st;
}

static mst_status take_paper(const sweep_spec *spec, sweep_data *d, const sweep_cell *cell,
                             const mst_settings *s, int32_t *part, mst_backend *backend) {
  const int64_t n = d->data.text.n_docs;
  const mst_split_records records = records_of(d);
  mst_status st = MST_OK;
  memset(part, 0, (size_t)n * sizeof *part);
  if (cell->rows >= 0 && spec->rows[cell->rows] < n)
    st = sweep_subset(&records, (uint64_t)spec->seed[cell->seed], 0, spec->rows[cell->rows], part);
  return st ? st : sweep_part_paper(d, cell, s, part, backend);
}

/* Copies of the training part, as misstep train makes them. */
static mst_status add_copies(sweep_data *d, const mst_settings *s, mst_backend *backend) {
  mst_train_maker maker = {.s = s};
  mst_tested tested = {0};
  const int made = !mst_setting_is(s, "augment", "none");
  mst_status st = made ? mst_train_maker_init(s, &maker) : MST_OK;
  if (!st && made && d->given.found)
    st = MST_FAIL(MST_E_FORMAT, "the data hold copies already: augment none is expected");
  if (!st) st = mst_tested_init(&d->held.text, 1, &tested);
  if (!st)
    st = mst_train_augment(&maker, &d->given, &d->data, &d->train, &d->present.names, &tested,
                           backend, &d->augmented);
  if (!st) d->n_copies = d->augmented.n - d->train.n;
  mst_tested_fini(&tested);
  mst_train_maker_fini(&maker);
  return st;
}

static mst_status make_study(sweep_data *d, mst_backend *backend) {
  const mst_augmented *a = &d->augmented;
  const mst_study_data plain = {.train = &d->train.text,
                                .label = d->train.label,
                                .names = &d->present.names,
                                .unit = d->train.unit,
                                .key = d->train.key,
                                .test = &d->held.text,
                                .backend = backend};
  const mst_study_data copies = {.corpus = a->corpus,
                                 .parent = a->parent,
                                 .weight = a->weight,
                                 .label = a->label,
                                 .names = &d->present.names,
                                 .unit = a->unit,
                                 .key = a->key,
                                 .test = &d->held.text,
                                 .backend = backend};
  return mst_study_create(a->n ? &copies : &plain, &d->study);
}

static int is_ready(const sweep_data *d, const sweep_cell *cell, const char *copies) {
  return d->study && d->fold == cell->fold && d->rows == cell->rows &&
         d->protocol == cell->protocol && strcmp(d->copies, copies) == 0;
}

mst_status sweep_data_part(const sweep_spec *spec, sweep_data *d, const sweep_cell *cell,
                           const mst_settings *s, const char *copies, mst_backend *backend) {
  mst_status st = sweep_data_plan(spec, d, cell->seed);
  if (st || is_ready(d, cell, copies)) return st;
  drop_part(d);
  int32_t *part = mst_alloc((size_t)d->data.text.n_docs, sizeof *part);
  if (!part) return MST_E_NOMEM;
  st = cell->protocol == SWEEP_PAPER ? take_paper(spec, d, cell, s, part, backend)
                                     : take_clean(spec, d, cell, part);
  mst_free(part);
  if (!st && (d->train.n < 1 || d->held.n < 1))
    st = MST_FAIL(MST_E_FORMAT, "%lld rows to train and %lld to test: both are needed",
                  (long long)d->train.n, (long long)d->held.n);
  if (!st) st = find_twins(d);
  if (!st) st = mst_present_init(&d->train, &d->names, &d->present);
  if (!st && cell->protocol == SWEEP_CLEAN && (*copies || d->given.found))
    st = add_copies(d, s, backend);
  if (!st) st = make_study(d, backend);
  if (st) {
    drop_part(d);
    return st;
  }
  d->fold = cell->fold;
  d->rows = cell->rows;
  d->protocol = cell->protocol;
  d->copies = copies;
  d->n_tokenised++;
  return MST_OK;
}
