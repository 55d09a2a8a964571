/* present.c: the classes that a training part holds: a small class may be absent from a fold or
 * from a small subset, and a model is fitted on classes that have rows. */
#include <string.h>

#include "cli/train.h"
#include "misstep/alloc.h"

mst_status mst_present_init(mst_part *train, const mst_strings *names, mst_present *out) {
  mst_present p = {0};
  p.number = mst_alloc((size_t)names->n, sizeof *p.number);
  p.names.start = mst_alloc_zero((size_t)names->n + 1, sizeof *p.names.start);
  p.names.bytes = mst_alloc((size_t)names->start[names->n], 1);
  if (!p.number || !p.names.start || !p.names.bytes) {
    mst_present_fini(&p);
    return MST_E_NOMEM;
  }
  memset(p.number, 0xff, (size_t)names->n * sizeof *p.number);
  for (int64_t d = 0; d < train->n; d++) p.number[train->label[d]] = 0;
  for (int64_t c = 0; c < names->n; c++) {
    if (p.number[c] < 0) continue;
    const mst_slice name = mst_strings_at(names, c);
    const int64_t at = p.names.start[p.names.n];
    memcpy(p.names.bytes + at, name.ptr, (size_t)name.len);
    p.number[c] = (int32_t)p.names.n++;
    p.names.start[p.names.n] = at + name.len;
  }
  for (int64_t d = 0; d < train->n; d++) train->label[d] = p.number[train->label[d]];
  *out = p;
  return MST_OK;
}

void mst_present_widen(const mst_present *present, int64_t n_classes, const float *narrow,
                       int64_t n, float absent, float *wide) {
  const int32_t *number = present->number;
  for (int64_t d = 0; d < n; d++)
    for (int64_t c = 0; c < n_classes; c++)
      wide[d * n_classes + c] = number[c] < 0 ? absent : narrow[d * present->names.n + number[c]];
}

void mst_present_fini(mst_present *present) {
  mst_strings_fini(&present->names);
  mst_free(present->number);
  *present = (mst_present){0};
}
