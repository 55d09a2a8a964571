/* library.c: the loader, which nobody else asks. */
#include "misstep/library.h"

#include <dlfcn.h>
#include <stddef.h>

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

const char *mst_library_path(const void *function) {
  Dl_info where;
  return dladdr(function, &where) ? where.dli_fname : NULL;
}
