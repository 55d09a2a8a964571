/* main.c: misstep paper: tables 1 to 7 and figures 3 and 4 of the paper, published beside
 * reproduced beside clean. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "files/leftovers.h"
#include "learn/lightgbm.h"
#include "learn/xgboost.h"
#include "tables.h"

static const char help[] =
    "misstep paper -o DIR [OPTIONS]: the paper's tables and figures, published beside reproduced\n"
    "\n"
    "Writes DIR/table1 .. table7 (.tex .csv .md), figure3 and figure4 (.svg .pdf .png), "
    "cells.csv,\n"
    "and index.html, one file with everything. Ctrl-C, run it again, and it goes on.\n"
    "\n"
    "Options\n"
    "  -o DIR                  where everything goes; made if it is not there\n"
    "  --data FILE             records with texts and labels (synthetic ones in the paper's\n"
    "                          proportions)\n"
    "  --text-column NAME[,..] column(s) with the text (text)\n"
    "  --label-column NAME     column with the class (label)\n"
    "  --group-column NAME     records of one group are never divided under the clean protocol\n"
    "  --protocol P            paper: copies, then a random split; clean: one test part, no "
    "twins;\n"
    "                          both (both)\n"
    "  --bert FOLDER, --distilbert FOLDER\n"
    "                          weights as transformers saves them; without, its row is empty\n"
    "  --minilm                MiniLM-L6 too, fine-tuned and frozen; MISSTEP_PYTHON names the "
    "python\n"
    "                          that has transformers and torch (python3)\n"
    "  --finished              compute nothing: write what the finished cells give\n"
    "  --quick                 a tenth of the records, 3 seeds: minutes\n"
    "  --seeds N               seeds 0 .. N-1 (5)\n"
    "  --workers N             cells at a time, one thread each (all cores)\n"
    "  --quiet                 no progress\n"
    "\n"
    "Exit code: 0 all is done, or empty because a model cannot run here; 1 some cells failed, "
    "their\n"
    "places are empty and say why; 2 usage; 3 bad input; 130, 143 stopped.\n";

static int usage(const char *what, const char *word) {
  (void)fprintf(stderr, "misstep: paper: %s%s; misstep paper --help explains\n", what, word);
  return 2;
}

static int parse_number(const char *word, int least, int most, int *out) {
  char *end = NULL;
  const long n = strtol(word, &end, 10);
  if (end == word || *end || n < least || n > most) return 0;
  *out = (int)n;
  return 1;
}

static int parse_protocol(const char *word, paper_options *o) {
  o->wanted[PAPER_LEAKY] = strcmp(word, "clean") != 0;
  o->wanted[PAPER_CLEAN] = strcmp(word, "paper") != 0;
  return strcmp(word, "clean") == 0 || strcmp(word, "paper") == 0 || strcmp(word, "both") == 0;
}

/* An option with a value. 0: fine. */
static int take_value(const char *name, const char *value, paper_options *o) {
  static const char *const names[] = {
      "-o",     "--data",      "--text-column", "--label-column", "--group-column",
      "--bert", "--distilbert"};
  const char **text[] = {&o->dir,
                         &o->data,
                         &o->text_column,
                         &o->label_column,
                         &o->group_column,
                         &o->encoder[PAPER_BERT],
                         &o->encoder[PAPER_DISTILBERT]};
  int seeds = 0;
  for (int i = 0; i < 7; i++)
    if (strcmp(name, names[i]) == 0) {
      *text[i] = value;
      return 0;
    }
  if (strcmp(name, "--protocol") == 0)
    return parse_protocol(value, o) ? 0 : usage("--protocol is paper, clean or both, not ", value);
  if (strcmp(name, "--workers") == 0)
    return parse_number(value, 1, 64, &o->workers) ? 0 : usage("--workers is 1 .. 64, not ", value);
  if (strcmp(name, "--seeds") == 0) {
    if (!parse_number(value, 1, PAPER_MAX_SEEDS, &seeds))
      return usage("--seeds is 1 .. 20, not ", value);
    o->n_seeds = seeds;
    return 0;
  }
  return usage("there is no option ", name);
}

static int parse(int argc, char **argv, paper_options *o) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--quick") == 0) o->quick = 1;
    else if (strcmp(argv[i], "--finished") == 0) o->finished = 1;
    else if (strcmp(argv[i], "--minilm") == 0) o->encoder[PAPER_MINILM] = "minilm";
    else if (strcmp(argv[i], "--quiet") == 0 || strcmp(argv[i], "-q") == 0) o->quiet = 1;
    else if (argv[i][0] != '-') return usage("unexpected argument ", argv[i]);
    else if (i + 1 == argc)
      return usage("a value is missing after, or there is no option ", argv[i]);
    else {
      const int code = take_value(argv[i], argv[i + 1], o);
      if (code) return code;
      i++;
    }
  }
  if (!o->dir) return usage("where to? ", "-o DIR");
  if (!o->n_seeds) o->n_seeds = o->quick ? 3 : 5;
  return strlen(o->dir) > 3500 ? usage("the path is too long: ", o->dir) : 0;
}

