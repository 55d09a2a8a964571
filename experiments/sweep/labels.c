/* labels.c: which cells make a learning curve, and what the curve says of sizes not tried. */
#include "labels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "misstep/alloc.h"
#include "misstep/rng.h"

enum { N_SAMPLES = 1000, FARTHEST = 10 }; /* times the most rows */

void sweep_curves_fini(sweep_curves *c) {
  mst_free(c->configuration);
  mst_free(c->f1);
  *c = (sweep_curves){0};
}

/* The best configuration on the most rows. */
static mst_status choose(const sweep_view *v, const sweep_look *look, char **out) {
  sweep_question q = look->question;
  sweep_groups g = {0};
  q.x = "rows";
  q.by = NULL;
  q.y = v->metric;
  q.others = SWEEP_OTHERS_BEST;
  mst_status st = sweep_groups_make(v, &q, &g);
  if (st) return st;
  char **text = &g.other.text[g.group[g.n - 1].other];
  *out = *text;
  *text = NULL;
  sweep_groups_fini(&g);
  return MST_OK;
}

/* The cells of the configuration: their places, sizes and seeds. */
typedef struct chosen {
  int64_t *cell, n;
  double rows[SWEEP_MOST_SIZES];
  int n_rows;
  int64_t *seed;
  int n_seeds;
} chosen;

static mst_status note_cell(const sweep_view *v, int64_t i, chosen *c) {
  const double rows = mst_json_number(mst_json_get(v->line[i], "rows"));
  const int64_t seed = mst_json_int(mst_json_get(v->line[i], "seed"));
  int at = 0, s = 0;
  c->cell[c->n++] = i;
  while (s < c->n_seeds && c->seed[s] != seed) s++;
  if (s == c->n_seeds) c->seed[c->n_seeds++] = seed;
  while (at < c->n_rows && c->rows[at] < rows) at++;
  if (at < c->n_rows && c->rows[at] <= rows) return MST_OK;
  if (c->n_rows == SWEEP_MOST_SIZES)
    return MST_FAIL(MST_E_ARG, "more than %d sizes: --where rows=N narrows them", SWEEP_MOST_SIZES);
  memmove(&c->rows[at + 1], &c->rows[at], (size_t)(c->n_rows - at) * sizeof *c->rows);
  c->rows[at] = rows;
  c->n_rows++;
  return MST_OK;
}

static mst_status find_cells(const sweep_view *v, const sweep_look *look, const char *configuration,
                             chosen *c) {
  uint8_t *is_part = NULL;
  mst_status st = sweep_view_parts(v, sweep_view_column(v, "rows"), -1, &is_part);
  c->cell = mst_alloc((size_t)v->n, sizeof *c->cell);
  c->seed = mst_alloc((size_t)v->n, sizeof *c->seed);
  if (!c->cell || !c->seed) st = MST_E_NOMEM;
  for (int64_t i = 0; i < v->n && !st; i++) {
    int passes = 0;
    char *text = NULL;
    st = sweep_question_passes(v, &look->question, i, &passes);
    if (!st && passes) st = sweep_view_describe(v, i, is_part, &text);
    if (!st && passes && strcmp(text, configuration) == 0) st = note_cell(v, i, c);
    mst_free(text);
  }
  mst_free(is_part);
  return st;
}

static int place_of_rows(const chosen *c, double rows) {
  int at = 0;
  while (c->rows[at] < rows) at++;
  return at;
}

static int place_of_seed(const chosen *c, int64_t seed) {
  int at = 0;
  while (c->seed[at] != seed) at++;
  return at;
}

/* Means over folds; a seed that lacks a size is left out. */
static mst_status fill(const sweep_view *v, const chosen *c, sweep_curves *out) {
  const int n_seeds = c->n_seeds, n_sizes = c->n_rows;
  const size_t n = (size_t)n_seeds * (size_t)n_sizes;
  int *count = mst_alloc_zero(n, sizeof *count);
  double rows_of[SWEEP_MOST_SIZES] = {0};
  int cells_of[SWEEP_MOST_SIZES] = {0}, kept = 0;
  out->f1 = mst_alloc_zero(n * (size_t)out->n_classes, sizeof *out->f1);
  if (!count || !out->f1) {
    mst_free(count);
    return MST_E_NOMEM;
  }
  for (int64_t k = 0; k < c->n; k++) {
    const mst_json *line = v->line[c->cell[k]], *f1 = mst_json_get(line, "class_f1");
    const int size = place_of_rows(c, mst_json_number(mst_json_get(line, "rows")));
    const int seed = place_of_seed(c, mst_json_int(mst_json_get(line, "seed")));
    rows_of[size] += mst_json_number(mst_json_get(line, "n_train"));
    cells_of[size]++;
    count[size * n_seeds + seed]++;
    for (int i = 0; i < out->n_classes; i++)
      out->f1[((int64_t)i * n_sizes + size) * n_seeds + seed] +=
          mst_json_number(mst_json_at(f1, (size_t)i));
  }
  for (int s = 0; s < n_seeds; s++) {
    int whole = 1;
    for (int size = 0; size < n_sizes; size++) whole &= count[size * n_seeds + s] > 0;
    for (int64_t r = 0; whole && r < (int64_t)out->n_classes * n_sizes; r++)
      out->f1[r * n_seeds + kept] = out->f1[r * n_seeds + s] / count[r % n_sizes * n_seeds + s];
    kept += whole;
  }
  for (int64_t r = 0; r < (int64_t)out->n_classes * n_sizes; r++) /* close the gaps */
    memmove(&out->f1[r * kept], &out->f1[r * n_seeds], (size_t)kept * sizeof *out->f1);
  for (int size = 0; size < n_sizes; size++) out->n_train[size] = rows_of[size] / cells_of[size];
  out->n_sizes = n_sizes;
  out->n_seeds = kept;
  mst_free(count);
  return MST_OK;
}

