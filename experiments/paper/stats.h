/* stats.h: whether two models differ on the same test rows.
 *
 * In: right and wrong of two models. Out: p values, an interval of the difference. Next stage:
 * tables.
 */
#ifndef MISSTEP_PAPER_STATS_H
#define MISSTEP_PAPER_STATS_H

#include <stdint.h>

#include "misstep/status.h"

/* Exact McNemar test: p (two-sided) for b rows that only one model has right, c only the other. */
double paper_mcnemar(int64_t b, int64_t c);

/* Two models on one test part. */
typedef struct paper_paired {
  int64_t only_first, only_second; /* rows that only this one has right */
  double p;                        /* McNemar */
  double difference, low, high;    /* accuracy of the first less the second's; 95 % bootstrap */
} paper_paired;

/* Compare predictions on the same n rows; 1,000 bootstrap samples of rows. */
paper_paired paper_compare(const int32_t *label, const int32_t *first, const int32_t *second,
                           int64_t n);

/* Holm's correction: p values become those of all comparisons together. */
void paper_holm(double *p, int n);

/* "***" below .001, "**" below .01, "*" below .05, else "". */
const char *paper_mark(double p);

#endif
