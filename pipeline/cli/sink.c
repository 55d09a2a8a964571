/* sink.c: a result that is streamed: a file that is whole or absent, or standard output. */
#include "cli/sink.h"

#include <errno.h>
#include <string.h>

mst_status mst_sink_open(const mst_settings *s, mst_sink *sink) {
  const char *path = mst_setting_text(s, "output");
  *sink = (mst_sink){.stream = stdout, .name = "standard output"};
  if (!path || strcmp(path, "-") == 0) return MST_OK;
  const mst_status st = mst_output_open(path, 0, mst_setting_on(s, "force"), &sink->output);
  if (st) return st;
  sink->name = path;
  sink->stream = fopen(mst_output_path(sink->output), "wb");
  return sink->stream ? MST_OK : MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
}

mst_status mst_sink_finish(mst_sink *sink) {
  if (fflush(sink->stream) != 0) return MST_FAIL(MST_E_IO, "%s: %s", sink->name, strerror(errno));
  if (!sink->output) return MST_OK;
  const int failed = fclose(sink->stream);
  sink->stream = NULL;
  if (failed) return MST_FAIL(MST_E_IO, "%s: %s", sink->name, strerror(errno));
  return mst_output_commit(sink->output);
}

void mst_sink_close(mst_sink *sink) {
  if (sink->output && sink->stream) (void)fclose(sink->stream);
  mst_output_close(sink->output);
  *sink = (mst_sink){0};
}
