/* multinomial_body.h: the two loops over the rows for a panel that is one fit of all classes.
 *
 * Dual coordinate descent by rows. The weights are w = sum of beta_d * (x_d, bias), and at the
 * optimum beta_d = C (y_d - softmax(z_d)), with y_d the row's class as 0 and 1. A visit moves z_d
 * to what row d alone would want, the others' part of it, o_d = z_d - |x_d|^2 beta_d, being held:
 *
 *     minimise over z  C (ln sum exp z_k - z_y) + |z - o_d|^2 / (2 |x_d|^2)
 *
 * by Newton's method, whose matrix is a diagonal less a product, so that a step costs as much as a
 * look. What z moved by, divided by |x_d|^2, is what beta_d moves by: taken from C (y - softmax(z))
 * it would be wrong by C |x_d|^2 / 4 times what z is wrong by, and rounds would go in circles.
 */
#ifndef MISSTEP_LINEAR_MULTINOMIAL_BODY_H
#define MISSTEP_LINEAR_MULTINOMIAL_BODY_H

#include "panel_body.h"

enum { MST__NEWTON_STEPS = 8 };
#define MST__FAR 1e30f /* further than any margin */

/* Lanes in their order, so that a sum's bits do not depend on the vector unit. Unused lanes hold
 * 0. */
MST__INLINE float mst__lanes_sum(const mst__f8 *x, int n) {
  float sum = 0;
  for (int j = 0; j < n; j++)
    for (int lane = 0; lane < MST__LANES; lane++) sum += x[j][lane];
  return sum;
}

MST__INLINE float mst__lanes_max(const mst__f8 *x, int n) {
  float most = -MST__FAR;
  for (int j = 0; j < n; j++)
    for (int lane = 0; lane < MST__LANES; lane++) most = x[j][lane] > most ? x[j][lane] : most;
  return most;
}

/* Which lanes have a class, and which the row's. */
MST__INLINE mst__i8 mst__lanes_used(const mst__panel *panel, int j) {
  return ((const mst__i8_loose *)(const void *)panel->class_of)[j] >= mst__i8_all(0);
}

MST__INLINE mst__f8 mst__lanes_label(const mst__panel *panel, int32_t label, int j) {
  const mst__i8 mine =
      ((const mst__i8_loose *)(const void *)panel->class_of)[j] == mst__i8_all(label);
  return mst__f8_select(mine, mst__f8_all(1.0f), mst__f8_all(0.0f));
}

/* p = softmax(z) over the used lanes, 0 elsewhere. Returns ln sum exp z. */
MST__INLINE float mst__lanes_softmax(const mst__panel *panel, const mst__f8 *z, int n, mst__f8 *p) {
  mst__f8 known[MST__VECTORS_MAX];
  for (int j = 0; j < n; j++)
    known[j] = mst__f8_select(mst__lanes_used(panel, j), z[j], mst__f8_all(-MST__FAR));
  const float most = mst__lanes_max(known, n);
  for (int j = 0; j < n; j++)
    p[j] = mst__f8_select(mst__lanes_used(panel, j), mst__f8_exp(z[j] - most), mst__f8_all(0.0f));
  const float sum = mst__lanes_sum(p, n);
  for (int j = 0; j < n; j++) p[j] /= sum;
  return most + mst__f8_log(mst__f8_all(sum))[0];
}

/* What a row wants: see above. */
typedef struct mst__wish {
  const mst__f8 *others; /* z_d - |x_d|^2 beta_d */
  float c, square;
  int32_t label;
} mst__wish;

/* Newton's step from z, whose softmax is p, written to step; no lane by more than 2, within which a
 * softmax keeps its shape. Returns the longest lane's length. */
MST__INLINE float mst__wish_step(const mst__panel *panel, const mst__wish *wish, const mst__f8 *z,
                                 const mst__f8 *p, int n, mst__f8 *step) {
  const float tight = 1.0f / wish->square;
  mst__f8 g[MST__VECTORS_MAX], by[MST__VECTORS_MAX], part[MST__VECTORS_MAX];
  for (int j = 0; j < n; j++) {
    g[j] = wish->c * (p[j] - mst__lanes_label(panel, wish->label, j)) +
           tight * (z[j] - wish->others[j]);
    g[j] = mst__f8_select(mst__lanes_used(panel, j), g[j], mst__f8_all(0.0f));
    by[j] = 1.0f / (wish->c * p[j] + tight);
    part[j] = p[j] * by[j] * g[j];
  }
  const float pull = mst__lanes_sum(part, n);
  /* 1 - C p.(p by), which is tight p.by as p sums to 1: nothing cancels. */
  for (int j = 0; j < n; j++) part[j] = p[j] * by[j];
  const float factor = wish->c * pull / (tight * mst__lanes_sum(part, n));
  for (int j = 0; j < n; j++) {
    step[j] = -by[j] * (g[j] + factor * p[j]);
    part[j] = mst__f8_abs(step[j]);
  }
  const float longest = mst__lanes_max(part, n);
  for (int j = 0; j < n && longest > 2.0f; j++) step[j] *= 2.0f / longest;
  return longest;
}

