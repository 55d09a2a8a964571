/* plot.h: figures with intervals, for screens, for paper and for a grey printer.
 *
 * In: series of points, or a table of values. Out: SVG, PDF or PNG drawn by gnuplot, the same bytes
 * for the same data on one machine, and the data themselves as CSV. Next stage: README, the paper,
 * "misstep sweep plot".
 *
 * Series are told apart three times: by a colour of Okabe and Ito's set (safe for all common kinds
 * of colour blindness), by a mark and by a dash, so that a print without colour stays readable.
 */
#ifndef MISSTEP_PLOT_H
#define MISSTEP_PLOT_H

#include <stddef.h>
#include <stdint.h>

#include "misstep/status.h"

enum { PLOT_MOST_SERIES = 16 }; /* more cannot be told apart */

/* How a series is drawn. All but PLOT_CURVE and PLOT_BAND show low .. high as a bar with heads. */
typedef enum plot_style {
  PLOT_LINE,   /* marks, joined */
  PLOT_POINTS, /* marks alone */
  PLOT_BARS,   /* x is the number of a group, from 0 */
  PLOT_CURVE,  /* a line without marks: a fitted curve, a frontier, a published value */
  PLOT_BAND    /* the area between low and high, behind the others */
} plot_style;

typedef struct plot_point {
  double x, y, low, high; /* low, high: NaN where there is no interval */
  const char *label;      /* written beside the point; may be NULL */
} plot_point;

typedef struct plot_series {
  const char *name; /* in the key; NULL: not in the key, and the look of the series before */
  plot_style style;
  const plot_point *point; /* [n] in the order in which they are joined */
  int64_t n;
} plot_series;

/* Texts are UTF-8, taken as they are. */
typedef struct plot_figure {
  const char *title, *x_title, *y_title; /* NULL: none */
  const char *note;                      /* small, below: what the intervals are; may be NULL */
  const plot_series *series;             /* [n_series] */
  int32_t n_series;
  const char *const *tick; /* [n_ticks] names of x = 0 .. n_ticks - 1; 0: x is a number */
  int32_t n_ticks;
  int log_x, log_y;
  /* What y can be, such as 0 .. 1: intervals are drawn, and the axis goes, no further (the CSV has
   * them whole); INFINITY is fine. Both 0: anything. */
  double y_least, y_most;
  double width, height; /* points of the plot without key and note; 0: 360 by 240 */
} plot_figure;

/* A heat map: rows from top to bottom. */
typedef struct plot_map {
  const char *title, *x_title, *y_title, *note;
  const char *value_title;
  const char *const *x; /* [n_x] names of columns */
  const char *const *y; /* [n_y] names of rows */
  int32_t n_x, n_y;
  const double *value; /* [n_y x n_x]; NaN: nothing there, drawn as an empty cell */
} plot_map;

typedef enum plot_format { PLOT_SVG, PLOT_PDF, PLOT_PNG } plot_format;

/* The format that a file name ends in. MST_E_ARG: none of .svg, .pdf, .png. */
mst_status plot_format_of(const char *path, plot_format *out);

/* Draw (*out by mst_free).
 *
 * MST_E_ARG          nothing to draw, a value that is not finite or not positive on a logarithmic
 *                    axis, a group without a name, low above high, or over PLOT_MOST_SERIES
 * MST_E_UNSUPPORTED  gnuplot is not installed, or no font has the characters of a text (an SVG
 *                    needs none: who looks at it brings the fonts); both say what to install
 * MST_E_ADAPTER      gnuplot failed
 * MST_E_NOMEM, MST_E_IO */
mst_status plot_figure_draw(const plot_figure *figure, plot_format format, char **out, size_t *n);
mst_status plot_map_draw(const plot_map *map, plot_format format, char **out, size_t *n);

/* The data as CSV (*out by mst_free): series, x, y, low, high, label; of a map x, y, value. Numbers
 * read back as the same bits. MST_E_NOMEM. */
mst_status plot_figure_csv(const plot_figure *figure, char **out);
mst_status plot_map_csv(const plot_map *map, char **out);

/* Draw into path, in the format of its ending, and write the data beside it (PATH without its
 * ending, then .csv). Files are replaced, each whole. Errors of draw; MST_E_IO. */
mst_status plot_figure_save(const plot_figure *figure, const char *path);
mst_status plot_map_save(const plot_map *map, const char *path);

#endif
