/* engine.h: what a library that boosts trees is to the fitting of trees: its own form of some rows,
 * and its rounds on them. XGBoost's is in learner_xgboost.c, LightGBM's in learner_lightgbm.c.
 *
 * In: rows of features, classes, margins, weights. Out: a booster in the model. Private to this
 * folder.
 */
#ifndef MISSTEP_ENGINE_H
#define MISSTEP_ENGINE_H

#include "learn/model_internal.h"

/* Rows to train on or to be judged on; all borrowed. */
typedef struct mst__rows {
  const mst_csr *x;     /* float32 */
  const int32_t *label; /* [n_rows] */
  const float *margin;  /* [n_rows x n_classes] to boost from; NULL: none */
  const float *weight;  /* [n_rows]; NULL: 1 each */
  int32_t n_classes;
  int is_valid; /* for early stopping */
} mst__rows;

typedef struct mst__engine {
  /* Rows as the library has them, which live without x; train is NULL for the training rows
   * themselves. *out may stay NULL where the rows went elsewhere (--workers). */
  mst_status (*matrix)(const mst_model_options *options, const mst__rows *rows, void *train,
                       void **out);
  void (*matrix_free)(void *matrix); /* NULL is fine */
  /* All rounds on matrix[0], of which n_rows are the training rows, judged on matrix[1] unless it
   * is NULL, into the model. */
  mst_status (*boost)(const mst_model_options *options, int64_t n_rows, void *const matrix[2],
                      mst_model *model, mst_fit_report *report);
} mst__engine;

/* fit_trees.c: fit the trees' part on margins [D x C] or NULL. training->parent NULL: no copies. */
mst_status mst__trees_fit(const mst__engine *engine, const mst_model_options *options,
                          const mst_training *training, const float *margin, mst_model *model,
                          mst_fit_report *report);

#endif
