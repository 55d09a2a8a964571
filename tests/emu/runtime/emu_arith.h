/* Arithmetic of PTX instructions that C has no operator for. Included by translated kernels only.
 *
 * Every function is the definition in the PTX manual for all inputs (shifts beyond the width,
 * division by zero, NaN to integer). Exact: + - * / sqrt fma in round to nearest. Not exact:
 * rsqrt, ex2, lg2, sin, cos, tanh, which are approximations on a GPU and the C library's
 * functions here; .ftz is not done.
 */
#ifndef EMU_ARITH_H
#define EMU_ARITH_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef float f32;
typedef double f64;
__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 s128;

/* Bits of a register as a floating-point number and back. */
static inline f32 as_f32(u64 bits) {
  const u32 low = (u32)bits;
  f32 value;
  memcpy(&value, &low, sizeof value);
  return value;
}
static inline f64 as_f64(u64 bits) {
  f64 value;
  memcpy(&value, &bits, sizeof value);
  return value;
}
static inline u32 from_f32(f32 value) {
  u32 bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}
static inline u64 from_f64(f64 value) {
  u64 bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* + - * / f(ma) n(arrowing) with the rounding z m p (toward zero, down, up): slow, rare. */
double emu_rounded_f64(char operation, char mode, double a, double b, double c);
float emu_rounded_f32(char operation, char mode, double a, double b, double c);
double emu_int_to_f64_s(int64_t value, char mode);
double emu_int_to_f64_u(uint64_t value, char mode);
float emu_int_to_f32_s(int64_t value, char mode);
float emu_int_to_f32_u(uint64_t value, char mode);

/* Shifts by the width or more give 0, or the sign. */
#define EMU_SHIFTS(W)                                                                              \
  static inline u##W shl_u##W(u##W a, u32 n) { return n >= W ? 0 : (u##W)((u64)a << n); }          \
  static inline u##W shr_u##W(u##W a, u32 n) { return n >= W ? 0 : (u##W)(a >> n); }               \
  static inline s##W shr_s##W(s##W a, u32 n) { return (s##W)(a >> (n >= W ? W - 1 : n)); }
EMU_SHIFTS(16)
EMU_SHIFTS(32)
EMU_SHIFTS(64)

/* Division by zero gives all ones, its remainder the dividend: what the hardware's sequence
 * leaves.
 */
#define EMU_INTEGERS(W, WIDE)                                                                      \
  static inline u##W div_u##W(u##W a, u##W b) { return b ? (u##W)(a / b) : (u##W) - 1; }           \
  static inline u##W rem_u##W(u##W a, u##W b) { return b ? (u##W)(a % b) : a; }                    \
  static inline s##W div_s##W(s##W a, s##W b) {                                                    \
    return b == 0 ? (s##W) - 1 : b == -1 ? (s##W)(0 - (u64)a) : (s##W)(a / b);                     \
  }                                                                                                \
  static inline s##W rem_s##W(s##W a, s##W b) { return b == 0 ? a : b == -1 ? 0 : (s##W)(a % b); } \
  static inline u##W mul_hi_u##W(u##W a, u##W b) { return (u##W)((u##WIDE)a * b >> W); }           \
  static inline s##W mul_hi_s##W(s##W a, s##W b) { return (s##W)((s##WIDE)a * b >> W); }           \
  static inline u##W min_u##W(u##W a, u##W b) { return a < b ? a : b; }                            \
  static inline u##W max_u##W(u##W a, u##W b) { return a > b ? a : b; }                            \
  static inline s##W min_s##W(s##W a, s##W b) { return a < b ? a : b; }                            \
  static inline s##W max_s##W(s##W a, s##W b) { return a > b ? a : b; }
EMU_INTEGERS(16, 32)
EMU_INTEGERS(32, 64)
EMU_INTEGERS(64, 128)

/* One NaN loses against a number; -0 is below +0 (C leaves that open). */
static inline f64 min_f64(f64 a, f64 b) { return a == b ? (signbit(a) ? a : b) : fmin(a, b); }
static inline f64 max_f64(f64 a, f64 b) { return a == b ? (signbit(a) ? b : a) : fmax(a, b); }
static inline f32 min_f32(f32 a, f32 b) { return (f32)min_f64(a, b); }
static inline f32 max_f32(f32 a, f32 b) { return (f32)max_f64(a, b); }

static inline s32 saturate_s32(s64 v) {
  return (s32)(v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : v);
}
static inline u64 saturate(s128 v, int bits, int is_signed, int unused) {
  const s128 high = is_signed ? ((s128)1 << (bits - 1)) - 1 : ((s128)1 << bits) - 1;
  const s128 low = is_signed ? -((s128)1 << (bits - 1)) : 0;
  (void)unused;
  return (u64)(v > high ? high : v < low ? low : v);
}

/* Funnel shift: 32 bits out of b:a (b is the high word). */
static inline u32 shf_amount(u32 n, int clamp) { return clamp ? (n > 32 ? 32 : n) : n & 31; }
static inline u32 shf_l(u32 a, u32 b, u32 n, int clamp) {
  return (u32)((((u64)b << 32 | a) << shf_amount(n, clamp)) >> 32);
}
static inline u32 shf_r(u32 a, u32 b, u32 n, int clamp) {
  return (u32)(((u64)b << 32 | a) >> shf_amount(n, clamp));
}

/* Bit i of the result is bit (a_i b_i c_i) of the table. */
static inline u32 lop3(u32 a, u32 b, u32 c, u32 table) {
  u32 r = 0;
  for (u32 i = 0; i < 8; i++) {
    if (table >> i & 1) r |= (i & 4 ? a : ~a) & (i & 2 ? b : ~b) & (i & 1 ? c : ~c);
  }
  return r;
}

/* Four bytes chosen from b:a; bit 3 of a selector repeats the byte's sign. */
static inline u32 prmt(u32 a, u32 b, u32 selector) {
  const u64 bytes = (u64)b << 32 | a;
  u32 r = 0;
  for (u32 i = 0; i < 4; i++) {
    const u32 s = selector >> (4 * i) & 15;
    u32 byte = (u32)(bytes >> (8 * (s & 7))) & 255;
    if (s & 8) byte = byte & 128 ? 255 : 0;
    r |= byte << (8 * i);
  }
  return r;
}

/* Field of `length` bits at `position`; a signed field is extended with its top bit. */
static inline u64 bfe(u64 a, u32 width, u32 position, u32 length, int is_signed) {
  u64 sign = 0, r = 0;
  position &= 255;
  length &= 255;
  if (length == 0) return 0;
  if (is_signed) {
    const u32 top = position + length - 1 < width - 1 ? position + length - 1 : width - 1;
    sign = a >> top & 1;
  }
  for (u32 i = 0; i < width; i++) {
    const u64 bit = i < length && position + i < width ? a >> (position + i) & 1 : sign;
    r |= bit << i;
  }
  return r;
}

static inline u64 bfi(u64 a, u64 b, u32 width, u32 position, u32 length) {
  position &= 255;
  length &= 255;
  for (u32 i = 0; i < length && position + i < width; i++) {
    const u64 one = (u64)1 << (position + i);
    b = a >> i & 1 ? b | one : b & ~one;
  }
  return b;
}

/* Position of the highest bit that differs from the sign, or ~0. */
static inline u32 bfind(u64 a, int width, int is_signed, int shift_amount) {
  if (is_signed && (s64)a < 0) a = ~a;
  if (width == 32) a = (u32)a;
  if (!a) return 0xffffffffu;
  const u32 position = 63 - (u32)__builtin_clzll(a);
  return shift_amount ? (u32)width - 1 - position : position;
}

static inline u32 bmsk(u32 position, u32 length, int clamp) {
  if (!clamp) {
    position &= 31;
    length &= 31;
  }
  if (position >= 32 || length == 0) return 0;
  return (u32)((length >= 32 ? 0xffffffffull : ((u64)1 << length) - 1) << position);
}

static inline u64 brev(u64 a, int width) {
  u64 r = 0;
  for (int i = 0; i < width; i++) r |= (a >> i & 1) << (width - 1 - i);
  return r;
}

static inline u32 clz(u64 a, int width) {
  return a ? (u32)(__builtin_clzll(a) - 64 + width) : (u32)width;
}

static inline u32 dp4a(u32 a, u32 b, u32 c, int a_signed, int b_signed) {
  for (int i = 0; i < 4; i++) {
    const s32 x = a_signed ? (s8)(a >> (8 * i)) : (u8)(a >> (8 * i));
    const s32 y = b_signed ? (s8)(b >> (8 * i)) : (u8)(b >> (8 * i));
    c += (u32)(x * y);
  }
  return c;
}

static inline f64 round_to_int(f64 v, char mode) {
  return mode == 'z' ? trunc(v) : mode == 'm' ? floor(v) : mode == 'p' ? ceil(v) : nearbyint(v);
}

/* A whole number as integer bits: clamped; NaN is 0, or the top bit where 64 bits take part. */
static inline u64 float_to_int(f64 v, int width, int is_signed, int from_f64_) {
  if (isnan(v)) return from_f64_ || width == 64 ? (u64)1 << (width - 1) : 0;
  if (is_signed) {
    const f64 limit = ldexp(1.0, width - 1);
    if (v < -limit) return (u64)0 - ((u64)1 << (width - 1));
    return v >= limit ? ((u64)1 << (width - 1)) - 1 : (u64)(s64)v;
  }
  if (v <= 0) return 0;
  return v >= ldexp(1.0, width) ? ~(u64)0 >> (64 - width) : (u64)v;
}

#define EMU_FLOATS(T, S)                                                                           \
  static inline T ptx_sqrt_##T(T a) { return sqrt##S(a); }                                         \
  static inline T ptx_rsqrt_##T(T a) { return 1 / sqrt##S(a); }                                    \
  static inline T ptx_rcp_##T(T a) { return 1 / a; }                                               \
  static inline T ptx_ex2_##T(T a) { return exp2##S(a); }                                          \
  static inline T ptx_lg2_##T(T a) { return log2##S(a); }                                          \
  static inline T ptx_sin_##T(T a) { return sin##S(a); }                                           \
  static inline T ptx_cos_##T(T a) { return cos##S(a); }                                           \
  static inline T ptx_tanh_##T(T a) { return tanh##S(a); }
EMU_FLOATS(f32, f)
EMU_FLOATS(f64, )

#endif
