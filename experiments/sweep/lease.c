/* lease.c: leases as files that are made exclusively, also on network file systems. */
#include "lease.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

enum { PATH_BYTES = 4400 };

static void path_of(const char *dir, const char *key, char path[PATH_BYTES]) {
  (void)snprintf(path, PATH_BYTES, "%.3900s/lease/%.40s", dir, key);
}

static mst_status io_failure(const char *path) {
  return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
}

/* Make the file with our name in it; 0: it exists, -1: errno says why not. */
static int make(const char *path) {
  char name[SWEEP_HOST_NAME];
  const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) return errno == EEXIST ? 0 : -1;
  sweep_host_name(name);
  const size_t n = strlen(name);
  const int written = write(file, name, n) == (ssize_t)n;
  const int error = errno;
  (void)close(file);
  if (written) return 1;
  (void)unlink(path);
  errno = error;
  return -1;
}

/* The file system's present moment: the time of a file touched now. */
static mst_status moment(const char *dir, struct timespec *now) {
  char path[PATH_BYTES], name[SWEEP_HOST_NAME];
  struct stat info;
  sweep_host_name(name);
  (void)snprintf(path, sizeof path, "%.3900s/lease/.now-%s", dir, name);
  const int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) return io_failure(path);
  const int failed = futimens(file, NULL) || fstat(file, &info);
  const mst_status st = failed ? io_failure(path) : MST_OK;
  (void)close(file);
  (void)unlink(path);
  if (!st) *now = info.st_mtim;
  return st;
}

/* Has the owner of an existing lease gone? */
static mst_status is_stale(const char *dir, const char *path, int *stale) {
  char owner[SWEEP_HOST_NAME] = "";
  struct stat info;
  struct timespec now;
  *stale = 0;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno == ENOENT ? MST_OK : io_failure(path);
  const ssize_t n = read(file, owner, sizeof owner - 1);
  const int failed = n < 0 || fstat(file, &info);
  (void)close(file);
  if (failed) return io_failure(path);
  if ((*stale = sweep_host_is_dead(owner))) return MST_OK;
  const mst_status st = moment(dir, &now);
  if (!st) *stale = now.tv_sec - info.st_mtim.tv_sec > SWEEP_LEASE_STALE;
  return st;
}

mst_status sweep_lease_take(const char *dir, const char *key, int *taken) {
  char path[PATH_BYTES], aside[PATH_BYTES + SWEEP_HOST_NAME], name[SWEEP_HOST_NAME];
  int stale = 0;
  path_of(dir, key, path);
  int made = make(path);
  mst_status st = made < 0 ? io_failure(path) : MST_OK;
  if (!st && !made) st = is_stale(dir, path, &stale);
  if (!st && stale) { /* one of those who see it moves it; all may then try to make a new one */
    sweep_host_name(name);
    (void)snprintf(aside, sizeof aside, "%s.%s", path, name);
    if (rename(path, aside) == 0) (void)unlink(aside);
    made = make(path);
    if (made < 0) st = io_failure(path);
  }
  *taken = !st && made;
  return st;
}

void sweep_lease_touch(const char *dir, const char *key) {
  char path[PATH_BYTES];
  path_of(dir, key, path);
  (void)utimensat(AT_FDCWD, path, NULL, 0);
}

void sweep_lease_drop(const char *dir, const char *key) {
  char path[PATH_BYTES];
  path_of(dir, key, path);
  (void)unlink(path);
}
