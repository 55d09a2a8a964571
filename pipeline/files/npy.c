/* npy.c: NumPy's array files, to bytes and back. */
#include "files/npy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/folder.h"
#include "files/npy_internal.h"
#include "misstep/alloc.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "arrays are written as they lie in memory");

#define MAGIC "\x93NUMPY"
#define MAGIC_BYTES 6
/* Ceiling for one array file. */
#define LIMIT_BYTES ((size_t)1 << 40)

static const struct {
  const char *name;
  mst_dtype dtype;
} types[] = {{"<f4", MST_FLOAT32},
             {"<f8", MST_FLOAT64},
             {"<i4", MST_INT32},
             {"<i8", MST_INT64},
             {"|u1", MST_UINT8}};
#define N_TYPES (sizeof types / sizeof types[0])

static const char *type_name(mst_dtype dtype) {
  size_t i = 0;
  while (types[i].dtype != dtype) i++;
  return types[i].name;
}

size_t mst__npy_header_text(char *to, const char *descr, int n_dims, const int64_t *shape) {
  char dims[64] = "";
  if (n_dims == 1) (void)snprintf(dims, sizeof dims, "%" PRId64 ",", shape[0]);
  if (n_dims == 2) (void)snprintf(dims, sizeof dims, "%" PRId64 ", %" PRId64, shape[0], shape[1]);
  char dict[128];
  const int n = snprintf(dict, sizeof dict,
                         "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr, dims);
  const size_t total =
      ((size_t)n + 11 + 63) / 64 * 64; /* magic, version, length, newline; aligned */
  memset(to, ' ', total);
  memcpy(to, MAGIC "\x01\x00", MAGIC_BYTES + 2);
  to[8] = (char)((total - 10) & 0xff);
  to[9] = (char)((total - 10) >> 8);
  memcpy(to + 10, dict, (size_t)n);
  to[total - 1] = '\n';
  return total;
}

size_t mst__npy_header(char *to, mst_dtype dtype, int n_dims, const int64_t *shape) {
  return mst__npy_header_text(to, type_name(dtype), n_dims, shape);
}

mst_status mst_npy_dump(const void *data, mst_dtype dtype, int n_dims, const int64_t *shape,
                        char **out, size_t *n_bytes) {
  char header[MST__NPY_HEADER_BYTES];
  const size_t n_header = mst__npy_header(header, dtype, n_dims, shape);
  size_t n_data = (size_t)mst_dtype_bytes(dtype);
  for (int i = 0; i < n_dims; i++) n_data *= (size_t)shape[i];
  char *bytes = mst_alloc(n_header + n_data, 1);
  if (!bytes) return MST_E_NOMEM;
  memcpy(bytes, header, n_header);
  if (n_data) memcpy(bytes + n_header, data, n_data);
  *out = bytes;
  *n_bytes = n_header + n_data;
  return MST_OK;
}

/* Reading. */

/* What follows "'key':" in the header's dictionary, or NULL. */
static const char *entry(const char *dict, const char *key) {
  const char *at = strstr(dict, key);
  if (!at) return NULL;
  at += strlen(key);
  at += strspn(at, " ");
  if (*at != ':') return NULL;
  return at + 1 + strspn(at + 1, " ");
}

static mst_status read_type(const char *descr, mst_dtype *dtype) {
  if (!descr || (*descr != '\'' && *descr != '"'))
    return MST_FAIL(MST_E_FORMAT, "a .npy header without a plain type");
  const int n = (int)strcspn(descr + 1, "'\"");
  if (n > 1 && descr[1] == '>')
    return MST_FAIL(MST_E_FORMAT, "big-endian numbers (%.*s), expected little-endian", n,
                    descr + 1);
  for (size_t i = 0; i < N_TYPES; i++) {
    if ((size_t)n != strlen(types[i].name) || strncmp(descr + 1, types[i].name, (size_t)n))
      continue;
    *dtype = types[i].dtype;
    return MST_OK;
  }
  return MST_FAIL(MST_E_FORMAT, "type %.*s, expected one of <f4 <f8 <i4 <i8 |u1", n, descr + 1);
}

static mst_status read_shape(const char *text, mst_array *array) {
  if (!text || *text != '(') return MST_FAIL(MST_E_FORMAT, "a .npy header without a shape");
  text++;
  for (array->n_dims = 0;; array->n_dims++) {
    text += strspn(text, " ,");
    if (*text == ')') break;
    char *end;
    const long long size = strtoll(text, &end, 10);
    if (end == text || size < 0) return MST_FAIL(MST_E_FORMAT, "a shape that cannot be read");
    if (array->n_dims < 2) array->shape[array->n_dims] = size;
    text = end;
  }
  if (array->n_dims == 1 || array->n_dims == 2) return MST_OK;
  return MST_FAIL(MST_E_FORMAT, "%d dimensions, expected 1 or 2", array->n_dims);
}

/* Where the header's text and the data begin. */
static mst_status read_frame(const char *bytes, size_t n, size_t *dict, size_t *data) {
  const unsigned char *b = (const unsigned char *)bytes;
  if (n < 10 || memcmp(b, MAGIC, MAGIC_BYTES)) return MST_FAIL(MST_E_FORMAT, "not a .npy file");
  const int version = b[6];
  if (version < 1 || version > 3)
    return MST_FAIL(MST_E_FORMAT, ".npy format %d, expected 1, 2 or 3", version);
  size_t length = b[8] | (size_t)b[9] << 8;
  *dict = 10;
  if (version > 1 && n >= 12) {
    length |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
    *dict = 12;
  }
  *data = *dict + length;
  if (*data > n) return MST_FAIL(MST_E_FORMAT, "truncated in the header");
  return MST_OK;
}

/* Read the header and check that exactly the announced data follow. */
static mst_status read_header(char *bytes, size_t n, mst_array *array, size_t *data) {
  size_t dict = 0;
  mst_status st = read_frame(bytes, n, &dict, data);
  if (st) return st;
  if (*data == dict) return MST_FAIL(MST_E_FORMAT, "an empty .npy header");
  bytes[*data - 1] = '\0'; /* the newline: the header is a string now */
  st = read_type(entry(bytes + dict, "'descr'"), &array->dtype);
  if (!st) st = read_shape(entry(bytes + dict, "'shape'"), array);
  if (st) return st;
  const char *order = entry(bytes + dict, "'fortran_order'");
  if (!order || strncmp(order, "False", 5))
    return MST_FAIL(MST_E_FORMAT, "Fortran order, expected C order");
  size_t want = (size_t)mst_dtype_bytes(array->dtype);
  int overflow = 0;
  for (int i = 0; i < array->n_dims; i++)
    overflow |= __builtin_mul_overflow(want, (size_t)array->shape[i], &want);
  if (overflow || want > n - *data)
    return MST_FAIL(MST_E_FORMAT, "truncated: %zu bytes of data, fewer than announced", n - *data);
  if (want < n - *data)
    return MST_FAIL(MST_E_FORMAT, "%zu bytes after the end of the array", n - *data - want);
  return MST_OK;
}

mst_status mst_npy_load(const char *path, mst_array *out) {
  char *bytes = NULL;
  size_t n = 0, data = 0;
  mst_status st = mst_file_read(path, LIMIT_BYTES, &bytes, &n);
  if (st) return st;
  mst_array array = {0};
  st = read_header(bytes, n, &array, &data);
  if (st) {
    mst_free(bytes);
    return mst_error_prefix(st, "%s", path);
  }
  memmove(bytes, bytes + data, n - data); /* one block for file and array: no second copy */
  array.data = bytes;
  *out = array;
  return MST_OK;
}

void mst_array_fini(mst_array *array) {
  mst_free(array->data);
  *array = (mst_array){0};
}
