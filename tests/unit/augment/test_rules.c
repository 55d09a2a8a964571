/* test_rules.c: the reader of rule files: what it accepts, and each thing that it refuses with the
 * place where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "rules.h"

static mst_status read_bytes(const char *text, size_t n, mst_rules_counts *counts) {
  mst_rules_builder *builder = NULL;
  mst_rules *rules = NULL;
  mst_status st = mst_rules_builder_create(&builder);
  if (!st) st = mst_rules_builder_add(builder, "my.rules", text, (int64_t)n);
  if (!st) st = mst_rules_compile(builder, &rules);
  if (!st) *counts = mst_rules_count(rules);
  mst_rules_free(rules);
  mst_rules_builder_free(builder);
  return st;
}

static mst_rules_counts works(const char *text) {
  mst_rules_counts counts = {0};
  const mst_status st = read_bytes(text, strlen(text), &counts);
  if (st) print_message("%s\n%s\n", text, mst_error_last()->message);
  assert_int_equal(st, MST_OK);
  return counts;
}

/* The rule file is refused with a message that begins with "my.rules:" place and has the words. */
static void fails_as(mst_status expected, const char *text, const char *place, const char *words) {
  mst_rules_counts counts;
  char begin[64];
  (void)snprintf(begin, sizeof begin, "my.rules:%s", place);
  const mst_status st = read_bytes(text, strlen(text), &counts);
  const char *message = mst_error_last()->message;
  if (st != expected || strncmp(message, begin, strlen(begin)) != 0 || !strstr(message, words))
    print_message("%s\n%s\nexpected %s ... %s\n", text, message, begin, words);
  assert_int_equal(st, expected);
  assert_int_equal(strncmp(message, begin, strlen(begin)), 0);
  assert_non_null(strstr(message, words));
}

static void fails(const char *text, const char *place, const char *words) {
  fails_as(MST_E_FORMAT, text, place, words);
}

static void test_empty(void **state) {
  (void)state;
  const mst_rules_counts n = works("");
  assert_int_equal(n.n_files, 1);
  assert_int_equal(n.n_rules, 0);
  assert_int_equal(works("\n# nothing\n   \n\r\n").n_rules, 0);
}

static void test_counts(void **state) {
  (void)state;
  const mst_rules_counts n = works("\xEF\xBB\xBF# a file with a byte order mark\r\n"
                                   "incorrect, wrong, mistaken [pos: adjective]\r\n"
                                   "missing => omitted, left out  # one way\n"
                                   "{op}: addition (gerund: adding), division (gerund: dividing)\n"
                                   "\"error in {op}\" <-> \"slip in {op:gerund}\" [name: x]\n"
                                   "\"lost {n} steps\" -> \"{n} steps were lost\"\n"
                                   "one \\\n  , two\n");
  assert_int_equal(n.n_rules, 5);
  assert_int_equal(n.n_classes, 2);
  assert_int_equal(n.n_one_way, 1);
  assert_int_equal(n.n_paraphrases, 2);
  assert_int_equal(n.n_patterns, 3 + 1 + 4 + 1 + 2);
}

static void test_names(void **state) {
  (void)state;
  mst_rules_builder *builder = NULL;
  mst_rules *rules = NULL;
  static const char text[] = "a1 , b1\nc1 => d1 [name: own]\n";
  assert_int_equal(mst_rules_builder_create(&builder), MST_OK);
  assert_int_equal(mst_rules_builder_add(builder, "dir/my.rules", text, sizeof text - 1), MST_OK);
  assert_int_equal(mst_rules_compile(builder, &rules), MST_OK);
  assert_int_equal(mst_rules_n(rules), 2);
  assert_memory_equal(mst_rules_name(rules, 0).ptr, "my:1", 4);
  assert_memory_equal(mst_rules_name(rules, 1).ptr, "own", 3);
  mst_rules_free(rules);
  mst_rules_builder_free(builder);
}

