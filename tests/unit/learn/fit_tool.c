/* fit_tool: fit a model on one file of labelled lines and write the probabilities of another, for
 * the Python tests beside it and for timing by hand.
 *
 *     fit_tool PRESET TRAIN TEST MODEL PROBA.npy [ROUNDS [THREADS]]
 *
 * Lines are "label<TAB>text". PRESET: some of default, notebook, linear, nb, multinomial, raw,
 * words, exact, balanced (class weights), joined by "+". The
 * model is saved, loaded again, and the loaded one predicts; seconds go to standard output.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "files/folder.h"
#include "files/npy.h"
#include "learn/model.h"
#include "misstep/alloc.h"
#include "read/split.h"

typedef struct lines {
  mst_text text, label; /* views of bytes_* and start_* */
  int64_t n;
} lines;

static int check(mst_status st) {
  if (st) (void)fprintf(stderr, "fit_tool: %s\n", mst_error_last()->message);
  return st != MST_OK;
}

static void free_lines(lines *l) {
  free((void *)(uintptr_t)l->text.bytes);
  free((void *)(uintptr_t)l->text.start);
  free((void *)(uintptr_t)l->label.bytes);
  free((void *)(uintptr_t)l->label.start);
}

/* Cut "label\ttext\n" lines into two runs of bytes; free_lines frees them. */
static int read_lines(const char *path, lines *out) {
  char *bytes = NULL;
  size_t size = 0;
  if (check(mst_file_read(path, (size_t)1 << 31, &bytes, &size))) return 1;
  int64_t n = 0, row = 0;
  for (size_t i = 0; i < size; i++) n += bytes[i] == '\n';
  char *text = malloc(size + 1), *label = malloc(size + 1);
  int64_t *text_start = calloc((size_t)n + 1, 8), *label_start = calloc((size_t)n + 1, 8);
  if (!text || !label || !text_start || !label_start) return 1;
  for (char *line = bytes; row < n; row++) {
    char *tab = strchr(line, '\t'), *end = strchr(line, '\n');
    if (!tab || tab > end) return 1;
    memcpy(label + label_start[row], line, (size_t)(tab - line));
    memcpy(text + text_start[row], tab + 1, (size_t)(end - tab - 1));
    label_start[row + 1] = label_start[row] + (tab - line);
    text_start[row + 1] = text_start[row] + (end - tab - 1);
    line = end + 1;
  }
  mst_free(bytes);
  *out = (lines){{n, (uint8_t *)text, text_start}, {n, (uint8_t *)label, label_start}, n};
  return 0;
}

static double now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Whether a list joined by "+" has a name. */
static int has(const char *list, const char *name) {
  const size_t n = strlen(name);
  for (const char *at = strstr(list, name); at; at = strstr(at + 1, name))
    if ((at == list || at[-1] == '+') && (!at[n] || at[n] == '+')) return 1;
  return 0;
}

static const mst_class_weight balanced = {.kind = MST_CLASS_WEIGHT_BALANCED};

static mst_model_options preset(const char *name, int rounds, int threads) {
  mst_model_options o = mst_model_options_default();
  o.n_estimators = rounds;
  o.n_threads = threads;
  if (has(name, "linear")) o.learner = MST_LEARNER_LINEAR;
  if (has(name, "nb")) o.learner = MST_LEARNER_NB;
  if (has(name, "svm")) o.learner = MST_LEARNER_SVM;
  if (has(name, "multinomial")) o.linear_solver = MST_SOLVER_MULTINOMIAL;
  if (has(name, "raw")) o.margin = MST_MARGIN_RAW;
  if (has(name, "words")) o.linear_char_k = 0;
  if (has(name, "exact")) o.linear_eps = 1e-7;
  if (has(name, "balanced")) o.class_weight = &balanced;
  if (has(name, "notebook")) {
    o.trees = mst_vectorizer_options_default();
    o.trees.min_df = (mst_df_cut){0, 2};
    o.select_k = 0;
    o.margin = MST_MARGIN_NONE;
  }
  return o;
}

static int fit(const mst_model_options *o, const lines *train, const char *path) {
  mst_categories classes;
  int64_t *unit = malloc((size_t)train->n * 8 + 8), n_units = 0;
  uint64_t *key = malloc((size_t)train->n * 8 + 8);
  mst_model *model = NULL;
  mst_fit_report r;
  if (!unit || !key || check(mst_categories_init(&train->label, &classes)) ||
      check(mst_split_units(&train->text, NULL, o->n_threads, unit, key, &n_units)) ||
      check(mst_model_fit(o, &train->text, classes.id, &classes.name, unit, key, &model, &r)))
    return 1;
  (void)printf("terms %lld of %lld for trees, %lld linear; seconds: tokens %.3f features %.3f "
               "linear %.3f boosting %.3f\n",
               (long long)r.n_selected, (long long)r.n_tree_terms, (long long)r.n_linear_terms,
               r.seconds_tokens, r.seconds_features, r.seconds_linear, r.seconds_boosting);
  const double start = now();
  const int failed = check(mst_model_save(model, path, 1, NULL, NULL, NULL, 0));
  (void)printf("save %.3f s\n", now() - start);
  mst_model_free(model);
  mst_categories_fini(&classes);
  free(unit);
  free(key);
  return failed;
}

static int predict(const char *path, const lines *test, mst_backend *backend,
                   const char *proba_path) {
  mst_model *model = NULL;
  double start = now();
  if (check(mst_model_load(path, &model, NULL))) return 1;
  (void)printf("load %.3f s\n", now() - start);
  const int64_t shape[2] = {test->n, mst_model_labels(model)->n};
  float *proba = malloc((size_t)(shape[0] * shape[1]) * sizeof *proba + 1);
  start = now();
  if (!proba || check(mst_model_predict(model, backend, &test->text, proba))) return 1;
  const double bulk = now() - start;
  const int64_t n_single = test->n < 500 ? test->n : 500;
  float one[1024];
  start = now();
  for (int64_t d = 0; d < n_single && shape[1] <= 1024; d++) {
    const int64_t row_start[2] = {0, test->text.start[d + 1] - test->text.start[d]};
    const mst_text row = {1, test->text.bytes + test->text.start[d], row_start};
    if (check(mst_model_predict(model, backend, &row, one))) return 1;
  }
  (void)printf("predict %.0f records/s in bulk, %.3f ms one by one\n", (double)test->n / bulk,
               1e3 * (now() - start) / (double)n_single);
  char *bytes = NULL;
  size_t n = 0;
  if (check(mst_npy_dump(proba, MST_FLOAT32, 2, shape, &bytes, &n))) return 1;
  FILE *f = fopen(proba_path, "wb");
  const int failed = !f || fwrite(bytes, 1, n, f) != n || fclose(f);
  mst_free(bytes);
  free(proba);
  mst_model_free(model);
  return failed;
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  if (mst_xgb_open(NULL)) {
    (void)fprintf(stderr, "fit_tool: %s\n", mst_error_last()->message);
    return 77;
  }
  const int rounds = argc > 6 ? atoi(argv[6]) : 0, threads = argc > 7 ? atoi(argv[7]) : 2;
  mst_model_options o = preset(argv[1], rounds, threads);
  lines train, test;
  if (check(mst_backend_open("cpu", threads, &o.backend))) return 1;
  if (read_lines(argv[2], &train) || read_lines(argv[3], &test)) return 1;
  const int failed = fit(&o, &train, argv[4]) || predict(argv[4], &test, o.backend, argv[5]);
  free_lines(&train);
  free_lines(&test);
  mst_backend_close(o.backend);
  return failed;
}
