/* unicode.h: what Python's str knows about code points, for the tokenizer. Internal.
 *
 * In: code points, or UTF-8 text. Out: its class (word, space, other), and the text after
 * str.lower() and scikit-learn's strip_accents. The tables are utf8proc's (Unicode 15); code points
 * that Python 3.11 (Unicode 14) does not know yet are listed in
 * tests/golden/tokens/unicode_differences.txt.
 */
#ifndef MISSTEP_BASE_UNICODE_H
#define MISSTEP_BASE_UNICODE_H

#include <stdint.h>

#include "body/utf8.h"
#include "misstep/alloc.h"
#include "misstep/tokens.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Class of every code point below 0x10000, as mst_piece_kind. Made on first use; any thread. */
const uint8_t *mst__unicode_bmp(void);

/* Class of any code point: MST_PIECE_WORD where str.isalnum() or '_' (categories L* and N*),
 * MST_PIECE_SPACE where str.isspace(), else MST_PIECE_OTHER. */
int mst__unicode_class(int32_t cp);

/* Class of the code point at p < end, and its length in bytes; bmp is mst__unicode_bmp(). */
static inline int mst__class_at(const uint8_t *bmp, const uint8_t *p, const uint8_t *end, int *n) {
  const int32_t cp = mst_body_decode(p, end, n);
  return cp < 0x10000 ? bmp[cp] : mst__unicode_class(cp);
}

/* First byte in [p, end) that does not belong to the run of class k, or end. */
static inline const uint8_t *mst__class_end(const uint8_t *bmp, int k, const uint8_t *p,
                                            const uint8_t *end) {
  while (p < end) {
    int n = 1;
    if ((*p < 0x80 ? bmp[*p] : mst__class_at(bmp, p, end, &n)) != k) break;
    p += n;
  }
  return p;
}

/* Append text, changed as scikit-learn's preprocessor changes it, to out.
 *
 *   lowercase  Python's str.lower(): one code point may become two (U+0130), and a capital sigma is
 *              final (U+03C2) where a cased letter stands before it and none behind it
 *   accents    after that: NFKD, then either code points of a non-zero combining class are dropped
 *              (UNICODE) or all but ASCII (ASCII)
 *
 * Only the sigma looks at its neighbours; everything else maps code point by code point, because
 * the canonical order of NFKD moves nothing but what is dropped.
 * MST_E_NOMEM, MST_E_LIMIT (out's ceiling). */
mst_status mst__preprocess(const uint8_t *text, int64_t len, int lowercase, mst_accents accents,
                           mst_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
