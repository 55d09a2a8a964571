/* whole.c: a whole file into memory and out of it, and the SHA-256 by which a model knows its
 * parts. */
#include "files/folder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The plain SHA-256 calls allocate nothing and cannot fail; OpenSSL 3 calls them old. */
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/sha.h>

#include "misstep/alloc.h"

/* Open a regular file for reading. MST_E_IO, a directory is said so. */
static mst_status open_regular(const char *path, int *fd, size_t *n) {
  const int f = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* no wait on a pipe */
  if (f < 0) return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  struct stat s;
  mst_status st = MST_OK;
  if (fstat(f, &s)) st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  else if (S_ISDIR(s.st_mode)) st = MST_FAIL(MST_E_IO, "%s: a directory, not a file", path);
  else if (!S_ISREG(s.st_mode)) st = MST_FAIL(MST_E_IO, "%s: not a regular file", path);
  if (st) (void)close(f);
  if (st) return st;
  *fd = f;
  *n = (size_t)s.st_size;
  return MST_OK;
}

/* Read up to n bytes, fewer only at the end of the file; -1: errno says why. */
static ssize_t read_full(int fd, void *bytes, size_t n) {
  size_t done = 0;
  while (done < n) {
    const ssize_t got = read(fd, (char *)bytes + done, n - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (!got) break;
    done += (size_t)got;
  }
  return (ssize_t)done;
}

mst_status mst_file_read(const char *path, size_t limit_bytes, char **bytes, size_t *n) {
  int fd = -1;
  size_t size = 0;
  mst_status st = open_regular(path, &fd, &size);
  if (st) return st;
  char *data = NULL;
  ssize_t got = 0;
  if (size > limit_bytes)
    st = MST_FAIL(MST_E_LIMIT, "%s: %zu bytes, the limit is %zu", path, size, limit_bytes);
  else if (!(data = mst_alloc(size + 1, 1))) st = mst_error_prefix(MST_E_NOMEM, "%s", path);
  else if ((got = read_full(fd, data, size)) < 0)
    st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  (void)close(fd);
  if (st) {
    mst_free(data);
    return st;
  }
  assert(data); /* or st says otherwise */
  data[got] = '\0';
  *bytes = data;
  *n = (size_t)got;
  return MST_OK;
}

static void to_hex(const unsigned char *digest, char hex[65]) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++) {
    hex[2 * i] = digits[digest[i] >> 4];
    hex[2 * i + 1] = digits[digest[i] & 15];
  }
  hex[64] = '\0';
}

mst_status mst_file_write(const char *path, int force, const void *bytes, size_t n) {
  mst_output *out = NULL;
  mst_status st = mst_output_open(path, 0, force, &out);
  if (st) return st;
  FILE *file = fopen(mst_output_path(out), "wb");
  int failed = !file;
  if (file && n && fwrite(bytes, 1, n, file) != n) failed = 1; /* nothing may be a null pointer */
  if (file && fclose(file)) failed = 1;
  if (failed) st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  if (!st) st = mst_output_commit(out);
  mst_output_close(out);
  return st;
}

void mst_sha256(const void *bytes, size_t n, char hex[65]) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  (void)SHA256(n ? bytes : "", n, digest);
  to_hex(digest, hex);
}

mst_status mst_sha256_file(const char *path, char hex[65]) {
  int fd = -1;
  size_t size = 0;
  mst_status st = open_regular(path, &fd, &size);
  if (st) return st;
  SHA256_CTX context;
  (void)SHA256_Init(&context);
  unsigned char bytes[1 << 16];
  ssize_t got;
  while ((got = read_full(fd, bytes, sizeof bytes)) > 0)
    (void)SHA256_Update(&context, bytes, (size_t)got);
  if (got < 0) st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  (void)close(fd);
  if (st) return st;
  unsigned char digest[SHA256_DIGEST_LENGTH];
  (void)SHA256_Final(digest, &context);
  to_hex(digest, hex);
  return MST_OK;
}
