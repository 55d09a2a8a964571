/* main.c: misstep sweep: many models from one spec, resumable, without a wrong or lost cell. */
#include <errno.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"
#include "cli/terminal.h"
#include "dry.h"
#include "files/folder.h"
#include "folder.h"
#include "help.h"
#include "learn/lightgbm.h"
#include "learn/xgboost.h"
#include "look.h"
#include "memory.h"
#include "misstep/alloc.h"
#include "run.h"
#include "shard.h"
#include "slurm.h"

enum { MANY_CELLS = 100000 };

/* The command line. */
typedef struct arguments {
  const char *word[2]; /* positionals */
  int n_words;
  const char *dir, *device, *shard_text;
  int workers, dry_run, yes, quiet, slurm, wait;
  int64_t memory;
  sweep_shard shard;
  sweep_slurm job;
} arguments;

static int usage(const char *what, const char *word) {
  (void)fprintf(stderr, "misstep: sweep: %s%s; misstep sweep --help explains\n", what, word);
  return 2;
}

static int number(const char *text, long low, long high, long *out) {
  char *end = NULL;
  errno = 0;
  *out = strtol(text, &end, 10);
  return end != text && !*end && !errno && *out >= low && *out <= high;
}

/* An option with a value; 0: not one, or a bad value. */
static int parse_value(arguments *a, const char *name, const char *value) {
  long n = 0;
  if (strcmp(name, "-o") == 0 || strcmp(name, "--output") == 0) return (a->dir = value)[0] != 0;
  if (strcmp(name, "--device") == 0) return (a->device = value)[0] != 0;
  if (strcmp(name, "--memory") == 0) return sweep_memory_parse(value, &a->memory);
  if (strcmp(name, "--shard") == 0) return (a->shard_text = value)[0] != 0;
  if (strcmp(name, "--workers") == 0 && number(value, 1, 4096, &n)) return (a->workers = (int)n);
  return sweep_slurm_parse(&a->job, name, value);
}

/* 0, or the exit code of a usage error. */
static int parse(int argc, char **argv, arguments *a) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--dry-run") == 0) a->dry_run = 1;
    else if (strcmp(argv[i], "--yes") == 0) a->yes = 1;
    else if (strcmp(argv[i], "--slurm") == 0) a->slurm = 1;
    else if (strcmp(argv[i], "--wait") == 0) a->wait = 1;
    else if (strcmp(argv[i], "--quiet") == 0 || strcmp(argv[i], "-q") == 0) a->quiet = 1;
    else if (argv[i][0] == '-' && argv[i][1]) {
      if (i + 1 == argc || !parse_value(a, argv[i], argv[i + 1]))
        return usage("unknown option or bad value: ", argv[i]);
      i++;
    } else if (a->n_words < 2) a->word[a->n_words++] = argv[i];
    else return usage("unexpected argument ", argv[i]);
  }
  return a->n_words ? 0 : usage("which spec? ", "misstep sweep SPEC.yaml");
}

/* The folder that belongs to a spec: its name without .yaml, where the command runs. */
static void default_dir(const char *spec, char dir[4096]) {
  const char *slash = strrchr(spec, '/'), *name = slash ? slash + 1 : spec;
  const char *dot = strrchr(name, '.');
  const int n = dot && dot != name ? (int)(dot - name) : (int)strlen(name);
  (void)snprintf(dir, 4096, "%.*s%s", n, name, dot && dot != name ? "" : ".sweep");
}

/* Everything between a spec and its run. */
typedef struct sweep {
  sweep_spec spec;
  sweep_data data;
  sweep_device device;
  sweep_ground ground;
  sweep_cells cells;
} sweep;

static mst_status check_size(const arguments *a, const sweep_spec *spec) {
  const int64_t n = sweep_cells_count(spec);
  if (n <= MANY_CELLS || a->yes) return MST_OK;
  return MST_FAIL(MST_E_ARG, "%s: %s%lld cells%s; --yes if they are meant", spec->path,
                  n == INT64_MAX ? "more than " : "", (long long)n,
                  spec->folds || !spec->fold_column ? "" : " for each fold");
}

