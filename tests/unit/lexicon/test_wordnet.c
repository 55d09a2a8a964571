/* WordNet's files: look-ups, inflections, damaged files, refused memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "wordnet_fixture.h"

static const char installed[] = "/usr/share/wordnet/index.noun";

static mst_lexicon *open_fixture(int max_senses, int max_alternatives) {
  const mst_lexicon_options options = {max_senses, max_alternatives};
  mst_lexicon *lexicon = NULL;
  assert_int_equal(mst_lexicon_open(fixture_root, &options, &lexicon), MST_OK);
  return lexicon;
}

static void test_empty(void **state) {
  (void)state;
  mst_lexicon *x = open_fixture(1, 8);
  assert_string_equal(fixture_find(x, "", MST_POS_ANY), "");
  assert_string_equal(fixture_find(x, "zyzzy", MST_POS_ANY), "");
  assert_string_equal(fixture_find(x, "the", MST_POS_ANY), "");
  assert_string_equal(mst_lexicon_name(x), "wordnet");
  mst_lexicon_close(x);
  mst_lexicon_close(NULL);
}

static void test_synonyms(void **state) {
  (void)state;
  mst_lexicon *x = open_fixture(1, 8);
  assert_string_equal(fixture_find(x, "incorrect", MST_POS_ANY), "wrong");
  assert_string_equal(fixture_find(x, "wrong", MST_POS_ADJECTIVE), "incorrect");
  assert_string_equal(fixture_find(x, "wrong", MST_POS_NOUN), "");
  assert_string_equal(fixture_find(x, "quickly", MST_POS_ANY), "rapidly|speedily");
  /* The noun is what "mistake" is most often. */
  assert_string_equal(fixture_find(x, "mistake", MST_POS_ANY), "error|fault");
  assert_string_equal(fixture_find(x, "mistake", MST_POS_VERB), "misidentify");
  mst_lexicon_close(x);
}

static void test_not_fit(void **state) {
  (void)state;
  mst_lexicon *x = open_fixture(1, 8);
  assert_string_equal(fixture_find(x, "year", MST_POS_ANY), "");        /* never tagged */
  assert_string_equal(fixture_find(x, "place", MST_POS_NOUN), "");      /* a name */
  assert_string_equal(fixture_find(x, "reckon", MST_POS_ANY), "count"); /* a digit */
  assert_string_equal(fixture_find(x, "lonely", MST_POS_ANY), "");      /* only predicative */
  assert_string_equal(fixture_find(x, "portion", MST_POS_ANY), "");     /* second sense of "part" */
  mst_lexicon_close(x);
}

static void test_knobs(void **state) {
  (void)state;
  mst_lexicon *x = open_fixture(2, 8);
  assert_string_equal(fixture_find(x, "portion", MST_POS_ANY), "part");
  mst_lexicon_close(x);
  x = open_fixture(1, 1);
  assert_string_equal(fixture_find(x, "quickly", MST_POS_ANY), "rapidly");
  mst_lexicon_close(x);
}

static void test_inflections(void **state) {
  (void)state;
  static const char *const cases[][2] = {{"errors", "mistakes|faults"},
                                         {"fractions", "parts"},
                                         {"units", "units of measurement"},
                                         {"vertices", "corner points"},
                                         {"omits", "excludes|leaves out"},
                                         {"omitting", "excluding|leaving out"},
                                         {"omitted", "excluded|left out"},
                                         {"selected", "picked out"},
                                         {"selecting", "choosing|picking out"},
                                         {"chosen", "selected|picked out"},
                                         {"chose", "selected|picked out"},
                                         {"begun", "started"},
                                         {"began", "started"},
                                         {"beginning", "starting"},
                                         {"started", ""},
                                         {"starts", "begins"},
                                         {"larger", "bigger"},
                                         {"biggest", "largest"},
                                         {"placed", "put"},
                                         {"placing", "putting"},
                                         {"put", ""},
                                         {"mistook", "misidentified"}};
  mst_lexicon *x = open_fixture(1, 8);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_string_equal(fixture_find(x, cases[i][0], MST_POS_ANY), cases[i][1]);
  mst_lexicon_close(x);
}

