/* view.c: ledgers as a table. */
#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "misstep/alloc.h"

static const char *const before[] = {"rows", "seed", "fold", "model"};
static const char *const after[] = {"n_train",        "n_copies",       "n_test",  "n_twins",
                                    "accuracy_twins", "accuracy_alone", "seconds", "cpu_seconds",
                                    "joules",         "error"};
enum { N_BEFORE = 4, N_AFTER = sizeof after / sizeof *after, MODEL = 3 };

static int by_number(const void *a, const void *b) {
  const int64_t x = mst_json_int(mst_json_get(*(const mst_json *const *)a, "number")),
                y = mst_json_int(mst_json_get(*(const mst_json *const *)b, "number"));
  return (x > y) - (x < y);
}

void sweep_view_fini(sweep_view *v) {
  mst_free(v->line);
  mst_free(v->column);
  sweep_ledger_close(v->ledger);
  mst_json_free(v->about);
}

static mst_status name_columns(const char *dir, sweep_view *v) {
  const size_t n_parameters = mst_json_size(v->parameters);
  int n = 0, n_metrics = 0;
  while (sweep_metrics[n_metrics]) n_metrics++;
  v->column =
      mst_alloc_zero(n_parameters + (size_t)n_metrics + N_BEFORE + N_AFTER + 1, sizeof *v->column);
  if (!v->column) return MST_E_NOMEM;
  for (int i = 0; i < N_BEFORE; i++) v->column[n++] = before[i];
  for (size_t i = 0; i < n_parameters; i++) {
    v->column[n] = mst_json_string(mst_json_at(v->parameters, i), NULL);
    if (!v->column[n++])
      return MST_FAIL(MST_E_FORMAT, "%s/sweep.json: a parameter has no name", dir);
  }
  for (int i = 0; i < n_metrics; i++) v->column[n++] = sweep_metrics[i];
  for (int i = 0; i < N_AFTER; i++) v->column[n++] = after[i];
  v->n_columns = n;
  return MST_OK;
}

static mst_status read_folder(const char *dir, int with_lines, sweep_view *v) {
  mst_status st = sweep_folder_load(dir, &v->about);
  if (st) return st;
  v->metric = mst_json_string(mst_json_get(v->about, "metric"), NULL);
  if (!v->metric) return MST_FAIL(MST_E_FORMAT, "%s/sweep.json: no metric", dir);
  v->parameters = mst_json_get(v->about, "parameters");
  v->maximize = mst_json_bool(mst_json_get(v->about, "maximize"));
  v->n_cells = mst_json_int(mst_json_get(v->about, "cells"));
  st = name_columns(dir, v);
  if (!st) st = sweep_ledger_open(dir, v->metric, with_lines, &v->ledger);
  return st ? st : sweep_ledger_read(v->ledger);
}

mst_status sweep_view_init(const char *dir, int with_lines, sweep_view *out) {
  sweep_view v = {.dir = dir};
  mst_status st = read_folder(dir, with_lines, &v);
  if (!st) {
    v.n = sweep_ledger_n(v.ledger);
    v.line = mst_alloc((size_t)v.n, sizeof *v.line);
    if (!v.line) st = MST_E_NOMEM;
  }
  for (int64_t i = 0; !st && i < v.n; i++) {
    const sweep_entry *e = sweep_ledger_at(v.ledger, i);
    v.line[i] = e->line;
    v.n_done += e->done;
    v.n_failed += !e->done;
  }
  if (st) sweep_view_fini(&v);
  else {
    if (v.n && with_lines) qsort(v.line, (size_t)v.n, sizeof *v.line, by_number);
    *out = v;
  }
  return st;
}

int sweep_view_column(const sweep_view *v, const char *name) {
  for (int c = 0; c < v->n_columns; c++)
    if (strcmp(v->column[c], name) == 0) return c;
  return -1;
}

mst_status sweep_view_find(const sweep_view *v, const char *name, int *column) {
  const int c = sweep_view_column(v, name);
  if (c >= 0) {
    *column = c;
    return MST_OK;
  }
  const char *near = sweep_nearest(v->column, name);
  return MST_FAIL(MST_E_ARG, "no column %s in this sweep%s%s%s", name,
                  *near ? "; did you mean " : "", near, *near ? "?" : "");
}

int sweep_view_is_text(const sweep_view *v, int column) {
  return column == MODEL || column == v->n_columns - 1;
}

const mst_json *sweep_view_at(const sweep_view *v, int64_t i, int column) {
  const mst_json *line = v->line[i];
  const char *name = v->column[column];
  const int first = N_BEFORE, metrics = first + (int)mst_json_size(v->parameters);
  if (column < first || column >= v->n_columns - N_AFTER) return mst_json_get(line, name);
  return mst_json_get(mst_json_get(line, column < metrics ? "parameters" : "metrics"), name);
}

double sweep_view_number(const sweep_view *v, int64_t i, int column) {
  return mst_json_number(sweep_view_at(v, i, column));
}

int sweep_view_is_done(const sweep_view *v, int64_t i) {
  return mst_json_get(v->line[i], "metrics") != NULL;
}

mst_status sweep_value_text(const mst_json *value, char **out) {
  const mst_json_kind kind = mst_json_kind_of(value);
  if (kind != MST_JSON_NULL && kind != MST_JSON_STRING) return mst_json_dump(value, 0, out, NULL);
  const char *text = kind == MST_JSON_STRING ? mst_json_string(value, NULL) : "";
  const size_t n = strlen(text) + 1;
  char *copy = mst_alloc(n, 1);
  if (!copy) return MST_E_NOMEM;
  memcpy(copy, text, n);
  *out = copy;
  return MST_OK;
}

mst_status sweep_view_text(const sweep_view *v, int64_t i, int column, char **out) {
  return sweep_value_text(sweep_view_at(v, i, column), out);
}