/* Of this program and of the libraries that its models are boosted by. */
static mst_status find_versions(const sweep_spec *spec, sweep_ground *ground) {
  mst_xgb_info xgboost;
  mst_lgb_info lightgbm;
  mst_status st = MST_OK;
  int with_xgboost = 0, with_lightgbm = 0, n = 0;
  char *text = ground->versions;
  for (int32_t m = 0; m < spec->n_models; m++) {
    with_xgboost |= spec->model[m] == MST_LEARNER_XGBOOST;
    with_lightgbm |= spec->model[m] == MST_LEARNER_LIGHTGBM;
  }
  n = snprintf(text, sizeof ground->versions, "misstep %s", SWEEP_VERSION);
  if (with_xgboost && !(st = mst_xgb_open(&xgboost)))
    n += snprintf(text + n, sizeof ground->versions - (size_t)n, ", XGBoost %d.%d.%d",
                  xgboost.version[0], xgboost.version[1], xgboost.version[2]);
  if (!st && with_lightgbm && !(st = mst_lgb_open(&lightgbm)))
    (void)snprintf(text + n, sizeof ground->versions - (size_t)n, ", LightGBM %s",
                   lightgbm.version);
  return st;
}

/* What the keys depend on: versions, content of the data, device, folds. */
static mst_status find_ground(const arguments *a, sweep *s) {
  mst_status st = find_versions(&s->spec, &s->ground);
  if (!st && a->slurm) /* where this command runs may have no GPU */
    (void)snprintf(s->ground.device, sizeof s->ground.device, "%s", sweep_slurm_device(&a->job));
  else if (!st) st = sweep_device_ask(a->device, &s->device);
  if (!st && !a->slurm)
    (void)snprintf(s->ground.device, sizeof s->ground.device, "%s", s->device.name);
  if (!st) st = mst_terminal_input(mst_sha256_file(s->spec.data, s->ground.data));
  if (!st) st = sweep_data_read(&s->spec, &s->data);
  if (!st) st = sweep_data_plan(&s->spec, &s->data, 0);
  s->ground.names = &s->data.names;
  s->ground.n_folds = st || !s->data.plan.n_folds ? 1 : s->data.plan.n_folds;
  return st;
}

static mst_status prepare(const arguments *a, sweep *s) {
  mst_status st = sweep_spec_load(a->word[0], &s->spec);
  if (!st) st = check_size(a, &s->spec);
  if (!st) st = sweep_spec_draw(&s->spec);
  if (!st) st = find_ground(a, s);
  if (!st) st = sweep_check(&s->spec, &s->data);
  if (!st) st = sweep_cells_make(&s->spec, &s->ground, &s->cells);
  if (!st && s->cells.n_cells > MANY_CELLS && !a->yes)
    st = MST_FAIL(MST_E_ARG, "%s: %lld cells; --yes if they are meant", s->spec.path,
                  (long long)s->cells.n_cells);
  return st;
}

static sweep_run run_of(const arguments *a, sweep *s, const char *dir) {
  return (sweep_run){.dir = dir,
                     .spec = &s->spec,
                     .cells = &s->cells,
                     .device = s->device,
                     .data = &s->data,
                     .workers = a->workers,
                     .memory = a->memory,
                     .shard = a->shard.index,
                     .n_shards = a->shard.count,
                     .wait = a->wait,
                     .quiet = a->quiet};
}

