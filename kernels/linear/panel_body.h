/* panel_body.h: the two loops over the rows, for a panel of n * 8 lanes.
 *
 * Dual coordinate descent. With beta_d = s_d * alpha_d the weights are w = sum of beta_d * (x_d,
 * bias), and at the optimum beta_d = C * r_d, the loss' negative slope at z_d = w.(x_d, bias):
 *
 *     r_d = 1 - sigmoid(z_d) where d is of the class, else -sigmoid(z_d)
 *
 * A visit makes one Newton step towards that for row d alone, w following at once:
 *
 *     beta_d += (C r_d - beta_d) / (1 + |x_d|^2 C sigmoid(z_d) (1 - sigmoid(z_d)))
 *
 * C is the row's: times its weight. The step ends between beta_d and C r_d, so beta_d never leaves
 * its bounds. A step that moves z_d by more than 1 may overshoot (the curvature changes e-fold over
 * that way) and is refined to the root. Rows come in a new random order each pass: a fixed one
 * needs many times the passes.
 */
#ifndef MISSTEP_LINEAR_PANEL_BODY_H
#define MISSTEP_LINEAR_PANEL_BODY_H

#include <string.h>

#include "lanes.h"
#include "panel.h"

/* How many rows ahead the weights, and the entries, of a row are called for. */
enum { MST__AHEAD_WEIGHTS = 2, MST__AHEAD_ENTRIES = 8 };

/* Ask for the weights of row d's terms early: no hardware guesses them. */
MST__INLINE void mst__panel_prefetch_weights(const mst__panel *panel, const mst_csr *x, int64_t d,
                                             int n) {
  for (int64_t e = x->row_ptr[d]; e < x->row_ptr[d + 1]; e++)
    for (int j = 0; j < n; j += 2)
      __builtin_prefetch(panel->weight + ((int64_t)x->col[e] * n + j) * MST__LANES, 1);
}

/* The same for what the pass reads after row number `at` of its random order. */
MST__INLINE void mst__panel_prefetch(const mst__panel *panel, const mst_csr *x, int64_t at, int n) {
  if (at + MST__AHEAD_ENTRIES < x->n_rows) {
    const int64_t d = panel->order[at + MST__AHEAD_ENTRIES];
    __builtin_prefetch(x->col + x->row_ptr[d]);
    __builtin_prefetch((const float *)x->val + x->row_ptr[d]);
    for (int j = 0; j < n; j += 2) __builtin_prefetch(panel->dual + (d * n + j) * MST__LANES, 1);
  }
  if (at + MST__AHEAD_WEIGHTS < x->n_rows)
    mst__panel_prefetch_weights(panel, x, panel->order[at + MST__AHEAD_WEIGHTS], n);
}

/* What each lane's fit makes of row d. */
MST__INLINE void mst__panel_gather(const mst__panel *panel, const mst__logistic *problem, int64_t d,
                                   int n, mst__f8 *scale, mst__f8 *square) {
  for (int j = 0; j < n; j++) {
    mst__f8 scales = mst__f8_all(1.0f);
    mst__f8 squares = mst__f8_all(problem->own ? 0.0f : problem->square[d]);
    for (int lane = 0; lane < MST__LANES && problem->own; lane++) {
      const int32_t fit = panel->held[j * MST__LANES + lane] + 1;
      const mst__row_of_fit *own = &problem->own[d * problem->n_fits + fit];
      scales[lane] = own->scale;
      squares[lane] = own->square;
    }
    scale[j] = scales;
    square[j] = squares;
  }
}

/* Where the entries of row d reach column `first`. */
MST__INLINE int64_t mst__row_reaches(const mst_csr *x, int64_t d, int64_t first) {
  int64_t e = x->row_ptr[d];
  while (e < x->row_ptr[d + 1] && x->col[e] < first) e++;
  return e;
}

/* z = w.(x_d, bias) for every lane, left to right after the bias; then the scaled columns, summed
 * by themselves. */
