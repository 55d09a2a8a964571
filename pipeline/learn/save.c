/* save.c: the model's folder: standard files, each with its size and hash in the manifest, whole or
 * not at all. */
#include <stdio.h>
#include <string.h>

#include "files/folder.h"
#include "files/npy.h"
#include "learn/liblinear.h"
#include "learn/model_internal.h"
#include "misstep/alloc.h"

/* A folder being written, and what the manifest will say about its files. */
typedef struct writer {
  mst_output *output;
  mst_json *files;
} writer;

static mst_status write_bytes(writer *w, const char *name, const void *bytes, size_t n) {
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

static mst_status write_json(writer *w, const char *name, const mst_json *json, int indent) {
  char *text = NULL;
  size_t n = 0;
  if (!json) return mst_error_last()->status;
  mst_status st = mst_json_dump(json, indent, &text, &n);
  if (!st) st = write_bytes(w, name, text, n);
  mst_free(text);
  return st;
}

static mst_status write_strings(writer *w, const char *name, const mst_strings *strings,
                                int indent) {
  mst_json *json = mst__strings_to_json(strings);
  mst_status st = write_json(w, name, json, indent);
  mst_json_free(json);
  return st;
}

static mst_status write_array(writer *w, const char *name, const void *data, mst_dtype dtype,
                              int64_t n, int64_t m) {
  char *bytes = NULL;
  size_t n_bytes = 0;
  const int64_t shape[2] = {n, m};
  mst_status st = mst_npy_dump(data, dtype, m ? 2 : 1, shape, &bytes, &n_bytes);
  if (!st) st = write_bytes(w, name, bytes, n_bytes);
  mst_free(bytes);
  return st;
}

/* selected.npy of a part that kept all its terms. */
static mst_status write_all_selected(writer *w, const char *name, int64_t n) {
  int32_t *ids = mst_alloc((size_t)n, sizeof *ids);
  if (!ids) return MST_E_NOMEM;
  for (int64_t i = 0; i < n; i++) ids[i] = (int32_t)i;
  mst_status st = write_array(w, name, ids, MST_INT32, n, 0);
  mst_free(ids);
  return st;
}

static mst_status write_part(writer *w, const char *folder, const mst__part *part) {
  char name[64];
  if (!part->vectorizer) return MST_OK;
  const int cut = part->selected != NULL;
  const mst_strings *terms = cut ? &part->terms : mst_vectorizer_terms(part->vectorizer);
  const double *idf = cut ? part->idf : mst_vectorizer_idf(part->vectorizer);
  (void)snprintf(name, sizeof name, "%s/terms.json", folder);
  mst_status st = write_strings(w, name, terms, 0);
  (void)snprintf(name, sizeof name, "%s/idf.npy", folder);
  if (!st) st = write_array(w, name, idf, MST_FLOAT64, terms->n, 0);
  (void)snprintf(name, sizeof name, "%s/selected.npy", folder);
  if (!st && !cut) st = write_all_selected(w, name, terms->n);
  if (!st && cut) st = write_array(w, name, part->selected, MST_INT32, part->n_selected, 0);
  return st;
}

static mst_status write_booster(writer *w, const mst_model *model) {
  char *bytes = NULL;
  size_t n = 0;
  mst_status st = mst_xgb_booster_dump(model->booster, &bytes, &n);
  if (!st) st = write_bytes(w, "booster.ubj", bytes, n);
  mst_free(bytes);
  return st;
}

static mst_status write_coef(writer *w, const mst_model *model) {
  const int64_t n_words = mst_vectorizer_n_terms(model->linear.vectorizer);
  const int64_t n_chars =
      model->chars.vectorizer ? mst_vectorizer_n_terms(model->chars.vectorizer) : 0;
  mst_status st = write_array(w, "linear/coef.npy", model->coef, MST_FLOAT32, n_words + n_chars,
                              model->n_classes);
  if (!st)
    st = write_array(w, "linear/intercept.npy", model->intercept, MST_FLOAT32, model->n_classes, 0);
  return st;
}

static mst_json *versions_json(const mst_model *model) {
  char text[64];
  mst_json *j = mst_json_new_object();
  mst_status st = j ? mst_json_set(j, "misstep", mst_json_new_string(MST__VERSION)) : MST_E_NOMEM;
  (void)snprintf(text, sizeof text, "%d.%d.%d", model->xgb_version[0], model->xgb_version[1],
                 model->xgb_version[2]);
  if (!st && model->booster) st = mst_json_set(j, "xgboost", mst_json_new_string(text));
  if (!st && model->coef && model->solver == MST_SOLVER_LIBLINEAR) {
    const int v = mst_liblinear_version();
    (void)snprintf(text, sizeof text, "%d.%d", v / 100, v % 100);
    st = mst_json_set(j, "liblinear", mst_json_new_string(text));
  }
  if (!st) return j;
  mst_json_free(j);
  return NULL;
}

static mst_json *model_json(const mst_model *model) {
  mst_json *j = mst_json_new_object(), *shares = mst_json_new_array();
  mst_status st = j && shares ? MST_OK : MST_E_NOMEM;
  if (!st) st = mst_json_set(j, "learner", mst_json_new_string(mst__learner_names[model->learner]));
  if (!st) st = mst_json_set(j, "margin", mst_json_new_string(mst__margin_names[model->margin]));
  if (!st)
    st = mst_json_set(j, "linear_solver", mst_json_new_string(mst__solver_names[model->solver]));
  if (!st) st = mst_json_set(j, "n_classes", mst_json_new_int(model->n_classes));
  if (!st) st = mst_json_set(j, "n_rounds", mst_json_new_int(model->n_rounds));
  if (!st) st = mst_json_set(j, "device", mst_json_new_string(model->device));
  if (!st && model->linear_device[0])
    st = mst_json_set(j, "linear_device", mst_json_new_string(model->linear_device));
  if (!st) st = mst_json_set(j, "seed", mst_json_new_int((int64_t)model->seed));
  for (int32_t c = 0; !st && c < model->n_classes; c++)
    st = mst_json_append(shares, mst_json_new_real((double)model->shares[c]));
  if (!st) {
    st = mst_json_set(j, "class_shares", shares);
    shares = NULL;
  }
  mst_json_free(shares);
  if (!st) return j;
  mst_json_free(j);
  return NULL;
}

static mst_status set_part(mst_json *manifest, const char *name, const mst__part *part) {
  if (!part->vectorizer) return MST_OK;
  mst_json *j = mst__vectorizer_to_json(mst_vectorizer_options_view(part->vectorizer));
  if (!j) return MST_E_NOMEM;
  mst_status st =
      mst_json_set(j, "n_docs", mst_json_new_int(mst_vectorizer_n_docs(part->vectorizer)));
  if (!st) st = mst_json_set(j, "n_terms", mst_json_new_int(mst__part_n_terms(part)));
  if (!st)
    st = mst_json_set(j, "n_selected", mst_json_new_int(mst_vectorizer_n_terms(part->vectorizer)));
  if (st) {
    mst_json_free(j);
    return st;
  }
  return mst_json_set(manifest, name, j);
}

/* A tree of its own with the same content; NULL: no memory. */
static mst_json *copy_json(const mst_json *json) {
  char *text = NULL;
  size_t n = 0;
  mst_json *copy = NULL;
  if (mst_json_dump(json, 0, &text, &n)) return NULL;
  if (mst_json_parse(text, n, &copy)) copy = NULL;
  mst_free(text);
  return copy;
}

/* The manifest comes last: it names the files. w->files moves into it. */
static mst_status write_manifest(writer *w, const mst_model *model, const mst_json *config) {
  mst_json *m = mst_json_new_object();
  char *text = NULL;
  size_t n = 0;
  mst_status st = m ? mst_json_set(m, "format", mst_json_new_string(MST__FORMAT)) : MST_E_NOMEM;
  if (!st)
    st = mst_json_set(m, "format_version",
                      mst_json_new_int(model->chars.vectorizer ? MST__FORMAT_VERSION : 1));
  if (!st) st = mst_json_set(m, "versions", versions_json(model));
  if (!st && config) st = mst_json_set(m, "options", copy_json(config));
  if (!st) st = mst_json_set(m, "model", model_json(model));
  if (!st) st = set_part(m, "trees", &model->trees);
  if (!st) st = set_part(m, "linear", &model->linear);
  if (!st) st = set_part(m, "chars", &model->chars);
  if (!st) {
    st = mst_json_set(m, "files", w->files);
    w->files = NULL;
  }
  if (!st) st = mst_json_dump(m, 2, &text, &n);
  if (!st) st = mst_output_write(w->output, "manifest.json", text, n);
  mst_free(text);
  mst_json_free(m);
  return st;
}

static mst_status write_files(writer *w, const mst_model *model, const mst_json *metrics,
                              const mst_model_file *extra, int32_t n_extra) {
  mst_status st = write_strings(w, "labels.json", &model->labels, 2);
  if (!st && metrics) st = write_json(w, "metrics.json", metrics, 2);
  if (!st) st = write_part(w, "trees", &model->trees);
  if (!st) st = write_part(w, "linear", &model->linear);
  if (!st) st = write_part(w, "chars", &model->chars);
  if (!st && model->coef) st = write_coef(w, model);
  if (!st && model->booster) st = write_booster(w, model);
  for (int32_t i = 0; !st && i < n_extra; i++)
    st = write_bytes(w, extra[i].name, extra[i].bytes, extra[i].n_bytes);
  return st;
}

mst_status mst_model_save(const mst_model *model, const char *path, int force,
                          const mst_json *config, const mst_json *metrics,
                          const mst_model_file *extra, int32_t n_extra) {
  writer w = {.files = mst_json_new_object()};
  if (!w.files) return MST_E_NOMEM;
  mst_status st = mst_output_open(path, 1, force, &w.output);
  if (!st) st = write_files(&w, model, metrics, extra, n_extra);
  if (!st) st = write_manifest(&w, model, config);
  if (!st) st = mst_output_commit(w.output);
  mst_output_close(w.output);
  mst_json_free(w.files);
  return st;
}
