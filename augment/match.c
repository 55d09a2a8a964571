/* match.c: finds what rules and lexicons could write in a document: what matches (body/match.h),
 * less what touches something protected. */
#include <string.h>

#include "engine.h"

enum { FIRST_ROOM = 64 /* for matches of a document */ };

int mst__is_part(const mst__doc *d, int64_t first, int64_t last, int hyphens) {
  return mst_body_is_part(d->batch->type, d->units.items, d->units.n, first, last, hyphens);
}

mst__case mst__text_case(const mst__doc *d, int32_t first, int32_t last) {
  int long_capitals = 0, other = 0;
  for (int32_t i = first; i <= last; i++) {
    const mst__unit *u = mst__unit_at(d, i);
    if (mst__type_of(d, u)->kind != MST_PIECE_WORD || mst__type_of(d, u)->letters == MST__NO_LETTER)
      continue;
    long_capitals |= mst__type_of(d, u)->letters == MST__CAPITALS;
    other |= mst__type_of(d, u)->letters == MST__SMALL ||
             (mst__type_of(d, u)->letters == MST__CAPITAL && u->end - u->begin > 1);
  }
  if (long_capitals && !other) return MST__UPPER_ALL;
  const mst__letters letters = (mst__letters)mst__type_of(d, mst__unit_at(d, first))->letters;
  if (letters == MST__CAPITAL || letters == MST__CAPITALS) return MST__UPPER_FIRST;
  return letters == MST__SMALL ? MST__LOWER_FIRST : MST__AS_IS;
}

/* Mark what phrases protect, and drop the candidates that touch what is protected. */
static void drop_guarded(mst__doc *d) {
  mst__candidate *c = d->candidates.items;
  int64_t n = 0;
  for (int64_t i = 0; i < d->candidates.n; i++) {
    if (c[i].kind != MST_OP_N) continue;
    d->is_guarded = 1;
    for (int32_t u = c[i].first; u <= c[i].last; u++) mst__unit_at(d, u)->guard |= MST__USER;
  }
  if (!d->is_guarded) return;
  for (int64_t i = 0; i < d->candidates.n; i++) {
    int touched = c[i].kind == MST_OP_N;
    for (int32_t u = c[i].first; u <= c[i].last; u++)
      touched |= mst__unit_at(d, u)->guard & MST__USER;
    if (!touched) c[n++] = c[i];
  }
  d->candidates.n = n;
}

int32_t mst__n_words(const mst__doc *d, int32_t first, int32_t last) {
  int32_t n = 0;
  for (int32_t u = first; u <= last; u++)
    n += mst__type_of(d, mst__unit_at(d, u))->kind == MST_PIECE_WORD;
  return n;
}

/* What drawing needs to know. */
static mst_status lay_out_choices(mst__doc *d) {
  const mst_augmenter *a = d->batch->a;
  const mst__candidate *c = d->candidates.items;
  d->choices.n = 0;
  if (mst__list_reserve(&d->choices, d->candidates.n, sizeof(mst_candidate))) return MST_E_NOMEM;
  mst_candidate *to = d->choices.items;
  for (int64_t i = 0; i < d->candidates.n; i++, c++)
    to[i] = (mst_candidate){.first = c->first,
                            .last = c->last,
                            .n_words = mst__n_words(d, c->first, c->last),
                            .n_alts = c->n_alts,
                            .kind = (int32_t)c->kind,
                            .weight = c->weight,
                            .p = c->p};
  d->choices.n = d->candidates.n;
  d->limit = (int32_t)(a->program.max_change_frac * d->n_words);
  d->noise = 0;
  for (int op = MST_OP_INSERTION; a->wanted >> op && op < MST_OP_N; op++)
    if (a->wanted >> op & 1 && mst__noise_can(d, (mst_operation)op)) d->noise |= 1u << op;
  return MST_OK;
}

/* Behind the search: what is protected, and what drawing needs to know. */
static mst_status finish(mst__doc *d) {
  const mst_augmenter *a = d->batch->a;
  const int noise = a->wanted >> MST_OP_INSERTION != 0;
  mst_status st = MST_OK;
  if (a->rules->n_expressions && (noise || d->candidates.n)) st = mst__guard_expressions(d);
  if (st) return st;
  drop_guarded(d);
  return lay_out_choices(d);
}

mst_status mst__match(mst__doc *d) {
  mst_body_matching m = {.s = &d->batch->matches,
                         .text = d->text.ptr,
                         .unit = d->units.items,
                         .n_units = (int32_t)d->units.n,
                         .token = d->tokens.items,
                         .label = d->label,
                         .any_label = d->any_label};
  do { /* a second time where there was no room */
    d->candidates.n = d->captures.n = 0;
    if (mst__list_reserve(&d->candidates, m.n + FIRST_ROOM, sizeof(mst__candidate)) ||
        mst__list_reserve(&d->captures, m.n_captures + FIRST_ROOM, sizeof(mst__capture)))
      return MST_E_NOMEM;
    m.match = d->candidates.items;
    m.capture = d->captures.items;
    m.room = d->candidates.capacity;
    m.capture_room = d->captures.capacity;
    mst_body_match_all(&m);
  } while (m.n > m.room || m.n_captures > m.capture_room);
  d->candidates.n = m.n;
  d->captures.n = m.n_captures;
  return finish(d);
}

mst_status mst__match_take(mst__doc *d, const mst_match *match, int64_t n,
                           const mst_capture *capture, int64_t n_captures) {
  d->candidates.n = d->captures.n = 0;
  if (mst__list_reserve(&d->candidates, n, sizeof *match) ||
      mst__list_reserve(&d->captures, n_captures, sizeof *capture))
    return MST_E_NOMEM;
  if (n) memcpy(d->candidates.items, match, (size_t)n * sizeof *match);
  if (n_captures) memcpy(d->captures.items, capture, (size_t)n_captures * sizeof *capture);
  d->candidates.n = n;
  d->captures.n = n_captures;
  return finish(d);
}
