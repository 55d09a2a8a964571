/* vectorizer.h: token streams to TF-IDF matrices, with scikit-learn's options and results.
 *
 * In: a corpus (tokenised once, shared by any number of vectorizers) and the rows to use.
 * Out: a fitted vocabulary with document frequencies, and CSR matrices. Next stage: selection,
 * linear fits, XGBoost.
 */
#ifndef MISSTEP_VECTORIZER_H
#define MISSTEP_VECTORIZER_H

#include <stdint.h>

#include "misstep/backend.h"
#include "misstep/csr.h"
#include "misstep/status.h"
#include "misstep/text.h"
#include "misstep/tokens.h"

typedef enum mst_norm { MST_NORM_NONE, MST_NORM_L1, MST_NORM_L2 } mst_norm;
typedef enum mst_tf { MST_TF_COUNT, MST_TF_SUBLINEAR, MST_TF_RELATIVE } mst_tf;
typedef enum mst_idf { MST_IDF_NONE, MST_IDF_SMOOTH, MST_IDF_PLAIN, MST_IDF_PAPER } mst_idf;

/* A document-frequency cut: a count, or a share of the documents (scikit-learn tells them apart by
 * type; here by is_fraction). A share is not rounded. */
typedef struct mst_df_cut {
  int is_fraction;
  double value;
} mst_df_cut;

/* All options of the vectorizer; the comment names the command-line flag. */
typedef struct mst_vectorizer_options {
  mst_token_options token; /* --analyzer --lowercase --strip-accents --token-pattern */
  int32_t ngram_min;       /* --ngram-range, 1 .. ngram_max */
  int32_t ngram_max;       /* at most 16 */
  /* --stop-words: NULL, "english", or "list" with stop_list set. Borrowed. */
  const char *stop_words;
  const mst_strings *stop_list; /* borrowed; read only while fitting and transforming */
  mst_df_cut min_df;            /* --min-df */
  mst_df_cut max_df;            /* --max-df */
  int64_t max_features; /* --max-features, 0: no cut. Ties: the term that sorts first stays. */
  int binary;           /* --binary */
  mst_tf tf;            /* COUNT; SUBLINEAR --sublinear-tf: 1 + ln(count); RELATIVE: count / sum of
                               the row's counts over the vocabulary (the paper's TF) */
  mst_idf idf;          /* SMOOTH: ln((1+D)/(1+df)) + 1; PLAIN: ln(D/df) + 1; NONE: 1;
                               PAPER: ln(D/(1+df)), entries of weight 0 are left out */
  mst_norm norm;        /* --norm */
  mst_dtype dtype;      /* --dtype MST_FLOAT32 or MST_FLOAT64 (scikit-learn's default) */
} mst_vectorizer_options;

/* scikit-learn's defaults: word, 1..1, min_df 1, max_df 1.0, COUNT, SMOOTH, L2, float64. */
mst_vectorizer_options mst_vectorizer_options_default(void);

/* A corpus cut into pieces once; analysed token streams are made on first use and kept, so that
 * vectorizers that share token options share the stream. Not for use by two threads at once. */
typedef struct mst_corpus mst_corpus;

/* Tokenise text on a backend, which also does the work of the vectorizers that use the corpus, and
 * is closed after it is freed. The text is not needed afterwards. Backends that are joined
 * (backend.h) have contiguous documents of about as many bytes each, and work side by side; every
 * result is that of one backend. MST_E_NOMEM, MST_E_LIMIT, MST_E_DEVICE. */
mst_status mst_corpus_create(mst_backend *backend, const mst_text *text, mst_corpus **out);

/* The same of documents that are pieces already (augment.h makes such).
 *   pieces  in the host's memory or at the backend's home, taken over on success alone; spellings
 *           that do not occur are left out. The result is that of mst_corpus_create for the
 *           documents' texts.
 * MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst_corpus_take(mst_backend *backend, mst_pieces *pieces, mst_corpus **out);
void mst_corpus_free(mst_corpus *corpus);
int64_t mst_corpus_n_docs(const mst_corpus *corpus);

/* A fitted vocabulary: V terms in code-point order, their document and term frequencies. */
typedef struct mst_vectorizer mst_vectorizer;

