/* Bootstrap intervals, refusals, threads, JSON. (The figures themselves: tests/golden/score.) */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "misstep/rng.h"
#include "score/metrics.h"

#define D 500
#define C 5
#define SAMPLES 200

static int32_t label[D];
static float proba[D * C];

static int64_t starts[C + 1] = {0, 1, 2, 3, 5, 9};
static const mst_strings names = {C, (uint8_t *)"abcde\"\xeb\xb6\x84", starts};

static int set_up(void **state) {
  (void)state;
  for (int d = 0; d < D; d++) {
    label[d] = (int32_t)mst_rng_below(C - 1, 1, MST_RNG_GENERATE, (uint64_t)d, 0, 0);
    float sum = 0;
    for (int c = 0; c < C; c++) {
      proba[d * C + c] = (float)mst_rng_unit(1, MST_RNG_GENERATE, (uint64_t)d, 1, (uint64_t)c);
      if (c == label[d]) proba[d * C + c] += 0.2f;
      sum += proba[d * C + c];
    }
    for (int c = 0; c < C; c++) proba[d * C + c] /= sum;
  }
  return 0;
}

static void nonsense_is_refused(void **state) {
  (void)state;
  mst_metrics m = {.n_rows = 77};
  assert_int_equal(mst_metrics_compute(NULL, NULL, 0, 3, 10, 0, 1, &m), MST_E_ARG);
  assert_int_equal(mst_metrics_compute(label, proba, D, 0, 10, 0, 1, &m), MST_E_ARG);
  assert_int_equal(mst_metrics_compute(label, proba, D, C, -1, 0, 1, &m), MST_E_ARG);
  assert_int_equal(mst_metrics_compute(label, proba, D, C, 1 << 20, 0, 1, &m), MST_E_ARG);
  assert_int_equal(mst_metrics_compute((int32_t[]){0, 5}, proba, 2, C, 0, 0, 1, &m), MST_E_ARG);
  assert_string_equal(mst_error_last()->message, "row 1: class 5, expected 0 to 4");
  assert_int_equal(mst_metrics_compute((int32_t[]){-1}, proba, 1, C, 0, 0, 1, &m), MST_E_ARG);
  const float broken[2] = {NAN, 1};
  assert_int_equal(mst_metrics_compute((int32_t[]){1}, broken, 1, 2, 0, 0, 1, &m), MST_E_ARG);
  assert_int_equal(m.n_rows, 77);
}

/* Decision values: the first highest is the prediction, their order alone counts, and nothing is
 * said of probabilities. */
static void scores_are_ranked(void **state) {
  (void)state;
  static const float score[] = {-1, -0.5f, -3, 2, 2, -INFINITY, -INFINITY, 0, 1};
  static const int32_t truth[] = {1, 1, 2};
  static const float five[] = {9, 1, 7, 8, -4, 9, 7, 7, 8, 7};
  mst_metrics m = {.n_rows = 77};
  assert_int_equal(mst_metrics_of_scores(truth, score, 0, 3, 0, 0, 1, &m), MST_E_ARG);
  const float broken[2] = {NAN, 1};
  assert_int_equal(mst_metrics_of_scores(truth, broken, 1, 2, 0, 0, 1, &m), MST_E_ARG);
  assert_int_equal(m.n_rows, 77);
  assert_int_equal(mst_metrics_of_scores(truth, score, 3, 3, 10, 0, 1, &m), MST_OK);
  assert_int_equal(m.has_proba, 0);
  assert_float_equal(m.accuracy.value, 2.0 / 3, 1e-15);
  assert_int_equal(m.confusion[1 * 3 + 0], 1);
  assert_int_equal(m.confusion[1 * 3 + 1], 1);
  assert_int_equal(m.confusion[2 * 3 + 2], 1);
  assert_true(m.has_ranks && m.top3_accuracy == 1);
  assert_float_equal(m.map3, (1 + 1.0 / 2 + 1) / 3, 1e-15);
  assert_true(m.log_loss.value == 0 && m.log_loss.high == 0 && m.expected_calibration_error == 0);
  mst_json *json = mst_metrics_json(&m, &names);
  assert_non_null(mst_json_get(json, "map3"));
  assert_non_null(mst_json_get(json, "top3_accuracy"));
  assert_null(mst_json_get(json, "log_loss"));
  assert_null(mst_json_get(json, "expected_calibration_error"));
  mst_json_free(json);
  mst_metrics_fini(&m);
  /* third, and fourth by its higher number among equals */
  assert_int_equal(mst_metrics_of_scores((int32_t[]){2, 2}, five, 2, 5, 0, 0, 1, &m), MST_OK);
  assert_float_equal(m.top3_accuracy, 0.5, 1e-15);
  assert_float_equal(m.map3, 1.0 / 6, 1e-15);
  mst_metrics_fini(&m);
}

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double percentile(double *v, double q) {
  const double at = q * (SAMPLES - 1);
  const int i = (int)at;
  return v[i] + (v[i + 1] - v[i]) * (at - i);
}

