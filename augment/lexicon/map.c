/* map.c: files as bytes in memory, and messages that name a line of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

static mst_status fail_io(const char *path, int error) {
  char words[128] = "";
  return MST_FAIL(MST_E_IO, "%s: %s", path, strerror_r(error, words, sizeof words));
}

/* Map an open file. */
static mst_status map_descriptor(int fd, const char *path, mst__map *map) {
  struct stat info;
  if (fstat(fd, &info)) return fail_io(path, errno);
  if (!S_ISREG(info.st_mode)) return MST_FAIL(MST_E_IO, "%s: not a regular file", path);
  map->n = info.st_size;
  if (!map->n) return MST_OK;
  void *bytes = mmap(NULL, (size_t)map->n, PROT_READ, MAP_PRIVATE, fd, 0);
  if (bytes == MAP_FAILED) return fail_io(path, errno);
  map->bytes = bytes;
  return MST_OK;
}

mst_status mst__map_open(const char *folder, const char *name, mst__map *out) {
  const size_t n = strlen(folder) + (name ? strlen(name) : 0) + 2;
  mst__map map = {.path = mst_alloc(n, 1)};
  if (!map.path) return MST_E_NOMEM;
  (void)snprintf(map.path, n, name ? "%s/%s" : "%s", folder, name);
  const int fd = open(map.path, O_RDONLY | O_CLOEXEC);
  mst_status st = fd < 0 ? fail_io(map.path, errno) : map_descriptor(fd, map.path, &map);
  if (fd >= 0) (void)close(fd);
  if (st) mst_free(map.path);
  else *out = map;
  return st;
}

void mst__map_close(mst__map *map) {
  if (map->bytes && !map->borrowed) (void)munmap((void *)(uintptr_t)map->bytes, (size_t)map->n);
  mst_free(map->path);
  *map = (mst__map){0};
}

mst_status mst__map_fail(const mst__map *map, int64_t at, const char *what) {
  int64_t line = 1;
  for (int64_t i = 0; i < at && i < map->n; i++) line += map->bytes[i] == '\n';
  return MST_FAIL(MST_E_FORMAT, "%s:%lld: %s", map->path ? map->path : "(memory)", (long long)line,
                  what);
}

int mst__is_utf8(mst_slice text) {
  for (int64_t i = 0; i < text.len;) {
    const int lead = text.ptr[i];
    const int n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (!lead || (lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || text.len - i < n) return 0;
    for (int k = 1; k < n; k++)
      if ((text.ptr[i + k] & 0xc0) != 0x80) return 0;
    const int second = n > 1 ? text.ptr[i + 1] : 0;
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
        (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
      return 0;
    i += n;
  }
  return 1;
}
