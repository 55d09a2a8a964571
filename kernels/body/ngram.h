/* ngram.h: where the n-grams of an item stand in its list: ordered by length, then by position.
 * One body for host and device.
 */
#ifndef MISSTEP_BODY_NGRAM_H
#define MISSTEP_BODY_NGRAM_H

#include "misstep/host_device.h"

/* n-grams of n_min to n_max units of an item of len units. whole: an item shorter than n_min is one
 * n-gram itself. There are len - n + 1 of length n; this is their sum. */
MST_HD static inline int64_t mst_body_ngram_total(int64_t len, int32_t n_min, int32_t n_max,
                                                  int whole) {
  if (len < n_min) return whole && len > 0;
  const int64_t top = len < n_max ? len : n_max, n_lengths = top - n_min + 1;
  return n_lengths * (len + 1) - (n_min + top) * n_lengths / 2;
}

/* Where those of length n begin. */
MST_HD static inline int64_t mst_body_ngram_offset(int64_t len, int32_t n_min, int32_t n) {
  const int64_t k = n - n_min;
  return k * (len + 1) - (int64_t)(n_min + n - 1) * k / 2;
}

#endif
