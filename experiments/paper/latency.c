/* latency.c: Table 4, as the paper words it and as it should be. Measured once, after all cells,
 * and kept in DIR/latency.json with what it was measured on. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "learn/model.h"
#include "misstep/backend.h"
#include "read/records.h"
#include "tables.h"

enum { LARGEST = PAPER_SIZES - 1, STARTS = 40, SINGLE = 2000, BULK = 5 };

/* One way of taking time. */
typedef struct times {
  double *second; /* [n] */
  int64_t n;
} times;

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static mst_status set_real(mst_json *o, const char *key, double value) {
  return mst_json_set(o, key, mst_json_new_real(value));
}

/* {"records", "average", "max", "min", "p50", "p95", "p99"}; seconds a record. */
static mst_status put_times(mst_json *to, const char *key, times *t) {
  mst_json *o = mst_json_new_object();
  double sum = 0;
  qsort(t->second, (size_t)t->n, sizeof *t->second, by_value);
  for (int64_t i = 0; i < t->n; i++) sum += t->second[i];
  mst_status st = mst_json_set(o, "records", mst_json_new_int(t->n));
  if (!st) st = set_real(o, "average", sum / (double)t->n);
  if (!st) st = set_real(o, "max", t->second[t->n - 1]);
  if (!st) st = set_real(o, "min", t->second[0]);
  if (!st) st = set_real(o, "p50", t->second[t->n / 2]);
  if (!st) st = set_real(o, "p95", t->second[t->n * 95 / 100]);
  if (!st) st = set_real(o, "p99", t->second[t->n * 99 / 100]);
  if (!st) return mst_json_set(to, key, o);
  mst_json_free(o);
  return st;
}

/* misstep predict anew for every record, as a user with one record has it. */
static mst_status time_starts(const paper_run *run, const mst_text *text, mst_json *to) {
  const paper_options *o = run->options;
  times t = {mst_alloc(STARTS, sizeof(double)), 0};
  mst_status st = t.second ? MST_OK : MST_E_NOMEM;
  const char *const argv[] = {o->program,
                              "predict",
                              "work/latency-model",
                              "work/one.jsonl",
                              "-o",
                              "work/one-answer.csv",
                              "-f",
                              "-q",
                              "--threads",
                              "1",
                              NULL};
  for (int i = 0; i < STARTS && i < text->n_docs && !st; i++) {
    char *line = NULL;
    size_t n = 0;
    mst_json *record = mst_json_new_object();
    st = mst_json_set(record, "text",
                      mst_json_new_bytes(text->bytes + text->start[i],
                                         (size_t)(text->start[i + 1] - text->start[i])));
    if (!st) st = mst_json_dump(record, 0, &line, &n);
    if (!st) st = sheet_file(o->dir, "work/one.jsonl", line, n);
    const double began = mst_terminal_now();
    if (!st) st = paper_child(o->dir, argv, "work/one.log");
    t.second[t.n++] = mst_terminal_now() - began;
    mst_free(line);
    mst_json_free(record);
  }
  if (!st) st = put_times(to, "start", &t);
  mst_free(t.second);
  return st;
}

static mst_status predict(mst_model *model, mst_backend *backend, const mst_text *text,
                          int64_t from, int64_t n, float *proba) {
  int64_t *start = mst_alloc((size_t)n + 1, sizeof *start);
  if (!start) return MST_E_NOMEM;
  for (int64_t i = 0; i <= n; i++) start[i] = text->start[from + i] - text->start[from];
  const mst_text part = {n, text->bytes + text->start[from], start};
  const mst_status st = mst_model_predict(model, backend, &part, proba);
  mst_free(start);
  return st;
}

/* Prediction alone: a record at a time, and all at once. */
static mst_status time_model(const paper_run *run, const mst_text *text, mst_json *to) {
  char path[4200];
  mst_model *model = NULL;
  mst_backend *backend = NULL;
  times one = {mst_alloc(SINGLE, sizeof(double)), 0}, bulk = {mst_alloc(BULK, sizeof(double)), 0};
  float *proba = mst_alloc((size_t)text->n_docs * (size_t)run->set.names.n, sizeof *proba);
  mst_status st = one.second && bulk.second && proba ? MST_OK : MST_E_NOMEM;
  (void)snprintf(path, sizeof path, "%.4000s/work/latency-model", run->options->dir);
  if (!st) st = mst_model_load(path, &model, NULL);
  if (!st) st = mst_backend_open("cpu", 1, &backend);
  for (int64_t i = 0; i < SINGLE && i < text->n_docs && !st; i++) {
    const double began = mst_terminal_now();
    st = predict(model, backend, text, i, 1, proba);
    one.second[one.n++] = mst_terminal_now() - began;
  }
  for (int i = 0; i < BULK && !st; i++) {
    const double began = mst_terminal_now();
    st = predict(model, backend, text, 0, text->n_docs, proba);
    bulk.second[bulk.n++] = (mst_terminal_now() - began) / (double)text->n_docs;
  }
  if (!st) st = put_times(to, "single", &one);
  if (!st) st = put_times(to, "bulk", &bulk);
  mst_model_free(model);
  mst_backend_close(backend);
  mst_free(one.second);
  mst_free(bulk.second);
  mst_free(proba);
  return st;
}

/* The cell whose model is timed: the paper's, at its largest; under its protocol if that is asked
 * for. */
static const paper_cell *timed_cell(const paper_run *run) {
  for (int protocol = 0; protocol < PAPER_PROTOCOLS; protocol++) {
    const paper_cell *c =
        paper_cell_find(run, (paper_protocol)protocol, LARGEST, 0, PAPER_MODEL_XGBOOST, 0);
    if (c && c->done) return c;
  }
  return NULL;
}

