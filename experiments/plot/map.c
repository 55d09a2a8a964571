/* map.c: a table of values as a heat map: one hue, light to dark, each cell with its number, so
 * that nothing has to be read from colours. */
#include <math.h>
#include <string.h>

#include "internal.h"

#define TICK_COLUMNS 32
#define CELL_WIDTH 52.0
#define CELL_HEIGHT 28.0
#define TEXT_CELLS 400 /* numbers stand in the cells up to here */

typedef struct span {
  double low, high;
} span;

static mst_status check(const plot_map *m, plot_format format, span *out) {
  const char *const texts[] = {m->title, m->x_title, m->y_title, m->note, m->value_title};
  const int64_t n = (int64_t)m->n_x * m->n_y;
  span s = {INFINITY, -INFINITY};
  mst_status st = MST_OK;
  for (int i = 0; i < 5 && !st; i++) st = plot__text_check(texts[i], format);
  for (int32_t i = 0; i < m->n_x && !st; i++) st = plot__text_check(m->x[i], format);
  for (int32_t i = 0; i < m->n_y && !st; i++) st = plot__text_check(m->y[i], format);
  for (int64_t i = 0; i < n && !st; i++) {
    if (isnan(m->value[i])) continue;
    if (isinf(m->value[i]))
      st = MST_FAIL(MST_E_ARG, "no figure: the value at '%.60s', '%.60s' is infinite",
                    m->x[i % m->n_x], m->y[i / m->n_x]);
    if (m->value[i] < s.low) s.low = m->value[i];
    if (m->value[i] > s.high) s.high = m->value[i];
  }
  if (!st && !(s.low <= s.high)) st = MST_FAIL(MST_E_ARG, "no figure: the map has no value");
  if (!st) *out = s;
  return st;
}

static double widest(const char *const *names, int32_t n) {
  int64_t most = 1;
  for (int32_t i = 0; i < n; i++) {
    const int64_t columns = plot__columns(names[i], TICK_COLUMNS);
    if (columns > most) most = columns;
  }
  return (double)most * PLOT_EM * PLOT_FONT;
}

static plot_page lay_out(const plot_map *m, int *angle) {
  const double x = widest(m->x, m->n_x), y = widest(m->y, m->n_y);
  const double cell = m->n_x > 16 ? 832.0 / m->n_x : CELL_WIDTH;
  *angle = x < cell - 4 ? 0 : 45;
  plot_page p = {.left = y + (m->y_title ? 28 : 12), .right = 84, .top = m->title ? 34 : 14};
  if (*angle && p.left < 0.66 * x) p.left = 0.66 * x;
  p.y_title = 10;
  p.x_title = (m->note ? 16 : 4) + 8;
  p.bottom = (m->note ? 16 : 4) + (m->x_title ? 18 : 2) + (*angle ? 0.66 * x + 8 : 18);
  p.width = p.left + cell * m->n_x + p.right;
  p.height = p.bottom + CELL_HEIGHT * m->n_y + p.top;
  if (p.width < 300) p.width = 300, p.right = 300 - p.left - cell * m->n_x;
  if (p.height < p.bottom + p.top + 60) p.height = p.bottom + p.top + 60;
  return p;
}

static mst_status put_names(mst_buffer *to, char axis, const char *const *names, int32_t n,
                            int angle) {
  mst_status st =
      mst_buffer_printf(to, "set %ctics scale 0 %s(", axis, angle ? "rotate by 45 right " : "");
  for (int32_t i = 0; i < n && !st; i++) {
    st = mst_buffer_printf(to, i ? ", " : "");
    if (!st) st = plot__tick_put(to, names[i], TICK_COLUMNS);
    if (!st) st = mst_buffer_printf(to, " %d", (int)i);
  }
  return st ? st : mst_buffer_printf(to, ")\n");
}

