/* test_read_formats.c: JSON lines, fastText lines, the choice by name, and every way of storing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support.h"

typedef struct sample {
  const char *input;
  size_t n;
  const char *expected; /* for a message: how it begins */
} sample;

#define TEXT(s) s, sizeof(s) - 1

static void check_samples(const char *suffix, mst_decode decode, const sample *samples, size_t n) {
  for (size_t i = 0; i < n; i++) {
    mst_read_options o = mst_read_options_default();
    o.decode = decode;
    const char *path = file_make(suffix, samples[i].input, samples[i].n);
    const char *got = dump_whole(path, &o, 1 << 20);
    const size_t compared = strncmp(got, "error", 5) ? strlen(got) : strlen(samples[i].expected);
    if (strncmp(got, samples[i].expected, compared)) assert_string_equal(got, samples[i].expected);
    char *expected = mst_alloc(strlen(got) + 1, 1);
    assert_non_null(expected);
    check_all_ways(path, &o, strcpy(expected, got));
    mst_free(expected);
  }
}

#define CHECK(suffix, decode, samples)                                                             \
  check_samples(suffix, decode, samples, sizeof samples / sizeof *samples)

static void test_jsonl__empty_input(void **state) {
  (void)state;
  static const sample samples[] = {
      {TEXT(""), "error MST_E_FORMAT: the file is empty, expected records"},
      {TEXT("\n \n\r\n"), "error MST_E_FORMAT: the file is empty, expected records"},
  };
  CHECK(".jsonl", MST_DECODE_STRICT, samples);
}

static void test_jsonl__values(void **state) {
  (void)state;
  static const sample samples[] = {
      {TEXT("{\"text\":\"a\\nb\",\"n\":1}\n{\"n\":-2.5,\"text\":null}\n"),
       "text|n\n1:a\nb|1\n2:|-2.5\n"},
      {TEXT("\xEF\xBB\xBF{\"t\":true,\"f\":false}\r\n\r\n{\"x\":1,\"f\":\"\\u00e9\"}"),
       "t|f\n1:true|false\n3:|\xC3\xA9\n"},
      {TEXT("\n\n{\"a\":9007199254740993}\n"), "a\n3:9007199254740993\n"},
  };
  CHECK(".jsonl", MST_DECODE_STRICT, samples);
  CHECK(".ndjson", MST_DECODE_STRICT, samples);
  CHECK(".json", MST_DECODE_STRICT, samples);
}

static void test_jsonl__malformed(void **state) {
  (void)state;
  static const sample samples[] = {
      {TEXT("{\"a\":1}\n{\"a\":[1]}\n"),
       "error MST_E_FORMAT:2:1: a nested value for \"a\", expected a string, a number or null"},
      {TEXT("{\"a\":1}\n{\"a\":{}}\n"), "error MST_E_FORMAT:2:1: a nested value"},
      {TEXT("{\"a\":1}\n\n[1]\n"), "error MST_E_FORMAT:3:1: not a JSON object"},
      {TEXT("{\"a\":1}\n{\"a\":1,,}\n"), "error MST_E_FORMAT:2:8"},
      {TEXT("{\"a\":\"\\u0000\"}\n"), "error MST_E_FORMAT:1:1: a NUL character in \"a\""},
      {TEXT("{\"a\":\"x\0\"}\n"), "error MST_E_FORMAT:1:8: a NUL byte, expected text"},
      {TEXT("{\"a\":1}\n{\"a\":\"\xE9\"}\n"), "error MST_E_FORMAT:2:7: byte 0xE9 is not UTF-8"},
      {TEXT("{\"a\":1}\n{\"a\":"), "error MST_E_FORMAT:2:"},
      {TEXT("{\"a\":1,\"a\":2}\n"), "error MST_E_FORMAT:1:"},
      {TEXT("{}\n"), "error MST_E_FORMAT:1:1: 0 columns"},
  };
  CHECK(".jsonl", MST_DECODE_STRICT, samples);
}

static void test_jsonl__decode(void **state) {
  (void)state;
  static const sample replaced[] = {
      {TEXT("{\"a\":\"x\xFF\"}\n{\"a\":\"\xE2\x82\"}\n"), "a\n1:x\xEF\xBF\xBD\n2:\xEF\xBF\xBD\n"}};
  static const sample skipped[] = {
      {TEXT("{\"a\":\"x\xFF\"}\n{\"a\":\"y\"}\n{\"a\":\"\xE2\x82\"}\n"),
       "a\n2:y\nskipped 2 from 1\n"}};
  /* a column is the byte's in the file, although the line is longer when it is repaired */
  static const sample wrong[] = {{TEXT("{\"a\":\"x\"}\n{\"a\":\"\xFF\xFF\xFF\xFF\" x}\n"),
                                  "error MST_E_FORMAT:2:13: '}' expected near 'x'"}};
  CHECK(".jsonl", MST_DECODE_REPLACE, replaced);
  CHECK(".jsonl", MST_DECODE_REPLACE, wrong);
  CHECK(".jsonl", MST_DECODE_SKIP, skipped);
}

