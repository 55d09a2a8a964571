/* test_read_split.c: test parts and folds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "read/split.h"
#include "support.h"

/* Random records: text, label, group; a permutation of them. */
enum { N = 1500, N_CLASSES = 5, N_FOLDS = 4 };
typedef struct corpus {
  char text[N][16], group[N][8];
  const char *text_at[N], *group_at[N];
  int32_t label[N];
  int64_t unit[N];
  uint64_t key[N];
  int64_t n_units;
} corpus;

static void corpus_make(corpus *c, int grouped, uint64_t seed, const int *order) {
  uint64_t random = seed;
  for (int i = 0; i < N; i++) {
    const int at = order ? order[i] : i;
    (void)snprintf(c->text[at], sizeof c->text[at], "t%u",
                   next_random(&random) % (grouped ? 50 * N : 2 * N)); /* few chains of groups */
    (void)snprintf(c->group[at], sizeof c->group[at], "g%u", next_random(&random) % (N / 6));
    const uint32_t draw = next_random(&random) % 100;
    c->label[at] = draw < 50 ? 0 : draw < 80 ? 1 : draw < 95 ? 2 : draw < 99 ? 3 : 4;
  }
  for (int i = 0; i < N; i++) {
    c->text_at[i] = c->text[i];
    c->group_at[i] = c->group[i];
  }
  const mst_text text = text_of(c->text_at, N), names = text_of(c->group_at, N);
  mst_categories group;
  assert_int_equal(mst_categories_init(&names, &group), MST_OK);
  assert_int_equal(mst_split_units(&text, grouped ? &group : NULL, 1, c->unit, c->key, &c->n_units),
                   MST_OK);
  mst_categories_fini(&group);
}

static mst_split_records records_of(const corpus *c) {
  return (mst_split_records){c->unit, c->key, c->label, N, N_CLASSES};
}

