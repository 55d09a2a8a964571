/* choose.h: draws the edits of one attempt at a copy. One body for host and device.
 *
 * The caller asks for turns until the end and says of each what it took, so that kinds without
 * candidates (spelling noise) can be its own affair.
 *
 *     mst_body_choice_begin(&c);
 *     while ((kind = mst_body_choice_turn(&c, own, &choice)) != MST_BODY_END)
 *       ... mst_body_choice_take(&c, n, n_words), mst_body_choice_close(&c, first, last)
 */
#ifndef MISSTEP_BODY_CHOOSE_H
#define MISSTEP_BODY_CHOOSE_H

#include <stdint.h>

#include "misstep/choices.h"
#include "misstep/host_device.h"
#include "misstep/rng.h"

/* Draws of one attempt: 0 the number of choices, 16 a turn from 16 on (step, kind, candidate,
 * alternative, details), and one a candidate from CONSIDERED on. */
enum { MST_BODY_OF_TURN = 16, MST_BODY_CONSIDERED = 4096, MST_BODY_TURNS = 64 };

/* What a turn gave in place of a kind. */
enum { MST_BODY_IDLE = -1, MST_BODY_END = -2 };

/* Where the draws of one attempt come from. */
typedef struct mst_body_draws {
  uint64_t seed, record;
  uint32_t copy;
  uint64_t base; /* of the attempt */
} mst_body_draws;

/* One attempt. What comes before the line is the caller's. */
typedef struct mst_body_choice {
  const mst_choice_program *program;
  const mst_candidate *candidate;
  int32_t n_candidates;
  int32_t limit;
  uint8_t *open; /* [n_candidates] room to work in */
  mst_body_draws draws;
  /* ---- */
  uint64_t sum[MST_CHOICE_KINDS]; /* weights of the open candidates */
  int32_t wanted, n, n_words, turn, idle;
} mst_body_choice;

/* Draw k (below 2^16) as 64 bits, or as a number below n. */
MST_HD static inline uint64_t mst_body_draw(const mst_body_draws *d, uint32_t k) {
  return mst_rng_u64(d->seed, MST_RNG_AUGMENT, d->record, d->copy, d->base + k);
}

MST_HD static inline uint32_t mst_body_draw_below(const mst_body_draws *d, uint32_t k, uint64_t n) {
  if (n == 1) return 0; /* what the draw would give; draws are indexed, so none is shifted */
  return (uint32_t)mst_rng_below(n, d->seed, MST_RNG_AUGMENT, d->record, d->copy, d->base + k);
}

/* Open the candidates that this attempt considers. */
MST_HD static inline void mst_body_choice_begin(mst_body_choice *c) {
  const mst_choice_program *p = c->program;
  c->wanted =
      p->min + (int32_t)mst_body_draw_below(&c->draws, 0, (uint64_t)p->max - (uint64_t)p->min + 1);
  c->n = c->n_words = c->turn = c->idle = 0;
  for (int k = 0; k < MST_CHOICE_KINDS; k++) c->sum[k] = 0;
  for (int32_t i = 0; i < c->n_candidates; i++) {
    const mst_candidate *t = &c->candidate[i];
    c->open[i] =
        t->p == UINT64_MAX || mst_body_draw(&c->draws, MST_BODY_CONSIDERED + (uint32_t)i) < t->p;
    if (c->open[i]) c->sum[t->kind] += t->weight;
  }
}

/* Draw one of the kinds of a step that can do something.
 *   own  bits of kinds without candidates that can */
MST_HD static inline int mst_body_choice_kind(const mst_body_choice *c, const mst_choice_step *step,
                                              uint32_t k, uint32_t own) {
  const int n_kinds = c->program->n_kinds, n_ruled = c->program->n_ruled;
  uint64_t total = 0, at = 0;
  int n = 0, only = MST_BODY_IDLE;
  for (int kind = 0; kind < n_kinds; kind++) {
    const int can = kind < n_ruled ? c->sum[kind] > 0 : (int)(own >> kind & 1);
    if (!can || !step->weight[kind]) continue;
    total += step->weight[kind];
    only = kind;
    n++;
  }
  if (n < 2) return only;
  at = mst_body_draw_below(&c->draws, k, total);
  for (int kind = 0; kind < n_kinds; kind++) {
    const int can = kind < n_ruled ? c->sum[kind] > 0 : (int)(own >> kind & 1);
    if (!can || !step->weight[kind]) continue;
    if (at < step->weight[kind]) return kind;
    at -= step->weight[kind];
  }
  return only;
}