static void test_phrases(void **state) {
  (void)state;
  fails("wrong\n", "1:6", "one phrase alone");
  fails("wrong, \n", "1:8", "expected a phrase");
  fails("wrong =>\n", "1:9", "nothing can be neither replaced");
  fails("wrong => \"\"\n", "1:10", "expected a phrase");
  fails("wrong, right\nold, \"new\n", "2:6", "not closed");
  fails("wrong, 'no'\n", "1:8", "does not begin and end");
  fails("wrong, \"no!\"\n", "1:8", "does not begin and end");
  fails("wrong, Wrong\n", "1:", "replaced by itself");
  fails("wrong > bad\n", "1:7", "'>'");
  fails("a = b\n", "1:3", "'='");
  fails("wrong} , bad\n", "1:6", "without '{'");
  fails("colour: red, blue\n", "1:1", "unknown setting 'colour:'");
  fails("wrong, bad <- x\n", "1:12", "'<'");
  fails("wrong, b\xF0\x90\xA9\xA0\xF0\x90\xA9\xB0\n", "1:9", "stands for slots");
}

static void test_slots(void **state) {
  (void)state;
  fails("\"in {opp}\" -> \"of {opp}\"\n", "1:6", "no slot 'opp'");
  fails("{op}: addition\n\"in {oq}\" -> \"x\"\n", "2:6", "did you mean 'op'?");
  fails("{op}: addition (verb: add)\n\"in {op:gerund}\" -> \"x\"\n", "2:9", "no form of {op}");
  fails("{op}: addition (verb: add), division\n\"in {op}\" -> \"to {op:verb}\"\n",
        "2:", "'division' has no form 'verb'");
  fails("{op}: addition (verb add)\n", "1:22", "':'");
  fails("{op}: addition (verb: add, verb: sum)\n", "1:28", "twice");
  fails("{op}: , addition\n", "1:7", "a value of the slot");
  fails("{n}: one\n", "1:2", "a new name");
  fails("{op}: a\n{op}: b\n", "2:2", "a new name");
  fails("\"in {n:word}\" -> \"of {n}\"\n", "1:8", "no forms");
  fails("\"{n} and {n}\" -> \"twice {n}\"\n", "1:10", "the same slot twice");
  fails("\"in {n}\" -> \"of {n1}\"\n", "1:", "does not have");
  fails("\"in {n}\" -> \"there\"\n", "1:", "drops a number");
  fails("\"x{n}\" -> \"of {n}\"\n", "1:1", "touches a letter");
  fails("\"in {n\" -> \"of\"\n", "1:7", "expected '}'");
  fails("\"{w} {w1} {w2} {w3} {w4}\" -> \"x\"\n", "1:21", "at most 4");
  assert_int_equal(works("\"in {w} steps\" -> \"there\"\n").n_patterns, 1);
  assert_int_equal(works("\"in ({n}) steps\" <-> \"{n} steps\"\n").n_patterns, 2);
}

static void test_attributes(void **state) {
  (void)state;
  fails("a1, b1 [weigth: 2]\n", "1:9", "did you mean 'weight'?");
  fails("a1, b1 [weight: 0]\n", "1:17", "0.001 to 1000");
  fails("a1, b1 [p: 2]\n", "1:12", "probability");
  fails("a1, b1 [p: 0]\n", "1:12", "probability");
  fails("a1, b1 [pos: nuon]\n", "1:14", "noun, verb");
  fails("a1, b1 [keeps: sense]\n", "1:16", "value");
  fails("a1, b1 [name: ]\n", "1:15", "a name");
  fails("a1, b1 [p: 1] [p: 1]\n", "1:16", "twice");
  fails("a1, b1 [p 1]\n", "1:11", "':'");
  fails("a1, b1 [p: 1\n", "1:13", "']'");
  fails("a1, b1 [p: 1] c1\n", "1:15", "end of the line");
  fails("a1, b1 [operation: unit]\n", "1:20", "units");
  fails("a1, b1 [label: Other]\n", "1:16", "unknown label 'Other'");
  fails("labels: Calculation Error\na1, b1 [label: Calculation Eror]\n", "2:16",
        "did you mean 'Calculation Error'?");
  assert_int_equal(works("labels: A, B\na1, b1 [label: A, B] [not-label: B]\n").n_rules, 1);
}

