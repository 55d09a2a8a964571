/* source.c: from a token stream to what is counted: the chosen rows without stop words; or, for
 * n-grams inside words, each distinct word once, padded with spaces, as code points. */
#include <string.h>

#include "features/internal.h"

#define CODE_POINTS 0x110000

void mst__source_fini(mst__source *source) {
  mst_free(source->own_ptr);
  mst_free(source->own_id);
  mst_strings_fini(&source->own_spelling);
  *source = (mst__source){0};
}

static mst_status check_rows(const mst__source *source) {
  const int64_t n_docs = source->tokens->n_docs;
  for (int64_t r = 0; source->rows && r < source->n_rows; r++)
    if (source->rows[r] < 0 || source->rows[r] >= n_docs)
      return MST_FAIL(MST_E_ARG, "row %lld of a corpus with %lld documents",
                      (long long)source->rows[r], (long long)n_docs);
  return MST_OK;
}

static void sum_up(int64_t *ptr, int64_t n) {
  ptr[0] = 0;
  for (int64_t i = 0; i < n; i++) ptr[i + 1] += ptr[i];
}

/* Items are documents: the rows asked for, copied without the dropped types. */
static mst_status copy_rows(mst__source *source, const uint8_t *drop, int n_threads) {
  const mst_tokens *tokens = source->tokens;
  int64_t *ptr = source->own_ptr = mst_alloc((size_t)source->n_rows + 1, sizeof *ptr);
  if (!ptr) return MST_E_NOMEM;
#pragma omp parallel for schedule(static) num_threads(n_threads)
  for (int64_t r = 0; r < source->n_rows; r++) {
    const int64_t d = source->rows ? source->rows[r] : r;
    int64_t n = 0;
    for (int64_t i = tokens->doc_ptr[d]; i < tokens->doc_ptr[d + 1]; i++)
      n += !drop || !drop[tokens->id[i]];
    ptr[r + 1] = n;
  }
  sum_up(ptr, source->n_rows);
  int32_t *id = source->own_id = mst_alloc((size_t)ptr[source->n_rows], sizeof *id);
  if (!id) return MST_E_NOMEM;
#pragma omp parallel for schedule(static) num_threads(n_threads)
  for (int64_t r = 0; r < source->n_rows; r++) {
    const int64_t d = source->rows ? source->rows[r] : r;
    int64_t to = ptr[r];
    for (int64_t i = tokens->doc_ptr[d]; i < tokens->doc_ptr[d + 1]; i++)
      if (!drop || !drop[tokens->id[i]]) id[to++] = tokens->id[i];
  }
  source->items = (mst_sequences){source->n_rows, ptr, id, (int32_t)tokens->types.n};
  return MST_OK;
}

static mst_status direct_items(mst__source *source, const mst_vectorizer_options *options,
                               int n_threads) {
  const mst_tokens *tokens = source->tokens;
  uint8_t *drop;
  mst_status st = mst__stop_words_flag(options, &tokens->types, &drop);
  if (st) return st;
  source->spelling = &tokens->types;
  source->complete = !source->rows && !drop;
  if (!source->complete) st = copy_rows(source, drop, n_threads);
  else
    source->items =
        (mst_sequences){tokens->n_docs, tokens->doc_ptr, tokens->id, (int32_t)tokens->types.n};
  mst_free(drop);
  return st;
}

/* The code point at p of valid UTF-8; *p moves behind it. */
static int32_t decode(const uint8_t **p) {
  const uint8_t *s = *p;
  const int n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
  int32_t c = n == 1 ? s[0] : s[0] & (0xff >> (n + 1));
  for (int i = 1; i < n; i++) c = c << 6 | (s[i] & 0x3f);
  *p = s + n;
  return c;
}

static int64_t encode(int32_t c, uint8_t *to) {
  if (c < 0x80) {
    to[0] = (uint8_t)c;
    return 1;
  }
  const int n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (int i = n - 1; i > 0; i--, c >>= 6) to[i] = (uint8_t)(0x80 | (c & 0x3f));
  to[0] = (uint8_t)((0xf00 >> n & 0xff) | c);
  return n;
}

/* Lengths of the words that the rows use, padded, into own_ptr; their code points into is_used. */
static void measure_words(mst__source *source, const uint8_t *used_word, int32_t *is_used,
                          int n_threads) {
  const mst_strings *types = &source->tokens->types;
#pragma omp parallel for schedule(static) num_threads(n_threads)
  for (int64_t w = 0; w < types->n; w++) {
    int64_t n = used_word[w] ? 2 : 0;
    const uint8_t *p = types->bytes + types->start[w], *end = types->bytes + types->start[w + 1];
    while (used_word[w] && p < end) {
      const int32_t c = decode(&p);
#pragma omp atomic write
      is_used[c] = 1;
      n++;
    }
    source->own_ptr[w + 1] = n;
  }
  is_used[' '] = 1;
  sum_up(source->own_ptr, types->n);
}

