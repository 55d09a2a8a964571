/* normalize.h: scale one row to length 1. One body for host and device; sums run left to right in
 * double. Equation: scikit-learn, preprocessing.normalize.
 *
 * norm 1: divide by the sum of absolute values; 2: by the Euclidean length; 0: nothing. A row
 * without weight is left alone.
 */
#ifndef MISSTEP_BODY_NORMALIZE_H
#define MISSTEP_BODY_NORMALIZE_H

#include <math.h>
#include <stdint.h>

#include "misstep/host_device.h"

/* The sum so far and one weight more. norm is 1 or 2. */
MST_HD static inline double mst_body_norm_add(double sum, double weight, int norm) {
  return norm == 1 ? sum + fabs(weight) : sum + weight * weight;
}

/* What a row of this sum is divided by. */
MST_HD static inline double mst_body_norm_length(double sum, int norm) {
  return norm == 1 ? sum : sqrt(sum);
}

/* One weight of a row of this length; 0: as it is. */
MST_HD static inline double mst_body_norm_scale(double weight, double length) {
  return length == 0.0 ? weight : weight / length;
}

MST_HD static inline void mst_body_normalize_row(double *val, int64_t n, int norm) {
  if (norm == 0) return;
  double sum = 0.0;
  for (int64_t i = 0; i < n; i++) sum = mst_body_norm_add(sum, val[i], norm);
  const double length = mst_body_norm_length(sum, norm);
  for (int64_t i = 0; i < n; i++) val[i] = mst_body_norm_scale(val[i], length);
}

#endif
