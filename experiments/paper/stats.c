/* stats.c: Student's t, McNemar's test, the paired bootstrap, Holm's correction. */
#include "stats.h"

#include <math.h>
#include <stdlib.h>

#include "misstep/rng.h"

enum { SAMPLES = 1000 };

/* 97.5 % points of Student's t by degrees of freedom, from 1; beyond the table the last holds to
 * two digits. */
static const double t_point[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365,
                                 2.306,  2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
                                 2.131,  2.120, 2.110, 2.101, 2.093};

paper_mean paper_mean_of(const double *value, int n) {
  double sum = 0, squares = 0;
  if (n < 1) return (paper_mean){0, NAN, NAN, NAN};
  for (int i = 0; i < n; i++) sum += value[i];
  const double mean = sum / n;
  if (n == 1) return (paper_mean){1, mean, 1, 0};
  for (int i = 0; i < n; i++) squares += (value[i] - mean) * (value[i] - mean);
  const int last = (int)(sizeof t_point / sizeof *t_point) - 1;
  const double half = t_point[n - 2 < last ? n - 2 : last] * sqrt(squares / (n - 1) / n);
  return (paper_mean){n, mean, mean - half, mean + half};
}

double paper_mcnemar(int64_t b, int64_t c) {
  const int64_t n = b + c, few = b < c ? b : c;
  double p = 0;
  for (int64_t k = 0; k <= few; k++)
    p += exp(lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma((double)(n - k) + 1) -
             (double)n * log(2.0));
  return 2 * p < 1 ? 2 * p : 1;
}

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

paper_paired paper_compare(const int32_t *label, const int32_t *first, const int32_t *second,
                           int64_t n) {
  paper_paired r = {0};
  double sample[SAMPLES];
  for (int64_t d = 0; d < n; d++) {
    const int a = first[d] == label[d], b = second[d] == label[d];
    r.only_first += a && !b;
    r.only_second += b && !a;
  }
  r.p = paper_mcnemar(r.only_first, r.only_second);
  r.difference = (double)(r.only_first - r.only_second) / (double)n;
  for (uint32_t s = 0; s < SAMPLES; s++) {
    int64_t sum = 0;
    for (int64_t i = 0; i < n; i++) {
      const uint64_t d = mst_rng_below((uint64_t)n, 0, MST_RNG_BOOTSTRAP, (uint64_t)i, s, 0);
      sum += (first[d] == label[d]) - (second[d] == label[d]);
    }
    sample[s] = (double)sum / (double)n;
  }
  qsort(sample, SAMPLES, sizeof *sample, by_value);
  r.low = sample[SAMPLES / 40];
  r.high = sample[SAMPLES - 1 - SAMPLES / 40];
  return r;
}

void paper_holm(double *p, int n) {
  double floor_p = 0;
  for (int done = 0; done < n; done++) { /* the smallest of those left, marked by being negated */
    int best = -1;
    for (int i = 0; i < n; i++)
      if (p[i] >= 0 && (best < 0 || p[i] < p[best])) best = i;
    if (best < 0) break;
    double corrected = p[best] * (n - done);
    if (corrected > 1) corrected = 1;
    if (corrected < floor_p) corrected = floor_p;
    floor_p = corrected;
    p[best] = -1 - corrected;
  }
  for (int i = 0; i < n; i++) p[i] = p[i] < 0 ? -1 - p[i] : p[i];
}

const char *paper_mark(double p) {
  if (p < .001) return "***";
  if (p < .01) return "**";
  return p < .05 ? "*" : "";
}
