/* parts.c: the training and test files of both protocols, as CSV that misstep train takes and that
 * anybody can look at. A file that is there is kept: its content follows from its name.
 *
 * Paper: half of the records are originals; 5,000 .. 15,000 of them are split at random; copies
 * fill 15,000 up to 30,000, and then the 30,000 are split at random. Clean: one test part by group
 * and text, and nested training parts.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "part_files.h"
#include "sweep/part.h"

static void name_part(const paper_run *run, paper_protocol protocol, int size, int32_t seed,
                      paper_part *p) {
  const char *tag = run->set.tag;
  const long long n = (long long)run->set.rows[size];
  if (protocol == PAPER_LEAKY) {
    (void)snprintf(p->train, sizeof p->train, "data/%s-paper-%lld-s%d.train.csv", tag, n, seed);
    (void)snprintf(p->test, sizeof p->test, "data/%s-paper-%lld-s%d.test.csv", tag, n, seed);
  } else {
    (void)snprintf(p->train, sizeof p->train, "data/%s-clean-%lld-s%d.train.csv", tag, n, seed);
    (void)snprintf(p->test, sizeof p->test, "data/%s-clean-s%d.test.csv", tag, seed);
  }
}

/* The rows with side[d] >= 0 at random into PAPER_TRAIN and PAPER_TEST, records for themselves. */
static mst_status split_alone(const paper_rows *r, int32_t n_classes, uint64_t seed,
                              int32_t *side) {
  int64_t n = 0;
  int64_t *row = mst_alloc((size_t)r->n, sizeof *row);
  int64_t *unit = mst_alloc((size_t)r->n, sizeof *unit);
  uint64_t *key = mst_alloc((size_t)r->n, sizeof *key);
  int32_t *label = mst_alloc((size_t)r->n, sizeof *label);
  uint8_t *is_test = mst_alloc((size_t)r->n, 1);
  mst_status st = row && unit && key && label && is_test ? MST_OK : MST_E_NOMEM;
  for (int64_t d = 0; d < r->n && !st; d++) {
    if (side[d] < 0) continue;
    row[n] = unit[n] = d;
    key[n] = (uint64_t)d;
    label[n++] = r->label[d];
  }
  const mst_split_records records = {unit, key, label, n, n_classes};
  int32_t n_small = 0;
  if (!st) st = mst_split_test(&records, 0.2, seed, is_test, NULL, &n_small);
  for (int64_t i = 0; i < n && !st; i++) side[row[i]] = is_test[i] ? PAPER_TEST : PAPER_TRAIN;
  mst_free(row);
  mst_free(unit);
  mst_free(key);
  mst_free(label);
  mst_free(is_test);
  return st;
}

/* The records as rows. */
static mst_status all_rows(const paper_set *s, paper_rows *out) {
  int64_t *id = mst_alloc((size_t)s->n, sizeof *id);
  if (!id) return MST_E_NOMEM;
  for (int64_t d = 0; d < s->n; d++) id[d] = d;
  *out = (paper_rows){s->n, s->text, s->label, id};
  return MST_OK;
}

/* Paper, without copies: so many of the originals. */
static mst_status keep_originals(const paper_set *s, int64_t n_wanted, int32_t seed,
                                 int32_t *side) {
  const mst_split_records alone = {s->alone, s->alone_key, s->label, s->n, (int32_t)s->names.n};
  memset(side, 0, (size_t)s->n * sizeof *side);
  return sweep_subset(&alone, (uint64_t)seed, 0, n_wanted, side);
}

/* Have misstep augment fill the originals up; its file is read back. */
static mst_status augment(const paper_run *run, const paper_rows *all, int32_t seed, int32_t *side,
                          char path[4200]) {
  const paper_set *s = &run->set;
  char from[64], to[64], number[24], draw[16];
  (void)snprintf(from, sizeof from, "data/%s-originals-s%d.csv", s->tag, seed);
  (void)snprintf(to, sizeof to, "data/%s-augmented-s%d.csv", s->tag, seed);
  (void)snprintf(number, sizeof number, "%lld", (long long)s->rows[PAPER_SIZES - 1]);
  (void)snprintf(draw, sizeof draw, "%d", seed);
  paper_part_path(run, to, path);
  if (access(path, R_OK) == 0) return MST_OK;
  mst_status st = keep_originals(s, s->rows[PAPER_SIZES - 2], seed, side);
  if (!st) st = paper_side_write(run, all, side, PAPER_TRAIN, NULL, from);
  const char *const argv[] = {run->options->program,
                              "augment",
                              from,
                              "--id-column",
                              "id",
                              "--to",
                              number,
                              "--seed",
                              draw,
                              "-o",
                              to,
                              "-f",
                              "-q",
                              NULL};
  return st ? st : paper_child(run->options->dir, argv, "work/augment.log");
}

