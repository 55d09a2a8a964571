/* test_read_stream.c: streams, damaged and whole; deflate and its check sum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "files/compress.h"
#include "files/stream.h"
#include "support.h"

/* Read path piece by piece; the text lives in out. */
static mst_status read_pieces(const char *path, size_t piece, mst_buffer *out) {
  mst_stream *s = NULL;
  mst_status st = mst_stream_open(path, &s);
  size_t got = 1;
  while (!st && got) {
    uint8_t *to = mst_buffer_reserve(out, piece);
    assert_non_null(to);
    st = mst_stream_read(s, to, piece, &got);
    out->size_bytes += got;
  }
  if (!st) {
    int64_t done, total;
    mst_stream_position(s, &done, &total);
    assert_int_equal(done, total);
  }
  mst_stream_close(s);
  return st;
}

static void test_stream__empty_input(void **state) {
  (void)state;
  mst_stream *s = NULL;
  assert_int_equal(mst_stream_open(file_make(".csv", "", 0), &s), MST_OK);
  uint8_t byte = 77;
  size_t got = 9, n = 9;
  assert_int_equal(mst_stream_read(s, &byte, 1, &got), MST_OK);
  assert_int_equal(got, 0);
  assert_int_equal(byte, 77);
  const uint8_t *bytes = &byte;
  assert_int_equal(mst_stream_map(s, &bytes, &n), MST_OK);
  assert_null(bytes);
  assert_int_equal(n, 0);
  mst_stream_close(s);
  mst_stream_close(NULL);
}

static void test_stream__missing(void **state) {
  (void)state;
  mst_stream *s = NULL;
  assert_int_equal(mst_stream_open("/no/such/file.csv", &s), MST_E_IO);
  assert_string_equal(mst_error_last()->message,
                      "/no/such/file.csv: cannot open: No such file or directory");
  assert_int_equal(mst_stream_open("/", &s), MST_E_IO);
  assert_string_equal(mst_error_last()->message, "/: is a directory, not a file");
  assert_null(s);
  mst_records *r = NULL;
  const mst_read_options o = mst_read_options_default();
  assert_int_equal(mst_records_read("/no/such/file.csv", &o, &r), MST_E_IO);
  assert_int_equal(mst_records_read("/", &o, &r), MST_E_IO);
  assert_null(r);
}

/* Text that compresses a little, longer than every internal buffer. */
static char *long_text(size_t n) {
  char *text = mst_alloc(n, 1);
  assert_non_null(text);
  uint64_t random = 1;
  for (size_t i = 0; i < n; i++) text[i] = (char)('a' + next_random(&random) % 7);
  return text;
}

static void test_stream__round_trip(void **state) {
  (void)state;
  const size_t n = 1500000;
  char *text = long_text(n);
  for (int kind = 0; kind < 3; kind++) {
    size_t n_stored = n;
    uint8_t *stored = kind == 1 ? as_gzip(text, n, &n_stored) : as_zstd(text, n, &n_stored);
    const char *path = file_make(".bin", kind ? stored : (uint8_t *)text, kind ? n_stored : n);
    static const size_t pieces[] = {1000, 262144, 4000000};
    for (int i = 0; i < 3; i++) {
      mst_buffer out;
      mst_buffer_init(&out, SIZE_MAX / 2, "a copy");
      assert_int_equal(read_pieces(path, pieces[i], &out), MST_OK);
      assert_int_equal(out.size_bytes, n);
      assert_memory_equal(out.data, text, n);
      mst_buffer_fini(&out);
    }
    mst_free(stored);
  }
  mst_free(text);
}

