/* corpus.h: texts for the tokenizer's tests, from strings or from random characters. */
#ifndef MISSTEP_TESTS_TOKENS_CORPUS_H
#define MISSTEP_TESTS_TOKENS_CORPUS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "misstep/tokens.h"

/* A corpus that owns its memory; the bytes are exactly as many as needed, so that a sanitizer sees
 * a read behind them. */
typedef struct corpus {
  mst_text text;
  uint8_t *bytes;
  int64_t *start;
} corpus;

static inline corpus corpus_begin(void) {
  corpus c = {.start = calloc(1, sizeof *c.start)};
  assert_non_null(c.start);
  return c;
}

static inline void corpus_add(corpus *c, const void *bytes, size_t n) {
  const int64_t d = c->text.n_docs++, from = c->start[d];
  c->start = realloc(c->start, (size_t)(d + 2) * sizeof *c->start);
  c->bytes = realloc(c->bytes, (size_t)from + n + (n == 0 && from == 0));
  assert_non_null(c->start);
  assert_non_null(c->bytes);
  if (n) memcpy(c->bytes + from, bytes, n);
  c->start[d + 1] = from + (int64_t)n;
  c->text.bytes = c->bytes;
  c->text.start = c->start;
}

static inline corpus corpus_of(const char *const *docs, size_t n) {
  corpus c = corpus_begin();
  c.text.start = c.start;
  for (size_t d = 0; d < n; d++) corpus_add(&c, docs[d], strlen(docs[d]));
  return c;
}

static inline void corpus_free(corpus *c) {
  free(c->bytes);
  free(c->start);
}

/* xorshift: the tests' own, so that a seed means the same for ever. */
static inline uint32_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return (uint32_t)(*state >> 16);
}

/* Characters that change, vanish, join or split under the preprocessor, and plain ones. */
static const char *const troublesome[] = {"a",
                                          "b",
                                          "A",
                                          "Z",
                                          "9",
                                          "_",
                                          " ",
                                          "  ",
                                          "\t",
                                          "\n",
                                          ".",
                                          "-",
                                          "'",
                                          ":",
                                          "ab",
                                          "word",
                                          ", ",
                                          "\xce\xa3",
                                          "\xce\xa3",
                                          "\xcf\x83",
                                          "\xce\x91",
                                          "\xc4\xb0",
                                          "\xc4\xb1",
                                          "\xc3\x9f",
                                          "\xc2\xbd",
                                          "\xc2\xb2",
                                          "\xe2\x84\x83",
                                          "\xef\xac\x81",
                                          "\xea\xb0\x80",
                                          "\xed\x9e\xa3",
                                          "\xe1\x84\x80",
                                          "\xe2\x91\xa0",
                                          "\xe2\x92\xb6",
                                          "\xc3\xa9",
                                          "\xcc\x81",
                                          "\xe2\x80\x8d",
                                          "\xcd\x85",
                                          "\xc2\xaa",
                                          "\xd9\xa3",
                                          "\xe2\x85\xa7",
                                          "\xe6\x97\xa5",
                                          "\xc2\xa8",
                                          "\xe1\x9a\x80",
                                          "\xc2\xa0",
                                          "\xe3\x80\x80",
                                          "\xc2\x85",
                                          "\x1c",
                                          "\xc2\xad",
                                          "\xe2\x80\x93",
                                          "\xf0\x9d\x92\x9c",
                                          "\xf0\x9f\x91\xa8",
                                          "\xf0\x9f\x85\xb0"};

static inline corpus corpus_random(uint64_t seed, int n_docs, int max_units) {
  corpus c = corpus_begin();
  c.text.start = c.start;
  for (int d = 0; d < n_docs; d++) {
    char doc[4096] = "";
    size_t n = 0;
    for (uint32_t u = next_random(&seed) % (uint32_t)(max_units + 1); u > 0; u--) {
      const size_t pick = next_random(&seed) % (sizeof troublesome / sizeof *troublesome);
      const size_t len = strlen(troublesome[pick]);
      if (n + len > sizeof doc) break;
      memcpy(doc + n, troublesome[pick], len);
      n += len;
    }
    corpus_add(&c, doc, n);
  }
  return c;
}

static inline void assert_same_strings(const mst_strings *a, const mst_strings *b) {
  assert_int_equal(a->n, b->n);
  assert_memory_equal(a->start, b->start, (size_t)(a->n + 1) * sizeof *a->start);
  assert_memory_equal(a->bytes, b->bytes, (size_t)a->start[a->n]);
}

/* Sorted by bytes and distinct. */
static inline void assert_sorted(const mst_strings *s) {
  for (int64_t v = 1; v < s->n; v++)
    assert_true(mst_slice_compare(mst_strings_at(s, v - 1), mst_strings_at(s, v)) < 0);
}

#endif
