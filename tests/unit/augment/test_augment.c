/* test_augment.c: what the engine writes: the paper's two examples, case, articles, slots, labels,
 * protection, and that text and pieces agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "augment_support.h"
#include "failing_alloc.h"

#define OPS                                                                                        \
  "{op}: addition (gerund: adding), subtraction (gerund: subtracting), division (gerund: "         \
  "dividing)\n"

/* Among many copies of text is `wanted`. */
static void makes(const char *rules, const char *text, const char *wanted) {
  made m;
  assert_int_equal(made_init(&m, rules, NULL, text, 60), MST_OK);
  if (!made_has(&m, wanted)) {
    print_message("%s\n%s\nis missing: %s\n", rules, text, wanted);
    made_print(&m);
    fail();
  }
  made_fini(&m);
}

/* The one copy that rules make of text; NULL: there is none. */
static void makes_only(const char *rules, const char *text, const char *wanted) {
  made m;
  assert_int_equal(made_init(&m, rules, NULL, text, 20), MST_OK);
  if (m.edits.n_copies != (wanted != NULL) || (wanted && !made_has(&m, wanted))) {
    print_message("%s\n%s\nexpected only: %s\n", rules, text, wanted ? wanted : "nothing");
    made_print(&m);
    fail();
  }
  assert_int_equal(m.edits.n_wanted, 20);
  assert_int_equal(m.edits.n_copies + m.edits.n_without + m.edits.n_duplicates + m.edits.n_unsafe,
                   20);
  made_fini(&m);
}

static void test_empty(void **state) {
  (void)state;
  makes_only("", "", NULL);
  makes_only("a1, b1\n", "", NULL);
  makes_only("", "some text", NULL);
  makes_only("a1, b1\n", "  \n ...", NULL);
}

static void test_paper(void **state) {
  (void)state;
  makes(OPS "\"Calculation error in {op}\" <-> \"Mistake in {op:gerund} numbers\"\n",
        "Calculation error in subtraction", "Mistake in subtracting numbers");
  makes("incorrect, wrong\n", "incorrect", "wrong");
  makes("missing, omitted\n", "a step is missing", "a step is omitted");
}

static void test_case(void **state) {
  (void)state;
  makes_only("error, slip\n", "An error.", "A slip.");
  makes_only("error, slip\n", "Error!", "Slip!");
  makes_only("error, slip\n", "SLIP OF THE PEN", "ERROR OF THE PEN");
  makes_only("left out, omitted\n", "Left out", "Omitted");
  makes_only("left out, omitted\n", "OMITTED", "LEFT OUT");
  makes_only("the term => Euclid\n", "by the term", "by Euclid");
  makes_only("\"Slip in it\" -> \"Error there\"\n", "a slip in it", "an error there");
  makes_only("\"{w} error\" -> \"error in {w}\"\n", "Sign error", "Error in sign");
  makes_only("I, we\n", "so I said", "so we said");
}

static void test_article(void **state) {
  (void)state;
  makes_only("mistake => error\n", "a mistake", "an error");
  makes_only("mistake => error\n", "A mistake", "An error");
  makes_only("error => mistake\n", "an error", "a mistake");
  makes_only("mistake => fault\n", "a mistake", "a fault");
  makes_only("mistake => unit\n", "a mistake", "a unit");
  makes_only("pupil => honest pupil\n", "a pupil", "an honest pupil");
  makes_only("mistake => error\n", "vitamin a, mistake", "vitamin a, error");
}

static void test_white_space(void **state) {
  (void)state;
  makes_only("left out => omitted\n", "was left \t out.  twice", "was omitted.  twice");
  makes_only("left out => omitted\n", "was left\nout", NULL);
  makes_only("left out => omitted\n", "was left, out", NULL);
  makes_only("\"left, out\" => omitted\n", "was left, out", "was omitted");
  makes_only("error => slip\n", "errors, terror", NULL);
  makes_only("error => slip\n", "error-prone", "slip-prone");
  makes_only("don => wear\n", "don't", NULL);
  makes_only("student => pupil\n", "the student's", "the pupil's");
}