static void test_settings(void **state) {
  (void)state;
  fails("language: fr\n", "1:11", "en or ko");
  fails("langauge: en\n", "1:1", "did you mean 'language'?");
  fails("labels: A,\n", "1:11", "a label");
  fails("operations: synonim\n", "1:13", "did you mean 'synonym'?");
  fails("operations: one-of(synonym\n", "1:27", "')'");
  fails("operations: sometimes(2, swap)\n", "1:23", "probability");
  fails("operations: swap swap\n", "1:18", "','");
  fails("edits: 3\n", "1:8", "1..3");
  fails("edits: 3..1\n", "1:8", "1..3");
  fails("edits: 1..17\n", "1:11", "0 to 16");
  fails("max-change: 0\n", "1:13", "above 0");
  fails("protect: \n", "1:10", "expected a phrase");
  fails("protect: step {n}\n", "1:9", "slot");
  fails("protect-pattern: [a\n", "1:18", "regular expression");
  fails("protect-pattern: a*\n", "1:18", "matches nothing at all");
  fails("protect-pattern:\n", "1:17", "regular expression");
  fails("language: en ko\n", "1:14", "end of the line");
  assert_int_equal(works("operations: one-of(synonym 3, paraphrase), sometimes(0.2, swap)\n"
                         "edits: 0..4\nmax-change: 0.25\nprotect: solve, \"per cent\"\n"
                         "protect-pattern: [A-Z]-[0-9]+\nlanguage: ko\n")
                       .n_rules,
                   0);
}

static void test_text(void **state) {
  (void)state;
  mst_rules_counts counts;
  fails("a1, b1\nc\xff, d1\n", "2:2", "broken UTF-8");
  fails("a1, b1\nc\xed\xa0\x80, d1\n", "2:2", "broken UTF-8");
  assert_int_equal(read_bytes("a1, b\0", 6, &counts), MST_E_FORMAT);
  assert_non_null(strstr(mst_error_last()->message, "my.rules:1:6: a zero byte"));
}

static void test_overlaps(void **state) {
  (void)state;
  fails("error, slip\nfault, Slip\n", "2:8", "line 1");
  fails("error, slip\nslip => fault\n", "2:1", "line 1");
  fails("{op}: adding, dividing\n\"error in {op}\" -> \"slip in {op}\"\n"
        "\"error in dividing\" -> \"a slip\"\n",
        "3:1", "line 2");
  fails("\"error in {w}\" -> \"slip in {w}\"\n\"error in adding\" -> \"a slip\"\n", "2:1",
        "line 1");
  fails("\"lost {n} steps\" -> \"{n} lost\"\n\"lost {many} steps\" -> \"{many} gone\"\n", "2:1",
        "line 1");
  fails("\"lost {n} steps\" -> \"{n} lost\"\n\"lost 3 steps\" -> \"some lost\" [keeps: value]\n",
        "2:1", "line 1");
  fails("\"lost {many} steps\" -> \"{many} lost\"\n\"lost 3 steps\" -> \"x\" [keeps: value]\n",
        "2:1", "line 1");
  (void)works("\"{many} steps\" -> \"{many} parts\"\n\"1 step\" -> \"a step\" [keeps: value]\n"
              "\"lost {many} bits\" -> \"{many} lost\"\n\"lost 1 bits\" -> \"x\" [keeps: value]\n");
  (void)works("error, slip [pos: noun]\nslip, slide [pos: verb]\n");
  (void)works("error, slip\nslip, slide [allow: overlap]\n");
  (void)works("labels: A, B\nerror, slip [label: A]\nslip, slide [not-label: A]\n");
  (void)works("labels: A, B\nerror, slip [label: A]\nslip, slide [label: B]\n");
  (void)works("\"{many} mm\" -> \"{many} millimetres\"\n\"{many}m\" -> \"{many} metres\"\n"
              "\"{many}mm\" -> \"{many} millimetres\"\n");
  fails("labels: A, B\nerror, slip [not-label: A]\nslip, slide [label: B]\n", "3:1", "line 2");
}

static void test_cycles(void **state) {
  (void)state;
  fails("a1 => b1\nb1 => a1\n", "2:1:", "cycle");
  fails("a1 => b1\nb1 => c1\n  \"c1\" -> \"A1\"\n", "3:3:", "line 1");
  (void)works("a1 => b1\nb1 => c1\n");
  (void)works("a1 => b1, c1\nb1 => d1\nc1 => d1\n");
}

