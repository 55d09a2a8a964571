/* work.c: open cells, several at a time: a process a cell trains and predicts with misstep itself,
 * and writes predictions; then this process adds the line to the ledger. What is killed in
 * between is computed again. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "files/folder.h"
#include "files/leftovers.h"
#include "files/npy.h"
#include "misstep/log.h"
#include "paper.h"
#include "read/records.h"

enum { MOST_WORKERS = 64 };

/* A process and its cell. */
typedef struct slot {
  pid_t pid; /* 0: free */
  paper_cell *cell;
} slot;

/* misstep train, misstep predict. */
static mst_status fit_ours(const paper_options *o, const paper_cell *c, const char *answer,
                           const char *log) {
  const paper_model *m = &paper_models[c->model];
  char model[64], seed[16];
  const char *argv[32] = {o->program, "train",   c->part->train, "--test", c->part->test,
                          "--seed",   seed,      "--threads",    "1",      "--bootstrap",
                          "0",        "--quiet", "-o",           model,    "-f"};
  const char *const predict[] = {o->program, "predict", model,       c->part->test, "-o", answer,
                                 "-f",       "-q",      "--threads", "1",           NULL};
  int n = 15;
  (void)snprintf(model, sizeof model, "work/%s-model", c->key);
  (void)snprintf(seed, sizeof seed, "%d", c->seed);
  for (int i = 0; m->option[i]; i++) argv[n++] = m->option[i];
  if (c->copies) {
    static const char *const copies[] = {"--augment", "elementary-maths", "--copies", "1"};
    for (int i = 0; i < 4; i++) argv[n++] = copies[i];
  }
  const mst_status st = paper_child(o->dir, argv, log);
  return st ? st : paper_child(o->dir, predict, log);
}

/* transformer.py does both. */
static mst_status fit_encoder(const paper_options *o, const paper_cell *c, const char *answer,
                              const char *log) {
  const paper_model *m = &paper_models[c->model];
  char seed[16];
  const char *argv[24] = {"/usr/bin/env",
                          paper_python(),
                          paper_transformer(),
                          "--train",
                          c->part->train,
                          "--test",
                          c->part->test,
                          "--model",
                          o->encoder[m->encoder],
                          "--seed",
                          seed,
                          "--threads",
                          "1",
                          "--quiet",
                          "--force",
                          "-o",
                          answer};
  int n = 17;
  (void)snprintf(seed, sizeof seed, "%d", c->seed);
  for (int i = 0; m->option[i]; i++) argv[n++] = m->option[i];
  return paper_child(o->dir, argv, log);
}

/* In a worker: fit and predict. The seconds that it took go to a file. */
static mst_status train(const paper_options *o, const paper_cell *c) {
  char answer[64], log[64], path[4200];
  (void)snprintf(answer, sizeof answer, "work/%s.csv", c->key);
  (void)snprintf(log, sizeof log, "work/%s.log", c->key);
  const double began = mst_terminal_now();
  const mst_status st =
      paper_models[c->model].encoder ? fit_encoder(o, c, answer, log) : fit_ours(o, c, answer, log);
  const double seconds = mst_terminal_now() - began;
  if (st) return st;
  (void)snprintf(path, sizeof path, "%.4000s/work/%s.seconds", o->dir, c->key);
  FILE *file = fopen(path, "w");
  if (!file) return MST_FAIL(MST_E_IO, "%s: cannot be written", path);
  const int bad = fprintf(file, "%d\n", (int)(1000 * seconds)) < 0;
  return fclose(file) || bad ? MST_FAIL(MST_E_IO, "%s: disk full?", path) : MST_OK;
}

/* In a worker: never returns. Its error is left in a file for the parent. */
static void be_worker(const paper_options *o, const paper_cell *c) {
  char path[4200];
  const mst_status st = train(o, c);
  if (!st) _exit(0);
  (void)snprintf(path, sizeof path, "%.4000s/work/%s.error", o->dir, c->key);
  FILE *file = fopen(path, "w");
  if (file) (void)fprintf(file, "%s\n", mst_error_last()->message);
  if (file) (void)fclose(file);
  _exit(st == MST_E_CANCELLED ? 3 : 1);
}

