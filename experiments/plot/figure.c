/* figure.c: series as a gnuplot script. Marks, dashes and colours repeat together, so that the n-th
 * series of every figure looks the same. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "report/table.h"

#define NAME_COLUMNS 56 /* of a name in the key */
#define LABEL_COLUMNS 32
#define KEY_ROW 13.0 /* points */

/* Okabe and Ito (2008), ordered so that the first four differ most in grey; yellow comes last: it
 * is weak on paper. */
static const char *const colours[] = {"#0072B2", "#E69F00", "#000000", "#009E73",
                                      "#56B4E9", "#D55E00", "#CC79A7", "#F0E442"};
static const int marks[] = {7, 5, 9, 13, 11, 6, 4, 8}; /* disc, square, triangle, ... */
static const char *const dashes[] = {"1", "2", "4", "5"};
enum { N_COLOURS = 8, N_DASHES = 4 };

typedef struct key_layout {
  int32_t columns, rows;
} key_layout;

static int is_in_key(const plot_series *s) { return s->name && s->n; }

static key_layout lay_out_key(const plot_figure *f, double width) {
  int64_t widest = 1;
  int32_t n = 0;
  for (int32_t k = 0; k < f->n_series; k++) {
    if (!is_in_key(&f->series[k])) continue;
    const int64_t columns = plot__columns(f->series[k].name, NAME_COLUMNS);
    if (columns > widest) widest = columns;
    n++;
  }
  const double entry = (double)widest * PLOT_EM * PLOT_FONT + 42;
  key_layout l = {.columns = (int32_t)(width / entry)};
  if (l.columns < 1) l.columns = 1;
  if (l.columns > n) l.columns = n;
  l.rows = n ? (n + l.columns - 1) / l.columns : 0;
  return l;
}

/* Names of groups stand level where they fit, else at an angle. */
static double widest_tick(const plot_figure *f) {
  int64_t widest = 0;
  for (int32_t i = 0; i < f->n_ticks; i++) {
    const int64_t columns = plot__columns(f->tick[i], PLOT_TICK_COLUMNS);
    if (columns > widest) widest = columns;
  }
  return (double)widest * PLOT_EM * PLOT_FONT;
}

static plot_page lay_out(const plot_figure *f, key_layout *key, int *angle) {
  const double width = f->width > 0 ? f->width : 360, height = f->height > 0 ? f->height : 240;
  const double tick = widest_tick(f);
  *angle = f->n_ticks && tick > width / f->n_ticks - 6 ? 45 : 0;
  *key = lay_out_key(f, width + 60);
  plot_page p = {.left = f->y_title ? 66 : 50, .right = 18, .top = f->title ? 34 : 14};
  if (*angle && p.left < 0.66 * tick) p.left = 0.66 * tick;
  const double below = (f->note ? 16 : 4) + key->rows * KEY_ROW + (key->rows ? 4 : 0);
  p.y_title = p.left - 48;
  p.x_title = below + 8;
  p.bottom = below + (f->x_title ? 18 : 2) + 23 + (*angle ? 0.66 * tick : 0);
  p.width = p.left + width + p.right;
  p.height = p.bottom + height + p.top;
  return p;
}

/* The script. */

static mst_status put_key(mst_buffer *to, const plot_figure *f, const plot_page *p,
                          const key_layout *key) {
  if (!key->rows) return mst_buffer_printf(to, "unset key\n");
  const double middle = (f->note ? 16 : 4) + key->rows * KEY_ROW / 2;
  return mst_buffer_printf(to,
                           "set key at screen 0.5,%.6f center center horizontal maxcols %d "
                           "maxrows %d samplen 2.4 width 1 Left reverse noenhanced "
                           "textcolor rgb '#222222'\n",
                           middle / p->height, (int)key->columns, (int)key->rows);
}