static void test_limits(void **state) {
  (void)state;
  char many[1024] = "a0", words[1024] = "x";
  for (int i = 1; i < 80; i++) {
    (void)snprintf(many + strlen(many), 16, ", a%d", i);
    (void)snprintf(words + strlen(words), 16, " w");
  }
  fails_as(MST_E_LIMIT, many, "1:", "at most 64");
  (void)snprintf(words + strlen(words), 16, ", y");
  fails(words, "1:1", "at most 64");
  fails_as(MST_E_LIMIT,
           "{a}: a1, a2, a3, a4, a5, a6, a7, a8, a9\n{b}: b1, b2, b3, b4, b5, b6, b7, b8, b9\n"
           "{c}: c1, c2, c3, c4, c5, c6, c7, c8, c9\n{d}: d1, d2, d3, d4, d5, d6, d7, d8, d9\n"
           "\"{a} {b} {c} {d}\" -> \"x\"\n",
           "5:1:", "4096");
  char *long_line = malloc((1 << 20) + 64);
  assert_non_null(long_line);
  (void)strcpy(long_line, "a1, b1\nc1, ");
  memset(long_line + 11, 'x', (1 << 20) + 1);
  (void)strcpy(long_line + 11 + (1 << 20) + 1, "\n");
  fails_as(MST_E_LIMIT, long_line, "2:5:", "bytes");
  free(long_line);
}

static void test_shipped(void **state) {
  (void)state;
  mst_rules_builder *builder = NULL;
  assert_true(mst_rules_shipped_n() >= 1);
  for (int i = 0; i < mst_rules_shipped_n(); i++) {
    assert_int_equal(mst_rules_builder_create(&builder), MST_OK);
    assert_int_equal(mst_rules_builder_add_shipped(builder, mst_rules_shipped_name(i)), MST_OK);
    mst_rules_builder_free(builder);
    const mst_slice text = mst_rules_shipped_text(i); /* checked like anybody's file */
    assert_int_equal(mst_rules_builder_create(&builder), MST_OK);
    assert_int_equal(mst_rules_builder_add(builder, mst_rules_shipped_name(i), text.ptr, text.len),
                     MST_OK);
    mst_rules_builder_free(builder);
  }
  assert_int_equal(mst_rules_builder_create(&builder), MST_OK);
  assert_int_equal(mst_rules_builder_add_shipped(builder, "nothing"), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "forms.en"));
  mst_rules_builder_free(builder);
}

/* A rule of a million lines takes seconds, not minutes; here 20,000. */
static void test_large(void **state) {
  (void)state;
  mst_buffer text;
  mst_buffer_init(&text, 1 << 24, "rules");
  for (int i = 0; i < 20000; i++)
    assert_int_equal(mst_buffer_printf(&text, "word%d => other%d\n", i, i), MST_OK);
  mst_rules_counts counts;
  assert_int_equal(read_bytes((const char *)text.data, text.size_bytes, &counts), MST_OK);
  assert_int_equal(counts.n_patterns, 20000);
  mst_buffer_fini(&text);
}

static mst_status read_for_oom(void *payload) {
  static const char text[] = "labels: A\n{op}: addition (verb: add), division (verb: divide)\n"
                             "error, slip [label: A]\n\"to {op:verb} {n}\" <-> \"{op} of {n}\"\n"
                             "protect: solve\nprotect-pattern: x+\na => b [name: z]\n";
  (void)payload;
  mst_rules_counts counts = {.n_rules = -1};
  const mst_status st = read_bytes(text, sizeof text - 1, &counts);
  if (st) assert_int_equal(counts.n_rules, -1);
  return st;
}

static void test_no_memory(void **state) {
  (void)state;
  assert_true(fail_every_alloc(read_for_oom, NULL) > 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty),    cmocka_unit_test(test_counts),
      cmocka_unit_test(test_names),    cmocka_unit_test(test_phrases),
      cmocka_unit_test(test_slots),    cmocka_unit_test(test_attributes),
      cmocka_unit_test(test_settings), cmocka_unit_test(test_text),
      cmocka_unit_test(test_overlaps), cmocka_unit_test(test_cycles),
      cmocka_unit_test(test_limits),   cmocka_unit_test(test_shipped),
      cmocka_unit_test(test_large),    cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
