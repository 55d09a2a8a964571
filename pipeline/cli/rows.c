/* rows.c: writes predictions. Probabilities are float32; they are printed with the fewest digits
 * that read back to the same float, so that a reader of the file has the model's numbers. */
#include "cli/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/json.h"

static void shortest(float value, char text[32]) {
  for (int digits = 6; digits <= 9; digits++) {
    (void)snprintf(text, 32, "%.*g", digits, (double)value);
    if (strtof(text, NULL) == value) return;
  }
}

mst_status mst_rows_field(mst_buffer *out, mst_slice field) {
  int quote = 0;
  for (int64_t i = 0; !quote && i < field.len; i++)
    quote =
        field.ptr[i] == ',' || field.ptr[i] == '"' || field.ptr[i] == '\n' || field.ptr[i] == '\r';
  if (!quote) return mst_buffer_append(out, field.ptr, (size_t)field.len);
  mst_status st = mst_buffer_append(out, "\"", 1);
  for (int64_t i = 0; !st && i < field.len; i++) {
    if (field.ptr[i] == '"') st = mst_buffer_append(out, "\"", 1);
    if (!st) st = mst_buffer_append(out, field.ptr + i, 1);
  }
  return st ? st : mst_buffer_append(out, "\"", 1);
}

static mst_slice slice_of(const char *text) {
  return (mst_slice){(const uint8_t *)text, (int64_t)strlen(text)};
}

mst_status mst_rows_header(const mst_row_options *o, const mst_records *records, mst_buffer *out) {
  if (o->jsonl) return MST_OK;
  mst_status st = MST_OK;
  for (int32_t k = 0; !st && k < o->n_keep; k++) {
    st = mst_rows_field(out, slice_of(mst_records_col_name(records, o->keep[k])));
    if (!st) st = mst_buffer_append(out, ",", 1);
  }
  if (!st) st = mst_buffer_printf(out, "line,label,%s", o->what);
  for (int64_t t = 2; !st && t <= o->top; t++)
    st = mst_buffer_printf(out, ",label_%lld,%s_%lld", (long long)t, o->what, (long long)t);
  for (int64_t c = 0; !st && o->probabilities && c < o->labels->n; c++) {
    st = mst_buffer_append(out, ",", 1);
    if (!st) st = mst_rows_field(out, mst_strings_at(o->labels, c));
  }
  return st ? st : mst_buffer_append(out, "\n", 1);
}

/* The class with the next lower probability after `last` (ties: lower number first); -1: the
 * first. */
static int64_t next_class(const float *proba, int64_t n, int64_t last) {
  int64_t best = -1;
  for (int64_t c = 0; c < n; c++) {
    if (last >= 0 && !(proba[c] < proba[last] || (proba[c] == proba[last] && c > last))) continue;
    if (best < 0 || proba[c] > proba[best]) best = c;
  }
  return best;
}

static mst_status csv_line(const mst_row_options *o, const mst_records *records, int64_t row,
                           const float *proba, mst_buffer *out) {
  char text[32];
  mst_status st = MST_OK;
  for (int32_t k = 0; !st && k < o->n_keep; k++) {
    st = mst_rows_field(out, mst_records_field(records, row, o->keep[k]));
    if (!st) st = mst_buffer_append(out, ",", 1);
  }
  if (!st) st = mst_buffer_printf(out, "%lld", (long long)mst_records_line(records, row));
  int64_t c = -1;
  for (int64_t t = 0; !st && t < o->top; t++) {
    c = next_class(proba, o->labels->n, c);
    shortest(proba[c], text);
    st = mst_buffer_append(out, ",", 1);
    if (!st) st = mst_rows_field(out, mst_strings_at(o->labels, c));
    if (!st) st = mst_buffer_printf(out, ",%s", text);
  }
  for (int64_t i = 0; !st && o->probabilities && i < o->labels->n; i++) {
    shortest(proba[i], text);
    st = mst_buffer_printf(out, ",%s", text);
  }
  return st ? st : mst_buffer_append(out, "\n", 1);
}

static mst_json *label_json(const mst_row_options *o, int64_t c) {
  const mst_slice name = mst_strings_at(o->labels, c);
  return mst_json_new_bytes(name.ptr, (size_t)name.len);
}

static mst_json *real_json(float value) {
  char text[32];
  shortest(value, text);
  return mst_json_new_real(strtod(text, NULL));
}

/* {"label":, "probability":} into an object that its owner already holds. */
static mst_status set_label(const mst_row_options *o, const float *proba, int64_t c,
                            mst_json *into) {
  mst_status st = mst_json_set(into, "label", label_json(o, c));
  return st ? st : mst_json_set(into, o->what, real_json(proba[c]));
}

static mst_status top_json(const mst_row_options *o, const float *proba, mst_json *line) {
  int64_t c = next_class(proba, o->labels->n, -1);
  mst_status st = set_label(o, proba, c, line);
  if (st || o->top < 2) return st;
  mst_json *list = mst_json_new_array();
  st = mst_json_set(line, "top", list);
  for (int64_t t = 0; !st && t < o->top; t++) {
    mst_json *entry = mst_json_new_object();
    st = mst_json_append(list, entry);
    if (!st) st = set_label(o, proba, c, entry);
    c = next_class(proba, o->labels->n, c);
  }
  return st;
}

/* Label names are JSON keys here; a label with a zero byte cannot be one and is cut there. */
static mst_status all_json(const mst_row_options *o, const float *proba, mst_json *line) {
  mst_json *all = mst_json_new_object();
  char key[256];
  mst_status st = mst_json_set(line, "probabilities", all);
  for (int64_t c = 0; !st && c < o->labels->n; c++) {
    const mst_slice name = mst_strings_at(o->labels, c);
    (void)snprintf(key, sizeof key, "%.*s", (int)name.len, (const char *)name.ptr);
    st = mst_json_set(all, key, real_json(proba[c]));
  }
  return st;
}

static mst_status json_line(const mst_row_options *o, const mst_records *records, int64_t row,
                            const float *proba, mst_buffer *out) {
  mst_json *line = mst_json_new_object();
  char *text = NULL;
  size_t n = 0;
  mst_status st = line ? MST_OK : MST_E_NOMEM;
  for (int32_t k = 0; !st && k < o->n_keep; k++) {
    const mst_slice field = mst_records_field(records, row, o->keep[k]);
    st = mst_json_set(line, mst_records_col_name(records, o->keep[k]),
                      mst_json_new_bytes(field.ptr, (size_t)field.len));
  }
  if (!st) st = mst_json_set(line, "line", mst_json_new_int(mst_records_line(records, row)));
  if (!st) st = top_json(o, proba, line);
  if (!st && o->probabilities) st = all_json(o, proba, line);
  if (!st) st = mst_json_dump(line, 0, &text, &n);
  if (!st) st = mst_buffer_append(out, text, n);
  if (!st) st = mst_buffer_append(out, "\n", 1);
  mst_free(text);
  mst_json_free(line);
  return st;
}

mst_status mst_rows_line(const mst_row_options *o, const mst_records *records, int64_t row,
                         const float *proba, mst_buffer *out) {
  return o->jsonl ? json_line(o, records, row, proba, out) : csv_line(o, records, row, proba, out);
}
