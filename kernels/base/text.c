/* text.c: the few operations on strings that every stage shares. */
#include "misstep/text.h"

#include <string.h>

#include "misstep/alloc.h"

void mst_strings_fini(mst_strings *s) {
  mst_free(s->bytes);
  mst_free(s->start);
  *s = (mst_strings){0};
}

int mst_slice_compare(mst_slice a, mst_slice b) {
  const int64_t shared = a.len < b.len ? a.len : b.len;
  const int order = shared ? memcmp(a.ptr, b.ptr, (size_t)shared) : 0;
  if (order) return order;
  return (a.len > b.len) - (a.len < b.len);
}
