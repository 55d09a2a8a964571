/* test_look_memory.c: looking at a sweep and exporting it, with every allocation refused in turn:
 * MST_E_NOMEM, nothing leaks, no half file. */
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
#include <unistd.h>

#include "failing_alloc.h"
#include "sweep/export.h"

static char dir[64], out[96];
static sweep_view view;

static int remove_entry(const char *path, const struct stat *s, int kind, struct FTW *at) {
  (void)s;
  (void)kind;
  (void)at;
  return remove(path);
}

static void write_file(const char *name, const char *text) {
  char path[128];
  (void)snprintf(path, sizeof path, "%s/%s", dir, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0 && !fclose(file));
}

/* Depth counts, the rate does not; of 12 cells one has failed where asked for. */
static void write_cells(int failed) {
  mst_buffer lines;
  sweep_writer writer = {.file = -1};
  int number = 0;
  mst_buffer_init(&lines, 1 << 20, "lines");
  for (int depth = 2; depth <= 3; depth++)
    for (int rate = 1; rate <= 2; rate++)
      for (int seed = 0; seed < 3; seed++, number++) {
        char text[1024];
        const double y = 0.5 + 0.1 * (depth - 2) + 0.001 * seed + 0.0001 * rate * (seed - 1);
        const int n = snprintf(
            text, sizeof text,
            "{\"key\":\"%032d\",\"state\":\"%s\",\"number\":%d,\"worker\":\"w\",\"rows\":100,"
            "\"seed\":%d,\"fold\":0,\"model\":\"xgboost\",\"parameters\":{\"max_depth\":%d,"
            "\"learning_rate\":0.%d},%s\"accuracy\":%g,\"macro_f1\":%g},\"seconds\":1,"
            "\"cpu_seconds\":1,\"error\":\"\"}",
            number, failed == number ? "failed" : "done", number, seed, depth, rate,
            failed == number ? "\"nothing\":{" : "\"metrics\":{", y, y);
        mst_json *line = NULL;
        assert_int_equal(mst_json_parse(text, (size_t)n, &line), MST_OK);
        assert_int_equal(sweep_line_append(&lines, line), MST_OK);
        mst_json_free(line);
      }
  assert_int_equal(sweep_writer_init(dir, &writer), MST_OK);
  assert_int_equal(sweep_writer_append(&writer, &lines), MST_OK);
  sweep_writer_close(&writer);
  mst_buffer_fini(&lines);
}

static int make_folder(void **state) {
  char path[96];
  (void)state;
  (void)snprintf(dir, sizeof dir, "/tmp/misstep-look-XXXXXX");
  if (!mkdtemp(dir)) return -1;
  (void)snprintf(path, sizeof path, "%s/ledger", dir);
  if (mkdir(path, 0777)) return -1;
  (void)snprintf(out, sizeof out, "%s/out.svg", dir);
  write_file("sweep.json",
             "{\"format\":\"misstep-sweep\",\"metric\":\"macro_f1\",\"maximize\":true,"
             "\"cells\":12,\"cells_hash\":\"0123456789abcdef0123456789abcdef\",\"data\":\"d.csv\","
             "\"parameters\":[\"max_depth\",\"learning_rate\"],\"classes\":[\"a\",\"b\"]}\n");
  write_file("prices.json", "{\"dollars_per_cpu_hour\": 3.6}");
  write_cells(-1);
  return (int)sweep_view_init(dir, 1, &view);
}

