/* pieces.h: where a run of ASCII word characters ends, 16 bytes at a time.
 */
#ifndef MISSTEP_BODY_PIECES_H
#define MISSTEP_BODY_PIECES_H

#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "body/utf8.h"

/* Is c one of A-Z a-z 0-9 _ ? */
MST_HD static inline int mst_body_ascii_word(int c) {
  return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Number of leading ASCII word characters in [p, end), but at most 16.
 *   readable  bytes that may be read at p, >= end - p
 * With SSE2 one step whatever the length, so that nothing depends on guessing where words end. */
MST_HD static inline int mst_body_word_run(const uint8_t *p, const uint8_t *end, int64_t readable) {
#if defined(__SSE2__) && !defined(__CUDACC__)
  if (readable >= 16) {
    const __m128i c = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i letter = _mm_sub_epi8(_mm_or_si128(c, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    const __m128i digit = _mm_sub_epi8(c, _mm_set1_epi8('0'));
    __m128i word = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
    word = _mm_or_si128(word, _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit));
    word = _mm_or_si128(word, _mm_cmpeq_epi8(c, _mm_set1_epi8('_')));
    const int run = __builtin_ctz(~(unsigned)_mm_movemask_epi8(word));
    return end - p < run ? (int)(end - p) : run;
  }
#else
  (void)readable;
#endif
  int n = 0;
  while (n < 16 && p + n < end && mst_body_ascii_word(p[n])) n++;
  return n;
}

#endif
