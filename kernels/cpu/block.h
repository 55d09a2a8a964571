/* block.h: 64 bytes at once: which are ASCII word characters, which are white space, as bits. So
 * the end of a piece is a bit that is counted, not a branch that is guessed. Internal. */
#ifndef MISSTEP_CPU_BLOCK_H
#define MISSTEP_CPU_BLOCK_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#else
#include "body/pieces.h"
#endif

enum { MST__BLOCK = 64 };

/* Bit i is byte i's. */
typedef struct mst__block {
  uint64_t word;  /* A-Z a-z 0-9 _ */
  uint64_t space; /* ASCII white space as Python's str.isspace(): 09-0D 1C-1F 20 */
  uint64_t blank; /* 20 */
  uint64_t high;  /* not ASCII; no bit of the others */
} mst__block;

#ifdef __SSE2__
/* Bytes lo .. hi, which are not negative. */
static inline __m128i mst__between(__m128i c, char lo, char hi) {
  const __m128i from_lo = _mm_sub_epi8(c, _mm_set1_epi8(lo));
  return _mm_cmpeq_epi8(_mm_min_epu8(from_lo, _mm_set1_epi8((char)(hi - lo))), from_lo);
}

/* Read the 64 bytes at p. */
static inline mst__block mst__block_read(const uint8_t *p) {
  mst__block b = {0, 0, 0, 0};
  for (int i = 0; i < MST__BLOCK; i += 16) {
    const __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
    const __m128i letter = mst__between(_mm_or_si128(c, _mm_set1_epi8(0x20)), 'a', 'z');
    const __m128i digit = mst__between(c, '0', '9');
    const __m128i underscore = _mm_cmpeq_epi8(c, _mm_set1_epi8('_'));
    const __m128i blank = _mm_cmpeq_epi8(c, _mm_set1_epi8(' '));
    const __m128i other = _mm_or_si128(mst__between(c, 0x09, 0x0d), mst__between(c, 0x1c, 0x1f));
    const __m128i word = _mm_or_si128(_mm_or_si128(letter, digit), underscore);
    b.word |= (uint64_t)(uint32_t)_mm_movemask_epi8(word) << i;
    b.space |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_or_si128(blank, other)) << i;
    b.blank |= (uint64_t)(uint32_t)_mm_movemask_epi8(blank) << i;
    b.high |= (uint64_t)(uint32_t)_mm_movemask_epi8(c) << i;
  }
  return b;
}
#else
static inline mst__block mst__block_read(const uint8_t *p) {
  mst__block b = {0, 0, 0, 0};
  for (int i = 0; i < MST__BLOCK; i++) {
    const uint8_t c = p[i];
    b.word |= (uint64_t)mst_body_ascii_word(c) << i;
    b.space |= (uint64_t)mst_body_ascii_space(c) << i;
    b.blank |= (uint64_t)(c == ' ') << i;
    b.high |= (uint64_t)(c >> 7) << i;
  }
  return b;
}
#endif

#endif
