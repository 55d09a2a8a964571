/* metrics.c: scores of probabilities or decision values, and bootstrap intervals from the same
 * per-class counts. */
#include "score/metrics.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "misstep/alloc.h"
#include "misstep/rng.h"

#define N_BINS 15
#define TOP 3
#define RUN 256 /* bootstrap draws at a time; even */

/* What one row contributes; 16 bytes, so that a bootstrap draw touches one cache line. */
typedef struct scored_row {
  int32_t label, predicted;
  double loss; /* -log of the clipped probability of the true class */
} scored_row;

/* Rows per class: true, predicted, both. */
typedef struct class_counts {
  int64_t n_true, n_predicted, n_hit;
} class_counts;

/* The figures that get an interval, in the order of their arrays. */
enum { ACCURACY, BALANCED_ACCURACY, MACRO_F1, WEIGHTED_F1, LOG_LOSS, N_FIGURES };

static double ratio(double a, double b) { return b > 0 ? a / b : 0.0; } /* zero_division = 0 */

static double f1_of(class_counts c) {
  return ratio(2.0 * (double)c.n_hit, (double)(c.n_true + c.n_predicted));
}

/* All but the log loss, from counts. Sums run in class order. */
static void average(const class_counts *counts, int32_t n_classes, double *figure) {
  double n_rows = 0, hits = 0, recalls = 0, f1s = 0, weighted = 0;
  int64_t n_supported = 0, n_present = 0;
  for (int32_t c = 0; c < n_classes; c++) {
    const class_counts k = counts[c];
    if (!k.n_true && !k.n_predicted) continue;
    const double f1 = f1_of(k);
    n_rows += (double)k.n_true;
    hits += (double)k.n_hit;
    f1s += f1;
    weighted += f1 * (double)k.n_true;
    n_present++;
    if (!k.n_true) continue;
    recalls += (double)k.n_hit / (double)k.n_true;
    n_supported++;
  }
  figure[ACCURACY] = hits / n_rows;
  figure[BALANCED_ACCURACY] = recalls / (double)n_supported;
  figure[MACRO_F1] = f1s / (double)n_present;
  figure[WEIGHTED_F1] = weighted / n_rows;
}

/* Rows. */

/* -log p with p clipped to [eps, 1 - eps] of float64. */
static double loss_of(double p) {
  const double eps = 0x1p-52;
  return -log(p < eps ? eps : p > 1 - eps ? 1 - eps : p);
}

/* Running sums over rows of what is not a count per class. */
typedef struct row_sums {
  double loss, reciprocal_rank;
  int64_t n_top;
  double bin_confidence[N_BINS];
  int64_t bin_rows[N_BINS], bin_hits[N_BINS];
} row_sums;

/* What follows from the order of a row's probabilities or decision values alone. */
static scored_row rank_row(int32_t label, const float *value, int32_t n_classes, row_sums *sums) {
  int32_t best = 0, rank = 1;
  for (int32_t c = 0; c < n_classes; c++) {
    if (value[c] > value[best]) best = c;
    rank += value[c] > value[label] || (value[c] == value[label] && c < label);
  }
  if (rank <= TOP) sums->reciprocal_rank += 1.0 / rank;
  sums->n_top += rank <= TOP;
  return (scored_row){.label = label, .predicted = best};
}

/* What follows from probabilities themselves. */
static void score_proba(scored_row *row, const float *proba, row_sums *sums) {
  const int32_t best = row->predicted;
  row->loss = loss_of(proba[row->label]);
  sums->loss += row->loss;
  const double bin_end = ceil((double)proba[best] * N_BINS);
  const int bin = bin_end < 1 ? 0 : bin_end > N_BINS ? N_BINS - 1 : (int)bin_end - 1;
  sums->bin_confidence[bin] += proba[best];
  sums->bin_rows[bin]++;
  sums->bin_hits[bin] += best == row->label;
}

static mst_status check_class(int64_t d, int32_t label, int32_t n_classes) {
  if (label >= 0 && label < n_classes) return MST_OK;
  return MST_FAIL(MST_E_ARG, "row %lld: class %d, expected 0 to %d", (long long)d, label,
                  n_classes - 1);
}

/* What ranks the classes, or NULL. */
static const float *values_of(const mst_answers *a) { return a->proba ? a->proba : a->score; }

static mst_status check_row(const mst_answers *a, int64_t d) {
  mst_status st = check_class(d, a->label[d], a->n_classes);
  if (!st && a->predicted) st = check_class(d, a->predicted[d], a->n_classes);
  const float *value = values_of(a);
  if (st || !value) return st;
  for (int32_t c = 0; c < a->n_classes; c++)
    if (isnan(value[d * a->n_classes + c]))
      return MST_FAIL(MST_E_ARG, "row %lld: the %s of class %d is not a number", (long long)d,
                      a->proba ? "probability" : "score", c);
  return MST_OK;
}

