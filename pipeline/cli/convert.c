/* convert.c: settings to the option structs of the library. */
#include <errno.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/settings_internal.h"
#include "cli/terminal.h"
#include "files/folder.h"
#include "misstep/alloc.h"
#include "misstep/backend.h"

int mst_setting_threads(const mst_settings *s) {
  const int n = (int)mst_setting_int(s, "threads");
  return n > 0 ? n : omp_get_num_procs();
}

mst_status mst_setting_device(const mst_settings *s, char device[32]) {
  return mst_backend_resolve(mst_setting_text(s, "device"), device, 32);
}

mst_status mst_setting_backend(const mst_settings *s, mst_backend **out) {
  char device[32];
  const mst_status st = mst_setting_device(s, device);
  return st ? st : mst_backend_open(device, mst_setting_threads(s), out);
}

mst_status mst_setting_table_format(const mst_settings *s, mst_table_format *out) {
  static const char *const names[] = {"text", "csv", "json", "markdown", "latex"};
  static const mst_table_format formats[] = {MST_TABLE_TEXT, MST_TABLE_CSV, MST_TABLE_JSON,
                                             MST_TABLE_MARKDOWN, MST_TABLE_LATEX};
  const char *text = mst_setting_text(s, "format");
  *out = MST_TABLE_TEXT;
  if (!text) return MST_OK;
  for (int i = 0; i < 5; i++)
    if (strcmp(names[i], text) == 0) {
      *out = formats[i];
      return MST_OK;
    }
  return MST_FAIL(MST_E_ARG, "--format %s: text, json, csv, markdown or latex is expected", text);
}

mst_status mst_write_all(FILE *stream, const char *name, const void *bytes, size_t n) {
  errno = 0;
  if (n == 0 || fwrite(bytes, 1, n, stream) == n) return MST_OK; // nothing may be a null pointer
  return MST_FAIL(MST_E_IO, "%s: %s", name, strerror(errno ? errno : EIO));
}

mst_status mst_print_table(const mst_table *table, mst_table_format format) {
  char *text = NULL;
  mst_status st = mst_table_render(table, format, &text);
  if (!st) st = mst_write_all(stdout, "standard output", text, strlen(text));
  mst_free(text);
  return st;
}

/* Lines of a file as strings; empty lines are left out. */
static mst_status read_lines(const char *path, mst_strings *out) {
  char *bytes = NULL;
  size_t n = 0;
  mst_strings lines = {0};
  mst_status st = mst_terminal_input(mst_file_read(path, (size_t)64 << 20, &bytes, &n));
  if (st) return st;
  int64_t most = 1;
  for (size_t i = 0; i < n; i++) most += bytes[i] == '\n';
  lines.bytes = mst_alloc(n, 1);
  lines.start = mst_alloc_zero((size_t)most + 1, sizeof *lines.start);
  if (!lines.bytes || !lines.start) st = MST_E_NOMEM;
  for (size_t i = 0; !st && i < n;) {
    const char *end = memchr(bytes + i, '\n', n - i);
    const size_t length = end ? (size_t)(end - bytes) - i : n - i;
    const size_t kept = length && bytes[i + length - 1] == '\r' ? length - 1 : length;
    const int64_t at = lines.start[lines.n];
    memcpy(lines.bytes + at, bytes + i, kept);
    if (kept) lines.start[++lines.n] = at + (int64_t)kept;
    i += length + 1;
  }
  mst_free(bytes);
  if (st) mst_strings_fini(&lines);
  else *out = lines;
  return st;
}

static mst_df_cut df_cut(const char *text) {
  if (strcmp(text, "auto") == 0) return (mst_df_cut){0, -1};
  double value = 0;
  (void)mst__read_real(text, &value); /* check.c has seen every text that is read here */
  return (mst_df_cut){strpbrk(text, ".eE") != NULL, value};
}

/* Names under a prefix, without making each call site build one. */
typedef struct prefixed {
  const mst_settings *s;
  const char *prefix;
} prefixed;

static const char *text_of(prefixed p, const char *name) {
  char full[64];
  (void)snprintf(full, sizeof full, "%s%s", p.prefix, name);
  return mst_setting_text(p.s, full);
}

static int on(prefixed p, const char *name) { return strcmp(text_of(p, name), "true") == 0; }

