/* crew.c: the first process: deals rows out, starts workers, waits, and says who failed. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "files/folder.h"
#include "learn/collective.h"
#include "learn/crew_internal.h"
#include "learn/model_internal.h"
#include "learn/share.h"
#include "learn/xgboost_library.h"
#include "misstep/alloc.h"
#include "misstep/log.h"

/* A worker may fail because another one has: so long the cause is waited for. */
#define GRACE_SECONDS 1.0
#define FAREWELL_SECONDS 10.0

/* What is known of a worker. */
typedef struct member {
  mst__hand hand; /* if it is ours */
  int is_done, failed;
  mst__heard heard; /* of another task */
  char why[512];
} member;

struct mst_crew {
  mst_crew_place place;
  mst_output *folder;
  mst__pulse *pulse;        /* with other tasks */
  char run[MST__CREW_PATH]; /* in it: what the tasks share */
  int fit;                  /* number of the next one */
  char dir[MST__CREW_PATH]; /* of the one under way */
  int64_t n_cols;
  int32_t n_margin;
  int has_weight;
  member *member; /* [n] */
};

int mst__crew_size(const mst_crew *crew) { return crew ? crew->place.n : 1; }

static int is_ours(const mst_crew *c, int k) { return !c->place.is_spread || k == c->place.rank; }

/* A folder in the temporary one, signed last: then other tasks may come. */
static mst_status make_run(mst_crew *c) {
  (void)snprintf(c->run, sizeof c->run, "%s/" MST__CREW_RUN, mst_output_path(c->folder));
  if (mkdir(c->run, 0777)) return MST_FAIL(MST_E_IO, "%s: %s", c->run, strerror(errno));
  if (!c->place.is_spread) return MST_OK;
  const mst_status st = mst__pulse_open(c->run, 0, &c->pulse);
  return st ? st : mst__crew_sign(c->run, &c->place);
}

mst_status mst_crew_open(const mst_crew_place *place, const char *output, mst_crew **out) {
  const mst__xgb_group *group;
  char path[4096];
  mst_status st = mst__xgb_group_open(&group);
  if (st) return st;
  size_t n = strlen(output);
  while (n > 1 && output[n - 1] == '/') n--;
  if (n > 3000) return MST_FAIL(MST_E_ARG, "the output's name has %zu bytes", n);
  (void)snprintf(path, sizeof path, "%.*s.workers", (int)n, output);
  mst_crew *c = mst_alloc_zero(1, sizeof *c);
  if (!c) return MST_E_NOMEM;
  c->place = *place;
  c->member = mst_alloc_zero((size_t)place->n, sizeof *c->member);
  st = c->member ? mst_output_open(path, 1, 0, &c->folder) : MST_E_NOMEM;
  if (!st) st = make_run(c);
  if (st) mst_crew_close(c, MST_E_CANCELLED); /* nobody has found it yet */
  else *out = c;
  return st;
}

/* For a moment at most. */
static void wait_for_tasks(const mst_crew *c, const char *what) {
  char path[MST__CREW_PATH];
  const double began = mst__seconds();
  for (int k = 1; k < c->place.n; k++) {
    mst__crew_file(path, c->run, k, what);
    while (access(path, F_OK) && mst__seconds() - began < FAREWELL_SECONDS)
      (void)nanosleep(&(struct timespec){.tv_nsec = MST__CREW_NAP_NANOSECONDS}, NULL);
  }
}

/* The other tasks learn of a good end by a file, and of another one by the end of the folder, which
 * they must have found before. */
static void say_farewell(const mst_crew *c, mst_status status) {
  char path[MST__CREW_PATH];
  (void)snprintf(path, sizeof path, "%.4300s/finished", c->run);
  if (status) wait_for_tasks(c, "alive");
  else if (!mst_file_write(path, 1, "", 0)) wait_for_tasks(c, "bye");
}

