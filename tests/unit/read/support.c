/* support.c: temporary files, and records as text that can be compared. */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "files/compress.h"
#include "read/whole.h"

enum { KEPT = 8 };

static char path_kept[KEPT][256];
static int n_paths;

static void remove_files(void) {
  for (int i = 0; i < KEPT; i++)
    if (path_kept[i][0]) (void)unlink(path_kept[i]);
}

const char *file_make(const char *suffix, const void *bytes, size_t n) {
  if (!n_paths) atexit(remove_files);
  char *path = path_kept[n_paths++ % KEPT];
  if (*path) (void)unlink(path);
  const char *folder = getenv("TMPDIR");
  (void)snprintf(path, 256, "%s/misstep-read-XXXXXX%s", folder ? folder : "/tmp", suffix);
  const int fd = mkstemps(path, (int)strlen(suffix));
  assert_true(fd >= 0);
  const uint8_t *from = bytes;
  while (n) {
    const ssize_t done = write(fd, from, n);
    assert_true(done > 0);
    from += done;
    n -= (size_t)done;
  }
  (void)close(fd);
  return path;
}

static void put_le(uint8_t *to, uint32_t value) {
  for (int i = 0; i < 4; i++) to[i] = (uint8_t)(value >> (8 * i));
}

uint8_t *as_gzip(const void *bytes, size_t n, size_t *n_out) {
  static const uint8_t head[10] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255};
  uint8_t *body;
  size_t n_body;
  assert_int_equal(mst_deflate(bytes, n, 6, &body, &n_body), MST_OK);
  uint8_t *out = mst_alloc(n_body + 18, 1);
  assert_non_null(out);
  memcpy(out, head, sizeof head);
  memcpy(out + 10, body, n_body);
  put_le(out + 10 + n_body, mst_crc32(0, bytes, n));
  put_le(out + 14 + n_body, (uint32_t)n);
  mst_free(body);
  *n_out = n_body + 18;
  return out;
}

uint8_t *as_zstd(const void *bytes, size_t n, size_t *n_out) {
  enum { BLOCK = 100000 };
  const size_t n_blocks = n / BLOCK + 1;
  uint8_t *out = mst_alloc(9 + n + 3 * n_blocks, 1), *to = out;
  assert_non_null(out);
  memcpy(to, "\x28\xB5\x2F\xFD\xA0", 5); /* one segment, size in four bytes */
  put_le(to + 5, (uint32_t)n);
  to += 9;
  for (size_t k = 0; k < n_blocks; k++) {
    const size_t size = k + 1 < n_blocks ? BLOCK : n - k * BLOCK;
    const uint32_t head = (uint32_t)(size << 3) | (k + 1 == n_blocks);
    for (int i = 0; i < 3; i++) *to++ = (uint8_t)(head >> (8 * i));
    if (size) memcpy(to, (const uint8_t *)bytes + k * BLOCK, size);
    to += size;
  }
  *n_out = (size_t)(to - out);
  return out;
}

static mst_buffer dump_kept[KEPT];
static int n_dumps;

static void free_dumps(void) {
  for (int i = 0; i < KEPT; i++) mst_buffer_fini(dump_kept + i);
}

static mst_buffer *dump_begin(void) {
  if (!n_dumps) atexit(free_dumps);
  mst_buffer *dump = dump_kept + n_dumps++ % KEPT;
  mst_buffer_fini(dump);
  mst_buffer_init(dump, SIZE_MAX / 2, "a dump");
  return dump;
}

static void put(mst_buffer *dump, const void *bytes, size_t n) {
  assert_int_equal(mst_buffer_append(dump, bytes, n), MST_OK);
}

static const char *dump_end(mst_buffer *dump) {
  put(dump, "", 1);
  return (const char *)dump->data;
}

static const char *dump_error(mst_buffer *dump, const char *path) {
  const mst_error *error = mst_error_last();
  const char *message = error->message;
  if (!strncmp(message, path, strlen(path))) message += strlen(path);
  else if (!strncmp(message, "standard input", 14)) message += 14;
  dump->size_bytes = 0;
  assert_int_equal(mst_buffer_printf(dump, "error %s%s", mst_status_name(error->status), message),
                   MST_OK);
  return dump_end(dump);
}

