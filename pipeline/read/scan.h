/* scan.h: 64 bytes at a time: which of them are a given character?
 *
 * In: 64 readable bytes. Out: a mask, bit i for byte i. SSE2 where the compiler has it; the plain
 * loop says the same.
 */
#ifndef MISSTEP_READ_SCAN_H
#define MISSTEP_READ_SCAN_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>

static inline uint64_t mst__mask_of(const uint8_t *b, uint8_t c) {
  const __m128i want = _mm_set1_epi8((char)c);
  uint64_t mask = 0;
  for (int i = 0; i < 4; i++) {
    const __m128i is = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)b + i), want);
    mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(is) << (16 * i);
  }
  return mask;
}

/* Are all 16 bytes ASCII and none of them NUL? */
static inline int mst__plain16(const uint8_t *b) {
  const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)b);
  return _mm_movemask_epi8(_mm_cmpgt_epi8(v, _mm_setzero_si128())) == 0xFFFF;
}
#else
static inline uint64_t mst__mask_of(const uint8_t *b, uint8_t c) {
  uint64_t mask = 0;
  for (int i = 0; i < 64; i++) mask |= (uint64_t)(b[i] == c) << i;
  return mask;
}

static inline int mst__plain16(const uint8_t *b) {
  int plain = 1;
  for (int i = 0; i < 16; i++) plain &= b[i] - 1 < 0x7F && b[i] > 0;
  return plain;
}
#endif

/* The 64 bytes at pos of bytes[0 .. n): in place, or copied and padded with zeros near the end. */
static inline const uint8_t *mst__block64(const uint8_t *bytes, int64_t n, int64_t pos,
                                          uint8_t pad[64]) {
  if (pos + 64 <= n) return bytes + pos;
  memset(pad, 0, 64);
  memcpy(pad, bytes + pos, (size_t)(n - pos));
  return pad;
}
#endif
