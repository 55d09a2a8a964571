/* choose.c: chi-squared of every fit from one table of counts by fold and class. */
#include "learn/choose.h"

#include <string.h>

#include "features/select.h"
#include "misstep/alloc.h"

/* The table of counts by fold, class and term is made for so many terms at a time. */
#define TABLE_BYTES ((int64_t)64 << 20)

enum { LINE_COUNTS = 8 }; /* in one line of the cache: threads write no common one */

/* How the rows are divided: cell = fold * n_classes + class. */
typedef struct cells {
  int32_t n_classes, n_folds, n_fits; /* n_folds at least 1; one fold alone is fit 0's */
  int32_t *of_row;                    /* [D] */
  int64_t *rows;                      /* [n_folds x n_classes] */
  int64_t *fit_rows;                  /* [n_fits x n_classes] of the rows that a fit sees */
  int64_t *observed;                  /* [n_folds x n_classes x width] occurrences */
  int64_t *seen; /* [threads x seen_width] scratch: one term's by class, of one fit */
  size_t seen_width;
} cells;

static void cells_fini(cells *c) {
  mst_free(c->of_row);
  mst_free(c->rows);
  mst_free(c->fit_rows);
  mst_free(c->observed);
  mst_free(c->seen);
}

/* Sum up a fit's cells, every stride-th of each fold and class: all folds but fit - 1. */
static void sum_folds(const cells *c, const int64_t *cell, int64_t stride, int32_t fit,
                      int64_t *out) {
  memset(out, 0, (size_t)c->n_classes * sizeof *out);
  for (int32_t f = 0; f < c->n_folds; f++)
    for (int32_t k = 0; f != fit - 1 && k < c->n_classes; k++)
      out[k] += cell[((int64_t)f * c->n_classes + k) * stride];
}

static mst_status cells_init(cells *c, const int32_t *label, const int32_t *fold, int64_t n_rows,
                             int64_t width, int n_threads) {
  const size_t n_cells = (size_t)c->n_folds * (size_t)c->n_classes;
  c->of_row = mst_alloc((size_t)n_rows, sizeof *c->of_row);
  c->rows = mst_alloc_zero(n_cells, sizeof *c->rows);
  c->observed = mst_alloc(n_cells * (size_t)width, sizeof *c->observed);
  c->fit_rows = mst_alloc((size_t)c->n_fits * (size_t)c->n_classes, sizeof *c->fit_rows);
  c->seen_width = (size_t)c->n_classes + LINE_COUNTS;
  c->seen = mst_alloc((size_t)n_threads * c->seen_width, sizeof *c->seen);
  if (!c->of_row || !c->rows || !c->observed || !c->fit_rows || !c->seen) return MST_E_NOMEM;
  for (int64_t d = 0; d < n_rows; d++) {
    c->of_row[d] = (fold ? fold[d] : 0) * c->n_classes + label[d];
    c->rows[c->of_row[d]]++;
  }
  for (int32_t f = 0; f < c->n_fits; f++)
    sum_folds(c, c->rows, 1, f, c->fit_rows + (size_t)f * (size_t)c->n_classes);
  return MST_OK;
}

/* Place of row d's first entry from column `low` on. */
static int64_t find_column(const mst_csr *counts, int64_t d, int64_t low) {
  int64_t from = counts->row_ptr[d], to = counts->row_ptr[d + 1];
  while (from < to) {
    const int64_t middle = from + (to - from) / 2;
    if (counts->col[middle] < low) from = middle + 1;
    else to = middle;
  }
  return from;
}

/* Add the occurrences of terms low .. high-1 to a table of n terms that begins at `first`. */
static void count_terms(cells *c, const mst_csr *counts, int64_t low, int64_t high, int64_t first,
                        int64_t n) {
  const int32_t *val = counts->val;
  for (int64_t d = 0; d < counts->n_rows; d++) {
    int64_t *observed = c->observed + c->of_row[d] * n;
    const int64_t end = counts->row_ptr[d + 1];
    for (int64_t e = find_column(counts, d, low); e < end && counts->col[e] < high; e++)
      observed[counts->col[e] - first] += val[e];
  }
}

/* Scores of terms first .. first+n-1 in every fit. A thread has a run of them to itself, so nothing
 * is added twice. score [n_fits x V]. */
