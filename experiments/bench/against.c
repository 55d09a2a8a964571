/* against.c: another build's workers and ours in turn, on the same input: what the machine does in
 * the meantime happens to both. The order within a pair alternates (old new, new old, ...). */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"

const char *const against_columns[] = {"stage", "figure", "unit",  "old",    "new", "ratio",
                                       "low",   "high",   "pairs", "result", NULL};
const char against_align[] = "lllnnnnnnl";

/* One thing to time. worker: what misstep-bench worker is told behind the file; NULL: misstep
 * train, whose whole process counts. */
typedef struct job {
  const char *stage, *name;
  const char *worker[5];
} job;
static const job jobs[] = {{"read", "CSV, whole file", {"read"}},
                           {"vectorize", "words", {"vectorize", "word", "1", "1"}},
                           {"vectorize", "words 1-2", {"vectorize", "word", "1", "2"}},
                           {"vectorize", "char_wb 2-4", {"vectorize", "char_wb", "2", "4"}},
                           {"train", "train, whole process", {NULL}}};
enum { N_JOBS = sizeof jobs / sizeof *jobs };

/* The misstep that stands beside a misstep-bench. */
static void misstep_beside(const char *bench_path, char out[PATH_MAX]) {
  const char *slash = strrchr(bench_path, '/');
  (void)snprintf(out, PATH_MAX, "%.*smisstep", slash ? (int)(slash - bench_path) + 1 : 0,
                 bench_path);
}

static mst_status run_worker(const bench *b, const char *program, const job *j, bench_run *out) {
  char csv[PATH_MAX], threads[16];
  const char *argv[12] = {program, "worker", j->worker[0], csv};
  int n = 4;
  bench_work(b, "all.csv", csv);
  (void)snprintf(threads, sizeof threads, "%d", b->threads);
  for (int i = 1; j->worker[i]; i++) argv[n++] = j->worker[i];
  argv[n++] = threads;
  argv[n++] = "1";
  return bench_child(argv, b->threads, 1, out);
}

static mst_status run_train(const bench *b, const char *program, bench_run *out) {
  char misstep[PATH_MAX], train[PATH_MAX], test[PATH_MAX], model[PATH_MAX], threads[16];
  misstep_beside(program, misstep);
  bench_work(b, "train.csv", train);
  bench_work(b, "test.csv", test);
  bench_work(b, "against-model", model);
  (void)snprintf(threads, sizeof threads, "%d", b->threads);
  const char *const argv[] = {misstep, "train",     train,   "--test",  test,      "-o",
                              model,   "--threads", threads, "--quiet", "--force", NULL};
  return bench_child(argv, b->threads, 0, out);
}

/* Seconds of one run; *size: what the answer says of its result, NaN without one. */
static mst_status one_run(const bench *b, const char *program, const job *j, double *seconds,
                          double *size) {
  bench_run run = {0};
  const mst_status st =
      j->worker[0] ? run_worker(b, program, j, &run) : run_train(b, program, &run);
  const double entries = bench_number(&run, "entries");
  *seconds = j->worker[0] ? bench_number(&run, "seconds") : run.seconds;
  *size = isnan(entries) ? bench_number(&run, "rows") : entries;
  bench_run_fini(&run);
  if (!st && !(*seconds > 0))
    return MST_FAIL(MST_E_ADAPTER, "%s: %s: no seconds in its answer", program, j->name);
  return st;
}

static mst_status put(bench *b, const job *j, const compare_runs *old, const compare_runs *new) {
  compare_verdict verdict;
  const compare_ratio r = compare_pairs(old, new, &verdict);
  const double number[] = {compare_median(old), compare_median(new), r.ratio, r.low, r.high};
  mst_status st = mst_table_cell(b->table, "%s", j->stage);
  if (!st) st = mst_table_cell(b->table, "%s", j->name);
  if (!st) st = mst_table_cell(b->table, "s");
  for (int i = 0; !st && i < 5; i++)
    st = isnan(number[i]) ? mst_table_cell(b->table, "-")
                          : mst_table_cell(b->table, "%.4g", number[i]);
  if (!st) st = mst_table_cell(b->table, "%d", new->n);
  return st ? st : mst_table_cell(b->table, "%s", compare_words(verdict, "s"));
}

/* The first pair warms up, and shows whether both give the same. */
static mst_status one_job(bench *b, const job *j) {
  const char *const program[2] = {b->against, b->self};
  compare_runs runs[2] = {{{0}, 0}, {{0}, 0}};
  double size[2] = {NAN, NAN};
  for (int pair = -1; pair < b->repeats; pair++)
    for (int k = 0; k < 2; k++) {
      const int side = pair % 2 ? 1 - k : k;
      double seconds = 0;
      const mst_status st = one_run(b, program[side], j, &seconds, &size[side]);
      if (st) return st;
      if (pair >= 0) runs[side].run[runs[side].n++] = seconds;
    }
  if (!isnan(size[0]) && size[0] != size[1]) {
    bench_wrong(b, j->stage, "the two programs' results differ in size");
    return MST_OK;
  }
  return put(b, j, &runs[0], &runs[1]);
}

mst_status bench_against(bench *b, const char *stage) {
  mst_status st = MST_OK;
  int n = 0;
  if (access(b->against, X_OK))
    return MST_FAIL(MST_E_IO, "%s cannot be run: --against wants another misstep-bench",
                    b->against);
  for (int i = 0; !st && i < N_JOBS; i++) {
    if (strcmp(jobs[i].stage, stage) != 0) continue;
    bench_say("%s: %d pairs of runs", jobs[i].name, b->repeats);
    st = one_job(b, &jobs[i]);
    n++;
  }
  if (st || n) return st;
  return MST_FAIL(MST_E_ARG, "--against knows the stages read, vectorize and train, not %s", stage);
}
