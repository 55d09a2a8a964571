/* records.c: the copies of a range of records. */
#include <string.h>

#include "engine.h"
#include "misstep/hash.h"

void mst_edits_init(mst_edits *edits) {
  *edits = (mst_edits){0};
  mst_buffer_init(&edits->bytes, (size_t)1 << 40, "replacements");
}

void mst_edits_fini(mst_edits *edits) {
  mst_free(edits->copy);
  mst_free(edits->edit);
  mst_free(edits->string);
  mst_buffer_fini(&edits->bytes);
  mst_edits_init(edits);
}

void mst__edits_forget(mst_edits *e) {
  e->n_copies = e->n_edits = e->n_strings = 0;
  e->bytes.size_bytes = 0;
  e->n_wanted = e->n_without = e->n_duplicates = e->n_unsafe = 0;
}

static mst_status reserve(mst_edits *e, int n_edits) {
  if (e->n_copies == e->copy_capacity) {
    const int64_t capacity = e->copy_capacity ? 2 * e->copy_capacity : 256;
    mst_copy *copy = mst_realloc(e->copy, (size_t)capacity, sizeof *copy);
    if (!copy) return MST_E_NOMEM;
    e->copy = copy;
    e->copy_capacity = capacity;
  }
  if (e->n_edits + n_edits > e->edit_capacity) {
    const int64_t capacity = 2 * e->edit_capacity + 512;
    mst_edit *edit = mst_realloc(e->edit, (size_t)capacity, sizeof *edit);
    if (!edit) return MST_E_NOMEM;
    e->edit = edit;
    e->edit_capacity = capacity;
  }
  return MST_OK;
}

mst_status mst__copy_write(mst__doc *d, const mst_edits *out, const mst__pick *picks, int n) {
  int64_t at = 0;
  d->copy.size_bytes = 0;
  for (int i = 0; i < n; i++) {
    const int64_t begin = mst__unit_at(d, picks[i].first)->begin;
    mst__case how;
    const mst_slice s = mst__replacement(d->batch, out, picks[i].replacement, &how);
    uint8_t *to = mst_buffer_reserve(&d->copy, (size_t)(begin - at + s.len));
    if (!to) return mst_error_last()->status;
    memcpy(to, d->text.ptr + at, (size_t)(begin - at));
    memcpy(to + begin - at, s.ptr, (size_t)s.len);
    mst__case_write(to + begin - at, s.len, how);
    d->copy.size_bytes += (size_t)(begin - at + s.len);
    at = mst__unit_at(d, picks[i].last)->end;
  }
  return mst_buffer_append(&d->copy, d->text.ptr + at, (size_t)(d->text.len - at));
}

/* A span of bytes whose maths a rule may have written anew. */
typedef struct span {
  int64_t begin, end;
} span;

/* Where rules keep values: in the record, and in its copy. */
static int kept_spans(const mst__doc *d, const mst_edits *out, const mst__pick *picks, int n,
                      span *old, span *new) {
  int64_t shift = 0;
  int n_spans = 0;
  for (int i = 0; i < n; i++) {
    const int64_t begin = mst__unit_at(d, picks[i].first)->begin;
    const int64_t end = mst__unit_at(d, picks[i].last)->end;
    mst__case how;
    const int64_t len = mst__replacement(d->batch, out, picks[i].replacement, &how).len;
    if (picks[i].keeps_value) {
      old[n_spans] = (span){begin, end};
      new[n_spans++] = (span){begin + shift, begin + shift + len};
    }
    shift += len - (end - begin);
  }
  return n_spans;
}

/* Order-free sum of the tokens in a window and outside the spans. */
static uint64_t fingerprint(const mst__list *tokens, span window, const span *spans, int n) {
  uint64_t sum = 0;
  for (int64_t i = 0; i < tokens->n; i++) {
    const mst__token *t = MST__AT(*tokens, mst__token, i);
    int inside = t->begin < window.begin || t->begin >= window.end;
    for (int k = 0; k < n; k++) inside |= t->begin >= spans[k].begin && t->end <= spans[k].end;
    if (!inside) sum += t->hash * 0x9e3779b97f4a7c15u + 1;
  }
  return sum;
}

