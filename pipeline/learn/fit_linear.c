/* fit_linear.c: the linear part: weights from all rows, and for each row a margin from a fit that
 * never saw it. Every fit starts at zero: a warm start would leak the row it must not know. */
#include <stdlib.h>

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
static mst_status make_folds(const mst_model_options *o, const int32_t *label, const int64_t *unit,
                             const uint64_t *key, int64_t n, int32_t n_classes, int32_t **fold,
                             int32_t *n_folds) {
  int64_t n_units = 0;
  mst_status st = count_units(unit, n, &n_units);
  if (st) return st;
  if (n_units < 2)
    return MST_FAIL(MST_E_ARG, "all training rows are one group: nothing to cross-fit the linear "
                               "margin on; use --margin none");
  const int32_t folds = n_units < o->linear_folds ? (int32_t)n_units : o->linear_folds;
  int32_t *f = mst_alloc((size_t)n, sizeof *f);
  if (!f) return MST_E_NOMEM;
  const mst_split_records records = {unit, key, label, n, n_classes};
  st = mst_split_folds(&records, NULL, 0, folds, o->seed, f);
  if (st) {
    mst_free(f);
    return st;
  }
  *fold = f;
  *n_folds = folds;
  return MST_OK;
}

static mst_status solve(const mst_model_options *o, const mst_csr *x, const int32_t *label,
                        const int32_t *fold, int32_t n_folds, mst_model *model, float *decision) {
  const int wide = o->linear_solver == MST_SOLVER_WIDE;
  mst_logistic_options options =
      wide ? mst_logistic_options_default() : mst_liblinear_options_default();
  options.c = o->linear_c;
  if (o->linear_eps > 0) options.eps = o->linear_eps;
  options.n_threads = o->n_threads;
  const size_t n_classes = (size_t)model->n_classes;
  model->coef = mst_alloc((size_t)x->n_cols * n_classes, sizeof *model->coef);
  model->intercept = model->coef ? mst_alloc(n_classes, sizeof *model->intercept) : NULL;
  if (!model->intercept) return MST_E_NOMEM;
  const mst_logistic_problem problem = {x, label, model->n_classes, fold, n_folds};
  const mst_logistic_result result = {model->coef, model->intercept, decision, NULL};
  return (wide ? mst_logistic_fit : mst_liblinear_fit)(&problem, &options, &result);
}

mst_status mst__linear_fit(const mst_model_options *options, mst_corpus *corpus,
                           const int32_t *label, const int64_t *unit, const uint64_t *key,
                           mst_model *model, float **margin, mst_fit_report *report) {
  const int64_t n = mst_corpus_n_docs(corpus);
  double start = mst__seconds();
  mst_csr x = {0};
  int32_t *fold = NULL, n_folds = 0;
  float *decision = NULL;
  mst_status st = mst_vectorizer_fit(&options->linear, corpus, NULL, n, options->n_threads,
                                     &model->linear.vectorizer, NULL, &x);
  if (st) return mst_error_prefix(st, "the linear part");
  report->n_linear_terms = x.n_cols;
  report->seconds_features += mst__seconds() - start;
  start = mst__seconds();
  if (margin) {
    st = make_folds(options, label, unit, key, n, model->n_classes, &fold, &n_folds);
    if (st) goto done;
    decision = mst_alloc((size_t)n * (size_t)model->n_classes, sizeof *decision);
    st = decision ? MST_OK : MST_E_NOMEM;
    if (st) goto done;
  }
  st = solve(options, &x, label, fold, n_folds, model, decision);
  if (st) goto done;
  if (margin) {
    mst__linear_margin(decision, n, model->n_classes, options->n_threads);
    *margin = decision;
    decision = NULL;
  }
  report->seconds_linear = mst__seconds() - start;
done:
  mst_free(decision);
  mst_free(fold);
  mst_csr_fini(&x);
  return st;
}
