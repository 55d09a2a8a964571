/* scores.c: metrics as tables. */
#include "report/scores.h"

#include <inttypes.h>
#include <math.h>

#include "misstep/alloc.h"

#define MATRIX_CLASSES 15 /* a wider matrix fits no terminal */
#define LABEL_COLUMNS 12  /* a wider heading makes the matrix too wide */
#define N_CONFUSIONS 20

/* A count with thousands commas. */
static void put_commas(int64_t n, char text[32]) {
  char digits[24];
  const int length = snprintf(digits, sizeof digits, "%" PRId64, n);
  char *to = text;
  for (int i = 0; i < length; i++) {
    if (i && (length - i) % 3 == 0) *to++ = ',';
    *to++ = digits[i];
  }
  *to = '\0';
}

static mst_status label_cell(mst_table *table, const mst_strings *labels, int64_t c) {
  const mst_slice s = mst_strings_at(labels, c);
  return mst_table_cell(table, "%.*s", (int)s.len, (const char *)s.ptr);
}

static mst_status finish(mst_status st, mst_table *table, mst_table **out) {
  if (st) mst_table_free(table);
  else *out = table;
  return st;
}

/* Fitting. */

static mst_status count_row(mst_table *table, const char *what, int64_t n) {
  const mst_status st = mst_table_cell(table, "%s", what);
  return st ? st : mst_table_cell(table, "%" PRId64, n);
}

static mst_status seconds_row(mst_table *table, const char *what, double seconds) {
  const mst_status st = mst_table_cell(table, "%s", what);
  return st ? st : mst_table_cell(table, "%.2f", seconds);
}

mst_status mst_scores_fit(const mst_fit_report *fit, int32_t n_classes, int64_t n_test_rows,
                          mst_table **out) {
  static const char *const columns[] = {"what", "value"};
  mst_table *t = NULL;
  mst_status st = mst_table_create("Fit", "ln", columns, &t);
  if (!st) st = count_row(t, "training rows", fit->n_rows);
  if (!st && n_test_rows) st = count_row(t, "test rows", n_test_rows);
  if (!st) st = count_row(t, "classes", n_classes);
  if (!st && fit->n_tree_terms) st = count_row(t, "terms of the trees", fit->n_tree_terms);
  if (!st && fit->n_selected) st = count_row(t, "terms selected", fit->n_selected);
  if (!st && fit->n_linear_terms)
    st = count_row(t, "terms of the linear part", fit->n_linear_terms);
  if (!st && fit->n_rounds) st = count_row(t, "boosting rounds", fit->n_rounds);
  if (!st && isfinite(fit->validation_mlogloss) && fit->best_round < fit->n_rounds - 1)
    st = count_row(t, "best round", fit->best_round + 1);
  if (!st && fit->device[0]) st = mst_table_cell(t, "device");
  if (!st && fit->device[0]) st = mst_table_cell(t, "%s", fit->device);
  if (!st) st = seconds_row(t, "seconds for tokens", fit->seconds_tokens);
  if (!st) st = seconds_row(t, "seconds for features", fit->seconds_features);
  if (!st) st = seconds_row(t, "seconds for the linear part", fit->seconds_linear);
  if (!st) st = seconds_row(t, "seconds for boosting", fit->seconds_boosting);
  return finish(st, t, out);
}

/* Overall. */

static mst_status interval_row(mst_table *t, const char *name, mst_interval figure, int shown) {
  mst_status st = mst_table_cell(t, "%s", name);
  if (!st) st = mst_table_cell(t, "%.4f", figure.value);
  if (!st && !shown) st = mst_table_cell(t, "%s", "");
  else if (!st) st = mst_table_cell(t, "%.4f", figure.low);
  if (!st && !shown) st = mst_table_cell(t, "%s", "");
  else if (!st) st = mst_table_cell(t, "%.4f", figure.high);
  return st;
}

static mst_status value_row(mst_table *t, const char *name, double value) {
  return interval_row(t, name, (mst_interval){.value = value}, 0);
}

mst_status mst_scores_overall(const mst_metrics *m, mst_table **out) {
  static const char *const columns[] = {"metric", "value", "low", "high"};
  const int shown = m->accuracy.low < m->accuracy.high || m->log_loss.low < m->log_loss.high;
  char n_rows[32];
  put_commas(m->n_rows, n_rows);
  mst_table *t = NULL;
  mst_status st = mst_table_create("Scores", "lnnn", columns, &t);
  if (!st) st = interval_row(t, "accuracy", m->accuracy, shown);
  if (!st) st = interval_row(t, "balanced accuracy", m->balanced_accuracy, shown);
  if (!st) st = interval_row(t, "macro F1", m->macro_f1, shown);
  if (!st) st = interval_row(t, "weighted F1", m->weighted_f1, shown);
  if (!st && m->has_proba) st = interval_row(t, "log loss", m->log_loss, shown);
  if (!st) st = value_row(t, "macro precision", m->macro_precision);
  if (!st) st = value_row(t, "macro recall", m->macro_recall);
  if (!st) st = value_row(t, "weighted precision", m->weighted_precision);
  if (!st) st = value_row(t, "weighted recall", m->weighted_recall);
  const int ranks = m->has_ranks && m->n_classes > 3;
  if (!st && ranks) st = value_row(t, "top-3 accuracy", m->top3_accuracy);
  if (!st && ranks) st = value_row(t, "MAP@3", m->map3);
  if (!st && m->has_proba) st = value_row(t, "calibration error", m->expected_calibration_error);
  if (!st && shown)
    st = mst_table_note(t, "low, high: 95 %% bootstrap interval over %s test rows", n_rows);
  else if (!st) st = mst_table_note(t, "%s test rows", n_rows);
  if (!st) st = mst_table_note(t, "micro precision, recall and F1 equal the accuracy");
  return finish(st, t, out);
}

