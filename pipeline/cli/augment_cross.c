/* augment_cross.c: --check cross: models that judge copies of records they were not trained on. */
#include <string.h>

#include "cli/augment_check.h"
#include "cli/command.h"
#include "cli/data.h"
#include "cli/terminal.h"
#include "misstep/rng.h"

/* The fold of each text; equal texts share it. */
static mst_status find_folds(const mst_augment_judges *j, const mst_text *text, int n_threads,
                             int32_t *fold) {
  uint64_t *hash = mst_alloc((size_t)text->n_docs, sizeof *hash);
  mst_status st = hash ? mst_split_hash(text, n_threads, hash) : MST_E_NOMEM;
  for (int64_t d = 0; !st && d < text->n_docs; d++)
    fold[d] = (int32_t)mst_rng_below((uint64_t)j->n, j->seed, MST_RNG_FOLD, hash[d], 0, 0);
  mst_free(hash);
  return st;
}

/* Fit on the records outside of a fold. */
static mst_status fit_fold(const mst_model_options *options, const mst_data *data,
                           const mst_strings *names, const mst_division *folds, int32_t k,
                           mst_model **out) {
  mst_part train = {0};
  mst_present present = {0};
  mst_fit_report report;
  mst_status st = mst_part_take(data, folds->unit, folds->key, folds->part, k, 1, &train);
  if (!st && !train.n)
    st = MST_FAIL(MST_E_FORMAT, "%s: --check cross: all records say the same, expected several",
                  mst_records_path(data->records));
  if (!st) st = mst_present_init(&train, names, &present);
  if (!st)
    st = mst_model_fit(options, &train.text, train.label, &present.names, train.unit, train.key,
                       out, &report);
  mst_present_fini(&present);
  mst_part_fini(&train);
  return st;
}

static mst_status fit_all(const mst_settings *s, const mst_data *data, const mst_strings *names,
                          mst_augment_judges *j) {
  const int64_t n = data->text.n_docs;
  int64_t n_units = 0;
  mst_model_options options = mst_model_options_default();
  options.learner = MST_LEARNER_LINEAR;
  options.device = "cpu";
  options.backend = j->backend;
  options.seed = j->seed;
  options.n_threads = mst_setting_threads(s);
  mst_division folds = {.part = mst_alloc((size_t)n, sizeof(int32_t)),
                        .unit = mst_alloc((size_t)n, sizeof(int64_t)),
                        .key = mst_alloc((size_t)n, sizeof(uint64_t))};
  mst_status st = folds.part && folds.unit && folds.key ? MST_OK : MST_E_NOMEM;
  if (!st)
    st = mst_split_units(&data->text, NULL, options.n_threads, folds.unit, folds.key, &n_units);
  if (!st) st = find_folds(j, &data->text, options.n_threads, folds.part);
  for (int32_t k = 0; !st && k < j->n; k++)
    st = fit_fold(&options, data, names, &folds, k, &j->model[k]);
  mst_division_fini(&folds);
  return st;
}

mst_status mst_augment_judges_fit(const mst_settings *s, const char *path, mst_augment_judges *j) {
  mst_data data = {0};
  mst_strings names = {0};
  if (!strcmp(path, "-"))
    return MST_FAIL(MST_E_ARG, "--check cross reads the input twice: a FILE is expected, not "
                               "standard input");
  j->n = MST_AUGMENT_FOLDS;
  mst_status st = mst_data_read(path, s, mst_setting_text(s, "text-column"), &data);
  if (!st) st = mst_data_label(&data, mst_setting_text(s, "label-column"), &names);
  if (!st) st = fit_all(s, &data, &names, j);
  if (!st) mst_terminal_note("--check cross: %d linear models, each without a fold", (int)j->n);
  mst_strings_fini(&names);
  mst_data_fini(&data);
  return st;
}

mst_status mst_augment_judges_load(const char *path, mst_augment_judges *j) {
  j->n = 1;
  return mst_terminal_input(mst_model_load(path, &j->model[0], NULL));
}

void mst_augment_judges_fini(mst_augment_judges *j) {
  for (int32_t k = 0; k < MST_AUGMENT_FOLDS; k++) mst_model_free(j->model[k]);
  mst_backend_close(j->backend);
  *j = (mst_augment_judges){0};
}

/* The documents of one fold as a text of their own. */
static mst_status take_fold(const mst_text *text, const int32_t *fold, int32_t k, mst_buffer *bytes,
                            int64_t *start, int64_t *n) {
  mst_status st = MST_OK;
  bytes->size_bytes = 0;
  *n = 0;
  start[0] = 0;
  for (int64_t d = 0; !st && d < text->n_docs; d++) {
    if (fold[d] != k) continue;
    st = mst_buffer_append(bytes, text->bytes + text->start[d],
                           (size_t)(text->start[d + 1] - text->start[d]));
    start[++*n] = (int64_t)bytes->size_bytes;
  }
  return st;
}

/* The most probable class of each text, of one model. */
static mst_status classify(const mst_augment_judges *j, int32_t k, const mst_text *text,
                           int32_t *out) {
  const int64_t n_classes = mst_model_labels(j->model[k])->n;
  float *proba = mst_alloc((size_t)(text->n_docs * n_classes), sizeof *proba);
  if (!proba) return MST_E_NOMEM;
  const mst_status st =
      text->n_docs ? mst_model_predict(j->model[k], j->backend, text, proba) : MST_OK;
  for (int64_t d = 0; !st && d < text->n_docs; d++) {
    const float *p = proba + d * n_classes;
    out[d] = 0;
    for (int32_t c = 1; c < n_classes; c++)
      if (p[c] > p[out[d]]) out[d] = c;
  }
  mst_free(proba);
  return st;
}

mst_status mst_augment_judge(const mst_augment_judges *j, const mst_text *text, const int32_t *fold,
                             int32_t *class) {
  if (j->n == 1) return classify(j, 0, text, class);
  const int64_t n = text->n_docs;
  mst_buffer bytes;
  mst_buffer_init(&bytes, (size_t)1 << 40, "copies");
  int64_t *start = mst_alloc((size_t)n + 1, sizeof *start);
  int32_t *some = mst_alloc((size_t)n, sizeof *some);
  mst_status st = start && some ? MST_OK : MST_E_NOMEM;
  for (int32_t k = 0; !st && k < j->n; k++) {
    int64_t n_some = 0, next = 0;
    st = take_fold(text, fold, k, &bytes, start, &n_some);
    if (!st) st = classify(j, k, &(mst_text){n_some, bytes.data, start}, some);
    for (int64_t d = 0; !st && d < n; d++)
      if (fold[d] == k) class[d] = some[next++];
  }
  mst_buffer_fini(&bytes);
  mst_free(start);
  mst_free(some);
  return st;
}

mst_status mst_augment_folds(const mst_augment_judges *j, const mst_text *text, int n_threads,
                             int32_t *fold) {
  if (j->n > 1) return find_folds(j, text, n_threads, fold);
  memset(fold, 0, (size_t)text->n_docs * sizeof *fold);
  return MST_OK;
}