/* Fit a vocabulary on some rows of a corpus and, if out is not NULL, weigh those rows too (cheaper
 * than fit and transform one after the other, same bytes).
 *
 *   rows     [n_rows] document numbers, or NULL for all
 *   counts   NULL, or receives the [n_rows x V] counts (MST_INT32) of the kept terms
 *   x        NULL, or receives the [n_rows x V] weights of options->dtype
 *
 * MST_E_ARG: min_df above max_df ("max_df corresponds to < documents than min_df"), a bad n-gram
 * range, no terms left ("After pruning, no terms remain. Try a lower min_df or a higher max_df."),
 * a bad token_pattern. MST_E_FORMAT: "empty vocabulary; perhaps the documents only contain stop
 * words". MST_E_NOMEM, MST_E_LIMIT, MST_E_DEVICE, MST_E_CANCELLED.
 * Exact: integers and order equal scikit-learn's; weights are double, rounded once to dtype; the
 * same bytes on any backend, for any number of threads. */
mst_status mst_vectorizer_fit(const mst_vectorizer_options *options, mst_corpus *corpus,
                              const int64_t *rows, int64_t n_rows, mst_vectorizer **out,
                              mst_csr *counts, mst_csr *x);

/* Weigh rows of a corpus with a fitted vocabulary; unknown terms are ignored. counts and x as
 * above, either may be NULL. A row's result depends on that row alone. */
mst_status mst_vectorizer_transform(const mst_vectorizer *v, mst_corpus *corpus,
                                    const int64_t *rows, int64_t n_rows, mst_csr *counts,
                                    mst_csr *x);

/* Keep only the terms ids (strictly rising): afterwards V is n_ids. Norms are then taken over the
 * kept terms. MST_E_ARG, MST_E_NOMEM. */
mst_status mst_vectorizer_take(mst_vectorizer *v, const int32_t *ids, int64_t n_ids);

void mst_vectorizer_free(mst_vectorizer *v);

/* The sublinear term frequency, 1 + ln(count), of every count up to longest; of 0 it is 0.
 *   *out  [longest + 1], by mst_free
 * MST_E_NOMEM. */
mst_status mst_tf_table(int64_t longest, double **out);

/* V, and the parts of the vocabulary; all borrowed, valid until it is changed or freed. */
int64_t mst_vectorizer_n_terms(const mst_vectorizer *v);
int64_t mst_vectorizer_n_docs(const mst_vectorizer *v);           /* documents seen by the fit */
const mst_strings *mst_vectorizer_terms(const mst_vectorizer *v); /* [V] in code-point order */
const double *mst_vectorizer_idf(const mst_vectorizer *v);        /* [V] */
const int64_t *mst_vectorizer_doc_freq(const mst_vectorizer *v);  /* [V] */
const int64_t *mst_vectorizer_term_freq(const mst_vectorizer *v); /* [V] occurrences in the fit */
const mst_vectorizer_options *mst_vectorizer_options_view(const mst_vectorizer *v);

/* Rebuild a fitted vectorizer from its parts (a loaded model, a vocabulary file).
 *   terms  copied, sorted and distinct, else MST_E_FORMAT
 *   idf    [V], or NULL: computed from doc_freq and n_docs
 *   doc_freq, term_freq  [V]; term_freq may be NULL (zeros); doc_freq may be NULL if idf is given
 * options' borrowed strings are copied. MST_E_NOMEM, MST_E_FORMAT, MST_E_ARG. */
mst_status mst_vectorizer_create(const mst_vectorizer_options *options, const mst_strings *terms,
                                 const double *idf, const int64_t *doc_freq,
                                 const int64_t *term_freq, int64_t n_docs, mst_vectorizer **out);

#endif
