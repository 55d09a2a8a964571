/* study.c: one slot for each thing that models share. The caller orders its models so that those
 * with equal keys follow each other; a slot that another key needs is emptied, so memory stays that
 * of one model. Nothing here may change a bit of what one model alone would give. */
#include "learn/study.h"

#include <stdio.h>
#include <string.h>

#include "learn/model_internal.h"
#include "misstep/alloc.h"
#include "misstep/hash.h"
#include "misstep/log.h"

struct mst_study {
  mst_study_data data;
  int64_t n_train;
  float *weight;            /* [D] of the present model's training rows; NULL: 1 each */
  mst_corpus *train, *test; /* cut into tokens on first use; train: or given */
  char *trees_key, *margin_key, *matrix_key; /* whose the slots are; NULL: empty */
  mst_csr x_train, x_test;
  float *margin_train, *margin_test; /* [D x C], [n_test x C] */
  mst_xgb_matrix *m_train, *m_test;
  mst_study_counts counts;
};

int mst_study_shares_rounds(const mst_model_options *options) {
  return options->learner == MST_LEARNER_XGBOOST && options->early_stopping == 0;
}

mst_status mst_study_create(const mst_study_data *data, mst_study **out) {
  mst_study *study = mst_alloc_zero(1, sizeof *study);
  if (!study) return MST_E_NOMEM;
  study->data = *data;
  study->train = data->corpus;
  study->n_train = data->corpus ? mst_corpus_n_docs(data->corpus) : data->train->n_docs;
  *out = study;
  return MST_OK;
}

static void drop_matrices(mst_study *s) {
  mst_xgb_matrix_free(s->m_train);
  mst_xgb_matrix_free(s->m_test);
  s->m_train = s->m_test = NULL;
  mst_free(s->matrix_key);
  s->matrix_key = NULL;
}

static void drop_trees(mst_study *s) {
  drop_matrices(s);
  mst_csr_fini(&s->x_train);
  mst_csr_fini(&s->x_test);
  mst_free(s->trees_key);
  s->trees_key = NULL;
}

static void drop_margins(mst_study *s) {
  drop_matrices(s);
  mst_free(s->margin_train);
  mst_free(s->margin_test);
  s->margin_train = s->margin_test = NULL;
  mst_free(s->margin_key);
  s->margin_key = NULL;
}

void mst_study_free(mst_study *study) {
  if (!study) return;
  drop_trees(study);
  drop_margins(study);
  if (!study->data.corpus) mst_corpus_free(study->train);
  mst_corpus_free(study->test);
  mst_free(study->weight);
  mst_free(study);
}

mst_study_counts mst_study_count(const mst_study *study) { return study->counts; }

static mst_status keep_key(const char *key, char **slot) {
  *slot = mst_alloc(strlen(key) + 1, 1);
  if (!*slot) return MST_E_NOMEM;
  memcpy(*slot, key, strlen(key) + 1);
  return MST_OK;
}

static mst_status cut(mst_study *s) {
  mst_status st = MST_OK;
  if (!s->train) st = mst_corpus_create(s->data.backend, s->data.train, &s->train);
  if (!st && !s->test) st = mst_corpus_create(s->data.backend, s->data.test, &s->test);
  return st;
}

/* The weights of the training rows under the classes' weights. */
static mst_status weigh_rows(mst_study *s, const mst_model_options *o) {
  const mst_study_data *d = &s->data;
  mst_free(s->weight);
  s->weight = NULL;
  if (!o->class_weight && !d->weight) return MST_OK;
  const mst_class_weight none = {.kind = MST_CLASS_WEIGHT_NONE};
  const mst_class_weight *of = o->class_weight ? o->class_weight : &none;
  double *of_class = mst_alloc((size_t)d->names->n, sizeof *of_class);
  if (!of_class) return MST_E_NOMEM;
  mst_status st = mst_class_weight_resolve(of, d->names, d->label, s->n_train, of_class);
  if (!st) st = mst_class_weight_rows(of_class, d->label, s->n_train, d->weight, &s->weight);
  mst_free(of_class);
  return st;
}