/* Do plain words stand where plain words stood, none of them right behind maths, where it might be
 * a unit? Then no token of maths comes or goes: what the scanner knows behind a word is that there
 * was one. */
static int changes_nothing(const mst__doc *d, const mst__pick *picks, int n) {
  for (int i = 0; i < n; i++) {
    if (!picks[i].plain || picks[i].keeps_value) return 0;
    for (int32_t u = picks[i].first - (picks[i].first > 0); u <= picks[i].last; u++)
      if (mst__unit_at(d, u)->guard & MST__MATHS) return 0;
  }
  return 1;
}

static int is_quiet(const mst__doc *d, const mst__unit *u) {
  return mst__type_of(d, u)->ascii && u->end - u->begin >= 2 && !u->guard;
}

/* Bytes outside which picks in units first .. last change no token of maths: the scanner forgets
 * what stands before two words, and two words end what it was in (scan.c). */
static span window_of(const mst__doc *d, int32_t first, int32_t last) {
  span w = {0, d->text.len};
  if (d->signs & MST__WHOLE) return w;
  for (int64_t i = first - 1; i > 0; i--) {
    const mst__unit *u = mst__unit_at(d, i);
    if (!is_quiet(d, u) || !is_quiet(d, u - 1)) continue;
    w.begin = u->begin;
    break;
  }
  for (int64_t i = last + 2; i < d->units.n; i++) {
    const mst__unit *u = mst__unit_at(d, i);
    if (!is_quiet(d, u) || !is_quiet(d, u - 1)) continue;
    w.end = u->begin;
    break;
  }
  return w;
}

mst_status mst__copy_check(mst__doc *d, const mst_edits *out, const mst__pick *picks, int n,
                           int *same) {
  span old[MST__MAX_PICKS], new[MST__MAX_PICKS];
  *same = 1;
  if (changes_nothing(d, picks, n)) return MST_OK;
  const mst_slice text = {d->copy.data, (int64_t)d->copy.size_bytes};
  span was = window_of(d, picks[0].first, picks[n - 1].last);
  span is = {was.begin, was.end + text.len - d->text.len};
  if (mst__scans_whole((mst_slice){text.ptr + is.begin, is.end - is.begin})) {
    was = (span){0, d->text.len};
    is = (span){0, text.len};
  }
  const mst_status st = mst__scan(text, is.begin, is.end, &d->scanned);
  const int n_spans = kept_spans(d, out, picks, n, old, new);
  if (!st)
    *same =
        fingerprint(&d->tokens, was, old, n_spans) == fingerprint(&d->scanned, is, new, n_spans);
  return st;
}

static int is_new(const mst__doc *d, uint64_t hash) {
  for (int64_t i = 0; i < d->seen.n; i++)
    if (*MST__AT(d->seen, uint64_t, i) == hash) return 0;
  return 1;
}

static mst_status remember(mst__doc *d, uint64_t hash) {
  uint64_t *seen = mst__list_add(&d->seen, sizeof *seen);
  if (!seen) return MST_E_NOMEM;
  *seen = hash;
  return MST_OK;
}

static mst_status store(mst__doc *d, int64_t doc, int32_t copy, const mst__pick *picks, int n,
                        mst_edits *out) {
  const mst_status st = reserve(out, n);
  if (st) return st;
  out->copy[out->n_copies++] =
      (mst_copy){.doc = doc, .copy = copy, .n_edits = n, .first_edit = out->n_edits};
  for (int i = 0; i < n; i++) {
    const int32_t pos = mst__unit_at(d, picks[i].first)->piece;
    const int32_t last = mst__unit_at(d, picks[i].last)->piece;
    out->edit[out->n_edits++] =
        (mst_edit){pos, last - pos + 1, picks[i].replacement, picks[i].rule};
  }
  return MST_OK;
}

