/* test_maths.c: the maths analyzer's grammar (maths.h), token by token. */
#include "corpus.h"
#include "misstep/alloc.h"
#include "misstep/maths.h"

typedef struct maths_case {
  const char *text;
  const char *tokens; /* joined by spaces, which no token holds */
} maths_case;

static const maths_case cases[] = {
    {"3/4 because 6 + 2 = 8 and x = 12, not 0.5", "3/4 because 6 + 2 = 8 and x = 12 not 0.5"},
    {"1,234.5", "1,234.5"},
    {"12,345,67", "12,345 67"},
    {"1,2,3", "1 2 3"},
    {"-3 + 5", "-3 + 5"},
    {"5 -3", "5 - 3"},
    {"5 - -3", "5 - -3"},
    {"= -3", "= -3"},
    {"x=-3", "x = -3"},
    {"(-3)+4", "-3 + 4"},
    {"2 1/2", "2 1/2"},
    {"2\xc2\xbd", "2 1/2"},
    {"\xc2\xbd + \xe2\x85\x93", "1/2 + 1/3"},
    {"-\xc2\xbd", "-1/2"},
    {"\\frac{3}{4} + \\dfrac{1}{2}", "3/4 + 1/2"},
    {"\\frac{x}{2}", "x / 2"},
    {"\\frac{\\frac{1}{2}}{3}", "1/2 / 3"},
    {"3 \\times 4 \\div 2", "3 * 4 / 2"},
    {"a \\le b \\geq c", "a <= b >= c"},
    {"a\xc2\xb7"
     "b\xc3\x97"
     "c\xc3\xb7"
     "d\xe2\x88\x92"
     "e\xe2\x89\xa4"
     "f\xe2\x89\xa5g\xe2\x89\xa0h",
     "a * b * c / d - e <= f >= g != h"},
    {"50% of 20", "50 % of 20"},
    {"50 \\%", "50 %"},
    {"x^2 + y\xc2\xb2", "x ^ 2 + y ^ 2"},
    {"5 cm", "5 cm"},
    {"5cm", "5 cm"},
    {"5 m long", "5 m long"},
    {"3 m\xc2\xb2 and 4 m^2", "3 m\xc2\xb2 and 4 m\xc2\xb2"},
    {"2kg", "2 kg"},
    {"500\xec\x9b\x90", "500 \xec\x9b\x90"},
    {"500\xec\x9b\x90\xec\x9d\x84 \xeb\x83\x88\xeb\x8b\xa4",
     "500 \xec\x9b\x90 \xeb\x83\x88\xeb\x8b\xa4"},
    {"3\xea\xb0\x9c\xec\x9b\x94 \xeb\x8f\x99\xec\x95\x88 2\xea\xb0\x9c",
     "3 \xea\xb0\x9c\xec\x9b\x94 \xeb\x8f\x99\xec\x95\x88 2 \xea\xb0\x9c"},
    {"5 x 3 = 15", "5 x 3 = 15"},
    {"3 x 4", "3 x 4"},
    {"a 5 kg bag", "5 kg bag"},
    {"I have a cat", "have cat"},
    {"f(x) = 2x + 1", "f x = 2 x + 1"},
    {"x_1 + x_2", "x 1 + x 2"},
    {"well-known fact", "well known fact"},
    {"x-y", "x - y"},
    {"5-year-old", "5 - year old"},
    {"and/or", "and / or"},
    {"km/h", "km / h"},
    {"60 km/h", "60 km / h"},
    {"3/4/2020", "3 / 4 / 2020"},
    {"1/2.5", "1 / 2.5"},
    {"0.5/2", "0.5 / 2"},
    {".5 + .25", ".5 + .25"},
    {"1.2.3", "1.2 3"},
    {"12.", "12"},
    {"v1.2", "v 1.2"},
    {"don't", "don"},
    {"the answer is -3", "the answer is - 3"},
    {"answer: -3", "answer -3"},
    {"30\xc2\xb0 angle", "30 \xc2\xb0 angle"},
    {"20\xe2\x84\x83", "20 \xe2\x84\x83"},
    {"5\xe3\x8e\x9d 3\xe3\x8e\xa1", "5 cm 3 m\xc2\xb2"},
    {"a == b != c <= d >= e < f > g", "a = b != c <= d >= e < f > g"},
    {"a => b", "a = > b"},
    {"-3/4", "-3/4"},
    {"1\xe2\x81\x84"
     "2",
     "1/2"},
    {"\xef\xbc\x93\xef\xbc\x8b\xef\xbc\x94\xef\xbc\x9d\xef\xbc\x97", "3 + 4 = 7"},
    {"\\left( x \\right)", ""},
    {"5\\,\\text{cm}", "5 cm"},
    {"\\pi r^2", "pi r ^ 2"},
    {"|x|", "x"},
    {"|-3|", "-3"},
    {"\xea\xb0\x80 \xeb\x82\x98 \xeb\x8b\xa4\xeb\x9e\x8c\xec\xa5\x90",
     "\xeb\x8b\xa4\xeb\x9e\x8c\xec\xa5\x90"},
    {"3\xed\x95\x99\xeb\x85\x84 2\xeb\xb0\x98", "3 \xed\x95\x99\xeb\x85\x84 2"},
    {"e=mc\xc2\xb2", "e = mc ^ 2"},
    {"2h", "2 h"},
    {"-", "-"},
    {"x", ""},
    {"", ""},
    {"- 3 apples", "- 3 apples"},
    {"6 \xc3\xb7 2", "6 / 2"},
    {"\n-3\n-4", "-3 -4"},
    {"100,000\xec\x9b\x90", "100,000 \xec\x9b\x90"},
    {"1/1,000", "1 / 1,000"},
    {"2^-3", "2 ^ -3"},
    {"\xce\xb1 + \xce\xb2", "\xce\xb1 + \xce\xb2"},
    {"H2O", "H 2 O"},
    {"x\xc2\xb2\xc2\xb3", "x ^ 23"},
    {"\xc2\xbe cup", "3/4 cup"},
    {"5 mL", "5 mL"},
    {"\\sqrt{16}=4", "sqrt 16 = 4"},
    {"3 : 4", "3 4"},
    {"$5", "5"},
    {"3.14", "3.14"},
    {"-.5", "-.5"},
    {"!", ""},
    {"5!", "5"},
    {"n!=3", "n != 3"}};