static mst_status refuse(void *payload, mst_slice alternative, mst_pos pos) {
  (void)alternative;
  (void)pos;
  ++*(int *)payload;
  return MST_FAIL(MST_E_CANCELLED, "enough");
}

static void test_emit_fails(void **state) {
  (void)state;
  mst_lexicon *x = open_fixture(1, 8);
  int n = 0;
  const mst_slice word = {(const uint8_t *)"quickly", 7};
  assert_int_equal(mst_lexicon_find(x, word, MST_POS_ANY, refuse, &n), MST_E_CANCELLED);
  assert_int_equal(n, 1);
  mst_lexicon_close(x);
}

static void test_absent(void **state) {
  (void)state;
  mst_lexicon *x = NULL;
  const mst_lexicon_options none = {0, 8};
  assert_int_equal(mst_lexicon_open(NULL, NULL, &x), MST_E_ARG);
  assert_int_equal(mst_lexicon_open(fixture_root, &none, &x), MST_E_ARG);
  assert_int_equal(mst_lexicon_open("/nowhere/at/all", NULL, &x), MST_E_IO);
  assert_non_null(strstr(mst_error_last()->message, "/nowhere/at/all"));
  assert_int_equal(unlink(fixture_path("verb.exc")), 0);
  assert_int_equal(mst_lexicon_open(fixture_root, NULL, &x), MST_E_IO);
  assert_non_null(strstr(mst_error_last()->message, "verb.exc"));
  fixture_write("verb.exc", fixture_exceptions[1], strlen(fixture_exceptions[1]));
  assert_null(x);
  if (access(installed, R_OK) == 0) return;
  assert_int_equal(mst_lexicon_open("wordnet", NULL, &x), MST_E_IO);
  assert_non_null(strstr(mst_error_last()->message, "wordnet-base"));
}

/* Replace what one file holds, expect this message, and put it back. */
static void expect_damage(const char *name, const char *text, const char *message) {
  static char kept[8192];
  FILE *f = fopen(fixture_path(name), "rb");
  assert_non_null(f);
  const size_t n = fread(kept, 1, sizeof kept, f);
  (void)fclose(f);
  fixture_write(name, text, strlen(text));
  mst_lexicon *x = NULL;
  assert_int_equal(mst_lexicon_open(fixture_root, NULL, &x), MST_E_FORMAT);
  assert_null(x);
  if (!strstr(mst_error_last()->message, message)) fail_msg("%s", mst_error_last()->message);
  fixture_write(name, kept, n);
}

static void test_damaged(void **state) {
  (void)state;
  expect_damage("index.adj", "  1 x\nwrong a\n", "index.adj:2: a damaged line");
  expect_damage("index.adj", "  1 x\n\nwrong a\n", "index.adj:2: an empty line");
  expect_damage("index.adj", "wrong a 1 0 1 0 00000999\n", "data.adj");
  expect_damage("index.adj", "wrong a 1 0 1 0 00000002\n", "no synset begins");
  expect_damage("index.adj", "wrong a 1 0 1 0 ffffffff\n", "index.adj:1: expected the offset");
  expect_damage("index.adj", "wrong a 99999999999 0 1 0 00000002\n", "index.adj:1: a damaged");
  expect_damage("adv.exc", "better well\nbetter\n", "adv.exc:2: a damaged line");
  expect_damage("cntlist.rev", "error%1:00:00:: 1 30\nerror 1 1\n", "cntlist.rev:2: a damaged");
  expect_damage("cntlist.rev", "error%9:00:00:: 1 30\n", "cntlist.rev:1: a damaged");
  expect_damage("data.adv", "", "data.adv:1: the file ends");
}

/* Every shortened data file is refused or read, never a crash. */
static void test_truncated(void **state) {
  (void)state;
  static char kept[8192];
  FILE *f = fopen(fixture_path("data.verb"), "rb");
  assert_non_null(f);
  const size_t n = fread(kept, 1, sizeof kept, f);
  (void)fclose(f);
  for (size_t shorter = 0; shorter < n; shorter += 3) {
    mst_lexicon *x = NULL;
    fixture_write("data.verb", kept, shorter);
    const mst_status st = mst_lexicon_open(fixture_root, NULL, &x);
    assert_true(st == MST_OK || st == MST_E_FORMAT);
    mst_lexicon_close(x);
  }
  fixture_write("data.verb", kept, n);
}