static mst_status measure(const paper_run *run, const paper_cell *c, mst_json *o) {
  const char *const train[] = {run->options->program,
                               "train",
                               c->part->train,
                               "--preset",
                               "paper",
                               "--test",
                               c->part->test,
                               "--bootstrap",
                               "0",
                               "-o",
                               "work/latency-model",
                               "-f",
                               "-q",
                               "--threads",
                               "1",
                               NULL};
  const mst_read_options reading = mst_read_options_default();
  mst_records *records = NULL;
  mst_strings storage = {0};
  mst_text text;
  char path[4200];
  int32_t column = -1;
  (void)snprintf(path, sizeof path, "%.4000s/%s", run->options->dir, c->part->test);
  mst_status st = mst_records_read(path, &reading, &records);
  if (!st) st = mst_records_find(records, "text", &column);
  if (!st) st = mst_records_text(records, &column, 1, 1, &storage, &text);
  const double began = mst_terminal_now();
  if (!st) st = paper_child(run->options->dir, train, "work/latency.log");
  if (!st) st = set_real(o, "whole", (mst_terminal_now() - began) / (double)c->part->n_test);
  if (!st) st = time_starts(run, &text, o);
  if (!st) st = time_model(run, &text, o);
  mst_strings_fini(&storage);
  mst_records_free(records);
  return st;
}

/* DIR/latency.json, if it is of this cell. */
static mst_json *load(const paper_run *run, const paper_cell *c) {
  char path[4200];
  mst_json *o = NULL;
  (void)snprintf(path, sizeof path, "%.4000s/latency.json", run->options->dir);
  if (access(path, R_OK) || mst_json_load(path, &o)) return NULL;
  const char *key = mst_json_string(mst_json_get(o, "key"), NULL);
  if (key && strcmp(key, c->key) == 0) return o;
  mst_json_free(o);
  return NULL;
}

mst_status paper_latency_measure(const paper_run *run) {
  const paper_cell *c = timed_cell(run);
  char *text = NULL, group[SHEET_LINK];
  size_t n = 0;
  mst_json *o = c ? load(run, c) : NULL;
  if (!c || o) {
    mst_json_free(o);
    return MST_OK;
  }
  o = mst_json_new_object();
  paper_group_name(run, (paper_group){c->protocol, LARGEST, 0, PAPER_MODEL_XGBOOST}, group);
  mst_status st = mst_json_set(o, "key", mst_json_new_string(c->key));
  if (!st) st = mst_json_set(o, "group", mst_json_new_string(group));
  if (!st) st = measure(run, c, o);
  if (!st) st = mst_json_dump(o, 2, &text, &n);
  if (!st) st = sheet_file(run->options->dir, "latency.json", text, n);
  mst_free(text);
  mst_json_free(o);
  return st;
}

static void put_seconds(sheet *s, const char *link, const mst_json *value) {
  const double seconds = mst_json_number(value);
  if (isnan(seconds)) sheet_absent(s, "measured as a whole: there are no single records");
  else if (seconds < .001) sheet_link(s, link, "%.1f us", 1e6 * seconds);
  else if (seconds < 1) sheet_link(s, link, "%.1f ms", 1e3 * seconds);
  else sheet_link(s, link, "%.2f s", seconds);
}

static void put_way(sheet *s, const char *name, const mst_json *o, const char *link) {
  static const char *const key[] = {"average", "max", "min", "p50", "p95", "p99"};
  sheet_text(s, "%s", name);
  for (int i = 0; i < 6; i++) put_seconds(s, link, mst_json_get(o, key[i]));
  sheet_link(s, link, "%.0f", 60 / mst_json_number(mst_json_get(o, "average")));
}

static void put_measured(sheet *s, const mst_json *o) {
  const char *link = mst_json_string(mst_json_get(o, "group"), NULL);
  const mst_json *whole = mst_json_get(o, "whole");
  sheet_text(s, "as worded: training included, whole run over its test records");
  put_seconds(s, link, whole);
  for (int i = 0; i < 5; i++) sheet_absent(s, "a whole run has no single records");
  sheet_link(s, link, "%.0f", 60 / mst_json_number(whole));
  put_way(s, "one start of misstep predict for each record", mst_json_get(o, "start"), link);
  put_way(s, "prediction alone, one record at a time", mst_json_get(o, "single"), link);
  put_way(s, "prediction alone, all records at once", mst_json_get(o, "bulk"), link);
}

void paper_table4(const paper_run *run, sheet *s) {
  static const char *const columns[] = {
      "what a record takes", "average", "max", "min", "p50", "p95", "p99",
      "records a minute",    NULL};
  const paper_cell *c = timed_cell(run);
  mst_json *o = c ? load(run, c) : NULL;
  sheet_init(s, "table4", "lrrrrrrr", columns, "Table 4. Time a record");
  sheet_text(s, "published (training included)");
  sheet_text(s, "%.1f s", paper_printed.average);
  sheet_text(s, "%.1f s", paper_printed.longest);
  sheet_text(s, "%.1f s", paper_printed.shortest);
  for (int i = 0; i < 3; i++) sheet_absent(s, "not in the paper");
  sheet_text(s, "%.0f", paper_printed.per_minute);
  if (o) put_measured(s, o);
  else sheet_note(s, "Not measured: the paper's model at the largest size is not there.");
  sheet_note(s, "One thread, TF-IDF + XGBoost (preset paper) on %s; no other cell ran meanwhile.",
             run->set.source);
  mst_json_free(o);
}
