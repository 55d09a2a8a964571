/* What the rule files that come with the program make of given texts, the paper's examples among
 * them, and what they must leave alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "augment.h"

static mst_rules *compile(const char *name) {
  mst_rules_builder *builder = NULL;
  mst_rules *rules = NULL;
  assert_int_equal(mst_rules_builder_create(&builder), MST_OK);
  if (mst_rules_builder_add_shipped(builder, name) || mst_rules_compile(builder, &rules))
    fail_msg("%s", mst_error_last()->message);
  mst_rules_builder_free(builder);
  return rules;
}

/* A search among all that could be written. */
typedef struct search {
  const char *text, *wanted;
  int found;
} search;

static mst_status look(void *payload, const mst_applicable *a) {
  search *s = payload;
  char made[512];
  (void)snprintf(made, sizeof made, "%.*s%.*s%s", (int)a->first_byte, s->text,
                 (int)a->alternative.len, (const char *)a->alternative.ptr,
                 s->text + a->first_byte + a->n_bytes);
  s->found |= !strcmp(made, s->wanted);
  return MST_OK;
}

/* Does one edit make `wanted` of `text`? */
static int makes(const mst_augmenter *augmenter, const char *text, const char *wanted) {
  const int64_t start[] = {0, (int64_t)strlen(text)};
  const mst_text texts = {1, (const uint8_t *)text, start};
  mst_augment_batch *batch = NULL;
  search s = {text, wanted, 0};
  assert_int_equal(mst_augment_batch_create(augmenter, &texts, 1, &batch), MST_OK);
  assert_int_equal(mst_augment_explain(batch, 0, -1, look, &s), MST_OK);
  mst_augment_batch_free(batch);
  return s.found;
}

/* What an edit must make, or must not. */
typedef struct example {
  const char *text, *wanted;
  int is_made;
} example;

static void expect_examples(const char *name, const example *examples) {
  mst_rules *rules = compile(name);
  mst_augmenter *augmenter = NULL;
  assert_int_equal(mst_augmenter_create(rules, NULL, 0, NULL, &augmenter), MST_OK);
  for (const example *e = examples; e->text; e++)
    if (makes(augmenter, e->text, e->wanted) != e->is_made)
      fail_msg("'%s' %s '%s'", e->text, e->is_made ? "does not become" : "becomes", e->wanted);
  mst_augmenter_free(augmenter);
  mst_rules_free(rules);
}

static void test_examples_english(void **state) {
  (void)state;
  static const example examples[] = {
      /* the paper's */
      {"Calculation error in subtraction", "Mistake in subtracting numbers", 1},
      {"Mistake in subtracting numbers", "Calculation error in subtraction", 1},
      {"incorrect sign", "wrong sign", 1},
      {"missing 2 steps", "omitted 2 steps", 1},
      /* other inflections, other patterns */
      {"the students computed the values", "the pupils computed the values", 1},
      {"added instead of subtracting", "used addition instead of subtraction", 1},
      {"The mistake is in step 4", "Step 4 holds the mistake", 1},
      {"failed to convert km to m", "did not convert km to m", 1},
      {"an error in the sign", "a mistake in the sign", 0}, /* one edit: the article is another */
      /* what must stay */
      {"find the missing number", "find the omitted number", 0},
      {"wrote 2 the wrong way round", "wrote 2 the incorrect way round", 0},
      {"incorrect use of the sign", "incorrect employ of the sign", 0},
      {"thinks about larger numbers", "believes about larger numbers", 0},
      {"12 pupils instead of 13 pupils", "12 learners instead of 13 pupils", 0},
      {"the right angle", "the correct angle", 0},
      {NULL, NULL, 0}};
  expect_examples("elementary-maths.en", examples);
}