/* Features of the trees: fitted and chosen on the training part, for both parts. */
static mst_status need_trees(mst_study *s, const mst_model_options *o, const char *key) {
  if (s->trees_key && strcmp(s->trees_key, key) == 0) return MST_OK;
  drop_trees(s);
  const int select = o->select_k > 0;
  const int64_t n_train = s->n_train, n_test = s->data.test->n_docs;
  mst__part part = {0};
  mst_csr counts = {0};
  mst_status st = mst_vectorizer_fit(&o->trees, s->train, NULL, n_train, &part.vectorizer,
                                     select ? &counts : NULL, select ? NULL : &s->x_train);
  if (!st && select)
    st = mst__part_select(&part, o->backend, &counts, s->data.label, (int32_t)s->data.names->n,
                          o->select_k);
  mst_csr_fini(&counts);
  if (!st && select)
    st = mst_vectorizer_transform(part.vectorizer, s->train, NULL, n_train, NULL, &s->x_train);
  if (!st) st = mst_vectorizer_transform(part.vectorizer, s->test, NULL, n_test, NULL, &s->x_test);
  mst__part_fini(&part);
  if (!st) st = keep_key(key, &s->trees_key);
  if (st) drop_trees(s);
  else s->counts.n_features++;
  return st;
}

/* Margins: out of fold for the training rows, from all of them for the test rows. */
static mst_status need_margins(mst_study *s, const mst_model_options *o, const char *key) {
  if (o->margin == MST_MARGIN_NONE) {
    if (s->margin_key) drop_margins(s);
    return MST_OK;
  }
  if (s->margin_key && strcmp(s->margin_key, key) == 0) return MST_OK;
  drop_margins(s);
  const int32_t n_classes = (int32_t)s->data.names->n;
  const int64_t n_test = s->data.test->n_docs;
  mst_fit_report report = {0};
  mst_model *model = mst_alloc_zero(1, sizeof *model);
  if (!model) return MST_E_NOMEM;
  model->n_classes = n_classes;
  const mst_study_data *d = &s->data;
  const mst_training t = {s->train, d->label, d->names, d->unit, d->key, d->parent, s->weight};
  mst_status st = mst__linear_fit(o, &t, model, &s->margin_train, &report);
  s->margin_test =
      st ? NULL : mst_alloc((size_t)n_test * (size_t)n_classes, sizeof *s->margin_test);
  if (!st && !s->margin_test) st = MST_E_NOMEM;
  if (!st) st = mst__linear_decide(model, s->test, o->n_threads, s->margin_test);
  if (!st)
    mst__linear_margin(o->linear_solver, o->margin, s->margin_test, n_test, n_classes,
                       o->n_threads);
  mst_model_free(model);
  if (!st) st = keep_key(key, &s->margin_key);
  if (st) drop_margins(s);
  else s->counts.n_margins++;
  return st;
}

/* Both parts as XGBoost's matrices. It bins a matrix for the first booster that uses it, so those
 * with other bins get a matrix of their own. */
static mst_status need_matrices(mst_study *s, const mst_model_options *o) {
  char key[128];
  uint64_t extra = s->weight ? mst_hash64(s->weight, (size_t)s->n_train * sizeof(float), 0) : 0;
  for (int32_t i = 0; i < o->n_extra; i++) { /* tree_method and others may bin differently */
    extra = mst_hash64(o->extra[i].name, strlen(o->extra[i].name), extra);
    extra = mst_hash64(o->extra[i].value, strlen(o->extra[i].value), extra);
  }
  (void)snprintf(key, sizeof key, "%d %.17g %.17g %d %s %016llx", o->max_bin, o->subsample,
                 o->colsample_bytree, o->margin, o->device, (unsigned long long)extra);
  if (s->matrix_key && strcmp(s->matrix_key, key) == 0) return MST_OK;
  drop_matrices(s);
  const int32_t n_classes = (int32_t)s->data.names->n;
  mst_status st = mst_xgb_matrix_create(&s->x_train, s->data.label, s->margin_train, n_classes,
                                        o->n_threads, &s->m_train);
  if (!st && s->weight) st = mst_xgb_matrix_weigh(s->m_train, s->weight);
  if (!st)
    st = mst_xgb_matrix_create(&s->x_test, NULL, s->margin_test, n_classes, o->n_threads,
                               &s->m_test);
  if (!st) st = keep_key(key, &s->matrix_key);
  if (st) drop_matrices(s);
  else s->counts.n_matrices++;
  return st;
}

