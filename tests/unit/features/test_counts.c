/* test_counts.c: numbering n-grams, against lists made by hand, with hand-made sequences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "misstep/alloc.h"
#include "misstep/counts.h"
#include "misstep/rng.h"

static void no_items(void **state) {
  (void)state;
  const int64_t ptr[] = {0, 0};
  for (int64_t n_items = 0; n_items < 2; n_items++) {
    const mst_sequences items = {n_items, ptr, NULL, 0};
    mst_grams grams;
    mst_gram_table table;
    assert_int_equal(mst_ngrams_rank(&items, 1, 3, 0, 2, &grams, &table), MST_OK);
    assert_int_equal(table.n_terms, 0);
    assert_int_equal(grams.ptr[n_items], 0);
    mst_grams_fini(&grams);
    mst_gram_table_fini(&table);
  }
}

/* Units a=1 b=3 c=4 of six: "b a b", "a", "", "b c". Terms: a, ab, b, ba, bab, bc, c. */
static void all_lengths_in_one_order(void **state) {
  (void)state;
  const int64_t ptr[] = {0, 3, 4, 4, 6};
  const int32_t id[] = {3, 1, 3, 1, 3, 4};
  const mst_sequences items = {4, ptr, id, 6};
  const int32_t want[] = {2, 0, 2, 3, 1, 4, 0, 2, 6, 5}, unit[] = {1, 3, 3, 1, 3, 4, 4};
  const int32_t parent[] = {-1, 0, -1, 2, 3, 2, -1};
  mst_grams grams;
  mst_gram_table table;
  assert_int_equal(mst_ngrams_rank(&items, 1, 9, 0, 3, &grams, &table), MST_OK);
  assert_int_equal(table.n_terms, 7);
  assert_memory_equal(grams.id, want, sizeof want);
  assert_memory_equal(table.unit, unit, sizeof unit);
  assert_memory_equal(table.parent, parent, sizeof parent);
  mst_grams_fini(&grams);
  mst_gram_table_fini(&table);
}

/* Lengths 2..3, short items whole: "b a b" -> ba ab bab, "a" -> a, "b c" -> bc. */
static void short_items_count_whole(void **state) {
  (void)state;
  const int64_t ptr[] = {0, 3, 4, 4, 6};
  const int32_t id[] = {3, 1, 3, 1, 3, 4};
  const mst_sequences items = {4, ptr, id, 6};
  const int32_t want[] = {2, 1, 3, 0, 4}; /* a ab ba bab bc */
  mst_grams grams;
  mst_gram_table table;
  assert_int_equal(mst_ngrams_rank(&items, 2, 3, 1, 1, &grams, &table), MST_OK);
  assert_int_equal(table.n_terms, 5);
  assert_int_equal(grams.ptr[4], 5);
  assert_memory_equal(grams.id, want, sizeof want);
  mst_grams_fini(&grams);
  mst_gram_table_fini(&table);
}

/* More positions than are sorted at once: pairs over four units, known in advance. */
static void chunks_do_not_show(void **state) {
  (void)state;
  enum { UNITS = 4, N = (1 << 23) + 5001 };
  int32_t *id = mst_alloc(N, sizeof *id);
  assert_non_null(id);
  for (int64_t p = 0; p < N; p++)
    id[p] = (int32_t)mst_rng_below(UNITS, 1, MST_RNG_GENERATE, (uint64_t)p, 0, 0);
  const int64_t ptr[] = {0, N};
  const mst_sequences items = {1, ptr, id, UNITS};
  mst_grams grams;
  mst_gram_table table;
  assert_int_equal(mst_ngrams_rank(&items, 2, 2, 0, 2, &grams, &table), MST_OK);
  assert_int_equal(table.n_terms, UNITS * UNITS);
  int64_t wrong = 0;
  for (int64_t p = 0; p + 1 < N; p++) wrong += grams.id[p] != id[p] * UNITS + id[p + 1];
  assert_int_equal(wrong, 0);
  mst_grams_fini(&grams);
  mst_gram_table_fini(&table);
  mst_free(id);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_items),
      cmocka_unit_test(all_lengths_in_one_order),
      cmocka_unit_test(short_items_count_whole),
      cmocka_unit_test(chunks_do_not_show),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
