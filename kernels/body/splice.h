/* splice.h: what stands at a place of a spliced copy. One body for host and device: the host goes
 * from stretch to stretch, on the device each piece looks for its own.
 *
 * A copy with n splices has 2n + 1 stretches: 2i is what is kept before splice i, 2i + 1 what
 * splice i writes, 2n what is kept at the end. Kept ones may be empty.
 */
#ifndef MISSTEP_BODY_SPLICE_H
#define MISSTEP_BODY_SPLICE_H

#include <stdint.h>

#include "misstep/host_device.h"
#include "misstep/splices.h"

/* Entries from .. end-1 of the document's or the replacement's array. */
typedef struct mst_body_stretch {
  int64_t from, end;
  int written;    /* of a replacement */
  uint32_t space; /* 1: a single space follows what a replacement stands for */
} mst_body_stretch;

MST_HD static inline int64_t mst_body_stretches(const mst_splices *s, int64_t copy) {
  return 2 * (s->copy_ptr[copy + 1] - s->copy_ptr[copy]) + 1;
}

/* Stretch k of a copy. */
MST_HD static inline mst_body_stretch mst_body_stretch_at(const mst_splices *s, int64_t copy,
                                                          int64_t k) {
  const int64_t doc = s->copy_doc[copy], first = s->doc_ptr[doc];
  const int64_t i = s->copy_ptr[copy] + k / 2;
  mst_body_stretch t = {first, s->doc_ptr[doc + 1], 0, 0};
  if (k & 1) {
    t.from = s->by_ptr[s->splice[i].by];
    t.end = s->by_ptr[s->splice[i].by + 1];
    t.written = 1;
    t.space = s->entry[first + s->splice[i].pos + s->splice[i].len - 1] & 1;
    return t;
  }
  if (k) t.from = first + s->splice[i - 1].pos + s->splice[i - 1].len;
  if (i < s->copy_ptr[copy + 1]) t.end = first + s->splice[i].pos;
  return t;
}

/* Entry `at` of a stretch as the result has it. */
MST_HD static inline uint32_t mst_body_stretch_entry(const mst_splices *s,
                                                     const mst_body_stretch *t, int64_t at) {
  if (t->written) return s->by_entry[at] | (at == t->end - 1 ? t->space : 0);
  return s->number[s->entry[at] >> 1] << 1 | (s->entry[at] & 1);
}

/* Pieces of a copy. */
MST_HD static inline int64_t mst_body_splice_length(const mst_splices *s, int64_t copy) {
  const int64_t doc = s->copy_doc[copy];
  int64_t n = s->doc_ptr[doc + 1] - s->doc_ptr[doc];
  for (int64_t i = s->copy_ptr[copy]; i < s->copy_ptr[copy + 1]; i++) {
    const int64_t by = s->splice[i].by;
    n += s->by_ptr[by + 1] - s->by_ptr[by] - s->splice[i].len;
  }
  return n;
}

/* Piece `at` (0 ..) of a copy. */
MST_HD static inline uint32_t mst_body_splice_entry(const mst_splices *s, int64_t copy,
                                                    int64_t at) {
  mst_body_stretch t = mst_body_stretch_at(s, copy, 0);
  for (int64_t k = 1; at >= t.end - t.from; k++) {
    at -= t.end - t.from;
    t = mst_body_stretch_at(s, copy, k);
  }
  return mst_body_stretch_entry(s, &t, t.from + at);
}

#endif
