/* confusion.c: the layout of the confusion matrix' figure, and its gnuplot script.
 *
 * All lengths are points. The margins are computed here from the label names: gnuplot's own guess
 * cuts long rotated labels off. Rows run downwards from class 0, as in the printed matrix.
 */
#include "report/confusion.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "misstep/alloc.h"
#include "report/gnuplot.h"
#include "report/table.h"

#define TEXT_CLASSES 15      /* shares stand in the cells up to here */
#define LABELLED_CLASSES 120 /* names stand at the axes up to here */
#define LABEL_COLUMNS 32     /* longer names are cut */
#define EM 0.56              /* a column of text in font sizes, a little more than the average */
#define PNG_SCALE 2.5        /* pixels a point */
#define SCRIPT_BYTES ((size_t)1 << 30)

typedef struct layout {
  int32_t n;                       /* classes */
  double cell;                     /* side of a cell */
  double font;                     /* of class names */
  double left, right, bottom, top; /* margins */
  double names;                    /* where the title of the left axis stands */
  double width, height;
  int angle; /* of the names below: 0, 45 or 90 degrees */
} layout;

/* Bytes of the name that fit LABEL_COLUMNS columns, and its width in columns. */
static size_t cut_label(mst_slice label, int64_t *columns) {
  return mst_display_cut((const char *)label.ptr, (size_t)label.len, LABEL_COLUMNS, columns);
}

static double max(double a, double b) { return a > b ? a : b; }

static layout lay_out(const mst_strings *labels, int32_t n, const char *title) {
  layout l = {.n = n};
  l.cell = n <= 4 ? 62 : n <= 9 ? 46 : n <= TEXT_CLASSES ? 36 : n <= 80 ? 9 + 150.0 / n : 880.0 / n;
  l.font = n <= TEXT_CLASSES ? 11 : max(4, 0.8 * l.cell > 10 ? 10 : 0.8 * l.cell);
  int64_t widest = 1, columns;
  for (int32_t c = 0; c < n && n <= LABELLED_CLASSES; c++) {
    const mst_slice label = mst_strings_at(labels, c);
    if (cut_label(label, &columns) < (size_t)label.len) columns += 2;
    if (columns > widest) widest = columns;
  }
  const double name = (double)widest * EM * l.font;
  l.angle = name < l.cell - 2 ? 0 : n <= TEXT_CLASSES ? 45 : 90;
  l.left = name + 36;
  l.bottom = 36 + (l.angle == 0 ? l.font : l.angle == 45 ? 0.75 * name + 6 : name);
  l.top = 38;
  l.right = 82;
  const double square = l.cell * n;
  l.height = l.top + square + l.bottom;
  l.width = l.left + square + l.right;
  const double heading = title ? (double)mst_display_width(title) * EM * 13 + 20 : 0;
  l.names = 14;
  if (heading > l.width) {
    l.left += (heading - l.width) / 2;
    l.names += (heading - l.width) / 2;
    l.width = heading;
  }
  return l;
}

/* The script. */

static mst_status put_terminal(mst_buffer *to, const layout *l, int is_png) {
  if (!is_png)
    return mst_buffer_printf(to,
                             "set terminal svg size %.0f,%.0f fixed noenhanced font "
                             "'Liberation Sans,11' background '#ffffff'\n",
                             l->width, l->height);
  return mst_buffer_printf(to,
                           "set terminal pngcairo size %.0f,%.0f noenhanced font "
                           "'Liberation Sans,11' fontscale %g linewidth %g background '#ffffff'\n",
                           l->width * PNG_SCALE, l->height * PNG_SCALE, PNG_SCALE * 72 / 96,
                           PNG_SCALE);
}

/* Frame, margins, palette (one hue, its first steps short: confusions are a few per cent) and the
 * titles of the axes. */
