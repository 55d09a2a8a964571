/* test_vocabulary.c: vocabulary files: shards merge to the whole, cuts come after, damage is
 * named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "corpus.h"
#include "failing_alloc.h"
#include "features/vocabulary.h"
#include "files/folder.h"
#include "test_backend.h"

static test_corpus texts, part;
static char folder[] = "/tmp/misstep-vocabulary-XXXXXX";

static const char *path_of(const char *name) {
  static char paths[4][128];
  static int turn;
  char *path = paths[turn++ % 4];
  (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

static int make_folder(void **state) {
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
  (void)state;
  static const char *const names[] = {"whole", "a", "b", "c", "merged", "bad", "other"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) (void)unlink(path_of(names[i]));
  return rmdir(folder);
}

/* Options without cuts that take every path; characters 0x01 .. 0x1f and quotes are in the
 * texts. */
static mst_vectorizer_options unpruned(int i) {
  mst_vectorizer_options o = test_options(i);
  o.min_df = (mst_df_cut){0, 1.0};
  o.max_features = 0;
  return o;
}

static void save(const mst_vectorizer_options *o, const mst_text *text, const char *name) {
  mst_corpus *corpus = NULL;
  mst_vectorizer *v = NULL;
  assert_int_equal(mst_corpus_create(mst_test_backend(2), text, &corpus), MST_OK);
  assert_int_equal(mst_vectorizer_fit(o, corpus, NULL, 0, &v, NULL, NULL), MST_OK);
  assert_int_equal(mst_vocabulary_save(v, path_of(name), 1), MST_OK);
  mst_vectorizer_free(v);
  mst_corpus_free(corpus);
}

static void copy_rows(int64_t from, int64_t to) {
  test_corpus_clear(&part);
  for (int64_t d = from; d < to; d++)
    test_corpus_add(&part, texts.bytes + texts.start[d],
                    (size_t)(texts.start[d + 1] - texts.start[d]));
}

static void expect_same_files(const char *a, const char *b) {
  char *x = NULL, *y = NULL;
  size_t n = 0, m = 0;
  assert_int_equal(mst_file_read(path_of(a), 1 << 24, &x, &n), MST_OK);
  assert_int_equal(mst_file_read(path_of(b), 1 << 24, &y, &m), MST_OK);
  assert_int_equal(n, m);
  assert_memory_equal(x, y, n);
  mst_free(x);
  mst_free(y);
}

static void fill_texts(void) {
  test_corpus_fill(&texts, 23, 90);
  test_corpus_add(&texts, "say \"no\" \\ \x01 \t end", 18);
}

static void shards_merge_to_the_whole(void **state) {
  (void)state;
  fill_texts();
  for (int i = 0; i < N_OPTION_SETS; i++) {
    const mst_vectorizer_options o = unpruned(i);
    save(&o, &texts.text, "whole");
    copy_rows(0, 40);
    save(&o, &part.text, "a");
    copy_rows(40, 41 + i);
    save(&o, &part.text, "b");
    copy_rows(41 + i, 91);
    save(&o, &part.text, "c");
    const char *paths[] = {path_of("b"), path_of("c"), path_of("a")};
    assert_int_equal(mst_vocabulary_merge(paths, 3, path_of("merged"), 1), MST_OK);
    expect_same_files("whole", "merged");
  }
}

/* A loaded file with cuts weighs as a fit with the same cuts does. */
static void cuts_come_after(void **state) {
  (void)state;
  fill_texts();
  for (int i = 0; i < N_OPTION_SETS; i++) {
    const mst_vectorizer_options o = unpruned(i), cut = test_options(i);
    mst_vectorizer_options named = cut; /* what a term is comes from the file */
    named.token = mst_token_options_default();
    named.ngram_min = named.ngram_max = 1;
    named.stop_words = NULL;
    mst_corpus *corpus = NULL;
    mst_vectorizer *fitted = NULL, *loaded = NULL;
    mst_csr x = {0}, y = {0};
    save(&o, &texts.text, "whole");
    assert_int_equal(mst_corpus_create(mst_test_backend(2), &texts.text, &corpus), MST_OK);
    assert_int_equal(mst_vectorizer_fit(&cut, corpus, NULL, 0, &fitted, NULL, &x), MST_OK);
    assert_int_equal(mst_vocabulary_vectorizer(path_of("whole"), &named, &loaded), MST_OK);
    assert_true(same_strings(mst_vectorizer_terms(fitted), mst_vectorizer_terms(loaded)));
    assert_int_equal(mst_vectorizer_transform(loaded, corpus, NULL, 0, NULL, &y), MST_OK);
    assert_true(same_csr(&x, &y));
    mst_csr_fini(&x);
    mst_csr_fini(&y);
    mst_vectorizer_free(fitted);
    mst_vectorizer_free(loaded);
    mst_corpus_free(corpus);
  }
}

static void pruned_counts_are_not_saved(void **state) {
  (void)state;
  fill_texts();
  mst_corpus *corpus = NULL;
  assert_int_equal(mst_corpus_create(mst_test_backend(1), &texts.text, &corpus), MST_OK);
  mst_vectorizer_options o = mst_vectorizer_options_default();
  for (int i = 0; i < 3; i++) {
    mst_vectorizer *v = NULL;
    o = mst_vectorizer_options_default();
    if (i == 0) o.min_df.value = 2.0;
    if (i == 1) o.max_df.value = 0.5;
    if (i == 2) o.max_features = 5;
    assert_int_equal(mst_vectorizer_fit(&o, corpus, NULL, 0, &v, NULL, NULL), MST_OK);
    assert_int_equal(mst_vocabulary_save(v, path_of("other"), 1), MST_E_ARG);
    mst_vectorizer_free(v);
  }
  mst_corpus_free(corpus);
}

