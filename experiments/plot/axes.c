/* axes.c: what the axes show: as much as the data need, and no more than y can be. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

#define MOST_X_TICKS 8

static mst_status put_groups(mst_buffer *to, const plot_figure *f, int angle) {
  mst_status st =
      mst_buffer_printf(to, "set xrange [-0.6:%g]\nset xtics scale 0 ", f->n_ticks - 0.4);
  if (!st && angle) st = mst_buffer_printf(to, "rotate by 45 right ");
  if (!st) st = mst_buffer_printf(to, "(");
  for (int32_t i = 0; i < f->n_ticks && !st; i++) {
    st = mst_buffer_printf(to, i ? ", " : "");
    if (!st) st = plot__tick_put(to, f->tick[i], PLOT_TICK_COLUMNS);
    if (!st) st = mst_buffer_printf(to, " %d", (int)i);
  }
  return st ? st : mst_buffer_printf(to, ")\n");
}

/* The distinct x in rising order; curves and bands have none of their own. Returns how many, 0:
 * more than MOST_X_TICKS. */
static int distinct_x(const plot_figure *f, double x[MOST_X_TICKS]) {
  int n = 0;
  for (int32_t k = 0; k < f->n_series; k++)
    for (int64_t i = 0; i < f->series[k].n; i++) {
      const double value = f->series[k].point[i].x;
      int at = 0;
      if (f->series[k].style == PLOT_CURVE || f->series[k].style == PLOT_BAND) continue;
      while (at < n && x[at] < value) at++;
      if (at < n && x[at] <= value) continue;
      if (n == MOST_X_TICKS) return 0;
      memmove(&x[at + 1], &x[at], (size_t)(n - at) * sizeof *x);
      x[at] = value;
      n++;
    }
  return n;
}

typedef struct range {
  double low, high;
  int is_log;
} range;

static int bars_in(const plot_figure *f) {
  int n = 0;
  for (int32_t k = 0; k < f->n_series; k++) n += f->series[k].style == PLOT_BARS;
  return n > 0;
}

/* With room at both ends, a part of the way between them. */
static range with_room(range r, double part) {
  if (r.is_log) {
    const double room = r.high > r.low ? pow(r.high / r.low, part) : 1.5;
    return (range){r.low / room, r.high * room, 1};
  }
  const double room = r.high > r.low ? part * (r.high - r.low)
                      : r.low != 0   ? fabs(r.low) / 10
                                     : 0.5;
  return (range){r.low - room, r.high + room, 0};
}

/* Of x, with room at the ends: gnuplot would go on to the next power of ten. */
static range range_of_x(const plot_figure *f) {
  range r = {INFINITY, -INFINITY, f->log_x};
  for (int32_t k = 0; k < f->n_series; k++)
    for (int64_t i = 0; i < f->series[k].n; i++) {
      const double x = f->series[k].point[i].x;
      if (x < r.low) r.low = x;
      if (x > r.high) r.high = x;
    }
  return with_room(r, r.is_log ? 0.06 : 0.05);
}

double plot__y_cut(const plot_figure *f, double y) {
  const int bounded = f->y_least < f->y_most;
  return !bounded ? y : y < f->y_least ? f->y_least : y > f->y_most ? f->y_most : y;
}

/* Of what is drawn: points, and intervals as far as they go. Bars begin at 0. Where y can be no
 * more, neither is there room above. */
static range range_of_y(const plot_figure *f) {
  range r = {INFINITY, -INFINITY, f->log_y};
  for (int32_t k = 0; k < f->n_series; k++)
    for (int64_t i = 0; i < f->series[k].n; i++) {
      const plot_series *s = &f->series[k];
      const plot_point *p = &s->point[i];
      const double y[] = {s->style == PLOT_BAND ? NAN : p->y, plot__y_cut(f, p->low),
                          plot__y_cut(f, p->high), s->style == PLOT_BARS && !r.is_log ? 0 : NAN};
      for (int c = 0; c < 4; c++) {
        if (y[c] < r.low) r.low = y[c];
        if (y[c] > r.high) r.high = y[c];
      }
    }
  const range wide = with_room(r, 0.06);
  const double low = plot__y_cut(f, wide.low), high = plot__y_cut(f, wide.high);
  /* a point beyond what y can be is drawn all the same; bars stand on the axis */
  r.low = r.low < low || (r.low == 0 && !r.is_log && bars_in(f)) ? r.low : low;
  r.high = r.high > high ? r.high : high;
  return r;
}

static mst_status put_y(mst_buffer *to, const plot_figure *f) {
  const range r = range_of_y(f);
  mst_status st = mst_buffer_printf(to, "set yrange [");
  if (!st) st = plot__number_put(to, r.low);
  if (!st) st = mst_buffer_printf(to, ":");
  if (!st) st = plot__number_put(to, r.high);
  return st ? st : mst_buffer_printf(to, "]\n");
}

static double place(range r, double x) { /* 0 .. 1 */
  return r.is_log ? log(x / r.low) / log(r.high / r.low) : (x - r.low) / (r.high - r.low);
}

/* A tick of its own for each x where there are few: 5000, 10000, 15000 and 30000 records say more
 * than round numbers between them. A tick whose number would touch the one before has none. */
static mst_status put_x(mst_buffer *to, const plot_figure *f, double width) {
  const range r = range_of_x(f);
  double x[MOST_X_TICKS], free_from = -1;
  const int n = distinct_x(f, x);
  mst_status st = mst_buffer_printf(to, "set xrange [");
  if (!st) st = plot__number_put(to, r.low);
  if (!st) st = mst_buffer_printf(to, ":");
  if (!st) st = plot__number_put(to, r.high);
  if (!st) st = mst_buffer_printf(to, n >= 2 ? "]\nset xtics (" : "]\n");
  for (int i = 0; i < n && n >= 2 && !st; i++) {
    char text[32];
    (void)snprintf(text, sizeof text, "%.6g", x[i]);
    const double half = (double)strlen(text) * PLOT_EM * PLOT_FONT / 2 / width;
    const int fits = place(r, x[i]) - half > free_from;
    if (fits) free_from = place(r, x[i]) + half + 4 / width;
    st = mst_buffer_printf(to, "%s'%s' ", i ? ", " : "", fits ? text : "");
    if (!st) st = plot__number_put(to, x[i]);
  }
  return st || n < 2 ? st : mst_buffer_printf(to, ")\n");
}

mst_status plot__axes_put(mst_buffer *to, const plot_figure *f, const plot_page *p, int angle) {
  mst_status st = mst_buffer_printf(
      to, "set border 3 lw 0.8 lc rgb '#444444'\n"
          "set tics nomirror out scale 0.6 textcolor rgb '#222222'\nset bars 0.5\n"
          "set grid ytics back lt 1 lw 0.5 lc rgb '#d8d8d8'\n"
          "set style fill solid 1.0 border lc rgb '#222222'\nset format x '%%g'\n");
  if (!st && f->log_y) st = mst_buffer_printf(to, "set logscale y\n");
  if (!st) st = put_y(to, f);
  if (!st && f->n_ticks) return put_groups(to, f, angle);
  if (!st && f->log_x) st = mst_buffer_printf(to, "set logscale x\n");
  return st ? st : put_x(to, f, p->width - p->left - p->right);
}
