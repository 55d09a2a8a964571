/* stage_vectorize.c: fit + transform of texts in memory, against TfidfVectorizer.fit_transform. */
#include <math.h>
#include <stdio.h>

#include "bench.h"

static const char handicaps[] =
    "One corpus of short English titles; texts are in memory on both sides and reading is not "
    "timed. Peak memory is that of the whole process, libraries and texts included. scikit-learn "
    "has no threads here: the second core is ours alone. Its runs of more than 10 seconds are not "
    "repeated.";

static const struct setting {
  const char *name, *memory_name, *threads_name; /* of its three figures */
  const char *analyzer, *low, *high, *range;
  double bar;
} settings[] = {
    {"words", "words, peak memory", "words, 1 thread against all", "word", "1", "1", "1,1", 25},
    {"words 1-2", "words 1-2, peak memory", "words 1-2, 1 thread against all", "word", "1", "2",
     "1,2", 30},
    {"char_wb 2-4", "char_wb 2-4, peak memory", "char_wb 2-4, 1 thread against all", "char_wb", "2",
     "4", "2,4", 25},
};

static mst_status worker(const bench *b, const struct setting *s, int threads, bench_run *out) {
  char csv[PATH_MAX], n[16], repeats[16];
  bench_work(b, "all.csv", csv);
  (void)snprintf(n, sizeof n, "%d", threads);
  (void)snprintf(repeats, sizeof repeats, "%d", b->repeats);
  const char *const argv[] = {b->self, "worker", "vectorize", csv,     s->analyzer,
                              s->low,  s->high,  n,           repeats, NULL};
  return bench_child(argv, threads, 1, out);
}

/* Our matrix to files, then the peer: it is timed, and compares its matrix with the files. */
static mst_status check(bench *b, const struct setting *s, bench_run *peer) {
  char csv[PATH_MAX], script[PATH_MAX], threads[16], repeats[16];
  bench_run ours = {0};
  bench_work(b, "all.csv", csv);
  bench_peer(b, "vectorize.py", script);
  (void)snprintf(threads, sizeof threads, "%d", b->threads);
  const char *const our_argv[] = {b->self, "worker", "vectorize-write", csv,     s->analyzer,
                                  s->low,  s->high,  threads,           b->work, NULL};
  (void)snprintf(repeats, sizeof repeats, "%d", b->repeats);
  const char *const peer_argv[] = {b->python,   script,      csv,     "--analyzer",
                                   s->analyzer, "--repeats", repeats, "--ngram-range",
                                   s->range,    "--ours",    b->work, NULL};
  mst_status st = bench_child(our_argv, b->threads, 1, &ours);
  if (!st) st = bench_child(peer_argv, b->threads, 1, peer);
  bench_run_fini(&ours);
  return st;
}

static mst_status add_figures(bench *b, const struct setting *s, const bench_run *one,
                              const bench_run *all, const bench_run *peer) {
  bench_figure f = {.stage = "vectorize",
                    .name = s->name,
                    .unit = "s",
                    .ours = bench_number(all, "seconds"),
                    .peer = bench_number(peer, "seconds"),
                    .bar = s->bar,
                    .check = "terms, pattern, document frequencies equal scikit-learn's; values "
                             "within 4 ulp, once rows are summed in the same order (vectorize.py)",
                    .handicaps = handicaps};
  f.value = f.peer / f.ours;
  mst_status st = bench_figure_add(b, &f, all, peer);
  f.name = s->memory_name;
  f.unit = "MB";
  f.ours = all->peak_bytes / 1e6;
  f.peer = bench_number(peer, "peak_bytes") / 1e6;
  f.value = f.peer / f.ours;
  f.bar = 2;
  if (!st) st = bench_figure_add(b, &f, all, peer);
  f.name = s->threads_name;
  f.unit = "s";
  f.ours = bench_number(all, "seconds");
  f.peer = bench_number(one, "seconds");
  f.value = f.peer / f.ours;
  f.bar = b->threads == 2 ? 1.7 : NAN;
  f.handicaps = "Both sides are ours.";
  if (!st && b->threads > 1) st = bench_figure_add(b, &f, all, one);
  return st;
}

static mst_status run_setting(bench *b, const struct setting *s) {
  bench_run one = {0}, all = {0}, peer = {0};
  bench_say("vectorize: %s", s->name);
  mst_status st = check(b, s, &peer);
  const mst_json *wrong = st ? NULL : mst_json_get(peer.answer, "wrong");
  if (!st && (mst_json_kind_of(wrong) != MST_JSON_ARRAY || mst_json_size(wrong))) {
    bench_wrong(b, s->name, wrong ? mst_json_string(mst_json_at(wrong, 0), NULL) : "no comparison");
    goto done;
  }
  if (!st) st = worker(b, s, 1, &one);
  if (!st) st = worker(b, s, b->threads, &all);
  if (!st) st = add_figures(b, s, &one, &all, &peer);
done:
  bench_run_fini(&one);
  bench_run_fini(&all);
  bench_run_fini(&peer);
  return st;
}

mst_status bench_vectorize(bench *b) {
  mst_status st = MST_OK;
  for (size_t i = 0; i < sizeof settings / sizeof *settings && !st; i++)
    st = run_setting(b, &settings[i]);
  return st;
}
