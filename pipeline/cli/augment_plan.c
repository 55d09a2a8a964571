/* augment_plan.c: how many copies each record gets.
 *
 * A plan needs the counts of the whole file, so --to and --balance read it twice. Copies are spread
 * evenly; who gets one more is drawn by the record's id, so the order of the file does not matter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/copies.h"
#include "cli/terminal.h"
#include "misstep/hash.h"
#include "misstep/log.h"
#include "misstep/rng.h"

enum { BATCH_ROWS = 16384 };
#define MAX_COPIES 1048574 /* mst_augment_record.n_copies */

mst_status mst_augment_columns_find(const mst_settings *s, const mst_records *records,
                                    mst_augment_columns *out) {
  static const char *const taken[] = {"parent", "copy", "rules", "edits"};
  const char *text = mst_setting_text(s, "text-column"), *id = mst_setting_text(s, "id-column");
  const char *label = mst_setting_text(s, "label-column");
  mst_augment_columns c = {-1, -1, -1};
  if (strchr(text, ','))
    return MST_FAIL(MST_E_ARG, "--text-column %s: augment writes one column, several are named",
                    text);
  for (int i = 0; i < 4; i++)
    if (mst_records_col(records, taken[i]) >= 0)
      return MST_FAIL(MST_E_FORMAT,
                      "%s: it has a column '%s' already: copies are made of originals, "
                      "not of copies",
                      mst_records_path(records), taken[i]);
  mst_status st = mst_records_find(records, text, &c.text);
  if (!st && id) st = mst_records_find(records, id, &c.id);
  c.label = mst_records_col(records, label);
  if (!st && c.label < 0 && mst_setting_given(s, "label-column"))
    st = mst_records_find(records, label, &c.label);
  if (!st) *out = c;
  return st;
}

uint64_t mst_augment_id(const mst_records *records, int64_t row, const mst_augment_columns *at) {
  const mst_slice key = mst_records_field(records, row, at->id >= 0 ? at->id : at->text);
  const uint64_t hash = mst_hash64(key.ptr, (size_t)key.len, 0);
  if (at->id >= 0 || at->label < 0) return hash;
  const mst_slice label = mst_records_field(records, row, at->label);
  return mst_hash64(label.ptr, (size_t)label.len, hash);
}

/* One record while the plan is made. */
typedef struct place {
  uint64_t draw;
  int64_t row;
  int32_t label;
} place;

/* The whole file, as far as the plan needs it. */
typedef struct census {
  const mst_settings *s;
  place *place;
  int64_t n, capacity;
  mst_strings names; /* labels in the order of their first record */
  int64_t name_capacity, byte_capacity;
  int by_label;
} census;

static mst_status add_name(census *c, mst_slice name) {
  mst_strings *s = &c->names;
  const int64_t end = s->n ? s->start[s->n] : 0;
  if (s->n + 2 > c->name_capacity) {
    c->name_capacity = 2 * c->name_capacity + 16;
    int64_t *start = mst_realloc(s->start, (size_t)c->name_capacity, sizeof *start);
    if (!start) return MST_E_NOMEM;
    s->start = start;
  }
  if (end + name.len > c->byte_capacity) {
    c->byte_capacity = 2 * (end + name.len) + 256;
    uint8_t *bytes = mst_realloc(s->bytes, (size_t)c->byte_capacity, 1);
    if (!bytes) return MST_E_NOMEM;
    s->bytes = bytes;
  }
  s->start[s->n] = end;
  memcpy(s->bytes + end, name.ptr, (size_t)name.len);
  s->start[++s->n] = end + name.len;
  return MST_OK;
}

/* Number of a label; labels are few. */
static mst_status label_number(census *c, mst_slice name, int32_t *out) {
  for (int32_t i = 0; i < c->names.n; i++)
    if (!mst_slice_compare(mst_strings_at(&c->names, i), name)) {
      *out = i;
      return MST_OK;
    }
  *out = (int32_t)c->names.n;
  return add_name(c, name);
}

