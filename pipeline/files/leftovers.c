/* leftovers.c: trees of files, removed or synced, and what dead processes left behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "files/leftovers.h"
#include "misstep/alloc.h"

mst_status mst__fail_io(const char *path) {
  return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
}

char *mst__path_join(const char *a, const char *middle, const char *b) {
  const size_t n = strlen(a) + strlen(middle) + strlen(b) + 1;
  char *s = mst_alloc(n, 1);
  if (s) (void)snprintf(s, n, "%s%s%s", a, middle, b);
  return s;
}

/* Trees of files. */

static int remove_entry(const char *path, const struct stat *s, int kind, struct FTW *at) {
  (void)s, (void)kind, (void)at;
  return remove(path);
}

int mst__tree_remove(const char *path) {
  return nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

mst_status mst__path_sync(const char *path, int is_folder) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return mst__fail_io(path);
  mst_status st = MST_OK;
  /* Some file systems cannot sync folders: EINVAL there is no failure. */
  if (fsync(fd) && !(is_folder && errno == EINVAL)) st = mst__fail_io(path);
  if (close(fd) && !st) st = mst__fail_io(path);
  return st;
}

static int sync_entry(const char *path, const struct stat *s, int kind, struct FTW *at) {
  (void)s, (void)at;
  if (kind == FTW_F) return mst__path_sync(path, 0);
  return kind == FTW_DP ? mst__path_sync(path, 1) : 0;
}

mst_status mst__tree_sync(const char *path) {
  const int rc = nftw(path, sync_entry, 16, FTW_DEPTH | FTW_PHYS);
  return rc == -1 ? mst__fail_io(path) : (mst_status)rc;
}

/* Leftovers. */

/* What follows "NUMBER-" in a name, or NULL. */
static const char *read_number(const char *text, long *number) {
  char *end;
  *number = strtol(text, &end, 10);
  return end > text && *end == '-' && *number >= 0 && *number <= INT_MAX ? end + 1 : NULL;
}

/* The process number in the name of a temporary of this host; 0: it is none. */
static long owner_of(const char *name, const char *host) {
  long pid = 0, counter = 0;
  if (strncmp(name, MST__TEMP_PREFIX, strlen(MST__TEMP_PREFIX)) != 0) return 0;
  const char *rest = read_number(name + strlen(MST__TEMP_PREFIX), &pid);
  if (rest) rest = read_number(rest, &counter);
  return rest && strcmp(rest, host) == 0 ? pid : 0;
}

/* Whether nobody works on the temporary any more: its process is gone and its lock is free. Our own
 * number may be that of an earlier process (in a container it often is): only the lock tells. */
static int is_orphan(const char *path, long pid) {
  const int is_ours = pid == (long)getpid();
  if (!is_ours && (!kill((pid_t)pid, 0) || errno != ESRCH)) return 0;
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return 0;
  const int refused = flock(fd, LOCK_EX | LOCK_NB);
  const int has_no_locks = refused && errno != EWOULDBLOCK;
  (void)close(fd);
  return !refused || (has_no_locks && !is_ours);
}

void mst__orphans_remove(const char *folder, const char *host) {
  DIR *dir = opendir(folder);
  if (!dir) return;
  for (struct dirent *entry; (entry = readdir(dir));) {
    const long pid = owner_of(entry->d_name, host);
    char *path = pid ? mst__path_join(folder, "/", entry->d_name) : NULL;
    if (path && is_orphan(path, pid)) (void)mst__tree_remove(path);
    mst_free(path);
  }
  (void)closedir(dir);
}
