/* text.h: documents and strings as views of bytes.
 *
 * In: what a reader found. Out: D documents that the tokenizer walks. Always valid UTF-8: the
 * reader has checked it. Letters in all headers: D documents, V terms, N tokens, Z stored entries,
 * C classes, F folds.
 */
#ifndef MISSTEP_TEXT_H
#define MISSTEP_TEXT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* D documents in one run of bytes; document d is bytes[start[d] .. start[d+1]). Borrowed. */
typedef struct mst_text {
  int64_t n_docs;       /* D */
  const uint8_t *bytes; /* UTF-8, start[D] bytes */
  const int64_t *start; /* [D + 1], not decreasing, start[0] == 0 */
} mst_text;

/* V strings, owned: string v is bytes[start[v] .. start[v+1]). Any bytes, no terminating zero. */
typedef struct mst_strings {
  int64_t n;      /* V */
  uint8_t *bytes; /* start[V] bytes */
  int64_t *start; /* [V + 1] */
} mst_strings;

/* A borrowed run of bytes. */
typedef struct mst_slice {
  const uint8_t *ptr;
  int64_t len;
} mst_slice;

/* String v of s, borrowed from it. */
static inline mst_slice mst_strings_at(const mst_strings *s, int64_t v) {
  const mst_slice slice = {s->bytes + s->start[v], s->start[v + 1] - s->start[v]};
  return slice;
}

/* Free both arrays and leave an empty list. */
void mst_strings_fini(mst_strings *s);

/* Compare as unsigned bytes, a prefix first: for UTF-8 this is code-point order. <0, 0, >0. */
int mst_slice_compare(mst_slice a, mst_slice b);

#ifdef __cplusplus
}
#endif
#endif
