/* test_spec.c: specs, configurations, cells and rungs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "failing_alloc.h"
#include "sweep/check.h"
#include "sweep/memory.h"

static char path[64];
static const sweep_ground ground = {
    .data = "data", .versions = "versions", .device = "cpu", .n_folds = 2};

static void write_spec(const char *text) {
  (void)snprintf(path, sizeof path, "/tmp/misstep-test-spec-%ld", (long)getpid());
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

static const char grid[] = "data: rows.csv\n"
                           "parameters:\n"
                           "  n_estimators: {values: [3, 6]}\n"
                           "  max_depth: {values: [2, 3]}\n"
                           "augment: {rules: [none, duplicates], copies: [1, 2]}\n"
                           "protocol: [clean, paper]\n"
                           "models: [xgboost, linear, majority]\n"
                           "rows: [20, 10]\n"
                           "seeds: [0, 5]\n";

static const char copies[] = "data: rows.csv\n"
                             "models: majority\n"
                             "augment: {rules: [none, duplicates], copies: [1, 2]}\n";

static const char hyperband[] = "data: rows.csv\n"
                                "method: hyperband\n"
                                "run_cap: 13\n"
                                "metric: accuracy\n"
                                "parameters: {learning_rate: {min: 0.1, max: 0.5}}\n"
                                "early_terminate: {type: hyperband, min_iter: 1, max_iter: 9}\n"
                                "rows: [10, 20]\n";

static const char apart[] = "data: rows.csv\n"
                            "method: asha\n"
                            "run_cap: 3\n"
                            "metric: accuracy\n"
                            "models: [xgboost, nb]\n"
                            "parameters: {learning_rate: {min: 0.1, max: 0.5}, "
                            "nb_alpha: {min: 0.1, max: 2}}\n"
                            "resource: rows\n"
                            "rows: [10, 30]\n"
                            "protocol: [clean, paper]\n";

static const char every[] = "data: rows.csv\n"
                            "models: [xgboost, lightgbm, linear, majority, nb, svm]\n"
                            "rows: [10, 20]\n"
                            "seeds: [0, 1]\n";

/* A spec to cells; counts what it finds. */
typedef struct made {
  int64_t n_cells, n_tasks, n_configs;
} made;

static mst_status make_all(void *payload) {
  made *out = payload;
  sweep_spec spec;
  sweep_cells cells;
  const sweep_data nothing = {0};
  mst_status st = sweep_spec_load(path, &spec);
  if (st) return st;
  st = sweep_spec_draw(&spec);
  if (!st) st = sweep_check(&spec, &nothing);
  if (!st) st = sweep_cells_make(&spec, &ground, &cells);
  if (!st) {
    *out = (made){cells.n_cells, cells.n_tasks, cells.n_configs};
    sweep_cells_fini(&cells);
  }
  sweep_spec_fini(&spec);
  return st;
}

/* Each refused allocation, with two configurations: every one has a hundred. */
static void test_without_memory(void **state) {
  static const char *const texts[] = {
      "data: x\nmodels: linear\nrows: [2, 1]\nseeds: [1]\nprotocol: [clean, paper]\n"
      "parameters: {linear_c: {values: [1, 2]}, class_weight: {value: balanced}, token_pattern: "
      "{value: a}}\n",
      "data: x\nmethod: asha\nrun_cap: 1\nparameters: {max_depth: {min: 2, max: 9}}\n"
      "early_terminate: {type: hyperband, min_iter: 1, max_iter: 2}\nfolds: {column: c}\n"};
  made m = {0};
  (void)state;
  for (int i = 0; i < 2; i++) {
    write_spec(texts[i]);
    assert_true(fail_every_alloc(make_all, &m) > 100);
    assert_int_equal(m.n_configs, 2);
  }
}

static void test_a_grid_shares_trainings(void **state) {
  made m = {0};
  (void)state;
  write_spec(grid);
  assert_int_equal(make_all(&m), MST_OK);
  /* 3 kinds of copies; xgboost 4, linear and majority 1; 2 sizes, seeds, folds, protocols */
  assert_int_equal(m.n_configs, 3 * 6);
  assert_int_equal(m.n_cells, 3 * 6 * 16);
  assert_int_equal(m.n_tasks, 3 * 4 * 16); /* two numbers of rounds are one training */
}

static void test_brackets(void **state) {
  made m = {0};
  (void)state;
  write_spec(hyperband);
  assert_int_equal(make_all(&m), MST_OK);
  /* brackets of 9 x 1/3, 3 x 1/2 and 1 parts of 5.5: 8, 3 and 2 with 3, 2 and 1 rungs */
  assert_int_equal(m.n_configs, 8 * 3 + 3 * 2 + 2);
  assert_int_equal(m.n_cells, m.n_configs * 4);
}

