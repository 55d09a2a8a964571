/* test_gpu_names.c: names of GPUs on machines that are made up here: backend.c as a build with CUDA
 * has it, over a driver that says what a case wants. The tests of the kernels are elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "backend_table.h"

/* The machine: GPUs, or the sentence why there are none; and whether they start. */
static int n_gpus, starts = 1, n_open, broken = -1;
static const char *why_none;

mst_status mst__cuda_count(int *n_devices) {
  if (!n_gpus) return MST_FAIL(MST_E_DEVICE, "%s", why_none);
  *n_devices = n_gpus;
  return MST_OK;
}

mst_status mst__cuda_describe(int device, char *line, size_t size) {
  (void)snprintf(line, size, "GPU number %d", device);
  return MST_OK;
}

mst_status mst__cuda_memory(int device, int64_t *free_bytes) {
  *free_bytes = 1000 + device;
  return MST_OK;
}

mst_status mst__cuda_sparse_open(void) { return MST_FAIL(MST_E_ADAPTER, "no cuSPARSE"); }

static mst_status open_gpu(mst_backend *backend, int device) {
  (void)backend;
  if (!starts) return MST_FAIL(MST_E_DEVICE, "cuda:%d does not start", device);
  if (device == broken) return MST_FAIL(MST_E_DEVICE, "cuda:%d is broken", device);
  n_open += 1 + device;
  return MST_OK;
}

static void close_gpu(mst_backend *backend) { n_open -= 1 + (backend->device[5] - '0'); }

const mst__operations mst__cuda_operations = {.kind = "cuda", .open = open_gpu, .close = close_gpu};

static int said(const char *words) { return strstr(mst_error_last()->message, words) != NULL; }

static void assert_name(const char *request, const char *want) {
  char name[32] = "";
  assert_int_equal(mst_backend_resolve(request, name, sizeof name), MST_OK);
  assert_string_equal(name, want);
}

static void no_gpu(void **state) {
  (void)state;
  static const char *const reasons[] = {
      "no NVIDIA driver is installed",
      "the NVIDIA driver is for CUDA 12.2, this misstep needs 13.0", "no NVIDIA GPU was found"};
  char name[32] = "untouched", line[64];
  int64_t n_bytes = 0;
  mst_backend *backend = NULL;
  n_gpus = 0;
  for (int i = 0; i < 3; i++) {
    why_none = reasons[i];
    assert_name("auto", "cpu");
    assert_name("cpu", "cpu");
    assert_int_equal(mst_backend_resolve("cuda", name, sizeof name), MST_E_DEVICE);
    assert_true(said("--device cuda: ") && said(reasons[i]));
    assert_int_equal(mst_backend_resolve("cuda:1", name, sizeof name), MST_E_DEVICE);
    assert_true(said("--device cuda:1: ") && said(reasons[i]));
    assert_int_equal(mst_backend_open("cuda:0", 1, &backend), MST_E_DEVICE);
    assert_int_equal(mst_backend_describe(0, line, sizeof line), MST_E_DEVICE);
    assert_int_equal(mst_backend_memory(0, &n_bytes), MST_E_DEVICE);
  }
  assert_string_equal(name, "untouched");
  assert_null(backend);
}

static void two_gpus(void **state) {
  (void)state;
  char name[32], line[64];
  n_gpus = 2;
  int64_t n_bytes = 0;
  assert_int_equal(mst_backend_memory(1, &n_bytes), MST_OK);
  assert_int_equal(n_bytes, 1001);
  assert_int_equal(mst_backend_memory(2, &n_bytes), MST_OK);
  assert_int_equal(n_bytes, -1);
  assert_int_equal(mst_backend_open_sparse(), MST_E_ADAPTER);
  assert_true(mst_backend_has_cuda());
  assert_name("auto", "cuda:0");
  assert_name("cuda", "cuda");
  assert_name("cuda:0", "cuda:0");
  assert_name("cuda:1", "cuda:1");
  assert_name("cuda:01", "cuda:1");
  assert_name("cpu", "cpu");
  assert_int_equal(mst_backend_resolve("cuda:7", name, sizeof name), MST_E_DEVICE);
  assert_string_equal(mst_error_last()->message,
                      "--device cuda:7: this machine has cuda:0, cuda:1");
  assert_int_equal(mst_backend_describe(1, line, sizeof line), MST_OK);
  assert_string_equal(line, "GPU number 1");
  assert_int_equal(mst_backend_describe(2, line, sizeof line), MST_OK);
  assert_string_equal(line, "");
}

static void many_gpus_are_listed_shortly(void **state) {
  (void)state;
  char name[32];
  n_gpus = 4096;
  assert_name("cuda:4095", "cuda:4095");
  assert_int_equal(mst_backend_resolve("cuda:4096", name, sizeof name), MST_E_DEVICE);
  assert_true(said("cuda:0, cuda:1, ") && strlen(mst_error_last()->message) < 300);
}

static void open_and_close(void **state) {
  (void)state;
  mst_backend *backend = NULL;
  n_gpus = 2;
  assert_int_equal(mst_backend_open("cuda:2", 1, &backend), MST_E_DEVICE);
  assert_string_equal(mst_error_last()->message, "cuda:2: this machine has cuda:0, cuda:1");
  starts = 0;
  assert_int_equal(mst_backend_open("cuda:1", 1, &backend), MST_E_DEVICE);
  assert_null(backend);
  starts = 1;
  assert_int_equal(mst_backend_open("cuda:1", 1, &backend), MST_OK);
  assert_string_equal(mst_backend_device(backend), "cuda:1");
  assert_int_equal(n_open, 2);
  assert_false(mst_backend_is_host(backend));
  mst_backend_close(backend);
  assert_int_equal(n_open, 0);
}

/* "cuda" is all of them, or none. */
static void all_open_and_close(void **state) {
  (void)state;
  mst_backend *backend = NULL;
  n_gpus = 3;
  assert_int_equal(mst_backend_open("cuda", 2, &backend), MST_OK);
  assert_int_equal(n_open, 1 + 2 + 3);
  assert_string_equal(mst_backend_device(backend), "cuda:0");
  const mst_backend *second = mst_backend_next(backend);
  assert_string_equal(mst_backend_device(second), "cuda:1");
  assert_string_equal(mst_backend_device(mst_backend_next(second)), "cuda:2");
  assert_null(mst_backend_next(mst_backend_next(second)));
  mst_backend_close(backend);
  assert_int_equal(n_open, 0);
  broken = 2;
  backend = NULL;
  assert_int_equal(mst_backend_open("cuda", 2, &backend), MST_E_DEVICE);
  assert_true(said("cuda:2 is broken"));
  assert_null(backend);
  assert_int_equal(n_open, 0);
  broken = -1;
  n_gpus = 1;
  assert_name("cuda", "cuda:0");
  assert_int_equal(mst_backend_open("cuda", 2, &backend), MST_OK);
  assert_null(mst_backend_next(backend));
  mst_backend_close(backend);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(no_gpu), cmocka_unit_test(two_gpus),
                                     cmocka_unit_test(many_gpus_are_listed_shortly),
                                     cmocka_unit_test(open_and_close),
                                     cmocka_unit_test(all_open_and_close)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
