/* rng.h: indexed randomness. A draw is a pure function of where it is used, never of what was
 * drawn before, so results depend on no order, batch, shard or thread.
 *
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011).
 * Header only: the same code runs on host and device.
 */
#ifndef MISSTEP_RNG_H
#define MISSTEP_RNG_H

#include <stdint.h>

#include "misstep/host_device.h"

/* What a draw is for; part of its index, so that two uses never share a draw. */
typedef enum mst_rng_purpose {
  MST_RNG_SPLIT = 1,
  MST_RNG_FOLD = 2,
  MST_RNG_BOOTSTRAP = 3,
  MST_RNG_GENERATE = 4,
  MST_RNG_VALIDATION = 5,
  MST_RNG_AUGMENT = 6,
  MST_RNG_LINEAR = 7,
  MST_RNG_SWEEP = 8
} mst_rng_purpose;

typedef struct mst_rng_block {
  uint32_t word[4];
} mst_rng_block;

/* One Philox4x32-10 block for counter (4 words) and key (2 words). */
MST_HD static inline mst_rng_block mst_rng_philox(mst_rng_block counter, uint32_t key0,
                                                  uint32_t key1) {
  mst_rng_block c = counter;
  for (int round = 0; round < 10; round++) {
    const uint64_t p0 = (uint64_t)0xD2511F53u * c.word[0];
    const uint64_t p1 = (uint64_t)0xCD9E8D57u * c.word[2];
    const mst_rng_block next = {{(uint32_t)(p1 >> 32) ^ c.word[1] ^ key0, (uint32_t)p1,
                                 (uint32_t)(p0 >> 32) ^ c.word[3] ^ key1, (uint32_t)p0}};
    c = next;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return c;
}

/* 64 random bits for (seed, purpose, record, copy, position).
 *
 *   record    0 .. 2^64-1, a record's number or the hash of its content
 *   copy      0 .. 2^20-1, an augmented copy or a bootstrap sample
 *   position  0 .. 2^37-1, a token, an attempt
 *
 * The counter is record (64 bits), copy and purpose (32) and position (32); the higher bits of
 * position and the seed make the key.
 */
MST_HD static inline uint64_t mst_rng_u64(uint64_t seed, mst_rng_purpose purpose, uint64_t record,
                                          uint32_t copy, uint64_t position) {
  const mst_rng_block counter = {{(uint32_t)record, (uint32_t)(record >> 32),
                                  (copy << 12) ^ (uint32_t)purpose, (uint32_t)position}};
  const mst_rng_block out =
      mst_rng_philox(counter, (uint32_t)seed, (uint32_t)(seed >> 32) ^ (uint32_t)(position >> 32));
  return ((uint64_t)out.word[1] << 32) | out.word[0];
}

/* The same draw as a double in [0, 1), a multiple of 2^-53. */
MST_HD static inline double mst_rng_unit(uint64_t seed, mst_rng_purpose purpose, uint64_t record,
                                         uint32_t copy, uint64_t position) {
  return (double)(mst_rng_u64(seed, purpose, record, copy, position) >> 11) * 0x1p-53;
}

/* The same draw as an integer in [0, n), n >= 1, by multiplication: the bias is below n / 2^64. */
MST_HD static inline uint64_t mst_rng_below(uint64_t n, uint64_t seed, mst_rng_purpose purpose,
                                            uint64_t record, uint32_t copy, uint64_t position) {
  const uint64_t draw = mst_rng_u64(seed, purpose, record, copy, position);
#ifdef __CUDA_ARCH__
  return __umul64hi(draw, n);
#else
  __extension__ typedef unsigned __int128 wide;
  return (uint64_t)(((wide)draw * n) >> 64);
#endif
}

#endif
