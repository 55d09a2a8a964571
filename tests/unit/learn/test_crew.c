/* A crew's files: what is dealt out comes back, row for row and option for option, and a worker's
 * end is told in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failing_alloc.h"
#include "files/folder.h"
#include "learn/crew_internal.h"
#include "learn/model_internal.h"
#include "learn/share.h"

#define N_ROWS 7
#define N_COLS 5
#define N_CLASSES 2

static char base[] = "/tmp/misstep-test-XXXXXX";
static int n_folders;

/* A new empty folder. */
static const char *folder(void) {
  static char path[300];
  (void)snprintf(path, sizeof path, "%s/%d", base, n_folders++);
  assert_int_equal(mkdir(path, 0777), 0);
  return path;
}

/* Row d has d % 3 entries, so some have none. */
static int64_t row_ptr[N_ROWS + 1];
static int32_t col[3 * N_ROWS], label[N_ROWS];
static float val[3 * N_ROWS], margin[N_ROWS * N_CLASSES], weight[N_ROWS];

static mst__share rows(int64_t n_rows, int with_margin) {
  int64_t n = 0;
  for (int64_t d = 0; d < n_rows; d++) {
    for (int32_t i = 0; i < (int32_t)(d % 3); i++, n++) {
      col[n] = 2 * i;
      val[n] = (float)(10 * d + i) + 0.1f;
    }
    row_ptr[d + 1] = n;
    label[d] = (int32_t)(d % N_CLASSES);
    weight[d] = 1 + (float)d;
    for (int c = 0; c < N_CLASSES; c++) margin[d * N_CLASSES + c] = -0.3f * (float)(d + c);
  }
  const mst_csr x = {n_rows, N_COLS, row_ptr, col, val, MST_FLOAT32};
  return (mst__share){x, label, with_margin ? margin : NULL, with_margin ? N_CLASSES : 0,
                      with_margin ? weight : NULL};
}

static void test_every_row_has_one_worker(void **state) {
  (void)state;
  for (int64_t n_rows = 0; n_rows < 40; n_rows++)
    for (int n = 1; n < 9; n++) {
      assert_int_equal(mst__share_begin(n_rows, 0, n), 0);
      assert_int_equal(mst__share_begin(n_rows, n, n), n_rows);
      for (int k = 0; k < n; k++) {
        const int64_t here = mst__share_begin(n_rows, k + 1, n) - mst__share_begin(n_rows, k, n);
        assert_in_range(here, (uint64_t)(n_rows / n), (uint64_t)(n_rows / n + 1));
      }
    }
  const int64_t huge = INT64_MAX;
  assert_int_equal(mst__share_begin(huge, 1023, 1024) + huge / 1024 + 1, huge);
}

static mst_status deal_and_load(void *payload) {
  const int with_margin = *(int *)payload, n = 3;
  const char *dir = folder();
  const mst__share all = rows(N_ROWS, with_margin);
  mst_status st = mst__share_deal(dir, "train", &all, n);
  for (int k = 0; !st && k < n; k++) {
    mst__share s = {0};
    const int64_t first = mst__share_begin(N_ROWS, k, n);
    st = mst__share_load(dir, "train", k, N_COLS, all.n_margin, all.weight != NULL, &s);
    if (st) return st;
    assert_int_equal(s.x.n_rows, mst__share_begin(N_ROWS, k + 1, n) - first);
    assert_int_equal(mst_csr_check(&s.x), MST_OK);
    for (int64_t d = 0; d < s.x.n_rows; d++) {
      const int64_t from = row_ptr[first + d], size = row_ptr[first + d + 1] - from;
      assert_int_equal(s.x.row_ptr[d + 1] - s.x.row_ptr[d], size);
      assert_memory_equal(s.x.col + s.x.row_ptr[d], col + from, (size_t)size * sizeof *col);
      assert_memory_equal((float *)s.x.val + s.x.row_ptr[d], val + from,
                          (size_t)size * sizeof *val);
      assert_int_equal(s.label[d], label[first + d]);
      if (with_margin)
        assert_memory_equal(s.margin + d * N_CLASSES, margin + (first + d) * N_CLASSES,
                            N_CLASSES * sizeof *margin);
      else assert_null(s.margin);
      if (with_margin) assert_float_equal(s.weight[d], weight[first + d], 0);
      else assert_null(s.weight);
    }
    mst__share_fini(&s);
  }
  return st;
}

