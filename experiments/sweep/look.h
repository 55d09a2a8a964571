/* look.h: the commands that look at a sweep: also while it runs, from any machine that has DIR.
 *
 * In: a sweep's folder and a question. Out: a figure with its data, a table, a file. Nothing here
 * writes into the folder unless it is told to.
 */
#ifndef MISSTEP_SWEEP_LOOK_H
#define MISSTEP_SWEEP_LOOK_H

#include "groups.h"
#include "plot/plot.h"
#include "report/table.h"

typedef struct sweep_look {
  const char *dir, *out, *title; /* out: NULL: a default of the command */
  sweep_question question;
  int scale; /* of x: 0 by the data, 1 linear, 2 logarithmic */
  double f1; /* labels-needed: the score asked for */
  const char *class_name[SWEEP_WHERES];
  int n_classes;
  const char *prices; /* a price file, or NULL */
  mst_table_format format;
} sweep_look;

/* Their --help. */
extern const char sweep_look_help[];

/* Is word one of the commands below? */
int sweep_look_knows(const char *word);

/* Run "status", "results", "best", "plot", "labels-needed" or "export" with its arguments; argv[0]
 * is that word. Returns the exit code. */
int sweep_look_main(int argc, char **argv);

/* Curves of y over x with 95 % t intervals over seeds, a line for every value of by. Groups of x
 * that are no numbers are drawn as bars. MST_E_ARG: nothing to draw, more series than can be told
 * apart; errors of sweep_groups_make and plot_figure_save. */
mst_status sweep_plot_curve(const sweep_view *view, const sweep_look *look);

/* Every configuration by its seconds and y, and the frontier: those that no other beats in both. */
mst_status sweep_plot_pareto(const sweep_view *view, const sweep_look *look);

/* y over x and by as a heat map. */
mst_status sweep_plot_surface(const sweep_view *view, const sweep_look *look);

/* Importance of parameters: the share of the variance of y between configurations that the marginal
 * means of a parameter make up (main effects of a functional ANOVA),
 *     V(p) / V,  V(p) = mean over values v of (mean of y where p = v - mean of y)^2,
 * with a 95 % percentile bootstrap over seeds. The rest of V are interactions and noise. Hutter,
 * Hoos, Leyton-Brown: An efficient approach for assessing hyperparameter importance. ICML 2014.
 * MST_E_ARG where the data do not say: fewer than three seeds, cells of the grid missing, several
 * models, no parameter that varies, or differences not above the noise of seeds (a permutation of
 * the configurations within each seed does as well in one of twenty). */
mst_status sweep_plot_importance(const sweep_view *view, const sweep_look *look);

/* labels.c: a learning curve for each class, error = c + a n^-b, and how many labels it needs. */
mst_status sweep_labels_needed(const sweep_view *view, const sweep_look *look);

#endif
