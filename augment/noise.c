/* noise.c: operations that need no rule: insertion, deletion, swap, misspelling, split, merge. They
 * touch plain words only. Each draws its places, so a word may be tried in vain: then nothing is
 * done. */
#include <string.h>

#include "engine.h"

enum { TRIES = 8, SHORTEST = 4 /* letters of a word that is misspelt or cut */ };

static int is_plain(const mst__doc *d, int64_t i) {
  const mst__unit *u = mst__unit_at(d, i);
  return mst__type_of(d, u)->kind == MST_PIECE_WORD && !u->guard &&
         !(mst__type_of(d, u)->signs & MST__MATHSY) &&
         mst__type_of(d, u)->letters != MST__NO_LETTER && !mst__is_part(d, i, i, 1);
}

static int is_pair(const mst__doc *d, int64_t i) {
  return i + 1 < d->units.n && is_plain(d, i) && is_plain(d, i + 1) &&
         mst__unit_at(d, i + 1)->gap == 1;
}

static int has_single_word(const mst__candidate *c) {
  return (c->kind == MST_OP_SYNONYM || c->kind == MST_OP_LEXICON) && c->first == c->last &&
         !c->n_particles;
}

/* Does unit i, or the candidate i of an insertion, serve this operation? */
static int serves(const mst__doc *d, mst_operation op, int64_t i) {
  const mst__unit *u = mst__unit_at(d, i);
  switch (op) {
  case MST_OP_DELETION:
  case MST_OP_MERGE: return is_pair(d, i);
  case MST_OP_SPELLING:
  case MST_OP_KEYBOARD:
    return is_plain(d, i) && mst__type_of(d, u)->ascii && u->end - u->begin >= SHORTEST;
  case MST_OP_SPLIT: return is_plain(d, i) && u->end - u->begin > SHORTEST;
  default: return is_plain(d, i);
  }
}

int mst__noise_can(const mst__doc *d, mst_operation op) {
  int needed = op == MST_OP_SWAP ? 2 : 1;
  if (op == MST_OP_INSERTION) {
    int found = 0;
    for (int64_t i = 0; !found && i < d->candidates.n; i++)
      found = has_single_word(MST__AT(d->candidates, mst__candidate, i));
    if (!found) return 0;
  }
  for (int64_t i = 0; needed && i < d->units.n; i++) needed -= serves(d, op, i);
  return !needed;
}

/* Draw a free unit that serves; -1: none was met. */
static int32_t draw_unit(const mst__doc *d, mst_operation op, const mst__draws *draws, uint32_t k,
                         const mst__pick *picks, int n) {
  const int width = op == MST_OP_DELETION || op == MST_OP_MERGE;
  int32_t count = 0;
  for (int32_t i = 0; i < d->units.n; i++)
    count += serves(d, op, i) && mst__is_free(picks, n, i, i + width);
  if (!count) return -1;
  int32_t at = (int32_t)mst__draw_below(draws, k, (uint64_t)count);
  for (int32_t i = 0;; i++) {
    if (!serves(d, op, i) || !mst__is_free(picks, n, i, i + width)) continue;
    if (at-- == 0) return i;
  }
}

static mst_slice word_of(const mst__doc *d, int32_t i) {
  const mst__unit *u = mst__unit_at(d, i);
  return (mst_slice){d->text.ptr + u->begin, u->end - u->begin};
}

/* Append the word of a unit as it is written in the place of another one: with the capital of a
 * sentence's first word, or without. */
static mst_status append_for(const mst__doc *d, int32_t unit, int32_t place, mst_buffer *out) {
  const mst_slice word = word_of(d, unit);
  const size_t at = out->size_bytes;
  const mst_status st = mst_buffer_append(out, word.ptr, (size_t)word.len);
  if (st) return st;
  const int was_first = unit == 0 && mst__type_of(d, mst__unit_at(d, 0))->letters == MST__CAPITAL;
  const int is_first = place == 0 && mst__type_of(d, mst__unit_at(d, 0))->letters == MST__CAPITAL;
  if (is_first) mst__case_write(out->data + at, word.len, MST__UPPER_FIRST);
  else if (was_first && word.len > 1) mst__case_write(out->data + at, word.len, MST__LOWER_FIRST);
  return MST_OK;
}