/* Classes. */

mst_status mst_scores_per_class(const mst_metrics *m, const mst_strings *labels, mst_table **out) {
  static const char *const columns[] = {"label", "precision", "recall", "f1", "support"};
  mst_table *t = NULL;
  mst_status st = mst_table_create("Scores by class", "lnnnn", columns, &t);
  for (int32_t c = 0; c < m->n_classes && !st; c++) {
    const mst_class_scores *s = &m->per_class[c];
    st = label_cell(t, labels, c);
    if (!st) st = mst_table_cell(t, "%.4f", s->precision);
    if (!st) st = mst_table_cell(t, "%.4f", s->recall);
    if (!st) st = mst_table_cell(t, "%.4f", s->f1);
    if (!st) st = mst_table_cell(t, "%" PRId64, s->support);
  }
  return finish(st, t, out);
}

/* Confusions. */

/* Label c as a string with a zero, cut to n bytes. */
static void copy_label(const mst_strings *labels, int64_t c, char *to, size_t n) {
  const mst_slice s = mst_strings_at(labels, c);
  (void)snprintf(to, n, "%.*s", (int)s.len, (const char *)s.ptr);
}

/* Fill the headings: labels where all are narrow, else 1, 2, ... Returns whether they are
 * numbers. */
static int set_headings(const mst_strings *labels, int32_t n_classes,
                        char heading[MATRIX_CLASSES][64]) {
  int numbered = 0;
  for (int32_t c = 0; c < n_classes; c++) {
    copy_label(labels, c, heading[c], sizeof heading[c]);
    if (mst_strings_at(labels, c).len >= 64) numbered = 1;
    if (mst_display_width(heading[c]) > LABEL_COLUMNS) numbered = 1;
  }
  for (int32_t c = 0; c < n_classes && numbered; c++)
    (void)snprintf(heading[c], sizeof heading[c], "%d", c + 1);
  return numbered;
}

static mst_status matrix(const mst_metrics *m, const mst_strings *labels, mst_table **out) {
  char heading[MATRIX_CLASSES][64], align[MATRIX_CLASSES + 2] = "l";
  const int numbered = set_headings(labels, m->n_classes, heading);
  const char *columns[MATRIX_CLASSES + 1] = {"true \\ predicted"};
  for (int32_t c = 0; c < m->n_classes; c++) {
    columns[c + 1] = heading[c];
    align[c + 1] = 'n';
  }
  align[m->n_classes + 1] = '\0';
  mst_table *t = NULL;
  mst_status st = mst_table_create("Confusion matrix", align, columns, &t);
  for (int32_t c = 0; c < m->n_classes && !st; c++) {
    const mst_slice s = mst_strings_at(labels, c);
    if (!numbered) st = label_cell(t, labels, c);
    else st = mst_table_cell(t, "%d %.*s", c + 1, (int)s.len, (const char *)s.ptr);
    for (int32_t p = 0; p < m->n_classes && !st; p++)
      st = mst_table_cell(t, "%" PRId64, m->confusion[(int64_t)c * m->n_classes + p]);
  }
  return finish(st, t, out);
}

/* The cell off the diagonal that comes after cell last in the order of falling counts, ties by
 * cell; -1: none. last is -1 at first. */
static int64_t next_confusion(const mst_metrics *m, int64_t last) {
  const int64_t n = m->n_classes, *count = m->confusion;
  int64_t best = -1;
  for (int64_t i = 0; i < n * n; i++) {
    if (i / n == i % n || !count[i]) continue;
    const int is_after =
        last < 0 || count[i] < count[last] || (count[i] == count[last] && i > last);
    if (is_after && (best < 0 || count[i] > count[best])) best = i;
  }
  return best;
}

static mst_status largest(const mst_metrics *m, const mst_strings *labels, mst_table **out) {
  static const char *const columns[] = {"true class", "predicted class", "rows", "share"};
  mst_table *t = NULL;
  mst_status st = mst_table_create("Largest confusions", "llnn", columns, &t);
  int64_t cell = -1;
  for (int i = 0; i < N_CONFUSIONS && !st; i++) {
    cell = next_confusion(m, cell);
    if (cell < 0) break;
    const int64_t c = cell / m->n_classes;
    st = label_cell(t, labels, c);
    if (!st) st = label_cell(t, labels, cell % m->n_classes);
    if (!st) st = mst_table_cell(t, "%" PRId64, m->confusion[cell]);
    if (!st)
      st = mst_table_cell(t, "%.4f", (double)m->confusion[cell] / (double)m->per_class[c].support);
  }
  if (!st) st = mst_table_note(t, "share: of the rows of the true class");
  return finish(st, t, out);
}

mst_status mst_scores_confusion(const mst_metrics *metrics, const mst_strings *labels,
                                mst_table **out) {
  if (metrics->n_classes > MATRIX_CLASSES) return largest(metrics, labels, out);
  return matrix(metrics, labels, out);
}