/* The file of misstep predict to class numbers. */
static mst_status read_answer(const paper_run *run, const paper_cell *c, int32_t *predicted) {
  const mst_read_options reading = mst_read_options_default();
  mst_records *records = NULL;
  char path[4200];
  int32_t column = -1;
  (void)snprintf(path, sizeof path, "%.4000s/work/%s.csv", run->options->dir, c->key);
  mst_status st = mst_records_read(path, &reading, &records);
  if (!st) st = mst_records_find(records, "label", &column);
  if (!st && mst_records_n_rows(records) != c->part->n_test)
    st = MST_FAIL(MST_E_FORMAT, "%s: %lld predictions for %lld records", path,
                  (long long)mst_records_n_rows(records), (long long)c->part->n_test);
  for (int64_t d = 0; d < c->part->n_test && !st; d++) {
    const mst_slice name = mst_records_field(records, d, column);
    predicted[d] = -1;
    for (int64_t k = 0; k < run->set.names.n && predicted[d] < 0; k++)
      if (mst_slice_compare(name, mst_strings_at(&run->set.names, k)) == 0)
        predicted[d] = (int32_t)k;
    if (predicted[d] < 0) st = MST_FAIL(MST_E_FORMAT, "%s: an unknown label", path);
  }
  mst_records_free(records);
  return st;
}

/* Predictions, whole or absent. */
static mst_status keep_predictions(const paper_run *run, const paper_cell *c) {
  char path[4200], *bytes = NULL;
  size_t n = 0;
  int32_t *predicted = mst_alloc((size_t)c->part->n_test, sizeof *predicted);
  mst_status st = predicted ? read_answer(run, c, predicted) : MST_E_NOMEM;
  (void)snprintf(path, sizeof path, "%.4000s/predictions/%s.npy", run->options->dir, c->key);
  if (!st) st = mst_npy_dump(predicted, MST_INT32, 1, &c->part->n_test, &bytes, &n);
  if (!st) st = mst_file_write(path, 1, bytes, n);
  mst_free(bytes);
  mst_free(predicted);
  return st;
}

static double seconds_of(const paper_run *run, const paper_cell *c) {
  char path[4200], *text = NULL;
  size_t n = 0;
  (void)snprintf(path, sizeof path, "%.4000s/work/%s.seconds", run->options->dir, c->key);
  if (mst_file_read(path, 64, &text, &n)) return 0;
  const double seconds = (double)strtol(text, NULL, 10) / 1000;
  mst_free(text);
  return seconds;
}

static mst_status set_text(mst_json *o, const char *key, const char *text) {
  return mst_json_set(o, key, mst_json_new_string(text));
}

/* The line of a finished cell: what it is, from what, and how to repeat it. */
static mst_status line_of(const paper_run *run, const paper_cell *c, mst_json **out) {
  mst_buffer command;
  mst_json *o = mst_json_new_object();
  mst_buffer_init(&command, 1 << 16, "a command");
  mst_status st = paper_cell_command(run->options, c, &command);
  if (!st) st = set_text(o, "key", c->key);
  if (!st) st = set_text(o, "state", "done");
  if (!st) st = set_text(o, "protocol", c->protocol == PAPER_CLEAN ? "clean" : "paper");
  if (!st) st = mst_json_set(o, "rows", mst_json_new_int(run->set.rows[c->size]));
  if (!st) st = mst_json_set(o, "copies", mst_json_new_int(c->copies));
  if (!st) st = mst_json_set(o, "seed", mst_json_new_int(c->seed));
  if (!st) st = set_text(o, "model", paper_models[c->model].id);
  if (!st) st = set_text(o, "data", run->set.hash);
  if (!st) st = set_text(o, "train", c->part->train_hash);
  if (!st) st = set_text(o, "test", c->part->test_hash);
  if (!st) st = mst_json_set(o, "n_train", mst_json_new_int(c->part->n_train));
  if (!st) st = mst_json_set(o, "n_test", mst_json_new_int(c->part->n_test));
  if (!st) st = mst_json_set(o, "seconds", mst_json_new_real(seconds_of(run, c)));
  if (!st) st = set_text(o, "versions", paper_versions(run->options, c->model));
  if (!st) st = mst_json_set(o, "command", mst_json_new_bytes(command.data, command.size_bytes));
  mst_buffer_fini(&command);
  if (st) mst_json_free(o);
  else *out = o;
  return st;
}

