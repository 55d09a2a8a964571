/* crew_internal.h: what a fit asks of a crew, and what the crew's files share. Private to this
 * folder.
 *
 * A fit is a folder: K.train-*.npy and K.valid-*.npy, then job.json, which says that all is there.
 * Worker K writes K.done with the hash of its booster or K.failed with the reason, and its standard
 * error is K.err; worker 0 also writes progress, and booster.ubj and report.json before 0.done.
 * Beside the fits, each task of several counts K.alive up.
 */
#ifndef MISSTEP_CREW_INTERNAL_H
#define MISSTEP_CREW_INTERNAL_H

#include <sys/types.h>

#include "learn/crew.h"
#include "learn/share.h"
#include "learn/xgboost.h"

#define MST__CREW_PATH 4400
/* In the temporary folder beside the output: what the tasks of a run share. */
#define MST__CREW_RUN "run"
/* How often the first process and those of other tasks look around. */
#define MST__CREW_NAP_NANOSECONDS 10000000L

/* Workers of a crew; NULL: 1. */
int mst__crew_size(const mst_crew *crew);
/* Begin a fit with the training rows, or add its validation rows. Errors of mst__share_deal. */
mst_status mst__crew_deal(mst_crew *crew, int is_valid, const mst__share *rows);
/* Start the workers and wait for their booster, which all must agree on. MST_E_ADAPTER names the
 * worker that failed. Others as mst__boost. */
mst_status mst__crew_boost(mst_crew *crew, const mst_xgb_options *options, int32_t n_rounds,
                           int32_t early_stopping, mst_xgb_booster **out, mst_fit_report *report);

/* crew_job.c: what job.json says. */
typedef struct mst__crew_job {
  mst_xgb_options options; /* extra and device point into json */
  mst_parameter *extra;
  struct mst_json *json;
  int n_workers, has_valid, port;
  char host[256];
  int32_t n_rounds, early_stopping, n_margin;
  int has_weight; /* the training rows */
  int64_t n_cols;
} mst__crew_job;

/* Write and read it. MST_E_FORMAT: not such a file; MST_E_IO, MST_E_NOMEM. Of a job read,
 * mst__crew_job_fini frees what the options point to. */
mst_status mst__crew_job_write(const char *dir, const mst__crew_job *job);
mst_status mst__crew_job_read(const char *dir, mst__crew_job *out);
/* Free what a job that was read holds. */
void mst__crew_job_fini(mst__crew_job *job);

/* report.json of worker 0. */
mst_status mst__crew_report_write(const char *dir, const mst_fit_report *report);
mst_status mst__crew_report_read(const char *dir, mst_fit_report *report);

/* crew_hands.c: a worker that this process has started. It ends with this process. */
typedef struct mst__hand {
  pid_t pid;  /* 0: it is not running */
  int signal; /* that ended it */
  int code;   /* it ended with */
} mst__hand;

/* Start worker rank on a fit's folder. MST_E_IO, MST_E_NOMEM. */
mst_status mst__hand_start(const char *dir, int rank, mst__hand *out);
/* In the worker: end with the process that started it, which is parent. MST_E_STATE: it has ended
 * already. */
mst_status mst__hand_bind(const char *parent);
/* Has it ended? Asked again later it says so again. */
int mst__hand_ended(mst__hand *hand);
/* End it, whatever it does, and wait. */
void mst__hand_stop(mst__hand *hand);

/* Path of worker k's file in a fit's folder. */
void mst__crew_file(char path[MST__CREW_PATH], const char *dir, int k, const char *what);
/* Say why worker k failed, in its file. is_cause 0: it may only have lost another worker. */
void mst__crew_fail_write(const char *dir, int k, int is_cause, const char *why);
/* Why a worker of ours that has ended failed; 1: of itself, 0: maybe by loss of another one. */
int mst__crew_why(const char *dir, int k, const mst__hand *hand, char why[512]);

/* crew_pulse.c: a task's sign of life, and how another one takes it. A task that does not count
 * for MST__CREW_SILENCE seconds is lost. */
#define MST__CREW_SILENCE 30.0
typedef struct mst__pulse mst__pulse;

/* Count up in folder, on a thread of its own, until it is closed. MST_E_NOMEM. */
mst_status mst__pulse_open(const char *folder, int rank, mst__pulse **out);
/* Stop. NULL is fine. */
void mst__pulse_close(mst__pulse *pulse);

/* What has been heard of a task; zero to begin. */
typedef struct mst__heard {
  long count;
  double at; /* when it last rose */
} mst__heard;

/* Has the task been silent for too long? */
int mst__is_silent(const char *folder, int rank, mst__heard *heard);

/* crew_place.c: the run's id in the folder that tasks share, so that they find it. */
mst_status mst__crew_sign(const char *folder, const mst_crew_place *place);
/* The folder beside output that is signed for this run into path; 0: there is none yet. */
int mst__crew_find(const char *output, const mst_crew_place *place, char path[MST__CREW_PATH]);
/* An address of this machine for the tracker. */
void mst__crew_address(const mst_crew_place *place, char address[64]);

#endif
