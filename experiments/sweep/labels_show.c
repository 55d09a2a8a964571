/* labels_show.c: labels needed, as a table and as a figure. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"
#include "labels.h"
#include "misstep/alloc.h"
#include "show.h"

enum { N_STEPS = 48, MOST_INTERVALS = 4 }; /* steps of a drawn curve; more would hide each other */

static double cut(double score) { return score < 0 ? 0 : score > 1 ? 1 : score; }

static const char *name_of(const sweep_curves *c, int class) {
  const char *name = mst_json_string(mst_json_at(c->classes, (size_t) class), NULL);
  return name ? name : "";
}

static int is_wanted(const sweep_curves *c, const sweep_look *look, int class) {
  if (!look->n_classes) return 1;
  for (int i = 0; i < look->n_classes; i++)
    if (strcmp(look->class_name[i], name_of(c, class)) == 0) return 1;
  return 0;
}

static mst_status check_names(const sweep_curves *c, const sweep_look *look) {
  for (int i = 0; i < look->n_classes; i++) {
    int found = 0;
    for (int class = 0; class < c->n_classes; class ++)
      found |= strcmp(look->class_name[i], name_of(c, class)) == 0;
    if (!found) return MST_FAIL(MST_E_ARG, "--class %.100s: no such class", look->class_name[i]);
  }
  return MST_OK;
}

static mst_status put_row(const sweep_curves *c, int class, const sweep_need *need,
                          mst_table *table) {
  mst_status st = mst_table_cell(table, "%s", name_of(c, class));
  if (!st)
    st = isnan(need->last) ? mst_table_cell(table, "%s", "")
                           : mst_table_cell(table, "%.4f", need->last);
  const double values[] = {need->labels, need->low, need->high};
  for (int k = 0; k < 3 && !st; k++)
    st = isnan(values[k]) ? mst_table_cell(table, "%s", "")
                          : mst_table_cell(table, "%.0f", values[k]);
  return st ? st : mst_table_cell(table, "%s", need->why);
}

static mst_status print(const sweep_curves *c, const sweep_need *need, const sweep_look *look) {
  const char *const columns[] = {"class", "f1", "labels", "low", "high", "remark", NULL};
  char title[128];
  mst_table *table = NULL;
  (void)snprintf(title, sizeof title, "Labels needed for F1 %g", look->f1);
  mst_status st = mst_table_create(title, "lnnnnl", columns, &table);
  for (int class = 0; class < c->n_classes && !st; class ++)
    if (is_wanted(c, look, class)) st = put_row(c, class, &need[class], table);
  if (!st)
    st = mst_table_note(table,
                        "labels: training rows of all classes together, as they come; f1 at the "
                        "%.0f that were tried; 95 %% bootstrap over %d seeds",
                        c->n_train[c->n_sizes - 1], c->n_seeds);
  if (!st)
    st = mst_table_note(table, "1 - F1 = %sa n^-b through %d sizes; %s",
                        c->n_sizes >= SWEEP_POWER_FREE_C ? "c + " : "", c->n_sizes,
                        *c->configuration ? c->configuration : "the only configuration");
  if (!st) st = sweep_show_table(NULL, table, look->format);
  mst_table_free(table);
  return st;
}

/* Points of a class, and its curve on to where it is asked for. */
static void fill(const sweep_curves *c, int class, const sweep_need *need, int with_intervals,
                 plot_point *point, plot_point *curve) {
  for (int size = 0; size < c->n_sizes; size++) {
    const mst_mean m =
        mst_mean_of(&c->f1[((int64_t) class * c->n_sizes + size) * c->n_seeds], c->n_seeds);
    point[size] = (plot_point){c->n_train[size], m.mean, NAN, NAN, NULL};
    if (!with_intervals) continue;
    point[size].low = cut(m.low);
    point[size].high = cut(m.high);
  }
  const double first = c->n_train[0], last = c->n_train[c->n_sizes - 1];
  const double end = need->labels > last ? need->labels : last;
  for (int k = 0; k < N_STEPS && need->fitted; k++) {
    const double n = first * pow(end / first, (double)k / (N_STEPS - 1));
    curve[k] = (plot_point){n, cut(1 - sweep_power_at(need->curve, n)), NAN, NAN, NULL};
  }
}

static mst_status draw(const sweep_curves *c, const sweep_need *need, const sweep_look *look) {
  const size_t n = (size_t)c->n_classes;
  plot_point *point = mst_alloc(n * (size_t)(c->n_sizes + N_STEPS), sizeof *point);
  plot_series *series = mst_alloc_zero(2 * n, sizeof *series);
  char note[160], title[64];
  int32_t n_series = 0;
  int n_drawn = 0;
  for (int class = 0; class < c->n_classes; class ++) n_drawn += is_wanted(c, look, class);
  const int with_intervals = n_drawn <= MOST_INTERVALS;
  mst_status st = point && series ? MST_OK : MST_E_NOMEM;
  for (int class = 0; class < c->n_classes && !st; class ++) {
    plot_point *at = &point[(size_t) class * (size_t)(c->n_sizes + N_STEPS)];
    if (!is_wanted(c, look, class) || isnan(need[class].last)) continue;
    fill(c, class, &need[class], with_intervals, at, at + c->n_sizes);
    series[n_series++] = (plot_series){name_of(c, class), PLOT_POINTS, at, c->n_sizes};
    if (need[class].fitted)
      series[n_series++] = (plot_series){NULL, PLOT_CURVE, at + c->n_sizes, N_STEPS};
  }
  (void)snprintf(note, sizeof note, "mean F1%s over %d seeds; curves: 1 - F1 = %sa n^-b",
                 with_intervals ? " with 95 % t interval" : "", c->n_seeds,
                 c->n_sizes >= SWEEP_POWER_FREE_C ? "c + " : "");
  (void)snprintf(title, sizeof title, "F1 (asked for: %g)", look->f1);
  const plot_figure figure = {.title = look->title,
                              .x_title = "training rows",
                              .y_title = title,
                              .note = note,
                              .series = series,
                              .n_series = n_series,
                              .log_x = look->scale != 1,
                              .y_most = 1};
  if (!st) st = plot_figure_save(&figure, look->out);
  if (!st) mst_terminal_note("wrote %s and its data beside it (.csv)", look->out);
  mst_free(point);
  mst_free(series);
  return st;
}

mst_status sweep_labels_needed(const sweep_view *v, const sweep_look *look) {
  sweep_curves c = {0};
  mst_status st = sweep_curves_make(v, look, &c);
  if (st) return st;
  sweep_need *need = mst_alloc_zero((size_t)c.n_classes, sizeof *need);
  st = need ? check_names(&c, look) : MST_E_NOMEM;
  for (int class = 0; class < c.n_classes && !st; class ++)
    st = sweep_need_find(&c, class, look->f1, &need[class]);
  if (!st) st = print(&c, need, look);
  if (!st && look->out) st = draw(&c, need, look);
  mst_free(need);
  sweep_curves_fini(&c);
  return st;
}
