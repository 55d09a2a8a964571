/* test_generate.c: rows of synthetic statements: shares, shards, threads, quoting, memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "generate/generate.h"
#include "misstep/alloc.h"
#include "misstep/log.h"

static mst_status keep(const uint8_t *bytes, size_t n, void *payload) {
  return mst_buffer_append(payload, bytes, n);
}

static mst_buffer generated(mst_generate_options o, mst_generate_summary *sum) {
  mst_buffer rows;
  mst_buffer_init(&rows, (size_t)1 << 28, "rows of a test");
  assert_int_equal(mst_generate(&o, keep, &rows, sum), MST_OK);
  return rows;
}

static void assert_same(mst_buffer a, mst_buffer b) {
  assert_int_equal(a.size_bytes, b.size_bytes);
  assert_memory_equal(a.data, b.data, a.size_bytes);
}

static void test_nothing(void **state) {
  (void)state;
  mst_generate_options o = mst_generate_options_default();
  mst_generate_summary sum;
  o.n_rows = 0;
  mst_buffer rows = generated(o, &sum);
  assert_int_equal(rows.size_bytes, strlen("id,text,label,grade,topic\n"));
  assert_int_equal(sum.n_rows, 0);
  assert_int_equal(sum.n_distinct, 0);
  mst_buffer_fini(&rows);
  o.header = 0;
  rows = generated(o, &sum);
  assert_int_equal(rows.size_bytes, 0);
  mst_buffer_fini(&rows);
}

/* 30,000 rows: counts within 5 standard deviations, texts mostly distinct, rates as asked. */
static void test_shares(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 3; seed++) {
    mst_generate_options o = mst_generate_options_default();
    mst_generate_summary sum;
    o.seed = seed;
    mst_buffer rows = generated(o, &sum);
    int64_t total = 0;
    for (int32_t c = 0; c < MST_GENERATE_N_LABELS; c++) {
      const double p = mst_generate_label_share(c), n = (double)o.n_rows;
      assert_true(fabs((double)sum.label_count[c] - n * p) < 5 * sqrt(n * p * (1 - p)));
      total += sum.label_count[c];
    }
    assert_int_equal(total, 30000);
    assert_int_equal(sum.size_bytes, rows.size_bytes);
    assert_int_equal(sum.distinct_rows, 30000);
    assert_true(sum.n_distinct >= 24000 && sum.n_distinct < 30000);
    const double a = o.ambiguity;
    assert_true(fabs((double)sum.n_shared / 30000 - a) < 5 * sqrt(a * (1 - a) / 30000));
    const double e = sum.expected_best_accuracy;
    assert_true(e > 0.9 && e < 0.97);
    assert_true(fabs((double)sum.n_best_right / 30000 - e) < 5 * sqrt(e * (1 - e) / 30000));
    mst_buffer_fini(&rows);
  }
}

static void test_shards_make_the_whole(void **state) {
  (void)state;
  mst_generate_options o = mst_generate_options_default();
  o.n_rows = 20000;
  o.seed = 7;
  mst_buffer whole = generated(o, NULL), parts;
  mst_buffer_init(&parts, (size_t)1 << 28, "shards");
  static const int64_t cuts[] = {0, 1, 4096, 4097, 13000, 20000};
  for (size_t i = 0; i + 1 < sizeof cuts / sizeof *cuts; i++) {
    mst_generate_options shard = o;
    shard.first = cuts[i];
    shard.n_rows = cuts[i + 1] - cuts[i];
    shard.header = i == 0;
    assert_int_equal(mst_generate(&shard, keep, &parts, NULL), MST_OK);
  }
  assert_same(whole, parts);
  mst_buffer_fini(&whole);
  mst_buffer_fini(&parts);
}

static void test_threads_leave_no_trace(void **state) {
  (void)state;
  mst_generate_options o = mst_generate_options_default();
  mst_generate_summary one, many;
  o.n_rows = 70001;
  mst_buffer a = generated(o, &one);
  static const int threads[] = {2, 7};
  for (int i = 0; i < 2; i++) {
    o.n_threads = threads[i];
    mst_buffer b = generated(o, &many);
    assert_same(a, b);
    assert_memory_equal(&one, &many, sizeof one);
    mst_buffer_fini(&b);
  }
  mst_buffer_fini(&a);
}

static void test_seeds_differ(void **state) {
  (void)state;
  mst_generate_options o = mst_generate_options_default();
  o.n_rows = 1000;
  mst_buffer a = generated(o, NULL), again = generated(o, NULL);
  o.seed = 1;
  mst_buffer b = generated(o, NULL);
  assert_same(a, again);
  assert_true(a.size_bytes != b.size_bytes || memcmp(a.data, b.data, a.size_bytes) != 0);
  mst_buffer_fini(&a);
  mst_buffer_fini(&again);
  mst_buffer_fini(&b);
}

/* Fields of one line; NULL at the end. Quoted fields are unquoted in place. */
static char *read_row(char *at, char *field[5], size_t length[5]) {
  for (int f = 0; f < 5; f++) {
    char *to = at;
    field[f] = at;
    const int quoted = *at == '"';
    if (quoted) at++;
    while (quoted ? *at != '"' || at[1] == '"' : *at != ',' && *at != '\n') {
      if (quoted && *at == '"') at++;
      *to++ = *at++;
    }
    if (quoted) at++;
    length[f] = (size_t)(to - field[f]);
    assert_int_equal(*at, f < 4 ? ',' : '\n');
    at++;
  }
  return at;
}

