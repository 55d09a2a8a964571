/* vectorize.c: misstep vectorize and misstep vocabulary: the features alone. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/data.h"
#include "cli/terminal.h"
#include "features/vectorizer.h"
#include "features/vocabulary.h"
#include "files/folder.h"
#include "files/npy.h"
#include "misstep/alloc.h"

static mst_status output_path(const mst_settings *s, const char **path) {
  *path = mst_setting_text(s, "output");
  return *path ? MST_OK : MST_FAIL(MST_E_ARG, "-o FILE is missing: where does the result go?");
}

static int ends_with(const char *text, const char *end) {
  const size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

/* The format of the matrix follows from its name, as with numpy.save and dump_svmlight_file. */
static mst_status matrix_format(const char *path, int *svmlight) {
  *svmlight = ends_with(path, ".svm") || ends_with(path, ".svmlight") || ends_with(path, ".libsvm");
  if (*svmlight || ends_with(path, ".npz")) return MST_OK;
  return MST_FAIL(MST_E_ARG,
                  "-o %s: a name that ends in .npz (SciPy) or .svm (svmlight) is expected", path);
}

static mst_status write_terms(const mst_settings *s, const mst_strings *terms) {
  const char *path = mst_setting_text(s, "terms");
  if (!path) return MST_OK;
  mst_json *list = mst_json_new_array();
  char *text = NULL;
  size_t n = 0;
  mst_status st = list ? MST_OK : MST_E_NOMEM;
  for (int64_t v = 0; !st && v < terms->n; v++) {
    const mst_slice term = mst_strings_at(terms, v);
    st = mst_json_append(list, mst_json_new_bytes(term.ptr, (size_t)term.len));
  }
  if (!st) st = mst_json_dump(list, 0, &text, &n);
  if (!st) st = mst_file_write(path, mst_setting_on(s, "force"), text, n);
  mst_free(text);
  mst_json_free(list);
  return st;
}

/* Labels for svmlight: class numbers where the column exists, else zeros. */
static mst_status write_matrix(const mst_settings *s, mst_data *data, const mst_csr *x,
                               mst_output *out, int svmlight) {
  const char *label = mst_setting_text(s, "label-column");
  mst_strings names = {0};
  mst_status st = MST_OK;
  if (!svmlight) return mst_npz_write_csr(mst_output_path(out), x, 0);
  if (mst_records_col(data->records, label) >= 0 || mst_setting_given(s, "label-column"))
    st = mst_data_label(data, label, &names);
  if (!st) st = mst_svmlight_write(mst_output_path(out), x, data->label);
  mst_strings_fini(&names);
  return st;
}

static mst_status fit_or_load(const mst_settings *s, const mst_vectorizer_options *options,
                              mst_corpus *corpus, mst_vectorizer **v, mst_csr *x) {
  const char *path = mst_setting_text(s, "vocabulary");
  if (!path)
    return mst_vectorizer_fit(options, corpus, NULL, mst_corpus_n_docs(corpus), v, NULL, x);
  mst_status st = mst_terminal_input(mst_vocabulary_vectorizer(path, options, v));
  return st ? st : mst_vectorizer_transform(*v, corpus, NULL, mst_corpus_n_docs(corpus), NULL, x);
}

mst_status mst_command_vectorize(const mst_settings *s) {
  const char *path;
  int svmlight = 0;
  mst_backend *backend = NULL;
  mst_data data = {0};
  mst_strings stop_list = {0};
  mst_corpus *corpus = NULL;
  mst_vectorizer *v = NULL;
  mst_csr x = {0};
  mst_output *out = NULL;
  mst_vectorizer_options options;
  const double began = mst_terminal_now();
  mst_status st = output_path(s, &path);
  if (!st) st = matrix_format(path, &svmlight);
  if (!st) st = mst_setting_backend(s, &backend);
  if (!st) st = mst_setting_vectorizer(s, "", &stop_list, &options);
  options.dtype = mst_setting_is(s, "dtype", "float32") ? MST_FLOAT32 : MST_FLOAT64;
  if (!st) st = mst_output_open(path, 0, mst_setting_on(s, "force"), &out);
  if (!st) st = mst_data_read(s->positional[0], s, mst_setting_text(s, "text-column"), &data);
  if (!st) st = mst_corpus_create(backend, &data.text, &corpus);
  if (!st) st = fit_or_load(s, &options, corpus, &v, &x);
  if (!st && (st = write_matrix(s, &data, &x, out, svmlight)) == MST_E_IO)
    (void)mst_error_prefix(st, "%s", path);
  if (!st) st = write_terms(s, mst_vectorizer_terms(v));
  if (!st) st = mst_output_commit(out);
  if (!st)
    mst_terminal_note("%s: %lld x %lld, %lld entries, %.2f s", path, (long long)x.n_rows,
                      (long long)x.n_cols, (long long)x.row_ptr[x.n_rows],
                      mst_terminal_now() - began);
  mst_output_close(out);
  mst_csr_fini(&x);
  mst_vectorizer_free(v);
  mst_corpus_free(corpus);
  mst_backend_close(backend);
  mst_strings_fini(&stop_list);
  mst_data_fini(&data);
  return st;
}

/* Cuts come after a merge: a file of counts is unpruned. */
static mst_status refuse_cuts(const mst_settings *s) {
  static const char *const cuts[] = {"min-df", "max-df", "max-features"};
  for (int i = 0; i < 3; i++)
    if (mst_setting_given(s, cuts[i]))
      return MST_FAIL(MST_E_ARG,
                      "--%s: a vocabulary file holds all counts; give cuts to misstep vectorize "
                      "--vocabulary",
                      cuts[i]);
  return MST_OK;
}

static mst_status count_file(const mst_settings *s, mst_backend *backend, const char *path) {
  mst_data data = {0};
  mst_strings stop_list = {0};
  mst_corpus *corpus = NULL;
  mst_vectorizer *v = NULL;
  mst_vectorizer_options options;
  if (s->n_positional != 1)
    return MST_FAIL(MST_E_ARG, "one file at a time; --merge joins vocabularies");
  mst_status st = refuse_cuts(s);
  if (!st) st = mst_setting_vectorizer(s, "", &stop_list, &options);
  if (!st) st = mst_data_read(s->positional[0], s, mst_setting_text(s, "text-column"), &data);
  if (!st) st = mst_corpus_create(backend, &data.text, &corpus);
  if (!st)
    st = mst_vectorizer_fit(&options, corpus, NULL, mst_corpus_n_docs(corpus), &v, NULL, NULL);
  if (!st) st = mst_vocabulary_save(v, path, mst_setting_on(s, "force"));
  if (!st)
    mst_terminal_note("%s: %lld terms of %lld documents", path,
                      (long long)mst_vectorizer_n_terms(v), (long long)mst_vectorizer_n_docs(v));
  mst_vectorizer_free(v);
  mst_corpus_free(corpus);
  mst_strings_fini(&stop_list);
  mst_data_fini(&data);
  return st;
}

mst_status mst_command_vocabulary(const mst_settings *s) {
  const char *path;
  mst_backend *backend = NULL;
  mst_status st = output_path(s, &path);
  if (!st) st = mst_setting_backend(s, &backend);
  if (!st && !mst_setting_on(s, "merge")) {
    st = count_file(s, backend, path);
  } else if (!st) {
    st = mst_vocabulary_merge((const char *const *)s->positional, s->n_positional, path,
                              mst_setting_on(s, "force"));
    if (!st) mst_terminal_note("%s: %d vocabularies merged", path, s->n_positional);
  }
  mst_backend_close(backend);
  return st;
}