static void test_shares_come_back(void **state) {
  (void)state;
  for (int with_margin = 0; with_margin < 2; with_margin++)
    assert_true(fail_every_alloc(deal_and_load, &with_margin) > 0);
}

static void test_too_few_rows(void **state) {
  (void)state;
  mst__share all = rows(2, 0);
  assert_int_equal(mst__share_deal(folder(), "train", &all, 3), MST_E_ARG);
  assert_non_null(strstr(mst_error_last()->message, "--workers 3: there are only 2 rows to train"));
  all.x.n_rows = 0;
  assert_int_equal(mst__share_deal(folder(), "valid", &all, 1), MST_E_ARG);
}

static void test_damaged_shares(void **state) {
  (void)state;
  const mst__share all = rows(N_ROWS, 1);
  const char *dir = folder();
  char path[400];
  mst__share s;
  assert_int_equal(mst__share_load(dir, "train", 0, N_COLS, 0, 0, &s), MST_E_IO);
  assert_int_equal(mst__share_deal(dir, "train", &all, 2), MST_OK);
  assert_int_equal(mst__share_load(dir, "train", 0, N_COLS, N_CLASSES + 1, 0, &s), MST_E_FORMAT);
  (void)snprintf(path, sizeof path, "%s/1.train-val.npy", dir);
  assert_int_equal(mst_file_write(path, 1, "short", 5), MST_OK);
  assert_int_equal(mst__share_load(dir, "train", 1, N_COLS, N_CLASSES, 0, &s), MST_E_FORMAT);
}

static mst_status job_round_trip(void *payload) {
  (void)payload;
  const char *dir = folder();
  const mst_parameter extra[] = {{"gamma", "0.5"}, {"grow_policy", "lossguide"}};
  const mst__crew_job job = {.options = {.n_classes = 9,
                                         .learning_rate = 0.1 + 0.2,
                                         .max_depth = 4,
                                         .subsample = 1.0 / 3.0,
                                         .colsample_bytree = 0.8,
                                         .max_bin = 16,
                                         .extra = extra,
                                         .n_extra = 2,
                                         .device = "cpu",
                                         .seed = UINT64_MAX,
                                         .n_threads = 3},
                             .n_workers = 4,
                             .has_valid = 1,
                             .port = 65535,
                             .host = "10.0.0.1",
                             .n_rounds = 7,
                             .early_stopping = 2,
                             .n_margin = 9,
                             .n_cols = 2147483647};
  mst__crew_job read;
  mst_status st = mst__crew_job_write(dir, &job);
  if (!st) st = mst__crew_job_read(dir, &read);
  if (st) return st;
  const mst_xgb_options *a = &job.options, *b = &read.options;
  assert_true(a->learning_rate == b->learning_rate && a->subsample == b->subsample &&
              a->colsample_bytree == b->colsample_bytree);
  assert_true(a->n_classes == b->n_classes && a->max_depth == b->max_depth &&
              a->max_bin == b->max_bin && a->seed == b->seed && a->n_threads == b->n_threads);
  assert_string_equal(b->device, "cpu");
  assert_int_equal(b->n_extra, 2);
  assert_string_equal(b->extra[1].name, "grow_policy");
  assert_string_equal(b->extra[1].value, "lossguide");
  assert_string_equal(read.host, "10.0.0.1");
  assert_true(read.n_workers == 4 && read.has_valid == 1 && read.port == 65535 &&
              read.n_rounds == 7 && read.early_stopping == 2 && read.n_margin == 9 &&
              read.n_cols == 2147483647);
  mst__crew_job_fini(&read);
  return MST_OK;
}

