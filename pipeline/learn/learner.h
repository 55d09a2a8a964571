/* learner.h: what a learner is to the rest of this folder: one table of functions each.
 *
 * In: options and a training part, or a folder. Out: a model's parts; probabilities. Fitting,
 * predicting, saving and loading are the same for all but for these calls. Private to this folder.
 */
#ifndef MISSTEP_LEARNER_H
#define MISSTEP_LEARNER_H

#include "learn/load_folder.h"
#include "learn/model_internal.h"
#include "learn/save_folder.h"

/* Whose features it reads. */
typedef enum mst__needs {
  MST__NEEDS_NO_TEXT,
  MST__NEEDS_LINEAR, /* the linear part's */
  MST__NEEDS_TREES   /* the trees', and with --margin the linear part's */
} mst__needs;

typedef struct mst__learner {
  const char *name; /* of --learner and of manifests */
  mst__needs needs;
  int has_no_proba; /* its predictions are decision values: the highest counts */
  int weighs;       /* rows by training->weight; where not, weights are refused */
  /* Open what it needs besides this program; then try the options on a handful of rows. */
  mst_status (*open)(void);
  mst_status (*try_out)(const mst_model_options *options, int32_t n_classes);
  /* Fit on training->corpus into the model's parts. The corpus is NULL where no text is needed,
   * here and below. */
  mst_status (*fit)(const mst_model_options *options, const mst_training *training,
                    mst_model *model, mst_fit_report *report);
  /* Probabilities, or decision values, [n x C] of a corpus of n texts. */
  mst_status (*predict)(const mst_model *model, mst_corpus *corpus, int64_t n, int n_threads,
                        float *proba);
  /* Write and read the parts; shares and labels are there already. */
  mst_status (*save)(mst__writer *writer, const mst_model *model);
  mst_status (*load)(const mst__folder *folder, mst_model *model);
} mst__learner;

extern const mst__learner mst__learner_xgboost;  /* learner_xgboost.c */
extern const mst__learner mst__learner_linear;   /* learner_linear.c */
extern const mst__learner mst__learner_majority; /* learner.c */
extern const mst__learner mst__learner_nb;       /* learner_nb.c */
extern const mst__learner mst__learner_svm;      /* learner_svm.c */
extern const mst__learner mst__learner_lightgbm; /* learner_lightgbm.c */

/* learner.c: that of a value of --learner. */
const mst__learner *mst__learner_of(mst_learner learner);
/* Nothing to open or to try. */
mst_status mst__open_nothing(void);
mst_status mst__try_nothing(const mst_model_options *options, int32_t n_classes);

/* learner_linear.c: probabilities of the linear part; linear/ and chars/ as they are. */
mst_status mst__linear_predict(const mst_model *model, mst_corpus *corpus, int64_t n, int n_threads,
                               float *proba);
mst_status mst__linear_save(mst__writer *writer, const mst_model *model);
mst_status mst__linear_load(const mst__folder *folder, mst_model *model);

#endif
