/* test_generate_file.c: the file and its manifest: both or neither, and true. */
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
#include "files/json.h"
#include "generate/generate.h"
#include "misstep/alloc.h"

static char folder[64], csv[128], manifest[160];

static int make_folder(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/misstep-generate-XXXXXX");
  if (!mkdtemp(folder)) return -1;
  snprintf(csv, sizeof csv, "%s/statements.csv", folder);
  snprintf(manifest, sizeof manifest, "%s.manifest.json", csv);
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  unlink(csv);
  unlink(manifest);
  return rmdir(folder); /* fails, and so does the test, if anything else was left behind */
}

static void test_no_rows(void **state) {
  (void)state;
  mst_generate_options o = mst_generate_options_default();
  o.n_rows = 0;
  assert_int_equal(mst_generate_file(&o, csv, 0, NULL), MST_OK);
  assert_int_equal(access(manifest, R_OK), 0);
}

static void test_manifest(void **state) {
  (void)state;
  mst_generate_options o = mst_generate_options_default();
  mst_generate_summary sum;
  mst_json *m = NULL;
  char sha256[65];
  o.n_rows = 5000;
  o.seed = 11;
  assert_int_equal(mst_generate_file(&o, csv, 0, &sum), MST_OK);
  assert_int_equal(mst_json_load(manifest, &m), MST_OK);
  assert_true(mst_json_bool(mst_json_get(m, "synthetic")));
  assert_int_equal(mst_json_int(mst_json_get(m, "rows")), 5000);
  assert_int_equal(mst_json_int(mst_json_get(mst_json_get(m, "config"), "seed")), 11);
  assert_true(mst_json_number(mst_json_get(mst_json_get(m, "config"), "noise")) == o.noise);
  assert_true(mst_json_number(mst_json_get(m, "expected_best_accuracy")) ==
              sum.expected_best_accuracy);
  assert_true(mst_json_number(mst_json_get(m, "distinct_share")) == (double)sum.n_distinct / 5000);
  const mst_json *labels = mst_json_get(m, "labels");
  assert_int_equal(mst_json_size(labels), MST_GENERATE_N_LABELS);
  for (int32_t c = 0; c < MST_GENERATE_N_LABELS; c++)
    assert_int_equal(mst_json_int(mst_json_get(labels, mst_generate_label_name(c))),
                     sum.label_count[c]);
  assert_int_equal(mst_sha256_file(csv, sha256), MST_OK);
  assert_string_equal(mst_json_string(mst_json_get(m, "sha256"), NULL), sha256);
  mst_json_free(m);
}

/* What exists is kept unless told otherwise; a failure leaves it as it was. */
static void test_existing_file(void **state) {
  (void)state;
  mst_generate_options o = mst_generate_options_default();
  mst_generate_summary untouched = {.n_rows = -5};
  char before[65], after[65];
  o.n_rows = 100;
  assert_int_equal(mst_generate_file(&o, csv, 0, NULL), MST_OK);
  assert_int_equal(mst_sha256_file(csv, before), MST_OK);
  o.seed = 1;
  assert_int_equal(mst_generate_file(&o, csv, 0, &untouched), MST_E_ARG);
  o.noise = 2;
  assert_int_equal(mst_generate_file(&o, csv, 1, &untouched), MST_E_ARG);
  assert_int_equal(untouched.n_rows, -5);
  assert_int_equal(mst_sha256_file(csv, after), MST_OK);
  assert_string_equal(before, after);
  o.noise = 0;
  assert_int_equal(mst_generate_file(&o, csv, 1, NULL), MST_OK);
  assert_int_equal(mst_sha256_file(csv, after), MST_OK);
  assert_string_not_equal(before, after);
}

static void test_no_such_folder(void **state) {
  (void)state;
  const mst_generate_options o = mst_generate_options_default();
  assert_int_equal(mst_generate_file(&o, "/nonexistent/statements.csv", 0, NULL), MST_E_IO);
}

static int countdown(void *payload) { return (*(int64_t *)payload)-- == 0; }

static void test_no_memory(void **state) {
  (void)state;
  mst_generate_options o = mst_generate_options_default();
  o.n_rows = 10;
  mst_status st = MST_E_NOMEM;
  for (int64_t k = 0; st == MST_E_NOMEM; k++) {
    int64_t left = k;
    mst_alloc_set_fail(countdown, &left);
    st = mst_generate_file(&o, csv, 0, NULL);
    mst_alloc_set_fail(NULL, NULL);
    assert_true(k < 2000);
    if (st) assert_int_not_equal(access(csv, F_OK), 0);
    if (st) unlink(manifest); /* the last step may fail after the manifest is there */
  }
  assert_int_equal(st, MST_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_no_rows, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_manifest, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_existing_file, make_folder, remove_folder),
      cmocka_unit_test(test_no_such_folder),
      cmocka_unit_test_setup_teardown(test_no_memory, make_folder, remove_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
