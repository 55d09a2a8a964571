/* fit_linear.c: the linear part: weights from all rows, and for each row a margin from a fit that
 * never saw it. Every fit starts at zero: a warm start would leak the row it must not know. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/choose.h"
#include "learn/join.h"
#include "learn/liblinear.h"
#include "learn/model_internal.h"
#include "misstep/alloc.h"
#include "misstep/log.h"
#include "misstep/logistic.h"
#include "read/split.h"

static int compare_units(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static mst_status count_units(const int64_t *unit, int64_t n, int64_t *n_units) {
  int64_t *sorted = mst_alloc((size_t)n, sizeof *sorted);
  if (!sorted) return MST_E_NOMEM;
  for (int64_t d = 0; d < n; d++) sorted[d] = unit[d];
  qsort(sorted, (size_t)n, sizeof *sorted, compare_units);
  int64_t count = 0;
  for (int64_t d = 0; d < n; d++) count += d == 0 || sorted[d] != sorted[d - 1];
  mst_free(sorted);
  *n_units = count;
  return MST_OK;
}

/* Folds for the cross-fit: fewer than asked where there are fewer units. *fold by mst_free. */
static mst_status make_folds(const mst_model_options *o, const mst_training *t, int64_t n,
                             int32_t n_classes, int32_t **fold, int32_t *n_folds) {
  int64_t n_units = 0;
  mst_status st = count_units(t->unit, n, &n_units);
  if (st) return st;
  if (n_units < 2)
    return MST_FAIL(MST_E_ARG, "all training rows are one group: nothing to cross-fit the linear "
                               "margin on; use --margin none");
  const int32_t folds = n_units < o->linear_folds ? (int32_t)n_units : o->linear_folds;
  int32_t *f = mst_alloc((size_t)n, sizeof *f);
  if (!f) return MST_E_NOMEM;
  const mst_split_records records = {t->unit, t->key, t->label, n, n_classes};
  st = mst_split_folds(&records, NULL, 0, folds, o->seed, f);
  if (st) {
    mst_free(f);
    return st;
  }
  *fold = f;
  *n_folds = folds;
  return MST_OK;
}

/* What the linear fits are made on. */
typedef struct fitting {
  const int32_t *label;
  const float *weight;    /* [D] or NULL */
  int32_t *fold, n_folds; /* of the cross-fit; NULL, 0: none */
  mst_csr x;
  mst__choice choice; /* of character n-grams, with scale; empty: words alone */
  float *scale;       /* [D x n_fits] */
} fitting;

static void fitting_fini(fitting *f) {
  mst_free(f->fold);
  mst_csr_fini(&f->x);
  mst__choice_fini(&f->choice);
  mst_free(f->scale);
}

/* Character n-grams inside words, weighed as the words are by default; text as the words see it. */
static mst_vectorizer_options char_options(const mst_model_options *o) {
  mst_vectorizer_options v = mst_vectorizer_options_default();
  v.token.analyzer = MST_ANALYZER_CHAR_WB;
  v.token.lowercase = o->linear.token.lowercase;
  v.token.strip_accents = o->linear.token.strip_accents;
  v.ngram_min = o->linear_char_min;
  v.ngram_max = o->linear_char_max;
  v.min_df = o->linear.min_df;
  v.tf = MST_TF_SUBLINEAR;
  v.dtype = MST_FLOAT32;
  return v;
}

/* Put the n-grams that each fit chooses beside the words in f->x. The model keeps fit 0's. */
static mst_status add_chars(const mst_model_options *o, mst_corpus *corpus, mst_model *model,
                            fitting *f) {
  const mst_vectorizer_options options = char_options(o);
  mst_csr counts = {0}, joined = {0};
  mst_vectorizer **v = &model->chars.vectorizer;
  mst_status st = mst_vectorizer_fit(&options, corpus, NULL, f->x.n_rows, v, &counts, NULL);
  if (!st)
    st = mst__choice_init(&f->choice, &counts, f->label, model->n_classes, f->fold, f->n_folds,
                          o->linear_char_k, o->n_threads);
  if (!st)
    st = mst__rows_join(&f->x, &counts, mst_vectorizer_idf(*v), &f->choice, o->n_threads, &joined,
                        &f->scale);
  mst_csr_fini(&counts);
  if (st) return st;
  mst_csr_fini(&f->x);
  f->x = joined;
  return mst_vectorizer_take(*v, f->choice.selected, f->choice.n_selected);
}

/* The model's weights are fit 0's: of the words, then of its n-grams as the vectorizer has them.
 * all [columns x C] is taken over. */
