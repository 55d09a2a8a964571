/* vectorize_case.c: see the header. */
#include "vectorize_case.h"

#include "features/select.h"

#include <string.h>

#include "misstep/alloc.h"
#include "test_backend.h"

mst_status vectorize_case_strings(const mst_json *array, mst_strings *out) {
  const size_t n = array ? mst_json_size(array) : 0;
  size_t n_bytes = 0, len = 0;
  for (size_t i = 0; i < n; i++) {
    (void)mst_json_string(mst_json_at(array, i), &len);
    n_bytes += len;
  }
  mst_strings s = {.n = (int64_t)n};
  s.bytes = mst_alloc(n_bytes, 1);
  s.start = mst_alloc(n + 1, sizeof *s.start);
  if (!s.bytes || !s.start) {
    mst_strings_fini(&s);
    return MST_E_NOMEM;
  }
  s.start[0] = 0;
  for (size_t i = 0; i < n; i++) {
    const char *text = mst_json_string(mst_json_at(array, i), &len);
    if (len) memcpy(s.bytes + s.start[i], text, len);
    s.start[i + 1] = s.start[i] + (int64_t)len;
  }
  *out = s;
  return MST_OK;
}

static const char *text_of(const mst_json *options, const char *name, const char *absent) {
  const mst_json *value = mst_json_get(options, name);
  if (!value || mst_json_kind_of(value) == MST_JSON_NULL) return absent;
  const char *text = mst_json_string(value, NULL);
  return text ? text : absent;
}

static int64_t int_of(const mst_json *options, const char *name, int64_t absent) {
  const mst_json *value = mst_json_get(options, name);
  if (!value || mst_json_kind_of(value) == MST_JSON_NULL) return absent;
  return mst_json_kind_of(value) == MST_JSON_BOOL ? mst_json_bool(value) : mst_json_int(value);
}

static mst_df_cut cut_of(const mst_json *options, const char *name, mst_df_cut absent) {
  const mst_json *value = mst_json_get(options, name);
  if (!value) return absent;
  return (mst_df_cut){mst_json_kind_of(value) == MST_JSON_REAL, mst_json_number(value)};
}

/* Position of name in a list that ends with NULL; -1 where it is missing. */
static int choice(const char *name, const char *const *names) {
  for (int i = 0; names[i]; i++)
    if (strcmp(name, names[i]) == 0) return i;
  return -1;
}

static mst_idf idf_of(const mst_json *options) {
  if (strcmp(text_of(options, "idf_form", ""), "paper") == 0) return MST_IDF_PAPER;
  if (!int_of(options, "use_idf", 1)) return MST_IDF_NONE;
  return int_of(options, "smooth_idf", 1) ? MST_IDF_SMOOTH : MST_IDF_PLAIN;
}

mst_status vectorize_case_options(const mst_json *options, mst_vectorizer_options *out,
                                  mst_strings *stop_list) {
  static const char *const analyzers[] = {"word", "char", "char_wb", "maths", NULL};
  static const char *const accents[] = {"none", "ascii", "unicode", NULL};
  static const char *const norms[] = {"none", "l1", "l2", NULL};
  mst_vectorizer_options o = mst_vectorizer_options_default();
  const int analyzer = choice(text_of(options, "analyzer", "word"), analyzers);
  const int accent = choice(text_of(options, "strip_accents", "none"), accents);
  const mst_json *norm_value = mst_json_get(options, "norm");
  const int norm = choice(norm_value ? text_of(options, "norm", "none") : "l2", norms);
  if (analyzer < 0 || accent < 0 || norm < 0) return MST_FAIL(MST_E_ARG, "an unknown option value");
  o.token.analyzer = (mst_analyzer)analyzer;
  o.token.strip_accents = (mst_accents)accent;
  o.token.lowercase = (int)int_of(options, "lowercase", 1);
  o.token.token_pattern = text_of(options, "token_pattern", NULL);
  const mst_json *range = mst_json_get(options, "ngram_range");
  if (range) {
    o.ngram_min = (int32_t)mst_json_int(mst_json_at(range, 0));
    o.ngram_max = (int32_t)mst_json_int(mst_json_at(range, 1));
  }
  const mst_json *stop = mst_json_get(options, "stop_words");
  if (stop && mst_json_kind_of(stop) == MST_JSON_ARRAY) {
    const mst_status st = vectorize_case_strings(stop, stop_list);
    if (st) return st;
    o.stop_words = "list";
    o.stop_list = stop_list;
  } else {
    o.stop_words = text_of(options, "stop_words", NULL);
  }
  o.min_df = cut_of(options, "min_df", o.min_df);
  o.max_df = cut_of(options, "max_df", o.max_df);
  o.max_features = int_of(options, "max_features", 0);
  o.binary = (int)int_of(options, "binary", 0);
  if (int_of(options, "sublinear_tf", 0)) o.tf = MST_TF_SUBLINEAR;
  if (int_of(options, "relative_tf", 0)) o.tf = MST_TF_RELATIVE;
  o.idf = idf_of(options);
  o.norm = (mst_norm)norm;
  if (strcmp(text_of(options, "dtype", "float64"), "float32") == 0) o.dtype = MST_FLOAT32;
  *out = o;
  return MST_OK;
}

static mst_json *int64_array(const int64_t *values, int64_t n) {
  mst_json *array = mst_json_new_array();
  for (int64_t i = 0; array && i < n; i++)
    if (mst_json_append(array, mst_json_new_int(values[i]))) break;
  return array;
}

