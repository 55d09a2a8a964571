/* metrics_json.c: all scores as a JSON object, the content of metrics.json. */
#include <stdio.h>

#include "score/metrics.h"

static mst_status set_real(mst_json *object, const char *key, double value) {
  return mst_json_set(object, key, mst_json_new_real(value));
}

/* "key": value and "key_interval": [low, high]. */
static mst_status set_interval(mst_json *object, const char *key, mst_interval figure) {
  char name[64];
  (void)snprintf(name, sizeof name, "%s_interval", key);
  mst_json *pair = mst_json_new_array();
  mst_status st = mst_json_append(pair, mst_json_new_real(figure.low));
  if (!st) st = mst_json_append(pair, mst_json_new_real(figure.high));
  if (!st) st = set_real(object, key, figure.value);
  if (!st) return mst_json_set(object, name, pair);
  mst_json_free(pair);
  return st;
}

static mst_status set_overall(mst_json *object, const mst_metrics *m) {
  /* What needs probabilities stands last in both lists, before it what needs ranks. */
  const struct {
    const char *key;
    const mst_interval *figure;
  } intervals[] = {{"accuracy", &m->accuracy},
                   {"balanced_accuracy", &m->balanced_accuracy},
                   {"macro_f1", &m->macro_f1},
                   {"weighted_f1", &m->weighted_f1},
                   {"log_loss", &m->log_loss}};
  const struct {
    const char *key;
    double value;
  } reals[] = {{"macro_precision", m->macro_precision},
               {"macro_recall", m->macro_recall},
               {"weighted_precision", m->weighted_precision},
               {"weighted_recall", m->weighted_recall},
               {"micro_precision", m->micro_precision},
               {"micro_recall", m->micro_recall},
               {"micro_f1", m->micro_f1},
               {"top3_accuracy", m->top3_accuracy},
               {"map3", m->map3},
               {"expected_calibration_error", m->expected_calibration_error}};
  mst_status st = mst_json_set(object, "rows", mst_json_new_int(m->n_rows));
  if (!st) st = mst_json_set(object, "classes", mst_json_new_int(m->n_classes));
  const size_t n_intervals = sizeof intervals / sizeof intervals[0] - !m->has_proba;
  const size_t n_reals = sizeof reals / sizeof reals[0] - (m->has_proba   ? 0U
                                                           : m->has_ranks ? 1U
                                                                          : 3U);
  for (size_t i = 0; i < n_intervals && !st; i++)
    st = set_interval(object, intervals[i].key, *intervals[i].figure);
  for (size_t i = 0; i < n_reals && !st; i++) st = set_real(object, reals[i].key, reals[i].value);
  return st;
}

/* One class as an object. NULL: no memory. */
static mst_json *class_json(const mst_class_scores *s, mst_slice label) {
  mst_json *object = mst_json_new_object();
  mst_status st = mst_json_set(object, "label", mst_json_new_bytes(label.ptr, (size_t)label.len));
  if (!st) st = set_real(object, "precision", s->precision);
  if (!st) st = set_real(object, "recall", s->recall);
  if (!st) st = set_real(object, "f1", s->f1);
  if (!st) st = mst_json_set(object, "support", mst_json_new_int(s->support));
  if (!st) return object;
  mst_json_free(object);
  return NULL;
}

static mst_json *confusion_row_json(const int64_t *row, int32_t n_classes) {
  mst_json *array = mst_json_new_array();
  mst_status st = array ? MST_OK : MST_E_NOMEM;
  for (int32_t c = 0; c < n_classes && !st; c++)
    st = mst_json_append(array, mst_json_new_int(row[c]));
  if (!st) return array;
  mst_json_free(array);
  return NULL;
}

static mst_status set_classes(mst_json *object, const mst_metrics *m, const mst_strings *labels) {
  mst_json *classes = mst_json_new_array();
  mst_json *confusion = mst_json_new_array();
  mst_status st = classes && confusion ? MST_OK : MST_E_NOMEM;
  for (int32_t c = 0; c < m->n_classes && !st; c++) {
    st = mst_json_append(classes, class_json(&m->per_class[c], mst_strings_at(labels, c)));
    if (st) break;
    st = mst_json_append(
        confusion, confusion_row_json(m->confusion + (int64_t)c * m->n_classes, m->n_classes));
  }
  if (st) {
    mst_json_free(classes);
    mst_json_free(confusion);
    return st;
  }
  st = mst_json_set(object, "per_class", classes);
  const mst_status st2 = mst_json_set(object, "confusion", confusion); /* takes it in any case */
  return st ? st : st2;
}

mst_json *mst_metrics_json(const mst_metrics *metrics, const mst_strings *labels) {
  mst_json *object = mst_json_new_object();
  mst_status st = object ? MST_OK : MST_E_NOMEM;
  if (!st) st = set_overall(object, metrics);
  if (!st) st = set_classes(object, metrics, labels);
  if (!st) return object;
  mst_json_free(object);
  return NULL;
}
