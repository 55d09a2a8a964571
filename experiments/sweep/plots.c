/* plots.c: groups of cells as figures: curve, Pareto, surface. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"
#include "look.h"
#include "misstep/alloc.h"
#include "spec_read.h"

static const char *or_none(const char *text) { return *text ? text : "(none)"; }

/* What the figure's small print says. */
static void describe(const sweep_groups *g, const sweep_look *look, int with_interval,
                     char note[512]) {
  int64_t most_others = 1, fewest = INT64_MAX, most = 0;
  for (int64_t i = 0; i < g->n; i++) {
    if (g->group[i].n_others > most_others) most_others = g->group[i].n_others;
    if (g->group[i].y.n < fewest) fewest = g->group[i].y.n;
    if (g->group[i].y.n > most) most = g->group[i].y.n;
  }
  char seeds[64], others[96] = "";
  if (fewest == most) (void)snprintf(seeds, sizeof seeds, "%lld", (long long)most);
  else (void)snprintf(seeds, sizeof seeds, "%lld to %lld", (long long)fewest, (long long)most);
  if (most_others > 1 && look->question.others == SWEEP_OTHERS_BEST)
    (void)snprintf(others, sizeof others, "; best of up to %lld configurations at each point",
                   (long long)most_others);
  else if (most_others > 1) (void)snprintf(others, sizeof others, "; mean over other parameters");
  if (most > 1)
    (void)snprintf(note, 512, "mean%s over %s seeds%s", with_interval ? " and 95 % t interval" : "",
                   seeds, others);
  else (void)snprintf(note, 512, "one seed%s%s", with_interval ? ": no interval" : "", others);
}

static mst_status save(const plot_figure *figure, const sweep_look *look) {
  const mst_status st = plot_figure_save(figure, look->out);
  if (!st) mst_terminal_note("wrote %s and its data beside it (.csv)", look->out);
  return st;
}

static int is_log(const sweep_groups *g, int scale) {
  double low = INFINITY, high = 0;
  for (int64_t i = 0; i < g->n; i++) {
    if (g->group[i].x_number < low) low = g->group[i].x_number;
    if (g->group[i].x_number > high) high = g->group[i].x_number;
  }
  return scale == 2 || (scale == 0 && low > 0 && high >= 5 * low);
}

static plot_point point_of(const sweep_group *g, int is_number) {
  return (plot_point){is_number ? g->x_number : g->x, g->y.mean, g->y.low, g->y.high, NULL};
}

/* What a column can be at most: figures end there. None is below 0. */
static double most_of(const char *column) {
  const int open = strcmp(column, "log_loss") == 0 || !sweep_is_in(sweep_metrics, column);
  const int share = strncmp(column, "accuracy_", 9) == 0; /* of twins, and of the others */
  return open && !share ? INFINITY : 1;
}

mst_status sweep_plot_curve(const sweep_view *v, const sweep_look *look) {
  sweep_groups g = {0};
  char note[512];
  mst_status st = sweep_groups_make(v, &look->question, &g);
  if (st) return st;
  plot_point *point = mst_alloc((size_t)g.n, sizeof *point);
  plot_series *series = mst_alloc_zero((size_t)g.by.n, sizeof *series);
  if (!point || !series) st = MST_E_NOMEM;
  for (int64_t i = 0; i < g.n && !st; i++) {
    plot_series *s = &series[g.group[i].by];
    point[i] = point_of(&g.group[i], g.x_is_number);
    if (!s->n++) s->point = &point[i];
    s->name = look->question.by ? or_none(g.by.text[g.group[i].by]) : NULL;
    s->style = g.x_is_number ? PLOT_LINE : PLOT_BARS;
  }
  describe(&g, look, 1, note);
  const plot_figure figure = {.title = look->title,
                              .x_title = look->question.x,
                              .y_title = look->question.y,
                              .note = note,
                              .series = series,
                              .n_series = g.by.n,
                              .tick = (const char *const *)g.x.text,
                              .n_ticks = g.x_is_number ? 0 : g.x.n,
                              .log_x = g.x_is_number && is_log(&g, look->scale),
                              .y_most = most_of(look->question.y)};
  if (!st) st = save(&figure, look);
  mst_free(point);
  mst_free(series);
  sweep_groups_fini(&g);
  return st;
}

