/* labels.h: learning curves of all classes of one configuration.
 *
 * In: cells of a sweep. Out: for each class the F1 at every size and seed, its curve, and how many
 * labels it needs for a score. Next stage: a table, a figure (labels_show.c).
 */
#ifndef MISSTEP_SWEEP_LABELS_H
#define MISSTEP_SWEEP_LABELS_H

#include "look.h"
#include "power.h"

enum { SWEEP_MOST_SIZES = 64, SWEEP_FEWEST_SIZES = 3, SWEEP_FEWEST_SEEDS = 3 };

typedef struct sweep_curves {
  char *configuration;     /* what was taken */
  const mst_json *classes; /* names, borrowed from the view */
  int n_sizes, n_seeds, n_classes;
  double n_train[SWEEP_MOST_SIZES]; /* rising */
  double *f1;                       /* [n_classes x n_sizes x n_seeds], NaN: no test rows */
} sweep_curves;

/* One class' answer. */
typedef struct sweep_need {
  int fitted;
  sweep_power curve;
  double last;              /* mean F1 at the most rows */
  double labels, low, high; /* NaN where the data do not say, or the smallest size is enough */
  char why[160];            /* in that case, why */
} sweep_need;

/* Take the configuration with the best metric on the most rows, among the cells that pass, and the
 * seeds that all sizes have. MST_E_ARG: fewer than three sizes or seeds, or cells from before class
 * scores were kept. MST_E_NOMEM. */
mst_status sweep_curves_make(const sweep_view *view, const sweep_look *look, sweep_curves *out);
void sweep_curves_fini(sweep_curves *curves);

/* How many labels class c needs for a score: the fitted curve, with a 95 % percentile bootstrap
 * over seeds. MST_E_NOMEM. */
mst_status sweep_need_find(const sweep_curves *curves, int c, double f1, sweep_need *out);

#endif
