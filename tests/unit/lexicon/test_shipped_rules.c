/* The rule files that come with the program: they are read, they are as many as promised, no class
 * holds two words that mean different things, and all of its words stand in one form. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "augment.h"

enum { MIN_CLASSES = 300, MIN_PARAPHRASES = 60, MAX_PHRASES = 64 };

static mst_rules *compile(const char *name) {
  mst_rules_builder *builder = NULL;
  mst_rules *rules = NULL;
  assert_int_equal(mst_rules_builder_create(&builder), MST_OK);
  if (mst_rules_builder_add_shipped(builder, name) || mst_rules_compile(builder, &rules))
    fail_msg("%s", mst_error_last()->message);
  mst_rules_builder_free(builder);
  return rules;
}

static mst_slice text_of(const char *name) {
  for (int i = 0; i < mst_rules_shipped_n(); i++)
    if (!strcmp(mst_rules_shipped_name(i), name)) return mst_rules_shipped_text(i);
  fail_msg("no shipped rules called %s", name);
  return (mst_slice){NULL, 0};
}

/* One class: its phrases in lower case, with a blank at each end. */
typedef struct class {
  char phrase[MAX_PHRASES][128];
  int n, line, is_noun, is_verb;
} class;

/* A line with commas and without arrow, quotes or colon before the attributes is a class. */
static int read_class(const char *line, class *out) {
  char text[4096];
  (void)snprintf(text, sizeof text, "%s", line);
  text[strcspn(text, "[#\n")] = 0;
  if (strpbrk(text, "\":") || strstr(text, "=>") || strstr(text, "->") || !strchr(text, ','))
    return 0;
  out->n = 0;
  out->is_noun = strstr(line, "[pos: noun]") != NULL;
  out->is_verb = strstr(line, "[pos: verb]") != NULL;
  for (char *p = strtok(text, ","); p; p = strtok(NULL, ",")) {
    while (*p == ' ') p++;
    size_t n = strlen(p);
    while (n && p[n - 1] == ' ') n--;
    (void)snprintf(out->phrase[out->n], sizeof out->phrase[0], " %.*s ", (int)n, p);
    for (char *c = out->phrase[out->n++]; *c; c++) *c = (char)tolower((unsigned char)*c);
  }
  return 1;
}

typedef void class_fn(const class *c, void *payload);

/* Call `each` for every class of a file; returns how many. No class stands without a comment above
 * its group. */
static int for_each_class(const char *name, class_fn *each, void *payload) {
  static class c;
  static char line[4096];
  const mst_slice text = text_of(name);
  int n = 0, commented = 0, number = 0;
  for (int64_t at = 0; at < text.len;) {
    const uint8_t *end = memchr(text.ptr + at, '\n', (size_t)(text.len - at));
    const int64_t len = (end ? end - text.ptr : text.len) - at;
    assert_true(len < (int64_t)sizeof line);
    (void)snprintf(line, sizeof line, "%.*s", (int)len, (const char *)text.ptr + at);
    at += len + 1;
    c.line = ++number;
    if (line[0] == '#') commented = 1;
    if (!line[0]) commented = 0;
    if (!read_class(line, &c)) continue;
    if (!commented) fail_msg("%s:%d: a class without a comment above its group", name, number);
    if (each) each(&c, payload);
    n++;
  }
  return n;
}

static void expect_counts(const char *name) {
  mst_rules *rules = compile(name);
  const mst_rules_counts counts = mst_rules_count(rules);
  assert_int_equal(counts.n_files, 1);
  assert_true(counts.n_classes >= MIN_CLASSES);
  assert_true(counts.n_paraphrases >= MIN_PARAPHRASES);
  assert_int_equal(for_each_class(name, NULL, NULL), counts.n_classes);
  mst_rules_free(rules);
}

static void test_counts(void **state) {
  (void)state;
  expect_counts("elementary-maths.en");
  expect_counts("elementary-maths.ko");
}

/* Words that must not stand in one class; each also forbids itself beside the other in a phrase. */
typedef struct apart {
  const char *a, *b;
} apart;

static int holds(const class *c, const char *word, int other_than) {
  for (int i = 0; i < c->n; i++)
    if (i != other_than && strstr(c->phrase[i], word)) return i + 1;
  return 0;
}

static void check_apart(const class *c, void *payload) {
  for (const apart *p = payload; p->a; p++) {
    const int a = holds(c, p->a, -1);
    if (a && holds(c, p->b, a - 1)) fail_msg("line %d: '%s' and '%s'", c->line, p->a, p->b);
  }
}

