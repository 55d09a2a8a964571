/* test_read_csv.c: delimited files, well-formed and not, read whole and in batches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support.h"

/* A file and what reading it gives. */
typedef struct sample {
  const char *input;
  size_t n;
  const char *expected;
} sample;

#define TEXT(s) s, sizeof(s) - 1

static void check_samples(const char *suffix, mst_decode decode, int64_t max_field_bytes,
                          const sample *samples, size_t n) {
  for (size_t i = 0; i < n; i++) {
    mst_read_options o = mst_read_options_default();
    o.decode = decode;
    if (max_field_bytes) o.max_field_bytes = max_field_bytes;
    check_all_ways(file_make(suffix, samples[i].input, samples[i].n), &o, samples[i].expected);
  }
}

#define CHECK(suffix, decode, limit, samples)                                                      \
  check_samples(suffix, decode, limit, samples, sizeof samples / sizeof *samples)

static void test_csv__empty_input(void **state) {
  (void)state;
  static const sample samples[] = {
      {TEXT(""), "error MST_E_FORMAT: the file is empty, expected a header line"},
      {TEXT("\xEF\xBB\xBF"), "error MST_E_FORMAT: the file is empty, expected a header line"},
      {TEXT("\n\r\n\r"), "error MST_E_FORMAT: the file is empty, expected a header line"},
      {TEXT("text,label"), "text|label\n"},
      {TEXT("text,label\r\n"), "text|label\n"},
      {TEXT("text,label\n\n\n"), "text|label\n"},
  };
  CHECK(".csv", MST_DECODE_STRICT, 0, samples);
}

static void test_csv__well_formed(void **state) {
  (void)state;
  static const sample samples[] = {
      {TEXT("a,b\n1,2\n3,4\n"), "a|b\n2:1|2\n3:3|4\n"},
      {TEXT("a,b\n1,2\n3,4"), "a|b\n2:1|2\n3:3|4\n"},
      {TEXT("a,b\r\n1,2\r\n3,4\r\n"), "a|b\n2:1|2\n3:3|4\n"},
      {TEXT("a,b\r1,2\r3,4\r"), "a|b\n2:1|2\n3:3|4\n"},
      {TEXT("\xEF\xBB\xBF"
            "a,b\n1,2\n"),
       "a|b\n2:1|2\n"},
      {TEXT("\n\na,b\n1,2\n"), "a|b\n4:1|2\n"},
      {TEXT("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n"), "a|b\n2:x,y|say \"hi\"\n"},
      {TEXT("a,b\n\"1\n2\r\n3\r4\",5\n6,7\n"), "a|b\n2:1\n2\r\n3\r4|5\n6:6|7\n"},
      {TEXT("a,b\n,\n\"\",\"\"\n"), "a|b\n2:|\n3:|\n"},
      {TEXT("a,b\n\n1,2\n\r\n3,4\n\n"), "a|b\n3:1|2\n5:3|4\n"},
      {TEXT("a\n\nx\n\"\"\n\n"), "a\n2:\n3:x\n4:\n5:\n"},
      {TEXT("a,b\n5\" pipe,x\"y\n\"q\",7\"\n"), "a|b\n2:5\" pipe|x\"y\n3:q|7\"\n"},
      {TEXT("a,b\n \"x\",y\n"), "a|b\n2: \"x\"|y\n"},
      {TEXT("a,b\n\"\"\"\",\"\"\"\"\"\"\n"), "a|b\n2:\"|\"\"\n"},
      {TEXT("\"a\"\"b\",\"c\nd\"\n1,2\n"), "a\"b|c\nd\n3:1|2\n"},
      {TEXT("a,b\n\xC3\xA9,\xF0\x9F\x98\x80\n\xED\x95\x9C,\xE2\x82\xAC\n"),
       "a|b\n2:\xC3\xA9|\xF0\x9F\x98\x80\n3:\xED\x95\x9C|\xE2\x82\xAC\n"},
  };
  CHECK(".csv", MST_DECODE_STRICT, 0, samples);
}

