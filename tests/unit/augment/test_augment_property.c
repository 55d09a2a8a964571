/* test_augment_property.c: random texts of words, numbers, operators, units, variables and LaTeX
 * through all operations. The multiset of mathematical tokens of every copy is its record's, but
 * for what rules with [keeps: value] rewrote, whose value is looked up in a table of its own;
 * copies differ; shards give what the whole gives. MST_SEED replays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "augment_support.h"
#include "misstep/maths.h"
#include "misstep/rng.h"

enum { DOCS = 400, COPIES = 4, MAX_TOKENS = 4096 };

static uint64_t seed(void) {
  const char *text = getenv("MST_SEED");
  return text ? strtoull(text, NULL, 10) : 1;
}

static const char rules[] =
    "{op}: adding, subtracting\n"
    "error, slip, mistake\nwrong, false\nm => metre\nin => inside\nx => ex\none => a single\n"
    "the student, our pupil\n\"{w} error\" <-> \"error in {w}\"\n"
    "\"missed {n} steps\" <-> \"left {n} steps out\"\n\"from {n} to {n1}\" -> \"to {n1} from "
    "{n}\"\n"
    "\"wrote {expr}\" <-> \"put down {expr}\"\n\"error in {op}\" -> \"slip while {op}\" [allow: "
    "overlap]\n"
    "protect: solve\nedits: 1..6\nmax-change: 1\n";

static const char *const words[] = {
    "error",        "wrong",  "the",  "student", "a",     "An",
    "in",           "m",      "cm",   "x",       "y",     "missed",
    "steps",        "from",   "to",   "wrote",   "I",     "adding",
    "solve",        "one",    "two",  "three",   "don't", "does",
    "not",          "sum-up", "left", "out",     "kg",    "\xEB\xB6\x84\xEC\x88\x98",
    "\xEC\x9B\x90", "error's"};
static const char *const signs[] = {"3",     "3/4",      "0.5",      "1,000",     "-2",
                                    "+",     "-",        "=",        "<=",        "(",
                                    ")",     "x",        "3x",       "5cm",       "\\frac{1}{2}",
                                    "$a+b$", "\xC3\x97", "\xC2\xBD", "m\xC2\xB2", "%",
                                    "^2",    "\\le",     ":",        ",",         "3\xEA\xB0\x9C",
                                    "x_1",   "f(x)"};
static const char *const gaps[] = {" ", " ", " ", " ", "", ", ", "  ", "\n", ". "};
#define PICK(list, k) list[draw(d, (k), sizeof list / sizeof *list)]

static uint32_t draw(uint64_t d, uint64_t k, size_t n) {
  return (uint32_t)mst_rng_below(n, seed(), MST_RNG_GENERATE, d, 0, k);
}

static void random_text(uint64_t d, mst_buffer *out) {
  const uint32_t n = draw(d, 0, 14);
  for (uint64_t i = 0; i < n; i++) {
    const char *piece = draw(d, 4 * i + 1, 3) ? PICK(words, 4 * i + 2) : PICK(signs, 4 * i + 2);
    const char *gap = PICK(gaps, 4 * i + 3);
    assert_int_equal(mst_buffer_printf(out, "%s%s", piece, i + 1 < n ? gap : ""), MST_OK);
  }
  if (d + 1 < DOCS) assert_int_equal(mst_buffer_append(out, "|", 1), MST_OK);
}

typedef struct tokens {
  char token[MAX_TOKENS][24];
  int n;
} tokens;

static mst_status take(void *payload, mst_maths_kind kind, mst_slice token, mst_slice source) {
  tokens *t = payload;
  (void)source;
  if (kind == MST_MATHS_WORD) return MST_OK;
  assert_true(t->n < MAX_TOKENS);
  (void)snprintf(t->token[t->n++], 24, "%d%.*s", (int)kind, (int)token.len,
                 (const char *)token.ptr);
  return MST_OK;
}

static int compare(const void *a, const void *b) { return strcmp(a, b); }

/* Sorted tokens of a text. */
static void scan(const uint8_t *text, int64_t n, tokens *out) {
  out->n = 0;
  assert_int_equal(mst_maths_scan((mst_slice){text, n}, take, out), MST_OK);
  qsort(out->token, (size_t)out->n, sizeof *out->token, compare);
}

static void random_texts(made *m, const char *operations) {
  mst_buffer text;
  mst_buffer_init(&text, 1 << 24, "texts");
  for (uint64_t d = 0; d < DOCS; d++) random_text(d, &text);
  assert_int_equal(mst_buffer_append(&text, "", 1), MST_OK);
  assert_int_equal(made_init(m, rules, operations, (const char *)text.data, COPIES), MST_OK);
  mst_buffer_fini(&text);
}

static void check_same_maths(const char *operations) {
  static tokens parent, child;
  made m;
  random_texts(&m, operations);
  assert_true(m.edits.n_copies > DOCS / 2);
  for (int64_t i = 0; i < m.edits.n_copies; i++) {
    const int64_t d = m.edits.copy[i].doc;
    char *copy = made_text(&m, i);
    const uint8_t *own = m.bytes + m.start[d];
    const int64_t len = m.start[d + 1] - m.start[d];
    scan(own, len, &parent);
    scan((const uint8_t *)copy, (int64_t)strlen(copy), &child);
    int equal = parent.n == child.n;
    for (int k = 0; equal && k < parent.n; k++) equal = !strcmp(parent.token[k], child.token[k]);
    if (!equal)
      print_message("seed %llu: '%.*s' -> '%s'\n", (unsigned long long)seed(), (int)len,
                    (const char *)own, copy);
    assert_true(equal);
    assert_true((int64_t)strlen(copy) != len || memcmp(copy, own, (size_t)len) != 0);
    free(copy);
  }
  made_fini(&m);
}

