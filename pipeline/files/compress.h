/* compress.h: gzip, zstd and deflate: the one place that knows zlib and libzstd.
 *
 * In: stored bytes. Out: the bytes they stand for, piece by piece; and the other way round the raw
 * deflate and the check sum that zip archives need. Next stages: streams of records, .npz files.
 */
#ifndef MISSTEP_COMPRESS_H
#define MISSTEP_COMPRESS_H

#include <stddef.h>
#include <stdint.h>

#include "misstep/status.h"

typedef enum mst_compression {
  MST_COMPRESS_NONE,
  MST_COMPRESS_GZIP,
  MST_COMPRESS_ZSTD
} mst_compression;

/* Tell by the first bytes (four are enough) how a file is stored. */
mst_compression mst_compression_detect(const uint8_t *bytes, size_t n);

/* Decompression in progress: several gzip members or zstd frames in a row count as one. */
typedef struct mst_decompressor mst_decompressor;

/* Begin. kind is GZIP or ZSTD. MST_E_NOMEM. */
mst_status mst_decompressor_create(mst_compression kind, mst_decompressor **out);
/* Turn input into output until one of them is used up.
 *   in, n_in        stored bytes; *used of them were taken
 *   bytes, n_bytes  room for the output; *made bytes were written
 * *made < n_bytes means that more input is needed (or there is none: call _finish).
 * MST_E_FORMAT: damaged data. MST_E_NOMEM. */
mst_status mst_decompressor_step(mst_decompressor *decompressor, const uint8_t *in, size_t n_in,
                                 size_t *used, uint8_t *bytes, size_t n_bytes, size_t *made);
/* Say that the input is at its end. MST_E_FORMAT: it ends inside a member or frame. */
mst_status mst_decompressor_finish(const mst_decompressor *decompressor);
/* NULL is fine. */
void mst_decompressor_free(mst_decompressor *decompressor);

/* CRC-32 as zip and gzip use it; crc is 0 or the result for the bytes before. Exact. */
uint32_t mst_crc32(uint32_t crc, const void *bytes, size_t n);

/* Compress a buffer to a raw deflate stream (no header: method 8 of a zip entry).
 *   level  1 (fast) .. 9 (small)
 *   *out   by mst_free; *n_out its length
 * MST_E_ARG: level. MST_E_NOMEM. */
mst_status mst_deflate(const void *bytes, size_t n, int level, uint8_t **out, size_t *n_out);

#endif
