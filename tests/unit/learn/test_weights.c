/* test_weights.c: a row that weighs n counts as n rows do, in every solver; files of class weights;
 * weights of rows where copies were; who refuses them. */
#include "corpus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "learn/class_weight.h"
#include "learn/learner.h"
#include "learn/liblinear.h"
#include "linear_problem.h"
#include "misstep/alloc.h"

static mst_status fit_multinomial(const mst_logistic_problem *of,
                                  const mst_logistic_options *options,
                                  const mst_logistic_result *result) {
  mst_logistic_options o = *options;
  o.loss = MST_LOSS_MULTINOMIAL;
  return mst_logistic_fit(of, &o, result);
}

/* Row d as often as weight[d] says, weights 1 to 3. */
static problem repeated(const problem *p) {
  problem more = {.n_classes = p->n_classes, .n_folds = p->n_folds};
  int64_t rows[1000], n = 0;
  for (int64_t d = 0; d < p->x.n_rows; d++)
    for (float i = 0; i < p->weight[d]; i++) rows[n++] = d;
  more.label = malloc((size_t)n * sizeof *more.label);
  more.fold = p->fold ? malloc((size_t)n * sizeof *more.fold) : NULL;
  for (int64_t i = 0; i < n; i++) {
    more.label[i] = p->label[rows[i]];
    if (p->fold) more.fold[i] = p->fold[rows[i]];
  }
  assert_int_equal(mst_csr_take_rows(&p->x, rows, n, &more.x), MST_OK);
  return more;
}

/* by_class: all rows of a class weigh the same. */
static void weigh_by(problem *p, int by_class) {
  p->weight = malloc((size_t)p->x.n_rows * sizeof *p->weight);
  for (int64_t d = 0; d < p->x.n_rows; d++)
    p->weight[d] = (float)(1 + (by_class ? p->label[d] * 2 : (int32_t)(d % 3)));
}

static void expect_like_repeated(fit_fn *fit, int32_t n_classes, int by_class, double eps) {
  problem p = problem_make(300, 50, n_classes, 3, 17);
  weigh_by(&p, by_class);
  problem more = repeated(&p);
  fitted f = fitted_make(&p), g = fitted_make(&more), plain = fitted_make(&p);
  mst_logistic_options o = mst_logistic_options_default();
  o.eps = eps;
  o.max_iter = 5000;
  assert_int_equal(fitted_run(fit, &p, &o, &f), MST_OK);
  assert_int_equal(fitted_run(fit, &more, &o, &g), MST_OK);
  for (int64_t i = 0; i < f.n_coef; i++) assert_float_equal(f.coef[i], g.coef[i], 5e-3);
  for (int32_t k = 0; k < n_classes; k++) {
    assert_float_equal(f.intercept[k], g.intercept[k], 5e-3);
    assert_true(fabs(f.objective[k] - g.objective[k]) < 1e-5 * g.objective[k]);
  }
  int64_t at = 0;
  for (int64_t d = 0; d < p.x.n_rows; at += (int64_t)p.weight[d++])
    for (int32_t k = 0; k < n_classes; k++)
      assert_float_equal(f.decision[d * n_classes + k], g.decision[at * n_classes + k], 1e-2);
  free(p.weight);
  p.weight = NULL; /* they matter */
  assert_int_equal(fitted_run(fit, &p, &o, &plain), MST_OK);
  assert_true(fabs(plain.objective[0] - f.objective[0]) > 0.1 * f.objective[0]);
  fitted_free(&f);
  fitted_free(&g);
  fitted_free(&plain);
  problem_free(&p);
  problem_free(&more);
}

static void weights_are_repeats(void **state) {
  (void)state;
  expect_like_repeated(mst_logistic_fit, 3, 0, 1e-8);
  expect_like_repeated(mst_logistic_fit, 2, 1, 1e-8);
  expect_like_repeated(fit_multinomial, 3, 0, 1e-8);
  expect_like_repeated(mst_liblinear_fit, 2, 1, 1e-7);
}

/* Weights of one say nothing: the same bytes as without. */
static void ones_change_nothing(void **state) {
  (void)state;
  fit_fn *const fits[] = {mst_logistic_fit, fit_multinomial, mst_liblinear_fit};
  problem p = problem_make(200, 40, 2, 2, 5);
  const mst_logistic_options o = mst_logistic_options_default();
  for (int i = 0; i < 3; i++) {
    fitted f = fitted_make(&p), g = fitted_make(&p);
    assert_int_equal(fitted_run(fits[i], &p, &o, &f), MST_OK);
    p.weight = malloc((size_t)p.x.n_rows * sizeof *p.weight);
    for (int64_t d = 0; d < p.x.n_rows; d++) p.weight[d] = 1;
    assert_int_equal(fitted_run(fits[i], &p, &o, &g), MST_OK);
    assert_true(fitted_equal(&f, &g));
    free(p.weight);
    p.weight = NULL;
    fitted_free(&f);
    fitted_free(&g);
  }
  problem_free(&p);
}

