/* figure.c: figures go to the table on the terminal and, one JSON line each, to the result file. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bench.h"
#include "misstep/alloc.h"

void bench_say(const char *format, ...) {
  va_list args;
  va_start(args, format);
  fputs("misstep-bench: ", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
}

void bench_wrong(bench *b, const char *stage, const char *what) {
  b->n_wrong++;
  bench_say("%s: WRONG ANSWER: %s (no figure without a right answer)", stage, what);
}

void bench_work(const bench *b, const char *name, char *out) {
  (void)snprintf(out, PATH_MAX, "%.3000s/%s", b->work, name);
}

void bench_peer(const bench *b, const char *name, char *out) {
  (void)snprintf(out, PATH_MAX, "%.3000s/%s", b->peers, name);
}

/* Bars are for the whole of the data. */
static int has_verdict(const bench *b, const bench_figure *f) {
  return !b->quick && !isnan(f->bar);
}

static int is_met(const bench_figure *f) {
  return f->bar_is_ceiling ? f->value <= f->bar : f->value >= f->bar;
}

/* A tree as part of another: through its text, since a tree has one owner. NULL: none or no
 * memory. */
static mst_json *copy(const mst_json *tree) {
  char *text = NULL;
  size_t n = 0;
  mst_json *out = NULL;
  if (!tree) return mst_json_new_null();
  if (!mst_json_dump(tree, 0, &text, &n)) (void)mst_json_parse(text, n, &out);
  mst_free(text);
  return out;
}

static mst_json *run_json(const bench_run *run) {
  mst_json *o = mst_json_new_object();
  mst_status st = mst_json_set(o, "process_seconds", mst_json_new_real(run->seconds));
  if (!st) st = mst_json_set(o, "process_peak_bytes", mst_json_new_real(run->peak_bytes));
  if (!st) st = mst_json_set(o, "answer", copy(run->answer));
  if (!st) return o;
  mst_json_free(o);
  return NULL;
}

static mst_status fill(const bench *b, const bench_figure *f, const bench_run *ours,
                       const bench_run *peer, mst_json *o) {
  mst_status st = mst_json_set(o, "stage", mst_json_new_string(f->stage));
  if (!st) st = mst_json_set(o, "figure", mst_json_new_string(f->name));
  if (!st) st = mst_json_set(o, "unit", mst_json_new_string(f->unit));
  if (!st) st = mst_json_set(o, "ours", mst_json_new_real(f->ours));
  if (!st) st = mst_json_set(o, "peer", mst_json_new_real(f->peer));
  if (!st) st = mst_json_set(o, "value", mst_json_new_real(f->value));
  if (!st) st = mst_json_set(o, "bar", mst_json_new_real(f->bar));
  if (!st)
    st = mst_json_set(o, "bar_is", mst_json_new_string(f->bar_is_ceiling ? "at most" : "at least"));
  if (!st)
    st = mst_json_set(o, "met",
                      has_verdict(b, f) ? mst_json_new_bool(is_met(f)) : mst_json_new_null());
  if (!st) st = mst_json_set(o, "check", mst_json_new_string(f->check));
  if (!st) st = mst_json_set(o, "handicaps", mst_json_new_string(f->handicaps));
  if (!st) st = mst_json_set(o, "records", mst_json_new_int(b->n_all));
  if (!st) st = mst_json_set(o, "threads", mst_json_new_int(b->threads));
  if (!st) st = mst_json_set(o, "quick", mst_json_new_bool(b->quick));
  if (!st && ours) st = mst_json_set(o, "our_run", run_json(ours));
  if (!st && peer) st = mst_json_set(o, "peer_run", run_json(peer));
  if (!st) st = mst_json_set(o, "machine", copy(b->card));
  return st;
}

/* Results are appended, never overwritten. */
static mst_status append_line(const bench *b, const char *stage, const mst_json *line) {
  char path[PATH_MAX], date[16], *text = NULL;
  size_t n = 0;
  const time_t today = time(NULL);
  (void)strftime(date, sizeof date, "%Y%m%d", gmtime(&today));
  (void)mkdir(b->output, 0777);
  (void)snprintf(path, sizeof path, "%.3000s/%s-%s-%s.jsonl", b->output, stage, b->machine, date);
  mst_status st = mst_json_dump(line, 0, &text, &n);
  if (st) return st;
  FILE *file = fopen(path, "a");
  if (!file) st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  else if (fprintf(file, "%s\n", text) < 0) st = MST_FAIL(MST_E_IO, "%s: not written", path);
  if (file && fclose(file) && !st) st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  mst_free(text);
  return st;
}

static mst_status cell(mst_table *table, double value) {
  if (isnan(value)) return mst_table_cell(table, "-");
  return mst_table_cell(table, value >= 10000 ? "%.0f" : "%.4g", value);
}

static mst_status add_row(bench *b, const bench_figure *f) {
  mst_status st = mst_table_cell(b->table, "%s", f->stage);
  if (!st) st = mst_table_cell(b->table, "%s", f->name);
  if (!st) st = mst_table_cell(b->table, "%s", f->unit);
  if (!st) st = cell(b->table, f->ours);
  if (!st) st = cell(b->table, f->peer);
  if (!st) st = cell(b->table, f->value);
  if (!st && isnan(f->bar)) st = mst_table_cell(b->table, "-");
  else if (!st) st = mst_table_cell(b->table, "%s %.4g", f->bar_is_ceiling ? "<=" : ">=", f->bar);
  if (!st)
    st = mst_table_cell(b->table, "%s", !has_verdict(b, f) ? "-" : is_met(f) ? "met" : "missed");
  return st;
}

mst_status bench_figure_add(bench *b, const bench_figure *f, const bench_run *ours,
                            const bench_run *peer) {
  mst_json *line = mst_json_new_object();
  mst_status st = fill(b, f, ours, peer, line);
  if (!st) st = append_line(b, f->stage, line);
  if (!st) st = add_row(b, f);
  mst_json_free(line);
  bench_say("%s: %s: ours %.4g, peer %.4g %s, judged %.4g, bar %s %.4g", f->stage, f->name, f->ours,
            f->peer, f->unit, f->value, f->bar_is_ceiling ? "<=" : ">=", f->bar);
  return st;
}