static void test_fasttext__lines(void **state) {
  (void)state;
  static const sample samples[] = {
      {TEXT(""), "error MST_E_FORMAT: the file is empty, expected records"},
      {TEXT("__label__a x, y\r\n\n__label__b\tz\n__label__c"),
       "label|text\n1:a|x, y\n3:b|z\n4:c|\n"},
      {TEXT("__label__a x\n__label__b __label__c y\n"),
       "error MST_E_FORMAT:2:12: a second label, expected exactly one in a line"},
      {TEXT("__label__a x __label__c\n"), "error MST_E_FORMAT:1:14: a second label"},
      {TEXT("__label__a x__label__c\n"), "label|text\n1:a|x__label__c\n"},
      {TEXT("__label__a x\nno label\n"), "error MST_E_FORMAT:2:1: no label, expected"},
      {TEXT("__label__ x\n"), "error MST_E_FORMAT:1:1: an empty label"},
      {TEXT("__label__a x\0\n"), "error MST_E_FORMAT:1:13: a NUL byte"},
      {TEXT("__label__a \xFF\n"), "error MST_E_FORMAT:1:12: byte 0xFF is not UTF-8"},
  };
  static const sample replaced[] = {{TEXT("__label__a \xFF\xFF\xFF\xFF __label__c\n"),
                                     "error MST_E_FORMAT:1:17: a second label"}};
  CHECK(".txt", MST_DECODE_REPLACE, replaced);
  CHECK(".txt", MST_DECODE_STRICT, samples);
  CHECK(".ft", MST_DECODE_STRICT, samples);
}

static void test_lines__limit(void **state) {
  (void)state;
  mst_read_options o = mst_read_options_default();
  o.max_field_bytes = 12;
  const char *expected = "error MST_E_LIMIT:2:1: a line of more than 12 bytes (--max-field-bytes)";
  check_all_ways(file_make(".txt", TEXT("__label__a x\n__label__a xy\n")), &o, expected);
  check_all_ways(file_make(".jsonl", TEXT("{\"a\":1}\n{\"a\":      1}\n")), &o, expected);
}

/* An explicit format wins over the name; an unknown name is CSV. */
static void test_format__choice(void **state) {
  (void)state;
  mst_read_options o = mst_read_options_default();
  check_all_ways(file_make(".data", TEXT("a,b\n1,2\n")), &o, "a|b\n2:1|2\n");
  o.format = MST_FILE_TSV;
  check_all_ways(file_make(".csv", TEXT("a\tb,c\n1\t2\n")), &o, "a|b,c\n2:1|2\n");
  o.format = MST_FILE_FASTTEXT;
  check_all_ways(file_make(".csv", TEXT("__label__a b\n")), &o, "label|text\n1:a|b\n");
}

/* The same records through standard input: pieces of the size that a pipe gives. */
static void check_pipe(const uint8_t *bytes, size_t n, mst_file_format format,
                       const char *expected) {
  for (int batches = 0; batches < 2; batches++) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, n), (ssize_t)n); /* fits the pipe's buffer */
    (void)close(ends[1]);
    const int saved = dup(STDIN_FILENO);
    (void)dup2(ends[0], STDIN_FILENO);
    (void)close(ends[0]);
    mst_read_options o = mst_read_options_default();
    o.format = format;
    const char *got = batches ? dump_batches("-", &o, 100, 3) : dump_whole("-", &o, 100);
    (void)dup2(saved, STDIN_FILENO);
    (void)close(saved);
    assert_string_equal(got, expected);
  }
}

static void check_stored(const char *suffix, mst_file_format format, const char *text,
                         const char *expected) {
  const mst_read_options o = mst_read_options_default();
  const size_t n = strlen(text);
  char name[32];
  check_all_ways(file_make(suffix, text, n), &o, expected);
  check_pipe((const uint8_t *)text, n, format, expected);
  for (int zstd = 0; zstd < 2; zstd++) {
    size_t n_stored, n_more;
    uint8_t *stored = (zstd ? as_zstd : as_gzip)(text, n / 2, &n_stored);
    uint8_t *more = (zstd ? as_zstd : as_gzip)(text + n / 2, n - n / 2, &n_more);
    uint8_t *both = mst_alloc(n_stored + n_more, 1); /* two members or frames: one content */
    assert_non_null(both);
    memcpy(both, stored, n_stored);
    memcpy(both + n_stored, more, n_more);
    (void)snprintf(name, sizeof name, "%s%s", suffix, zstd ? ".zst" : ".gz");
    check_all_ways(file_make(name, both, n_stored + n_more), &o, expected);
    check_pipe(both, n_stored + n_more, format, expected);
    mst_free(stored);
    mst_free(more);
    mst_free(both);
  }
}

static void test_formats__stored_every_way(void **state) {
  (void)state;
  check_stored(".csv", MST_FILE_CSV, "a,b\n1,\"2\n\"\n3,4\n", "a|b\n2:1|2\n\n4:3|4\n");
  check_stored(".tsv", MST_FILE_TSV, "a\tb\n1\t2\n3\t4\n", "a|b\n2:1|2\n3:3|4\n");
  check_stored(".jsonl", MST_FILE_JSONL, "{\"a\":1}\n{\"a\":\"x\"}\n", "a\n1:1\n2:x\n");
  check_stored(".txt", MST_FILE_FASTTEXT, "__label__x y z\n__label__u v\n",
               "label|text\n1:x|y z\n2:u|v\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_jsonl__empty_input), cmocka_unit_test(test_jsonl__values),
      cmocka_unit_test(test_jsonl__malformed),   cmocka_unit_test(test_jsonl__decode),
      cmocka_unit_test(test_fasttext__lines),    cmocka_unit_test(test_lines__limit),
      cmocka_unit_test(test_format__choice),     cmocka_unit_test(test_formats__stored_every_way),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
