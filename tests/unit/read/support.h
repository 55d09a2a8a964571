/* support.h: temporary files, and records as text that can be compared. */
#ifndef MISSTEP_TEST_READ_SUPPORT_H
#define MISSTEP_TEST_READ_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

#include "misstep/alloc.h"
#include "misstep/text.h"
#include "read/records.h"

/* A temporary file that ends with suffix (".csv.gz"); the path is valid until the next call but
 * 7. */
const char *file_make(const char *suffix, const void *bytes, size_t n);

/* The same bytes in a gzip member, in a zstd frame of raw blocks; by mst_free. */
uint8_t *as_gzip(const void *bytes, size_t n, size_t *n_out);
uint8_t *as_zstd(const void *bytes, size_t n, size_t *n_out);

/* "name|name\n" and "line:field|field\n" per record; skipped records as "skipped N from L\n".
 * An error is "error STATUS: message" without the path. The text lives until the next call but
 * 7. */
const char *dump_whole(const char *path, const mst_read_options *options, int64_t chunk_bytes);
const char *dump_batches(const char *path, const mst_read_options *options, int64_t block_bytes,
                         int64_t max_rows);

/* Fail unless every way of reading path (cuts, threads, batches) gives expected. */
void check_all_ways(const char *path, const mst_read_options *options, const char *expected);

/* A list of strings as a text; its arrays live until the next call but 3. */
mst_text text_of(const char *const *value, int64_t n);

/* A small generator for tests: not the product's. */
uint32_t next_random(uint64_t *state);

#endif
