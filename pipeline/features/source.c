/* source.c: from a token stream to what is counted: the chosen rows without stop words; or, for
 * n-grams inside words, each distinct word once. */
#include "features/internal.h"

void mst__source_fini(mst__source *source) {
  mst__source_drop_items(source);
  mst__home_view_free(source->backend, source->home_rows);
  mst_strings_fini(&source->own_spelling);
  *source = (mst__source){0};
}

void mst__source_drop_items(mst__source *source) {
  if (source->owns_items) mst_items_free(source->backend, &source->items);
  source->owns_items = 0;
  source->items = (mst_sequences){0};
}

static mst_status check_rows(const mst__source *source) {
  const int64_t n_docs = source->tokens->n_docs;
  for (int64_t r = 0; source->rows && r < source->n_rows; r++)
    if (source->rows[r] < 0 || source->rows[r] >= n_docs)
      return MST_FAIL(MST_E_ARG, "row %lld of a corpus with %lld documents",
                      (long long)source->rows[r], (long long)n_docs);
  return MST_OK;
}

/* Items are documents: the stream itself, or the rows asked for without the stop words. */
static mst_status take_documents(mst__source *source, const mst_vectorizer_options *options) {
  const mst_tokens *tokens = source->tokens;
  uint8_t *drop;
  mst_status st = mst__stop_words_flag(options, &tokens->types, &drop);
  if (st) return st;
  source->complete = !source->rows && !drop;
  if (!source->complete) {
    st =
        mst_items_take(source->backend, tokens, source->rows, source->n_rows, drop, &source->items);
    source->owns_items = !st;
  } else {
    source->items = (mst_sequences){tokens->n_docs, tokens->doc_ptr, tokens->id,
                                    (int32_t)tokens->types.n, tokens->n_tokens};
  }
  mst_free(drop);
  return st;
}

/* Items are the distinct words that the rows use; rows are lists of them. */
static mst_status take_words(mst__source *source) {
  const mst_status st = mst_items_words(source->backend, source->tokens, source->rows,
                                        source->n_rows, &source->items, &source->own_spelling);
  source->owns_items = !st;
  return st ? st
            : mst__home_view(source->backend, source->rows, source->n_rows, sizeof *source->rows,
                             (const void **)&source->home_rows);
}

mst_status mst__source_init(mst__source *out, const mst_vectorizer_options *options,
                            mst_corpus *corpus, const int64_t *rows, int64_t n_rows) {
  mst__source source = {.backend = mst__corpus_backend(corpus),
                        .rows = rows,
                        .separated = mst__is_separated(options->token.analyzer),
                        .whole = options->token.analyzer == MST_ANALYZER_CHAR_WB};
  mst_status st = mst__corpus_tokens(corpus, &options->token, &source.tokens);
  if (st) return st;
  source.n_rows = rows ? n_rows : source.tokens->n_docs;
  st = check_rows(&source);
  if (!st) st = source.whole ? take_words(&source) : take_documents(&source, options);
  if (st) mst__source_fini(&source);
  else *out = source;
  return st;
}

const mst_strings *mst__source_spelling(const mst__source *source) {
  return source->whole ? &source->own_spelling : &source->tokens->types;
}

mst_rows mst__source_rows(const mst__source *source, const mst_grams *grams) {
  const mst_tokens *tokens = source->tokens;
  mst_rows rows = {.n_rows = source->n_rows, .grams = source->items};
  if (grams->ptr)
    rows.grams = (mst_sequences){grams->n_items, grams->ptr, grams->id, 0, grams->n_grams};
  if (!source->whole) return rows;
  rows.doc = source->home_rows;
  rows.doc_ptr = tokens->doc_ptr;
  rows.item = tokens->id;
  rows.n_listed = tokens->n_tokens;
  return rows;
}
