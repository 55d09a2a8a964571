/* test_plan.c: totals that are met exactly, copies that read alike, shards in any order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "misstep/rng.h"
#include "plan.h"
#include "spread.h"

#define OK(call) assert_int_equal(call, MST_OK)

static mst_slice of(const char *s) { return (mst_slice){(const uint8_t *)s, (int64_t)strlen(s)}; }

static mst_plan *new_plan(void) {
  mst_plan *p = NULL;
  OK(mst_plan_create(of("terms"), &p));
  return p;
}

/* Record id with n copies that no other record has. */
static void add(mst_plan *p, uint64_t id, const char *label, int n) {
  OK(mst_plan_add(p, id, of(label), id * 1000));
  for (int k = 1; k <= n; k++) OK(mst_plan_add_copy(p, k, id * 1000 + (uint64_t)k));
}

static mst_plan_outcome decide(mst_plan *p, int by_label, const int64_t *wanted, int64_t ceiling) {
  mst_plan_outcome o = {0};
  OK(mst_plan_sort(p));
  OK(mst_plan_decide(p, 7, by_label, wanted, ceiling, &o));
  return o;
}

/* Copies of a record that are written. */
static int64_t kept(const mst_plan *p, uint64_t id) {
  const int64_t place = mst_plan_find(p, id);
  int64_t n = 0;
  for (int32_t k = 1; k <= mst_plan_n_copies(p, place); k++) n += mst_plan_keeps(p, place, k);
  return n;
}

static void test_empty(void **state) {
  (void)state;
  mst_plan *p = new_plan();
  const int64_t wanted[] = {5};
  const mst_plan_outcome o = decide(p, 0, wanted, INT64_MAX);
  assert_int_equal(o.n_planned, 0);
  assert_int_equal(mst_plan_find(p, 1), -1);
  assert_int_equal(mst_plan_labels(p)->n, 0);
  mst_plan_free(p);
  mst_plan_free(NULL);
}

/* 3, 1 and 0 possible copies: every total from 0 to 4 is met, evenly. */
static void test_totals(void **state) {
  (void)state;
  for (int64_t wanted = -1; wanted <= 6; wanted++) {
    mst_plan *p = new_plan();
    add(p, 11, "a", 3);
    add(p, 12, "a", 1);
    add(p, 13, "a", 0);
    const mst_plan_outcome o = decide(p, 0, &wanted, INT64_MAX);
    const int64_t expected = wanted < 0 ? 0 : wanted > 4 ? 4 : wanted;
    assert_int_equal(o.n_planned, expected);
    assert_int_equal(o.n_possible, 4);
    assert_int_equal(kept(p, 11) + kept(p, 12) + kept(p, 13), expected);
    if (wanted == 2) assert_int_equal(kept(p, 11), 1);
    mst_plan_free(p);
  }
}

static void test_ceiling_and_labels(void **state) {
  (void)state;
  mst_plan *p = new_plan();
  add(p, 1, "b", 9);
  add(p, 2, "a", 9);
  add(p, 3, "b", 9);
  const int64_t wanted[] = {4, 5}; /* of a, of b: labels are sorted */
  mst_plan_outcome o = decide(p, 1, wanted, INT64_MAX);
  assert_int_equal(o.n_planned, 9);
  assert_int_equal(kept(p, 2), 4);
  assert_int_equal(kept(p, 1) + kept(p, 3), 5);
  o = decide(p, 1, wanted, 2);
  assert_int_equal(o.n_planned, 6);
  assert_int_equal(mst_plan_label_count(p, 1), 2);
  mst_plan_free(p);
}

/* A copy like a record goes, and of two like each other the one with the smaller number stays. */
static void test_doubles_and_twins(void **state) {
  (void)state;
  mst_plan *p = new_plan();
  const int64_t wanted = 100;
  OK(mst_plan_add(p, 1, of("a"), 10));
  OK(mst_plan_add_copy(p, 1, 20)); /* reads like record 2 */
  OK(mst_plan_add_copy(p, 3, 50)); /* like copy 1 of record 2 */
  OK(mst_plan_add_copy(p, 4, 60));
  OK(mst_plan_add(p, 2, of("a"), 20));
  OK(mst_plan_add_copy(p, 1, 50));
  add(p, 5, "a", 2);
  add(p, 5, "a", 2); /* a twin */
  const mst_plan_outcome o = decide(p, 0, &wanted, INT64_MAX);
  assert_int_equal(o.n_doubles, 2);
  assert_int_equal(o.n_twins, 2);
  assert_int_equal(o.n_planned, 2);
  const int64_t place = mst_plan_find(p, 1);
  assert_int_equal(mst_plan_n_copies(p, place), 4);
  assert_false(mst_plan_keeps(p, place, 1));
  assert_false(mst_plan_keeps(p, place, 2)); /* it was never made */
  assert_false(mst_plan_keeps(p, place, 3));
  assert_true(mst_plan_keeps(p, place, 4));
  assert_int_equal(kept(p, 2), 1);
  assert_int_equal(kept(p, 5), 0);
  mst_plan_free(p);
}

