/* file.c: a generated file and the manifest beside it that says what it is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "files/folder.h"
#include "files/json.h"
#include "generate/generate.h"
#include "misstep/alloc.h"

static mst_status write_bytes(const uint8_t *bytes, size_t n, void *payload) {
  if (n && fwrite(bytes, 1, n, payload) != n)
    return MST_FAIL(MST_E_IO, "writing generated rows: %s", strerror(errno));
  return MST_OK;
}

static mst_json *labels_json(const mst_generate_summary *s) {
  mst_json *list = mst_json_new_object();
  for (int32_t c = 0; list && c < MST_GENERATE_N_LABELS; c++)
    if (mst_json_set(list, mst_generate_label_name(c), mst_json_new_int(s->label_count[c]))) {
      mst_json_free(list);
      return NULL;
    }
  return list;
}

static double share(int64_t part, int64_t whole) {
  return whole ? (double)part / (double)whole : 0;
}

/* The options by their command-line names, so that the file can be made again. */
static mst_json *config_json(const mst_generate_options *o) {
  mst_json *config = mst_json_new_object();
  if (!config) return NULL;
  mst_status st = mst_json_set(config, "count", mst_json_new_int(o->n_rows));
  if (!st) st = mst_json_set(config, "first", mst_json_new_int(o->first));
  if (!st) st = mst_json_set(config, "seed", mst_json_new_int((int64_t)o->seed));
  if (!st) st = mst_json_set(config, "noise", mst_json_new_real(o->noise));
  if (!st) st = mst_json_set(config, "ambiguity", mst_json_new_real(o->ambiguity));
  if (!st) st = mst_json_set(config, "typos", mst_json_new_real(o->typos));
  if (!st) st = mst_json_set(config, "header", mst_json_new_bool(o->header));
  if (!st) return config;
  mst_json_free(config);
  return NULL;
}

static mst_status fill_manifest(mst_json *m, const mst_generate_options *o,
                                const mst_generate_summary *s, const char *sha256) {
  mst_status st = mst_json_set(m, "kind", mst_json_new_string("misstep generated statements"));
  if (!st) st = mst_json_set(m, "synthetic", mst_json_new_bool(1));
  if (!st)
    st = mst_json_set(m, "note",
                      mst_json_new_string("written by a program; no pupil or teacher is behind it; "
                                          "label proportions are those of the paper's Table 1"));
  if (!st) st = mst_json_set(m, "config", config_json(o));
  if (!st) st = mst_json_set(m, "rows", mst_json_new_int(s->n_rows));
  if (!st) st = mst_json_set(m, "labels", labels_json(s));
  if (!st)
    st = mst_json_set(m, "expected_best_accuracy", mst_json_new_real(s->expected_best_accuracy));
  if (!st)
    st = mst_json_set(m, "best_accuracy", mst_json_new_real(share(s->n_best_right, s->n_rows)));
  if (!st)
    st = mst_json_set(m, "distinct_share",
                      mst_json_new_real(share(s->n_distinct, s->distinct_rows)));
  if (!st) st = mst_json_set(m, "distinct_rows", mst_json_new_int(s->distinct_rows));
  if (!st) st = mst_json_set(m, "shared_share", mst_json_new_real(share(s->n_shared, s->n_rows)));
  if (!st) st = mst_json_set(m, "typo_share", mst_json_new_real(share(s->n_with_typo, s->n_rows)));
  if (!st) st = mst_json_set(m, "size_bytes", mst_json_new_int(s->size_bytes));
  if (!st) st = mst_json_set(m, "sha256", mst_json_new_string(sha256));
  return st;
}

static mst_status write_file(const char *path, const void *bytes, size_t n) {
  FILE *file = fopen(path, "wb");
  if (!file) return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  const mst_status st = write_bytes(bytes, n, file);
  if (fclose(file) && !st) return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  return st;
}

static mst_status write_manifest(const mst_generate_options *options,
                                 const mst_generate_summary *summary, const char *data_path,
                                 const char *path) {
  char sha256[65], *text = NULL;
  size_t n = 0;
  mst_status st = mst_sha256_file(data_path, sha256);
  if (st) return st;
  mst_json *manifest = mst_json_new_object();
  if (!manifest) return MST_E_NOMEM;
  st = fill_manifest(manifest, options, summary, sha256);
  if (!st) st = mst_json_dump(manifest, 2, &text, &n);
  if (!st) st = write_file(path, text, n);
  mst_free(text);
  mst_json_free(manifest);
  return st;
}

static mst_status write_rows(const mst_generate_options *options, const char *path,
                             mst_generate_summary *summary) {
  FILE *file = fopen(path, "wb");
  if (!file) return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  const mst_status st = mst_generate(options, write_bytes, file, summary);
  if (fclose(file) && !st) return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  return st;
}

mst_status mst_generate_file(const mst_generate_options *options, const char *path, int force,
                             mst_generate_summary *out) {
  mst_output *data = NULL, *manifest = NULL;
  mst_generate_summary summary;
  mst_buffer name;
  mst_buffer_init(&name, (size_t)1 << 20, "the name of the manifest");
  mst_status st = mst_buffer_printf(&name, "%s.manifest.json", path);
  if (!st) st = mst_buffer_append(&name, "", 1);
  if (!st) st = mst_output_open(path, 0, force, &data);
  if (!st) st = mst_output_open((const char *)name.data, 0, force, &manifest);
  if (!st) st = write_rows(options, mst_output_path(data), &summary);
  if (!st) st = write_manifest(options, &summary, mst_output_path(data), mst_output_path(manifest));
  if (!st) st = mst_output_commit(manifest);
  if (!st) st = mst_output_commit(data);
  if (!st && out) *out = summary;
  mst_output_close(manifest);
  mst_output_close(data);
  mst_buffer_fini(&name);
  return st;
}
