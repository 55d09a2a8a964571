/* test_augment_make.c: copies drawn and written by a backend, the CPU or the device that
 * MST_TEST_DEVICE names: for random rules and texts, and for the shipped rules in both languages,
 * what mst_augment_records and mst_augment_pieces give, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "augment_support.h"
#include "failing_alloc.h"
#include "misstep/rng.h"
#include "test_backend.h"

enum { LISTS_MAX = 64, WORDS = 24 };

static const char *const word[WORDS] = {"error",   "mistake",
                                        "slip",    "a",
                                        "an",      "the",
                                        "missing", "step",
                                        "unit",    "honest",
                                        "wrong",   "false",
                                        "pupil's", "Sign",
                                        "x = 3",   "5 cm",
                                        "3/4",     "\n",
                                        ".",       "in",
                                        "of",      "\xec\x98\xa4\xeb\xa5\x98\xea\xb0\x80",
                                        "UNIT",    "two  three"};

static uint32_t draw(uint64_t seed, uint64_t at, uint32_t below) {
  return (uint32_t)mst_rng_below(below, seed, MST_RNG_GENERATE, at, 0, 0);
}

static const char *const plain[] = {"error",  "mistake", "slip",  "missing", "step",  "unit",
                                    "honest", "wrong",   "false", "lapse",   "fault", "inexact"};

/* Some classes, phrases and a pattern with a slot. */
static void random_rules(char *to, uint64_t seed) {
  static const char *const tail[] = {"\n", " [p: 0.5]\n", " [weight: 3]\n",
                                     " [p: 0.9] [weight: 0.2]\n"};
  const uint32_t n = 1 + draw(seed, 1, 8);
  *to = 0;
  for (uint32_t i = 0; i < n; i++) {
    const uint64_t at = 100 + 20 * (uint64_t)i;
    (void)strcat(to, plain[(5 * i + draw(seed, 2, 12)) % 12]); /* each once */
    if (!draw(seed, at + 1, 3)) (void)strcat(to, " step");
    (void)strcat(to, " => ");
    for (uint32_t k = 0; k <= draw(seed, at + 2, 3); k++) {
      if (k) (void)strcat(to, ", ");
      (void)strcat(to, (const char *const[]){"odd ", "amiss ", "early "}[k]);
      (void)strcat(to, plain[draw(seed, at + 4 + k, 12)]);
    }
    (void)strcat(to, tail[draw(seed, at + 3, 4)]);
  }
  (void)strcat(to, "\"the {w} error\" -> \"an error of the {w}\"\n3 => three [keeps: value]\n");
}

/* n_docs texts of up to `most` words. */
static char *random_texts(int64_t n_docs, uint32_t most, uint64_t seed) {
  char *text = malloc((size_t)n_docs * (most + 1) * 16 + 1), *to = text;
  assert_non_null(text);
  for (int64_t d = 0; d < n_docs; d++) {
    const uint64_t at = 1000u + 64u * (uint64_t)d;
    const uint32_t n = draw(seed, at, most + 1);
    if (d) *to++ = '|';
    for (uint32_t i = 0; i < n; i++)
      to += sprintf(to, "%s%s", i ? " " : "", word[draw(seed, at + 1 + i, WORDS)]);
  }
  *to = 0;
  return text;
}

static void same_edits(const mst_edits *a, const mst_edits *b) {
  assert_int_equal(a->n_copies, b->n_copies);
  assert_int_equal(a->n_edits, b->n_edits);
  assert_int_equal(a->n_strings, b->n_strings);
  assert_int_equal(a->bytes.size_bytes, b->bytes.size_bytes);
  assert_int_equal(a->n_wanted, b->n_wanted);
  assert_int_equal(a->n_without, b->n_without);
  assert_int_equal(a->n_duplicates, b->n_duplicates);
  assert_int_equal(a->n_unsafe, b->n_unsafe);
  if (a->n_copies) assert_memory_equal(a->copy, b->copy, (size_t)a->n_copies * sizeof *a->copy);
  if (a->n_edits) assert_memory_equal(a->edit, b->edit, (size_t)a->n_edits * sizeof *a->edit);
  if (a->n_strings)
    assert_memory_equal(a->string, b->string, (size_t)a->n_strings * sizeof *a->string);
  if (a->bytes.size_bytes) assert_memory_equal(a->bytes.data, b->bytes.data, a->bytes.size_bytes);
}

