/* slurm.c: a script, sbatch, and a look into the queue. */
#include "slurm.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/terminal.h"
#include "digits.h"
#include "files/folder.h"
#include "misstep/alloc.h"
#include "report/process.h"

enum { MOST_WORDS = 24 + SWEEP_SLURM_WORDS, WORD = 4200 };

/* What stands in the script before the command: preemption ends a task by TERM, and Slurm itself
 * puts it into the queue again; two minutes before the time limit USR1 comes, and the task does. */
static const char head[] =
    "#!/bin/sh\n"
    "# A task of a sweep: computes what is open until nothing is. Written by misstep sweep "
    "--slurm.\n"
    "again=0\n"
    "stop() { kill -TERM \"$sweep\" 2>/dev/null; }\n"
    "trap stop TERM\n"
    "trap 'again=1; stop' USR1\n";
static const char tail[] =
    " &\n"
    "sweep=$!\n"
    "wait \"$sweep\"; code=$?\n"
    "while [ \"$code\" -gt 128 ] && kill -0 \"$sweep\" 2>/dev/null; do wait \"$sweep\"; code=$?; "
    "done\n"
    "[ \"$again\" = 1 ] && [ \"$code\" -ge 127 ] && exec scontrol requeue "
    "\"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\"\n"
    "exit \"$code\"\n";

/* Words of a command line, each in memory of its own. */
typedef struct words {
  char *at[MOST_WORDS + 1]; /* ends with NULL */
  int n;
  mst_status st;
} words;

