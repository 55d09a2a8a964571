/* Particles behind Korean nouns. Texts are UTF-8 by escapes, their romanisation beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "lexicon.h"

#define BUNSU "\xeb\xb6\x84\xec\x88\x98"                              /* bunsu */
#define DEOTSEM "\xeb\x8d\xa7\xec\x85\x88"                            /* deotsem */
#define BIYUL "\xeb\xb9\x84\xec\x9c\xa8"                              /* biyul */
#define CHA "\xec\xb0\xa8"                                            /* cha */
#define SIK "\xec\x8b\x9d"                                            /* sik */
#define I "\xec\x9d\xb4"                                              /* i */
#define GA "\xea\xb0\x80"                                             /* ga */
#define EUN "\xec\x9d\x80"                                            /* eun */
#define NEUN "\xeb\x8a\x94"                                           /* neun */
#define EURO "\xec\x9c\xbc\xeb\xa1\x9c"                               /* euro */
#define RO "\xeb\xa1\x9c"                                             /* ro */
#define IDA "\xec\x9d\xb4\xeb\x8b\xa4"                                /* ida */
#define DA "\xeb\x8b\xa4"                                             /* da */
#define RO_BUTEO "\xeb\xa1\x9c\xeb\xb6\x80\xed\x84\xb0"               /* robuteo */
#define EURO_BUTEO "\xec\x9c\xbc\xeb\xa1\x9c\xeb\xb6\x80\xed\x84\xb0" /* eurobuteo */
#define GWA_UI "\xea\xb3\xbc\xec\x9d\x98"                             /* gwaui */
#define WA_UI "\xec\x99\x80\xec\x9d\x98"                              /* waui */
#define MANEUL "\xeb\xa7\x8c\xec\x9d\x84"                             /* maneul */
#define MANREUL "\xeb\xa7\x8c\xeb\xa5\xbc"                            /* manreul, wrong */
#define ESEONEUN "\xec\x97\x90\xec\x84\x9c\xeb\x8a\x94"               /* eseoneun */
static mst_slice slice(const char *text) {
  return (mst_slice){(const uint8_t *)text, (int64_t)strlen(text)};
}

/* What is written behind a stem; borrowed until the next call. */
static const char *behind(const char *stem, const char *rest) {
  static char text[64];
  mst_buffer out;
  mst_buffer_init(&out, 64, "a word");
  assert_int_equal(mst_korean_particles_write(slice(stem), slice(rest), &out), MST_OK);
  memcpy(text, out.data ? (const char *)out.data : "", out.size_bytes);
  text[out.size_bytes] = 0;
  mst_buffer_fini(&out);
  return text;
}

static void test_empty(void **state) {
  (void)state;
  assert_int_equal(mst_korean_particles_fit(slice(""), slice("")), 0);
  assert_int_equal(mst_korean_particles_fit(slice(BUNSU), slice("")), 0);
  assert_int_equal(mst_korean_particles_fit(slice(""), slice(GA)), 0);
  assert_string_equal(behind(BUNSU, ""), "");
}

