/* split.c: from options to "who trains, who tests", and what to say about it. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/train.h"
#include "misstep/alloc.h"
#include "misstep/log.h"

/* A record, its file and line, in a complaint. */
#define AT(data, d)                                                                                \
  mst_records_path((data)->records), (long long)mst_records_line((data)->records, d)

static mst_status contradictions(const mst_settings *s) {
  static const char *const ways[] = {"test", "split-column", "fold-column"};
  const char *first = mst_setting_int(s, "folds") ? "folds" : NULL;
  for (int i = 0; i < 3; i++) {
    if (!mst_setting_text(s, ways[i])) continue;
    if (first && !(strcmp(first, "folds") == 0 && i == 2))
      return MST_FAIL(MST_E_ARG, "--%s and --%s contradict each other", first, ways[i]);
    first = ways[i];
  }
  if (first && mst_setting_given(s, "test-size") == 3)
    return MST_FAIL(MST_E_ARG, "--test-size and --%s contradict each other", first);
  if (mst_setting_int(s, "folds") == 1)
    return MST_FAIL(MST_E_ARG, "--folds 1: at least 2 are needed");
  return MST_OK;
}

/* Units over training and, where given, test records together, so that twins show. */
static mst_status find_units(const mst_settings *s, const mst_data *data, mst_division *p,
                             int64_t *n_units) {
  const char *group_column = mst_setting_text(s, "group-column");
  mst_strings storage = {0};
  mst_text view;
  mst_categories group = {0};
  mst_status st = MST_OK;
  if (group_column) {
    st = mst_data_column(data, group_column, &storage, &view);
    if (!st) st = mst_categories_init(&view, &group);
    mst_strings_fini(&storage);
  }
  if (!st)
    st = mst_split_units(&data->text, group_column ? &group : NULL, mst_setting_threads(s), p->unit,
                         p->key, n_units);
  mst_categories_fini(&group);
  return st;
}

static mst_status by_column(const mst_data *data, const char *column, mst_division *p) {
  int32_t col;
  mst_status st = mst_records_find(data->records, column, &col);
  int64_t n_test = 0;
  for (int64_t d = 0; !st && d < data->text.n_docs; d++) {
    const mst_slice f = mst_records_field(data->records, d, col);
    const int test = f.len == 4 && strncasecmp((const char *)f.ptr, "test", 4) == 0;
    if (!test && !(f.len == 5 && strncasecmp((const char *)f.ptr, "train", 5) == 0))
      st = MST_FAIL(MST_E_FORMAT, "%s:%lld: %s is '%.*s'; train or test is expected", AT(data, d),
                    column, f.len < 40 ? (int)f.len : 40, (const char *)f.ptr);
    p->part[d] = test;
    n_test += test;
  }
  if (!st && (n_test == 0 || n_test == data->text.n_docs))
    st = MST_FAIL(MST_E_FORMAT, "%s: column %s puts every record into %s",
                  mst_records_path(data->records), column, n_test ? "test" : "train");
  (void)snprintf(p->words, sizeof p->words, "given by column %.100s", column);
  return st;
}

static mst_status by_fold_column(const mst_data *data, const char *column, mst_division *p) {
  mst_strings storage = {0};
  mst_text view;
  mst_categories folds = {0};
  mst_status st = mst_data_column(data, column, &storage, &view);
  if (!st) st = mst_categories_init(&view, &folds);
  if (!st && folds.name.n < 2)
    st = MST_FAIL(MST_E_FORMAT, "%s: column %s names one fold; at least 2 are needed",
                  mst_records_path(data->records), column);
  if (!st) {
    memcpy(p->part, folds.id, (size_t)data->text.n_docs * sizeof *p->part);
    p->n_folds = (int32_t)folds.name.n;
    (void)snprintf(p->words, sizeof p->words, "%d folds given by column %.100s", p->n_folds,
                   column);
  }
  mst_categories_fini(&folds);
  mst_strings_fini(&storage);
  return st;
}

static void describe(const mst_settings *s, const char *what, mst_division *p) {
  const char *group = mst_setting_text(s, "group-column");
  (void)snprintf(
      p->words, sizeof p->words, "%s, stratified, %s%.60s, equal texts together, seed %lld", what,
      group ? "by " : "no groups", group ? group : "", (long long)mst_setting_int(s, "seed"));
}

static mst_status by_share(const mst_settings *s, const mst_data *data, const mst_strings *names,
                           mst_division *p) {
  const int64_t n = data->text.n_docs;
  const mst_split_records records = {p->unit, p->key, data->label, n, (int32_t)names->n};
  const double share = mst_setting_real(s, "test-size");
  uint8_t *is_test = mst_alloc((size_t)n, 1), *small = mst_alloc_zero((size_t)names->n, 1);
  int32_t n_small = 0;
  char what[64];
  mst_status st = is_test && small ? MST_OK : MST_E_NOMEM;
  if (!st)
    st = mst_split_test(&records, share, (uint64_t)mst_setting_int(s, "seed"), is_test, small,
                        &n_small);
  for (int64_t d = 0; !st && d < n; d++) p->part[d] = is_test[d];
  for (int64_t c = 0; !st && n_small && c < names->n; c++)
    if (small[c]) {
      const mst_slice name = mst_strings_at(names, c);
      mst_log(MST_LOG_WARNING, "class '%.*s' is too small to be divided: it is in training alone",
              name.len < 100 ? (int)name.len : 100, (const char *)name.ptr);
    }
  (void)snprintf(what, sizeof what, "%.4g %% held out", 100 * share);
  describe(s, what, p);
  mst_free(is_test);
  mst_free(small);
  return st;
}

