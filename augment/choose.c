/* choose.c: draws a copy's edits from what could be written (body/choose.h), and writes them. */
#include "engine.h"

uint64_t mst__draw(const mst__draws *draws, uint32_t k) { return mst_body_draw(draws, k); }

uint32_t mst__draw_below(const mst__draws *draws, uint32_t k, uint64_t n) {
  return mst_body_draw_below(draws, k, n);
}

int mst__is_free(const mst__pick *picks, int n, int32_t first, int32_t last) {
  for (int i = 0; i < n; i++)
    if (first <= picks[i].last && picks[i].first <= last) return 0;
  return 1;
}

mst_status mst__string_end(mst_edits *out, mst__pick *pick) {
  if (out->n_strings == out->string_capacity) {
    const int64_t capacity = out->string_capacity ? 2 * out->string_capacity : 64;
    int64_t *string = mst_realloc(out->string, (size_t)capacity, sizeof *string);
    if (!string) return MST_E_NOMEM;
    out->string = string;
    out->string_capacity = capacity;
  }
  const int64_t from = out->n_strings ? out->string[out->n_strings - 1] : 0;
  const int64_t len = (int64_t)out->bytes.size_bytes - from;
  pick->plain = mst__is_plain((mst_slice){out->bytes.data + from, len});
  out->string[out->n_strings++] = from + len;
  pick->replacement = (int32_t)-out->n_strings;
  return MST_OK;
}

/* Write one alternative as a replacement: one of the rules' own, or a new string. */
static mst_status write_pick(const mst__doc *d, const mst__candidate *c, int32_t alt,
                             mst_edits *out, mst__pick *pick) {
  const mst_rules *r = d->batch->a->rules;
  *pick = (mst__pick){
      .first = c->first, .last = c->last, .rule = c->rule, .keeps_value = c->keeps_value};
  const mst__case text_case = mst__text_case(d, c->first, c->last);
  if (c->kind != MST_OP_LEXICON) {
    const mst__alt *a = MST__AT(r->alts, mst__alt, alt);
    const mst__target *t = &r->target[a->target];
    const mst__case how = mst__alt_case(d, c, a, text_case);
    pick->plain = t->plain;
    if (!t->has_slot && !c->n_particles) {
      pick->replacement = a->target * MST__CASES + (int32_t)how;
      return MST_OK;
    }
  }
  const mst_status st = mst__candidate_write(d, c, alt, text_case, &out->bytes);
  return st ? st : mst__string_end(out, pick);
}

/* Words that picks replace. */
static int n_changed(const mst__doc *d, const mst__pick *picks, int n) {
  int words = 0;
  for (int i = 0; i < n; i++) words += mst__n_words(d, picks[i].first, picks[i].last);
  return words;
}

/* Write what was chosen. */
static mst_status write_choice(const mst__doc *d, mst_choice choice, mst_edits *out,
                               mst__pick *pick) {
  const mst__candidate *c = MST__AT(d->candidates, mst__candidate, choice.candidate);
  return write_pick(d, c, c->first_alt + choice.alt, out, pick);
}

static void sort_picks(mst__pick *picks, int n) {
  for (int i = 1; i < n; i++) {
    const mst__pick pick = picks[i];
    int k = i;
    for (; k > 0 && picks[k - 1].first > pick.first; k--) picks[k] = picks[k - 1];
    picks[k] = pick;
  }
}

/* One turn that gave a kind: none, one or two picks. *too_much: the copy ends without them. */
static mst_status take_turn(mst__doc *d, mst_body_choice *c, int kind, mst_choice choice,
                            mst_edits *out, mst__pick *picks, int *too_much) {
  int n = c->n;
  mst_status st = MST_OK;
  if (kind >= c->program->n_ruled) {
    st = mst__noise(d, (mst_operation)kind, &c->draws, mst_body_choice_details(c), out, picks, &n);
    *too_much = !mst_body_choice_take(c, n - c->n, n_changed(d, picks + c->n, n - c->n));
  } else if (kind != MST_BODY_IDLE) {
    *too_much = !mst_body_choice_take(c, 1, c->candidate[choice.candidate].n_words);
    if (!*too_much) st = write_choice(d, choice, out, &picks[n++]);
  } else {
    (void)mst_body_choice_take(c, 0, 0);
  }
  return st;
}

/* Draw on the spot. */
static mst_status choose_here(mst__doc *d, const mst__draws *draws, mst_edits *out,
                              mst__pick *picks, int *n_picks) {
  uint8_t open[MST_MATCH_LIMIT];
  mst_choice choice = {0, 0};
  mst_body_choice c; /* its sums are cleared by its beginning, and not twice */
  mst_status st = MST_OK;
  int too_much = 0;
  c.program = &d->batch->a->choice;
  c.candidate = d->choices.items;
  c.n_candidates = (int32_t)d->choices.n;
  c.limit = d->limit;
  c.open = open;
  c.draws = *draws;
  mst_body_choice_begin(&c);
  while (!st && !too_much) {
    const int before = c.n, kind = mst_body_choice_turn(&c, d->noise, &choice);
    if (kind == MST_BODY_END) break;
    st = take_turn(d, &c, kind, choice, out, picks, &too_much);
    for (int i = before; i < c.n && c.n < c.wanted; i++)
      mst_body_choice_close(&c, picks[i].first, picks[i].last);
  }
  *n_picks = c.n;
  return st;
}

/* Write what was drawn before. */
static mst_status take_drawn(const mst__doc *d, int32_t copy, mst_edits *out, mst__pick *picks,
                             int *n_picks) {
  const mst_choice *choice = d->drawn + (int64_t)(copy - 1) * d->batch->a->choice.max;
  mst_status st = MST_OK;
  *n_picks = d->n_drawn[copy - 1];
  for (int i = 0; !st && i < *n_picks; i++) st = write_choice(d, choice[i], out, &picks[i]);
  return st;
}

mst_status mst__choose(mst__doc *d, const mst__draws *draws, mst_edits *out,
                       mst__pick picks[MST__MAX_PICKS], int *n_picks) {
  const mst_status st = d->n_drawn && !draws->base
                            ? take_drawn(d, (int32_t)draws->copy, out, picks, n_picks)
                            : choose_here(d, draws, out, picks, n_picks);
  if (st || !*n_picks) return st;
  sort_picks(picks, *n_picks);
  return mst__articles(d, out, picks, n_picks);
}
