/* model_internal.h: what a model consists of, shared by fitting, predicting, saving and loading.
 * Private to this folder. */
#ifndef MISSTEP_MODEL_INTERNAL_H
#define MISSTEP_MODEL_INTERNAL_H

#include <stdint.h>

#include "features/vectorizer.h"
#include "files/json.h"
#include "learn/forest.h"
#include "learn/lightgbm.h"
#include "learn/model.h"
#include "learn/xgboost.h"

/* A fitted vectorizer, and the terms of its fit where a selection has left only some of them in it:
 * the folder keeps both, so that a reader sees what was there to choose from. */
typedef struct mst__part {
  mst_vectorizer *vectorizer; /* of the selected terms; NULL: the model has no such part */
  mst_strings terms;          /* [V] of the fit; empty: nothing was left out */
  double *idf;                /* [V], with terms */
  int32_t *selected;          /* [n_selected] ids in terms, rising, with terms */
  int64_t n_selected;
} mst__part;

enum { MST__VERSION_BYTES = 64 }; /* of a library's version as text */

struct mst_model {
  mst_learner learner;
  mst_margin margin;
  mst_linear_solver solver;
  int32_t n_classes; /* C */
  mst_strings labels;
  mst__part trees, linear;
  mst__part chars;      /* character n-grams of the linear part, if any */
  float *coef;          /* [(V_linear + V_chars) x C] */
  float *intercept;     /* [C] */
  float *shares;        /* [C] of the training rows */
  double *class_weight; /* [C] of --class-weight, as it was; NULL: none */
  mst_xgb_booster *booster;
  mst__forest *forest;              /* the booster's trees; NULL: the library predicts */
  mst_lgb_booster *lightgbm;        /* the booster of --learner lightgbm */
  int32_t n_rounds;                 /* in the booster */
  char library[MST__VERSION_BYTES]; /* version of the one that boosted */
  char device[32];                  /* XGBoost's, read back; without it the linear part's */
  char linear_device[32]; /* where the linear part was fitted, read back; "": there is none */
  uint64_t seed;
};

/* options.c: the spellings of margin and linear_solver, in the order of their values. */
extern const char *const mst__margin_names[3];
extern const char *const mst__solver_names[3];

/* MST_E_ARG names the option that makes no sense. */
mst_status mst__model_options_check(const mst_model_options *options);
/* Defaults that depend on the data (0 and -1) resolved. */
mst_model_options mst__model_options_resolve(const mst_model_options *options, int64_t n_rows,
                                             int32_t n_classes);
mst_xgb_options mst__model_options_xgb(const mst_model_options *options, int64_t n_rows,
                                       int32_t n_classes);
mst_lgb_options mst__model_options_lgb(const mst_model_options *options, int32_t n_classes);

/* parts.c */
void mst__part_fini(mst__part *part);
/* Keep the k terms that tell the classes apart best. counts [rows x V], label [rows]. */
mst_status mst__part_select(mst__part *part, mst_backend *backend, const mst_csr *counts,
                            const int32_t *label, int32_t n_classes, int64_t k);
int64_t mst__part_n_terms(const mst__part *part); /* of the fit */
mst_status mst__model_strings_copy(const mst_strings *from, mst_strings *to);

/* margin.c: the one place that decides which number of the linear model enters.
 * Rows of decision [n x C] become probabilities that sum to 1: one-vs-rest ones normalised, or
 * their softmax; in place. */
void mst__linear_proba(mst_linear_solver solver, float *decision, int64_t n, int32_t n_classes,
                       int n_threads);
/* ... or XGBoost's base_margin: the logarithm of that, floored at 1e-6; MST_MARGIN_RAW: as they
 * are. */
void mst__linear_margin(mst_linear_solver solver, mst_margin kind, float *decision, int64_t n,
                        int32_t n_classes, int n_threads);

/* fit_linear.c: fit the linear part on all rows into model->linear, chars, coef and intercept.
 *   margin  NULL, or receives [D x C] cross-fitted base margins (mst_free). */
mst_status mst__linear_fit(const mst_model_options *options, const mst_training *training,
                           mst_model *model, float **margin, mst_fit_report *report);

/* predict.c: decision values of the linear part, [n x C], for all rows of a corpus. */
mst_status mst__linear_decide(const mst_model *model, mst_corpus *corpus, int n_threads,
                              float *decision);

/* validation.c: which rows early stopping is judged on: 1; 0 elsewhere; 2 copies of such rows.
 * MST_E_ARG: nothing left on a side. MST_E_NOMEM. */
mst_status mst__validation_choose(const mst_model_options *options, const mst_training *training,
                                  uint8_t *side);
/* boost.c: all rounds, or until the loss on valid (NULL: no early stopping) has not improved for
 * early_stopping of them; the booster then holds the best rounds only. Of a member of a group
 * (collective.h) train and valid are its own rows; booster and report are the same in all. */
mst_status mst__boost(const mst_xgb_options *options, int32_t n_rounds, int32_t early_stopping,
                      const mst_xgb_matrix *train, const mst_xgb_matrix *valid,
                      mst_xgb_booster **out, mst_fit_report *report);
/* Train one round on a handful of rows: a missing library or device and unknown parameters are
 * found before the long work begins. */
mst_status mst__boost_probe(const mst_model_options *options, int32_t n_classes);

/* fit.c: a monotonic clock. */
double mst__seconds(void);

/* vectorizer_json.c: the options of a vectorizer in the manifest and back. */
mst_json *mst__vectorizer_to_json(const mst_vectorizer_options *options);
/* Strings of the result point into json; stop receives the stop list (mst_strings_fini). */
mst_status mst__vectorizer_from_json(const mst_json *json, mst_vectorizer_options *options,
                                     mst_strings *stop);
mst_json *mst__strings_to_json(const mst_strings *strings);
mst_status mst__strings_from_json(const mst_json *json, mst_strings *strings);

/* The layout of the folder that this program writes; it reads no newer one. Version 2 has chars/,
 * version 3 a learner that older programs lack; other models say 1 or 2, which those read.
 * MST__VERSION, the program's, comes from CMake. */
#define MST__FORMAT "misstep-model"
#define MST__FORMAT_VERSION 4

#endif