static void test_job(void **state) {
  (void)state;
  assert_true(fail_every_alloc(job_round_trip, NULL) > 0);
  mst__crew_job job;
  char path[400];
  const char *dir = folder();
  assert_int_equal(mst__crew_job_read(dir, &job), MST_E_IO);
  (void)snprintf(path, sizeof path, "%s/job.json", dir);
  assert_int_equal(mst_file_write(path, 1, "{}", 2), MST_OK);
  assert_int_equal(mst__crew_job_read(dir, &job), MST_E_FORMAT);
}

static void test_report(void **state) {
  (void)state;
  for (int stopped = 0; stopped < 2; stopped++) {
    const char *dir = folder();
    const mst_fit_report report = {.n_rounds = 9,
                                   .best_round = 5,
                                   .validation_mlogloss = stopped ? 0.123456789 : NAN,
                                   .device = "cpu"};
    mst_fit_report read = {.n_rows = 77};
    assert_int_equal(mst__crew_report_write(dir, &report), MST_OK);
    assert_int_equal(mst__crew_report_read(dir, &read), MST_OK);
    assert_true(read.n_rounds == 9 && read.best_round == 5 && read.n_rows == 77);
    assert_true(stopped ? read.validation_mlogloss == report.validation_mlogloss
                        : isnan(read.validation_mlogloss));
    assert_string_equal(read.device, "cpu");
  }
}

static void test_why(void **state) {
  (void)state;
  const char *dir = folder();
  char why[512], path[MST__CREW_PATH];
  const mst__hand killed = {.signal = 9}, aborted = {.signal = 6}, left = {.code = 255};
  assert_int_equal(mst__crew_why(dir, 1, &killed, why), 1);
  assert_non_null(strstr(why, "signal 9"));
  assert_int_equal(mst__crew_why(dir, 1, &aborted, why), 0);
  mst__crew_file(path, dir, 1, "err");
  assert_int_equal(mst_file_write(path, 1, "first\nlast words\n\n", 18), MST_OK);
  assert_int_equal(mst__crew_why(dir, 1, &left, why), 0);
  assert_string_equal(why, "it ended with code 255: last words");
  mst__crew_fail_write(dir, 1, 1, "no memory");
  assert_int_equal(mst__crew_why(dir, 1, &left, why), 1);
  assert_string_equal(why, "no memory");
  mst__crew_fail_write(dir, 1, 0, "connection");
  assert_int_equal(mst__crew_why(dir, 1, &left, why), 0);
  assert_string_equal(why, "connection");
}

static void set_tasks(const char *n, const char *rank) {
  (void)setenv("SLURM_STEP_NUM_TASKS", n, 1);
  (void)setenv("SLURM_PROCID", rank, 1);
  (void)setenv("SLURM_JOB_ID", "12", 1);
  (void)setenv("SLURM_STEP_ID", "3", 1);
  (void)setenv("SLURMD_NODENAME", "localhost", 1);
}

static void test_place(void **state) {
  (void)state;
  mst_crew_place p, other;
  char address[64], output[400], found[MST__CREW_PATH], shared[400];
  (void)unsetenv("SLURM_STEP_NUM_TASKS");
  assert_int_equal(mst_crew_place_find(4, &p), MST_OK);
  assert_true(p.n == 4 && p.rank == 0 && !p.is_spread);
  set_tasks("3", "2");
  assert_int_equal(mst_crew_place_find(1, &p), MST_OK); /* each task a run of its own */
  assert_true(p.rank == 0 && !p.is_spread);
  assert_int_equal(mst_crew_place_find(4, &p), MST_E_ARG);
  assert_int_equal(mst_crew_place_find(3, &p), MST_OK);
  assert_true(p.n == 3 && p.rank == 2 && p.is_spread);
  mst__crew_address(&p, address);
  assert_string_equal(address, "127.0.0.1");
  const char *dir = folder();
  (void)snprintf(output, sizeof output, "%s/model", dir);
  assert_int_equal(mst__crew_find(output, &p, found), 0);
  (void)snprintf(shared, sizeof shared, "%s/.misstep-1-1-host", dir);
  assert_int_equal(mkdir(shared, 0777), 0);
  (void)snprintf(shared, sizeof shared, "%s/.misstep-1-1-host/run", dir);
  assert_int_equal(mkdir(shared, 0777), 0);
  assert_int_equal(mst__crew_find(output, &p, found), 0);
  assert_int_equal(mst__crew_sign(shared, &p), MST_OK);
  assert_int_equal(mst__crew_find(output, &p, found), 1);
  assert_string_equal(found, shared);
  (void)setenv("SLURM_STEP_ID", "4", 1);
  assert_int_equal(mst_crew_place_find(3, &other), MST_OK);
  assert_int_equal(mst__crew_find(output, &other, found), 0);
}

