/* stage_augment.c: copies of generated statements, against textaugment's EDA and nlpaug's
 * SynonymAug; and what a user waits for. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

#define RULES "elementary-maths.en"

static const char handicaps[] =
    "Synthetic statements of about 16 words, one core; copies alone are counted, per second of "
    "processor time. Different work: the peers replace one word by WordNet's synonyms and keep "
    "nothing else in mind; ours applies rules and checks that the maths is as it was. nlpaug's "
    "tagger is replaced by a constant, which speeds it up.";
static const char alone[] = "No peer does this in a process of its own.";

/* misstep augment of WORK/from into WORK/to, with up to four more arguments. */
static mst_status augment(const bench *b, const char *from, const char *to, int threads,
                          const char *const more[4], bench_run *out) {
  char in[PATH_MAX], copies[PATH_MAX], number[16];
  bench_work(b, from, in);
  bench_work(b, to, copies);
  (void)snprintf(number, sizeof number, "%d", threads);
  const char *const argv[] = {b->misstep, "augment",   in,      "-o",      copies,    "--rules",
                              RULES,      "--threads", number,  "--quiet", "--force", more[0],
                              more[1],    more[2],     more[3], NULL};
  return bench_child(argv, threads, 0, out);
}

static mst_status generate(const bench *b, const char *name, int rows) {
  char path[PATH_MAX], count[16];
  bench_run run = {0};
  bench_work(b, name, path);
  (void)snprintf(count, sizeof count, "%d", rows);
  const char *const argv[] = {b->misstep, "generate", "-n",      count,     "--seed", "7",
                              "-o",       path,       "--quiet", "--force", NULL};
  const mst_status st = bench_child(argv, b->threads, 0, &run);
  bench_run_fini(&run);
  return st;
}

/* The peers' speeds, and our copies looked at row by row. */
static mst_status check(bench *b, bench_run *peers, int *is_right) {
  char script[PATH_MAX], texts[PATH_MAX], copies[PATH_MAX];
  bench_peer(b, "augment.py", script);
  bench_work(b, "statements.csv", texts);
  bench_work(b, "copies.csv", copies);
  const char *const argv[] = {b->python, script, texts, "--ours", copies, NULL};
  const mst_status st = bench_child(argv, 1, 1, peers);
  const mst_json *wrong = st ? NULL : mst_json_get(peers->answer, "wrong");
  *is_right = !st && wrong && !mst_json_size(wrong) && bench_number(peers, "n_checked") > 0;
  if (!st && !*is_right) bench_wrong(b, "augment", "copies are not what their provenance says");
  if (!st && !mst_json_get(peers->answer, "eda"))
    bench_say("augment: no peers; scripts/setup --augment-peers and Debian's wordnet-base bring "
              "them");
  return st;
}

static double peer_speed(const bench_run *peers, const char *name) {
  const mst_json *peer = mst_json_get(peers->answer, name);
  return peer ? mst_json_number(mst_json_get(peer, "per_second")) : NAN;
}

/* Copies a second of one core, against each peer. */
static mst_status add_speeds(bench *b, const char *name, double speed, double bar,
                             const bench_run *ours, const bench_run *peers) {
  static const char *const peer[] = {"eda", "nlpaug"};
  static const char *const shown[] = {"EDA", "SynonymAug"};
  mst_status st = MST_OK;
  for (int i = 0; !st && i < 2; i++) {
    char title[64];
    (void)snprintf(title, sizeof title, "%s, peer %s", name, shown[i]);
    bench_figure f = {.stage = "augment",
                      .name = title,
                      .unit = "copies/core-s",
                      .ours = speed,
                      .peer = peer_speed(peers, peer[i]),
                      .value = speed,
                      .bar = bar,
                      .check = "token space spells the same copies as text; edits on the parent "
                               "give the copy; its numbers are its parent's; no doubles",
                      .handicaps = handicaps};
    st = bench_figure_add(b, &f, ours, peers);
  }
  return st;
}

static mst_status token_space(const bench *b, bench_run *out) {
  char texts[PATH_MAX], repeats[16];
  bench_work(b, "statements.csv", texts);
  (void)snprintf(repeats, sizeof repeats, "%d", b->repeats);
  const char *const argv[] = {b->self, "worker", "augment", texts, RULES, "2", repeats, NULL};
  return bench_child(argv, 1, 1, out);
}

/* The worker counts the copies; the command makes as many of the same file. */
static mst_status speeds(bench *b) {
  static const char *const two[4] = {"--copies", "2", "--no-originals", NULL};
  static const char *const both[4] = {"--copies", "2", NULL, NULL};
  bench_run tokens = {0}, text = {0}, sample = {0}, peers = {0};
  int is_right = 0;
  mst_status st = augment(b, "statements.csv", "copies.csv", 1, both, &sample);
  if (!st) st = check(b, &peers, &is_right);
  if (!st && is_right) st = token_space(b, &tokens);
  if (!st && is_right && !mst_json_bool(mst_json_get(tokens.answer, "same"))) {
    bench_wrong(b, "augment", "token space and text differ");
    is_right = 0;
  }
  if (!st && is_right) st = augment(b, "statements.csv", "copies.csv", 1, two, &text);
  if (!st && is_right) {
    const double n = bench_number(&tokens, "copies");
    st = add_speeds(b, "token space", n / bench_number(&tokens, "seconds"), 1e6, &tokens, &peers);
    if (!st) st = add_speeds(b, "file with provenance", n / text.core_seconds, 3e5, &text, &peers);
  }
  bench_run_fini(&tokens);
  bench_run_fini(&text);
  bench_run_fini(&sample);
  bench_run_fini(&peers);
  return st;
}

/* What a user waits for: a file doubled, a file ten times as large. */
static mst_status waits(bench *b) {
  static const char *const twice[4] = {"--to", "30000", NULL, NULL};
  static const char *const tenfold[4] = {"--copies", "9", "--operations",
                                         "one-of(synonym, paraphrase, spelling)"};
  bench_run small = {0}, large = {0};
  bench_figure f = {.stage = "augment", .unit = "s", .bar_is_ceiling = 1, .handicaps = alone};
  mst_status st = generate(b, "small.csv", 15000);
  if (!st) st = augment(b, "small.csv", "small-copies.csv", b->threads, twice, &small);
  f.name = "15,000 to 30,000 records, whole process";
  f.check = "as above";
  f.peer = NAN;
  f.ours = f.value = small.seconds;
  f.bar = 0.1;
  if (!st) st = bench_figure_add(b, &f, &small, NULL);
  if (!st) st = augment(b, "statements.csv", "large-copies.csv", b->threads, tenfold, &large);
  f.name = "500,000 to 5,000,000 records, whole process";
  f.ours = f.value = large.seconds;
  f.bar = NAN;
  if (!st) st = bench_figure_add(b, &f, &large, NULL);
  f.name = "500,000 to 5,000,000 records, peak memory";
  f.unit = "MB";
  f.ours = f.value = large.peak_bytes / 1e6;
  f.bar = 200;
  if (!st) st = bench_figure_add(b, &f, &large, NULL);
  bench_run_fini(&small);
  bench_run_fini(&large);
  return st;
}

mst_status bench_augment(bench *b) {
  mst_status st = generate(b, "statements.csv", b->quick ? 6000 : 500000);
  bench_say("augment: copies against the peers'");
  if (!st) st = speeds(b);
  bench_say("augment: whole processes");
  return st ? st : waits(b);
}
