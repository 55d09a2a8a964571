/* main.c: misstep bench: every speed claim, measured against the real peers, answer checked
 * first. */
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "compare.h"
#include "misstep/alloc.h"

static const char help[] =
    "misstep bench STAGE...: measure against scikit-learn, pandas and xgboost, answers checked "
    "first\n"
    "misstep bench --compare OLD: what got slower since\n"
    "\n"
    "Stages\n"
    "  read        CSV into memory against pandas.read_csv\n"
    "  vectorize   fit and transform against TfidfVectorizer: words, words 1-2, char_wb 2-4\n"
    "  train       misstep train against the notebook on 24,000 + 6,000 records; then all records\n"
    "  notebook    misstep train --preset notebook: the notebook's predictions, and its time\n"
    "  predict     misstep predict of all records\n"
    "  augment     misstep augment of generated statements against textaugment and nlpaug\n"
    "  sweep       misstep sweep against GridSearchCV: 12 settings, 3 folds, 10,000 records\n"
    "  all         all of these\n"
    "\n"
    "Options\n"
    "  --data FILE       CSV with columns text and label, plain or .gz\n"
    "                    (arxiv-titles.csv.gz of $MISSTEP_SHARED/data or ../shared/data)\n"
    "  --threads N       for both sides (2)\n"
    "  --repeats N       of timed runs of seconds, on both sides, of which the median counts (7)\n"
    "  --quick           the first 6,000 records only: does it all work? The bars do not apply\n"
    "  --full-peers      also the notebook on all records (a quarter of an hour)\n"
    "  --effect          augment: scores with copies, with as many duplicates, with those as\n"
    "                    weights of rows, and without, of five data sets beside FILE; goes on\n"
    "                    where a run ended; all arXiv titles\n"
    "                    with --full-peers only (hours)\n"
    "  --output FOLDER   result files, one JSON line a figure, appended\n"
    "                    (experiments/bench/results of the clone)\n"
    "  --compare OLD     figures recorded in the folder or file OLD against those in --output's,\n"
    "                    or with a stage those that it records now: ratios with 95 % intervals,\n"
    "                    and which are slower or faster beyond noise\n"
    "  --against BINARY  read, vectorize, train: another build's misstep-bench and this one in\n"
    "                    turn, --repeats pairs of runs, judged pair by pair; records nothing\n"
    "  --format FORMAT   the table: text, json or csv (text)\n"
    "\n"
    "Exit code: 0 all answers right, whether or not the bars are met; 1 a wrong answer or a "
    "failure;\n"
    "2 usage; 130 Ctrl-C.\n"
    "\n"
    "Example\n"
    "  misstep bench read vectorize --quick\n"
    "  misstep bench vectorize --against ../before/build/bin/misstep-bench --repeats 20\n";

enum { QUICK_ROWS = 6000 };

typedef struct stage {
  const char *name;
  mst_status (*run)(bench *b);
} stage;
static const stage stages[] = {{"read", bench_read},       {"vectorize", bench_vectorize},
                               {"train", bench_train},     {"notebook", bench_notebook},
                               {"predict", bench_predict}, {"augment", bench_augment},
                               {"sweep", bench_sweep}};
enum { N_STAGES = sizeof stages / sizeof *stages };

static int usage(const char *what, const char *word) {
  fprintf(stderr, "misstep-bench: %s%s; --help explains\n", what, word);
  return 2;
}

/* Number of --threads and --repeats, 1 .. 100; 0: not one. */
static int small_number(const char *text) {
  char *end;
  const long n = strtol(text, &end, 10);
  return *text && !*end && n >= 1 && n <= 100 ? (int)n : 0;
}

static int parse_format(const char *word, mst_table_format *out) {
  if (strcmp(word, "text") == 0) *out = MST_TABLE_TEXT;
  else if (strcmp(word, "json") == 0) *out = MST_TABLE_JSON;
  else if (strcmp(word, "csv") == 0) *out = MST_TABLE_CSV;
  else return 0;
  return 1;
}