static void differing_options_are_named(void **state) {
  (void)state;
  fill_texts();
  mst_vectorizer_options o = mst_vectorizer_options_default();
  save(&o, &texts.text, "a");
  static const char *const names[] = {"analyzer",      "lowercase",  "strip_accents",
                                      "token_pattern", "stop_words", "ngram_range"};
  for (int i = 0; i < 6; i++) {
    o = mst_vectorizer_options_default();
    if (i == 0) o.token.analyzer = MST_ANALYZER_CHAR;
    if (i == 1) o.token.lowercase = 0;
    if (i == 2) o.token.strip_accents = MST_ACCENTS_ASCII;
    if (i == 3) o.token.token_pattern = "[a-z]+";
    if (i == 4) o.stop_words = "english";
    if (i == 5) o.ngram_max = 2;
    save(&o, &texts.text, "b");
    const char *paths[] = {path_of("a"), path_of("b")};
    assert_int_equal(mst_vocabulary_merge(paths, 2, path_of("merged"), 1), MST_E_FORMAT);
    assert_non_null(strstr(mst_error_last()->message, names[i]));
  }
}

#define HEADER_HEAD "{\"format\": \"misstep-vocabulary\", \"version\": 1, \"documents\": 3, "
#define HEADER_TAIL                                                                                \
  "\"analyzer\": \"word\", \"lowercase\": true, \"strip_accents\": \"none\", "                     \
  "\"token_pattern\": null, \"stop_words\": null, \"ngram_range\": [1, 1]}\n"
#define HEADER HEADER_HEAD HEADER_TAIL

static void damage_is_named_by_line(void **state) {
  (void)state;
  static const struct {
    const char *bytes, *where;
  } damaged[] = {
      {"", ":0: empty"},
      {"hello\n", ":1: "},
      {"{\"format\": \"other\"}\n", ":1: not a vocabulary"},
      {"{\"format\": \"misstep-vocabulary\", \"version\": 2}\n",
       ":1: a vocabulary of another version"},
      {HEADER_HEAD "\"analyzer\": \"words\"}\n[\"a\", 1, 1]\n", ":1: analyzer"},
      {HEADER "[\"aa\", 1, 1]\n[\"bb\", 1\n", ":3: "},
      {HEADER "[\"aa\", 1, 1]\n[\"bb\", 1, 1]", ":1: cut off"},
      {HEADER "[\"aa\", 1]\n", ":2: expected"},
      {HEADER "[\"aa\", 1.5, 2]\n", ":2: expected"},
      {HEADER "[\"aa\", 4, 4]\n", ":2: 4 documents"},
      {HEADER "[\"aa\", 2, 1]\n", ":2: 2 documents and 1 occurrences"},
      {HEADER "[\"bb\", 1, 1]\n[\"aa\", 1, 1]\n", ":3: this term"},
  };
  const mst_vectorizer_options o = mst_vectorizer_options_default();
  for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
    FILE *file = fopen(path_of("bad"), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(damaged[i].bytes, 1, strlen(damaged[i].bytes), file),
                     strlen(damaged[i].bytes));
    assert_int_equal(fclose(file), 0);
    mst_vectorizer *v = NULL;
    assert_int_equal(mst_vocabulary_vectorizer(path_of("bad"), &o, &v), MST_E_FORMAT);
    assert_non_null(strstr(mst_error_last()->message, damaged[i].where));
    assert_null(v);
  }
}

static void missing_and_existing_files(void **state) {
  (void)state;
  const mst_vectorizer_options o = mst_vectorizer_options_default();
  const char *missing = path_of("missing"), *paths[] = {path_of("a")};
  mst_vectorizer *v = NULL;
  assert_int_equal(mst_vocabulary_vectorizer(missing, &o, &v), MST_E_IO);
  assert_int_equal(mst_vocabulary_merge(paths, 0, missing, 0), MST_E_ARG);
  fill_texts();
  save(&o, &texts.text, "a");
  assert_int_equal(mst_vocabulary_merge(paths, 1, path_of("a"), 0), MST_E_ARG); /* exists */
  mst_vectorizer_options cut = o;
  cut.min_df.value = 1000.0, cut.max_df = (mst_df_cut){0, 2000.0};
  assert_int_equal(mst_vocabulary_vectorizer(path_of("a"), &cut, &v), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "no terms remain"));
}

static mst_status save_once(void *payload) {
  return mst_vocabulary_save(payload, path_of("other"), 1);
}

/* Of saving only: the JSON library that reads lines does not survive a refused allocation. */
static void every_allocation_may_fail(void **state) {
  (void)state;
  uint8_t words[] = "astheword";
  int64_t start[] = {0, 1, 2, 5, 9};
  const mst_strings list = {4, words, start};
  mst_vectorizer_options o = unpruned(1);
  o.stop_words = "list";
  o.stop_list = &list;
  test_corpus_fill(&texts, 2, 3);
  mst_corpus *corpus = NULL;
  mst_vectorizer *v = NULL;
  assert_int_equal(mst_corpus_create(mst_test_backend(1), &texts.text, &corpus), MST_OK);
  assert_int_equal(mst_vectorizer_fit(&o, corpus, NULL, 0, &v, NULL, NULL), MST_OK);
  assert_true(fail_every_alloc(save_once, v) > 20);
  mst_vectorizer_free(v);
  mst_corpus_free(corpus);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(missing_and_existing_files),
      cmocka_unit_test(shards_merge_to_the_whole),
      cmocka_unit_test(cuts_come_after),
      cmocka_unit_test(pruned_counts_are_not_saved),
      cmocka_unit_test(differing_options_are_named),
      cmocka_unit_test(damage_is_named_by_line),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
