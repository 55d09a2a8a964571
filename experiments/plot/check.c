/* check.c: what a figure must be before gnuplot sees it, and its data as CSV. */
#include <math.h>

#include "files/number.h"
#include "internal.h"
#include "report/table.h"

static mst_status check_number(const plot_series *s, int64_t i, const char *what, double value,
                               int is_log) {
  if (!isfinite(value))
    return MST_FAIL(MST_E_ARG, "series '%.100s', point %lld: %s is not a finite number",
                    s->name ? s->name : "", (long long)i + 1, what);
  if (is_log && value <= 0)
    return MST_FAIL(MST_E_ARG,
                    "series '%.100s', point %lld: %s is %g, a logarithmic axis needs "
                    "more than 0",
                    s->name ? s->name : "", (long long)i + 1, what, value);
  return MST_OK;
}

static mst_status check_point(const plot_figure *f, const plot_series *s, int64_t i) {
  const plot_point *p = &s->point[i];
  const int has_interval = !isnan(p->low) || !isnan(p->high) || s->style == PLOT_BAND;
  mst_status st = check_number(s, i, "x", p->x, f->log_x);
  if (!st && s->style != PLOT_BAND) st = check_number(s, i, "y", p->y, f->log_y);
  if (!st && has_interval) st = check_number(s, i, "low", p->low, f->log_y);
  if (!st && has_interval) st = check_number(s, i, "high", p->high, f->log_y);
  if (!st && has_interval && p->low > p->high)
    st = MST_FAIL(MST_E_ARG, "series '%.100s', point %lld: low %g is above high %g",
                  s->name ? s->name : "", (long long)i + 1, p->low, p->high);
  if (!st && f->n_ticks && (p->x < -1 || p->x > f->n_ticks))
    st = MST_FAIL(MST_E_ARG, "series '%.100s', point %lld: no group %g of %d",
                  s->name ? s->name : "", (long long)i + 1, p->x, (int)f->n_ticks);
  return st;
}

mst_status plot__figure_check(const plot_figure *f, plot_format format) {
  const char *const texts[] = {f->title, f->x_title, f->y_title, f->note};
  int64_t n_points = 0;
  int32_t looks = 0;
  mst_status st = MST_OK;
  for (int i = 0; i < 4 && !st; i++) st = plot__text_check(texts[i], format);
  for (int32_t i = 0; i < f->n_ticks && !st; i++) st = plot__text_check(f->tick[i], format);
  for (int32_t k = 0; k < f->n_series && !st; k++) {
    const plot_series *s = &f->series[k];
    looks += !k || s->name;
    n_points += s->n;
    st = plot__text_check(s->name, format);
    for (int64_t i = 0; i < s->n && !st; i++) {
      st = check_point(f, s, i);
      if (!st) st = plot__text_check(s->point[i].label, format);
    }
  }
  if (st) return st;
  if (!n_points) return MST_FAIL(MST_E_ARG, "no figure: there is no point to draw");
  if (looks > PLOT_MOST_SERIES)
    return MST_FAIL(MST_E_ARG, "no figure: %d series, at most %d can be told apart", (int)looks,
                    PLOT_MOST_SERIES);
  return MST_OK;
}

static mst_status put_number(mst_table *table, double value) {
  char text[MST__REAL_BYTES] = "";
  if (isfinite(value)) mst__real_shortest(text, value);
  return mst_table_cell(table, "%s", text);
}

mst_status plot_figure_csv(const plot_figure *f, char **out) {
  static const char *const columns[] = {"series", "x", "y", "low", "high", "label", NULL};
  mst_table *table = NULL;
  mst_status st = mst_table_create(NULL, "lnnnnl", columns, &table);
  const char *name = "";
  for (int32_t k = 0; k < f->n_series && !st; k++) {
    const plot_series *s = &f->series[k];
    if (s->name) name = s->name;
    for (int64_t i = 0; i < s->n && !st; i++) {
      const plot_point *p = &s->point[i];
      st = mst_table_cell(table, "%s", name);
      if (!st) st = put_number(table, p->x);
      if (!st) st = put_number(table, s->style == PLOT_BAND ? NAN : p->y);
      if (!st) st = put_number(table, p->low);
      if (!st) st = put_number(table, p->high);
      if (!st) st = mst_table_cell(table, "%s", p->label ? p->label : "");
    }
  }
  if (!st) st = mst_table_render(table, MST_TABLE_CSV, out);
  mst_table_free(table);
  return st;
}

mst_status plot_map_csv(const plot_map *m, char **out) {
  const char *const columns[] = {m->x_title ? m->x_title : "x", m->y_title ? m->y_title : "y",
                                 m->value_title ? m->value_title : "value", NULL};
  mst_table *table = NULL;
  mst_status st = mst_table_create(NULL, "lln", columns, &table);
  for (int32_t y = 0; y < m->n_y; y++)
    for (int32_t x = 0; x < m->n_x && !st; x++) {
      st = mst_table_cell(table, "%s", m->x[x]);
      if (!st) st = mst_table_cell(table, "%s", m->y[y]);
      if (!st) st = put_number(table, m->value[(int64_t)y * m->n_x + x]);
    }
  if (!st) st = mst_table_render(table, MST_TABLE_CSV, out);
  mst_table_free(table);
  return st;
}
