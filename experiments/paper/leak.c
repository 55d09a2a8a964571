/* leak.c: the paper's protocol splits after copying, so test records have twins in training. How
 * many, how much better they are predicted, and what that explains of the climb with size. */
#include <math.h>
#include <stdio.h>

#include "tables.h"

enum { LARGEST = PAPER_SIZES - 1, ALL = -1, TWINS = -2 };

/* Accuracy on all test records, those with a twin, or those without (PAPER_NO_TWIN). */
static double accuracy_on(const paper_cell *c, int which) {
  int64_t right = 0, n = 0;
  for (int64_t d = 0; d < c->part->n_test; d++) {
    const int is_twin = c->part->twin[d] != PAPER_NO_TWIN;
    if (which != ALL && is_twin != (which == TWINS)) continue;
    right += c->predicted[d] == c->part->label[d];
    n++;
  }
  return n ? (double)right / (double)n : NAN;
}

/* Measures take a label, which says here what is meant. */
static double on_rows(const paper_cell *c, int which) { return accuracy_on(c, which); }

static double share_of(const paper_cell *c, int kind) {
  int64_t n = 0;
  for (int64_t d = 0; d < c->part->n_test; d++) n += c->part->twin[d] == kind;
  return (double)n / (double)c->part->n_test;
}

static void put_share(const paper_run *run, sheet *s, paper_group g, int kind) {
  const char *why = "";
  const mst_mean m = paper_group_mean(run, g, share_of, kind, &why);
  if (m.n) sheet_text(s, "%.1f %%", 100 * m.mean);
  else sheet_absent(s, why);
}

static void put_sizes(const paper_run *run, sheet *s, paper_protocol protocol) {
  for (int size = 0; size < PAPER_SIZES; size++) {
    const paper_group g = {protocol, size, 0, PAPER_MODEL_XGBOOST};
    sheet_text(s, "%s, %lld records", protocol == PAPER_CLEAN ? "clean" : "paper",
               (long long)run->set.rows[size]);
    put_share(run, s, g, PAPER_TWIN_COPY);
    put_share(run, s, g, PAPER_TWIN_TEXT);
    paper_put(run, s, g, on_rows, ALL);
    const mst_mean twins = paper_group_mean(run, g, on_rows, TWINS, NULL);
    if (twins.n && isnan(twins.mean)) sheet_absent(s, "no test record has a twin");
    else paper_put(run, s, g, on_rows, TWINS);
    const mst_mean others = paper_group_mean(run, g, on_rows, PAPER_NO_TWIN, NULL);
    if (others.n && isnan(others.mean)) sheet_absent(s, "every test record has a twin");
    else paper_put(run, s, g, on_rows, PAPER_NO_TWIN);
  }
}

/* Of one seed: the climb from half to all records, and what is left of it on test records without a
 * twin. 0: a cell is not there. */
static int climb_of(const paper_run *run, int32_t seed, double *climb, double *without) {
  const paper_cell *all = paper_cell_find(run, PAPER_LEAKY, LARGEST, 0, PAPER_MODEL_XGBOOST, seed);
  const paper_cell *half =
      paper_cell_find(run, PAPER_LEAKY, LARGEST - 1, 0, PAPER_MODEL_XGBOOST, seed);
  if (!all || !half || !all->done || !half->done) return 0;
  *climb = accuracy_on(all, ALL) - accuracy_on(half, ALL);
  *without = accuracy_on(all, PAPER_NO_TWIN) - accuracy_on(half, PAPER_NO_TWIN);
  return !isnan(*without);
}

/* How much of the climb is gone without twins. */
static void put_climb(const paper_run *run, sheet *s) {
  double climb = 0, without = 0;
  char each[24 * PAPER_MAX_SEEDS] = "";
  size_t used = 0;
  int n = 0;
  for (int32_t seed = 0; seed < run->options->n_seeds; seed++) {
    double a = 0, b = 0;
    if (!climb_of(run, seed, &a, &b)) continue;
    climb += a;
    without += b;
    used += (size_t)snprintf(each + used, sizeof each - used, "%s%+.4f of %+.4f", n ? ", " : "",
                             a - b, a);
    n++;
  }
  if (!n) {
    sheet_note(s, "The climb is not measured: its cells of the paper's protocol are not there.");
    return;
  }
  climb /= n;
  without /= n;
  sheet_note(s,
             "The climb from %lld to %lld records under the paper's protocol: %+.4f on all test "
             "records, %+.4f on those without a twin (published: %+.4f).",
             (long long)run->set.rows[LARGEST - 1], (long long)run->set.rows[LARGEST], climb,
             without,
             paper_sizes[LARGEST].scores.accuracy - paper_sizes[LARGEST - 1].scores.accuracy);
  if (climb > 0)
    sheet_note(s, "Twins explain %.0f %% of it (seed by seed: %s).",
               100 * (climb - without) / climb, each);
  else sheet_note(s, "There is no climb for twins to explain.");
}

static void put_copies(const paper_run *run, sheet *s) {
  const paper_group half = {PAPER_CLEAN, LARGEST - 1, 0, PAPER_MODEL_XGBOOST};
  const paper_group copies = {PAPER_CLEAN, LARGEST - 1, 1, PAPER_MODEL_XGBOOST};
  const double a = paper_group_mean(run, half, on_rows, ALL, NULL).mean;
  const double b = paper_group_mean(run, copies, on_rows, ALL, NULL).mean;
  const double c =
      paper_group_mean(run, (paper_group){PAPER_CLEAN, LARGEST, 0, PAPER_MODEL_XGBOOST}, on_rows,
                       ALL, NULL)
          .mean;
  if (isnan(a) || isnan(b) || isnan(c)) return;
  sheet_note(s,
             "Without any leak (clean, one test part): a copy of every training record changes the "
             "accuracy of %lld records by %+.4f; as many new records instead by %+.4f.",
             (long long)run->set.rows[LARGEST - 1], b - a, c - a);
}

void paper_leak(const paper_run *run, sheet *s) {
  static const char *const columns[] = {"protocol, size",
                                        "tested copies of trained records",
                                        "tested texts that were trained",
                                        "accuracy, all",
                                        "with a twin",
                                        "without",
                                        NULL};
  sheet_init(s, "leak", "lrrrrr", columns,
             "The leak of the paper's protocol: test records with a twin in training");
  put_sizes(run, s, PAPER_LEAKY);
  put_sizes(run, s, PAPER_CLEAN);
  put_climb(run, s);
  put_copies(run, s);
  sheet_note(s,
             "TF-IDF + XGBoost (preset paper) on %s. A twin: a training record of the same "
             "original, or with the same text.",
             run->set.source);
}
