/* normalize.h: scale one row to length 1. One body for host and device; sums run left to right in
 * double. Equation: scikit-learn, preprocessing.normalize.
 */
#ifndef MISSTEP_BODY_NORMALIZE_H
#define MISSTEP_BODY_NORMALIZE_H

#include <math.h>
#include <stdint.h>

#include "misstep/host_device.h"

/* norm 1: divide by the sum of absolute values; 2: by the Euclidean length; 0: nothing. A row
 * without weight is left alone. */
MST_HD static inline void mst_body_normalize_row(double *val, int64_t n, int norm) {
  if (norm == 0) return;
  double sum = 0.0;
  if (norm == 1)
    for (int64_t i = 0; i < n; i++) sum = sum + fabs(val[i]);
  else
    for (int64_t i = 0; i < n; i++) sum = sum + val[i] * val[i];
  if (sum == 0.0) return;
  const double length = norm == 1 ? sum : sqrt(sum);
  for (int64_t i = 0; i < n; i++) val[i] = val[i] / length;
}

#endif