/* End the string that was written as the replacement of units first .. last. */
static mst_status end_pick(mst_operation op, int32_t first, int32_t last, mst_edits *out,
                           mst__pick *picks, int *n) {
  mst__pick pick = {.first = first, .last = last, .rule = MST__RULE_OPERATION - (int32_t)op};
  const mst_status st = mst__string_end(out, &pick);
  if (!st) picks[(*n)++] = pick;
  return st;
}

/* A synonym of one word before another one. */
static mst_status insert(mst__doc *d, const mst__draws *draws, uint32_t k, mst_edits *out,
                         mst__pick *picks, int *n) {
  int64_t count = 0;
  const mst__candidate *c = d->candidates.items;
  for (int64_t i = 0; i < d->candidates.n; i++) count += has_single_word(&c[i]);
  int64_t at = mst__draw_below(draws, k, (uint64_t)count);
  while (!has_single_word(c) || at-- > 0) c++;
  const int32_t alt = c->first_alt + (int32_t)mst__draw_below(draws, k + 1, (uint64_t)c->n_alts);
  const int32_t unit = draw_unit(d, MST_OP_INSERTION, draws, k + 2, picks, *n);
  if (unit < 0) return MST_OK;
  const size_t begin = out->bytes.size_bytes;
  mst_status st = mst__candidate_write(d, c, alt, MST__AS_IS, &out->bytes);
  const mst__letters letters = (mst__letters)mst__type_of(d, mst__unit_at(d, unit))->letters;
  if (!st && letters == MST__CAPITAL) mst__case_write(out->bytes.data + begin, 1, MST__UPPER_FIRST);
  if (!st) st = mst_buffer_append(&out->bytes, " ", 1);
  const size_t word = out->bytes.size_bytes;
  const mst_slice own = word_of(d, unit);
  if (!st) st = mst_buffer_append(&out->bytes, own.ptr, (size_t)own.len);
  if (!st && letters == MST__CAPITAL && own.len > 1)
    mst__case_write(out->bytes.data + word, own.len, MST__LOWER_FIRST);
  return st ? st : end_pick(MST_OP_INSERTION, unit, unit, out, picks, n);
}

static mst_status delete_or_merge(mst__doc *d, mst_operation op, int32_t unit, mst_edits *out,
                                  mst__pick *picks, int *n) {
  const mst_slice first = word_of(d, unit);
  mst_status st = MST_OK;
  if (op == MST_OP_MERGE) st = mst_buffer_append(&out->bytes, first.ptr, (size_t)first.len);
  if (!st && op == MST_OP_MERGE) {
    const mst_slice second = word_of(d, unit + 1);
    st = mst_buffer_append(&out->bytes, second.ptr, (size_t)second.len);
  } else if (!st) {
    st = append_for(d, unit + 1, unit, &out->bytes);
  }
  return st ? st : end_pick(op, unit, unit + 1, out, picks, n);
}

/* Two words change places. */
static mst_status swap(mst__doc *d, const mst__draws *draws, uint32_t k, mst_edits *out,
                       mst__pick *picks, int *n) {
  const int32_t a = draw_unit(d, MST_OP_SWAP, draws, k, picks, *n);
  int32_t b = -1;
  for (uint32_t t = 1; a >= 0 && t < TRIES; t++) {
    b = draw_unit(d, MST_OP_SWAP, draws, k + t, picks, *n);
    if (b != a) break;
    b = -1;
  }
  if (b < 0) return MST_OK;
  mst_status st = append_for(d, a, b, &out->bytes);
  if (!st) st = end_pick(MST_OP_SWAP, b, b, out, picks, n);
  if (!st) st = append_for(d, b, a, &out->bytes);
  return st ? st : end_pick(MST_OP_SWAP, a, a, out, picks, n);
}

