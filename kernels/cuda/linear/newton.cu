/* newton.cu: Newton's method with conjugate gradients and a line search, for all columns at once.
 *
 * A group is what is minimised together: a column, or (multinomial) the C columns of a fit. Every
 * group starts at zero and takes its own steps; a product serves all groups, also those that are
 * done, so a fit takes as many rounds as its slowest group. Per round: one product each for Z and
 * the gradient, two for a step of conjugate gradients.
 *
 * A group is done when its gap is proven: with a_d = C times the loss' slope at z_d as dual
 * variables, P(w) - D(a) is half the squared length of P's gradient.
 */
#include "cuda/linear/wide.cuh"

#include <stdio.h>

#include "cuda/operations.h"
#include "misstep/log.h"

enum { CG_MOST = 25, HALVINGS = 20 };
#define CG_TOLERANCE 0.01 /* of the squared residual */
#define DESCENT 1e-4      /* share of the promised descent that a step must bring */

/* Dense matrices of the columns at hand, and per column what the host decides by. */
typedef struct newton {
  mst__wide *wide;
  const mst_logistic_options *options;
  int32_t q, group;                                                   /* columns, and of a group */
  mst__cuda_scratch<float> w, g, step, residual, direction, bent;     /* [(V+1) x q] */
  mst__cuda_scratch<float> z, r, curve, spare;                        /* [D x q] */
  void *block;                                                        /* the arrays below, owned */
  double *loss, *gg, *ww, *rr, *rr_next, *db, *ws, *ss, *gs, *change; /* [q] */
  double *objective, *tolerance;                                      /* [q] */
  float *a, *b;                                                       /* [q] */
  int *active, *open, *stuck; /* [q] not done; taking part in the loop at hand; cannot go further */

  newton(mst__wide *wide, const mst_logistic_options *options)
      : wide(wide), options(options), q(0), group(1), w(wide->backend), g(wide->backend),
        step(wide->backend), residual(wide->backend), direction(wide->backend), bent(wide->backend),
        z(wide->backend), r(wide->backend), curve(wide->backend), spare(wide->backend),
        block(NULL) {}
  ~newton() { mst_free(block); }
} newton;

static mst_status make_host(newton *n) {
  enum { DOUBLES = 12, FLOATS = 2, INTS = 3 };
  const size_t q = (size_t)n->q;
  n->block =
      mst_alloc_zero(q, DOUBLES * sizeof(double) + FLOATS * sizeof(float) + INTS * sizeof(int));
  if (!n->block) return MST_E_NOMEM;
  double *d = static_cast<double *>(n->block);
  double **const doubles[DOUBLES] = {&n->loss,    &n->gg,     &n->ww,        &n->rr,
                                     &n->rr_next, &n->db,     &n->ws,        &n->ss,
                                     &n->gs,      &n->change, &n->objective, &n->tolerance};
  for (int i = 0; i < DOUBLES; i++) *doubles[i] = d + (size_t)i * q;
  float *f = reinterpret_cast<float *>(d + DOUBLES * q);
  n->a = f;
  n->b = f + q;
  int *const k = reinterpret_cast<int *>(f + FLOATS * q);
  n->active = k;
  n->open = k + q;
  n->stuck = k + 2 * q;
  return MST_OK;
}

static mst_status make_device(newton *n) {
  const mst__wide_shape &s = n->wide->shape;
  mst__cuda_scratch<float> *const tall[] = {&n->w,        &n->g,         &n->step,
                                            &n->residual, &n->direction, &n->bent};
  mst__cuda_scratch<float> *const wide[] = {&n->z, &n->r, &n->curve, &n->spare};
  for (mst__cuda_scratch<float> *m : tall) MST_TRY(m->alloc((s.n_terms + 1) * s.q));
  for (mst__cuda_scratch<float> *m : wide) MST_TRY(m->alloc(s.n_rows * s.q));
  return MST_CUDA(cudaMemsetAsync(n->w.ptr, 0, (size_t)((s.n_terms + 1) * s.q) * sizeof(float),
                                  mst__cuda(n->wide->backend)->stream));
}

