/* rows.h: one row of a matrix as sorted (column, count) pairs, whatever it is made of. Internal.
 *
 * A row that is one item, rarely long, is copied and sorted; a row of several items is summed up in
 * a table of counts over all terms, with a bitmap of three levels that gives the touched columns
 * back in order.
 */
#ifndef MISSTEP_CPU_ROWS_H
#define MISSTEP_CPU_ROWS_H

#include <stddef.h>

#include "misstep/counts.h"

/* Scratch of one thread. The bitmaps of a vocabulary fit into the first cache; counts do not, so
 * they are kept for terms only that occur twice. */
typedef struct mst__accumulator {
  uint64_t *bits[3]; /* term t: bit t; bit t / 64; bit t / 4096. NULL where rows are single items */
  uint64_t *repeated; /* bit t: the term occurred again, count[t] holds how often */
  int32_t *count;     /* [V] */
  int64_t top_words;  /* words of the highest level */
} mst__accumulator;

mst_status mst__accumulator_init(mst__accumulator *acc, const mst_rows *rows, int64_t n_terms);
void mst__accumulator_fini(mst__accumulator *acc);

/* The greatest number of n-grams in a row. */
int64_t mst__rows_longest(const mst_rows *rows, int n_threads);

/* Write the n columns of row r, rising, and their counts.
 *   n        entries of the row, as mst_rows_count found them
 *   col      receives n columns
 *   count    receives n counts; has room for mst__rows_longest, as has scratch */
void mst__row_read(mst__accumulator *acc, const mst_rows *rows, int64_t r, int64_t n, int32_t *col,
                   int32_t *count, int32_t *scratch);

/* The items of row r: *first .. *last of rows->item. */
static inline void mst__row_items(const mst_rows *rows, int64_t r, int64_t *first, int64_t *last) {
  const int64_t d = rows->doc ? rows->doc[r] : r;
  *first = rows->doc_ptr[d];
  *last = rows->doc_ptr[d + 1];
}

/* Start fetching what the items a little after entry i need: their lists lie all over memory, and
 * waiting for them is two thirds of the time otherwise. Always inline: GCC takes a function that
 * only prefetches for one without effect, and drops the call. */
__attribute__((always_inline)) static inline void mst__row_prefetch(const mst_rows *rows,
                                                                    int64_t i) {
  enum { LISTS_AHEAD = 8, POINTERS_AHEAD = 16 };
  const mst_sequences *grams = &rows->grams;
  if (i + POINTERS_AHEAD >= rows->n_listed) return;
  __builtin_prefetch(&grams->ptr[rows->item[i + POINTERS_AHEAD]]);
  const int32_t *list = grams->id + grams->ptr[rows->item[i + LISTS_AHEAD]];
  __builtin_prefetch(list);
  __builtin_prefetch(list + 16);
}

/* Start fetching what a table over all terms holds for the n-grams of the row a little after row r,
 * where rows are single items: each is a look to another place. A table that fits the second cache
 * does not need it. */
__attribute__((always_inline)) static inline void
mst__row_prefetch_terms(const mst_rows *rows, int64_t r, const void *table, int64_t n_terms,
                        size_t size) {
  enum { ROWS_AHEAD = 3, GRAMS_MAX = 64, CACHE_BYTES = 1 << 20 };
  const mst_sequences *grams = &rows->grams;
  if (rows->item || n_terms * (int64_t)size <= CACHE_BYTES) return;
  if (r + ROWS_AHEAD >= rows->n_rows) return;
  const int64_t from = grams->ptr[r + ROWS_AHEAD], n = grams->ptr[r + ROWS_AHEAD + 1] - from;
  for (int64_t i = 0; i < n && i < GRAMS_MAX; i++)
    if (grams->id[from + i] >= 0)
      __builtin_prefetch((const char *)table + (size_t)grams->id[from + i] * size);
}

/* Threads worth starting, so that a batch of one record makes no scratch for sixty-four. */
static inline int mst__row_threads(int n_threads, int64_t n_rows) {
  const int64_t useful = n_rows / 256 + 1;
  return n_threads < useful ? n_threads : (int)useful;
}

#endif
