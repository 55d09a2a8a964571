/* test_augment_noise.c: operations that need no rule, the forms that keep a value, and programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "augment_support.h"

/* With these operations, among copies of text is `wanted`. */
static void makes(const char *operations, const char *text, const char *wanted) {
  made m;
  assert_int_equal(made_init(&m, "edits: 1..1\n", operations, text, 200), MST_OK);
  if (!made_has(&m, wanted)) {
    print_message("%s: %s\nis missing: %s\n", operations, text, wanted);
    made_print(&m);
    fail();
  }
  made_fini(&m);
}

static void makes_nothing(const char *operations, const char *text) {
  made m;
  assert_int_equal(made_init(&m, "", operations, text, 50), MST_OK);
  if (m.edits.n_copies) made_print(&m);
  assert_int_equal(m.edits.n_copies, 0);
  made_fini(&m);
}

static const char *const every[] = {"insertion", "deletion", "swap", "spelling",
                                    "keyboard",  "split",    "merge"};

static void test_empty(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof every / sizeof *every; i++) {
    makes_nothing(every[i], "");
    makes_nothing(every[i], "3 + 4 = 7");
    makes_nothing(every[i], " .,! \n ");
  }
}

static void test_deletion(void **state) {
  (void)state;
  makes("deletion", "one step too many", "one too many");
  makes("deletion", "Step one", "One");
  makes_nothing("deletion", "step");
  makes_nothing("deletion", "step, one");
}

static void test_swap(void **state) {
  (void)state;
  makes("swap", "Step one of two", "Two one of step");
  makes("swap", "step 3 here", "here 3 step");
  makes_nothing("swap", "step");
}

static void test_merge_and_split(void **state) {
  (void)state;
  makes("merge", "Step one of", "Stepone of");
  makes("split", "number", "num ber");
  makes("split", "\xEB\xB6\x84\xEC\x88\x98", "\xEB\xB6\x84 \xEC\x88\x98");
  makes_nothing("split", "four");
}

static void test_misspelling(void **state) {
  (void)state;
  makes("spelling", "number", "nubmer");
  makes("spelling", "number", "numer");
  makes("spelling", "number", "nummber");
  makes("keyboard", "number", "nimber");
  makes_nothing("spelling", "two m\xC3\xBCller"); /* letters that no keyboard table knows */
  makes_nothing("keyboard", "one don't x12 R2D2");
}

static void test_insertion(void **state) {
  made m;
  (void)state;
  makes_nothing("insertion", "number");
  assert_int_equal(made_init(&m, "error, slip\nedits: 1..1\n", "insertion", "The error here", 50),
                   MST_OK);
  assert_true(made_has(&m, "The error slip here"));
  assert_true(made_has(&m, "Slip the error here"));
  made_fini(&m);
}

static void test_contraction(void **state) {
  (void)state;
  makes("contraction", "it doesn't fit", "it does not fit");
  makes("contraction", "Do not", "Don't");
  makes("contraction", "so I've seen", "so I have seen");
  makes("contraction", "they cannot", "they can't");
  makes_nothing("contraction", "the student's own");
}

static void test_numbers(void **state) {
  (void)state;
  makes("number-words", "missed 3 steps", "missed three steps");
  makes("number-words", "Three steps", "3 steps");
  makes_nothing("number-words", "3/4, 3.5, 30 cm, x = 3, 3 + 4, 1,000");
}

static void test_units(void **state) {
  (void)state;
  makes("units", "5 cm long", "5 centimetres long");
  makes("units", "5cm long", "5 centimetres long");
  makes("units", "2.5 kilometres", "2.5 km");
  makes("units", "1 cm", "1 centimetre");
  makes_nothing("units", "5 cm\xC2\xB2, cm");
}

/* Steps in turn: each copy has a misspelling and then a merge. */
static void test_sequence(void **state) {
  made m;
  (void)state;
  assert_int_equal(made_init(&m, "edits: 2..2\nmax-change: 1\n", "keyboard, merge",
                             "number of steps too many", 30),
                   MST_OK);
  assert_true(m.edits.n_copies > 20);
  for (int64_t i = 0; i < m.edits.n_copies; i++) {
    int merges = 0, typos = 0;
    for (int32_t e = 0; e < m.edits.copy[i].n_edits; e++) {
      const mst_edit *edit = &m.edits.edit[m.edits.copy[i].first_edit + e];
      const mst_slice name = mst_augmenter_rule_name(m.augmenter, edit->rule);
      merges += name.len == 5 && !memcmp(name.ptr, "merge", 5);
      typos += name.len == 8 && !memcmp(name.ptr, "keyboard", 8);
    }
    assert_int_equal(merges, 1);
    assert_int_equal(typos, 1);
  }
  made_fini(&m);
}

static void test_sometimes(void **state) {
  made m;
  int64_t n = 0;
  (void)state;
  assert_int_equal(made_init(&m, "edits: 1..1\n", "sometimes(0.1, split)", "number", 1), MST_OK);
  for (uint64_t id = 0; id < 2000; id++) {
    m.record[0].id = id;
    assert_int_equal(mst_augment_records(m.batch, m.record, 7, 0, 1, &m.edits), MST_OK);
    n += m.edits.n_copies;
  }
  /* One step: an attempt ends when it was not taken, so 1 - 0.9^4 of 2000, as for rules. */
  assert_in_range(n, 600, 780);
  made_fini(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty),       cmocka_unit_test(test_deletion),
      cmocka_unit_test(test_swap),        cmocka_unit_test(test_merge_and_split),
      cmocka_unit_test(test_misspelling), cmocka_unit_test(test_insertion),
      cmocka_unit_test(test_contraction), cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_units),       cmocka_unit_test(test_sequence),
      cmocka_unit_test(test_sometimes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