static mst_json *matrix_json(const mst_csr *counts, const mst_csr *x) {
  mst_json *indices = mst_json_new_array(), *data = mst_json_new_array();
  mst_json *count = mst_json_new_array(), *matrix = mst_json_new_object();
  mst_json *count_indices = mst_json_new_array();
  for (int64_t e = 0; e < x->row_ptr[x->n_rows]; e++) {
    const double val =
        x->dtype == MST_FLOAT64 ? ((const double *)x->val)[e] : (double)((const float *)x->val)[e];
    (void)mst_json_append(indices, mst_json_new_int(x->col[e]));
    (void)mst_json_append(data, mst_json_new_real(val));
  }
  for (int64_t e = 0; e < counts->row_ptr[counts->n_rows]; e++) {
    (void)mst_json_append(count_indices, mst_json_new_int(counts->col[e]));
    (void)mst_json_append(count, mst_json_new_int(((const int32_t *)counts->val)[e]));
  }
  (void)mst_json_set(matrix, "indptr", int64_array(x->row_ptr, x->n_rows + 1));
  (void)mst_json_set(matrix, "indices", indices);
  (void)mst_json_set(matrix, "data", data);
  (void)mst_json_set(matrix, "count_indptr", int64_array(counts->row_ptr, counts->n_rows + 1));
  (void)mst_json_set(matrix, "count_indices", count_indices);
  (void)mst_json_set(matrix, "counts", count);
  return matrix;
}

static void add_vocabulary(mst_json *result, const mst_vectorizer *v) {
  const int64_t n = mst_vectorizer_n_terms(v);
  const mst_strings *terms = mst_vectorizer_terms(v);
  mst_json *names = mst_json_new_array(), *idf = mst_json_new_array();
  for (int64_t t = 0; t < n; t++) {
    const mst_slice s = mst_strings_at(terms, t);
    (void)mst_json_append(names, mst_json_new_bytes(s.ptr, (size_t)s.len));
    (void)mst_json_append(idf, mst_json_new_real(mst_vectorizer_idf(v)[t]));
  }
  (void)mst_json_set(result, "terms", names);
  (void)mst_json_set(result, "idf", idf);
  (void)mst_json_set(result, "df", int64_array(mst_vectorizer_doc_freq(v), n));
  (void)mst_json_set(result, "tf", int64_array(mst_vectorizer_term_freq(v), n));
}

/* Chi-squared of the counts against the classes 0, 1, 2, 0, 1, 2, ... */
static mst_status add_chi2(mst_json *result, const mst_csr *counts, mst_backend *backend) {
  int32_t *label = mst_alloc((size_t)counts->n_rows, sizeof *label);
  double *score = mst_alloc((size_t)counts->n_cols, sizeof *score);
  mst_json *array = mst_json_new_array();
  mst_status st = label && score && array ? MST_OK : MST_E_NOMEM;
  for (int64_t d = 0; !st && d < counts->n_rows; d++) label[d] = (int32_t)(d % 3);
  if (!st) st = mst_select_chi2(backend, counts, label, 3, score);
  for (int64_t t = 0; !st && t < counts->n_cols; t++)
    st = mst_json_append(array, mst_json_new_real(score[t]));
  (void)mst_json_set(result, "chi2", array);
  mst_free(label);
  mst_free(score);
  return st;
}

/* Fit on some texts, transform others, and put everything into result. */
static mst_status run(const mst_vectorizer_options *options, const mst_strings *fit,
                      const mst_strings *other, int n_threads, mst_json *result) {
  const mst_text fit_text = {fit->n, fit->bytes, fit->start};
  const mst_text other_text = {other->n, other->bytes, other->start};
  mst_corpus *fit_corpus = NULL, *other_corpus = NULL;
  mst_vectorizer *v = NULL;
  mst_csr counts = {0}, x = {0};
  mst_backend *backend = mst_test_backend(n_threads);
  mst_status st = mst_corpus_create(backend, &fit_text, &fit_corpus);
  if (!st) st = mst_corpus_create(backend, &other_text, &other_corpus);
  if (!st) st = mst_vectorizer_fit(options, fit_corpus, NULL, 0, &v, &counts, &x);
  if (!st) {
    add_vocabulary(result, v);
    (void)mst_json_set(result, "fit", matrix_json(&counts, &x));
    if (counts.n_rows >= 3) st = add_chi2(result, &counts, backend);
    mst_csr_fini(&counts);
    mst_csr_fini(&x);
    if (!st) st = mst_vectorizer_transform(v, other_corpus, NULL, 0, &counts, &x);
  }
  if (!st) (void)mst_json_set(result, "transform", matrix_json(&counts, &x));
  mst_csr_fini(&counts);
  mst_csr_fini(&x);
  mst_vectorizer_free(v);
  mst_corpus_free(fit_corpus);
  mst_corpus_free(other_corpus);
  return st;
}

mst_status vectorize_case(const mst_json *the_case, mst_json **result) {
  mst_strings fit = {0}, other = {0}, stop_list = {0};
  mst_vectorizer_options options;
  mst_json *r = NULL;
  mst_status st = vectorize_case_options(mst_json_get(the_case, "options"), &options, &stop_list);
  if (!st) st = vectorize_case_strings(mst_json_get(the_case, "fit"), &fit);
  if (!st) st = vectorize_case_strings(mst_json_get(the_case, "transform"), &other);
  if (!st) {
    const mst_json *threads = mst_json_get(the_case, "threads");
    r = mst_json_new_object();
    st = r ? run(&options, &fit, &other, threads ? (int)mst_json_int(threads) : 1, r) : MST_E_NOMEM;
    if (r && st) {
      (void)mst_json_set(r, "error", mst_json_new_string(mst_status_name(st)));
      (void)mst_json_set(r, "message", mst_json_new_string(mst_error_last()->message));
      st = MST_OK;
    }
  }
  if (!st) *result = r;
  mst_strings_fini(&fit);
  mst_strings_fini(&other);
  mst_strings_fini(&stop_list);
  return st;
}
