/* test_look.c: intervals, power laws and numbered texts: what figures of sweeps are made of. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "sweep/groups.h"
#include "sweep/labels.h"
#include "sweep/power.h"

static void near(double a, double b, double tolerance) {
  if (!(fabs(a - b) <= tolerance)) fail_msg("%.12g is not %.12g", a, b);
}

/* A curve that is a power law is found again; one that rises is refused. */
static void test_power(void **state) {
  static const double n[] = {1000, 2000, 4000, 8000, 16000}, flat[] = {0.3, 0.3, 0.3, 0.3, 0.3},
                      worse[] = {0.1, 0.2, 0.3, 0.4, 0.5};
  double error[5];
  sweep_power p;
  (void)state;
  for (int i = 0; i < 5; i++) error[i] = 3 * pow(n[i], -0.4);
  assert_true(sweep_power_fit(n, error, 3, &p));
  near(p.a, 3, 1e-9);
  near(p.b, 0.4, 1e-12);
  near(p.c, 0, 0);
  near(sweep_power_need(p, error[4]), 16000, 1e-6);
  for (int i = 0; i < 5; i++) error[i] += 0.1;
  assert_true(sweep_power_fit(n, error, 5, &p));
  near(p.c, 0.1, 0.005);
  near(sweep_power_need(p, sweep_power_at(p, 30000)), 30000, 1e-3);
  assert_true(isinf(sweep_power_need(p, p.c / 2)));
  assert_false(sweep_power_fit(n, flat, 5, &p));
  assert_false(sweep_power_fit(n, worse, 5, &p));
}

/* F1 of two classes at four sizes: the first follows a power law with a little noise, the second
 * is noise alone. */
static double scores[2 * 4 * 5];

static sweep_curves make_curves(void) {
  sweep_curves c = {.n_sizes = 4, .n_seeds = 5, .n_classes = 2, .f1 = scores};
  for (int size = 0; size < 4; size++) {
    c.n_train[size] = 1000 * pow(2, size);
    for (int s = 0; s < 5; s++) {
      const double noise = 0.002 * (s - 2);
      scores[size * 5 + s] = 1 - 5 * pow(c.n_train[size], -0.4) + noise;
      scores[20 + size * 5 + s] = 0.5 + noise * (size % 2 ? -1 : 1) - 0.001 * size;
    }
  }
  return c;
}

static void test_needs(void **state) {
  sweep_need need;
  (void)state;
  sweep_curves c = make_curves();
  const double want = pow(5 / 0.1, 1 / 0.4); /* F1 0.9 */
  assert_int_equal(sweep_need_find(&c, 0, 0.9, &need), MST_OK);
  assert_string_equal(need.why, "");
  assert_true(need.low <= need.labels && need.labels <= need.high);
  assert_true(need.low < want && want < need.high);
  near(need.labels / want, 1, 0.1);
  assert_int_equal(sweep_need_find(&c, 1, 0.9, &need), MST_OK);
  assert_non_null(strstr(need.why, "does not rise"));
  assert_true(isnan(need.labels) && isnan(need.low));
  assert_int_equal(sweep_need_find(&c, 0, 0.1, &need), MST_OK);
  assert_non_null(strstr(need.why, "smallest size (1000) is enough"));
  assert_int_equal(sweep_need_find(&c, 0, 0.999, &need), MST_OK);
  assert_true(strstr(need.why, "beyond 10 times") || strstr(need.why, "levels off"));
  scores[0] = NAN;
  assert_int_equal(sweep_need_find(&c, 0, 0.9, &need), MST_OK);
  assert_non_null(strstr(need.why, "no such rows"));
}

static mst_status find_need(void *payload) {
  sweep_need need;
  return sweep_need_find(payload, 0, 0.9, &need);
}

static mst_status intern(void *payload) {
  static const char *const words[] = {"b", "a", "b", "", "a"};
  int32_t *id = payload;
  sweep_texts texts = {0};
  char **text = mst_alloc_zero(5, sizeof *text);
  mst_status st = text ? MST_OK : MST_E_NOMEM;
  for (int i = 0; i < 5 && !st; i++) {
    text[i] = mst_alloc(2, 1);
    if (!text[i]) st = MST_E_NOMEM;
    else memcpy(text[i], words[i], strlen(words[i]) + 1);
  }
  if (st) {
    for (int i = 0; text && i < 5; i++) mst_free(text[i]);
    mst_free(text);
    return st;
  }
  st = sweep_texts_intern(text, 5, id, &texts);
  if (st) return st;
  assert_int_equal(texts.n, 3);
  assert_string_equal(texts.text[0], "b");
  assert_string_equal(texts.text[1], "a");
  assert_string_equal(texts.text[2], "");
  sweep_texts_fini(&texts);
  return MST_OK;
}

static void test_intern(void **state) {
  static const int32_t want[] = {0, 1, 0, 2, 1};
  int32_t id[5];
  sweep_texts texts = {0};
  (void)state;
  assert_int_equal(sweep_texts_intern(mst_alloc(1, sizeof(char *)), 0, id, &texts), MST_OK);
  assert_int_equal(texts.n, 0);
  sweep_texts_fini(&texts);
  assert_true(fail_every_alloc(intern, id) > 5);
  assert_memory_equal(id, want, sizeof want);
}

static void test_no_memory(void **state) {
  (void)state;
  sweep_curves c = make_curves();
  assert_int_equal(fail_every_alloc(find_need, &c), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {

      cmocka_unit_test(test_power), cmocka_unit_test(test_needs), cmocka_unit_test(test_intern),
      cmocka_unit_test(test_no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