static void test_slots(void **state) {
  (void)state;
  makes_only("\"missed {n} steps\" -> \"left out {n} steps\"\n", "missed 2.5 steps",
             "left out 2.5 steps");
  makes_only("\"missed {n} steps\" -> \"left out {n} steps\"\n", "missed 3/4 steps",
             "left out 3/4 steps");
  makes_only("\"missed {n} steps\" -> \"left out {n} steps\"\n", "missed two steps", NULL);
  makes_only("\"missed {many} steps\" -> \"{many} steps left out\"\n", "missed 1 steps", NULL);
  makes_only("\"from {n1} to {n2} now\" -> \"to {n2} from {n1} then\"\n", "from 3 to 12 now",
             "to 12 from 3 then");
  makes_only("\"wrote {expr} down\" -> \"noted {expr} there\"\n", "wrote 3 + 4 = 7 down",
             "noted 3 + 4 = 7 there");
  makes_only("\"{n}cm long\" -> \"as long as {n}cm\"\n", "5cm long", "as long as 5cm");
  makes(OPS "{op}, the {op:gerund} [p: 0.9]\n", "Division", "The dividing");
}

static void test_maths_is_kept(void **state) {
  (void)state;
  makes_only("in => inside\n", "5 in the", NULL); /* a unit there */
  makes_only("in => inside\n", "is in the", "is inside the");
  makes_only("x => y\n", "x = 3", NULL);        /* a variable */
  makes_only("wrong => cm\n", "3 wrong", NULL); /* would become a unit */
  makes_only("3 => three\n", "3 steps", NULL);  /* a number, without keeps */
  makes_only("3 => three [keeps: value]\n", "3 steps", "three steps");
  makes_only("3 => three [keeps: value]\n", "3 + 4", NULL);
  makes_only("3 => three [keeps: value]\n", "3 cm", NULL); /* cm would lose its number */
  makes_only("3 => three [keeps: value]\n", "3/4 of", NULL);
  makes_only("text => words\n", "\\text{ab} and $ text $", NULL);
  makes_only("one => 1\n", "one step", NULL); /* a number would appear */
}

static void test_protect(void **state) {
  (void)state;
  makes_only("protect: number line\nnumber, figure\n", "a number line", NULL);
  makes_only("protect: number line\nnumber, figure\n", "a number there", "a figure there");
  makes_only("protect-pattern: [A-Z]+[0-9]*\nnumber, figure\n", "NUMBER", NULL);
  makes_only("protect-pattern: ^number\nnumber, figure\n", "number", NULL);
}

static void test_labels(void **state) {
  static const char rules[] = "labels: A, B\nerror, slip [label: A]\nwrong, false [not-label: A]\n";
  made m;
  (void)state;
  assert_int_equal(made_init(&m, rules, NULL, "wrong error", 9), MST_OK);
  assert_true(made_has(&m, "false error")); /* no label: only rules that need none */
  assert_false(made_has(&m, "wrong slip"));
  m.record[0].label = mst_augmenter_label(m.augmenter, (mst_slice){(const uint8_t *)"A", 1});
  assert_int_equal(m.record[0].label, 0);
  assert_int_equal(mst_augment_records(m.batch, m.record, 7, 0, 1, &m.edits), MST_OK);
  assert_int_equal(m.edits.n_copies, 1);
  assert_true(made_has(&m, "wrong slip"));
  assert_int_equal(mst_augmenter_label(m.augmenter, (mst_slice){(const uint8_t *)"C", 1}), -1);
  made_fini(&m);
}

static void test_pos(void **state) {
  (void)state;
  makes_only("step, go [pos: verb]\n", "the step", NULL);
  makes_only("step, go [pos: verb]\n", "to step", "to go");
  makes_only("step, stage [pos: noun]\n", "can step", NULL);
  makes_only("step, stage [pos: noun]\n", "the step", "the stage");
}

static void test_korean(void **state) {
  (void)state;
  /* bunsu -> noun with a final consonant: the particle -reul becomes -eul */
  makes_only("language: ko\n\xEB\xB6\x84\xEC\x88\x98 => \xEA\xB3\x84\xEC\x82\xB0\n",
             "\xEB\xB6\x84\xEC\x88\x98\xEB\xA5\xBC", "\xEA\xB3\x84\xEC\x82\xB0\xEC\x9D\x84");
  makes_only("language: ko\n\xEB\xB6\x84\xEC\x88\x98 => \xEA\xB3\x84\xEC\x82\xB0 [pos: verb]\n",
             "\xEB\xB6\x84\xEC\x88\x98\xEB\xA5\xBC", NULL);
}

