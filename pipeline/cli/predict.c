/* predict.c: misstep predict: batches in, lines out, in bounded memory. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/data.h"
#include "cli/rows.h"
#include "cli/sink.h"
#include "cli/terminal.h"
#include "files/folder.h"
#include "misstep/log.h"

#define BATCH_ROWS 16384

/* Everything that one prediction run holds. */
typedef struct job {
  const mst_settings *s;
  mst_backend *backend;
  mst_model *model;
  mst_json *config; /* options of the model's training */
  const char *text_columns;
  mst_reader *reader;
  mst_sink sink;
  mst_row_options rows;
  int32_t *keep;
  int64_t n_done;
  int header_done;
} job;

static mst_status open_model(job *j, const char *path) {
  mst_status st = mst_terminal_input(mst_model_load(path, &j->model, &j->config));
  if (st) return st;
  j->text_columns = mst_setting_text(j->s, "text-column");
  const mst_json *trained = j->config ? mst_json_get(j->config, "text-column") : NULL;
  if (!mst_setting_given(j->s, "text-column") && trained && mst_json_string(trained, NULL))
    j->text_columns = mst_json_string(trained, NULL);
  const mst_strings *labels = mst_model_labels(j->model);
  const int64_t top = mst_setting_int(j->s, "top");
  j->rows.labels = labels;
  j->rows.top = top < labels->n ? top : labels->n;
  j->rows.probabilities = mst_setting_on(j->s, "probabilities");
  j->rows.what = mst_model_has_proba(j->model) ? "probability" : "score";
  if (j->rows.probabilities && !mst_model_has_proba(j->model))
    return MST_FAIL(MST_E_ARG,
                    "%s: a linear SVM has no probabilities, only scores, which are in "
                    "the output without --probabilities; train with --learner linear "
                    "or xgboost for them",
                    path);
  return MST_OK;
}

static mst_status open_output(job *j) {
  const char *format = mst_setting_text(j->s, "format");
  if (format && strcmp(format, "csv") != 0 && strcmp(format, "jsonl") != 0)
    return MST_FAIL(MST_E_ARG, "--format %s: csv or jsonl is expected", format);
  j->rows.jsonl = format && strcmp(format, "jsonl") == 0;
  return mst_sink_open(j->s, &j->sink);
}

/* Columns are the same in every batch: found once. */
static mst_status first_batch(job *j, const mst_records *records, mst_buffer *out) {
  const char *keep = mst_setting_text(j->s, "keep-columns");
  mst_status st = MST_OK;
  if (keep) st = mst_data_columns(records, keep, &j->keep, &j->rows.n_keep);
  j->rows.keep = j->keep;
  j->header_done = 1;
  return st ? st : mst_rows_header(&j->rows, records, out);
}

static mst_status write_batch(job *j, const mst_records *records, const float *proba) {
  mst_buffer out;
  mst_buffer_init(&out, (size_t)1 << 34, "a batch of predictions");
  const int64_t n = mst_records_n_rows(records), n_classes = j->rows.labels->n;
  mst_status st = j->header_done ? MST_OK : first_batch(j, records, &out);
  for (int64_t r = 0; !st && r < n; r++)
    st = mst_rows_line(&j->rows, records, r, proba + r * n_classes, &out);
  if (!st) st = mst_write_all(j->sink.stream, j->sink.name, out.data, out.size_bytes);
  mst_buffer_fini(&out);
  return st;
}

static mst_status one_batch(job *j, const mst_records *records) {
  int32_t *cols = NULL, n_cols = 0;
  mst_strings storage = {0};
  mst_text text;
  float *proba = NULL;
  const int threads = mst_setting_threads(j->s);
  const int64_t n = mst_records_n_rows(records);
  mst_status st = mst_data_columns(records, j->text_columns, &cols, &n_cols);
  if (!st) st = mst_records_text(records, cols, n_cols, threads, &storage, &text);
  if (!st && !(proba = mst_alloc((size_t)(n * j->rows.labels->n), sizeof *proba))) st = MST_E_NOMEM;
  if (!st && n > 0) st = mst_model_predict(j->model, j->backend, &text, proba);
  if (!st) st = write_batch(j, records, proba);
  mst_free(proba);
  mst_strings_fini(&storage);
  mst_free(cols);
  return st;
}

static mst_status all_batches(job *j, const char *path) {
  const mst_read_options options = mst_setting_read(j->s);
  mst_status st = mst_terminal_input(mst_reader_open(path, &options, &j->reader));
  for (int more = 1; !st && more;) {
    mst_records *records = NULL;
    st = mst_terminal_input(mst_reader_next(j->reader, BATCH_ROWS, &records));
    if (st) break;
    more = mst_records_n_rows(records) > 0;
    if (more || !j->header_done) st = one_batch(j, records);
    j->n_done += mst_records_n_rows(records);
    mst_records_free(records);
    if (!st) st = mst_progress("predicting", j->n_done, -1, "");
  }
  return st;
}

static mst_status finish(job *j, double began) {
  int64_t line = 0;
  const int64_t skipped = mst_reader_n_skipped(j->reader, &line);
  if (skipped)
    mst_log(MST_LOG_WARNING, "%lld records with broken UTF-8 left out, the first at line %lld",
            (long long)skipped, (long long)line);
  const int is_file = j->sink.output != NULL;
  const mst_status st = mst_sink_finish(&j->sink);
  if (st) return st;
  const double seconds = mst_terminal_now() - began;
  mst_terminal_note("%lld records predicted in %.2f s (%.0f/s)%s%s", (long long)j->n_done, seconds,
                    seconds > 0 ? (double)j->n_done / seconds : 0.0, is_file ? ": " : "",
                    is_file ? j->sink.name : "");
  return MST_OK;
}

mst_status mst_command_predict(const mst_settings *s) {
  job j = {.s = s};
  const double began = mst_terminal_now();
  mst_status st = mst_setting_backend(s, &j.backend);
  if (!st) st = open_model(&j, s->positional[0]);
  if (!st) st = open_output(&j);
  if (!st) st = all_batches(&j, s->positional[1]);
  if (!st) st = finish(&j, began);
  mst_sink_close(&j.sink);
  mst_reader_close(j.reader);
  mst_model_free(j.model);
  mst_json_free(j.config);
  mst_free(j.keep);
  mst_backend_close(j.backend);
  return st;
}