/* Rounds one after the other; a model's probabilities are taken when its last round is done. */
static mst_status boost(mst_study *s, const mst_model_options *o, const int32_t *rounds, int32_t n,
                        float *const *proba, double *seconds) {
  const int32_t n_classes = (int32_t)s->data.names->n;
  const mst_xgb_options options = mst__model_options_xgb(o, s->n_train, n_classes);
  const double start = mst__seconds();
  mst_xgb_booster *b = NULL;
  int32_t most = 0;
  for (int32_t i = 0; i < n; i++)
    if (rounds[i] > most) most = rounds[i];
  mst_status st = mst_xgb_booster_create(&options, s->m_train, NULL, &b);
  for (int32_t round = 0; !st && round < most; round++) {
    st = mst_xgb_booster_update(b, round);
    if (!st) st = mst_progress("boosting", round + 1, most, "");
    for (int32_t i = 0; !st && i < n; i++) {
      if (rounds[i] != round + 1) continue;
      st = mst_xgb_booster_predict(b, s->m_test, o->n_threads, n_classes, proba[i]);
      seconds[i] = mst__seconds() - start;
    }
  }
  mst_xgb_booster_free(b);
  s->counts.n_trainings += !st;
  s->counts.n_models += st ? 0 : n;
  return st;
}

/* Everything that is not shared: fitted and asked as misstep train does it. */
static mst_status fit_alone(mst_study *s, const mst_study_run *run, float *proba, double *seconds) {
  mst_model_options o = *run->options;
  mst_model *model = NULL;
  const double start = mst__seconds();
  if (run->n != 1)
    return MST_FAIL(MST_E_ARG, "%d numbers of rounds where only one can be trained", run->n);
  o.n_estimators = run->rounds[0];
  const mst_study_data *d = &s->data;
  const mst_training copies = {d->corpus, d->label,  d->names, d->unit,
                               d->key,    d->parent, d->weight};
  mst_status st =
      d->corpus ? mst_model_fit_copies(&o, &copies, &model, NULL)
                : mst_model_fit(&o, d->train, d->label, d->names, d->unit, d->key, &model, NULL);
  if (!st && s->data.test->n_docs > 0)
    st = mst_model_predict(model, o.backend, s->data.test, proba);
  mst_model_free(model);
  *seconds = mst__seconds() - start;
  s->counts.n_trainings += !st;
  s->counts.n_models += !st;
  return st;
}

mst_status mst_study_fit(mst_study *s, const mst_study_run *run, float *const *proba,
                         double *seconds) {
  const int32_t n_classes = (int32_t)s->data.names->n;
  const int64_t n_train = s->n_train;
  const double start = mst__seconds();
  if (!mst_study_shares_rounds(run->options) || n_train < 1 || n_classes < 2 ||
      s->data.test->n_docs < 1)
    return fit_alone(s, run, proba[0], seconds);
  mst_model_options o = *run->options;
  int32_t *rounds = mst_alloc((size_t)run->n, sizeof *rounds);
  mst_status st = rounds ? mst__model_options_check(run->options) : MST_E_NOMEM;
  for (int32_t i = 0; !st && i < run->n; i++) {
    o = *run->options;
    o.n_estimators = run->rounds[i];
    o = mst__model_options_resolve(&o, n_train, n_classes);
    rounds[i] = o.n_estimators;
  }
  if (!st) st = mst__boost_probe(&o, n_classes);
  if (!st) st = weigh_rows(s, &o);
  if (!st) st = cut(s);
  if (!st) st = need_margins(s, &o, run->margin);
  if (!st) st = need_trees(s, &o, run->trees);
  if (!st) st = need_matrices(s, &o);
  const double shared = mst__seconds() - start;
  if (!st) st = boost(s, &o, rounds, run->n, proba, seconds);
  for (int32_t i = 0; !st && i < run->n; i++) seconds[i] += shared;
  mst_free(rounds);
  return st;
}
