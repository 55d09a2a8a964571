/* save.c: the model's folder: standard files, each with its size and hash in the manifest, whole or
 * not at all. */
#include "files/folder.h"
#include "learn/learner.h"
#include "misstep/alloc.h"

/* The weights of the classes that training had, in the order of labels.json. */
static mst_status set_weights(mst_json *j, const mst_model *model) {
  if (!model->class_weight) return MST_OK;
  mst_json *array = mst_json_new_array();
  mst_status st = array ? MST_OK : MST_E_NOMEM;
  for (int32_t c = 0; !st && c < model->n_classes; c++)
    st = mst_json_append(array, mst_json_new_real(model->class_weight[c]));
  if (!st) return mst_json_set(j, "class_weights", array);
  mst_json_free(array);
  return st;
}

static mst_json *model_json(const mst_model *model) {
  mst_json *j = mst_json_new_object(), *shares = mst_json_new_array();
  mst_status st = j && shares ? MST_OK : MST_E_NOMEM;
  if (!st) st = mst_json_set(j, "learner", mst_json_new_string(mst_learner_name(model->learner)));
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
  if (!st) st = set_weights(j, model);
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

/* The lowest that can say this model. */
static int format_version(const mst_model *model) {
  if (model->learner > MST_LEARNER_NB) return 4;
  if (model->learner > MST_LEARNER_MAJORITY) return 3;
  return model->chars.vectorizer ? 2 : 1;
}

/* The manifest comes last: it names the files. What w has moves into it. */
static mst_status write_manifest(mst__writer *w, const mst_model *model, const mst_json *config) {
  mst_json *m = mst_json_new_object();
  char *text = NULL;
  size_t n = 0;
  mst_status st = m ? mst_json_set(m, "format", mst_json_new_string(MST__FORMAT)) : MST_E_NOMEM;
  if (!st) st = mst_json_set(m, "format_version", mst_json_new_int(format_version(model)));
  if (!st) {
    st = mst_json_set(m, "versions", w->versions);
    w->versions = NULL;
  }
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

static mst_status write_files(mst__writer *w, const mst_model *model, const mst_json *metrics,
                              const mst_model_file *extra, int32_t n_extra) {
  mst_status st = mst__write_strings(w, "labels.json", &model->labels, 2);
  if (!st && metrics) st = mst__write_json(w, "metrics.json", metrics, 2);
  if (!st) st = mst__learner_of(model->learner)->save(w, model);
  for (int32_t i = 0; !st && i < n_extra; i++)
    st = mst__write_bytes(w, extra[i].name, extra[i].bytes, extra[i].n_bytes);
  return st;
}

mst_status mst_model_save(const mst_model *model, const char *path, int force,
                          const mst_json *config, const mst_json *metrics,
                          const mst_model_file *extra, int32_t n_extra) {
  mst__writer w = {.files = mst_json_new_object(), .versions = mst_json_new_object()};
  mst_status st = w.files && w.versions ? MST_OK : MST_E_NOMEM;
  if (!st) st = mst_json_set(w.versions, "misstep", mst_json_new_string(MST__VERSION));
  if (!st) st = mst_output_open(path, 1, force, &w.output);
  if (!st) st = write_files(&w, model, metrics, extra, n_extra);
  if (!st) st = write_manifest(&w, model, config);
  if (!st) st = mst_output_commit(w.output);
  mst_output_close(w.output);
  mst_json_free(w.files);
  mst_json_free(w.versions);
  return st;
}