/* Data blocks: x y low high label. Without an interval low and high are y: no bar is seen. */
static mst_status put_data(mst_buffer *to, const plot_figure *f, int32_t k, double shift) {
  const plot_series *s = &f->series[k];
  mst_status st = mst_buffer_printf(to, "$d%d << END_OF_SERIES\n", (int)k);
  for (int64_t i = 0; i < s->n && !st; i++) {
    const plot_point *p = &s->point[i];
    const double y = s->style == PLOT_BAND ? p->high : p->y;
    const double low = isnan(p->low) ? y : p->low, high = isnan(p->high) ? y : p->high;
    const double values[] = {p->x + shift, y, plot__y_cut(f, low), plot__y_cut(f, high)};
    for (int c = 0; c < 4 && !st; c++) {
      st = plot__number_put(to, values[c]);
      if (!st) st = mst_buffer_printf(to, " ");
    }
    if (!st) st = mst_buffer_printf(to, "\n");
  }
  return st ? st : mst_buffer_printf(to, "END_OF_SERIES\n");
}

static mst_status put_labels(mst_buffer *to, const plot_figure *f, const plot_series *s,
                             double shift) {
  mst_status st = MST_OK;
  for (int64_t i = 0; i < s->n && !st; i++) {
    const plot_point *p = &s->point[i];
    if (!p->label || !*p->label) continue;
    st = mst_buffer_printf(to, "set label ");
    if (!st) st = plot__text_put(to, p->label, LABEL_COLUMNS);
    if (!st) st = mst_buffer_printf(to, " at ");
    if (!st) st = plot__number_put(to, p->x + shift);
    if (!st) st = mst_buffer_printf(to, ",");
    if (!st)
      st = plot__number_put(to, s->style == PLOT_BARS && !isnan(p->high) ? plot__y_cut(f, p->high)
                                                                         : p->y);
    if (!st)
      st = mst_buffer_printf(to, " %s font ',8' tc rgb '#222222'\n",
                             s->style == PLOT_BARS ? "center offset 0,0.6"
                                                   : "left offset 0.7,-0.3 point pt -1");
  }
  return st;
}

/* Interval bars, then the series itself over them. */
static mst_status put_series(mst_buffer *to, const plot_series *s, int32_t k, int is_first,
                             int32_t look, double bar) {
  const char *colour = colours[look % N_COLOURS];
  const int mark = marks[(look + look / N_COLOURS) % N_COLOURS];
  const char *dash = dashes[(look + look / N_COLOURS) % N_DASHES];
  mst_status st = mst_buffer_printf(to, "%s$d%d using ", is_first ? "plot " : ", ", (int)k);
  if (!st && (s->style == PLOT_LINE || s->style == PLOT_POINTS))
    st = mst_buffer_printf(to,
                           "1:3:(0):($4-$3) with vectors heads size screen 0.004,90 lc rgb '%s' "
                           "lw 1 notitle, '' using 1:2 with ",
                           colour);
  if (!st && s->style == PLOT_LINE)
    st = mst_buffer_printf(to, "linespoints lc rgb '%s' lw 1.6 dt %s pt %d", colour, dash, mark);
  else if (!st && s->style == PLOT_POINTS)
    st = mst_buffer_printf(to, "points lc rgb '%s' lw 1.2 pt %d", colour, mark);
  else if (!st && s->style == PLOT_CURVE)
    st = mst_buffer_printf(to, "1:2 with lines lc rgb '%s' lw 1.4 dt %s", colour, dash);
  else if (!st && s->style == PLOT_BAND)
    st = mst_buffer_printf(to,
                           "1:3:4 with filledcurves fs transparent solid 0.2 noborder "
                           "fc rgb '%s'",
                           colour);
  else if (!st)
    st = mst_buffer_printf(to, "1:2:(%.6f) with boxes lc rgb '#222222' lw 0.6 fc rgb '%s'", bar,
                           colour);
  if (!st && !is_in_key(s)) st = mst_buffer_printf(to, " notitle");
  else if (!st) st = mst_buffer_printf(to, " title ");
  if (!st && is_in_key(s)) st = plot__text_put(to, s->name, NAME_COLUMNS);
  if (!st && s->style == PLOT_BARS)
    st = mst_buffer_printf(to,
                           ", '' using 1:3:(0):($4-$3) with vectors heads size screen 0.004,90 "
                           "lc rgb '%s' lw 1 notitle",
                           look % N_COLOURS == 2 ? "#888888" : "#222222"); /* on black */
  return st;
}