/* An option with a value; 0: not one, or a bad value. */
static int parse_value(bench *b, const char *name, const char *value) {
  if (strcmp(name, "--data") == 0) b->data = value;
  else if (strcmp(name, "--output") == 0) b->output = value;
  else if (strcmp(name, "--compare") == 0) b->compare = value;
  else if (strcmp(name, "--against") == 0) b->against = value;
  else if (strcmp(name, "--threads") == 0) return (b->threads = small_number(value)) != 0;
  else if (strcmp(name, "--repeats") == 0) return (b->repeats = small_number(value)) != 0;
  else if (strcmp(name, "--format") == 0) return parse_format(value, &b->format);
  else return 0;
  return 1;
}

/* Is augment all that is wanted? */
static int is_augment(const int wanted[N_STAGES]) {
  for (int s = 0; s < N_STAGES; s++)
    if (wanted[s] != (stages[s].run == bench_augment)) return 0;
  return 1;
}

/* 0, or the exit code of a usage error. */
static int parse(int argc, char **argv, bench *b, int wanted[N_STAGES]) {
  int n_wanted = 0;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--quick") == 0) b->quick = 1;
    else if (strcmp(argv[i], "--full-peers") == 0) b->full_peers = 1;
    else if (strcmp(argv[i], "--effect") == 0) b->effect = 1;
    else if (argv[i][0] == '-') {
      if (i + 1 == argc || !parse_value(b, argv[i], argv[i + 1]))
        return usage("unknown option or bad value: ", argv[i]);
      i++;
    } else {
      int found = 0;
      for (int s = 0; s < N_STAGES; s++)
        if (strcmp(argv[i], "all") == 0 || strcmp(argv[i], stages[s].name) == 0)
          found = wanted[s] = 1;
      if (!found) return usage("unknown stage ", argv[i]);
      n_wanted++;
    }
  }
  if (b->effect && (n_wanted != 1 || !is_augment(wanted)))
    return usage("--effect belongs to the stage ", "augment");
  if (b->against && (b->compare || b->effect))
    return usage("--against goes without ", b->compare ? "--compare" : "--effect");
  return n_wanted || (b->compare && !b->against)
             ? 0
             : usage("which stage? ",
                     "read, vectorize, train, notebook, predict, augment, sweep or all");
}

/* Where the programs, scripts and data are. */
static mst_status find_parts(bench *b) {
  static char data[PATH_MAX];
  const char *shared = getenv("MISSTEP_SHARED");
  const ssize_t n = readlink("/proc/self/exe", b->self, sizeof b->self - 1);
  if (n < 0) return MST_FAIL(MST_E_IO, "/proc/self/exe cannot be read");
  b->self[n] = '\0';
  const char *slash = strrchr(b->self, '/');
  (void)snprintf(b->misstep, sizeof b->misstep, "%.*s/misstep", (int)(slash - b->self), b->self);
  (void)snprintf(b->python, sizeof b->python, "%s/.deps/venv/bin/python", BENCH_SOURCE_DIR);
  (void)snprintf(b->peers, sizeof b->peers, "%s/experiments/bench/peers", BENCH_SOURCE_DIR);
  if (access(b->python, X_OK))
    return MST_FAIL(MST_E_ADAPTER, "the peers need %s; ./scripts/setup --tests makes it",
                    b->python);
  if (!b->data) {
    (void)snprintf(data, sizeof data, "%.3000s/data/arxiv-titles.csv.gz",
                   shared ? shared : BENCH_SOURCE_DIR "/../shared");
    b->data = data;
  }
  if (access(b->data, R_OK))
    return MST_FAIL(MST_E_IO, "%s cannot be read; --data FILE names another", b->data);
  return MST_OK;
}

static mst_status make_work(bench *b) {
  const char *folder = getenv("TMPDIR");
  (void)snprintf(b->work, sizeof b->work, "%.3000s/misstep-bench-XXXXXX", folder ? folder : "/tmp");
  if (mkdtemp(b->work)) return MST_OK;
  b->work[0] = '\0';
  return MST_FAIL(MST_E_IO, "no scratch folder in %s", folder ? folder : "/tmp");
}

static int remove_entry(const char *path, const struct stat *s, int kind, struct FTW *at) {
  (void)s;
  (void)kind;
  (void)at;
  return remove(path);
}

