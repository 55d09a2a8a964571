/* confusion.h: the confusion matrix as a figure, drawn by gnuplot.
 *
 * In: metrics and label names. Out: SVG and PNG bytes, for the model folder or a report. gnuplot
 * works in memory files (process.h): nothing can block, and nothing is written.
 */
#ifndef MISSTEP_CONFUSION_H
#define MISSTEP_CONFUSION_H

#include <stddef.h>

#include "misstep/status.h"
#include "misstep/text.h"
#include "score/metrics.h"

/* A drawn figure; both owned. */
typedef struct mst_figure {
  char *svg;
  size_t n_svg_bytes;
  char *png;
  size_t n_png_bytes;
  int is_numbered; /* no installed font has the class names: "class 1", ... stand for them (a note:
                      apt-get install fonts-noto-cjk) */
} mst_figure;

/* Draw the matrix, each row divided by its sum (a class without rows stays empty); up to 15 classes
 * the shares stand in the cells.
 *   title  one line, may be NULL; left out where no font can write it
 * MST_E_UNSUPPORTED: gnuplot is not installed (the message says how to get it; a note, not a
 * failure of the run). MST_E_ADAPTER: gnuplot failed (its own words) or took more than a minute.
 * MST_E_IO, MST_E_NOMEM. */
mst_status mst_confusion_draw(const mst_metrics *metrics, const mst_strings *labels,
                              const char *title, mst_figure *out);
void mst_figure_fini(mst_figure *figure);

#endif