static mst_status count_row(census *c, const mst_records *r, int64_t row,
                            const mst_augment_columns *at, uint64_t seed) {
  if (c->n == c->capacity) {
    c->capacity = c->capacity ? 2 * c->capacity : 4096;
    place *grown = mst_realloc(c->place, (size_t)c->capacity, sizeof *grown);
    if (!grown) return MST_E_NOMEM;
    c->place = grown;
  }
  place *p = &c->place[c->n];
  *p = (place){.row = c->n};
  p->draw = mst_rng_u64(seed, MST_RNG_AUGMENT, mst_augment_id(r, row, at), 0, 0);
  c->n++;
  if (!c->by_label) return MST_OK;
  const mst_slice label = mst_records_field(r, row, at->label);
  if (!label.len)
    return MST_FAIL(MST_E_FORMAT, "%s:%lld: an empty label; --balance needs one in every record",
                    mst_records_path(r), (long long)mst_records_line(r, row));
  return label_number(c, label, &p->label);
}

static mst_status count_batch(census *c, const mst_records *r) {
  mst_augment_columns at;
  const uint64_t seed = (uint64_t)mst_setting_int(c->s, "seed");
  mst_status st = mst_augment_columns_find(c->s, r, &at);
  if (!st && c->by_label && at.label < 0)
    st = mst_records_find(r, mst_setting_text(c->s, "label-column"), &at.label);
  for (int64_t row = 0; !st && row < mst_records_n_rows(r); row++)
    st = count_row(c, r, row, &at, seed);
  return st;
}

static mst_status count_file(census *c, const char *path) {
  const mst_read_options options = mst_setting_read(c->s);
  mst_reader *reader = NULL;
  mst_status st = mst_terminal_input(mst_reader_open(path, &options, &reader));
  for (int more = 1; !st && more;) {
    mst_records *records = NULL;
    st = mst_terminal_input(mst_reader_next(reader, BATCH_ROWS, &records));
    if (st) break;
    more = mst_records_n_rows(records) > 0;
    st = count_batch(c, records);
    mst_records_free(records);
    if (!st) st = mst_progress("counting", c->n, -1, "");
  }
  mst_reader_close(reader);
  return st;
}

static int compare_places(const void *x, const void *y) {
  const place *a = x, *b = y;
  if (a->label != b->label) return a->label < b->label ? -1 : 1;
  if (a->draw != b->draw) return a->draw < b->draw ? -1 : 1;
  return a->row < b->row ? -1 : a->row > b->row;
}

static int compare_counts(const void *x, const void *y) {
  const int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
  return a < b ? -1 : a > b;
}

/* Spread `wanted` copies over places first .. last - 1, which are sorted by their draws. */
static mst_status spread(const census *c, int64_t first, int64_t last, int64_t wanted,
                         int64_t ceiling, int32_t *planned) {
  const int64_t n = last - first;
  const int64_t each = wanted > 0 ? wanted / n : 0, more = wanted > 0 ? wanted % n : 0;
  for (int64_t i = first; i < last; i++) {
    int64_t copies = each + (i - first < more);
    if (copies > ceiling) copies = ceiling;
    if (copies > MAX_COPIES)
      return MST_FAIL(MST_E_ARG, "%lld copies of a record, at most %d are possible",
                      (long long)copies, MAX_COPIES);
    planned[c->place[i].row] = (int32_t)copies;
  }
  return MST_OK;
}

