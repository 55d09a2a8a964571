/* scan.c: the tokens of maths in a text that are no words.
 *
 * The scanner of maths.h remembers what stands before it only up to the next plain word. So it is
 * shown the parts in which a digit, a sign or a bracket stands, each from the last word of two
 * letters or more before it to the second one behind it, and gives what it gives for the whole. */
#include "engine.h"
#include "misstep/hash.h"

typedef struct scan {
  const uint8_t *begin;
  mst__list *tokens;
} scan;

static mst_status take_token(void *payload, mst_maths_kind kind, mst_slice token,
                             mst_slice source) {
  const scan *s = payload;
  if (kind == MST_MATHS_WORD) return MST_OK;
  mst__token *t = mst__list_add(s->tokens, sizeof *t);
  if (!t) return MST_E_NOMEM;
  const int32_t begin = (int32_t)(source.ptr - s->begin);
  *t = (mst__token){begin, begin + (int32_t)source.len, (int32_t)kind,
                    mst_hash64(token.ptr, (size_t)token.len, (uint64_t)kind)};
  return MST_OK;
}

/* ASCII: a letter, # what mst__is_mathsy knows, . anything else. */
static const char classes[] = "................................"
                              "....##..####.#.###########..###..aaaaaaaaaaaaaaaaaaaaaaaaaa#####."
                              "aaaaaaaaaaaaaaaaaaaaaaaaaa###..";

/* Is this a text that must be scanned as a whole: beyond ASCII, or with commands of LaTeX, which
 * remember more? */
static int is_whole(mst_slice text) {
  int whole = 0;
  for (int64_t i = 0; i < text.len; i++) whole |= text.ptr[i] == '\\' || text.ptr[i] > '~';
  return whole;
}

mst_status mst__scan(mst_slice text, mst__list *tokens) {
  scan s = {text.ptr, tokens};
  int64_t begin = 0;            /* of the part */
  int is_open = 0, n_words = 0; /* maths stands in it, and so many words behind the last of it */
  mst_status st = MST_OK;
  tokens->n = 0;
  if (is_whole(text)) return mst_maths_scan(text, take_token, &s);
  for (int64_t i = 0; !st && i < text.len;) {
    const int64_t from = i;
    const char class = classes[text.ptr[i++]];
    if (class == '#') {
      is_open = 1;
      n_words = 0;
    }
    if (class != 'a') continue;
    while (i < text.len && classes[text.ptr[i]] == 'a') i++;
    if (i - from < 2 || (is_open && ++n_words < 2)) continue;
    if (is_open) st = mst_maths_scan((mst_slice){text.ptr + begin, from - begin}, take_token, &s);
    begin = from;
    is_open = n_words = 0;
  }
  if (!st && is_open)
    st = mst_maths_scan((mst_slice){text.ptr + begin, text.len - begin}, take_token, &s);
  return st;
}
