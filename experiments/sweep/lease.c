/* lease.c: leases as files that are made exclusively, also on network file systems. */
#include "lease.h"

#include <dirent.h>
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

/* Make the file with our name in it; 0: it exists, -1: errno says why not. It appears with the name
 * in it, by a link: one that was killed before it wrote its name would have no owner to be dead. */
static int make(const char *dir, const char *path) {
  char name[SWEEP_HOST_NAME], aside[PATH_BYTES];
  struct stat info = {0};
  sweep_host_name(name);
  (void)snprintf(aside, sizeof aside, "%.3900s/lease/.new-%s", dir, name);
  const int file = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return -1;
  const size_t n = strlen(name);
  int made = write(file, name, n) == (ssize_t)n ? 1 : -1;
  if (made > 0 && link(aside, path)) made = errno == EEXIST ? 0 : -1;
  const int error = errno;
  /* over a network the answer may be lost: the number of names says what happened */
  if (made <= 0 && fstat(file, &info) == 0 && info.st_nlink == 2) made = 1;
  (void)close(file);
  (void)unlink(aside);
  errno = error;
  return made;
}

static void read_owner(const char *path, char owner[SWEEP_HOST_NAME]) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t n = file < 0 ? 0 : read(file, owner, SWEEP_HOST_NAME - 1);
  owner[n > 0 ? n : 0] = 0;
  if (file >= 0) (void)close(file);
}

void sweep_lease_clear(const char *dir) {
  char path[PATH_BYTES], owner[SWEEP_HOST_NAME];
  (void)snprintf(path, sizeof path, "%.3900s/lease", dir);
  DIR *folder = opendir(path);
  for (struct dirent *e; folder && (e = readdir(folder));) {
    (void)snprintf(path, sizeof path, "%.3900s/lease/%.400s", dir, e->d_name);
    const int is_aside = strncmp(e->d_name, ".now-", 5) == 0 || strncmp(e->d_name, ".new-", 5) == 0;
    const char *aside = is_aside ? e->d_name + 5 : NULL;
    if (aside) (void)snprintf(owner, sizeof owner, "%.150s", aside);
    else read_owner(path, owner);
    if (sweep_host_is_dead(owner)) (void)unlink(path);
  }
  if (folder) (void)closedir(folder);
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

/* Has the owner of an existing lease gone? *touched: when the lease was last touched. */
static mst_status is_stale(const char *dir, const char *path, int *stale,
                           struct timespec *touched) {
  char owner[SWEEP_HOST_NAME];
  struct stat info;
  struct timespec now;
  *stale = 0;
  if (stat(path, &info)) return errno == ENOENT ? MST_OK : io_failure(path);
  *touched = info.st_mtim;
  read_owner(path, owner);
  if ((*stale = sweep_host_is_dead(owner))) return MST_OK;
  const mst_status st = moment(dir, &now);
  if (!st) *stale = now.tv_sec - info.st_mtim.tv_sec > SWEEP_LEASE_STALE;
  return st;
}

/* Move a stale lease away. Of several that find it stale, one moves it; another may then move the
 * first one's new lease, which shows in its time, and is put back. */
static void move_away(const char *path, const struct timespec *touched) {
  char aside[PATH_BYTES + SWEEP_HOST_NAME], name[SWEEP_HOST_NAME];
  struct stat info;
  sweep_host_name(name);
  (void)snprintf(aside, sizeof aside, "%s.%s", path, name);
  if (rename(path, aside)) return;
  if (stat(aside, &info) == 0 &&
      (info.st_mtim.tv_sec != touched->tv_sec || info.st_mtim.tv_nsec != touched->tv_nsec))
    (void)!link(aside, path);
  (void)unlink(aside);
}

mst_status sweep_lease_take(const char *dir, const char *key, int *taken) {
  char path[PATH_BYTES];
  struct timespec touched = {0};
  int stale = 0;
  path_of(dir, key, path);
  int made = make(dir, path);
  mst_status st = made < 0 ? io_failure(path) : MST_OK;
  if (!st && !made) st = is_stale(dir, path, &stale, &touched);
  if (!st && stale) {
    move_away(path, &touched);
    made = make(dir, path);
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