static mst_status put_frame(mst_buffer *to, const layout *l, const char *title) {
  const double right = l->left + l->cell * l->n, top = l->height - l->top;
  mst_status st = mst_buffer_printf(
      to,
      "set encoding utf8\nunset key\nset border 0\n"
      "set palette defined (0 '#f7fbff', 0.02 '#e6f0f9', 0.05 '#d3e3f3', 0.1 '#bcd7eb', "
      "0.2 '#97c6df', 0.35 '#6aaed6', 0.5 '#4896c8', 0.65 '#2c7cba', 0.8 '#145ea8', 1 '#08306b')\n"
      "set lmargin at screen %.6f\nset rmargin at screen %.6f\n"
      "set bmargin at screen %.6f\nset tmargin at screen %.6f\n"
      "set xrange [-0.5:%g]\nset yrange [%g:-0.5]\nset cbrange [0:1]\nset cbtics 0.25 scale 0.3\n"
      "set format cb '%%.2f'\n",
      l->left / l->width, right / l->width, l->bottom / l->height, top / l->height, l->n - 0.5,
      l->n - 0.5);
  if (!st)
    st = mst_buffer_printf(
        to,
        "set colorbox user origin screen %.6f,%.6f size screen %.6f,%.6f noborder\n"
        "set label 'share of the true class' at screen %.6f,%.6f center rotate by 90\n"
        "set label 'predicted class' at screen %.6f,%.6f center\n"
        "set label 'true class' at screen %.6f,%.6f center rotate by 90\n",
        (right + 14) / l->width, l->bottom / l->height, 10 / l->width,
        (top - l->bottom) / l->height, (right + 70) / l->width, (l->bottom + top) / 2 / l->height,
        (l->left + right) / 2 / l->width, 14 / l->height, l->names / l->width,
        (l->bottom + top) / 2 / l->height);
  if (st || !title) return st;
  st = mst_buffer_printf(to, "set label ");
  if (!st) st = mst_gnuplot_quote(to, title, strlen(title));
  if (st) return st;
  return mst_buffer_printf(to, " at screen 0.5,%.6f center font ',13'\n",
                           (l->height - 18) / l->height);
}

/* A class name as a tic. Tics are formats: a percent sign stands doubled. */
static mst_status put_name(mst_buffer *to, mst_slice label, int32_t c) {
  int64_t columns;
  const size_t n = cut_label(label, &columns);
  char text[16 * LABEL_COLUMNS];
  size_t used = 0;
  for (size_t i = 0; i < n && used + 4 < sizeof text; i++) {
    if (label.ptr[i] == '%') text[used++] = '%';
    text[used++] = (char)label.ptr[i];
  }
  mst_status st = mst_buffer_append(to, c ? ", " : "", c ? 2 : 0);
  if (n < (size_t)label.len) {
    memcpy(text + used, "\xe2\x80\xa6", 3); /* an ellipsis */
    used += 3;
  }
  if (!st) st = mst_gnuplot_quote(to, text, used);
  return st ? st : mst_buffer_printf(to, " %d", c);
}

static mst_status put_names(mst_buffer *to, const layout *l, const mst_strings *labels) {
  if (l->n > LABELLED_CLASSES) return mst_buffer_printf(to, "unset xtics\nunset ytics\n");
  mst_status st = MST_OK;
  for (int axis = 0; axis < 2 && !st; axis++) {
    st = mst_buffer_printf(to, "set %ctics scale 0 font ',%.2f' (", axis ? 'y' : 'x', l->font);
    for (int32_t c = 0; c < l->n && !st; c++) st = put_name(to, mst_strings_at(labels, c), c);
    if (!st) st = mst_buffer_printf(to, ")\n");
  }
  if (!st && l->angle) st = mst_buffer_printf(to, "set xtics rotate by %d right\n", l->angle);
  return st;
}

/* Cells: column, row, share, text, colour of the text. Where no text stands in the cells, empty
 * ones are left to the background: a matrix of 77 classes has 5,929 cells and a few hundred that
 * count. */
