/* test_sweep.c: ledgers, leases, subsets and draws of a sweep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "sweep/lease.h"
#include "sweep/ledger.h"
#include "sweep/part.h"

static char folder[64];

static int make_folder(void **state) {
  char path[128];
  (void)state;
  (void)snprintf(folder, sizeof folder, "/tmp/misstep-test-sweep-XXXXXX");
  if (!mkdtemp(folder)) return -1;
  (void)snprintf(path, sizeof path, "%s/ledger", folder);
  if (mkdir(path, 0777)) return -1;
  (void)snprintf(path, sizeof path, "%s/lease", folder);
  return mkdir(path, 0777);
}

static int remove_folder(void **state) {
  char command[128];
  (void)state;
  (void)snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command);
}

/* A result of the cell that a digit names. */
static mst_status add_line(mst_buffer *lines, char name, const char *state, double accuracy) {
  char key[SWEEP_KEY];
  memset(key, name, SWEEP_KEY - 1);
  key[SWEEP_KEY - 1] = 0;
  mst_json *line = mst_json_new_object();
  mst_status st = mst_json_set(line, "key", mst_json_new_string(key));
  if (!st) st = mst_json_set(line, "state", mst_json_new_string(state));
  if (!st) st = mst_json_set(line, "accuracy", mst_json_new_real(accuracy));
  if (!st) st = sweep_line_append(lines, line);
  mst_json_free(line);
  return st;
}

static void test_nothing_yet(void **state) {
  sweep_ledger *ledger = NULL;
  (void)state;
  assert_int_equal(sweep_ledger_open(folder, "accuracy", 1, &ledger), MST_OK);
  assert_int_equal(sweep_ledger_read(ledger), MST_OK);
  assert_int_equal(sweep_ledger_n(ledger), 0);
  assert_null(sweep_ledger_find(ledger, "00000000000000000000000000000000"));
  sweep_ledger_close(ledger);
  sweep_ledger_close(NULL);
}

