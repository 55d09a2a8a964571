/* internal.h: what the files of features share: the fitted vocabulary, the stream of units that an
 * option set sees, and maps from strings to numbers.
 */
#ifndef MISSTEP_FEATURES_INTERNAL_H
#define MISSTEP_FEATURES_INTERNAL_H

#include <stdatomic.h>

#include "features/vectorizer.h"
#include "misstep/alloc.h"
#include "misstep/counts.h"

/* Distinct strings with numbers 0, 1, ... in the order in which they were added. Owns its bytes. */
typedef struct mst__string_map {
  mst_buffer bytes;
  int64_t *start; /* [capacity + 1] */
  int32_t n;
  int32_t *slot; /* [mask + 1] number or -1 */
  uint64_t mask;
} mst__string_map;

/* An empty map. MST_E_NOMEM. */
mst_status mst__string_map_init(mst__string_map *map);
void mst__string_map_fini(mst__string_map *map);
/* Number of a string, or -1. */
int32_t mst__string_map_find(const mst__string_map *map, mst_slice string);
/* Number of a string, added if it is new. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst__string_map_add(mst__string_map *map, mst_slice string, int32_t *id);
mst_slice mst__string_map_at(const mst__string_map *map, int32_t id);

/* Terms as a tree of units, for looking n-grams up by the numbers of their units. */
typedef struct mst__index mst__index;

/* separated: units are parted by one space; else each code point is a unit. MST_E_NOMEM. */
mst_status mst__index_create(const mst_strings *terms, int separated, mst__index **out);
void mst__index_free(mst__index *index);

struct mst_vectorizer {
  mst_vectorizer_options options; /* its strings are the three below */
  char *token_pattern;
  char *stop_words;
  mst_strings stop_list;
  int64_t n_docs;
  mst_strings terms;
  double *idf;
  int has_zero_idf; /* some term weighs nothing: see mst__vectorizer_seek_zero */
  int64_t *doc_freq, *term_freq;
  _Atomic(mst__index *) index; /* made by the first transform; NULL before */
};

/* Empty vectorizer with a copy of options. MST_E_NOMEM. */
mst_status mst__vectorizer_new(const mst_vectorizer_options *options, mst_vectorizer **out);
/* idf of every term from doc_freq and n_docs. MST_E_NOMEM. */
mst_status mst__vectorizer_weigh_terms(mst_vectorizer *v);
/* Set has_zero_idf, after every change of idf: a prediction must not look through all terms. */
void mst__vectorizer_seek_zero(mst_vectorizer *v);
mst_status mst__options_check(const mst_vectorizer_options *options);
/* Copy a list of strings. MST_E_NOMEM. */
mst_status mst__strings_copy(const mst_strings *from, mst_strings *out);

/* Whether n-grams are tokens joined by a space (word, maths), not code points side by side. */
static inline int mst__is_separated(mst_analyzer analyzer) {
  return analyzer == MST_ANALYZER_WORD || analyzer == MST_ANALYZER_MATHS;
}

/* The corpus' stream for these options: analysed on first use, then kept. Borrowed. */
mst_status mst__corpus_tokens(mst_corpus *corpus, const mst_token_options *options,
                              const mst_tokens **out);
/* Where it is at home. */
mst_backend *mst__corpus_backend(const mst_corpus *corpus);

/* An array [n] of the host at home (NULL stays NULL), or one at home on the host: itself where home
 * is the host, else a copy. MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst__home_view(mst_backend *backend, const void *host, int64_t n, size_t size,
                          const void **out);
void mst__home_view_free(mst_backend *backend, const void *view);
mst_status mst__host_view(mst_backend *backend, const void *home, int64_t n, size_t size,
                          const void **out);
void mst__host_view_free(mst_backend *backend, const void *view);
/* Copy an array [n] at home there. For mst_backend_free. MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst__home_copy(mst_backend *backend, const void *home, int64_t n, size_t size,
                          void **out);
/* Move n-grams of the host (home is NULL) home. MST_E_NOMEM, MST_E_DEVICE: they stay. */
mst_status mst__grams_to_home(mst_backend *backend, mst_grams *grams);
/* Move a matrix at home to the host: x is empty afterwards. MST_E_NOMEM, MST_E_DEVICE: it stays. */
mst_status mst__matrix_to_host(mst_backend *backend, mst_csr *x, mst_csr *out);
/* Free a matrix at home. */
void mst__matrix_fini(mst_backend *backend, mst_csr *x);

