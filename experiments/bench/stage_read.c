/* stage_read.c: a CSV file into columns in memory, against pandas.read_csv. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

static const char handicaps[] =
    "The file is in the page cache for both. pandas makes Python strings and infers types, which "
    "it "
    "must; ours makes UTF-8 slices and leaves them text. Disk and decompression are not in it.";

/* Both sides hash all fields; equal hashes, equal answers. */
static mst_status check(bench *b, const char *csv, int *is_right) {
  char script[PATH_MAX], threads[16];
  bench_run ours = {0}, peer = {0};
  bench_peer(b, "read.py", script);
  (void)snprintf(threads, sizeof threads, "%d", b->threads);
  const char *const our_argv[] = {b->self, "worker", "read-check", csv, threads, NULL};
  const char *const peer_argv[] = {b->python, script, csv, "--check", NULL};
  mst_status st = bench_child(our_argv, b->threads, 1, &ours);
  if (!st) st = bench_child(peer_argv, b->threads, 1, &peer);
  if (!st) {
    const char *a = mst_json_string(mst_json_get(ours.answer, "hash"), NULL);
    const char *c = mst_json_string(mst_json_get(peer.answer, "hash"), NULL);
    *is_right =
        a && c && strcmp(a, c) == 0 && bench_number(&ours, "rows") == bench_number(&peer, "rows");
    if (!*is_right) bench_wrong(b, "read", "fields differ from those of pandas");
  }
  bench_run_fini(&ours);
  bench_run_fini(&peer);
  return st;
}

mst_status bench_read(bench *b) {
  char csv[PATH_MAX], script[PATH_MAX], threads[16], repeats[16];
  bench_run ours = {0}, peer = {0};
  int is_right = 0;
  bench_work(b, "all.csv", csv);
  bench_peer(b, "read.py", script);
  (void)snprintf(threads, sizeof threads, "%d", b->threads);
  (void)snprintf(repeats, sizeof repeats, "%d", b->repeats);
  const char *const our_argv[] = {b->self, "worker", "read", csv, threads, repeats, NULL};
  const char *const peer_argv[] = {b->python, script, csv, "--repeats", repeats, NULL};
  mst_status st = check(b, csv, &is_right);
  if (st || !is_right) return st;
  st = bench_child(our_argv, b->threads, 1, &ours);
  if (!st) st = bench_child(peer_argv, b->threads, 1, &peer);
  if (!st) {
    bench_figure f = {.stage = "read",
                      .name = "CSV, whole file",
                      .unit = "s",
                      .ours = bench_number(&ours, "seconds"),
                      .peer = bench_number(&peer, "seconds"),
                      .bar = 10,
                      .check = "SHA-256 of all fields and the number of rows equal pandas'",
                      .handicaps = handicaps};
    f.value = f.peer / f.ours;
    st = bench_figure_add(b, &f, &ours, &peer);
    f.name = "CSV, peak memory";
    f.unit = "MB";
    f.ours = ours.peak_bytes / 1e6;
    f.peer = bench_number(&peer, "peak_bytes") / 1e6;
    f.value = f.peer / f.ours;
    f.bar = NAN;
    if (!st) st = bench_figure_add(b, &f, &ours, &peer);
  }
  bench_run_fini(&ours);
  bench_run_fini(&peer);
  return st;
}
