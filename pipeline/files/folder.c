/* folder.c: outputs under a temporary sibling name, renamed into place when whole.
 *
 * The temporary is called .misstep-PID-NUMBER-HOST and is locked (flock) while its process lives,
 * so that the next output in the same place can tell a dead process' leftovers from work in
 * progress.
 */
#include "files/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/leftovers.h"
#include "misstep/alloc.h"

struct mst_output {
  char *target; /* real name, no trailing slash */
  char *parent; /* folder of both names */
  char *temp;   /* temporary name; NULL before it is made and once it is gone */
  int is_folder, force, replaces;
  int lock_fd;
  mst_output *next; /* all outputs of this process */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static mst_output *outputs;
static int counter;

/* Opening. */

/* A folder that --force may replace: empty, or a model. */
static mst_status check_replaceable_folder(const char *path) {
  char *manifest = mst__path_join(path, "/", "manifest.json");
  if (!manifest) return MST_E_NOMEM;
  const int is_model = !access(manifest, F_OK);
  mst_free(manifest);
  if (is_model) return MST_OK;
  DIR *dir = opendir(path);
  if (!dir) return mst__fail_io(path);
  int entries = 0;
  while (readdir(dir)) entries++;
  (void)closedir(dir);
  if (entries <= 2) return MST_OK;
  return MST_FAIL(MST_E_ARG,
                  "%s: exists and holds no manifest.json; --force replaces only a model "
                  "folder or an empty one",
                  path);
}

/* What stands at path, and whether this output may take its place. */
static mst_status check_target(const char *path, int is_folder, int force, int *exists) {
  struct stat s;
  *exists = !stat(path, &s);
  if (!*exists) return errno == ENOENT ? MST_OK : mst__fail_io(path);
  if (!force) return MST_FAIL(MST_E_ARG, "%s: exists; --force replaces it", path);
  if (is_folder && S_ISDIR(s.st_mode)) return check_replaceable_folder(path);
  if (is_folder) return MST_FAIL(MST_E_ARG, "%s: exists and is not a folder", path);
  if (S_ISREG(s.st_mode)) return MST_OK;
  return MST_FAIL(MST_E_ARG, "%s: exists and is not a regular file", path);
}

/* Real target and its parent. A path that exists is resolved: "." and links have other names. */
static mst_status set_names(mst_output *output, const char *path) {
  char real[PATH_MAX];
  if (output->replaces && !realpath(path, real)) return mst__fail_io(path);
  output->target = mst__path_join(output->replaces ? real : path, "", "");
  if (!output->target) return MST_E_NOMEM;
  size_t n = strlen(output->target);
  while (n > 1 && output->target[n - 1] == '/') output->target[--n] = '\0';
  const char *slash = strrchr(output->target, '/');
  output->parent = mst__path_join(slash ? output->target : ".", "", "");
  if (!output->parent) return MST_E_NOMEM;
  if (slash) output->parent[slash == output->target ? 1 : slash - output->target] = '\0';
  return MST_OK;
}

/* Make and lock the temporary. Called under the mutex: remove_orphans of another thread must not
 * see it without its lock. */
static mst_status make_temp(mst_output *output) {
  char host[65] = "";
  (void)gethostname(host, sizeof host - 1);
  mst__orphans_remove(output->parent, host);
  for (int attempt = 0; attempt < 100; attempt++) {
    char name[128];
    (void)snprintf(name, sizeof name, MST__TEMP_PREFIX "%ld-%d-%s", (long)getpid(), counter++,
                   host);
    char *temp = mst__path_join(output->parent, "/", name);
    if (!temp) return MST_E_NOMEM;
    const int flags = output->is_folder ? O_RDONLY | O_DIRECTORY : O_RDWR | O_CREAT | O_EXCL;
    const int made = !output->is_folder || !mkdir(temp, 0777);
    const int fd = made ? open(temp, flags | O_CLOEXEC, 0666) : -1;
    if (fd >= 0) {
      (void)flock(fd, LOCK_EX | LOCK_NB); /* without locks the process number alone has to do */
      output->lock_fd = fd;
      output->temp = temp;
      return MST_OK;
    }
    const int again = errno == EEXIST;
    if (!again) (void)mst__fail_io(output->parent);
    mst_free(temp);
    if (!again) return MST_E_IO;
  }
  return MST_FAIL(MST_E_IO, "%s: no free temporary name", output->parent);
}

mst_status mst_output_open(const char *path, int is_folder, int force, mst_output **out) {
  if (!*path) return MST_FAIL(MST_E_ARG, "an output needs a name");
  int exists = 0;
  mst_status st = check_target(path, is_folder, force, &exists);
  if (st) return st;
  mst_output *output = mst_alloc_zero(1, sizeof *output);
  if (!output) return MST_E_NOMEM;
  output->is_folder = is_folder;
  output->force = force;
  output->replaces = exists;
  output->lock_fd = -1;
  st = set_names(output, path);
  (void)pthread_mutex_lock(&lock);
  if (!st) st = make_temp(output);
  if (!st) {
    output->next = outputs;
    outputs = output;
  }
  (void)pthread_mutex_unlock(&lock);
  if (st) mst_output_close(output);
  else *out = output;
  return st;
}

const char *mst_output_path(const mst_output *output) { return output->temp; }

/* Writing. */

/* Make the folders that a relative name passes through. path is the full name, changed and
 * restored. */
static mst_status make_parents(char *path, size_t from) {
  for (char *slash = strchr(path + from, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    const int failed = mkdir(path, 0777) && errno != EEXIST;
    const mst_status st = failed ? mst__fail_io(path) : MST_OK;
    *slash = '/';
    if (st) return st;
  }
  return MST_OK;
}

static mst_status write_file(const char *path, const char *bytes, size_t n) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return mst__fail_io(path);
  mst_status st = MST_OK;
  while (n && !st) {
    const ssize_t done = write(fd, bytes, n);
    if (done < 0 && errno != EINTR) st = mst__fail_io(path);
    if (done <= 0) continue;
    bytes += done;
    n -= (size_t)done;
  }
  if (close(fd) && !st) st = mst__fail_io(path);
  return st;
}

mst_status mst_output_write(mst_output *output, const char *name, const void *bytes, size_t n) {
  if (!output->temp) return MST_FAIL(MST_E_STATE, "%s: already committed", output->target);
  if (!*name || *name == '/' || strstr(name, ".."))
    return MST_FAIL(MST_E_ARG, "%s: not a name inside the folder", name);
  char *path = mst__path_join(output->temp, "/", name);
  if (!path) return MST_E_NOMEM;
  mst_status st = make_parents(path, strlen(output->temp) + 1);
  if (!st) st = write_file(path, bytes, n);
  /* The user knows the real name, not the temporary one. */
  if (st) {
    const char *words = strrchr(mst_error_last()->message, ':');
    st = MST_FAIL(st, "%s/%s%s", output->target, name, words ? words : "");
  }
  mst_free(path);
  return st;
}

/* Committing. */

/* Put the folder in the place of an old one without exchange: there is a moment with neither name,
 * so the old one gets a name that no clean-up touches. */
static mst_status swap_in_two_steps(mst_output *output) {
  char tail[40];
  (void)snprintf(tail, sizeof tail, ".replaced-%ld", (long)getpid());
  char *old = mst__path_join(output->target, tail, "");
  if (!old) return MST_E_NOMEM;
  mst_status st = MST_OK;
  if (rename(output->target, old)) st = mst__fail_io(output->target);
  else if (rename(output->temp, output->target)) {
    st = mst__fail_io(output->target);
    (void)rename(old, output->target);
  } else (void)mst__tree_remove(old);
  mst_free(old);
  return st;
}

/* Give the temporary its real name. */
static mst_status rename_temp(mst_output *output) {
  const int exchange = output->is_folder && output->replaces;
  if (output->force && !exchange)
    return rename(output->temp, output->target) ? mst__fail_io(output->target) : MST_OK;
  const unsigned flags = exchange ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  if (!renameat2(AT_FDCWD, output->temp, AT_FDCWD, output->target, flags)) {
    if (exchange) (void)mst__tree_remove(output->temp); /* now the old one */
    return MST_OK;
  }
  if (errno == EEXIST)
    return MST_FAIL(MST_E_ARG, "%s: appeared meanwhile; --force replaces it", output->target);
  if (errno != EINVAL && errno != ENOSYS) return mst__fail_io(output->target);
  if (exchange) return swap_in_two_steps(output);
  return rename(output->temp, output->target) ? mst__fail_io(output->target) : MST_OK;
}

mst_status mst_output_commit(mst_output *output) {
  if (!output->temp) return MST_FAIL(MST_E_STATE, "%s: not open", output->target);
  mst_status st = mst__tree_sync(output->temp);
  if (!st) st = rename_temp(output);
  if (st) return st;
  (void)pthread_mutex_lock(&lock);
  mst_free(output->temp);
  output->temp = NULL;
  (void)pthread_mutex_unlock(&lock);
  return mst__path_sync(output->parent, 1);
}

/* Remove what was not committed. Under the mutex. */
static void abandon(mst_output *output) {
  if (output->temp) (void)mst__tree_remove(output->temp);
  mst_free(output->temp);
  output->temp = NULL;
}

void mst_output_close(mst_output *output) {
  if (!output) return;
  (void)pthread_mutex_lock(&lock);
  mst_output **at = &outputs;
  while (*at && *at != output) at = &(*at)->next;
  if (*at) *at = output->next;
  abandon(output);
  (void)pthread_mutex_unlock(&lock);
  if (output->lock_fd >= 0) (void)close(output->lock_fd);
  mst_free(output->parent);
  mst_free(output->target);
  mst_free(output);
}

void mst_output_abandon_all(void) {
  (void)pthread_mutex_lock(&lock);
  for (mst_output *output = outputs; output; output = output->next) abandon(output);
  (void)pthread_mutex_unlock(&lock);
}
