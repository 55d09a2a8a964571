/* .npy both ways, and each way in which a file can be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "files/folder.h"
#include "files/npy.h"

static char path[] = "/tmp/misstep-npy-XXXXXX";

static void put(const char *bytes, size_t n) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, n, file), n);
  assert_int_equal(fclose(file), 0);
}

static void round_trip(const void *data, mst_dtype dtype, int n_dims, const int64_t *shape,
                       size_t n_data) {
  char *bytes = NULL;
  size_t n = 0;
  mst_array back = {0};
  assert_int_equal(mst_npy_dump(data, dtype, n_dims, shape, &bytes, &n), MST_OK);
  assert_int_equal((n - n_data) % 64, 0);
  put(bytes, n);
  assert_int_equal(mst_npy_load(path, &back), MST_OK);
  assert_int_equal(back.n_dims, n_dims);
  assert_int_equal(back.dtype, dtype);
  assert_memory_equal(back.shape, shape, (size_t)n_dims * sizeof *shape);
  if (n_data) assert_memory_equal(back.data, data, n_data);
  mst_array_fini(&back);
  mst_free(bytes);
}

static void empty_arrays(void **state) {
  (void)state;
  const int64_t none[2] = {0, 7};
  round_trip(NULL, MST_FLOAT32, 1, none, 0);
  round_trip(NULL, MST_FLOAT64, 2, none, 0);
}

static void arrays_come_back(void **state) {
  (void)state;
  const float f[6] = {1, -2, 3.5f, 0, 1e-30f, 6};
  const double d[2] = {0.1, -1e300};
  const int64_t i[3] = {INT64_MIN, 0, INT64_MAX};
  const uint8_t u[5] = {0, 1, 2, 254, 255};
  round_trip(f, MST_FLOAT32, 2, (int64_t[]){2, 3}, sizeof f);
  round_trip(d, MST_FLOAT64, 1, (int64_t[]){2}, sizeof d);
  round_trip(i, MST_INT64, 2, (int64_t[]){3, 1}, sizeof i);
  round_trip(f, MST_INT32, 1, (int64_t[]){6}, sizeof f);
  round_trip(u, MST_UINT8, 1, (int64_t[]){5}, sizeof u);
}

/* A version 1 file with this dictionary and n_data zero bytes. */
static void expect_error(const char *dict, size_t n_data, const char *words) {
  char bytes[512] = "\x93NUMPY\x01";
  const size_t n = strlen(dict);
  bytes[8] = (char)n;
  memcpy(bytes + 10, dict, n);
  put(bytes, 10 + n + n_data);
  mst_array array = {.n_dims = 9};
  assert_int_equal(mst_npy_load(path, &array), MST_E_FORMAT);
  assert_int_equal(array.n_dims, 9);
  assert_memory_equal(mst_error_last()->message, path, strlen(path));
  if (!strstr(mst_error_last()->message, words)) fail_msg("%s", mst_error_last()->message);
}

#define DICT(type, fortran, shape)                                                                 \
  "{'descr': '" type "', 'fortran_order': " fortran ", 'shape': " shape ", }\n"

static void wrong_files(void **state) {
  (void)state;
  expect_error(DICT("<f4", "False", "(3,)"), 11, "truncated");
  expect_error(DICT("<f4", "False", "(3,)"), 13, "1 bytes after the end");
  expect_error(DICT(">f4", "False", "(3,)"), 12, "big-endian");
  expect_error(DICT("<f4", "True", "(3, 1)"), 12, "Fortran order");
  expect_error(DICT("<c8", "False", "(3,)"), 24, "type <c8");
  expect_error(DICT("|O", "False", "(3,)"), 24, "type |O");
  expect_error(DICT("<f4", "False", "()"), 4, "0 dimensions");
  expect_error(DICT("<f4", "False", "(1, 1, 1)"), 4, "3 dimensions");
  expect_error(DICT("<f4", "False", "(-1,)"), 4, "shape");
  expect_error(DICT("<f8", "False", "(4611686018427387904, 2)"), 0, "truncated");
  expect_error("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}\n", 4,
               "plain type");
  expect_error("{}\n", 0, "plain type");
  expect_error("", 0, "empty");
  mst_array array;
  put("\x93NUMPY\x01\x00\xff\xff", 10);
  assert_int_equal(mst_npy_load(path, &array), MST_E_FORMAT);
  put("\x93NUMPY\x04\x00\x01\x00\n", 11);
  assert_int_equal(mst_npy_load(path, &array), MST_E_FORMAT);
  put("\x93NUMPY\x02\x00\x01\x00", 10);
  assert_int_equal(mst_npy_load(path, &array), MST_E_FORMAT);
  put("hello", 5);
  assert_int_equal(mst_npy_load(path, &array), MST_E_FORMAT);
  put("", 0);
  assert_int_equal(mst_npy_load(path, &array), MST_E_FORMAT);
  assert_int_equal(mst_npy_load("/nonexistent.npy", &array), MST_E_IO);
}

