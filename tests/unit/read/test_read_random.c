/* test_read_random.c: random tables and byte soup read in every way give one answer; no memory, no
 * leak, no output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "read/whole.h"
#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void put(mst_buffer *b, const char *text) {
  assert_int_equal(mst_buffer_append(b, text, strlen(text)), MST_OK);
}

/* A field of pieces that hurt, quoted as a writer would; now and then it is wrong. */
static void put_field(mst_buffer *b, uint64_t *random, int damage) {
  static const char *const quoted[] = {"word", ",",    "\n",           "\r\n",
                                       "\r",   "\"\"", "\xED\x95\x9C", " "};
  static const char *const bare[] = {"word", "5\"", "\xC3\xA9", " ", "0"};
  static const char *const wrong[] = {"\"", "\xFF", ",", "\n", "\xE2\x82"};
  const int in_quotes = next_random(random) % 2 == 0;
  if (in_quotes) put(b, "\"");
  for (uint32_t n = next_random(random) % 5; n; n--)
    put(b, in_quotes ? quoted[next_random(random) % COUNT(quoted)]
           : b->size_bytes && b->data[b->size_bytes - 1] == '"'
               ? "x"
               : bare[next_random(random) % (COUNT(bare))]);
  if (damage && next_random(random) % 40 == 0) put(b, wrong[next_random(random) % COUNT(wrong)]);
  if (in_quotes) put(b, "\"");
}

static void put_table(mst_buffer *b, uint64_t *random, int damage, uint32_t n_rows) {
  static const char *const ends[] = {"\n", "\r\n", "\r", "\n\n"};
  const uint32_t n_cols = 1 + next_random(random) % 3;
  put(b, n_cols == 1 ? "a" : n_cols == 2 ? "a,b" : "a,b,c");
  for (uint32_t row = 0; row < n_rows; row++) {
    put(b, ends[next_random(random) % COUNT(ends)]);
    for (uint32_t c = 0; c < n_cols; c++) {
      if (c) put(b, ",");
      put_field(b, random, damage);
    }
  }
  if (next_random(random) % 2) put(b, "\n");
}

static void check_random(const char *suffix, const mst_buffer *b, mst_decode decode) {
  mst_read_options o = mst_read_options_default();
  o.decode = decode;
  const char *path = file_make(suffix, b->data, b->size_bytes);
  const char *got = dump_whole(path, &o, INT64_C(1) << 40);
  char *expected = mst_alloc(strlen(got) + 1, 1);
  assert_non_null(expected);
  check_all_ways(path, &o, strcpy(expected, got));
  mst_free(expected);
}

static void test_random__tables(void **state) {
  (void)state;
  uint64_t random = 5;
  for (int i = 0; i < 60; i++) {
    mst_buffer b;
    mst_buffer_init(&b, SIZE_MAX / 2, "a table");
    put_table(&b, &random, i % 2, next_random(&random) % 30);
    check_random(".csv", &b, (mst_decode)(i % 3));
    mst_buffer_fini(&b);
  }
}

static void test_random__soup(void **state) {
  (void)state;
  static const char soup[] = "\"\"\",,\n\n\rab\xC3\xA9\xFF{}:[]1_";
  static const char *const suffix[] = {".csv", ".tsv", ".jsonl", ".txt"};
  uint64_t random = 6;
  for (int i = 0; i < 120; i++) {
    mst_buffer b;
    mst_buffer_init(&b, SIZE_MAX / 2, "soup");
    put(&b, i % 4 == 3 ? "__label__a b\n" : i % 4 == 2 ? "{\"a\":1}\n" : "a\n");
    for (uint32_t n = next_random(&random) % 60; n; n--) {
      const char c[2] = {soup[next_random(&random) % (sizeof soup - 1)], 0};
      put(&b, c);
    }
    check_random(suffix[i % 4], &b, (mst_decode)(next_random(&random) % 3));
    mst_buffer_fini(&b);
  }
}

