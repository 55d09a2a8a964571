/* part_paper.c: the paper's protocol: copies of all records first, then rows divided at random,
 * whatever they are copies of. It leaks, which is what it is here for: to be measured. */
#include <string.h>

#include "misstep/alloc.h"
#include "misstep/hash.h"
#include "part.h"

/* Rows to be divided: records, or records and copies. */
typedef struct rows {
  mst_data data; /* text and label borrowed */
  const int64_t *unit, *parent;
  const uint64_t *key;
} rows;

/* A name for each row that no other has and that the order of the file decides only among rows of
 * one unit. */
static mst_status name_rows(const rows *r, int64_t *number, uint64_t *name) {
  const int64_t n = r->data.text.n_docs;
  int64_t top = 0;
  for (int64_t i = 0; i < n; i++) top = r->unit[i] >= top ? r->unit[i] + 1 : top;
  uint64_t *seen = mst_alloc_zero((size_t)top, sizeof *seen);
  if (!seen) return MST_E_NOMEM;
  for (int64_t i = 0; i < n; i++) {
    const uint64_t both[2] = {r->key[i], seen[r->unit[i]]++};
    number[i] = i;
    name[i] = mst_hash64(both, sizeof both, 0);
  }
  mst_free(seen);
  return MST_OK;
}

/* 0 trains, 1 tests. */
static mst_status divide(const rows *r, int32_t n_classes, int32_t n_folds, int32_t fold,
                         const mst_settings *s, int32_t *part) {
  const int64_t n = r->data.text.n_docs;
  const uint64_t seed = (uint64_t)mst_setting_int(s, "seed");
  int32_t n_small = 0;
  int64_t *number = mst_alloc((size_t)n, sizeof *number);
  uint64_t *name = mst_alloc((size_t)n, sizeof *name);
  uint8_t *is_test = mst_alloc((size_t)n, 1);
  mst_status st = number && name && is_test ? name_rows(r, number, name) : MST_E_NOMEM;
  const mst_split_records records = {number, name, r->data.label, n, n_classes};
  if (!st && n_folds) st = mst_split_folds(&records, NULL, n, n_folds, seed, part);
  else if (!st)
    st = mst_split_test(&records, mst_setting_real(s, "test-size"), seed, is_test, NULL, &n_small);
  for (int64_t i = 0; !st && i < n; i++) part[i] = n_folds ? part[i] == fold : is_test[i];
  mst_free(number);
  mst_free(name);
  mst_free(is_test);
  return st;
}

static mst_status take(sweep_data *d, const rows *r, int32_t fold, const mst_settings *s) {
  int32_t *part = mst_alloc((size_t)r->data.text.n_docs, sizeof *part);
  mst_status st =
      part ? divide(r, (int32_t)d->names.n, d->plan.n_folds, fold, s, part) : MST_E_NOMEM;
  if (!st) st = mst_part_take(&r->data, r->unit, r->key, part, 0, 0, &d->train);
  if (!st) st = mst_part_take(&r->data, r->unit, r->key, part, 1, 0, &d->held);
  for (int64_t i = 0; !st && r->parent && i < d->train.n; i++)
    d->n_copies += r->parent[d->train.row[i]] != d->train.row[i];
  mst_free(part);
  return st;
}

mst_status sweep_part_paper_check(const sweep_data *d, int weights) {
  if (d->given.found)
    return MST_FAIL(MST_E_FORMAT, "the data hold copies already: protocol paper makes its own");
  if (weights)
    return MST_FAIL(MST_E_ARG, "protocol paper divides copies among the parts: augment weights "
                               "makes none");
  return MST_OK;
}

mst_status sweep_part_paper(sweep_data *d, const sweep_cell *cell, const mst_settings *s,
                            const int32_t *part, mst_backend *backend) {
  const mst_given none = {0};
  const mst_tested untested = {.n_threads = 1};
  mst_part all = {0};
  mst_augmented a = {0};
  mst_train_maker maker = {0};
  mst_status st = mst_part_take(&d->data, d->plan.unit, d->plan.key, part, 0, 0, &all);
  rows r = {{.text = all.text, .label = all.label}, all.unit, NULL, all.key};
  const int copies = !mst_setting_is(s, "augment", "none");
  if (!st && copies) st = mst_train_maker_init(s, &maker);
  if (!st) st = sweep_part_paper_check(d, maker.weights);
  if (!st && copies) {
    maker.as_text = 1;
    st = mst_train_augment(&maker, &none, &d->data, &all, &d->names, &untested, backend, &a);
    r = (rows){
        {.text = {a.n, a.text.bytes, a.text.start}, .label = a.label}, a.unit, a.parent, a.key};
  }
  if (!st) st = take(d, &r, cell->fold, s);
  mst_train_maker_fini(&maker);
  mst_augmented_fini(&a);
  mst_part_fini(&all);
  return st;
}