static void test_csv__tabs(void **state) {
  (void)state;
  static const sample samples[] = {
      {TEXT("a\tb\n1,5\t\"x\ty\"\n"), "a|b\n2:1,5|x\ty\n"},
      {TEXT("a\tb\n1\n"), "error MST_E_FORMAT:2:2: 1 field, expected 2"},
  };
  CHECK(".tsv", MST_DECODE_STRICT, 0, samples);
  CHECK(".tab", MST_DECODE_STRICT, 0, samples);
}

#define AFTER                                                                                      \
  "text after a closing quote, expected a delimiter or the end of the line (a quote inside a "     \
  "quoted field is written twice)"
#define UNCLOSED "a quote that is never closed, expected \" before the end of the file"

static void test_csv__malformed(void **state) {
  (void)state;
  static const sample samples[] = {
      {TEXT("a,b\n1,2\n1,2,3,4\n"), "error MST_E_FORMAT:3:5: 4 fields, expected 2"},
      {TEXT("a,b,c\n1,2\n"), "error MST_E_FORMAT:2:4: 2 fields, expected 3"},
      {TEXT("a,b\n\"1\n2\"\n"), "error MST_E_FORMAT:3:3: 1 field, expected 2"},
      {TEXT("a,b\n\"1\n2\"x,3\n"), "error MST_E_FORMAT:3:3: " AFTER},
      {TEXT("a,b\n1,\"2\" \n"), "error MST_E_FORMAT:2:6: " AFTER},
      {TEXT("a,b\n1,2\n3,\"4\n5,6\n"), "error MST_E_FORMAT:3:3: " UNCLOSED},
      {TEXT("a,b\n1,\"\"\"\n5,6\n"), "error MST_E_FORMAT:2:3: " UNCLOSED},
      {TEXT("a,\"b\n1,2\n"), "error MST_E_FORMAT:1:3: " UNCLOSED},
      {TEXT("a,b,a\n1,2,3\n"),
       "error MST_E_FORMAT:1:1: two columns are called \"a\", expected distinct names"},
      {TEXT("\xEF\xBB\xBF"
            "a,b\0\n1,2\n"),
       "error MST_E_FORMAT:1:4: a NUL byte, expected text"},
      {TEXT("a,b\n1,x\0y\n"), "error MST_E_FORMAT:2:4: a NUL byte, expected text"},
      {TEXT("a,b\n1,\"x\n\0y\"\n"), "error MST_E_FORMAT:3:1: a NUL byte, expected text"},
      {TEXT("\xFF\xFE"
            "a\0"),
       "error MST_E_FORMAT:1:1: a UTF-16 byte order mark, expected UTF-8"},
      {TEXT("\xFE\xFF\0a"), "error MST_E_FORMAT:1:1: a UTF-16 byte order mark, expected UTF-8"},
  };
  CHECK(".csv", MST_DECODE_STRICT, 0, samples);
}

#define NOT_UTF8(hex) "byte " hex " is not UTF-8 (--decode-errors replace or skip lets it pass)"

static void test_csv__broken_utf8_strict(void **state) {
  (void)state;
  static const sample samples[] = {
      {TEXT("a,b\n1,caf\xE9\n"), "error MST_E_FORMAT:2:6: " NOT_UTF8("0xE9")},
      {TEXT("a,b\n1,\"x\"\"\n\xED\xA0\x80\"\n"), "error MST_E_FORMAT:3:1: " NOT_UTF8("0xED")},
      {TEXT("a,b\xC0\xAF\n1,2\n"), "error MST_E_FORMAT:1:4: " NOT_UTF8("0xC0")},
      {TEXT("a,b\n1,2\n3,\xF4\x90\x80\x80\n"), "error MST_E_FORMAT:3:3: " NOT_UTF8("0xF4")},
      {TEXT("a,b\n1,2\n3,\xE2\x82"), "error MST_E_FORMAT:3:3: " NOT_UTF8("0xE2")},
      {TEXT("a,b\n1,2,\xFF\n"), "error MST_E_FORMAT:2:5: 3 fields, expected 2"},
  };
  CHECK(".csv", MST_DECODE_STRICT, 0, samples);
}

#define R "\xEF\xBF\xBD"