static mst_status weights(prefixed p, mst_vectorizer_options *o) {
  if (on(p, "sublinear-tf") && on(p, "relative-tf"))
    return MST_FAIL(MST_E_ARG, "--%ssublinear-tf and --%srelative-tf contradict each other",
                    p.prefix, p.prefix);
  o->tf = on(p, "sublinear-tf")  ? MST_TF_SUBLINEAR
          : on(p, "relative-tf") ? MST_TF_RELATIVE
                                 : MST_TF_COUNT;
  o->idf = on(p, "paper-idf")    ? MST_IDF_PAPER
           : !on(p, "use-idf")   ? MST_IDF_NONE
           : on(p, "smooth-idf") ? MST_IDF_SMOOTH
                                 : MST_IDF_PLAIN;
  const char *norm = text_of(p, "norm");
  o->norm = strcmp(norm, "l2") == 0   ? MST_NORM_L2
            : strcmp(norm, "l1") == 0 ? MST_NORM_L1
                                      : MST_NORM_NONE;
  return MST_OK;
}

static mst_status stop_words(prefixed p, mst_strings *stop_list, mst_vectorizer_options *o) {
  const char *words = text_of(p, "stop-words");
  o->stop_words = NULL;
  if (strcmp(words, "none") == 0) return MST_OK;
  o->stop_words = strcmp(words, "english") == 0 ? "english" : "list";
  if (strcmp(words, "english") == 0) return MST_OK;
  mst_status st = read_lines(words, stop_list);
  o->stop_list = stop_list;
  return st;
}

mst_status mst_setting_vectorizer(const mst_settings *s, const char *prefix, mst_strings *stop_list,
                                  mst_vectorizer_options *out) {
  static const char *const analyzers[] = {"word", "char", "char_wb", "maths"};
  static const char *const accents[] = {"none", "ascii", "unicode"};
  const prefixed p = {s, prefix};
  mst_vectorizer_options o = mst_vectorizer_options_default();
  for (int i = 0; i < 4; i++)
    if (strcmp(text_of(p, "analyzer"), analyzers[i]) == 0) o.token.analyzer = (mst_analyzer)i;
  for (int i = 0; i < 3; i++)
    if (strcmp(text_of(p, "strip-accents"), accents[i]) == 0)
      o.token.strip_accents = (mst_accents)i;
  o.token.lowercase = on(p, "lowercase");
  o.token.token_pattern = text_of(p, "token-pattern");
  if (o.token.token_pattern && o.token.analyzer != MST_ANALYZER_WORD)
    return MST_FAIL(MST_E_ARG, "--%stoken-pattern needs --%sanalyzer word", prefix, prefix);
  int64_t shortest = o.ngram_min, longest = o.ngram_max;
  (void)mst__read_pair(text_of(p, "ngram-range"), &shortest, &longest);
  o.ngram_min = (int)shortest;
  o.ngram_max = (int)longest;
  o.min_df = df_cut(text_of(p, "min-df"));
  o.max_df = df_cut(text_of(p, "max-df"));
  (void)mst__read_int(text_of(p, "max-features"), &o.max_features);
  o.binary = on(p, "binary");
  mst_status st = weights(p, &o);
  if (!st) st = stop_words(p, stop_list, &o);
  if (!st) *out = o;
  return st;
}

/* "name=value" lines to pairs that point into a copy. */
static mst_status parameters(const char *lines, mst_model_store *store, int32_t *n_out) {
  int32_t n = 1;
  for (const char *c = lines; *c; c++) n += *c == '\n';
  store->extra_text = mst_alloc(strlen(lines) + 1, 1);
  store->extra = mst_alloc((size_t)n, sizeof *store->extra);
  if (!store->extra_text || !store->extra) return MST_E_NOMEM;
  memcpy(store->extra_text, lines, strlen(lines) + 1);
  char *line = store->extra_text;
  for (int32_t i = 0; i < n; i++) {
    char *equals = strchr(line, '='), *end = strchr(line, '\n');
    *equals = 0;
    if (end) *end = 0;
    store->extra[i] = (mst_parameter){line, equals + 1};
    if (end) line = end + 1;
  }
  *n_out = n;
  return MST_OK;
}

