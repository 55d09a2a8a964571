/* transform.c: weighing rows with a vocabulary that is already there. */
#include "features/shards.h"

/* The vocabulary's index, made by whoever needs it first. Two threads may both make one: the slower
 * one throws its own away. */
static mst_status get_index(const mst_vectorizer *vectorizer, const mst__index **out) {
  mst_vectorizer *v = (mst_vectorizer *)vectorizer; /* the index is a cache: nothing seen changes */
  mst__index *index = atomic_load(&v->index);
  if (!index) {
    const mst_status st =
        mst__index_create(&v->terms, mst__is_separated(v->options.token.analyzer), &index);
    if (st) return st;
    mst__index *before = NULL;
    if (!atomic_compare_exchange_strong(&v->index, &before, index)) {
      mst__index_free(index);
      index = before;
    }
  }
  *out = index;
  return MST_OK;
}

static mst_status look_up(const mst_vectorizer *v, const mst__source *source, mst_grams *grams) {
  const mst_vectorizer_options *o = &v->options;
  if (mst__needs_joining(source, o->ngram_max))
    return mst__joined_lookup(source, o->ngram_min, o->ngram_max, &v->terms, grams);
  const mst__index *index;
  const mst_status st = get_index(v, &index);
  if (st) return st;
  return mst__index_lookup(index, source, o->ngram_min, o->ngram_max, grams);
}

mst_status mst_vectorizer_transform(const mst_vectorizer *v, mst_corpus *corpus,
                                    const int64_t *rows, int64_t n_rows, mst_csr *counts,
                                    mst_csr *x) {
  if (mst__corpus_n_shards(corpus) > 1)
    return mst__shards_transform(v, corpus, rows, n_rows, counts, x);
  mst__source source;
  mst_status st = mst__source_init(&source, &v->options, corpus, rows, n_rows);
  if (st) return st;
  mst_backend *backend = source.backend;
  mst_grams grams = {0};
  int64_t n_entries = 0;
  int64_t *row_ptr = mst_backend_alloc(backend, (size_t)source.n_rows + 1, sizeof *row_ptr);
  st = row_ptr ? look_up(v, &source, &grams) : MST_E_NOMEM;
  const mst_rows all = mst__source_rows(&source, &grams);
  if (!st) st = mst_rows_count(backend, &all, v->terms.n, row_ptr, &n_entries, NULL, NULL);
  if (!st) st = mst__vectorizer_fill(v, backend, &all, &row_ptr, n_entries, counts, x);
  mst_grams_fini(&grams);
  mst_backend_free(backend, row_ptr);
  mst__source_fini(&source);
  return st;
}
