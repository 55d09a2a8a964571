/* Libraries that are looked for while the program runs: their functions, and where files lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "misstep/library.h"

static void test_functions_are_found_or_named(void **state) {
  (void)state;
  void *program = mst_library_open(NULL, 0);
  size_t (*length)(const char *) = NULL;
  void *other = NULL, *third = NULL;
  assert_non_null(program);
  const mst_library_function all[] = {
      {&length, "strlen"}, {&other, "no_such_function"}, {&third, "strcmp"}};
  assert_null(mst_library_find_all(program, all, 1));
  assert_int_equal(length("four"), 4);
  assert_string_equal(mst_library_find_all(program, all, 3), "no_such_function");
  assert_null(other);
  assert_null(third);
  mst_library_close(program);
}

static void touch(const char *path) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fclose(file), 0);
}

/* Near the program first, then in the clone that it was built in. */
static void test_files_of_a_clone(void **state) {
  (void)state;
  char clone[] = "/tmp/misstep-test-XXXXXX", made[4200], beside[4200], path[4200], program[4096];
  assert_non_null(mkdtemp(clone));
  const ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  assert_true(n > 0);
  program[n] = 0;
  *strrchr(program, '/') = 0;
  const char *name = strrchr(clone, '/') + 1; /* a file that only this test makes */
  (void)snprintf(made, sizeof made, "%s/%s", clone, name);
  (void)snprintf(beside, sizeof beside, "%s/%s", program, name);
  assert_int_equal(mst_library_in_clone(name, clone, path, sizeof path), 0);
  touch(made);
  assert_int_equal(mst_library_in_clone(name, clone, path, sizeof path), 1);
  assert_string_equal(path, made);
  assert_int_equal(mst_library_in_clone(name, clone, path, strlen(made)), 0); /* no room */
  touch(beside);
  assert_int_equal(mst_library_in_clone(name, clone, path, sizeof path), 1);
  assert_string_equal(path, beside);
  assert_int_equal(unlink(beside), 0);
  assert_int_equal(unlink(made), 0);
  assert_int_equal(rmdir(clone), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_functions_are_found_or_named),
                                     cmocka_unit_test(test_files_of_a_clone)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
