/* test_read_python.c: the reader against Python's csv module on random nasty tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "files/folder.h"
#include "support.h"

#define PYTHON MISSTEP_SOURCE "/.deps/venv/bin/python"
#define SCRIPT MISSTEP_SOURCE "/tests/unit/read/csv_cases.py"

enum { N_CASES = 2000, SEED = 11 };

static void check_case(const char *folder, int i) {
  char path[300], expected_path[300];
  (void)snprintf(path, sizeof path, "%s/%d.csv", folder, i);
  (void)snprintf(expected_path, sizeof expected_path, "%s/%d.txt", folder, i);
  char *expected = NULL;
  size_t n;
  assert_int_equal(mst_file_read(expected_path, 1 << 20, &expected, &n), MST_OK);
  mst_read_options o = mst_read_options_default();
  o.decode = MST_DECODE_REPLACE;
  const char *got = dump_whole(path, &o, 1 + i % 50);
  const int both_fail = !strcmp(expected, "error") && !strncmp(got, "error", 5);
  if (!both_fail && strcmp(got, expected)) print_error("case %d\n", i);
  if (!both_fail) assert_string_equal(got, expected);
  mst_free(expected);
  (void)unlink(path);
  (void)unlink(expected_path);
}

static void test_csv__equals_python(void **state) {
  (void)state;
  char folder[] = "/tmp/misstep-csv-XXXXXX", command[1024];
  assert_non_null(mkdtemp(folder));
  (void)snprintf(command, sizeof command, "\"%s\" \"%s\" %s %d %d", PYTHON, SCRIPT, folder, N_CASES,
                 SEED);
  assert_int_equal(system(command), 0);
  for (int i = 0; i < N_CASES; i++) check_case(folder, i);
  assert_int_equal(rmdir(folder), 0);
}

int main(void) {
  if (access(PYTHON, X_OK)) {
    printf("skipped: no %s\n", PYTHON);
    return 77;
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_csv__equals_python)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
