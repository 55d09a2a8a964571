/* ledger_write.c: appending results: whole lines in one write, synced before they count. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"
#include "ledger.h"
#include "misstep/hash.h"

mst_status sweep_line_append(mst_buffer *lines, const mst_json *cell) {
  char *text = NULL;
  size_t n = 0;
  mst_status st = mst_json_dump(cell, 0, &text, &n);
  while (!st && n && text[n - 1] == '\n') n--;
  if (!st)
    st = mst_buffer_printf(lines, "{\"n\":%zu,\"h\":\"%016llx\",\"cell\":", n,
                           (unsigned long long)mst_hash64(text, n, 0));
  if (!st) st = mst_buffer_append(lines, text, n);
  if (!st) st = mst_buffer_append(lines, "}\n", 2);
  mst_free(text);
  return st;
}

mst_status sweep_writer_init(const char *dir, sweep_writer *out) {
  char name[SWEEP_HOST_NAME];
  sweep_host_name(name);
  if ((size_t)snprintf(out->path, sizeof out->path, "%s/ledger/%s.jsonl", dir, name) >=
      sizeof out->path)
    return MST_FAIL(MST_E_ARG, "%.60s...: the path is too long", dir);
  out->file = -1;
  return MST_OK;
}

static mst_status write_all(sweep_writer *w, const mst_buffer *lines) {
  for (size_t done = 0; done < lines->size_bytes;) {
    const ssize_t n = write(w->file, lines->data + done, lines->size_bytes - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return MST_FAIL(MST_E_IO, "%s: %s", w->path, strerror(errno));
    done += (size_t)n;
  }
  if (fdatasync(w->file)) return MST_FAIL(MST_E_IO, "%s: %s", w->path, strerror(errno));
  return MST_OK;
}

mst_status sweep_writer_append(sweep_writer *w, const mst_buffer *lines) {
  struct stat before;
  if (w->file < 0) w->file = open(w->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (w->file < 0 || fstat(w->file, &before))
    return MST_FAIL(MST_E_IO, "%s: %s", w->path, strerror(errno));
  const mst_status st = write_all(w, lines);
  if (st && ftruncate(w->file, before.st_size)) return st; /* the reader knows torn lines */
  return st;
}

void sweep_writer_close(sweep_writer *w) {
  if (w->file >= 0) (void)close(w->file);
  w->file = -1;
}
