/* test_counts.c: numbering n-grams, against lists made by hand, with hand-made sequences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/radix.h"
#include "misstep/alloc.h"
#include "misstep/counts.h"
#include "misstep/rng.h"
#include "test_backend.h"

/* Hand-made items, at home. */
static mst_sequences items_of(int64_t n_items, const int64_t *ptr, const int32_t *id,
                              int32_t n_units) {
  const int64_t n = ptr[n_items];
  return (mst_sequences){n_items, mst_test_put(ptr, n_items + 1, sizeof *ptr),
                         mst_test_put(id, n, sizeof *id), n_units, n};
}

/* Number n-grams; the result is on the host. */
static void rank(const mst_sequences *items, int32_t n_min, int32_t n_max, int whole, int n_threads,
                 mst_grams *grams, mst_gram_table *table) {
  assert_int_equal(
      mst_ngrams_rank(mst_test_backend(n_threads), items, n_min, n_max, whole, grams, table),
      MST_OK);
  mst_test_read_grams(grams);
  assert_int_equal(grams->n_grams, grams->ptr[grams->n_items]);
}

static void no_items(void **state) {
  (void)state;
  const int64_t ptr[] = {0, 0};
  for (int64_t n_items = 0; n_items < 2; n_items++) {
    mst_sequences items = items_of(n_items, ptr, NULL, 0);
    mst_grams grams;
    mst_gram_table table;
    rank(&items, 1, 3, 0, 2, &grams, &table);
    assert_int_equal(table.n_terms, 0);
    assert_int_equal(grams.ptr[n_items], 0);
    mst_grams_fini(&grams);
    mst_gram_table_fini(&table);
    mst_items_free(mst_test_backend(1), &items);
  }
}

/* Units a=1 b=3 c=4 of six: "b a b", "a", "", "b c". Terms: a, ab, b, ba, bab, bc, c. */
static void all_lengths_in_one_order(void **state) {
  (void)state;
  const int64_t ptr[] = {0, 3, 4, 4, 6};
  const int32_t id[] = {3, 1, 3, 1, 3, 4};
  mst_sequences items = items_of(4, ptr, id, 6);
  const int32_t want[] = {2, 0, 2, 3, 1, 4, 0, 2, 6, 5}, unit[] = {1, 3, 3, 1, 3, 4, 4};
  const int32_t parent[] = {-1, 0, -1, 2, 3, 2, -1};
  mst_grams grams;
  mst_gram_table table;
  rank(&items, 1, 9, 0, 3, &grams, &table);
  assert_int_equal(table.n_terms, 7);
  assert_memory_equal(grams.id, want, sizeof want);
  assert_memory_equal(table.unit, unit, sizeof unit);
  assert_memory_equal(table.parent, parent, sizeof parent);
  mst_grams_fini(&grams);
  mst_gram_table_fini(&table);
  mst_items_free(mst_test_backend(1), &items);
}

/* Lengths 2..3, short items whole: "b a b" -> ba ab bab, "a" -> a, "b c" -> bc. */
static void short_items_count_whole(void **state) {
  (void)state;
  const int64_t ptr[] = {0, 3, 4, 4, 6};
  const int32_t id[] = {3, 1, 3, 1, 3, 4};
  mst_sequences items = items_of(4, ptr, id, 6);
  const int32_t want[] = {2, 1, 3, 0, 4}; /* a ab ba bab bc */
  mst_grams grams;
  mst_gram_table table;
  rank(&items, 2, 3, 1, 1, &grams, &table);
  assert_int_equal(table.n_terms, 5);
  assert_int_equal(grams.ptr[4], 5);
  assert_memory_equal(grams.id, want, sizeof want);
  mst_grams_fini(&grams);
  mst_gram_table_fini(&table);
  mst_items_free(mst_test_backend(1), &items);
}

