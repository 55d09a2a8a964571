/* library.h: shared libraries that are looked for while the program runs, so that a missing one is
 * a message and not a program that cannot start.
 *
 * In: a file's name. Out: its functions. Next stage: a table of them that checks each (XGBoost's,
 * cuSPARSE's).
 */
#ifndef MISSTEP_LIBRARY_H
#define MISSTEP_LIBRARY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Open a library by path or name; NULL: what the program has loaded already.
 *   apart  its own symbols come before the program's (not under sanitizers, which cannot bear it)
 * NULL where it cannot be opened: mst_library_why says why. */
void *mst_library_open(const char *name, int apart);

/* The loader's words for the calling thread's last failure, or NULL; valid until its next call. */
const char *mst_library_why(void);

void mst_library_close(void *library);

/* A function, or NULL. */
void *mst_library_find(void *library, const char *function);

/* A function and the pointer that is to hold its address. */
typedef struct mst_library_function {
  void *slot;
  const char *name;
} mst_library_function;

/* Find n functions and set their pointers. NULL, or the name of the first one that is missing;
 * those before it are set. */
const char *mst_library_find_all(void *library, const mst_library_function *functions, size_t n);

/* A file that scripts/setup puts into the clone: below the nearest folder that the running program
 * lies in and that has it, or below the clone that the program was built in.
 *   name   from the top of the clone
 *   path   [room] where it is
 * Returns 1, or 0 where it is in neither. */
int mst_library_in_clone(const char *name, const char *clone, char *path, size_t room);

/* Path of the library that a function lies in, or NULL; the loader's. */
const char *mst_library_path(const void *function);

#ifdef __cplusplus
}
#endif
#endif
