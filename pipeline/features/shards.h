/* shards.h: a corpus dealt out to joined backends (backend.h): contiguous documents, one shard for
 * each, all shards worked on side by side. Internal.
 *
 * In: rows of the whole corpus. Out: what one backend would have given, byte for byte: integers are
 * added up, matrices put together row by row.
 */
#ifndef MISSTEP_FEATURES_SHARDS_H
#define MISSTEP_FEATURES_SHARDS_H

#include "features/internal.h"

enum { MST__SHARDS_MAX = 64 };

/* Shards of a corpus, 1 where it is whole; and each of them, itself a corpus. */
int mst__corpus_n_shards(const mst_corpus *corpus);
mst_corpus *mst__corpus_shard(const mst_corpus *corpus, int i);

/* Do work(payload, i) for i = 0 .. n-1, side by side as far as the backend has threads. Returns the
 * failure of the lowest i, recorded for the calling thread; the others are done all the same. */
typedef mst_status mst__shard_fn(void *payload, int i);
mst_status mst__shards_run(mst_backend *backend, int n, mst__shard_fn *work, void *payload);

/* Rows of a sharded corpus by shard. */
typedef struct mst__split {
  int n_shards;
  int64_t n_rows;
  int32_t *shard; /* [n_rows] which shard has the row */
  int64_t *local; /* [n_rows] document numbers in their shards, those of shard 0 first */
  int64_t begin[MST__SHARDS_MAX + 1]; /* where each shard's begin in local */
} mst__split;

/* rows as mst_vectorizer_fit has them. MST_E_ARG: a row out of range. MST_E_NOMEM. */
mst_status mst__split_init(mst__split *split, const mst_corpus *corpus, const int64_t *rows,
                           int64_t n_rows);
void mst__split_fini(mst__split *split);

/* Put the shards' matrices together, in the order of the rows.
 *   part  [n_shards] a shard's rows in their order; row_ptr NULL: they are all empty
 * MST_E_NOMEM. */
mst_status mst__split_join(const mst__split *split, const mst_csr *part, int64_t n_cols,
                           mst_dtype dtype, int n_threads, mst_csr *out);

/* What a fit of one shard, or of a whole corpus, holds between its steps. */
typedef struct mst__fitting {
  mst__source source;
  mst_grams grams;               /* empty where the units are the terms */
  mst_gram_table table;          /* likewise */
  mst_strings joined;            /* spellings, where n-grams were numbered as strings */
  int64_t n_raw;                 /* terms before cuts */
  int64_t *row_ptr;              /* [rows + 1], at home */
  int64_t n_entries;             /* row_ptr[rows] */
  int64_t *doc_freq, *term_freq; /* [n_raw] */
  int32_t *map, *ids;            /* of the cuts; NULL: all terms stay */
  int64_t n_terms;
} mst__fitting;

/* fit.c: the steps of a fit. Number the n-grams of the source; count them (none: nothing is done);
 * replace their numbers by map's; spell the terms ids [n], or all. MST_E_NOMEM, MST_E_DEVICE,
 * MST_E_LIMIT. */
mst_status mst__fitting_number(mst__fitting *f, const mst_vectorizer_options *options);
mst_status mst__fitting_count(mst__fitting *f);
mst_status mst__fitting_renumber(mst__fitting *f);
mst_status mst__fitting_spell(const mst__fitting *f, const int32_t *ids, int64_t n,
                              mst_strings *out);
void mst__fitting_fini(mst__fitting *f);
mst_status mst__no_terms(void);

/* Terms of all shards, sorted, and what their frequencies sum up to. */
typedef struct mst__merged {
  mst_strings terms;
  int64_t *doc_freq, *term_freq; /* [terms.n] */
} mst__merged;

/* merge.c: merge the shards' terms, and make each fit's map: the numbers that its terms have there.
 *   spelled  [n_shards] sorted, fit[i].n_raw each
 * Exact: the same for any number of threads. mst__merged_fini frees it; *out only on success.
 * MST_E_FORMAT: no terms. MST_E_LIMIT: more than 2^31-1 of them. MST_E_NOMEM. */
mst_status mst__terms_merge(mst__fitting *fit, const mst_strings *spelled, int n_shards,
                            int n_threads, mst__merged *out);
void mst__merged_fini(mst__merged *merged);

/* mst_vectorizer_fit and _transform of a sharded corpus; options are checked. */
mst_status mst__shards_fit(const mst_vectorizer_options *options, mst_corpus *corpus,
                           const int64_t *rows, int64_t n_rows, mst_vectorizer **out,
                           mst_csr *counts, mst_csr *x);
mst_status mst__shards_transform(const mst_vectorizer *v, mst_corpus *corpus, const int64_t *rows,
                                 int64_t n_rows, mst_csr *counts, mst_csr *x);

#endif
