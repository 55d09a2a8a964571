/* importance.c: what share of the differences between configurations each parameter makes up. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"
#include "look.h"
#include "misstep/alloc.h"
#include "misstep/rng.h"

enum { MOST_FACTORS = 32, N_SAMPLES = 1000, N_PERMUTATIONS = 999, FEWEST_SEEDS = 3 };

/* A full grid: every combination of levels with every seed. */
typedef struct grid {
  int column[MOST_FACTORS]; /* of the view */
  int32_t *level[MOST_FACTORS];
  int32_t n_levels[MOST_FACTORS];
  int n_factors;
  int64_t *cell; /* [n_cells of the view that pass] */
  int64_t n;
  int32_t *seed; /* [n] */
  int32_t n_seeds;
  int64_t n_configs; /* product of the levels */
  double *y;         /* [n_configs x n_seeds] mean over folds */
} grid;

static void grid_fini(grid *g) {
  for (int f = 0; f < g->n_factors; f++) mst_free(g->level[f]);
  mst_free(g->cell);
  mst_free(g->seed);
  mst_free(g->y);
}

/* Number the values of a column over the cells of the grid. */
static mst_status number_column(const sweep_view *v, const grid *g, int column, int32_t *id,
                                int32_t *n) {
  char **text = mst_alloc_zero((size_t)g->n + 1, sizeof *text);
  sweep_texts texts = {0};
  mst_status st = text ? MST_OK : MST_E_NOMEM;
  for (int64_t i = 0; i < g->n && !st; i++) st = sweep_view_text(v, g->cell[i], column, &text[i]);
  if (st) {
    for (int64_t i = 0; text && i < g->n; i++) mst_free(text[i]);
    mst_free(text);
    return st;
  }
  st = sweep_texts_intern(text, g->n, id, &texts);
  *n = texts.n;
  sweep_texts_fini(&texts);
  return st;
}

static mst_status find_cells(const sweep_view *v, const sweep_look *look, int y, grid *g) {
  mst_status st = MST_OK;
  g->cell = mst_alloc((size_t)v->n, sizeof *g->cell);
  g->seed = mst_alloc((size_t)v->n, sizeof *g->seed);
  if (!g->cell || !g->seed) return MST_E_NOMEM;
  for (int64_t i = 0; i < v->n && !st; i++) {
    int passes = 0;
    st = sweep_question_passes(v, &look->question, i, &passes);
    if (!st && passes && !isnan(sweep_view_number(v, i, y))) g->cell[g->n++] = i;
  }
  return st;
}

/* rows and parameters with two values or more are factors. */
static mst_status find_factors(const sweep_view *v, grid *g) {
  const int last = sweep_view_column(v, sweep_metrics[0]);
  int32_t n = 0;
  mst_status st = MST_OK;
  g->n_configs = 1;
  for (int c = 0; c < last && !st; c++) {
    const int is_seed = strcmp(v->column[c], "seed") == 0;
    int32_t *id = is_seed ? g->seed : mst_alloc((size_t)g->n, sizeof *id);
    if (!id) return MST_E_NOMEM;
    st = number_column(v, g, c, id, &n);
    if (!st && is_seed) g->n_seeds = n;
    const int is_factor = !st && !is_seed && n > 1 && strcmp(v->column[c], "fold") != 0;
    if (is_factor && strcmp(v->column[c], "model") == 0)
      st = MST_FAIL(MST_E_ARG, "importance is within one model: --where model=NAME");
    if (is_factor && !st && (g->n_factors == MOST_FACTORS || g->n_configs > g->n))
      st = MST_FAIL(MST_E_ARG, "importance needs every combination of the values; there are too "
                               "few cells (random and sobol draws have no full grid)");
    if (is_factor && !st) {
      g->column[g->n_factors] = c;
      g->n_levels[g->n_factors] = n;
      g->level[g->n_factors++] = id;
      g->n_configs *= n;
    } else if (!is_seed) mst_free(id);
  }
  return st;
}

