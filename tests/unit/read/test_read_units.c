/* test_read_units.c: categories of values, units of texts and groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read/split.h"
#include "support.h"

static void test_categories__empty_input(void **state) {
  (void)state;
  const mst_text none = text_of(NULL, 0);
  mst_categories c;
  assert_int_equal(mst_categories_init(&none, &c), MST_OK);
  assert_int_equal(c.name.n, 0);
  mst_categories_fini(&c);
}

static void test_categories__sorted(void **state) {
  (void)state;
  static const char *const value[] = {"b", "a\xC3\xA9",  "",          "aaaaaaaaab",  "b",
                                      "a", "aaaaaaaaaa", "aaaaaaaaa", "\xED\x95\x9C"};
  static const int32_t expected[] = {6, 5, 0, 4, 6, 1, 3, 2, 7};
  const mst_text values = text_of(value, 9);
  mst_categories c;
  assert_int_equal(mst_categories_init(&values, &c), MST_OK);
  assert_int_equal(c.name.n, 8);
  for (int64_t d = 0; d < 9; d++) {
    const mst_slice name = mst_strings_at(&c.name, c.id[d]);
    assert_int_equal(name.len, strlen(value[d]));
    assert_memory_equal(name.ptr, value[d], strlen(value[d]));
    assert_int_equal(c.id[d], expected[d]);
  }
  mst_categories_fini(&c);
}

static void test_categories__many(void **state) {
  (void)state;
  enum { N = 4000 };
  static char name[N][8];
  const char *value[N];
  for (int i = 0; i < N; i++) {
    (void)snprintf(name[i], sizeof name[i], "%04d", (i * 1237) % N / 2);
    value[i] = name[i];
  }
  const mst_text values = text_of(value, N);
  mst_categories c;
  assert_int_equal(mst_categories_init(&values, &c), MST_OK);
  assert_int_equal(c.name.n, N / 2);
  for (int i = 0; i < N; i++) assert_int_equal(c.id[i], (i * 1237) % N / 2);
  mst_categories_fini(&c);
}

static void test_units__empty_input(void **state) {
  (void)state;
  const mst_text none = text_of(NULL, 0);
  int64_t unit = 77, n_units = 77;
  uint64_t key = 77;
  assert_int_equal(mst_split_units(&none, NULL, 1, &unit, &key, &n_units), MST_OK);
  assert_int_equal(n_units, 0);
  assert_int_equal(unit, 77);
  assert_int_equal(key, 77);
}

static void test_units__equal_texts(void **state) {
  (void)state;
  static const char *const value[] = {"Two  words",        "other",
                                      " two\twords\n",     "TWO\xC2\xA0WORDS",
                                      "twowords",          "",
                                      "\xE3\x80\x80 ",     "two\xE3\x80\x80words",
                                      "\xC3\x89t\xC3\xA9", "\xC3\xA9t\xC3\xA9"};
  static const int64_t expected[] = {0, 1, 0, 0, 2, 3, 3, 0, 4, 4};
  const mst_text text = text_of(value, 10);
  int64_t unit[10], n_units;
  uint64_t key[10];
  for (int n_threads = 1; n_threads <= 7; n_threads += 3) {
    assert_int_equal(mst_split_units(&text, NULL, n_threads, unit, key, &n_units), MST_OK);
    assert_int_equal(n_units, 5);
    assert_memory_equal(unit, expected, sizeof expected);
    for (int i = 0; i < 10; i++)
      for (int j = 0; j < i; j++) assert_int_equal(unit[i] == unit[j], key[i] == key[j]);
  }
}

/* Groups join, equal texts join groups, and an empty name is no group. */
static void test_units__groups(void **state) {
  (void)state;
  static const char *const value[] = {"a", "b", "c", "A", "d", "e", "f"};
  static const char *const name[] = {"1", "1", "2", "2", "", "", "3"};
  static const int64_t expected[] = {0, 0, 0, 0, 1, 2, 3};
  const mst_text text = text_of(value, 7), names = text_of(name, 7);
  mst_categories group;
  assert_int_equal(mst_categories_init(&names, &group), MST_OK);
  int64_t unit[7], n_units;
  uint64_t key[7], key_alone[7];
  assert_int_equal(mst_split_units(&text, &group, 2, unit, key, &n_units), MST_OK);
  assert_int_equal(n_units, 4);
  assert_memory_equal(unit, expected, sizeof expected);
  assert_int_equal(mst_split_units(&text, NULL, 2, unit, key_alone, &n_units), MST_OK);
  assert_int_equal(n_units, 6);
  assert_int_equal(key[4], key_alone[4]);
  assert_int_not_equal(key[6], key_alone[6]);
  mst_categories_fini(&group);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_categories__empty_input), cmocka_unit_test(test_categories__sorted),
      cmocka_unit_test(test_categories__many),        cmocka_unit_test(test_units__empty_input),
      cmocka_unit_test(test_units__equal_texts),      cmocka_unit_test(test_units__groups),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
