/* export_mlflow.c: the folder "mlruns" of MLflow's file store: an experiment with a run for every
 * cell.
 *
 *     PATH/EXPERIMENT/meta.yaml
 *     PATH/EXPERIMENT/RUN/meta.yaml, params/NAME, metrics/NAME, tags/NAME, artifacts/
 *
 * A run's name is the cell's key, so that a second export of the same cells is the same folder. A
 * ledger keeps no times of day: runs begin when the sweep did, by the time of its sweep.json.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "export.h"
#include "files/folder.h"
#include "files/number.h"
#include "misstep/alloc.h"

typedef struct store {
  mst_output *out;
  char experiment[32], uri[PATH_MAX + 16];
  long long began_ms;
} store;

static mst_status make_folder(const store *s, const char *name) {
  char path[PATH_MAX + 256];
  (void)snprintf(path, sizeof path, "%s/%s", mst_output_path(s->out), name);
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return MST_OK;
  return MST_FAIL(MST_E_IO, "%s: %s", path, strerror(errno));
}

/* A YAML string in single quotes. */
static mst_status put_quoted(mst_buffer *to, const char *key, const char *text) {
  mst_status st = mst_buffer_printf(to, "%s: '", key);
  for (; *text && !st; text++)
    st = *text == '\'' ? mst_buffer_append(to, "''", 2)
                       : mst_buffer_append(to, *text == '\n' ? " " : text, 1);
  return st ? st : mst_buffer_printf(to, "'\n");
}

static mst_status put_experiment(const store *s, const char *name, mst_buffer *to) {
  mst_status st = put_quoted(to, "artifact_location", s->uri);
  if (!st)
    st = mst_buffer_printf(to,
                           "creation_time: %lld\nexperiment_id: '%s'\nlast_update_time: %lld\n"
                           "lifecycle_stage: active\n",
                           s->began_ms, s->experiment, s->began_ms);
  return st ? st : put_quoted(to, "name", name);
}

static mst_status put_run(const store *s, const sweep_view *v, int64_t i, const char *key,
                          mst_buffer *to) {
  char uri[PATH_MAX + 128];
  const double seconds = mst_json_number(mst_json_get(v->line[i], "seconds"));
  const long long end = s->began_ms + (isnan(seconds) ? 0 : llround(seconds * 1000));
  (void)snprintf(uri, sizeof uri, "%s/%s/artifacts", s->uri, key);
  mst_status st = put_quoted(to, "artifact_uri", uri);
  if (!st)
    st = mst_buffer_printf(to,
                           "end_time: %lld\nentry_point_name: ''\nexperiment_id: '%s'\n"
                           "lifecycle_stage: active\nrun_id: %s\nrun_name: cell-%lld\n"
                           "run_uuid: %s\nsource_name: misstep sweep\nsource_type: 4\n"
                           "source_version: ''\nstart_time: %lld\nstatus: %d\ntags: []\n"
                           "user_id: ''\n",
                           end, s->experiment, key,
                           (long long)mst_json_int(mst_json_get(v->line[i], "number")), key,
                           s->began_ms, sweep_view_is_done(v, i) ? 3 : 4);
  return st;
}

static mst_status write_text(const store *s, const char *key, const char *kind, const char *name,
                             const char *text) {
  char path[512];
  (void)snprintf(path, sizeof path, "%s/%s/%s/%.200s", s->experiment, key, kind, name);
  return mst_output_write(s->out, path, text, strlen(text));
}

/* A metric's history: time, value, step. */
static mst_status write_metric(const store *s, const char *key, const char *name, double value) {
  char number[MST__REAL_BYTES], text[128];
  if (!isfinite(value)) return MST_OK;
  mst__real_shortest(number, value);
  (void)snprintf(text, sizeof text, "%lld %s 0\n", s->began_ms, number);
  return write_text(s, key, "metrics", name, text);
}