static mst_status learner_options(const mst_settings *s, mst_model_options *o) {
  const char *select = mst_setting_text(s, "select");
  o->select_k = 0;
  if (strcmp(select, "none") != 0) (void)mst__read_int(select + strlen("chi2:"), &o->select_k);
  (void)mst_learner_find(mst_setting_text(s, "learner"), &o->learner); /* a checked choice */
  o->margin = mst_setting_is(s, "margin", "none")  ? MST_MARGIN_NONE
              : mst_setting_is(s, "margin", "raw") ? MST_MARGIN_RAW
                                                   : MST_MARGIN_LINEAR;
  o->n_estimators = (int32_t)mst_setting_int(s, "n-estimators");
  o->learning_rate = mst_setting_real(s, "learning-rate");
  o->max_depth = (int32_t)mst_setting_int(s, "max-depth");
  o->subsample = mst_setting_real(s, "subsample");
  o->colsample_bytree = mst_setting_real(s, "colsample-bytree");
  o->max_bin = (int32_t)mst_setting_int(s, "max-bin");
  o->early_stopping = (int32_t)mst_setting_int(s, "early-stopping");
  o->validation_frac = mst_setting_real(s, "validation-size");
  o->nb_alpha = mst_setting_real(s, "nb-alpha");
  if (o->learner != MST_LEARNER_XGBOOST && mst_setting_text(s, "xgb"))
    return MST_FAIL(MST_E_ARG, "--xgb needs --learner xgboost");
  if (o->learner != MST_LEARNER_LIGHTGBM && mst_setting_text(s, "lightgbm"))
    return MST_FAIL(MST_E_ARG, "--lightgbm needs --learner lightgbm");
  if (!mst_learner_has_trees(o->learner) && o->early_stopping)
    return MST_FAIL(MST_E_ARG, "--early-stopping needs --learner xgboost or lightgbm");
  return MST_OK;
}

mst_status mst_setting_model(const mst_settings *s, mst_model_store *store,
                             mst_model_options *out) {
  mst_model_options o = mst_model_options_default();
  int64_t shortest = 0, longest = 0;
  mst_status st = mst_setting_vectorizer(s, "", &store->stop_trees, &o.trees);
  if (!st) st = mst_setting_vectorizer(s, "linear-", &store->stop_linear, &o.linear);
  if (!st) st = mst_setting_backend(s, &store->backend);
  if (!st) st = learner_options(s, &o);
  const char *weights = mst_setting_text(s, "class-weight");
  if (!st) st = mst_terminal_input(mst_class_weight_read(weights, &store->class_weight));
  if (st) return st;
  o.linear_solver = mst_setting_is(s, "linear-solver", "liblinear")     ? MST_SOLVER_LIBLINEAR
                    : mst_setting_is(s, "linear-solver", "multinomial") ? MST_SOLVER_MULTINOMIAL
                                                                        : MST_SOLVER_WIDE;
  o.linear_c = mst_setting_real(s, "linear-c");
  o.linear_eps = mst_setting_real(s, "linear-eps");
  o.linear_char_k = mst_setting_is(s, "linear-char-features", "auto")
                        ? -1
                        : mst_setting_int(s, "linear-char-features");
  (void)mst__read_pair(mst_setting_text(s, "linear-char-ngram-range"), &shortest, &longest);
  o.linear_char_min = (int32_t)shortest;
  o.linear_char_max = (int32_t)longest;
  o.linear_folds = (int32_t)mst_setting_int(s, "linear-folds");
  o.device = mst_backend_device(store->backend);
  o.backend = store->backend;
  if (store->class_weight.kind != MST_CLASS_WEIGHT_NONE) o.class_weight = &store->class_weight;
  o.seed = (uint64_t)mst_setting_int(s, "seed");
  o.n_threads = mst_setting_threads(s);
  const char *extra = mst_setting_text(s, o.learner == MST_LEARNER_LIGHTGBM ? "lightgbm" : "xgb");
  if (extra) st = parameters(extra, store, &o.n_extra);
  o.extra = store->extra;
  if (!st) *out = o;
  return st;
}

void mst_model_store_fini(mst_model_store *store) {
  mst_strings_fini(&store->stop_trees);
  mst_strings_fini(&store->stop_linear);
  mst_class_weight_fini(&store->class_weight);
  mst_free(store->extra);
  mst_free(store->extra_text);
  mst_backend_close(store->backend);
  *store = (mst_model_store){0};
}
