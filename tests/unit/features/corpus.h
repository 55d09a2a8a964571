/* corpus.h: a small made-up corpus for the tests of features: repeated words, Korean, empty
 * rows. */
#ifndef MISSTEP_TEST_FEATURES_CORPUS_H
#define MISSTEP_TEST_FEATURES_CORPUS_H

#include <string.h>

#include "features/vectorizer.h"
#include "misstep/alloc.h"
#include "misstep/rng.h"

enum { CORPUS_MAX_BYTES = 1 << 20, CORPUS_MAX_DOCS = 4096 };

typedef struct test_corpus {
  uint8_t bytes[CORPUS_MAX_BYTES];
  int64_t start[CORPUS_MAX_DOCS + 1];
  mst_text text;
} test_corpus;

static inline void test_corpus_clear(test_corpus *c) {
  c->start[0] = 0;
  c->text = (mst_text){0, c->bytes, c->start};
}

static inline void test_corpus_add(test_corpus *c, const void *bytes, size_t n) {
  const int64_t d = c->text.n_docs++;
  if (n) memcpy(c->bytes + c->start[d], bytes, n);
  c->start[d + 1] = c->start[d] + (int64_t)n;
}

/* n documents of 0 to 11 words; document d depends on (seed, d) alone. */
static inline void test_corpus_fill(test_corpus *c, uint64_t seed, int64_t n) {
  static const char *const words[] = {"the",
                                      "a",
                                      "wrong",
                                      "wrongly",
                                      "step",
                                      "because",
                                      "3/4",
                                      "x",
                                      "added",
                                      "fractions",
                                      "is",
                                      "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4",
                                      "\xeb\xb6\x84\xec\x88\x98",
                                      "caf\xc3\xa9",
                                      "_",
                                      "12"};
  test_corpus_clear(c);
  for (int64_t d = 0; d < n; d++) {
    char text[256];
    size_t len = 0;
    const uint64_t n_words = mst_rng_below(12, seed, MST_RNG_GENERATE, (uint64_t)d, 0, 0);
    for (uint64_t w = 0; w < n_words; w++) {
      const char *word = words[mst_rng_below(16, seed, MST_RNG_GENERATE, (uint64_t)d, 0, w + 1)];
      memcpy(text + len, word, strlen(word));
      len += strlen(word);
      text[len++] = ' ';
    }
    test_corpus_add(c, text, len);
  }
}

static inline int same_csr(const mst_csr *a, const mst_csr *b) {
  if (a->n_rows != b->n_rows || a->n_cols != b->n_cols || a->dtype != b->dtype) return 0;
  const size_t n = (size_t)a->row_ptr[a->n_rows];
  return !memcmp(a->row_ptr, b->row_ptr, (size_t)(a->n_rows + 1) * sizeof *a->row_ptr) &&
         (n == 0 || (!memcmp(a->col, b->col, n * sizeof *a->col) &&
                     !memcmp(a->val, b->val, n * (size_t)mst_dtype_bytes(a->dtype))));
}

static inline int same_strings(const mst_strings *a, const mst_strings *b) {
  return a->n == b->n && !memcmp(a->start, b->start, (size_t)(a->n + 1) * sizeof *a->start) &&
         (a->start[a->n] == 0 || !memcmp(a->bytes, b->bytes, (size_t)a->start[a->n]));
}

/* Option sets that take every path: words, pairs, characters, words of characters, joined
 * strings. */
enum { N_OPTION_SETS = 7 };
static inline mst_vectorizer_options test_options(int i) {
  mst_vectorizer_options o = mst_vectorizer_options_default();
  static const mst_analyzer analyzers[N_OPTION_SETS] = {
      MST_ANALYZER_WORD,    MST_ANALYZER_WORD, MST_ANALYZER_CHAR, MST_ANALYZER_CHAR_WB,
      MST_ANALYZER_CHAR_WB, MST_ANALYZER_WORD, MST_ANALYZER_MATHS};
  o.token.analyzer = analyzers[i];
  o.ngram_min = i == 3 ? 4 : 1;
  o.ngram_max = i == 0 ? 1 : i == 3 ? 6 : 3;
  if (i == 1) {
    o.stop_words = "english";
    o.min_df = (mst_df_cut){0, 2.0};
    o.tf = MST_TF_SUBLINEAR;
    o.dtype = MST_FLOAT32;
  }
  if (i == 2) o.max_features = 100;
  if (i == 4) {
    o.tf = MST_TF_RELATIVE;
    o.idf = MST_IDF_PAPER;
    o.norm = MST_NORM_NONE;
  }
  if (i == 5) o.token.token_pattern = "[^,c]+"; /* tokens with spaces inside */
  return o;
}

#endif
