/* stage_effect.c: misstep bench augment --effect: linear models with and without copies, and with
 * as many plain duplicates, which change regularisation and minimum frequencies just as copies do,
 * and with the duplicates as weights of rows, which change regularisation alone; with each single
 * operation; and copied before the division, as the paper did.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "effect.h"
#include "misstep/alloc.h"

enum { QUICK_SEEDS = 2, GENERATED_ROWS = 40000 };

static const char settings[] = "--learner linear --copies 1, a fifth at most 5,000 tested, clean";

/* Everything that one run holds. */
typedef struct effect {
  bench *b;
  effect_cells cells;
  char path[PATH_MAX]; /* of the cells' file */
  int has_wordnet;
} effect;

/* The files of a set, with commas between them. MST_E_IO: they are not there. */
static mst_status find_files(const effect *e, const effect_set *set, char out[2 * PATH_MAX]) {
  char names[256], folder[PATH_MAX], one[PATH_MAX + 256], *rest = NULL;
  if (!set->files) {
    bench_work(e->b, "generated.csv", out);
    return MST_OK;
  }
  (void)snprintf(folder, sizeof folder, "%.3000s", e->b->data);
  char *slash = strrchr(folder, '/');
  if (slash) *slash = 0;
  (void)snprintf(names, sizeof names, "%s", set->files);
  size_t n = 0;
  for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
    (void)snprintf(one, sizeof one, "%.3000s/%s", slash ? folder : ".", name);
    if (access(one, R_OK)) return MST_FAIL(MST_E_IO, "%s cannot be read", one);
    n += (size_t)snprintf(out + n, (size_t)2 * PATH_MAX - n, "%s%.3500s", n ? "," : "", one);
  }
  return MST_OK;
}

static mst_status generate(const bench *b) {
  char path[PATH_MAX], rows[16];
  bench_run run = {0};
  bench_work(b, "generated.csv", path);
  (void)snprintf(rows, sizeof rows, "%d", GENERATED_ROWS);
  const char *const argv[] = {b->misstep, "generate", "-n",      rows,      "--seed", "7",
                              "-o",       path,       "--quiet", "--force", NULL};
  const mst_status st = bench_child(argv, b->threads, 0, &run);
  bench_run_fini(&run);
  return st;
}

/* WORK/train.csv and WORK/test.csv. *n_train: fewer than asked for where the set is smaller. */
static mst_status divide(const effect *e, const int at[4], int64_t *n_train, int64_t *n_test) {
  const effect_set *set = &effect_sets[at[0]];
  char script[PATH_MAX], files[2 * PATH_MAX], rows[24], seed[16];
  bench_run run = {0};
  bench_peer(e->b, "effect.py", script);
  (void)snprintf(rows, sizeof rows, "%lld", (long long)effect_rows[at[1]]);
  (void)snprintf(seed, sizeof seed, "%d", at[2]);
  mst_status st = find_files(e, set, files);
  const char *const argv[] = {e->b->python, script,    files,      e->b->work, "--text",
                              set->text,    "--group", set->group, "--rows",   rows,
                              "--seed",     seed,      NULL};
  if (!st) st = bench_child(argv, 1, 1, &run);
  *n_train = st ? 0 : mst_json_int(mst_json_get(run.answer, "train"));
  *n_test = st ? 0 : mst_json_int(mst_json_get(run.answer, "test"));
  bench_run_fini(&run);
  return st;
}

/* The options of an arm; the last one is NULL. */
static void arm_options(const effect_arm *arm, const char *rules, const char *out[11]) {
  const char *value[] = {NULL, rules, "duplicates", "weights", NULL};
  int n = 0;
  if (value[arm->kind]) {
    const char *const copies[] = {"--augment", value[arm->kind], "--copies", "1"};
    for (int i = 0; i < 4; i++) out[n++] = copies[i];
    if (arm->kind != EFFECT_COPIES) out[n++] = "--rules", out[n++] = rules;
    if (arm->wordnet) out[n++] = "--lexicon", out[n++] = "wordnet";
    if (arm->operation) out[n++] = "--operations", out[n++] = arm->operation;
  }
  out[n] = NULL;
}

