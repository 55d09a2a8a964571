/* part_folder.c: a vectorizer with its terms, weights and selection: three files of its folder. */
#include "learn/part_folder.h"

#include <stdio.h>

#include "misstep/alloc.h"

/* selected.npy of a part that kept all its terms. */
static mst_status write_all_selected(mst__writer *w, const char *name, int64_t n) {
  int32_t *ids = mst_alloc((size_t)n, sizeof *ids);
  if (!ids) return MST_E_NOMEM;
  for (int64_t i = 0; i < n; i++) ids[i] = (int32_t)i;
  mst_status st = mst__write_array(w, name, ids, MST_INT32, n, 0);
  mst_free(ids);
  return st;
}

mst_status mst__part_write(mst__writer *w, const char *folder, const mst__part *part) {
  char name[64];
  if (!part->vectorizer) return MST_OK;
  const int cut = part->selected != NULL;
  const mst_strings *terms = cut ? &part->terms : mst_vectorizer_terms(part->vectorizer);
  const double *idf = cut ? part->idf : mst_vectorizer_idf(part->vectorizer);
  (void)snprintf(name, sizeof name, "%s/terms.json", folder);
  mst_status st = mst__write_strings(w, name, terms, 0);
  (void)snprintf(name, sizeof name, "%s/idf.npy", folder);
  if (!st) st = mst__write_array(w, name, idf, MST_FLOAT64, terms->n, 0);
  (void)snprintf(name, sizeof name, "%s/selected.npy", folder);
  if (!st && !cut) st = write_all_selected(w, name, terms->n);
  if (!st && cut) st = mst__write_array(w, name, part->selected, MST_INT32, part->n_selected, 0);
  return st;
}

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

mst_status mst__part_read(const mst__folder *r, const char *folder, mst__part *part) {
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