/* Shards merged in any order give the same bytes, and reading them back gives them again. */
static void test_merge_and_file(void **state) {
  (void)state;
  mst_buffer out[3];
  for (int order = 0; order < 3; order++) {
    mst_plan *all = new_plan();
    for (int k = 0; k < 3; k++) {
      mst_plan *shard = new_plan();
      const int s = (k + order) % 3;
      for (int i = 0; i < 4; i++) add(shard, (uint64_t)(i * 3 + s + 1), s ? "x" : "a", i);
      OK(mst_plan_merge(all, shard));
      mst_plan_free(shard);
    }
    mst_buffer_init(&out[order], 1 << 20, "a plan");
    OK(mst_plan_save(all, &out[order]));
    mst_plan_free(all);
    assert_int_equal(out[order].size_bytes, out[0].size_bytes);
    assert_memory_equal(out[order].data, out[0].data, out[0].size_bytes);
  }
  mst_plan *again = NULL;
  mst_buffer twice;
  mst_buffer_init(&twice, 1 << 20, "a plan");
  OK(mst_plan_load("p", out[0].data, out[0].size_bytes, &again));
  OK(mst_plan_save(again, &twice));
  assert_int_equal(twice.size_bytes, out[0].size_bytes);
  assert_memory_equal(twice.data, out[0].data, twice.size_bytes);
  mst_plan *other = NULL;
  OK(mst_plan_create(of("others"), &other));
  assert_int_equal(mst_plan_merge(other, again), MST_E_FORMAT);
  mst_plan_free(other);
  mst_plan_free(again);
  /* Cut off anywhere, and with a byte behind the end: refused. */
  for (size_t n = 0; n < out[0].size_bytes; n++) {
    again = NULL;
    assert_int_equal(mst_plan_load("p", out[0].data, n, &again), MST_E_FORMAT);
    assert_null(again);
  }
  OK(mst_buffer_append(&out[0], "x", 1));
  assert_int_equal(mst_plan_load("p", out[0].data, out[0].size_bytes, &again), MST_E_FORMAT);
  for (int i = 0; i < 3; i++) mst_buffer_fini(&out[i]);
  mst_buffer_fini(&twice);
}

static mst_status whole_life(void *payload) {
  (void)payload;
  mst_plan *p = NULL, *q = NULL;
  mst_buffer out;
  mst_plan_outcome o;
  const int64_t wanted[] = {3, 3};
  mst_buffer_init(&out, 1 << 20, "a plan");
  mst_status st = mst_plan_create(of("terms"), &p);
  for (int i = 1; !st && i < 5; i++) {
    st = mst_plan_add(p, (uint64_t)i, of(i % 2 ? "a" : "b"), (uint64_t)i);
    if (!st) st = mst_plan_add_copy(p, 1, 100 + (uint64_t)i);
  }
  if (!st) st = mst_plan_save(p, &out);
  if (!st) st = mst_plan_load("p", out.data, out.size_bytes, &q);
  if (!st) st = mst_plan_merge(p, q);
  if (!st) st = mst_plan_sort(p);
  if (!st) st = mst_plan_decide(p, 1, 1, wanted, 9, &o);
  mst_buffer_fini(&out);
  mst_plan_free(p);
  mst_plan_free(q);
  return st;
}

static int goes_first(const mst_seat *a, const mst_seat *b) {
  return a->draw != b->draw ? a->draw < b->draw : a->record < b->record;
}

/* One by one, each time to the seat of the group that has least and still has room. */
static int64_t spread_slowly(mst_seat *seats, int64_t n, int32_t group, int64_t wanted) {
  int64_t given = 0;
  for (; given < wanted; given++) {
    mst_seat *next = NULL;
    for (int64_t i = 0; i < n; i++) {
      mst_seat *s = &seats[i];
      if (s->group != group || s->share >= s->room) continue;
      if (!next || s->share < next->share || (s->share == next->share && goes_first(s, next)))
        next = s;
    }
    if (!next) break;
    next->share++;
  }
  return given;
}

static void test_spread_is_one_by_one(void **state) {
  (void)state;
  assert_int_equal(mst_spread(NULL, 0, NULL), 0);
  for (uint64_t t = 0; t < 300; t++) {
    mst_seat seats[24], slow[24];
    int64_t wanted[3], given = 0;
    const int64_t n = (int64_t)mst_rng_below(25, t, MST_RNG_FOLD, 0, 0, 0);
    for (int64_t i = 0; i < n; i++) {
      const uint64_t draw = mst_rng_u64(t, MST_RNG_FOLD, (uint64_t)i, 1, 0);
      seats[i] = (mst_seat){.draw = draw % 8, .record = i, .room = (int64_t)(draw >> 20) % 9};
      seats[i].group = (int32_t)((draw >> 40) % 3);
      slow[i] = seats[i];
    }
    for (int32_t g = 0; g < 3; g++) {
      wanted[g] = (int64_t)mst_rng_below(60, t, MST_RNG_FOLD, (uint64_t)g, 2, 0) - 5;
      given += spread_slowly(slow, n, g, wanted[g]);
    }
    assert_int_equal(mst_spread(seats, n, wanted), given);
    for (int64_t i = 0; i < n; i++) assert_int_equal(seats[i].share, slow[seats[i].record].share);
  }
}

static void test_every_allocation_may_fail(void **state) {
  (void)state;
  assert_true(fail_every_alloc(whole_life, NULL) > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_empty),
      cmocka_unit_test(test_totals),
      cmocka_unit_test(test_ceiling_and_labels),
      cmocka_unit_test(test_doubles_and_twins),
      cmocka_unit_test(test_merge_and_file),
      cmocka_unit_test(test_spread_is_one_by_one),
      cmocka_unit_test(test_every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
