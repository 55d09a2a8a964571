/* show.c: tables from ledgers. */
#include "show.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "export.h"
#include "files/folder.h"

static double metric_of(const sweep_view *v, const mst_json *line) {
  return mst_json_number(mst_json_get(mst_json_get(line, "metrics"), v->metric));
}

mst_status sweep_show_table(const char *out, const mst_table *table, mst_table_format format) {
  char *text = NULL;
  if (!out) return mst_print_table(table, format);
  mst_status st = mst_table_render(table, format, &text);
  if (!st) st = mst_file_write(out, 1, text, strlen(text));
  mst_free(text);
  return st;
}

mst_status sweep_show_status(const char *dir, mst_table_format format) {
  static const char *const columns[] = {"cells", "done", "failed", "open", "metric", "best", NULL};
  sweep_view v;
  mst_table *table = NULL;
  mst_status st = sweep_view_init(dir, 0, &v);
  if (st) return st;
  double best = NAN;
  for (int64_t i = 0; i < v.n; i++) {
    const double value = sweep_ledger_at(v.ledger, i)->value;
    if (!isnan(value) && (isnan(best) || (v.maximize ? value > best : value < best))) best = value;
  }
  st = mst_table_create(NULL, "nnnnln", columns, &table);
  const int64_t numbers[] = {v.n_cells, v.n_done, v.n_failed, v.n_cells - v.n_done - v.n_failed};
  for (int i = 0; !st && i < 4; i++) st = mst_table_cell(table, "%lld", (long long)numbers[i]);
  if (!st) st = mst_table_cell(table, "%s", v.metric);
  if (!st) st = isnan(best) ? mst_table_cell(table, "%s", "") : mst_table_cell(table, "%.6f", best);
  if (!st) st = sweep_show_table(NULL, table, format);
  mst_table_free(table);
  sweep_view_fini(&v);
  return st;
}

static mst_status put_value(mst_table *table, const mst_json *value) {
  char *text = NULL;
  mst_status st = sweep_value_text(value, &text);
  if (!st) st = mst_table_cell(table, "%s", text);
  mst_free(text);
  return st;
}

mst_status sweep_show_results(const char *dir, mst_table_format format, const char *out) {
  const sweep_prices none = {NULL};
  sweep_view v;
  mst_table *table = NULL;
  mst_status st = sweep_view_init(dir, 1, &v);
  if (st) return st;
  st = sweep_results_table(&v, &none, &table);
  if (!st) st = sweep_show_table(out, table, format);
  mst_table_free(table);
  sweep_view_fini(&v);
  return st;
}

/* Cells of one configuration on one size. */
typedef struct group {
  char *name; /* rows, model and parameters as JSON: equal where they are */
  const mst_json *line;
  int64_t n;
  double sum, squares, mean, spread;
} group;

static int by_name(const void *a, const void *b) {
  return strcmp(((const group *)a)->name, ((const group *)b)->name);
}

static int better_first(const void *a, const void *b) {
  const group *x = a, *y = b;
  if (x->mean > y->mean || x->mean < y->mean) return x->mean > y->mean ? -1 : 1;
  return strcmp(x->name, y->name);
}

static mst_status name_group(const mst_json *line, char **out) {
  mst_buffer name;
  char *text = NULL;
  mst_buffer_init(&name, (size_t)1 << 24, "a configuration");
  mst_status st = mst_json_dump(mst_json_get(line, "parameters"), 0, &text, NULL);
  if (!st)
    st = mst_buffer_printf(&name, "%lld %s %s", (long long)mst_json_int(mst_json_get(line, "rows")),
                           mst_json_string(mst_json_get(line, "model"), NULL), text);
  if (!st) st = mst_buffer_append(&name, "", 1);
  mst_free(text);
  if (st) mst_buffer_fini(&name);
  else *out = (char *)name.data;
  return st;
}

