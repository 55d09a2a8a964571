/* bench.h: what the files of misstep-bench share.
 *
 * A stage checks our answer against a peer's, times both on the same input in one run, and records
 * figures: a number, the bar it is held to, and what the number does not show.
 */
#ifndef MISSTEP_BENCH_H
#define MISSTEP_BENCH_H

#include <limits.h>

#include "files/json.h"
#include "misstep/status.h"
#include "misstep/text.h"
#include "report/table.h"

/* A child process that ended well. */
typedef struct bench_run {
  mst_json *answer; /* owned: the JSON object on its last line of output; NULL if not asked for */
  double seconds;   /* wall-clock, from fork to exit */
  double core_seconds; /* of its processors, system calls included */
  double peak_bytes;   /* largest resident memory */
} bench_run;

typedef struct bench {
  const char *data;        /* --data */
  int threads, repeats;    /* --threads --repeats */
  int quick, full_peers;   /* --quick --full-peers */
  int effect;              /* --effect */
  const char *output;      /* --output: folder of the result files */
  const char *compare;     /* --compare: such a folder, or a file of it, from before */
  const char *against;     /* --against: another misstep-bench */
  mst_table_format format; /* --format */
  char work[PATH_MAX];     /* scratch folder */
  char self[PATH_MAX], misstep[PATH_MAX], python[PATH_MAX], peers[PATH_MAX];
  mst_json *card;    /* the machine */
  char machine[128]; /* its name in file names: processor and cores */
  mst_table *table;  /* figures so far */
  int64_t n_all, n_train, n_test;
  bench_run notebook; /* the notebook's run, made once; answer NULL: not yet */
  int has_model;      /* WORK/model is there, and predictions of test.csv */
  int n_wrong;        /* checks that failed */
} bench;

/* One figure. NaN: there is none. */
typedef struct bench_figure {
  const char *stage, *name, *unit;
  double ours, peer;
  double value; /* what the bar judges: a ratio, a difference, a score, seconds */
  double bar;
  int bar_is_ceiling; /* value <= bar is wanted, else value >= bar */
  const char *check;  /* which answer was compared before the time was believed */
  const char *handicaps;
} bench_figure;

/* child.c: run argv (NULL-terminated) and wait; OMP_NUM_THREADS is threads, how threads wait is
 * left to the program. answer: the last line of its output is parsed as JSON. MST_E_ADAPTER: it
 * failed. */
mst_status bench_child(const char *const *argv, int threads, int answer, bench_run *out);
void bench_run_fini(bench_run *run);
/* A number of the answer, NaN if absent. */
double bench_number(const bench_run *run, const char *key);

/* card.c: fill card and machine. */
mst_status bench_card(bench *b);

/* figure.c: append a figure to the table and to OUTPUT/<stage>-<machine>-<date>.jsonl. The answers
 * of the runs (may be NULL) are copied into it. */
mst_status bench_figure_add(bench *b, const bench_figure *figure, const bench_run *ours,
                            const bench_run *peer);
/* Say that an answer is wrong: no figure of it is printed, and the program ends with 1. */
void bench_wrong(bench *b, const char *stage, const char *what);
/* Say on stderr what is being done. */
void bench_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Paths into out [PATH_MAX]: WORK/name, the folder of Python scripts/name. */
void bench_work(const bench *b, const char *name, char *out);
void bench_peer(const bench *b, const char *name, char *out);

/* Stages. */
mst_status bench_prepare(bench *b);
mst_status bench_read(bench *b);
mst_status bench_vectorize(bench *b);
mst_status bench_train(bench *b);
mst_status bench_notebook(bench *b);
mst_status bench_predict(bench *b);
mst_status bench_augment(bench *b);
mst_status bench_effect(bench *b); /* in place of bench_augment, with --effect */
mst_status bench_sweep(bench *b);

/* stage_train.c: make WORK/model and its predictions of test.csv, or the notebook's run, once. */
mst_status bench_model(bench *b);
mst_status bench_notebook_run(bench *b);

/* worker.c: the hidden mode "worker ...": our side of a stage in a process of its own. */
mst_status bench_worker(int argc, char **argv);
/* A whole number from 1 to most. "seconds": the median, "runs": all, in order. Column text of a
 * file, in memory of its own. */
mst_status bench_whole(const char *text, int most, int *out);
mst_status bench_set_runs(mst_json *o, double *runs, int n);
mst_status bench_load_text(const char *path, mst_strings *storage, mst_text *text);

/* worker_augment.c: augment FILE RULES COPIES REPEATS: copies made in token space, and whether they
 * are the texts' own ("same"). */
mst_status bench_work_augment(char **argv, mst_json *o);

#endif