/* Write three results, read them; the first of two that finished the same cell stays. */
static mst_status write_and_read(void *payload) {
  mst_buffer lines;
  sweep_writer writer = {.file = -1};
  sweep_ledger *ledger = NULL;
  (void)payload;
  mst_buffer_init(&lines, 1 << 20, "lines");
  mst_status st = add_line(&lines, 'a', "failed", 0);
  if (!st) st = add_line(&lines, 'b', "done", 0.25);
  if (!st) st = add_line(&lines, 'a', "done", 0.5);
  if (!st) st = add_line(&lines, 'a', "done", 0.75);
  if (!st) st = sweep_writer_init(folder, &writer);
  if (!st) st = sweep_writer_append(&writer, &lines);
  if (!st) st = sweep_ledger_open(folder, "accuracy", 1, &ledger);
  if (!st) st = sweep_ledger_read(ledger);
  if (!st) {
    const sweep_entry *a = sweep_ledger_find(ledger, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_int_equal(sweep_ledger_n(ledger), 2);
    assert_true(a->done);
    assert_true(a->value == 0.5);
    assert_true(mst_json_number(mst_json_get(a->line, "accuracy")) == 0.5);
    assert_int_equal(sweep_ledger_repair(ledger), MST_OK);
  }
  sweep_ledger_close(ledger);
  sweep_writer_close(&writer);
  mst_buffer_fini(&lines);
  (void)unlink(writer.path);
  return st;
}

static void test_lines_come_back(void **state) {
  (void)state;
  assert_true(fail_every_alloc(write_and_read, NULL) > 10);
}

static void test_only_what_is_new_is_read(void **state) {
  mst_buffer lines;
  sweep_writer writer;
  sweep_ledger *ledger = NULL;
  (void)state;
  mst_buffer_init(&lines, 1 << 20, "lines");
  assert_int_equal(sweep_writer_init(folder, &writer), MST_OK);
  assert_int_equal(sweep_ledger_open(folder, NULL, 0, &ledger), MST_OK);
  for (char name = 'a'; name <= 'f'; name++) {
    lines.size_bytes = 0;
    assert_int_equal(add_line(&lines, name, "done", 1), MST_OK);
    assert_int_equal(sweep_writer_append(&writer, &lines), MST_OK);
    assert_int_equal(sweep_ledger_read(ledger), MST_OK);
    assert_int_equal(sweep_ledger_n(ledger), name - 'a' + 1);
  }
  sweep_ledger_close(ledger);
  sweep_writer_close(&writer);
  mst_buffer_fini(&lines);
}

static void test_a_lease_has_one_owner(void **state) {
  int taken = 7;
  (void)state;
  assert_int_equal(sweep_lease_take(folder, "aa", &taken), MST_OK);
  assert_int_equal(taken, 1);
  assert_int_equal(sweep_lease_take(folder, "aa", &taken), MST_OK);
  assert_int_equal(taken, 0); /* its owner, this process, lives */
  sweep_lease_clear(folder);
  assert_int_equal(sweep_lease_take(folder, "aa", &taken), MST_OK);
  assert_int_equal(taken, 0);
  sweep_lease_drop(folder, "aa");
  assert_int_equal(sweep_lease_take(folder, "aa", &taken), MST_OK);
  assert_int_equal(taken, 1);
  assert_int_equal(sweep_lease_take("/nowhere", "aa", &taken), MST_E_IO);
  assert_int_equal(taken, 0);
}

/* 200 records, units of 1 to 3, classes of 120, 60 and 20. */
enum { N = 200 };
typedef struct records {
  int64_t unit[N];
  uint64_t key[N];
  int32_t label[N], part[N];
} records;

static void make_records(records *r) {
  for (int d = 0, unit = 0; d < N; unit++)
    for (int size = 1 + unit % 3; size > 0 && d < N; size--, d++) {
      r->unit[d] = unit;
      r->key[d] = (uint64_t)unit * 77 + 5;
      r->label[d] = d < 120 ? 0 : d < 180 ? 1 : 2;
      r->part[d] = d % 7 == 0 && size == 1 ? 1 : 0;
    }
}

static mst_status subset(records *r, int64_t n_wanted) {
  const mst_split_records of = {r->unit, r->key, r->label, N, 3};
  make_records(r);
  return sweep_subset(&of, 3, 0, n_wanted, r->part);
}

static void test_subsets_are_nested_and_stratified(void **state) {
  records small, large;
  (void)state;
  for (int64_t n = 0; n < 170; n += 10) {
    int64_t kept = 0, first = 0, per_class[3] = {0};
    assert_int_equal(subset(&small, n), MST_OK);
    assert_int_equal(subset(&large, n + 25), MST_OK);
    for (int d = 0; d < N; d++) {
      if (small.part[d] == 0) assert_int_equal(large.part[d], 0);
      kept += small.part[d] == 0;
      per_class[small.label[d]] += small.part[d] == 0;
      first += small.part[d] == 0 && small.label[d] == 0;
    }
    assert_true(kept <= n && kept >= n - 2);
    if (n < 30) continue;
    for (int c = 0; c < 3; c++) assert_true(per_class[c] > 0);
    assert_true(first > kept / 2 - 3 && first < kept * 7 / 10 + 3);
  }
}

static mst_status some_subset(void *payload) {
  records r;
  (void)payload;
  return subset(&r, 50);
}

static void test_a_subset_without_memory(void **state) {
  (void)state;
  assert_int_equal(fail_every_alloc(some_subset, NULL), 3);
}

/* Points 37 and 1000, times 1024, of scipy.stats.qmc.Sobol(16, scramble=False), SciPy's own. */
static void test_sobol_is_scipys(void **state) {
  static const int index[2] = {37, 1000};
  static const int points[2][16] = {
      {944, 656, 592, 944, 784, 304, 176, 816, 624, 176, 16, 80, 592, 880, 112, 496},
      {225, 99, 531, 693, 287, 929, 47, 921, 513, 71, 87, 261, 165, 393, 147, 379}};
  (void)state;
  for (int i = 0; i < 2; i++)
    for (int d = 0; d < 16; d++)
      assert_int_equal((int)(sweep_sobol(d, (uint64_t)index[i]) * 1024), points[i][d]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_nothing_yet, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_lines_come_back, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_only_what_is_new_is_read, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_a_lease_has_one_owner, make_folder, remove_folder),
      cmocka_unit_test(test_subsets_are_nested_and_stratified),
      cmocka_unit_test(test_a_subset_without_memory),
      cmocka_unit_test(test_sobol_is_scipys),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
