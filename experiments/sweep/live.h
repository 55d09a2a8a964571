/* live.h: how far a running sweep is, on the terminal.
 *
 * In: a run and its ledgers. Out: on a terminal a table that is drawn again in its place, elsewhere
 * a plain line now and then. Next stage: the user's eyes.
 */
#ifndef MISSTEP_SWEEP_LIVE_H
#define MISSTEP_SWEEP_LIVE_H

#include "run.h"

/* What there is to show. */
typedef struct sweep_live {
  const sweep_run *run;
  const sweep_ledger *ledger;
  sweep_progress progress;
  int64_t n_new;  /* cells finished by this run */
  double seconds; /* since it began */
} sweep_live;

/* Append the table: a blank line, then cells, rate, best and a row for each model; no line is wider
 * than width columns. MST_E_NOMEM, and errors of sweep_settings_make. */
mst_status sweep_live_put(mst_buffer *to, const sweep_live *live, int width);

/* Append the same as one line without its end. MST_E_NOMEM. */
mst_status sweep_live_line(mst_buffer *to, const sweep_live *live);

/* Show on standard error. The cursor rests on the table's first, blank line, so that a message of
 * anybody else lands there and is not overwritten: the table moves down. Where the terminal is too
 * small for it: the line. is_last: leave it there. */
mst_status sweep_live_show(const sweep_live *live, int is_last);

#endif
