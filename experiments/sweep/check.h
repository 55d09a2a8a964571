/* check.h: what can be known to fail before the first cell is tried.
 *
 * In: a spec and its data. Out: nothing, or a message with the place of the value in the spec. Next
 * stage: cells, which are kept with their error where they fail for reasons of their own.
 */
#ifndef MISSTEP_SWEEP_CHECK_H
#define MISSTEP_SWEEP_CHECK_H

#include "part.h"

/* Try the values that name files, columns and rules: those of class_weight (whose labels the data
 * must have), stop_words, token_pattern and of the copies. A value that no cell can use is
 * "spec:line:column: ...". MST_E_FORMAT, MST_E_NOMEM, MST_E_LIMIT. */
mst_status sweep_check(const sweep_spec *spec, const sweep_data *data);

#endif
