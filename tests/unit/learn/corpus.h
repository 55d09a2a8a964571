/* corpus.h: a small labelled corpus for the tests of learning, made from indexed draws. */
#ifndef MISSTEP_TEST_CORPUS_H
#define MISSTEP_TEST_CORPUS_H

#include <stdio.h>
#include <stdlib.h>

#include "misstep/rng.h"
#include "misstep/text.h"

typedef struct corpus {
  mst_text text;
  mst_strings names;
  int32_t *label;
  int64_t *unit;
  uint64_t *key;
} corpus;

/* n texts of 3 to 8 words; class c's own words are w<c>a .. w<c>d, the others are shared. Row d has
 * class d % n_classes except that every 13th row says another one (noise). */
static inline corpus corpus_make(int64_t n, int32_t n_classes, uint64_t seed) {
  corpus c = {0};
  char *bytes = malloc((size_t)n * 100 + 1);
  int64_t *start = calloc((size_t)n + 1, sizeof *start);
  c.label = calloc((size_t)n + 1, sizeof *c.label);
  c.unit = calloc((size_t)n + 1, sizeof *c.unit);
  c.key = calloc((size_t)n + 1, sizeof *c.key);
  for (int64_t d = 0; d < n; d++) {
    const int32_t class = (int32_t)(d % n_classes);
    const uint64_t n_words = 3 + mst_rng_below(6, seed, MST_RNG_GENERATE, (uint64_t)d, 0, 0);
    int64_t at = start[d];
    for (uint64_t w = 0; w < n_words; w++) {
      const uint64_t draw = mst_rng_below(40, seed, MST_RNG_GENERATE, (uint64_t)d, 0, w + 1);
      if (draw < 12) at += sprintf(bytes + at, "w%d%c ", class, 'a' + (int)(draw % 4));
      else at += sprintf(bytes + at, "shared%d ", (int)draw);
    }
    start[d + 1] = at;
    c.label[d] = d % 13 == 12 && d >= 2 * n_classes ? (class + 1) % n_classes : class;
    c.unit[d] = d;
    c.key[d] = mst_rng_u64(seed, MST_RNG_GENERATE, (uint64_t)d, 1, 0);
  }
  c.text = (mst_text){n, (const uint8_t *)bytes, start};
  char *names = malloc((size_t)n_classes * 16);
  c.names.start = calloc((size_t)n_classes + 1, sizeof *c.names.start);
  for (int32_t k = 0; k < n_classes; k++)
    c.names.start[k + 1] = c.names.start[k] + sprintf(names + c.names.start[k], "class %03d", k);
  c.names.bytes = (uint8_t *)names;
  c.names.n = n_classes;
  return c;
}

static inline void corpus_free(corpus *c) {
  free((void *)(uintptr_t)c->text.bytes);
  free((void *)(uintptr_t)c->text.start);
  free(c->label);
  free(c->unit);
  free(c->key);
  free(c->names.bytes);
  free(c->names.start);
}

#endif
