/* choose.c: draws a copy's edits from what could be written. */
#include <string.h>

#include "engine.h"
#include "misstep/rng.h"

/* Draws of one attempt: 0 the number of edits, 16 a turn from 16 on (step, operation, candidate,
 * alternative, details), and one a candidate from CONSIDERED on. */
enum { OF_TURN = 16, CONSIDERED = 4096, TURNS = 64 };

uint64_t mst__draw(const mst__draws *draws, uint32_t k) {
  return mst_rng_u64(draws->seed, MST_RNG_AUGMENT, draws->record, draws->copy, draws->base + k);
}

uint32_t mst__draw_below(const mst__draws *draws, uint32_t k, uint64_t n) {
  if (n == 1) return 0; /* what the draw would give; draws are indexed, so none is shifted */
  return (uint32_t)mst_rng_below(n, draws->seed, MST_RNG_AUGMENT, draws->record, draws->copy,
                                 draws->base + k);
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

/* Which candidates are considered in this attempt; their weights by operation. */
static void open_all(mst__doc *d, const mst__draws *draws, uint64_t sum[MST_OP_N]) {
  const mst__candidate *c = d->candidates.items;
  memset(d->open, 1, (size_t)d->candidates.n);
  memcpy(sum, d->weight, sizeof d->weight);
  if (d->certain) return;
  for (int64_t i = 0; i < d->candidates.n; i++, c++) {
    if (c->p == UINT64_MAX || mst__draw(draws, (uint32_t)(CONSIDERED + i)) < c->p) continue;
    d->open[i] = 0;
    sum[c->operation] -= c->weight;
  }
}

/* Close the candidates that touch a pick. */
static void close_touched(mst__doc *d, const mst__pick *pick, uint64_t sum[MST_OP_N]) {
  const mst__candidate *c = d->candidates.items;
  for (int64_t i = 0; i < d->candidates.n && c[i].first <= pick->last; i++) {
    if (c[i].last < pick->first || !d->open[i]) continue;
    d->open[i] = 0;
    sum[c[i].operation] -= c[i].weight;
  }
}

static int is_ruled(int op) { return op < MST_OP_INSERTION; }

/* Draw one of the operations of a step that can do something; MST_OP_N: none can. */
static mst_operation draw_operation(const mst__doc *d, const mst_step *step,
                                    const mst__draws *draws, uint32_t k, const uint64_t *open) {
  uint64_t total = 0, sum[MST_OP_N];
  int n = 0;
  mst_operation only = MST_OP_N;
  for (int op = 0; op < MST_OP_N; op++) {
    const int can =
        step->weight[op] && (is_ruled(op) ? open[op] > 0 : mst__noise_can(d, (mst_operation)op));
    total += can ? step->weight[op] : 0;
    sum[op] = total;
    n += can;
    if (can) only = (mst_operation)op;
  }
  if (n < 2) return only;
  const uint32_t at = mst__draw_below(draws, k, total);
  int op = 0;
  while (sum[op] <= at) op++;
  return (mst_operation)op;
}

/* Write one alternative as a replacement: one of the rules' own, or a new string. */
static mst_status write_pick(const mst__doc *d, const mst__candidate *c, int32_t alt,
                             mst_edits *out, mst__pick *pick) {
  const mst_rules *r = d->batch->a->rules;
  *pick = (mst__pick){
      .first = c->first, .last = c->last, .rule = c->rule, .keeps_value = c->keeps_value};
  const mst__case text_case = mst__text_case(d, c->first, c->last);
  if (c->operation != MST_OP_LEXICON) {
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

/* Draw a candidate of one operation by weight, then one of its alternatives. */
static mst_status pick_candidate(const mst__doc *d, mst_operation op, uint64_t total,
                                 const mst__draws *draws, uint32_t k, mst_edits *out,
                                 mst__pick *picks, int *n) {
  const uint8_t *open = d->open;
  uint64_t at = mst__draw_below(draws, k, total);
  const mst__candidate *c = d->candidates.items;
  for (;; c++, open++) {
    if (!*open || c->operation != op) continue;
    if (at < c->weight) break;
    at -= c->weight;
  }
  int32_t alt = c->first_alt;
  if (c->n_alts > 1) alt += (int32_t)mst__draw_below(draws, k + 1, (uint64_t)c->n_alts);
  return write_pick(d, c, alt, out, &picks[(*n)++]);
}

/* Words that picks replace. */
static int n_changed(const mst__doc *d, const mst__pick *picks, int n) {
  int words = 0;
  for (int i = 0; i < n; i++)
    for (int32_t u = picks[i].first; u <= picks[i].last; u++)
      words += mst__unit_at(d, u)->type->kind == MST_PIECE_WORD;
  return words;
}

/* One turn of the program: none, one or two picks. */
static mst_status take_turn(mst__doc *d, const mst_step *step, const mst__draws *draws, uint32_t k,
                            const uint64_t open[MST_OP_N], mst_edits *out, mst__pick *picks,
                            int *n) {
  if (step->p != UINT64_MAX && mst__draw(draws, k) >= step->p) return MST_OK;
  const mst_operation op = draw_operation(d, step, draws, k + 1, open);
  if (op == MST_OP_N) return MST_OK;
  if (is_ruled((int)op)) return pick_candidate(d, op, open[op], draws, k + 2, out, picks, n);
  return mst__noise(d, op, draws, k + 2, out, picks, n);
}

static void sort_picks(mst__pick *picks, int n) {
  for (int i = 1; i < n; i++) {
    const mst__pick pick = picks[i];
    int k = i;
    for (; k > 0 && picks[k - 1].first > pick.first; k--) picks[k] = picks[k - 1];
    picks[k] = pick;
  }
}

mst_status mst__choose(mst__doc *d, const mst__draws *draws, mst_edits *out,
                       mst__pick picks[MST__MAX_PICKS], int *n_picks) {
  const mst_program *p = &d->batch->a->program;
  const int wanted =
      p->min_edits +
      (int)mst__draw_below(draws, 0, (uint64_t)p->max_edits - (uint64_t)p->min_edits + 1);
  const int limit = (int)(p->max_change_frac * d->n_words);
  uint64_t open[MST_OP_N];
  mst_status st = MST_OK;
  int n = 0, idle = 0;
  open_all(d, draws, open);
  for (int turn = 0; !st && turn < TURNS && n < wanted && idle < p->n_steps; turn++) {
    const int before = n;
    const mst_step *step = &p->step[turn % p->n_steps];
    st = take_turn(d, step, draws, (uint32_t)(OF_TURN * (turn + 1)), open, out, picks, &n);
    if (before && n > before && n_changed(d, picks, n) > limit) {
      n = before;
      break;
    }
    for (int i = before; i < n; i++) close_touched(d, &picks[i], open);
    idle = n > before ? 0 : idle + 1;
  }
  *n_picks = n;
  if (st || !n) return st;
  sort_picks(picks, n);
  return mst__articles(d, out, picks, n_picks);
}