/* Every row reads back as the record that was generated. */
static void test_rows_read_back(void **state) {
  (void)state;
  mst_generate_options o = mst_generate_options_default();
  mst_generator *g = NULL;
  mst_generated record;
  o.n_rows = 20000;
  o.first = 123456789012;
  o.header = 0;
  mst_buffer rows = generated(o, NULL);
  assert_int_equal(mst_generator_create(&o, &g), MST_OK);
  char *at = (char *)rows.data;
  int quotes = 0;
  for (int64_t i = 0; i < o.n_rows; i++) {
    char *field[5], id[32];
    size_t length[5];
    at = read_row(at, field, length);
    mst_generator_record(g, o.first + i, &record);
    snprintf(id, sizeof id, "%lld", (long long)(o.first + i));
    const char *label = mst_generate_label_name(record.label);
    assert_true(length[0] == strlen(id) && memcmp(field[0], id, length[0]) == 0);
    assert_true(length[1] == record.n_bytes && memcmp(field[1], record.text, length[1]) == 0);
    assert_true(length[2] == strlen(label) && memcmp(field[2], label, length[2]) == 0);
    assert_true(length[3] == 1 && *field[3] == '0' + record.grade);
    assert_true(record.grade >= 4 && record.grade <= 6);
    assert_true(length[4] == strlen(record.topic) &&
                memcmp(field[4], record.topic, length[4]) == 0);
    quotes += memchr(record.text, '"', record.n_bytes) != NULL;
  }
  assert_true(quotes > 0);
  assert_ptr_equal(at, rows.data + rows.size_bytes);
  mst_generator_free(g);
  mst_buffer_fini(&rows);
}

static void test_bad_options(void **state) {
  (void)state;
  const mst_generate_options good = mst_generate_options_default();
  mst_generate_options bad[9];
  for (int i = 0; i < 9; i++) bad[i] = good;
  bad[0].n_rows = -1;
  bad[1].first = -1;
  bad[2].first = INT64_MAX;
  bad[3].noise = 0.51;
  bad[4].noise = NAN;
  bad[5].ambiguity = 0.26;
  bad[6].typos = -0.1;
  bad[7].typos = 1.1;
  bad[8].n_threads = 0;
  for (int i = 0; i < 9; i++) {
    mst_generator *g = (mst_generator *)0x1;
    assert_int_equal(mst_generator_create(&bad[i], &g), MST_E_ARG);
    assert_ptr_equal(g, (void *)0x1);
    assert_true(strlen(mst_error_last()->message) > 0);
    assert_int_equal(mst_generate(&bad[i], keep, NULL, NULL), MST_E_ARG);
  }
}

static mst_status refuse(const uint8_t *bytes, size_t n, void *payload) {
  (void)bytes;
  (void)n;
  return --*(int *)payload ? MST_OK : MST_FAIL(MST_E_IO, "no more");
}

static int cancel(const char *stage, int64_t done, int64_t total, const char *detail, void *p) {
  (void)stage;
  (void)total;
  (void)detail;
  (void)p;
  return done > 0;
}

static void test_stopped_from_outside(void **state) {
  (void)state;
  mst_generate_options o = mst_generate_options_default();
  for (int calls = 1; calls <= 4; calls++) {
    int left = calls;
    assert_int_equal(mst_generate(&o, refuse, &left, NULL), MST_E_IO);
  }
  mst_buffer rows;
  mst_buffer_init(&rows, (size_t)1 << 28, "rows");
  mst_progress_set(cancel, NULL);
  assert_int_equal(mst_generate(&o, keep, &rows, NULL), MST_E_CANCELLED);
  mst_progress_set(NULL, NULL);
  mst_buffer_fini(&rows);
}

static int countdown(void *payload) { return (*(int64_t *)payload)-- == 0; }

static mst_status ignore(const uint8_t *bytes, size_t n, void *payload) {
  (void)bytes;
  (void)n;
  (void)payload;
  return MST_OK;
}

static void test_no_memory(void **state) {
  (void)state;
  mst_generate_options o = mst_generate_options_default();
  o.n_rows = 5000; /* two blocks */
  mst_status st = MST_E_NOMEM;
  for (int64_t k = 0; st == MST_E_NOMEM; k++) {
    mst_generate_summary sum = {.n_rows = -5};
    int64_t left = k;
    mst_alloc_set_fail(countdown, &left);
    st = mst_generate(&o, ignore, NULL, &sum);
    mst_alloc_set_fail(NULL, NULL);
    assert_true(k < 1000);
    if (st) assert_int_equal(sum.n_rows, -5);
    else assert_true(k > 5);
  }
  assert_int_equal(st, MST_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nothing),
      cmocka_unit_test(test_shares),
      cmocka_unit_test(test_shards_make_the_whole),
      cmocka_unit_test(test_threads_leave_no_trace),
      cmocka_unit_test(test_seeds_differ),
      cmocka_unit_test(test_rows_read_back),
      cmocka_unit_test(test_bad_options),
      cmocka_unit_test(test_stopped_from_outside),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
