/* stage_train.c: misstep train as a whole process, against the notebook; and --preset notebook,
 * which has to give the notebook's own predictions. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

static const char handicaps[] =
    "One corpus, one split, one seed; the notebook has the paper's settings, nobody tuned it. The "
    "notebook's time ends when its scores are known; ours includes intervals, tables and the model "
    "on disk.";
static const char check_words[] =
    "accuracy and macro F1 in metrics.json equal scikit-learn's on the written predictions";

/* The notebook on train.csv and test.csv, once a run of the program. */
mst_status bench_notebook_run(bench *b) {
  char script[PATH_MAX], train[PATH_MAX], test[PATH_MAX], labels[PATH_MAX], all[PATH_MAX];
  char threads[16];
  if (b->notebook.answer) return MST_OK;
  bench_say("the notebook: TfidfVectorizer and XGBClassifier, 300 rounds; about a minute");
  bench_peer(b, "notebook.py", script);
  bench_work(b, "train.csv", train);
  bench_work(b, "test.csv", test);
  bench_work(b, "notebook.txt", labels);
  bench_work(b, "all.csv", all);
  (void)snprintf(threads, sizeof threads, "%d", b->threads);
  const char *const argv[] = {b->python,       script, train,    test, "--n-jobs", threads,
                              "--predictions", labels, "--bulk", all,  NULL};
  return bench_child(argv, b->threads, 1, &b->notebook);
}

/* misstep train TRAIN --test TEST -o WORK/MODEL, then its metrics.json into out->answer. */
static mst_status run_train(const bench *b, const char *train_name, const char *test_name,
                            const char *model_name, const char *preset, bench_run *out) {
  char train[PATH_MAX], test[PATH_MAX], model[PATH_MAX], metrics[PATH_MAX], threads[16];
  bench_work(b, train_name, train);
  bench_work(b, test_name, test);
  bench_work(b, model_name, model);
  (void)snprintf(metrics, sizeof metrics, "%.3000s/metrics.json", model);
  (void)snprintf(threads, sizeof threads, "%d", b->threads);
  const char *const argv[] = {b->misstep, "train",   train,      "--test", test,
                              "-o",       model,     "--preset", preset,   "--threads",
                              threads,    "--quiet", "--force",  NULL};
  mst_status st = bench_child(argv, b->threads, 0, out);
  return st ? st : mst_json_load(metrics, &out->answer);
}

static double test_score(const bench_run *run, const char *key) {
  return mst_json_number(mst_json_get(mst_json_get(run->answer, "test"), key));
}

/* misstep predict on a test file, scored by scikit-learn; same: labels to compare with, or NULL. */
static mst_status score(const bench *b, const char *model_name, const char *test_name,
                        const char *predictions_name, const char *same, bench_run *out) {
  char model[PATH_MAX], test[PATH_MAX], predictions[PATH_MAX], script[PATH_MAX], threads[16];
  bench_run predicted = {0};
  bench_work(b, model_name, model);
  bench_work(b, test_name, test);
  bench_work(b, predictions_name, predictions);
  bench_peer(b, "score.py", script);
  (void)snprintf(threads, sizeof threads, "%d", b->threads);
  const char *const predict[] = {b->misstep,  "predict", model,     test,      "-o", predictions,
                                 "--threads", threads,   "--quiet", "--force", NULL};
  const char *const judge[] = {b->python, script, predictions, test, same ? "--same" : NULL,
                               same,      NULL};
  mst_status st = bench_child(predict, b->threads, 0, &predicted);
  bench_run_fini(&predicted);
  return st ? st : bench_child(judge, b->threads, 1, out);
}

static int scores_agree(const bench_run *ours, const bench_run *judged) {
  return fabs(test_score(ours, "accuracy") - bench_number(judged, "accuracy")) < 1e-9 &&
         fabs(test_score(ours, "macro_f1") - bench_number(judged, "macro_f1")) < 1e-9;
}

static mst_status add_train_figures(bench *b, const bench_run *ours) {
  const bench_run *peer = &b->notebook;
  bench_figure f = {.stage = "train",
                    .name = "train, whole process",
                    .unit = "s",
                    .ours = ours->seconds,
                    .peer = bench_number(peer, "seconds"),
                    .bar = 10,
                    .check = check_words,
                    .handicaps = handicaps};
  f.value = f.peer / f.ours;
  mst_status st = bench_figure_add(b, &f, ours, peer);
  f.name = "train, accuracy above the notebook";
  f.unit = "";
  f.ours = test_score(ours, "accuracy");
  f.peer = bench_number(peer, "accuracy");
  f.value = f.ours - f.peer;
  f.bar = 0.08;
  if (!st) st = bench_figure_add(b, &f, ours, peer);
  f.name = "train, accuracy";
  f.value = f.ours;
  f.bar = 0.68;
  if (!st) st = bench_figure_add(b, &f, ours, peer);
  f.name = "train, macro F1";
  f.ours = f.value = test_score(ours, "macro_f1");
  f.peer = bench_number(peer, "macro_f1");
  f.bar = 0.53;
  if (!st) st = bench_figure_add(b, &f, ours, peer);
  f.name = "train, peak memory";
  f.unit = "MB";
  f.ours = ours->peak_bytes / 1e6;
  f.peer = bench_number(peer, "peak_bytes") / 1e6;
  f.value = f.peer / f.ours;
  f.bar = NAN;
  return st ? st : bench_figure_add(b, &f, ours, peer);
}

