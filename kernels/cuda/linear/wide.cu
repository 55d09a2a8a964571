/* wide.cu: the wide problem on the device: products with every fit's own X, sums of columns.
 *
 * All kernels: thread per element of a dense matrix, block 256.
 * margin_kernel    4 + 4 read, 4 written, + 4 + 4 where there is a block
 * rescale_kernel   4 + 4 read, 4 written
 * gradient_kernel  4 + 4 read, 4 written
 * combine_kernel   4 + 4 read, 4 written
 * decide_kernel, keep_kernel  4 read, 4 written
 */
#include "cuda/linear/sums.cuh"

__device__ static inline int64_t at_thread(void) {
  return (int64_t)blockIdx.x * MST__WIDE_BLOCK + threadIdx.x;
}

__device__ static inline float scale_at(const mst__wide_shape &s, int64_t d, int32_t j) {
  return s.scale[d * s.n_all_fits + s.first_fit + j / s.n_classes];
}

/* Add the bias' part, and the part of the fit's own columns. */
__global__ void __launch_bounds__(MST__WIDE_BLOCK)
    margin_kernel(const __grid_constant__ mst__wide_shape s, const float *w, const float *own,
                  float *z) {
  const int64_t i = at_thread();
  if (i >= s.n_rows * s.q) return;
  const int32_t j = (int32_t)(i % s.q);
  float sum = z[i] + s.bias * w[s.n_terms * s.q + j];
  if (own) sum += scale_at(s, i / s.q, j) * own[i];
  z[i] = sum;
}

__global__ void __launch_bounds__(MST__WIDE_BLOCK)
    rescale_kernel(const __grid_constant__ mst__wide_shape s, float *r) {
  const int64_t i = at_thread();
  if (i < s.n_rows * s.q) r[i] *= scale_at(s, i / s.q, (int32_t)(i % s.q));
}

/* Add a; the last row is the bias' and comes from sums over the rows. */
__global__ void __launch_bounds__(MST__WIDE_BLOCK)
    gradient_kernel(const __grid_constant__ mst__wide_shape s, const float *sums, const float *a,
                    float *g) {
  const int64_t i = at_thread();
  if (i >= (s.n_terms + 1) * s.q) return;
  const int64_t t = i / s.q;
  const int32_t j = (int32_t)(i % s.q);
  const int64_t disputed = t - s.first_disputed;
  if (t == s.n_terms) g[i] = s.bias * sums[j] + a[i];
  else if (disputed >= 0 && !s.chosen[disputed * s.n_all_fits + s.first_fit + j / s.n_classes])
    g[i] = 0;
  else g[i] += a[i];
}

__global__ void __launch_bounds__(MST__WIDE_BLOCK)
    combine_kernel(int64_t n, int32_t q, const float *factor, const float *x, const float *y,
                   float *out) {
  const int64_t i = at_thread();
  if (i >= n) return;
  const int32_t j = (int32_t)(i % q);
  out[i] = factor[j] * x[i] + (y ? factor[q + j] * y[i] : 0);
}

__global__ void __launch_bounds__(MST__WIDE_BLOCK)
    decide_kernel(const __grid_constant__ mst__wide_shape s, const float *z, float *decision) {
  const int64_t i = at_thread();
  if (i >= s.n_rows * s.n_classes) return;
  const int64_t d = i / s.n_classes;
  const int32_t fit = (s.fold ? s.fold[d] + 1 : 0) - s.first_fit;
  if (fit >= 0 && fit < s.n_fits)
    decision[i] = z[d * s.q + fit * s.n_classes + (int32_t)(i % s.n_classes)];
}

/* Fit 0's columns are the first ones of W. */
__global__ void __launch_bounds__(MST__WIDE_BLOCK)
    keep_kernel(const __grid_constant__ mst__wide_shape s, const float *w, float *coef,
                float *intercept) {
  const int64_t i = at_thread();
  if (i >= (s.n_terms + 1) * s.n_classes) return;
  const int64_t t = i / s.n_classes, k = i % s.n_classes;
  if (t < s.n_terms) coef[i] = w[t * s.q + k];
  else intercept[k] = s.bias * w[t * s.q + k];
}

static mst_status send_block(mst__wide *w, const mst_logistic_problem *p) {
  const mst_logistic_block *b = p->block;
  mst__wide_shape *s = &w->shape;
  s->first_own = s->first_disputed = p->x->n_cols;
  if (!b) return MST_OK;
  s->first_own = b->first;
  s->first_disputed = b->first_disputed;
  const int64_t n_disputed = p->x->n_cols - b->first_disputed;
  MST_TRY(mst__cuda_send_array(&w->scale, b->scale, p->x->n_rows * s->n_all_fits));
  if (n_disputed) MST_TRY(mst__cuda_send_array(&w->chosen, b->chosen, n_disputed * s->n_all_fits));
  s->scale = w->scale.ptr;
  s->chosen = w->chosen.ptr;
  return mst__sparse_init(&w->own, p->x, b->first, p->x->n_cols);
}

