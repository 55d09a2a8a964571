/* load.c: a model's folder back into memory. Nothing is believed: sizes and hashes of the files,
 * shapes that must fit each other, and that no newer library wrote the trees. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files/folder.h"
#include "learn/load_folder.h"
#include "learn/model_internal.h"
#include "misstep/alloc.h"

#define MAX_BOOSTER_BYTES ((size_t)1 << 33)

/* Keep the selected terms, and remember the others when there are any. */
static mst_status take_selected(mst__part *part, mst_strings *terms, mst_array *idf,
                                mst_array *selected) {
  const int64_t n = selected->shape[0];
  if (n == terms->n) return MST_OK;
  mst_status st = mst_vectorizer_take(part->vectorizer, selected->data, n);
  if (st) return mst_error_prefix(MST_E_FORMAT, "selected.npy");
  part->terms = *terms;
  part->idf = idf->data;
  part->selected = selected->data;
  part->n_selected = n;
  *terms = (mst_strings){0};
  idf->data = selected->data = NULL;
  return MST_OK;
}

static mst_status read_part(const mst__folder *r, const char *folder, mst__part *part) {
  char names[3][64];
  static const char *const files[3] = {"terms.json", "idf.npy", "selected.npy"};
  for (int i = 0; i < 3; i++) (void)snprintf(names[i], sizeof names[i], "%s/%s", folder, files[i]);
  const mst_json *json = mst__member(r->manifest, folder);
  mst_vectorizer_options options;
  mst_strings stop = {0}, terms = {0};
  mst_array idf = {0}, selected = {0};
  int64_t n_docs = 0;
  mst_status st = mst__vectorizer_from_json(json, &options, &stop);
  if (!st) st = mst__int_member(json, "n_docs", 0, INT64_MAX, &n_docs);
  if (st) st = mst_error_prefix(st, "%s/manifest.json: \"%s\"", r->path, folder);
  if (!st) st = mst__read_strings(r, names[0], &terms);
  if (!st) st = mst__read_array(r, names[1], MST_FLOAT64, terms.n, 0, &idf);
  if (!st) st = mst__read_array(r, names[2], MST_INT32, -1, 0, &selected);
  if (!st)
    st = mst_vectorizer_create(&options, &terms, idf.data, NULL, NULL, n_docs, &part->vectorizer);
  if (!st) st = take_selected(part, &terms, &idf, &selected);
  if (st) st = mst_error_prefix(st, "%s/%s", r->path, folder);
  mst_strings_fini(&stop);
  mst_strings_fini(&terms);
  mst_array_fini(&idf);
  mst_array_fini(&selected);
  return st;
}

static mst_status read_linear(const mst__folder *r, mst_model *model) {
  mst_array coef = {0}, intercept = {0};
  mst_status st = read_part(r, "linear", &model->linear);
  const int with_chars = mst__member(r->manifest, "chars") != NULL;
  if (!st && with_chars) st = read_part(r, "chars", &model->chars);
  if (st) return st;
  const int64_t n_terms = mst_vectorizer_n_terms(model->linear.vectorizer) +
                          (with_chars ? mst_vectorizer_n_terms(model->chars.vectorizer) : 0);
  st = mst__read_array(r, "linear/coef.npy", MST_FLOAT32, n_terms, model->n_classes, &coef);
  if (st) return st;
  model->coef = coef.data;
  st = mst__read_array(r, "linear/intercept.npy", MST_FLOAT32, model->n_classes, 0, &intercept);
  if (!st) model->intercept = intercept.data;
  return st;
}

/* "MAJOR.MINOR.PATCH", whatever follows; 0: it is something else. */
static int read_version(const char *text, int version[3]) {
  for (int i = 0; i < 3; i++) {
    char *end;
    const long part = strtol(text, &end, 10);
    if (end == text || part < 0 || part > INT_MAX || (i < 2 && *end != '.')) return 0;
    version[i] = (int)part;
    text = end + 1;
  }
  return 1;
}

