/* part_files.c: the files of a part: written once, read back, with what makes a test record a
 * twin. */
#include "part_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/folder.h"
#include "read/records.h"
#include "read/split.h"
#include "report/table.h"
#include "sheet.h"

static const char *const twin_words[] = {"", "copy", "text"};

void paper_part_path(const paper_run *run, const char *relative, char path[4200]) {
  (void)snprintf(path, 4200, "%.4000s/%s", run->options->dir, relative);
}

/* Write the rows of one side: id, text, label, and for the test side why it was seen before. */
mst_status paper_side_write(const paper_run *run, const paper_rows *r, const int32_t *side,
                            int which, const uint8_t *twin, const char *relative) {
  static const char *const columns[] = {"id", "text", "label", "twin", NULL};
  mst_table *table = NULL;
  char path[4200], *bytes = NULL;
  paper_part_path(run, relative, path);
  if (access(path, R_OK) == 0) return MST_OK;
  mst_status st = mst_table_create(NULL, which == PAPER_TEST ? "llll" : "lll", columns, &table);
  for (int64_t d = 0; d < r->n && !st; d++) {
    if (side[d] != which) continue;
    const mst_slice name = mst_strings_at(&run->set.names, r->label[d]);
    st = mst_table_cell(table, "%lld", (long long)r->id[d]);
    if (!st)
      st = mst_table_cell(table, "%.*s", (int)(r->text.start[d + 1] - r->text.start[d]),
                          (const char *)r->text.bytes + r->text.start[d]);
    if (!st) st = mst_table_cell(table, "%.*s", (int)name.len, (const char *)name.ptr);
    if (!st && which == PAPER_TEST) st = mst_table_cell(table, "%s", twin_words[twin[d]]);
  }
  if (!st) st = mst_table_render(table, MST_TABLE_CSV, &bytes);
  if (!st) st = sheet_file(run->options->dir, relative, bytes, strlen(bytes));
  mst_free(bytes);
  mst_table_free(table);
  return st;
}

