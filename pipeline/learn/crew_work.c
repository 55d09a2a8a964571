/* crew_work.c: a worker: reads its share, boosts with the others, says how it went. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "files/folder.h"
#include "learn/collective.h"
#include "learn/crew_internal.h"
#include "learn/model_internal.h"
#include "learn/share.h"
#include "misstep/alloc.h"
#include "misstep/log.h"

/* Worker 0's rounds, for the first process to show. A line that is read while it is written is
 * one round old at worst: its length is fixed. */
static int hear_progress(const char *stage, int64_t done, int64_t total, const char *detail,
                         void *payload) {
  (void)stage;
  char line[80];
  (void)snprintf(line, sizeof line, "%9lld %9lld %-47.47s\n", (long long)done, (long long)total,
                 detail);
  FILE *f = payload;
  rewind(f);
  (void)fputs(line, f);
  (void)fflush(f);
  return 0;
}

static mst_status take_matrix(const char *dir, int is_valid, int k, const mst__crew_job *job,
                              mst_xgb_matrix **out) {
  mst__share share;
  const char *name = is_valid ? "valid" : "train";
  mst_status st = mst__share_load(dir, name, k, job->n_cols, job->n_margin,
                                  job->has_weight && !is_valid, &share);
  if (st) return st;
  st = mst_xgb_matrix_create(&share.x, share.label, share.margin, job->n_margin,
                             job->options.n_threads, out);
  if (!st && share.weight) st = mst_xgb_matrix_weigh(*out, share.weight);
  mst__share_fini(&share);
  return st;
}

/* Hand the booster over: its hash, and worker 0 also its bytes. */
static mst_status hand_over(const char *dir, int k, mst_xgb_booster *booster,
                            const mst_fit_report *report, char hex[65]) {
  char path[MST__CREW_PATH], *bytes = NULL;
  size_t n = 0;
  mst_status st = mst_xgb_booster_dump(booster, &bytes, &n);
  if (!st) mst_sha256(bytes, n, hex);
  (void)snprintf(path, sizeof path, "%s/booster.ubj", dir);
  if (!st && k == 0) st = mst_file_write(path, 0, bytes, n);
  if (!st && k == 0) st = mst__crew_report_write(dir, report);
  mst_free(bytes);
  return st;
}

/* *joined is 1 from the moment at which the end of another worker may be ours. */
static mst_status work(const char *dir, int k, const mst__crew_job *job, int *joined) {
  mst_xgb_matrix *train = NULL, *valid = NULL;
  mst_xgb_booster *booster = NULL;
  mst_fit_report report = {.validation_mlogloss = NAN};
  char path[MST__CREW_PATH], hex[65] = "";
  mst_status st = mst_xgb_open(NULL);
  *joined = !st;
  if (!st) st = mst__collective_join(job->host, job->port, k);
  if (!st) st = take_matrix(dir, 0, k, job, &train);
  if (!st && job->has_valid) st = take_matrix(dir, 1, k, job, &valid);
  if (!st)
    st = mst__boost(&job->options, job->n_rounds, job->early_stopping, train, valid, &booster,
                    &report);
  if (!st) st = hand_over(dir, k, booster, &report, hex);
  mst_xgb_booster_free(booster);
  mst_xgb_matrix_free(train);
  mst_xgb_matrix_free(valid);
  if (!st) st = mst__collective_leave();
  mst__crew_file(path, dir, k, "done");
  return st ? st : mst_file_write(path, 0, hex, 64);
}

mst_status mst_crew_work(const char *folder, const char *number, const char *parent) {
  char path[MST__CREW_PATH];
  mst__crew_job job = {0};
  char *end = NULL;
  const long k = strtol(number, &end, 10);
  int joined = 0;
  FILE *progress = NULL;
  mst_status st = mst__hand_bind(parent);
  if (!st) st = mst__crew_job_read(folder, &job);
  if (!st && (end == number || *end || k < 0 || k >= job.n_workers))
    return MST_FAIL(MST_E_ARG, "there is no worker %s of %d", number, job.n_workers);
  (void)snprintf(path, sizeof path, "%s/progress", folder);
  if (!st && k == 0 && (progress = fopen(path, "w"))) mst_progress_set(hear_progress, progress);
  if (!st) st = work(folder, (int)k, &job, &joined);
  mst__crew_job_fini(&job);
  mst_progress_set(NULL, NULL);
  if (progress) (void)fclose(progress);
  if (st)
    mst__crew_fail_write(folder, (int)k, !(joined && st == MST_E_ADAPTER),
                         mst_error_last()->message);
  return st;
}
