/* radix.h: stable sorting of (key, position) pairs, and of short lists of ids. Internal. */
#ifndef MISSTEP_CPU_RADIX_H
#define MISSTEP_CPU_RADIX_H

#include <stdint.h>

#include "misstep/status.h"

typedef struct mst__pair {
  uint64_t key;
  int64_t pos;
} mst__pair;

/* Bits that hold 0 .. n-1; at least 1. */
static inline int mst__bits_for(uint64_t n) { return n > 2 ? 64 - __builtin_clzll(n - 1) : 1; }

/* Sort n pairs by the low key_bits of their key, equal keys in the order given. pairs and scratch
 * hold n each; the result is always in pairs. MST_E_NOMEM (histograms). */
mst_status mst__radix_sort(mst__pair *pairs, mst__pair *scratch, int64_t n, int key_bits,
                           int n_threads);

/* Sort n ids, 0 .. 2^id_bits-1; scratch holds n. */
void mst__sort_ids(int32_t *id, int32_t *scratch, int64_t n, int id_bits);

/* First element of slice t of T even slices of 0 .. n. */
static inline int64_t mst__slice(int64_t n, int t, int n_slices) {
  return n / n_slices * t + (n % n_slices < t ? n % n_slices : t);
}

#endif
