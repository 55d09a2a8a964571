/* show.h: what a sweep has found, from its folder alone: also while it runs, from any machine.
 */
#ifndef MISSTEP_SWEEP_SHOW_H
#define MISSTEP_SWEEP_SHOW_H

#include "ledger.h"
#include "report/table.h"

/* Print a line or two: cells done, failed and open, the best so far, lines that are torn. */
mst_status sweep_show_status(const char *dir, mst_table_format format);

/* One row a cell, in the order of the spec: rows, seed, fold, model, parameters, metrics, n_train,
 * n_test, seconds, error.
 *   out  a path, or NULL for standard output */
mst_status sweep_show_results(const char *dir, mst_table_format format, const char *out);

/* Configurations by the mean of the metric over seeds and folds, the best first. */
mst_status sweep_show_best(const char *dir, mst_table_format format, int64_t top);

/* Render into the file out, or to standard output for NULL. MST_E_IO, MST_E_NOMEM. */
mst_status sweep_show_table(const char *out, const mst_table *table, mst_table_format format);

#endif
