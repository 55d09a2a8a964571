/* cells.h: everything that a sweep computes, each with a key that says what it depends on.
 *
 * In: a spec, the content of its data, the libraries. Out: configurations (what a model is fitted
 * with), cells (a configuration on one part of the data) and tasks (cells that are one training,
 * because they differ in n_estimators alone). Next stage: workers.
 */
#ifndef MISSTEP_SWEEP_CELLS_H
#define MISSTEP_SWEEP_CELLS_H

#include "misstep/text.h"
#include "spec.h"

enum { SWEEP_KEY = 33 }; /* bytes of a key: 32 hex digits and a zero */

typedef struct sweep_config {
  int64_t choice;                 /* of the spec */
  int model;                      /* of --learner */
  int32_t rounds;                 /* n_estimators */
  int32_t entrant, bracket, rung; /* of halving: who it is on all rungs, where it begins, and in
                                     rungs of rounds which one it is for */
  char hash[SWEEP_KEY], training[SWEEP_KEY]; /* of its options; without n_estimators where shared */
  char *trees, *margin;                      /* as mst_study_run has them; margin "": none */
  char *copies;                              /* options of copies; "": none are made */
} sweep_config;

typedef struct sweep_cell {
  int64_t number;                   /* in the order of the spec: what tables are sorted by */
  int32_t config, rows, seed, fold; /* rows, seed: places in the spec; rows -1: all */
  sweep_protocol protocol;
  int32_t rung; /* 0 without halving */
  char key[SWEEP_KEY];
} sweep_cell;

/* Cells first .. first + n - 1. */
typedef struct sweep_task {
  int64_t first, n;
} sweep_task;

typedef struct sweep_cells {
  sweep_config *config;
  int64_t n_configs, n_entrants;
  sweep_cell *cell;
  int64_t n_cells;
  sweep_task *task;
  int64_t n_tasks;
  char hash[SWEEP_KEY]; /* of all keys: two sweeps are the same where these are equal */
} sweep_cells;

/* What every key depends on beside the options. */
typedef struct sweep_ground {
  char data[65];      /* SHA-256 of the file */
  char versions[128]; /* "misstep 0.1.0, XGBoost 3.4.1", and LightGBM where a model is its */
  char device[32];
  int32_t n_folds; /* at least 1 */
  /* Of the classes, borrowed, for sweep.json; may be NULL: the data say it already. */
  const mst_strings *names;
} sweep_ground;

/* The options of misstep train for a configuration with a seed (mst_settings_fini): what
 * "misstep train DATA" with those options would have; options that do not matter to the model are
 * left as they are. MST_E_FORMAT, MST_E_NOMEM. */
mst_status sweep_settings_make(const sweep_spec *spec, int model, int64_t choice, int64_t seed,
                               mst_settings *out);

/* One option of settings from a parameter's value. MST_E_ARG, MST_E_NOMEM. */
mst_status sweep_setting_set(mst_settings *s, const sweep_parameter *p, const char *text);

/* options.c: groups of options, as --help has them. */
typedef enum sweep_options {
  SWEEP_OF_DATA,
  SWEEP_OF_MODEL,
  SWEEP_OF_TREES,
  SWEEP_OF_LINEAR,
  SWEEP_OF_COPIES
} sweep_options;
sweep_options sweep_options_of(const char *name);

/* Does a model depend on an option of these settings? Models that differ elsewhere are one. */
int sweep_option_matters(int model, const mst_settings *s, const char *name);

/* Cells before anything is read: configurations x models x rows x seeds x folds (1 where the data
 * decide) x protocols; saturates. */
int64_t sweep_cells_count(const sweep_spec *spec);

/* List all cells. Configurations that come to the same model are one. Tasks whose features or
 * margins are equal follow each other. MST_E_FORMAT: a value that misstep train refuses.
 * MST_E_NOMEM, MST_E_LIMIT: above two million. */
mst_status sweep_cells_make(const sweep_spec *spec, const sweep_ground *ground, sweep_cells *out);
void sweep_cells_fini(sweep_cells *cells);

/* configs.c: the configurations, in the order in which they share most. Errors as above. */
mst_status sweep_configs_make(const sweep_spec *spec, sweep_cells *cells);
void sweep_configs_fini(sweep_cells *cells);
/* The beginning of the SHA-256 of some bytes. */
void sweep_hash(const void *bytes, size_t n, char out[SWEEP_KEY]);

#endif