void mst_crew_close(mst_crew *crew, mst_status status) {
  if (!crew) return;
  for (int k = 0; crew->member && k < crew->place.n; k++) mst__hand_stop(&crew->member[k].hand);
  if (crew->pulse && status != MST_E_CANCELLED) say_farewell(crew, status);
  mst__pulse_close(crew->pulse);
  if (crew->place.is_spread) { /* so that nobody puts anything more into what is removed */
    char ended[MST__CREW_PATH];
    (void)snprintf(ended, sizeof ended, "%.4300s.ended", crew->run);
    (void)rename(crew->run, ended);
  }
  mst_output_close(crew->folder);
  mst_free(crew->member);
  mst_free(crew);
}

mst_status mst__crew_deal(mst_crew *c, int is_valid, const mst__share *rows) {
  if (!is_valid) {
    (void)snprintf(c->dir, sizeof c->dir, "%.4300s/fit-%d", c->run, c->fit++);
    if (mkdir(c->dir, 0777)) return MST_FAIL(MST_E_IO, "%s: %s", c->dir, strerror(errno));
    c->n_cols = rows->x.n_cols;
    c->n_margin = rows->n_margin;
    c->has_weight = rows->weight != NULL;
  }
  return mst__share_deal(c->dir, is_valid ? "valid" : "train", rows, c->place.n);
}

static int has_file(const mst_crew *c, int k, const char *what) {
  char path[MST__CREW_PATH];
  mst__crew_file(path, c->dir, k, what);
  return access(path, F_OK) == 0;
}

/* failed: 1 by loss of another one perhaps, 2 of itself. */
static void look_at(const mst_crew *c, int k) {
  member *m = &c->member[k];
  if (m->is_done || m->failed) return;
  const int ours = is_ours(c, k), ended = ours && mst__hand_ended(&m->hand);
  if (has_file(c, k, "done")) m->is_done = 1;
  else if (ended || (!ours && has_file(c, k, "failed")))
    m->failed = 1 + mst__crew_why(c->dir, k, &m->hand, m->why);
  else if (!ours && mst__is_silent(c->run, k, &m->heard)) {
    m->failed = 2;
    (void)snprintf(m->why, sizeof m->why, "its task has given no sign of life for %.0f seconds",
                   MST__CREW_SILENCE);
  }
}

/* The round that worker 0 has told of, to whoever hears progress. */
static mst_status show(const mst_crew *c, int32_t n_rounds) {
  char path[MST__CREW_PATH], line[96] = "", detail[48] = "";
  long long done = 0;
  (void)snprintf(path, sizeof path, "%.4300s/progress", c->dir);
  FILE *f = fopen(path, "r");
  if (f && fgets(line, sizeof line, f) && strlen(line) >= 20) {
    done = strtoll(line, NULL, 10);
    (void)snprintf(detail, sizeof detail, "%.*s", (int)strcspn(line + 20, "\n"), line + 20);
    for (size_t n = strlen(detail); n && detail[n - 1] == ' '; n--) detail[n - 1] = 0;
  }
  if (f) (void)fclose(f);
  return mst_progress("boosting", done, n_rounds, detail);
}

/* Who failed of itself; else the first that failed; -1: none. */
static int first_failed(const mst_crew *c) {
  int found = -1;
  for (int k = 0; k < c->place.n; k++)
    if (c->member[k].failed > (found < 0 ? 0 : c->member[found].failed)) found = k;
  return found;
}

static mst_status wait_for_all(mst_crew *c, int32_t n_rounds) {
  const double grace = GRACE_SECONDS + (c->place.is_spread ? MST__CREW_SILENCE : 0);
  double failed_at = 0;
  for (;;) {
    int n_done = 0;
    const double now = mst__seconds();
    for (int k = 0; k < c->place.n; k++) {
      look_at(c, k);
      n_done += c->member[k].is_done;
    }
    const int bad = first_failed(c);
    if (bad >= 0 && failed_at <= 0) failed_at = now;
    if (bad >= 0 && (c->member[bad].failed == 2 || now - failed_at > grace))
      return MST_FAIL(MST_E_ADAPTER, "worker %d of %d: %s", bad, c->place.n, c->member[bad].why);
    if (n_done == c->place.n) return MST_OK;
    const mst_status st = show(c, n_rounds);
    if (st) return st;
    (void)nanosleep(&(struct timespec){.tv_nsec = MST__CREW_NAP_NANOSECONDS}, NULL);
  }
}

