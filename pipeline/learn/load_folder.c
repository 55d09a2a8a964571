/* load_folder.c: reading a model's folder file by file, believing nothing: sizes, hashes, types. */
#include "learn/load_folder.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "files/folder.h"
#include "learn/model_internal.h"

/* The member of an object, or NULL where json is no object or lacks it. */
const mst_json *mst__member(const mst_json *json, const char *key) {
  return json && mst_json_kind_of(json) == MST_JSON_OBJECT ? mst_json_get(json, key) : NULL;
}

const char *mst__text_member(const mst_json *json, const char *key) {
  const mst_json *found = mst__member(json, key);
  const char *text = found ? mst_json_string(found, NULL) : NULL;
  return text ? text : "";
}

/* A number of an object within bounds; MST_E_FORMAT names it. */
mst_status mst__int_member(const mst_json *json, const char *key, int64_t low, int64_t high,
                           int64_t *value) {
  const mst_json *found = mst__member(json, key);
  const int64_t x =
      found && mst_json_kind_of(found) == MST_JSON_INT ? mst_json_int(found) : low - 1;
  if (x < low || x > high) return MST_FAIL(MST_E_FORMAT, "\"%s\" is missing or out of range", key);
  *value = x;
  return MST_OK;
}

mst_status mst__file_path(const mst__folder *r, const char *name, char path[4096]) {
  const int n = snprintf(path, 4096, "%s/%s", r->path, name);
  return n > 0 && n < 4096 ? MST_OK : MST_FAIL(MST_E_FORMAT, "%s: a path too long", r->path);
}

/* Size and hash of one file the manifest lists. */
static mst_status check_file(const mst__folder *r, const char *name, const mst_json *entry) {
  char path[4096], hex[65];
  int64_t n_bytes = 0;
  struct stat info;
  if (*name == '/' || strstr(name, ".."))
    return MST_FAIL(MST_E_FORMAT, "%s/manifest.json: the file name %s", r->path, name);
  mst_status st = mst__int_member(entry, "bytes", 0, INT64_MAX, &n_bytes);
  if (st) return mst_error_prefix(st, "%s/manifest.json: %s", r->path, name);
  st = mst__file_path(r, name, path);
  if (st) return st;
  if (stat(path, &info)) return MST_FAIL(MST_E_FORMAT, "%s is missing: the model is damaged", path);
  if (info.st_size != n_bytes)
    return MST_FAIL(MST_E_FORMAT, "%s has %lld bytes, expected %lld: the model is damaged", path,
                    (long long)info.st_size, (long long)n_bytes);
  st = mst_sha256_file(path, hex);
  if (st) return st;
  if (strcmp(hex, mst__text_member(entry, "sha256")) != 0)
    return MST_FAIL(MST_E_FORMAT, "%s was altered: its SHA-256 is not the manifest's", path);
  return MST_OK;
}

mst_status mst__check_files(const mst__folder *r) {
  const mst_json *files = mst__member(r->manifest, "files");
  if (!files) return MST_FAIL(MST_E_FORMAT, "%s/manifest.json lists no files", r->path);
  mst_status st = MST_OK;
  for (size_t i = 0; !st && i < mst_json_size(files); i++)
    st = check_file(r, mst_json_key(files, i), mst_json_value(files, i));
  return st;
}

/* The path of a file that must be there; MST_E_FORMAT when the manifest, whose files are checked,
 * does not list it. */
mst_status mst__listed_path(const mst__folder *r, const char *name, char path[4096]) {
  if (!mst__member(mst__member(r->manifest, "files"), name))
    return MST_FAIL(MST_E_FORMAT, "%s/manifest.json does not list %s", r->path, name);
  return mst__file_path(r, name, path);
}

mst_status mst__read_strings(const mst__folder *r, const char *name, mst_strings *out) {
  char path[4096];
  mst_json *json = NULL;
  mst_status st = mst__listed_path(r, name, path);
  if (!st) st = mst_json_load(path, &json);
  if (st) return st;
  st = mst__strings_from_json(json, out);
  if (st) st = mst_error_prefix(st, "%s", path);
  mst_json_free(json);
  return st;
}

/* An array of a known type and shape [n] or [n x m]; n < 0: any length. */
mst_status mst__read_array(const mst__folder *r, const char *name, mst_dtype dtype, int64_t n,
                           int64_t m, mst_array *out) {
  char path[4096];
  mst_array a = {0};
  mst_status st = mst__listed_path(r, name, path);
  if (!st) st = mst_npy_load(path, &a);
  if (st) return st;
  const int fits = a.dtype == dtype && a.n_dims == (m ? 2 : 1) && (n < 0 || a.shape[0] == n) &&
                   (!m || a.shape[1] == m);
  if (!fits) {
    mst_array_fini(&a);
    return MST_FAIL(MST_E_FORMAT, "%s has another shape or type than the model needs", path);
  }
  *out = a;
  return MST_OK;
}

/* An enumeration's value by its spelling. */
mst_status mst__choice_member(const mst_json *json, const char *key, const char *const *names,
                              int n, int *value) {
  const char *text = mst__text_member(json, key);
  for (int i = 0; i < n; i++)
    if (strcmp(text, names[i]) == 0) {
      *value = i;
      return MST_OK;
    }
  return MST_FAIL(MST_E_FORMAT, "\"%s\" is \"%s\"", key, text);
}
