/* power.c: least squares of a power law with an asymptote. */
#include "power.h"

#include <math.h>

enum { N_ASYMPTOTES = 100 };

double sweep_power_at(sweep_power p, double n) { return p.c + p.a * pow(n, -p.b); }

double sweep_power_need(sweep_power p, double error) {
  return error > p.c ? pow(p.a / (error - p.c), 1 / p.b) : INFINITY;
}

/* The line through log n and log(error - c). */
static sweep_power fit_line(const double *n, const double *error, int k, double c) {
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (int i = 0; i < k; i++) {
    const double x = log(n[i]), y = log(error[i] - c);
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  const double slope = (k * sxy - sx * sy) / (k * sxx - sx * sx);
  return (sweep_power){exp((sy - slope * sx) / k), -slope, c};
}

int sweep_power_fit(const double *n, const double *error, int k, sweep_power *out) {
  double least = INFINITY, lowest = INFINITY;
  for (int i = 0; i < k; i++) lowest = error[i] < lowest ? error[i] : lowest;
  if (!(error[k - 1] < error[0])) return 0;
  const int n_tried = k >= SWEEP_POWER_FREE_C ? N_ASYMPTOTES : 1;
  for (int t = 0; t < n_tried; t++) {
    const sweep_power p = fit_line(n, error, k, lowest * t / N_ASYMPTOTES);
    double squares = 0;
    for (int i = 0; i < k; i++) {
      const double d = sweep_power_at(p, n[i]) - error[i];
      squares += d * d;
    }
    if (!(p.b > 0) || !(squares < least)) continue;
    least = squares;
    *out = p;
  }
  return least < INFINITY;
}
