/* folder.h: the folder of a sweep: sweep.json says what is computed there, ledger/ what is done,
 * lease/ what is under way.
 */
#ifndef MISSTEP_SWEEP_FOLDER_H
#define MISSTEP_SWEEP_FOLDER_H

#include "cells.h"
#include "files/json.h"

/* Make the folder for these cells, or check that it is theirs: two specs do not share a folder, and
 * neither do two versions of misstep or XGBoost.
 * MST_E_ARG: it is another sweep's, and how it differs. MST_E_IO, MST_E_FORMAT, MST_E_NOMEM. */
mst_status sweep_folder_open(const char *dir, const sweep_spec *spec, const sweep_ground *ground,
                             const sweep_cells *cells);

/* Load sweep.json (mst_json_free). MST_E_FORMAT: not a sweep's folder. */
mst_status sweep_folder_load(const char *dir, mst_json **out);

#endif
