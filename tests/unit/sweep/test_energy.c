/* test_energy.c: counters of a made-up machine: their sum, a counter that goes round, what is not
 * counted, and why nothing is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sweep/energy.h"

static char dir[64];

static int remove_entry(const char *path, const struct stat *s, int kind, struct FTW *at) {
  (void)s;
  (void)kind;
  (void)at;
  return remove(path);
}

static int make_folder(void **state) {
  (void)state;
  (void)snprintf(dir, sizeof dir, "/tmp/misstep-energy-XXXXXX");
  return mkdtemp(dir) == NULL || setenv("MISSTEP_POWERCAP", dir, 1);
}

static int remove_folder(void **state) {
  (void)state;
  return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS) || unsetenv("MISSTEP_POWERCAP");
}

static void put(const char *domain, const char *name, const char *text) {
  char path[256];
  (void)snprintf(path, sizeof path, "%s/%s", dir, domain);
  (void)mkdir(path, 0777);
  (void)snprintf(path, sizeof path, "%s/%s/%s", dir, domain, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0 && !fclose(file));
}

static void domain(const char *name, const char *kind, const char *joules) {
  put(name, "name", kind);
  put(name, "energy_uj", joules);
  put(name, "max_energy_range_uj", "262143328850\n");
}

/* Between two readings of a process that had all of the machine. */
static double between(const sweep_energy *from, const sweep_energy *to, double seconds) {
  sweep_energy alone = *to;
  alone.busy = from->busy + 1;
  return sweep_energy_between(from, &alone, seconds, 1);
}

static void no_counters(void **state) {
  (void)state;
  sweep_energy e;
  char text[256];
  sweep_energy_read(&e);
  assert_int_equal(e.n, 0);
  assert_true(isnan(sweep_energy_between(&e, &e, 1, 1)));
  assert_non_null(strstr(sweep_energy_words(text), "not known"));
  assert_non_null(strstr(text, dir));
  assert_int_equal(setenv("MISSTEP_POWERCAP", "/no/such/folder", 1), 0);
  sweep_energy_read(&e);
  assert_int_equal(e.n, 0);
}

static void packages_and_nothing_else(void **state) {
  (void)state;
  sweep_energy from, to;
  char text[256];
  domain("intel-rapl:0", "package-0\n", "1000000\n");
  domain("intel-rapl:1", "package-1\n", "5000000\n");
  domain("intel-rapl:2", "psys\n", "7000000\n");
  domain("intel-rapl:0:0", "dram\n", "9000000\n"); /* a part of a package */
  sweep_energy_read(&from);
  assert_int_equal(from.n, 2);
  assert_non_null(strstr(sweep_energy_words(text), "2 packages"));
  domain("intel-rapl:0", "package-0\n", "3500000\n");
  domain("intel-rapl:1", "package-1\n", "6000000\n");
  domain("intel-rapl:2", "psys\n", "90000000\n");
  sweep_energy_read(&to);
  assert_true(to.busy >= from.busy && from.busy > 0);
  assert_true(fabs(between(&from, &to, 10) - 3.5) < 1e-9);
}

/* Half of the time that processors were busy: half of the joules; never more than all. */
static void shared_by_cpu_time(void **state) {
  (void)state;
  const sweep_energy from = {.n = 1, .joules = {2}, .range = {1e5}, .busy = 100},
                     to = {.n = 1, .joules = {10}, .range = {1e5}, .busy = 104};
  assert_true(fabs(sweep_energy_between(&from, &to, 4, 2) - 4) < 1e-12);
  assert_true(fabs(sweep_energy_between(&from, &to, 4, 5) - 8) < 1e-12);
  assert_true(sweep_energy_between(&from, &from, 0, 0) == 0);
}

static void a_counter_goes_round(void **state) {
  (void)state;
  sweep_energy from, to;
  domain("intel-rapl:0", "package-0\n", "262143000000\n");
  sweep_energy_read(&from);
  domain("intel-rapl:0", "package-0\n", "671150\n");
  sweep_energy_read(&to);
  assert_true(fabs(between(&from, &to, 10) - 1.0) < 1e-6);
  assert_false(isnan(between(&from, &to, 262)));
  assert_true(isnan(between(&from, &to, 263))); /* it could have done so twice */
}

static void counters_that_change(void **state) {
  (void)state;
  sweep_energy from, to;
  domain("intel-rapl:0", "package-0\n", "1\n");
  sweep_energy_read(&from);
  domain("intel-rapl:1", "package-1\n", "1\n");
  sweep_energy_read(&to);
  assert_true(isnan(between(&from, &to, 1)));
}

static void what_cannot_be_read(void **state) {
  (void)state;
  sweep_energy e;
  char path[128], text[256];
  domain("intel-rapl:0", "package-0\n", "not a number\n");
  sweep_energy_read(&e);
  assert_int_equal(e.n, 0);
  (void)snprintf(path, sizeof path, "%s/intel-rapl:0/energy_uj", dir);
  assert_int_equal(remove(path), 0);
  assert_int_equal(mkdir(path, 0777), 0); /* stands for one that only root may read */
  sweep_energy_read(&e);
  assert_int_equal(e.n, 0);
  assert_non_null(strstr(sweep_energy_words(text), "energy_uj: Is a directory"));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(no_counters),          CASE(packages_and_nothing_else),
      CASE(a_counter_goes_round), CASE(counters_that_change),
      CASE(what_cannot_be_read),  cmocka_unit_test(shared_by_cpu_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