static mst_status make_augmented(const paper_run *run, const paper_rows *all, int32_t seed,
                                 const paper_part *part, int32_t *side) {
  mst_records *records = NULL;
  mst_strings storage = {0};
  paper_rows more = {0};
  char path[4200];
  int32_t *sides = NULL;
  mst_status st = augment(run, all, seed, side, path);
  if (!st) st = paper_rows_read(&run->set, path, &records, &storage, &more);
  if (!st && !(sides = mst_alloc_zero((size_t)more.n, sizeof *sides))) st = MST_E_NOMEM;
  if (!st) st = split_alone(&more, (int32_t)run->set.names.n, (uint64_t)seed, sides);
  if (!st) st = paper_part_write(run, &more, sides, part);
  mst_free(sides);
  paper_rows_fini(&more);
  mst_strings_fini(&storage);
  mst_records_free(records);
  return st;
}

static mst_status make_clean(const paper_run *run, const paper_rows *all, int size, int32_t seed,
                             const paper_part *part, int32_t *side) {
  const paper_set *s = &run->set;
  const mst_split_records records = {s->group, s->group_key, s->label, s->n, (int32_t)s->names.n};
  uint8_t *is_test = mst_alloc((size_t)s->n, 1);
  int32_t n_small = 0;
  int64_t n_train = 0;
  mst_status st = is_test ? mst_split_test(&records, 0.2, (uint64_t)seed, is_test, NULL, &n_small)
                          : MST_E_NOMEM;
  for (int64_t d = 0; d < s->n && !st; d++)
    n_train += !(side[d] = is_test[d] ? PAPER_TEST : PAPER_TRAIN);
  mst_free(is_test);
  if (!st && size < PAPER_SIZES - 1)
    st = sweep_subset(&records, (uint64_t)seed, PAPER_TRAIN, n_train * s->rows[size] / s->n, side);
  return st ? st : paper_part_write(run, all, side, part);
}

static mst_status make_part(const paper_run *run, const paper_rows *all, paper_protocol protocol,
                            int size, int32_t seed, int32_t *side) {
  const paper_part *part = &run->part[protocol][size][seed];
  char train[4200], test[4200];
  paper_part_path(run, part->train, train);
  paper_part_path(run, part->test, test);
  if (access(train, R_OK) == 0 && access(test, R_OK) == 0) return MST_OK;
  if (protocol == PAPER_CLEAN) return make_clean(run, all, size, seed, part, side);
  if (size == PAPER_SIZES - 1) return make_augmented(run, all, seed, part, side);
  mst_status st = keep_originals(&run->set, run->set.rows[size], seed, side);
  if (!st) st = split_alone(all, (int32_t)run->set.names.n, (uint64_t)seed, side);
  return st ? st : paper_part_write(run, all, side, part);
}

mst_status paper_parts_make(paper_run *run) {
  const paper_options *o = run->options;
  paper_rows all = {0};
  int32_t *side = mst_alloc((size_t)run->set.n, sizeof *side);
  mst_status st = side ? all_rows(&run->set, &all) : MST_E_NOMEM;
  for (int i = 0; i < PAPER_PROTOCOLS * PAPER_SIZES * o->n_seeds && !st; i++) {
    const paper_protocol protocol = i / (PAPER_SIZES * o->n_seeds) ? PAPER_CLEAN : PAPER_LEAKY;
    const int size = i / o->n_seeds % PAPER_SIZES;
    const int32_t seed = i % o->n_seeds;
    paper_part *part = &run->part[protocol][size][seed];
    if (!o->wanted[protocol]) continue;
    if (mst_terminal_signal()) st = MST_FAIL(MST_E_CANCELLED, "stopped");
    name_part(run, protocol, size, seed, part);
    if (!st) st = make_part(run, &all, protocol, size, seed, side);
    if (st == MST_E_ADAPTER) { /* no copies: their cells are empty, and this is why */
      (void)snprintf(part->problem, sizeof part->problem, "%.255s", mst_error_last()->message);
      st = MST_OK;
    } else if (!st) st = paper_part_load(run, part);
  }
  mst_free(side);
  mst_free(all.id);
  return st;
}
