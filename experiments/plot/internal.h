/* internal.h: what figures and maps have in common: the page, its texts, and the way to gnuplot. */
#ifndef MISSTEP_PLOT_INTERNAL_H
#define MISSTEP_PLOT_INTERNAL_H

#include "misstep/alloc.h"
#include "plot.h"

#define PLOT_SCRIPT_BYTES ((size_t)1 << 28)
#define PLOT_FONT 10.0 /* size of all texts but the title's and the note's */
#define PLOT_TICK_COLUMNS 32
#define PLOT_EM 0.56 /* a column of text in font sizes, a little more than the average */

/* Lengths are points. */
typedef struct plot_page {
  double width, height;            /* of the whole picture */
  double left, right, bottom, top; /* margins */
  double x_title, y_title;         /* middles of these texts, from the lower and left edge */
} plot_page;

/* Begin a script: the terminal, the margins, the titles and the note. */
mst_status plot__page_put(mst_buffer *script, const plot_page *page, plot_format format);
mst_status plot__titles_put(mst_buffer *script, const plot_page *page, const char *title,
                            const char *x_title, const char *y_title);
mst_status plot__note_put(mst_buffer *script, const plot_page *page, const char *note);

/* A text as gnuplot reads it, cut to so many columns; a tick is a format, where % stands doubled.
 */
mst_status plot__text_put(mst_buffer *script, const char *text, int64_t columns);
mst_status plot__tick_put(mst_buffer *script, const char *text, int64_t columns);
int64_t plot__columns(const char *text, int64_t most); /* of the text after the cut */

/* A finite number, with all digits. */
mst_status plot__number_put(mst_buffer *to, double value);

/* MST_E_UNSUPPORTED where a drawn format has no font for the text; NULL and SVG are fine. */
mst_status plot__text_check(const char *text, plot_format format);

/* axes.c: the axes of a figure, their ranges and ticks. y, but no further than it can be. */
mst_status plot__axes_put(mst_buffer *script, const plot_figure *figure, const plot_page *page,
                          int angle);
double plot__y_cut(const plot_figure *figure, double y);

/* Refuse what cannot be drawn: see plot_figure_draw. */
mst_status plot__figure_check(const plot_figure *figure, plot_format format);

/* Run the script, and take the date out of a PDF. */
mst_status plot__run(const mst_buffer *script, plot_format format, char **out, size_t *n);

/* One picture and its data. */
mst_status plot__save(const char *path, const char *picture, size_t n, const char *csv);

#endif