/* Score the drawn rows as a set of their own: what an interval is by definition. */
static void intervals_are_those_of_resampled_sets(void **state) {
  (void)state;
  mst_metrics m, one;
  assert_int_equal(mst_metrics_compute(label, proba, D, C, SAMPLES, 9, 2, &m), MST_OK);
  static double value[5][SAMPLES];
  static int32_t drawn_label[D];
  static float drawn[D * C];
  for (uint32_t b = 0; b < SAMPLES; b++) {
    for (uint64_t i = 0; i < D; i++) {
      const uint64_t bits = mst_rng_u64(9, MST_RNG_BOOTSTRAP, i / 2, b, 0);
      const uint64_t row = ((i % 2 ? bits >> 32 : bits & 0xFFFFFFFFu) * D) >> 32;
      drawn_label[i] = label[row];
      memcpy(drawn + i * C, proba + row * C, C * sizeof *proba);
    }
    assert_int_equal(mst_metrics_compute(drawn_label, drawn, D, C, 0, 0, 1, &one), MST_OK);
    const double got[5] = {one.accuracy.value, one.balanced_accuracy.value, one.macro_f1.value,
                           one.weighted_f1.value, one.log_loss.value};
    for (int f = 0; f < 5; f++) value[f][b] = got[f];
    mst_metrics_fini(&one);
  }
  const mst_interval want[5] = {m.accuracy, m.balanced_accuracy, m.macro_f1, m.weighted_f1,
                                m.log_loss};
  for (int f = 0; f < 5; f++) {
    qsort(value[f], SAMPLES, sizeof(double), by_value);
    assert_true(percentile(value[f], 0.025) == want[f].low);
    assert_true(percentile(value[f], 0.975) == want[f].high);
    assert_true(want[f].low < want[f].value && want[f].value < want[f].high);
  }
  /* and near the binomial's */
  const double p = m.accuracy.value, half = 1.96 * sqrt(p * (1 - p) / D);
  assert_true(fabs(m.accuracy.low - (p - half)) < 0.012);
  assert_true(fabs(m.accuracy.high - (p + half)) < 0.012);
  mst_metrics_fini(&m);
}

static void threads_change_nothing(void **state) {
  (void)state;
  mst_metrics a, b;
  assert_int_equal(mst_metrics_compute(label, proba, D, C, 101, 3, 1, &a), MST_OK);
  for (int threads = 0; threads <= 7; threads++) {
    assert_int_equal(mst_metrics_compute(label, proba, D, C, 101, 3, threads, &b), MST_OK);
    assert_memory_equal(&a.accuracy, &b.accuracy, 5 * sizeof a.accuracy);
    assert_memory_equal(a.confusion, b.confusion, C * C * sizeof *a.confusion);
    mst_metrics_fini(&b);
  }
  mst_metrics_fini(&a);
}

static void no_samples_no_interval(void **state) {
  (void)state;
  mst_metrics m;
  assert_int_equal(mst_metrics_compute(label, proba, D, C, 0, 3, 1, &m), MST_OK);
  assert_true(m.accuracy.low == m.accuracy.value && m.accuracy.high == m.accuracy.value);
  mst_metrics_fini(&m);
  assert_int_equal(mst_metrics_compute(label, proba, 1, C, 1, 3, 1, &m),
                   MST_OK); /* one row, one sample */
  assert_true(m.accuracy.low == m.accuracy.high);
  mst_metrics_fini(&m);
}

/* Predictions equal to the likeliest classes change nothing; others change what follows them. */
static void given_predictions_count(void **state) {
  (void)state;
  int32_t predicted[D];
  for (int d = 0; d < D; d++) {
    predicted[d] = 0;
    for (int32_t c = 1; c < C; c++)
      if (proba[d * C + c] > proba[d * C + predicted[d]]) predicted[d] = c;
  }
  mst_metrics a, b;
  const mst_answers same = {label, predicted, proba, D, C, NULL};
  assert_int_equal(mst_metrics_compute(label, proba, D, C, 50, 3, 1, &a), MST_OK);
  assert_int_equal(mst_metrics_judge(&same, 50, 3, 2, &b), MST_OK);
  assert_memory_equal(&a.accuracy, &b.accuracy, 5 * sizeof a.accuracy);
  assert_memory_equal(a.confusion, b.confusion, C * C * sizeof *a.confusion);
  assert_true(a.map3 == b.map3 && a.has_proba && b.has_proba);
  mst_metrics_fini(&b);
  const mst_answers right = {label, label, proba, D, C, NULL};
  assert_int_equal(mst_metrics_judge(&right, 50, 3, 1, &b), MST_OK);
  assert_true(b.accuracy.low == 1 && b.macro_f1.value == 1);
  assert_true(b.log_loss.value == a.log_loss.value && b.map3 == a.map3);
  mst_metrics_fini(&b);
  mst_metrics_fini(&a);
}

