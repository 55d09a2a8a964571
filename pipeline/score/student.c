/* student.c: Student's t by its finite sums, and intervals of means. */
#include "score/student.h"

#include <math.h>

/* The share of the distribution within -t .. t: a polynomial in the cosine of atan(t / sqrt(f)). */
static double share_within(double t, int64_t f) {
  const double angle = atan(t / sqrt((double)f)), c = cos(angle), s = sin(angle);
  const int is_odd = f % 2 == 1;
  double term = is_odd ? c : 1, sum = 0;
  for (int64_t k = is_odd ? 3 : 2; k <= f; k += 2) {
    sum += term;
    term *= c * c * (double)(k - 1) / (double)k;
  }
  return is_odd ? 2 / acos(-1) * (angle + s * sum) : s * sum;
}

double mst_student_t(int64_t freedom) {
  double low = 0, high = 13;
  for (int i = 0; i < 60; i++) {
    const double middle = (low + high) / 2;
    if (share_within(middle, freedom) < 0.95) low = middle;
    else high = middle;
  }
  return high;
}

mst_mean mst_mean_of(const double *value, int64_t n) {
  mst_mean m = {NAN, NAN, NAN, n};
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < n; i++) sum += value[i];
  if (n) m.mean = sum / (double)n;
  for (int64_t i = 0; i < n; i++) squares += (value[i] - m.mean) * (value[i] - m.mean);
  if (n < 2) return m;
  const double half = mst_student_t(n - 1) * sqrt(squares / (double)(n - 1) / (double)n);
  m.low = m.mean - half;
  m.high = m.mean + half;
  return m;
}
