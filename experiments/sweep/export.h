/* export.h: a sweep's cells for other programs.
 *
 * In: a folder that has been read. Out: one file, or for MLflow a folder. Next stage: whatever
 * reads them.
 */
#ifndef MISSTEP_SWEEP_EXPORT_H
#define MISSTEP_SWEEP_EXPORT_H

#include "look.h"

/* What a CPU second costs, by machine. */
typedef struct sweep_prices {
  mst_json *file; /* NULL: no prices */
} sweep_prices;

/* Load {"dollars_per_cpu_hour": NUMBER, "hosts": {NAME: NUMBER}}; path NULL: no prices.
 * MST_E_FORMAT: not that, or a price below 0. */
mst_status sweep_prices_load(const char *path, sweep_prices *out);
void sweep_prices_fini(sweep_prices *prices);
/* Dollars of cell i; NaN without prices, or where it did not note its CPU seconds. */
double sweep_prices_of(const sweep_prices *prices, const sweep_view *view, int64_t i);

/* All cells as a table, with the column dollars where there are prices. MST_E_NOMEM. */
mst_status sweep_results_table(const sweep_view *view, const sweep_prices *prices, mst_table **out);

/* Export in a format by name. MST_E_ARG: no such format, a path that exists where it must not.
 * MST_E_UNSUPPORTED, MST_E_ADAPTER: SQLite. MST_E_IO, MST_E_NOMEM. */
mst_status sweep_export(const sweep_view *view, const sweep_look *look, const char *format);

/* One of the formats each; path is where it goes. */
mst_status sweep_export_sqlite(const sweep_view *view, const sweep_prices *prices,
                               const char *path);
mst_status sweep_export_mlflow(const sweep_view *view, const sweep_prices *prices,
                               const char *path);
mst_status sweep_export_html(const sweep_view *view, const sweep_prices *prices, const char *path);

#endif