static void test_rules_keep_maths(void **state) {
  (void)state;
  check_same_maths("one-of(synonym, paraphrase)");
}

static void test_noise_keeps_maths(void **state) {
  (void)state;
  check_same_maths("one-of(synonym, insertion, deletion, swap, spelling, keyboard, split, merge)");
}

/* Numbers and units by value: words and signs of the same value are written alike. */
static const char *value_of(const char *token) {
  static const char *const same[][2] = {
      {"2", "two"},       {"3", "three"},      {"5", "five"},        {"cm", "centimetres"},
      {"m", "metres"},    {"kg", "kilograms"}, {"km", "kilometres"}, {"cm", "centimetre"},
      {"kg", "kilogram"}, {"m", "metre"}};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++)
    if (!strcmp(token, same[i][1])) return same[i][0];
  return token;
}

static mst_status take_value(void *payload, mst_maths_kind kind, mst_slice token,
                             mst_slice source) {
  tokens *t = payload;
  char word[24];
  (void)source;
  (void)snprintf(word, sizeof word, "%.*s", (int)token.len, (const char *)token.ptr);
  for (char *p = word; *p; p++) *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
  if (kind == MST_MATHS_WORD && value_of(word) == word) return MST_OK;
  (void)snprintf(t->token[t->n++], 24, "%s", value_of(word));
  return MST_OK;
}

static void scan_values(const uint8_t *text, int64_t n, tokens *out) {
  out->n = 0;
  assert_int_equal(mst_maths_scan((mst_slice){text, n}, take_value, out), MST_OK);
  qsort(out->token, (size_t)out->n, sizeof *out->token, compare);
}

static void test_forms_keep_values(void **state) {
  static tokens parent, child;
  made m;
  (void)state;
  random_texts(&m, "one-of(number-words, units)");
  assert_true(m.edits.n_copies > 20);
  for (int64_t i = 0; i < m.edits.n_copies; i++) {
    const int64_t d = m.edits.copy[i].doc;
    char *copy = made_text(&m, i);
    scan_values(m.bytes + m.start[d], m.start[d + 1] - m.start[d], &parent);
    scan_values((const uint8_t *)copy, (int64_t)strlen(copy), &child);
    if (parent.n != child.n)
      print_message("'%.*s' -> '%s'\n", (int)(m.start[d + 1] - m.start[d]),
                    (const char *)m.bytes + m.start[d], copy);
    assert_int_equal(parent.n, child.n);
    for (int k = 0; k < parent.n; k++) assert_string_equal(parent.token[k], child.token[k]);
    free(copy);
  }
  made_fini(&m);
}

static int is_letter(int c) {
  return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c >= 0x80;
}

/* Protected words stay, and as often. */
static int count_word(const char *text, int64_t n, const char *word) {
  int count = 0;
  const int64_t len = (int64_t)strlen(word);
  for (int64_t i = 0; i + len <= n; i++)
    count += !memcmp(text + i, word, (size_t)len) && (!i || !is_letter((uint8_t)text[i - 1])) &&
             (i + len == n || !is_letter((uint8_t)text[i + len]));
  return count;
}

static void test_protected_stay(void **state) {
  made m;
  (void)state;
  random_texts(&m, "one-of(synonym, spelling, keyboard, split, swap)");
  for (int64_t i = 0; i < m.edits.n_copies; i++) {
    const int64_t d = m.edits.copy[i].doc, len = m.start[d + 1] - m.start[d];
    const char *own = (const char *)m.bytes + m.start[d];
    char *copy = made_text(&m, i);
    const int before = count_word(own, len, "solve");
    const int after = count_word(copy, (int64_t)strlen(copy), "solve");
    if (before > after) print_message("'%.*s' -> '%s'\n", (int)len, own, copy);
    assert_true(before <= after); /* a split may set one free: "solveout" */
    free(copy);
  }
  made_fini(&m);
}

/* Each record alone, in a batch of its own, gives the copies that it has among the others. */
static void test_shards(void **state) {
  made m;
  mst_edits own;
  (void)state;
  random_texts(&m, "one-of(synonym, paraphrase, swap, split)");
  mst_edits_init(&own);
  for (int64_t d = 0, at = 0; d < DOCS; d++) {
    const int64_t start[] = {0, m.start[d + 1] - m.start[d]};
    const mst_text text = {1, m.bytes + m.start[d], start};
    mst_augment_batch *batch = NULL;
    assert_int_equal(mst_augment_batch_create(m.augmenter, &text, 1 + (int)(d % 3), &batch),
                     MST_OK);
    assert_int_equal(mst_augment_records(batch, &m.record[d], 7, 0, 1, &own), MST_OK);
    for (int64_t i = 0; i < own.n_copies; i++, at++) {
      mst_buffer out;
      mst_buffer_init(&out, 1 << 20, "a copy");
      assert_int_equal(m.edits.copy[at].doc, d);
      assert_int_equal(mst_augment_write(batch, &own, &own.copy[i], &out), MST_OK);
      char *whole = made_text(&m, at);
      assert_int_equal(strlen(whole), out.size_bytes);
      assert_memory_equal(whole, out.data, out.size_bytes);
      free(whole);
      mst_buffer_fini(&out);
    }
    mst_augment_batch_free(batch);
  }
  mst_edits_fini(&own);
  made_fini(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rules_keep_maths),
      cmocka_unit_test(test_noise_keeps_maths),
      cmocka_unit_test(test_forms_keep_values),
      cmocka_unit_test(test_protected_stay),
      cmocka_unit_test(test_shards),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