static double calibration_error(const row_sums *sums, int64_t n_rows) {
  double error = 0;
  for (int b = 0; b < N_BINS; b++)
    error += fabs((double)sums->bin_hits[b] - sums->bin_confidence[b]);
  return error / (double)n_rows;
}

/* Bootstrap. */

/* Rows of draws first to first + n - 1 of a sample; each block of random bits serves two draws. */
static void draw_rows(uint64_t seed, uint32_t sample, int64_t first, int64_t n, int64_t n_rows,
                      uint32_t *row) {
  for (int64_t i = 0; i < n; i += 2) {
    const uint64_t bits =
        mst_rng_u64(seed, MST_RNG_BOOTSTRAP, (uint64_t)(first + i) / 2, sample, 0);
    row[i] = (uint32_t)(((bits & UINT32_MAX) * (uint64_t)n_rows) >> 32);
    row[i + 1] = (uint32_t)(((bits >> 32) * (uint64_t)n_rows) >> 32);
  }
}

/* One sample: n_rows draws with replacement, counted; the loss is summed in draw order. Drawing and
 * counting take turns in short runs, because the compiler vectorises the drawing alone. */
static void resample(const scored_row *rows, int64_t n_rows, int32_t n_classes, uint64_t seed,
                     uint32_t sample, class_counts *counts, double *figure) {
  memset(counts, 0, (size_t)n_classes * sizeof *counts);
  double loss = 0;
  uint32_t drawn[RUN + 1];
  for (int64_t first = 0; first < n_rows; first += RUN) {
    const int64_t n = n_rows - first < RUN ? n_rows - first : RUN;
    draw_rows(seed, sample, first, n, n_rows, drawn);
    for (int64_t i = 0; i < n; i++) {
      const scored_row row = rows[drawn[i]];
      counts[row.label].n_true++;
      counts[row.predicted].n_predicted++;
      counts[row.label].n_hit += row.label == row.predicted;
      loss += row.loss;
    }
  }
  average(counts, n_classes, figure);
  figure[LOG_LOSS] = loss / (double)n_rows;
}

