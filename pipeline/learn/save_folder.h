/* save_folder.h: a model's folder while it is written.
 *
 * In: a part of a model. Out: a file, and its size and hash for the manifest, which comes last.
 * Private to this folder.
 */
#ifndef MISSTEP_SAVE_FOLDER_H
#define MISSTEP_SAVE_FOLDER_H

#include <stdint.h>

#include "files/folder.h"
#include "files/json.h"
#include "files/npy.h"
#include "misstep/status.h"
#include "misstep/text.h"

/* A folder being written, and what the manifest will say about its files and of who wrote them. */
typedef struct mst__writer {
  mst_output *output;
  mst_json *files;
  mst_json *versions;
} mst__writer;

/* One file each. MST_E_IO, MST_E_NOMEM. */
mst_status mst__write_bytes(mst__writer *w, const char *name, const void *bytes, size_t n);
mst_status mst__write_json(mst__writer *w, const char *name, const mst_json *json, int indent);
mst_status mst__write_strings(mst__writer *w, const char *name, const mst_strings *strings,
                              int indent);
/* [n], or [n x m] with m > 0. */
mst_status mst__write_array(mst__writer *w, const char *name, const void *data, mst_dtype dtype,
                            int64_t n, int64_t m);

#endif
