/* compare_judge.c: ratios with intervals. Times are compared by their logarithms: a third slower is
 * as far as a third faster, and what a shared machine adds grows with the time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "score/student.h"

static int ascending(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

double compare_median(const compare_runs *runs) {
  double sorted[COMPARE_RUNS];
  const int n = runs->n;
  if (!n) return NAN;
  memcpy(sorted, runs->run, (size_t)n * sizeof *sorted);
  qsort(sorted, (size_t)n, sizeof *sorted, ascending);
  return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

/* Mean of the logarithms, and the variance of that mean. */
static void logs(const compare_runs *runs, double *mean, double *variance) {
  double sum = 0, squares = 0;
  for (int i = 0; i < runs->n; i++) sum += log(runs->run[i]);
  *mean = sum / runs->n;
  for (int i = 0; i < runs->n; i++) {
    const double away = log(runs->run[i]) - *mean;
    squares += away * away;
  }
  *variance = squares / (runs->n - 1) / runs->n;
}

static int overlap(const compare_runs *a, const compare_runs *b) {
  double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
  const compare_runs *both[2] = {a, b};
  for (int side = 0; side < 2; side++)
    for (int i = 0; i < both[side]->n; i++) {
      low[side] = fmin(low[side], both[side]->run[i]);
      high[side] = fmax(high[side], both[side]->run[i]);
    }
  return low[0] <= high[1] && low[1] <= high[0];
}

static compare_verdict verdict_of(const compare_ratio *r) {
  if (isnan(r->low)) return COMPARE_UNKNOWN;
  return r->low > 1 ? COMPARE_MORE : r->high < 1 ? COMPARE_LESS : COMPARE_SAME;
}

compare_ratio compare_apart(const compare_runs *old, const compare_runs *new,
                            compare_verdict *verdict) {
  compare_ratio r = {compare_median(new) / compare_median(old), NAN, NAN};
  if (old->n > 1 && new->n > 1) {
    double mean[2], v[2];
    logs(old, &mean[0], &v[0]);
    logs(new, &mean[1], &v[1]);
    const double both = v[0] + v[1], d = mean[1] - mean[0];
    const double freedom = both * both / (v[0] * v[0] / (old->n - 1) + v[1] * v[1] / (new->n - 1));
    /* down to a whole number: a little wider than it need be */
    const double half = both > 0 ? mst_student_t((int64_t)fmax(freedom, 1)) * sqrt(both) : 0;
    r.low = exp(d - half);
    r.high = exp(d + half);
  }
  *verdict = verdict_of(&r);
  if (*verdict != COMPARE_UNKNOWN && overlap(old, new)) *verdict = COMPARE_SAME;
  return r;
}

compare_ratio compare_pairs(const compare_runs *old, const compare_runs *new,
                            compare_verdict *verdict) {
  double d[COMPARE_RUNS];
  for (int i = 0; i < new->n; i++) d[i] = log(new->run[i] / old->run[i]);
  const mst_mean m = mst_mean_of(d, new->n);
  const compare_ratio r = {exp(m.mean), exp(m.low), exp(m.high)};
  *verdict = verdict_of(&r);
  return r;
}

const char *compare_words(compare_verdict verdict, const char *unit) {
  static const char *const times[] = {"one run", "same", "faster", "slower"};
  static const char *const rates[] = {"one run", "same", "slower", "faster"};
  static const char *const rest[] = {"one run", "same", "less", "more"};
  if (strcmp(unit, "s") == 0) return times[verdict];
  return strchr(unit, '/') ? rates[verdict] : rest[verdict];
}
