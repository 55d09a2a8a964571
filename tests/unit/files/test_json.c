/* JSON: positions of errors, digits, order, and no memory at any point. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "files/json.h"
#include "misstep/rng.h"

static void expect_error(const char *text, const char *message) {
  mst_json *value = (mst_json *)text; /* must stay as it is */
  assert_int_equal(mst_json_parse(text, strlen(text), &value), MST_E_FORMAT);
  assert_ptr_equal(value, text);
  if (!strstr(mst_error_last()->message, message)) fail_msg("%s", mst_error_last()->message);
}

static void empty_input_is_an_error(void **state) {
  (void)state;
  mst_json *value = NULL;
  assert_int_equal(mst_json_parse(NULL, 0, &value), MST_E_FORMAT);
  assert_null(value);
}

static void errors_have_positions(void **state) {
  (void)state;
  expect_error("{\"a\": 1,\n\"b\" 2}", "line 2, column 5");
  expect_error("{\"a\": 1, \"a\": 2}", "duplicate");
  expect_error("[1] x", "line 1, column 5");
  expect_error("[1", "line 1");
  expect_error("\"\xff\"", "unable to decode byte 0xff");
  expect_error("[01]", "line 1");
  expect_error("1e999", "real number overflow");
  expect_error("[NaN]", "line 1");
}

static void expect_dump(const char *in, int indent, const char *want) {
  mst_json *value = NULL;
  char *out = NULL;
  size_t n = 0;
  assert_int_equal(mst_json_parse(in, strlen(in), &value), MST_OK);
  assert_int_equal(mst_json_dump(value, indent, &out, &n), MST_OK);
  assert_string_equal(out, want);
  assert_int_equal(n, strlen(want));
  mst_free(out);
  mst_json_free(value);
}

static void values_are_written_as_they_were(void **state) {
  (void)state;
  expect_dump("{}", 0, "{}");
  expect_dump(" [ ] ", 2, "[]\n");
  expect_dump("0.7", 0, "0.7");
  expect_dump("1.0", 0, "1.0");
  expect_dump("1", 0, "1");
  expect_dump("-0.0", 0, "-0.0");
  expect_dump("9223372036854775807", 0, "9223372036854775807");
  expect_dump("[true,false,null]", 0, "[true,false,null]");
  expect_dump("{\"z\": 1, \"a\": [1, 2], \"m\": [[1], {}]}", 2,
              "{\n  \"z\": 1,\n  \"a\": [1, 2],\n  \"m\": [\n    [1],\n    {}\n  ]\n}\n");
  expect_dump("\"\\u0000\\u001f\\n\\t\\\"\\\\\\/\xed\x95\x9c\"", 0,
              "\"\\u0000\\u001f\\n\\t\\\"\\\\/\xed\x95\x9c\"");
}

/* Reals of random bits come back as the same bits. */
static void reals_keep_their_bits(void **state) {
  (void)state;
  for (uint64_t i = 0; i < 20000; i++) {
    const uint64_t bits = mst_rng_u64(1, MST_RNG_GENERATE, i, 0, 0);
    double value, back;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value)) continue;
    mst_json *a = mst_json_new_real(value), *b = NULL;
    char *text = NULL;
    size_t n = 0;
    assert_int_equal(mst_json_dump(a, 0, &text, &n), MST_OK);
    assert_int_equal(mst_json_parse(text, n, &b), MST_OK);
    assert_int_equal(mst_json_kind_of(b), MST_JSON_REAL);
    back = mst_json_number(b);
    assert_memory_equal(&value, &back, sizeof value);
    mst_free(text);
    mst_json_free(a);
    mst_json_free(b);
  }
}

/* A locale with a decimal comma, where the machine has one. */
static void locale_does_not_matter(void **state) {
  (void)state;
  if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "de_DE.utf8")) skip();
  expect_dump("[0.5,1.25e-7]", 0, "[0.5,1.25e-07]");
  (void)setlocale(LC_NUMERIC, "C");
}

