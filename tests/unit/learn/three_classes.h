/* three_classes.h: a small matrix for adapters of boosting libraries. Include after cmocka.h. */
#ifndef MISSTEP_TEST_THREE_CLASSES_H
#define MISSTEP_TEST_THREE_CLASSES_H

#include "misstep/csr.h"

#define N_CLASSES 3

/* Row d has class d % 3, which columns 0 and 1 tell; column 2 is noise, some rows are empty, and
 * columns from 3 on are in no row. */
static inline void three_classes(int n_rows, int n_cols, mst_csr *x, int32_t *label) {
  assert_int_equal(mst_csr_init(x, n_rows, n_cols, 2 * n_rows, MST_FLOAT32), MST_OK);
  float *val = x->val;
  int64_t e = 0;
  for (int d = 0; d < n_rows; d++) {
    label[d] = d % N_CLASSES;
    if (d % 3 < 2) {
      x->col[e] = d % 3;
      val[e++] = 1.0f + (float)(d % 4);
    }
    if (d % 7 == 0) {
      x->col[e] = 2;
      val[e++] = 0.5f * (float)(d % 5 + 1);
    }
    x->row_ptr[d + 1] = e;
  }
}

#endif