/* Exit code; the status of a failure is reported by the caller. */
static mst_status run_sweep(const arguments *a, sweep *s, const char *dir, int *code) {
  sweep_progress p = {0};
  mst_status st = sweep_folder_open(dir, &s->spec, &s->ground, &s->cells);
  if (st) return st;
  const sweep_run run = run_of(a, s, dir);
  st = sweep_run_all(&run, &p);
  if (st) return st;
  mst_terminal_note("%lld cells done, %lld failed, %lld open; misstep sweep results %s",
                    (long long)p.n_done, (long long)p.n_failed, (long long)p.n_open, dir);
  if (p.ended) mst_terminal_note("ended by the budget; a larger one in the same spec goes on");
  else if (p.n_open && !p.n_failed)
    mst_terminal_note("the open cells are under way on another machine");
  *code = p.n_failed > 0;
  return MST_OK;
}

/* Trainings of which a cell is open. */
static mst_status count_open(const sweep_cells *cells, const char *dir, int64_t *n) {
  sweep_ledger *ledger = NULL;
  mst_status st = sweep_ledger_open(dir, NULL, 0, &ledger);
  if (!st) st = sweep_ledger_read(ledger);
  for (int64_t t = *n = 0; !st && t < cells->n_tasks; t++) {
    int open = 0;
    for (int64_t i = 0; i < cells->task[t].n; i++)
      open |=
          sweep_cell_is_open(sweep_ledger_find(ledger, cells->cell[cells->task[t].first + i].key));
    *n += open;
  }
  sweep_ledger_close(ledger);
  return st;
}

/* Submit what is open. */
static mst_status submit_sweep(const arguments *a, sweep *s, const char *dir) {
  sweep_slurm job = a->job;
  int64_t n = s->cells.n_tasks;
  job.dry_run = a->dry_run;
  job.yes = a->yes;
  mst_status st = a->dry_run ? MST_OK : sweep_folder_open(dir, &s->spec, &s->ground, &s->cells);
  if (!st && !a->dry_run) st = count_open(&s->cells, dir, &n);
  if (!st && n) return sweep_slurm_submit(&job, s->spec.path, dir, n);
  if (!st) mst_terminal_note("nothing is open; misstep sweep results %s", dir);
  return st;
}

static int sweep_main(const arguments *a) {
  char dir[4096];
  sweep s = {0};
  int code = 0;
  if (a->n_words != 1) return usage("unexpected argument ", a->word[1]);
  if (a->dir) (void)snprintf(dir, sizeof dir, "%s", a->dir);
  else default_dir(a->word[0], dir);
  mst_status st = prepare(a, &s);
  if (!st && a->slurm) st = submit_sweep(a, &s, dir);
  else if (!st && a->dry_run) {
    const sweep_run run = run_of(a, &s, dir);
    st = sweep_dry_run(&run);
  } else if (!st) st = run_sweep(a, &s, dir, &code);
  if (st == MST_E_CANCELLED) {
    (void)fprintf(stderr, "misstep: stopped; the same command goes on\n");
    code = 128 + sweep_run_signal();
  } else if (st) code = mst_terminal_fail(st);
  sweep_cells_fini(&s.cells);
  sweep_data_fini(&s.data);
  sweep_spec_fini(&s.spec);
  return code;
}

int main(int argc, char **argv) {
  arguments a = {.device = "auto",
                 .workers = omp_get_num_procs(),
                 .shard = {.count = 1},
                 .job = sweep_slurm_default()};
  mst_alloc_keep_freed();
  if (argc > 1 && sweep_look_knows(argv[1])) {
    mst_terminal_start(0);
    return sweep_look_main(argc - 1, argv + 1);
  }
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      (void)printf("%s\n%s", sweep_help, sweep_look_help);
      return 0;
    }
  const int code = parse(argc, argv, &a);
  if (code) return code;
  (void)setenv("OMP_WAIT_POLICY", "passive", 0);
  mst_terminal_start(a.quiet);
  if (a.shard_text && sweep_shard_parse(a.shard_text, &a.shard))
    return mst_terminal_fail(MST_E_ARG);
  if (a.shard.variable)
    mst_terminal_note("shard %d of %d by %s", a.shard.index + 1, a.shard.count, a.shard.variable);
  return sweep_main(&a);
}