static mst_status check(const grid *g) {
  if (!g->n) return MST_FAIL(MST_E_ARG, "no finished cell is there for an importance");
  if (!g->n_factors) return MST_FAIL(MST_E_ARG, "no parameter varies: there is no importance");
  if (g->n_seeds < FEWEST_SEEDS)
    return MST_FAIL(MST_E_ARG, "%d seed%s: the noise is not known, importance needs %d seeds",
                    (int)g->n_seeds, g->n_seeds == 1 ? "" : "s", FEWEST_SEEDS);
  return MST_OK;
}

static mst_status fill(const sweep_view *v, int y, grid *g) {
  if (g->n_configs * g->n_seeds > g->n)
    return MST_FAIL(MST_E_ARG,
                    "importance needs a full grid: %lld combinations x %d seeds, only "
                    "%lld cells are done (--where narrows it)",
                    (long long)g->n_configs, (int)g->n_seeds, (long long)g->n);
  const size_t n = (size_t)(g->n_configs * g->n_seeds);
  int32_t *count = mst_alloc_zero(n, sizeof *count);
  g->y = mst_alloc_zero(n, sizeof *g->y);
  if (!count || !g->y) {
    mst_free(count);
    return MST_E_NOMEM;
  }
  for (int64_t i = 0; i < g->n; i++) {
    int64_t config = 0;
    for (int f = 0; f < g->n_factors; f++) config = config * g->n_levels[f] + g->level[f][i];
    const int64_t at = config * g->n_seeds + g->seed[i];
    g->y[at] += sweep_view_number(v, g->cell[i], y);
    count[at]++;
  }
  int64_t n_missing = 0;
  for (size_t i = 0; i < n; i++) {
    n_missing += !count[i];
    if (count[i]) g->y[i] /= count[i];
  }
  mst_free(count);
  if (!n_missing) return MST_OK;
  return MST_FAIL(MST_E_ARG,
                  "importance needs a full grid: %lld of its %zu combinations with seeds "
                  "are not done (--where narrows it)",
                  (long long)n_missing, n);
}

/* Variance of the means of configurations. mean [n_configs]. */
static double variance(const double *mean, int64_t n) {
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < n; i++) sum += mean[i];
  for (int64_t i = 0; i < n; i++)
    squares += (mean[i] - sum / (double)n) * (mean[i] - sum / (double)n);
  return squares / (double)n;
}

/* Variance of the marginal means of a factor. */
static double variance_of_factor(const grid *g, const double *mean, int factor) {
  int64_t stride = 1;
  double total = 0, squares = 0;
  const int32_t n = g->n_levels[factor];
  for (int f = factor + 1; f < g->n_factors; f++) stride *= g->n_levels[f];
  for (int64_t c = 0; c < g->n_configs; c++) total += mean[c] / (double)g->n_configs;
  for (int32_t level = 0; level < n; level++) {
    double sum = 0;
    for (int64_t c = 0; c < g->n_configs; c++) sum += c / stride % n == level ? mean[c] : 0;
    const double d = sum * n / (double)g->n_configs - total;
    squares += d * d;
  }
  return squares / n;
}

