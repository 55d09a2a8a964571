/* data.c: from a file and column names to texts and class numbers; every complaint names its
 * line. */
#include "cli/data.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/terminal.h"
#include "misstep/alloc.h"
#include "misstep/log.h"

mst_read_options mst_setting_read(const mst_settings *s) {
  static const char *const formats[] = {"auto", "csv", "tsv", "jsonl", "fasttext"};
  static const char *const decodes[] = {"strict", "replace", "skip"};
  mst_read_options o = mst_read_options_default();
  for (int i = 0; i < 5; i++)
    if (mst_setting_is(s, "input-format", formats[i])) o.format = (mst_file_format)i;
  for (int i = 0; i < 3; i++)
    if (mst_setting_is(s, "decode-errors", decodes[i])) o.decode = (mst_decode)i;
  o.max_field_bytes = mst_setting_int(s, "max-field-bytes");
  o.n_threads = mst_setting_threads(s);
  return o;
}

mst_status mst_data_columns(const mst_records *records, const char *names, int32_t **cols,
                            int32_t *n) {
  int32_t count = 1;
  for (const char *c = names; *c; c++) count += *c == ',';
  int32_t *out = mst_alloc((size_t)count, sizeof *out);
  char *name = mst_alloc(strlen(names) + 1, 1);
  mst_status st = out && name ? MST_OK : MST_E_NOMEM;
  for (int32_t i = 0; !st && i < count; i++) {
    const size_t length = strcspn(names, ",");
    memcpy(name, names, length);
    name[length] = 0;
    st = mst_records_find(records, name, &out[i]);
    names += length + (names[length] == ',');
  }
  mst_free(name);
  if (st) mst_free(out);
  else {
    *cols = out;
    *n = count;
  }
  return st;
}

mst_status mst_data_read(const char *path, const mst_settings *s, const char *text_columns,
                         mst_data *out) {
  const mst_read_options options = mst_setting_read(s);
  mst_data data = {0};
  int32_t *cols = NULL, n_cols = 0;
  int64_t line = 0;
  mst_status st = mst_terminal_input(mst_records_read(path, &options, &data.records));
  if (st) return st;
  const int64_t skipped = mst_records_n_skipped(data.records, &line);
  if (skipped)
    mst_log(MST_LOG_WARNING, "%s: %lld records with broken UTF-8 left out, the first at line %lld",
            path, (long long)skipped, (long long)line);
  st = mst_data_columns(data.records, text_columns, &cols, &n_cols);
  if (!st && mst_records_n_rows(data.records) == 0)
    st = MST_FAIL(MST_E_FORMAT, "%s: no records after the header", path);
  if (!st)
    st = mst_records_text(data.records, cols, n_cols, options.n_threads, &data.storage, &data.text);
  mst_free(cols);
  if (st) mst_data_fini(&data);
  else *out = data;
  return st;
}

void mst_data_fini(mst_data *data) {
  mst_records_free(data->records);
  mst_strings_fini(&data->storage);
  mst_free(data->label);
  *data = (mst_data){0};
}

mst_status mst_data_column(const mst_data *data, const char *name, mst_strings *storage,
                           mst_text *view) {
  int32_t col;
  mst_status st = mst_records_find(data->records, name, &col);
  return st ? st : mst_records_text(data->records, &col, 1, 1, storage, view);
}

mst_status mst_data_label(mst_data *data, const char *column, mst_strings *names) {
  mst_strings storage = {0};
  mst_text view;
  mst_categories classes;
  mst_status st = mst_data_column(data, column, &storage, &view);
  for (int64_t d = 0; !st && d < view.n_docs; d++)
    if (view.start[d + 1] == view.start[d])
      st = MST_FAIL(MST_E_FORMAT, "%s:%lld: empty %s; every record needs a label",
                    mst_records_path(data->records), (long long)mst_records_line(data->records, d),
                    column);
  if (!st) st = mst_categories_init(&view, &classes);
  if (!st) {
    data->label = classes.id;
    *names = classes.name;
  }
  mst_strings_fini(&storage);
  return st;
}

