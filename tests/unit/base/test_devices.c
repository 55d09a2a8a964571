/* test_devices.c: devices by name, the errors that name what is missing, and memory at home. What
 * needs a GPU, or none, asks the build first: the same list runs on every device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "failing_alloc.h"
#include "test_backend.h"

static int said(const char *words) { return strstr(mst_error_last()->message, words) != NULL; }

static void no_name_no_device(void **state) {
  (void)state;
  static const char *const bad[] = {"",       "gpu",     "CPU",     "cpu ",    "cuda:",
                                    "cuda:x", "cuda:1x", "cuda:-1", "cuda: 1", "cuda:999999999"};
  mst_backend *backend = NULL;
  char name[32] = "untouched";
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(mst_backend_resolve(bad[i], name, sizeof name), MST_E_ARG);
    assert_true(said("auto, cpu, cuda or cuda:N"));
    assert_int_equal(mst_backend_open(bad[i], 1, &backend), MST_E_ARG);
  }
  assert_string_equal(name, "untouched");
  assert_int_equal(mst_backend_open("auto", 1, &backend), MST_E_ARG); /* resolved first */
  assert_int_equal(mst_backend_open("cpu", 0, &backend), MST_E_ARG);
  assert_int_equal(mst_backend_open(NULL, 1, &backend), MST_E_ARG);
  assert_int_equal(mst_backend_open("cpu", 1, NULL), MST_E_ARG);
  assert_null(backend);
  mst_backend_close(NULL);
  mst_backend_free(NULL, NULL);
}

static void names_resolve(void **state) {
  (void)state;
  char name[32], line[256] = "untouched";
  assert_int_equal(mst_backend_resolve("cpu", name, sizeof name), MST_OK);
  assert_string_equal(name, "cpu");
  const int n_found = mst_backend_describe(0, line, sizeof line) == MST_OK;
  assert_int_equal(mst_backend_resolve("auto", name, sizeof name), MST_OK);
  assert_string_equal(name, n_found ? "cuda:0" : "cpu");
  if (!n_found) return;
  assert_true(line[0]);
  assert_int_equal(mst_backend_resolve("cuda", name, sizeof name), MST_OK);
  const int several = mst_backend_describe(1, line, sizeof line) == MST_OK && line[0];
  assert_string_equal(name, several ? "cuda" : "cuda:0");
  assert_int_equal(mst_backend_describe(4096, line, sizeof line), MST_OK);
  assert_string_equal(line, "");
}

/* The message says what was asked for and what there is. */
static void missing_devices_are_named(void **state) {
  (void)state;
  char name[32] = "untouched", line[256];
  mst_backend *backend = NULL;
  const int any = mst_backend_describe(0, line, sizeof line) == MST_OK;
  assert_int_equal(mst_backend_resolve("cuda:4095", name, sizeof name), MST_E_DEVICE);
  assert_true(said("--device cuda:4095: "));
  assert_true(said(any ? "cuda:0" : "use --device cpu"));
  assert_int_equal(mst_backend_open("cuda:4095", 1, &backend), MST_E_DEVICE);
  assert_true(said("cuda:4095: "));
  if (!any) assert_int_equal(mst_backend_resolve("cuda", name, sizeof name), MST_E_DEVICE);
  if (!any) assert_int_equal(mst_backend_open("cuda", 1, &backend), MST_E_DEVICE);
  if (!mst_backend_has_cuda()) assert_true(said("built without CUDA"));
  assert_string_equal(name, "untouched");
  assert_null(backend);
}

static void an_open_device(void **state) {
  (void)state;
  const char *device = mst_backend_device(mst_test_backend(3));
  mst_backend *backend = NULL;
  assert_int_equal(mst_backend_open(device, 3, &backend), MST_OK);
  assert_string_equal(mst_backend_device(backend), device);
  assert_int_equal(mst_backend_threads(backend), 3);
  mst_backend_set_threads(backend, 1);
  assert_int_equal(mst_backend_threads(backend), 1);
  assert_int_equal(mst_backend_is_host(backend), strcmp(device, "cpu") == 0);
  assert_true(mst_backend_is_host(NULL));
  mst_backend_close(backend);
}

/* Bytes go home and come back, at sizes around a block of threads; none are touched around them. */
static void there_and_back(void **state) {
  (void)state;
  enum { LONGEST = 1025 };
  static const size_t sizes[] = {0, 1, 31, 32, 33, 255, 256, 257, 1023, 1024, LONGEST};
  mst_backend *backend = mst_test_backend(2);
  uint8_t from[LONGEST], to[LONGEST + 2];
  for (size_t i = 0; i < LONGEST; i++) from[i] = (uint8_t)(i * 7 + 1);
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    const size_t n = sizes[k];
    uint8_t *home = mst_backend_alloc(backend, n, 1);
    assert_non_null(home);
    memset(to, 0xa5, sizeof to);
    assert_int_equal(mst_backend_to_home(backend, home, from, n), MST_OK);
    assert_int_equal(mst_backend_to_host(backend, to + 1, home, n), MST_OK);
    assert_memory_equal(to + 1, from, n);
    assert_true(to[0] == 0xa5 && to[n + 1] == 0xa5);
    mst_backend_free(backend, home);
  }
  mst_backend_free(backend, NULL);
}

static void too_much_memory(void **state) {
  (void)state;
  mst_backend *backend = mst_test_backend(1);
  assert_null(mst_backend_alloc(backend, SIZE_MAX / 2, 16)); /* overflows */
  assert_int_equal(mst_error_last()->status, MST_E_NOMEM);
  if (mst_backend_is_host(backend)) return; /* the host may promise more than it has */
  assert_null(mst_backend_alloc(backend, (size_t)1 << 50, 1));
  assert_int_equal(mst_error_last()->status, MST_E_NOMEM);
}

static mst_status open_one(void *payload) {
  mst_backend *backend = NULL;
  const mst_status st = mst_backend_open(payload, 1, &backend);
  assert_true((st == MST_OK) == (backend != NULL));
  mst_backend_close(backend);
  return st;
}

static void no_memory(void **state) {
  (void)state;
  assert_true(fail_every_alloc(open_one, (void *)mst_backend_device(mst_test_backend(1))) >= 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(no_name_no_device),
                                     cmocka_unit_test(names_resolve),
                                     cmocka_unit_test(missing_devices_are_named),
                                     cmocka_unit_test(an_open_device),
                                     cmocka_unit_test(there_and_back),
                                     cmocka_unit_test(too_much_memory),
                                     cmocka_unit_test(no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