static int remove_folder(void **state) {
  (void)state;
  sweep_view_fini(&view);
  return nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void drop_out(void) {
  struct stat s;
  if (!lstat(out, &s)) (void)nftw(out, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static const sweep_question question = {
    .x = "max_depth", .y = "macro_f1", .by = "learning_rate", .where = {"rows=100"}, .n_where = 1};

static mst_status ask(void *payload) {
  sweep_groups g = {.n = 7};
  const mst_status st = sweep_groups_make(&view, payload, &g);
  if (st) assert_int_equal(g.n, 7);
  else sweep_groups_fini(&g);
  return st;
}

static void groups(void **state) {
  (void)state;
  sweep_groups g;
  assert_int_equal(sweep_groups_make(&view, &question, &g), MST_OK);
  assert_int_equal(g.n, 4);
  for (int i = 0; i < 4; i++) assert_int_equal(g.group[i].y.n, 3);
  assert_true(fabs(g.group[1].y.mean - g.group[0].y.mean - 0.1) < 1e-12);
  sweep_groups_fini(&g);
  sweep_question by_model = {.y = "accuracy", .by = "model", .others = SWEEP_OTHERS_APART};
  assert_true(fail_every_alloc(ask, (void *)(uintptr_t)&question) > 20);
  assert_true(fail_every_alloc(ask, &by_model) > 20);
}

/* Everything from the folder on. */
static mst_status look_anew(void *payload) {
  sweep_view v = {0};
  (void)payload;
  const mst_status st = sweep_view_init(dir, 1, &v);
  if (!st) sweep_view_fini(&v);
  return st;
}

static void views(void **state) {
  (void)state;
  assert_int_equal(view.n, 12);
  assert_int_equal(view.n_done, 12);
  assert_true(fail_every_alloc(look_anew, NULL) > 5);
}

static mst_status rate(void *payload) {
  drop_out();
  const mst_status st = sweep_plot_importance(&view, payload);
  if (st) assert_int_equal(access(out, F_OK), -1);
  return st;
}

static void importance(void **state) {
  (void)state;
  sweep_look look = {.dir = dir, .out = out, .question = {.y = "macro_f1"}};
  if (system("gnuplot --version > /dev/null 2>&1") != 0) skip();
  assert_true(fail_every_alloc(rate, &look) > 20);
  char path[128], line[256] = "";
  (void)snprintf(path, sizeof path, "%s/out.csv", dir);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  assert_true(fgets(line, sizeof line, file) && fgets(line, sizeof line, file));
  (void)fclose(file);
  assert_non_null(strstr(line, ",0,0.99")); /* the depth makes up nearly all */
}

static mst_status export_one(void *payload) {
  char prices[96];
  (void)snprintf(prices, sizeof prices, "%s/prices.json", dir);
  const sweep_look look = {.dir = dir, .out = out, .prices = prices};
  drop_out();
  const mst_status st = sweep_export(&view, &look, payload);
  if (st) assert_int_equal(access(out, F_OK), -1);
  return st;
}

static void exports(void **state) {
  static const char *const formats[] = {"csv", "json", "latex", "sqlite", "mlflow", "html"};
  (void)state;
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    assert_true(fail_every_alloc(export_one, (void *)(uintptr_t)formats[i]) > 10);
    assert_int_equal(access(out, F_OK), 0);
    drop_out();
  }
}

/* A cell that failed has no place in a full grid. */
static void importance_refuses(void **state) {
  (void)state;
  sweep_view holed;
  sweep_look look = {.dir = dir, .out = out, .question = {.y = "macro_f1"}};
  char ledger[96], path[128];
  (void)snprintf(ledger, sizeof ledger, "%s/ledger", dir);
  assert_int_equal(nftw(ledger, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
  assert_int_equal(mkdir(ledger, 0777), 0);
  assert_int_equal(sweep_view_init(dir, 1, &holed), MST_OK);
  assert_int_equal(sweep_plot_importance(&holed, &look), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "no finished cell"));
  sweep_view_fini(&holed);
  write_cells(5);
  assert_int_equal(sweep_view_init(dir, 1, &holed), MST_OK);
  assert_int_equal(holed.n_failed, 1);
  assert_int_equal(sweep_plot_importance(&holed, &look), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "full grid"));
  sweep_view_fini(&holed);
  (void)snprintf(path, sizeof path, "%s/out.svg", dir);
  assert_int_equal(access(path, F_OK), -1);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void) {
  const struct CMUnitTest tests[] = {CASE(groups), CASE(views), CASE(importance), CASE(exports),
                                     CASE(importance_refuses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