/* Copy all records, then divide them, as the paper did: WORK/leaky-train.csv, leaky-test.csv. */
static mst_status leak(const effect *e, const int at[4], effect_cell *cell) {
  char script[PATH_MAX], in[PATH_MAX], copied[PATH_MAX], seed[16];
  bench_run run = {0};
  bench_work(e->b, "all.csv", in);
  bench_work(e->b, "copied.csv", copied);
  bench_peer(e->b, "effect_leak.py", script);
  (void)snprintf(seed, sizeof seed, "%d", at[2]);
  const char *const copy[] = {
      e->b->misstep, "augment", in,        "-o",      copied, "--rules", effect_sets[at[0]].rules,
      "--seed",      seed,      "--force", "--quiet", NULL};
  const char *const part[] = {e->b->python, script, copied, e->b->work, "--seed", seed, NULL};
  mst_status st = bench_child(copy, e->b->threads, 0, &run);
  bench_run_fini(&run);
  run = (bench_run){0};
  if (!st) st = bench_child(part, 1, 1, &run);
  if (!st) {
    cell->n_train = mst_json_int(mst_json_get(run.answer, "train"));
    cell->n_test = mst_json_int(mst_json_get(run.answer, "test"));
    cell->n_twins = mst_json_int(mst_json_get(run.answer, "twins"));
  }
  bench_run_fini(&run);
  return st;
}

/* What a trained model's metrics.json says. */
static mst_status take_scores(const char *path, effect_cell *cell) {
  mst_json *metrics = NULL;
  const mst_status st = mst_json_load(path, &metrics);
  if (st) return st;
  const mst_json *test = mst_json_get(metrics, "test");
  const mst_json *made = mst_json_get(metrics, "augmentation");
  cell->is_known = 1;
  cell->n_copies = made ? mst_json_int(mst_json_get(made, "copies")) : 0;
  cell->score[EFFECT_ACCURACY] = mst_json_number(mst_json_get(test, "accuracy"));
  cell->score[EFFECT_MACRO_F1] = mst_json_number(mst_json_get(test, "macro_f1"));
  mst_json_free(metrics);
  return MST_OK;
}

static mst_status train(const effect *e, const int at[4], effect_cell *cell) {
  const effect_arm *arm = &effect_arms[at[3]];
  const int is_leaky = arm->kind == EFFECT_LEAKY;
  char parts[4][PATH_MAX], threads[16], seed[16];
  const char *more[11] = {0};
  bench_run run = {0};
  mst_status st = is_leaky ? leak(e, at, cell) : MST_OK;
  bench_work(e->b, is_leaky ? "leaky-train.csv" : "train.csv", parts[0]);
  bench_work(e->b, is_leaky ? "leaky-test.csv" : "test.csv", parts[1]);
  bench_work(e->b, "effect-model", parts[2]);
  (void)snprintf(parts[3], PATH_MAX, "%.3000s/metrics.json", parts[2]);
  (void)snprintf(threads, sizeof threads, "%d", e->b->threads);
  (void)snprintf(seed, sizeof seed, "%d", at[2]);
  arm_options(arm, effect_sets[at[0]].rules, more);
  const char *argv[32] = {e->b->misstep, "train",     parts[0], "--test",      parts[1], "-o",
                          parts[2],      "--learner", "linear", "--bootstrap", "0",      "--seed",
                          seed,          "--threads", threads,  "--quiet",     "--force"};
  for (int n = 17, i = 0; more[i]; i++) argv[n++] = more[i];
  if (!st) st = bench_child(argv, e->b->threads, 0, &run);
  bench_run_fini(&run);
  return st ? st : take_scores(parts[3], cell);
}