/* Both forms of a pair, written behind a consonant, a vowel and an r, from either. */
static void test_pairs(void **state) {
  (void)state;
  static const struct {
    const char *closed, *open, *r;
  } pairs[] = {/* i/ga, eul/reul, eun/neun, gwa/wa, euro/ro, ina/na, irang/rang, a/ya */
               {"\xec\x9d\xb4", "\xea\xb0\x80", "\xec\x9d\xb4"},
               {"\xec\x9d\x84", "\xeb\xa5\xbc", "\xec\x9d\x84"},
               {"\xec\x9d\x80", "\xeb\x8a\x94", "\xec\x9d\x80"},
               {"\xea\xb3\xbc", "\xec\x99\x80", "\xea\xb3\xbc"},
               {"\xec\x9c\xbc\xeb\xa1\x9c", "\xeb\xa1\x9c", "\xeb\xa1\x9c"},
               {"\xec\x9d\xb4\xeb\x82\x98", "\xeb\x82\x98", "\xec\x9d\xb4\xeb\x82\x98"},
               {"\xec\x9d\xb4\xeb\x9e\x91", "\xeb\x9e\x91", "\xec\x9d\xb4\xeb\x9e\x91"},
               {"\xec\x95\x84", "\xec\x95\xbc", "\xec\x95\x84"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    assert_string_equal(behind(DEOTSEM, pairs[i].open), pairs[i].closed);
    assert_string_equal(behind(DEOTSEM, pairs[i].closed), pairs[i].closed);
    assert_string_equal(behind(BUNSU, pairs[i].closed), pairs[i].open);
    assert_string_equal(behind(BUNSU, pairs[i].open), pairs[i].open);
    assert_string_equal(behind(BIYUL, pairs[i].open), pairs[i].r);
    assert_string_equal(behind(BIYUL, pairs[i].closed), pairs[i].r);
    assert_int_equal(mst_korean_particles_fit(slice(DEOTSEM), slice(pairs[i].closed)), 1);
    assert_int_equal(mst_korean_particles_fit(slice(BUNSU), slice(pairs[i].open)), 1);
    assert_int_equal(mst_korean_particles_fit(slice(BIYUL), slice(pairs[i].r)), 1);
  }
}

static void test_runs(void **state) {
  (void)state;
  assert_string_equal(behind(DEOTSEM, RO_BUTEO), EURO_BUTEO);
  assert_string_equal(behind(BUNSU, EURO_BUTEO), RO_BUTEO);
  assert_string_equal(behind(BUNSU, GWA_UI), WA_UI);
  assert_string_equal(behind(BUNSU, MANEUL), MANEUL); /* man + eul: behind "man" */
  assert_string_equal(behind(DEOTSEM, ESEONEUN), ESEONEUN);
  assert_int_equal(mst_korean_particles_fit(slice(BUNSU), slice(MANEUL)), 1);
  assert_int_equal(mst_korean_particles_fit(slice(BUNSU), slice(MANREUL)), 0);
}

/* The copula keeps its vowel behind a vowel: both spellings are right. */
static void test_copula(void **state) {
  (void)state;
  assert_string_equal(behind(BUNSU, IDA), IDA);
  assert_string_equal(behind(DEOTSEM, DA), IDA);
}

static void test_no_particle(void **state) {
  (void)state;
  assert_string_equal(behind(DEOTSEM, SIK), SIK);
  assert_int_equal(mst_korean_particles_fit(slice(DEOTSEM), slice(SIK)), 0);
  assert_int_equal(mst_korean_particles_fit(slice(CHA), slice(I)), 0); /* chai: a difference */
  assert_int_equal(mst_korean_particles_fit(slice(CHA), slice(GA)), 1);
  assert_string_equal(behind("fractions", GA), GA); /* how it ends is not known */
  assert_string_equal(behind("fractions", I), I);
}

/* Read aloud: sam (a consonant), yeong, il, i, sip, man, jo. */
static void test_numbers(void **state) {
  (void)state;
  static const char *const i_ga[][2] = {{"3", I},
                                        {"0", I},
                                        {"1", I},
                                        {"2", GA},
                                        {"4", GA},
                                        {"5", GA},
                                        {"6", I},
                                        {"7", I},
                                        {"8", I},
                                        {"9", GA},
                                        {"10", I},
                                        {"12", GA},
                                        {"100", I},
                                        {"1000", I},
                                        {"10000", I},
                                        {"300000", I},
                                        {"100000000", I},
                                        {"1000000000000", GA},
                                        {"10000000000000000", I},
                                        {"0.5", GA}};
  for (size_t i = 0; i < sizeof i_ga / sizeof *i_ga; i++)
    assert_string_equal(behind(i_ga[i][0], GA), i_ga[i][1]);
  assert_string_equal(behind("0", NEUN), EUN);
  assert_string_equal(behind("7", EURO), RO);
  assert_string_equal(behind("3", RO), EURO);
}

static void test_latin(void **state) {
  (void)state;
  assert_string_equal(behind("x", I), GA); /* ekseu */
  assert_string_equal(behind("n", GA), I);
  assert_string_equal(behind("l", RO), RO);
  assert_string_equal(behind("ABC", I), GA);
  assert_string_equal(behind("cm", I), GA);
  assert_string_equal(behind("3kg", GA), I);
  assert_string_equal(behind("5m", I), GA);
  assert_string_equal(behind("2L", RO), RO);
  assert_string_equal(behind("4t", GA), I);
}

static mst_status write_once(void *payload) {
  mst_buffer out;
  (void)payload;
  mst_buffer_init(&out, 64, "a word");
  const mst_status st = mst_korean_particles_write(slice(BUNSU), slice(I), &out);
  if (st) assert_int_equal(out.size_bytes, 0);
  mst_buffer_fini(&out);
  return st;
}

static void test_errors(void **state) {
  (void)state;
  mst_buffer out;
  mst_buffer_init(&out, 4, "a word");
  assert_int_equal(mst_korean_particles_write(slice(DEOTSEM), slice(RO_BUTEO), &out), MST_E_LIMIT);
  assert_int_equal(out.size_bytes, 0);
  mst_buffer_fini(&out);
  assert_true(fail_every_alloc(write_once, NULL) > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty),       cmocka_unit_test(test_pairs),
      cmocka_unit_test(test_runs),        cmocka_unit_test(test_copula),
      cmocka_unit_test(test_no_particle), cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_latin),       cmocka_unit_test(test_errors)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
