/* panel.h: up to 32 columns (class and fit) of the wide problem, solved together by one thread.
 *
 * In: the problem. Out: weights and objectives of the panel's columns. Next stage: logistic.c
 * copies them to their places.
 */
#ifndef MISSTEP_LINEAR_PANEL_H
#define MISSTEP_LINEAR_PANEL_H

#include <stdint.h>

#include "misstep/csr.h"

/* One-vs-rest columns of a panel; classes of a multinomial fit, in vectors of 8. */
enum { MST__PANEL_MAX = 32, MST__CLASSES_MAX = 128, MST__VECTORS_MAX = MST__CLASSES_MAX / 8 };

/* What a fit makes of a row where each has its own columns. */
typedef struct mst__row_of_fit {
  float scale;  /* of the values from first_own on */
  float square; /* squared norm of (the fit's x_d, bias) */
} mst__row_of_fit;

/* What all panels share; read only. Column number = class * n_fits + fit, so that neighbours need
 * about as many passes. */
typedef struct mst__logistic {
  const mst_csr *x;           /* [D x V] */
  const int32_t *label;       /* [D] */
  const int32_t *fold;        /* [D], or NULL */
  const float *weight;        /* [D] of each row's loss, or NULL: 1 */
  const float *square;        /* [D] squared norm of (x_d, bias); NULL with own */
  const mst__row_of_fit *own; /* [D x n_fits]; NULL: every fit has all columns as they are */
  int64_t first_own;          /* columns from here on are scaled; V without own */
  int64_t first_disputed;     /* columns from here on belong to the fits that chose them */
  const uint8_t *chosen;      /* [(V - first_disputed) x n_fits] */
  int32_t n_classes, n_fits;
  int multinomial; /* a panel is one fit of all classes, not columns by themselves */
  float c, bias;
  double eps;
} mst__logistic;

/* What an error in row d weighs beside others. */
static inline float mst__row_weight(const mst__logistic *problem, int64_t d) {
  return problem->weight ? problem->weight[d] : 1.0f;
}

/* One thread's place to work. */
typedef struct mst__panel {
  int n_lanes;    /* 8, 16 or 32; multinomial: the classes, up to a multiple of 8 */
  void *block;    /* owned memory of the two matrices, aligned inside */
  float *weight;  /* [(V + 1) x n_lanes], the bias last */
  float *dual;    /* [D x n_lanes], s_d * alpha_d: -C g_d .. C g_d */
  int32_t *mask;  /* [(V - first_disputed) x n_lanes] -1: the lane has the column */
  int64_t *order; /* [D] in which rows are visited */
  int64_t pass;   /* passes done */
  int32_t class_of[MST__CLASSES_MAX]; /* -1: unused lane */
  int32_t held[MST__CLASSES_MAX];     /* fold that the lane's fit never sees; -1: none */
  int32_t alive[MST__CLASSES_MAX];    /* -1 while the lane is fitted, 0 when done or unused */
  double objective[MST__CLASSES_MAX]; /* of the last check; multinomial: of the fit, in each */
} mst__panel;

/* Reserve a panel for n_lanes columns. MST_E_NOMEM; free with mst__panel_fini in any case. */
mst_status mst__panel_init(mst__panel *panel, const mst__logistic *problem, int n_lanes);
void mst__panel_fini(mst__panel *panel);

/* Start panel `number` from zero: columns from number * n_lanes on (those that exist), or the fit
 * of that number. */
void mst__panel_start(mst__panel *panel, const mst__logistic *problem, int64_t number);

/* Visit every row once, in a new random order that is the same for every panel. */
void mst__panel_pass(mst__panel *panel, const mst__logistic *problem);

/* Compute objectives and gaps; lanes within eps are done. Returns how many lanes are still
 * fitted. */
int mst__panel_check(mst__panel *panel, const mst__logistic *problem);

#endif