/* Every worker has the same booster, or none is taken. */
static mst_status compare(const mst_crew *c) {
  char path[MST__CREW_PATH], first[65] = "", *hex = NULL;
  mst_status st = MST_OK;
  for (int k = 0; !st && k < c->place.n; k++) {
    size_t n = 0;
    mst__crew_file(path, c->dir, k, "done");
    st = mst_file_read(path, 4096, &hex, &n);
    if (st) break;
    if (k == 0) (void)snprintf(first, sizeof first, "%s", hex);
    else if (strcmp(first, hex) != 0)
      st =
          MST_FAIL(MST_E_ADAPTER, "worker %d of %d has another model than worker 0", k, c->place.n);
    mst_free(hex);
  }
  return st;
}

/* What XGBoost warned of in worker 0, once. */
static void pass_warnings(const mst_crew *c) {
  char path[MST__CREW_PATH], line[600];
  mst__crew_file(path, c->dir, 0, "err");
  FILE *f = fopen(path, "r");
  while (f && fgets(line, sizeof line, f)) {
    line[strcspn(line, "\n")] = 0;
    if (strncmp(line, "warning: ", 9) == 0) mst_log(MST_LOG_WARNING, "%s", line + 9);
  }
  if (f) (void)fclose(f);
}

static mst_status take_booster(const mst_crew *c, mst_xgb_booster **out, mst_fit_report *report) {
  char path[MST__CREW_PATH], *bytes = NULL;
  size_t n = 0;
  mst_status st = compare(c);
  (void)snprintf(path, sizeof path, "%.4300s/booster.ubj", c->dir);
  if (!st) st = mst_file_read(path, (size_t)1 << 36, &bytes, &n);
  if (!st) st = mst__crew_report_read(c->dir, report);
  if (!st) st = mst_xgb_booster_load(bytes, n, out);
  mst_free(bytes);
  if (!st) pass_warnings(c);
  return st;
}

static mst_status start(mst_crew *c, const mst_xgb_options *options, int32_t n_rounds,
                        int32_t early_stopping, int port, const char *address) {
  mst__crew_job job = {.options = *options,
                       .n_workers = c->place.n,
                       .has_valid = early_stopping > 0,
                       .port = port,
                       .n_rounds = n_rounds,
                       .early_stopping = early_stopping,
                       .n_margin = c->n_margin,
                       .has_weight = c->has_weight,
                       .n_cols = c->n_cols};
  (void)snprintf(job.host, sizeof job.host, "%s", address);
  if (!c->place.is_spread && options->n_threads > 1) /* the cores are shared here */
    job.options.n_threads = options->n_threads > c->place.n ? options->n_threads / c->place.n : 1;
  mst_status st = mst__crew_job_write(c->dir, &job);
  for (int k = 0; k < c->place.n; k++) {
    const member before = c->member[k];
    c->member[k] = (member){.heard = before.heard};
    if (!st && is_ours(c, k)) st = mst__hand_start(c->dir, k, &c->member[k].hand);
  }
  return st;
}

mst_status mst__crew_boost(mst_crew *c, const mst_xgb_options *options, int32_t n_rounds,
                           int32_t early_stopping, mst_xgb_booster **out, mst_fit_report *report) {
  char address[64];
  int port = 0;
  mst__tracker *tracker = NULL;
  mst__crew_address(&c->place, address);
  mst_status st = mst__tracker_open(c->place.n, address, &tracker, &port);
  if (!st) st = start(c, options, n_rounds, early_stopping, port, address);
  if (!st) st = wait_for_all(c, n_rounds);
  for (int k = 0; k < c->place.n; k++) mst__hand_stop(&c->member[k].hand);
  mst__tracker_close(tracker);
  return st ? st : take_booster(c, out, report);
}
