/* test_scan.c: the tokens of maths that the engine finds part by part are those that maths.h finds
 * in the whole text: random texts of words, single letters, units, signs, brackets, any ASCII, and
 * some beyond it; so are those of a document's units, and what a copy is checked for by its
 * surroundings is what its whole text says. And the leads of regular expressions. MST_SEED
 * replays. */
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

#include "augment_support.h" /* behind the bodies, which have parameters of that name */

enum { TEXTS = 60000, PARTS = 14, ROOM = 256, DOCS = 2000, PICKS = 8 };

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
  assert_int_equal(mst__scan(text, 0, text.len, &got), MST_OK);
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

static uint64_t seed_given(void) {
  const char *given = getenv("MST_SEED");
  return given ? strtoull(given, NULL, 10) : 1;
}

/* Text t of n parts; returns its length. */
static size_t write_text(uint64_t t, uint32_t n, uint8_t text[ROOM]) {
  size_t len = 0;
  for (uint32_t k = 0; k < n; k++) {
    const uint64_t draw = mst_rng_u64(seed_given(), MST_RNG_FOLD, t, k, 0);
    const char *part = parts[draw % (sizeof parts / sizeof *parts)];
    const char any[2] = {(char)(1 + (draw >> 40) % 127), 0};
    if (draw >> 60 == 0) part = any;
    if (t % 2 && (uint8_t)part[0] >= 0x80) part = " "; /* every other one: ASCII only */
    if (t % 2 && part[0] == '\\') part = "ab ";
    memcpy(text + len, part, strlen(part));
    len += strlen(part);
  }
  return len;
}

static void test_any_text(void **state) {
  (void)state;
  int64_t n = 0;
  for (uint64_t t = 0; t < TEXTS; t++) {
    uint8_t text[ROOM];
    const size_t len = write_text(t, PARTS, text);
    n += compare((mst_slice){text, (int64_t)len});
  }
  assert_true(n > TEXTS);
}

/* Random texts as documents of a batch, with plain words in between. */
static void make_docs(made *m) {
  char *texts = test_malloc((size_t)DOCS * (2 * ROOM + 32));
  size_t at = 0;
  for (uint64_t t = 0; t < DOCS; t++) {
    for (uint64_t half = 0; half < 2; half++) {
      uint8_t text[ROOM];
      const size_t len = write_text(TEXTS + 2 * (2 * t + half) + t % 2, PARTS / 2, text);
      for (size_t i = 0; i < len; i++) texts[at++] = text[i] == '|' ? ';' : (char)text[i];
      at += (size_t)sprintf(texts + at, half ? "|" : " well done again ");
    }
  }
  texts[at] = 0;
  assert_int_equal(made_init(m, "wrong, bad\n", NULL, texts, 0), MST_OK);
  test_free(texts);
}

static whole scan_whole(mst_slice text) {
  whole w = {text.ptr, {0}};
  assert_int_equal(mst_maths_scan(text, take, &w), MST_OK);
  return w;
}

static void test_units(void **state) {
  (void)state;
  made m;
  mst__doc d;
  int64_t n = 0;
  make_docs(&m);
  mst__doc_init(&d, m.batch);
  for (int64_t doc = 0; doc < m.text.n_docs; doc++) {
    assert_int_equal(mst__doc_open(&d, doc, MST_AUGMENT_ANY_LABEL), MST_OK);
    whole w = scan_whole(d.text);
    assert_int_equal(d.tokens.n, w.tokens.n);
    for (int64_t i = 0; i < d.tokens.n; i++)
      assert_true(same(MST__AT(d.tokens, mst__token, i), MST__AT(w.tokens, mst__token, i)));
    n += d.tokens.n;
    mst__list_fini(&w.tokens);
  }
  assert_true(n > DOCS);
  mst__doc_fini(&d);
  made_fini(&m);
}

/* Order-free sum of a text's tokens. */
static uint64_t sum_of(mst_slice text) {
  whole w = scan_whole(text);
  uint64_t sum = 0;
  for (int64_t i = 0; i < w.tokens.n; i++) {
    const mst__token *t = MST__AT(w.tokens, mst__token, i);
    sum += t->hash * 0x9e3779b97f4a7c15u + 1;
  }
  mst__list_fini(&w.tokens);
  return sum;
}