/* Pareto. */

/* Groups by seconds; of two with the same seconds the better first. */
static int by_cost(const void *a, const void *b, void *payload) {
  const sweep_group *s = a, *t = b;
  const int *maximize = payload;
  if (s->also < t->also || s->also > t->also) return s->also < t->also ? -1 : 1;
  const double d = *maximize ? t->y.mean - s->y.mean : s->y.mean - t->y.mean;
  if (d < 0 || d > 0) return d < 0 ? -1 : 1;
  return s->other - t->other;
}

/* Those that are better than all cheaper ones. Returns how many; frontier [n] has their numbers. */
static int64_t find_frontier(const sweep_group *g, int64_t n, int maximize, int64_t *frontier) {
  int64_t n_frontier = 0;
  for (int64_t i = 0; i < n; i++) {
    const double best = n_frontier ? g[frontier[n_frontier - 1]].y.mean : NAN;
    if (!n_frontier || (maximize ? g[i].y.mean > best : g[i].y.mean < best))
      frontier[n_frontier++] = i;
  }
  return n_frontier;
}

/* A letter at each point of the frontier; the table on standard output says what they are. */
static mst_status print_frontier(const sweep_groups *g, const int64_t *frontier, int64_t n,
                                 const sweep_look *look) {
  const char *const columns[] = {"",  "seconds", look->question.y, "cells", "by", "configuration",
                                 NULL};
  mst_table *table = NULL;
  char *text = NULL;
  mst_status st = mst_table_create("Frontier: no configuration is quicker and better", "lnnnll",
                                   columns, &table);
  for (int64_t i = 0; i < n && !st; i++) {
    const sweep_group *at = &g->group[frontier[i]];
    st = mst_table_cell(table, "%c", i < 26 ? (char)('A' + i) : ' ');
    if (!st) st = mst_table_cell(table, "%.4g", at->also);
    if (!st) st = mst_table_cell(table, "%.6f", at->y.mean);
    if (!st) st = mst_table_cell(table, "%lld", (long long)at->n_cells);
    if (!st) st = mst_table_cell(table, "%s", g->by.text[at->by]);
    if (!st) st = mst_table_cell(table, "%s", g->other.text[at->other]);
  }
  if (!st) st = mst_table_render(table, MST_TABLE_TEXT, &text);
  if (!st) (void)fputs(text, stdout);
  mst_free(text);
  mst_table_free(table);
  return st;
}

/* What a Pareto picture is made of. */
typedef struct picture {
  plot_point *point, *edge; /* [n] */
  plot_series *series;      /* [by + 1] */
  int64_t *frontier, n_frontier;
  char (*letter)[2]; /* [26] */
} picture;

static mst_status fill_pareto(const sweep_groups *g, picture *p) {
  int64_t at = 0;
  for (int32_t b = 0; b < g->by.n; b++) {
    plot_series *s = &p->series[b];
    *s = (plot_series){or_none(g->by.text[b]), PLOT_POINTS, &p->point[at], 0};
    for (int64_t i = 0; i < g->n; i++) {
      const sweep_group *from = &g->group[i];
      if (from->by != b) continue;
      p->point[at++] = (plot_point){from->also, from->y.mean, from->y.low, from->y.high, NULL};
      s->n++;
    }
  }
  for (int64_t i = 0; i < p->n_frontier; i++) {
    const sweep_group *from = &g->group[p->frontier[i]];
    p->edge[i] = (plot_point){from->also, from->y.mean, NAN, NAN, NULL};
    if (i >= 26) continue;
    p->letter[i][0] = (char)('A' + i);
    p->letter[i][1] = 0;
    p->edge[i].label = p->letter[i];
  }
  p->series[g->by.n] = (plot_series){"frontier", PLOT_CURVE, p->edge, p->n_frontier};
  return MST_OK;
}