static void test_weights(void **state) {
  static const char rules[] =
      "error => slip [weight: 9]\nwrong => false [weight: 1]\nedits: 1..1\n";
  made m;
  int64_t slips = 0;
  (void)state;
  assert_int_equal(made_init(&m, rules, NULL, "wrong error", 1), MST_OK);
  for (uint64_t id = 0; id < 2000; id++) {
    m.record[0].id = id;
    assert_int_equal(mst_augment_records(m.batch, m.record, 7, 0, 1, &m.edits), MST_OK);
    assert_int_equal(m.edits.n_copies, 1);
    slips += made_has(&m, "wrong slip");
  }
  assert_in_range(slips, 1740, 1860); /* 1800 expected, 13.4 the standard deviation */
  made_fini(&m);
}

static void test_probability(void **state) {
  made m;
  int64_t made_copies = 0;
  (void)state;
  assert_int_equal(made_init(&m, "error => slip [p: 0.1]\n", NULL, "error", 1), MST_OK);
  for (uint64_t id = 0; id < 2000; id++) {
    m.record[0].id = id;
    assert_int_equal(mst_augment_records(m.batch, m.record, 7, 0, 1, &m.edits), MST_OK);
    made_copies += m.edits.n_copies;
  }
  /* Four attempts: 1 - 0.9^4 = 0.3439, so 688 with a standard deviation of 21. */
  assert_in_range(made_copies, 600, 780);
  made_fini(&m);
}

static void test_limits_of_edits(void **state) {
  static const char text[] = "aa aa aa aa aa aa aa aa aa aa";
  made m;
  (void)state;
  assert_int_equal(made_init(&m, "aa => bb\nedits: 2..4\nmax-change: 1\n", NULL, text, 50), MST_OK);
  for (int64_t i = 0; i < m.edits.n_copies; i++) assert_in_range(m.edits.copy[i].n_edits, 2, 4);
  made_fini(&m);
  assert_int_equal(made_init(&m, "aa => bb\nedits: 5..9\nmax-change: 0.3\n", NULL, text, 50),
                   MST_OK);
  assert_true(m.edits.n_copies > 0);
  for (int64_t i = 0; i < m.edits.n_copies; i++) assert_int_equal(m.edits.copy[i].n_edits, 3);
  made_fini(&m);
}

/* Copies depend on rules, seed, id and text alone; more copies leave the first ones alone. */
static void test_independence(void **state) {
  static const char rules[] = "error, slip, fault\nwrong, false\nsum, total\n";
  static const char texts[] = "wrong sum|an error|a wrong error in the sum|sum|wrong";
  made all, one;
  (void)state;
  assert_int_equal(made_init(&all, rules, NULL, texts, 4), MST_OK);
  assert_int_equal(made_init(&one, rules, NULL, "a wrong error in the sum", 2), MST_OK);
  one.record[0].id = 1002;
  assert_int_equal(mst_augment_records(one.batch, one.record, 7, 0, 1, &one.edits), MST_OK);
  int64_t first = 0;
  while (all.edits.copy[first].doc != 2) first++;
  for (int64_t i = 0; i < 2; i++) {
    char *a = made_text(&all, first + i), *b = made_text(&one, i);
    assert_string_equal(a, b);
    free(a);
    free(b);
  }
  made_fini(&one);
  made_fini(&all);
}

