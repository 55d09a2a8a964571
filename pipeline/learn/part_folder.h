/* part_folder.h: a part of a model as files: terms.json, idf.npy and selected.npy of its folder.
 * Private to this folder.
 */
#ifndef MISSTEP_PART_FOLDER_H
#define MISSTEP_PART_FOLDER_H

#include "learn/load_folder.h"
#include "learn/model_internal.h"
#include "learn/save_folder.h"

/* Write a part; nothing where the model has none. MST_E_IO, MST_E_NOMEM. */
mst_status mst__part_write(mst__writer *w, const char *folder, const mst__part *part);
/* Read it back; the manifest says its options. MST_E_FORMAT, MST_E_IO, MST_E_NOMEM. */
mst_status mst__part_read(const mst__folder *r, const char *folder, mst__part *part);

#endif