static void add(words *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(words *w, const char *format, ...) {
  va_list list;
  char *word = w->st ? NULL : mst_alloc(WORD, 1);
  if (!word) {
    w->st = w->st ? w->st : MST_E_NOMEM;
    return;
  }
  va_start(list, format);
  (void)vsnprintf(word, WORD, format, list);
  va_end(list);
  w->at[w->n++] = word;
}

static void words_fini(words *w) {
  for (int i = 0; i < w->n; i++) mst_free(w->at[i]);
}

sweep_slurm sweep_slurm_default(void) { return (sweep_slurm){.cpus = 4, .array = 16}; }

static int whole(const char *text, long low, long high, int *out) {
  char *end = NULL;
  errno = 0;
  const long n = strtol(text, &end, 10);
  *out = (int)n;
  return end != text && !*end && !errno && n >= low && n <= high;
}

int sweep_slurm_parse(sweep_slurm *o, const char *name, const char *value) {
  if (strcmp(name, "--partition") == 0) return (o->partition = value)[0] != 0;
  if (strcmp(name, "--time") == 0) return (o->time = value)[0] != 0;
  if (strcmp(name, "--gpus") == 0) return whole(value, 0, 1024, &o->gpus);
  if (strcmp(name, "--cpus") == 0) return whole(value, 1, 4096, &o->cpus);
  if (strcmp(name, "--array") == 0) return whole(value, 1, 1000000, &o->array);
  if (strcmp(name, "--sbatch") || o->n_extra == SWEEP_SLURM_WORDS || !strchr(value, '=')) return 0;
  o->extra[o->n_extra++] = value;
  return 1;
}

const char *sweep_slurm_device(const sweep_slurm *o) {
  return o->gpus > 1 ? "cuda" : o->gpus ? "cuda:0" : "cpu";
}

/* A path for the shell. */
static mst_status quote(mst_buffer *b, const char *text) {
  mst_status st = mst_buffer_append(b, "'", 1);
  for (; !st && *text; text++)
    st = *text == '\'' ? mst_buffer_append(b, "'\\''", 4) : mst_buffer_append(b, text, 1);
  return st ? st : mst_buffer_append(b, "'", 1);
}

static mst_status append(mst_buffer *b, const char *text) {
  return mst_buffer_append(b, text, strlen(text));
}

static mst_status make_script(const sweep_slurm *o, const char *program, const char *spec,
                              const char *dir, mst_buffer *b) {
  char options[128];
  (void)snprintf(options, sizeof options, " --workers %d --device %s --wait --quiet", o->cpus,
                 sweep_slurm_device(o));
  mst_status st = append(b, head);
  if (!st) st = quote(b, program);
  if (!st) st = append(b, " ");
  if (!st) st = quote(b, spec);
  if (!st) st = append(b, " -o ");
  if (!st) st = quote(b, dir);
  if (!st) st = append(b, options);
  if (!st) st = append(b, tail);
  return st ? st : mst_buffer_append(b, "", 1);
}

/* sbatch of the array. */
static void array_words(const sweep_slurm *o, const char *dir, int64_t n, words *w) {
  add(w, "sbatch");
  add(w, "--parsable");
  add(w, "--job-name=misstep-sweep");
  add(w, "--array=0-%lld", (long long)(n - 1));
  add(w, "--output=%s/slurm/%%A_%%a.out", dir);
  add(w, "--open-mode=append");
  add(w, "--requeue");
  add(w, "--signal=B:USR1@120");
  add(w, "--cpus-per-task=%d", o->cpus);
  if (o->gpus) add(w, "--gres=gpu:%d", o->gpus);
  if (o->partition) add(w, "--partition=%s", o->partition);
  if (o->time) add(w, "--time=%s", o->time);
  for (int i = 0; i < o->n_extra; i++) add(w, "--%s", o->extra[i]);
  add(w, "%s/slurm/job.sh", dir);
}

/* sbatch of the job that comes after it. */
static mst_status last_words(const sweep_slurm *o, const char *program, const char *dir,
                             const char *after, words *w) {
  mst_buffer b;
  mst_buffer_init(&b, WORD, "a command");
  add(w, "sbatch");
  add(w, "--parsable");
  add(w, "--job-name=misstep-status");
  add(w, "--dependency=afterany:%s", after);
  add(w, "--output=%s/slurm/status-%%j.out", dir);
  if (o->partition) add(w, "--partition=%s", o->partition);
  mst_status st = quote(&b, program);
  if (!st) st = append(&b, " status ");
  if (!st) st = quote(&b, dir);
  if (!st) st = mst_buffer_append(&b, "", 1);
  if (!st) add(w, "--wrap=%s", (const char *)b.data);
  mst_buffer_fini(&b);
  return st ? st : w->st;
}

/* Run it; out: the first line of what it printed. */
static mst_status call(const words *w, char out[WORD]) {
  char *text = NULL;
  size_t n = 0;
  if (w->st) return w->st;
  mst_status st = mst_process_run(w->at, "", 0, &text, &n);
  if (st == MST_E_UNSUPPORTED)
    st = MST_FAIL(st, "%s is not here; --slurm is for a machine that submits to a Slurm cluster",
                  w->at[0]);
  if (!st) (void)snprintf(out, WORD, "%.*s", (int)strcspn(text, "\n"), text);
  mst_free(text);
  return st;
}

/* The most tasks that this cluster takes in one array; 0: it does not say. */
static int64_t largest_array(void) {
  char *const argv[] = {(char[]){"scontrol"}, (char[]){"show"}, (char[]){"config"}, NULL};
  char *text = NULL;
  size_t size = 0;
  unsigned long long n = 0;
  if (mst_process_run(argv, "", 0, &text, &size)) return 0;
  const char *at = strstr(text, "MaxArraySize");
  if (at) at += strcspn(at, "0123456789\n");
  if (!at || !sweep_digits(&at, 10, INT32_MAX, &n)) n = 0;
  mst_free(text);
  return (int64_t)n;
}

/* Is the last array of this sweep still in the queue? A number that Slurm has forgotten is not. */
static mst_status check_queue(const char *dir) {
  char path[WORD], job[64] = "", found[WORD] = "";
  (void)snprintf(path, sizeof path, "%s/slurm/job", dir);
  FILE *f = fopen(path, "r");
  const int known = f && fgets(job, sizeof job, f);
  if (f) (void)fclose(f);
  if (!known) return MST_OK;
  words w = {0};
  add(&w, "squeue");
  add(&w, "--noheader");
  add(&w, "--format=%%i");
  add(&w, "--jobs=%.*s", (int)strcspn(job, "\n"), job);
  const int queued = !call(&w, found) && found[0];
  words_fini(&w);
  if (!queued) return MST_OK;
  return MST_FAIL(MST_E_STATE, "job %.*s of this sweep is still in the queue; --yes submits more",
                  (int)strcspn(job, "\n"), job);
}

static mst_status write_file(const char *dir, const char *name, const char *text) {
  char path[WORD];
  (void)snprintf(path, sizeof path, "%s/slurm", dir);
  if (mkdir(path, 0777) && errno != EEXIST)
    return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
  (void)snprintf(path, sizeof path, "%s/slurm/%s", dir, name);
  return mst_file_write(path, 1, text, strlen(text));
}

static void print_words(const words *w) {
  for (int i = 0; i < w->n; i++) (void)printf("%s%s", i ? " \\\n  " : "", w->at[i]);
  (void)printf("\n");
}

static mst_status submit(const sweep_slurm *o, const char *program, const char *dir,
                         const char *script, words *array) {
  char job[WORD] = "", status[WORD] = "";
  words last = {0};
  mst_status st = o->yes ? MST_OK : check_queue(dir);
  if (!st) st = write_file(dir, "job.sh", script);
  if (!st) st = call(array, job);
  if (!st) st = write_file(dir, "job", job);
  if (!st) st = last_words(o, program, dir, job, &last);
  if (!st) st = call(&last, status);
  if (!st)
    mst_terminal_note("job %s submitted, job %s tells when it has ended; misstep sweep status %s",
                      job, status, dir);
  words_fini(&last);
  return st;
}

mst_status sweep_slurm_submit(const sweep_slurm *o, const char *spec, const char *dir,
                              int64_t n_tasks) {
  char program[PATH_MAX] = "", from[PATH_MAX], to[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  if (n < 0 || !realpath(spec, from)) return MST_FAIL(MST_E_IO, "%s: %s", spec, strerror(errno));
  if (o->dry_run) (void)snprintf(to, sizeof to, "%s", dir);
  else if (!realpath(dir, to)) return MST_FAIL(MST_E_IO, "%s: %s", dir, strerror(errno));
  const int64_t most = o->dry_run ? 0 : largest_array();
  int64_t size = n_tasks < o->array ? n_tasks : o->array;
  if (most > 0 && size > most) size = most;
  words array = {0};
  mst_buffer script;
  mst_buffer_init(&script, (size_t)1 << 16, "a job script");
  array_words(o, to, size, &array);
  mst_status st = array.st;
  if (!st) st = make_script(o, program, from, to, &script);
  if (!st && o->dry_run) {
    print_words(&array);
    (void)printf("\n%s/slurm/job.sh:\n%s", to, (const char *)script.data);
  } else if (!st) st = submit(o, program, to, (const char *)script.data, &array);
  words_fini(&array);
  mst_buffer_fini(&script);
  return st;
}
