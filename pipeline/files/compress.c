/* compress.c: zlib and libzstd behind two verbs, step and finish. */
#include "files/compress.h"

#include <assert.h>
#include <limits.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "misstep/alloc.h"

struct mst_decompressor {
  mst_compression kind;
  int in_member; /* 1 between the first byte of a member or frame and its end */
  z_stream gzip;
  ZSTD_DStream *zstd;
};

mst_compression mst_compression_detect(const uint8_t *bytes, size_t n) {
  static const uint8_t gzip[] = {0x1F, 0x8B}, zstd[] = {0x28, 0xB5, 0x2F, 0xFD};
  if (n >= sizeof gzip && !memcmp(bytes, gzip, sizeof gzip)) return MST_COMPRESS_GZIP;
  if (n >= sizeof zstd && !memcmp(bytes, zstd, sizeof zstd)) return MST_COMPRESS_ZSTD;
  return MST_COMPRESS_NONE;
}

/* zlib allocates through us, so that tests can make it fail. */
static void *zlib_alloc(void *payload, unsigned count, unsigned size) {
  (void)payload;
  return mst_alloc(count, size);
}

static void zlib_free(void *payload, void *block) {
  (void)payload;
  mst_free(block);
}

mst_status mst_decompressor_create(mst_compression kind, mst_decompressor **out) {
  assert(kind != MST_COMPRESS_NONE);
  mst_decompressor *d = mst_alloc_zero(1, sizeof *d);
  if (!d) return MST_E_NOMEM;
  d->kind = kind;
  mst_status st = MST_OK;
  if (kind == MST_COMPRESS_GZIP) {
    d->gzip.zalloc = zlib_alloc;
    d->gzip.zfree = zlib_free;
    if (inflateInit2(&d->gzip, 16 + MAX_WBITS) != Z_OK) st = MST_E_NOMEM;
  } else {
    d->zstd = ZSTD_createDStream();
    if (!d->zstd) st = MST_FAIL(MST_E_NOMEM, "no memory for zstd");
  }
  if (st) mst_free(d);
  else *out = d;
  return st;
}

static uInt as_uint(size_t n) { return n < UINT_MAX ? (uInt)n : UINT_MAX; }

static mst_status step_gzip(mst_decompressor *d, const uint8_t *in, size_t n_in, size_t *used,
                            uint8_t *bytes, size_t n_bytes, size_t *made) {
  z_stream *z = &d->gzip;
  /* Inside a member zlib may hold back output although no input is left. */
  while ((*used < n_in || d->in_member) && *made < n_bytes) {
    if (!d->in_member) (void)inflateReset(z);
    d->in_member = 1;
    const uInt room_in = as_uint(n_in - *used), room_out = as_uint(n_bytes - *made);
    z->next_in = (Bytef *)(uintptr_t)(in + *used); /* zlib's prototype lacks the const */
    z->avail_in = room_in;
    z->next_out = bytes + *made;
    z->avail_out = room_out;
    const int code = inflate(z, Z_NO_FLUSH);
    *used += room_in - z->avail_in;
    *made += room_out - z->avail_out;
    if (code == Z_STREAM_END) d->in_member = 0;
    else if (code == Z_MEM_ERROR) return MST_FAIL(MST_E_NOMEM, "no memory for gzip");
    else if (code == Z_BUF_ERROR) return MST_OK;
    else if (code != Z_OK)
      return MST_FAIL(MST_E_FORMAT, "damaged gzip data: %s", z->msg ? z->msg : "unknown");
  }
  return MST_OK;
}

static mst_status step_zstd(mst_decompressor *d, const uint8_t *in, size_t n_in, size_t *used,
                            uint8_t *bytes, size_t n_bytes, size_t *made) {
  ZSTD_inBuffer from = {in, n_in, 0};
  ZSTD_outBuffer to = {bytes, n_bytes, 0};
  size_t before;
  do { /* at least once: output may be waiting inside although no input is left */
    before = from.pos + to.pos;
    const size_t code = ZSTD_decompressStream(d->zstd, &to, &from);
    if (ZSTD_isError(code))
      return MST_FAIL(MST_E_FORMAT, "damaged zstd data: %s", ZSTD_getErrorName(code));
    if (from.pos + to.pos > before) d->in_member = code != 0;
  } while (to.pos < to.size && from.pos + to.pos > before);
  *used = from.pos;
  *made = to.pos;
  return MST_OK;
}

mst_status mst_decompressor_step(mst_decompressor *decompressor, const uint8_t *in, size_t n_in,
                                 size_t *used, uint8_t *bytes, size_t n_bytes, size_t *made) {
  *used = *made = 0;
  if (decompressor->kind == MST_COMPRESS_GZIP)
    return step_gzip(decompressor, in, n_in, used, bytes, n_bytes, made);
  return step_zstd(decompressor, in, n_in, used, bytes, n_bytes, made);
}

mst_status mst_decompressor_finish(const mst_decompressor *decompressor) {
  if (!decompressor->in_member) return MST_OK;
  return MST_FAIL(MST_E_FORMAT, "truncated %s data: the file ends too early",
                  decompressor->kind == MST_COMPRESS_GZIP ? "gzip" : "zstd");
}

void mst_decompressor_free(mst_decompressor *decompressor) {
  if (!decompressor) return;
  if (decompressor->kind == MST_COMPRESS_GZIP) (void)inflateEnd(&decompressor->gzip);
  (void)ZSTD_freeDStream(decompressor->zstd);
  mst_free(decompressor);
}

uint32_t mst_crc32(uint32_t crc, const void *bytes, size_t n) {
  return n ? (uint32_t)crc32_z(crc, bytes, n) : crc;
}

/* Deflate everything at once into room that deflateBound promised to be enough. */
static mst_status deflate_all(z_stream *z, const uint8_t *bytes, size_t n, uint8_t *to, size_t room,
                              size_t *made) {
  size_t used = 0;
  int code = Z_OK;
  *made = 0;
  while (code == Z_OK) {
    const uInt n_in = as_uint(n - used), n_out = as_uint(room - *made);
    z->next_in = (Bytef *)(uintptr_t)(bytes + used);
    z->avail_in = n_in;
    z->next_out = to + *made;
    z->avail_out = n_out;
    code = deflate(z, used + n_in == n ? Z_FINISH : Z_NO_FLUSH);
    used += n_in - z->avail_in;
    *made += n_out - z->avail_out;
  }
  if (code == Z_STREAM_END) return MST_OK;
  return MST_FAIL(MST_E_ADAPTER, "zlib cannot compress: %s", z->msg ? z->msg : zError(code));
}

mst_status mst_deflate(const void *bytes, size_t n, int level, uint8_t **out, size_t *n_out) {
  if (level < 1 || level > 9) return MST_FAIL(MST_E_ARG, "compression level %d, not 1 .. 9", level);
  z_stream z = {.zalloc = zlib_alloc, .zfree = zlib_free};
  if (deflateInit2(&z, level, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return MST_FAIL(MST_E_NOMEM, "no memory for zlib");
  const size_t room = deflateBound(&z, n);
  size_t made = 0;
  uint8_t *to = mst_alloc(room, 1);
  mst_status st = to ? deflate_all(&z, bytes, n, to, room, &made) : MST_E_NOMEM;
  (void)deflateEnd(&z);
  if (st) {
    mst_free(to);
    return st;
  }
  *out = to;
  *n_out = made;
  return MST_OK;
}
