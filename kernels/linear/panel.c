/* panel.c: memory, order and convergence of a panel; picks the loops for its width and machine. */
#include "panel.h"

#include <assert.h>
#include <string.h>

#include "misstep/alloc.h"
#include "misstep/rng.h"
#include "multinomial.h"
#include "panel_body.h"

/* The loops, compiled per width so that a row's lanes stay in registers, and once more for AVX2
 * where the compiler can: the same operations lane by lane, so the same bits. */
#define MST__LOOPS(suffix, attribute, n)                                                           \
  attribute static void pass_##suffix(mst__panel *panel, const mst__logistic *problem) {           \
    mst__panel_pass_body(panel, problem, n);                                                       \
  }                                                                                                \
  attribute static void check_##suffix(const mst__panel *panel, const mst__logistic *problem,      \
                                       double *loss, double *gap, double *norm) {                  \
    mst__panel_check_body(panel, problem, n, loss, gap, norm);                                     \
  }

typedef struct loops {
  void (*pass)(mst__panel *panel, const mst__logistic *problem);
  void (*check)(const mst__panel *panel, const mst__logistic *problem, double *loss, double *gap,
                double *norm);
} loops;

MST__LOOPS(8, , 1)
MST__LOOPS(16, , 2)
MST__LOOPS(32, , 4)
static const loops plain[3] = {{pass_8, check_8}, {pass_16, check_16}, {pass_32, check_32}};

#ifdef __x86_64__
#define MST__AVX2 __attribute__((target("avx2")))
MST__LOOPS(8_avx2, MST__AVX2, 1)
MST__LOOPS(16_avx2, MST__AVX2, 2)
MST__LOOPS(32_avx2, MST__AVX2, 4)
static const loops avx2[3] = {
    {pass_8_avx2, check_8_avx2}, {pass_16_avx2, check_16_avx2}, {pass_32_avx2, check_32_avx2}};
#endif

static const loops *loops_for(const mst__panel *panel) {
  const int width = panel->n_lanes == 8 ? 0 : panel->n_lanes == 16 ? 1 : 2;
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2")) return &avx2[width];
#endif
  return &plain[width];
}

mst_status mst__panel_init(mst__panel *panel, const mst__logistic *problem, int n_lanes) {
  assert(n_lanes % MST__LANES == 0 && n_lanes <= MST__CLASSES_MAX);
  memset(panel, 0, sizeof *panel);
  panel->n_lanes = n_lanes;
  const size_t n_weights = ((size_t)problem->x->n_cols + 1) * (size_t)n_lanes;
  const size_t n_duals = (size_t)problem->x->n_rows * (size_t)n_lanes;
  const size_t n_masks = (size_t)(problem->x->n_cols - problem->first_disputed) * (size_t)n_lanes;
  const size_t line = 64;
  panel->order = mst_alloc((size_t)problem->x->n_rows, sizeof *panel->order);
  /* A row of a matrix is whole vectors: the later matrices are aligned as these need. */
  if (panel->order)
    panel->block = mst_alloc((n_weights + n_duals + n_masks) * sizeof(float) + line, 1);
  if (!panel->block) return MST_E_NOMEM;
  panel->weight = (float *)(void *)(((uintptr_t)panel->block + line - 1) / line * line);
  panel->dual = panel->weight + n_weights;
  panel->mask = (int32_t *)(void *)(panel->dual + n_duals);
  return MST_OK;
}

void mst__panel_fini(mst__panel *panel) {
  mst_free(panel->order);
  mst_free(panel->block);
  panel->order = NULL;
  panel->block = NULL;
}

/* Which lanes have which of the columns that not every fit has. */
static void fill_mask(mst__panel *panel, const mst__logistic *problem) {
  const int64_t n = problem->x->n_cols - problem->first_disputed;
  for (int64_t t = 0; t < n; t++)
    for (int lane = 0; lane < panel->n_lanes; lane++) {
      const uint8_t *chosen = problem->chosen + t * problem->n_fits;
      panel->mask[t * panel->n_lanes + lane] = chosen[panel->held[lane] + 1] ? -1 : 0;
    }
}

/* Which class and fit each lane is. */
static void name_lanes(mst__panel *panel, const mst__logistic *problem, int64_t number) {
  const int64_t n_columns = (int64_t)problem->n_classes * problem->n_fits;
  for (int lane = 0; lane < panel->n_lanes; lane++) {
    const int64_t column = number * panel->n_lanes + lane;
    const int used = problem->multinomial ? lane < problem->n_classes : column < n_columns;
    const int64_t fit = problem->multinomial ? number : column % problem->n_fits;
    const int64_t class = problem->multinomial ? lane : column / problem->n_fits;
    panel->class_of[lane] = used ? (int32_t) class : -1;
    panel->held[lane] = used || problem->multinomial ? (int32_t)fit - 1 : -1;
    panel->alive[lane] = used ? -1 : 0;
  }
}

void mst__panel_start(mst__panel *panel, const mst__logistic *problem, int64_t number) {
  const mst_csr *x = problem->x;
  const size_t row_bytes = (size_t)panel->n_lanes * sizeof(float);
  memset(panel->weight, 0, ((size_t)x->n_cols + 1) * row_bytes);
  memset(panel->dual, 0, (size_t)x->n_rows * row_bytes);
  for (int64_t d = 0; d < x->n_rows; d++) panel->order[d] = d;
  panel->pass = 0;
  name_lanes(panel, problem, number);
  fill_mask(panel, problem);
}

void mst__panel_pass(mst__panel *panel, const mst__logistic *problem) {
  /* Fisher and Yates on the order of the pass before; draws indexed by pass and place. */
  for (int64_t i = problem->x->n_rows - 1; i > 0; i--) {
    const int64_t j = (int64_t)mst_rng_below((uint64_t)i + 1, 0, MST_RNG_LINEAR,
                                             (uint64_t)panel->pass, 0, (uint64_t)i);
    const int64_t d = panel->order[i];
    panel->order[i] = panel->order[j];
    panel->order[j] = d;
  }
  if (problem->multinomial) mst__multinomial_pass(panel, problem);
  else loops_for(panel)->pass(panel, problem);
  panel->pass++;
}

int mst__panel_check(mst__panel *panel, const mst__logistic *problem) {
  double loss[MST__CLASSES_MAX], gap[MST__CLASSES_MAX], norm[MST__CLASSES_MAX];
  if (problem->multinomial) {
    mst__multinomial_check(panel, problem, loss, gap, norm);
    for (int lane = 1; lane < panel->n_lanes; lane++) { /* the fit's, in each of its classes */
      loss[lane] = *loss;
      gap[lane] = *gap;
      norm[lane] = *norm;
    }
  } else {
    loops_for(panel)->check(panel, problem, loss, gap, norm);
  }
  int n_alive = 0;
  for (int lane = 0; lane < panel->n_lanes; lane++) {
    if (!panel->alive[lane]) continue;
    const double c = problem->c;
    panel->objective[lane] = c * loss[lane] + 0.5 * norm[lane];
    if (c * gap[lane] <= problem->eps * panel->objective[lane]) panel->alive[lane] = 0;
    else n_alive++;
  }
  return n_alive;
}
