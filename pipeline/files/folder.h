/* folder.h: output that is either whole or absent.
 *
 * In: files written one by one under a temporary name. Out: the finished file or folder under its
 * real name: synced, then renamed. A crash, kill -9 or a full disk leaves the old state; leftovers
 * of a dead process (".misstep-PID-..." beside the target) are removed by the next output there.
 */
#ifndef MISSTEP_FOLDER_H
#define MISSTEP_FOLDER_H

#include <stddef.h>
#include <stdio.h>

#include "misstep/status.h"

/* A file or folder on its way. */
typedef struct mst_output mst_output;

/* Begin a folder (is_folder) or a file that will be called path.
 * MST_E_ARG: path exists and force is 0 ("exists; --force replaces it"); with force a folder is
 * replaced only when it is empty or holds a manifest.json (so that no home directory is lost), and
 * a device, pipe or socket never. A symbolic link is followed. The parent folder must exist.
 * MST_E_IO, MST_E_NOMEM. */
mst_status mst_output_open(const char *path, int is_folder, int force, mst_output **out);
/* The temporary path: the folder to create files in, or the file to open. Valid until close. */
const char *mst_output_path(const mst_output *output);
/* Write a whole file into the folder, name relative ("trees/idf.npy"; sub-folders are made).
 * MST_E_IO with the system's words ("No space left on device"); MST_E_ARG: an absolute name,
 * "..". */
mst_status mst_output_write(mst_output *output, const char *name, const void *bytes, size_t n);
/* Sync everything and rename into place; an old folder is exchanged in one step where the file
 * system can (else it is set aside as "PATH.replaced-PID" for that moment). MST_E_IO; MST_E_ARG:
 * without force, something of that name appeared meanwhile; MST_E_STATE: committed or abandoned
 * before. */
mst_status mst_output_commit(mst_output *output);
/* Free; what was not committed is removed. NULL is fine. */
void mst_output_close(mst_output *output);
/* Remove every uncommitted output of this process. Async-signal-safe enough for an exit path that
 * runs after a signal was noticed, not inside the handler. */
void mst_output_abandon_all(void);

/* Read a whole file (regular file) into *bytes (mst_free), a zero byte follows. MST_E_IO,
 * MST_E_LIMIT above limit_bytes. */
mst_status mst_file_read(const char *path, size_t limit_bytes, char **bytes, size_t *n);

/* Write a file that is whole or absent. force and errors as mst_output_open and
 * mst_output_commit. */
mst_status mst_file_write(const char *path, int force, const void *bytes, size_t n);

/* SHA-256 of bytes or of a file, as 64 lower-case hex digits and a zero. */
void mst_sha256(const void *bytes, size_t n, char hex[65]);
mst_status mst_sha256_file(const char *path, char hex[65]);

#endif