/* Sum each group's columns; all of them get the sum. */
static void sum_groups(const newton *n, double *x) {
  for (int32_t j = 0; j < n->q; j += n->group) {
    double sum = 0;
    for (int32_t k = j; k < j + n->group; k++) sum += x[k];
    for (int32_t k = j; k < j + n->group; k++) x[k] = sum;
  }
}

static mst_status dots(newton *n, const float *d_x, const float *d_y, double *dot) {
  MST_TRY(mst__wide_dots(n->wide, n->wide->shape.n_terms + 1, d_x, d_y, dot));
  sum_groups(n, dot);
  return MST_OK;
}

static mst_status combine(newton *n, float *d_out, const float *d_x, const float *d_y) {
  return mst__wide_combine(n->wide, n->wide->shape.n_terms + 1, d_out, n->a, d_x, d_y ? n->b : NULL,
                           d_y);
}

/* Where the columns stand: Z, gradient, curvature, objectives, and who is done. */
static mst_status look(newton *n, int *n_active) {
  mst__wide *wide = n->wide;
  MST_TRY(mst__wide_margins(wide, n->w.ptr, n->z.ptr, n->spare.ptr));
  MST_TRY(mst__wide_losses(wide, n->z.ptr, NULL, NULL, n->loss));
  sum_groups(n, n->loss);
  MST_TRY(mst__wide_slopes(wide, n->z.ptr, n->r.ptr, n->curve.ptr));
  MST_TRY(mst__wide_gradient(wide, n->r.ptr, n->w.ptr, n->g.ptr));
  MST_TRY(dots(n, n->g.ptr, n->g.ptr, n->gg));
  MST_TRY(dots(n, n->w.ptr, n->w.ptr, n->ww));
  *n_active = 0;
  for (int32_t j = 0; j < n->q; j++) {
    n->objective[j] = n->loss[j] + 0.5 * n->ww[j];
    n->active[j] = 0.5 * n->gg[j] > n->options->eps * n->objective[j] && !n->stuck[j];
    *n_active += n->active[j];
  }
  return MST_OK;
}

/* bent = (1 + X^T curvature X) direction. */
static mst_status bend(newton *n) {
  MST_TRY(mst__wide_margins(n->wide, n->direction.ptr, n->r.ptr, n->spare.ptr));
  MST_TRY(mst__wide_bend(n->wide, n->curve.ptr, n->r.ptr, n->spare.ptr));
  return mst__wide_gradient(n->wide, n->spare.ptr, n->direction.ptr, n->bent.ptr);
}

/* One step of conjugate gradients; *n_open columns go on. */
static mst_status cg_step(newton *n, int *n_open) {
  MST_TRY(bend(n));
  MST_TRY(dots(n, n->direction.ptr, n->bent.ptr, n->db));
  for (int32_t j = 0; j < n->q; j++) {
    n->a[j] = 1;
    n->b[j] = n->open[j] && n->db[j] > 0 ? (float)(n->rr[j] / n->db[j]) : 0;
  }
  MST_TRY(combine(n, n->step.ptr, n->step.ptr, n->direction.ptr));
  for (int32_t j = 0; j < n->q; j++) n->b[j] = -n->b[j];
  MST_TRY(combine(n, n->residual.ptr, n->residual.ptr, n->bent.ptr));
  MST_TRY(dots(n, n->residual.ptr, n->residual.ptr, n->rr_next));
  *n_open = 0;
  for (int32_t j = 0; j < n->q; j++) {
    const int goes_on = n->open[j] && n->rr_next[j] > n->tolerance[j];
    n->a[j] = goes_on ? 1 : 0;
    n->b[j] = goes_on ? (float)(n->rr_next[j] / n->rr[j]) : 0;
    n->rr[j] = n->rr_next[j];
    n->open[j] = goes_on;
    *n_open += goes_on;
  }
  return combine(n, n->direction.ptr, n->residual.ptr, n->direction.ptr);
}

