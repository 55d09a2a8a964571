/* process.h: run another program on some input, take its output.
 *
 * Input, output and complaints travel in memory files: no pipe that could block, no SIGPIPE, no
 * file on disk, and the process is always waited for.
 */
#ifndef MISSTEP_PROCESS_H
#define MISSTEP_PROCESS_H

#include <stddef.h>

#include "misstep/alloc.h"
#include "misstep/status.h"

/* Run argv (searched in PATH, ends with NULL) and return what it wrote (*out by mst_free, a zero
 * byte follows). MST_E_UNSUPPORTED: not installed. MST_E_ADAPTER: its exit code is not 0 (with the
 * last line of its own words), or it took more than 60 seconds (it is then killed). MST_E_IO,
 * MST_E_NOMEM. */
mst_status mst_process_run(char *const argv[], const char *input, size_t n, char **out,
                           size_t *n_out);

#endif
