/* fuzz_records.h: any bytes as a file of records. Reading them whole, in small chunks and in
 * batches must end in the same records or the same message; fields must be valid UTF-8 without NUL.
 *
 * The first byte of an input chooses options, the rest is the file.
 */
#ifndef MISSTEP_FUZZ_RECORDS_H
#define MISSTEP_FUZZ_RECORDS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files/compress.h"
#include "misstep/alloc.h"
#include "read/whole.h"

static void fuzz_demand(int holds, const char *what) {
  if (holds) return;
  (void)fprintf(stderr, "fuzz: %s\n", what);
  abort();
}

static void fuzz_put(mst_buffer *dump, const void *bytes, size_t n) {
  const uint64_t length = n;
  fuzz_demand(!mst_buffer_append(dump, &length, sizeof length), "memory");
  fuzz_demand(!mst_buffer_append(dump, bytes, n), "memory");
}

static void fuzz_put_rows(mst_buffer *dump, const mst_records *r) {
  for (int64_t row = 0; row < mst_records_n_rows(r); row++) {
    const int64_t line = mst_records_line(r, row);
    fuzz_put(dump, &line, sizeof line);
    for (int32_t c = 0; c < mst_records_n_cols(r); c++) {
      const mst_slice field = mst_records_field(r, row, c);
      fuzz_demand(!memchr(field.ptr, 0, (size_t)field.len), "a NUL in a field");
      fuzz_put(dump, field.ptr, (size_t)field.len);
    }
  }
}

static void fuzz_put_error(mst_buffer *dump) {
  dump->size_bytes = 0;
  fuzz_put(dump, mst_error_last()->message, strlen(mst_error_last()->message));
}

static void fuzz_whole(const char *path, const mst_read_options *o, int64_t chunk_bytes,
                       mst_buffer *dump) {
  mst_records *r = NULL;
  if (mst__records_read_by(path, o, chunk_bytes, &r)) {
    fuzz_put_error(dump);
    return;
  }
  fuzz_put_rows(dump, r);
  mst_records_free(r);
}

static void fuzz_batches(const char *path, const mst_read_options *o, int64_t block_bytes,
                         mst_buffer *dump) {
  mst_reader *reader = NULL;
  int64_t n_rows = 1;
  mst_status st = mst__reader_open_by(path, o, block_bytes, &reader);
  while (!st && n_rows) {
    mst_records *r = NULL;
    st = mst_reader_next(reader, 3, &r);
    if (st) break;
    fuzz_put_rows(dump, r);
    n_rows = mst_records_n_rows(r);
    mst_records_free(r);
  }
  if (st) fuzz_put_error(dump);
  mst_reader_close(reader);
}

static int fuzz_records(const uint8_t *data, size_t size, const mst_file_format *formats) {
  if (size < 1 || size > 4096) return 0;
  mst_read_options o = mst_read_options_default();
  o.format = formats[data[0] & 1];
  o.decode = (mst_decode)((data[0] >> 1) % 3);
  if (data[0] & 8) o.max_field_bytes = 20;
  const int64_t cut = 1 + (data[0] >> 4) * 3;
  const int fd = memfd_create("fuzz", 0);
  fuzz_demand(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)(size - 1), "a file in memory");
  char path[64];
  (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  mst_buffer dump[3];
  for (int i = 0; i < 3; i++) mst_buffer_init(dump + i, SIZE_MAX / 2, "a dump");
  fuzz_whole(path, &o, INT64_C(1) << 40, dump);
  fuzz_whole(path, &o, cut, dump + 1);
  fuzz_batches(path, &o, cut, dump + 2);
  /* Damage in compressed data is found when it is read: before or after a wrong record. */
  const int plain = mst_compression_detect(data + 1, size - 1) == MST_COMPRESS_NONE;
  for (int i = 1; i < 3 && plain; i++) {
    fuzz_demand(dump[0].size_bytes == dump[i].size_bytes, "another result in pieces");
    fuzz_demand(!dump[0].size_bytes || !memcmp(dump[0].data, dump[i].data, dump[0].size_bytes),
                "another result in pieces");
  }
  for (int i = 0; i < 3; i++) mst_buffer_fini(dump + i);
  (void)close(fd);
  return 0;
}
#endif
