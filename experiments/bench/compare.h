/* compare.h: is a figure another one than before, beyond noise?
 *
 * In: recorded figures of two times, or two programs that run in turn. Out: a table of ratios with
 * 95 % intervals, and what they say. Next stage: a person who looks for what made it slower.
 */
#ifndef MISSTEP_BENCH_COMPARE_H
#define MISSTEP_BENCH_COMPARE_H

#include "bench.h"

enum { COMPARE_RUNS = 100 };

/* Single runs of one figure, as they are recorded. */
typedef struct compare_runs {
  double run[COMPARE_RUNS];
  int n;
} compare_runs;

/* new / old. low, high: NaN where there are too few runs to say. */
typedef struct compare_ratio {
  double ratio, low, high;
} compare_ratio;

typedef enum compare_verdict {
  COMPARE_UNKNOWN, /* one run on a side */
  COMPARE_SAME,    /* the interval holds 1, or the runs overlap */
  COMPARE_LESS,
  COMPARE_MORE
} compare_verdict;

/* compare_judge.c: runs of two times, which know nothing of each other: the ratio of their medians,
 * the interval by Welch's test of the logarithms. *verdict also asks that no run of one side lies
 * among the other's: what drifts between two times is not in the runs of either. */
compare_ratio compare_apart(const compare_runs *old, const compare_runs *new,
                            compare_verdict *verdict);
/* Runs in turn, number i of both together: the mean of the pairs' logarithms, Student's interval;
 * the verdict is the interval's. Both have the same n. */
compare_ratio compare_pairs(const compare_runs *old, const compare_runs *new,
                            compare_verdict *verdict);
/* Positive numbers' median; NaN of none. */
double compare_median(const compare_runs *runs);
/* What a verdict means for a unit: "slower", "faster", "more", "less", "same", "one run". */
const char *compare_words(compare_verdict verdict, const char *unit);

/* compare.c: the figures recorded in old against those in new, each a folder of result files or one
 * of them; a figure's latest line counts. Prints the table. MST_E_FORMAT "path:line: ...",
 * MST_E_IO, MST_E_NOMEM; MST_E_ARG: no figure is in both. */
mst_status bench_compare(const bench *b, const char *old, const char *new);

/* against.c: the stage's workers of b->against and of this program in turn. MST_E_ARG: not for this
 * stage. Appends to b->table. */
mst_status bench_against(bench *b, const char *stage);
/* Its table's columns, for mst_table_create. */
extern const char *const against_columns[];
extern const char against_align[];

#endif
