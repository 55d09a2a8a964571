/* utf8.h: one code point from bytes and back; the same on every device.
 *
 * Text has been checked before it gets here. A broken sequence is nevertheless safe: its first byte
 * counts as one U+FFFD, and nothing is read at or behind end.
 */
#ifndef MISSTEP_BODY_UTF8_H
#define MISSTEP_BODY_UTF8_H

#include <stdint.h>

#include "misstep/host_device.h"

/* The code point at p < end; *n receives its length in bytes. */
MST_HD static inline int32_t mst_body_decode(const uint8_t *p, const uint8_t *end, int *n) {
  const int lead = p[0];
  *n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0x80) return lead;
  if (lead < 0xc0 || end - p < *n) {
    *n = 1;
    return 0xfffd;
  }
  if (*n == 2) return (lead & 0x1f) << 6 | (p[1] & 0x3f);
  if (*n == 3) return (lead & 0x0f) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f);
  return ((lead & 0x07) << 18 | (p[1] & 0x3f) << 12 | (p[2] & 0x3f) << 6 | (p[3] & 0x3f)) &
         0x1fffff;
}

/* The code point that ends just before p > begin; *n receives its length in bytes. */
MST_HD static inline int32_t mst_body_decode_back(const uint8_t *begin, const uint8_t *p, int *n) {
  const uint8_t *q = p - 1;
  while (q > begin && p - q < 4 && (*q & 0xc0) == 0x80) q--;
  const int32_t cp = mst_body_decode(q, p, n);
  if (q + *n == p) return cp;
  *n = 1;
  return 0xfffd;
}

/* Write code point cp (below 0x110000) to out, which has room for 4 bytes; returns its length. */
MST_HD static inline int mst_body_encode(int32_t cp, uint8_t *out) {
  if (cp < 0x80) {
    out[0] = (uint8_t)cp;
    return 1;
  }
  if (cp < 0x800) {
    out[0] = (uint8_t)(0xc0 | cp >> 6);
    out[1] = (uint8_t)(0x80 | (cp & 0x3f));
    return 2;
  }
  if (cp < 0x10000) {
    out[0] = (uint8_t)(0xe0 | cp >> 12);
    out[1] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
    out[2] = (uint8_t)(0x80 | (cp & 0x3f));
    return 3;
  }
  out[0] = (uint8_t)(0xf0 | cp >> 18);
  out[1] = (uint8_t)(0x80 | (cp >> 12 & 0x3f));
  out[2] = (uint8_t)(0x80 | (cp >> 6 & 0x3f));
  out[3] = (uint8_t)(0x80 | (cp & 0x3f));
  return 4;
}

#endif
