/* compare.c: recorded figures of two times: each figure's latest line of either side, and what they
 * say of each other. */
#include "compare.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files/folder.h"
#include "misstep/alloc.h"

enum { MAX_FILE_BYTES = 1 << 28, MAX_FIGURES = 1 << 16 };

/* One line of a result file. */
typedef struct measured {
  char stage[32], name[160], unit[32], date[40], commit[64], machine[160];
  int64_t records, threads;
  int quick;
  double value, peer;
  compare_runs runs; /* of our side; n 0: the line has none */
} measured;

typedef struct figures {
  measured *line;
  int64_t n, capacity;
} figures;

static void text_of(const mst_json *o, const char *key, char *out, size_t n) {
  const char *text = mst_json_string(mst_json_get(o, key), NULL);
  (void)snprintf(out, n, "%s", text ? text : "");
}

/* What the worker timed: "runs" of its answer. */
static void take_runs(const mst_json *line, compare_runs *out) {
  const mst_json *runs =
      mst_json_get(mst_json_get(mst_json_get(line, "our_run"), "answer"), "runs");
  out->n = 0;
  if (!runs || mst_json_kind_of(runs) != MST_JSON_ARRAY) return;
  for (size_t i = 0; i < mst_json_size(runs) && i < COMPARE_RUNS; i++) {
    const double seconds = mst_json_number(mst_json_at(runs, i));
    if (seconds > 0) out->run[out->n++] = seconds;
  }
}

/* The runs are seconds: of a time the figure itself, of a rate what it is the inverse of, of
 * anything else (memory, a score) nothing. */
static void fit_runs(measured *m) {
  const int is_rate = strchr(m->unit, '/') != NULL;
  const double median = compare_median(&m->runs);
  if (!is_rate && strcmp(m->unit, "s") != 0) m->runs.n = 0;
  for (int i = 0; is_rate && i < m->runs.n; i++)
    m->runs.run[i] = m->value * median / m->runs.run[i];
}

static mst_status keep(figures *f, const mst_json *line) {
  if (!mst_json_get(line, "figure") || !mst_json_get(line, "machine")) return MST_OK;
  if (f->n == MAX_FIGURES) return MST_FAIL(MST_E_LIMIT, "more than %d figures", MAX_FIGURES);
  if (f->n == f->capacity) {
    const int64_t more = f->capacity ? 2 * f->capacity : 64;
    measured *grown = mst_realloc(f->line, (size_t)more, sizeof *grown);
    if (!grown) return MST_E_NOMEM;
    f->line = grown;
    f->capacity = more;
  }
  measured *m = &f->line[f->n];
  const mst_json *machine = mst_json_get(line, "machine");
  text_of(line, "stage", m->stage, sizeof m->stage);
  text_of(line, "figure", m->name, sizeof m->name);
  text_of(line, "unit", m->unit, sizeof m->unit);
  text_of(machine, "date", m->date, sizeof m->date);
  text_of(machine, "commit", m->commit, sizeof m->commit);
  text_of(machine, "cpu", m->machine, sizeof m->machine - 24);
  const size_t at = strlen(m->machine);
  (void)snprintf(m->machine + at, sizeof m->machine - at, ", %lld cores",
                 (long long)mst_json_int(mst_json_get(machine, "cores")));
  m->records = mst_json_int(mst_json_get(line, "records"));
  m->threads = mst_json_int(mst_json_get(line, "threads"));
  m->quick = mst_json_bool(mst_json_get(line, "quick"));
  m->value = mst_json_number(mst_json_get(line, "ours"));
  m->peer = mst_json_number(mst_json_get(line, "peer"));
  take_runs(line, &m->runs);
  fit_runs(m);
  f->n += !isnan(m->value);
  return MST_OK;
}

static mst_status read_file(const char *path, figures *f) {
  char *bytes = NULL;
  size_t n = 0;
  mst_status st = mst_file_read(path, MAX_FILE_BYTES, &bytes, &n);
  int number = 0;
  for (const char *p = bytes; !st && p < bytes + n;) {
    const char *end = memchr(p, '\n', (size_t)(bytes + n - p));
    if (!end) break; /* a line that a killed run did not end */
    mst_json *line = NULL;
    number++;
    st = mst_json_parse(p, (size_t)(end - p), &line);
    if (st) st = mst_error_prefix(st, "%s:%d", path, number);
    else st = keep(f, line);
    mst_json_free(line);
    p = end + 1;
  }
  mst_free(bytes);
  return st;
}

static mst_status read_all(const char *path, figures *f) {
  struct stat s;
  if (stat(path, &s)) return MST_FAIL(MST_E_IO, "%s cannot be read", path);
  if (!S_ISDIR(s.st_mode)) return read_file(path, f);
  DIR *folder = opendir(path);
  mst_status st = folder ? MST_OK : MST_FAIL(MST_E_IO, "%s cannot be read", path);
  for (struct dirent *e; !st && (e = readdir(folder));) {
    const size_t n = strlen(e->d_name), tail = strlen(".jsonl");
    char file[PATH_MAX];
    if (n < tail || strcmp(e->d_name + n - tail, ".jsonl") != 0) continue;
    (void)snprintf(file, sizeof file, "%.3000s/%s", path, e->d_name);
    st = read_file(file, f);
  }
  if (folder) closedir(folder);
  return st;
}

