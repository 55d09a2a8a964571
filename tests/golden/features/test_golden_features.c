/* test_golden_features.c: vectorizers against scikit-learn's results in cases.jsonl (made by
 * scripts/golden/features.py). Integers and terms are equal; weights are within 4 units in the last
 * place of the requested type: scikit-learn rounds each step to it, we round once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "files/folder.h"
#include "misstep/alloc.h"
#include "vectorize_case.h"

#define ULPS 4.0

static double spacing(double x, int is_float32) {
  return is_float32 ? (double)(nextafterf((float)fabs(x), INFINITY) - (float)fabs(x))
                    : nextafter(fabs(x), INFINITY) - fabs(x);
}

/* Compare two arrays item by item. */
static void compare_arrays(const mst_json *got, const mst_json *want, int is_float32) {
  assert_non_null(got);
  assert_non_null(want);
  assert_int_equal(mst_json_size(got), mst_json_size(want));
  for (size_t i = 0; i < mst_json_size(want); i++) {
    const mst_json *g = mst_json_at(got, i), *w = mst_json_at(want, i);
    size_t n_got = 0, n_want = 0;
    if (mst_json_kind_of(w) == MST_JSON_STRING) {
      const char *a = mst_json_string(g, &n_got), *b = mst_json_string(w, &n_want);
      assert_int_equal(n_got, n_want);
      assert_memory_equal(a, b, n_want);
    } else if (mst_json_kind_of(w) == MST_JSON_INT) {
      assert_int_equal(mst_json_int(g), mst_json_int(w));
    } else {
      const double x = mst_json_number(g), y = mst_json_number(w);
      assert_true(fabs(x - y) <= ULPS * spacing(y, is_float32));
    }
  }
}

static void compare_matrices(const mst_json *got, const mst_json *want, int is_float32) {
  static const char *const parts[] = {"indptr",       "indices",       "data",
                                      "count_indptr", "count_indices", "counts"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    compare_arrays(mst_json_get(got, parts[i]), mst_json_get(want, parts[i]), is_float32);
}

static void compare_results(const mst_json *the_case, const mst_json *got, const mst_json *want) {
  const mst_json *options = mst_json_get(the_case, "options");
  const char *dtype = mst_json_string(mst_json_get(options, "dtype"), NULL);
  const int is_float32 = strcmp(dtype, "float32") == 0;
  if (mst_json_get(want, "error")) {
    assert_non_null(mst_json_get(got, "error"));
    return;
  }
  assert_null(mst_json_get(got, "error"));
  static const char *const parts[] = {"terms", "df", "tf", "idf"};
  for (int i = 0; i < 4; i++)
    compare_arrays(mst_json_get(got, parts[i]), mst_json_get(want, parts[i]), is_float32);
  compare_matrices(mst_json_get(got, "fit"), mst_json_get(want, "fit"), is_float32);
  compare_matrices(mst_json_get(got, "transform"), mst_json_get(want, "transform"), is_float32);
}

static void equal_to_scikit_learn(void **state) {
  (void)state;
  char *bytes = NULL;
  size_t n = 0;
  int n_cases = 0;
  assert_int_equal(mst_file_read(GOLDEN_CASES, (size_t)1 << 26, &bytes, &n), MST_OK);
  for (char *line = bytes, *end = bytes + n; line < end;) {
    char *stop = memchr(line, '\n', (size_t)(end - line));
    assert_non_null(stop);
    mst_json *both = NULL, *got = NULL;
    assert_int_equal(mst_json_parse(line, (size_t)(stop - line), &both), MST_OK);
    const mst_json *the_case = mst_json_get(both, "case");
    if (the_case) {
      assert_int_equal(vectorize_case(the_case, &got), MST_OK);
      compare_results(the_case, got, mst_json_get(both, "expected"));
      n_cases++;
    }
    mst_json_free(got);
    mst_json_free(both);
    line = stop + 1;
  }
  assert_true(n_cases >= 20);
  mst_free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(equal_to_scikit_learn)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
