/* model.h: from labelled texts to a fitted classifier, to probabilities, to a folder and back.
 *
 * In: training texts, class numbers, split units. Out: a model; probabilities for any texts. The
 * default is XGBoost on chi-squared-selected TF-IDF, boosted from the cross-fitted margins of a
 * linear model. Next stage: scores.
 */
#ifndef MISSTEP_MODEL_H
#define MISSTEP_MODEL_H

#include <stdint.h>

#include "features/vectorizer.h"
#include "files/json.h"
#include "learn/class_weight.h"
#include "learn/xgboost.h"
#include "misstep/status.h"
#include "misstep/text.h"

typedef enum mst_learner {
  MST_LEARNER_XGBOOST,
  MST_LEARNER_LINEAR,
  MST_LEARNER_MAJORITY,
  MST_LEARNER_NB,       /* complement naive Bayes on the linear part's words, counted */
  MST_LEARNER_SVM,      /* linear support vector machines on the linear part's features */
  MST_LEARNER_LIGHTGBM, /* trees as XGBoost's, on the same features and margins */
  MST_N_LEARNERS
} mst_learner;
/* What the trees are boosted from: logarithms of the linear part's normalised probabilities,
 * nothing, or its decision values as they are (additive over terms). */
typedef enum mst_margin { MST_MARGIN_LINEAR, MST_MARGIN_NONE, MST_MARGIN_RAW } mst_margin;
/* How the linear part is fitted: one-vs-rest by ours or by LIBLINEAR, or as one multinomial
 * regression, whose probabilities are softmax(decision) and not normalised sigmoids. */
typedef enum mst_linear_solver {
  MST_SOLVER_WIDE,
  MST_SOLVER_LIBLINEAR,
  MST_SOLVER_MULTINOMIAL
} mst_linear_solver;

typedef struct mst_crew mst_crew;

typedef struct mst_model_options {
  mst_learner learner;             /* --learner */
  mst_margin margin;               /* --margin */
  int64_t select_k;                /* --select chi2:K; 0: none */
  mst_vectorizer_options trees;    /* what the trees get */
  mst_vectorizer_options linear;   /* --linear-...: what the linear part gets */
  int32_t linear_char_min;         /* --linear-char-ngram-range, 1 .. linear_char_max */
  int32_t linear_char_max;         /* at most 16 */
  int64_t linear_char_k;           /* --linear-char-features; 0: none, -1: by rows, see below */
  mst_linear_solver linear_solver; /* --linear-solver */
  double linear_c;                 /* --linear-c; 0: by features, see below */
  double linear_eps;               /* --linear-eps; 0: the solver's own default */
  int32_t linear_folds;            /* --linear-folds, cross-fitting */
  double nb_alpha;                 /* --nb-alpha, added to every count */
  const mst_class_weight *class_weight; /* --class-weight; borrowed; NULL: none */
  int32_t n_estimators;                 /* --n-estimators; 0: 100, or 40 above 20 classes */
  double learning_rate;                 /* --learning-rate */
  int32_t max_depth;                    /* --max-depth */
  double subsample;                     /* --subsample */
  double colsample_bytree;              /* --colsample-bytree */
  int32_t max_bin;                      /* --max-bin */
  int32_t early_stopping;               /* --early-stopping N rounds; 0: off */
  double validation_frac;               /* --validation-size: share of the training part, 0.1 */
  const mst_parameter *extra;           /* --xgb or --lightgbm name=value, of the learner */
  int32_t n_extra;
  const char *device;   /* resolved: "cpu" or "cuda:N" */
  mst_backend *backend; /* opened on it: where text is vectorised; borrowed. Majority needs none */
  uint64_t seed;
  int n_threads;
  mst_crew *crew; /* --workers (crew.h): who boosts; NULL: this process. Borrowed */
} mst_model_options;

/* Trees word 1..1 min_df 2 no norm chi2:2000, linear words 1..2 sublinear l2 min_df 2 and beside
 * them char_wb 2..4, each of the two scaled to length 1; 5 folds, 100 rounds (40 above 20 classes),
 * rate 0.1, depth 4, subsample and colsample 0.8, max_bin 256. Three depend on the data:
 *   linear.min_df -1   1 below 5,000 training rows or above 20 classes, else 2
 *   linear_char_k -1   2,000 below 5,000 training rows, else 10,000
 *   linear_c 0         5, beside character n-grams 3; multinomial 2 */
mst_model_options mst_model_options_default(void);

/* The name of a learner as --learner has it; NULL: there is none of that number. */
const char *mst_learner_name(int32_t number);
/* Does it predict probabilities? Else decision values. */
int mst_learner_has_proba(mst_learner learner);
/* Does it take weights of rows or classes? */
int mst_learner_weighs(mst_learner learner);
/* The learner of a name into *out; 0: there is none. */
int mst_learner_find(const char *name, mst_learner *out);
/* Open the library that a learner lives in, if any, as fitting would. MST_E_ADAPTER. */
mst_status mst_learner_open(mst_learner learner);
/* Which options it reads: those of the trees, and those of the linear part. */
int mst_learner_has_trees(mst_learner learner);
int mst_learner_has_linear(mst_learner learner, mst_margin margin);

