/* save_folder.c: files of a model's folder, each with its size and hash in the manifest. */
#include "learn/save_folder.h"

#include "files/npy.h"
#include "learn/model_internal.h"
#include "misstep/alloc.h"

mst_status mst__write_bytes(mst__writer *w, const char *name, const void *bytes, size_t n) {
  mst_status st = mst_output_write(w->output, name, bytes, n);
  if (st) return st;
  char hex[65];
  mst_sha256(bytes, n, hex);
  mst_json *entry = mst_json_new_object();
  st = entry ? mst_json_set(entry, "bytes", mst_json_new_int((int64_t)n)) : MST_E_NOMEM;
  if (!st) st = mst_json_set(entry, "sha256", mst_json_new_string(hex));
  if (st) {
    mst_json_free(entry);
    return st;
  }
  return mst_json_set(w->files, name, entry);
}

mst_status mst__write_json(mst__writer *w, const char *name, const mst_json *json, int indent) {
  char *text = NULL;
  size_t n = 0;
  if (!json) return mst_error_last()->status;
  mst_status st = mst_json_dump(json, indent, &text, &n);
  if (!st) st = mst__write_bytes(w, name, text, n);
  mst_free(text);
  return st;
}

mst_status mst__write_strings(mst__writer *w, const char *name, const mst_strings *strings,
                              int indent) {
  mst_json *json = mst__strings_to_json(strings);
  mst_status st = mst__write_json(w, name, json, indent);
  mst_json_free(json);
  return st;
}

mst_status mst__write_array(mst__writer *w, const char *name, const void *data, mst_dtype dtype,
                            int64_t n, int64_t m) {
  char *bytes = NULL;
  size_t n_bytes = 0;
  const int64_t shape[2] = {n, m};
  mst_status st = mst_npy_dump(data, dtype, m ? 2 : 1, shape, &bytes, &n_bytes);
  if (!st) st = mst__write_bytes(w, name, bytes, n_bytes);
  mst_free(bytes);
  return st;
}