static int by_value(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* For every test row: does training hold the same text, or a record of the same original? */
static mst_status find_twins(const paper_rows *r, const int32_t *side, uint8_t *twin) {
  uint64_t *hash = mst_alloc((size_t)r->n, sizeof *hash);
  uint64_t *text = mst_alloc((size_t)r->n, sizeof *text), *id = NULL;
  int64_t n = 0;
  id = mst_alloc((size_t)r->n, sizeof *id);
  mst_status st = hash && text && id ? mst_split_hash(&r->text, 1, hash) : MST_E_NOMEM;
  for (int64_t d = 0; d < r->n && !st; d++) {
    if (side[d] != PAPER_TRAIN) continue;
    text[n] = hash[d];
    id[n++] = (uint64_t)r->id[d];
  }
  if (!st) qsort(text, (size_t)n, sizeof *text, by_value);
  if (!st) qsort(id, (size_t)n, sizeof *id, by_value);
  for (int64_t d = 0; d < r->n && !st; d++) {
    const uint64_t own = (uint64_t)r->id[d];
    twin[d] = PAPER_NO_TWIN;
    if (side[d] != PAPER_TEST) continue;
    if (bsearch(&hash[d], text, (size_t)n, sizeof *text, by_value)) twin[d] = PAPER_TWIN_TEXT;
    else if (bsearch(&own, id, (size_t)n, sizeof *id, by_value)) twin[d] = PAPER_TWIN_COPY;
  }
  mst_free(hash);
  mst_free(text);
  mst_free(id);
  return st;
}

mst_status paper_part_write(const paper_run *run, const paper_rows *r, const int32_t *side,
                            const paper_part *part) {
  uint8_t *twin = mst_alloc((size_t)r->n, 1);
  mst_status st = twin ? find_twins(r, side, twin) : MST_E_NOMEM;
  if (!st) st = paper_side_write(run, r, side, PAPER_TRAIN, NULL, part->train);
  if (!st) st = paper_side_write(run, r, side, PAPER_TEST, twin, part->test);
  mst_free(twin);
  return st;
}

/* A file of ours: labels by their names in the set, ids. */
mst_status paper_rows_read(const paper_set *s, const char *path, mst_records **records,
                           mst_strings *storage, paper_rows *out) {
  const mst_read_options reading = mst_read_options_default();
  int32_t text = -1, label = -1, id = -1;
  mst_status st = mst_records_read(path, &reading, records);
  if (!st) st = mst_records_find(*records, "text", &text);
  if (!st) st = mst_records_find(*records, "label", &label);
  if (!st) st = mst_records_find(*records, "id", &id);
  if (!st) st = mst_records_text(*records, &text, 1, 1, storage, &out->text);
  const int64_t n = st ? 0 : mst_records_n_rows(*records);
  int32_t *number = mst_alloc((size_t)n, sizeof *number);
  int64_t *origin = mst_alloc((size_t)n, sizeof *origin);
  if (!st && (!number || !origin)) st = MST_E_NOMEM;
  for (int64_t d = 0; d < n && !st; d++) {
    const mst_slice name = mst_records_field(*records, d, label);
    const mst_slice digits = mst_records_field(*records, d, id);
    char text_of_id[24];
    (void)snprintf(text_of_id, sizeof text_of_id, "%.*s", (int)digits.len,
                   (const char *)digits.ptr);
    origin[d] = strtoll(text_of_id, NULL, 10);
    number[d] = -1;
    for (int64_t c = 0; c < s->names.n && number[d] < 0; c++)
      if (mst_slice_compare(name, mst_strings_at(&s->names, c)) == 0) number[d] = (int32_t)c;
    if (number[d] < 0) st = MST_FAIL(MST_E_FORMAT, "%s: an unknown label; remove it", path);
  }
  out->n = n;
  out->label = number;
  out->id = origin;
  return st;
}

void paper_rows_fini(paper_rows *r) {
  mst_free(r->label);
  mst_free(r->id);
}

/* What tables need of a part: labels and twins of its test rows, counts, hashes. */
mst_status paper_part_load(const paper_run *run, paper_part *p) {
  mst_records *records[2] = {NULL, NULL};
  mst_strings storage[2] = {{0}, {0}};
  paper_rows r[2] = {{0}, {0}};
  char path[2][4200];
  int32_t column = -1;
  paper_part_path(run, p->train, path[PAPER_TRAIN]);
  paper_part_path(run, p->test, path[PAPER_TEST]);
  mst_status st = mst_sha256_file(path[PAPER_TRAIN], p->train_hash);
  if (!st) st = mst_sha256_file(path[PAPER_TEST], p->test_hash);
  for (int i = 0; i < 2 && !st; i++)
    st = paper_rows_read(&run->set, path[i], &records[i], &storage[i], &r[i]);
  if (!st) st = mst_records_find(records[PAPER_TEST], "twin", &column);
  p->n_train = r[PAPER_TRAIN].n;
  p->n_test = r[PAPER_TEST].n;
  p->twin = mst_alloc_zero((size_t)r[PAPER_TEST].n, 1);
  p->count = mst_alloc_zero((size_t)run->set.names.n, sizeof *p->count);
  if (!st && (!p->twin || !p->count)) st = MST_E_NOMEM;
  for (int64_t d = 0; d < r[PAPER_TEST].n && !st; d++) {
    const mst_slice word = mst_records_field(records[PAPER_TEST], d, column);
    p->twin[d] = !word.len ? PAPER_NO_TWIN : *word.ptr == 'c' ? PAPER_TWIN_COPY : PAPER_TWIN_TEXT;
  }
  for (int i = 0; i < 2 && !st; i++)
    for (int64_t d = 0; d < r[i].n; d++) p->count[r[i].label[d]]++;
  p->label = r[PAPER_TEST].label;
  r[PAPER_TEST].label = NULL;
  for (int i = 0; i < 2; i++) {
    paper_rows_fini(&r[i]);
    mst_strings_fini(&storage[i]);
    mst_records_free(records[i]);
  }
  return st;
}

void paper_part_fini(paper_part *p) {
  mst_free(p->label);
  mst_free(p->twin);
  mst_free(p->count);
  *p = (paper_part){0};
}
