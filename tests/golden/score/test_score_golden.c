/* Scores equal scikit-learn's to 1e-12 (score.json is written by scripts/golden/score.py). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "misstep/alloc.h"
#include "score/metrics.h"

static void expect(const char *what, size_t number, double got, double want) {
  if (!(fabs(got - want) <= 1e-12))
    fail_msg("case %zu: %s is %.17g, not %.17g", number, what, got, want);
}

static void expect_list(const char *what, size_t number, const mst_json *test, const double *got,
                        int64_t stride) {
  const mst_json *want = mst_json_get(test, what);
  for (size_t c = 0; c < mst_json_size(want); c++)
    expect(what, number, got[(int64_t)c * stride], mst_json_number(mst_json_at(want, c)));
}

static void compare(size_t number, const mst_json *test, const mst_metrics *m) {
  const struct {
    const char *key;
    double value;
  } figures[] = {{"accuracy", m->accuracy.value},
                 {"balanced_accuracy", m->balanced_accuracy.value},
                 {"log_loss", m->n_classes > 1 ? m->log_loss.value : 0.0},
                 {"expected_calibration_error", m->expected_calibration_error},
                 {"macro_precision", m->macro_precision},
                 {"macro_recall", m->macro_recall},
                 {"macro_f1", m->macro_f1.value},
                 {"micro_precision", m->micro_precision},
                 {"micro_recall", m->micro_recall},
                 {"micro_f1", m->micro_f1},
                 {"weighted_precision", m->weighted_precision},
                 {"weighted_recall", m->weighted_recall},
                 {"weighted_f1", m->weighted_f1.value},
                 {"top3_accuracy", m->top3_accuracy},
                 {"map3", m->map3}};
  const mst_json *want = mst_json_get(test, "figures");
  const size_t n_figures = sizeof figures / sizeof figures[0];
  assert_int_equal(mst_json_size(want), n_figures - (m->has_proba ? 0 : 2));
  for (size_t i = 0; i < n_figures; i++) {
    const mst_json *value = mst_json_get(want, figures[i].key);
    assert_true(value || !m->has_proba);
    expect(figures[i].key, number, figures[i].value, value ? mst_json_number(value) : 0);
  }
  const int64_t stride = sizeof(mst_class_scores) / sizeof(double);
  expect_list("precision", number, test, &m->per_class[0].precision, stride);
  expect_list("recall", number, test, &m->per_class[0].recall, stride);
  expect_list("f1", number, test, &m->per_class[0].f1, stride);
  for (int32_t c = 0; c < m->n_classes; c++)
    assert_int_equal(m->per_class[c].support,
                     mst_json_int(mst_json_at(mst_json_get(test, "support"), (size_t)c)));
  const mst_json *cells = mst_json_get(test, "confusion");
  for (size_t i = 0; i < mst_json_size(cells); i++)
    assert_int_equal(m->confusion[i], mst_json_int(mst_json_at(cells, i)));
}

static void run_case(size_t number, const mst_json *test) {
  const mst_json *labels = mst_json_get(test, "label"), *shares = mst_json_get(test, "share");
  const mst_json *values = shares ? shares : mst_json_get(test, "score");
  const size_t n = mst_json_size(labels), n_cells = mst_json_size(values);
  int32_t *label = mst_alloc(n, sizeof *label);
  float *value = mst_alloc(n_cells, sizeof *value);
  for (size_t d = 0; d < n; d++) label[d] = (int32_t)mst_json_int(mst_json_at(labels, d));
  for (size_t i = 0; i < n_cells; i++)
    value[i] = (float)mst_json_number(mst_json_at(values, i)) / (shares ? 4096.0f : 1.0f);
  mst_metrics m;
  assert_int_equal((shares ? mst_metrics_compute : mst_metrics_of_scores)(
                       label, value, (int64_t)n,
                       (int32_t)mst_json_int(mst_json_get(test, "classes")), 0, 0, 1, &m),
                   MST_OK);
  assert_int_equal(m.has_proba, shares != NULL);
  compare(number, test, &m);
  mst_metrics_fini(&m);
  mst_free(label);
  mst_free(value);
}

static void scores_equal_scikit_learn(void **state) {
  (void)state;
  mst_json *tests = NULL;
  if (mst_json_load(GOLDEN_FILE, &tests)) fail_msg("%s", mst_error_last()->message);
  assert_true(mst_json_size(tests) >= 30);
  for (size_t i = 0; i < mst_json_size(tests); i++) run_case(i, mst_json_at(tests, i));
  mst_json_free(tests);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(scores_equal_scikit_learn)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