/* Refuse trees of a newer library before it sees them: an older one reads them without a word and
 * gives other probabilities. */
static mst_status check_library(const mst__folder *r, int version[3]) {
  mst_xgb_info info;
  const char *written = mst__text_member(mst__member(r->manifest, "versions"), "xgboost");
  if (!read_version(written, version))
    return MST_FAIL(MST_E_FORMAT, "%s/manifest.json does not say which XGBoost wrote it", r->path);
  mst_status st = mst_xgb_open(&info);
  if (st) return st;
  for (int i = 0; i < 3; i++) {
    if (version[i] < info.version[i]) return MST_OK;
    if (version[i] > info.version[i])
      return MST_FAIL(MST_E_FORMAT,
                      "%s: written by XGBoost %s, read by %d.%d.%d (%s): install %s or newer, or "
                      "train again",
                      r->path, written, info.version[0], info.version[1], info.version[2],
                      info.path, written);
  }
  return MST_OK;
}

static mst_status read_booster(const mst__folder *r, mst_model *model) {
  char path[4096], *bytes = NULL;
  size_t n = 0;
  int64_t n_features = 0;
  int32_t n_classes = 0, n_rounds = 0;
  mst_status st = mst__listed_path(r, "booster.ubj", path);
  if (!st) st = mst_file_read(path, MAX_BOOSTER_BYTES, &bytes, &n);
  if (st) return st;
  st = mst_xgb_booster_load(bytes, n, &model->booster);
  mst_free(bytes);
  if (!st) st = mst_xgb_booster_shape(model->booster, &n_features, &n_classes, &n_rounds);
  if (st) return mst_error_prefix(st, "%s", path);
  const int64_t n_terms = mst_vectorizer_n_terms(model->trees.vectorizer);
  if (n_features != n_terms || n_classes != model->n_classes || n_rounds != model->n_rounds)
    return MST_FAIL(MST_E_FORMAT,
                    "%s holds %lld features, %d classes, %d rounds; the model has %lld, %d, %d",
                    path, (long long)n_features, n_classes, n_rounds, (long long)n_terms,
                    model->n_classes, model->n_rounds);
  return mst__forest_create(model->booster, model->n_classes, n_terms, &model->forest);
}

static mst_status read_shares(const mst_json *json, mst_model *model) {
  const mst_json *shares = mst__member(json, "class_shares");
  if (!shares || mst_json_size(shares) != (size_t)model->n_classes)
    return MST_FAIL(MST_E_FORMAT, "\"class_shares\" does not fit the labels");
  model->shares = mst_alloc((size_t)model->n_classes, sizeof *model->shares);
  if (!model->shares) return MST_E_NOMEM;
  for (int32_t c = 0; c < model->n_classes; c++)
    model->shares[c] = (float)mst_json_number(mst_json_at(shares, (size_t)c));
  return MST_OK;
}

/* The manifest's "model": what the rest of the folder must fit. */
static mst_status read_summary(const mst_json *json, mst_model *model) {
  int learner = 0, margin = 0, solver = 0;
  int64_t n_classes = 0, n_rounds = 0, seed = 0;
  mst_status st = mst__choice_member(json, "learner", mst__learner_names, 3, &learner);
  if (!st) st = mst__choice_member(json, "margin", mst__margin_names, 3, &margin);
  if (!st) st = mst__choice_member(json, "linear_solver", mst__solver_names, 3, &solver);
  if (!st) st = mst__int_member(json, "n_classes", 2, INT32_MAX, &n_classes);
  if (!st) st = mst__int_member(json, "n_rounds", 0, INT32_MAX, &n_rounds);
  if (!st) st = mst__int_member(json, "seed", INT64_MIN + 1, INT64_MAX, &seed);
  if (st) return st;
  model->learner = (mst_learner)learner;
  model->margin = (mst_margin)margin;
  model->solver = (mst_linear_solver)solver;
  model->n_classes = (int32_t)n_classes;
  model->n_rounds = (int32_t)n_rounds;
  model->seed = (uint64_t)seed;
  (void)snprintf(model->device, sizeof model->device, "%s", mst__text_member(json, "device"));
  (void)snprintf(model->linear_device, sizeof model->linear_device, "%s",
                 mst__text_member(json, "linear_device"));
  return read_shares(json, model);
}

