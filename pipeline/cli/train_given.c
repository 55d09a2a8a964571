/* train_given.c: a training file in which misstep augment has put copies: who is whose copy. */
#include <stdlib.h>
#include <string.h>

#include "cli/train_copies.h"
#include "misstep/alloc.h"

/* The columns that misstep augment adds. */
typedef struct provenance {
  int32_t parent, copy, label;
} provenance;

static int find_columns(const mst_records *r, provenance *out) {
  *out = (provenance){mst_records_col(r, "parent"), mst_records_col(r, "copy"), -1};
  return out->parent >= 0 && out->copy >= 0 && mst_records_col(r, "rules") >= 0 &&
         mst_records_col(r, "edits") >= 0;
}

/* Number of a row's copy: digits, 0 for a record. -1: it is none. */
static int64_t copy_number(const mst_records *r, int64_t row, const provenance *at) {
  const mst_slice f = mst_records_field(r, row, at->copy);
  int64_t n = f.len > 0 && f.len < 10 ? 0 : -1;
  for (int64_t i = 0; n >= 0 && i < f.len; i++)
    n = f.ptr[i] >= '0' && f.ptr[i] <= '9' ? 10 * n + f.ptr[i] - '0' : -1;
  return n;
}

int mst_given_is_in(const mst_records *records) {
  provenance at;
  if (!find_columns(records, &at)) return 0;
  for (int64_t row = 0; row < mst_records_n_rows(records); row++)
    if (copy_number(records, row, &at) != 0) return 1;
  return 0;
}

/* A record's name and row. */
typedef struct named {
  mst_slice id;
  int64_t row;
} named;

static int compare_named(const void *x, const void *y) {
  const named *a = x, *b = y;
  const int order = mst_slice_compare(a->id, b->id);
  return order ? order : (a->row > b->row) - (a->row < b->row);
}

/* What is known of the rows while copies are told from records. */
typedef struct sorting {
  const mst_data *data;
  provenance at;
  named *record; /* [n_records] by name, then row */
  int64_t n_records, n_copies;
  int64_t *row;    /* [n_records] rising */
  int64_t *place;  /* [rows] a record's place in row */
  int64_t *parent; /* [rows] a copy's record as a row; -1: it is a record */
} sorting;

/* The record that a copy names: of several with one name the nearest before it, or the first. */
static mst_status find_parent(const sorting *s, int64_t row, int64_t *out) {
  const mst_records *r = s->data->records;
  const named want = {mst_records_field(r, row, s->at.parent), row};
  int64_t low = 0, high = s->n_records;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (compare_named(&s->record[middle], &want) < 0) low = middle + 1;
    else high = middle;
  }
  const int before = low > 0 && !mst_slice_compare(s->record[low - 1].id, want.id);
  const int after = low < s->n_records && !mst_slice_compare(s->record[low].id, want.id);
  if (!before && !after)
    return MST_FAIL(MST_E_FORMAT,
                    "%s:%lld: a copy of '%.*s', which is not in the file: its record is expected "
                    "there, with copy 0",
                    mst_records_path(r), (long long)mst_records_line(r, row),
                    want.id.len < 60 ? (int)want.id.len : 60, (const char *)want.id.ptr);
  *out = s->record[before ? low - 1 : low].row;
  const mst_slice label = mst_records_field(r, row, s->at.label);
  if (mst_slice_compare(label, mst_records_field(r, *out, s->at.label)))
    return MST_FAIL(MST_E_FORMAT,
                    "%s:%lld: a copy with the label '%.*s', expected that of its record at line "
                    "%lld",
                    mst_records_path(r), (long long)mst_records_line(r, row),
                    label.len < 60 ? (int)label.len : 60, (const char *)label.ptr,
                    (long long)mst_records_line(r, *out));
  return MST_OK;
}