/* zlib holds output back when it fills the room exactly: nothing may be lost then. */
static void test_stream__output_held_back(void **state) {
  (void)state;
  char zeros[5000] = {0};
  size_t n;
  uint8_t *stored = as_gzip(zeros, sizeof zeros, &n);
  mst_decompressor *d = NULL;
  assert_int_equal(mst_decompressor_create(MST_COMPRESS_GZIP, &d), MST_OK);
  uint8_t out[16];
  size_t total = 0, used = 0, at = 0, made = 1;
  while (made) {
    assert_int_equal(mst_decompressor_step(d, stored + at, n - at, &used, out, sizeof out, &made),
                     MST_OK);
    at += used;
    total += made;
  }
  assert_int_equal(total, sizeof zeros);
  assert_int_equal(mst_decompressor_finish(d), MST_OK);
  mst_decompressor_free(d);
  mst_decompressor_free(NULL);
  mst_free(stored);
}

/* Cut short anywhere, or with any byte of the content or the check sum changed: never accepted as
 * another content. (zstd's raw frames carry no check sum: only cuts there.) */
static void test_stream__damaged(void **state) {
  (void)state;
  static const char text[] = "text,label\nsome words here,a\nother words there,b\n";
  for (int zstd = 0; zstd < 2; zstd++) {
    size_t n;
    uint8_t *stored = (zstd ? as_zstd : as_gzip)(text, sizeof text - 1, &n);
    for (size_t cut = zstd ? 4 : 2; cut < n; cut++) {
      mst_buffer out;
      mst_buffer_init(&out, SIZE_MAX / 2, "a copy");
      const char *path = file_make(".gz", stored, cut);
      assert_int_equal(read_pieces(path, 100, &out), MST_E_FORMAT);
      assert_memory_equal(mst_error_last()->message, path, strlen(path));
      mst_buffer_fini(&out);
    }
    for (size_t at = 10; !zstd && at < n; at++) {
      stored[at] ^= 0x20;
      mst_buffer out;
      mst_buffer_init(&out, SIZE_MAX / 2, "a copy");
      assert_int_equal(read_pieces(file_make(".gz", stored, n), 100, &out), MST_E_FORMAT);
      mst_buffer_fini(&out);
      stored[at] ^= 0x20;
    }
    stored[4 + 5 * zstd] |= 0x06; /* a reserved flag, a reserved kind of block */
    stored[3] ^= zstd ? 0 : 0xE0;
    mst_records *r = NULL;
    const mst_read_options o = mst_read_options_default();
    assert_int_equal(mst_records_read(file_make(".gz", stored, n), &o, &r), MST_E_FORMAT);
    assert_null(r);
    mst_free(stored);
  }
}

static void test_compress__known_values(void **state) {
  (void)state;
  assert_int_equal(mst_crc32(0, NULL, 0), 0);
  assert_int_equal(mst_crc32(0, "123456789", 9), 0xCBF43926u); /* the check value of CRC-32 */
  assert_int_equal(mst_crc32(mst_crc32(0, "1234", 4), "56789", 5), 0xCBF43926u);
  assert_int_equal(mst_compression_detect(NULL, 0), MST_COMPRESS_NONE);
  assert_int_equal(mst_compression_detect((const uint8_t *)"\x1F\x8B\x08", 3), MST_COMPRESS_GZIP);
  assert_int_equal(mst_compression_detect((const uint8_t *)"\x28\xB5\x2F\xFD", 4),
                   MST_COMPRESS_ZSTD);
  assert_int_equal(mst_compression_detect((const uint8_t *)"a,b\n", 4), MST_COMPRESS_NONE);
  uint8_t *out = NULL;
  size_t n;
  assert_int_equal(mst_deflate("", 0, 0, &out, &n), MST_E_ARG);
  assert_int_equal(mst_deflate("", 0, 10, &out, &n), MST_E_ARG);
  assert_null(out);
  assert_int_equal(mst_deflate("", 0, 6, &out, &n), MST_OK);
  assert_int_equal(n, 2);
  assert_memory_equal(out, "\x03\x00", 2);
  mst_free(out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_stream__empty_input), cmocka_unit_test(test_stream__missing),
      cmocka_unit_test(test_stream__round_trip),  cmocka_unit_test(test_stream__output_held_back),
      cmocka_unit_test(test_stream__damaged),     cmocka_unit_test(test_compress__known_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
