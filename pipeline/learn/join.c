/* join.c: one matrix of words and n-grams, in which what every fit has comes before what some have:
 * the solver treats the two differently. */
#include "learn/join.h"

#include <math.h>
#include <string.h>

#include "features/vectorizer.h"
#include "misstep/alloc.h"

/* What all rows need. */
typedef struct joining {
  const mst_csr *words, *counts;
  const mst__choice *choice;
  const double *idf, *tf; /* tf: by count */
  int32_t *column;        /* [candidates] column in choice, or -1 */
  mst_csr *x;
  float *scale;
} joining;

static int32_t greatest_count(const mst_csr *counts) {
  const int32_t *val = counts->val;
  int32_t greatest = 0;
  for (int64_t e = 0; e < counts->row_ptr[counts->n_rows]; e++)
    if (val[e] > greatest) greatest = val[e];
  return greatest;
}

static int32_t *column_table(const mst__choice *choice, int64_t n_terms) {
  int32_t *column = mst_alloc((size_t)n_terms, sizeof *column);
  if (!column) return NULL;
  memset(column, 0xff, (size_t)n_terms * sizeof *column);
  for (int64_t i = 0; i < choice->n_cols; i++) column[choice->term[i]] = (int32_t)i;
  return column;
}

static mst_status lay_out(joining *j, int n_threads, mst_csr *x) {
  const mst_csr *words = j->words, *counts = j->counts;
  int64_t *ptr = mst_alloc((size_t)counts->n_rows + 1, sizeof *ptr);
  if (!ptr) return MST_E_NOMEM;
#pragma omp parallel for schedule(static) num_threads(n_threads)
  for (int64_t d = 0; d < counts->n_rows; d++) {
    int64_t n = words->row_ptr[d + 1] - words->row_ptr[d];
    for (int64_t e = counts->row_ptr[d]; e < counts->row_ptr[d + 1]; e++)
      n += j->column[counts->col[e]] >= 0;
    ptr[d + 1] = n;
  }
  ptr[0] = 0;
  for (int64_t d = 0; d < counts->n_rows; d++) ptr[d + 1] += ptr[d];
  const mst_status st = mst_csr_init(x, counts->n_rows, words->n_cols + j->choice->n_cols,
                                     ptr[counts->n_rows], MST_FLOAT32);
  if (!st) memcpy(x->row_ptr, ptr, ((size_t)counts->n_rows + 1) * sizeof *ptr);
  mst_free(ptr);
  return st;
}

/* Write the row's n-grams of one range of columns, from place `to` on. Returns the next place. */
static int64_t write_range(const joining *j, int64_t d, int64_t low, int64_t high, int64_t to) {
  const mst_csr *counts = j->counts;
  const int32_t *count = counts->val;
  float *val = j->x->val;
  for (int64_t e = counts->row_ptr[d]; e < counts->row_ptr[d + 1]; e++) {
    const int32_t column = j->column[counts->col[e]];
    if (column < low || column >= high) continue;
    val[to] = (float)(j->tf[count[e]] * j->idf[counts->col[e]]);
    j->x->col[to++] = (int32_t)(j->words->n_cols + column);
  }
  return to;
}

/* Lengths of the row's n-grams, entries from .. disputed .. end, as each fit sees them. */
static void measure(const joining *j, int64_t d, int64_t from, int64_t disputed, int64_t end) {
  const mst__choice *choice = j->choice;
  const int64_t first = j->words->n_cols + choice->n_agreed;
  const float *val = j->x->val;
  double agreed = 0;
  for (int64_t e = from; e < disputed; e++) agreed += (double)val[e] * val[e];
  for (int32_t f = 0; f < choice->n_fits; f++) {
    double sum = agreed;
    for (int64_t e = disputed; e < end; e++)
      if (choice->chosen[(j->x->col[e] - first) * choice->n_fits + f])
        sum += (double)val[e] * val[e];
    j->scale[d * choice->n_fits + f] = sum > 0 ? (float)(1 / sqrt(sum)) : 0;
  }
}

static void join_row(const joining *j, int64_t d) {
  const mst_csr *words = j->words;
  const size_t n_words = (size_t)(words->row_ptr[d + 1] - words->row_ptr[d]);
  const int64_t at = j->x->row_ptr[d], from = at + (int64_t)n_words;
  if (n_words) {
    memcpy(j->x->col + at, words->col + words->row_ptr[d], n_words * sizeof *words->col);
    memcpy((float *)j->x->val + at, (const float *)words->val + words->row_ptr[d],
           n_words * sizeof(float));
  }
  const int64_t disputed = write_range(j, d, 0, j->choice->n_agreed, from);
  const int64_t end = write_range(j, d, j->choice->n_agreed, j->choice->n_cols, disputed);
  measure(j, d, from, disputed, end);
}

mst_status mst__rows_join(const mst_csr *words, const mst_csr *counts, const double *idf,
                          const mst__choice *choice, int n_threads, mst_csr *x, float **scale) {
  joining j = {.words = words, .counts = counts, .choice = choice, .idf = idf};
  mst_csr made = {0};
  double *tf = NULL;
  mst_status st = mst_tf_table(greatest_count(counts), &tf);
  j.tf = tf;
  j.column = column_table(choice, counts->n_cols);
  j.scale = mst_alloc((size_t)(counts->n_rows * choice->n_fits), sizeof *j.scale);
  if (!st) st = j.column && j.scale ? lay_out(&j, n_threads, &made) : MST_E_NOMEM;
  j.x = &made;
#pragma omp parallel for schedule(static) num_threads(n_threads)
  for (int64_t d = 0; d < (st ? 0 : counts->n_rows); d++) join_row(&j, d);
  mst_free(tf);
  mst_free(j.column);
  if (st) mst_free(j.scale);
  else {
    *x = made;
    *scale = j.scale;
  }
  return st;
}
