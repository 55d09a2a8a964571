/* test_scan.c: the tokens of maths that the engine finds part by part are those that maths.h finds
 * in the whole text: random texts of words, single letters, units, signs, brackets, any ASCII, and
 * some beyond it. And the leads of regular expressions. MST_SEED replays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "failing_alloc.h"
#include "misstep/hash.h"
#include "misstep/maths.h"
#include "misstep/rng.h"

enum { TEXTS = 60000, PARTS = 14, ROOM = 256 };

static const char *const parts[] = {
    " ", " ",     " ",   " ",  "a",        "x",        "student",  "the",     "cm", "m",  "kg",
    "5", "12",    "0.5", "/",  "-",        "-",        "+",        "=",       "|",  "(",  ")",
    ",", ".",     ":",   "^2", "_",        "\n",       "3/4",      "%",       "!=", "<=", "well",
    "{", "}",     "'s",  "$",  "I",        "\\frac{",  "\\",       "}{",      ";",  "\t", "off",
    "h", "1,000", "[",   "]",  "\xc3\xa9", "\xc2\xb2", "\xc3\x97", "\xc2\xb0"};

/* What maths.h says of the whole text. */
typedef struct whole {
  const uint8_t *begin;
  mst__list tokens;
} whole;

static mst_status take(void *payload, mst_maths_kind kind, mst_slice token, mst_slice source) {
  whole *w = payload;
  if (kind == MST_MATHS_WORD) return MST_OK;
  mst__token *t = mst__list_add(&w->tokens, sizeof *t);
  if (!t) return MST_E_NOMEM;
  const int32_t begin = (int32_t)(source.ptr - w->begin);
  *t = (mst__token){begin, begin + (int32_t)source.len, (int32_t)kind,
                    mst_hash64(token.ptr, (size_t)token.len, (uint64_t)kind)};
  return MST_OK;
}

static int same(const mst__token *a, const mst__token *b) {
  return a->begin == b->begin && a->end == b->end && a->kind == b->kind && a->hash == b->hash;
}

/* Compare both scans of one text; returns the number of tokens. */
static int64_t compare(mst_slice text) {
  whole w = {text.ptr, {0}};
  mst__list got = {0};
  assert_int_equal(mst_maths_scan(text, take, &w), MST_OK);
  assert_int_equal(mst__scan(text, &got), MST_OK);
  int equal = got.n == w.tokens.n;
  for (int64_t i = 0; equal && i < got.n; i++)
    equal = same(MST__AT(got, mst__token, i), MST__AT(w.tokens, mst__token, i));
  if (!equal)
    fail_msg("%lld tokens, expected %lld: '%.*s'", (long long)got.n, (long long)w.tokens.n,
             (int)text.len, (const char *)text.ptr);
  const int64_t n = got.n;
  mst__list_fini(&got);
  mst__list_fini(&w.tokens);
  return n;
}

static void test_empty(void **state) {
  (void)state;
  assert_int_equal(compare((mst_slice){0}), 0);
}

static void test_any_text(void **state) {
  (void)state;
  const char *given = getenv("MST_SEED");
  const uint64_t seed = given ? strtoull(given, NULL, 10) : 1;
  int64_t n = 0;
  for (uint64_t t = 0; t < TEXTS; t++) {
    uint8_t text[ROOM];
    size_t len = 0;
    for (uint32_t k = 0; k < PARTS; k++) {
      const uint64_t draw = mst_rng_u64(seed, MST_RNG_FOLD, t, k, 0);
      const char *part = parts[draw % (sizeof parts / sizeof *parts)];
      const char any[2] = {(char)(1 + (draw >> 40) % 127), 0};
      if (draw >> 60 == 0) part = any;
      if (t % 2 && (uint8_t)part[0] >= 0x80) part = " "; /* every other one: ASCII only */
      if (t % 2 && part[0] == '\\') part = "ab ";
      memcpy(text + len, part, strlen(part));
      len += strlen(part);
    }
    n += compare((mst_slice){text, (int64_t)len});
  }
  assert_true(n > TEXTS);
}

/* A lead never denies a match: expressions of random parts over random texts. */
static void test_leads(void **state) {
  (void)state;
  static const char *const atoms[] = {
      "a",  "b",   "[0-9]", "[ab]", "[^a]",        "(a|b)", "(ab|0+)", "+",   "+",
      "*",  "?",   "{2}",   "|",    ".",           "^",     "(a*|b)",  "[(]", "[a)b]",
      "()", "\\.", "$",     "1",    "(a(0|1)|b)?", "[]a]",  "[a-]",    " "};
  int denied = 0, matched = 0;
  for (uint64_t t = 0; t < TEXTS; t++) {
    char expression[ROOM] = "", text[16];
    for (uint32_t k = 0; k < 1 + t % 5; k++)
      strcat(expression,
             atoms[mst_rng_below(sizeof atoms / sizeof *atoms, 5, MST_RNG_FOLD, t, k, 0)]);
    for (uint32_t k = 0; k < 12; k++)
      text[k] = "ab01 (.]+-"[mst_rng_below(10, 6, MST_RNG_FOLD, t, k, 0)];
    text[12] = 0;
    regex_t compiled;
    if (regcomp(&compiled, expression, REG_EXTENDED)) continue;
    const mst__lead lead = mst__lead_of(expression);
    const int may = mst__lead_in(&lead, (mst_slice){(const uint8_t *)text, 12});
    const int does = !regexec(&compiled, text, 0, NULL, 0);
    regfree(&compiled);
    if (does && !may) fail_msg("'%s' matches '%s'", expression, text);
    matched += does;
    denied += !may;
  }
  assert_true(matched > TEXTS / 20);
  assert_true(denied > TEXTS / 20);
}

static char shared[] = "the pupil wrote 3 cm + 4 x = 7, not 0.5; two words more, then 9 kg";

static mst_status scan_once(void *payload) {
  mst__list tokens = {0};
  const char *text = payload;
  const mst_status st =
      mst__scan((mst_slice){(const uint8_t *)text, (int64_t)strlen(text)}, &tokens);
  mst__list_fini(&tokens);
  return st;
}

static void test_every_allocation_may_fail(void **state) {
  (void)state;
  assert_true(fail_every_alloc(scan_once, shared) > 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty),
      cmocka_unit_test(test_any_text),
      cmocka_unit_test(test_leads),
      cmocka_unit_test(test_every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