static void test_pulse(void **state) {
  (void)state;
  const char *dir = folder();
  mst__pulse *pulse = NULL;
  mst__heard heard = {0};
  assert_int_equal(mst__is_silent(dir, 1, &heard), 0); /* silence begins now */
  assert_int_equal(mst__pulse_open(dir, 1, &pulse), MST_OK);
  for (int i = 0; i < 500 && heard.count == 0; i++) {
    assert_int_equal(mst__is_silent(dir, 1, &heard), 0);
    (void)usleep(10000);
  }
  mst__pulse_close(pulse);
  assert_true(heard.count >= 1);
  heard.at -= MST__CREW_SILENCE + 5;
  heard.count += 1000;
  assert_int_equal(mst__is_silent(dir, 1, &heard), 1);
  mst__pulse_close(NULL);
}

static int n_entries(const char *path) {
  int n = 0;
  DIR *dir = opendir(path);
  assert_non_null(dir);
  while (readdir(dir)) n++;
  (void)closedir(dir);
  return n - 2; /* itself and its parent */
}

static mst_status open_and_close(void *payload) {
  const mst_crew_place *place = payload;
  const char *dir = folder();
  char output[400];
  mst_crew *crew = NULL;
  (void)snprintf(output, sizeof output, "%s/model//", dir);
  const mst_status st = mst_crew_open(place, output, &crew);
  assert_int_equal(n_entries(dir), st ? 0 : 1);
  if (!st) assert_int_equal(mst__crew_size(crew), place->n);
  mst_crew_close(crew, MST_E_CANCELLED); /* nobody is waited for */
  assert_int_equal(n_entries(dir), 0);
  return st;
}

static void test_open(void **state) {
  (void)state;
  if (mst_xgb_open(NULL)) skip();
  mst_crew_place p = {.n = 3, .id = "x", .host = "localhost"};
  assert_true(fail_every_alloc(open_and_close, &p) > 0);
  p.is_spread = 1;
  assert_true(fail_every_alloc(open_and_close, &p) > 0);
  mst_crew *crew = NULL;
  assert_int_equal(mst_crew_open(&p, "/nowhere/model", &crew), MST_E_IO);
  assert_null(crew);
  assert_int_equal(mst__crew_size(NULL), 1);
}

static int make_base(void **state) {
  (void)state;
  return mkdtemp(base) == NULL;
}

static int remove_base(void **state) {
  (void)state;
  char command[64];
  (void)snprintf(command, sizeof command, "rm -rf %s", base);
  return system(command);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_row_has_one_worker),
                                     cmocka_unit_test(test_shares_come_back),
                                     cmocka_unit_test(test_too_few_rows),
                                     cmocka_unit_test(test_damaged_shares),
                                     cmocka_unit_test(test_job),
                                     cmocka_unit_test(test_report),
                                     cmocka_unit_test(test_why),
                                     cmocka_unit_test(test_place),
                                     cmocka_unit_test(test_pulse),
                                     cmocka_unit_test(test_open)};
  return cmocka_run_group_tests(tests, make_base, remove_base);
}