/* The default model on train.csv; its predictions of test.csv are kept for the stage predict. */
static mst_status train_default(bench *b, bench_run *ours, int *is_right) {
  bench_run judged = {0};
  mst_status st = run_train(b, "train.csv", "test.csv", "model", "default", ours);
  if (!st) st = score(b, "model", "test.csv", "test-predictions.csv", NULL, &judged);
  *is_right = !st && scores_agree(ours, &judged);
  if (!st && !*is_right) bench_wrong(b, "train", "metrics.json disagrees with scikit-learn");
  b->has_model = *is_right;
  bench_run_fini(&judged);
  return st;
}

mst_status bench_model(bench *b) {
  bench_run ours = {0};
  int is_right;
  const mst_status st = train_default(b, &ours, &is_right);
  bench_run_fini(&ours);
  return st;
}

/* Every record; the notebook takes a quarter of an hour there, so it runs only when asked for. */
static mst_status train_all(bench *b) {
  char script[PATH_MAX], train[PATH_MAX], test[PATH_MAX], threads[16];
  bench_run ours = {0}, judged = {0}, peer = {0};
  bench_say("train: all %lld records", (long long)b->n_all);
  mst_status st = run_train(b, "all-train.csv", "all-test.csv", "model-all", "default", &ours);
  if (!st) st = score(b, "model-all", "all-test.csv", "all-predictions.csv", NULL, &judged);
  if (!st && !scores_agree(&ours, &judged)) {
    bench_wrong(b, "train", "metrics.json of all records disagrees with scikit-learn");
    goto done;
  }
  bench_peer(b, "notebook.py", script);
  bench_work(b, "all-train.csv", train);
  bench_work(b, "all-test.csv", test);
  (void)snprintf(threads, sizeof threads, "%d", b->threads);
  const char *const argv[] = {b->python, script, train, test, "--n-jobs", threads, NULL};
  if (!st && b->full_peers) st = bench_child(argv, b->threads, 1, &peer);
  if (st) goto done;
  bench_figure f = {.stage = "train",
                    .name = "train, all records",
                    .unit = "s",
                    .ours = ours.seconds,
                    .peer = bench_number(&peer, "seconds"),
                    .value = ours.seconds,
                    .bar = 120,
                    .bar_is_ceiling = 1,
                    .check = check_words,
                    .handicaps = handicaps};
  st = bench_figure_add(b, &f, &ours, b->full_peers ? &peer : NULL);
  f.name = "train, all records, accuracy";
  f.unit = "";
  f.ours = f.value = test_score(&ours, "accuracy");
  f.peer = bench_number(&peer, "accuracy");
  f.bar = 0.76;
  f.bar_is_ceiling = 0;
  if (!st) st = bench_figure_add(b, &f, &ours, b->full_peers ? &peer : NULL);
done:
  bench_run_fini(&ours);
  bench_run_fini(&judged);
  bench_run_fini(&peer);
  return st;
}

mst_status bench_train(bench *b) {
  bench_run ours = {0};
  int is_right = 0;
  mst_status st = bench_notebook_run(b);
  if (!st) st = train_default(b, &ours, &is_right);
  if (!st && is_right) st = add_train_figures(b, &ours);
  bench_run_fini(&ours);
  return st || b->quick ? st : train_all(b);
}

mst_status bench_notebook(bench *b) {
  char labels[PATH_MAX], what[128];
  bench_run ours = {0}, judged = {0};
  bench_work(b, "notebook.txt", labels);
  mst_status st = bench_notebook_run(b);
  if (!st) st = run_train(b, "train.csv", "test.csv", "model-notebook", "notebook", &ours);
  if (!st) st = score(b, "model-notebook", "test.csv", "notebook-preset.csv", labels, &judged);
  const double different = bench_number(&judged, "n_different");
  (void)snprintf(what, sizeof what, "%.0f predictions differ from the notebook's", different);
  if (!st && different != 0) bench_wrong(b, "notebook", what);
  if (!st && different == 0) {
    bench_figure f = {.stage = "notebook",
                      .name = "--preset notebook, whole process",
                      .unit = "s",
                      .ours = ours.seconds,
                      .peer = bench_number(&b->notebook, "seconds"),
                      .bar = 1,
                      .check = "every predicted label equals the notebook's",
                      .handicaps = "Both sides spend nearly all of it inside the same XGBoost; a "
                                   "ratio near 1 is what can be expected."};
    f.value = f.peer / f.ours;
    st = bench_figure_add(b, &f, &ours, &b->notebook);
  }
  bench_run_fini(&ours);
  bench_run_fini(&judged);
  return st;
}
