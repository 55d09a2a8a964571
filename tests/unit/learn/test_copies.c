/* test_copies.c: fitting on records and copies: the same models as from text, and a validation part
 * of records alone. */
#include "corpus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "learn/model_internal.h"
#include "misstep/alloc.h"

static mst_backend *cpu;

static int open_cpu(void **state) {
  (void)state;
  return (int)mst_backend_open("cpu", 2, &cpu);
}

static int close_cpu(void **state) {
  (void)state;
  mst_backend_close(cpu);
  return 0;
}

static mst_model_options options_make(void) {
  mst_model_options o = mst_model_options_default();
  o.device = "cpu";
  o.backend = cpu;
  o.n_estimators = 3;
  o.linear_char_k = 50;
  o.n_threads = 2;
  return o;
}

/* Every third row is a copy of the row before it. */
static int64_t *make_parents(corpus *c) {
  int64_t *parent = calloc((size_t)c->text.n_docs, sizeof *parent);
  for (int64_t d = 0; d < c->text.n_docs; d++) {
    parent[d] = d % 3 == 2 ? d - 1 : d;
    if (d % 3 != 2) continue;
    c->unit[d] = c->unit[d - 1];
    c->key[d] = c->key[d - 1];
    c->label[d] = c->label[d - 1];
  }
  return parent;
}

static mst_training training_of(const corpus *c, mst_corpus *pieces, const int64_t *parent) {
  return (mst_training){pieces, c->label, &c->names, c->unit, c->key, parent, NULL};
}

static void assert_same_model(mst_model *a, mst_model *b, const mst_text *text, int64_t n_classes) {
  const size_t n = (size_t)(text->n_docs * n_classes);
  float *p = calloc(n, sizeof *p), *q = calloc(n, sizeof *q);
  assert_int_equal(mst_model_predict(a, cpu, text, p), MST_OK);
  assert_int_equal(mst_model_predict(b, cpu, text, q), MST_OK);
  assert_memory_equal(p, q, n * sizeof *p);
  free(p);
  free(q);
}

/* Text and corpus, parents or none: without early stopping a copy is a row like any other. */
static void test_same_as_from_text(void **state) {
  (void)state;
  corpus c = corpus_make(240, 3, 1);
  int64_t *parent = make_parents(&c);
  mst_corpus *pieces = NULL;
  mst_model *one = NULL, *other = NULL;
  mst_fit_report report;
  mst_model_options o = options_make();
  for (int learner = 0; learner < MST_N_LEARNERS; learner++) {
    o.learner = (mst_learner)learner;
    if (o.learner == MST_LEARNER_NB) o.linear_char_k = 0;
    assert_int_equal(mst_corpus_create(cpu, &c.text, &pieces), MST_OK);
    const mst_training t = training_of(&c, pieces, parent);
    assert_int_equal(mst_model_fit(&o, &c.text, c.label, &c.names, c.unit, c.key, &one, NULL),
                     MST_OK);
    assert_int_equal(mst_model_fit_copies(&o, &t, &other, &report), MST_OK);
    assert_int_equal(report.n_rows, 240);
    assert_same_model(one, other, &c.text, c.names.n);
    mst_model_free(one);
    mst_model_free(other);
    mst_corpus_free(pieces);
  }
  free(parent);
  corpus_free(&c);
}

static void test_validation_has_no_copies(void **state) {
  (void)state;
  corpus c = corpus_make(300, 3, 2), alone = corpus_make(300, 3, 2);
  int64_t *parent = make_parents(&c), n_valid = 0, n_left_out = 0;
  uint8_t side[300], plain[300];
  mst_corpus *pieces = NULL;
  const mst_model_options o = options_make();
  assert_int_equal(mst_corpus_create(cpu, &c.text, &pieces), MST_OK);
  const mst_training t = training_of(&c, pieces, parent);
  assert_int_equal(mst__validation_choose(&o, &t, side), MST_OK);
  for (int64_t d = 0; d < 300; d++) {
    n_valid += side[d] == 1;
    n_left_out += side[d] == 2;
    if (parent[d] == d) assert_true(side[d] < 2);
    else assert_int_equal(side[d], side[parent[d]] ? 2 : 0);
  }
  assert_int_equal(n_valid, 20); /* a tenth of 200 records */
  assert_true(n_left_out > 0 && n_left_out < n_valid);
  /* Without parents: the rows as they are. */
  const mst_training none = training_of(&alone, pieces, NULL);
  assert_int_equal(mst__validation_choose(&o, &none, plain), MST_OK);
  n_valid = 0;
  for (int64_t d = 0; d < 300; d++) n_valid += plain[d] == 1;
  assert_int_equal(n_valid, 30);
  mst_corpus_free(pieces);
  free(parent);
  corpus_free(&c);
  corpus_free(&alone);
}

static void test_errors(void **state) {
  (void)state;
  corpus c = corpus_make(60, 2, 3), nothing = corpus_make(0, 2, 3);
  mst_corpus *pieces = NULL, *empty = NULL;
  mst_model *model = NULL;
  uint8_t side[60];
  mst_model_options o = options_make();
  assert_int_equal(mst_corpus_create(cpu, &nothing.text, &empty), MST_OK);
  const mst_training no_rows = training_of(&nothing, empty, NULL);
  assert_int_equal(mst_model_fit_copies(&o, &no_rows, &model, NULL), MST_E_ARG);
  assert_null(model);
  assert_int_equal(mst_corpus_create(cpu, &c.text, &pieces), MST_OK);
  for (int64_t d = 0; d < 60; d++) c.unit[d] = 0; /* one unit cannot be divided */
  for (int64_t d = 0; d < 60; d++) c.key[d] = 7;
  const mst_training t = training_of(&c, pieces, NULL);
  assert_int_equal(mst__validation_choose(&o, &t, side), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "--validation-size"));
  mst_corpus_free(pieces);
  mst_corpus_free(empty);
  corpus_free(&c);
  corpus_free(&nothing);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_errors),
                                     cmocka_unit_test(test_same_as_from_text),
                                     cmocka_unit_test(test_validation_has_no_copies)};
  return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