mst_status sweep_curves_make(const sweep_view *v, const sweep_look *look, sweep_curves *out) {
  sweep_curves made = {.classes = mst_json_get(v->about, "classes")};
  chosen c = {0};
  made.n_classes = (int)mst_json_size(made.classes);
  mst_status st = choose(v, look, &made.configuration);
  if (!st) st = find_cells(v, look, made.configuration, &c);
  for (int64_t k = 0; k < c.n && !st; k++)
    if (!made.n_classes ||
        mst_json_size(mst_json_get(v->line[c.cell[k]], "class_f1")) != (size_t)made.n_classes)
      st = MST_FAIL(MST_E_ARG,
                    "%s: its cells have no scores of classes: it was begun by an older "
                    "misstep",
                    v->dir);
  if (!st) st = fill(v, &c, &made);
  if (!st && made.n_sizes < SWEEP_FEWEST_SIZES)
    st = MST_FAIL(MST_E_ARG, "%d sizes of the data: a learning curve needs %d", made.n_sizes,
                  SWEEP_FEWEST_SIZES);
  if (!st && made.n_seeds < SWEEP_FEWEST_SEEDS)
    st = MST_FAIL(MST_E_ARG, "%d seeds with all sizes: an interval needs %d", made.n_seeds,
                  SWEEP_FEWEST_SEEDS);
  mst_free(c.cell);
  mst_free(c.seed);
  if (st) sweep_curves_fini(&made);
  else *out = made;
  return st;
}

/* Mean error of a class at each size, over drawn seeds (sample 0: all of them once). */
static void average(const sweep_curves *c, int class, uint32_t sample, double *error) {
  for (int size = 0; size < c->n_sizes; size++) {
    const double *f1 = &c->f1[((int64_t) class * c->n_sizes + size) * c->n_seeds];
    double sum = 0;
    for (int s = 0; s < c->n_seeds; s++) {
      const uint64_t draw =
          mst_rng_below((uint64_t)c->n_seeds, 0, MST_RNG_BOOTSTRAP, (uint64_t)s, sample, 0);
      sum += f1[sample ? (int)draw : s];
    }
    error[size] = 1 - sum / c->n_seeds;
  }
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void refuse(sweep_need *need, const char *why) {
  (void)snprintf(need->why, sizeof need->why, "%s", why);
}

/* From the curve through all seeds. */
static void judge(const sweep_curves *c, double f1, const double *error, sweep_need *need) {
  const double most = c->n_train[c->n_sizes - 1];
  double least = INFINITY;
  for (int i = 0; i < c->n_sizes; i++) least = error[i] < least ? error[i] : least;
  if (isnan(error[0]) || isnan(need->last)) {
    refuse(need, "the test part has no such rows");
    return;
  }
  if (least <= 0) {
    refuse(need, "F1 is 1 at a size: there is no curve");
    return;
  }
  need->fitted = sweep_power_fit(c->n_train, error, c->n_sizes, &need->curve);
  const double labels = need->fitted ? sweep_power_need(need->curve, 1 - f1) : NAN;
  if (error[0] <= 1 - f1)
    (void)snprintf(need->why, sizeof need->why, "the smallest size (%.0f) is enough",
                   c->n_train[0]);
  else if (!need->fitted) refuse(need, "the curve does not rise");
  else if (isinf(labels))
    (void)snprintf(need->why, sizeof need->why, "levels off at F1 %.3f", 1 - need->curve.c);
  else if (labels > FARTHEST * most)
    (void)snprintf(need->why, sizeof need->why, "beyond %d times the most rows (about %.2g)",
                   (int)FARTHEST, labels);
  else need->labels = labels;
}

mst_status sweep_need_find(const sweep_curves *c, int class, double f1, sweep_need *out) {
  double error[SWEEP_MOST_SIZES] = {0}, *drawn = mst_alloc(N_SAMPLES, sizeof *drawn);
  sweep_need need = {.labels = NAN, .low = NAN, .high = NAN};
  int n_never = 0;
  if (!drawn) return MST_E_NOMEM;
  average(c, class, 0, error);
  need.last = 1 - error[c->n_sizes - 1];
  judge(c, f1, error, &need);
  for (uint32_t k = 0; k < N_SAMPLES && !*need.why; k++) {
    sweep_power p;
    average(c, class, k + 1, error);
    int fine = 1;
    for (int i = 0; i < c->n_sizes; i++) fine &= error[i] > 0;
    drawn[k] = fine && sweep_power_fit(c->n_train, error, c->n_sizes, &p)
                   ? sweep_power_need(p, 1 - f1)
                   : INFINITY;
    n_never += isinf(drawn[k]) != 0;
  }
  if (!*need.why) {
    const double most = c->n_train[c->n_sizes - 1];
    qsort(drawn, N_SAMPLES, sizeof *drawn, compare);
    need.low = drawn[N_SAMPLES / 40];
    need.high = drawn[N_SAMPLES - 1 - N_SAMPLES / 40];
    if (n_never > N_SAMPLES / 40)
      (void)snprintf(need.why, sizeof need.why, "%.1f %% of the resampled curves never reach it",
                     100.0 * n_never / N_SAMPLES);
    else if (need.high > FARTHEST * most)
      (void)snprintf(need.why, sizeof need.why, "an interval from %.0f to %.2g says too little",
                     need.low, need.high);
    if (*need.why) need.labels = need.low = need.high = NAN;
  }
  mst_free(drawn);
  *out = need;
  return MST_OK;
}