static mst_status read_model(const mst__folder *r, mst_model *model) {
  mst_status st = read_summary(mst__member(r->manifest, "model"), model);
  if (st) return mst_error_prefix(st, "%s/manifest.json: \"model\"", r->path);
  const int boosted = model->learner == MST_LEARNER_XGBOOST;
  if (boosted) st = check_library(r, model->xgb_version);
  if (!st) st = mst__check_files(r);
  if (!st) st = mst__read_strings(r, "labels.json", &model->labels);
  if (st) return st;
  if (model->labels.n != model->n_classes)
    return MST_FAIL(MST_E_FORMAT, "%s/labels.json has %lld labels, the model %d classes", r->path,
                    (long long)model->labels.n, model->n_classes);
  const int linear =
      model->learner == MST_LEARNER_LINEAR || (boosted && model->margin != MST_MARGIN_NONE);
  if (linear) st = read_linear(r, model);
  if (!st && boosted) st = read_part(r, "trees", &model->trees);
  if (!st && boosted) st = read_booster(r, model);
  return st;
}

/* Is this a model, and one of a layout we know? */
static mst_status open_manifest(mst__folder *r) {
  char path[4096];
  struct stat info;
  mst_status st = mst__file_path(r, "manifest.json", path);
  if (st) return st;
  if (stat(r->path, &info)) return MST_FAIL(MST_E_IO, "%s: no such model", r->path);
  if (stat(path, &info))
    return MST_FAIL(MST_E_FORMAT, "%s is not a model: no manifest.json", r->path);
  st = mst_json_load(path, &r->manifest);
  if (st) return st;
  int64_t version = 0;
  if (strcmp(mst__text_member(r->manifest, "format"), MST__FORMAT) != 0)
    return MST_FAIL(MST_E_FORMAT, "%s is not the manifest of a misstep model", path);
  st = mst__int_member(r->manifest, "format_version", 1, INT32_MAX, &version);
  if (st) return mst_error_prefix(st, "%s", path);
  if (version > MST__FORMAT_VERSION)
    return MST_FAIL(MST_E_FORMAT,
                    "%s: model format %lld, this misstep reads up to %d: use the misstep (%s) that "
                    "wrote it",
                    path, (long long)version, MST__FORMAT_VERSION,
                    mst__text_member(mst__member(r->manifest, "versions"), "misstep"));
  return MST_OK;
}

/* The run's options, for the caller; an empty object when the model was saved without. */
static mst_status copy_options(const mst_json *manifest, mst_json **config) {
  const mst_json *options = mst__member(manifest, "options");
  char *text = NULL;
  size_t n = 0;
  if (!options) {
    *config = mst_json_new_object();
    return *config ? MST_OK : MST_E_NOMEM;
  }
  mst_status st = mst_json_dump(options, 0, &text, &n);
  if (!st) st = mst_json_parse(text, n, config);
  mst_free(text);
  return st;
}

mst_status mst_model_load(const char *path, mst_model **out, mst_json **config) {
  mst__folder r = {.path = path};
  mst_json *options = NULL;
  mst_model *model = mst_alloc_zero(1, sizeof *model);
  if (!model) return MST_E_NOMEM;
  mst_status st = open_manifest(&r);
  if (!st) st = read_model(&r, model);
  if (!st && config) st = copy_options(r.manifest, &options);
  mst_json_free(r.manifest);
  if (st) {
    mst_model_free(model);
    return st;
  }
  if (config) *config = options;
  *out = model;
  return MST_OK;
}
