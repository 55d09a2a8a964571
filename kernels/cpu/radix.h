/* radix.h: stable sorting of keys with positions, and of short lists of ids. Internal. */
#ifndef MISSTEP_CPU_RADIX_H
#define MISSTEP_CPU_RADIX_H

#include <stdint.h>

/* Bits that hold 0 .. n-1; at least 1. */
static inline int mst__bits_for(uint64_t n) { return n > 2 ? 64 - __builtin_clzll(n - 1) : 1; }

/* Sort n words by key_bits bits from low_bit on; words with equal ones stay in the order given.
 * scratch holds n. Returns where the result is, words or scratch. */
uint64_t *mst__radix_sort(uint64_t *words, uint64_t *scratch, int64_t n, int low_bit, int key_bits);

/* Sort n ids, 0 .. 2^id_bits-1; scratch holds n. */
void mst__sort_ids(int32_t *id, int32_t *scratch, int64_t n, int id_bits);

/* First element of slice t of T even slices of 0 .. n. */
static inline int64_t mst__slice(int64_t n, int t, int n_slices) {
  return n / n_slices * t + (n % n_slices < t ? n % n_slices : t);
}

#endif
