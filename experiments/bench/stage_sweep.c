/* stage_sweep.c: misstep sweep as a whole process, against GridSearchCV on the same folds. */
#include <math.h>
#include <stdio.h>

#include "bench.h"

/* The same scores up to the sums' rounding: scikit-learn adds float32 logarithms in its order. */
#define SAME 1e-6

static mst_status prepare(const bench *b, const char *estimators, bench_run *out) {
  char script[PATH_MAX], all[PATH_MAX];
  bench_peer(b, "sweep.py", script);
  bench_work(b, "all.csv", all);
  const char *const argv[] = {
      b->python,      script,     "prepare", all, b->work, "--rows", b->quick ? "2000" : "10000",
      "--estimators", estimators, NULL};
  return bench_child(argv, b->threads, 1, out);
}

static mst_status search(const bench *b, const char *estimators, const char *jobs, bench_run *out) {
  char script[PATH_MAX];
  bench_peer(b, "sweep.py", script);
  const char *const argv[] = {b->python, script,         "search",   b->work, "--n-jobs",
                              jobs,      "--estimators", estimators, NULL};
  return bench_child(argv, 1, 1, out);
}

/* Our sweep into WORK/sweep-cells. */
static mst_status sweep(const bench *b, const char *jobs, bench_run *out) {
  char spec[PATH_MAX], cells[PATH_MAX];
  bench_work(b, "sweep.yaml", spec);
  bench_work(b, "sweep-cells", cells);
  const char *const argv[] = {b->misstep,  "sweep", spec, "-o", cells,
                              "--workers", jobs,    "-q", NULL};
  return bench_child(argv, b->threads, 0, out);
}

/* Its scores beside the peer's. */
static mst_status judge(const bench *b, bench_run *out) {
  char script[PATH_MAX], cells[PATH_MAX], table[PATH_MAX];
  bench_run exported = {0};
  bench_peer(b, "sweep.py", script);
  bench_work(b, "sweep-cells", cells);
  bench_work(b, "sweep-cells.json", table);
  const char *const show[] = {b->misstep, "sweep",    "export", cells, "--format",
                              "json",     "--output", table,    NULL};
  const char *const compare[] = {b->python, script, "judge", b->work, table, NULL};
  mst_status st = bench_child(show, b->threads, 0, &exported);
  bench_run_fini(&exported);
  return st ? st : bench_child(compare, b->threads, 1, out);
}

static mst_status add_figure(bench *b, double n_cells, const bench_run *ours,
                             const bench_run *peer) {
  bench_figure f = {.stage = "sweep",
                    .name = "sweep of 12 settings x 3 folds, cells an hour",
                    .unit = "/h",
                    .ours = n_cells / ours->seconds * 3600,
                    .peer = n_cells / bench_number(peer, "seconds") * 3600,
                    .bar = 3,
                    .check = "accuracy, macro F1 and log loss of every cell equal GridSearchCV's "
                             "to 1e-6",
                    .handicaps = "Equal matrices, one XGBoost thread a trial on both sides. Cells "
                                 "which differ in n_estimators are one training here: half the "
                                 "rounds."};
  f.value = f.ours / f.peer;
  return bench_figure_add(b, &f, ours, peer);
}

mst_status bench_sweep(bench *b) {
  const char *estimators = b->quick ? "10,20,30" : "100,200,300";
  char jobs[16], what[128];
  bench_run cut = {0}, peer = {0}, ours = {0}, judged = {0};
  (void)snprintf(jobs, sizeof jobs, "%d", b->threads);
  mst_status st = prepare(b, estimators, &cut);
  if (!st) st = sweep(b, jobs, &ours);
  if (!st) bench_say("GridSearchCV: 12 settings, 3 folds; about four minutes");
  if (!st) st = search(b, estimators, jobs, &peer);
  if (!st) st = judge(b, &judged);
  if (st) goto done;
  const double worst = bench_number(&judged, "worst"), missing = bench_number(&judged, "n_missing");
  (void)snprintf(what, sizeof what, "scores differ by up to %.3g, %.0f cells are missing", worst,
                 missing);
  if (worst <= SAME && missing == 0) st = add_figure(b, bench_number(&cut, "cells"), &ours, &peer);
  else bench_wrong(b, "sweep", what);
done:
  bench_run_fini(&cut);
  bench_run_fini(&ours);
  bench_run_fini(&peer);
  bench_run_fini(&judged);
  return st;
}