/* The replacements are those of Python 3.11: bytes.decode("utf-8", "replace"). */
static void test_csv__broken_utf8_replace(void **state) {
  (void)state;
  static const sample samples[] = {
      {TEXT("a,b\n1,caf\xE9\n"), "a|b\n2:1|caf" R "\n"},
      {TEXT("a,b\n\xED\xA0\x80,\"\xC0\xAF\"\"\"\n"), "a|b\n2:" R R R "|" R R "\"\n"},
      {TEXT("a,b\n\xF0\x9F\x98"
            "x,\xE2\x82\n"),
       "a|b\n2:" R "x|" R "\n"},
      {TEXT("a,b\n\xF4\x90\x80\x80,\xF8\x88\x80\x80\x80\n"), "a|b\n2:" R R R R "|" R R R R R "\n"},
      {TEXT("a,b\n\xC3\xC3\xA9,\xE0\x80\x80\n"), "a|b\n2:" R "\xC3\xA9|" R R R "\n"},
      {TEXT("a\xFF,b\n1,2\n"), "a" R "|b\n2:1|2\n"},
      {TEXT("a,b\n1,x\xFF\0\n"), "error MST_E_FORMAT:2:5: a NUL byte, expected text"},
  };
  CHECK(".csv", MST_DECODE_REPLACE, 0, samples);
}

static void test_csv__broken_utf8_skip(void **state) {
  (void)state;
  static const sample samples[] = {
      {TEXT("a,b\n1,2\n3,\xE9\n\"5\n\xFF\",6\n7,8\n"), "a|b\n2:1|2\n6:7|8\nskipped 2 from 3\n"},
      {TEXT("a,b\n\xFF,2\n\xFF,3\n"), "a|b\nskipped 2 from 2\n"},
      {TEXT("a\xFF,b\n1,2\n"), "error MST_E_FORMAT:1:1: a header that is not UTF-8"},
  };
  CHECK(".csv", MST_DECODE_SKIP, 0, samples);
}

static void test_csv__field_limit(void **state) {
  (void)state;
  static const sample samples[] = {
      {TEXT("a,b\n12345,\"67890\"\n"), "a|b\n2:12345|67890\n"},
      {TEXT("a,b\n1,123456\n"),
       "error MST_E_LIMIT:2:3: a field of more than 5 bytes (--max-field-bytes)"},
      {TEXT("a,b\n1,\"2\n3456789\n"), "error MST_E_LIMIT:2:3: a field of more than 5 bytes "
                                      "(--max-field-bytes); is its quote never closed?"},
      {TEXT("column,b\n"),
       "error MST_E_LIMIT:1:1: a field of more than 5 bytes (--max-field-bytes)"},
  };
  CHECK(".csv", MST_DECODE_STRICT, 5, samples);
}

/* A 100 MB field stops the reader long before it is in memory. */
static void test_csv__huge_field(void **state) {
  (void)state;
  const size_t n = 100u << 20;
  char *bytes = mst_alloc(n, 1);
  assert_non_null(bytes);
  memset(bytes, 'x', n);
  memcpy(bytes, "a,b\n1,", 6);
  const char *path = file_make(".csv", bytes, n);
  mst_free(bytes);
  const mst_read_options o = mst_read_options_default();
  const char *expected =
      "error MST_E_LIMIT:2:3: a field of more than 16777216 bytes (--max-field-bytes)";
  assert_string_equal(dump_whole(path, &o, 1 << 20), expected);
  assert_string_equal(dump_batches(path, &o, 1 << 20, 1000), expected);
}

/* Columns are found by name, whatever their order; a wrong name gets the list. */
static void test_csv__columns(void **state) {
  (void)state;
  const char *path = file_make(".csv", TEXT("id,Text,label\n1,x,y\n"));
  const mst_read_options o = mst_read_options_default();
  mst_records *r = NULL;
  assert_int_equal(mst_records_read(path, &o, &r), MST_OK);
  assert_string_equal(mst_records_path(r), path);
  assert_int_equal(mst_records_n_cols(r), 3);
  assert_int_equal(mst_records_col(r, "label"), 2);
  assert_int_equal(mst_records_col(r, "text"), -1);
  int32_t col = -7;
  assert_int_equal(mst_records_find(r, "label", &col), MST_OK);
  assert_int_equal(col, 2);
  assert_int_equal(mst_records_find(r, "text", &col), MST_E_FORMAT);
  assert_int_equal(col, 2);
  assert_non_null(
      strstr(mst_error_last()->message, ": no column \"text\"; it has Text, id, label"));
  mst_records_free(r);
  mst_records_free(NULL);
}