/* What a scan gave: tokens joined by spaces, a letter for each kind, where sources end. */
typedef struct heard {
  const uint8_t *text;
  char tokens[4096], kinds[256];
  size_t n, n_kinds;
  int64_t end;   /* end of the last source */
  int refuse_at; /* fail at this token; -1: never */
} heard;

static mst_status hear(void *payload, mst_maths_kind kind, mst_slice token, mst_slice source) {
  heard *h = payload;
  if (h->refuse_at == (int)h->n_kinds) return MST_E_CANCELLED;
  for (int64_t i = 0; i < token.len; i++) assert_true(token.ptr[i] > 0x20);
  assert_true(token.len > 0);
  assert_true(source.ptr - h->text >= h->end);
  h->end = source.ptr - h->text + source.len;
  if (h->n) h->tokens[h->n++] = ' ';
  memcpy(h->tokens + h->n, token.ptr, (size_t)token.len);
  h->n += (size_t)token.len;
  h->kinds[h->n_kinds++] = "nfouvw"[kind];
  return MST_OK;
}

static heard scan(const char *text) {
  /* exactly as many bytes as there are: a sanitizer sees a read behind them */
  const size_t len = strlen(text);
  uint8_t *bytes = malloc(len ? len : 1);
  assert_non_null(bytes);
  memcpy(bytes, text, len);
  heard h = {.text = bytes, .refuse_at = -1};
  assert_int_equal(mst_maths_scan((mst_slice){bytes, (int64_t)len}, hear, &h), MST_OK);
  assert_true(h.end <= (int64_t)len);
  free(bytes);
  return h;
}

static void token_by_token(void **state) {
  (void)state;
  assert_string_equal(scan("").tokens, "");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const heard h = scan(cases[i].text);
    if (strcmp(h.tokens, cases[i].tokens) != 0)
      fail_msg("'%s': '%s', expected '%s'", cases[i].text, h.tokens, cases[i].tokens);
  }
}

static void kinds(void **state) {
  (void)state;
  assert_string_equal(scan("3/4 because 6 + x = 5 cm").kinds, "fwnovonu");
  assert_string_equal(scan("x\xc2\xb2 -\xc2\xbd").kinds, "vonof");
  assert_string_equal(scan("500\xec\x9b\x90").kinds, "nu");
}

/* The same text with every prefix and suffix cut away must be safe and keep its promises. */
static void every_cut(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[256];
    const size_t n = strlen(cases[i].text);
    for (size_t from = 0; from <= n; from++) {
      if (((unsigned char)cases[i].text[from] & 0xc0) == 0x80) continue;
      for (size_t to = from; to <= n; to++) {
        memcpy(text, cases[i].text + from, to - from);
        text[to - from] = '\0';
        (void)scan(text);
      }
    }
  }
}

static void a_refusal_ends_the_scan(void **state) {
  (void)state;
  heard h = {.text = (const uint8_t *)"1 + 2", .refuse_at = 1};
  assert_int_equal(mst_maths_scan((mst_slice){h.text, 5}, hear, &h), MST_E_CANCELLED);
  assert_string_equal(h.tokens, "1");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(token_by_token), cmocka_unit_test(kinds),
                                     cmocka_unit_test(every_cut),
                                     cmocka_unit_test(a_refusal_ends_the_scan)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
