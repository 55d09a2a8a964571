/* options.c: the defaults, which are the finding that the product is built on, and what is
 * refused. */
#include <math.h>

#include "learn/model_internal.h"

#define MANY_CLASSES 20
#define FEW_ROWS 5000
#define SVM_C 0.5
/* Below, a second thread of XGBoost gains nothing (24,000 titles: 16.2 s with one, 15.6 s with two)
 * and costs much on shared cores. The trees are the same for any number. */
#define ROWS_PER_THREAD 50000

const char *const mst__margin_names[3] = {"linear", "none", "raw"};
const char *const mst__solver_names[3] = {"wide", "liblinear", "multinomial"};

mst_model_options mst_model_options_default(void) {
  mst_model_options o = {.learner = MST_LEARNER_XGBOOST,
                         .margin = MST_MARGIN_LINEAR,
                         .select_k = 2000,
                         .trees = mst_vectorizer_options_default(),
                         .linear = mst_vectorizer_options_default(),
                         .linear_char_min = 2,
                         .linear_char_max = 4,
                         .linear_char_k = -1,
                         .linear_solver = MST_SOLVER_WIDE,
                         .linear_folds = 5,
                         .nb_alpha = 1,
                         .learning_rate = 0.1,
                         .max_depth = 4,
                         .subsample = 0.8,
                         .colsample_bytree = 0.8,
                         .max_bin = 256,
                         .validation_frac = 0.1,
                         .device = "cpu",
                         .n_threads = 1};
  o.trees.min_df = (mst_df_cut){0, 2};
  o.trees.norm = MST_NORM_NONE;
  o.linear.min_df = (mst_df_cut){0, -1};
  o.linear.ngram_max = 2;
  o.linear.tf = MST_TF_SUBLINEAR;
  o.trees.dtype = o.linear.dtype = MST_FLOAT32;
  return o;
}

/* The linear part's defaults that depend on the data, fixed by measurement (means over 2 to 10
 * seeds, words alone -> these): elementary maths (7 classes, 800 rows) accuracy .397 -> .398, macro
 * F1 .300 -> .318; Korean word problems (8, 2,400) .936 -> .951; banking77 (77, 10,003) .898 ->
 * .913; Korean reviews (3, 24,000) .618 -> .664; titles (9, 24,000) .687 -> .696.
 * Few rows: the chi-squared of a rare n-gram is chance; 10,000 of them cost maths a point of F1.
 * Two blocks of length 1 double a row's squared length, which regularises half as much at the same
 * C: 3 does for both what 5 does for one; in a multinomial fit all classes pull at a row, and 2 is
 * enough. N-grams overlap, so that the last digits of the optimum
 * take most of the passes: scores are the same at a gap of 1e-2, 1e-3 and 1e-4. */
static void resolve_linear(mst_model_options *o, int64_t n_rows, int32_t n_classes) {
  if (!o->linear.min_df.is_fraction && o->linear.min_df.value < 0)
    o->linear.min_df.value = n_rows < FEW_ROWS || n_classes > MANY_CLASSES ? 1 : 2;
  if (o->linear_char_k < 0) o->linear_char_k = n_rows < FEW_ROWS ? 2000 : 10000;
  const int with_chars = o->linear_char_k > 0;
  if (o->learner == MST_LEARNER_SVM) {
    o->linear_solver = MST_SOLVER_LIBLINEAR;
    if (o->linear_c == 0) o->linear_c = SVM_C;
  }
  const int multinomial = o->linear_solver == MST_SOLVER_MULTINOMIAL;
  if (o->linear_c == 0) o->linear_c = multinomial ? 2 : with_chars ? 3 : 5;
  if (o->linear_eps == 0 && o->linear_solver != MST_SOLVER_LIBLINEAR && with_chars)
    o->linear_eps = 1e-3;
}

/* One rule: what must hold, and the sentence when it does not. */
typedef struct rule {
  int holds;
  const char *message;
} rule;

static mst_status first_broken(const rule *rules, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!rules[i].holds) return MST_FAIL(MST_E_ARG, "%s", rules[i].message);
  return MST_OK;
}

static int is_share(double x) { return x > 0 && x <= 1; }

