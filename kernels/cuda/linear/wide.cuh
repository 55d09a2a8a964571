/* wide.cuh: logistic regressions as the columns of one W, on the device. Internal.
 *
 * Column j = fit * C + class, so that the classes of a fit stand side by side; all dense matrices
 * are row-major with q columns: [D x q] by rows of X, [(V+1) x q] by terms with the bias last. Sums
 * over rows are doubles in a fixed order: the same bits in every run.
 *
 * In: the problem on the host (misstep/logistic.h). Out: Z = X W, gradients, curvature, losses.
 * Next stage: newton.cu puts them together.
 */
#ifndef MISSTEP_CUDA_LINEAR_WIDE_CUH
#define MISSTEP_CUDA_LINEAR_WIDE_CUH

#include "cuda/linear/sparse.cuh"
#include "misstep/logistic.h"

enum { MST__WIDE_BLOCK = 256 };

/* What the kernels know of the columns at hand: fits first_fit .. first_fit + n_fits - 1. */
typedef struct mst__wide_shape {
  int64_t n_rows, n_terms; /* D, V */
  int32_t n_classes, first_fit, n_fits, n_all_fits;
  int32_t q; /* n_fits * n_classes */
  int32_t multinomial;
  float c, bias;
  const int32_t *label, *fold; /* [D]; fold NULL: no row is held out */
  const float *weight;         /* [D]; NULL: 1 each */
  /* Of a block (misstep/logistic.h); scale NULL: none. */
  int64_t first_own, first_disputed;
  const float *scale;    /* [D x n_all_fits] */
  const uint8_t *chosen; /* [(V - first_disputed) x n_all_fits] */
} mst__wide_shape;

typedef struct mst__wide {
  mst_backend *backend;
  mst__wide_shape shape;
  mst__sparse shared, own; /* columns before first_own, and from there on */
  mst__cuda_scratch<int32_t> label, fold;
  mst__cuda_scratch<float> scale, weight;
  mst__cuda_scratch<uint8_t> chosen;
  mst__cuda_scratch<double> partial; /* of sums */
  mst__cuda_scratch<float> factor;   /* [2 x q] */

  explicit mst__wide(mst_backend *backend)
      : backend(backend), shape(), shared(backend), own(backend), label(backend), fold(backend),
        scale(backend), weight(backend), chosen(backend), partial(backend), factor(backend) {}
} mst__wide;

/* room.cu: MST_E_NOMEM where the device has not the room that one fit at a time needs at least;
 * the message says what is needed, what is free and what to do. */
mst_status mst__wide_room(const mst_backend *backend, const mst_logistic_problem *problem,
                          int with_decision);

/* The same message, for a fit that did not find room although the least was there: MST_E_NOMEM. */
mst_status mst__wide_no_room(const mst_backend *backend, const mst_logistic_problem *problem,
                             int with_decision);

/* wide.cu: bring the problem to the device; no columns are chosen yet. Errors of
 * mst__sparse_init. */
mst_status mst__wide_init(mst__wide *w, const mst_logistic_problem *problem,
                          const mst_logistic_options *options);

/* Choose the fits to work on. MST_E_NOMEM. */
mst_status mst__wide_choose(mst__wide *w, int32_t first_fit, int32_t n_fits);

/* Z = X W with the bias, as each fit sees X; d_spare [D x q] is overwritten. */
mst_status mst__wide_margins(mst__wide *w, const float *d_w, float *d_z, float *d_spare);

/* G = X^T R + A with the bias, 0 where a fit has no such term; R is overwritten. A: [(V+1) x q]. */
mst_status mst__wide_gradient(mst__wide *w, float *d_r, const float *d_a, float *d_g);

/* out = a x + b y, with a and b [q] of the host; y and b may be NULL. n rows. */
mst_status mst__wide_combine(mst__wide *w, int64_t n, float *d_out, const float *a,
                             const float *d_x, const float *b, const float *d_y);

/* dot[j] = sum over n rows of x(i,j) * y(i,j). */
mst_status mst__wide_dots(mst__wide *w, int64_t n, const float *d_x, const float *d_y, double *dot);

/* loss.cu: slopes R = C (p - y) and what curvature needs: C p (1 - p), or multinomial p; of rows
 * that a fit holds out 0. C is the row's: times its weight. */
mst_status mst__wide_slopes(mst__wide *w, const float *d_z, float *d_r, float *d_curve);

/* T = (second derivatives) V, row by row. */
mst_status mst__wide_bend(mst__wide *w, const float *d_curve, const float *d_v, float *d_t);

/* loss[j] = C times the losses at z; or, with V, what they change by from z to z + step[j] v. A
 * multinomial fit's stands at its first class, 0 at the others. */
mst_status mst__wide_losses(mst__wide *w, const float *d_z, const float *d_v, const float *step,
                            double *loss);

/* wide.cu: rows of Z to decisions [D x C]: those of the fit that has not seen the row, where it is
 * among those at hand. Rows of W to the coefficients [V x C] and intercepts [C] of fit 0. */
mst_status mst__wide_decide(mst__wide *w, const float *d_z, float *d_decision);
mst_status mst__wide_keep(mst__wide *w, const float *d_w, float *d_coef, float *d_intercept);

#endif