/* How an attempt ended. */
typedef enum outcome { MADE, WITHOUT, DUPLICATE, UNSAFE } outcome;

static mst_status attempt(mst__doc *d, int64_t doc, const mst__draws *draws, mst_edits *out,
                          outcome *how) {
  mst__pick picks[MST__MAX_PICKS];
  int n = 0, same = 0;
  *how = WITHOUT;
  mst_status st = mst__choose(d, draws, out, picks, &n);
  if (st || !n) return st;
  st = mst__copy_write(d, out, picks, n);
  if (st) return st;
  const uint64_t hash = mst_hash64(d->copy.data, d->copy.size_bytes, 0);
  *how = DUPLICATE;
  if (!is_new(d, hash)) return MST_OK;
  st = mst__copy_check(d, out, picks, n, &same);
  *how = same ? MADE : UNSAFE;
  if (!st && same) st = remember(d, hash);
  return st || !same ? st : store(d, doc, (int32_t)draws->copy, picks, n, out);
}

/* Try a copy a few times; what an attempt in vain has written is taken back. */
static mst_status make_copy(mst__doc *d, int64_t doc, mst__draws *draws, mst_edits *out) {
  outcome how = d->n_possible ? DUPLICATE : WITHOUT;
  mst_status st = MST_OK;
  const int n_attempts = d->seen.n <= d->n_possible ? MST__MAX_ATTEMPTS : 0;
  for (int a = 0; !st && a < n_attempts; a++) {
    const int64_t n_strings = out->n_strings;
    const size_t size = out->bytes.size_bytes;
    draws->base = (uint64_t)a << 16;
    st = attempt(d, doc, draws, out, &how);
    if (!st && how == MADE) return MST_OK;
    out->n_strings = n_strings;
    out->bytes.size_bytes = size;
  }
  out->n_without += how == WITHOUT;
  out->n_duplicates += how == DUPLICATE;
  out->n_unsafe += how == UNSAFE;
  return st;
}

/* At least as many different copies as there can be, up to many: each candidate is left out or
 * writes one of its alternatives. With operations that make spellings there is no telling. */
static int64_t count_possible(const mst__doc *d) {
  const uint32_t noise = ~(((uint32_t)1 << MST_OP_INSERTION) - 1);
  int64_t n = 1;
  if (d->batch->a->wanted & noise) return INT64_MAX - 1;
  for (int64_t i = 0; i < d->candidates.n && n < 1 << 20; i++)
    n *= 1 + MST__AT(d->candidates, mst__candidate, i)->n_alts;
  return n - 1;
}

mst_status mst__copies_make(mst__doc *d, int64_t doc, const mst_augment_record *record,
                            uint64_t seed, mst_edits *out) {
  if (record->n_copies <= 0) return MST_OK;
  out->n_wanted += record->n_copies;
  d->seen.n = 0;
  d->n_possible = count_possible(d);
  mst_status st = remember(d, mst_hash64(d->text.ptr, (size_t)d->text.len, 0));
  for (int32_t copy = 1; !st && copy <= record->n_copies; copy++) {
    mst__draws draws = {seed, record->id, (uint32_t)copy, 0};
    st = make_copy(d, doc, &draws, out);
  }
  return st;
}

mst_status mst_augment_records(const mst_augment_batch *batch, const mst_augment_record *records,
                               uint64_t seed, int64_t first, int64_t last, mst_edits *out) {
  mst__doc d;
  mst_status st = MST_OK;
  mst__doc_init(&d, batch);
  mst__edits_forget(out);
  for (int64_t doc = first; !st && doc < last; doc++) {
    if (records[doc].n_copies <= 0) continue;
    st = mst__doc_open(&d, doc, records[doc].label);
    if (!st) st = mst__copies_make(&d, doc, &records[doc], seed, out);
  }
  mst__doc_fini(&d);
  if (st) mst__edits_forget(out);
  return st;
}
