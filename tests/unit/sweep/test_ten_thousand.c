/* test_ten_thousand.c: 10,000 finished cells of 77 classes: the ledger stays under 20 MB, and the
 * status is read in under 0.2 s, of CPU time: others may use the machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "misstep/alloc.h"
#include "sweep/view.h"

enum { N_CELLS = 10000, N_CLASSES = 77, PER_WORKER = 2500 };

static char dir[64];

static int remove_entry(const char *path, const struct stat *s, int kind, struct FTW *at) {
  (void)s;
  (void)kind;
  (void)at;
  return remove(path);
}

static int make_folder(void **state) {
  char path[96];
  (void)state;
  (void)snprintf(dir, sizeof dir, "/tmp/misstep-ten-thousand-XXXXXX");
  if (!mkdtemp(dir)) return -1;
  (void)snprintf(path, sizeof path, "%s/ledger", dir);
  return mkdir(path, 0777);
}

static int remove_folder(void **state) {
  (void)state;
  return nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void write_about(void) {
  char path[96];
  (void)snprintf(path, sizeof path, "%s/sweep.json", dir);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  (void)fprintf(file, "{\"format\":\"misstep-sweep\",\"metric\":\"macro_f1\",\"maximize\":true,"
                      "\"cells\":10000,\"parameters\":[\"max_depth\",\"learning_rate\"]}\n");
  assert_int_equal(fclose(file), 0);
}

/* A line as a worker writes it, every number with as many digits as it can have. */
static void add_line(int i, mst_buffer *lines) {
  mst_buffer text;
  mst_json *line = NULL;
  mst_buffer_init(&text, 1 << 16, "a line");
  mst_status st = mst_buffer_printf(&text,
                                    "{\"key\":\"%032x\",\"state\":\"done\",\"number\":%d,"
                                    "\"worker\":\"node-0123456789.cluster-%d\","
                                    "\"rows\":540898,\"seed\":%d,\"fold\":%d,\"model\":\"xgboost\","
                                    "\"parameters\":{\"max_depth\":4,"
                                    "\"learning_rate\":0.0123456789,\"n_estimators\":300,"
                                    "\"subsample\":0.8,\"margin\":\"linear\"},"
                                    "\"metrics\":{",
                                    (unsigned)i * 2654435761u, i, i % 64, i % 5, i % 3);
  for (int m = 0; !st && sweep_metrics[m]; m++)
    st =
        mst_buffer_printf(&text, "%s\"%s\":0.%016d", m ? "," : "", sweep_metrics[m], 123456789 + i);
  if (!st) st = mst_buffer_printf(&text, "},\"class_f1\":[");
  for (int c = 0; !st && c < N_CLASSES; c++)
    st = mst_buffer_printf(&text, "%s0.%06d", c ? "," : "", 100001 + (i * 77 + c) % 899998);
  if (!st)
    st = mst_buffer_printf(
        &text, "],\"n_train\":432718,\"n_copies\":0,\"n_test\":108180,\"n_twins\":1234,"
               "\"accuracy_twins\":0.1234567890123456,\"accuracy_alone\":0.1234567890123456,"
               "\"seconds\":123.4567890123456,\"cpu_seconds\":123.456789012,"
               "\"joules\":12345.67890123456,\"cost\":123.4567890123456,\"memory\":1234567890}");
  if (!st) st = mst_json_parse(text.data, text.size_bytes, &line);
  if (!st) st = sweep_line_append(lines, line);
  assert_int_equal(st, MST_OK);
  mst_json_free(line);
  mst_buffer_fini(&text);
}

/* Four workers' files. */
static void write_ledger(void) {
  for (int first = 0; first < N_CELLS; first += PER_WORKER) {
    char path[128];
    mst_buffer lines;
    mst_buffer_init(&lines, (size_t)1 << 28, "lines");
    for (int i = first; i < first + PER_WORKER; i++) add_line(i, &lines);
    (void)snprintf(path, sizeof path, "%s/ledger/worker-%d.jsonl", dir, first);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(lines.data, 1, lines.size_bytes, file), lines.size_bytes);
    assert_int_equal(fclose(file), 0);
    mst_buffer_fini(&lines);
  }
}

static int64_t bytes;

static int add_bytes(const char *path, const struct stat *s, int kind, struct FTW *at) {
  (void)path;
  (void)at;
  bytes += kind == FTW_F ? s->st_size : 0;
  return 0;
}

static double cpu_seconds(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void ten_thousand_cells(void **state) {
  sweep_view view;
  char path[96];
  (void)state;
  write_about();
  write_ledger();
  (void)snprintf(path, sizeof path, "%s/ledger", dir);
  assert_int_equal(nftw(path, add_bytes, 16, FTW_PHYS), 0);
  double best = 1e9;
  for (int run = 0; run < 3; run++) {
    const double began = cpu_seconds();
    assert_int_equal(sweep_view_init(dir, 0, &view), MST_OK);
    const double took = cpu_seconds() - began;
    assert_int_equal(view.n_done, N_CELLS);
    sweep_view_fini(&view);
    best = took < best ? took : best;
  }
  print_message("ledger %.1f MB, status %.3f s\n", (double)bytes / 1e6, best);
  assert_in_range(bytes, 10000000, 20000000);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  assert_true(best < 0.2);
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(ten_thousand_cells, make_folder, remove_folder)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
