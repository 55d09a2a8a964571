// Instructions that compute: each on a grid of awkward values, on the device and in plain C on the
// host.
#include <cuda_runtime.h>

#include <cfenv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

static __host__ __device__ double as_double(u64 a) {
  double d;
  memcpy(&d, &a, 8);
  return d;
}
static __host__ __device__ u64 bits(double d) {
  u64 a;
  memcpy(&a, &d, 8);
  return d != d ? 0x7ff8000000000000u : a; // one NaN for all
}
static __host__ __device__ float as_float(u64 a) {
  const u32 low = (u32)a;
  float f;
  memcpy(&f, &low, 4);
  return f;
}
static __host__ __device__ u64 bits(float f) {
  u32 a;
  memcpy(&a, &f, 4);
  return f != f ? 0x7fc00000u : a;
}

template <class T> static T rounded(int mode, T (*f)(T, T), T a, T b) {
  const int before = fegetround();
  fesetround(mode);
  volatile T x = a, y = b;
  volatile T r = f(x, y);
  fesetround(before);
  return r;
}
template <class T> __attribute__((noinline)) static T plus(T a, T b) {
  volatile T x = a, y = b;
  return x + y;
}
template <class T> __attribute__((noinline)) static T times(T a, T b) {
  volatile T x = a, y = b;
  return x * y;
}
template <class T> __attribute__((noinline)) static T over(T a, T b) {
  volatile T x = a, y = b;
  return x / y;
}

