/* predict.c: texts to probabilities, in chunks of bounded memory. A row's result depends on that
 * row alone, so chunks are invisible. */
#include <string.h>

#include "learn/model_internal.h"
#include "misstep/alloc.h"
#include "misstep/logistic.h"

#define CHUNK_ROWS 16384
/* Fewer rows than this are done before a second thread is awake. */
#define ROWS_FOR_THREADS 256

mst_status mst__linear_decide(const mst_model *model, mst_corpus *corpus, int n_threads,
                              float *decision) {
  const int64_t n = mst_corpus_n_docs(corpus);
  const int with_chars = model->chars.vectorizer != NULL;
  mst_csr x[2] = {{0}};
  mst_status st = mst_vectorizer_transform(model->linear.vectorizer, corpus, NULL, n, NULL, &x[0]);
  if (!st && with_chars)
    st = mst_vectorizer_transform(model->chars.vectorizer, corpus, NULL, n, NULL, &x[1]);
  if (!st)
    st = mst_logistic_decision(x, 1 + with_chars, model->coef, model->intercept, model->n_classes,
                               n_threads, decision);
  mst_csr_fini(&x[0]);
  mst_csr_fini(&x[1]);
  return st;
}

static mst_status predict_linear(const mst_model *model, mst_corpus *corpus, int n_threads,
                                 float *proba) {
  mst_status st = mst__linear_decide(model, corpus, n_threads, proba);
  if (!st)
    mst__linear_proba(model->solver, proba, mst_corpus_n_docs(corpus), model->n_classes, n_threads);
  return st;
}

static mst_status ask_library(const mst_model *model, const mst_csr *x, int with_margin,
                              int n_threads, float *proba) {
  mst_xgb_matrix *matrix = NULL;
  mst_status st = mst_xgb_matrix_create(x, NULL, with_margin ? proba : NULL, model->n_classes,
                                        n_threads, &matrix);
  if (!st) st = mst_xgb_booster_predict(model->booster, matrix, n_threads, model->n_classes, proba);
  mst_xgb_matrix_free(matrix);
  return st;
}

static mst_status predict_trees(const mst_model *model, mst_corpus *corpus, int n_threads,
                                float *proba) {
  const int64_t n = mst_corpus_n_docs(corpus);
  const int with_margin = model->margin != MST_MARGIN_NONE;
  mst_csr x = {0};
  mst_status st = MST_OK;
  if (with_margin) { /* the margins wait in proba, which is written last */
    st = mst__linear_decide(model, corpus, n_threads, proba);
    if (st) return st;
    mst__linear_margin(model->solver, model->margin, proba, n, model->n_classes, n_threads);
  }
  st = mst_vectorizer_transform(model->trees.vectorizer, corpus, NULL, n, NULL, &x);
  if (!st && model->forest)
    st = mst__forest_predict(model->forest, &x, with_margin, n_threads, proba);
  else if (!st) st = ask_library(model, &x, with_margin, n_threads, proba);
  mst_csr_fini(&x);
  return st;
}

static mst_status predict_chunk(const mst_model *model, mst_backend *backend, const mst_text *text,
                                float *proba) {
  const int n_threads = mst_backend_threads(backend);
  mst_corpus *corpus = NULL;
  mst_status st = mst_corpus_create(backend, text, &corpus);
  if (st) return st;
  if (model->learner == MST_LEARNER_LINEAR) st = predict_linear(model, corpus, n_threads, proba);
  else st = predict_trees(model, corpus, n_threads, proba);
  mst_corpus_free(corpus);
  return st;
}

static void predict_majority(const mst_model *model, int64_t n, float *proba) {
  for (int64_t d = 0; d < n; d++)
    memcpy(proba + d * model->n_classes, model->shares,
           (size_t)model->n_classes * sizeof *model->shares);
}

mst_status mst_model_predict(mst_model *model, mst_backend *backend, const mst_text *text,
                             float *proba) {
  if (!backend) return MST_FAIL(MST_E_ARG, "no backend to vectorise text on");
  if (model->learner == MST_LEARNER_MAJORITY) {
    predict_majority(model, text->n_docs, proba);
    return MST_OK;
  }
  const int n_threads = mst_backend_threads(backend);
  if (text->n_docs < ROWS_FOR_THREADS) mst_backend_set_threads(backend, 1);
  const int64_t most = text->n_docs < CHUNK_ROWS ? text->n_docs : CHUNK_ROWS;
  int64_t *start = mst_alloc((size_t)most + 1, sizeof *start);
  mst_status st = start ? MST_OK : MST_E_NOMEM;
  for (int64_t from = 0; !st && from < text->n_docs; from += CHUNK_ROWS) {
    const int64_t n = text->n_docs - from < CHUNK_ROWS ? text->n_docs - from : CHUNK_ROWS;
    for (int64_t d = 0; d <= n; d++) start[d] = text->start[from + d] - text->start[from];
    const mst_text chunk = {n, text->bytes + text->start[from], start};
    st = predict_chunk(model, backend, &chunk, proba + from * model->n_classes);
  }
  mst_backend_set_threads(backend, n_threads);
  mst_free(start);
  return st;
}
