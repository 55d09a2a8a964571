/* Fitting and predicting: what is promised of every learner, and everything that is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "corpus.h"
#include "learn/model.h"
#include "misstep/alloc.h"
#include "misstep/log.h"
#include "test_backend.h"

static mst_model_options quick_options(void) {
  mst_model_options o = mst_model_options_default();
  o.n_estimators = 10;
  o.select_k = 20;
  return o;
}

static mst_status fit(const mst_model_options *o, const corpus *c, mst_model **model,
                      mst_fit_report *report) {
  mst_model_options here = *o;
  here.backend = mst_test_backend(o->n_threads > 0 ? o->n_threads : 1);
  return mst_model_fit(&here, &c->text, c->label, &c->names, c->unit, c->key, model, report);
}

static float *predict(mst_model *model, const corpus *c, int n_threads) {
  float *p = calloc((size_t)c->text.n_docs * (size_t)c->names.n, sizeof *p);
  assert_non_null(p);
  assert_int_equal(mst_model_predict(model, mst_test_backend(n_threads), &c->text, p), MST_OK);
  return p;
}

static double accuracy(const float *p, const corpus *c) {
  const int64_t n_classes = c->names.n;
  int64_t right = 0;
  for (int64_t d = 0; d < c->text.n_docs; d++) {
    int64_t best = 0;
    for (int64_t k = 0; k < n_classes; k++)
      if (p[d * n_classes + k] > p[d * n_classes + best]) best = k;
    right += best == c->label[d];
  }
  return (double)right / (double)c->text.n_docs;
}

static void test_data_without_a_task(void **state) {
  (void)state;
  const mst_model_options o = quick_options();
  mst_model *model = NULL;
  corpus none = corpus_make(0, 2, 1), one = corpus_make(9, 1, 1), gap = corpus_make(9, 3, 1);
  corpus blank = corpus_make(9, 3, 1);
  assert_int_equal(fit(&o, &none, &model, NULL), MST_E_ARG);
  assert_int_equal(fit(&o, &one, &model, NULL), MST_E_FORMAT);
  assert_non_null(strstr(mst_error_last()->message, "one class only"));
  for (int d = 0; d < 9; d++) gap.label[d] = d % 2;
  assert_int_equal(fit(&o, &gap, &model, NULL), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "class 002"));
  for (int d = 0; d < 10; d++) ((int64_t *)(uintptr_t)blank.text.start)[d] = 0;
  assert_int_equal(fit(&o, &blank, &model, NULL), MST_E_FORMAT);
  assert_non_null(strstr(mst_error_last()->message, "empty vocabulary"));
  gap.label[4] = 3;
  assert_int_equal(fit(&o, &gap, &model, NULL), MST_E_ARG);
  assert_null(model);
  corpus_free(&none);
  corpus_free(&one);
  corpus_free(&gap);
  corpus_free(&blank);
}

static void test_options_that_make_no_sense(void **state) {
  (void)state;
  corpus c = corpus_make(30, 3, 1);
  mst_model *model = NULL;
  mst_model_options o[19];
  for (int i = 0; i < 19; i++) o[i] = quick_options();
  o[0].n_threads = 0;
  o[1].linear_c = -1;
  o[2].linear_eps = 1;
  o[3].linear_folds = 1;
  o[4].select_k = -1;
  o[5].n_estimators = -1;
  o[6].learning_rate = NAN;
  o[7].max_depth = 0;
  o[8].subsample = 1.5;
  o[9].colsample_bytree = 0;
  o[10].max_bin = 1;
  o[11].early_stopping = 5;
  o[11].validation_frac = 1;
  o[12].linear_char_k = -2;
  o[13].linear_char_min = 0;
  o[14].linear_char_min = 5;
  o[15].linear_char_max = 17;
  o[16].learner = o[17].learner = MST_LEARNER_NB;
  o[16].nb_alpha = 0;
  o[17].linear_char_k = 100;
  o[18].learner = MST_LEARNER_SVM;
  o[18].linear_solver = MST_SOLVER_MULTINOMIAL;
  for (int i = 0; i < 19; i++) assert_int_equal(fit(&o[i], &c, &model, NULL), MST_E_ARG);
  mst_parameter extra = {"no_such_parameter", "1"};
  mst_model_options x = quick_options();
  x.extra = &extra;
  x.n_extra = 1;
  assert_int_equal(fit(&x, &c, &model, NULL), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "no_such_parameter"));
  x.n_extra = 0;
  x.device = "cuda:99";
  assert_int_equal(fit(&x, &c, &model, NULL), MST_E_DEVICE);
  mst_model_options v = quick_options();
  v.trees.min_df = (mst_df_cut){0, 1000};
  assert_int_equal(fit(&v, &c, &model, NULL), MST_E_ARG);
  for (int d = 0; d < 30; d++) c.unit[d] = 0;
  v = quick_options();
  assert_int_equal(fit(&v, &c, &model, NULL), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "--margin none"));
  assert_null(model);
  corpus_free(&c);
}

static void check_sums(const float *p, int64_t n, int64_t n_classes) {
  for (int64_t d = 0; d < n; d++) {
    double sum = 0;
    for (int64_t k = 0; k < n_classes; k++) sum += (double)p[d * n_classes + k];
    assert_float_equal(sum, 1, 1e-5);
  }
}

/* All at once, one by one, and with other thread counts: the same bits. */
static void check_rows_are_independent(mst_model *model, const corpus *c) {
  const int64_t n_classes = c->names.n;
  float *all = predict(model, c, 1), *threads = predict(model, c, 3), one[64];
  const size_t n_bytes = (size_t)(c->text.n_docs * n_classes) * sizeof *all;
  assert_memory_equal(all, threads, n_bytes);
  for (int64_t d = 0; d < c->text.n_docs; d++) {
    const int64_t start[2] = {0, c->text.start[d + 1] - c->text.start[d]};
    const mst_text row = {1, c->text.bytes + c->text.start[d], start};
    assert_int_equal(mst_model_predict(model, mst_test_backend(1), &row, one), MST_OK);
    assert_memory_equal(one, all + d * n_classes, (size_t)n_classes * sizeof *one);
  }
  const mst_text none = {0, NULL, (int64_t[]){0}};
  assert_int_equal(mst_model_predict(model, mst_test_backend(1), &none, one), MST_OK);
  assert_int_equal(mst_model_predict(model, NULL, &c->text, one), MST_E_ARG);
  free(all);
  free(threads);
}