/* step: about where the quadratic model of every active group has its minimum. */
static mst_status find_step(newton *n) {
  int n_open = 0;
  for (int32_t j = 0; j < n->q; j++) {
    n->a[j] = n->active[j] ? -1 : 0;
    n->rr[j] = n->active[j] ? n->gg[j] : 0;
    n->tolerance[j] = CG_TOLERANCE * n->rr[j];
    n->open[j] = n->rr[j] > 0;
    n_open += n->open[j];
  }
  MST_TRY(combine(n, n->residual.ptr, n->g.ptr, NULL));
  MST_TRY(combine(n, n->direction.ptr, n->g.ptr, NULL));
  for (int32_t j = 0; j < n->q; j++) n->a[j] = 0;
  MST_TRY(combine(n, n->step.ptr, n->g.ptr, NULL));
  for (int i = 0; i < CG_MOST && n_open; i++) MST_TRY(cg_step(n, &n_open));
  return MST_OK;
}

/* b: how much of its step each group takes: the first of 1, 1/2, 1/4 ... that brings enough; where
 * none does, floats go no further. */
static mst_status search_line(newton *n) {
  MST_TRY(mst__wide_margins(n->wide, n->step.ptr, n->r.ptr, n->spare.ptr));
  MST_TRY(dots(n, n->w.ptr, n->step.ptr, n->ws));
  MST_TRY(dots(n, n->step.ptr, n->step.ptr, n->ss));
  MST_TRY(dots(n, n->g.ptr, n->step.ptr, n->gs));
  int n_open = 0;
  for (int32_t j = 0; j < n->q; j++) {
    n->open[j] = n->active[j];
    n->b[j] = n->active[j] ? 1 : 0;
    n_open += n->open[j];
  }
  for (int i = 0; i < HALVINGS && n_open; i++) {
    MST_TRY(mst__wide_losses(n->wide, n->z.ptr, n->r.ptr, n->b, n->change));
    sum_groups(n, n->change);
    n_open = 0;
    for (int32_t j = 0; j < n->q; j++) {
      if (!n->open[j]) continue;
      const double t = n->b[j], change = n->change[j] + t * n->ws[j] + 0.5 * t * t * n->ss[j];
      if (change <= DESCENT * t * n->gs[j]) n->open[j] = 0;
      else n->b[j] /= 2;
      n_open += n->open[j];
    }
  }
  for (int32_t j = 0; j < n->q; j++) {
    if (n->open[j]) n->b[j] = 0;
    n->stuck[j] |= n->open[j];
    n->a[j] = 1;
  }
  return MST_OK;
}

/* What a fit's results are gathered in on the device, and how far it is. */
typedef struct gathered {
  mst__cuda_scratch<float> coef, intercept, decision;
  double *objective; /* [C] of fit 0 */
  int64_t n_done, n_short, n_columns;

  explicit gathered(mst_backend *backend)
      : coef(backend), intercept(backend), decision(backend), objective(NULL), n_done(0),
        n_short(0), n_columns(0) {}
  ~gathered() { mst_free(objective); }
} gathered;

static mst_status minimise(newton *n, const gathered *to) {
  int n_active = 0;
  char detail[32];
  for (int32_t round = 0;; round++) {
    (void)snprintf(detail, sizeof detail, "pass %d", round);
    MST_TRY(mst_progress("linear fits", to->n_done, to->n_columns, detail));
    MST_TRY(look(n, &n_active));
    if (!n_active || round == n->options->max_iter) return MST_OK;
    MST_TRY(find_step(n));
    MST_TRY(search_line(n));
    MST_TRY(combine(n, n->w.ptr, n->w.ptr, n->step.ptr));
  }
}

/* Fit the columns of some fits, and put what is wanted of them where it is gathered. */
static mst_status fit_some(mst__wide *wide, const mst_logistic_options *options, int32_t first_fit,
                           int32_t n_fits, gathered *to) {
  MST_TRY(mst__wide_choose(wide, first_fit, n_fits));
  newton n(wide, options);
  n.q = wide->shape.q;
  n.group = wide->shape.multinomial ? wide->shape.n_classes : 1;
  MST_TRY(make_host(&n));
  MST_TRY(make_device(&n));
  MST_TRY(minimise(&n, to));
  MST_TRY(mst__wide_keep(wide, n.w.ptr, to->coef.ptr, to->intercept.ptr));
  if (to->decision.ptr) MST_TRY(mst__wide_decide(wide, n.z.ptr, to->decision.ptr));
  for (int32_t j = 0; j < n.q; j++) {
    if (!first_fit && j < wide->shape.n_classes) to->objective[j] = n.objective[j];
    to->n_short += 0.5 * n.gg[j] > options->eps * n.objective[j];
  }
  to->n_done += n.q;
  return MST_OK;
}

