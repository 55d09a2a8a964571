/* fit.c: learning a vocabulary, and weighing the same rows on the way out. */
#include "features/shards.h"
#include "misstep/log.h"

void mst__fitting_fini(mst__fitting *f) {
  mst_backend_free(f->source.backend, f->row_ptr);
  mst__source_fini(&f->source);
  mst_grams_fini(&f->grams);
  mst_gram_table_fini(&f->table);
  mst_strings_fini(&f->joined);
  mst_free(f->doc_freq);
  mst_free(f->term_freq);
  mst_free(f->map);
  mst_free(f->ids);
}

mst_status mst__no_terms(void) {
  return MST_FAIL(MST_E_FORMAT, "empty vocabulary; perhaps the documents only contain stop words");
}

mst_status mst__fitting_number(mst__fitting *f, const mst_vectorizer_options *o) {
  mst_status st = MST_OK;
  if (mst__units_are_terms(&f->source, o->ngram_max)) {
    f->n_raw = mst__source_spelling(&f->source)->n;
  } else if (mst__needs_joining(&f->source, o->ngram_max)) {
    st = mst__joined_fit(&f->source, o->ngram_min, o->ngram_max, &f->grams, &f->joined);
    f->n_raw = f->joined.n;
  } else {
    st = mst_ngrams_rank(f->source.backend, &f->source.items, o->ngram_min, o->ngram_max,
                         f->source.whole, &f->grams, &f->table);
    f->n_raw = f->table.n_terms;
  }
  return st;
}

/* Replace the numbers of the n-grams by those that the cuts gave them. The tokens' own numbers are
 * the corpus': they are copied first. */
mst_status mst__fitting_renumber(mst__fitting *f) {
  mst_backend *backend = f->source.backend;
  mst_status st = MST_OK;
  if (!f->grams.ptr) st = mst_items_copy(backend, &f->source.items, &f->grams);
  return st ? st : mst_grams_remap(backend, &f->grams, f->map, f->n_raw);
}

mst_status mst__fitting_count(mst__fitting *f) {
  mst_backend *backend = f->source.backend;
  const mst_rows rows = mst__source_rows(&f->source, &f->grams);
  f->row_ptr = mst_backend_alloc(backend, (size_t)rows.n_rows + 1, sizeof *f->row_ptr);
  f->doc_freq = mst_alloc((size_t)f->n_raw, sizeof *f->doc_freq);
  f->term_freq = mst_alloc((size_t)f->n_raw, sizeof *f->term_freq);
  if (!f->row_ptr || !f->doc_freq || !f->term_freq) return MST_E_NOMEM;
  return mst_rows_count(backend, &rows, f->n_raw, f->row_ptr, &f->n_entries, f->doc_freq,
                        f->term_freq);
}

/* Count, cut, and count again what the cuts left. */
static mst_status count_terms(mst__fitting *f, const mst_vectorizer_options *o) {
  mst_status st = f->n_raw ? mst__fitting_count(f) : mst__no_terms();
  if (!st)
    st = mst__cut_terms(o, f->doc_freq, f->term_freq, f->n_raw, f->source.n_rows, &f->map, &f->ids,
                        &f->n_terms);
  if (st || !f->map) return st;
  st = mst__fitting_renumber(f);
  const mst_rows kept = mst__source_rows(&f->source, &f->grams);
  return st ? st
            : mst_rows_count(f->source.backend, &kept, f->n_terms, f->row_ptr, &f->n_entries, NULL,
                             NULL);
}

mst_status mst__fitting_spell(const mst__fitting *f, const int32_t *ids, int64_t n,
                              mst_strings *out) {
  if (f->joined.start) return mst__strings_take(&f->joined, ids, n, out);
  if (!f->table.term_node) return mst__strings_take(mst__source_spelling(&f->source), ids, n, out);
  return mst__terms_spell(&f->table, &f->source, ids, n, out);
}

/* Move what was found into a vectorizer. */
static mst_status name_terms(mst__fitting *f, mst_vectorizer *v) {
  v->n_docs = f->source.n_rows;
  const mst_status st = mst__fitting_spell(f, f->ids, f->n_terms, &v->terms);
  if (st) return st;
  for (int64_t t = 0; f->ids && t < f->n_terms; t++) {
    f->doc_freq[t] = f->doc_freq[f->ids[t]];
    f->term_freq[t] = f->term_freq[f->ids[t]];
  }
  v->doc_freq = f->doc_freq;
  v->term_freq = f->term_freq;
  f->doc_freq = f->term_freq = NULL;
  mst_gram_table_fini(&f->table);
  mst_strings_fini(&f->joined);
  if (f->grams.ptr) mst__source_drop_items(&f->source);
  return mst__vectorizer_weigh_terms(v);
}

static void warn_of_unused(const mst_vectorizer_options *o) {
  if (o->stop_words && o->token.analyzer != MST_ANALYZER_WORD)
    mst_log(MST_LOG_WARNING, "stop words are for the word analyzer: they are not used");
  if (o->token.token_pattern && o->token.analyzer != MST_ANALYZER_WORD)
    mst_log(MST_LOG_WARNING, "the token pattern is for the word analyzer: it is not used");
}

mst_status mst_vectorizer_fit(const mst_vectorizer_options *options, mst_corpus *corpus,
                              const int64_t *rows, int64_t n_rows, mst_vectorizer **out,
                              mst_csr *counts, mst_csr *x) {
  enum { STEPS = 4 };
  static const char stage[] = "vocabulary";
  mst_status st = mst__options_check(options);
  if (st) return st;
  warn_of_unused(options);
  if (mst__corpus_n_shards(corpus) > 1)
    return mst__shards_fit(options, corpus, rows, n_rows, out, counts, x);
  mst__fitting f = {0};
  mst_vectorizer *v = NULL;
  st = mst_progress(stage, 0, STEPS, "tokens");
  if (!st) st = mst__source_init(&f.source, options, corpus, rows, n_rows);
  if (!st) st = mst_progress(stage, 1, STEPS, "n-grams");
  if (!st) st = mst__fitting_number(&f, options);
  if (!st) st = mst_progress(stage, 2, STEPS, "counts");
  if (!st) st = count_terms(&f, options);
  if (!st) st = mst__vectorizer_new(options, &v);
  if (!st) st = name_terms(&f, v);
  if (!st) st = mst_progress(stage, 3, STEPS, "weights");
  if (!st && (counts || x)) {
    const mst_rows all = mst__source_rows(&f.source, &f.grams);
    st = mst__vectorizer_fill(v, f.source.backend, &all, &f.row_ptr, f.n_entries, counts, x);
  }
  mst__fitting_fini(&f);
  if (st) mst_vectorizer_free(v);
  else *out = v;
  return st;
}