mst_status mst__model_options_check(const mst_model_options *o) {
  const int boosted = mst_learner_has_trees(o->learner);
  const int linear = mst_learner_has_linear(o->learner, o->margin);
  const rule common[] = {
      {o->learner != MST_LEARNER_NB || (o->nb_alpha > 0 && isfinite(o->nb_alpha)),
       "--nb-alpha must be above 0"},
      {o->learner != MST_LEARNER_NB || o->linear_char_k <= 0,
       "--learner nb counts words alone: --linear-char-features must be 0 or auto"},
      {o->learner != MST_LEARNER_SVM || o->linear_solver != MST_SOLVER_MULTINOMIAL,
       "--learner svm is one class against the rest: --linear-solver multinomial is not for it"},
      {o->n_threads >= 1, "--threads must be at least 1"},
      {o->backend || o->learner == MST_LEARNER_MAJORITY, "no backend to vectorise text on"}};
  const rule of_linear[] = {
      {o->linear_c >= 0 && isfinite(o->linear_c), "--linear-c must be above 0"},
      {o->linear_eps >= 0 && o->linear_eps < 1,
       "--linear-eps must lie between 0 and 1 (0: the solver's own)"},
      {o->linear_char_k >= -1, "--linear-char-features must be 0 (none) or above"},
      {o->linear_char_min >= 1 && o->linear_char_max >= o->linear_char_min &&
           o->linear_char_max <= 16,
       "--linear-char-ngram-range needs two numbers from 1 to 16, the lesser first"},
      {o->linear_folds >= 2 || !boosted, "--linear-folds must be at least 2"}};
  const rule of_trees[] = {
      {o->select_k >= 0, "--select chi2:K needs K of at least 1"},
      {o->n_estimators >= 0, "--n-estimators must be at least 1"},
      {o->learning_rate > 0 && isfinite(o->learning_rate), "--learning-rate must be above 0"},
      {o->max_depth >= 1, "--max-depth must be at least 1"},
      {is_share(o->subsample), "--subsample must be above 0 and at most 1"},
      {is_share(o->colsample_bytree), "--colsample-bytree must be above 0 and at most 1"},
      {o->max_bin >= 2, "--max-bin must be at least 2"},
      {o->early_stopping >= 0, "--early-stopping must be 0 (off) or a number of rounds"},
      {!o->early_stopping || (o->validation_frac > 0 && o->validation_frac < 1),
       "--validation-size must lie between 0 and 1"},
      {o->device != NULL, "no device"}};
  mst_status st = first_broken(common, sizeof common / sizeof *common);
  if (!st && linear) st = first_broken(of_linear, sizeof of_linear / sizeof *of_linear);
  if (!st && boosted) st = first_broken(of_trees, sizeof of_trees / sizeof *of_trees);
  return st;
}

mst_model_options mst__model_options_resolve(const mst_model_options *options, int64_t n_rows,
                                             int32_t n_classes) {
  mst_model_options o = *options;
  o.trees.dtype = o.linear.dtype = MST_FLOAT32; /* what XGBoost and the linear fits compute with */
  if (o.n_estimators == 0) o.n_estimators = n_classes > MANY_CLASSES ? 40 : 100;
  resolve_linear(&o, n_rows, n_classes);
  return o;
}

/* Threads that make XGBoost faster; the trees are the same for any number. Values of which nearly
 * every one is distinct fill its histograms, and then all help; with few values a column a round is
 * so short that more threads than this only wait for each other. */
static int useful_threads(const mst_model_options *o, int64_t n_rows) {
  const int fills = o->trees.norm != MST_NORM_NONE || o->trees.tf == MST_TF_RELATIVE;
  const int64_t useful = n_rows / ROWS_PER_THREAD + 1;
  return fills || useful > o->n_threads ? o->n_threads : (int)useful;
}

mst_xgb_options mst__model_options_xgb(const mst_model_options *o, int64_t n_rows,
                                       int32_t n_classes) {
  return (mst_xgb_options){.n_classes = n_classes,
                           .learning_rate = o->learning_rate,
                           .max_depth = o->max_depth,
                           .subsample = o->subsample,
                           .colsample_bytree = o->colsample_bytree,
                           .max_bin = o->max_bin,
                           .extra = o->extra,
                           .n_extra = o->n_extra,
                           .device = o->device,
                           .seed = o->seed,
                           .n_threads = useful_threads(o, n_rows)};
}

mst_lgb_options mst__model_options_lgb(const mst_model_options *o, int32_t n_classes) {
  return (mst_lgb_options){.n_classes = n_classes,
                           .learning_rate = o->learning_rate,
                           .max_depth = o->max_depth,
                           .subsample = o->subsample,
                           .colsample_bytree = o->colsample_bytree,
                           .max_bin = o->max_bin,
                           .seed = o->seed,
                           .n_threads = o->n_threads,
                           .extra = o->extra,
                           .n_extra = o->n_extra};
}
