/* engine.c: what models of boosted trees have in common, whichever library boosts: the margins that
 * come first, the folder, and which versions of a library read it. */
#include "learn/engine.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "files/folder.h"
#include "learn/learner.h"
#include "learn/part_folder.h"
#include "misstep/alloc.h"

#define MAX_BOOSTER_BYTES ((size_t)1 << 33)

mst_status mst__probe_rows(int32_t n_classes, mst_csr *x, int32_t **label) {
  mst_status st = mst_csr_init(x, n_classes, 1, n_classes, MST_FLOAT32);
  *label = st ? NULL : mst_alloc((size_t)n_classes, sizeof **label);
  if (!st && !*label) {
    mst_csr_fini(x);
    st = MST_E_NOMEM;
  }
  for (int32_t c = 0; !st && c < n_classes; c++) {
    (*label)[c] = c;
    x->col[c] = 0;
    ((float *)x->val)[c] = 1.0f + (float)c;
    x->row_ptr[c + 1] = c + 1;
  }
  return st;
}

mst_status mst__engine_fit(const mst__engine *engine, const mst_model_options *o,
                           const mst_training *t, mst_model *model, mst_fit_report *report) {
  float *margin = NULL;
  char path[1024];
  mst_status st = MST_OK;
  if (o->margin != MST_MARGIN_NONE) st = mst__linear_fit(o, t, model, &margin, report);
  if (!st) st = mst__trees_fit(engine, o, t, margin, model, report);
  if (!st) st = engine->version(model->library, path);
  mst_free(margin);
  return st;
}

mst_status mst__engine_save(const mst__engine *engine, mst__writer *w, const mst_model *model) {
  char *bytes = NULL;
  size_t n = 0;
  mst_status st = mst__part_write(w, "trees", &model->trees);
  if (!st && model->margin != MST_MARGIN_NONE) st = mst__linear_save(w, model);
  if (!st) st = engine->dump(model, &bytes, &n);
  if (!st) st = mst__write_bytes(w, engine->file, bytes, n);
  mst_free(bytes);
  return st ? st : mst_json_set(w->versions, engine->name, mst_json_new_string(model->library));
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

static mst_status check_library(const mst__engine *engine, const mst__folder *r, mst_model *model) {
  char here[MST__VERSION_BYTES], path[1024];
  int theirs[3], ours[3];
  const char *written = mst__text_member(mst__member(r->manifest, "versions"), engine->name);
  const int is_hash = strncmp(written, "sha256:", 7) == 0; /* nothing is known of its version */
  if ((!is_hash && !read_version(written, theirs)) || strlen(written) >= sizeof model->library)
    return MST_FAIL(MST_E_FORMAT, "%s/manifest.json does not say which %s wrote it", r->path,
                    engine->title);
  memcpy(model->library, written, strlen(written) + 1);
  const mst_status st = engine->version(here, path);
  if (st || is_hash || !read_version(here, ours)) return st;
  for (int i = 0; i < 3; i++) {
    if (theirs[i] < ours[i]) return MST_OK;
    if (theirs[i] > ours[i])
      return MST_FAIL(MST_E_FORMAT,
                      "%s: written by %s %s, read by %s (%s): install %s or newer, or train again",
                      r->path, engine->title, written, here, path, written);
  }
  return MST_OK;
}

static mst_status read_booster(const mst__engine *engine, const mst__folder *r, mst_model *model) {
  char path[4096], *bytes = NULL;
  size_t n = 0;
  mst__shape is = {0};
  mst_status st = mst__listed_path(r, engine->file, path);
  if (!st) st = mst_file_read(path, MAX_BOOSTER_BYTES, &bytes, &n);
  if (st) return st;
  st = engine->parse(bytes, n, model, &is);
  mst_free(bytes);
  if (st) return mst_error_prefix(st, "%s", path);
  const int64_t n_terms = mst_vectorizer_n_terms(model->trees.vectorizer);
  if (is.n_features != n_terms || is.n_classes != model->n_classes ||
      is.n_rounds != model->n_rounds)
    return MST_FAIL(MST_E_FORMAT,
                    "%s holds %lld features, %d classes, %d rounds; the model has %lld, %d, %d",
                    path, (long long)is.n_features, is.n_classes, is.n_rounds, (long long)n_terms,
                    model->n_classes, model->n_rounds);
  return MST_OK;
}

mst_status mst__engine_load(const mst__engine *engine, const mst__folder *r, mst_model *model) {
  mst_status st = check_library(engine, r, model);
  if (!st && model->margin != MST_MARGIN_NONE) st = mst__linear_load(r, model);
  if (!st) st = mst__part_read(r, "trees", &model->trees);
  return st ? st : read_booster(engine, r, model);
}
