/* npz.c: a sparse matrix as scipy.sparse.load_npz reads it: a zip archive of five .npy arrays.
 *
 * Every size and offset is written in zip64's 64-bit fields, small files included: one way of
 * writing, so that what a matrix above 4 GiB needs is exercised by every test.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "files/compress.h"
#include "files/npy_internal.h"
#include "misstep/alloc.h"

#define N_ENTRIES 5
#define VERSION 45       /* zip64 */
#define DATE_1980 0x0021 /* 1 January 1980: the same matrix gives the same bytes */

typedef struct zip_entry {
  const char *name;
  uint64_t offset, n_stored, n_bytes;
  uint32_t crc;
  uint16_t method; /* 0 stored, 8 deflated */
} zip_entry;

typedef struct zip_file {
  const char *path;
  FILE *file;
  uint64_t offset;
  int compress;
  zip_entry entry[N_ENTRIES];
  int n_entries;
} zip_file;

static mst_status put_bytes(zip_file *zip, const void *bytes, size_t n) {
  if (n && fwrite(bytes, 1, n, zip->file) != n)
    return MST_FAIL(MST_E_IO, "%s: %s", zip->path, strerror(errno));
  zip->offset += n;
  return MST_OK;
}

/* A record under construction: little-endian fields one after the other. */
typedef struct record {
  uint8_t bytes[128];
  size_t n;
} record;

static void field(record *r, int n_bytes, uint64_t value) {
  for (int i = 0; i < n_bytes; i++) r->bytes[r->n++] = (uint8_t)(value >> (8 * i));
}

/* The fields that the local and the central header share, from "version needed" to the lengths. */
static void shared_fields(record *r, const zip_entry *e, int n_extra) {
  field(r, 2, VERSION);
  field(r, 2, 0); /* flags */
  field(r, 2, e->method);
  field(r, 2, 0); /* time */
  field(r, 2, DATE_1980);
  field(r, 4, e->crc);
  field(r, 4, UINT32_MAX); /* sizes: in the extra field */
  field(r, 4, UINT32_MAX);
  field(r, 2, strlen(e->name));
  field(r, 2, (uint64_t)n_extra);
}

static void extra_field(record *r, const zip_entry *e, int with_offset) {
  field(r, 2, 1); /* zip64 */
  field(r, 2, with_offset ? 24 : 16);
  field(r, 8, e->n_bytes);
  field(r, 8, e->n_stored);
  if (with_offset) field(r, 8, e->offset);
}

/* Append one array file: bytes is the whole of it. */
static mst_status put_entry(zip_file *zip, const char *name, const void *bytes, size_t n) {
  zip_entry e = {name, zip->offset, n, n, mst_crc32(0, bytes, n), 0};
  uint8_t *deflated = NULL;
  mst_status st = MST_OK;
  if (zip->compress) {
    size_t n_deflated = 0;
    st = mst_deflate(bytes, n, 6, &deflated, &n_deflated);
    if (st) return mst_error_prefix(st, "%s", zip->path);
    e.n_stored = n_deflated;
    e.method = 8;
  }
  record r = {.n = 0};
  field(&r, 4, 0x04034b50);
  shared_fields(&r, &e, 20);
  st = put_bytes(zip, r.bytes, r.n);
  if (!st) st = put_bytes(zip, name, strlen(name));
  r.n = 0;
  extra_field(&r, &e, 0);
  if (!st) st = put_bytes(zip, r.bytes, r.n);
  if (!st) st = put_bytes(zip, deflated ? deflated : bytes, e.n_stored);
  if (!st) zip->entry[zip->n_entries++] = e;
  mst_free(deflated);
  return st;
}

static mst_status put_central(zip_file *zip, const zip_entry *e) {
  record r = {.n = 0};
  field(&r, 4, 0x02014b50);
  field(&r, 2, VERSION); /* made by */
  shared_fields(&r, e, 28);
  field(&r, 2, 0);          /* comment */
  field(&r, 2, 0);          /* disk */
  field(&r, 2, 0);          /* internal attributes */
  field(&r, 4, 0);          /* external attributes */
  field(&r, 4, UINT32_MAX); /* offset: in the extra field */
  mst_status st = put_bytes(zip, r.bytes, r.n);
  if (!st) st = put_bytes(zip, e->name, strlen(e->name));
  r.n = 0;
  extra_field(&r, e, 1);
  return st ? st : put_bytes(zip, r.bytes, r.n);
}