/* Pieces with edits are the pieces of the text with edits. */
static void test_pieces(void **state) {
  static const char rules[] = "error, slip up, fault\nwrong => false\n\"lost {n} steps\" -> \"{n} "
                              "steps, in all, lost\"\nmistake => error\n";
  static const char texts[] =
      " An ERROR:  wrong|a wrong\nerror|he lost 3 steps. Wrong!|x|a mistake";
  made m;
  mst_pieces *applied = NULL, *cut = NULL;
  mst_backend *cpu = NULL;
  mst_buffer bytes;
  int64_t start[200] = {0};
  (void)state;
  mst_buffer_init(&bytes, 1 << 20, "copies");
  assert_int_equal(made_init(&m, rules, "one-of(synonym, paraphrase, split)", texts, 9), MST_OK);
  const mst_edits *edits = &m.edits;
  assert_int_equal(mst_augment_pieces(m.batch, &edits, 1, 2, &applied), MST_OK);
  for (int64_t i = 0; i < m.edits.n_copies; i++) {
    assert_int_equal(mst_augment_write(m.batch, edits, &edits->copy[i], &bytes), MST_OK);
    start[i + 1] = (int64_t)bytes.size_bytes;
  }
  const mst_text text = {m.edits.n_copies, bytes.data, start};
  assert_int_equal(mst_backend_open("cpu", 1, &cpu), MST_OK);
  assert_int_equal(mst_pieces_create(cpu, &text, &cut), MST_OK);
  assert_true(cut->n_docs > 20);
  assert_int_equal(applied->n_docs, cut->n_docs);
  assert_memory_equal(applied->doc_ptr, cut->doc_ptr, ((size_t)cut->n_docs + 1) * 8);
  for (int64_t i = 0; i < cut->n_entries; i++) {
    const uint32_t a = applied->entry[i], c = cut->entry[i];
    assert_int_equal(a & 1, c & 1);
    assert_int_equal(mst_slice_compare(mst_strings_at(&applied->types, a >> 1),
                                       mst_strings_at(&cut->types, c >> 1)),
                     0);
    assert_int_equal(applied->kind[a >> 1], cut->kind[c >> 1]);
  }
  for (int64_t v = 1; v < applied->types.n; v++)
    assert_true(mst_slice_compare(mst_strings_at(&applied->types, v - 1),
                                  mst_strings_at(&applied->types, v)) < 0);
  mst_pieces_free(applied);
  mst_pieces_free(cut);
  mst_backend_close(cpu);
  mst_buffer_fini(&bytes);
  made_fini(&m);
}

/* Counts what is named. */
static mst_status count_one(void *payload, const mst_applicable *applicable) {
  (void)applicable;
  ++*(int *)payload;
  return MST_OK;
}

static void test_explain(void **state) {
  made m;
  int n = 0;
  (void)state;
  assert_int_equal(made_init(&m,
                             "labels: A\nerror, slip, fault\nin => inside [label: A]\n"
                             "3 => three [keeps: value]\n",
                             NULL, "error in 3 + 4 in by 3", 1),
                   MST_OK);
  assert_int_equal(mst_augment_explain(m.batch, 0, MST_AUGMENT_ANY_LABEL, count_one, &n), MST_OK);
  assert_int_equal(n, 2 + 1 + 1); /* the second "in" is a unit, the first 3 stands in a sum */
  n = 0;
  assert_int_equal(mst_augment_explain(m.batch, 0, -1, count_one, &n), MST_OK);
  assert_int_equal(n, 2 + 1);
  made_fini(&m);
}

static void test_bad_program(void **state) {
  made m;
  mst_program program = mst_program_default();
  mst_augmenter *other = NULL;
  (void)state;
  assert_int_equal(made_init(&m, "", NULL, "x", 1), MST_OK);
  program.max_edits = 17;
  assert_int_equal(mst_augmenter_create(m.rules, NULL, 0, &program, &other), MST_E_ARG);
  assert_null(other);
  made_fini(&m);
}

static mst_status augment_for_oom(void *payload) {
  made m;
  mst_pieces *pieces = NULL;
  (void)payload;
  mst_status st =
      made_init(&m, "error, slip\n\"lost {n} steps\" -> \"{n} steps lost\"\nprotect-pattern: Q\n",
                "one-of(synonym 1, paraphrase 1, spelling 1)", "an error|lost 3 steps, error", 3);
  const mst_edits *edits = &m.edits;
  if (!st) st = mst_augment_pieces(m.batch, &edits, 1, 1, &pieces);
  if (st) assert_null(pieces);
  mst_pieces_free(pieces);
  made_fini(&m);
  return st;
}

static void test_no_memory(void **state) {
  (void)state;
  assert_true(fail_every_alloc(augment_for_oom, NULL) > 40);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty),         cmocka_unit_test(test_paper),
      cmocka_unit_test(test_case),          cmocka_unit_test(test_article),
      cmocka_unit_test(test_white_space),   cmocka_unit_test(test_slots),
      cmocka_unit_test(test_maths_is_kept), cmocka_unit_test(test_protect),
      cmocka_unit_test(test_labels),        cmocka_unit_test(test_pos),
      cmocka_unit_test(test_korean),        cmocka_unit_test(test_weights),
      cmocka_unit_test(test_probability),   cmocka_unit_test(test_limits_of_edits),
      cmocka_unit_test(test_independence),  cmocka_unit_test(test_pieces),
      cmocka_unit_test(test_explain),       cmocka_unit_test(test_bad_program),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
