/* lower.c: lower case for everybody, from the tokenizer's tables. */
#include "base/unicode.h"
#include "misstep/unicode.h"

mst_status mst_unicode_lower(const uint8_t *text, int64_t len, mst_buffer *out) {
  return mst__preprocess(text, len, 1, MST_ACCENTS_KEEP, out);
}
