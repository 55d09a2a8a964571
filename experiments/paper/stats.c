/* stats.c: McNemar's test, the paired bootstrap, Holm's correction. */
#include "stats.h"

#include <math.h>
#include <stdlib.h>

#include "misstep/rng.h"

enum { SAMPLES = 1000 };

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
