/* weight.h: the weights of one row from its counts. One body for host and device: logarithms come
 * in as tables, sums run left to right in double.
 */
#ifndef MISSTEP_BODY_WEIGHT_H
#define MISSTEP_BODY_WEIGHT_H

#include <stdint.h>

#include "misstep/host_device.h"

/* val[i] = tf(count[i]) * idf[col[i]]
 *   tf        [greatest count + 1], or NULL: the count
 *   idf       [V], or NULL: 1
 *   relative  the count is divided by the sum of the row's counts first */
MST_HD static inline void mst_body_weight_row(const int32_t *col, const int32_t *count, int64_t n,
                                              const double *tf, const double *idf, int relative,
                                              double *val) {
  int64_t total = 0;
  if (relative)
    for (int64_t i = 0; i < n; i++) total += count[i];
  for (int64_t i = 0; i < n; i++) {
    double w = tf ? tf[count[i]] : (double)count[i];
    if (relative) w = w / (double)total;
    val[i] = idf ? w * idf[col[i]] : w;
  }
}

#endif