static void check_learner(mst_model_options o, int64_t n, int32_t n_classes, double at_least) {
  corpus c = corpus_make(n, n_classes, 2), fresh = corpus_make(n, n_classes, 3);
  mst_model *model = NULL, *again = NULL;
  mst_fit_report report;
  assert_int_equal(fit(&o, &c, &model, &report), MST_OK);
  assert_int_equal(report.n_rows, n);
  assert_int_equal(mst_model_labels(model)->n, n_classes);
  float *p = predict(model, &fresh, 1);
  assert_true(accuracy(p, &fresh) >= at_least);
  assert_int_equal(mst_model_has_proba(model), mst_learner_has_proba(o.learner));
  if (mst_model_has_proba(model)) check_sums(p, n, n_classes);
  check_rows_are_independent(model, &fresh);
  o.n_threads = 2;
  assert_int_equal(fit(&o, &c, &again, NULL), MST_OK);
  float *q = predict(again, &fresh, 1);
  assert_memory_equal(p, q, (size_t)n * (size_t)n_classes * sizeof *p);
  free(p);
  free(q);
  mst_model_free(model);
  mst_model_free(again);
  corpus_free(&c);
  corpus_free(&fresh);
}

static void test_default_learner(void **state) {
  (void)state;
  check_learner(quick_options(), 300, 3, 0.75);
}

static void test_without_margin(void **state) {
  (void)state;
  mst_model_options o = quick_options();
  o.margin = MST_MARGIN_NONE;
  o.select_k = 0;
  check_learner(o, 300, 3, 0.7);
}

static void test_liblinear_margin(void **state) {
  (void)state;
  mst_model_options o = quick_options();
  o.linear_solver = MST_SOLVER_LIBLINEAR;
  check_learner(o, 300, 3, 0.75);
}

static void test_linear_learner(void **state) {
  (void)state;
  mst_model_options o = quick_options();
  o.learner = MST_LEARNER_LINEAR;
  check_learner(o, 300, 3, 0.75);
}