/* Move z to what the row wants. */
MST__INLINE void mst__wish_solve(const mst__panel *panel, const mst__wish *wish, int n,
                                 mst__f8 *z) {
  mst__f8 p[MST__VECTORS_MAX], step[MST__VECTORS_MAX];
  float longest = 1;
  for (int i = 0; i < MST__NEWTON_STEPS && longest > 0.25f; i++) {
    (void)mst__lanes_softmax(panel, z, n, p);
    longest = mst__wish_step(panel, wish, z, p, n, step);
    for (int j = 0; j < n; j++) z[j] += step[j];
  }
}

MST__INLINE void mst__multinomial_visit(mst__panel *panel, const mst__logistic *problem, int64_t d,
                                        int n) {
  if (problem->fold && problem->fold[d] == panel->held[0]) return;
  mst__f8 *w = (mst__f8 *)(void *)panel->weight;
  mst__f8 *beta = (mst__f8 *)(void *)panel->dual + d * n;
  mst__f8 z[MST__VECTORS_MAX], others[MST__VECTORS_MAX];
  mst__f8 delta[MST__VECTORS_MAX], scale[MST__VECTORS_MAX], square[MST__VECTORS_MAX];
  mst__panel_gather(panel, problem, d, n, scale, square);
  mst__panel_margin(panel, problem, d, n, scale, z);
  const float length = square[0][0] > 1e-6f ? square[0][0] : 1e-6f; /* an empty row without bias */
  for (int j = 0; j < n; j++) {
    others[j] = z[j] - length * beta[j];
    delta[j] = z[j];
  }
  const float cost = problem->c * mst__row_weight(problem, d);
  const mst__wish wish = {others, cost, length, problem->label[d]};
  mst__wish_solve(panel, &wish, n, z);
  for (int j = 0; j < n; j++) {
    delta[j] = (z[j] - delta[j]) / length;
    beta[j] += delta[j];
    w[problem->x->n_cols * n + j] += problem->bias * delta[j];
  }
  mst__panel_move(panel, problem, d, n, scale, delta);
}

MST__INLINE void mst__multinomial_pass_body(mst__panel *panel, const mst__logistic *problem,
                                            int n) {
  for (int64_t at = 0; at < problem->x->n_rows; at++) {
    mst__panel_prefetch(panel, problem->x, at, n);
    mst__multinomial_visit(panel, problem, panel->order[at], n);
  }
}

/* Add row d's loss and duality gap, KL(a, softmax(z)) with a = y - beta / C: both without their C
 * but with the row's weight, which C has too. */
MST__INLINE void mst__multinomial_measure(const mst__panel *panel, const mst__logistic *problem,
                                          int64_t d, int n, double *loss, double *gap) {
  if (problem->fold && problem->fold[d] == panel->held[0]) return;
  const mst__f8 *beta = (const mst__f8 *)(const void *)panel->dual + d * n;
  mst__f8 z[MST__VECTORS_MAX], p[MST__VECTORS_MAX], own[MST__VECTORS_MAX], far[MST__VECTORS_MAX];
  mst__f8 scale[MST__VECTORS_MAX], square[MST__VECTORS_MAX];
  const float weight = mst__row_weight(problem, d), cost = problem->c * weight;
  mst__panel_gather(panel, problem, d, n, scale, square);
  mst__panel_margin(panel, problem, d, n, scale, z);
  const float all = mst__lanes_softmax(panel, z, n, p);
  const mst__f8 zero = mst__f8_all(0.0f), least = mst__f8_all(1e-30f);
  for (int j = 0; j < n; j++) {
    const mst__f8 y = mst__lanes_label(panel, problem->label[d], j), a = y - beta[j] / cost;
    const mst__f8 away = mst__f8_divergence(mst__f8_select(a > zero, a, zero),
                                            mst__f8_select(p[j] > least, p[j], least));
    far[j] = mst__f8_select(mst__lanes_used(panel, j), away, zero);
    own[j] = mst__f8_select(y > zero, z[j], zero);
  }
  *loss += (double)(weight * (all - mst__lanes_sum(own, n)));
  *gap += (double)(weight * mst__lanes_sum(far, n));
}

/* Sums over rows, then over terms, in their order: loss and gap (times C by the caller), |w|^2. */
MST__INLINE void mst__multinomial_check_body(const mst__panel *panel, const mst__logistic *problem,
                                             int n, double *loss, double *gap, double *norm) {
  *loss = *gap = *norm = 0;
  for (int64_t d = 0; d < problem->x->n_rows; d++) {
    if (d + MST__AHEAD_WEIGHTS < problem->x->n_rows)
      mst__panel_prefetch_weights(panel, problem->x, d + MST__AHEAD_WEIGHTS, n);
    mst__multinomial_measure(panel, problem, d, n, loss, gap);
  }
  const int64_t n_weights = (problem->x->n_cols + 1) * panel->n_lanes;
  for (int64_t i = 0; i < n_weights; i++) *norm += (double)panel->weight[i] * panel->weight[i];
}

#endif
