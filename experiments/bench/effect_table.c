/* effect_table.c: means over seeds, and paired differences with 95 % intervals of Student's t. */
#include <stdio.h>

#include "effect.h"
#include "score/student.h"

/* A score of an arm, less that of another one if that is not negative, where both are known. */
static mst_mean over_seeds(const effect_cell seeds[EFFECT_SEEDS][EFFECT_ARMS], int score, int arm,
                           int less) {
  double value[EFFECT_SEEDS];
  int n = 0;
  for (int s = 0; s < EFFECT_SEEDS; s++) {
    const effect_cell *a = &seeds[s][arm], *b = &seeds[s][less < 0 ? arm : less];
    if (a->is_known && b->is_known) value[n++] = a->score[score] - (less < 0 ? 0 : b->score[score]);
  }
  return mst_mean_of(value, n);
}

static mst_status put_difference(mst_table *t, mst_mean e) {
  if (!e.n) return mst_table_cell(t, "-");
  if (e.n == 1) return mst_table_cell(t, "%+.3f", e.mean);
  return mst_table_cell(t, "%+.3f (%.3f)%s", e.mean, (e.high - e.low) / 2,
                        e.low > 0 || e.high < 0 ? " *" : "");
}

static mst_status put_mean(mst_table *t, mst_mean e) {
  return e.n ? mst_table_cell(t, "%.3f", e.mean) : mst_table_cell(t, "-");
}

static mst_status put_row(mst_table *t, const effect_set *set, int64_t rows,
                          const effect_cell seeds[EFFECT_SEEDS][EFFECT_ARMS], int arm) {
  static const char *const scores[EFFECT_SCORES] = {"accuracy", "macro F1"};
  mst_status st = MST_OK;
  for (int k = 0; !st && k < EFFECT_SCORES; k++) {
    const int twice = arm + 1, weights = arm + 2; /* as many duplicates, and those as weights */
    st = mst_table_cell(t, "%s", set->name);
    if (!st) st = rows ? mst_table_cell(t, "%lld", (long long)rows) : mst_table_cell(t, "all");
    if (!st) st = mst_table_cell(t, "%s", effect_arms[arm]);
    if (!st) st = mst_table_cell(t, "%s", scores[k]);
    if (!st) st = put_mean(t, over_seeds(seeds, k, EFFECT_NONE, -1));
    if (!st) st = put_mean(t, over_seeds(seeds, k, twice, -1));
    if (!st) st = put_mean(t, over_seeds(seeds, k, weights, -1));
    if (!st) st = put_mean(t, over_seeds(seeds, k, arm, -1));
    if (!st) st = put_difference(t, over_seeds(seeds, k, arm, EFFECT_NONE));
    if (!st) st = put_difference(t, over_seeds(seeds, k, arm, twice));
    if (!st) st = put_difference(t, over_seeds(seeds, k, arm, weights));
    if (!st) st = mst_table_cell(t, "%lld", (long long)over_seeds(seeds, k, arm, twice).n);
  }
  return st;
}

static int is_known(const effect_cell seeds[EFFECT_SEEDS][EFFECT_ARMS], int arm) {
  int known = 0;
  for (int s = 0; s < EFFECT_SEEDS; s++) known |= seeds[s][arm].is_known;
  return known;
}

mst_status effect_table(const effect_cells *cells, mst_table_format format, char **out) {
  static const char *const columns[] = {"set",
                                        "rows",
                                        "copies by",
                                        "score",
                                        "none",
                                        "duplicates",
                                        "weights",
                                        "copies",
                                        "copies - none",
                                        "copies - duplicates",
                                        "copies - weights",
                                        "seeds",
                                        NULL};
  static const int arms[] = {EFFECT_RULES, EFFECT_WORDNET};
  mst_table *t = NULL;
  mst_status st = mst_table_create("What copies do", "lrllnnnnrrrn", columns, &t);
  for (int set = 0; set < EFFECT_SETS; set++)
    for (int size = 0; size < EFFECT_SIZES; size++)
      for (int a = 0; !st && a < 2; a++)
        if (is_known(cells->at[set][size], arms[a]))
          st = put_row(t, &effect_sets[set], effect_rows[size], cells->at[set][size], arms[a]);
  if (!st)
    st = mst_table_note(t, "differences are paired by seed, in brackets half of their 95 %% "
                           "interval (Student's t over the seeds); *: it does not hold 0");
  if (!st) st = mst_table_render(t, format, out);
  mst_table_free(t);
  return st;
}
