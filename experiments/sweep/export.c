/* export.c: which format goes where, the table of all cells, and what cells cost. */
#include "export.h"

#include <math.h>
#include <string.h>

#include "cli/terminal.h"
#include "misstep/alloc.h"
#include "show.h"

/* Prices. */

static mst_status check_price(const char *path, const char *name, const mst_json *price) {
  const double value = mst_json_number(price);
  if (value >= 0 && isfinite(value)) return MST_OK;
  return MST_FAIL(MST_E_FORMAT, "%s: %.100s: dollars for an hour of a CPU are expected, 0 or more",
                  path, name);
}

mst_status sweep_prices_load(const char *path, sweep_prices *out) {
  sweep_prices p = {NULL};
  if (!path) {
    *out = p;
    return MST_OK;
  }
  mst_status st = mst_terminal_input(mst_json_load(path, &p.file));
  if (st) return st;
  const mst_json *hosts = mst_json_get(p.file, "hosts");
  for (size_t i = 0; i < mst_json_size(p.file) && !st; i++) {
    const char *key = mst_json_key(p.file, i);
    if (key && strcmp(key, "hosts") != 0 && strcmp(key, "dollars_per_cpu_hour") != 0)
      st = MST_FAIL(MST_E_FORMAT, "%s: %.100s is unknown; dollars_per_cpu_hour and hosts are known",
                    path, key);
  }
  if (!st)
    st = check_price(path, "dollars_per_cpu_hour", mst_json_get(p.file, "dollars_per_cpu_hour"));
  for (size_t i = 0; hosts && i < mst_json_size(hosts) && !st; i++)
    st = check_price(path, mst_json_key(hosts, i), mst_json_value(hosts, i));
  if (st) mst_json_free(p.file);
  else *out = p;
  return st;
}

void sweep_prices_fini(sweep_prices *prices) {
  mst_json_free(prices->file);
  prices->file = NULL;
}

double sweep_prices_of(const sweep_prices *p, const sweep_view *v, int64_t i) {
  const char *worker = mst_json_string(mst_json_get(v->line[i], "worker"), NULL);
  const mst_json *price = mst_json_get(p->file, "dollars_per_cpu_hour"),
                 *hosts = mst_json_get(p->file, "hosts");
  const size_t n = worker ? strlen(worker) : 0;
  for (size_t h = 0; hosts && h < mst_json_size(hosts); h++) {
    const char *host = mst_json_key(hosts, h); /* a worker is HOST-PID-START */
    const size_t n_host = strlen(host);
    if (n > n_host && worker[n_host] == '-' && memcmp(worker, host, n_host) == 0)
      price = mst_json_value(hosts, h);
  }
  return mst_json_number(price) * mst_json_number(mst_json_get(v->line[i], "cpu_seconds")) / 3600;
}

/* Tables. */

static mst_status create(const sweep_view *v, int has_prices, mst_table **out) {
  const size_t n = (size_t)v->n_columns;
  char *align = mst_alloc_zero(n + 2, 1);
  const char **column = mst_alloc_zero(n + 2, sizeof *column);
  mst_status st = align && column ? MST_OK : MST_E_NOMEM;
  for (int c = 0; c < v->n_columns && !st; c++) {
    align[c] = sweep_view_is_text(v, c) ? 'l' : 'n';
    column[c] = v->column[c];
  }
  if (!st && has_prices) {
    align[n] = 'n';
    column[n] = "dollars";
  }
  if (!st) st = mst_table_create(NULL, align, column, out);
  mst_free(align);
  mst_free(column);
  return st;
}

static mst_status put_row(const sweep_view *v, const sweep_prices *prices, int64_t i,
                          mst_table *table) {
  mst_status st = MST_OK;
  for (int c = 0; !st && c < v->n_columns; c++) {
    char *text = NULL;
    st = sweep_view_text(v, i, c, &text);
    if (!st) st = mst_table_cell(table, "%s", text);
    mst_free(text);
  }
  if (st || !prices->file) return st;
  const double dollars = sweep_prices_of(prices, v, i);
  return isnan(dollars) ? mst_table_cell(table, "%s", "") : mst_table_cell(table, "%.9f", dollars);
}

mst_status sweep_results_table(const sweep_view *v, const sweep_prices *prices, mst_table **out) {
  mst_table *table = NULL;
  mst_status st = create(v, prices->file != NULL, &table);
  for (int64_t i = 0; !st && i < v->n; i++) st = put_row(v, prices, i, table);
  if (st) mst_table_free(table);
  else *out = table;
  return st;
}

static mst_status export_table(const sweep_view *v, const sweep_prices *prices,
                               mst_table_format format, const char *out) {
  mst_table *table = NULL;
  mst_status st = sweep_results_table(v, prices, &table);
  if (!st) st = sweep_show_table(out, table, format);
  mst_table_free(table);
  return st;
}

mst_status sweep_export(const sweep_view *v, const sweep_look *look, const char *format) {
  static const char *const tables[] = {"csv", "json", "markdown", "latex", "text"};
  static const mst_table_format formats[] = {MST_TABLE_CSV, MST_TABLE_JSON, MST_TABLE_MARKDOWN,
                                             MST_TABLE_LATEX, MST_TABLE_TEXT};
  typedef mst_status export_fn(const sweep_view *, const sweep_prices *, const char *);
  static const struct {
    const char *name, *out;
    export_fn *export;
  } files[] = {{"sqlite", "results.sqlite", sweep_export_sqlite},
               {"mlflow", "mlruns", sweep_export_mlflow},
               {"html", "results.html", sweep_export_html}};
  sweep_prices prices;
  mst_status st = sweep_prices_load(look->prices, &prices);
  if (st) return st;
  st = MST_FAIL(MST_E_ARG,
                "no format %.60s; there are csv, json, latex, markdown, sqlite, mlflow "
                "and html",
                format);
  for (int i = 0; i < 5; i++)
    if (strcmp(format, tables[i]) == 0) st = export_table(v, &prices, formats[i], look->out);
  for (int i = 0; i < 3; i++) {
    if (strcmp(format, files[i].name) != 0) continue;
    const char *out = look->out ? look->out : files[i].out;
    st = files[i].export(v, &prices, out);
    if (!st)
      mst_terminal_note("wrote %s, %lld of %lld cells", out, (long long)v->n,
                        (long long)v->n_cells);
  }
  sweep_prices_fini(&prices);
  return st;
}