#define OP(NAME, DEVICE, ...)                                                                      \
  struct NAME {                                                                                    \
    static const char *name() { return #NAME; }                                                    \
    static __device__ u64 device(u64 a, u64 b) { DEVICE; }                                         \
    static u64 host(u64 a, u64 b) { __VA_ARGS__; }                                                 \
  };
#define SAME(NAME, EXPRESSION) OP(NAME, return (u64)(EXPRESSION), return (u64)(EXPRESSION))
#define ASM2(TEXT, X, Y)                                                                           \
  u32 r;                                                                                           \
  asm(TEXT : "=r"(r) : "r"(X), "r"(Y));                                                            \
  return r
#define ASM3(TEXT, X, Y, Z)                                                                        \
  u32 r;                                                                                           \
  asm(TEXT : "=r"(r) : "r"(X), "r"(Y), "r"(Z));                                                    \
  return r

SAME(add64, a + b)
SAME(sub32, (u32)((u32)a - (u32)b))
SAME(mul64, a *b)
SAME(mul32, (u32)((u32)a *(u32)b))
SAME(mul_wide_s, (s64)(s32)a *(s32)b)
SAME(div_u64, b ? a / b : 0)
SAME(rem_u64, b ? a % b : 0)
SAME(div_s32, (s32)b && !((s32)a == INT32_MIN && (s32)b == -1) ? (s32)a / (s32)b : 0)
SAME(rem_s32, (s32)b && !((s32)a == INT32_MIN && (s32)b == -1) ? (s32)a % (s32)b : 0)
SAME(div_s64, b && !((s64)a == INT64_MIN && (s64)b == -1) ? (s64)a / (s64)b : 0)
SAME(rem_u32, (u32)b ? (u32)a % (u32)b : 0)
SAME(min_s64, (s64)a < (s64)b ? a : b)
SAME(max_u32, (u32)a > (u32)b ? (u32)a : (u32)b)
SAME(abs32, (u32)((s32)a < 0 ? 0u - (u32)a : (u32)a))
SAME(logic, (a & ~b) ^ (b | (a >> 7)))
SAME(chars, (s64)(signed char)a + (unsigned char)b)
SAME(shorts, (s64)(short)(a >> 5) * (unsigned short)b)
SAME(shift16, (u64)(unsigned short)((unsigned short)a << (b & 15)))
OP(mul_hi_u32, return __umulhi((u32)a, (u32)b), return (u64)(u32)a * (u32)b >> 32)
OP(mul_hi_s32, return (u32)__mulhi((s32)a, (s32)b), return (u32)((s64)(s32)a * (s32)b >> 32))
OP(mul_hi_u64, return __umul64hi(a, b), return (u64)((unsigned __int128)a * b >> 64))
OP(mul_hi_s64, return (u64)__mul64hi((s64)a, (s64)b), return (u64)((__int128)(s64)a * (s64)b >> 64))
OP(add_sat, ASM2("add.sat.s32 %0, %1, %2;", (u32)a, (u32)b), const s64 s = (s64)(s32)a + (s32)b;
   return (u32)(s > INT32_MAX   ? INT32_MAX
                : s < INT32_MIN ? INT32_MIN
                                : s))
OP(carry, u32 lo; u32 hi; asm("{ add.cc.u32 %0, %2, %4; addc.u32 %1, %3, %5; }"
                              : "=r"(lo), "=r"(hi)
                              : "r"((u32)a), "r"((u32)(a >> 32)), "r"((u32)b), "r"((u32)(b >> 32)));
   return (u64)hi << 32 | lo, return a + b)
OP(borrow, u32 lo; u32 hi;
   asm("{ sub.cc.u32 %0, %2, %4; subc.u32 %1, %3, %5; }"
       : "=r"(lo), "=r"(hi)
       : "r"((u32)a), "r"((u32)(a >> 32)), "r"((u32)b), "r"((u32)(b >> 32)));
   return (u64)hi << 32 | lo, return a - b)
OP(mad_carry, u32 lo; u32 hi;
   asm("{ mad.lo.cc.u32 %0, %2, %3, %4; madc.hi.u32 %1, %2, %3, %5; }"
       : "=r"(lo), "=r"(hi)
       : "r"((u32)a), "r"((u32)b), "r"((u32)(a >> 32)), "r"((u32)(b >> 32)));
   return (u64)hi << 32 | lo, return (u64)(u32)a * (u32)b + ((b >> 32 << 32) | a >> 32))
OP(shl_far, ASM2("shl.b32 %0, %1, %2;", (u32)a, (u32)(b & 63)),
   return (b & 63) > 31 ? 0 : (u32)((u32)a << (b & 63)))
OP(shr_far, ASM2("shr.s32 %0, %1, %2;", (u32)a, (u32)(b & 63)),
   return (u32)((s32)a >> ((b & 63) > 31 ? 31 : (b & 63))))
OP(popcount, return __popcll(a) * 100 + __popc((u32)b),
   return __builtin_popcountll(a) * 100 + __builtin_popcount((u32)b))
OP(leading, return __clzll(a) * 100 + __clz((s32)b),
   return (a ? __builtin_clzll(a) : 64) * 100 + ((u32)b ? __builtin_clz((u32)b) : 32))
OP(first_set, return __ffsll(a) * 100 + __ffs((s32)b),
   return __builtin_ffsll((s64)a) * 100 + __builtin_ffs((s32)b))
static u64 reversed(u64 a, int n) {
  u64 r = 0;
  for (int i = 0; i < n; i++) r |= (a >> i & 1) << (n - 1 - i);
  return r;
}
OP(reverse, return __brevll(a) ^ __brev((u32)b), return reversed(a, 64) ^ reversed((u32)b, 32))
OP(byte_perm, return __byte_perm((u32)a, (u32)(a >> 32), (u32)b & 0x7777), u32 r = 0;
   for (int i = 0; i < 4; i++) r |= (u32)(a >> (8 * (b >> (4 * i) & 7)) & 255) << (8 * i); return r)
OP(
    prmt_sign, ASM3("prmt.b32 %0, %1, %2, %3;", (u32)a, (u32)(a >> 32), (u32)b), u32 r = 0;
    for (int i = 0; i < 4; i++) {
      const u32 s = b >> (4 * i) & 15;
      u32 v = a >> (8 * (s & 7)) & 255;
      if (s & 8) v = v & 128 ? 255 : 0;
      r |= v << (8 * i);
    } return r)
OP(funnel_l, return __funnelshift_l((u32)a, (u32)(a >> 32), (u32)b), const int n = b & 31;
   return (u32)((a << n) >> 32))
OP(funnel_rc, return __funnelshift_rc((u32)a, (u32)(a >> 32), (u32)(b & 63)),
   const int n = (b & 63) > 32 ? 32 : (int)(b & 63);
   return (u32)(a >> n))
OP(field_u, ASM3("bfe.u32 %0, %1, %2, %3;", (u32)a, (u32)(b & 63), (u32)(b >> 8 & 63)),
   const int p = b & 63, n = b >> 8 & 63;
   const u64 v = p > 31 ? 0 : (u32)a >> p; return n > 31 ? v : v & ((1u << n) - 1))
OP(field_s, ASM3("bfe.s32 %0, %1, %2, %3;", (u32)a, (u32)(b & 31), (u32)(1 + (b >> 8 & 15))),
   const int p = b & 31, n = 1 + (b >> 8 & 15);
   const s64 v = (s64)(s32)a >> p; return (u32)(s32)((s64)((u64)v << (64 - n)) >> (64 - n)))
OP(insert, u32 r;
   asm("bfi.b32 %0, %1, %2, %3, %4;"
       : "=r"(r)
       : "r"((u32)a), "r"((u32)(a >> 32)), "r"((u32)(b & 31)), "r"((u32)(b >> 8 & 31)));
   return r, const int p = b & 31, n = b >> 8 & 31; const u32 m = (u32)(((1ull << n) - 1) << p);
   return ((u32)(a >> 32) & ~m) | ((u32)((u64)(u32)a << p) & m))
OP(highest, u32 r; asm("bfind.u64 %0, %1;"
                       : "=r"(r)
                       : "l"(a));
   return r, return a ? 63 - __builtin_clzll(a) : 0xffffffffu)
OP(mask_bits, ASM2("bmsk.clamp.b32 %0, %1, %2;", (u32)(b & 63), (u32)(a & 63)),
   const u32 p = b & 63;
   const u32 n = a & 63;
   return p > 31 || !n ? 0 : (u32)(((n > 31 ? 1ull << 32 : 1ull << n) - 1) << p))
OP(lop3_mix, ASM3("lop3.b32 %0, %1, %2, %3, 0x96;", (u32)a, (u32)b, (u32)(a >> 32)),
   return (u32)((u32)a ^ (u32)b ^ (u32)(a >> 32)))
OP(lop3_choose, ASM3("lop3.b32 %0, %1, %2, %3, 0xca;", (u32)a, (u32)b, (u32)(a >> 32)),
   return ((u32)a & (u32)b) | (~(u32)a & (u32)(a >> 32)))
OP(dot4, return (u32)__dp4a((int)a, (int)b, 7), s32 c = 7;
   for (int i = 0; i < 4; i++) c += (signed char)(a >> (8 * i)) * (signed char)(b >> (8 * i));
   return (u32)c)

SAME(double_add, bits(as_double(a) + as_double(b)))
SAME(double_mul_add, bits(as_double(a) * as_double(b) + as_double(a)))
SAME(double_div, bits(as_double(a) / as_double(b)))
SAME(double_sqrt, bits(sqrt(as_double(a))))
SAME(double_fma, bits(fma(as_double(a), as_double(b), as_double(b))))
SAME(float_div, bits(as_float(a) / as_float(b)))
SAME(float_sqrt, bits(sqrtf(as_float(b))))
SAME(float_mul_sub, bits(as_float(a) * as_float(b) - as_float(a >> 32)))
SAME(double_order, (as_double(a) < as_double(b)) + 2 * (as_double(a) == as_double(b)) +
                       4 * (as_double(a) != as_double(b)) + 8 * !(as_double(a) >= as_double(b)))
SAME(double_minmax, bits(fmin(as_double(a), as_double(b)) + 0.0) * 3 ^
                        bits(fmax(as_double(a), as_double(b)) + 0.0))
SAME(float_of_u64, bits((float)a))
SAME(double_of_s64, bits((double)(s64)a))
SAME(float_of_double, bits((float)as_double(a)))
SAME(double_of_float, bits((double)as_float(a)))
SAME(whole, bits(floor(as_double(a))) ^ bits(ceil(as_double(b))) ^ bits(trunc(as_double(a))) ^
                bits(rint(as_double(b))))
SAME(to_s32, (u32)(fabs(as_double(a)) < 2e9 ? (s32)as_double(a) : 0))
OP(to_s64_clamped, return (u64)__double2ll_rz(as_double(a)), const double d = as_double(a);
   return d != d                       ? 1ull << 63
          : d < -9223372036854775808.0 ? 1ull << 63
          : d >= 9223372036854775808.0 ? ~0ull >> 1
                                       : (u64)(s64)d)
OP(to_u32_clamped, return __float2uint_rz(as_float(a)), const float f = as_float(a);
   return f != f || f <= 0     ? 0
          : f >= 4294967296.0f ? 0xffffffffu
                               : (u32)f)
OP(to_s32_nearest, return (u32)__double2int_rn(as_double(a)), const double d = rint(as_double(a));
   return (u32)(d != d               ? INT32_MIN
                : d <= -2147483648.0 ? INT32_MIN
                : d >= 2147483647.0  ? INT32_MAX
                                     : (s32)d))
OP(add_down, return bits(__dadd_rd(as_double(a), as_double(b))),
   return bits(rounded(FE_DOWNWARD, plus<double>, as_double(a), as_double(b))))
OP(mul_up, return bits(__fmul_ru(as_float(a), as_float(b))),
   return bits(rounded(FE_UPWARD, times<float>, as_float(a), as_float(b))))
OP(div_zero, return bits(__ddiv_rz(as_double(a), as_double(b))),
   return bits(rounded(FE_TOWARDZERO, over<double>, as_double(a), as_double(b))))
OP(u64_down, return bits(__ull2double_rd(a)), const int m = fegetround(); fesetround(FE_DOWNWARD);
   volatile u64 v = a; volatile double d = (double)v; fesetround(m); return bits(d))

template <class O> __global__ void op_kernel(u64 *out, const u64 *a, const u64 *b, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = O::device(a[i], b[i]);
}

static std::vector<u64> values_a, values_b;
static u64 *d_a, *d_b, *d_out;
static int failures;

template <class O> static void check() {
  const int n = (int)values_a.size();
  std::vector<u64> out(n);
  op_kernel<O><<<(n + 63) / 64, 64>>>(d_out, d_a, d_b, n);
  if (cudaMemcpy(out.data(), d_out, n * 8, cudaMemcpyDeviceToHost) != cudaSuccess) failures++;
  int shown = 0;
  for (int i = 0; i < n; i++) {
    const u64 expected = O::host(values_a[i], values_b[i]);
    if (out[i] == expected) continue;
    failures++;
    if (shown++ < 2) {
      printf("%s(%016llx, %016llx): %016llx, expected %016llx\n", O::name(),
             (unsigned long long)values_a[i], (unsigned long long)values_b[i],
             (unsigned long long)out[i], (unsigned long long)expected);
    }
  }
}
template <class... O> static void check_all() {
  (void)std::initializer_list<int>{(check<O>(), 0)...};
}

int main() {
  const double numbers[] = {0.0,   -0.0,         1.0, -1.5,     2.5,       1e-310, 1e300,
                            -3e18, 4294967295.5, 0.1, INFINITY, -INFINITY, NAN,    2147483647.5};
  std::vector<u64> seeds = {0,
                            1,
                            2,
                            31,
                            32,
                            33,
                            0x7fffffff,
                            0x80000000,
                            0xffffffff,
                            0x100000000ull,
                            0x7fffffffffffffffull,
                            0x8000000000000000ull,
                            ~0ull,
                            0x0123456789abcdefull,
                            0x3f8000003f800001ull,
                            0x7f8000007f800001ull};
  for (double d : numbers) seeds.push_back(bits(d));
  for (float f : {0.5f, 3.3f, -7e9f, 1e-40f, 4294967040.0f}) seeds.push_back(bits(f));
  u64 r = 88172645463325252ull;
  for (int i = 0; i < 40; i++) seeds.push_back((r ^= r << 13, r ^= r >> 7, r ^= r << 17));
  for (u64 a : seeds)
    for (u64 b : seeds) values_a.push_back(a), values_b.push_back(b);
  const size_t bytes = values_a.size() * 8;
  cudaMalloc((void **)&d_a, bytes);
  cudaMalloc((void **)&d_b, bytes);
  cudaMalloc((void **)&d_out, bytes);
  cudaMemcpy(d_a, values_a.data(), bytes, cudaMemcpyHostToDevice);
  cudaMemcpy(d_b, values_b.data(), bytes, cudaMemcpyHostToDevice);
  check_all<add64, sub32, mul64, mul32, mul_wide_s, div_u64, rem_u64, div_s32, rem_s32, div_s64,
            rem_u32, min_s64, max_u32, abs32, logic, chars, shorts, shift16, mul_hi_u32, mul_hi_s32,
            mul_hi_u64, mul_hi_s64, add_sat, carry, borrow, mad_carry, shl_far, shr_far, popcount,
            leading, first_set, reverse, byte_perm, prmt_sign, funnel_l, funnel_rc, field_u,
            field_s, insert, highest, mask_bits, lop3_mix, lop3_choose, dot4>();
  check_all<double_add, double_mul_add, double_div, double_sqrt, double_fma, float_div, float_sqrt,
            float_mul_sub, double_order, double_minmax, float_of_u64, double_of_s64,
            float_of_double, double_of_float, whole, to_s32, to_s64_clamped, to_u32_clamped,
            to_s32_nearest, add_down, mul_up, div_zero, u64_down>();
  cudaFree(d_a);
  cudaFree(d_b);
  cudaFree(d_out);
  printf("%d of 67 x %zu results differ\n", failures, values_a.size());
  return failures != 0;
}