static void clear(const paper_run *run, const paper_cell *c) {
  static const char *const ends[] = {".csv", ".log", ".seconds", ".error", ".json"};
  char path[4200], command[64];
  for (int i = 0; i < 5; i++) {
    (void)snprintf(path, sizeof path, "%.4000s/work/%s%s", run->options->dir, c->key, ends[i]);
    (void)unlink(path);
  }
  (void)snprintf(command, sizeof command, "work/%s-model", c->key);
  (void)snprintf(path, sizeof path, "%.4000s/%s", run->options->dir, command);
  (void)mst__tree_remove(path);
}

/* A worker has ended well: predictions, then the line. */
static mst_status finish(const paper_run *run, const paper_cell *c, sweep_writer *writer) {
  mst_buffer lines;
  mst_json *line = NULL;
  mst_buffer_init(&lines, 1 << 20, "a ledger's line");
  mst_status st = keep_predictions(run, c);
  if (!st) st = line_of(run, c, &line);
  if (!st) st = sweep_line_append(&lines, line);
  if (!st) st = sweep_writer_append(writer, &lines);
  mst_json_free(line);
  mst_buffer_fini(&lines);
  return st;
}

/* A worker has ended badly: its cell stays empty, and says why. */
static void note_failure(const paper_run *run, paper_cell *c, int status) {
  char path[4200];
  (void)snprintf(path, sizeof path, "%.4000s/work/%s.error", run->options->dir, c->key);
  paper_log_last(path, c->error, sizeof c->error);
  if (!*c->error)
    (void)snprintf(c->error, sizeof c->error, "its process ended with status %d", status);
  c->failed = 1;
}

static mst_status reap(const paper_run *run, slot *slots, int n, sweep_writer *writer) {
  int status = 0;
  const pid_t pid = wait(&status);
  if (pid < 0) return errno == EINTR ? MST_OK : MST_FAIL(MST_E_IO, "wait: %s", strerror(errno));
  for (int i = 0; i < n; i++) {
    paper_cell *c = slots[i].cell;
    if (!c || slots[i].pid != pid) continue;
    slots[i] = (slot){0};
    mst_status st = MST_OK;
    if (status == 0) st = finish(run, c, writer);
    else if (!mst_terminal_signal()) note_failure(run, c, status);
    clear(run, c);
    return st;
  }
  return MST_OK;
}

static void stop_all(slot *slots, int n) {
  for (int i = 0; i < n; i++)
    if (slots[i].pid) (void)kill(slots[i].pid, SIGKILL);
  for (int i = 0; i < n; i++)
    if (slots[i].pid) (void)waitpid(slots[i].pid, NULL, 0);
}

static mst_status start(const paper_run *run, paper_cell *c, slot *to) {
  const pid_t pid = fork();
  if (pid < 0) return MST_FAIL(MST_E_IO, "fork: %s", strerror(errno));
  if (pid == 0) be_worker(run->options, c);
  *to = (slot){pid, c};
  return MST_OK;
}

static int64_t count_open(const paper_run *run) {
  int64_t n = 0;
  for (int64_t i = 0; i < run->n_cells; i++) n += *run->cell[i].key && !run->cell[i].done;
  return n;
}

mst_status paper_work(paper_run *run) {
  slot slots[MOST_WORKERS] = {{0}};
  sweep_writer writer;
  const int n = run->options->workers < MOST_WORKERS ? run->options->workers : MOST_WORKERS;
  const int64_t n_open = count_open(run);
  int64_t at = 0, started = 0;
  int busy = 0;
  mst_status st = sweep_writer_init(run->options->dir, &writer);
  if (!st)
    mst_terminal_note("%lld of %lld cells are to be computed", (long long)n_open,
                      (long long)run->n_cells);
  while (!st) {
    if (mst_terminal_signal()) st = MST_FAIL(MST_E_CANCELLED, "stopped");
    while (at < run->n_cells && (!*run->cell[at].key || run->cell[at].done)) at++;
    slot *free_slot = NULL;
    busy = 0;
    for (int i = 0; i < n; i++) {
      busy += slots[i].pid != 0;
      if (!slots[i].pid) free_slot = &slots[i];
    }
    if (st || (at == run->n_cells && !busy)) break;
    if (free_slot && at < run->n_cells) {
      st = start(run, &run->cell[at++], free_slot);
      if (!st) st = mst_progress("cells", started++, n_open, "");
    } else st = reap(run, slots, n, &writer);
  }
  stop_all(slots, n);
  sweep_writer_close(&writer);
  mst_terminal_clear();
  return st ? st : paper_cells_load(run);
}