/* Do configurations differ more than chance: is a permutation within each seed as good? */
static double chance(const grid *g, double *mean) {
  double *y = mst_alloc((size_t)g->n_configs, sizeof *y);
  if (!y) return NAN;
  int as_good = 1;
  for (int64_t c = 0; c < g->n_configs; c++) {
    mean[c] = 0;
    for (int32_t s = 0; s < g->n_seeds; s++) mean[c] += g->y[c * g->n_seeds + s];
  }
  const double found = variance(mean, g->n_configs);
  for (uint32_t k = 0; k < N_PERMUTATIONS; k++) {
    memset(mean, 0, (size_t)g->n_configs * sizeof *mean);
    for (int32_t s = 0; s < g->n_seeds; s++) {
      for (int64_t c = 0; c < g->n_configs; c++) y[c] = g->y[c * g->n_seeds + s];
      for (int64_t c = g->n_configs - 1; c >= 0; c--) { /* Fisher and Yates */
        const uint64_t j =
            mst_rng_below((uint64_t)c + 1, 1, MST_RNG_BOOTSTRAP, (uint64_t)c, k, (uint64_t)s);
        mean[c] += y[j];
        y[j] = y[c];
      }
    }
    as_good += variance(mean, g->n_configs) >= found;
  }
  mst_free(y);
  return (double)as_good / (N_PERMUTATIONS + 1);
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Shares of all factors, with seeds drawn with replacement (sample 0: as they are). */
static void sample_shares(const grid *g, uint32_t sample, double *mean, double *share) {
  memset(mean, 0, (size_t)g->n_configs * sizeof *mean);
  for (int32_t k = 0; k < g->n_seeds; k++) {
    const uint64_t draw =
        mst_rng_below((uint64_t)g->n_seeds, 0, MST_RNG_BOOTSTRAP, (uint64_t)k, sample, 0);
    const int64_t s = sample ? (int64_t)draw : k;
    for (int64_t c = 0; c < g->n_configs; c++) mean[c] += g->y[c * g->n_seeds + s];
  }
  const double all = variance(mean, g->n_configs);
  for (int f = 0; f < g->n_factors; f++)
    share[f] = all > 0 ? variance_of_factor(g, mean, f) / all : 0;
}

typedef struct shares {
  plot_point point[MOST_FACTORS];
  const char *name[MOST_FACTORS];
} shares;

static mst_status measure(const sweep_view *v, const grid *g, shares *out) {
  double *mean = mst_alloc((size_t)g->n_configs, sizeof *mean);
  double *drawn = mst_alloc((size_t)N_SAMPLES * MOST_FACTORS, sizeof *drawn);
  double share[MOST_FACTORS], point[MOST_FACTORS];
  mst_status st = mean && drawn ? MST_OK : MST_E_NOMEM;
  const double p = st ? 0 : chance(g, mean);
  if (isnan(p)) st = MST_E_NOMEM;
  if (!st && p > 0.05)
    st = MST_FAIL(MST_E_ARG,
                  "the differences between configurations are not above the noise of "
                  "seeds (p = %.2f): there is no importance to show",
                  p);
  if (!st) sample_shares(g, 0, mean, point);
  for (uint32_t k = 0; k < N_SAMPLES && !st; k++) {
    sample_shares(g, k + 1, mean, share);
    for (int f = 0; f < g->n_factors; f++) drawn[(size_t)f * N_SAMPLES + k] = share[f];
  }
  for (int f = 0; f < g->n_factors && !st; f++) {
    double *of = &drawn[(size_t)f * N_SAMPLES];
    int place = 0; /* the largest first */
    qsort(of, N_SAMPLES, sizeof *of, compare);
    for (int k = 0; k < g->n_factors; k++)
      place += point[k] > point[f] || (k < f && !(point[k] < point[f]));
    out->point[place] =
        (plot_point){place, point[f], of[N_SAMPLES / 40], of[N_SAMPLES - 1 - N_SAMPLES / 40], NULL};
    out->name[place] = v->column[g->column[f]];
  }
  mst_free(mean);
  mst_free(drawn);
  return st;
}

static mst_status draw(const grid *g, const shares *s, const sweep_look *look) {
  char note[256], title[160];
  const plot_series series = {NULL, PLOT_BARS, s->point, g->n_factors};
  (void)snprintf(note, sizeof note,
                 "main effects over %lld configurations; 95 %% bootstrap over %d seeds; the rest "
                 "are interactions and noise",
                 (long long)g->n_configs, (int)g->n_seeds);
  (void)snprintf(title, sizeof title, "share of the variance of %s", look->question.y);
  const plot_figure figure = {.title = look->title,
                              .y_title = title,
                              .note = note,
                              .series = &series,
                              .n_series = 1,
                              .tick = s->name,
                              .n_ticks = g->n_factors,
                              .y_most = 1};
  const mst_status st = plot_figure_save(&figure, look->out);
  if (!st) mst_terminal_note("wrote %s and its data beside it (.csv)", look->out);
  return st;
}

mst_status sweep_plot_importance(const sweep_view *v, const sweep_look *look) {
  grid g = {0};
  shares s;
  int y = -1;
  mst_status st = sweep_view_find(v, look->question.y, &y);
  if (!st) st = find_cells(v, look, y, &g);
  if (!st) st = find_factors(v, &g);
  if (!st) st = check(&g);
  if (!st) st = fill(v, y, &g);
  if (!st) st = measure(v, &g, &s);
  if (!st) st = draw(&g, &s, look);
  grid_fini(&g);
  return st;
}
