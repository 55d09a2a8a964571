/* load.c: a model's folder back into memory. Nothing is believed: sizes and hashes of the files,
 * shapes that must fit each other, and that no newer library wrote the trees. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "learn/learner.h"
#include "misstep/alloc.h"

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
  mst_learner learner;
  int margin = 0, solver = 0;
  int64_t n_classes = 0, n_rounds = 0, seed = 0;
  const char *name = mst__text_member(json, "learner");
  if (!mst_learner_find(name, &learner))
    return MST_FAIL(MST_E_FORMAT, "\"learner\" is \"%.100s\", which this program does not know",
                    name);
  mst_status st = mst__choice_member(json, "margin", mst__margin_names, 3, &margin);
  if (!st) st = mst__choice_member(json, "linear_solver", mst__solver_names, 3, &solver);
  if (!st) st = mst__int_member(json, "n_classes", 2, INT32_MAX, &n_classes);
  if (!st) st = mst__int_member(json, "n_rounds", 0, INT32_MAX, &n_rounds);
  if (!st) st = mst__int_member(json, "seed", INT64_MIN + 1, INT64_MAX, &seed);
  if (st) return st;
  model->learner = learner;
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
  st = mst__check_files(r);
  if (!st) st = mst__read_strings(r, "labels.json", &model->labels);
  if (st) return st;
  if (model->labels.n != model->n_classes)
    return MST_FAIL(MST_E_FORMAT, "%s/labels.json has %lld labels, the model %d classes", r->path,
                    (long long)model->labels.n, model->n_classes);
  return mst__learner_of(model->learner)->load(r, model);
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