mst_status sweep_plot_pareto(const sweep_view *v, const sweep_look *look) {
  sweep_groups g = {0};
  picture p = {0};
  char note[512];
  sweep_look asked = *look;
  asked.question.x = NULL;
  asked.question.also = "seconds";
  asked.question.others = SWEEP_OTHERS_APART;
  int maximize = v->maximize;
  mst_status st = sweep_groups_make(v, &asked.question, &g);
  if (st) return st;
  p.point = mst_alloc((size_t)g.n, sizeof *p.point);
  p.edge = mst_alloc((size_t)g.n, sizeof *p.edge);
  p.series = mst_alloc_zero((size_t)g.by.n + 1, sizeof *p.series);
  p.frontier = mst_alloc((size_t)g.n, sizeof *p.frontier);
  p.letter = mst_alloc(26, sizeof *p.letter);
  if (!p.point || !p.edge || !p.series || !p.frontier || !p.letter) st = MST_E_NOMEM;
  if (!st) {
    qsort_r(g.group, (size_t)g.n, sizeof *g.group, by_cost, &maximize);
    p.n_frontier = find_frontier(g.group, g.n, maximize, p.frontier);
    st = fill_pareto(&g, &p);
  }
  describe(&g, &asked, 1, note);
  const plot_figure figure = {.title = look->title,
                              .x_title = "seconds to train and score",
                              .y_title = look->question.y,
                              .note = note,
                              .series = p.series,
                              .n_series = g.by.n + 1,
                              .log_x = look->scale != 1,
                              .y_most = most_of(look->question.y)};
  if (!st) st = save(&figure, look);
  if (!st) st = print_frontier(&g, p.frontier, p.n_frontier, look);
  mst_free(p.point);
  mst_free(p.edge);
  mst_free(p.series);
  mst_free(p.frontier);
  mst_free(p.letter);
  sweep_groups_fini(&g);
  return st;
}

/* Surface. */

/* Places of the distinct x in rising order (numbers) or in the order of the spec. */
static mst_status order_columns(const sweep_groups *g, int32_t *place) {
  double *number = mst_alloc((size_t)g->x.n, sizeof *number);
  if (!number) return MST_E_NOMEM;
  for (int64_t i = 0; i < g->n; i++) number[g->group[i].x] = g->group[i].x_number;
  for (int32_t a = 0; a < g->x.n; a++) {
    place[a] = g->x_is_number ? 0 : a;
    for (int32_t b = 0; g->x_is_number && b < g->x.n; b++) place[a] += number[b] < number[a];
  }
  mst_free(number);
  return MST_OK;
}

mst_status sweep_plot_surface(const sweep_view *v, const sweep_look *look) {
  sweep_groups g = {0};
  char note[512];
  mst_status st = MST_OK;
  if (!look->question.by) return MST_FAIL(MST_E_ARG, "a surface needs --x and --by");
  st = sweep_groups_make(v, &look->question, &g);
  if (st) return st;
  const size_t n = (size_t)g.x.n * (size_t)g.by.n;
  double *value = mst_alloc(n, sizeof *value);
  int32_t *place = mst_alloc((size_t)g.x.n, sizeof *place);
  const char **x = mst_alloc((size_t)g.x.n, sizeof *x), **y = mst_alloc((size_t)g.by.n, sizeof *y);
  st = value && place && x && y ? order_columns(&g, place) : MST_E_NOMEM;
  for (size_t i = 0; i < n && !st; i++) value[i] = NAN;
  for (int32_t i = 0; i < g.x.n && !st; i++) x[place[i]] = or_none(g.x.text[i]);
  for (int32_t i = 0; i < g.by.n && !st; i++) y[i] = or_none(g.by.text[i]);
  for (int64_t i = 0; i < g.n && !st; i++)
    value[(int64_t)g.group[i].by * g.x.n + place[g.group[i].x]] = g.group[i].y.mean;
  describe(&g, look, 0, note);
  const plot_map map = {.title = look->title,
                        .x_title = look->question.x,
                        .y_title = look->question.by,
                        .note = note,
                        .value_title = look->question.y,
                        .x = x,
                        .y = y,
                        .n_x = g.x.n,
                        .n_y = g.by.n,
                        .value = value};
  if (!st) st = plot_map_save(&map, look->out);
  if (!st) mst_terminal_note("wrote %s and its data beside it (.csv)", look->out);
  mst_free(value);
  mst_free(place);
  mst_free(x);
  mst_free(y);
  sweep_groups_fini(&g);
  return st;
}
