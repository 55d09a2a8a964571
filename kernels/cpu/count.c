/* count.c: from the n-grams of items to sorted (column, count) pairs. */
#include "cpu/operations.h"
#include "cpu/radix.h"
#include "cpu/rows.h"
#include "misstep/alloc.h"

mst_status mst__cpu_grams_remap(mst_backend *backend, mst_grams *grams, const int32_t *map,
                                int64_t n_terms) {
  (void)n_terms;
#pragma omp parallel for schedule(static) num_threads(backend->n_threads)
  for (int64_t i = 0; i < grams->n_grams; i++)
    if (grams->id[i] >= 0) grams->id[i] = map[grams->id[i]];
  return MST_OK;
}

int64_t mst__rows_longest(const mst_rows *rows, int n_threads) {
  int64_t longest = 0;
#pragma omp parallel for schedule(static) num_threads(n_threads) reduction(max : longest)
  for (int64_t r = 0; r < rows->n_rows; r++) {
    int64_t n = 0, first = r, last = r + 1;
    if (rows->item) mst__row_items(rows, r, &first, &last);
    for (int64_t i = first; i < last; i++) {
      const int64_t item = rows->item ? rows->item[i] : i;
      n += rows->grams.ptr[item + 1] - rows->grams.ptr[item];
    }
    if (n > longest) longest = n;
  }
  return longest;
}

mst_status mst__cpu_rows_longest(mst_backend *backend, const mst_rows *rows, int64_t *longest) {
  *longest = mst__rows_longest(rows, backend->n_threads);
  return MST_OK;
}

mst_status mst__accumulator_init(mst__accumulator *acc, const mst_rows *rows, int64_t n_terms) {
  *acc = (mst__accumulator){0};
  if (!rows->item) return MST_OK;
  int64_t words = n_terms / 64 + 1;
  acc->count = mst_alloc((size_t)n_terms, sizeof *acc->count);
  acc->repeated = acc->count ? mst_alloc_zero((size_t)words, sizeof *acc->repeated) : NULL;
  int failed = !acc->repeated;
  for (int k = 0; !failed && k < 3; k++, words = words / 64 + 1) {
    acc->bits[k] = mst_alloc_zero((size_t)words, sizeof *acc->bits[k]);
    acc->top_words = words;
    failed = !acc->bits[k];
  }
  if (!failed) return MST_OK;
  mst__accumulator_fini(acc);
  return MST_E_NOMEM;
}

void mst__accumulator_fini(mst__accumulator *acc) {
  mst_free(acc->count);
  mst_free(acc->repeated);
  for (int k = 0; k < 3; k++) mst_free(acc->bits[k]);
  *acc = (mst__accumulator){0};
}

/* Count a term that the row holds already. */
static void repeat(mst__accumulator *acc, int32_t t) {
  const uint64_t bit = (uint64_t)1 << (t & 63);
  if (acc->repeated[t >> 6] & bit) {
    acc->count[t]++;
  } else {
    acc->repeated[t >> 6] |= bit;
    acc->count[t] = 2;
  }
}

static void accumulate(mst__accumulator *acc, const int32_t *id, const int32_t *end) {
  for (; id < end; id++) {
    const int32_t t = *id;
    if (t < 0) continue;
    const uint64_t word = acc->bits[0][t >> 6], bit = (uint64_t)1 << (t & 63);
    if (word & bit) {
      repeat(acc, t);
      continue;
    }
    acc->bits[0][t >> 6] = word | bit;
    acc->bits[1][t >> 12] |= (uint64_t)1 << (t >> 6 & 63);
    acc->bits[2][t >> 18] |= (uint64_t)1 << (t >> 12 & 63);
  }
}

/* Columns of one word of the lowest level, which is cleared. Returns the next free place. */
static int64_t drain_word(mst__accumulator *acc, int64_t word, int32_t *col, int32_t *count,
                          int64_t n) {
  const uint64_t repeated = acc->repeated[word];
  uint64_t bits = acc->bits[0][word];
  acc->bits[0][word] = 0;
  acc->repeated[word] = 0;
  for (; bits; bits &= bits - 1, n++) {
    const int64_t t = word * 64 + __builtin_ctzll(bits);
    col[n] = (int32_t)t;
    count[n] = repeated & bits & -bits ? acc->count[t] : 1;
  }
  return n;
}

/* Take all pairs out in the order of columns and leave the accumulator empty. */
static void drain(mst__accumulator *acc, int32_t *col, int32_t *count) {
  int64_t n = 0;
  for (int64_t top = 0; top < acc->top_words; top++) {
    uint64_t groups = acc->bits[2][top];
    acc->bits[2][top] = 0;
    for (; groups; groups &= groups - 1) {
      const int64_t group = top * 64 + __builtin_ctzll(groups);
      uint64_t words = acc->bits[1][group];
      acc->bits[1][group] = 0;
      for (; words; words &= words - 1)
        n = drain_word(acc, group * 64 + __builtin_ctzll(words), col, count, n);
    }
  }
}

/* Copy the ids that are terms; returns the greatest, at least 0. */
static int32_t copy_terms(const int32_t *id, const int32_t *end, int32_t *to) {
  int32_t top = 0;
  for (; id < end; id++) {
    if (*id < 0) continue;
    if (*id > top) top = *id;
    *to++ = *id;
  }
  return top;
}

/* An item that holds each of its n terms once, as most do: sorted where they belong. */
static void read_distinct(const int32_t *id, int64_t n, int32_t *col, int32_t *count) {
  const int32_t top = copy_terms(id, id + n, col);
  mst__sort_ids(col, count, n, mst__bits_for((uint64_t)top + 1));
  for (int64_t i = 0; i < n; i++) count[i] = 1;
}

/* Sort a copy of one item, then make run lengths of it. */
static void read_item(const int32_t *id, const int32_t *end, int32_t *col, int32_t *count,
                      int32_t *sorted) {
  const int32_t top = copy_terms(id, end, sorted);
  int64_t n_ids = 0, n = 0;
  for (; id < end; id++) n_ids += *id >= 0;
  mst__sort_ids(sorted, count, n_ids, mst__bits_for((uint64_t)top + 1));
  for (int64_t i = 0; i < n_ids; i++) {
    if (n && col[n - 1] == sorted[i]) {
      count[n - 1]++;
    } else {
      col[n] = sorted[i];
      count[n++] = 1;
    }
  }
}

void mst__row_read(mst__accumulator *acc, const mst_rows *rows, int64_t r, int64_t n, int32_t *col,
                   int32_t *count, int32_t *scratch) {
  const mst_sequences *grams = &rows->grams;
  if (!rows->item) {
    const int32_t *id = grams->id + grams->ptr[r], *end = grams->id + grams->ptr[r + 1];
    if (end - id == n) read_distinct(id, n, col, count);
    else read_item(id, end, col, count, scratch);
    return;
  }
  int64_t first, last;
  mst__row_items(rows, r, &first, &last);
  for (int64_t i = first; i < last; i++) {
    mst__row_prefetch(rows, i);
    accumulate(acc, grams->id + grams->ptr[rows->item[i]],
               grams->id + grams->ptr[rows->item[i] + 1]);
  }
  drain(acc, col, count);
}
