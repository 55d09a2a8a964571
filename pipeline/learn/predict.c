/* predict.c: texts to probabilities, in chunks of bounded memory. A row's result depends on that
 * row alone, so chunks are invisible. */
#include <string.h>

#include "learn/learner.h"
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

static mst_status predict_chunk(const mst_model *model, mst_backend *backend, const mst_text *text,
                                float *proba) {
  mst_corpus *corpus = NULL;
  mst_status st = mst_corpus_create(backend, text, &corpus);
  if (st) return st;
  st = mst__learner_of(model->learner)
           ->predict(model, corpus, text->n_docs, mst_backend_threads(backend), proba);
  mst_corpus_free(corpus);
  return st;
}

mst_status mst_model_predict(mst_model *model, mst_backend *backend, const mst_text *text,
                             float *proba) {
  if (!backend) return MST_FAIL(MST_E_ARG, "no backend to vectorise text on");
  const mst__learner *learner = mst__learner_of(model->learner);
  const int n_threads = mst_backend_threads(backend);
  if (learner->needs == MST__NEEDS_NO_TEXT)
    return learner->predict(model, NULL, text->n_docs, n_threads, proba);
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