/* By hand: "aa bb" is of class 0, "aa" and "cc" are of class 1. Of aa, bb, cc the class that is not
 * 0 has 1, 0, 1 and the one that is not 1 has 1, 1, 0; with alpha .5 both sum to 3.5. So the text
 * "aa bb" weighs 3.5 / 1.5 * 3.5 / .5 against 3.5 / 1.5 * 3.5 / 1.5: three to one. */
static void test_bayes_learner(void **state) {
  (void)state;
  mst_model_options o = quick_options();
  o.learner = MST_LEARNER_NB;
  check_learner(o, 300, 3, 0.75);
  uint8_t bytes[] = "aa bbaacc";
  int64_t start[] = {0, 5, 7, 9}, name_start[] = {0, 1, 2}, unit[] = {0, 1, 2};
  int32_t label[] = {0, 1, 1};
  uint64_t key[] = {1, 2, 3};
  const mst_text text = {3, bytes, start}, fresh = {1, bytes, start};
  const mst_strings names = {2, bytes, name_start};
  o.linear.ngram_max = 1;
  o.nb_alpha = 0.5;
  o.backend = mst_test_backend(1);
  mst_model *model = NULL;
  float p[2];
  assert_int_equal(mst_model_fit(&o, &text, label, &names, unit, key, &model, NULL), MST_OK);
  assert_int_equal(mst_model_predict(model, mst_test_backend(1), &fresh, p), MST_OK);
  assert_float_equal(p[0], 0.75, 1e-6);
  assert_float_equal(p[1], 0.25, 1e-6);
  mst_model_free(model);
}

static void test_svm_learner(void **state) {
  (void)state;
  mst_model_options o = quick_options();
  o.learner = MST_LEARNER_SVM;
  assert_false(mst_learner_has_proba(o.learner));
  check_learner(o, 300, 3, 0.75);
  o.linear_char_k = 0;
  check_learner(o, 300, 3, 0.7);
}

static void test_majority_learner(void **state) {
  (void)state;
  mst_model_options o = quick_options();
  o.learner = MST_LEARNER_MAJORITY;
  check_learner(o, 100, 3, 0.3);
  corpus c = corpus_make(4, 2, 1);
  c.label[1] = 0;
  mst_model *model = NULL;
  assert_int_equal(fit(&o, &c, &model, NULL), MST_OK);
  float *p = predict(model, &c, 1);
  assert_float_equal(p[0], 0.75, 0);
  assert_float_equal(p[1], 0.25, 0);
  free(p);
  mst_model_free(model);
  corpus_free(&c);
}

static void test_two_classes(void **state) {
  (void)state;
  check_learner(quick_options(), 120, 2, 0.75);
}

static void test_many_classes(void **state) {
  (void)state;
  check_learner(quick_options(), 500, 25, 0.4);
}

/* A class of one unit is missing from the fit of its own fold; its margin there is the floor. */
static void test_class_absent_from_a_fold(void **state) {
  (void)state;
  corpus c = corpus_make(60, 3, 5);
  int seen = 0;
  for (int d = 0; d < 60; d++)
    if (c.label[d] == 2 && seen++) c.label[d] = 0;
  const mst_model_options o = quick_options();
  mst_model *model = NULL;
  assert_int_equal(fit(&o, &c, &model, NULL), MST_OK);
  float *p = predict(model, &c, 1);
  (void)accuracy(p, &c);
  for (int i = 0; i < 180; i++) assert_true(p[i] > 0 && p[i] < 1);
  free(p);
  mst_model_free(model);
  corpus_free(&c);
}

static void test_fewer_units_than_folds(void **state) {
  (void)state;
  corpus c = corpus_make(40, 2, 5);
  for (int d = 0; d < 40; d++) {
    c.unit[d] = 1000 + d % 3;
    c.key[d] = (uint64_t)(d % 3) * 77;
  }
  const mst_model_options o = quick_options();
  mst_model *model = NULL;
  assert_int_equal(fit(&o, &c, &model, NULL), MST_OK);
  mst_model_free(model);
  corpus_free(&c);
}