MST__INLINE void mst__panel_margin(const mst__panel *panel, const mst__logistic *problem, int64_t d,
                                   int n, const mst__f8 *scale, mst__f8 *z) {
  const mst_csr *x = problem->x;
  const mst__f8 *w = (const mst__f8 *)(const void *)panel->weight;
  const float *val = x->val;
  const int64_t own = problem->own ? mst__row_reaches(x, d, problem->first_own) : x->row_ptr[d + 1];
  for (int j = 0; j < n; j++) z[j] = problem->bias * w[x->n_cols * n + j];
  for (int64_t e = x->row_ptr[d]; e < own; e++)
    for (int j = 0; j < n; j++) z[j] += val[e] * w[(int64_t)x->col[e] * n + j];
  if (!problem->own) return;
  mst__f8 sum[4];
  for (int j = 0; j < n; j++) sum[j] = mst__f8_all(0.0f);
  for (int64_t e = own; e < x->row_ptr[d + 1]; e++)
    for (int j = 0; j < n; j++) sum[j] += val[e] * w[(int64_t)x->col[e] * n + j];
  for (int j = 0; j < n; j++) z[j] += scale[j] * sum[j];
}

/* w += x_d * delta: all columns, then those that are scaled, of which a lane may lack the last. */
MST__INLINE void mst__panel_move(mst__panel *panel, const mst__logistic *problem, int64_t d, int n,
                                 const mst__f8 *scale, mst__f8 *delta) {
  const mst_csr *x = problem->x;
  mst__f8 *w = (mst__f8 *)(void *)panel->weight;
  const mst__i8_loose *mask = (const mst__i8_loose *)(const void *)panel->mask;
  const float *val = x->val;
  int64_t e = x->row_ptr[d];
  const int64_t end = x->row_ptr[d + 1];
  const int64_t own = problem->own ? mst__row_reaches(x, d, problem->first_own) : end;
  for (; e < own; e++)
    for (int j = 0; j < n; j++) w[(int64_t)x->col[e] * n + j] += val[e] * delta[j];
  if (!problem->own) return;
  for (int j = 0; j < n; j++) delta[j] *= scale[j];
  for (; e < end && x->col[e] < problem->first_disputed; e++)
    for (int j = 0; j < n; j++) w[(int64_t)x->col[e] * n + j] += val[e] * delta[j];
  for (; e < end; e++) {
    const mst__i8_loose *mine = mask + (x->col[e] - problem->first_disputed) * n;
    for (int j = 0; j < n; j++)
      w[(int64_t)x->col[e] * n + j] += val[e] * (mst__f8)((mst__i8)delta[j] & mine[j]);
  }
}

/* One lane vector's side of a row: what a step is computed from. */
typedef struct mst__side {
  mst__i8 mine; /* -1 where the row is of the lane's class */
  mst__f8 z, beta, square;
  float c;
} mst__side;

/* g(delta) = C r(z + |x|^2 delta) - beta - delta, whose root is sought, and the Newton step to
 * it. */
MST__INLINE void mst__side_slope(const mst__side *side, mst__f8 delta, mst__f8 *g,
                                 mst__f8 *newton) {
  const mst__f8 e = mst__f8_exp(-(side->z + side->square * delta));
  const mst__f8 s = 1.0f / (1.0f + e), rest = e * s;
  const mst__f8 r = mst__f8_select(side->mine, rest, -s);
  *g = side->c * r - side->beta - delta;
  *newton = *g / (1.0f + side->square * (side->c * (s * rest)));
}

MST__INLINE int mst__i8_any(mst__i8 mask) {
  int64_t part[4];
  memcpy(part, &mask, sizeof part);
  return (part[0] | part[1] | part[2] | part[3]) != 0;
}

/* Newton's method held between bounds that close in on the root, for the lanes of `todo` only, each
 * until its own step moves z by less than 1/4. g is that of delta 0. */