static void shuffled(int *order, uint64_t seed) {
  for (int i = 0; i < N; i++) order[i] = i;
  for (int i = N - 1; i > 0; i--) {
    const int j = (int)(next_random(&seed) % (uint32_t)(i + 1)), kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}

static void check_test_part(const corpus *c, const uint8_t *is_test, double slack) {
  int side[N];
  int64_t n[N_CLASSES] = {0}, n_test[N_CLASSES] = {0};
  for (int i = 0; i < N; i++) side[i] = -1;
  for (int i = 0; i < N; i++) {
    assert_true(is_test[i] <= 1);
    assert_true(side[c->unit[i]] < 0 || side[c->unit[i]] == is_test[i]); /* no leak */
    side[c->unit[i]] = is_test[i];
    n[c->label[i]]++;
    n_test[c->label[i]] += is_test[i];
  }
  for (int k = 0; k < N_CLASSES; k++) {
    const double off = (double)n_test[k] - 0.2 * (double)n[k];
    if (off > slack || off < -slack) print_error("class %d: %g rows off\n", k, off);
    assert_true(off <= slack && off >= -slack);
  }
}

static void test_split__shares_and_order(void **state) {
  (void)state;
  static corpus a, b;
  int order[N];
  uint8_t is_test[N], again[N], small[N_CLASSES];
  int32_t n_small, fold[N], fold_again[N];
  for (int grouped = 0; grouped < 2; grouped++)
    for (uint64_t seed = 0; seed < 5; seed++) {
      shuffled(order, seed + 50);
      corpus_make(&a, grouped, 90 + seed, NULL);
      corpus_make(&b, grouped, 90 + seed, order);
      const mst_split_records a_records = records_of(&a), b_records = records_of(&b);
      assert_int_equal(mst_split_test(&a_records, 0.2, seed, is_test, small, &n_small), MST_OK);
      assert_int_equal(n_small, 0);
      check_test_part(&a, is_test, 3);
      assert_int_equal(mst_split_test(&b_records, 0.2, seed, again, NULL, &n_small), MST_OK);
      assert_int_equal(mst_split_folds(&a_records, NULL, 0, N_FOLDS, seed, fold), MST_OK);
      assert_int_equal(mst_split_folds(&b_records, NULL, 0, N_FOLDS, seed, fold_again), MST_OK);
      for (int i = 0; i < N; i++) {
        assert_int_equal(is_test[i], again[order[i]]);
        assert_int_equal(fold[i], fold_again[order[i]]);
      }
    }
}

static void test_split__seeds_differ(void **state) {
  (void)state;
  static corpus a;
  corpus_make(&a, 0, 1, NULL);
  const mst_split_records a_records = records_of(&a);
  uint8_t one[N], two[N];
  int32_t n_small;
  assert_int_equal(mst_split_test(&a_records, 0.2, 1, one, NULL, &n_small), MST_OK);
  assert_int_equal(mst_split_test(&a_records, 0.2, 2, two, NULL, &n_small), MST_OK);
  int n_both = 0;
  for (int i = 0; i < N; i++) n_both += one[i] && two[i];
  assert_in_range(n_both, N / 50, N / 16); /* independent draws: N / 25 */
}

/* Records of one label each, all distinct: unit i is record i. */
static void lone_units(int64_t *unit, uint64_t *key, int n) {
  for (int i = 0; i < n; i++) {
    unit[i] = i;
    key[i] = (uint64_t)i * 0x9E3779B97F4A7C15u;
  }
}

static void test_split__small_classes(void **state) {
  (void)state;
  enum { SIZE = 23 };
  int64_t unit[SIZE];
  uint64_t key[SIZE];
  int32_t label[SIZE], n_small;
  uint8_t is_test[SIZE], small[5];
  lone_units(unit, key, SIZE);
  /* 20 of class 0, 2 of class 1, 1 of class 2, none of 3 and 4. */
  for (int i = 0; i < SIZE; i++) label[i] = i < 20 ? 0 : i < 22 ? 1 : 2;
  const mst_split_records records = {unit, key, label, SIZE, 5};
  assert_int_equal(mst_split_test(&records, 0.2, 3, is_test, small, &n_small), MST_OK);
  assert_memory_equal(small, ((uint8_t[]){0, 1, 1, 0, 0}), 5);
  assert_int_equal(n_small, 2);
  int n_test = 0;
  for (int i = 0; i < SIZE; i++) n_test += is_test[i];
  assert_int_equal(n_test, 4);
  for (int i = 20; i < SIZE; i++) assert_int_equal(is_test[i], 0);
  /* However large the share, each class keeps a unit to train on. */
  assert_int_equal(mst_split_test(&records, 0.99, 3, is_test, small, &n_small), MST_OK);
  assert_memory_equal(small, ((uint8_t[]){0, 0, 1, 0, 0}), 5);
  assert_int_equal(is_test[20] + is_test[21], 1);
  assert_int_equal(is_test[22], 0);
}

static void test_split__arguments(void **state) {
  (void)state;
  int64_t unit[4];
  uint64_t key[4];
  const int32_t label[4] = {0, 0, 1, 1};
  int32_t n_small = 77, fold[4] = {77, 77, 77, 77};
  uint8_t is_test[4] = {77, 77, 77, 77};
  lone_units(unit, key, 4);
  const mst_split_records records = {unit, key, label, 4, 2}, nothing = {unit, key, label, 0, 0};
  static const double shares[] = {0, 1, -0.5, 2, 1e-9};
  for (size_t i = 0; i < 5; i++)
    assert_int_equal(mst_split_test(&records, shares[i], 0, is_test, NULL, &n_small), MST_E_ARG);
  assert_int_equal(mst_split_test(&records, 0.0 / 0.0, 0, is_test, NULL, &n_small), MST_E_ARG);
  assert_int_equal(mst_split_test(&nothing, 0.5, 0, is_test, NULL, &n_small), MST_E_ARG);
  assert_int_equal(mst_split_folds(&records, NULL, 0, 1, 0, fold), MST_E_ARG);
  assert_int_equal(mst_split_folds(&records, NULL, 0, 5, 0, fold), MST_E_ARG);
  assert_int_equal(n_small, 77);
  for (int i = 0; i < 4; i++) assert_int_equal(is_test[i], 77);
  for (int i = 0; i < 4; i++) assert_int_equal(fold[i], 77);
}

static void check_folds(const corpus *c, const int32_t *fold, const uint8_t *wanted, double slack) {
  int side[N];
  int64_t n[N_CLASSES] = {0}, in[N_FOLDS][N_CLASSES] = {{0}};
  for (int i = 0; i < N; i++) side[i] = -1;
  for (int i = 0; i < N; i++) {
    if (wanted && !wanted[i]) {
      assert_int_equal(fold[i], -1);
      continue;
    }
    assert_in_range(fold[i], 0, N_FOLDS - 1);
    assert_true(side[c->unit[i]] < 0 || side[c->unit[i]] == fold[i]);
    side[c->unit[i]] = fold[i];
    n[c->label[i]]++;
    in[fold[i]][c->label[i]]++;
  }
  for (int f = 0; f < N_FOLDS; f++)
    for (int k = 0; k < N_CLASSES; k++) {
      const double off = (double)in[f][k] - (double)n[k] / N_FOLDS;
      assert_true(off <= slack && off >= -slack);
    }
}

static void test_folds__even(void **state) {
  (void)state;
  static corpus c;
  int64_t rows[N], n_rows = 0;
  uint8_t wanted[N];
  int32_t fold[N];
  for (int grouped = 0; grouped < 2; grouped++) {
    corpus_make(&c, grouped, 4, NULL);
    const mst_split_records c_records = records_of(&c);
    assert_int_equal(mst_split_folds(&c_records, NULL, 0, N_FOLDS, 9, fold), MST_OK);
    check_folds(&c, fold, NULL, grouped ? 4 : 2);
    n_rows = 0;
    for (int i = 0; i < N; i++) {
      wanted[i] = c.unit[i] % 3 != 0;
      if (wanted[i]) rows[n_rows++] = i;
    }
    assert_int_equal(mst_split_folds(&c_records, rows, n_rows, N_FOLDS, 9, fold), MST_OK);
    check_folds(&c, fold, wanted, grouped ? 4 : 2);
  }
}

static mst_status split_everything(void *payload) {
  (void)payload;
  static const char *const value[] = {"a", "b", "c", "A", "d", "e", "f", "g"};
  static const char *const name[] = {"1", "1", "2", "3", "", "", "3", "3"};
  const mst_text text = text_of(value, 8), names = text_of(name, 8);
  const int32_t label[8] = {0, 1, 0, 1, 0, 1, 0, 1};
  mst_categories group;
  mst_status st = mst_categories_init(&names, &group);
  if (st) return st;
  int64_t unit[8], n_units = 77;
  uint64_t key[8];
  uint8_t is_test[8] = {77};
  int32_t n_small = 77, fold[8] = {77};
  st = mst_split_units(&text, &group, 1, unit, key, &n_units);
  if (st) assert_int_equal(n_units, 77);
  const mst_split_records records = {unit, key, label, 8, 2};
  if (!st) {
    st = mst_split_test(&records, 0.4, 0, is_test, NULL, &n_small);
    if (st) assert_int_equal(is_test[0], 77);
    if (st) assert_int_equal(n_small, 77);
  }
  if (!st) {
    st = mst_split_folds(&records, NULL, 0, 2, 0, fold);
    if (st) assert_int_equal(fold[0], 77);
  }
  mst_categories_fini(&group);
  return st;
}

static void test_split__failing_allocator(void **state) {
  (void)state;
  assert_true(fail_every_alloc(split_everything, NULL) > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_split__shares_and_order),
      cmocka_unit_test(test_split__seeds_differ),
      cmocka_unit_test(test_split__small_classes),
      cmocka_unit_test(test_split__arguments),
      cmocka_unit_test(test_folds__even),
      cmocka_unit_test(test_split__failing_allocator),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