/* By stage and figure, then in time: a table's order must not be the folder's. */
static int by_figure(const void *left, const void *right) {
  const measured *a = left, *b = right;
  int order = strcmp(a->stage, b->stage);
  if (!order) order = strcmp(a->name, b->name);
  if (!order) order = (a->records > b->records) - (a->records < b->records);
  if (!order) order = (a->threads > b->threads) - (a->threads < b->threads);
  return order ? order : strcmp(a->date, b->date);
}

static int same_figure(const measured *a, const measured *b) {
  return !strcmp(a->stage, b->stage) && !strcmp(a->name, b->name) && a->records == b->records &&
         a->threads == b->threads && a->quick == b->quick && !strcmp(a->machine, b->machine);
}

/* The latest line of a figure; NULL: there is none. */
static const measured *latest(const figures *f, const measured *like) {
  const measured *best = NULL;
  for (int64_t i = 0; i < f->n; i++)
    if (same_figure(&f->line[i], like) && (!best || strcmp(f->line[i].date, best->date) > 0))
      best = &f->line[i];
  return best;
}

/* A figure's runs: the line's own; of a figure that is one run, those of the same commit. */
static compare_runs runs_of(const figures *f, const measured *m) {
  compare_runs runs = m->runs;
  for (int64_t i = 0; !m->runs.n && i < f->n && runs.n < COMPARE_RUNS; i++)
    if (same_figure(&f->line[i], m) && !strcmp(f->line[i].commit, m->commit) &&
        f->line[i].value > 0)
      runs.run[runs.n++] = f->line[i].value;
  return runs;
}

static mst_status put_ratio(mst_table *t, double value) {
  return isfinite(value) ? mst_table_cell(t, "%.3f", value) : mst_table_cell(t, "-");
}

static mst_status put(mst_table *t, const figures *f_old, const figures *f_new, const measured *old,
                      const measured *new) {
  const compare_runs a = runs_of(f_old, old), b = runs_of(f_new, new);
  compare_verdict verdict;
  const compare_ratio r = compare_apart(&a, &b, &verdict);
  mst_status st = mst_table_cell(t, "%s", new->stage);
  if (!st) st = mst_table_cell(t, "%s", new->name);
  if (!st) st = mst_table_cell(t, "%s", new->unit);
  if (!st) st = mst_table_cell(t, "%.4g", old->value);
  if (!st) st = mst_table_cell(t, "%.4g", new->value);
  if (!st) st = put_ratio(t, r.ratio);
  if (!st) st = put_ratio(t, r.low);
  if (!st) st = put_ratio(t, r.high);
  if (!st) st = mst_table_cell(t, "%d", a.n);
  if (!st) st = mst_table_cell(t, "%d", b.n);
  if (!st) st = put_ratio(t, new->peer / old->peer);
  return st ? st : mst_table_cell(t, "%s", compare_words(verdict, new->unit));
}

static mst_status note(mst_table *t, int64_t n_alone) {
  mst_status st = mst_table_note(
      t, "new / old with the 95 %% interval of the runs; slower or faster: it does not hold 1, and "
         "no run of one side lies among the other's");
  if (!st)
    st = mst_table_note(t, "the peer's ratio says what the machine did meanwhile; --against BINARY "
                           "runs two programs in turn and leaves the machine out of it");
  if (!st && n_alone)
    st = mst_table_note(t, "%lld figures have no partner of the same records, threads and machine",
                        (long long)n_alone);
  return st;
}

static mst_status fill(mst_table *t, const figures *old, const figures *new) {
  mst_status st = MST_OK;
  int64_t n_both = 0, n_alone = 0;
  for (int64_t i = 0; !st && i < new->n; i++) {
    const measured *m = &new->line[i], *before = latest(old, m);
    if (latest(new, m) != m) continue;
    n_alone += !before;
    n_both += before != NULL;
    if (before) st = put(t, old, new, before, m);
  }
  if (!st && !n_both)
    st = MST_FAIL(MST_E_ARG, "no figure of these records, threads and machine is on both sides");
  for (int64_t i = 0; i < old->n; i++)
    n_alone += latest(old, &old->line[i]) == &old->line[i] && !latest(new, &old->line[i]);
  return st ? st : note(t, n_alone);
}

mst_status bench_compare(const bench *b, const char *old_path, const char *new_path) {
  static const char *const columns[] = {"stage", "figure", "unit", "old",      "new",
                                        "ratio", "low",    "high", "old runs", "new runs",
                                        "peer",  "result", NULL};
  figures old = {0}, new = {0};
  mst_table *t = NULL;
  char *text = NULL;
  mst_status st = read_all(old_path, &old);
  if (!st) st = read_all(new_path, &new);
  if (!st && old.n) qsort(old.line, (size_t)old.n, sizeof *old.line, by_figure);
  if (!st && new.n) qsort(new.line, (size_t) new.n, sizeof *new.line, by_figure);
  if (!st) st = mst_table_create("Against what was recorded", "lllnnnnnnnnl", columns, &t);
  if (!st) st = fill(t, &old, &new);
  if (!st) st = mst_table_render(t, b->format, &text);
  if (!st) fputs(text, stdout);
  mst_free(text);
  mst_table_free(t);
  mst_free(old.line);
  mst_free(new.line);
  return st;
}