/* misstep beside this program, and what the keys depend on. */
static mst_status find_program(paper_options *o) {
  mst_xgb_info info = {0};
  mst_lgb_info lightgbm;
  const ssize_t n = readlink("/proc/self/exe", o->program, sizeof o->program - 1);
  char *dash = NULL;
  if (n > 0) o->program[n] = 0;
  if (n > 0) dash = strrchr(o->program, '-');
  if (!dash || strcmp(dash, "-paper") != 0)
    return MST_FAIL(MST_E_STATE, "misstep is not found beside this program");
  *dash = 0;
  const mst_status st = mst_xgb_open(&info);
  (void)snprintf(o->versions, sizeof o->versions, "misstep %s, XGBoost %d.%d.%d", PAPER_VERSION,
                 info.version[0], info.version[1], info.version[2]);
  const int is_there = !st && !mst_lgb_open(&lightgbm); /* else its cells say what is missing */
  (void)snprintf(o->with_lightgbm, sizeof o->with_lightgbm, "%s%s%s", o->versions,
                 is_there ? ", LightGBM " : "", is_there ? lightgbm.version : "");
  return st;
}

static mst_status make_folder(const char *path) {
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return MST_OK;
  return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
}

/* The folders, and a lock that ends with its owner. What a killed run left in work/ goes. */
static mst_status open_folder(const char *dir, int *lock) {
  static const char *const names[] = {"work", "data", "ledger", "predictions"};
  char path[4200];
  mst_status st = make_folder(dir);
  (void)snprintf(path, sizeof path, "%s/lock", dir);
  if (!st && (*lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666)) < 0)
    st = MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  if (!st && flock(*lock, LOCK_EX | LOCK_NB))
    st = MST_FAIL(MST_E_STATE, "%s: another misstep paper works there", dir);
  (void)snprintf(path, sizeof path, "%s/work", dir);
  if (!st) (void)mst__tree_remove(path);
  for (int i = 0; i < 4 && !st; i++) {
    (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
    st = make_folder(path);
  }
  return st;
}

static mst_status write_all(const paper_run *run) {
  static void (*const table[])(const paper_run *, sheet *) = {
      paper_table1, paper_table2, paper_table3, paper_table4, paper_table5,
      paper_table6, paper_table7, paper_sums,   paper_leak,   paper_pairs};
  sheet sheets[PAPER_SHEETS];
  char *svg[2] = {NULL, NULL};
  mst_status st = paper_figures(run, svg);
  for (int i = 0; i < PAPER_SHEETS; i++) {
    table[i](run, &sheets[i]);
    if (!st) st = sheet_write(&sheets[i], run->options->dir);
  }
  if (!st) st = paper_page(run, sheets, svg);
  for (int i = 0; i < PAPER_SHEETS; i++) sheet_fini(&sheets[i]);
  mst_free(svg[0]);
  mst_free(svg[1]);
  return st;
}

/* Cells that failed although their model can run here. One that cannot (no such library) is an
 * empty row with its reason and no failure. */
static int count_failed(const paper_run *run) {
  int n = 0, failed[PAPER_MODELS] = {0}, done[PAPER_MODELS] = {0};
  for (int64_t i = 0; i < run->n_cells; i++) {
    failed[run->cell[i].model] += run->cell[i].failed && !run->cell[i].done;
    done[run->cell[i].model] += run->cell[i].done;
  }
  for (int m = 0; m < PAPER_MODELS; m++) {
    if (failed[m] && !done[m])
      mst_terminal_note("%s: no cell could be computed", paper_models[m].name);
    if (done[m] || paper_models[m].curve) n += failed[m];
  }
  return n;
}

static mst_status work(paper_run *run) {
  mst_status st = paper_set_read(run->options, &run->set);
  if (!st) st = paper_parts_make(run);
  if (!st) st = paper_cells_list(run);
  if (!st) st = paper_cells_load(run);
  if (!st && !run->options->finished) st = paper_work(run);
  if (!st && !run->options->finished) st = paper_latency_measure(run);
  return st ? st : write_all(run);
}

static void run_fini(paper_run *run) {
  paper_cells_fini(run);
  for (int p = 0; p < PAPER_PROTOCOLS; p++)
    for (int size = 0; size < PAPER_SIZES; size++)
      for (int seed = 0; seed < PAPER_MAX_SEEDS; seed++) paper_part_fini(&run->part[p][size][seed]);
  paper_set_fini(&run->set);
}

static int paper_main(paper_options *o) {
  paper_run *run = mst_alloc_zero(1, sizeof *run);
  int lock = -1, code = 0;
  mst_status st = run ? find_program(o) : MST_E_NOMEM;
  if (!st) st = paper_encoders_hash(o);
  if (!st) st = open_folder(o->dir, &lock);
  if (!st) {
    run->options = o;
    st = work(run);
  }
  if (st == MST_E_CANCELLED) {
    (void)fprintf(stderr, "misstep: stopped; the same command goes on\n");
    code = 128 + mst_terminal_signal();
  } else if (st) code = mst_terminal_fail(st);
  else {
    const int n_failed = count_failed(run);
    if (n_failed)
      mst_terminal_note("%d cells failed: their places are empty and say why", n_failed);
    mst_terminal_note("wrote %s/index.html", o->dir);
    code = n_failed > 0;
  }
  if (run) run_fini(run);
  mst_free(run);
  if (lock >= 0) (void)close(lock);
  return code;
}

int main(int argc, char **argv) {
  paper_options o = {.text_column = "text",
                     .label_column = "label",
                     .workers = (int)sysconf(_SC_NPROCESSORS_ONLN),
                     .wanted = {1, 1}};
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      (void)fputs(help, stdout);
      return 0;
    }
  const int code = parse(argc, argv, &o);
  if (code) return code;
  (void)setenv("OMP_WAIT_POLICY", "passive", 0);
  mst_terminal_start(o.quiet);
  return paper_main(&o);
}
