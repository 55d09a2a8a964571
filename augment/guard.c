/* guard.c: lays a document open and marks what no edit may change. */
#include <string.h>

#include "engine.h"

void mst__doc_init(mst__doc *d, const mst_augment_batch *batch) {
  *d = (mst__doc){.batch = batch};
  mst_buffer_init(&d->copy, SIZE_MAX / 4, "a copy");
  mst_buffer_init(&d->scratch, SIZE_MAX / 4, "a text");
}

void mst__doc_fini(mst__doc *d) {
  mst__list *const lists[] = {&d->units,   &d->tokens, &d->candidates, &d->captures,
                              &d->scanned, &d->seen,   &d->choices};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) mst__list_fini(lists[i]);
  mst_buffer_fini(&d->copy);
  mst_buffer_fini(&d->scratch);
}

/* Mark the units that bytes begin .. end touch; returns the first one that ends behind begin. */
static int64_t mark(mst__doc *d, int64_t begin, int64_t end, uint8_t guard) {
  int64_t low = 0, high = d->units.n;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (mst__unit_at(d, middle)->end <= begin) low = middle + 1;
    else high = middle;
  }
  for (int64_t i = low; i < d->units.n && mst__unit_at(d, i)->begin < end; i++)
    mst__unit_at(d, i)->guard |= guard;
  return low;
}

/* Mark $...$, \(...\), \[...\], and commands with what they command. */
static void mark_latex(mst__doc *d) {
  const uint8_t *p = d->text.ptr;
  for (int64_t i = 0; i < d->text.len; i++) {
    if (p[i] != '$' && p[i] != '\\') continue;
    int64_t end = i + 1;
    const uint8_t second = i + 1 < d->text.len ? p[i + 1] : 0;
    const uint8_t close = p[i] == '$' ? '$' : second == '(' ? ')' : second == '[' ? ']' : 0;
    if (close) {
      int64_t k = i + 1 + (p[i] == '\\');
      while (k < d->text.len && !(p[k] == close && (p[i] == '$' || p[k - 1] == '\\'))) k++;
      end = k < d->text.len ? k + 1 : end;
    } else {
      while (end < d->text.len && (p[end] | 0x20) >= 'a' && (p[end] | 0x20) <= 'z') end++;
    }
    (void)mark(d, i, end, MST__MATHS);
    i = end - 1;
  }
}

/* Could the expression match somewhere? What begins with maths begins in a unit with some. */
static int leads_in(const mst__doc *d, const mst__lead *lead) {
  if (!lead->is_maths) return mst__lead_in(lead, d->text, 0, d->text.len);
  const mst__unit *u = d->units.items, *end = u + d->units.n;
  for (; d->signs & MST__MATHSY && u < end; u++)
    if (mst__type_of(d, u)->signs & MST__MATHSY && mst__lead_in(lead, d->text, u->begin, u->end))
      return 1;
  return 0;
}

/* Mark what one expression matches. */
static mst_status guard_expression(mst__doc *d, const regex_t *expression) {
  regmatch_t m;
  int64_t at = 0;
  d->scratch.size_bytes = 0;
  mst_status st = mst_buffer_append(&d->scratch, d->text.ptr, (size_t)d->text.len);
  if (!st) st = mst_buffer_append(&d->scratch, "", 1);
  if (st) return st;
  const char *text = (const char *)d->scratch.data;
  while (at < d->text.len && !regexec(expression, text + at, 1, &m, at ? REG_NOTBOL : 0)) {
    (void)mark(d, at + m.rm_so, at + m.rm_eo, MST__USER);
    d->is_guarded = 1;
    at += m.rm_eo > m.rm_so ? m.rm_eo : m.rm_so + 1;
  }
  return MST_OK;
}

mst_status mst__guard_expressions(mst__doc *d) {
  const mst_rules *r = d->batch->a->rules;
  mst_status st = MST_OK;
  for (int32_t i = 0; !st && i < r->n_expressions; i++)
    if (leads_in(d, &r->lead[i])) st = guard_expression(d, &r->expression[i]);
  return st;
}

static mst_status guard_maths(mst__doc *d) {
  d->tokens.n = 0;
  if (!(d->signs & MST__MATHSY)) return MST_OK;
  const mst_status st = mst__scan_units(d);
  if (st) return st;
  for (int32_t i = 0; i < d->tokens.n; i++) {
    const mst__token *t = MST__AT(d->tokens, mst__token, i);
    const int64_t first = mark(d, t->begin, t->end, MST__MATHS);
    mst__unit *u = mst__unit_at(d, first);
    if (first < d->units.n && u->begin == t->begin && u->token < 0) u->token = i;
  }
  if (d->signs & MST__LATEX) mark_latex(d);
  return MST_OK;
}

/* The pieces of a document as units. */
static mst_status open_units(mst__doc *d, int64_t doc) {
  const mst_pieces *p = d->batch->pieces;
  const int64_t from = p->doc_ptr[doc], n = p->doc_ptr[doc + 1] - from;
  int32_t at = 0, n_words = 0, signs = 0;
  uint8_t gap = 2;
  if (mst__list_reserve(&d->units, n, sizeof(mst__unit))) return MST_E_NOMEM;
  mst__unit *first = d->units.items, *u = first;
  for (int32_t i = 0; i < n; i++) {
    const uint32_t entry = p->entry[from + i];
    const mst__type *t = &d->batch->type[entry >> 1];
    const int32_t end = at + t->len;
    signs |= t->signs;
    if (t->kind == MST_PIECE_SPACE) {
      if (gap < 2) gap = t->breaks ? 2 : 1;
    } else {
      *u++ = (mst__unit){i, at, end, -1, (int32_t)(entry >> 1), gap, 0};
      n_words += t->kind == MST_PIECE_WORD;
      gap = (uint8_t)(entry & 1);
    }
    at = end + (int32_t)(entry & 1);
  }
  d->units.n = u - first;
  d->n_words = n_words;
  d->signs = signs;
  return MST_OK;
}

mst_status mst__doc_lay_open(mst__doc *d, int64_t doc, int32_t label) {
  const mst_text *text = d->batch->text;
  d->text = (mst_slice){text->bytes + text->start[doc], text->start[doc + 1] - text->start[doc]};
  if (d->text.len > INT32_MAX / 2)
    return MST_FAIL(MST_E_LIMIT, "a text of %lld bytes, at most 1 GiB can be augmented",
                    (long long)d->text.len);
  d->label = label < 0 ? 0 : (uint64_t)1 << label;
  d->any_label = label == MST_AUGMENT_ANY_LABEL;
  d->units.n = d->candidates.n = d->captures.n = 0;
  d->is_guarded = 0;
  mst_status st = open_units(d, doc);
  return st ? st : guard_maths(d);
}

mst_status mst__doc_open(mst__doc *d, int64_t doc, int32_t label) {
  const mst_status st = mst__doc_lay_open(d, doc, label);
  return st ? st : mst__match(d);
}
