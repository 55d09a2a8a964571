/* lanes.h: eight floats that move together, one per column of a panel.
 *
 * GCC and clang turn these vectors into whatever the machine has. Every operation is lane by lane
 * and rounds on its own (no fused multiply-add, no sum across lanes), so a lane's bits depend
 * neither on the vector unit nor on the other lanes.
 */
#ifndef MISSTEP_LINEAR_LANES_H
#define MISSTEP_LINEAR_LANES_H

#include <stdint.h>

enum { MST__LANES = 8 };
typedef float mst__f8 __attribute__((vector_size(32), may_alias));
typedef int32_t mst__i8 __attribute__((vector_size(32)));
typedef int32_t mst__i8_loose
    __attribute__((vector_size(32), aligned(4), may_alias)); /* in memory */
typedef double mst__d8 __attribute__((vector_size(64)));

#define MST__INLINE static inline __attribute__((always_inline))

/* All lanes x. */
MST__INLINE mst__f8 mst__f8_all(float x) { return (mst__f8){x, x, x, x, x, x, x, x}; }
MST__INLINE mst__i8 mst__i8_all(int32_t x) { return (mst__i8){x, x, x, x, x, x, x, x}; }

/* a where mask is -1, b where it is 0. */
MST__INLINE mst__f8 mst__f8_select(mst__i8 mask, mst__f8 a, mst__f8 b) {
  return (mst__f8)((mask & (mst__i8)a) | (~mask & (mst__i8)b));
}

MST__INLINE mst__f8 mst__f8_abs(mst__f8 x) {
  return (mst__f8)((mst__i8)x & mst__i8_all(INT32_MAX));
}

/* exp(x) for x held between -60 and 60; relative error below 2e-7.
 * x = k ln 2 + f with k whole and |f| <= ln 2 / 2; exp(f) by a polynomial of degree 7, 2^k by its
 * bits. */
MST__INLINE mst__f8 mst__f8_exp(mst__f8 x) {
  const mst__f8 end = mst__f8_all(60.0f), round = mst__f8_all(0x1.8p23f);
  x = mst__f8_select(x > end, end, x);
  x = mst__f8_select(x < -end, -end, x);
  const mst__f8 k = (x * 1.44269504f + round) - round;
  const mst__f8 f = (x - k * 0.693145752f) - k * 1.42860677e-6f; /* ln 2 in two parts */
  mst__f8 p = mst__f8_all(1.0f / 5040);
  p = p * f + 1.0f / 720;
  p = p * f + 1.0f / 120;
  p = p * f + 1.0f / 24;
  p = p * f + 1.0f / 6;
  p = p * f + 0.5f;
  p = p * f * f + f + 1.0f;
  const mst__i8 bits = (__builtin_convertvector(k, mst__i8) + 127) << 23;
  return p * (mst__f8)bits;
}

/* ln(x) for normal x > 0; absolute error below 2e-7 near 1, relative elsewhere.
 * x = 2^k m with m in [sqrt 1/2, sqrt 2); ln m = 2 artanh(s), s = (m - 1) / (m + 1), |s| <
 * 0.172. */
MST__INLINE mst__f8 mst__f8_log(mst__f8 x) {
  const mst__i8 root_half = mst__i8_all(0x3f3504f3);
  const mst__i8 k = ((mst__i8)x - root_half) >> 23;
  const mst__f8 m = (mst__f8)((mst__i8)x - (k << 23));
  const mst__f8 s = (m - 1.0f) / (m + 1.0f), s2 = s * s;
  const mst__f8 tail = s2 * (s2 * (s2 * (s2 * (1.0f / 9) + 1.0f / 7) + 0.2f) + 1.0f / 3);
  return __builtin_convertvector(k, mst__f8) * 0.693147181f + 2.0f * (s + s * tail);
}

#endif
