/* cut.c: texts into pieces, on the host. */
#include "compiled.h"

mst_status mst__cut(const mst_text *text, int n_threads, mst_pieces **out) {
  mst_backend *cpu = NULL;
  mst_pieces *pieces = NULL;
  mst_status st = mst_backend_open("cpu", n_threads, &cpu);
  const mst_text there = {text->n_docs, text->bytes ? text->bytes : (const uint8_t *)"",
                          text->start};
  if (!st) st = mst_pieces_create(cpu, &there, &pieces);
  if (!st) {
    pieces->home = NULL; /* the host's memory, which outlives the backend */
    *out = pieces;
  }
  mst_backend_close(cpu);
  return st;
}
