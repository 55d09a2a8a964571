/* train.h: the steps of misstep train: who trains and who tests, then fitting, scoring, saving.
 */
#ifndef MISSTEP_TRAIN_H
#define MISSTEP_TRAIN_H

#include "cli/command.h"
#include "cli/data.h"
#include "cli/train_copies.h"
#include "score/metrics.h"

/* Who trains and who tests. */
typedef struct mst_division {
  int32_t n_folds; /* 0: one test part; else cross-validation */
  int32_t *part;   /* [D] 0 train, 1 test; with folds the fold of each record */
  int64_t *unit;   /* [D] */
  uint64_t *key;   /* [D] */
  int64_t n_twins; /* test records whose text (or group) is also in training; -1: cannot be */
  char words[256]; /* "80:20, stratified, by problem_id, seed 0" */
} mst_division;

/* Decide by the options: --test, --split-column, --folds, --fold-column, --test-size.
 *   test  records of --test, or NULL
 * MST_E_ARG: contradictory options. MST_E_FORMAT: a bad value in a split column, with its line.
 * MST_E_NOMEM. Small classes are said. */
mst_status mst_division_make(const mst_settings *s, const mst_data *data, const mst_strings *names,
                             const mst_data *test, mst_division *out);
void mst_division_fini(mst_division *plan);

/* Classes that occur in a training part, numbered anew: a small class may be absent from a fold. */
typedef struct mst_present {
  mst_strings names; /* [P] */
  int32_t *number;   /* [C] new number or -1 */
} mst_present;

/* Number the classes of a part, and give its rows the new numbers. MST_E_NOMEM. */
mst_status mst_present_init(mst_part *train, const mst_strings *names, mst_present *out);
/* Probabilities [n x P] of the present classes to [n x n_classes]: 0 for an absent class. */
void mst_present_widen(const mst_present *present, int64_t n_classes, const float *narrow,
                       int64_t n, float absent, float *wide);
void mst_present_fini(mst_present *present);

/* What train has in hand when it reports. */
typedef struct mst_results {
  const mst_settings *s;
  const mst_division *plan;
  const mst_strings *names;   /* [C] */
  const mst_metrics *metrics; /* of the test part, or pooled over the folds */
  const mst_fit_report *fit;
  int64_t n_train, n_test;
  double seconds; /* of the whole run so far */
  const char *input, *output;
  const mst_augmented *augmented; /* NULL: no copies */
  const char *rules_hash;         /* "": no rules */
} mst_results;

/* Save the model folder with metrics, card and figures. MST_E_IO, MST_E_NOMEM. */
mst_status mst_results_save(const mst_results *r, const mst_model *model);
/* Print the tables in --format. MST_E_IO, MST_E_NOMEM. */
mst_status mst_results_print(const mst_results *r);

/* Print the tables of metrics: overall, per class, confusion. MST_E_IO, MST_E_NOMEM. */
mst_status mst_print_scores(const mst_metrics *metrics, const mst_strings *names,
                            mst_table_format format);
/* Print a JSON value to standard output. MST_E_IO, MST_E_NOMEM. */
mst_status mst_print_json(const mst_json *value);

#endif