/* All fits together; where there is no room for them, half as many at a time, down to one. */
static mst_status fit_all(mst__wide *wide, const mst_logistic_options *options, gathered *to) {
  int32_t at_once = wide->shape.n_all_fits;
  for (int32_t fit = 0; fit < wide->shape.n_all_fits;) {
    const int32_t n_left = wide->shape.n_all_fits - fit, n = n_left < at_once ? n_left : at_once;
    const int64_t n_refused = mst__cuda(wide->backend)->n_refused;
    const mst_status st = fit_some(wide, options, fit, n, to);
    if (st == MST_E_NOMEM && mst__cuda(wide->backend)->n_refused > n_refused && n > 1) {
      at_once = (n + 1) / 2;
      continue;
    }
    if (st) return st;
    fit += n;
  }
  return MST_OK;
}

/* The device that the weights lie on, as CUDA has it. */
static mst_status read_device(const float *d_coef, char *device) {
  cudaPointerAttributes about;
  MST_TRY(MST_CUDA(cudaPointerGetAttributes(&about, d_coef)));
  (void)snprintf(device, 32, "cuda:%d", about.device);
  return MST_OK;
}

static mst_status hand_out(mst_backend *backend, const mst__wide_shape &s, const gathered &from,
                           const mst_logistic_result *to) {
  const size_t n_classes = (size_t)s.n_classes, size = sizeof(float);
  MST_TRY(
      mst__cuda_to_host(backend, to->coef, from.coef.ptr, (size_t)s.n_terms * n_classes * size));
  MST_TRY(mst__cuda_to_host(backend, to->intercept, from.intercept.ptr, n_classes * size));
  if (to->decision)
    MST_TRY(mst__cuda_to_host(backend, to->decision, from.decision.ptr,
                              (size_t)s.n_rows * n_classes * size));
  for (size_t k = 0; to->objective && k < n_classes; k++) to->objective[k] = from.objective[k];
  return MST_OK;
}

static mst_status fit(mst_backend *backend, const mst_logistic_problem *problem,
                      const mst_logistic_options *options, const mst_logistic_result *result,
                      char *device) {
  mst__wide wide(backend);
  gathered to(backend);
  char read[32];
  const mst__wide_shape &s = wide.shape;
  MST_TRY(mst__wide_init(&wide, problem, options));
  to.n_columns = (int64_t)s.n_all_fits * s.n_classes;
  to.objective = static_cast<double *>(mst_alloc((size_t)s.n_classes, sizeof *to.objective));
  if (!to.objective) return MST_E_NOMEM;
  MST_TRY(to.coef.alloc(s.n_terms * s.n_classes));
  MST_TRY(to.intercept.alloc(s.n_classes));
  if (result->decision) MST_TRY(to.decision.alloc(s.n_rows * s.n_classes));
  MST_TRY(fit_all(&wide, options, &to));
  MST_TRY(read_device(to.coef.ptr, read));
  MST_TRY(hand_out(backend, s, to, result));
  (void)snprintf(device, sizeof read, "%s", read);
  if (to.n_short)
    mst_log(MST_LOG_WARNING, "linear fits: %lld of %lld had not reached eps %g after %d passes",
            (long long)to.n_short, (long long)to.n_columns, options->eps, options->max_iter);
  return MST_OK;
}

mst_status mst__cuda_logistic_fit(mst_backend *backend, const mst_logistic_problem *problem,
                                  const mst_logistic_options *options,
                                  const mst_logistic_result *result, char *device) {
  const int64_t n_refused = mst__cuda(backend)->n_refused;
  MST_TRY(mst__wide_room(backend, problem, result->decision != NULL));
  const mst_status st = fit(backend, problem, options, result, device);
  if (st != MST_E_NOMEM || mst__cuda(backend)->n_refused == n_refused) return st;
  return mst__wide_no_room(backend, problem, result->decision != NULL);
}
