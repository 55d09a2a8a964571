/* test_base.c: status, allocation, buffers, randomness, devices: what everything else stands on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "misstep/alloc.h"
#include "misstep/backend.h"
#include "misstep/log.h"
#include "misstep/rng.h"
#include "misstep/text.h"

static int fail_now(void *payload) {
  (void)payload;
  return 1;
}

static void test_status(void **state) {
  (void)state;
  assert_int_equal(MST_FAIL(MST_E_FORMAT, "%s:%d", "a.csv", 3), MST_E_FORMAT);
  assert_string_equal(mst_error_last()->message, "a.csv:3");
  assert_string_equal(mst_error_last()->function, "test_status");
  /* The old message may be an argument of the new one. */
  (void)MST_FAIL(MST_E_IO, "again: %s", mst_error_last()->message);
  assert_string_equal(mst_error_last()->message, "again: a.csv:3");
  assert_int_equal(mst_error_prefix(MST_E_IO, "file %d", 7), MST_E_IO);
  assert_string_equal(mst_error_last()->message, "file 7: again: a.csv:3");
  for (int s = 0; s >= MST_E_CANCELLED; s--)
    assert_memory_equal(mst_status_name((mst_status)s), "MST_", 4);
}

static void test_long_message_is_cut(void **state) {
  (void)state;
  char text[3000];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = 0;
  (void)MST_FAIL(MST_E_ARG, "%s", text);
  assert_int_equal(strlen(mst_error_last()->message), sizeof mst_error_last()->message - 1);
  (void)mst_error_prefix(MST_E_ARG, "%s", text);
  assert_true(strlen(mst_error_last()->message) < sizeof mst_error_last()->message);
}

static void test_alloc(void **state) {
  (void)state;
  void *none = mst_alloc(0, 8);
  assert_non_null(none);
  mst_free(none);
  assert_null(mst_alloc(SIZE_MAX / 4, 8));
  assert_int_equal(mst_error_last()->status, MST_E_NOMEM);
  mst_alloc_set_fail(fail_now, NULL);
  assert_null(mst_alloc(1, 1));
  assert_null(mst_alloc_zero(1, 1));
  mst_alloc_set_fail(NULL, NULL);
  mst_free(NULL);
}

static char lent[40];
static int n_released;

static void release(void *block) {
  assert_in_range((char *)block - lent, 0, sizeof lent - 1);
  n_released++;
}

/* Blocks of another kind go back to where they came from, once, among malloc's own. */
static void test_adopt(void **state) {
  (void)state;
  void *own = mst_alloc(8, 1);
  mst_alloc_set_fail(fail_now, NULL);
  assert_int_equal(mst_alloc_adopt(lent, release), MST_E_NOMEM);
  mst_alloc_set_fail(NULL, NULL);
  for (size_t i = 0; i < sizeof lent; i++)
    assert_int_equal(mst_alloc_adopt(lent + i, release), MST_OK);
  for (size_t i = 0; i < sizeof lent; i += 2) mst_free(lent + i);
  assert_int_equal(n_released, sizeof lent / 2);
  mst_free(own);
  mst_free(NULL);
  for (size_t i = 1; i < sizeof lent; i += 2) mst_free(lent + i);
  assert_int_equal(n_released, sizeof lent);
  mst_free(mst_alloc(8, 1));
  assert_int_equal(n_released, sizeof lent);
}

static void test_buffer(void **state) {
  (void)state;
  mst_buffer b;
  mst_buffer_init(&b, 100, "a test");
  assert_int_equal(mst_buffer_append(&b, "", 0), MST_OK);
  for (int i = 0; i < 10; i++) assert_int_equal(mst_buffer_append(&b, "0123456789", 10), MST_OK);
  assert_int_equal(mst_buffer_append(&b, "x", 1), MST_E_LIMIT);
  assert_non_null(strstr(mst_error_last()->message, "a test"));
  assert_int_equal(b.size_bytes, 100);
  mst_buffer_fini(&b);
  assert_int_equal(mst_buffer_printf(&b, "%d-%s", 12, "ab"), MST_OK);
  assert_int_equal(b.size_bytes, 5);
  assert_memory_equal(b.data, "12-ab", 5);
  mst_alloc_set_fail(fail_now, NULL);
  assert_int_equal(
      mst_buffer_append(
          &b, "0123456789012345678901234567890123456789012345678901234567890123456789", 70),
      MST_E_NOMEM);
  mst_alloc_set_fail(NULL, NULL);
  assert_int_equal(b.size_bytes, 5);
  mst_buffer_fini(&b);
}