/* Records that each label should have: --balance max, median, N or a ratio of the largest. */
static mst_status balance_target(const char *text, const int64_t *count, int64_t n,
                                 int64_t *target) {
  char *end;
  int64_t *sorted = mst_alloc((size_t)n, sizeof *sorted);
  if (!sorted) return MST_E_NOMEM;
  memcpy(sorted, count, (size_t)n * sizeof *sorted);
  qsort(sorted, (size_t)n, sizeof *sorted, compare_counts);
  const int64_t largest = sorted[n - 1], median = sorted[(n - 1) / 2];
  mst_free(sorted);
  const double number = strtod(text, &end);
  if (!strcmp(text, "max")) *target = largest;
  else if (!strcmp(text, "median")) *target = median;
  else if (*end || end == text || !(number > 0 && number <= 1e15))
    return MST_FAIL(MST_E_ARG,
                    "--balance %s: max, median, a number of records, or a share of the "
                    "largest label as in 0.5 is expected",
                    text);
  else if (strchr(text, '.')) *target = (int64_t)(number * (double)largest + 0.5);
  else *target = (int64_t)number;
  return MST_OK;
}

static mst_status plan_balance(const census *c, const char *text, int64_t ceiling,
                               int32_t *planned) {
  int64_t target = 0;
  int64_t *count = mst_alloc_zero((size_t)c->names.n, sizeof *count);
  if (!count) return MST_E_NOMEM;
  for (int64_t i = 0; i < c->n; i++) count[c->place[i].label]++;
  mst_status st = balance_target(text, count, c->names.n, &target);
  for (int64_t k = 0, first = 0; !st && k < c->names.n; first += count[k++])
    st = spread(c, first, first + count[k], target - count[k], ceiling, planned);
  mst_free(count);
  return st;
}

static mst_status plan_whole(const mst_settings *s, const char *path, mst_augment_plan *out) {
  const char *balance = mst_setting_text(s, "balance");
  const int64_t to = mst_setting_text(s, "to") ? mst_setting_int(s, "to") : 0;
  const int64_t limit = mst_setting_int(s, "max-copies");
  const int64_t ceiling = limit ? limit : INT64_MAX;
  census c = {.s = s, .by_label = balance != NULL};
  mst_status st = count_file(&c, path);
  if (!st && c.n == 0) st = MST_FAIL(MST_E_FORMAT, "%s: no records after the header", path);
  if (!st && !balance && to < c.n)
    st = MST_FAIL(MST_E_FORMAT, "--to %lld: %s has %lld records already, expected at least as many",
                  (long long)to, path, (long long)c.n);
  int32_t *planned = st ? NULL : mst_alloc((size_t)c.n, sizeof *planned);
  if (!st && !planned) st = MST_E_NOMEM;
  if (!st) {
    qsort(c.place, (size_t)c.n, sizeof *c.place, compare_places);
    st = balance ? plan_balance(&c, balance, ceiling, planned)
                 : spread(&c, 0, c.n, to - c.n, ceiling, planned);
  }
  if (st) mst_free(planned);
  else *out = (mst_augment_plan){.planned = planned, .n_rows = c.n};
  mst_free(c.place);
  mst_strings_fini(&c.names);
  return st;
}

mst_status mst_augment_plan_make(const mst_settings *s, const char *path, mst_augment_plan *out) {
  const int whole = mst_setting_text(s, "to") || mst_setting_text(s, "balance");
  const int n_given = !!mst_setting_text(s, "to") + !!mst_setting_text(s, "balance") +
                      (mst_setting_given(s, "copies") > 0);
  if (n_given > 1)
    return MST_FAIL(MST_E_ARG,
                    "--copies, --to and --balance each decide how many copies there are: "
                    "one of them is expected");
  *out = (mst_augment_plan){.copies = (int32_t)mst_setting_int(s, "copies")};
  if (!whole) return MST_OK;
  if (!strcmp(path, "-"))
    return MST_FAIL(MST_E_ARG, "--to and --balance read the input twice: a FILE is expected, not "
                               "standard input");
  return plan_whole(s, path, out);
}

void mst_augment_plan_fini(mst_augment_plan *plan) {
  mst_free(plan->planned);
  *plan = (mst_augment_plan){0};
}