/* Lines with a metric to groups; the goal's direction is upwards in mean. */
static mst_status gather(const sweep_view *v, group *g, int64_t *n_out) {
  const double sign = v->maximize ? 1 : -1;
  int64_t n = 0, kept = 0;
  mst_status st = MST_OK;
  for (int64_t i = 0; !st && i < v->n; i++) {
    const double value = metric_of(v, v->line[i]);
    if (isnan(value)) continue;
    g[n] = (group){.line = v->line[i], .n = 1, .sum = sign * value, .squares = value * value};
    st = name_group(v->line[i], &g[n].name);
    n += !st;
  }
  if (n) qsort(g, (size_t)n, sizeof *g, by_name);
  for (int64_t i = 0; i < n; i++) {
    if (kept && strcmp(g[kept - 1].name, g[i].name) == 0) {
      g[kept - 1].n++;
      g[kept - 1].sum += g[i].sum;
      g[kept - 1].squares += g[i].squares;
      mst_free(g[i].name);
    } else g[kept++] = g[i];
  }
  for (int64_t i = 0; i < kept; i++) {
    const double k = (double)g[i].n;
    g[i].mean = g[i].sum / k;
    const double variance = k > 1 ? (g[i].squares - k * g[i].mean * g[i].mean) / (k - 1) : 0;
    g[i].spread = variance > 0 ? sqrt(variance) : 0;
  }
  if (kept) qsort(g, (size_t)kept, sizeof *g, better_first);
  *n_out = kept;
  return st;
}

static mst_status best_row(const sweep_view *v, const group *g, mst_table *table) {
  const mst_json *parameters = mst_json_get(g->line, "parameters");
  mst_status st = put_value(table, mst_json_get(g->line, "rows"));
  if (!st) st = put_value(table, mst_json_get(g->line, "model"));
  for (size_t i = 0; !st && i < mst_json_size(v->parameters); i++) {
    const char *name = mst_json_string(mst_json_at(v->parameters, i), NULL);
    st = put_value(table, name ? mst_json_get(parameters, name) : NULL);
  }
  if (!st) st = mst_table_cell(table, "%.6f", v->maximize ? g->mean : -g->mean);
  if (!st) st = mst_table_cell(table, "%.6f", g->spread);
  if (!st) st = mst_table_cell(table, "%lld", (long long)g->n);
  return st;
}

static mst_status best_table(const sweep_view *v, mst_table **out) {
  const size_t n_parameters = mst_json_size(v->parameters);
  const char **names = mst_alloc_zero(n_parameters + 8, sizeof *names);
  char *align = mst_alloc_zero(n_parameters + 8, 1);
  mst_status st = names && align ? MST_OK : MST_E_NOMEM;
  size_t n = 0;
  if (!st) {
    names[n++] = "rows";
    names[n++] = "model";
    for (size_t i = 0; i < n_parameters; i++)
      names[n++] = mst_json_string(mst_json_at(v->parameters, i), NULL);
    names[n++] = v->metric;
    names[n++] = "deviation";
    names[n++] = "cells";
    memset(align, 'n', n);
    align[1] = 'l';
    st = mst_table_create(NULL, align, names, out);
  }
  mst_free(names);
  mst_free(align);
  return st;
}

mst_status sweep_show_best(const char *dir, mst_table_format format, int64_t top) {
  sweep_view v;
  mst_table *table = NULL;
  int64_t n = 0;
  mst_status st = sweep_view_init(dir, 1, &v);
  if (st) return st;
  group *g = mst_alloc_zero((size_t)v.n, sizeof *g);
  st = g ? gather(&v, g, &n) : MST_E_NOMEM;
  if (!st) st = best_table(&v, &table);
  for (int64_t i = 0; !st && i < n && i < top; i++) st = best_row(&v, &g[i], table);
  if (!st) st = sweep_show_table(NULL, table, format);
  for (int64_t i = 0; g && i < v.n; i++)
    if (i < n) mst_free(g[i].name);
  mst_free(g);
  mst_table_free(table);
  sweep_view_fini(&v);
  return st;
}