/* Number the used code points in order (in place: -1 for the others) and spell them. */
static mst_status spell_code_points(mst__source *source, int32_t *rank) {
  int32_t n = 0;
  for (int32_t c = 0; c < CODE_POINTS; c++) rank[c] = rank[c] ? n++ : -1;
  mst_strings *spelling = &source->own_spelling;
  spelling->n = n;
  spelling->bytes = mst_alloc((size_t)n * 4, 1);
  spelling->start = mst_alloc((size_t)n + 1, sizeof *spelling->start);
  if (!spelling->bytes || !spelling->start) return MST_E_NOMEM;
  int64_t *start = spelling->start;
  *start = 0;
  for (int32_t c = 0; c < CODE_POINTS; c++)
    if (rank[c] >= 0) {
      start[1] = start[0] + encode(c, spelling->bytes + start[0]);
      start++;
    }
  return MST_OK;
}

static void write_words(mst__source *source, const int32_t *rank, int n_threads) {
  const mst_strings *types = &source->tokens->types;
#pragma omp parallel for schedule(static) num_threads(n_threads)
  for (int64_t w = 0; w < types->n; w++) {
    int32_t *to = source->own_id + source->own_ptr[w];
    if (source->own_ptr[w + 1] == source->own_ptr[w]) continue;
    const uint8_t *p = types->bytes + types->start[w], *end = types->bytes + types->start[w + 1];
    *to++ = rank[' '];
    while (p < end) *to++ = rank[decode(&p)];
    *to = rank[' '];
  }
}

/* Items are the distinct words that the rows use. */
static mst_status word_items(mst__source *source, int n_threads) {
  const mst_tokens *tokens = source->tokens;
  mst_status st = MST_E_NOMEM;
  int32_t *rank = mst_alloc_zero(CODE_POINTS, sizeof *rank);
  uint8_t *used = mst_alloc_zero((size_t)tokens->types.n, 1);
  source->own_ptr = mst_alloc((size_t)tokens->types.n + 1, sizeof *source->own_ptr);
  if (!rank || !used || !source->own_ptr) goto done;
  if (source->rows)
    for (int64_t r = 0; r < source->n_rows; r++)
      for (int64_t i = tokens->doc_ptr[source->rows[r]]; i < tokens->doc_ptr[source->rows[r] + 1];
           i++)
        used[tokens->id[i]] = 1;
  else memset(used, 1, (size_t)tokens->types.n);
  measure_words(source, used, rank, n_threads);
  st = spell_code_points(source, rank);
  if (st) goto done;
  st = MST_E_NOMEM;
  source->own_id = mst_alloc((size_t)source->own_ptr[tokens->types.n], sizeof *source->own_id);
  if (!source->own_id) goto done;
  write_words(source, rank, n_threads);
  source->spelling = &source->own_spelling;
  source->items = (mst_sequences){tokens->types.n, source->own_ptr, source->own_id,
                                  (int32_t)source->own_spelling.n};
  st = MST_OK;
done:
  mst_free(rank);
  mst_free(used);
  return st;
}

mst_status mst__source_init(mst__source *out, const mst_vectorizer_options *options,
                            mst_corpus *corpus, const int64_t *rows, int64_t n_rows,
                            int n_threads) {
  mst__source source = {.rows = rows,
                        .separated = mst__is_separated(options->token.analyzer),
                        .whole = options->token.analyzer == MST_ANALYZER_CHAR_WB};
  mst_status st = mst__corpus_tokens(corpus, &options->token, n_threads, &source.tokens);
  if (st) return st;
  source.n_rows = rows ? n_rows : source.tokens->n_docs;
  st = check_rows(&source);
  if (!st)
    st = source.whole ? word_items(&source, n_threads) : direct_items(&source, options, n_threads);
  if (st) {
    mst__source_fini(&source);
    return st;
  }
  const int own = source.spelling == &source.own_spelling;
  *out = source;
  if (own) out->spelling = &out->own_spelling;
  return MST_OK;
}

void mst__source_drop_items(mst__source *source) {
  mst_free(source->own_ptr);
  mst_free(source->own_id);
  source->own_ptr = NULL;
  source->own_id = NULL;
  source->items = (mst_sequences){0};
}

mst_rows mst__source_rows(const mst__source *source, const mst_grams *grams) {
  const mst_tokens *tokens = source->tokens;
  mst_rows rows = {.n_rows = source->n_rows, .grams = source->items};
  if (grams->ptr) rows.grams = (mst_sequences){grams->n_items, grams->ptr, grams->id, 0};
  if (!source->whole) return rows;
  rows.doc = source->rows;
  rows.doc_ptr = tokens->doc_ptr;
  rows.item = tokens->id;
  rows.n_listed = tokens->doc_ptr[tokens->n_docs];
  return rows;
}