static void same_pieces(const mst_pieces *a, const mst_pieces *b) {
  const size_t n_types = (size_t)a->types.n;
  assert_int_equal(a->n_docs, b->n_docs);
  assert_int_equal(a->n_entries, b->n_entries);
  assert_int_equal(a->types.n, b->types.n);
  assert_memory_equal(a->doc_ptr, b->doc_ptr, ((size_t)a->n_docs + 1) * sizeof *a->doc_ptr);
  if (a->n_entries)
    assert_memory_equal(a->entry, b->entry, (size_t)a->n_entries * sizeof *a->entry);
  assert_memory_equal(a->types.start, b->types.start, (n_types + 1) * sizeof *a->types.start);
  if (!n_types) return;
  assert_memory_equal(a->types.bytes, b->types.bytes, (size_t)a->types.start[n_types]);
  assert_memory_equal(a->kind, b->kind, n_types);
}

/* Lists of per_list records by the backend against lists made one by one. */
static void check(const made *m, int64_t per_list, int n_threads) {
  mst_edits own[LISTS_MAX], one[LISTS_MAX];
  const mst_edits *own_list[LISTS_MAX], *one_list[LISTS_MAX];
  const int64_t n_docs = m->text.n_docs, n = (n_docs + per_list - 1) / per_list;
  mst_backend *b = mst_test_backend(n_threads);
  mst_pieces *own_pieces = NULL, *one_pieces = NULL;
  assert_true(n <= LISTS_MAX);
  for (int64_t k = 0; k < n; k++) {
    const int64_t last = (k + 1) * per_list < n_docs ? (k + 1) * per_list : n_docs;
    mst_edits_init(&own[k]);
    mst_edits_init(&one[k]);
    own_list[k] = &own[k];
    one_list[k] = &one[k];
    assert_int_equal(mst_augment_records(m->batch, m->record, 7, k * per_list, last, &one[k]),
                     MST_OK);
  }
  assert_int_equal(mst_augment_make(b, m->batch, m->record, 7, per_list, own), MST_OK);
  for (int64_t k = 0; k < n; k++) same_edits(&own[k], &one[k]);
  assert_int_equal(mst_augment_apply(b, m->batch, own_list, n, &own_pieces), MST_OK);
  assert_int_equal(mst_augment_pieces(m->batch, one_list, n, 1, &one_pieces), MST_OK);
  mst_test_read_pieces(own_pieces);
  same_pieces(own_pieces, one_pieces);
  mst_pieces_free(own_pieces);
  mst_pieces_free(one_pieces);
  for (int64_t k = 0; k < n; k++) {
    mst_edits_fini(&own[k]);
    mst_edits_fini(&one[k]);
  }
}

static int64_t try(int64_t n_docs, uint32_t most, int copies, const char *operations,
                   uint64_t seed) {
  char rules[4096];
  char *texts = random_texts(n_docs, most, seed);
  made m;
  random_rules(rules, seed);
  assert_int_equal(made_init(&m, rules, operations, texts, copies), MST_OK);
  for (int64_t d = 0; d < n_docs; d += 3) m.record[d].n_copies = (int32_t)(d % 5);
  check(&m, (n_docs + 4) / 5, 1);
  check(&m, n_docs < LISTS_MAX ? 1 : n_docs, 3);
  const int64_t n = m.edits.n_copies;
  made_fini(&m);
  free(texts);
  return n;
}

static void test_empty(void **state) {
  (void)state;
  assert_int_equal(try(1, 0, 3, NULL, 1), 0);
  assert_int_equal(try(3, 5, 0, NULL, 1), 0);
}

static void test_numbers_of_records(void **state) {
  static const int64_t n[] = {1, 31, 32, 33, 257};
  (void)state;
  for (size_t i = 0; i < sizeof n / sizeof *n; i++) (void)try(n[i], 14, 4, NULL, i);
}

static void test_random(void **state) {
  int64_t n = 0;
  (void)state;
  for (uint64_t seed = 10; seed < 30; seed++)
    n += try(1 + (int64_t)draw(seed, 2, 12), 20, 6, draw(seed, 3, 2) ? "synonym" : NULL, seed);
  assert_true(n > 100);
}

