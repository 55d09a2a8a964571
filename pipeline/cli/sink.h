/* sink.h: where a command streams its result: --output, whole or absent, or standard output.
 *
 * In: settings. Out: a stream to write to, put in place at the end. Next stage: the user.
 */
#ifndef MISSTEP_CLI_SINK_H
#define MISSTEP_CLI_SINK_H

#include <stdio.h>

#include "cli/option.h"
#include "files/folder.h"

typedef struct mst_sink {
  FILE *stream;
  const char *name;   /* for messages, borrowed */
  mst_output *output; /* NULL: standard output */
} mst_sink;

/* Open --output (under a temporary name until it is finished), or standard output where it is not
 * given or "-". MST_E_ARG: it exists and there is no --force. MST_E_IO, MST_E_NOMEM. */
mst_status mst_sink_open(const mst_settings *s, mst_sink *sink);

/* Everything is written: put the file in its place. MST_E_IO. */
mst_status mst_sink_finish(mst_sink *sink);

/* Free; a file that was not finished is removed. A zeroed sink is fine. */
void mst_sink_close(mst_sink *sink);

#endif