/* Position of a string in a sorted list, or -1. */
static int64_t find_sorted(const mst_strings *names, mst_slice want) {
  int64_t low = 0, high = names->n;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    const int order = mst_slice_compare(mst_strings_at(names, middle), want);
    if (order == 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1;
}

static mst_status unknown_label(const mst_data *data, int64_t d, mst_slice label,
                                const mst_strings *names) {
  char known[512] = "";
  size_t used = 0;
  for (int64_t c = 0; c < names->n && used < sizeof known - 64; c++) {
    const mst_slice name = mst_strings_at(names, c);
    used += (size_t)snprintf(known + used, sizeof known - used, "%s%.*s", c ? ", " : "",
                             name.len < 40 ? (int)name.len : 40, (const char *)name.ptr);
    if (used >= sizeof known) used = sizeof known - 1;
  }
  return MST_FAIL(MST_E_FORMAT, "%s:%lld: label '%.*s' is unknown to the model; it knows %s",
                  mst_records_path(data->records), (long long)mst_records_line(data->records, d),
                  label.len < 80 ? (int)label.len : 80, (const char *)label.ptr, known);
}

mst_status mst_data_relabel(mst_data *data, const char *column, const mst_strings *names) {
  int32_t col;
  mst_status st = mst_records_find(data->records, column, &col);
  if (st) return st;
  const int64_t n = mst_records_n_rows(data->records);
  int32_t *label = mst_alloc((size_t)n, sizeof *label);
  if (!label) return MST_E_NOMEM;
  for (int64_t d = 0; !st && d < n; d++) {
    const mst_slice field = mst_records_field(data->records, d, col);
    const int64_t c = find_sorted(names, field);
    label[d] = (int32_t)c;
    if (c < 0) st = unknown_label(data, d, field, names);
  }
  if (st) mst_free(label);
  else data->label = label;
  return st;
}

static mst_status part_alloc(mst_part *p, int64_t n, int64_t n_bytes, int with_units) {
  p->row = mst_alloc((size_t)n, sizeof *p->row);
  p->label = mst_alloc((size_t)n, sizeof *p->label);
  p->storage.bytes = mst_alloc((size_t)n_bytes, 1);
  p->storage.start = mst_alloc_zero((size_t)n + 1, sizeof *p->storage.start);
  if (!p->row || !p->label || !p->storage.bytes || !p->storage.start) return MST_E_NOMEM;
  if (!with_units) return MST_OK;
  p->unit = mst_alloc((size_t)n, sizeof *p->unit);
  p->key = mst_alloc((size_t)n, sizeof *p->key);
  return p->unit && p->key ? MST_OK : MST_E_NOMEM;
}

mst_status mst_part_take(const mst_data *data, const int64_t *unit, const uint64_t *key,
                         const int32_t *part, int32_t which, int invert, mst_part *out) {
  const mst_text *t = &data->text;
  mst_part p = {0};
  int64_t n_bytes = 0;
  for (int64_t d = 0; d < t->n_docs; d++) {
    if ((part[d] == which) == invert) continue;
    p.n++;
    n_bytes += t->start[d + 1] - t->start[d];
  }
  mst_status st = part_alloc(&p, p.n, n_bytes, unit != NULL);
  int64_t i = 0;
  for (int64_t d = 0; !st && d < t->n_docs; d++) {
    if ((part[d] == which) == invert) continue;
    const int64_t length = t->start[d + 1] - t->start[d], at = p.storage.start[i];
    memcpy(p.storage.bytes + at, t->bytes + t->start[d], (size_t)length);
    p.storage.start[i + 1] = at + length;
    p.row[i] = d;
    p.label[i] = data->label[d];
    if (unit) {
      p.unit[i] = unit[d];
      p.key[i] = key[d];
    }
    i++;
  }
  p.storage.n = p.n;
  p.text = (mst_text){p.n, p.storage.bytes, p.storage.start};
  if (st) mst_part_fini(&p);
  else *out = p;
  return st;
}

void mst_part_fini(mst_part *p) {
  mst_free(p->row);
  mst_strings_fini(&p->storage);
  mst_free(p->label);
  mst_free(p->unit);
  mst_free(p->key);
  *p = (mst_part){0};
}
