/* Files in PPDB's text format: order, parts of speech, damage, refused memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "wordnet_fixture.h"

static const char pairs[] =
    "[NN] ||| mistake ||| slip ||| PPDB2.0Score=2.5 PPDB1.0Score=9 ||| 0-0 ||| Equivalence\n"
    "[NN] ||| mistake ||| error ||| PPDB2.0Score=4.25 ||| 0-0 ||| Equivalence\r\n"
    "[NN] ||| mistake ||| truth ||| PPDB2.0Score=9.9 ||| 0-0 ||| Exclusion\n"
    "\n"
    "[VB] ||| mistake ||| take wrongly ||| PPDB2.0Score=1 ||| 0-0 ||| Equivalence\n"
    "[X] ||| mistake ||| failing ||| PPDB2.0Score=-1.5 ||| 0-0 ||| Equivalence\n"
    "[NP/PP] ||| the mistake ||| the error ||| PPDB2.0Score=5 ||| 0-0 1-1 ||| Equivalence\n"
    "[JJ] ||| wrong ||| it's ||| a=1 ||| 0-0\n"
    "[JJ] ||| wrong ||| incorrect ||| a=1 ||| 0-0\n"
    "[JJ] ||| wrong ||| false ||| a=1 ||| 0-0\n"
    "[JJ] ||| wrong ||| incorrect ||| a=1 ||| 0-0";

static mst_lexicon *open_file(const char *text, size_t n) {
  mst_lexicon *x = NULL;
  fixture_write("pairs", text, n);
  assert_int_equal(mst_lexicon_open(fixture_path("pairs"), NULL, &x), MST_OK);
  return x;
}

static void test_empty(void **state) {
  (void)state;
  mst_lexicon *x = open_file("", 0);
  assert_string_equal(fixture_find(x, "mistake", MST_POS_ANY), "");
  assert_string_equal(mst_lexicon_name(x), "pairs");
  mst_lexicon_close(x);
}

static void test_find(void **state) {
  (void)state;
  mst_lexicon *x = open_file(pairs, sizeof pairs - 1);
  assert_string_equal(fixture_find(x, "mistake", MST_POS_ANY), "error|slip|take wrongly|failing");
  assert_string_equal(fixture_find(x, "mistake", MST_POS_NOUN), "error|slip|failing");
  assert_string_equal(fixture_find(x, "mistake", MST_POS_VERB), "take wrongly|failing");
  assert_string_equal(fixture_find(x, "wrong", MST_POS_ADJECTIVE), "incorrect|false");
  assert_string_equal(fixture_find(x, "error", MST_POS_ANY), "");
  mst_lexicon_close(x);
}

static void expect_damage(const char *text, const char *message) {
  mst_lexicon *x = NULL;
  fixture_write("pairs", text, strlen(text));
  assert_int_equal(mst_lexicon_open(fixture_path("pairs"), NULL, &x), MST_E_FORMAT);
  assert_null(x);
  if (!strstr(mst_error_last()->message, message)) fail_msg("%s", mst_error_last()->message);
}

static void test_damaged(void **state) {
  (void)state;
  expect_damage("[NN] ||| a ||| b\n", "pairs:1: expected [TAG]");
  expect_damage("[NN] ||| a ||| b ||| x=1\nNN ||| a ||| b ||| x\n", "pairs:2: expected [TAG]");
  expect_damage("[NN] ||| a |||  ||| x\n", "pairs:1: expected [TAG]");
  expect_damage("[NN] ||| a\xff ||| b ||| x\n", "pairs:1: broken UTF-8");
  expect_damage("\x1f\x8b\x08", "gunzip");
}

static mst_status open_and_find(void *payload) {
  mst_lexicon *x = NULL;
  const mst_status st = mst_lexicon_open(payload, NULL, &x);
  if (st) assert_null(x);
  else assert_string_equal(fixture_find(x, "wrong", MST_POS_ANY), "incorrect|false");
  mst_lexicon_close(x);
  return st;
}

static void test_no_memory(void **state) {
  (void)state;
  char path[160];
  fixture_write("pairs", pairs, sizeof pairs - 1);
  (void)strcpy(path, fixture_path("pairs"));
  assert_true(fail_every_alloc(open_and_find, path) > 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_empty), cmocka_unit_test(test_find),
                                     cmocka_unit_test(test_damaged),
                                     cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
