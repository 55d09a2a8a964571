/* crew_job.c: what the first process tells the workers, and what worker 0 tells it. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/folder.h"
#include "files/json.h"
#include "learn/crew_internal.h"
#include "misstep/alloc.h"

/* Write a value as dir/name, and free it. */
static mst_status write_json(const char *dir, const char *name, mst_json *value) {
  char path[MST__CREW_PATH], *text = NULL;
  size_t n = 0;
  (void)snprintf(path, sizeof path, "%s/%s", dir, name);
  mst_status st = mst_json_dump(value, 0, &text, &n);
  if (!st) st = mst_file_write(path, 0, text, n);
  mst_free(text);
  mst_json_free(value);
  return st;
}

static mst_status set_int(mst_json *o, const char *key, int64_t value) {
  return mst_json_set(o, key, mst_json_new_int(value));
}

static mst_status set_options(mst_json *o, const mst_xgb_options *x) {
  char seed[32];
  (void)snprintf(seed, sizeof seed, "%" PRIu64, x->seed);
  mst_json *extra = mst_json_new_array();
  mst_status st = extra ? MST_OK : MST_E_NOMEM;
  for (int32_t i = 0; !st && i < x->n_extra; i++) {
    st = mst_json_append(extra, mst_json_new_string(x->extra[i].name));
    if (!st) st = mst_json_append(extra, mst_json_new_string(x->extra[i].value));
  }
  if (st) mst_json_free(extra);
  else st = mst_json_set(o, "extra", extra);
  if (!st) st = set_int(o, "n_classes", x->n_classes);
  if (!st) st = mst_json_set(o, "learning_rate", mst_json_new_real(x->learning_rate));
  if (!st) st = set_int(o, "max_depth", x->max_depth);
  if (!st) st = mst_json_set(o, "subsample", mst_json_new_real(x->subsample));
  if (!st) st = mst_json_set(o, "colsample_bytree", mst_json_new_real(x->colsample_bytree));
  if (!st) st = set_int(o, "max_bin", x->max_bin);
  if (!st) st = mst_json_set(o, "device", mst_json_new_string(x->device));
  if (!st) st = mst_json_set(o, "seed", mst_json_new_string(seed));
  return st ? st : set_int(o, "n_threads", x->n_threads);
}

mst_status mst__crew_job_write(const char *dir, const mst__crew_job *job) {
  mst_json *o = mst_json_new_object();
  mst_status st = o ? set_options(o, &job->options) : MST_E_NOMEM;
  if (!st) st = set_int(o, "n_workers", job->n_workers);
  if (!st) st = set_int(o, "has_valid", job->has_valid);
  if (!st) st = mst_json_set(o, "host", mst_json_new_string(job->host));
  if (!st) st = set_int(o, "port", job->port);
  if (!st) st = set_int(o, "n_rounds", job->n_rounds);
  if (!st) st = set_int(o, "early_stopping", job->early_stopping);
  if (!st) st = set_int(o, "n_margin", job->n_margin);
  if (!st) st = set_int(o, "has_weight", job->has_weight);
  if (!st) st = set_int(o, "n_cols", job->n_cols);
  if (!st) return write_json(dir, "job.json", o);
  mst_json_free(o);
  return st;
}

static int get_int(const mst_json *o, const char *key) {
  return (int)mst_json_int(mst_json_get(o, key));
}

static mst_status read_extra(const mst_json *list, mst__crew_job *job) {
  const size_t n = mst_json_size(list) / 2;
  job->extra = mst_alloc(n, sizeof *job->extra);
  if (!job->extra) return MST_E_NOMEM;
  for (size_t i = 0; i < n; i++) {
    job->extra[i].name = mst_json_string(mst_json_at(list, 2 * i), NULL);
    job->extra[i].value = mst_json_string(mst_json_at(list, 2 * i + 1), NULL);
    if (!job->extra[i].name || !job->extra[i].value)
      return MST_FAIL(MST_E_FORMAT, "job.json: extra is not made of strings");
  }
  job->options.extra = job->extra;
  job->options.n_extra = (int32_t)n;
  return MST_OK;
}

static mst_status read_options(const mst_json *o, mst__crew_job *job) {
  const char *device = mst_json_string(mst_json_get(o, "device"), NULL),
             *seed = mst_json_string(mst_json_get(o, "seed"), NULL),
             *host = mst_json_string(mst_json_get(o, "host"), NULL);
  if (!device || !seed || !host || get_int(o, "n_workers") < 1)
    return MST_FAIL(MST_E_FORMAT, "job.json: it is not a job for workers");
  (void)snprintf(job->host, sizeof job->host, "%s", host);
  job->options =
      (mst_xgb_options){.n_classes = get_int(o, "n_classes"),
                        .learning_rate = mst_json_number(mst_json_get(o, "learning_rate")),
                        .max_depth = get_int(o, "max_depth"),
                        .subsample = mst_json_number(mst_json_get(o, "subsample")),
                        .colsample_bytree = mst_json_number(mst_json_get(o, "colsample_bytree")),
                        .max_bin = get_int(o, "max_bin"),
                        .device = device,
                        .seed = strtoull(seed, NULL, 10),
                        .n_threads = get_int(o, "n_threads")};
  return read_extra(mst_json_get(o, "extra"), job);
}

mst_status mst__crew_job_read(const char *dir, mst__crew_job *out) {
  char path[MST__CREW_PATH];
  mst__crew_job job = {0};
  (void)snprintf(path, sizeof path, "%s/job.json", dir);
  mst_status st = mst_json_load(path, &job.json);
  const mst_json *o = job.json;
  if (!st) st = read_options(o, &job);
  job.n_workers = get_int(o, "n_workers");
  job.has_valid = get_int(o, "has_valid");
  job.port = get_int(o, "port");
  job.n_rounds = get_int(o, "n_rounds");
  job.early_stopping = get_int(o, "early_stopping");
  job.n_margin = get_int(o, "n_margin");
  job.has_weight = get_int(o, "has_weight");
  job.n_cols = mst_json_int(mst_json_get(o, "n_cols"));
  if (st) mst__crew_job_fini(&job);
  else *out = job;
  return st;
}

void mst__crew_job_fini(mst__crew_job *job) {
  mst_json_free(job->json);
  mst_free(job->extra);
  *job = (mst__crew_job){0};
}

mst_status mst__crew_report_write(const char *dir, const mst_fit_report *r) {
  mst_json *o = mst_json_new_object();
  mst_status st = set_int(o, "n_rounds", r->n_rounds);
  if (!st) st = set_int(o, "best_round", r->best_round);
  if (!st) st = mst_json_set(o, "validation_mlogloss", mst_json_new_real(r->validation_mlogloss));
  if (!st) st = mst_json_set(o, "device", mst_json_new_string(r->device));
  if (!st) return write_json(dir, "report.json", o);
  mst_json_free(o);
  return st;
}

mst_status mst__crew_report_read(const char *dir, mst_fit_report *r) {
  char path[MST__CREW_PATH];
  mst_json *o = NULL;
  (void)snprintf(path, sizeof path, "%s/report.json", dir);
  mst_status st = mst_json_load(path, &o);
  if (st) return st;
  const char *device = mst_json_string(mst_json_get(o, "device"), NULL);
  r->n_rounds = get_int(o, "n_rounds");
  r->best_round = get_int(o, "best_round");
  r->validation_mlogloss = mst_json_number(mst_json_get(o, "validation_mlogloss"));
  (void)snprintf(r->device, sizeof r->device, "%s", device ? device : "");
  mst_json_free(o);
  return MST_OK;
}
