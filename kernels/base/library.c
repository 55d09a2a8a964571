/* library.c: the loader, which nobody else asks. */
#include "misstep/library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(SANITIZED)
#define APART 0
#else
#define APART RTLD_DEEPBIND
#endif

void *mst_library_open(const char *name, int apart) {
  return dlopen(name, RTLD_NOW | RTLD_LOCAL | (apart ? APART : 0));
}

const char *mst_library_why(void) { return dlerror(); }

void mst_library_close(void *library) { (void)dlclose(library); }

void *mst_library_find(void *library, const char *function) { return dlsym(library, function); }

const char *mst_library_find_all(void *library, const mst_library_function *functions, size_t n) {
  for (size_t i = 0; i < n; i++) {
    void *function = mst_library_find(library, functions[i].name);
    if (!function) return functions[i].name;
    memcpy(functions[i].slot, &function, sizeof function); /* ISO C has no cast between the two */
  }
  return NULL;
}

static int is_in(const char *folder, const char *name, char *path, size_t room) {
  const int n = snprintf(path, room, "%s/%s", folder, name);
  return n > 0 && (size_t)n < room && access(path, F_OK) == 0;
}

int mst_library_in_clone(const char *name, const char *clone, char *path, size_t room) {
  char folder[4096];
  const ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
  folder[n > 0 ? n : 0] = 0;
  for (char *slash; (slash = strrchr(folder, '/')) && slash != folder;) {
    *slash = 0;
    if (is_in(folder, name, path, room)) return 1;
  }
  return is_in(clone, name, path, room);
}

const char *mst_library_path(const void *function) {
  Dl_info where;
  return dladdr(function, &where) ? where.dli_fname : NULL;
}