static mst_status by_folds(const mst_settings *s, const mst_data *data, const mst_strings *names,
                           mst_division *p) {
  char what[64];
  p->n_folds = (int32_t)mst_setting_int(s, "folds");
  (void)snprintf(what, sizeof what, "%d folds", p->n_folds);
  describe(s, what, p);
  const mst_split_records records = {p->unit, p->key, data->label, data->text.n_docs,
                                     (int32_t)names->n};
  return mst_split_folds(&records, NULL, 0, p->n_folds, (uint64_t)mst_setting_int(s, "seed"),
                         p->part);
}

/* Test records that share a unit with training: possible only where the parts were given. */
static mst_status count_twins(const mst_data *data, int64_t n_units, mst_division *p) {
  uint8_t *trains = mst_alloc_zero((size_t)n_units, 1);
  if (!trains) return MST_E_NOMEM;
  for (int64_t d = 0; d < data->text.n_docs; d++)
    if (p->part[d] == 0) trains[p->unit[d]] = 1;
  p->n_twins = 0;
  for (int64_t d = 0; d < data->text.n_docs; d++)
    p->n_twins += p->part[d] == 1 && trains[p->unit[d]];
  mst_free(trains);
  return MST_OK;
}

/* The same with a test file of its own: units over both texts, one after the other. */
static mst_status count_file_twins(const mst_data *data, const mst_data *test, int threads,
                                   mst_division *p) {
  const int64_t a = data->text.n_docs, b = test->text.n_docs, bytes = data->text.start[a];
  uint8_t *both = mst_alloc((size_t)(bytes + test->text.start[b]), 1), *trains = NULL;
  int64_t *start = mst_alloc((size_t)(a + b + 1), sizeof *start),
          *unit = mst_alloc((size_t)(a + b), sizeof *unit);
  int64_t n_units = 0;
  mst_status st = both && start && unit ? MST_OK : MST_E_NOMEM;
  if (st) goto done;
  memcpy(both, data->text.bytes, (size_t)bytes);
  memcpy(both + bytes, test->text.bytes, (size_t)test->text.start[b]);
  memcpy(start, data->text.start, (size_t)a * sizeof *start);
  for (int64_t d = 0; d <= b; d++) start[a + d] = bytes + test->text.start[d];
  const mst_text text = {a + b, both, start};
  st = mst_split_units(&text, NULL, threads, unit, NULL, &n_units);
  if (!st && !(trains = mst_alloc_zero((size_t)n_units, 1))) st = MST_E_NOMEM;
  if (st) goto done;
  for (int64_t d = 0; d < a; d++) trains[unit[d]] = 1;
  p->n_twins = 0;
  for (int64_t d = 0; d < b; d++) p->n_twins += trains[unit[a + d]];
done:
  mst_free(both);
  mst_free(start);
  mst_free(unit);
  mst_free(trains);
  return st;
}

mst_status mst_division_make(const mst_settings *s, const mst_data *data, const mst_strings *names,
                             const mst_data *test, mst_division *out) {
  const size_t n = (size_t)data->text.n_docs;
  const char *split_column = mst_setting_text(s, "split-column");
  const char *fold_column = mst_setting_text(s, "fold-column");
  int64_t n_units = 0;
  mst_division p = {.n_twins = -1};
  mst_status st = contradictions(s);
  if (st) return st;
  p.part = mst_alloc_zero(n, sizeof *p.part);
  p.unit = mst_alloc(n, sizeof *p.unit);
  p.key = mst_alloc(n, sizeof *p.key);
  if (!p.part || !p.unit || !p.key) st = MST_E_NOMEM;
  if (!st) st = find_units(s, data, &p, &n_units);
  if (st) goto done;
  if (test) {
    (void)snprintf(p.words, sizeof p.words, "test records from %.200s",
                   mst_setting_text(s, "test"));
    st = count_file_twins(data, test, mst_setting_threads(s), &p);
  } else if (split_column) {
    st = by_column(data, split_column, &p);
    if (!st) st = count_twins(data, n_units, &p);
  } else if (fold_column) st = by_fold_column(data, fold_column, &p);
  else if (mst_setting_int(s, "folds")) st = by_folds(s, data, names, &p);
  else st = by_share(s, data, names, &p);
  if (!st && p.n_twins > 0)
    mst_log(MST_LOG_WARNING,
            "%lld test records have a twin in training (same text%s): their figures flatter",
            (long long)p.n_twins,
            split_column && mst_setting_text(s, "group-column") ? " or group" : "");
done:
  if (st) mst_division_fini(&p);
  else *out = p;
  return st;
}

void mst_division_fini(mst_division *plan) {
  mst_free(plan->part);
  mst_free(plan->unit);
  mst_free(plan->key);
  *plan = (mst_division){0};
}
