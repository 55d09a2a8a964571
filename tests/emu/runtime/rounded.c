/* Rare arithmetic of translated kernels (directed rounding), printf, assert, trap, clocks. */
#include "emu.h"

#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>

static int mode_of(char mode) {
  return mode == 'z' ? FE_TOWARDZERO : mode == 'm' ? FE_DOWNWARD : FE_UPWARD;
}

/* volatile keeps the operation between the two calls of fesetround. */
#define ROUNDED(T, FMA)                                                                            \
  static T emu_rounded_##T(char operation, char mode, double a_, double b_, double c_) {           \
    volatile T a = (T)a_, b = (T)b_, c = (T)c_, result = 0;                                        \
    volatile double wide = a_;                                                                     \
    const int before = fegetround();                                                               \
    fesetround(mode_of(mode));                                                                     \
    switch (operation) {                                                                           \
    case '+': result = a + b; break;                                                               \
    case '-': result = a - b; break;                                                               \
    case '*': result = a * b; break;                                                               \
    case '/': result = a / b; break;                                                               \
    case 'f': result = FMA(a, b, c); break;                                                        \
    default: result = (T)wide; break;                                                              \
    }                                                                                              \
    fesetround(before);                                                                            \
    return result;                                                                                 \
  }
ROUNDED(float, fmaf)
ROUNDED(double, fma)

float emu_rounded_f32(char operation, char mode, double a, double b, double c) {
  return emu_rounded_float(operation, mode, a, b, c);
}
double emu_rounded_f64(char operation, char mode, double a, double b, double c) {
  return emu_rounded_double(operation, mode, a, b, c);
}

#define CONVERT(NAME, OUT, IN)                                                                     \
  OUT NAME(IN value, char mode) {                                                                  \
    volatile IN in = value;                                                                        \
    const int before = fegetround();                                                               \
    fesetround(mode_of(mode));                                                                     \
    volatile OUT out = (OUT)in;                                                                    \
    fesetround(before);                                                                            \
    return out;                                                                                    \
  }
CONVERT(emu_int_to_f64_s, double, int64_t)
CONVERT(emu_int_to_f64_u, double, uint64_t)
CONVERT(emu_int_to_f32_s, float, int64_t)
CONVERT(emu_int_to_f32_u, float, uint64_t)

/* Steps of a clock that only says which call came first. */
u64 emu_clock(void) {
  static u64 now;
  return now += 16;
}

u32 emu_multiprocessor(void) { return emu_self->block->linear % 4; }

_Noreturn void emu_trap(u32 line) { emu_die(line, "trap: the kernel stopped itself"); }

static u64 word(const unsigned char *at) {
  u64 value;
  memcpy(&value, at, sizeof value);
  return value;
}

static const char *text(const unsigned char *at) { return (const char *)emu_host(word(at)); }

_Noreturn void emu_assertfail(unsigned char *result, unsigned char *message, unsigned char *file,
                              unsigned char *line, unsigned char *function, unsigned char *size,
                              u32 ptx_line) {
  (void)result, (void)size;
  emu_die(ptx_line, "assertion failed: %s (%s:%u, %s)", text(message), text(file), (u32)word(line),
          text(function));
}

/* printf of the device: arguments lie in a buffer, each aligned to its size. */
void emu_vprintf(unsigned char *result, unsigned char *format, unsigned char *arguments, u32 line) {
  const char *f = text(format);
  const unsigned char *base = emu_host(word(arguments));
  size_t at = 0;
  u32 printed = 0;
  (void)line;
  for (; *f; f++, printed++) {
    char one[32];
    size_t n = 0;
    if (*f != '%' || f[1] == '%') {
      putchar(*f);
      f += *f == '%';
      continue;
    }
    bool is_long = false;
    do {
      is_long |= *f == 'l';
      if (n < sizeof one - 2) one[n++] = *f;
      f++;
    } while (*f && !strchr("diouxXcsfFeEgGp", *f));
    one[n++] = *f;
    one[n] = 0;
    const bool is_float = strchr("fFeEgG", *f) != NULL,
               wide = is_float || is_long || *f == 's' || *f == 'p';
    at = wide ? (at + 7) / 8 * 8 : (at + 3) / 4 * 4;
    if (is_float) {
      printf(one, as_f64(word(base + at)));
    } else if (*f == 's') {
      printf(one, text(base + at));
    } else if (wide) {
      printf(one, word(base + at));
    } else {
      u32 value;
      memcpy(&value, base + at, sizeof value);
      printf(one, value);
    }
    at += wide ? 8 : 4;
  }
  if (result) memcpy(result, &printed, sizeof printed);
}
