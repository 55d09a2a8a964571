/* split.c: a test part and folds out of units that are never divided.
 *
 * Units are taken in the order of their draws, which depend on their content and the seed alone.
 * Test part: a unit changes sides if that lowers
 *     sum over classes c of (test rows of c - test_frac * rows of c)^2 / rows of c
 * and leaves every class of it a unit for training. All begin in training; a few rounds are made.
 * Units of single records get the nearest possible share of every class that way, and the first in
 * draw order are the test part; larger ones with mixed labels get close.
 * Folds: larger units first, each to the fold that holds least of its classes.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "misstep/alloc.h"
#include "misstep/rng.h"
#include "read/split.h"

enum { MOST_PASSES = 10 };

/* A unit with rows among those to be divided: label[begin .. end) are theirs, rising. */
typedef struct group {
  uint64_t draw, key;
  int64_t begin, end;
  int64_t number; /* the caller's */
} group;

typedef struct groups {
  group *item;
  int64_t n;
  int32_t *label;     /* [n_rows] */
  int64_t *of_number; /* [largest number + 1] place in item before sorting, the choice after it */
  int64_t *n_class;   /* [n_classes] rows */
} groups;

/* What is to be divided: the caller's arrays, see split.h. */
typedef struct input {
  const int64_t *unit;
  const uint64_t *key;
  const int32_t *label;
  const int64_t *rows; /* [n_rows], or NULL for all */
  int64_t n_rows;
  int32_t n_classes;
} input;

static int64_t row_at(const input *in, int64_t i) { return in->rows ? in->rows[i] : i; }

static void groups_fini(groups *g) {
  mst_free(g->item);
  mst_free(g->label);
  mst_free(g->of_number);
  mst_free(g->n_class);
}

/* List the units that occur in rows; begin and end count rows for now. */
static void list_units(groups *g, const input *in, uint64_t seed, mst_rng_purpose purpose) {
  for (int64_t i = 0; i < in->n_rows; i++) {
    const int64_t d = row_at(in, i), u = in->unit[d];
    if (g->of_number[u] < 0) {
      g->of_number[u] = g->n;
      g->item[g->n++] = (group){mst_rng_u64(seed, purpose, in->key[d], 0, 0), in->key[d], 0, 0, u};
    }
    g->item[g->of_number[u]].end++;
  }
  int64_t begin = 0;
  for (int64_t k = 0; k < g->n; k++) {
    const int64_t size = g->item[k].end;
    g->item[k].begin = g->item[k].end = begin;
    begin += size;
  }
}

/* Put the labels to their units, class by class, so that they rise within a unit.
 *   by_label [n_rows], from [n_classes + 1]  room to work in */
static void list_labels(groups *g, const input *in, int64_t *by_label, int64_t *from) {
  from[0] = 0;
  for (int32_t c = 0; c < in->n_classes; c++) from[c + 1] = from[c] + g->n_class[c];
  for (int64_t i = 0; i < in->n_rows; i++) {
    const int64_t d = row_at(in, i);
    by_label[from[in->label[d]]++] = d;
  }
  for (int64_t i = 0; i < in->n_rows; i++) {
    const int64_t d = by_label[i];
    g->label[g->item[g->of_number[in->unit[d]]].end++] = in->label[d];
  }
}

static mst_status groups_init(groups *g, const input *in, uint64_t seed, mst_rng_purpose purpose) {
  int64_t largest = -1;
  for (int64_t i = 0; i < in->n_rows; i++)
    if (in->unit[row_at(in, i)] > largest) largest = in->unit[row_at(in, i)];
  *g = (groups){0};
  g->item = mst_alloc((size_t)in->n_rows, sizeof *g->item);
  g->label = mst_alloc((size_t)in->n_rows, sizeof *g->label);
  g->of_number = mst_alloc((size_t)largest + 1, sizeof *g->of_number);
  g->n_class = mst_alloc_zero((size_t)in->n_classes, sizeof *g->n_class);
  int64_t *by_label = mst_alloc((size_t)in->n_rows, sizeof *by_label);
  int64_t *from = mst_alloc((size_t)in->n_classes + 1, sizeof *from);
  const int ok = g->item && g->label && g->of_number && g->n_class && by_label && from;
  if (ok) {
    for (int64_t u = 0; u <= largest; u++) g->of_number[u] = -1;
    for (int64_t i = 0; i < in->n_rows; i++) {
      const int32_t c = in->label[row_at(in, i)];
      assert(c >= 0 && c < in->n_classes);
      g->n_class[c]++;
    }
    list_units(g, in, seed, purpose);
    list_labels(g, in, by_label, from);
  } else groups_fini(g);
  mst_free(by_label);
  mst_free(from);
  return ok ? MST_OK : MST_E_NOMEM;
}