static void dump_names(mst_buffer *dump, const mst_records *r) {
  for (int32_t c = 0; c < mst_records_n_cols(r); c++) {
    if (c) put(dump, "|", 1);
    put(dump, mst_records_col_name(r, c), strlen(mst_records_col_name(r, c)));
  }
  put(dump, "\n", 1);
}

static void dump_rows(mst_buffer *dump, const mst_records *r) {
  for (int64_t row = 0; row < mst_records_n_rows(r); row++) {
    assert_int_equal(mst_buffer_printf(dump, "%lld:", (long long)mst_records_line(r, row)), MST_OK);
    for (int32_t c = 0; c < mst_records_n_cols(r); c++) {
      const mst_slice field = mst_records_field(r, row, c);
      if (c) put(dump, "|", 1);
      put(dump, field.ptr, (size_t)field.len);
    }
    put(dump, "\n", 1);
  }
}

static void dump_skipped(mst_buffer *dump, int64_t n, int64_t line) {
  if (!n) return;
  assert_int_equal(
      mst_buffer_printf(dump, "skipped %lld from %lld\n", (long long)n, (long long)line), MST_OK);
}

const char *dump_whole(const char *path, const mst_read_options *options, int64_t chunk_bytes) {
  mst_buffer *dump = dump_begin();
  mst_records *r = NULL;
  if (mst__records_read_by(path, options, chunk_bytes, &r)) return dump_error(dump, path);
  dump_names(dump, r);
  dump_rows(dump, r);
  int64_t line = 0;
  const int64_t n = mst_records_n_skipped(r, &line);
  dump_skipped(dump, n, line);
  mst_records_free(r);
  return dump_end(dump);
}

const char *dump_batches(const char *path, const mst_read_options *options, int64_t block_bytes,
                         int64_t max_rows) {
  mst_buffer *dump = dump_begin();
  mst_reader *reader = NULL;
  if (mst__reader_open_by(path, options, block_bytes, &reader)) return dump_error(dump, path);
  const char *failed = NULL;
  int64_t n_rows = 1, n_batches = 0;
  while (!failed && n_rows) {
    mst_records *r = NULL;
    if (mst_reader_next(reader, max_rows, &r)) {
      failed = dump_error(dump, path);
      break;
    }
    if (!n_batches++) dump_names(dump, r);
    n_rows = mst_records_n_rows(r);
    assert_true(n_rows <= max_rows);
    dump_rows(dump, r);
    mst_records_free(r);
  }
  int64_t line = 0;
  const int64_t n = mst_reader_n_skipped(reader, &line);
  if (!failed) dump_skipped(dump, n, line);
  mst_reader_close(reader);
  return failed ? failed : dump_end(dump);
}

void check_all_ways(const char *path, const mst_read_options *options, const char *expected) {
  static const int64_t cuts[] = {1, 2, 3, 5, 17, 64, 1 << 20}, batches[] = {1, 3, INT64_MAX};
  static const int threads[] = {1, 2, 7};
  mst_read_options o = *options;
  for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
    o.n_threads = threads[t];
    for (size_t c = t; c < sizeof cuts / sizeof *cuts; c += t ? 2 : 1)
      assert_string_equal(dump_whole(path, &o, cuts[c]), expected);
  }
  for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++)
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++)
      assert_string_equal(dump_batches(path, &o, cuts[c], batches[b]), expected);
}

uint32_t next_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33);
}

mst_text text_of(const char *const *value, int64_t n) {
  static uint8_t bytes[4][1 << 16];
  static int64_t start[4][5000];
  static int turn;
  turn = (turn + 1) % 4;
  start[turn][0] = 0;
  for (int64_t i = 0; i < n; i++) {
    const size_t len = strlen(value[i]);
    memcpy(bytes[turn] + start[turn][i], value[i], len);
    start[turn][i + 1] = start[turn][i] + (int64_t)len;
  }
  return (mst_text){n, bytes[turn], start[turn]};
}