mst_status bench_prepare(bench *b) {
  char script[PATH_MAX], rows[16];
  bench_run run = {0};
  bench_peer(b, "prepare.py", script);
  (void)snprintf(rows, sizeof rows, "%d", b->quick ? QUICK_ROWS : 0);
  const char *const argv[] = {b->python, script, b->data, b->work, "--rows", rows, NULL};
  const mst_status st = bench_child(argv, b->threads, 1, &run);
  if (!st) {
    b->n_all = mst_json_int(mst_json_get(run.answer, "all"));
    b->n_train = mst_json_int(mst_json_get(run.answer, "train"));
    b->n_test = mst_json_int(mst_json_get(run.answer, "test"));
  }
  bench_run_fini(&run);
  return st;
}

static mst_status print_table(const bench *b) {
  char *text = NULL;
  mst_status st = MST_OK;
  if (b->quick)
    st = mst_table_note(b->table, "--quick: the first %lld records; the bars are for all of them",
                        (long long)b->n_all);
  if (!st && b->against)
    st = mst_table_note(b->table, "ratio: new / old, mean of the pairs, with its 95 %% interval; "
                                  "slower or faster: it does not hold 1");
  if (!st && !b->against)
    st = mst_table_note(b->table, "judged against the bar: peer / ours for times and memory, the "
                                  "figure itself or our lead otherwise");
  if (!st) st = mst_table_render(b->table, b->format, &text);
  if (!st) fputs(text, stdout);
  mst_free(text);
  return st;
}

/* The stages, and their table: what was measured before a failure is shown. */
static mst_status measure(bench *b, const int wanted[N_STAGES]) {
  static const char *const columns[] = {"stage",  "figure", "unit",   "ours", "peer",
                                        "judged", "bar",    "result", NULL};
  mst_status st = bench_prepare(b);
  if (!st && b->against)
    st = mst_table_create("In turn with the other program", against_align, against_columns,
                          &b->table);
  else if (!st) st = mst_table_create("Figures", "lllnnnrl", columns, &b->table);
  for (int s = 0; s < N_STAGES && !st; s++)
    if (wanted[s]) st = b->against ? bench_against(b, stages[s].name) : stages[s].run(b);
  if (b->table) {
    const mst_status printed = print_table(b);
    if (!st) st = printed;
  }
  return st;
}

static int is_any(const int wanted[N_STAGES]) {
  int any = 0;
  for (int s = 0; s < N_STAGES; s++) any |= wanted[s];
  return any;
}

static mst_status run(bench *b, const int wanted[N_STAGES]) {
  if (!is_any(wanted)) return bench_compare(b, b->compare, b->output);
  mst_status st = find_parts(b);
  if (!st) st = bench_card(b);
  if (!st) st = make_work(b);
  if (!st) st = b->effect ? bench_effect(b) : measure(b, wanted);
  if (!st && b->compare) st = bench_compare(b, b->compare, b->output);
  if (b->work[0]) (void)nftw(b->work, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  mst_table_free(b->table);
  mst_json_free(b->card);
  bench_run_fini(&b->notebook);
  return st;
}

int main(int argc, char **argv) {
  mst_alloc_keep_freed();
  bench b = {.threads = 2, .repeats = 7, .output = BENCH_SOURCE_DIR "/experiments/bench/results"};
  int wanted[N_STAGES] = {0};
  mst_status st = MST_OK;
  if (argc > 1 && strcmp(argv[1], "worker") == 0) {
    st = bench_worker(argc - 2, argv + 2);
  } else {
    for (int i = 1; i < argc; i++)
      if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
        fputs(help, stdout);
        return 0;
      }
    const int code = parse(argc, argv, &b, wanted);
    if (code) return code;
    (void)signal(SIGINT, SIG_IGN); /* Ctrl-C ends the child at work, and with it the run */
    st = run(&b, wanted);
  }
  if (st) fprintf(stderr, "misstep-bench: %s\n", mst_error_last()->message);
  if (st == MST_E_CANCELLED) return 130;
  return st || b.n_wrong ? 1 : 0;
}
