/* loss.cu: the losses of all columns, their slopes and curvature. The only kernels with exp and
 * log: they promise an optimum, not the host's bits.
 *
 * All by thread per element (one against the rest) or per row and fit (multinomial), block 256:
 * slope_kernel   4 read, 8 written, one exp an element
 * bend_kernel    8 read, 4 written
 * columns_sum_kernel of losses  4 or 8 read, one or two exp and log1p an element (sums.cuh)
 */
#include "cuda/linear/sums.cuh"

/* Whether the fit of column j never sees row d. */
__device__ static inline int is_held(const mst__wide_shape &s, int64_t d, int32_t fit) {
  return s.fold && s.fold[d] + 1 == fit + s.first_fit;
}

/* What an error in row d costs. */
__device__ static inline float cost_of(const mst__wide_shape &s, int64_t d) {
  return s.weight ? s.c * s.weight[d] : s.c;
}

/* ln(1 + exp(-u)) */
__device__ static inline double softplus(double u) { return log1p(exp(-fabs(u))) + fmax(-u, 0.0); }

/* z + step v of class k, or z where v is NULL. */
typedef struct point {
  const float *z, *v;
  double step;
  __device__ double operator[](int32_t k) const {
    return v ? (double)z[k] + step * (double)v[k] : (double)z[k];
  }
} point;

/* ln of the sum of exp over C classes. */
__device__ static inline double log_sum(const point &z, int32_t n_classes) {
  double most = z[0], sum = 0;
  for (int32_t k = 1; k < n_classes; k++) most = z[k] > most ? z[k] : most;
  for (int32_t k = 0; k < n_classes; k++) sum += exp(z[k] - most);
  return most + log(sum);
}

__device__ static inline void slope_one(const mst__wide_shape &s, const float *z, int64_t i,
                                        float *r, float *curve) {
  const int64_t d = i / s.q;
  const int32_t j = (int32_t)(i % s.q);
  if (is_held(s, d, j / s.n_classes)) {
    r[i] = curve[i] = 0;
    return;
  }
  const double p = 1 / (1 + exp(-(double)z[i])), y = s.label[d] == j % s.n_classes;
  const float c = cost_of(s, d);
  r[i] = (float)(c * (p - y));
  curve[i] = (float)(c * p * (1 - p));
}

__device__ static inline void slope_all(const mst__wide_shape &s, const float *z, int64_t i,
                                        float *r, float *curve) {
  const int64_t d = i / s.n_fits, at = i * s.n_classes;
  const int held = is_held(s, d, (int32_t)(i % s.n_fits));
  const float c = cost_of(s, d);
  const point here = {z + at, NULL, 0};
  const double all = held ? 0 : log_sum(here, s.n_classes);
  for (int32_t k = 0; k < s.n_classes; k++) {
    const double p = held ? 0 : exp(here[k] - all), y = s.label[d] == k;
    r[at + k] = held ? 0 : (float)(c * (p - y));
    curve[at + k] = (float)p;
  }
}

__global__ void __launch_bounds__(MST__WIDE_BLOCK, 2)
    slope_kernel(const __grid_constant__ mst__wide_shape s, const float *z, float *r,
                 float *curve) {
  const int64_t i = (int64_t)blockIdx.x * MST__WIDE_BLOCK + threadIdx.x;
  if (s.multinomial) {
    if (i < s.n_rows * s.n_fits) slope_all(s, z, i, r, curve);
  } else if (i < s.n_rows * s.q) {
    slope_one(s, z, i, r, curve);
  }
}

__global__ void __launch_bounds__(MST__WIDE_BLOCK)
    bend_kernel(const __grid_constant__ mst__wide_shape s, const float *curve, const float *v,
                float *t) {
  const int64_t i = (int64_t)blockIdx.x * MST__WIDE_BLOCK + threadIdx.x;
  if (!s.multinomial) {
    if (i < s.n_rows * s.q) t[i] = curve[i] * v[i];
    return;
  }
  if (i >= s.n_rows * s.n_fits) return;
  const float *p = curve + i * s.n_classes, *own = v + i * s.n_classes;
  const float c = cost_of(s, i / s.n_fits);
  float mean = 0;
  for (int32_t k = 0; k < s.n_classes; k++) mean += p[k] * own[k];
  for (int32_t k = 0; k < s.n_classes; k++) t[i * s.n_classes + k] = c * p[k] * (own[k] - mean);
}

/* What one row adds to column j's loss. */
typedef struct sum_of_losses {
  mst__wide_shape s;
  const float *z, *v, *step;

  __device__ double at(const point &x, int64_t d, int32_t k) const {
    if (s.multinomial) return log_sum(x, s.n_classes) - x[s.label[d]];
    return softplus(s.label[d] == k ? x[0] : -x[0]);
  }
  __device__ double operator()(int64_t d, int32_t j) const {
    const int32_t k = j % s.n_classes;
    if (is_held(s, d, j / s.n_classes) || (s.multinomial && k)) return 0;
    const int64_t i = d * s.q + j;
    const point from = {z + i, NULL, 0};
    const float c = cost_of(s, d);
    if (!v) return c * at(from, d, k);
    const point to = {z + i, v + i, (double)step[j]};
    return c * (at(to, d, k) - at(from, d, k));
  }
} sum_of_losses;

/* Threads of a kernel over all elements. */
static int64_t n_blocks(const mst__wide_shape &s) {
  return mst__cuda_blocks(s.n_rows * (s.multinomial ? s.n_fits : s.q), MST__WIDE_BLOCK);
}

mst_status mst__wide_slopes(mst__wide *w, const float *d_z, float *d_r, float *d_curve) {
  return MST_LAUNCH(w->backend, slope_kernel, n_blocks(w->shape), MST__WIDE_BLOCK, w->shape, d_z,
                    d_r, d_curve);
}

mst_status mst__wide_bend(mst__wide *w, const float *d_curve, const float *d_v, float *d_t) {
  return MST_LAUNCH(w->backend, bend_kernel, n_blocks(w->shape), MST__WIDE_BLOCK, w->shape, d_curve,
                    d_v, d_t);
}

mst_status mst__wide_losses(mst__wide *w, const float *d_z, const float *d_v, const float *step,
                            double *loss) {
  if (d_v)
    MST_TRY(mst__cuda_to_home(w->backend, w->factor.ptr, step, (size_t)w->shape.q * sizeof *step));
  return mst__columns_sum(w, sum_of_losses{w->shape, d_z, d_v, w->factor.ptr}, w->shape.n_rows,
                          loss);
}