/* Random text in place of random units. */
static void write_picks(const mst__doc *d, uint64_t t, mst_edits *out, mst__pick picks[2], int n) {
  const int32_t n_units = (int32_t)d->units.n;
  for (int i = 0; i < n; i++) {
    const int32_t low = i ? picks[0].last + 1 : 0, high = n > 1 && !i ? n_units / 2 : n_units;
    uint8_t text[ROOM];
    const size_t len = write_text(t + (uint64_t)i * 2, 1 + (uint32_t)(t / 4 % 3), text);
    const uint64_t draw = mst_rng_u64(seed_given(), MST_RNG_SPLIT, t, (uint32_t)i, 0);
    const int32_t first = low + (int32_t)(draw % (uint64_t)(high - low));
    const int32_t last = first + (int32_t)(draw >> 63);
    picks[i] = (mst__pick){.first = first, .last = last < high ? last : first};
    assert_int_equal(mst_buffer_append(&out->bytes, text, len), MST_OK);
    assert_int_equal(mst__string_end(out, &picks[i]), MST_OK);
    picks[i].plain = 0; /* to be checked */
  }
}

static void test_surroundings(void **state) {
  (void)state;
  made m;
  mst__doc d;
  mst_edits out;
  int n_same = 0, n_other = 0;
  make_docs(&m);
  mst__doc_init(&d, m.batch);
  mst_edits_init(&out);
  for (int64_t doc = 0; doc < m.text.n_docs; doc++) {
    assert_int_equal(mst__doc_open(&d, doc, MST_AUGMENT_ANY_LABEL), MST_OK);
    for (uint64_t k = 0; k < PICKS && d.units.n > 8; k++) {
      mst__pick picks[2];
      int is_same = -1;
      const int n = 1 + (int)(k % 2);
      write_picks(&d, (uint64_t)doc * 2 * PICKS + 2 * k + (uint64_t)doc % 2, &out, picks, n);
      assert_int_equal(mst__copy_write(&d, &out, picks, n), MST_OK);
      assert_int_equal(mst__copy_check(&d, &out, picks, n, &is_same), MST_OK);
      const mst_slice copy = {d.copy.data, (int64_t)d.copy.size_bytes};
      const int expected = sum_of(d.text) == sum_of(copy);
      if (is_same != expected)
        fail_msg("%d, expected %d: '%.*s' as '%.*s'", is_same, expected, (int)d.text.len,
                 (const char *)d.text.ptr, (int)copy.len, (const char *)copy.ptr);
      *(is_same ? &n_same : &n_other) += 1;
    }
  }
  assert_true(n_same > DOCS && n_other > DOCS);
  mst_edits_fini(&out);
  mst__doc_fini(&d);
  made_fini(&m);
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
    const int may = mst__lead_in(&lead, (mst_slice){(const uint8_t *)text, 12}, 0, 12);
    const int does = !regexec(&compiled, text, 0, NULL, 0);
    regfree(&compiled);
    if (does && !may) fail_msg("'%s' matches '%s'", expression, text);
    matched += does;
    denied += !may;
  }
  assert_true(matched > TEXTS / 20);
  assert_true(denied > TEXTS / 20);
}

static char shared[] = "the pupil wrote 3 cm + 4 x = 7, not 3/4; two words more, then 9 kg";

static mst_status scan_once(void *payload) {
  mst__list tokens = {0};
  const char *text = payload;
  const int64_t len = (int64_t)strlen(text);
  const mst_status st = mst__scan((mst_slice){(const uint8_t *)text, len}, 0, len, &tokens);
  mst__list_fini(&tokens);
  return st;
}

static void test_every_allocation_may_fail(void **state) {
  (void)state;
  assert_true(fail_every_alloc(scan_once, shared) > 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty), cmocka_unit_test(test_any_text),
      cmocka_unit_test(test_units), cmocka_unit_test(test_surroundings),
      cmocka_unit_test(test_leads), cmocka_unit_test(test_every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