static int is_wanted(const effect *e, const int at[4]) {
  const effect_set *set = &effect_sets[at[0]];
  if (effect_arms[at[3]].wordnet && (!e->has_wordnet || !set->is_english)) return 0;
  if (effect_arms[at[3]].operation && at[1] != set->single) return 0;
  return !e->cells.at[at[0]][at[1]][at[2]][at[3]].is_known;
}

/* All arms of one set, size and seed that are not known yet. */
static mst_status one_seed(effect *e, int at[4]) {
  int n_wanted = 0;
  int64_t n_train = 0, n_test = 0;
  for (at[3] = 0; at[3] < EFFECT_ARMS; at[3]++) n_wanted += is_wanted(e, at);
  if (!n_wanted) return MST_OK;
  mst_status st = divide(e, at, &n_train, &n_test);
  if (st || n_train < effect_rows[at[1]]) return st;
  bench_say("effect: %s, %lld records, seed %d", effect_sets[at[0]].name, (long long)n_train,
            at[2]);
  for (at[3] = 0; !st && at[3] < EFFECT_ARMS; at[3]++) {
    effect_cell *cell = &e->cells.at[at[0]][at[1]][at[2]][at[3]];
    if (!is_wanted(e, at)) continue;
    *cell = (effect_cell){.n_train = n_train, .n_test = n_test};
    st = train(e, at, cell);
    if (!st) st = effect_file_append(e->path, settings, at, cell);
  }
  return st;
}

/* Can this set and size be had at all, in this run? */
static int is_asked_for(const effect *e, int set, int size) {
  const bench *b = e->b;
  const int is_large = effect_sets[set].files && strstr(effect_sets[set].files, ".gz");
  if (b->quick) return size == 0 && set != EFFECT_SETS - 1;
  return effect_rows[size] || !is_large || b->full_peers;
}

/* The tables one after the other; as JSON one object of them, as CSV with an empty line between. */
static mst_status show(const effect *e) {
  static const struct {
    const char *name;
    effect_table_fn *make;
  } tables[] = {{"copies", effect_table},
                {"single operations", effect_table_single},
                {"copied first", effect_table_paper}};
  const int json = e->b->format == MST_TABLE_JSON, csv = e->b->format == MST_TABLE_CSV;
  mst_status st = MST_OK;
  int n = 0;
  for (int i = 0; !st && i < 3; i++) {
    char *text = NULL;
    st = tables[i].make(&e->cells, e->b->format, &text);
    if (!text) continue;
    if (json) (void)printf("%s\"%s\": ", n ? ",\n" : "{", tables[i].name);
    else if (csv && n) (void)putchar('\n');
    (void)fputs(text, stdout);
    mst_free(text);
    n++;
  }
  if (json) (void)puts(n ? "}" : "{}");
  return st;
}

mst_status bench_effect(bench *b) {
  effect *e = mst_alloc_zero(1, sizeof *e);
  if (!e) return MST_E_NOMEM;
  int at[4];
  e->b = b;
  e->has_wordnet = access("/usr/share/wordnet/data.noun", R_OK) == 0;
  (void)mkdir(b->output, 0777);
  (void)snprintf(e->path, sizeof e->path, "%.3000s/effect-%s.jsonl", b->output, b->machine);
  mst_status st = effect_file_read(e->path, settings, &e->cells);
  if (!st) st = generate(b);
  for (at[1] = 0; at[1] < EFFECT_SIZES; at[1]++)
    for (at[0] = 0; at[0] < EFFECT_SETS; at[0]++)
      for (at[2] = 0; !st && at[2] < (b->quick ? QUICK_SEEDS : EFFECT_SEEDS); at[2]++)
        if (is_asked_for(e, at[0], at[1])) st = one_seed(e, at);
  if (!e->has_wordnet) bench_say("effect: no WordNet; Debian's wordnet-base brings it");
  if (!st) st = show(e);
  mst_free(e);
  return st;
}
