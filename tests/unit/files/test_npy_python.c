/* NumPy and SciPy read what is written here, bit for bit; misstep reads what NumPy writes.
 * Skipped where the virtual environment has not been made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "files/npy.h"
#include "misstep/alloc.h"
#include "misstep/rng.h"

static char folder[] = "/tmp/misstep-python-XXXXXX";

static const char *in_folder(const char *name) {
  static char path[256];
  (void)snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

/* A random matrix: every third row is empty; values are small fractions that text keeps too. */
static void fill(mst_csr *x, int64_t n_rows, int64_t n_cols, mst_dtype dtype) {
  assert_int_equal(mst_csr_init(x, n_rows, n_cols, n_rows * 4, dtype), MST_OK);
  int64_t z = 0;
  for (int64_t d = 0; d < n_rows; d++) {
    for (int32_t k = 0; k < (d % 3 == 1 ? 0 : 4) && n_cols >= 8; k++, z++) {
      const uint64_t draw = mst_rng_u64(3, MST_RNG_GENERATE, (uint64_t)d, 0, (uint64_t)k);
      x->col[z] = k * 2 + (int32_t)(draw & 1);
      if (dtype == MST_FLOAT32) ((float *)x->val)[z] = (float)(draw >> 40) / 3.0f;
      if (dtype == MST_FLOAT64) ((double *)x->val)[z] = (double)(draw >> 11) / 3.0;
      if (dtype == MST_INT32) ((int32_t *)x->val)[z] = (int32_t)(draw >> 33) - 1000;
    }
    x->row_ptr[d + 1] = z;
  }
}

static void write_npy(const char *name, const void *data, mst_dtype dtype, int n_dims,
                      int64_t *shape) {
  char *bytes = NULL;
  size_t n = 0;
  assert_int_equal(mst_npy_dump(data, dtype, n_dims, shape, &bytes, &n), MST_OK);
  FILE *file = fopen(in_folder(name), "wb");
  assert_int_equal(fwrite(bytes, 1, n, file), n);
  assert_int_equal(fclose(file), 0);
  mst_free(bytes);
}

/* Write m as .npz twice, as svmlight text and as the plain arrays that Python compares with. */
static void write_matrix(const char *stem, const mst_csr *x) {
  char name[64];
  const int64_t n = x->row_ptr[x->n_rows];
  for (int compress = 0; compress < 2; compress++) {
    (void)snprintf(name, sizeof name, "%s-%d.npz", stem, compress);
    assert_int_equal(mst_npz_write_csr(in_folder(name), x, compress), MST_OK);
  }
  (void)snprintf(name, sizeof name, "%s.svm", stem);
  assert_int_equal(mst_svmlight_write(in_folder(name), x, NULL), MST_OK);
  (void)snprintf(name, sizeof name, "%s-ptr.npy", stem);
  write_npy(name, x->row_ptr, MST_INT64, 1, (int64_t[]){x->n_rows + 1});
  (void)snprintf(name, sizeof name, "%s-col.npy", stem);
  write_npy(name, x->col, MST_INT32, 1, (int64_t[]){n});
  (void)snprintf(name, sizeof name, "%s-val.npy", stem);
  write_npy(name, x->val, x->dtype, 1, (int64_t[]){n});
  (void)snprintf(name, sizeof name, "%s-shape.npy", stem);
  write_npy(name, &x->n_rows, MST_INT64, 2, (int64_t[]){1, 2}); /* n_rows, n_cols are neighbours */
}

static void python_reads_what_was_written(void **state) {
  (void)state;
  const struct {
    const char *stem;
    int64_t n_rows, n_cols;
    mst_dtype dtype;
  } cases[] = {{"empty", 0, 0, MST_FLOAT32},
               {"hollow", 3, 5, MST_FLOAT64},
               {"f4", 100, 9, MST_FLOAT32},
               {"f8", 1000, 8, MST_FLOAT64},
               {"i4", 20000, 50, MST_INT32}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    mst_csr x = {0};
    fill(&x, cases[i].n_rows, cases[i].n_cols, cases[i].dtype);
    write_matrix(cases[i].stem, &x);
    mst_csr_fini(&x);
  }
  char command[1024];
  (void)snprintf(command, sizeof command, "'%s' '%s' '%s'", PYTHON, SCRIPT, folder);
  assert_int_equal(system(command), 0);
}

/* The script left arrays of every type, and some that must be refused. */
static void what_numpy_wrote_is_read(void **state) {
  (void)state;
  static const struct {
    const char *name;
    mst_dtype dtype;
  } good[] = {{"n-f4.npy", MST_FLOAT32}, {"n-f8.npy", MST_FLOAT64}, {"n-i4.npy", MST_INT32},
              {"n-i8.npy", MST_INT64},   {"n-u1.npy", MST_UINT8},   {"n-v2.npy", MST_UINT8}};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    mst_array a = {0};
    assert_int_equal(mst_npy_load(in_folder(good[i].name), &a), MST_OK);
    assert_int_equal(a.dtype, good[i].dtype);
    assert_int_equal(a.n_dims, 2);
    assert_int_equal(a.shape[0], 3);
    assert_int_equal(a.shape[1], 4);
    mst_array_fini(&a);
  }
  static const char *const bad[] = {"bad-big.npy", "bad-fortran.npy", "bad-object.npy",
                                    "bad-3d.npy",  "bad-0d.npy",      "bad-bool.npy"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    mst_array a;
    if (mst_npy_load(in_folder(bad[i]), &a) != MST_E_FORMAT) fail_msg("%s was read", bad[i]);
  }
}

int main(void) {
  if (access(PYTHON, X_OK)) {
    (void)printf("%s is absent: skipped\n", PYTHON);
    return 77;
  }
  if (!mkdtemp(folder)) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(python_reads_what_was_written),
      cmocka_unit_test(what_numpy_wrote_is_read),
  };
  const int rc = cmocka_run_group_tests(tests, NULL, NULL);
  char command[128];
  (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command) ? 1 : rc;
}