static void test_examples_korean(void **state) {
  (void)state;
  static const example examples[] = {
      /* the paper's, in Korean */
      {"\xeb\xba\x84\xec\x85\x88 \xea\xb3\x84\xec\x82\xb0 \xec\x98\xa4\xeb\xa5\x98",
       "\xec\x88\x98\xeb\xa5\xbc \xeb\xb9\xbc\xeb\x8a\x94 "
       "\xea\xb3\xbc\xec\xa0\x95\xec\x97\x90\xec\x84\x9c\xec\x9d\x98 \xec\x8b\xa4\xec\x88\x98",
       1},
      /* wrong */
      {"\xed\x8b\x80\xeb\xa6\xb0 \xeb\x8b\xb5", "\xec\x9e\x98\xeb\xaa\xbb\xeb\x90\x9c \xeb\x8b\xb5",
       1},
      /* missing */
      {"\xeb\x8b\xa8\xec\x9c\x84\xeb\xa5\xbc \xeb\xb9\xa0\xeb\x9c\xa8\xeb\xa6\xbc",
       "\xeb\x8b\xa8\xec\x9c\x84\xeb\xa5\xbc \xeb\x88\x84\xeb\x9d\xbd\xed\x95\xa8", 1},
      /* i becomes ga */
      {"\xed\x95\x99\xec\x83\x9d\xec\x9d\xb4 \xed\x8b\x80\xeb\xa6\xbc",
       "\xed\x95\x99\xec\x8a\xb5\xec\x9e\x90\xea\xb0\x80 \xed\x8b\x80\xeb\xa6\xbc", 1},
      /* reul becomes eul */
      {"\xeb\x84\x93\xec\x9d\xb4\xeb\xa5\xbc \xea\xb5\xac\xed\x95\xa8",
       "\xeb\xa9\xb4\xec\xa0\x81\xec\x9d\x84 \xea\xb5\xac\xed\x95\xa8", 1},
      /* a slot behind a consonant */
      {"\xed\x8f\x89\xea\xb7\xa0\xec\x9d\x84 \xea\xb5\xac\xed\x95\x98\xeb\x8a\x94 "
       "\xeb\xb0\xa9\xeb\xb2\x95\xec\x9d\x84 \xeb\xaa\xa8\xeb\xa6\x84",
       "\xed\x8f\x89\xea\xb7\xa0 \xea\xb5\xac\xed\x95\x98\xeb\x8a\x94 \xeb\xb2\x95\xec\x9d\x84 "
       "\xeb\xaa\xa8\xeb\xa6\x84",
       1},
      /* a slot behind a vowel */
      {"\xeb\x84\x93\xec\x9d\xb4\xeb\xa5\xbc \xea\xb5\xac\xed\x95\x98\xeb\x8a\x94 "
       "\xeb\xb0\xa9\xeb\xb2\x95\xec\x9d\x84 \xeb\xaa\xa8\xeb\xa6\x84",
       "\xeb\x84\x93\xec\x9d\xb4 \xea\xb5\xac\xed\x95\x98\xeb\x8a\x94 \xeb\xb2\x95\xec\x9d\x84 "
       "\xeb\xaa\xa8\xeb\xa6\x84",
       1},
      /* two slots */
      {"\xeb\x84\x93\xec\x9d\xb4\xec\x99\x80 \xeb\xb6\x80\xed\x94\xbc\xeb\xa5\xbc "
       "\xed\x98\xbc\xeb\x8f\x99\xed\x95\xa8",
       "\xeb\x84\x93\xec\x9d\xb4\xec\x99\x80 \xeb\xb6\x80\xed\x94\xbc\xeb\xa5\xbc "
       "\xea\xb5\xac\xeb\xb3\x84\xed\x95\x98\xec\xa7\x80 \xeb\xaa\xbb\xed\x95\xa8",
       1},
      /* euro becomes ro */
      {"\xeb\x82\x98\xeb\x88\x97\xec\x85\x88\xec\x9c\xbc\xeb\xa1\x9c \xea\xb3\x84\xec\x82\xb0",
       "\xeb\x82\x98\xeb\x88\x84\xea\xb8\xb0\xeb\xa1\x9c \xea\xb3\x84\xec\x82\xb0", 1},
      /* a number */
      {"2\xeb\x8b\xa8\xea\xb3\x84\xeb\xa5\xbc \xeb\xb9\xa0\xeb\x9c\xa8\xeb\xa6\xbc",
       "2\xeb\x8b\xa8\xea\xb3\x84\xeb\xa5\xbc \xea\xb1\xb4\xeb\x84\x88\xeb\x9c\x80", 1},
      /* no noun of one syllable */
      {"\xec\xb0\xa8\xec\x9d\xb4\xeb\xa5\xbc \xea\xb5\xac\xed\x95\xa8",
       "\xec\xb0\xa8\xeb\xa5\xbc \xea\xb5\xac\xed\x95\xa8", 0},
      /* a compound */
      {"\xeb\xac\xb8\xec\xa0\x9c\xec\xa0\x90\xec\x9d\x84 \xec\xb0\xbe\xec\x9d\x8c",
       "\xeb\xac\xb8\xed\x95\xad\xec\xa0\x90\xec\x9d\x84 \xec\xb0\xbe\xec\x9d\x8c", 0},
      /* at least */
      {"\xec\x9d\xb4\xec\x83\x81\xea\xb3\xbc \xec\xb4\x88\xea\xb3\xbc",
       "\xec\x9d\xb4\xed\x95\x98\xec\x99\x80 \xec\xb4\x88\xea\xb3\xbc", 0},
      {NULL, NULL, 0}};
  expect_examples("elementary-maths.ko", examples);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_examples_english),
                                     cmocka_unit_test(test_examples_korean)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