static void test_apart_english(void **state) {
  (void)state;
  static const apart words[] = {{" sum ", " difference "},
                                {" product ", " quotient "},
                                {" more ", " less "},
                                {" more ", " fewer "},
                                {" least ", " most "},
                                {" numerator ", " denominator "},
                                {" missing ", " wrong "},
                                {" missing ", " incorrect "},
                                {" omitted ", " wrong "},
                                {" larger ", " smaller "},
                                {" large ", " small "},
                                {" greater ", " less "},
                                {" first ", " last "},
                                {" addition ", " subtraction "},
                                {" add ", " subtract "},
                                {" multiply ", " divide "},
                                {" area ", " perimeter "},
                                {" area ", " volume "},
                                {" carry ", " borrow "},
                                {" before ", " after "},
                                {" next ", " previous "},
                                {" always ", " sometimes "},
                                {" often ", " sometimes "},
                                {" correct ", " incorrect "},
                                {" right ", " wrong "},
                                {" mean ", " median "},
                                {" whole number ", " integer "},
                                {" blank ", " unfinished "},
                                {" given ", " required "},
                                {" read ", " understood "},
                                {" all ", " some "},
                                {" with ", " without "},
                                {" histogram ", " bar chart "},
                                {" vertical ", " horizontal "},
                                {" larger ", " greater "},
                                {" simple ", " difficult "},
                                {NULL, NULL}};
  assert_true(for_each_class("elementary-maths.en", check_apart, (void *)words) >= MIN_CLASSES);
}

static void test_apart_korean(void **state) {
  (void)state;
  static const apart words[] = {
      {"\xeb\x8d\xa7\xec\x85\x88", "\xeb\xba\x84\xec\x85\x88"},             /* addition */
      {"\xea\xb3\xb1\xec\x85\x88", "\xeb\x82\x98\xeb\x88\x97\xec\x85\x88"}, /* multiplication */
      {"\xeb\x8d\x94\xed\x95\x98", "\xeb\xb9\xbc"},                         /* adding */
      {"\xeb\xb6\x84\xeb\xaa\xa8", "\xeb\xb6\x84\xec\x9e\x90"}, /* denominator, numerator */
      {"\xec\x9d\xb4\xec\x83\x81", "\xec\x9d\xb4\xed\x95\x98"}, /* at least, at most */
      {"\xec\x9d\xb4\xec\x83\x81", "\xec\xb4\x88\xea\xb3\xbc"}, /* at least, more than */
      {"\xeb\x88\x84\xeb\x9d\xbd", "\xed\x8b\x80\xeb\xa6\xb0"}, /* missing, wrong */
      {"\xeb\xb9\xa0\xeb\x9c\xa8", "\xed\x8b\x80\xeb\xa6\xac"}, /* missing, wrong */
      {"\xeb\xb0\x9b\xec\x95\x84\xec\x98\xac\xeb\xa6\xbc",
       "\xeb\xb0\x9b\xec\x95\x84\xeb\x82\xb4\xeb\xa6\xbc"},     /* carrying, borrowing */
      {"\xea\xb0\x80\xeb\xa1\x9c", "\xec\x84\xb8\xeb\xa1\x9c"}, /* horizontal, vertical */
      {"\xeb\x84\x93\xec\x9d\xb4", "\xeb\xb6\x80\xed\x94\xbc"}, /* area, volume */
      {"\xeb\x84\x93\xec\x9d\xb4", "\xeb\x91\x98\xeb\xa0\x88"}, /* area, perimeter */
      {"\xec\x9d\xbd", "\xec\x9d\xb4\xed\x95\xb4"},             /* reading, understanding */
      {"\xec\x9e\x90\xec\xa3\xbc", "\xea\xb0\x80\xeb\x81\x94"}, /* often, sometimes */
      {"\xec\xb2\x98\xec\x9d\x8c", "\xeb\xa7\x88\xec\xa7\x80\xeb\xa7\x89"}, /* first, last */
      {"\xec\x98\xb3\xec\x9d\x80", "\xed\x8b\x80\xeb\xa6\xb0"},             /* right, wrong */
      {"\xeb\xa7\x89\xeb\x8c\x80", "\xea\xba\xbe\xec\x9d\x80\xec\x84\xa0"}, /* bar, line */
      {"\xea\xb0\x9c\xeb\x85\x90", "\xec\x8b\xa4\xec\x88\x98"},             /* concept, slip */
      {NULL, NULL}};
  assert_true(for_each_class("elementary-maths.ko", check_apart, (void *)words) >= MIN_CLASSES);
}

static int is_gerund(const char *phrase) {
  const size_t first = strcspn(phrase + 1, " ");
  return first > 5 && !strncmp(phrase + 1 + first - 3, "ing", 3);
}

/* Verbs stand in one form: all first words end in -ing, or none. Where no part of speech is given
 * ("previous line, preceding line"), all do if the first does. */
static void check_gerunds(const class *c, void *payload) {
  (void)payload;
  for (int i = 1; i < c->n && !c->is_noun; i++)
    if (is_gerund(c->phrase[i]) != is_gerund(c->phrase[0]) &&
        (c->is_verb || (is_gerund(c->phrase[0]) && !strstr(c->phrase[0], " of "))))
      fail_msg("line %d: a gerund beside another form", c->line);
}

static void test_gerunds(void **state) {
  (void)state;
  (void)for_each_class("elementary-maths.en", check_gerunds, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_counts), cmocka_unit_test(test_apart_english),
      cmocka_unit_test(test_apart_korean), cmocka_unit_test(test_gerunds)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