static mst_status put_frame(mst_buffer *to, const plot_map *m, const plot_page *p, span s) {
  const double right = p->width - p->right, middle = (p->bottom + p->height - p->top) / 2;
  const double high = s.high > s.low ? s.high : s.low + 1e-9 + fabs(s.low) * 1e-9;
  mst_status st = mst_buffer_printf(
      to,
      "unset key\nset border 0\nset xrange [-0.5:%g]\nset yrange [%g:-0.5]\n"
      "set palette defined (0 '#f7fbff', 0.2 '#d3e3f3', 0.4 '#97c6df', 0.6 '#4896c8', "
      "0.8 '#145ea8', 1 '#08306b')\nset colorbox user origin screen %.6f,%.6f size screen "
      "%.6f,%.6f noborder\nset cbtics scale 0.3\nset cbrange [",
      m->n_x - 0.5, m->n_y - 0.5, (right + 12) / p->width, p->bottom / p->height, 10 / p->width,
      (p->height - p->top - p->bottom) / p->height);
  if (!st) st = plot__number_put(to, s.low);
  if (!st) st = mst_buffer_printf(to, ":");
  if (!st) st = plot__number_put(to, high);
  if (!st) st = mst_buffer_printf(to, "]\n");
  if (st || !m->value_title) return st;
  st = mst_buffer_printf(to, "set label ");
  if (!st) st = plot__text_put(to, m->value_title, 60);
  if (st) return st;
  return mst_buffer_printf(to, " at screen %.6f,%.6f center rotate by 90\n",
                           (right + 74) / p->width, middle / p->height);
}

/* Column, row, value, text, its colour. */
static mst_status put_cells(mst_buffer *to, const plot_map *m, span s) {
  mst_status st = mst_buffer_printf(to, "$cells << END_OF_CELLS\n");
  for (int64_t i = 0; i < (int64_t)m->n_x * m->n_y && !st; i++) {
    if (isnan(m->value[i])) continue;
    const double share = s.high > s.low ? (m->value[i] - s.low) / (s.high - s.low) : 0;
    st = mst_buffer_printf(to, "%d %d ", (int)(i % m->n_x), (int)(i / m->n_x));
    if (!st) st = plot__number_put(to, m->value[i]);
    if (!st)
      st = mst_buffer_printf(to, " %.4g 0x%s\n", m->value[i], share > 0.5 ? "ffffff" : "222222");
  }
  return st ? st : mst_buffer_printf(to, "END_OF_CELLS\n");
}

mst_status plot_map_draw(const plot_map *m, plot_format format, char **out, size_t *n) {
  mst_buffer script;
  span s = {0};
  int angle = 0;
  mst_status st = check(m, format, &s);
  if (st) return st;
  const plot_page page = lay_out(m, &angle);
  mst_buffer_init(&script, PLOT_SCRIPT_BYTES, "a map's script");
  st = plot__page_put(&script, &page, format);
  if (!st) st = plot__titles_put(&script, &page, m->title, m->x_title, m->y_title);
  if (!st) st = plot__note_put(&script, &page, m->note);
  if (!st) st = put_frame(&script, m, &page, s);
  if (!st) st = put_names(&script, 'x', m->x, m->n_x, angle);
  if (!st) st = put_names(&script, 'y', m->y, m->n_y, 0);
  if (!st) st = put_cells(&script, m, s);
  if (!st)
    st = mst_buffer_printf(
        &script,
        "set style fill solid 1.0 border lc rgb '#ffffff'\n"
        "plot $cells using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):3 with boxxyerror fc palette "
        "lw 1%s\n",
        (int64_t)m->n_x * m->n_y <= TEXT_CELLS
            ? ", '' using 1:2:4:5 with labels center font ',9' textcolor rgb variable"
            : "");
  if (!st) st = plot__run(&script, format, out, n);
  mst_buffer_fini(&script);
  return st;
}

mst_status plot_map_save(const plot_map *m, const char *path) {
  plot_format format;
  char *picture = NULL, *csv = NULL;
  size_t n = 0;
  mst_status st = plot_format_of(path, &format);
  if (!st) st = plot_map_draw(m, format, &picture, &n);
  if (!st) st = plot_map_csv(m, &csv);
  if (!st) st = plot__save(path, picture, n, csv);
  mst_free(picture);
  mst_free(csv);
  return st;
}