/* Columns before the metrics are parameters; numbers after them are metrics, too. */
static mst_status write_columns(const store *s, const sweep_view *v, int64_t i, const char *key) {
  const int first_metric = sweep_view_column(v, sweep_metrics[0]);
  mst_status st = MST_OK;
  for (int c = 0; c < v->n_columns && !st; c++) {
    char *text = NULL;
    st = sweep_view_text(v, i, c, &text);
    if (st) break;
    if (c < first_metric && *text) st = write_text(s, key, "params", v->column[c], text);
    else if (c >= first_metric && !sweep_view_is_text(v, c))
      st = write_metric(s, key, v->column[c], sweep_view_number(v, i, c));
    else if (*text) st = write_text(s, key, "tags", v->column[c], text);
    mst_free(text);
  }
  return st;
}

static mst_status write_cell(const store *s, const sweep_view *v, const sweep_prices *prices,
                             int64_t i) {
  static const char *const folders[] = {"params", "metrics", "tags", "artifacts"};
  const char *key = mst_json_string(mst_json_get(v->line[i], "key"), NULL);
  char path[256], name[64];
  mst_buffer meta;
  if (!key || strlen(key) >= SWEEP_KEY)
    return MST_FAIL(MST_E_FORMAT, "a line of the ledger has no key");
  mst_buffer_init(&meta, (size_t)1 << 24, "a run's meta.yaml");
  mst_status st = put_run(s, v, i, key, &meta);
  (void)snprintf(path, sizeof path, "%s/%s/meta.yaml", s->experiment, key);
  if (!st) st = mst_output_write(s->out, path, meta.data, meta.size_bytes);
  for (int k = 0; k < 4 && !st; k++) {
    (void)snprintf(path, sizeof path, "%s/%s/%s", s->experiment, key, folders[k]);
    st = make_folder(s, path);
  }
  if (!st) st = write_columns(s, v, i, key);
  if (!st) st = write_metric(s, key, "dollars", sweep_prices_of(prices, v, i));
  (void)snprintf(name, sizeof name, "cell-%lld",
                 (long long)mst_json_int(mst_json_get(v->line[i], "number")));
  if (!st) st = write_text(s, key, "tags", "mlflow.runName", name);
  mst_buffer_fini(&meta);
  return st;
}

/* The experiment's number, from the hash of the sweep's cells; where its artifacts would be. */
static mst_status name_store(const sweep_view *v, const char *dir, const char *path, store *s) {
  char whole[PATH_MAX], about[PATH_MAX];
  struct stat info;
  const char *hash = mst_json_string(mst_json_get(v->about, "cells_hash"), NULL);
  const char *slash = strrchr(path, '/');
  if (!hash) return MST_FAIL(MST_E_FORMAT, "%s/sweep.json: no cells_hash", dir);
  (void)snprintf(
      s->experiment, sizeof s->experiment, "%llu",
      strtoull((char[]){hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7], 0},
               NULL, 16) +
          1000000000ull); /* 0 is MLflow's own */
  (void)snprintf(about, sizeof about, "%.4000s/sweep.json", dir);
  if (stat(about, &info) != 0) return MST_FAIL(MST_E_IO, "%s: %s", about, strerror(errno));
  s->began_ms = (long long)info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000;
  char parent[PATH_MAX];
  (void)snprintf(parent, sizeof parent, "%.*s", slash ? (int)(slash - path) + 1 : 1,
                 slash ? path : ".");
  if (!realpath(parent, whole)) return MST_FAIL(MST_E_IO, "%s: %s", parent, strerror(errno));
  (void)snprintf(s->uri, sizeof s->uri, "file://%.3000s/%.500s/%s", whole, slash ? slash + 1 : path,
                 s->experiment);
  return MST_OK;
}

mst_status sweep_export_mlflow(const sweep_view *v, const sweep_prices *prices, const char *path) {
  store s = {0};
  mst_buffer meta;
  char name[64];
  mst_buffer_init(&meta, (size_t)1 << 24, "an experiment's meta.yaml");
  mst_status st = name_store(v, v->dir, path, &s);
  if (!st) st = mst_output_open(path, 1, 0, &s.out);
  if (!st) st = put_experiment(&s, v->dir, &meta);
  (void)snprintf(name, sizeof name, "%s/meta.yaml", s.experiment);
  if (!st) st = mst_output_write(s.out, name, meta.data, meta.size_bytes);
  for (int64_t i = 0; i < v->n && !st; i++) st = write_cell(&s, v, prices, i);
  if (!st) st = mst_output_commit(s.out);
  mst_output_close(s.out);
  mst_buffer_fini(&meta);
  return st;
}