static mst_status keep_weights(const fitting *f, int64_t n_words, float *all, mst_model *model) {
  const mst__choice *choice = &f->choice;
  const size_t n_classes = (size_t)model->n_classes;
  model->coef = all;
  if (!choice->term) return MST_OK;
  float *coef = mst_alloc((size_t)(n_words + choice->n_selected) * n_classes, sizeof *coef);
  if (!coef) return MST_E_NOMEM;
  memcpy(coef, all, (size_t)n_words * n_classes * sizeof *coef);
  int64_t agreed = 0, disputed = choice->n_agreed;
  for (int64_t i = 0; i < choice->n_selected; i++) { /* two rising lists merge to a rising one */
    while (disputed < choice->n_cols && choice->term[disputed] < choice->selected[i]) disputed++;
    const int is_disputed =
        disputed < choice->n_cols && choice->term[disputed] == choice->selected[i];
    const int64_t from = n_words + (is_disputed ? disputed : agreed++);
    memcpy(coef + (size_t)(n_words + i) * n_classes, all + (size_t)from * n_classes,
           n_classes * sizeof *coef);
  }
  mst_free(all);
  model->coef = coef;
  return MST_OK;
}

static mst_status solve(const mst_model_options *o, const fitting *f, int64_t n_words,
                        mst_model *model, float *decision) {
  const int wide = o->linear_solver != MST_SOLVER_LIBLINEAR;
  mst_logistic_options options =
      wide ? mst_logistic_options_default() : mst_liblinear_options_default();
  if (o->linear_solver == MST_SOLVER_MULTINOMIAL) options.loss = MST_LOSS_MULTINOMIAL;
  options.c = o->linear_c;
  if (o->linear_eps > 0) options.eps = o->linear_eps;
  options.n_threads = o->n_threads;
  (void)snprintf(model->linear_device, sizeof model->linear_device, "cpu"); /* LIBLINEAR's */
  const size_t n_classes = (size_t)model->n_classes;
  float *coef = mst_alloc((size_t)f->x.n_cols * n_classes, sizeof *coef);
  model->intercept = coef ? mst_alloc(n_classes, sizeof *model->intercept) : NULL;
  const mst_logistic_block block = {.first = n_words,
                                    .first_disputed = n_words + f->choice.n_agreed,
                                    .chosen = f->choice.chosen,
                                    .scale = f->scale};
  const mst_logistic_problem problem = {
      &f->x, f->label, model->n_classes, f->fold, f->n_folds, f->scale ? &block : NULL, f->weight};
  const mst_logistic_result result = {coef, model->intercept, decision, NULL};
  mst_status st = model->intercept ? MST_OK : MST_E_NOMEM;
  if (!st && wide)
    st = mst_logistic_fit_on(o->backend, &problem, &options, &result, model->linear_device);
  else if (!st && o->learner == MST_LEARNER_SVM)
    st = mst_liblinear_svm(&problem, &options, &result);
  else if (!st) st = mst_liblinear_fit(&problem, &options, &result);
  if (!st) return keep_weights(f, n_words, coef, model);
  mst_free(coef);
  return st;
}

/* The matrix: words, and character n-grams where they are wanted. */
static mst_status make_features(const mst_model_options *o, mst_corpus *corpus, mst_model *model,
                                fitting *f, int64_t *n_words) {
  mst_status st = mst_vectorizer_fit(&o->linear, corpus, NULL, mst_corpus_n_docs(corpus),
                                     &model->linear.vectorizer, NULL, &f->x);
  if (st) return mst_error_prefix(st, "the linear part");
  *n_words = f->x.n_cols;
  if (!o->linear_char_k) return MST_OK;
  st = add_chars(o, corpus, model, f);
  return st ? mst_error_prefix(st, "the linear part's character n-grams") : MST_OK;
}

mst_status mst__linear_fit(const mst_model_options *options, const mst_training *t,
                           mst_model *model, float **margin, mst_fit_report *report) {
  const int64_t n = mst_corpus_n_docs(t->corpus);
  double start = mst__seconds();
  fitting f = {.label = t->label, .weight = t->weight};
  int64_t n_words = 0;
  float *decision = NULL;
  mst_status st = MST_OK;
  if (margin) st = make_folds(options, t, n, model->n_classes, &f.fold, &f.n_folds);
  if (!st) st = make_features(options, t->corpus, model, &f, &n_words);
  if (st) goto done;
  report->n_linear_terms = n_words + f.choice.n_selected;
  report->seconds_features += mst__seconds() - start;
  start = mst__seconds();
  if (margin) decision = mst_alloc((size_t)n * (size_t)model->n_classes, sizeof *decision);
  st = margin && !decision ? MST_E_NOMEM : solve(options, &f, n_words, model, decision);
  if (st) goto done;
  if (margin) {
    mst__linear_margin(options->linear_solver, options->margin, decision, n, model->n_classes,
                       options->n_threads);
    *margin = decision;
    decision = NULL;
  }
  report->seconds_linear = mst__seconds() - start;
done:
  mst_free(decision);
  fitting_fini(&f);
  return st;
}