static void predictions_alone_have_no_loss(void **state) {
  (void)state;
  const int32_t truth[] = {0, 1, 2, 2}, predicted[] = {0, 1, 2, 0};
  const mst_answers alone = {truth, predicted, NULL, 4, 3, NULL};
  mst_metrics m = {.n_rows = 77};
  assert_int_equal(mst_metrics_judge(&alone, 20, 0, 1, &m), MST_OK);
  assert_true(m.accuracy.value == 0.75 && !m.has_proba && m.confusion[6] == 1);
  uint8_t bytes[] = "abc";
  int64_t ends[] = {0, 1, 2, 3};
  const mst_strings labels = {3, bytes, ends};
  mst_json *json = mst_metrics_json(&m, &labels);
  assert_null(mst_json_get(json, "log_loss"));
  assert_null(mst_json_get(json, "expected_calibration_error"));
  assert_null(mst_json_get(json, "top3_accuracy"));
  assert_null(mst_json_get(json, "map3"));
  assert_non_null(mst_json_get(json, "micro_f1"));
  assert_non_null(mst_json_get(json, "weighted_f1_interval"));
  mst_json_free(json);
  mst_metrics_fini(&m);
  const mst_answers wrong = {truth, (int32_t[]){0, 1, 3, 0}, NULL, 4, 3, NULL};
  assert_int_equal(mst_metrics_judge(&wrong, 0, 0, 1, &m), MST_E_ARG);
  assert_string_equal(mst_error_last()->message, "row 2: class 3, expected 0 to 2");
}

static void json_has_everything(void **state) {
  (void)state;
  mst_metrics m;
  assert_int_equal(mst_metrics_compute(label, proba, D, C, 50, 3, 1, &m), MST_OK);
  mst_json *o = mst_metrics_json(&m, &names);
  assert_non_null(o);
  assert_int_equal(mst_json_int(mst_json_get(o, "rows")), D);
  assert_true(mst_json_number(mst_json_get(o, "accuracy")) == m.accuracy.value);
  assert_true(mst_json_number(mst_json_at(mst_json_get(o, "log_loss_interval"), 1)) ==
              m.log_loss.high);
  const mst_json *last = mst_json_at(mst_json_get(o, "per_class"), C - 1);
  assert_string_equal(mst_json_string(mst_json_get(last, "label"), NULL), "\"\xeb\xb6\x84");
  assert_int_equal(mst_json_int(mst_json_get(last, "support")), 0);
  assert_int_equal(mst_json_int(mst_json_at(mst_json_at(mst_json_get(o, "confusion"), 1), 2)),
                   m.confusion[1 * C + 2]);
  mst_json_free(o);
  mst_metrics_fini(&m);
}

static mst_status compute_call(void *payload) {
  mst_metrics m = {.n_rows = 77};
  (void)payload;
  const mst_status st = mst_metrics_compute(label, proba, D, C, 5, 0, 1, &m);
  if (st) assert_int_equal(m.n_rows, 77);
  else mst_metrics_fini(&m);
  return st;
}

static mst_status json_call(void *payload) {
  mst_json *o = mst_metrics_json(payload, &names);
  mst_json_free(o);
  return o ? MST_OK : mst_error_last()->status;
}

static void no_memory_at_any_point(void **state) {
  (void)state;
  mst_metrics m;
  assert_int_equal(mst_metrics_compute(label, proba, D, C, 5, 0, 1, &m), MST_OK);
  assert_int_equal(fail_every_alloc(compute_call, NULL), 6);
  assert_true(fail_every_alloc(json_call, &m) > 100);
  mst_metrics_fini(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nonsense_is_refused),
      cmocka_unit_test(scores_are_ranked),
      cmocka_unit_test(intervals_are_those_of_resampled_sets),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(no_samples_no_interval),
      cmocka_unit_test(given_predictions_count),
      cmocka_unit_test(predictions_alone_have_no_loss),
      cmocka_unit_test(json_has_everything),
      cmocka_unit_test(no_memory_at_any_point),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
