/* student.h: a mean of a few numbers with its 95 % interval. */
#ifndef MISSTEP_STUDENT_H
#define MISSTEP_STUDENT_H

#include <stdint.h>

typedef struct mst_mean {
  double mean, low, high; /* low, high: NaN for fewer than two numbers */
  int64_t n;
} mst_mean;

/* The t that 95 % of Student's distribution with so many degrees of freedom lie below in absolute
 * value; to 1e-9. Equation: Abramowitz and Stegun, 26.7.3 and 26.7.4. */
double mst_student_t(int64_t freedom);

/* mean +- t * s / sqrt(n), s with n - 1. NaN of an empty set. */
mst_mean mst_mean_of(const double *value, int64_t n);

#endif