static void test_copies_that_are_not_made_are_one(void **state) {
  made m = {0};
  (void)state;
  write_spec(copies);
  assert_int_equal(make_all(&m), MST_OK);
  assert_int_equal(m.n_configs, 3);
}

static void test_what_is_refused(void **state) {
  static const char *const texts[] = {"", "[1]", "data: x\nrows: []\n", "data: x\nbudget: 3\n",
                                      "data: x\naugment: [none]\n"};
  sweep_spec spec;
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    write_spec(texts[i]);
    assert_int_equal(sweep_spec_load(path, &spec), MST_E_FORMAT);
    assert_memory_equal(mst_error_last()->message, path, strlen(path));
  }
  assert_int_equal(sweep_spec_load("/nowhere/x.yaml", &spec), MST_E_FORMAT);
}

/* A ledger in memory is a folder: results of a rung, best first. */
typedef struct rungs {
  char folder[64];
  sweep_spec spec;
  sweep_cells cells;
  sweep_ledger *ledger;
  sweep_writer writer;
} rungs;

static void begin(rungs *r, const char *text) {
  char ledger[80];
  write_spec(text);
  (void)snprintf(r->folder, sizeof r->folder, "/tmp/misstep-test-rungs-XXXXXX");
  assert_non_null(mkdtemp(r->folder));
  (void)snprintf(ledger, sizeof ledger, "mkdir %s/ledger", r->folder);
  assert_int_equal(system(ledger), 0);
  assert_int_equal(sweep_spec_load(path, &r->spec), MST_OK);
  assert_int_equal(sweep_spec_draw(&r->spec), MST_OK);
  assert_int_equal(sweep_cells_make(&r->spec, &ground, &r->cells), MST_OK);
  assert_int_equal(sweep_writer_init(r->folder, &r->writer), MST_OK);
  assert_int_equal(sweep_ledger_open(r->folder, "accuracy", 0, &r->ledger), MST_OK);
}

static void end(rungs *r) {
  char command[80];
  sweep_ledger_close(r->ledger);
  sweep_writer_close(&r->writer);
  sweep_cells_fini(&r->cells);
  sweep_spec_fini(&r->spec);
  (void)snprintf(command, sizeof command, "rm -r %s", r->folder);
  assert_int_equal(system(command), 0);
}

static void add_result(rungs *r, const sweep_cell *cell, const char *as, double accuracy) {
  mst_buffer lines;
  mst_buffer_init(&lines, 1 << 20, "lines");
  mst_json *line = mst_json_new_object();
  assert_int_equal(mst_json_set(line, "key", mst_json_new_string(cell->key)), MST_OK);
  assert_int_equal(mst_json_set(line, "state", mst_json_new_string(as)), MST_OK);
  assert_int_equal(mst_json_set(line, "accuracy", mst_json_new_real(accuracy)), MST_OK);
  assert_int_equal(mst_json_set(line, "cost", mst_json_new_real(2)), MST_OK);
  assert_int_equal(sweep_line_append(&lines, line), MST_OK);
  assert_int_equal(sweep_writer_append(&r->writer, &lines), MST_OK);
  mst_json_free(line);
  mst_buffer_fini(&lines);
}

/* Give every wanted open cell of the present rung a result: configurations of higher number are
 * better, but number 7 fails as often as it may. Returns how many there were. */
static int64_t finish_rung(rungs *r, const sweep_wanted *w) {
  int64_t n = 0;
  for (int64_t t = 0; t < r->cells.n_tasks; t++) {
    const sweep_cell *cell = &r->cells.cell[r->cells.task[t].first];
    const int64_t choice = r->cells.config[cell->config].choice;
    if (!w->task[t] || cell->rung != w->rung) continue;
    n++;
    for (int i = 0; choice == 7 && i < SWEEP_TRIES; i++) add_result(r, cell, "failed", 0);
    if (choice != 7) add_result(r, cell, "done", 0.1 * (double)choice);
  }
  assert_int_equal(sweep_ledger_read(r->ledger), MST_OK);
  return n;
}

static mst_status decide(void *payload) {
  rungs *r = payload;
  sweep_wanted w;
  const mst_status st = sweep_wanted_make(&r->spec, &r->cells, r->ledger, &w);
  if (!st) sweep_wanted_fini(&w);
  return st;
}

