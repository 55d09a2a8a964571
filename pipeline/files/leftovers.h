/* leftovers.h: what folder.c needs of the file system (internal to files/). */
#ifndef MISSTEP_LEFTOVERS_H
#define MISSTEP_LEFTOVERS_H

#include "misstep/status.h"

/* Temporary outputs are called PREFIX PID - NUMBER - HOST. */
#define MST__TEMP_PREFIX ".misstep-"

/* "path: words of errno" as MST_E_IO. */
mst_status mst__fail_io(const char *path);
/* a, middle, b as one string, by mst_free. NULL: no memory (recorded). */
char *mst__path_join(const char *a, const char *middle, const char *b);
/* Remove a file or a folder with all it holds; a symbolic link is removed, not followed. Not 0:
 * errno. */
int mst__tree_remove(const char *path);
/* Sync a file or folder itself, or a folder with all it holds. MST_E_IO. */
mst_status mst__path_sync(const char *path, int is_folder);
mst_status mst__tree_sync(const char *path);
/* Remove from folder the temporaries of this host whose process is gone. Failures are left for the
 * next time. The lock is asked too: the number of a process in another container means nothing
 * here. */
void mst__orphans_remove(const char *folder, const char *host);

#endif
