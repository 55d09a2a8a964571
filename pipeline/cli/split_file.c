/* split_file.c: misstep split: the division that misstep train would make, as a file, so that other
 * programs train and test on the same records. */
#include <string.h>

#include "cli/rows.h"
#include "cli/sink.h"
#include "cli/terminal.h"
#include "cli/train.h"
#include "misstep/alloc.h"

#define FLUSH_BYTES (1 << 20)

static const char *const part_names[] = {"train", "test"};

static mst_status append_text(mst_buffer *out, const char *text) {
  const mst_slice field = {(const uint8_t *)text, (int64_t)strlen(text)};
  return mst_rows_field(out, field);
}

/* One line: the fields of a row (-1: the names), then its part or fold. */
static mst_status append_row(const mst_records *records, const mst_division *plan, int with_part,
                             int64_t row, mst_buffer *out) {
  const int32_t n_cols = mst_records_n_cols(records);
  mst_status st = MST_OK;
  for (int32_t c = 0; !st && c < n_cols; c++) {
    if (c) st = mst_buffer_append(out, ",", 1);
    if (!st && row < 0) st = append_text(out, mst_records_col_name(records, c));
    else if (!st) st = mst_rows_field(out, mst_records_field(records, row, c));
  }
  if (!st && with_part) {
    if (row < 0) st = mst_buffer_printf(out, ",%s", plan->n_folds ? "fold" : "split");
    else if (plan->n_folds) st = mst_buffer_printf(out, ",%d", plan->part[row]);
    else st = mst_buffer_printf(out, ",%s", part_names[plan->part[row]]);
  }
  return st ? st : mst_buffer_append(out, "\n", 1);
}

static mst_status flush(mst_sink *sink, mst_buffer *out) {
  const mst_status st = mst_write_all(sink->stream, sink->name, out->data, out->size_bytes);
  out->size_bytes = 0;
  return st;
}

/* only: the part to write, or -1 for all records with a column that says it. */
static mst_status write_rows(const mst_settings *s, const mst_records *records,
                             const mst_division *plan, int only, int64_t *n_written) {
  mst_sink sink = {0};
  mst_buffer out;
  mst_buffer_init(&out, (size_t)1 << 40, "a record to write");
  mst_status st = mst_sink_open(s, &sink);
  if (!st) st = append_row(records, plan, only < 0, -1, &out);
  for (int64_t d = 0; !st && d < mst_records_n_rows(records); d++) {
    if (only >= 0 && plan->part[d] != only) continue;
    st = append_row(records, plan, only < 0, d, &out);
    ++*n_written;
    if (!st && out.size_bytes > FLUSH_BYTES) st = flush(&sink, &out);
  }
  if (!st) st = flush(&sink, &out);
  if (!st) st = mst_sink_finish(&sink);
  mst_sink_close(&sink);
  mst_buffer_fini(&out);
  return st;
}

static mst_status check(const mst_settings *s, const mst_records *records, int only) {
  const char *column = mst_setting_int(s, "folds") ? "fold" : "split";
  if (mst_given_is_in(records))
    return MST_FAIL(MST_E_FORMAT,
                    "%s holds copies of misstep augment; their records are what can be split",
                    mst_records_path(records));
  if (only < 0 && mst_records_col(records, column) >= 0)
    return MST_FAIL(MST_E_FORMAT,
                    "%s has a column %s already; misstep train takes it as --%s-column",
                    mst_records_path(records), column, column);
  return MST_OK;
}

mst_status mst_command_split(const mst_settings *s) {
  const int only = mst_setting_is(s, "part", "train")  ? 0
                   : mst_setting_is(s, "part", "test") ? 1
                                                       : -1;
  const char *format = mst_setting_text(s, "format");
  mst_data data = {0};
  mst_strings names = {0};
  mst_division plan = {0};
  int64_t n_written = 0;
  if (format && strcmp(format, "csv") != 0)
    return MST_FAIL(MST_E_ARG, "--format %s: split writes csv", format);
  if (only >= 0 && mst_setting_int(s, "folds"))
    return MST_FAIL(MST_E_ARG, "--part and --folds contradict each other");
  mst_status st = mst_data_read(s->positional[0], s, mst_setting_text(s, "text-column"), &data);
  if (!st) st = check(s, data.records, only);
  if (!st) st = mst_data_label(&data, mst_setting_text(s, "label-column"), &names);
  if (!st) st = mst_division_make(s, &data, &names, NULL, &plan);
  if (!st) st = write_rows(s, data.records, &plan, only, &n_written);
  if (!st)
    mst_terminal_note("%lld of %lld records written; %s", (long long)n_written,
                      (long long)data.text.n_docs, plan.words);
  mst_division_fini(&plan);
  mst_strings_fini(&names);
  mst_data_fini(&data);
  return st;
}
