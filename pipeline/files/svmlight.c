/* svmlight.c: a sparse matrix as svmlight / libsvm text. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "files/npy.h"
#include "files/number.h"

/* One entry's value: counts as integers, floats with the digits that give the same bits back. */
static int write_value(FILE *file, const mst_csr *x, int64_t z) {
  char text[MST__REAL_BYTES];
  if (x->dtype == MST_INT32) return fprintf(file, "%" PRId32, ((const int32_t *)x->val)[z]);
  if (x->dtype == MST_FLOAT32) mst__real_text(text, ((const float *)x->val)[z], 9);
  else mst__real_text(text, ((const double *)x->val)[z], 17);
  return fputs(text, file);
}

static int write_row(FILE *file, const mst_csr *x, int32_t label, int64_t d) {
  int rc = fprintf(file, "%" PRId32, label);
  for (int64_t z = x->row_ptr[d]; z < x->row_ptr[d + 1] && rc >= 0; z++) {
    rc = fprintf(file, " %" PRId32 ":", x->col[z]);
    if (rc >= 0) rc = write_value(file, x, z);
  }
  return rc < 0 ? rc : fputc('\n', file);
}

mst_status mst_svmlight_write(const char *path, const mst_csr *x, const int32_t *label) {
  FILE *file = fopen(path, "we");
  if (!file) return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  mst_status st = MST_OK;
  for (int64_t d = 0; d < x->n_rows && !st; d++)
    if (write_row(file, x, label ? label[d] : 0, d) < 0)
      st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  if (fclose(file) && !st) st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  return st;
}