static mst_status tell_apart(sorting *s) {
  const mst_records *r = s->data->records;
  const int64_t n = mst_records_n_rows(r);
  for (int64_t row = 0; row < n; row++) {
    const int64_t copy = copy_number(r, row, &s->at);
    if (copy < 0)
      return MST_FAIL(MST_E_FORMAT,
                      "%s:%lld: the column copy holds no number; 0 for a record, 1, 2, ... for its "
                      "copies is expected",
                      mst_records_path(r), (long long)mst_records_line(r, row));
    s->parent[row] = copy ? 0 : -1;
    s->n_copies += copy > 0;
    if (copy) continue;
    s->record[s->n_records] = (named){mst_records_field(r, row, s->at.parent), row};
    s->place[row] = s->n_records;
    s->row[s->n_records++] = row;
  }
  qsort(s->record, (size_t)s->n_records, sizeof *s->record, compare_named);
  mst_status st = MST_OK;
  for (int64_t row = 0; !st && row < n; row++)
    if (s->parent[row] >= 0) st = find_parent(s, row, &s->parent[row]);
  return st;
}

/* A copy that waits for its place behind its record. */
typedef struct waiting {
  int64_t parent, row;
} waiting;

static int compare_waiting(const void *x, const void *y) {
  const waiting *a = x, *b = y;
  if (a->parent != b->parent) return a->parent < b->parent ? -1 : 1;
  return (a->row > b->row) - (a->row < b->row);
}

/* Copy documents of a text. */
static mst_status texts_take(const mst_text *from, const waiting *rows, int64_t n,
                             mst_strings *out) {
  int64_t n_bytes = 0;
  for (int64_t i = 0; i < n; i++)
    n_bytes += from->start[rows[i].row + 1] - from->start[rows[i].row];
  out->bytes = mst_alloc((size_t)n_bytes, 1);
  out->start = mst_alloc_zero((size_t)n + 1, sizeof *out->start);
  if (!out->bytes || !out->start) return MST_E_NOMEM;
  for (int64_t i = 0; i < n; i++) {
    const int64_t at = from->start[rows[i].row], len = from->start[rows[i].row + 1] - at;
    memcpy(out->bytes + out->start[i], from->bytes + at, (size_t)len);
    out->start[i + 1] = out->start[i] + len;
  }
  out->n = n;
  return MST_OK;
}

/* Copies' texts by their records, and the records alone as data. */
static mst_status divide(const sorting *s, mst_data *data, mst_given *g) {
  const int64_t n = mst_records_n_rows(data->records);
  mst_strings kept = {0};
  waiting *copies = mst_alloc((size_t)s->n_copies, sizeof *copies);
  waiting *records = mst_alloc((size_t)s->n_records, sizeof *records);
  g->parent = mst_alloc((size_t)s->n_copies, sizeof *g->parent);
  mst_status st = copies && records && g->parent ? MST_OK : MST_E_NOMEM;
  int64_t to = 0;
  for (int64_t row = 0; !st && row < n; row++)
    if (s->parent[row] >= 0) copies[to++] = (waiting){s->place[s->parent[row]], row};
  for (int64_t i = 0; !st && i < s->n_records; i++) records[i] = (waiting){i, s->row[i]};
  if (!st) qsort(copies, (size_t)to, sizeof *copies, compare_waiting);
  if (!st) st = texts_take(&data->text, copies, to, &g->storage);
  if (!st) st = texts_take(&data->text, records, s->n_records, &kept);
  for (int64_t i = 0; !st && i < to; i++) g->parent[i] = copies[i].parent;
  mst_free(copies);
  mst_free(records);
  if (st) {
    mst_strings_fini(&kept);
    return st;
  }
  g->n = to;
  g->text = (mst_text){to, g->storage.bytes, g->storage.start};
  mst_strings_fini(&data->storage);
  data->storage = kept;
  data->text = (mst_text){kept.n, kept.bytes, kept.start};
  mst_records_keep(data->records, s->row, s->n_records);
  return MST_OK;
}