mst_status mst__wide_init(mst__wide *w, const mst_logistic_problem *p,
                          const mst_logistic_options *options) {
  mst__wide_shape *s = &w->shape;
  s->n_rows = p->x->n_rows;
  s->n_terms = p->x->n_cols;
  s->n_classes = p->n_classes;
  s->n_all_fits = 1 + p->n_folds;
  s->multinomial = options->loss == MST_LOSS_MULTINOMIAL;
  s->c = (float)options->c;
  s->bias = options->bias < 0 ? 0 : (float)options->bias;
  MST_TRY(send_block(w, p));
  MST_TRY(mst__sparse_init(&w->shared, p->x, 0, s->first_own));
  MST_TRY(mst__cuda_send_array(&w->label, p->label, s->n_rows));
  s->label = w->label.ptr;
  if (p->weight) MST_TRY(mst__cuda_send_array(&w->weight, p->weight, s->n_rows));
  s->weight = w->weight.ptr;
  if (!p->fold) return MST_OK;
  MST_TRY(mst__cuda_send_array(&w->fold, p->fold, s->n_rows));
  s->fold = w->fold.ptr;
  return MST_OK;
}

mst_status mst__wide_choose(mst__wide *w, int32_t first_fit, int32_t n_fits) {
  mst__wide_shape *s = &w->shape;
  s->first_fit = first_fit;
  s->n_fits = n_fits;
  s->q = n_fits * s->n_classes;
  MST_TRY(w->partial.alloc(mst__sum_room(max(s->n_rows, s->n_terms + 1), s->q)));
  return w->factor.alloc(2 * s->q);
}

static int64_t blocks_for(int64_t n) { return mst__cuda_blocks(n, MST__WIDE_BLOCK); }

mst_status mst__wide_margins(mst__wide *w, const float *d_w, float *d_z, float *d_spare) {
  const mst__wide_shape s = w->shape;
  MST_TRY(mst__sparse_times(&w->shared, 0, d_w, s.q, d_z));
  if (s.scale) MST_TRY(mst__sparse_times(&w->own, 0, d_w + s.first_own * s.q, s.q, d_spare));
  return MST_LAUNCH(w->backend, margin_kernel, blocks_for(s.n_rows * s.q), MST__WIDE_BLOCK, s, d_w,
                    s.scale ? d_spare : NULL, d_z);
}

typedef struct sum_of_floats {
  const float *x;
  int32_t q;
  __device__ double operator()(int64_t i, int32_t j) const { return (double)x[i * q + j]; }
} sum_of_floats;

/* The host's floats [n] to w->factor from place `at` on. */
static mst_status send_factors(mst__wide *w, int32_t at, const float *from) {
  return mst__cuda_to_home(w->backend, w->factor.ptr + at, from, (size_t)w->shape.q * sizeof *from);
}

/* The bias' part of X^T R, to w->factor. */
static mst_status sum_rows(mst__wide *w, const float *d_r) {
  const int32_t q = w->shape.q;
  double *sums = static_cast<double *>(mst_alloc((size_t)q, sizeof *sums));
  float *rounded = static_cast<float *>(mst_alloc((size_t)q, sizeof *rounded));
  mst_status st = sums && rounded ? MST_OK : MST_E_NOMEM;
  if (!st) st = mst__columns_sum(w, sum_of_floats{d_r, q}, w->shape.n_rows, sums);
  for (int32_t j = 0; !st && j < q; j++) rounded[j] = (float)sums[j];
  if (!st) st = send_factors(w, 0, rounded);
  mst_free(sums);
  mst_free(rounded);
  return st;
}

mst_status mst__wide_gradient(mst__wide *w, float *d_r, const float *d_a, float *d_g) {
  const mst__wide_shape s = w->shape;
  MST_TRY(sum_rows(w, d_r));
  MST_TRY(mst__sparse_times(&w->shared, 1, d_r, s.q, d_g));
  if (s.scale) {
    MST_TRY(MST_LAUNCH(w->backend, rescale_kernel, blocks_for(s.n_rows * s.q), MST__WIDE_BLOCK, s,
                       d_r));
    MST_TRY(mst__sparse_times(&w->own, 1, d_r, s.q, d_g + s.first_own * s.q));
  }
  return MST_LAUNCH(w->backend, gradient_kernel, blocks_for((s.n_terms + 1) * s.q), MST__WIDE_BLOCK,
                    s, w->factor.ptr, d_a, d_g);
}

mst_status mst__wide_combine(mst__wide *w, int64_t n, float *d_out, const float *a,
                             const float *d_x, const float *b, const float *d_y) {
  const int32_t q = w->shape.q;
  MST_TRY(send_factors(w, 0, a));
  if (b) MST_TRY(send_factors(w, q, b));
  return MST_LAUNCH(w->backend, combine_kernel, blocks_for(n * q), MST__WIDE_BLOCK, n * q, q,
                    w->factor.ptr, d_x, d_y, d_out);
}

typedef struct sum_of_products {
  const float *x, *y;
  int32_t q;
  __device__ double operator()(int64_t i, int32_t j) const {
    return (double)x[i * q + j] * (double)y[i * q + j];
  }
} sum_of_products;

mst_status mst__wide_dots(mst__wide *w, int64_t n, const float *d_x, const float *d_y,
                          double *dot) {
  return mst__columns_sum(w, sum_of_products{d_x, d_y, w->shape.q}, n, dot);
}

mst_status mst__wide_decide(mst__wide *w, const float *d_z, float *d_decision) {
  return MST_LAUNCH(w->backend, decide_kernel, blocks_for(w->shape.n_rows * w->shape.n_classes),
                    MST__WIDE_BLOCK, w->shape, d_z, d_decision);
}

mst_status mst__wide_keep(mst__wide *w, const float *d_w, float *d_coef, float *d_intercept) {
  if (w->shape.first_fit) return MST_OK;
  return MST_LAUNCH(w->backend, keep_kernel,
                    blocks_for((w->shape.n_terms + 1) * w->shape.n_classes), MST__WIDE_BLOCK,
                    w->shape, d_w, d_coef, d_intercept);
}