/* Every cut of a good file is an error, never a crash or a shorter array. */
static void every_cut_is_noticed(void **state) {
  (void)state;
  char *bytes = NULL;
  size_t n = 0;
  assert_int_equal(mst_npy_dump("abcdefgh", MST_INT32, 1, (int64_t[]){2}, &bytes, &n), MST_OK);
  for (size_t cut = 0; cut < n; cut++) {
    put(bytes, cut);
    mst_array array;
    assert_int_equal(mst_npy_load(path, &array), MST_E_FORMAT);
  }
  mst_free(bytes);
}

static mst_status call(void *payload) {
  mst_csr *x = payload;
  char *bytes = NULL;
  size_t n = 0;
  mst_status st = mst_npy_dump(x->val, MST_FLOAT64, 1, (int64_t[]){3}, &bytes, &n);
  if (st) assert_null(bytes);
  if (!st) st = mst_npz_write_csr(path, x, 1);
  if (!st) st = mst_npz_write_csr(path, x, 0);
  mst_free(bytes);
  return st;
}

static void no_memory_at_any_point(void **state) {
  (void)state;
  int64_t row_ptr[3] = {0, 2, 3};
  int32_t col[3] = {0, 4, 1};
  double val[3] = {1, 2, 3};
  mst_csr x = {2, 5, row_ptr, col, val, MST_FLOAT64};
  assert_true(fail_every_alloc(call, &x) >= 9);
}

static mst_status load_call(void *payload) {
  (void)payload;
  mst_array back = {.n_dims = 9};
  const mst_status st = mst_npy_load(path, &back);
  if (st) assert_int_equal(back.n_dims, 9);
  else mst_array_fini(&back);
  return st;
}

static void no_memory_for_reading(void **state) {
  (void)state;
  char *bytes = NULL;
  size_t n = 0;
  assert_int_equal(mst_npy_dump("abcdefgh", MST_INT32, 1, (int64_t[]){2}, &bytes, &n), MST_OK);
  put(bytes, n);
  mst_free(bytes);
  assert_int_equal(fail_every_alloc(load_call, NULL), 1);
}

/* /dev/full takes nothing. */
static void a_full_disk_is_reported(void **state) {
  (void)state;
  int64_t row_ptr[3] = {0, 1, 1};
  int32_t col[1] = {0};
  float val[1] = {1};
  const mst_csr x = {2, 5, row_ptr, col, val, MST_FLOAT32};
  assert_int_equal(mst_npz_write_csr("/dev/full", &x, 0), MST_E_IO);
  assert_string_equal(mst_error_last()->message, "/dev/full: No space left on device");
  assert_int_equal(mst_svmlight_write("/dev/full", &x, NULL), MST_E_IO);
  assert_string_equal(mst_error_last()->message, "/dev/full: No space left on device");
  assert_int_equal(mst_npz_write_csr("/no/such/x.npz", &x, 0), MST_E_IO);
}

static void svmlight_text(void **state) {
  (void)state;
  int64_t row_ptr[4] = {0, 2, 2, 3};
  int32_t col[3] = {0, 4, 1};
  float val[3] = {0.1f, 2, 1e-20f};
  int32_t counts[3] = {7, 8, 9};
  mst_csr x = {3, 5, row_ptr, col, val, MST_FLOAT32};
  char *bytes = NULL;
  size_t n = 0;
  assert_int_equal(mst_svmlight_write(path, &x, (int32_t[]){2, 0, 1}), MST_OK);
  assert_int_equal(mst_file_read(path, 1000, &bytes, &n), MST_OK);
  assert_string_equal(bytes, "2 0:0.100000001 4:2\n0\n1 1:9.99999968e-21\n");
  mst_free(bytes);
  x.val = counts;
  x.dtype = MST_INT32;
  assert_int_equal(mst_svmlight_write(path, &x, NULL), MST_OK);
  assert_int_equal(mst_file_read(path, 1000, &bytes, &n), MST_OK);
  assert_string_equal(bytes, "0 0:7 4:8\n0\n0 1:9\n");
  mst_free(bytes);
}

int main(void) {
  const int fd = mkstemp(path);
  if (fd < 0) return 1;
  (void)close(fd);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(empty_arrays),
      cmocka_unit_test(arrays_come_back),
      cmocka_unit_test(wrong_files),
      cmocka_unit_test(every_cut_is_noticed),
      cmocka_unit_test(no_memory_at_any_point),
      cmocka_unit_test(no_memory_for_reading),
      cmocka_unit_test(a_full_disk_is_reported),
      cmocka_unit_test(svmlight_text),
  };
  const int rc = cmocka_run_group_tests(tests, NULL, NULL);
  (void)unlink(path);
  return rc;
}