/* A fitted model. Immutable after fitting or loading; prediction is for one thread at a time. */
typedef struct mst_model mst_model;

/* What happened while fitting; seconds are wall-clock. */
typedef struct mst_fit_report {
  int64_t n_rows, n_tree_terms, n_linear_terms, n_selected;
  int32_t n_rounds, best_round; /* best_round: with early stopping, 0-based; else n_rounds - 1 */
  double validation_mlogloss;   /* NaN without early stopping */
  double seconds_tokens, seconds_features, seconds_linear, seconds_boosting;
  char device[32]; /* read back from XGBoost after the first round */
} mst_fit_report;

/* Fit. The order of rows does not matter to the vocabulary; it does to XGBoost's row sampling.
 * Before the long work one round is trained on a handful of rows, so a missing library or device
 * and parameters that XGBoost does not know are found at once. With early stopping the trees'
 * vocabulary, selection and rounds come from the training rows without the validation part, the
 * linear part from all of them (its margins are out of fold for every row); the model keeps the
 * best rounds only.
 *   text   training texts only
 *   label  [D] 0 .. n_classes-1, every class at least once
 *   names  C label names, copied
 *   unit, key  [D] of mst_split_units: cross-fitting and early stopping never divide a unit
 * MST_E_FORMAT: one class only ("one class only: ... nothing to learn"), empty vocabulary.
 * MST_E_ARG: contradictory options, weights for a learner that takes none, an --xgb parameter that
 * is unknown, refused or set by an option of its own, all rows one unit where margins are to be
 * cross-fitted. MST_E_ADAPTER: XGBoost missing (how to get it) or failing. MST_E_DEVICE: it trained
 * elsewhere than asked, or cannot. MST_E_NOMEM, MST_E_CANCELLED. */
mst_status mst_model_fit(const mst_model_options *options, const mst_text *text,
                         const int32_t *label, const mst_strings *names, const int64_t *unit,
                         const uint64_t *key, mst_model **out, mst_fit_report *report);

/* A training part with copies of records in it. */
typedef struct mst_training {
  mst_corpus *corpus;       /* [D] on the options' backend */
  const int32_t *label;     /* [D] as in mst_model_fit, as are the next three */
  const mst_strings *names; /* [C] */
  const int64_t *unit;      /* [D] a copy's is its parent's */
  const uint64_t *key;      /* [D] likewise */
  const int64_t *parent;    /* [D] the row of the record that a row is a copy of; else its own */
  const float *weight;      /* [D] what a row counts for when fitting, above 0; NULL: 1. Terms are
                             * counted and chosen without it */
} mst_training;

/* Fit on records and their copies. The validation part of early stopping is made of records alone:
 * their copies are left out of both sides. Everything else counts a copy as a row: vocabulary,
 * frequencies, selection, folds (which never part a unit), defaults that depend on rows, balanced
 * class weights. Without copies the same model as mst_model_fit. Errors are the same. */
mst_status mst_model_fit_copies(const mst_model_options *options, const mst_training *training,
                                mst_model **out, mst_fit_report *report);

/* Probabilities of every class, [D x C] row-major, rows sum to 1; of a learner that has none
 * (mst_model_has_proba) decision values, of which the first highest is the prediction. A row's
 * result depends on that row alone: the same bits in any batch, on any backend and for any number
 * of threads. Trees are walked by our own code, which gave XGBoost's bits on a trial when the model
 * was made; other boosters are asked themselves. Works through any number of rows in bounded
 * memory.
 *   backend  where text is vectorised; its threads do the rest
 * MST_E_ARG: no backend. MST_E_NOMEM, MST_E_DEVICE, MST_E_ADAPTER. */
mst_status mst_model_predict(mst_model *model, mst_backend *backend, const mst_text *text,
                             float *proba);

void mst_model_free(mst_model *model);
const mst_strings *mst_model_labels(const mst_model *model);
int mst_model_has_proba(const mst_model *model);

/* A further file for a model's folder. */
typedef struct mst_model_file {
  const char *name;
  const void *bytes;
  size_t n_bytes;
} mst_model_file;

/* Write the folder (whole or not at all): manifest.json (config, sha256 of each file, versions),
 * metrics.json, labels.json, booster.ubj, trees/, linear/ and chars/ (terms.json idf.npy
 * selected.npy; linear/ also coef.npy, whose rows are the terms of linear/ and then of chars/, and
 * intercept.npy). chars/ has the chosen n-grams alone; without any there is no such folder.
 *   config   the run's options by their command-line names; borrowed
 *   metrics  what metrics.json holds; borrowed, may be NULL
 *   extra    further files for the folder: names and bytes, may be NULL with n_extra 0
 * MST_E_ARG: path exists without force. MST_E_IO. */
mst_status mst_model_save(const mst_model *model, const char *path, int force,
                          const mst_json *config, const mst_json *metrics,
                          const mst_model_file *extra, int32_t n_extra);

/* Load and check: hash of every file, feature counts, and that the library that wrote the booster
 * is not newer than the one that reads it. *config (may be NULL) receives the manifest's config, to
 * be freed by the caller. MST_E_FORMAT: not a model, truncated, altered, newer. MST_E_IO,
 * MST_E_ADAPTER. */
mst_status mst_model_load(const char *path, mst_model **out, mst_json **config);

#endif