/* Neighbours on a QWERTY keyboard. */
static const char *neighbours(int letter) {
  static const char *const keys[] = {
      "qwsz",   "vghn",  "xdfv", "serfcx", "wsdr", "drtgvc", "ftyhbv", "gyujnb", "ujko",
      "huikmn", "jiolm", "kop",  "njk",    "bhjm", "iklp",   "ol",     "wa",     "edft",
      "awedxz", "rfgy",  "yhji", "cfgb",   "qase", "zsdc",   "tghu",   "asx"};
  return keys[(letter | 0x20) - 'a'];
}

static mst_status misspell(mst__doc *d, mst_operation op, int32_t unit, const mst__draws *draws,
                           uint32_t k, mst_edits *out) {
  const mst_slice word = word_of(d, unit);
  uint8_t *to = mst_buffer_reserve(&out->bytes, (size_t)word.len + 1);
  if (!to) return mst_error_last()->status;
  memcpy(to, word.ptr, (size_t)word.len);
  int64_t len = word.len;
  const int64_t at = 1 + mst__draw_below(draws, k + 1, (uint64_t)(word.len - 2));
  const uint32_t how = mst__draw_below(draws, k + 2, op == MST_OP_KEYBOARD ? 1 : 3);
  if (op == MST_OP_KEYBOARD) {
    const char *keys = neighbours(to[at]);
    const uint8_t key = (uint8_t)keys[mst__draw_below(draws, k + 3, strlen(keys))];
    to[at] = to[at] < 'a' ? (uint8_t)(key - 32) : key;
  } else if (how == 0) { /* two letters change places */
    const uint8_t letter = to[at];
    to[at] = to[at + 1];
    to[at + 1] = letter;
  } else if (how == 1) { /* one is left out */
    memmove(to + at, to + at + 1, (size_t)(len - at - 1));
    len--;
  } else { /* one is doubled */
    memmove(to + at + 1, to + at, (size_t)(len - at));
    len++;
  }
  out->bytes.size_bytes += (size_t)len;
  return MST_OK;
}

/* A space somewhere inside a word, between two whole letters. */
static mst_status split(mst__doc *d, int32_t unit, const mst__draws *draws, uint32_t k,
                        mst_edits *out) {
  const mst_slice word = word_of(d, unit);
  int64_t at = 1 + mst__draw_below(draws, k + 1, (uint64_t)(word.len - 2));
  while (at < word.len && (word.ptr[at] & 0xc0) == 0x80) at++;
  mst_status st = mst_buffer_append(&out->bytes, word.ptr, (size_t)at);
  if (!st && at < word.len) st = mst_buffer_append(&out->bytes, " ", 1);
  return st ? st : mst_buffer_append(&out->bytes, word.ptr + at, (size_t)(word.len - at));
}

mst_status mst__noise(mst__doc *d, mst_operation op, const mst__draws *draws, uint32_t k,
                      mst_edits *out, mst__pick *picks, int *n) {
  if (*n + 2 > MST__MAX_EDITS) return MST_OK;
  if (op == MST_OP_INSERTION) return insert(d, draws, k, out, picks, n);
  if (op == MST_OP_SWAP) return swap(d, draws, k, out, picks, n);
  const int32_t unit = draw_unit(d, op, draws, k, picks, *n);
  if (unit < 0) return MST_OK;
  if (op == MST_OP_DELETION || op == MST_OP_MERGE)
    return delete_or_merge(d, op, unit, out, picks, n);
  const mst_status st =
      op == MST_OP_SPLIT ? split(d, unit, draws, k, out) : misspell(d, op, unit, draws, k, out);
  return st ? st : end_pick(op, unit, unit, out, picks, n);
}
