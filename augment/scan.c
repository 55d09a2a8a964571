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

int mst__scans_whole(mst_slice text) {
  int whole = 0;
  for (int64_t i = 0; i < text.len; i++) whole |= text.ptr[i] == '\\' || text.ptr[i] > '~';
  return whole;
}

/* A part that grows until it can be scanned. */
typedef struct part {
  scan s;
  int64_t begin;
  int is_open, n_words; /* maths stands in it, and so many words behind the last of it */
} part;

static mst_status scan_part(part *p, int64_t end) {
  return mst_maths_scan((mst_slice){p->s.begin + p->begin, end - p->begin}, take_token, &p->s);
}

/* A word of two letters or more that begins at `from`. */
static mst_status pass_word(part *p, int64_t from) {
  if (p->is_open && ++p->n_words < 2) return MST_OK;
  const mst_status st = p->is_open ? scan_part(p, from) : MST_OK;
  p->begin = from;
  p->is_open = p->n_words = 0;
  return st;
}

/* Bytes i .. end-1, before and behind which no letter stands. */
static mst_status pass_bytes(part *p, int64_t i, int64_t end) {
  const uint8_t *text = p->s.begin;
  mst_status st = MST_OK;
  while (!st && i < end) {
    const int64_t from = i;
    const char class = classes[text[i++]];
    if (class == '#') {
      p->is_open = 1;
      p->n_words = 0;
    }
    if (class != 'a') continue;
    while (i < end && classes[text[i]] == 'a') i++;
    if (i - from >= 2) st = pass_word(p, from);
  }
  return st;
}

mst_status mst__scan(mst_slice text, int64_t begin, int64_t end, mst__list *tokens) {
  part p = {.s = {text.ptr, tokens}, .begin = begin};
  tokens->n = 0;
  if (mst__scans_whole((mst_slice){text.ptr + begin, end - begin})) return scan_part(&p, end);
  const mst_status st = pass_bytes(&p, begin, end);
  return st || !p.is_open ? st : scan_part(&p, end);
}

mst_status mst__scan_units(mst__doc *d) {
  part p = {.s = {d->text.ptr, &d->tokens}};
  const mst__unit *u = d->units.items, *end = u + d->units.n;
  mst_status st = MST_OK;
  d->tokens.n = 0;
  if (d->signs & MST__WHOLE) return mst_maths_scan(d->text, take_token, &p.s);
  for (; !st && u < end; u++) {
    if (mst__type_of(d, u)->ascii && u->end - u->begin >= 2) st = pass_word(&p, u->begin);
    else if (mst__type_of(d, u)->signs & MST__MATHSY) st = pass_bytes(&p, u->begin, u->end);
  }
  return st || !p.is_open ? st : scan_part(&p, d->text.len);
}
