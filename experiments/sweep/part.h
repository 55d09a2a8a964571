/* part.h: one part of the data after another: who trains, who tests.
 *
 * In: the records, read once; a seed, a fold, a number of rows. Out: a training and a test part
 * with their study. Sizes are nested: a smaller one is contained in every larger one, has the
 * classes' shares as nearly as it can, and never divides a unit (split.h); all sizes are tested on
 * the same records. Next stage: training.
 */
#ifndef MISSTEP_SWEEP_PART_H
#define MISSTEP_SWEEP_PART_H

#include "cells.h"
#include "cli/train.h"
#include "learn/study.h"

/* The records, and what is made of them now. Zero it, then sweep_data_read. */
typedef struct sweep_data {
  mst_data data;
  mst_strings names;        /* [C] */
  mst_given given;          /* copies in the file */
  mst_division plan;        /* of the seed last asked for */
  int32_t seed, fold, rows; /* of plan, and of what follows; -2: none */
  sweep_protocol protocol;
  const char *copies;      /* of the configuration */
  mst_part train, held;    /* units of held: which have a twin in training */
  mst_augmented augmented; /* the training part with its copies; n 0: there are none */
  int64_t n_copies;        /* among the training rows */
  uint8_t *twin;           /* [held.n] is a row of its unit in training? */
  mst_present present;
  mst_study *study;
  mst_study_counts counts; /* of studies that are gone */
  int64_t n_tokenised;
} sweep_data;

/* Read the spec's data. MST_E_FORMAT: bad data; rows beyond the data. MST_E_IO, MST_E_NOMEM. */
mst_status sweep_data_read(const sweep_spec *spec, sweep_data *out);
void sweep_data_fini(sweep_data *d);

/* Plan a seed, if it is not planned. Errors as mst_division_make. */
mst_status sweep_data_plan(const sweep_spec *spec, sweep_data *d, int32_t seed);
/* Have a cell's parts and study ready.
 *   s       the cell's settings
 *   copies  of its configuration; kept
 * MST_E_FORMAT: too few rows. MST_E_NOMEM; of copies as mst_train_augment. */
mst_status sweep_data_part(const sweep_spec *spec, sweep_data *d, const sweep_cell *cell,
                           const mst_settings *s, const char *copies, mst_backend *backend);

/* part_paper.c: the paper's way: records, their copies, then a division at random, stratified.
 *   part  [D] records to use: 0
 * Fills train, held and n_copies. MST_E_NOMEM, MST_E_FORMAT, MST_E_ARG. */
mst_status sweep_part_paper(sweep_data *d, const sweep_cell *cell, const mst_settings *s,
                            const int32_t *part, mst_backend *backend);
/* Can it be had? weights: of copies as weights. MST_E_FORMAT: the data hold copies. MST_E_ARG. */
mst_status sweep_part_paper_check(const sweep_data *d, int weights);

/* subset.c: of the records whose part[d] == which, keep whole units, at most n_wanted records;
 * the others get part -1. Every class keeps its first unit where there is room. Nested in n_wanted.
 * MST_E_NOMEM. */
mst_status sweep_subset(const mst_split_records *records, uint64_t seed, int32_t which,
                        int64_t n_wanted, int32_t *part);

#endif
