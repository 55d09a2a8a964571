/* write.c: writes replacements and whole copies as text. */
#include <string.h>

#include "engine.h"

/* The last word of a text: what Korean particles listen to. */
static mst_slice last_word(mst_slice text) {
  int64_t at = text.len;
  while (at > 0 && text.ptr[at - 1] != ' ') at--;
  return (mst_slice){text.ptr + at, text.len - at};
}

/* What a slot of the target has matched. */
static mst_slice capture_of(const mst__doc *d, const mst__candidate *c, int mark) {
  for (int i = 0; i < c->n_captures; i++) {
    const mst__capture *t = MST__AT(d->captures, mst__capture, c->first_capture + i);
    if (t->mark == mark) return (mst_slice){d->text.ptr + t->begin, t->end - t->begin};
  }
  return (mst_slice){0};
}

static mst_status write_target(const mst__doc *d, const mst__candidate *c, const mst__target *t,
                               mst__case how, mst_buffer *out) {
  const uint8_t *p = d->batch->a->rules->target_bytes.data + t->at, *end = p + t->len;
  mst_status st = MST_OK;
  if (!t->has_slot) return mst_buffer_append(out, p, (size_t)t->len);
  const size_t begin = out->size_bytes;
  while (!st && p < end) {
    const int mark = mst__mark_at(p, end);
    const mst_slice s = mark < 0 ? (mst_slice){p, 1} : capture_of(d, c, mark);
    const size_t at = out->size_bytes;
    p += mark < 0 ? 1 : MST__MARK_BYTES;
    st = mst_buffer_append(out, s.ptr, (size_t)s.len);
    /* A word that stood at the beginning of a sentence and now stands inside it. */
    if (!st && mark >= 0 && at > begin && how == MST__UPPER_FIRST && s.len > 1 &&
        s.ptr == d->text.ptr + mst__unit_at(d, c->first)->begin)
      mst__case_write(out->data + at, s.len, MST__LOWER_FIRST);
  }
  return st;
}

/* Does a sentence begin with unit i? */
static int begins_sentence(const mst__doc *d, int64_t i) {
  if (i == 0 || mst__unit_at(d, i)->gap == 2) return 1;
  const mst__unit *before = mst__unit_at(d, i - 1);
  return strchr(".!?", d->text.ptr[before->end - 1]) != NULL;
}

mst__case mst__alt_case(const mst__doc *d, const mst__candidate *c, const mst__alt *alt,
                        mst__case how) {
  if (how == MST__LOWER_FIRST && alt->capitals != MST__CAPITAL_BOTH) return MST__AS_IS;
  if (how != MST__UPPER_FIRST || alt->capitals != MST__CAPITAL_SOURCE) return how;
  return begins_sentence(d, c->first) ? how : MST__AS_IS;
}

mst_status mst__candidate_write(const mst__doc *d, const mst__candidate *c, int32_t alt,
                                mst__case how, mst_buffer *out) {
  const mst_augment_batch *b = d->batch;
  const size_t begin = out->size_bytes;
  mst_status st;
  if (c->kind == MST_OP_LEXICON) {
    const mst__lex *lex = MST__AT(b->lex, mst__lex, alt);
    st = mst_buffer_append(out, b->lex_bytes.data + lex->at, (size_t)lex->len);
    if (how == MST__LOWER_FIRST) how = MST__AS_IS;
  } else {
    const mst__alt *a = MST__AT(b->a->rules->alts, mst__alt, alt);
    st = write_target(d, c, &b->a->rules->target[a->target], how, out);
    how = mst__alt_case(d, c, a, how);
  }
  if (!st) mst__case_write(out->data + begin, (int64_t)(out->size_bytes - begin), how);
  if (st || !c->n_particles) return st;
  const mst_slice particles = {d->text.ptr + mst__unit_at(d, c->last)->end - c->n_particles,
                               c->n_particles};
  const mst_slice stem =
      last_word((mst_slice){out->data + begin, (int64_t)(out->size_bytes - begin)});
  uint8_t copy[256]; /* the buffer may move while it is read */
  const int64_t n = stem.len < 256 ? stem.len : 0;
  if (n) memcpy(copy, stem.ptr, (size_t)n);
  return mst_korean_particles_write((mst_slice){copy, n}, particles, out);
}

mst_slice mst__replacement(const mst_augment_batch *batch, const mst_edits *edits,
                           int32_t replacement, mst__case *how) {
  *how = MST__AS_IS;
  if (replacement < 0) {
    const int64_t i = -1 - (int64_t)replacement, from = i ? edits->string[i - 1] : 0;
    return (mst_slice){edits->bytes.data + from, edits->string[i] - from};
  }
  const mst__target *t = &batch->a->rules->target[replacement / MST__CASES];
  *how = (mst__case)(replacement % MST__CASES);
  return (mst_slice){batch->a->rules->target_bytes.data + t->at, t->len};
}

static mst_status write_replacement(const mst_augment_batch *batch, const mst_edits *edits,
                                    int32_t replacement, mst_buffer *out) {
  mst__case how;
  const mst_slice s = mst__replacement(batch, edits, replacement, &how);
  const size_t at = out->size_bytes;
  const mst_status st = mst_buffer_append(out, s.ptr, (size_t)s.len);
  if (!st) mst__case_write(out->data + at, s.len, how);
  return st;
}

mst_status mst_augment_write_edit(const mst_augment_batch *batch, const mst_edits *edits,
                                  const mst_edit *edit, mst_buffer *out) {
  return write_replacement(batch, edits, edit->replacement, out);
}

mst_status mst_augment_write(const mst_augment_batch *batch, const mst_edits *edits,
                             const mst_copy *copy, mst_buffer *out) {
  const mst_pieces *p = batch->pieces;
  const int64_t from = p->doc_ptr[copy->doc];
  const uint8_t *text = batch->text->bytes + batch->text->start[copy->doc];
  int64_t piece = 0, byte = 0, written = 0; /* byte: where piece begins */
  mst_status st = MST_OK;
  for (int32_t e = 0; !st && e < copy->n_edits; e++) {
    const mst_edit *edit = &edits->edit[copy->first_edit + e];
    int64_t end = 0;
    for (; piece < edit->pos + edit->len; piece++) {
      const uint32_t entry = p->entry[from + piece], id = entry >> 1;
      if (piece == edit->pos) st = mst_buffer_append(out, text + written, (size_t)(byte - written));
      end = byte + p->types.start[id + 1] - p->types.start[id];
      byte = end + (entry & 1);
    }
    if (!st) st = write_replacement(batch, edits, edit->replacement, out);
    written = end;
  }
  const int64_t len = batch->text->start[copy->doc + 1] - batch->text->start[copy->doc];
  return st ? st : mst_buffer_append(out, text + written, (size_t)(len - written));
}