static mst_status put_directory(zip_file *zip) {
  const uint64_t begin = zip->offset;
  mst_status st = MST_OK;
  for (int i = 0; i < zip->n_entries && !st; i++) st = put_central(zip, &zip->entry[i]);
  if (st) return st;
  const uint64_t end = zip->offset, count = (uint64_t)zip->n_entries;
  record r = {.n = 0};
  field(&r, 4, 0x06064b50); /* zip64 end of central directory */
  field(&r, 8, 44);
  field(&r, 2, VERSION);
  field(&r, 2, VERSION);
  field(&r, 8, 0); /* disks */
  field(&r, 8, count);
  field(&r, 8, count);
  field(&r, 8, end - begin);
  field(&r, 8, begin);
  field(&r, 4, 0x07064b50); /* its locator */
  field(&r, 4, 0);
  field(&r, 8, end);
  field(&r, 4, 1);
  field(&r, 4, 0x06054b50); /* the classic end record points to it */
  field(&r, 4, 0);
  field(&r, 2, count);
  field(&r, 2, count);
  field(&r, 4, UINT32_MAX);
  field(&r, 4, UINT32_MAX);
  field(&r, 2, 0);
  return put_bytes(zip, r.bytes, r.n);
}

/* An array as an entry. from is int64 where it is to be narrowed to int32, else of dtype. */
static mst_status put_array(zip_file *zip, const char *name, const void *from, int narrow,
                            mst_dtype dtype, int64_t n) {
  const size_t n_data = (size_t)n * (size_t)mst_dtype_bytes(dtype);
  char *bytes = mst_alloc(MST__NPY_HEADER_BYTES + n_data, 1);
  if (!bytes) return MST_E_NOMEM;
  const size_t n_header = mst__npy_header(bytes, dtype, 1, &n);
  if (narrow) {
    int32_t *to = (int32_t *)(void *)(bytes + n_header);
    for (int64_t i = 0; i < n; i++) to[i] = (int32_t)((const int64_t *)from)[i];
  } else if (n_data) memcpy(bytes + n_header, from, n_data);
  const mst_status st = put_entry(zip, name, bytes, n_header + n_data);
  mst_free(bytes);
  return st;
}

/* Column numbers as int64, for a matrix whose row pointers need it. */
static mst_status put_wide_columns(zip_file *zip, const int32_t *col, int64_t n) {
  int64_t *wide = mst_alloc((size_t)n, sizeof *wide);
  if (!wide) return MST_E_NOMEM;
  for (int64_t i = 0; i < n; i++) wide[i] = col[i];
  const mst_status st = put_array(zip, "indices.npy", wide, 0, MST_INT64, n);
  mst_free(wide);
  return st;
}

static mst_status put_csr(zip_file *zip, const mst_csr *x) {
  const int64_t n = x->row_ptr[x->n_rows];
  const int narrow = n <= INT32_MAX;
  char bytes[MST__NPY_HEADER_BYTES + 3];
  mst_status st = narrow ? put_array(zip, "indices.npy", x->col, 0, MST_INT32, n)
                         : put_wide_columns(zip, x->col, n);
  if (!st)
    st = put_array(zip, "indptr.npy", x->row_ptr, narrow, narrow ? MST_INT32 : MST_INT64,
                   x->n_rows + 1);
  const size_t n_header = mst__npy_header_text(bytes, "|S3", 0, NULL);
  memcpy(bytes + n_header, "csr", 3);
  if (!st) st = put_entry(zip, "format.npy", bytes, n_header + 3);
  const int64_t shape[2] = {x->n_rows, x->n_cols};
  if (!st) st = put_array(zip, "shape.npy", shape, 0, MST_INT64, 2);
  if (!st) st = put_array(zip, "data.npy", x->val, 0, x->dtype, n);
  return st ? st : put_directory(zip);
}

mst_status mst_npz_write_csr(const char *path, const mst_csr *x, int compress) {
  zip_file zip = {.path = path, .file = fopen(path, "wbe"), .compress = compress};
  if (!zip.file) return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  mst_status st = put_csr(&zip, x);
  if (fclose(zip.file) && !st) st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  return st;
}