static void score_range(cells *c, const mst_csr *counts, int64_t first, int64_t n, int n_threads,
                        double *score) {
  const int64_t n_cells = (int64_t)c->n_folds * c->n_classes;
  memset(c->observed, 0, (size_t)(n_cells * n) * sizeof *c->observed);
#pragma omp parallel for schedule(static, 1) num_threads(n_threads)
  for (int s = 0; s < n_threads; s++) {
    const int64_t low = n * s / n_threads, high = n * (s + 1) / n_threads;
    count_terms(c, counts, first + low, first + high, first, n);
    int64_t *seen = c->seen + (size_t)s * c->seen_width;
    for (int64_t t = low; t < high; t++)
      for (int32_t f = 0; f < c->n_fits; f++) {
        sum_folds(c, c->observed + t, n, f, seen);
        score[f * counts->n_cols + first + t] =
            mst_chi2_term(seen, 1, c->fit_rows + (size_t)f * (size_t)c->n_classes, c->n_classes);
      }
  }
}

static mst_status score_terms(cells *c, const mst_csr *counts, const int32_t *label,
                              const int32_t *fold, int n_threads, double *score) {
  const int64_t term_bytes = (int64_t)c->n_folds * c->n_classes * (int64_t)sizeof *c->observed;
  const int64_t n_terms = counts->n_cols, most = TABLE_BYTES / term_bytes + 1;
  const int64_t width = n_terms < most ? n_terms : most;
  const mst_status st = cells_init(c, label, fold, counts->n_rows, width, n_threads);
  for (int64_t first = 0; !st && first < n_terms; first += width)
    score_range(c, counts, first, n_terms - first < width ? n_terms - first : width, n_threads,
                score);
  return st;
}

/* Number the terms that some fit has: those of all fits first. has [n_fits x V]. */
static mst_status number_columns(const uint8_t *has, int64_t n_terms, mst__choice *choice) {
  const int32_t n_fits = choice->n_fits;
  int64_t n_cols = 0, n_agreed = 0;
  for (int64_t t = 0; t < n_terms; t++) {
    int32_t n = 0;
    for (int32_t f = 0; f < n_fits; f++) n += has[f * n_terms + t];
    n_cols += n > 0;
    n_agreed += n == n_fits;
  }
  choice->n_cols = n_cols;
  choice->n_agreed = n_agreed;
  choice->term = mst_alloc((size_t)n_cols, sizeof *choice->term);
  choice->chosen = mst_alloc((size_t)((n_cols - n_agreed) * n_fits), 1);
  if (!choice->term || !choice->chosen) return MST_E_NOMEM;
  int64_t agreed = 0, disputed = 0;
  for (int64_t t = 0; t < n_terms; t++) {
    int32_t n = 0;
    for (int32_t f = 0; f < n_fits; f++) n += has[f * n_terms + t];
    if (n == n_fits) choice->term[agreed++] = (int32_t)t;
    if (n == n_fits || n == 0) continue;
    for (int32_t f = 0; f < n_fits; f++)
      choice->chosen[disputed * n_fits + f] = has[f * n_terms + t];
    choice->term[n_agreed + disputed++] = (int32_t)t;
  }
  return MST_OK;
}

static mst_status choose(const double *score, int64_t n_terms, int64_t k, mst__choice *choice) {
  uint8_t *has = mst_alloc_zero((size_t)(n_terms * choice->n_fits), 1);
  int32_t *ids = mst_alloc((size_t)(k < n_terms ? k : n_terms), sizeof *ids);
  mst_status st = has && ids ? MST_OK : MST_E_NOMEM;
  for (int32_t f = choice->n_fits - 1; !st && f >= 0; f--) { /* fit 0 last: its ids are kept */
    st = mst_select_top(score + f * n_terms, n_terms, k, ids, &choice->n_selected);
    for (int64_t i = 0; !st && i < choice->n_selected; i++) has[f * n_terms + ids[i]] = 1;
  }
  choice->selected = ids;
  if (!st) st = number_columns(has, n_terms, choice);
  mst_free(has);
  return st;
}

mst_status mst__choice_init(mst__choice *out, const mst_csr *counts, const int32_t *label,
                            int32_t n_classes, const int32_t *fold, int32_t n_folds, int64_t k,
                            int n_threads) {
  mst__choice choice = {.n_fits = 1 + n_folds};
  cells c = {.n_classes = n_classes, .n_folds = n_folds ? n_folds : 1, .n_fits = choice.n_fits};
  double *score = mst_alloc((size_t)(counts->n_cols * choice.n_fits), sizeof *score);
  mst_status st = score ? score_terms(&c, counts, label, fold, n_threads, score) : MST_E_NOMEM;
  cells_fini(&c);
  if (!st) st = choose(score, counts->n_cols, k, &choice);
  mst_free(score);
  if (st) mst__choice_fini(&choice);
  else *out = choice;
  return st;
}

void mst__choice_fini(mst__choice *choice) {
  mst_free(choice->term);
  mst_free(choice->chosen);
  mst_free(choice->selected);
  *choice = (mst__choice){0};
}