static int by_draw(const void *a, const void *b) {
  const group *x = a, *y = b;
  if (x->draw != y->draw) return x->draw < y->draw ? -1 : 1;
  return (x->key > y->key) - (x->key < y->key);
}

static int by_size_then_draw(const void *a, const void *b) {
  const group *x = a, *y = b;
  const int64_t m = x->end - x->begin, n = y->end - y->begin;
  return m != n ? (m > n ? -1 : 1) : by_draw(a, b);
}

/* The next class of a unit: how many of its rows from i on have label[i]. */
static int64_t run_of(const groups *g, const group *unit, int64_t i) {
  int64_t j = i + 1;
  while (j < unit->end && g->label[j] == g->label[i]) j++;
  return j - i;
}

/* Where the test part stands: rows and training units by class. */
typedef struct balance {
  double test_frac;
  int64_t *n_test, *n_train_units; /* [n_classes] */
} balance;

/* Does the sum of squares fall if the unit changes sides (+1: into the test part), and may it? */
static int should_move(const groups *g, const group *unit, const balance *b, int sign) {
  double gain = 0;
  for (int64_t i = unit->begin, n; i < unit->end; i += n) {
    n = run_of(g, unit, i);
    const int32_t c = g->label[i];
    if (sign > 0 && b->n_train_units[c] < 2) return 0;
    const double rows = (double)g->n_class[c];
    const double off = (double)b->n_test[c] - b->test_frac * rows;
    /* off^2 - (off + sign n)^2, over the class' rows */
    gain -= (double)n * (2 * sign * off + (double)n) / rows;
  }
  return gain > 0;
}

static void move(const groups *g, const group *unit, balance *b, int sign) {
  for (int64_t i = unit->begin, n; i < unit->end; i += n) {
    n = run_of(g, unit, i);
    b->n_test[g->label[i]] += sign * n;
    b->n_train_units[g->label[i]] -= sign;
  }
  g->of_number[unit->number] = sign > 0;
}

/* Decide unit by unit, then look at all again while that helps; of_number holds the decisions. */
static void choose_test(const groups *g, balance *b) {
  for (int64_t k = 0; k < g->n; k++) {
    g->of_number[g->item[k].number] = 0;
    for (int64_t i = g->item[k].begin; i < g->item[k].end; i += run_of(g, g->item + k, i))
      b->n_train_units[g->label[i]]++;
  }
  int64_t n_moved = 1;
  for (int pass = 0; pass < MOST_PASSES && n_moved; pass++) {
    n_moved = 0;
    for (int64_t k = 0; k < g->n; k++) {
      const int sign = g->of_number[g->item[k].number] ? -1 : 1;
      if (!should_move(g, g->item + k, b, sign)) continue;
      move(g, g->item + k, b, sign);
      n_moved++;
    }
  }
}

/* Count and flag the classes that have rows, but none in the test part. */
static int32_t flag_small(const groups *g, const balance *b, int32_t n_classes, uint8_t *small) {
  int32_t n_small = 0;
  for (int32_t c = 0; c < n_classes; c++) {
    const uint8_t is_small = g->n_class[c] && !b->n_test[c];
    if (small) small[c] = is_small;
    n_small += is_small;
  }
  return n_small;
}