/* Draw an open candidate of one kind by weight, then one of its alternatives. */
MST_HD static inline mst_choice mst_body_choice_pick(const mst_body_choice *c, int kind,
                                                     uint32_t k) {
  uint64_t at = mst_body_draw_below(&c->draws, k, c->sum[kind]);
  mst_choice choice = {0, 0};
  for (;; choice.candidate++) {
    const mst_candidate *t = &c->candidate[choice.candidate];
    if (!c->open[choice.candidate] || t->kind != kind) continue;
    if (at < t->weight) break;
    at -= t->weight;
  }
  const int32_t n_alts = c->candidate[choice.candidate].n_alts;
  if (n_alts > 1) choice.alt = (int32_t)mst_body_draw_below(&c->draws, k + 1, (uint64_t)n_alts);
  return choice;
}

/* The first draw of a turn's details: those of a kind that is the caller's own begin there. */
MST_HD static inline uint32_t mst_body_choice_details(const mst_body_choice *c) {
  return (uint32_t)(MST_BODY_OF_TURN * c->turn) + 2;
}

/* The next turn: a kind, whose choice was drawn if it is below n_ruled; IDLE; END. */
MST_HD static inline int mst_body_choice_turn(mst_body_choice *c, uint32_t own,
                                              mst_choice *choice) {
  const mst_choice_program *p = c->program;
  if (c->turn == MST_BODY_TURNS || c->n >= c->wanted || c->idle >= p->n_steps) return MST_BODY_END;
  const mst_choice_step *step = &p->step[c->turn++ % p->n_steps];
  const uint32_t k = (uint32_t)(MST_BODY_OF_TURN * c->turn);
  if (step->p != UINT64_MAX && mst_body_draw(&c->draws, k) >= step->p) return MST_BODY_IDLE;
  const int kind = mst_body_choice_kind(c, step, k + 1, own);
  if (kind >= 0 && kind < p->n_ruled) *choice = mst_body_choice_pick(c, kind, k + 2);
  return kind;
}

/* Take the n choices of a turn, which change n_words; 0: they are too much, the copy ends without
 * them. */
MST_HD static inline int mst_body_choice_take(mst_body_choice *c, int n, int32_t n_words) {
  if (c->n && n && c->n_words + n_words > c->limit) return 0;
  c->n += n;
  c->n_words += n_words;
  c->idle = n ? 0 : c->idle + 1;
  return 1;
}

/* Close the candidates that touch units first .. last. */
MST_HD static inline void mst_body_choice_close(mst_body_choice *c, int32_t first, int32_t last) {
  for (int32_t i = 0; i < c->n_candidates && c->candidate[i].first <= last; i++) {
    if (c->candidate[i].last < first || !c->open[i]) continue;
    c->open[i] = 0;
    c->sum[c->candidate[i].kind] -= c->candidate[i].weight;
  }
}

/* A whole attempt of a program whose kinds all have candidates: the number of choices made. */
MST_HD static inline int mst_body_choose(mst_body_choice *c, mst_choice *made) {
  mst_choice choice = {0, 0};
  mst_body_choice_begin(c);
  for (;;) {
    const int kind = mst_body_choice_turn(c, 0, &choice);
    if (kind == MST_BODY_END) return c->n;
    if (kind == MST_BODY_IDLE) {
      (void)mst_body_choice_take(c, 0, 0);
      continue;
    }
    const mst_candidate *t = &c->candidate[choice.candidate];
    if (!mst_body_choice_take(c, 1, t->n_words)) return c->n;
    made[c->n - 1] = choice;
    mst_body_choice_close(c, t->first, t->last);
  }
}

#endif