static void looking(void **state) {
  (void)state;
  const char *text = "{\"b\": [1, 2.75, \"x\\u0000y\"], \"a\": true, \"n\": null}";
  mst_json *o = NULL;
  assert_int_equal(mst_json_parse(text, strlen(text), &o), MST_OK);
  const mst_json *list = mst_json_get(o, "b");
  size_t n = 0;
  assert_int_equal(mst_json_size(o), 3);
  assert_int_equal(mst_json_size(list), 3);
  assert_string_equal(mst_json_key(o, 0), "b");
  assert_string_equal(mst_json_key(o, 1), "a");
  assert_null(mst_json_key(o, 3));
  assert_true(mst_json_value(o, 1) == mst_json_get(o, "a"));
  assert_int_equal(mst_json_int(mst_json_at(list, 1)), 2);
  assert_true(mst_json_number(mst_json_at(list, 0)) == 1.0);
  assert_memory_equal(mst_json_string(mst_json_at(list, 2), &n), "x\0y", 4);
  assert_int_equal(n, 3);
  assert_true(mst_json_bool(mst_json_get(o, "a")));
  assert_null(mst_json_get(o, "absent"));
  assert_null(mst_json_at(list, 3));
  assert_int_equal(mst_json_kind_of(NULL), MST_JSON_NULL);
  assert_true(isnan(mst_json_number(NULL)));
  assert_null(mst_json_string(list, NULL));
  assert_int_equal(mst_json_kind_of(mst_json_get(o, "n")), MST_JSON_NULL);
  mst_json_free(o);
}

static void files_are_named_in_errors(void **state) {
  (void)state;
  char path[] = "/tmp/misstep-json-XXXXXX";
  const int fd = mkstemp(path);
  assert_int_equal(write(fd, "[1,\n 2,\n}", 9), 9);
  (void)close(fd);
  mst_json *value = NULL;
  assert_int_equal(mst_json_load(path, &value), MST_E_FORMAT);
  assert_memory_equal(mst_error_last()->message, path, strlen(path));
  assert_non_null(strstr(mst_error_last()->message, ":3:1: "));
  (void)unlink(path);
  assert_int_equal(mst_json_load(path, &value), MST_E_IO);
  assert_non_null(strstr(mst_error_last()->message, "No such file"));
  assert_int_equal(mst_json_load("/tmp", &value), MST_E_IO);
  assert_non_null(strstr(mst_error_last()->message, "directory"));
  assert_null(value);
}

static mst_status build_call(void *payload) {
  mst_json *list = mst_json_new_array();
  mst_status st = mst_json_append(list, mst_json_new_int(3));
  if (!st) st = mst_json_append(list, mst_json_new_real(0.5));
  if (!st) st = mst_json_append(list, mst_json_new_bytes("abc", 3));
  mst_json *object = mst_json_new_object();
  mst_status st2 = mst_json_set(object, "list", list);
  if (!st && !st2) st2 = mst_json_set(object, "flag", mst_json_new_bool(1));
  char *text = payload;
  if (!st && !st2) st = mst_json_dump(object, 2, &text, NULL);
  if (st || st2) assert_ptr_equal(text, payload);
  else mst_free(text);
  mst_json_free(object);
  return st ? st : st2;
}

/* Parsing is jansson's own: the failing allocator stops at its door. */
static void no_memory_at_any_point(void **state) {
  (void)state;
  int marker;
  assert_true(fail_every_alloc(build_call, &marker) > 8);
}

static void text_that_is_not_utf8_is_refused(void **state) {
  (void)state;
  mst_json *list = mst_json_new_array();
  assert_int_equal(mst_json_append(list, mst_json_new_bytes("\xff", 1)), MST_E_ARG);
  assert_int_equal(mst_json_append(list, mst_json_new_real(NAN)), MST_OK);
  assert_int_equal(mst_json_kind_of(mst_json_at(list, 0)), MST_JSON_NULL);
  mst_json_free(list);
  mst_json_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(empty_input_is_an_error),          cmocka_unit_test(errors_have_positions),
      cmocka_unit_test(values_are_written_as_they_were),  cmocka_unit_test(reals_keep_their_bits),
      cmocka_unit_test(locale_does_not_matter),           cmocka_unit_test(looking),
      cmocka_unit_test(files_are_named_in_errors),        cmocka_unit_test(no_memory_at_any_point),
      cmocka_unit_test(text_that_is_not_utf8_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