mst_status mst_split_test(const mst_split_records *records, double test_frac, uint64_t seed,
                          uint8_t *is_test, uint8_t *small, int32_t *n_small) {
  const int64_t n_docs = records->n_docs;
  const int32_t n_classes = records->n_classes;
  if (!(test_frac > 0 && test_frac < 1))
    return MST_FAIL(MST_E_ARG, "a test share of %g, expected between 0 and 1 (--test-size)",
                    test_frac);
  groups g;
  const input in = {records->unit, records->key, records->label, NULL, n_docs, n_classes};
  mst_status st = groups_init(&g, &in, seed, MST_RNG_SPLIT);
  if (st) return st;
  balance b = {.test_frac = test_frac};
  b.n_test = mst_alloc_zero((size_t)n_classes, sizeof *b.n_test);
  b.n_train_units = mst_alloc_zero((size_t)n_classes, sizeof *b.n_train_units);
  int64_t n_in_test = 0;
  if (!b.n_test || !b.n_train_units) {
    st = MST_E_NOMEM;
    goto done;
  }
  qsort(g.item, (size_t)g.n, sizeof *g.item, by_draw);
  choose_test(&g, &b);
  for (int32_t c = 0; c < n_classes; c++) n_in_test += b.n_test[c];
  if (!n_in_test || n_in_test == n_docs) {
    st = MST_FAIL(MST_E_ARG,
                  "%lld records in %lld units leave nothing %s at a test share of %g (--test-size)",
                  (long long)n_docs, (long long)g.n, n_in_test ? "for training" : "for testing",
                  test_frac);
    goto done;
  }
  for (int64_t d = 0; d < n_docs; d++) is_test[d] = (uint8_t)g.of_number[records->unit[d]];
  *n_small = flag_small(&g, &b, n_classes, small);
done:
  mst_free(b.n_test);
  mst_free(b.n_train_units);
  groups_fini(&g);
  return st;
}

/* The fold that holds least of the unit's classes; then least of all; then the lowest.
 * n_in [n_folds x n_classes] rows by fold and class, n_rows [n_folds] rows. */
static int32_t needy_fold(const groups *g, const group *unit, int32_t n_folds, int32_t n_classes,
                          const int64_t *n_in, const int64_t *n_rows) {
  int32_t best = 0;
  double least = INFINITY;
  for (int32_t f = 0; f < n_folds; f++) {
    double share = 0;
    for (int64_t i = unit->begin, n; i < unit->end; i += n) {
      n = run_of(g, unit, i);
      const int32_t c = g->label[i];
      share += (double)n * (double)n_in[(int64_t)f * n_classes + c] / (double)g->n_class[c];
    }
    if (share > least || (share == least && n_rows[f] >= n_rows[best])) continue;
    least = share;
    best = f;
  }
  return best;
}

/* of_number then holds the folds. */
static void choose_folds(groups *g, const input *in, int32_t n_folds, int64_t *n_in,
                         int64_t *n_rows) {
  qsort(g->item, (size_t)g->n, sizeof *g->item, by_size_then_draw);
  for (int64_t k = 0; k < g->n; k++) {
    const group *u = g->item + k;
    const int32_t f = needy_fold(g, u, n_folds, in->n_classes, n_in, n_rows);
    for (int64_t i = u->begin; i < u->end; i++) n_in[(int64_t)f * in->n_classes + g->label[i]]++;
    n_rows[f] += u->end - u->begin;
    g->of_number[u->number] = f;
  }
}

mst_status mst_split_folds(const mst_split_records *records, const int64_t *rows, int64_t n_rows,
                           int32_t n_folds, uint64_t seed, int32_t *fold) {
  const int32_t n_classes = records->n_classes;
  const input in = {.unit = records->unit,
                    .key = records->key,
                    .label = records->label,
                    .rows = rows,
                    .n_rows = rows ? n_rows : records->n_docs,
                    .n_classes = n_classes};
  if (n_folds < 2) return MST_FAIL(MST_E_ARG, "%d folds, expected at least 2", n_folds);
  groups g;
  mst_status st = groups_init(&g, &in, seed, MST_RNG_FOLD);
  if (st) return st;
  int64_t *n_in = NULL, *n_fold = NULL;
  if (g.n < n_folds) {
    st = MST_FAIL(MST_E_ARG, "%d folds of %lld units, expected no more folds than units", n_folds,
                  (long long)g.n);
    goto done;
  }
  n_in = mst_alloc_zero((size_t)n_folds * (size_t)n_classes, sizeof *n_in);
  n_fold = mst_alloc_zero((size_t)n_folds, sizeof *n_fold);
  if (!n_in || !n_fold) {
    st = MST_E_NOMEM;
    goto done;
  }
  choose_folds(&g, &in, n_folds, n_in, n_fold);
  for (int64_t d = 0; d < records->n_docs; d++) fold[d] = -1;
  for (int64_t i = 0; i < in.n_rows; i++)
    fold[row_at(&in, i)] = (int32_t)g.of_number[in.unit[row_at(&in, i)]];
done:
  mst_free(n_in);
  mst_free(n_fold);
  groups_fini(&g);
  return st;
}