MST__INLINE mst__f8 mst__side_refine(const mst__side *side, mst__i8 todo, mst__f8 g,
                                     mst__f8 delta) {
  const mst__f8 zero = mst__f8_all(0.0f), near = mst__f8_all(0.25f);
  mst__f8 low = mst__f8_select(g < zero, g, zero), high = mst__f8_select(g < zero, zero, g);
  mst__f8 last = high - low;
  for (int i = 0; i < 60 && mst__i8_any(todo); i++) {
    mst__f8 newton;
    mst__side_slope(side, delta, &g, &newton);
    low = mst__f8_select(g > zero, delta, low);
    high = mst__f8_select(g > zero, high, delta);
    const mst__i8 far = mst__f8_abs(side->square * newton) > near;
    mst__f8 next = delta + newton;
    const mst__i8 slow = mst__f8_abs(newton) > 0.5f * last; /* it could go round in circles */
    next = mst__f8_select(far & (slow | (next < low) | (next > high)), 0.5f * (low + high), next);
    last = mst__f8_abs(next - delta);
    delta = mst__f8_select(todo, next, delta);
    todo &= far;
  }
  return delta;
}

MST__INLINE void mst__panel_visit(mst__panel *panel, const mst__logistic *problem, int64_t d,
                                  int n) {
  const mst_csr *x = problem->x;
  mst__f8 *w = (mst__f8 *)(void *)panel->weight;
  mst__f8 *beta = (mst__f8 *)(void *)panel->dual + d * n;
  const mst__i8_loose *class_of = (const mst__i8_loose *)(const void *)panel->class_of;
  const mst__i8_loose *held = (const mst__i8_loose *)(const void *)panel->held;
  const mst__i8_loose *alive = (const mst__i8_loose *)(const void *)panel->alive;
  const mst__i8 label = mst__i8_all(problem->label[d]);
  const mst__i8 fold = mst__i8_all(problem->fold ? problem->fold[d] : 0);
  const float cost = problem->c * mst__row_weight(problem, d);
  mst__f8 z[4], delta[4], scale[4], square[4];
  mst__panel_gather(panel, problem, d, n, scale, square);
  mst__panel_margin(panel, problem, d, n, scale, z);
  for (int j = 0; j < n; j++) {
    const mst__side side = {
        .mine = class_of[j] == label, .z = z[j], .beta = beta[j], .square = square[j], .c = cost};
    const mst__i8 use = (held[j] != fold) & alive[j];
    mst__f8 g, step;
    mst__side_slope(&side, mst__f8_all(0.0f), &g, &step);
    const mst__i8 far = (mst__f8_abs(side.square * step) > mst__f8_all(1.0f)) & use;
    if (mst__i8_any(far)) step = mst__side_refine(&side, far, g, step);
    delta[j] = (mst__f8)((mst__i8)step & use);
    beta[j] += delta[j];
    w[x->n_cols * n + j] += problem->bias * delta[j];
  }
  mst__panel_move(panel, problem, d, n, scale, delta);
}

MST__INLINE void mst__panel_pass_body(mst__panel *panel, const mst__logistic *problem, int n) {
  for (int64_t at = 0; at < problem->x->n_rows; at++) {
    mst__panel_prefetch(panel, problem->x, at, n);
    mst__panel_visit(panel, problem, panel->order[at], n);
  }
}

/* a ln(a / p) - (a - p), without cancellation where a is near p. p > 0, a >= 0. */
MST__INLINE mst__f8 mst__f8_divergence(mst__f8 a, mst__f8 p) {
  const mst__f8 t = (a - p) / p;
  const mst__f8 series = p * t * t * (0.5f + t * (-1.0f / 6 + t * (1.0f / 12 - t * (1.0f / 20))));
  const mst__f8 ratio = a / p, least = mst__f8_all(1e-30f);
  const mst__f8 exact = a * mst__f8_log(mst__f8_select(ratio > least, ratio, least)) - (a - p);
  return mst__f8_select(mst__f8_abs(t) < mst__f8_all(0.1f), series, exact);
}