/* Does a group have a bar of both? Numbers of groups are whole. */
static int share_group(const plot_series *s, const plot_series *t) {
  for (int64_t i = 0; i < s->n; i++)
    for (int64_t j = 0; j < t->n; j++)
      if (fabs(s->point[i].x - t->point[j].x) < 0.5) return 1;
  return 0;
}

/* Bars that stand side by side: all series of them, or one where no group has two. */
static int32_t count_bars(const plot_figure *f) {
  int32_t n = 0;
  int beside = 0;
  for (int32_t k = 0; k < f->n_series; k++) {
    if (f->series[k].style != PLOT_BARS) continue;
    for (int32_t other = 0; other < k; other++)
      beside |=
          f->series[other].style == PLOT_BARS && share_group(&f->series[k], &f->series[other]);
    n++;
  }
  return beside || n < 2 ? n : 1;
}

static mst_status put_all(mst_buffer *to, const plot_figure *f) {
  const int32_t n_bars = count_bars(f);
  const double bar = n_bars ? 0.8 / n_bars : 0;
  int32_t done = 0, look = -1, drawn = 0;
  mst_status st = MST_OK;
  for (int32_t k = 0; k < f->n_series && !st; k++) {
    const int is_bar = f->series[k].style == PLOT_BARS;
    const double shift = is_bar && n_bars > 1 ? (done + 0.5) * bar - 0.4 : 0;
    st = put_data(to, f, k, shift);
    done += is_bar;
    if (!st) st = put_labels(to, f, &f->series[k], shift);
  }
  for (int bands = 1; bands >= 0; bands--, look = -1) /* bands lie behind */
    for (int32_t k = 0; k < f->n_series && !st; k++) {
      const plot_series *s = &f->series[k];
      look += !k || s->name;
      if (!s->n || (s->style == PLOT_BAND) != bands) continue;
      st = put_series(to, s, k, !drawn, look, bar);
      drawn = 1;
    }
  return st ? st : mst_buffer_printf(to, "\n");
}

mst_status plot_figure_draw(const plot_figure *f, plot_format format, char **out, size_t *n) {
  mst_buffer script;
  key_layout key;
  int angle = 0;
  mst_status st = plot__figure_check(f, format);
  if (st) return st;
  const plot_page page = lay_out(f, &key, &angle);
  mst_buffer_init(&script, PLOT_SCRIPT_BYTES, "a figure's script");
  st = plot__page_put(&script, &page, format);
  if (!st) st = plot__titles_put(&script, &page, f->title, f->x_title, f->y_title);
  if (!st) st = plot__note_put(&script, &page, f->note);
  if (!st) st = put_key(&script, f, &page, &key);
  if (!st) st = plot__axes_put(&script, f, &page, angle);
  if (!st) st = put_all(&script, f);
  if (!st) st = plot__run(&script, format, out, n);
  mst_buffer_fini(&script);
  return st;
}

mst_status plot_figure_save(const plot_figure *f, const char *path) {
  plot_format format;
  char *picture = NULL, *csv = NULL;
  size_t n = 0;
  mst_status st = plot_format_of(path, &format);
  if (!st) st = plot_figure_draw(f, format, &picture, &n);
  if (!st) st = plot_figure_csv(f, &csv);
  if (!st) st = plot__save(path, picture, n, csv);
  mst_free(picture);
  mst_free(csv);
  return st;
}
