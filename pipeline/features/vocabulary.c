/* vocabulary.c: writing vocabulary files, adding them up, and making vectorizers of them. */
#include "features/vocabulary.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "features/vocabulary_file.h"
#include "files/folder.h"

/* Write a value and a newline. */
static mst_status write_line(FILE *file, const mst_json *value) {
  char *text = NULL;
  size_t n = 0;
  mst_status st = value ? mst_json_dump(value, 0, &text, &n) : MST_E_NOMEM;
  if (!st && (fwrite(text, 1, n, file) != n || putc('\n', file) == EOF))
    st = MST_FAIL(MST_E_IO, "%s", strerror(errno));
  mst_free(text);
  return st;
}

static mst_status write_term(FILE *file, mst_slice term, int64_t doc_freq, int64_t term_freq) {
  mst_json *line = mst_json_new_array();
  mst_status st = line ? MST_OK : MST_E_NOMEM;
  if (!st) st = mst_json_append(line, mst_json_new_bytes(term.ptr, (size_t)term.len));
  if (!st) st = mst_json_append(line, mst_json_new_int(doc_freq));
  if (!st) st = mst_json_append(line, mst_json_new_int(term_freq));
  if (!st) st = write_line(file, line);
  mst_json_free(line);
  return st;
}

static mst_status write_file(const char *path, int force, const mst_json *header,
                             const mst_strings *terms, const int64_t *doc_freq,
                             const int64_t *term_freq) {
  mst_output *output = NULL;
  mst_status st = mst_output_open(path, 0, force, &output);
  if (st) return st;
  FILE *file = fopen(mst_output_path(output), "wb");
  if (!file) st = MST_FAIL(MST_E_IO, "%s", strerror(errno));
  if (!st) st = write_line(file, header);
  for (int64_t t = 0; !st && t < terms->n; t++)
    st = write_term(file, mst_strings_at(terms, t), doc_freq[t], term_freq[t]);
  if (file && fclose(file) != 0 && !st) st = MST_FAIL(MST_E_IO, "%s", strerror(errno));
  if (st == MST_E_IO) st = mst_error_prefix(st, "%s", path);
  if (!st) st = mst_output_commit(output);
  mst_output_close(output);
  return st;
}

mst_status mst_vocabulary_save(const mst_vectorizer *v, const char *path, int force) {
  const mst_vectorizer_options *o = &v->options;
  const double low = o->min_df.is_fraction ? 0.0 : 1.0, high = 1.0;
  if (o->max_features || o->min_df.value > low || !o->max_df.is_fraction || o->max_df.value < high)
    return MST_FAIL(MST_E_ARG, "a vocabulary file holds all terms: fit without min_df, max_df and "
                               "max_features, and cut when it is used");
  mst_json *header = mst__vocabulary_header(o, v->n_docs);
  const mst_status st =
      header ? write_file(path, force, header, &v->terms, v->doc_freq, v->term_freq) : MST_E_NOMEM;
  mst_json_free(header);
  return st;
}

/* The options of two files must be the same values. */
static mst_status check_options(const mst_json *a, const char *path_a, const mst_json *b,
                                const char *path_b) {
  mst_status st = MST_OK;
  for (int i = 0; !st && mst__vocabulary_options[i]; i++) {
    const char *name = mst__vocabulary_options[i];
    const mst_json *x = mst_json_get(a, name), *y = mst_json_get(b, name);
    char *text_x = NULL, *text_y = NULL;
    size_t n;
    if (!x || !y) return MST_FAIL(MST_E_FORMAT, "%s:1: %s is missing", x ? path_b : path_a, name);
    st = mst_json_dump(x, 0, &text_x, &n);
    if (!st) st = mst_json_dump(y, 0, &text_y, &n);
    if (!st && strcmp(text_x, text_y) != 0)
      st = MST_FAIL(MST_E_FORMAT, "%s:1: %s is %.200s, but %.200s in %s", path_b, name, text_y,
                    text_x, path_a);
    mst_free(text_x);
    mst_free(text_y);
  }
  return st;
}

static void append_term(mst__vocabulary *to, mst_slice term, int64_t doc_freq, int64_t term_freq) {
  const int64_t t = to->terms.n++;
  if (term.len) memcpy(to->terms.bytes + to->terms.start[t], term.ptr, (size_t)term.len);
  to->terms.start[t + 1] = to->terms.start[t] + term.len;
  to->doc_freq[t] = doc_freq;
  to->term_freq[t] = term_freq;
}

