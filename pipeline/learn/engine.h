/* engine.h: what a library that boosts trees is to the rest of this folder: its own form of some
 * rows, its rounds on them, and the booster's file. XGBoost's is in learner_xgboost.c, LightGBM's
 * in learner_lightgbm.c.
 *
 * In: rows of features, classes, margins, weights; or a folder. Out: a booster in the model.
 * Private to this folder.
 */
#ifndef MISSTEP_ENGINE_H
#define MISSTEP_ENGINE_H

#include "learn/load_folder.h"
#include "learn/model_internal.h"
#include "learn/save_folder.h"

/* Rows to train on or to be judged on; all borrowed. */
typedef struct mst__rows {
  const mst_csr *x;     /* float32 */
  const int32_t *label; /* [n_rows] */
  const float *margin;  /* [n_rows x n_classes] to boost from; NULL: none */
  const float *weight;  /* [n_rows]; NULL: 1 each */
  int32_t n_classes;
  int is_valid; /* for early stopping */
} mst__rows;

/* Size of a booster, and of its model. */
typedef struct mst__shape {
  int64_t n_features;
  int32_t n_classes, n_rounds;
} mst__shape;

typedef struct mst__engine {
  const char *name;  /* in a manifest's versions */
  const char *title; /* in messages */
  const char *file;  /* the booster's, in a model's folder */
  /* Open the library: its version, and where it lies. */
  mst_status (*version)(char version[MST__VERSION_BYTES], char path[1024]);
  /* Rows as the library has them, which live without x; train is NULL for the training rows
   * themselves. *out may stay NULL where the rows went elsewhere (--workers). */
  mst_status (*matrix)(const mst_model_options *options, const mst__rows *rows, void *train,
                       void **out);
  void (*matrix_free)(void *matrix); /* NULL is fine */
  /* All rounds on matrix[0], of which n_rows are the training rows, judged on matrix[1] unless it
   * is NULL, into the model. */
  mst_status (*boost)(const mst_model_options *options, int64_t n_rows, void *const matrix[2],
                      mst_model *model, mst_fit_report *report);
  /* The booster as the bytes of its file (mst_free), and back. */
  mst_status (*dump)(const mst_model *model, char **bytes, size_t *n);
  mst_status (*parse)(const char *bytes, size_t n, mst_model *model, mst__shape *shape);
} mst__engine;

/* fit_trees.c: fit the trees' part on margins [D x C] or NULL. training->parent NULL: no copies. */
mst_status mst__trees_fit(const mst__engine *engine, const mst_model_options *options,
                          const mst_training *training, const float *margin, mst_model *model,
                          mst_fit_report *report);

/* engine.c: a row of each class to try options on, before the long work begins: a column of 1, 2,
 * ... (mst_csr_fini), and their labels [n_classes] (mst_free). MST_E_NOMEM. */
mst_status mst__probe_rows(int32_t n_classes, mst_csr *x, int32_t **label);

/* engine.c: a learner's calls (learner.h), given its engine: the linear part where trees are
 * boosted from its margins, then the trees and their booster. */
mst_status mst__engine_fit(const mst__engine *engine, const mst_model_options *options,
                           const mst_training *training, mst_model *model, mst_fit_report *report);
mst_status mst__engine_save(const mst__engine *engine, mst__writer *writer, const mst_model *model);
/* Trees of a newer library are refused before an older one sees them, which may read them without a
 * word and give other probabilities. MST_E_FORMAT. */
mst_status mst__engine_load(const mst__engine *engine, const mst__folder *folder, mst_model *model);

#endif