static int compare_doubles(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Percentile of sorted values by linear interpolation, as numpy.percentile. */
static double percentile(const double *sorted, int32_t n, double q) {
  const double at = q * (double)(n - 1);
  const int32_t below = (int32_t)at;
  if (below + 1 >= n) return sorted[n - 1];
  return sorted[below] + (sorted[below + 1] - sorted[below]) * (at - below);
}

/* Fill low and high of the N_FIGURES intervals. Samples are independent, so threads share them in
 * any way; each sample writes its own slot. */
static mst_status bootstrap(const scored_row *rows, int64_t n_rows, int32_t n_classes,
                            int32_t n_samples, uint64_t seed, int n_threads,
                            mst_interval *const *out) {
  if (n_threads < 1) n_threads = 1;
  const int64_t stride = n_classes + 6; /* no two threads' counts on one cache line */
  class_counts *counts = mst_alloc((size_t)n_threads * (size_t)stride, sizeof *counts);
  double *samples = mst_alloc((size_t)n_samples * N_FIGURES, sizeof *samples);
  const mst_status st = counts && samples ? MST_OK : MST_E_NOMEM;
  if (st) goto done;
#pragma omp parallel for num_threads(n_threads) schedule(static)
  for (int32_t b = 0; b < n_samples; b++) {
    double figure[N_FIGURES];
    resample(rows, n_rows, n_classes, seed, (uint32_t)b, counts + omp_get_thread_num() * stride,
             figure);
    for (int f = 0; f < N_FIGURES; f++) samples[(int64_t)f * n_samples + b] = figure[f];
  }
  for (int f = 0; f < N_FIGURES; f++) {
    double *sorted = samples + (int64_t)f * n_samples;
    qsort(sorted, (size_t)n_samples, sizeof *sorted, compare_doubles);
    out[f]->low = percentile(sorted, n_samples, 0.025);
    out[f]->high = percentile(sorted, n_samples, 0.975);
  }
done:
  mst_free(samples);
  mst_free(counts);
  return st;
}

/* Together. */

static void fill_classes(mst_metrics *m, const class_counts *counts) {
  int64_t n_present = 0;
  for (int32_t c = 0; c < m->n_classes; c++) {
    const class_counts k = counts[c];
    mst_class_scores *s = &m->per_class[c];
    *s = (mst_class_scores){ratio((double)k.n_hit, (double)k.n_predicted),
                            ratio((double)k.n_hit, (double)k.n_true), f1_of(k), k.n_true};
    n_present += k.n_true || k.n_predicted;
    m->macro_precision += s->precision;
    m->macro_recall += s->recall;
    m->weighted_precision += s->precision * (double)k.n_true;
    m->weighted_recall += s->recall * (double)k.n_true;
  }
  m->macro_precision /= (double)n_present;
  m->macro_recall /= (double)n_present;
  m->weighted_precision /= (double)m->n_rows;
  m->weighted_recall /= (double)m->n_rows;
  /* With one class a row, micro precision and recall are both the share of right rows. */
  m->micro_precision = m->micro_recall = m->micro_f1 = m->accuracy.value;
}

/* Score every row into rows, counts and the confusion matrix; then the sums that need no order. */
static mst_status score_rows(const mst_answers *a, mst_metrics *m, scored_row *rows,
                             class_counts *counts) {
  row_sums sums = {0};
  const int32_t n_classes = m->n_classes;
  const float *value = values_of(a);
  for (int64_t d = 0; d < m->n_rows; d++) {
    const mst_status st = check_row(a, d);
    if (st) return st;
    scored_row row = {.label = a->label[d]};
    if (value) row = rank_row(a->label[d], value + d * n_classes, n_classes, &sums);
    if (a->proba) score_proba(&row, a->proba + d * n_classes, &sums);
    if (a->predicted) row.predicted = a->predicted[d];
    rows[d] = row;
    counts[row.label].n_true++;
    counts[row.predicted].n_predicted++;
    counts[row.label].n_hit += row.label == row.predicted;
    m->confusion[(int64_t)row.label * n_classes + row.predicted]++;
  }
  const double n = (double)m->n_rows;
  m->log_loss.value = sums.loss / n;
  m->top3_accuracy = (double)sums.n_top / n;
  m->map3 = sums.reciprocal_rank / n;
  m->expected_calibration_error = calibration_error(&sums, m->n_rows);
  return MST_OK;
}

mst_status mst_metrics_compute(const int32_t *label, const float *proba, int64_t n_rows,
                               int32_t n_classes, int32_t n_bootstrap, uint64_t seed, int n_threads,
                               mst_metrics *out) {
  const mst_answers answers = {label, NULL, proba, n_rows, n_classes, NULL};
  return mst_metrics_judge(&answers, n_bootstrap, seed, n_threads, out);
}

mst_status mst_metrics_of_scores(const int32_t *label, const float *score, int64_t n_rows,
                                 int32_t n_classes, int32_t n_bootstrap, uint64_t seed,
                                 int n_threads, mst_metrics *out) {
  const mst_answers answers = {label, NULL, NULL, n_rows, n_classes, score};
  return mst_metrics_judge(&answers, n_bootstrap, seed, n_threads, out);
}

mst_status mst_metrics_judge(const mst_answers *answers, int32_t n_bootstrap, uint64_t seed,
                             int n_threads, mst_metrics *out) {
  const int64_t n_rows = answers->n_rows;
  const int32_t n_classes = answers->n_classes;
  if (n_rows <= 0) return MST_FAIL(MST_E_ARG, "no rows to score");
  if (n_rows > INT32_MAX) return MST_FAIL(MST_E_ARG, "more than 2147483647 rows to score");
  if (n_classes <= 0) return MST_FAIL(MST_E_ARG, "no classes to score");
  if (n_bootstrap < 0 || n_bootstrap >= 1 << 20)
    return MST_FAIL(MST_E_ARG, "%d bootstrap samples, expected 0 to 1048575", n_bootstrap);
  const size_t C = (size_t)n_classes;
  mst_metrics m = {.n_rows = n_rows,
                   .n_classes = n_classes,
                   .has_proba = answers->proba != NULL,
                   .has_ranks = values_of(answers) != NULL};
  scored_row *rows = mst_alloc((size_t)n_rows, sizeof *rows);
  class_counts *counts = mst_alloc_zero(C, sizeof *counts);
  m.per_class = mst_alloc_zero(C, sizeof *m.per_class);
  m.confusion = mst_alloc_zero(C, C * sizeof *m.confusion);
  mst_status st = rows && counts && m.per_class && m.confusion ? MST_OK : MST_E_NOMEM;
  if (!st) st = score_rows(answers, &m, rows, counts);
  if (st) goto done;
  mst_interval *const figures[N_FIGURES] = {&m.accuracy, &m.balanced_accuracy, &m.macro_f1,
                                            &m.weighted_f1, &m.log_loss};
  double value[N_FIGURES];
  average(counts, n_classes, value);
  value[LOG_LOSS] = m.log_loss.value;
  for (int f = 0; f < N_FIGURES; f++) *figures[f] = (mst_interval){value[f], value[f], value[f]};
  fill_classes(&m, counts);
  if (n_bootstrap) st = bootstrap(rows, n_rows, n_classes, n_bootstrap, seed, n_threads, figures);
done:
  mst_free(rows);
  mst_free(counts);
  if (st) mst_metrics_fini(&m);
  else *out = m;
  return st;
}

void mst_metrics_fini(mst_metrics *metrics) {
  mst_free(metrics->per_class);
  mst_free(metrics->confusion);
  *metrics = (mst_metrics){0};
}
