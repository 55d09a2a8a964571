/* spec.h: what a sweep is to try: a YAML file to checked values.
 *
 * In: a file in the words of W&B sweeps, and data, rows, folds, seeds, models. Out: a spec whose
 * every name and value is known to misstep train. Next stage: cells.
 */
#ifndef MISSTEP_SWEEP_SPEC_H
#define MISSTEP_SWEEP_SPEC_H

#include <stdint.h>

#include "cli/option.h"
#include "learn/model.h"
#include "tree.h"

typedef enum sweep_method { SWEEP_GRID, SWEEP_RANDOM, SWEEP_SOBOL } sweep_method;
typedef enum sweep_protocol {
  SWEEP_CLEAN, /* divided first, whole units; copies of the training part alone */
  SWEEP_PAPER  /* copies first, then divided at random, as the paper did: it leaks */
} sweep_protocol;
typedef enum sweep_distribution {
  SWEEP_LISTED, /* one of the values */
  SWEEP_UNIFORM,
  SWEEP_INT_UNIFORM,
  SWEEP_LOG_UNIFORM /* W&B's log_uniform_values: min and max are the values themselves */
} sweep_distribution;

/* Successive halving: all configurations get a little of a resource, the best share 1/eta of them
 * go on to more of it. */
enum { SWEEP_MOST_RUNGS = 40 };
typedef struct sweep_halving {
  int by_rows;                     /* the resource is rows: the rungs are the spec's; else rounds */
  int64_t eta;                     /* 0: no halving */
  int64_t level[SWEEP_MOST_RUNGS]; /* [n_rungs] rounds of each rung, rising; rows say themselves */
  int32_t n_rungs;                 /* 1 without halving */
  int32_t n_brackets;              /* bracket b begins at rung b */
} sweep_halving;

/* When a sweep ends early; 0: never. */
typedef struct sweep_budget {
  int64_t cells;
  double seconds; /* of computing, all workers together */
} sweep_budget;

/* Where a value stands in the spec's file. */
typedef struct sweep_place {
  int line, column; /* from 1 */
} sweep_place;

/* One entry of parameters: an option of misstep train. */
typedef struct sweep_parameter {
  char name[64]; /* as the spec and the results have it, with underscores */
  const mst_option *option;
  sweep_distribution distribution;
  double low, high;   /* of a range */
  char **value;       /* [n] texts as the command line takes them; of a range, those drawn */
  sweep_place *place; /* [n] of each value; NULL where implied, line 0 where drawn from a range */
  int64_t n;
} sweep_parameter;

typedef struct sweep_spec {
  char path[4096], data[4096]; /* data: relative to the spec's folder unless absolute */
  sweep_method method;
  char metric[32];
  int maximize;
  int64_t run_cap; /* configurations that random and sobol draw */
  uint64_t draws;  /* draw_seed */
  sweep_parameter *parameter;
  int32_t n_parameters;
  int64_t *rows; /* [n_rows] rising; none: all records */
  int32_t n_rows;
  int64_t *seed; /* [n_seeds] at least one */
  int32_t n_seeds;
  int model[MST_N_LEARNERS]; /* [n_models] of --learner, in its order */
  int32_t n_models;
  int protocol[2]; /* [n_protocols] of sweep_protocol */
  int32_t n_protocols;
  sweep_halving halving;
  sweep_budget budget;
  int64_t folds; /* 0: one test part */
  char *fold_column;
} sweep_spec;

/* The columns that a metric may be, in the order of the results; ends with NULL. The goal of all
 * but log_loss and calibration_error is to maximize. */
extern const char *const sweep_metrics[];
/* Does a metric need probabilities, which some models lack? Ranks all have. */
int sweep_metric_needs_proba(const char *name);

/* Read and check. Bad input is "file:line:column: ..." with the nearest valid name.
 * MST_E_FORMAT, MST_E_IO, MST_E_LIMIT, MST_E_NOMEM. */
mst_status sweep_spec_load(const char *path, sweep_spec *out);
void sweep_spec_fini(sweep_spec *spec);

/* Configurations: combinations of the grid, or run_cap; saturates at INT64_MAX. */
int64_t sweep_spec_configs(const sweep_spec *spec);

/* Does the spec say a protocol other than clean? Then it is a column like a parameter. */
int sweep_spec_names_protocol(const sweep_spec *spec);

/* Number of the value of parameter p in configuration c: the last parameter varies fastest. */
int64_t sweep_spec_choice(const sweep_spec *spec, int64_t c, int32_t p);

/* sample.c: draw the values of ranges and the choices of random and sobol: parameter p's value[c]
 * becomes that of configuration c, a function of draw_seed, the parameter's name (random) or place
 * (sobol) and c alone. MST_E_NOMEM, MST_E_LIMIT: more parameters than Sobol's table has. */
mst_status sweep_spec_draw(sweep_spec *spec);

/* Sobol's sequence: point number index in dimension 0 .. 15, in [0, 1); in the order of the Gray
 * code of the index, as SciPy's unscrambled one. */
double sweep_sobol(int dimension, uint64_t index);

/* Record "file:line:column: message" and return MST_E_FORMAT. */
mst_status sweep_fail_at(const sweep_spec *spec, const sweep_yaml *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The word of a NULL-terminated list that is nearest to word ("" when none is near). */
const char *sweep_nearest(const char *const *words, const char *word);

#endif
