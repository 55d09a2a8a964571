/* learner_nb.c: complement naive Bayes (Rennie, Shih, Teevan and Karger: Tackling the poor
 * assumptions of naive Bayes text classifiers. ICML 2003), as scikit-learn's ComplementNB with
 * norm=False computes it on counts.
 *
 *     coef(t,c)  = -ln((n(t) - n(t,c) + alpha) / sum over terms of the same)
 *     score(d,c) = sum over t of count(d,t) * coef(t,c);  its softmax are the probabilities
 *
 * n(t,c): how often term t stands in the texts of class c, a text counted as often as it weighs. So
 * a class is judged by how little the texts of all the others are like a text; the classes' shares
 * play no part. The coefficients kept are less their mean over the classes: to a softmax the same,
 * and smaller, so that float32 keeps more of them. */
#include <math.h>

#include "learn/learner.h"
#include "misstep/alloc.h"

/* Counts of terms by class, [V x C]; exact in double where rows have no weight. */
static void count_terms(const mst_csr *x, const mst_training *t, int32_t n_classes, double *count) {
  const int32_t *val = x->val;
  for (int64_t d = 0; d < x->n_rows; d++) {
    const double weight = t->weight ? (double)t->weight[d] : 1;
    for (int64_t e = x->row_ptr[d]; e < x->row_ptr[d + 1]; e++)
      count[(int64_t)x->col[e] * n_classes + t->label[d]] += weight * val[e];
  }
}

/* Counts become what the other classes have, smoothed; total [C] their sums over the terms. */
static void complement(double *count, int64_t n_terms, int32_t n_classes, double alpha,
                       double *total) {
  for (int64_t t = 0; t < n_terms; t++) {
    double *row = count + t * n_classes, all = 0;
    for (int32_t c = 0; c < n_classes; c++) all += row[c];
    for (int32_t c = 0; c < n_classes; c++) {
      row[c] = all + alpha - row[c];
      total[c] += row[c];
    }
  }
}

static mst_status weigh(const mst_model_options *o, const mst_csr *x, const mst_training *t,
                        mst_model *model) {
  const int64_t n_terms = x->n_cols;
  const int32_t n_classes = model->n_classes;
  const size_t n_weights = (size_t)n_terms * (size_t)n_classes;
  double *count = mst_alloc_zero(n_weights, sizeof *count);
  double *total = mst_alloc_zero((size_t)n_classes, sizeof *total);
  model->coef = mst_alloc(n_weights, sizeof *model->coef);
  model->intercept = mst_alloc_zero((size_t)n_classes, sizeof *model->intercept);
  const mst_status st = count && total && model->coef && model->intercept ? MST_OK : MST_E_NOMEM;
  if (st) goto done;
  count_terms(x, t, n_classes, count);
  complement(count, n_terms, n_classes, o->nb_alpha, total);
  for (int64_t i = 0; i < n_terms; i++) {
    double *row = count + i * n_classes, mean = 0;
    for (int32_t c = 0; c < n_classes; c++) {
      row[c] = -log(row[c] / total[c]);
      mean += row[c] / n_classes;
    }
    for (int32_t c = 0; c < n_classes; c++) model->coef[i * n_classes + c] = (float)(row[c] - mean);
  }
done:
  mst_free(count);
  mst_free(total);
  return st;
}

static mst_status fit(const mst_model_options *o, const mst_training *t, mst_model *model,
                      mst_fit_report *report) {
  mst_vectorizer_options words = o->linear;
  words.tf = MST_TF_COUNT;
  words.idf = MST_IDF_NONE;
  words.norm = MST_NORM_NONE;
  model->solver = MST_SOLVER_MULTINOMIAL; /* its probabilities are taken from scores likewise */
  mst_csr counts = {0};
  double start = mst__seconds();
  mst_status st = mst_vectorizer_fit(&words, t->corpus, NULL, mst_corpus_n_docs(t->corpus),
                                     &model->linear.vectorizer, &counts, NULL);
  report->seconds_features = mst__seconds() - start;
  report->n_linear_terms = counts.n_cols;
  start = mst__seconds();
  if (!st) st = weigh(o, &counts, t, model);
  mst_csr_fini(&counts);
  report->seconds_linear = mst__seconds() - start;
  return st;
}

const mst__learner mst__learner_nb = {.name = "nb",
                                      .needs = MST__NEEDS_LINEAR,
                                      .weighs = 1,
                                      .open = mst__open_nothing,
                                      .try_out = mst__try_nothing,
                                      .fit = fit,
                                      .predict = mst__linear_predict,
                                      .save = mst__linear_save,
                                      .load = mst__linear_load};