static void test_csv__text(void **state) {
  (void)state;
  const char *path = file_make(".csv", TEXT("a,b\nx,\n,\"y \"\"z\"\"\"\n"));
  const mst_read_options o = mst_read_options_default();
  mst_records *r = NULL;
  mst_strings storage = {0};
  mst_text view;
  assert_int_equal(mst_records_read(path, &o, &r), MST_OK);
  assert_int_equal(mst_records_text(r, NULL, 0, 1, &storage, &view), MST_E_ARG);
  const int32_t cols[] = {1, 0};
  for (int n_threads = 1; n_threads <= 3; n_threads++) {
    assert_int_equal(mst_records_text(r, cols, 2, n_threads, &storage, &view), MST_OK);
    assert_int_equal(view.n_docs, 2);
    assert_memory_equal(view.start, ((int64_t[]){0, 2, 8}), 24);
    assert_memory_equal(view.bytes, " xy \"z\" ", 8);
    mst_strings_fini(&storage);
    assert_int_equal(mst_records_text(r, cols, 1, n_threads, &storage, &view), MST_OK);
    assert_memory_equal(view.start, ((int64_t[]){0, 0, 5}), 24);
    assert_memory_equal(view.bytes, "y \"z\"", 5);
    mst_strings_fini(&storage);
  }
  mst_records_free(r);
}

static void test_csv__keep(void **state) {
  (void)state;
  static const char csv[] = "a,b\n1,x\n2,y\n3,z\n4,w\n";
  static const int64_t none = 0, rows[] = {1, 3};
  const mst_read_options o = mst_read_options_default();
  mst_records *r = NULL;
  assert_int_equal(mst_records_read(file_make(".csv", csv, sizeof csv - 1), &o, &r), MST_OK);
  mst_records_keep(r, rows, 2);
  assert_int_equal(mst_records_n_rows(r), 2);
  assert_memory_equal(mst_records_field(r, 0, 1).ptr, "y", 1);
  assert_memory_equal(mst_records_field(r, 1, 0).ptr, "4", 1);
  assert_int_equal(mst_records_line(r, 0), 3);
  assert_int_equal(mst_records_line(r, 1), 5);
  mst_records_keep(r, &none, 0);
  assert_int_equal(mst_records_n_rows(r), 0);
  mst_records_free(r);
}

static void test_csv__options(void **state) {
  (void)state;
  const char *path = file_make(".csv", TEXT("a\n1\n"));
  mst_read_options o = mst_read_options_default();
  mst_records *r = NULL;
  mst_reader *reader = NULL;
  o.n_threads = 0;
  assert_int_equal(mst_records_read(path, &o, &r), MST_E_ARG);
  o = mst_read_options_default();
  o.max_field_bytes = 0;
  assert_int_equal(mst_reader_open(path, &o, &reader), MST_E_ARG);
  assert_null(r);
  assert_null(reader);
  o = mst_read_options_default();
  assert_int_equal(mst_reader_open(path, &o, &reader), MST_OK);
  assert_int_equal(mst_reader_next(reader, 0, &r), MST_E_ARG);
  mst_reader_close(reader);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_csv__empty_input),
      cmocka_unit_test(test_csv__well_formed),
      cmocka_unit_test(test_csv__tabs),
      cmocka_unit_test(test_csv__malformed),
      cmocka_unit_test(test_csv__broken_utf8_strict),
      cmocka_unit_test(test_csv__broken_utf8_replace),
      cmocka_unit_test(test_csv__broken_utf8_skip),
      cmocka_unit_test(test_csv__field_limit),
      cmocka_unit_test(test_csv__huge_field),
      cmocka_unit_test(test_csv__columns),
      cmocka_unit_test(test_csv__text),
      cmocka_unit_test(test_csv__keep),
      cmocka_unit_test(test_csv__options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
