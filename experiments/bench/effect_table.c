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

static const char *const scores[EFFECT_SCORES] = {"accuracy", "macro F1"};

/* The first cells of a row. */
static mst_status put_head(mst_table *t, int set, int size, const char *copies, int score) {
  mst_status st = mst_table_cell(t, "%s", effect_sets[set].name);
  if (!st)
    st = effect_rows[size] ? mst_table_cell(t, "%lld", (long long)effect_rows[size])
                           : mst_table_cell(t, "all");
  if (!st && copies) st = mst_table_cell(t, "%s", copies);
  return st ? st : mst_table_cell(t, "%s", scores[score]);
}

static mst_status put_row(mst_table *t, int set, int size,
                          const effect_cell seeds[EFFECT_SEEDS][EFFECT_ARMS], int arm) {
  mst_status st = MST_OK;
  for (int k = 0; !st && k < EFFECT_SCORES; k++) {
    const int twice = arm + 1, weights = arm + 2; /* as many duplicates, and those as weights */
    st = put_head(t, set, size, effect_arms[arm].name, k);
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

/* End a table with what its columns mean; one without rows ("") is not shown. */
static mst_status end(mst_table *t, mst_status st, const char *meaning, mst_table_format format,
                      char **out) {
  *out = NULL;
  if (!st)
    st = mst_table_note(t, "differences are paired by seed, in brackets half of their 95 %% "
                           "interval (Student's t over the seeds); *: it does not hold 0");
  if (!st && meaning && *meaning) st = mst_table_note(t, "%s", meaning);
  if (!st && (!meaning || *meaning)) st = mst_table_render(t, format, out);
  mst_table_free(t);
  return st;
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
          st = put_row(t, set, size, cells->at[set][size], arms[a]);
  return end(t, st, NULL, format, out);
}

/* Copies of a record, by one operation; differences against none and as many duplicates. */
static mst_status put_single(mst_table *t, int set, int score, int arm,
                             const effect_cell seeds[EFFECT_SEEDS][EFFECT_ARMS]) {
  double made = 0, records = 0;
  for (int s = 0; s < EFFECT_SEEDS; s++)
    if (seeds[s][arm].is_known) {
      made += (double)seeds[s][arm].n_copies;
      records += (double)seeds[s][arm].n_train;
    }
  mst_status st = put_head(t, set, effect_sets[set].single, effect_arms[arm].name, score);
  if (!st) st = mst_table_cell(t, "%.2f", records > 0 ? made / records : 0);
  if (!st) st = put_mean(t, over_seeds(seeds, score, EFFECT_NONE, -1));
  if (!st) st = put_mean(t, over_seeds(seeds, score, arm, -1));
  if (!st) st = put_difference(t, over_seeds(seeds, score, arm, EFFECT_NONE));
  if (!st) st = put_difference(t, over_seeds(seeds, score, arm, arm + 1));
  return st ? st : mst_table_cell(t, "%lld", (long long)over_seeds(seeds, score, arm, arm + 1).n);
}

mst_status effect_table_single(const effect_cells *cells, mst_table_format format, char **out) {
  static const char *const columns[] = {
      "set",    "rows",          "operation",           "score", "made", "none",
      "copies", "copies - none", "copies - duplicates", "seeds", NULL};
  mst_table *t = NULL;
  int n = 0;
  mst_status st = mst_table_create("What single operations do", "lrllnnnrrn", columns, &t);
  for (int set = 0; set < EFFECT_SETS; set++)
    for (int arm = EFFECT_SINGLE; arm < EFFECT_ARMS; arm += 2) {
      const effect_cell(*seeds)[EFFECT_ARMS] = cells->at[set][effect_sets[set].single];
      for (int k = 0; !st && k < EFFECT_SCORES && is_known(seeds, arm); k++, n++)
        st = put_single(t, set, k, arm, seeds);
    }
  return end(t, st, n ? "made: copies a record" : "", format, out);
}

/* The share of tested texts that have a twin in the training part. */
static double twins(const effect_cell seeds[EFFECT_SEEDS][EFFECT_ARMS]) {
  double n = 0, tested = 0;
  for (int s = 0; s < EFFECT_SEEDS; s++)
    if (seeds[s][EFFECT_PAPER].is_known) {
      n += (double)seeds[s][EFFECT_PAPER].n_twins;
      tested += (double)seeds[s][EFFECT_PAPER].n_test;
    }
  return tested > 0 ? 100 * n / tested : 0;
}

mst_status effect_table_paper(const effect_cells *cells, mst_table_format format, char **out) {
  static const char *const columns[] = {
      "set",     "rows",  "score", "none", "copies", "copied first", "copied first - copies",
      "twins %", "seeds", NULL};
  mst_table *t = NULL;
  int n = 0;
  mst_status st =
      mst_table_create("What copying before the division does", "lrlnnnrnn", columns, &t);
  for (int set = 0; set < EFFECT_SETS; set++)
    for (int size = 0; size < EFFECT_SIZES; size++) {
      const effect_cell(*seeds)[EFFECT_ARMS] = cells->at[set][size];
      for (int k = 0; !st && k < EFFECT_SCORES && is_known(seeds, EFFECT_PAPER); k++, n++) {
        const mst_mean gain = over_seeds(seeds, k, EFFECT_PAPER, EFFECT_RULES);
        st = put_head(t, set, size, NULL, k);
        if (!st) st = put_mean(t, over_seeds(seeds, k, EFFECT_NONE, -1));
        if (!st) st = put_mean(t, over_seeds(seeds, k, EFFECT_RULES, -1));
        if (!st) st = put_mean(t, over_seeds(seeds, k, EFFECT_PAPER, -1));
        if (!st) st = put_difference(t, gain);
        if (!st) st = mst_table_cell(t, "%.1f", twins(seeds));
        if (!st) st = mst_table_cell(t, "%lld", (long long)gain.n);
      }
    }
  return end(t, st,
             n ? "copied first: all records are copied and then divided at random, as the paper "
                 "did; twins: tested texts that are a trained record, its copy or its original"
               : "",
             format, out);
}
