/* test_generate_model.c: the probabilities behind the statements: they sum to one, the texts obey
 * them, families share no text, typos come at their rate and spare numbers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "generate/generate.h"
#include "misstep/alloc.h"
#include "misstep/hash.h"

enum { C = MST_GENERATE_N_LABELS };

static mst_generator *created(mst_generate_options o) {
  mst_generator *g = NULL;
  assert_int_equal(mst_generator_create(&o, &g), MST_OK);
  return g;
}

static void test_nothing(void **state) {
  (void)state;
  mst_generator_free(NULL);
}

/* At any rates: probabilities sum to 1 and the labels keep Table 1's shares. */
static void test_probabilities(void **state) {
  (void)state;
  static const double rates[][2] = {{0, 0}, {0.03, 0.08}, {0.5, 0.25}, {0.2, 0}, {0, 0.1}};
  for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
    mst_generate_options o = mst_generate_options_default();
    o.noise = rates[i][0];
    o.ambiguity = rates[i][1];
    mst_generator *g = created(o);
    double total = 0, shared = 0, best = 0, label[C] = {0};
    for (int32_t f = 0; f < mst_generator_n_families(g); f++) {
      double posterior[C], sum = 0, most = 0;
      const double p = mst_generator_family(g, f, posterior);
      for (int y = 0; y < C; y++) {
        assert_true(posterior[y] >= 0);
        sum += posterior[y];
        label[y] += p * posterior[y];
        if (posterior[y] > most) most = posterior[y];
      }
      assert_true(fabs(sum - 1) < 1e-12);
      total += p;
      best += p * most;
      if (mst_generator_is_shared(g, f)) shared += p;
    }
    assert_true(fabs(total - 1) < 1e-9);
    assert_true(fabs(shared - o.ambiguity) < 1e-9);
    assert_true(fabs(best - mst_generator_best_accuracy(g)) < 1e-12);
    for (int y = 0; y < C; y++) assert_true(fabs(label[y] - mst_generate_label_share(y)) < 1e-9);
    if (o.noise == 0 && o.ambiguity == 0) assert_true(fabs(best - 1) < 1e-9);
    if (o.noise > 0 && o.ambiguity == 0 && o.noise < 0.3)
      assert_true(fabs(best - (1 - o.noise)) < 1e-9);
    mst_generator_free(g);
  }
}

/* Labels given the family come as the posterior says: chi-squared over families that are seen
 * often. */
static void test_labels_obey_the_posterior(void **state) {
  (void)state;
  enum { N = 200000, MAX_F = 400 };
  mst_generate_options o = mst_generate_options_default();
  o.noise = 0.2;
  o.ambiguity = 0.2;
  mst_generator *g = created(o);
  static int32_t seen[MAX_F][C], total[MAX_F];
  memset(seen, 0, sizeof seen);
  memset(total, 0, sizeof total);
  assert_true(mst_generator_n_families(g) < MAX_F);
  mst_generated record;
  for (int64_t i = 0; i < N; i++) {
    mst_generator_record(g, i, &record);
    seen[record.family][record.label]++;
    total[record.family]++;
  }
  for (int32_t f = 0; f < mst_generator_n_families(g); f++) {
    double posterior[C];
    const double p = mst_generator_family(g, f, posterior);
    assert_true(fabs(total[f] - N * p) < 5.5 * sqrt(N * p) + 1);
    for (int y = 0; y < C; y++) {
      const double want = total[f] * posterior[y];
      assert_true(fabs(seen[f][y] - want) < 5.5 * sqrt(want * (1 - posterior[y])) + 1);
    }
  }
  mst_generator_free(g);
}

typedef struct text_of {
  uint64_t hash;
  int32_t family;
} text_of;

static int by_hash(const void *left, const void *right) {
  const text_of *a = left, *b = right;
  return (a->hash > b->hash) - (a->hash < b->hash);
}

/* The posterior given the text is the posterior given the family only if no two families can say
 * the same thing; texts without typos are compared. */
static void test_families_share_no_text(void **state) {
  (void)state;
  enum { N = 400000 };
  mst_generate_options o = mst_generate_options_default();
  o.typos = 0;
  mst_generator *g = created(o);
  text_of *texts = malloc(N * sizeof *texts);
  mst_generated record;
  assert_non_null(texts);
  for (int64_t i = 0; i < N; i++) {
    mst_generator_record(g, i, &record);
    texts[i] = (text_of){mst_hash64(record.text, record.n_bytes, 0), record.family};
    assert_int_equal(record.n_typos, 0);
  }
  qsort(texts, N, sizeof *texts, by_hash);
  for (int64_t i = 1; i < N; i++)
    if (texts[i].hash == texts[i - 1].hash) assert_int_equal(texts[i].family, texts[i - 1].family);
  free(texts);
  mst_generator_free(g);
}

static size_t other_bytes(const mst_generated *r, char *to) {
  size_t n = 0;
  for (size_t i = 0; i < r->n_bytes; i++) {
    const char c = r->text[i];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) to[n++] = c;
  }
  return n;
}

/* A typo changes letters only, each changes the text, and they come at the rate asked for. */
static void test_typos(void **state) {
  (void)state;
  enum { N = 20000 };
  mst_generate_options o = mst_generate_options_default();
  o.typos = 0;
  mst_generator *clean = created(o);
  o.typos = 0.05;
  mst_generator *typed = created(o);
  static mst_generated a, b;
  int64_t n_words = 0, n_typos = 0;
  for (int64_t i = 0; i < N; i++) {
    char left[MST_GENERATE_MAX_TEXT], right[MST_GENERATE_MAX_TEXT];
    mst_generator_record(clean, i, &a);
    mst_generator_record(typed, i, &b);
    const size_t n = other_bytes(&a, left);
    assert_int_equal(n, other_bytes(&b, right));
    assert_memory_equal(left, right, n);
    assert_int_equal(b.n_typos > 0, strcmp(a.text, b.text) != 0);
    assert_int_equal(a.label, b.label);
    assert_int_equal(strlen(b.text), b.n_bytes);
    for (size_t k = 0, run = 0; k <= a.n_bytes; k++) {
      const char c = (char)(a.text[k] | 0x20);
      run = c >= 'a' && c <= 'z' ? run + 1 : 0;
      n_words += run == 4;
    }
    n_typos += b.n_typos;
  }
  const double want = 0.05 * (double)n_words;
  assert_true(fabs((double)n_typos - want) < 5 * sqrt(want));
  mst_generator_free(clean);
  mst_generator_free(typed);
}

/* The longest texts stay well below the ceiling, even with a typo in every word. */
static void test_lengths(void **state) {
  (void)state;
  mst_generate_options o = mst_generate_options_default();
  o.typos = 1;
  mst_generator *g = created(o);
  static mst_generated record;
  size_t longest = 0;
  for (int64_t i = 0; i < 100000; i++) {
    mst_generator_record(g, i, &record);
    assert_true(record.n_bytes >= 8);
    if (record.n_bytes > longest) longest = record.n_bytes;
  }
  assert_true(longest < MST_GENERATE_MAX_TEXT / 2);
  mst_generator_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nothing),
      cmocka_unit_test(test_probabilities),
      cmocka_unit_test(test_labels_obey_the_posterior),
      cmocka_unit_test(test_families_share_no_text),
      cmocka_unit_test(test_typos),
      cmocka_unit_test(test_lengths),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
