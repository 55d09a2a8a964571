/* vectorizer.c: the fitted vocabulary itself: made from parts, cut, asked, freed. */
#include <math.h>
#include <string.h>

#include "features/internal.h"

/* Copy of a C string or NULL; *failed is set where there is no memory. */
static char *copy_text(const char *text, int *failed) {
  if (!text) return NULL;
  const size_t n = strlen(text) + 1;
  char *copy = mst_alloc(n, 1);
  if (copy) memcpy(copy, text, n);
  else *failed = 1;
  return copy;
}

mst_status mst__vectorizer_new(const mst_vectorizer_options *options, mst_vectorizer **out) {
  mst_vectorizer *v = mst_alloc_zero(1, sizeof *v);
  if (!v) return MST_E_NOMEM;
  int failed = 0;
  v->options = *options;
  v->options.token.token_pattern = v->token_pattern =
      copy_text(options->token.token_pattern, &failed);
  v->options.stop_words = v->stop_words = copy_text(options->stop_words, &failed);
  v->options.stop_list = NULL;
  mst_status st = failed ? MST_E_NOMEM : MST_OK;
  if (!st && options->stop_list) {
    st = mst__strings_copy(options->stop_list, &v->stop_list);
    v->options.stop_list = &v->stop_list;
  }
  if (st) mst_vectorizer_free(v);
  else *out = v;
  return st;
}

void mst_vectorizer_free(mst_vectorizer *v) {
  if (!v) return;
  mst__index_free(atomic_load(&v->index));
  mst_free(v->token_pattern);
  mst_free(v->stop_words);
  mst_strings_fini(&v->stop_list);
  mst_strings_fini(&v->terms);
  mst_free(v->idf);
  mst_free(v->doc_freq);
  mst_free(v->term_freq);
  mst_free(v);
}

/* Logarithms are taken here, on the host, in double; kernels get the table. */
static double idf_of(mst_idf form, int64_t n_docs, int64_t doc_freq) {
  const double d = (double)n_docs, df = (double)doc_freq;
  switch (form) {
  case MST_IDF_SMOOTH: return log((1.0 + d) / (1.0 + df)) + 1.0;
  case MST_IDF_PLAIN: return log(d / df) + 1.0;
  case MST_IDF_PAPER: return log(d / (1.0 + df));
  case MST_IDF_NONE: break;
  }
  return 1.0;
}

void mst__vectorizer_seek_zero(mst_vectorizer *v) {
  v->has_zero_idf = 0;
  for (int64_t t = 0; t < v->terms.n && !v->has_zero_idf; t++) v->has_zero_idf = v->idf[t] == 0.0;
}

mst_status mst__vectorizer_weigh_terms(mst_vectorizer *v) {
  enum { RARE = 256 }; /* nearly all terms of a large vocabulary: one logarithm for all alike */
  double rare[RARE];
  double *idf = mst_alloc((size_t)v->terms.n, sizeof *idf);
  if (!idf) return MST_E_NOMEM;
  for (int64_t df = 0; df < RARE; df++) rare[df] = idf_of(v->options.idf, v->n_docs, df);
  for (int64_t t = 0; t < v->terms.n; t++) {
    const int64_t df = v->doc_freq[t];
    idf[t] = df >= 0 && df < RARE ? rare[df] : idf_of(v->options.idf, v->n_docs, df);
  }
  mst_free(v->idf);
  v->idf = idf;
  mst__vectorizer_seek_zero(v);
  return MST_OK;
}

static mst_status check_terms(const mst_strings *terms) {
  if (terms->n > INT32_MAX) return MST_FAIL(MST_E_FORMAT, "more than 2^31-1 terms");
  for (int64_t t = 1; t < terms->n; t++)
    if (mst_slice_compare(mst_strings_at(terms, t - 1), mst_strings_at(terms, t)) >= 0) {
      const mst_slice s = mst_strings_at(terms, t);
      return MST_FAIL(MST_E_FORMAT, "term %lld (%.*s) is not above the one before it", (long long)t,
                      (int)(s.len < 80 ? s.len : 80), (const char *)s.ptr);
    }
  return MST_OK;
}

/* A copy of n numbers, or zeros where there are none. NULL: no memory. */
static void *copy_numbers(const void *from, int64_t n, size_t size) {
  void *to = mst_alloc_zero((size_t)n, size);
  if (to && from && n) memcpy(to, from, (size_t)n * size);
  return to;
}

mst_status mst_vectorizer_create(const mst_vectorizer_options *options, const mst_strings *terms,
                                 const double *idf, const int64_t *doc_freq,
                                 const int64_t *term_freq, int64_t n_docs, mst_vectorizer **out) {
  mst_status st = mst__options_check(options);
  if (!st && !idf && !doc_freq)
    st = MST_FAIL(MST_E_ARG, "a vocabulary needs idf or document frequencies");
  if (!st) st = check_terms(terms);
  mst_vectorizer *v = NULL;
  if (!st) st = mst__vectorizer_new(options, &v);
  if (!st) st = mst__strings_copy(terms, &v->terms);
  if (st) goto failed;
  v->n_docs = n_docs;
  v->doc_freq = copy_numbers(doc_freq, terms->n, sizeof *v->doc_freq);
  v->term_freq = copy_numbers(term_freq, terms->n, sizeof *v->term_freq);
  if (idf) v->idf = copy_numbers(idf, terms->n, sizeof *v->idf);
  if (!v->doc_freq || !v->term_freq || (idf && !v->idf)) st = MST_E_NOMEM;
  if (!st && idf) mst__vectorizer_seek_zero(v);
  else if (!st) st = mst__vectorizer_weigh_terms(v);
  if (st) goto failed;
  *out = v;
  return MST_OK;
failed:
  mst_vectorizer_free(v);
  return st;
}

mst_status mst_vectorizer_take(mst_vectorizer *v, const int32_t *ids, int64_t n_ids) {
  for (int64_t i = 0; i < n_ids; i++)
    if (ids[i] < 0 || ids[i] >= v->terms.n || (i && ids[i] <= ids[i - 1]))
      return MST_FAIL(MST_E_ARG, "term %d is out of order or beyond %lld", ids[i],
                      (long long)v->terms.n);
  mst_strings terms;
  const mst_status st = mst__strings_take(&v->terms, ids, n_ids, &terms);
  if (st) return st;
  mst_strings_fini(&v->terms);
  v->terms = terms;
  for (int64_t i = 0; i < n_ids; i++) {
    v->idf[i] = v->idf[ids[i]];
    v->doc_freq[i] = v->doc_freq[ids[i]];
    v->term_freq[i] = v->term_freq[ids[i]];
  }
  mst__vectorizer_seek_zero(v);
  mst__index_free(atomic_exchange(&v->index, NULL));
  return MST_OK;
}

int64_t mst_vectorizer_n_terms(const mst_vectorizer *v) { return v->terms.n; }
int64_t mst_vectorizer_n_docs(const mst_vectorizer *v) { return v->n_docs; }
const mst_strings *mst_vectorizer_terms(const mst_vectorizer *v) { return &v->terms; }
const double *mst_vectorizer_idf(const mst_vectorizer *v) { return v->idf; }
const int64_t *mst_vectorizer_doc_freq(const mst_vectorizer *v) { return v->doc_freq; }
const int64_t *mst_vectorizer_term_freq(const mst_vectorizer *v) { return v->term_freq; }
const mst_vectorizer_options *mst_vectorizer_options_view(const mst_vectorizer *v) {
  return &v->options;
}
