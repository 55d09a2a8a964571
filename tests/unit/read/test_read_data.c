/* test_read_data.c: the real corpora: how many records, the same for all threads, splits that keep
 * groups together and classes in proportion. Skipped where the data are absent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "misstep/hash.h"
#include "read/split.h"
#include "support.h"

static const char *data_path(const char *name) {
  static char path[512];
  const char *shared = getenv("MISSTEP_SHARED");
  (void)snprintf(path, sizeof path, "%s/data/%s", shared ? shared : MISSTEP_SOURCE "/../shared",
                 name);
  return path;
}

static mst_records *read_data(const char *name, int n_threads) {
  mst_read_options o = mst_read_options_default();
  o.n_threads = n_threads;
  mst_records *r = NULL;
  if (mst_records_read(data_path(name), &o, &r)) fail_msg("%s", mst_error_last()->message);
  return r;
}

static uint64_t hash_of(const mst_records *r) {
  uint64_t hash = 0;
  for (int64_t row = 0; row < mst_records_n_rows(r); row++)
    for (int32_t c = 0; c < mst_records_n_cols(r); c++) {
      const mst_slice field = mst_records_field(r, row, c);
      hash = mst_hash64(field.ptr, (size_t)field.len, hash + (uint64_t)mst_records_line(r, row));
    }
  return hash;
}

static void test_data__counts(void **state) {
  (void)state;
  static const struct {
    const char *name;
    int64_t n_rows;
    int32_t n_cols;
  } files[] = {{"arxiv-titles.csv.gz", 540898, 2}, {"banking77-test.csv", 3080, 2},
               {"banking77-train.csv", 10003, 2},  {"maths-errors.csv", 1002, 4},
               {"mwp-korean.csv", 3000, 3},        {"nsmc-ratings.csv.gz", 686645, 2},
               {"parakqc-korean.csv.gz", 10000, 4}};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    uint64_t expected = 0;
    for (int n_threads = 1; n_threads <= 2; n_threads++) {
      mst_records *r = read_data(files[i].name, n_threads);
      assert_int_equal(mst_records_n_rows(r), files[i].n_rows);
      assert_int_equal(mst_records_n_cols(r), files[i].n_cols);
      if (n_threads == 1) expected = hash_of(r);
      assert_true(hash_of(r) == expected);
      mst_records_free(r);
    }
  }
}

static void categories_of(const mst_records *r, const char *name, mst_categories *out) {
  int32_t col;
  mst_strings storage;
  mst_text view;
  assert_int_equal(mst_records_find(r, name, &col), MST_OK);
  assert_int_equal(mst_records_text(r, &col, 1, 2, &storage, &view), MST_OK);
  assert_int_equal(mst_categories_init(&view, out), MST_OK);
  mst_strings_fini(&storage);
}

/* Largest distance of a class' share from 0.2, over the classes. */
static double worst_share(const mst_categories *label, const uint8_t *is_test, int64_t n_docs) {
  double worst = 0;
  for (int64_t c = 0; c < label->name.n; c++) {
    double n = 0, n_test = 0;
    for (int64_t d = 0; d < n_docs; d++) {
      n += label->id[d] == c;
      n_test += label->id[d] == c && is_test[d];
    }
    const double off = n_test / n < 0.2 ? 0.2 - n_test / n : n_test / n - 0.2;
    if (off > worst) worst = off;
  }
  return worst;
}

static void check_grouped(const char *file, const char *text_col, const char *label_col,
                          const char *group_col) {
  mst_records *r = read_data(file, 2);
  const int64_t n = mst_records_n_rows(r);
  mst_categories label, group;
  categories_of(r, label_col, &label);
  categories_of(r, group_col, &group);
  int32_t col, n_small;
  mst_strings storage;
  mst_text text;
  assert_int_equal(mst_records_find(r, text_col, &col), MST_OK);
  assert_int_equal(mst_records_text(r, &col, 1, 2, &storage, &text), MST_OK);
  int64_t *unit = mst_alloc((size_t)n, sizeof *unit), n_units;
  uint64_t *key = mst_alloc((size_t)n, sizeof *key);
  uint8_t *is_test = mst_alloc((size_t)n, 1);
  int *side = mst_alloc((size_t)group.name.n, sizeof *side);
  assert_true(unit && key && is_test && side);
  assert_int_equal(mst_split_units(&text, &group, 2, unit, key, &n_units), MST_OK);
  const mst_split_records records = {unit, key, label.id, n, (int32_t)label.name.n};
  for (uint64_t seed = 0; seed < 5; seed++) {
    assert_int_equal(mst_split_test(&records, 0.2, seed, is_test, NULL, &n_small), MST_OK);
    assert_int_equal(n_small, 0);
    for (int64_t g = 0; g < group.name.n; g++) side[g] = -1;
    for (int64_t d = 0; d < n; d++) {
      int *known = side + group.id[d];
      assert_true(*known < 0 || *known == is_test[d]);
      *known = is_test[d];
    }
    assert_true(worst_share(&label, is_test, n) < 0.02);
  }
  mst_free(unit);
  mst_free(key);
  mst_free(is_test);
  mst_free(side);
  mst_strings_fini(&storage);
  mst_categories_fini(&label);
  mst_categories_fini(&group);
  mst_records_free(r);
}

static void test_data__grouped_splits(void **state) {
  (void)state;
  check_grouped("maths-errors.csv", "student_step", "label", "problem_id");
  check_grouped("parakqc-korean.csv.gz", "text", "topic", "group");
}

int main(void) {
  if (access(data_path("arxiv-titles.csv.gz"), R_OK)) {
    printf("skipped: no %s\n", data_path("arxiv-titles.csv.gz"));
    return 77;
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_data__counts),
                                     cmocka_unit_test(test_data__grouped_splits)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