/* Known answers of Random123's kat_vectors for philox4x32-10. */
static void test_philox(void **state) {
  (void)state;
  mst_rng_block zero = mst_rng_philox((mst_rng_block){{0, 0, 0, 0}}, 0, 0);
  const uint32_t want_zero[4] = {0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u};
  assert_memory_equal(zero.word, want_zero, sizeof want_zero);
  mst_rng_block pi =
      mst_rng_philox((mst_rng_block){{0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}},
                     0xa4093822u, 0x299f31d0u);
  const uint32_t want_pi[4] = {0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u};
  assert_memory_equal(pi.word, want_pi, sizeof want_pi);
}

static void test_draws(void **state) {
  (void)state;
  double sum = 0;
  int count[7] = {0};
  for (uint64_t i = 0; i < 70000; i++) {
    const double u = mst_rng_unit(1, MST_RNG_SPLIT, i, 0, 0);
    assert_true(u >= 0 && u < 1);
    sum += u;
    count[mst_rng_below(7, 1, MST_RNG_FOLD, i, 3, 9)]++;
  }
  assert_true(sum / 70000 > 0.495 && sum / 70000 < 0.505);
  for (int k = 0; k < 7; k++) assert_in_range(count[k], 9600, 10400);
  assert_int_equal(mst_rng_below(1, 1, MST_RNG_FOLD, 5, 0, 0), 0);
  /* Every part of the index matters. */
  const uint64_t base = mst_rng_u64(1, MST_RNG_SPLIT, 2, 3, 4);
  assert_true(base != mst_rng_u64(2, MST_RNG_SPLIT, 2, 3, 4));
  assert_true(base != mst_rng_u64(1, MST_RNG_FOLD, 2, 3, 4));
  assert_true(base != mst_rng_u64(1, MST_RNG_SPLIT, 3, 3, 4));
  assert_true(base != mst_rng_u64(1, MST_RNG_SPLIT, 2, 4, 4));
  assert_true(base != mst_rng_u64(1, MST_RNG_SPLIT, 2, 3, 5));
  assert_true(base != mst_rng_u64(1, MST_RNG_SPLIT, 2, 3, (1ULL << 32) + 4));
}

static void test_slices(void **state) {
  (void)state;
  const mst_slice empty = {NULL, 0}, a = {(const uint8_t *)"a", 1}, ab = {(const uint8_t *)"ab", 2};
  const mst_slice high = {(const uint8_t *)"\xc3\xa9", 2};
  assert_int_equal(mst_slice_compare(empty, empty), 0);
  assert_true(mst_slice_compare(empty, a) < 0);
  assert_true(mst_slice_compare(ab, a) > 0);
  assert_true(mst_slice_compare(high, ab) > 0);
}

static void test_devices(void **state) {
  (void)state;
  char name[32] = "";
  assert_int_equal(mst_backend_resolve("cpu", name, sizeof name), MST_OK);
  assert_string_equal(name, "cpu");
  assert_int_equal(mst_backend_resolve("gpu", name, sizeof name), MST_E_ARG);
  assert_int_equal(mst_backend_resolve("cuda:", name, sizeof name), MST_E_ARG);
  assert_int_equal(mst_backend_resolve("cuda:x", name, sizeof name), MST_E_ARG);
  if (!mst_backend_has_cuda()) {
    assert_int_equal(mst_backend_resolve("auto", name, sizeof name), MST_OK);
    assert_string_equal(name, "cpu");
    assert_int_equal(mst_backend_resolve("cuda", name, sizeof name), MST_E_DEVICE);
    assert_int_equal(mst_backend_resolve("cuda:7", name, sizeof name), MST_E_DEVICE);
  }
}

static int cancel(const char *stage, int64_t done, int64_t total, const char *detail,
                  void *payload) {
  (void)stage, (void)total, (void)detail, (void)payload;
  return done == 2;
}

static void test_progress(void **state) {
  (void)state;
  assert_int_equal(mst_progress("testing", 2, 3, ""), MST_OK);
  mst_progress_set(cancel, NULL);
  assert_int_equal(mst_progress("testing", 1, 3, ""), MST_OK);
  assert_int_equal(mst_progress("testing", 2, 3, ""), MST_E_CANCELLED);
  mst_progress_set(NULL, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_status),   cmocka_unit_test(test_long_message_is_cut),
      cmocka_unit_test(test_alloc),    cmocka_unit_test(test_buffer),
      cmocka_unit_test(test_philox),   cmocka_unit_test(test_draws),
      cmocka_unit_test(test_slices),   cmocka_unit_test(test_devices),
      cmocka_unit_test(test_progress), cmocka_unit_test(test_adopt),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
