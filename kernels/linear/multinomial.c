/* multinomial.c: the multinomial loops per width, and once more for AVX2: the same bits. */
#include "multinomial.h"

#include "multinomial_body.h"

#define MST__LOOPS(suffix, attribute, n)                                                           \
  attribute static void pass_##suffix(mst__panel *panel, const mst__logistic *problem) {           \
    mst__multinomial_pass_body(panel, problem, n);                                                 \
  }                                                                                                \
  attribute static void check_##suffix(const mst__panel *panel, const mst__logistic *problem,      \
                                       double *loss, double *gap, double *norm) {                  \
    mst__multinomial_check_body(panel, problem, n, loss, gap, norm);                               \
  }

typedef struct loops {
  void (*pass)(mst__panel *panel, const mst__logistic *problem);
  void (*check)(const mst__panel *panel, const mst__logistic *problem, double *loss, double *gap,
                double *norm);
} loops;

enum { ONE, TWO, ANY };
MST__LOOPS(one, , 1)
MST__LOOPS(two, , 2)
MST__LOOPS(any, , panel->n_lanes / MST__LANES)
static const loops plain[3] = {{pass_one, check_one}, {pass_two, check_two}, {pass_any, check_any}};

#ifdef __x86_64__
#define MST__AVX2 __attribute__((target("avx2")))
MST__LOOPS(one_avx2, MST__AVX2, 1)
MST__LOOPS(two_avx2, MST__AVX2, 2)
MST__LOOPS(any_avx2, MST__AVX2, panel->n_lanes / MST__LANES)
static const loops avx2[3] = {{pass_one_avx2, check_one_avx2},
                              {pass_two_avx2, check_two_avx2},
                              {pass_any_avx2, check_any_avx2}};
#endif

static const loops *loops_for(const mst__panel *panel) {
  const int width = panel->n_lanes == 8 ? ONE : panel->n_lanes == 16 ? TWO : ANY;
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2")) return &avx2[width];
#endif
  return &plain[width];
}

void mst__multinomial_pass(mst__panel *panel, const mst__logistic *problem) {
  loops_for(panel)->pass(panel, problem);
}

void mst__multinomial_check(const mst__panel *panel, const mst__logistic *problem, double *loss,
                            double *gap, double *norm) {
  loops_for(panel)->check(panel, problem, loss, gap, norm);
}
