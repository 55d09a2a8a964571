/* test_study.c: what models of a study share changes no bit of what each would give alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "learn/study.h"
#include "learn/xgboost.h"
#include "misstep/alloc.h"
#include "misstep/backend.h"

enum { N_TRAIN = 60, N_TEST = 20, C = 3 };

/* Texts whose words tell the class, mostly. */
typedef struct set {
  char bytes[N_TRAIN * 64];
  int64_t start[N_TRAIN + 1];
  int32_t label[N_TRAIN];
  int64_t unit[N_TRAIN];
  uint64_t key[N_TRAIN];
  mst_text text;
} set;

static void make_set(set *s, int n, int salt) {
  static const char *const words[] = {"carry borrow digit", "unit metre litre", "graph axis bar"};
  int64_t at = 0;
  for (int d = 0; d < n; d++) {
    s->label[d] = d % C;
    s->unit[d] = d;
    s->key[d] = (uint64_t)(d * 31 + salt);
    s->start[d] = at;
    at += snprintf(s->bytes + at, 64, "%s wrong w%d %s", words[d % C], (d * 7 + salt) % 11,
                   d % 5 ? "again" : words[(d + 1) % C]);
  }
  s->start[n] = at;
  s->text = (mst_text){n, (const uint8_t *)s->bytes, s->start};
}

static mst_strings labels(void) {
  static uint8_t bytes[] = "abc";
  static int64_t start[] = {0, 1, 2, 3};
  return (mst_strings){C, bytes, start};
}

static mst_model_options options(mst_backend *backend, mst_margin margin, int depth) {
  mst_model_options o = mst_model_options_default();
  o.device = "cpu";
  o.backend = backend;
  o.n_threads = 1;
  o.margin = margin;
  o.max_depth = depth;
  o.select_k = 12;
  return o;
}

static void alone(const mst_study_data *data, mst_model_options o, int32_t rounds, float *proba) {
  mst_model *model = NULL;
  o.n_estimators = rounds;
  assert_int_equal(
      mst_model_fit(&o, data->train, data->label, data->names, data->unit, data->key, &model, NULL),
      MST_OK);
  assert_int_equal(mst_model_predict(model, data->backend, data->test, proba), MST_OK);
  mst_model_free(model);
}

static void weigh_by_file(mst_class_weight *out) {
  char path[] = "/tmp/misstep-study-XXXXXX";
  static const char text[] = "label,weight\na,0.25\nc,4\n";
  const int fd = mkstemp(path);
  assert_true(fd >= 0 && write(fd, text, sizeof text - 1) == sizeof text - 1 && !close(fd));
  assert_int_equal(mst_class_weight_read(path, out), MST_OK);
  (void)unlink(path);
}

static void test_shared_is_alone(void **state) {
  mst_class_weight by_file;
  static set train, test;
  float shared[3][N_TEST * C], own[N_TEST * C];
  float *const out[] = {shared[0], shared[1], shared[2]};
  const int32_t rounds[] = {4, 2, 7};
  double seconds[3];
  mst_backend *backend = NULL;
  mst_study *study = NULL;
  const mst_strings names = labels();
  (void)state;
  if (mst_xgb_open(NULL)) skip();
  weigh_by_file(&by_file);
  make_set(&train, N_TRAIN, 1);
  make_set(&test, N_TEST, 4);
  assert_int_equal(mst_backend_open("cpu", 1, &backend), MST_OK);
  const mst_study_data data = {.train = &train.text,
                               .label = train.label,
                               .names = &names,
                               .unit = train.unit,
                               .key = train.key,
                               .test = &test.text,
                               .backend = backend};
  assert_int_equal(mst_study_create(&data, &study), MST_OK);
  for (int i = 0; i < 16; i++) { /* margins and depths in an order that empties and fills slots */
    const mst_margin margin = i / 2 % 2 ? MST_MARGIN_LINEAR : MST_MARGIN_NONE;
    mst_model_options o = options(backend, margin, 2 + i % 2);
    if (i / 4 % 2) o.class_weight = &by_file;
    const mst_study_run run = {&o, rounds, 3, "trees", i / 4 % 2 ? "weighted" : "margin"};
    assert_int_equal(mst_study_fit(study, &run, out, seconds), MST_OK);
    for (int r = 0; r < 3; r++) {
      alone(&data, o, rounds[r], own);
      assert_memory_equal(own, shared[r], sizeof own);
    }
  }
  const mst_study_counts n = mst_study_count(study);
  assert_int_equal(n.n_features, 1);
  assert_int_equal(n.n_margins, 4);
  assert_int_equal(n.n_trainings, 16);
  assert_int_equal(n.n_models, 48);
  mst_class_weight_fini(&by_file);
  mst_study_free(study);
  mst_study_free(NULL);
  mst_backend_close(backend);
}

static void test_rounds_that_cannot_be_shared(void **state) {
  static set train, test;
  float proba[2][N_TEST * C];
  float *const out[] = {proba[0], proba[1]};
  const int32_t rounds[] = {4, 2};
  double seconds[2];
  mst_backend *backend = NULL;
  mst_study *study = NULL;
  const mst_strings names = labels();
  (void)state;
  make_set(&train, N_TRAIN, 1);
  make_set(&test, N_TEST, 4);
  assert_int_equal(mst_backend_open("cpu", 1, &backend), MST_OK);
  const mst_study_data data = {.train = &train.text,
                               .label = train.label,
                               .names = &names,
                               .unit = train.unit,
                               .key = train.key,
                               .test = &test.text,
                               .backend = backend};
  assert_int_equal(mst_study_create(&data, &study), MST_OK);
  mst_model_options o = options(backend, MST_MARGIN_NONE, 2);
  o.learner = MST_LEARNER_LINEAR;
  assert_false(mst_study_shares_rounds(&o));
  const mst_study_run run = {&o, rounds, 2, "trees", "margin"};
  assert_int_equal(mst_study_fit(study, &run, out, seconds), MST_E_ARG);
  const mst_study_run one = {&o, rounds, 1, "trees", "margin"};
  assert_int_equal(mst_study_fit(study, &one, out, seconds), MST_OK);
  mst_study_free(study);
  mst_backend_close(backend);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_shared_is_alone),
      cmocka_unit_test(test_rounds_that_cannot_be_shared),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