static void bad_weights(void **state) {
  (void)state;
  fit_fn *const fits[] = {mst_logistic_fit, fit_multinomial, mst_liblinear_fit};
  const float bad[] = {0, -1, NAN, INFINITY};
  problem p = problem_make(60, 20, 2, 2, 5);
  const mst_logistic_options o = mst_logistic_options_default();
  weigh_by(&p, 1);
  for (int i = 0; i < 12; i++) {
    const float kept = p.weight[41];
    p.weight[41] = bad[i % 4];
    expect_refused(fits[i / 4], &p, &o);
    p.weight[41] = kept;
  }
  p.weight[41] += 1; /* LIBLINEAR has one for a class */
  expect_refused(mst_liblinear_fit, &p, &o);
  assert_non_null(strstr(mst_error_last()->message, "wide or multinomial"));
  free(p.weight);
  problem_free(&p);
  p = problem_make(60, 20, 3, 2, 5); /* ... and no more than two */
  weigh_by(&p, 1);
  expect_refused(mst_liblinear_fit, &p, &o);
  free(p.weight);
  problem_free(&p);
}

/* A file of weights with this content, deleted by the caller. */
static void write_file(const char *text, char path[64]) {
  (void)snprintf(path, 64, "/tmp/misstep-weights-XXXXXX");
  const int fd = mkstemp(path);
  assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && !close(fd));
}

static const int64_t name_start[] = {0, 1, 2, 5};
static const mst_strings names = {3, (uint8_t *)(uintptr_t) "abfew",
                                  (int64_t *)(uintptr_t)name_start};

static void words_and_files(void **state) {
  (void)state;
  const int32_t label[] = {0, 0, 0, 1, 1, 2};
  mst_class_weight w;
  double of_class[3];
  assert_int_equal(mst_class_weight_read("none", &w), MST_OK);
  assert_int_equal(w.kind, MST_CLASS_WEIGHT_NONE);
  assert_int_equal(mst_class_weight_read("balanced", &w), MST_OK);
  assert_int_equal(mst_class_weight_resolve(&w, &names, label, 6, of_class), MST_OK);
  assert_true(of_class[0] == 6.0 / 9 && of_class[1] == 1 && of_class[2] == 2);
  char path[64];
  write_file("weight,label\n2.5,few\n1e-1,a\n", path);
  assert_int_equal(mst_class_weight_read(path, &w), MST_OK);
  assert_int_equal(mst_class_weight_check(&w, &names), MST_OK);
  assert_int_equal(mst_class_weight_resolve(&w, &names, label, 6, of_class), MST_OK);
  assert_true(of_class[0] == 0.1 && of_class[1] == 1 && of_class[2] == 2.5);
  float *rows = NULL;
  const float own[] = {1, 2, 1, 1, 3, 1};
  assert_int_equal(mst_class_weight_rows(of_class, label, 6, own, &rows), MST_OK);
  assert_true(rows[1] == (float)0.2 && rows[4] == 3 && rows[5] == 2.5f);
  mst_free(rows);
  rows = NULL;
  of_class[1] = 1e300; /* no float */
  assert_int_equal(mst_class_weight_rows(of_class, label, 6, own, &rows), MST_E_ARG);
  assert_null(rows);
  mst_class_weight_fini(&w);
  (void)unlink(path);
}

static void bad_files(void **state) {
  (void)state;
  static const struct {
    const char *text, *message;
  } bad[] = {{"", "empty"},
             {"label,weight\n", "expected"},
             {"label,weight\na,1\nb\n", ":3:"},
             {"label,weigth\na,1\n", "weigth"},
             {"label,weight\na,1\nb,0\n", ":3: column weight: a number above 0"},
             {"label,weight\na,-1\n", ":2:"},
             {"label,weight\na,x\n", "not 'x'"},
             {"label,weight\na,true\n", ":2:"},
             {"label,weight\na,\n", ":2:"},
             {"label,weight\na,1e39\n", ":2:"},
             {"label,weight\na,1\nb,2\na,3\n", ":4: column label: 'a' stands in line 2"}};
  mst_class_weight w;
  char path[64];
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    write_file(bad[i].text, path);
    assert_int_equal(mst_class_weight_read(path, &w), MST_E_FORMAT);
    if (!strstr(mst_error_last()->message, bad[i].message))
      fail_msg("%s", mst_error_last()->message);
    mst_class_weight_fini(&w);
    (void)unlink(path);
  }
  assert_int_equal(mst_class_weight_read("/nowhere/weights.csv", &w), MST_E_IO);
  mst_class_weight_fini(&w);
  write_file("label,weight\na,1\nfewer,2\n", path);
  assert_int_equal(mst_class_weight_read(path, &w), MST_OK);
  assert_int_equal(mst_class_weight_check(&w, &names), MST_E_FORMAT);
  assert_non_null(strstr(mst_error_last()->message, ":3: column label: 'fewer'"));
  mst_class_weight_fini(&w);
  (void)unlink(path);
}

