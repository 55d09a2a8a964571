/* own_terms.h: problems whose fits have terms of their own, and what both linear solvers must
 * answer alike there. Only for the tests of this folder. */
#ifndef MISSTEP_TEST_OWN_TERMS_H
#define MISSTEP_TEST_OWN_TERMS_H

#include "linear_problem.h"

/* Columns from 2/3 of V on become a block, the last half of it disputed, every fit's choice and the
 * scales drawn at random. */
typedef struct own_terms {
  mst_logistic_block block;
  uint8_t *chosen;
  float *scale;
} own_terms;
void own_terms_add(own_terms *own, problem *p, uint64_t seed); /* p borrows it */
void own_terms_free(own_terms *own);
/* The rows that a fit sees, as it sees them: without folds and block. */
problem problem_of_fit(const problem *p, int32_t fit);

/* A problem with a block is as many plain problems: same weights and decisions, up to tolerance. */
void block_is_many_problems(fit_fn *fit, const mst_logistic_options *options, double tolerance);
/* Every block that MST_E_ARG refuses; outputs untouched. */
void bad_blocks(fit_fn *fit);

#endif
