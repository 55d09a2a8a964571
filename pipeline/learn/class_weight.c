/* class_weight.c: the classes' weights out of a word or a file, then the rows' out of them. */
#include "learn/class_weight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "files/json.h"
#include "misstep/alloc.h"

static mst_slice label_at(const mst_class_weight *w, int64_t row) {
  return mst_records_field(w->records, row, w->label);
}

static int by_label(const void *a, const void *b, void *payload) {
  const mst_class_weight *w = payload;
  const int64_t i = *(const int64_t *)a, j = *(const int64_t *)b;
  const int c = mst_slice_compare(label_at(w, i), label_at(w, j));
  return c ? c : (i > j) - (i < j);
}

/* Names in messages are cut. */
static int shown(mst_slice text) { return text.len < 100 ? (int)text.len : 100; }

static mst_status read_weights(mst_class_weight *w, int32_t column) {
  const int64_t n = mst_records_n_rows(w->records);
  for (int64_t i = 0; i < n; i++) {
    const mst_slice text = mst_records_field(w->records, i, column);
    mst_json *value = NULL;
    mst_status st = mst_json_parse((const char *)text.ptr, (size_t)text.len, &value);
    if (st == MST_E_NOMEM) return st;
    w->weight[i] = st ? 0 : mst_json_number(value); /* NaN of anything but a number */
    mst_json_free(value);
    const float as_used = (float)w->weight[i];
    if (!(as_used > 0) || !isfinite(as_used))
      return MST_FAIL(MST_E_FORMAT,
                      "%s:%lld: column weight: a number above 0 is expected, not '%.*s'",
                      mst_records_path(w->records), (long long)mst_records_line(w->records, i),
                      shown(text), (const char *)text.ptr);
  }
  return MST_OK;
}

static mst_status sort_labels(mst_class_weight *w) {
  const int64_t n = mst_records_n_rows(w->records);
  for (int64_t i = 0; i < n; i++) w->order[i] = i;
  qsort_r(w->order, (size_t)n, sizeof *w->order, by_label, w);
  for (int64_t i = 1; i < n; i++) {
    const int64_t before = w->order[i - 1], here = w->order[i];
    const mst_slice text = label_at(w, here);
    if (mst_slice_compare(label_at(w, before), text) != 0) continue;
    return MST_FAIL(MST_E_FORMAT, "%s:%lld: column label: '%.*s' stands in line %lld already",
                    mst_records_path(w->records), (long long)mst_records_line(w->records, here),
                    shown(text), (const char *)text.ptr,
                    (long long)mst_records_line(w->records, before));
  }
  return MST_OK;
}

mst_status mst_class_weight_read(const char *text, mst_class_weight *out) {
  const mst_read_options options = mst_read_options_default();
  int32_t column = 0;
  *out = (mst_class_weight){.kind = MST_CLASS_WEIGHT_NONE};
  if (strcmp(text, "none") == 0) return MST_OK;
  out->kind = MST_CLASS_WEIGHT_BALANCED;
  if (strcmp(text, "balanced") == 0) return MST_OK;
  out->kind = MST_CLASS_WEIGHT_FILE;
  mst_status st = mst_records_read(text, &options, &out->records);
  if (!st) st = mst_records_find(out->records, "label", &out->label);
  if (!st) st = mst_records_find(out->records, "weight", &column);
  if (st) return mst_error_prefix(st, "--class-weight");
  const size_t n = (size_t)mst_records_n_rows(out->records);
  if (!n) return MST_FAIL(MST_E_FORMAT, "%s: a label and its weight are expected", text);
  out->weight = mst_alloc(n, sizeof *out->weight);
  out->order = out->weight ? mst_alloc(n, sizeof *out->order) : NULL;
  st = out->order ? read_weights(out, column) : MST_E_NOMEM;
  return st ? st : sort_labels(out);
}

void mst_class_weight_fini(mst_class_weight *weights) {
  mst_records_free(weights->records);
  mst_free(weights->weight);
  mst_free(weights->order);
  *weights = (mst_class_weight){.kind = MST_CLASS_WEIGHT_NONE};
}

/* The row of the file that has a label, or -1. */
static int64_t row_of(const mst_class_weight *w, mst_slice label) {
  int64_t low = 0, high = mst_records_n_rows(w->records) - 1;
  while (low <= high) {
    const int64_t middle = low + (high - low) / 2;
    const int order = mst_slice_compare(label_at(w, w->order[middle]), label);
    if (order == 0) return w->order[middle];
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

mst_status mst_class_weight_check(const mst_class_weight *weights, const mst_strings *names) {
  if (weights->kind != MST_CLASS_WEIGHT_FILE) return MST_OK;
  const int64_t n = mst_records_n_rows(weights->records);
  uint8_t *known = mst_alloc_zero((size_t)n, 1);
  if (!known) return MST_E_NOMEM;
  for (int64_t c = 0; c < names->n; c++) {
    const int64_t row = row_of(weights, mst_strings_at(names, c));
    if (row >= 0) known[row] = 1;
  }
  int64_t unknown = 0;
  while (unknown < n && known[unknown]) unknown++;
  mst_free(known);
  if (unknown == n) return MST_OK;
  const mst_slice text = label_at(weights, unknown);
  return MST_FAIL(MST_E_FORMAT, "%s:%lld: column label: '%.*s' is no label of the training data",
                  mst_records_path(weights->records),
                  (long long)mst_records_line(weights->records, unknown), shown(text),
                  (const char *)text.ptr);
}

mst_status mst_class_weight_resolve(const mst_class_weight *weights, const mst_strings *names,
                                    const int32_t *label, int64_t n, double *of_class) {
  const int64_t n_classes = names->n;
  int64_t *count = mst_alloc_zero((size_t)n_classes, sizeof *count);
  if (!count) return MST_E_NOMEM;
  for (int64_t d = 0; d < n; d++) count[label[d]]++;
  for (int64_t c = 0; c < n_classes; c++) {
    const int in_file = weights->kind == MST_CLASS_WEIGHT_FILE;
    const int64_t row = in_file ? row_of(weights, mst_strings_at(names, c)) : -1;
    of_class[c] = row >= 0 ? weights->weight[row] : 1;
    if (weights->kind == MST_CLASS_WEIGHT_BALANCED)
      of_class[c] = (double)n / ((double)n_classes * (double)count[c]);
  }
  mst_free(count);
  return MST_OK;
}

mst_status mst_class_weight_rows(const double *of_class, const int32_t *label, int64_t n,
                                 const float *given, float **out) {
  float *weight = mst_alloc((size_t)n, sizeof *weight);
  if (!weight) return MST_E_NOMEM;
  for (int64_t d = 0; d < n; d++) {
    const double own = given ? (double)given[d] : 1;
    weight[d] = (float)(of_class[label[d]] * own);
    if (weight[d] > 0 && isfinite(weight[d])) continue;
    mst_free(weight);
    return MST_FAIL(MST_E_ARG, "training row %lld weighs %g: a weight above 0 is expected",
                    (long long)d, of_class[label[d]] * own);
  }
  *out = weight;
  return MST_OK;
}