/* Replace a by the sum of a and b; both are sorted. a keeps its header. */
static mst_status add_vocabulary(mst__vocabulary *a, const mst__vocabulary *b) {
  const size_t n = (size_t)(a->terms.n + b->terms.n);
  mst__vocabulary sum = {.n_docs = a->n_docs + b->n_docs};
  sum.terms.bytes = mst_alloc((size_t)(a->terms.start[a->terms.n] + b->terms.start[b->terms.n]), 1);
  sum.terms.start = mst_alloc(n + 1, sizeof *sum.terms.start);
  sum.doc_freq = mst_alloc(n, sizeof *sum.doc_freq);
  sum.term_freq = mst_alloc(n, sizeof *sum.term_freq);
  if (!sum.terms.bytes || !sum.terms.start || !sum.doc_freq || !sum.term_freq) {
    mst__vocabulary_fini(&sum);
    return MST_E_NOMEM;
  }
  sum.terms.start[0] = 0;
  for (int64_t i = 0, j = 0; i < a->terms.n || j < b->terms.n;) {
    const int order = i == a->terms.n   ? 1
                      : j == b->terms.n ? -1
                                        : mst_slice_compare(mst_strings_at(&a->terms, i),
                                                            mst_strings_at(&b->terms, j));
    if (order < 0) append_term(&sum, mst_strings_at(&a->terms, i), a->doc_freq[i], a->term_freq[i]);
    else if (order > 0)
      append_term(&sum, mst_strings_at(&b->terms, j), b->doc_freq[j], b->term_freq[j]);
    else
      append_term(&sum, mst_strings_at(&a->terms, i), a->doc_freq[i] + b->doc_freq[j],
                  a->term_freq[i] + b->term_freq[j]);
    i += order <= 0;
    j += order >= 0;
  }
  sum.header = a->header;
  a->header = NULL;
  mst__vocabulary_fini(a);
  *a = sum;
  return MST_OK;
}

mst_status mst_vocabulary_merge(const char *const *paths, int32_t n_paths, const char *path,
                                int force) {
  if (n_paths < 1) return MST_FAIL(MST_E_ARG, "nothing to merge");
  mst__vocabulary all = {0};
  mst_status st = mst__vocabulary_read(paths[0], &all);
  for (int32_t i = 1; !st && i < n_paths; i++) {
    mst__vocabulary next = {0};
    st = mst__vocabulary_read(paths[i], &next);
    if (!st) st = check_options(all.header, paths[0], next.header, paths[i]);
    if (!st) st = add_vocabulary(&all, &next);
    mst__vocabulary_fini(&next);
  }
  if (!st) st = mst_json_set(all.header, "documents", mst_json_new_int(all.n_docs));
  if (!st) st = write_file(path, force, all.header, &all.terms, all.doc_freq, all.term_freq);
  mst__vocabulary_fini(&all);
  return st;
}

/* Cut by the options, then make the vectorizer. */
static mst_status cut_and_create(mst__vocabulary *voc, const mst_vectorizer_options *options,
                                 mst_vectorizer **out) {
  int32_t *map = NULL, *ids = NULL;
  int64_t n_ids = 0;
  mst_vectorizer *v = NULL;
  mst_status st = MST_OK;
  if (voc->terms.n == 0)
    st = MST_FAIL(MST_E_FORMAT, "empty vocabulary; perhaps the documents only contain stop words");
  if (!st)
    st = mst__cut_terms(options, voc->doc_freq, voc->term_freq, voc->terms.n, voc->n_docs, &map,
                        &ids, &n_ids);
  if (!st)
    st = mst_vectorizer_create(options, &voc->terms, NULL, voc->doc_freq, voc->term_freq,
                               voc->n_docs, &v);
  if (!st && ids) st = mst_vectorizer_take(v, ids, n_ids);
  mst_free(map);
  mst_free(ids);
  if (st) mst_vectorizer_free(v);
  else *out = v;
  return st;
}

mst_status mst_vocabulary_vectorizer(const char *path, const mst_vectorizer_options *options,
                                     mst_vectorizer **out) {
  mst_vectorizer_options o = *options;
  mst_strings stop_list = {0};
  mst__vocabulary voc = {0};
  mst_status st = mst__vocabulary_read(path, &voc);
  if (!st) {
    st = mst__vocabulary_apply(voc.header, &o, &stop_list);
    if (st == MST_E_FORMAT) st = mst_error_prefix(st, "%s:1", path);
  }
  if (!st) st = mst__options_check(&o);
  if (!st) st = cut_and_create(&voc, &o, out);
  mst_strings_fini(&stop_list);
  mst__vocabulary_fini(&voc);
  return st;
}
