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

/* Our sweep of WORK/KIND.yaml into WORK/KIND. */
static mst_status sweep(const bench *b, const char *kind, const char *jobs, bench_run *out) {
  char name[32], spec[PATH_MAX], cells[PATH_MAX];
  (void)snprintf(name, sizeof name, "%s.yaml", kind);
  bench_work(b, name, spec);
  bench_work(b, kind, cells);
  const char *const argv[] = {b->misstep,  "sweep", spec, "-o", cells,
                              "--workers", jobs,    "-q", NULL};
  return bench_child(argv, b->threads, 0, out);
}

/* Its scores beside the peer's. */
static mst_status judge(const bench *b, const char *kind, bench_run *out) {
  char name[32], script[PATH_MAX], cells[PATH_MAX], table[PATH_MAX];
  bench_run exported = {0};
  (void)snprintf(name, sizeof name, "%s.json", kind);
  bench_peer(b, "sweep.py", script);
  bench_work(b, kind, cells);
  bench_work(b, name, table);
  const char *const show[] = {b->misstep, "sweep",    "export", cells, "--format",
                              "json",     "--output", table,    NULL};
  const char *const compare[] = {b->python, script, "judge", b->work, table, NULL};
  mst_status st = bench_child(show, b->threads, 0, &exported);
  bench_run_fini(&exported);
  return st ? st : bench_child(compare, b->threads, 1, out);
}

static mst_status add_figure(bench *b, bench_figure *f, const bench_run *cut, const bench_run *ours,
                             const bench_run *peer) {
  const double n_cells = bench_number(cut, "cells");
  f->stage = "sweep";
  f->unit = "/h";
  f->ours = n_cells / ours->seconds * 3600;
  f->peer = n_cells / bench_number(peer, "seconds") * 3600;
  f->value = f->ours / f->peer;
  return bench_figure_add(b, f, ours, peer);
}

/* The peer's matrices: every score has to be its. */
static mst_status equal_matrices(bench *b, const char *jobs, const bench_run *cut,
                                 const bench_run *peer) {
  char what[128];
  bench_run ours = {0}, judged = {0};
  bench_figure f = {.name = "sweep of 12 settings x 3 folds, cells an hour",
                    .bar = 3,
                    .check = "accuracy, macro F1 and log loss of every cell equal GridSearchCV's "
                             "to 1e-6",
                    .handicaps = "Equal matrices, one XGBoost thread a trial on both sides. Cells "
                                 "which differ in n_estimators are one training here: half the "
                                 "rounds."};
  mst_status st = sweep(b, "equal", jobs, &ours);
  if (!st) st = judge(b, "equal", &judged);
  if (st) goto done;
  const double worst = bench_number(&judged, "worst"), missing = bench_number(&judged, "n_missing");
  (void)snprintf(what, sizeof what, "scores differ by up to %.3g, %.0f cells are missing", worst,
                 missing);
  if (worst <= SAME && missing == 0) st = add_figure(b, &f, cut, &ours, peer);
  else bench_wrong(b, "sweep", what);
done:
  bench_run_fini(&ours);
  bench_run_fini(&judged);
  return st;
}

/* The same grid on what misstep gives to trees: other matrices, so other scores, which have to be
 * as good. */
static mst_status tree_features(bench *b, const char *jobs, const bench_run *cut,
                                const bench_run *peer) {
  char what[160];
  bench_run ours = {0}, judged = {0};
  bench_figure f = {.name = "the same with misstep's tree features, cells an hour",
                    .bar = 5,
                    .check = "every cell is there; the best setting's mean accuracy is at least "
                             "GridSearchCV's",
                    .handicaps = "Not the peer's matrices: rows are not normalised, and "
                                 "chi-squared on the training part keeps 2,000 terms."};
  mst_status st = sweep(b, "trees", jobs, &ours);
  if (!st) st = judge(b, "trees", &judged);
  if (st) goto done;
  const double best = bench_number(&judged, "best"), bar = bench_number(&judged, "best_peer");
  const double missing = bench_number(&judged, "n_missing");
  (void)snprintf(what, sizeof what,
                 "tree features: accuracy %.4f, GridSearchCV's %.4f; %.0f cells are missing", best,
                 bar, missing);
  bench_say(what);
  if (missing == 0 && best >= bar) st = add_figure(b, &f, cut, &ours, peer);
  else bench_wrong(b, "sweep", what);
done:
  bench_run_fini(&ours);
  bench_run_fini(&judged);
  return st;
}

mst_status bench_sweep(bench *b) {
  const char *estimators = b->quick ? "10,20,30" : "100,200,300";
  char jobs[16];
  bench_run cut = {0}, peer = {0};
  (void)snprintf(jobs, sizeof jobs, "%d", b->threads);
  mst_status st = prepare(b, estimators, &cut);
  if (!st) bench_say("GridSearchCV: 12 settings, 3 folds; about four minutes");
  if (!st) st = search(b, estimators, jobs, &peer);
  if (!st) st = equal_matrices(b, jobs, &cut, &peer);
  if (!st) st = tree_features(b, jobs, &cut, &peer);
  bench_run_fini(&cut);
  bench_run_fini(&peer);
  return st;
}
