/* stage_predict.c: misstep predict of every record by the default model, file to file. */
#include <stdio.h>

#include "bench.h"

static const char handicaps[] =
    "Different models: ours has a linear part as well. Ours is a whole process from file to file; "
    "the notebook's is transform and predict in memory.";

/* Predict all.csv with the model. */
static mst_status predict_all(const bench *b, bench_run *out) {
  char model[PATH_MAX], all[PATH_MAX], bulk[PATH_MAX], threads[16];
  bench_work(b, "model", model);
  bench_work(b, "all.csv", all);
  bench_work(b, "bulk-predictions.csv", bulk);
  (void)snprintf(threads, sizeof threads, "%d", b->threads);
  const char *const argv[] = {b->misstep,  "predict", model,     all,       "-o", bulk,
                              "--threads", threads,   "--quiet", "--force", NULL};
  return bench_child(argv, b->threads, 0, out);
}

/* The rows of test.csv within all.csv must be predicted as when test.csv came alone. */
static mst_status check(bench *b, int *is_right) {
  char script[PATH_MAX], alone[PATH_MAX], test[PATH_MAX], bulk[PATH_MAX], offset[32];
  bench_run judged = {0};
  bench_peer(b, "score.py", script);
  bench_work(b, "test-predictions.csv", alone);
  bench_work(b, "test.csv", test);
  bench_work(b, "bulk-predictions.csv", bulk);
  (void)snprintf(offset, sizeof offset, "%lld", (long long)b->n_train);
  const char *const argv[] = {b->python, script,     alone,  test, "--bulk",
                              bulk,      "--offset", offset, NULL};
  const mst_status st = bench_child(argv, b->threads, 1, &judged);
  *is_right = !st && bench_number(&judged, "n_bulk_different") == 0 &&
              bench_number(&judged, "bulk_rows") == (double)b->n_all;
  if (!st && !*is_right)
    bench_wrong(b, "predict", "predictions depend on the batch, or rows are missing");
  bench_run_fini(&judged);
  return st;
}

mst_status bench_predict(bench *b) {
  bench_run ours = {0};
  int is_right = 0;
  mst_status st = bench_notebook_run(b);
  if (!st && !b->has_model) st = bench_model(b);
  if (st || !b->has_model) return st;
  st = predict_all(b, &ours);
  if (!st) st = check(b, &is_right);
  if (!st && is_right) {
    bench_figure f = {.stage = "predict",
                      .name = "predict, whole process",
                      .unit = "records/s",
                      .ours = (double)b->n_all / ours.seconds,
                      .bar = 100000,
                      .check =
                          "labels and probabilities equal those of a file predicted alone; all "
                          "rows are there",
                      .handicaps = handicaps};
    f.value = f.ours;
    f.peer = bench_number(&b->notebook, "bulk_rows") / bench_number(&b->notebook, "bulk_seconds");
    st = bench_figure_add(b, &f, &ours, &b->notebook);
  }
  bench_run_fini(&ours);
  return st;
}
