/* stream.h: a file's decompressed bytes, whatever it is stored as.
 *
 * In: a path, or "-" for standard input; plain, gzip or zstd, told apart by their first bytes.
 * Out: bytes in order; plain files can be mapped instead. Next stage: the readers of records.
 */
#ifndef MISSTEP_STREAM_H
#define MISSTEP_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "misstep/status.h"

typedef struct mst_stream mst_stream;

/* Open. MST_E_IO: missing, unreadable, a directory (said so). MST_E_NOMEM. */
mst_status mst_stream_open(const char *path, mst_stream **out);
/* Read up to n bytes; *got == 0 at the end. MST_E_IO; MST_E_FORMAT: damaged or truncated gzip or
 * zstd data. */
mst_status mst_stream_read(mst_stream *stream, uint8_t *bytes, size_t n, size_t *got);
/* The whole content as one borrowed run, if the stream is a plain regular file that could be
 * mapped; else *bytes is NULL. The mapping lives until close. */
mst_status mst_stream_map(mst_stream *stream, const uint8_t **bytes, size_t *n);
void mst_stream_close(mst_stream *stream);
/* Stored bytes consumed so far and their total (-1 unknown), for progress. */
void mst_stream_position(const mst_stream *stream, int64_t *done_bytes, int64_t *total_bytes);

#endif