static mst_status open_and_find(void *payload) {
  mst_lexicon *x = NULL;
  (void)payload;
  const mst_status st = mst_lexicon_open(fixture_root, NULL, &x);
  if (st) assert_null(x);
  else assert_string_equal(fixture_find(x, "incorrect", MST_POS_ANY), "wrong");
  mst_lexicon_close(x);
  return st;
}

static void test_no_memory(void **state) {
  (void)state;
  assert_true(fail_every_alloc(open_and_find, NULL) > 20);
}

static void test_threads(void **state) {
  (void)state;
  static const char *const words[] = {"errors", "omitted", "larger", "quickly", "zyzzy"};
  static const char *const expected[] = {"mistakes|faults", "excluded|left out", "bigger",
                                         "rapidly|speedily", ""};
  mst_lexicon *x = open_fixture(1, 8);
  int wrong = 0;
#pragma omp parallel for num_threads(4) reduction(+ : wrong)
  for (int i = 0; i < 4000; i++) {
    char found[400] = "";
    const mst_slice s = {(const uint8_t *)words[i % 5], (int64_t)strlen(words[i % 5])};
    wrong += mst_lexicon_find(x, s, MST_POS_ANY, fixture_collect, found) != MST_OK;
    wrong += strcmp(found, expected[i % 5]) != 0;
  }
  assert_int_equal(wrong, 0);
  mst_lexicon_close(x);
}

/* What find promises about every alternative. */
static mst_status check_promise(void *payload, mst_slice s, mst_pos pos) {
  const mst_slice *word = payload;
  assert_true(pos > MST_POS_ANY && s.len > 0);
  assert_true(s.len != word->len || memcmp(s.ptr, word->ptr, (size_t)s.len) != 0);
  for (int64_t i = 0; i < s.len; i++) {
    const int c = s.ptr[i], inner = i > 0 && i + 1 < s.len;
    assert_true((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                (inner && (c == ' ' || c == '-')));
  }
  return MST_OK;
}

/* The real one: each word of its list of nouns and verbs, in the plural and the past, too. */
static void test_installed(void **state) {
  (void)state;
  if (access(installed, R_OK) != 0) skip();
  mst_lexicon *x = NULL;
  assert_int_equal(mst_lexicon_open("wordnet", NULL, &x), MST_OK);
  assert_string_equal(fixture_find(x, "incorrect", MST_POS_ANY), "wrong");
  assert_string_equal(fixture_find(x, "mistakes", MST_POS_ANY), "errors|faults");
  assert_string_equal(fixture_find(x, "omitted", MST_POS_ANY), "excluded|left out");
  FILE *f = fopen(installed, "rb");
  char line[65536], form[65600];
  assert_non_null(f);
  for (long n = 0; fgets(line, sizeof line, f); n++) {
    line[strcspn(line, " ")] = 0;
    for (int ending = 0; ending < 4 && line[0] && strlen(line) < 150; ending++) {
      static const char *const endings[] = {"", "s", "ed", "ing"};
      (void)snprintf(form, sizeof form, "%s%s", line, endings[ending]);
      mst_slice word = {(const uint8_t *)form, (int64_t)strlen(form)};
      assert_int_equal(mst_lexicon_find(x, word, MST_POS_ANY, check_promise, &word), MST_OK);
    }
  }
  (void)fclose(f);
  mst_lexicon_close(x);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty),       cmocka_unit_test(test_synonyms),
      cmocka_unit_test(test_not_fit),     cmocka_unit_test(test_knobs),
      cmocka_unit_test(test_inflections), cmocka_unit_test(test_emit_fails),
      cmocka_unit_test(test_absent),      cmocka_unit_test(test_damaged),
      cmocka_unit_test(test_truncated),   cmocka_unit_test(test_no_memory),
      cmocka_unit_test(test_threads),     cmocka_unit_test(test_installed)};
  return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
