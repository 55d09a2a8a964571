/* load_folder.h: a model's folder as its manifest describes it. Every error is MST_E_FORMAT and
 * names the file, unless reading or memory failed. Private to this folder. */
#ifndef MISSTEP_LOAD_FOLDER_H
#define MISSTEP_LOAD_FOLDER_H

#include <stdint.h>

#include "files/json.h"
#include "files/npy.h"
#include "misstep/status.h"
#include "misstep/text.h"

/* A folder being read. */
typedef struct mst__folder {
  const char *path;
  mst_json *manifest;
} mst__folder;

/* The member of an object, or NULL where json is no object or lacks it. */
const mst_json *mst__member(const mst_json *json, const char *key);
/* A member's string, "" when it is none. */
const char *mst__text_member(const mst_json *json, const char *key);
/* An integer member within bounds. */
mst_status mst__int_member(const mst_json *json, const char *key, int64_t low, int64_t high,
                           int64_t *value);
/* The number of a member's spelling among n names. */
mst_status mst__choice_member(const mst_json *json, const char *key, const char *const *names,
                              int n, int *value);

/* The path of a file of the folder. */
mst_status mst__file_path(const mst__folder *r, const char *name, char path[4096]);
/* Check size and SHA-256 of every file that the manifest lists. */
mst_status mst__check_files(const mst__folder *r);
/* The path of a file that must be listed, so that it is known to be whole. */
mst_status mst__listed_path(const mst__folder *r, const char *name, char path[4096]);
/* A JSON array of strings (mst_strings_fini). */
mst_status mst__read_strings(const mst__folder *r, const char *name, mst_strings *out);
/* An array of a known type and shape [n], or [n x m] with m > 0; n < 0: any length. */
mst_status mst__read_array(const mst__folder *r, const char *name, mst_dtype dtype, int64_t n,
                           int64_t m, mst_array *out);

#endif