static void test_early_stopping(void **state) {
  (void)state;
  corpus c = corpus_make(400, 3, 6);
  mst_model_options o = quick_options();
  o.n_estimators = 300;
  o.learning_rate = 0.5;
  o.early_stopping = 5;
  mst_model *model = NULL, *shorter = NULL;
  mst_fit_report report;
  assert_int_equal(fit(&o, &c, &model, &report), MST_OK);
  assert_true(report.n_rounds < 300);
  assert_int_equal(report.n_rounds, report.best_round + 1 + 5);
  assert_true(report.validation_mlogloss > 0 && report.validation_mlogloss < 1.2);
  o.n_estimators = report.best_round + 1; /* ends before it could stop: the same trees */
  assert_int_equal(fit(&o, &c, &shorter, &report), MST_OK);
  float *p = predict(model, &c, 1), *q = predict(shorter, &c, 1);
  assert_memory_equal(p, q, 400 * 3 * sizeof *p);
  free(p);
  free(q);
  mst_model_free(model);
  mst_model_free(shorter);
  corpus_free(&c);
}

static int cancel_boosting(const char *stage, int64_t done, int64_t total, const char *detail,
                           void *payload) {
  if (strcmp(stage, "boosting") != 0) return 0;
  assert_int_equal(total, 10);
  assert_non_null(strstr(detail, "mlogloss "));
  *(int64_t *)payload = done;
  return done == 3;
}

static void test_progress_may_cancel(void **state) {
  (void)state;
  corpus c = corpus_make(60, 3, 1);
  const mst_model_options o = quick_options();
  mst_model *model = NULL;
  int64_t done = 0;
  mst_progress_set(cancel_boosting, &done);
  assert_int_equal(fit(&o, &c, &model, NULL), MST_E_CANCELLED);
  mst_progress_set(NULL, NULL);
  assert_int_equal(done, 3);
  assert_null(model);
  corpus_free(&c);
}

static int fail_at(void *payload) { return --*(int *)payload == 0; }

/* Every allocation of ours fails once; those inside XGBoost and LIBLINEAR are out of reach. */
static void test_fit_without_memory(void **state) {
  (void)state;
  corpus c = corpus_make(24, 2, 1);
  mst_model_options o = quick_options();
  o.n_estimators = 1;
  o.select_k = 5;
  o.early_stopping = 1;
  o.validation_frac = 0.2;
  mst_status st = MST_E_NOMEM;
  for (int k = 1; st; k++) {
    mst_model *model = NULL;
    int countdown = k;
    mst_alloc_set_fail(fail_at, &countdown);
    st = fit(&o, &c, &model, NULL);
    mst_alloc_set_fail(NULL, NULL);
    if (st) assert_int_equal(st, MST_E_NOMEM);
    if (st) assert_null(model);
    mst_model_free(model);
  }
  corpus_free(&c);
}

static void test_predict_without_memory(void **state) {
  (void)state;
  corpus c = corpus_make(24, 2, 1);
  const mst_model_options o = quick_options();
  mst_model *model = NULL;
  float p[48];
  assert_int_equal(fit(&o, &c, &model, NULL), MST_OK);
  mst_status st = MST_E_NOMEM;
  for (int k = 1; st; k++) {
    int countdown = k;
    mst_alloc_set_fail(fail_at, &countdown);
    st = mst_model_predict(model, mst_test_backend(1), &c.text, p);
    mst_alloc_set_fail(NULL, NULL);
    if (st) assert_int_equal(st, MST_E_NOMEM);
  }
  mst_model_free(model);
  corpus_free(&c);
}

int main(void) {
  if (mst_xgb_open(NULL)) {
    (void)fprintf(stderr, "skipped: %s\n", mst_error_last()->message);
    return 77;
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_data_without_a_task),
      cmocka_unit_test(test_options_that_make_no_sense),
      cmocka_unit_test(test_default_learner),
      cmocka_unit_test(test_without_margin),
      cmocka_unit_test(test_liblinear_margin),
      cmocka_unit_test(test_linear_learner),
      cmocka_unit_test(test_bayes_learner),
      cmocka_unit_test(test_svm_learner),
      cmocka_unit_test(test_majority_learner),
      cmocka_unit_test(test_two_classes),
      cmocka_unit_test(test_many_classes),
      cmocka_unit_test(test_class_absent_from_a_fold),
      cmocka_unit_test(test_fewer_units_than_folds),
      cmocka_unit_test(test_early_stopping),
      cmocka_unit_test(test_progress_may_cancel),
      cmocka_unit_test(test_fit_without_memory),
      cmocka_unit_test(test_predict_without_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