mst_status mst_given_take(const mst_settings *s, mst_data *data, mst_given *out) {
  mst_given g = {0};
  sorting sort = {.data = data};
  if (!find_columns(data->records, &sort.at)) {
    *out = g;
    return MST_OK;
  }
  const size_t n = (size_t)mst_records_n_rows(data->records);
  sort.record = mst_alloc(n, sizeof *sort.record);
  sort.row = mst_alloc(n, sizeof *sort.row);
  sort.place = mst_alloc(n, sizeof *sort.place);
  sort.parent = mst_alloc(n, sizeof *sort.parent);
  const int ok = sort.record && sort.row && sort.place && sort.parent;
  mst_status st = ok ? MST_OK : MST_E_NOMEM;
  if (!st)
    st = mst_records_find(data->records, mst_setting_text(s, "label-column"), &sort.at.label);
  if (!st) st = tell_apart(&sort);
  if (!st && sort.n_copies) st = divide(&sort, data, &g);
  g.found = sort.n_copies > 0;
  mst_free(sort.record);
  mst_free(sort.row);
  mst_free(sort.place);
  mst_free(sort.parent);
  if (st) mst_given_fini(&g);
  else *out = g;
  return st;
}

void mst_given_fini(mst_given *g) {
  mst_strings_fini(&g->storage);
  mst_free(g->parent);
  *g = (mst_given){0};
}

/* First given copy of a row of the data. */
static int64_t first_of(const mst_given *g, int64_t row) {
  int64_t low = 0, high = g->n;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (g->parent[middle] < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

static int64_t append(const mst_text *from, int64_t doc, mst_strings *to, int64_t d) {
  const int64_t at = from->start[doc], len = from->start[doc + 1] - at;
  memcpy(to->bytes + to->start[d], from->bytes + at, (size_t)len);
  to->start[d + 1] = to->start[d] + len;
  return d + 1;
}

/* Which copies train: their record is in the part, their text in no tested record. */
static mst_status choose(const mst_given *g, const mst_part *part, const mst_tested *tested,
                         mst_augmented *out, uint8_t *skip, int64_t *n_bytes) {
  int64_t n_here = 0;
  const mst_status st = mst__tested_flag(tested, &g->text, skip);
  if (st) return st;
  out->n = part->n;
  *n_bytes = part->text.start[part->n];
  for (int64_t i = 0; i < part->n; i++)
    for (int64_t c = first_of(g, part->row[i]); c < g->n && g->parent[c] == part->row[i]; c++) {
      n_here++;
      out->n_equal += skip[c];
      if (skip[c]) continue;
      *n_bytes += g->text.start[c + 1] - g->text.start[c];
      out->n++;
    }
  out->n_left_out = g->n - n_here;
  return MST_OK;
}

mst_status mst__given_join(const mst_given *g, const mst_part *part, const mst_strings *names,
                           const mst_tested *tested, mst_backend *backend, mst_augmented *out) {
  int64_t n_bytes = 0;
  mst_strings all = {0};
  uint8_t *skip = mst_alloc((size_t)g->n, 1);
  mst_status st = skip ? choose(g, part, tested, out, skip, &n_bytes) : MST_E_NOMEM;
  if (st) goto done;
  all.n = out->n;
  all.bytes = mst_alloc((size_t)n_bytes, 1);
  all.start = mst_alloc_zero((size_t)out->n + 1, sizeof *all.start);
  st = all.bytes && all.start ? mst__augmented_alloc(out, (int32_t)names->n) : MST_E_NOMEM;
  for (int64_t i = 0, d = 0; !st && i < part->n; i++) {
    const int64_t parent = d;
    mst__augmented_set(out, d, part, i, parent);
    d = append(&part->text, i, &all, d);
    for (int64_t c = first_of(g, part->row[i]); c < g->n && g->parent[c] == part->row[i]; c++) {
      if (skip[c]) continue;
      mst__augmented_set(out, d, part, i, parent);
      d = append(&g->text, c, &all, d);
    }
  }
  const mst_text text = {all.n, all.bytes, all.start};
  if (!st) st = mst_corpus_create(backend, &text, &out->corpus);
done:
  mst_free(skip);
  mst_strings_fini(&all);
  return st;
}
