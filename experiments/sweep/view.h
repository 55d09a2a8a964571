/* view.h: a sweep's folder as a table that has been read: also while it runs, from any machine.
 *
 * In: sweep.json and the ledgers. Out: cells in the order of the spec, columns by name. Next stage:
 * tables, figures, exports.
 */
#ifndef MISSTEP_SWEEP_VIEW_H
#define MISSTEP_SWEEP_VIEW_H

#include "files/json.h"
#include "ledger.h"

typedef struct sweep_view {
  const char *dir; /* borrowed */
  mst_json *about; /* sweep.json */
  sweep_ledger *ledger;
  const mst_json **line; /* [n] of cells that are done or have failed, in the order of the spec */
  int64_t n, n_done, n_failed, n_cells;
  const char *metric;
  int maximize;
  const mst_json *parameters; /* their names */
  /* rows, seed, fold, model, the parameters, the metrics, n_train, n_copies, n_test, n_twins (test
   * rows with a twin in training), accuracy on those and on the others, seconds, cpu_seconds,
   * joules, error; ends with NULL. */
  const char **column;
  int n_columns;
} sweep_view;

/* Read (sweep_view_fini). with_lines 0: only the counts and the ledger's entries. MST_E_FORMAT: not
 * a sweep's folder, a damaged ledger. MST_E_NOMEM. */
mst_status sweep_view_init(const char *dir, int with_lines, sweep_view *out);
void sweep_view_fini(sweep_view *view);

/* A column by name, or -1. */
int sweep_view_column(const sweep_view *view, const char *name);
/* The same, or MST_E_ARG with the nearest name. */
mst_status sweep_view_find(const sweep_view *view, const char *name, int *column);
/* Does the column hold text: the model and the error? */
int sweep_view_is_text(const sweep_view *view, int column);

/* The value of a cell; NULL where it has none. */
const mst_json *sweep_view_at(const sweep_view *view, int64_t i, int column);
/* As a number; NaN where it is none. */
double sweep_view_number(const sweep_view *view, int64_t i, int column);
/* As a text (mst_free): "" where there is none. MST_E_NOMEM. */
mst_status sweep_view_text(const sweep_view *view, int64_t i, int column, char **out);
/* Nonzero where the cell is done. */
int sweep_view_is_done(const sweep_view *view, int64_t i);

/* A value of any kind as a text (mst_free). MST_E_NOMEM. */
mst_status sweep_value_text(const mst_json *value, char **out);

#endif