/* scikit-learn's "english". */
extern const char *const mst__stop_words_english[];
extern const int mst__n_stop_words_english;

/* Flag the token types that are stop words; NULL where there are none to flag. *drop by
 * mst_free. */
mst_status mst__stop_words_flag(const mst_vectorizer_options *options, const mst_strings *types,
                                uint8_t **drop);

/* What an option set sees of some rows of a corpus: items of unit ids, and rows as lists of
 * items. */
typedef struct mst__source {
  mst_backend *backend;
  const mst_tokens *tokens;
  mst_sequences items;
  int owns_items;           /* 0: they are the tokens' */
  const int64_t *rows;      /* as the caller gave them */
  const int64_t *home_rows; /* the same at home, where whole is set */
  int64_t n_rows;
  int separated;            /* units are joined by a space */
  int whole;                /* items are words: rows are lists of them, short words count once */
  int complete;             /* every unit occurs in some row */
  mst_strings own_spelling; /* of code points, where whole is set */
} mst__source;

/* MST_E_ARG: a row out of range; whatever mst_tokens_create says. */
mst_status mst__source_init(mst__source *source, const mst_vectorizer_options *options,
                            mst_corpus *corpus, const int64_t *rows, int64_t n_rows);
void mst__source_fini(mst__source *source);
/* Free the items, once their n-grams are numbered and named. */
void mst__source_drop_items(mst__source *source);
/* Spellings of the units; borrowed. */
const mst_strings *mst__source_spelling(const mst__source *source);
/* The rows of a matrix, over n-grams of this source's items; of no grams (ptr is NULL): over the
 * units themselves. */
mst_rows mst__source_rows(const mst__source *source, const mst_grams *grams);

/* Spell terms: ids [n] of the table's terms, rising, or NULL for all. MST_E_NOMEM. */
mst_status mst__terms_spell(const mst_gram_table *table, const mst__source *source,
                            const int32_t *ids, int64_t n, mst_strings *out);
/* Keep the strings ids [n]. MST_E_NOMEM. */
mst_status mst__strings_take(const mst_strings *from, const int32_t *ids, int64_t n,
                             mst_strings *out);

/* Whether the numbers of the units are those of the terms, so that there is nothing to number. */
static inline int mst__units_are_terms(const mst__source *source, int32_t n_max) {
  return n_max == 1 && source->complete && !source->whole;
}

/* n-grams of tokens whose joined spellings may collide or sort otherwise than their tuples: by
 * string. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst__joined_fit(const mst__source *source, int32_t n_min, int32_t n_max,
                           mst_grams *grams, mst_strings *terms);
mst_status mst__joined_lookup(const mst__source *source, int32_t n_min, int32_t n_max,
                              const mst_strings *terms, mst_grams *grams);
static inline int mst__needs_joining(const mst__source *source, int32_t n_max) {
  return source->separated && !source->tokens->joinable && n_max > 1;
}

/* n-grams of a source as ids of the index's terms, unknown ones -1. MST_E_NOMEM. */
mst_status mst__index_lookup(const mst__index *index, const mst__source *source, int32_t n_min,
                             int32_t n_max, mst_grams *grams);

/* Which of n terms stay. *map receives new numbers (-1: dropped), *ids the kept ones; both NULL
 * where all stay. Cuts are scikit-learn's; ties at max_features: the term that sorts first stays.
 * MST_E_ARG: min_df above max_df, nothing left. MST_E_NOMEM. */
mst_status mst__cut_terms(const mst_vectorizer_options *options, const int64_t *doc_freq,
                          const int64_t *term_freq, int64_t n, int64_t n_docs, int32_t **map,
                          int32_t **ids, int64_t *n_ids);

/* Write counts and weights of rows, on the host; either may be NULL. *row_ptr, n_entries:
 * mst_rows_count's; owned by mst_backend_free, NULL afterwards where a matrix has taken it over.
 * MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst__vectorizer_fill(const mst_vectorizer *v, mst_backend *backend, const mst_rows *rows,
                                int64_t **row_ptr, int64_t n_entries, mst_csr *counts, mst_csr *x);

#endif