static mst_status put_cells(mst_buffer *to, const mst_metrics *m) {
  const int has_text = m->n_classes <= TEXT_CLASSES;
  mst_status st = mst_buffer_printf(to, "$cells << END\n");
  for (int64_t i = 0; i < (int64_t)m->n_classes * m->n_classes && !st; i++) {
    const int64_t row = i / m->n_classes, n = m->per_class[row].support, count = m->confusion[i];
    if (!count && !has_text) continue;
    const double share = n ? (double)count / (double)n : 0;
    st = mst_buffer_printf(to, "%" PRId64 " %" PRId64 " %.4f ", i % m->n_classes, row, share);
    if (!st && count)
      st = mst_buffer_printf(to, "%.2f 0x%s\n", share, share > 0.4 ? "ffffff" : "222222");
    else if (!st) st = mst_buffer_printf(to, "\"\" 0\n");
  }
  return st ? st : mst_buffer_printf(to, "END\n");
}

static mst_status put_plot(mst_buffer *to, const layout *l) {
  const int has_text = l->n <= TEXT_CLASSES;
  mst_status st = mst_buffer_printf(
      to,
      "set object 1 rectangle from graph 0,0 to graph 1,1 behind fc rgb '#f7fbff' fs solid "
      "noborder\n"
      "set style fill solid 1.0 border lc rgb '#ffffff'\n"
      "plot $cells using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):3 with boxxyerror "
      "fc palette lw %g",
      has_text ? 1.0 : 0.25);
  if (!st && has_text)
    st = mst_buffer_printf(to, ", '' using 1:2:4:5 with labels center font ',10' "
                               "textcolor rgb variable");
  return st ? st : mst_buffer_printf(to, "\n");
}

static mst_status draw(const mst_metrics *m, const mst_strings *labels, const char *title,
                       int is_png, char **out, size_t *n_out) {
  mst_buffer script;
  mst_buffer_init(&script, SCRIPT_BYTES, "a figure's script");
  const layout l = lay_out(labels, m->n_classes, title);
  mst_status st = put_terminal(&script, &l, is_png);
  if (!st) st = put_frame(&script, &l, title);
  if (!st) st = put_names(&script, &l, labels);
  if (!st) st = put_cells(&script, m);
  if (!st) st = put_plot(&script, &l);
  if (!st) st = mst_gnuplot_run((const char *)script.data, script.size_bytes, out, n_out);
  mst_buffer_fini(&script);
  return st;
}

/* "class 1" to "class n". */
static mst_status number_classes(int32_t n, mst_strings *out) {
  mst_strings s = {n, mst_alloc((size_t)n, 24), mst_alloc((size_t)n + 1, sizeof *s.start)};
  if (!s.bytes || !s.start) {
    mst_strings_fini(&s);
    return MST_E_NOMEM;
  }
  s.start[0] = 0;
  for (int32_t c = 0; c < n; c++)
    s.start[c + 1] = s.start[c] + snprintf((char *)s.bytes + s.start[c], 24, "class %d", c + 1);
  *out = s;
  return MST_OK;
}

mst_status mst_confusion_draw(const mst_metrics *metrics, const mst_strings *labels,
                              const char *title, mst_figure *out) {
  mst_figure figure = {0};
  mst_strings numbers = {0};
  figure.is_numbered =
      !mst_gnuplot_can_write((const char *)labels->bytes, (size_t)labels->start[labels->n]);
  mst_status st = figure.is_numbered ? number_classes(metrics->n_classes, &numbers) : MST_OK;
  if (title && !mst_gnuplot_can_write(title, strlen(title))) title = NULL;
  const mst_strings *names = figure.is_numbered ? &numbers : labels;
  if (!st) st = draw(metrics, names, title, 0, &figure.svg, &figure.n_svg_bytes);
  if (!st) st = draw(metrics, names, title, 1, &figure.png, &figure.n_png_bytes);
  mst_strings_fini(&numbers);
  if (st) mst_figure_fini(&figure);
  else *out = figure;
  return st;
}

void mst_figure_fini(mst_figure *figure) {
  mst_free(figure->svg);
  mst_free(figure->png);
  *figure = (mst_figure){0};
}