/* More positions than the CPU sorts at once: pairs over four units, known in advance. */
static void chunks_do_not_show(void **state) {
  (void)state;
  enum { UNITS = 4 };
  const int64_t n = (mst_backend_is_host(mst_test_backend(2)) ? 1 << 24 : 1 << 18) + 5001;
  int32_t *id = mst_alloc((size_t)n, sizeof *id);
  assert_non_null(id);
  for (int64_t p = 0; p < n; p++)
    id[p] = (int32_t)mst_rng_below(UNITS, 1, MST_RNG_GENERATE, (uint64_t)p, 0, 0);
  const int64_t ptr[] = {0, n};
  mst_sequences items = items_of(1, ptr, id, UNITS);
  mst_grams grams;
  mst_gram_table table;
  rank(&items, 2, 2, 0, 2, &grams, &table);
  assert_int_equal(table.n_terms, UNITS * UNITS);
  int64_t wrong = 0;
  for (int64_t p = 0; p + 1 < n; p++) wrong += grams.id[p] != id[p] * UNITS + id[p + 1];
  assert_int_equal(wrong, 0);
  mst_grams_fini(&grams);
  mst_gram_table_fini(&table);
  mst_items_free(mst_test_backend(1), &items);
  mst_free(id);
}

static int compare_tuples(const int32_t *a, const int32_t *b, int n) {
  for (int i = 0; i < n; i++)
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  return 0;
}

/* Prefixes in many buckets: numbers order as the tuples do, and no thread shows. */
static void numbers_order_as_tuples(void **state) {
  (void)state;
  enum { UNITS = 3000, N = 120000, LENGTH = 3 };
  int32_t *id = mst_alloc(N, sizeof *id);
  assert_non_null(id);
  for (int64_t p = 0; p < N; p++) { /* small numbers are frequent, as words are */
    const int32_t top = (int32_t)mst_rng_below(UNITS, 5, MST_RNG_GENERATE, (uint64_t)p, 0, 0) + 1;
    id[p] = (int32_t)mst_rng_below((uint64_t)top, 5, MST_RNG_GENERATE, (uint64_t)p, 0, 1);
  }
  const int64_t ptr[] = {0, 5, 5, 60001, N};
  mst_sequences items = items_of(4, ptr, id, UNITS);
  mst_grams one, seven;
  mst_gram_table table, again;
  rank(&items, LENGTH, LENGTH, 0, 1, &one, &table);
  rank(&items, LENGTH, LENGTH, 0, 7, &seven, &again);
  assert_int_equal(table.n_terms, again.n_terms);
  assert_memory_equal(one.id, seven.id, (size_t)one.ptr[4] * sizeof *one.id);
  assert_memory_equal(table.unit, again.unit, (size_t)table.n_nodes * sizeof *table.unit);
  for (uint64_t k = 0; k < 300000; k++) {
    int64_t at[2];
    int32_t number[2];
    for (uint64_t s = 0; s < 2; s++) { /* in the last item: gram i begins at position ptr[3] + i */
      const int64_t i =
          (int64_t)mst_rng_below(N - 60001 - LENGTH + 1, 6, MST_RNG_GENERATE, k, 0, (uint32_t)s);
      at[s] = ptr[3] + i;
      number[s] = one.id[one.ptr[3] + i];
    }
    const int order = (number[0] > number[1]) - (number[0] < number[1]);
    assert_int_equal(order, compare_tuples(id + at[0], id + at[1], LENGTH));
  }
  mst_grams_fini(&one);
  mst_grams_fini(&seven);
  mst_gram_table_fini(&table);
  mst_items_free(mst_test_backend(1), &items);
  mst_gram_table_fini(&again);
  mst_free(id);
}

static int by_value(const void *a, const void *b) {
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

/* Both ways of sorting the ids of a row, around the length where one takes over. */
static void ids_are_sorted(void **state) {
  (void)state;
  enum { LONGEST = 300, BITS = 21 };
  int32_t id[LONGEST], want[LONGEST], scratch[LONGEST];
  for (int64_t n = 0; n <= LONGEST; n++) {
    for (int64_t i = 0; i < n; i++)
      want[i] = id[i] = (int32_t)mst_rng_below(i % 3 ? 1 << BITS : 7, 8, MST_RNG_GENERATE,
                                               (uint64_t)n, (uint32_t)i, 0);
    qsort(want, (size_t)n, sizeof *want, by_value);
    mst__sort_ids(id, scratch, n, BITS);
    assert_memory_equal(id, want, (size_t)n * sizeof *id);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_items),
      cmocka_unit_test(all_lengths_in_one_order),
      cmocka_unit_test(short_items_count_whole),
      cmocka_unit_test(chunks_do_not_show),
      cmocka_unit_test(numbers_order_as_tuples),
      cmocka_unit_test(ids_are_sorted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
