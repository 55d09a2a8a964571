/* augment_check.h: whose label would a model give to a copy?
 *
 * In: a model's folder, or the records themselves, on which a model for each of five folds is
 * trained without that fold. Out: the class of each record and copy, by a model that did not see
 * the record. Next stage: copies that flip are dropped or flagged, and counted by rule.
 */
#ifndef MISSTEP_CLI_AUGMENT_CHECK_H
#define MISSTEP_CLI_AUGMENT_CHECK_H

#include "cli/option.h"
#include "cli/train.h"
#include "learn/model.h"

enum { MST_AUGMENT_FOLDS = 5 };

typedef struct mst_augment_judges {
  mst_backend *backend;
  uint64_t seed;
  int32_t n; /* 1: of --check MODEL */
  mst_model *model[MST_AUGMENT_FOLDS];
} mst_augment_judges;

/* Load --check MODEL. MST_E_FORMAT, MST_E_ADAPTER, MST_E_NOMEM. */
mst_status mst_augment_judges_load(const char *path, mst_augment_judges *judges);
/* Train on a file: linear models with the defaults of train --learner linear. Folds follow from
 * texts and seed. MST_E_ARG: standard input. MST_E_FORMAT: one label only, an empty label.
 * MST_E_NOMEM, MST_E_CANCELLED. */
mst_status mst_augment_judges_fit(const mst_settings *s, const char *path,
                                  mst_augment_judges *judges);
void mst_augment_judges_fini(mst_augment_judges *judges);

/* Which model judges each record and its copies. MST_E_NOMEM. */
mst_status mst_augment_folds(const mst_augment_judges *judges, const mst_text *records,
                             int n_threads, int32_t *fold);
/* The class of each text among the labels of its fold's model. MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst_augment_judge(const mst_augment_judges *judges, const mst_text *text,
                             const int32_t *fold, int32_t *class);

#endif