static void test_rungs_follow_results(void **state) {
  /* entrants of the first rung 8, second 3, third 2; times 2 folds and 2 sizes */
  static const int64_t counts[] = {8, 2 + 3, 1 + 1 + 2};
  rungs r;
  sweep_wanted w = {0};
  int64_t per_rung[SWEEP_MOST_RUNGS];
  (void)state;
  begin(&r, hyperband);
  assert_int_equal(sweep_rungs_expect(&r.spec, &r.cells, 2, per_rung), 4 * (8 + 5 + 4));
  for (int rung = 0; rung < 3; rung++) {
    assert_int_equal(per_rung[rung], counts[rung]);
    assert_int_equal(sweep_wanted_make(&r.spec, &r.cells, r.ledger, &w), MST_OK);
    assert_int_equal(w.rung, rung);
    for (int64_t t = 0; rung == 1 && t < r.cells.n_tasks; t++) { /* 5 and 6 go on, 7 has failed */
      const sweep_cell *cell = &r.cells.cell[r.cells.task[t].first];
      const int64_t choice = r.cells.config[cell->config].choice;
      if (cell->rung == 1) assert_int_equal(w.task[t], choice >= 5 && choice != 7 && choice < 11);
    }
    assert_int_equal(finish_rung(&r, &w), 4 * counts[rung]);
    sweep_wanted_fini(&w);
  }
  assert_int_equal(sweep_wanted_make(&r.spec, &r.cells, r.ledger, &w), MST_OK);
  assert_int_equal(w.rung, 3);
  sweep_wanted_fini(&w);
  assert_true(sweep_ledger_cost(r.ledger) == 2.0 * (4 * 16 + 4 * SWEEP_TRIES));
  assert_int_equal(fail_every_alloc(decide, &r), 3);
  end(&r);
}

/* Each model under each protocol lets a third of its own go on, however well another one does. */
static void test_models_compete_apart(void **state) {
  rungs r;
  sweep_wanted w = {0};
  int64_t n[MST_N_LEARNERS][2] = {{0}};
  (void)state;
  begin(&r, apart);
  assert_int_equal(sweep_wanted_make(&r.spec, &r.cells, r.ledger, &w), MST_OK);
  for (int64_t t = 0; t < r.cells.n_tasks; t++) {
    const sweep_cell *cell = &r.cells.cell[r.cells.task[t].first];
    const sweep_config *c = &r.cells.config[cell->config];
    if (w.task[t]) add_result(&r, cell, "done", 0.1 * (double)c->choice + c->model);
  }
  sweep_wanted_fini(&w);
  assert_int_equal(sweep_ledger_read(r.ledger), MST_OK);
  assert_int_equal(sweep_wanted_make(&r.spec, &r.cells, r.ledger, &w), MST_OK);
  for (int64_t t = 0; t < r.cells.n_tasks; t++) {
    const sweep_cell *cell = &r.cells.cell[r.cells.task[t].first];
    if (cell->rung == 1) n[r.cells.config[cell->config].model][cell->protocol] += w.task[t];
  }
  for (int protocol = 0; protocol < 2; protocol++) { /* two folds of one configuration */
    assert_int_equal(n[MST_LEARNER_XGBOOST][protocol], 2);
    assert_int_equal(n[MST_LEARNER_NB][protocol], 2);
  }
  sweep_wanted_fini(&w);
  end(&r);
}

/* What tables are sorted by. */
static void test_numbers_are_their_own(void **state) {
  rungs r;
  (void)state;
  begin(&r, every);
  assert_int_equal(r.spec.n_models, MST_N_LEARNERS);
  for (int64_t i = 0; i < r.cells.n_cells; i++)
    for (int64_t k = 0; k < i; k++)
      assert_int_not_equal(r.cells.cell[i].number, r.cells.cell[k].number);
  end(&r);
}

static void test_sizes_of_memory(void **state) {
  static const char *const bad[] = {"", "0", "-1", "G", "8X", "8GB", "nan", "1e30"};
  int64_t n = 5;
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(sweep_memory_parse(bad[i], &n), 0);
  assert_int_equal(n, 5);
  assert_int_equal(sweep_memory_parse("1.5K", &n), 1);
  assert_int_equal(n, 1536);
  const sweep_memory m = {.worker = 100, .there = 350};
  assert_int_equal(sweep_memory_fit(&m, 8), 3);
  assert_int_equal(sweep_memory_fit(&m, 2), 2);
  const sweep_memory little = {.worker = 100, .there = 50};
  assert_int_equal(sweep_memory_fit(&little, 4), 1);
  const sweep_memory gpu = {.worker = 100, .there = 800, .gpu_worker = 1000, .gpu_there = 5500};
  assert_int_equal(sweep_memory_fit(&gpu, 8), 5);
  assert_int_equal(sweep_memory_fit(&gpu, 4), 4);
  assert_true(sweep_memory_peak() > 0);
}

static int remove_spec(void **state) {
  (void)state;
  (void)unlink(path);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_is_refused),
      cmocka_unit_test(test_without_memory),
      cmocka_unit_test(test_a_grid_shares_trainings),
      cmocka_unit_test(test_brackets),
      cmocka_unit_test(test_rungs_follow_results),
      cmocka_unit_test(test_models_compete_apart),
      cmocka_unit_test(test_numbers_are_their_own),
      cmocka_unit_test(test_sizes_of_memory),
      cmocka_unit_test(test_copies_that_are_not_made_are_one),
  };
  return cmocka_run_group_tests(tests, NULL, remove_spec);
}
