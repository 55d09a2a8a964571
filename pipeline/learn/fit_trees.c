/* fit_trees.c: what the trees are fitted on: the validation part set aside, features, selection. */
#include "learn/engine.h"
#include "misstep/alloc.h"

/* Some of the training rows, with what belongs to them. rows NULL: all n of them. */
typedef struct row_set {
  const int64_t *rows;
  int64_t n;
  const int32_t *label; /* [n] */
  const float *margin;  /* [n x C]; NULL without margins */
  const float *weight;  /* [n]; NULL: 1 each */
  int64_t *own_rows;    /* what of it is owned: all or nothing */
  int32_t *own_label;
  float *own_margin, *own_weight;
} row_set;

static void row_set_fini(row_set *s) {
  mst_free(s->own_rows);
  mst_free(s->own_label);
  mst_free(s->own_margin);
  mst_free(s->own_weight);
  *s = (row_set){0};
}

/* The training rows of a side. Rows that are judged on count alike: they have no weights. */
static mst_status row_set_init(const uint8_t *which, int side, const mst_training *t,
                               int32_t n_classes, const float *margin, row_set *out) {
  const int64_t n_docs = mst_corpus_n_docs(t->corpus);
  const float *weight = side == 0 ? t->weight : NULL;
  row_set s = {0};
  for (int64_t d = 0; d < n_docs; d++) s.n += which[d] == side;
  s.own_rows = mst_alloc((size_t)s.n, sizeof *s.own_rows);
  s.own_label = mst_alloc((size_t)s.n, sizeof *s.own_label);
  if (margin) s.own_margin = mst_alloc((size_t)s.n * (size_t)n_classes, sizeof *s.own_margin);
  if (weight) s.own_weight = mst_alloc((size_t)s.n, sizeof *s.own_weight);
  if (!s.own_rows || !s.own_label || (margin && !s.own_margin) || (weight && !s.own_weight)) {
    row_set_fini(&s);
    return MST_E_NOMEM;
  }
  int64_t to = 0;
  for (int64_t d = 0; d < n_docs; d++) {
    if (which[d] != side) continue;
    s.own_rows[to] = d;
    s.own_label[to] = t->label[d];
    if (weight) s.own_weight[to] = weight[d];
    for (int32_t c = 0; margin && c < n_classes; c++)
      s.own_margin[to * n_classes + c] = margin[d * n_classes + c];
    to++;
  }
  s.rows = s.own_rows;
  s.label = s.own_label;
  s.margin = s.own_margin;
  s.weight = s.own_weight;
  *out = s;
  return MST_OK;
}

static mst_status hold_out(const mst_model_options *o, const mst_training *t, int32_t n_classes,
                           const float *margin, row_set *train, row_set *valid) {
  uint8_t *side = mst_alloc((size_t)mst_corpus_n_docs(t->corpus), 1);
  if (!side) return MST_E_NOMEM;
  mst_status st = mst__validation_choose(o, t, side);
  if (!st) st = row_set_init(side, 0, t, n_classes, margin, train);
  if (!st) st = row_set_init(side, 1, t, n_classes, margin, valid);
  mst_free(side);
  return st;
}

/* Fit the vectorizer on the rows, select, and hand the matrix of those rows over. */
static mst_status make_features(const mst_model_options *o, mst_corpus *corpus, const row_set *set,
                                int32_t n_classes, mst__part *part, mst_csr *x) {
  mst_csr counts = {0};
  const int select = o->select_k > 0;
  mst_status st = mst_vectorizer_fit(&o->trees, corpus, set->rows, set->n, &part->vectorizer,
                                     select ? &counts : NULL, select ? NULL : x);
  if (st || !select) return st;
  st = mst__part_select(part, o->backend, &counts, set->label, n_classes, o->select_k);
  mst_csr_fini(&counts);
  if (st) return st;
  return mst_vectorizer_transform(part->vectorizer, corpus, set->rows, set->n, NULL, x);
}

static mst__rows view(const mst_csr *x, const row_set *set, int32_t n_classes, int is_valid) {
  return (mst__rows){x, set->label, set->margin, set->weight, n_classes, is_valid};
}

/* Training rows and, with early stopping, the validation rows as the engine has them. */
static mst_status make_matrices(const mst__engine *engine, const mst_model_options *o,
                                mst_corpus *corpus, const row_set *train, const row_set *valid,
                                mst_model *model, void *matrix[2]) {
  mst_csr x = {0};
  mst_status st = make_features(o, corpus, train, model->n_classes, &model->trees, &x);
  mst__rows rows = view(&x, train, model->n_classes, 0);
  if (!st) st = engine->matrix(o, &rows, NULL, &matrix[0]);
  mst_csr_fini(&x);
  if (st || !valid) return st;
  st = mst_vectorizer_transform(model->trees.vectorizer, corpus, valid->rows, valid->n, NULL, &x);
  rows = view(&x, valid, model->n_classes, 1);
  if (!st) st = engine->matrix(o, &rows, matrix[0], &matrix[1]);
  mst_csr_fini(&x);
  return st;
}

mst_status mst__trees_fit(const mst__engine *engine, const mst_model_options *options,
                          const mst_training *training, const float *margin, mst_model *model,
                          mst_fit_report *report) {
  mst_corpus *corpus = training->corpus;
  const int stops = options->early_stopping > 0;
  double start = mst__seconds();
  row_set train = {.n = mst_corpus_n_docs(corpus),
                   .label = training->label,
                   .margin = margin,
                   .weight = training->weight},
          valid = {0};
  void *matrix[2] = {NULL, NULL};
  mst_status st = MST_OK;
  if (stops) st = hold_out(options, training, model->n_classes, margin, &train, &valid);
  if (!st)
    st = make_matrices(engine, options, corpus, &train, stops ? &valid : NULL, model, matrix);
  if (st) goto done;
  report->n_tree_terms = mst__part_n_terms(&model->trees);
  report->n_selected = mst_vectorizer_n_terms(model->trees.vectorizer);
  report->seconds_features += mst__seconds() - start;
  start = mst__seconds();
  st = engine->boost(options, train.n, matrix, model, report);
  report->seconds_boosting = mst__seconds() - start;
done:
  for (int i = 0; i < 2; i++) engine->matrix_free(matrix[i]);
  row_set_fini(&train);
  row_set_fini(&valid);
  return st;
}