/* Add each lane's loss and duality gap of row d.
 *
 *     gap = C * KL(alpha / C, p), p = 1 / (1 + exp(u)), u = s_d z_d, C the row's
 *
 * which is the Fenchel-Young gap of the logistic loss: zero exactly where beta_d = C r_d. */
MST__INLINE void mst__panel_measure(const mst__panel *panel, const mst__logistic *problem,
                                    int64_t d, int n, mst__d8 *loss, mst__d8 *gap) {
  const mst__f8 *beta = (const mst__f8 *)(const void *)panel->dual + d * n;
  const mst__i8_loose *class_of = (const mst__i8_loose *)(const void *)panel->class_of;
  const mst__i8_loose *held = (const mst__i8_loose *)(const void *)panel->held;
  const mst__i8 label = mst__i8_all(problem->label[d]);
  const mst__i8 fold = mst__i8_all(problem->fold ? problem->fold[d] : 0);
  const float weight = mst__row_weight(problem, d), cost = problem->c * weight;
  mst__f8 z[4], scale[4], square[4];
  mst__panel_gather(panel, problem, d, n, scale, square);
  mst__panel_margin(panel, problem, d, n, scale, z);
  for (int j = 0; j < n; j++) {
    const mst__f8 u = mst__f8_select(class_of[j] == label, z[j], -z[j]);
    const mst__i8 wrong = u < mst__f8_all(0.0f), use = held[j] != fold;
    const mst__f8 v = mst__f8_exp(-mst__f8_abs(u)), large = 1.0f / (1.0f + v), small = v * large;
    const mst__f8 p = mst__f8_select(wrong, large, small), q = mst__f8_select(wrong, small, large);
    const mst__f8 row_loss =
        weight * (mst__f8_select(wrong, -u, mst__f8_all(0.0f)) + mst__f8_log(1.0f + v));
    const mst__f8 a = mst__f8_abs(beta[j]) / cost, b = 1.0f - a;
    const mst__f8 zero = mst__f8_all(0.0f);
    const mst__f8 row_gap = weight * (mst__f8_divergence(a, p) +
                                      mst__f8_divergence(mst__f8_select(b > zero, b, zero), q));
    loss[j] += __builtin_convertvector((mst__f8)((mst__i8)row_loss & use), mst__d8);
    gap[j] += __builtin_convertvector((mst__f8)((mst__i8)row_gap & use), mst__d8);
  }
}

/* Sums over rows, then over terms, in their order: loss and gap (times C by the caller), |w|^2. */
MST__INLINE void mst__panel_check_body(const mst__panel *panel, const mst__logistic *problem, int n,
                                       double *loss, double *gap, double *norm) {
  mst__d8 l[4], g[4], s[4];
  memset(l, 0, sizeof l);
  memset(g, 0, sizeof g);
  memset(s, 0, sizeof s);
  for (int64_t d = 0; d < problem->x->n_rows; d++) {
    if (d + MST__AHEAD_WEIGHTS < problem->x->n_rows)
      mst__panel_prefetch_weights(panel, problem->x, d + MST__AHEAD_WEIGHTS, n);
    mst__panel_measure(panel, problem, d, n, l, g);
  }
  const mst__f8 *w = (const mst__f8 *)(const void *)panel->weight;
  for (int64_t t = 0; t <= problem->x->n_cols; t++)
    for (int j = 0; j < n; j++) {
      const mst__d8 wide = __builtin_convertvector(w[t * n + j], mst__d8);
      s[j] += wide * wide;
    }
  memcpy(loss, l, (size_t)n * sizeof *l);
  memcpy(gap, g, (size_t)n * sizeof *g);
  memcpy(norm, s, (size_t)n * sizeof *s);
}

#endif
