/* synset.c: one line of a data file: a set of words that mean the same.
 *
 *     offset lex_filenum ss_type w_cnt word lex_id [word lex_id ...] ...      wndb(5WN)
 *
 * w_cnt is hexadecimal. Nothing is read behind the end of the line.
 */
#include <string.h>

#include "internal.h"

enum { OFFSET_DIGITS = 8, HEAD_BYTES = 16 }; /* "00632438 00 a 02" */

static int hex_of(int c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

mst_status mst__synset_open(const mst__map *data, int64_t offset, mst__synset *out) {
  if (offset < 0 || offset > data->n - HEAD_BYTES)
    return mst__map_fail(data, data->n, "the file ends before a synset that its index names");
  const uint8_t *p = data->bytes + offset;
  int64_t own = 0;
  for (int i = 0; i < OFFSET_DIGITS; i++) {
    if (p[i] < '0' || p[i] > '9') own = -1;
    if (own >= 0) own = own * 10 + (p[i] - '0');
  }
  if (own != offset) return mst__map_fail(data, offset, "no synset begins where the index says so");
  const int high = hex_of(p[HEAD_BYTES - 2]), low = hex_of(p[HEAD_BYTES - 1]);
  if (high < 0 || low < 0) return mst__map_fail(data, offset, "expected a number of words");
  *out = (mst__synset){p + HEAD_BYTES, data->bytes + data->n, high * 16 + low};
  return MST_OK;
}

/* A line that ends too early gives empty fields. */
static mst_slice next_field(mst__synset *s) {
  if (s->p < s->end && *s->p == ' ') s->p++;
  const uint8_t *begin = s->p;
  while (s->p < s->end && *s->p != ' ' && *s->p != '\n') s->p++;
  return (mst_slice){begin, s->p - begin};
}

int mst__synset_next(mst__synset *s, mst_slice *word, int *marked) {
  if (!s->left) return 0;
  s->left--;
  *word = next_field(s);
  const mst_slice lex_id = next_field(s);
  if (!word->len || lex_id.len != 1 || hex_of(lex_id.ptr[0]) < 0) return -1;
  const uint8_t *marker = memchr(word->ptr, '(', (size_t)word->len);
  *marked = marker != NULL;
  if (marker) word->len = marker - word->ptr;
  return word->len ? 1 : -1;
}
