/* Tables in five formats, and the width of text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "report/table.h"

static const char *const columns[] = {"label", "f1", "note"};

static void expect(const mst_table *t, mst_table_format format, const char *want) {
  char *got = NULL;
  assert_int_equal(mst_table_render(t, format, &got), MST_OK);
  assert_string_equal(got, want);
  mst_free(got);
}

static void an_empty_table_has_a_heading(void **state) {
  (void)state;
  mst_table *t = NULL;
  assert_int_equal(mst_table_create(NULL, "lnr", columns, &t), MST_OK);
  expect(t, MST_TABLE_TEXT, "label  f1  note\n-----  --  ----\n");
  expect(t, MST_TABLE_CSV, "label,f1,note\n");
  expect(t, MST_TABLE_JSON, "[]\n");
  expect(t, MST_TABLE_MARKDOWN, "| label | f1 | note |\n| :--- | ---: | ---: |\n");
  mst_table_free(t);
  mst_table_free(NULL);
}

/* Two rows and a half; the cells hold what each format has to escape. */
static mst_status fill(mst_table **out) {
  mst_table *t = NULL;
  mst_status st = mst_table_create("50 % of_it", "lnr", columns, &t);
  if (!st) st = mst_table_cell(t, "%s", "\xeb\xb6\x84\xec\x88\x98");
  if (!st) st = mst_table_cell(t, "%.4f", 0.5);
  if (!st) st = mst_table_cell(t, "a,\"b\"|c");
  if (!st) st = mst_table_cell(t, "two\nlines");
  if (!st) st = mst_table_cell(t, "%s", "");
  if (!st) st = mst_table_cell(t, "$x^2_i$ & {\\} # ~");
  if (!st) st = mst_table_cell(t, "short");
  if (!st) st = mst_table_cell(t, "none");
  if (!st) st = mst_table_note(t, "a note of %d rows", 3);
  if (st) mst_table_free(t);
  else *out = t;
  return st;
}

static void every_format_escapes_its_own(void **state) {
  (void)state;
  mst_table *t = NULL;
  assert_int_equal(fill(&t), MST_OK);
  expect(t, MST_TABLE_TEXT,
         "50 % of_it\n"
         "label          f1               note\n"
         "---------  ------  -----------------\n"
         "\xeb\xb6\x84\xec\x88\x98       0.5000            a,\"b\"|c\n"
         "two lines          $x^2_i$ & {\\} # ~\n"
         "short        none\n"
         "a note of 3 rows\n");
  expect(t, MST_TABLE_CSV,
         "label,f1,note\n"
         "\xeb\xb6\x84\xec\x88\x98,0.5000,\"a,\"\"b\"\"|c\"\n"
         "\"two\nlines\",,$x^2_i$ & {\\} # ~\n"
         "short,none,\n");
  expect(t, MST_TABLE_JSON,
         "[\n"
         "  {\n    \"label\": \"\xeb\xb6\x84\xec\x88\x98\",\n    \"f1\": 0.5,\n"
         "    \"note\": \"a,\\\"b\\\"|c\"\n  },\n"
         "  {\n    \"label\": \"two\\nlines\",\n    \"f1\": null,\n"
         "    \"note\": \"$x^2_i$ & {\\\\} # ~\"\n  },\n"
         "  {\n    \"label\": \"short\",\n    \"f1\": \"none\"\n  }\n"
         "]\n");
  expect(t, MST_TABLE_MARKDOWN,
         "**50 % of_it**\n\n"
         "| label | f1 | note |\n| :--- | ---: | ---: |\n"
         "| \xeb\xb6\x84\xec\x88\x98 | 0.5000 | a,\"b\"\\|c |\n"
         "| two<br>lines |  | $x^2\\_i$ & {\\} # ~ |\n"
         "| short | none |  |\n"
         "\na note of 3 rows\n");
  expect(t, MST_TABLE_LATEX,
         "\\begin{table}\n\\centering\n\\caption{50 \\% of\\_it}\n"
         "\\begin{tabular}{lrr}\n\\toprule\nlabel & f1 & note \\\\\n\\midrule\n"
         "\xeb\xb6\x84\xec\x88\x98 & 0.5000 & a,\"b\"|c \\\\\n"
         "two lines &  & \\$x\\textasciicircum{}2\\_i\\$ \\& \\{\\textbackslash{}\\} \\# "
         "\\textasciitilde{} \\\\\n"
         "short & none &  \\\\\n"
         "\\bottomrule\n\\end{tabular}\n\\par\\small a note of 3 rows\n\\end{table}\n");
  mst_table_free(t);
}

static void width_is_the_terminals(void **state) {
  (void)state;
  assert_int_equal(mst_display_width(""), 0);
  assert_int_equal(mst_display_width("abc"), 3);
  assert_int_equal(mst_display_width("\xeb\xb6\x84\xec\x88\x98 1"), 6); /* two syllables */
  assert_int_equal(mst_display_width("e\xcc\x81"), 1);                  /* e and an accent */
  assert_int_equal(mst_display_width("\xc3\xa9"), 1);                   /* the same, composed */
  assert_int_equal(mst_display_width("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"), 2); /* three jamo */
  assert_int_equal(mst_display_width("\xef\xbc\xa1\xe4\xb8\xad\xe3\x80\x82"), 6);
  assert_int_equal(mst_display_width("\xf0\x9f\x98\x80"), 2);
  assert_int_equal(mst_display_width("\xe2\x80\x8b\xef\xbb\xbf"), 0);
  assert_int_equal(mst_display_width("\xe2\x89\xa4\xc2\xbd"), 2);
  assert_int_equal(mst_display_width("a\xed\x95"), 1); /* cut: read as far as it goes */
  assert_int_equal(mst_display_width("a\tb\nc\x01"), 5);
}

static mst_status call(void *payload) {
  mst_table *t = NULL;
  mst_status st = fill(&t);
  for (int format = MST_TABLE_TEXT; format <= MST_TABLE_LATEX && !st; format++) {
    char *out = payload;
    st = mst_table_render(t, (mst_table_format)format, &out);
    if (st) assert_ptr_equal(out, payload);
    else mst_free(out);
  }
  if (t) mst_table_free(t);
  return st;
}

static void no_memory_at_any_point(void **state) {
  (void)state;
  int marker;
  assert_true(fail_every_alloc(call, &marker) > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_empty_table_has_a_heading),
      cmocka_unit_test(every_format_escapes_its_own),
      cmocka_unit_test(width_is_the_terminals),
      cmocka_unit_test(no_memory_at_any_point),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
