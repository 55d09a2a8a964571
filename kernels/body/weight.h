/* weight.h: the weights of one row from its counts. One body for host and device: logarithms come
 * in as tables.
 */
#ifndef MISSTEP_BODY_WEIGHT_H
#define MISSTEP_BODY_WEIGHT_H

#include <stdint.h>

#include "misstep/host_device.h"

/* tf(count) * idf[col]
 *   tf     [greatest count + 1], or NULL: the count
 *   idf    [V], or NULL: 1
 *   total  not 0: the count is divided by it first */
MST_HD static inline double mst_body_weight(int32_t col, int32_t count, const double *tf,
                                            const double *idf, int64_t total) {
  double w = tf ? tf[count] : (double)count;
  if (total) w = w / (double)total;
  return idf ? w * idf[col] : w;
}

/* The sum of a row's counts. */
MST_HD static inline int64_t mst_body_weight_total(const int32_t *count, int64_t n) {
  int64_t total = 0;
  for (int64_t i = 0; i < n; i++) total += count[i];
  return total;
}

/* val[i] is the weight of entry i. relative: counts are divided by their sum first. */
MST_HD static inline void mst_body_weight_row(const int32_t *col, const int32_t *count, int64_t n,
                                              const double *tf, const double *idf, int relative,
                                              double *val) {
  const int64_t total = relative ? mst_body_weight_total(count, n) : 0;
  for (int64_t i = 0; i < n; i++) val[i] = mst_body_weight(col[i], count[i], tf, idf, total);
}

#endif
