/* power.h: a learning curve, error(n) = c + a n^-b, fitted to a few means.
 *
 * Equation: Hestness et al.: Deep learning scaling is predictable, empirically. 2017, figure 6; c
 * is what no amount of data removes.
 */
#ifndef MISSTEP_SWEEP_POWER_H
#define MISSTEP_SWEEP_POWER_H

typedef struct sweep_power {
  double a, b, c;
} sweep_power;

enum { SWEEP_POWER_FREE_C = 4 }; /* sizes from which c is fitted; with fewer it is 0 */

/* Fit to k >= 2 points, n > 0 rising, error > 0: for each c of 100 between 0 and the least error a
 * line through log(error - c) by least squares; of those the one with the least squares of error.
 * Nonzero: fitted; 0: the error of the last point is not below that of the first, or b <= 0. */
int sweep_power_fit(const double *n, const double *error, int k, sweep_power *out);

double sweep_power_at(sweep_power p, double n);
/* The n at which the error is that; infinite where c is not below it. */
double sweep_power_need(sweep_power p, double error);

#endif
