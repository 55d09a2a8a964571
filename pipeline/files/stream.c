/* stream.c: one file descriptor, read through a decompressor where the first bytes ask for one. */
#include "files/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/compress.h"
#include "misstep/alloc.h"

enum { BLOCK_BYTES = 256 * 1024 };

struct mst_stream {
  int fd;
  char *name;                     /* for messages */
  int64_t total_bytes;            /* -1: not a regular file */
  int64_t done_bytes;             /* taken out of block, in stored bytes */
  mst_decompressor *decompressor; /* NULL: plain */
  uint8_t *block; /* stored bytes read ahead: block[pos .. size) are still to be used */
  size_t pos, size;
  int at_end; /* the descriptor has no more */
  void *map;
  size_t map_bytes;
};

/* Read stored bytes into the empty block. */
static mst_status refill(mst_stream *s) {
  ssize_t got;
  do got = read(s->fd, s->block, BLOCK_BYTES);
  while (got < 0 && errno == EINTR);
  if (got < 0) return MST_FAIL(MST_E_IO, "%s: cannot read: %s", s->name, strerror(errno));
  s->pos = 0;
  s->size = (size_t)got;
  if (!got) s->at_end = 1;
  return MST_OK;
}

/* A pipe may deliver its first bytes one by one: collect enough to tell the compression. */
static mst_status start(mst_stream *s) {
  while (s->size < 4) {
    ssize_t got = read(s->fd, s->block + s->size, BLOCK_BYTES - s->size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return MST_FAIL(MST_E_IO, "%s: cannot read: %s", s->name, strerror(errno));
    if (!got) break;
    s->size += (size_t)got;
  }
  const mst_compression kind = mst_compression_detect(s->block, s->size);
  return kind == MST_COMPRESS_NONE ? MST_OK : mst_decompressor_create(kind, &s->decompressor);
}

static mst_status open_file(mst_stream *s, const char *path) {
  const int standard_input = !strcmp(path, "-");
  const char *name = standard_input ? "standard input" : path;
  s->name = mst_alloc(strlen(name) + 1, 1);
  if (!s->name) return MST_E_NOMEM;
  memcpy(s->name, name, strlen(name) + 1);
  s->fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (s->fd < 0) return MST_FAIL(MST_E_IO, "%s: cannot open: %s", path, strerror(errno));
  struct stat info;
  if (fstat(s->fd, &info)) return MST_FAIL(MST_E_IO, "%s: %s", s->name, strerror(errno));
  if (S_ISDIR(info.st_mode)) return MST_FAIL(MST_E_IO, "%s: is a directory, not a file", s->name);
  s->total_bytes = S_ISREG(info.st_mode) ? (int64_t)info.st_size : -1;
  s->block = mst_alloc(BLOCK_BYTES, 1);
  return s->block ? start(s) : MST_E_NOMEM;
}

mst_status mst_stream_open(const char *path, mst_stream **out) {
  mst_stream *s = mst_alloc_zero(1, sizeof *s);
  if (!s) return MST_E_NOMEM;
  s->fd = -1;
  mst_status st = open_file(s, path);
  if (st) mst_stream_close(s);
  else *out = s;
  return st;
}

static mst_status read_plain(mst_stream *s, uint8_t *bytes, size_t n, size_t *got) {
  if (s->pos == s->size && !s->at_end) {
    mst_status st = refill(s);
    if (st) return st;
  }
  *got = s->size - s->pos < n ? s->size - s->pos : n;
  if (*got) memcpy(bytes, s->block + s->pos, *got);
  s->pos += *got;
  s->done_bytes += (int64_t)*got;
  return MST_OK;
}

static mst_status read_compressed(mst_stream *s, uint8_t *bytes, size_t n, size_t *got) {
  for (;;) {
    size_t used;
    mst_status st = mst_decompressor_step(s->decompressor, s->block + s->pos, s->size - s->pos,
                                          &used, bytes, n, got);
    if (st) return mst_error_prefix(st, "%s", s->name);
    s->pos += used;
    s->done_bytes += (int64_t)used;
    if (*got) return MST_OK;
    if (s->at_end) break;
    st = refill(s);
    if (st) return st;
  }
  mst_status st = mst_decompressor_finish(s->decompressor);
  return st ? mst_error_prefix(st, "%s", s->name) : MST_OK;
}

mst_status mst_stream_read(mst_stream *stream, uint8_t *bytes, size_t n, size_t *got) {
  *got = 0;
  if (!n) return MST_OK;
  return stream->decompressor ? read_compressed(stream, bytes, n, got)
                              : read_plain(stream, bytes, n, got);
}

mst_status mst_stream_map(mst_stream *stream, const uint8_t **bytes, size_t *n) {
  *bytes = NULL;
  *n = 0;
  if (stream->decompressor || stream->total_bytes <= 0) return MST_OK;
  if (stream->fd == STDIN_FILENO)
    return MST_OK; /* its start may already have been read by others */
  if (!stream->map) {
    const size_t size = (size_t)stream->total_bytes;
    void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, stream->fd, 0);
    if (map == MAP_FAILED) return MST_OK; /* some file systems cannot: then it is read */
    stream->map = map;
    stream->map_bytes = size;
  }
  *bytes = stream->map;
  *n = stream->map_bytes;
  return MST_OK;
}

void mst_stream_close(mst_stream *stream) {
  if (!stream) return;
  if (stream->map) (void)munmap(stream->map, stream->map_bytes);
  if (stream->fd > STDIN_FILENO) (void)close(stream->fd);
  mst_decompressor_free(stream->decompressor);
  mst_free(stream->block);
  mst_free(stream->name);
  mst_free(stream);
}

void mst_stream_position(const mst_stream *stream, int64_t *done_bytes, int64_t *total_bytes) {
  *done_bytes = stream->done_bytes;
  *total_bytes = stream->total_bytes;
}