static int fail_kth(void *payload) { return (*(int *)payload)-- == 0; }

static mst_status whole_use(const char *path) {
  const int32_t label[] = {0, 0, 0, 1, 1, 2};
  mst_class_weight w;
  double of_class[3];
  float *rows = NULL;
  mst_status st = mst_class_weight_read(path, &w);
  if (!st) st = mst_class_weight_check(&w, &names);
  if (!st) st = mst_class_weight_resolve(&w, &names, label, 6, of_class);
  if (!st) st = mst_class_weight_rows(of_class, label, 6, NULL, &rows);
  mst_free(rows);
  mst_class_weight_fini(&w);
  return st;
}

static void no_memory(void **state) {
  (void)state;
  char path[64];
  int n_failed = 0;
  write_file("label,weight\na,1\nb,2\n", path);
  for (;; n_failed++) {
    int k = n_failed;
    mst_alloc_set_fail(fail_kth, &k);
    const mst_status st = whole_use(path);
    mst_alloc_set_fail(NULL, NULL);
    if (st == MST_OK) break;
    assert_int_equal(st, MST_E_NOMEM);
  }
  assert_in_range(n_failed, 5, 200);
  (void)unlink(path);
}

static mst_backend *cpu;

static int open_cpu(void **state) {
  (void)state;
  return (int)mst_backend_open("cpu", 1, &cpu);
}

static int close_cpu(void **state) {
  (void)state;
  mst_backend_close(cpu);
  return 0;
}

static void probabilities(const mst_model_options *o, const corpus *c, const float *weight,
                          float *proba) {
  mst_corpus *pieces = NULL;
  mst_model *model = NULL;
  assert_int_equal(mst_corpus_create(cpu, &c->text, &pieces), MST_OK);
  const mst_training t = {pieces, c->label, &c->names, c->unit, c->key, NULL, weight};
  assert_int_equal(mst_model_fit_copies(o, &t, &model, NULL), MST_OK);
  assert_int_equal(mst_model_predict(model, cpu, &c->text, proba), MST_OK);
  mst_model_free(model);
  mst_corpus_free(pieces);
}

/* Every learner: the weight of the first class tenfold, by class or by row, is the same model and
 * believes in that class more; early stopping too. */
static void learners_weigh(void **state) {
  (void)state;
  corpus c = corpus_make(240, 3, 1);
  const size_t n = (size_t)c.text.n_docs;
  float *weight = malloc(n * sizeof *weight), *proba[3];
  char path[64], text[128];
  const mst_slice first = mst_strings_at(&c.names, 0);
  (void)snprintf(text, sizeof text, "label,weight\n%.*s,10\n", (int)first.len, first.ptr);
  write_file(text, path);
  mst_class_weight ten;
  assert_int_equal(mst_class_weight_read(path, &ten), MST_OK);
  for (size_t d = 0; d < n; d++) weight[d] = c.label[d] ? 1 : 10;
  for (int i = 0; i < 3; i++) proba[i] = malloc(n * 3 * sizeof **proba);
  for (int run = 0; run <= MST_N_LEARNERS; run++) {
    mst_model_options o = mst_model_options_default();
    o.backend = cpu;
    o.n_estimators = 5;
    o.linear_char_k = 0;
    o.learner = (mst_learner)(run % MST_N_LEARNERS);
    if (!mst__learner_of(o.learner)->weighs) continue;
    if (run == MST_N_LEARNERS) o.early_stopping = 2;
    probabilities(&o, &c, NULL, proba[0]);
    probabilities(&o, &c, weight, proba[1]);
    o.class_weight = &ten;
    probabilities(&o, &c, NULL, proba[2]);
    assert_memory_equal(proba[1], proba[2], n * 3 * sizeof **proba);
    double before = 0, after = 0;
    for (size_t d = 0; d < n; d++) {
      before += (double)proba[0][d * 3];
      after += (double)proba[1][d * 3];
    }
    if (!(after > before)) fail_msg("%s: %g, then %g", mst_learner_name(o.learner), before, after);
  }
  for (int i = 0; i < 3; i++) free(proba[i]);
  free(weight);
  mst_class_weight_fini(&ten);
  (void)unlink(path);
  corpus_free(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(weights_are_repeats), cmocka_unit_test(ones_change_nothing),
      cmocka_unit_test(bad_weights),         cmocka_unit_test(words_and_files),
      cmocka_unit_test(bad_files),           cmocka_unit_test(no_memory),
      cmocka_unit_test(learners_weigh),
  };
  return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