/* The shipped rules in place of those of made_init; labels that some of them are for or against. */
static void take_shipped(made *m) {
  mst_rules_builder *builder = NULL;
  mst_augment_batch_free(m->batch);
  mst_augmenter_free(m->augmenter);
  mst_rules_free(m->rules);
  m->batch = NULL;
  m->augmenter = NULL;
  m->rules = NULL;
  assert_int_equal(mst_rules_builder_create(&builder), MST_OK);
  assert_int_equal(mst_rules_builder_add_shipped(builder, "elementary-maths"), MST_OK);
  assert_int_equal(mst_rules_compile(builder, &m->rules), MST_OK);
  mst_rules_builder_free(builder);
  assert_int_equal(mst_augmenter_create(m->rules, NULL, 0, NULL, &m->augmenter), MST_OK);
  assert_int_equal(mst_augment_batch_create(m->augmenter, &m->text, 1, &m->batch), MST_OK);
  for (int64_t d = 0; d < m->text.n_docs; d++) m->record[d].label = (int32_t)(d % 11) - 2;
}

static void test_shipped(void **state) {
  static const char texts[] =
      "Calculation error in subtraction, missing 2 steps|The student's answer is wrong: 3/4 + 1/2 "
      "= 4/6|Forgot the units, wrote 12 instead of 12 cm|added the numbers wrongly (6 + 7 = 12)|"
      "Added the numerators instead of finding a common denominator|WRONG SIGN in x < 5, missing "
      "one step|Did not read the graph correctly, so the answer's off by 10|He doesn't know how to "
      "convert 3 km to 3000 m; the unit is missing|5 pupils made an error|"
      "\xeb\xba\x84\xec\x85\x88 \xea\xb3\x84\xec\x82\xb0 \xec\x98\xa4\xeb\xa5\x98, "
      "2\xeb\x8b\xa8\xea\xb3\x84\xeb\xa5\xbc \xeb\xb9\xa0\xeb\x9c\xa8\xeb\xa6\xbc|"
      "\xeb\x8d\xa7\xec\x85\x88\xec\x9d\x84 \xec\x9e\x98\xeb\xaa\xbb\xed\x95\xa8|"
      "\xeb\x8b\xb5\xec\x9d\xb4 \xed\x8b\x80\xeb\xa6\xbc, "
      "\xeb\x8b\xa8\xec\x9c\x84\xeb\xa5\xbc \xec\x93\xb0\xec\xa7\x80 "
      "\xec\x95\x8a\xec\x9d\x8c";
  made m;
  (void)state;
  assert_int_equal(made_init(&m, "error, slip\n", NULL, texts, 6), MST_OK);
  take_shipped(&m);
  check(&m, 5, 2);
  check(&m, m.text.n_docs, 1);
  assert_int_equal(mst_augment_records(m.batch, m.record, 7, 0, m.text.n_docs, &m.edits), MST_OK);
  assert_true(m.edits.n_copies > 40);
  assert_true(m.edits.copy[m.edits.n_copies - 1].doc > 8); /* in both languages */
  made_fini(&m);
}

/* Programs that the host draws. */
static void test_noise(void **state) {
  (void)state;
  for (uint64_t seed = 40; seed < 44; seed++)
    assert_true(try(12, 20, 4, "one-of(synonym, swap, split, insertion)", seed) > 0);
}

typedef struct making {
  made *m;
  mst_edits edits;
} making;

static mst_status make(void *payload) {
  making *j = payload;
  mst_pieces *pieces = NULL;
  const mst_edits *list = &j->edits;
  mst_backend *b = mst_test_backend(1);
  mst_edits_fini(&j->edits);
  mst_status st = mst_augment_make(b, j->m->batch, j->m->record, 7, j->m->text.n_docs, &j->edits);
  if (st) assert_int_equal(j->edits.n_copies, 0);
  if (!st) st = mst_augment_apply(b, j->m->batch, &list, 1, &pieces);
  mst_pieces_free(pieces);
  return st;
}

static void test_no_memory(void **state) {
  made m;
  making j = {.m = &m};
  (void)state;
  assert_int_equal(made_init(&m, "error, slip\n\"the {w} step\" -> \"step of the {w}\"\n", NULL,
                             "an error|the wrong step", 2),
                   MST_OK);
  mst_edits_init(&j.edits);
  (void)mst_test_backend(1);
  assert_true(fail_every_alloc(make, &j) > 20);
  mst_edits_fini(&j.edits);
  made_fini(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty),  cmocka_unit_test(test_numbers_of_records),
      cmocka_unit_test(test_random), cmocka_unit_test(test_shipped),
      cmocka_unit_test(test_noise),  cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