/* Several chunks of the usual size; quotes in unquoted fields make half of the guesses wrong. */
static void test_random__large(void **state) {
  (void)state;
  uint64_t random = 7;
  mst_buffer b;
  mst_buffer_init(&b, SIZE_MAX / 2, "a large table");
  put(&b, "a,b\n");
  while (b.size_bytes < 5 << 20) {
    for (int c = 0; c < 2; c++) {
      put_field(&b, &random, 0);
      put(&b, c ? "\n" : ",");
    }
  }
  const char *path = file_make(".csv", b.data, b.size_bytes);
  mst_read_options o = mst_read_options_default();
  const char *expected = dump_whole(path, &o, INT64_C(1) << 40);
  assert_int_not_equal(strncmp(expected, "error", 5), 0);
  for (o.n_threads = 1; o.n_threads <= 7; o.n_threads += o.n_threads == 1 ? 1 : 5) {
    assert_string_equal(dump_whole(path, &o, 1 << 20), expected);
    assert_string_equal(dump_batches(path, &o, 1 << 20, 1000), expected);
  }
  mst_buffer_fini(&b);
}

/* What a failing allocator is tried on. */
typedef struct job {
  const char *path;
  int in_batches;
} job;

static mst_status read_whole(const job *j) {
  mst_records *r = NULL;
  const mst_read_options o = mst_read_options_default();
  mst_status st = mst__records_read_by(j->path, &o, 16, &r);
  if (st) {
    assert_null(r);
    return st;
  }
  mst_strings storage = {0};
  mst_text view = {0};
  const int32_t cols[] = {0, 0};
  st = mst_records_text(r, cols, 2, 1, &storage, &view);
  if (st) assert_null(storage.bytes);
  if (st) assert_null(view.bytes);
  int32_t col = 0;
  if (!st && mst_records_find(r, "zzz", &col) != MST_E_FORMAT) st = MST_E_NOMEM;
  mst_strings_fini(&storage);
  mst_records_free(r);
  return st;
}

static mst_status read_batches(const job *j) {
  mst_reader *reader = NULL;
  const mst_read_options o = mst_read_options_default();
  mst_status st = mst__reader_open_by(j->path, &o, 16, &reader);
  if (st) {
    assert_null(reader);
    return st;
  }
  for (int64_t n_rows = 1; !st && n_rows;) {
    mst_records *r = NULL;
    st = mst_reader_next(reader, 2, &r);
    if (st) assert_null(r);
    n_rows = st ? 0 : mst_records_n_rows(r);
    mst_records_free(r);
  }
  mst_reader_close(reader);
  return st;
}

static mst_status read_either(void *payload) {
  const job *j = payload;
  return j->in_batches ? read_batches(j) : read_whole(j);
}

static void test_read__failing_allocator(void **state) {
  (void)state;
  static const char csv[] = "a,b\n1,\"x \"\"y\"\"\"\n\n3,\"4\n\"\n5,6\n";
  static const char jsonl[] = "{\"a\":\"x\",\"b\":1}\n{\"a\":2}\n{\"b\":null}\n";
  static const char lines[] = "__label__x y z\n__label__u v\n";
  size_t n_gzip;
  uint8_t *gzip = as_gzip(csv, sizeof csv - 1, &n_gzip);
  for (int in_batches = 0; in_batches < 2; in_batches++) {
    job jobs[] = {{file_make(".csv", csv, sizeof csv - 1), in_batches},
                  {file_make(".csv.gz", gzip, n_gzip), in_batches},
                  {file_make(".jsonl", jsonl, sizeof jsonl - 1), in_batches},
                  {file_make(".txt", lines, sizeof lines - 1), in_batches}};
    for (size_t i = 0; i < COUNT(jobs); i++)
      assert_true(fail_every_alloc(read_either, jobs + i) > 5);
  }
  mst_free(gzip);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_random__tables),
      cmocka_unit_test(test_random__soup),
      cmocka_unit_test(test_random__large),
      cmocka_unit_test(test_read__failing_allocator),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
