/* xgboost_library.c: finds XGBoost's shared library, opens it, and routes what it prints to our
 * log.
 *
 * Nothing is linked: a missing, old or broken library is a message, not a program that cannot
 * start.
 */
#include "learn/xgboost_library.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/json.h"
#include "misstep/library.h"
#include "misstep/log.h"

#define IN_CLONE ".deps/xgboost/xgboost/lib/libxgboost.so"
#define MAX_PATH 1024
#define MAX_CANDIDATES 4

static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
static int opened; /* under the mutex; api and info never change once it is set */
static mst__xgb_api api_table;
static mst__xgb_group group_table; /* zero: the library has none of it */
static mst_xgb_info library_info;

/* XGBoost keeps its log callback per thread. */
static _Thread_local int log_registered;
static _Thread_local int watching;
static _Thread_local char unused_names[512];

/* Where the library may be, best first. */
typedef struct candidates {
  char path[MAX_CANDIDATES][MAX_PATH];
  int n;
} candidates;

static void add_candidate(candidates *c, const char *name) {
  if (snprintf(c->path[c->n], MAX_PATH, "%s", name) < MAX_PATH) c->n++;
}

static void list_candidates(candidates *c) {
  c->n = 0;
  const char *chosen = getenv("MISSTEP_XGBOOST_LIB");
  if (chosen && *chosen) {
    add_candidate(c, chosen);
    return;
  }
  c->n = mst_library_in_clone(IN_CLONE, MST_CLONE, c->path[0], MAX_PATH);
  add_candidate(c, "libxgboost.so.3");
  add_candidate(c, "libxgboost.so");
  add_candidate(c, "libxgboost.so.0");
}

/* The wheel brings an OpenMP runtime of its own, whose threads spin while they wait unless it is
 * told otherwise before it is loaded: 2.5 to 10 times the wall time on shared cores. Threads that
 * sleep at once lose too: a round has thousands of short waits. So they spin for a moment, a tenth
 * or two of a millisecond: 6 % faster than a fifth of that where a training is alone on two cores,
 * 12 % slower where there are two (README). The program's own runtime read its settings long ago
 * and would serve XGBoost too if its symbols came first, hence it is opened apart. */
static void wait_passively(void) {
  if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT")) return;
  (void)setenv("OMP_WAIT_POLICY", "passive", 0);
  (void)setenv("GOMP_SPINCOUNT", "5000", 0);
}

static const char *load_functions(void *library, mst__xgb_api *api) {
  const mst_library_function functions[] = {
      {&api->get_last_error, "XGBGetLastError"},
      {&api->version, "XGBoostVersion"},
      {&api->build_info, "XGBuildInfo"},
      {&api->register_log, "XGBRegisterLogCallback"},
      {&api->matrix_from_csr, "XGDMatrixCreateFromCSR"},
      {&api->matrix_set_info, "XGDMatrixSetInfoFromInterface"},
      {&api->matrix_free, "XGDMatrixFree"},
      {&api->create, "XGBoosterCreate"},
      {&api->free, "XGBoosterFree"},
      {&api->set_param, "XGBoosterSetParam"},
      {&api->update, "XGBoosterUpdateOneIter"},
      {&api->eval, "XGBoosterEvalOneIter"},
      {&api->predict, "XGBoosterPredictFromDMatrix"},
      {&api->load, "XGBoosterLoadModelFromBuffer"},
      {&api->save, "XGBoosterSaveModelToBuffer"},
      {&api->save_config, "XGBoosterSaveJsonConfig"},
      {&api->set_attr, "XGBoosterSetAttr"},
      {&api->get_attr, "XGBoosterGetAttr"},
      {&api->slice, "XGBoosterSlice"},
      {&api->n_rounds, "XGBoosterBoostedRounds"},
      {&api->n_features, "XGBoosterGetNumFeature"},
  };
  return mst_library_find_all(library, functions, sizeof functions / sizeof *functions);
}

static void load_group(void *library, mst__xgb_group *group) {
  const mst_library_function functions[] = {
      {&group->tracker_create, "XGTrackerCreate"},   {&group->tracker_run, "XGTrackerRun"},
      {&group->tracker_args, "XGTrackerWorkerArgs"}, {&group->tracker_free, "XGTrackerFree"},
      {&group->join, "XGCommunicatorInit"},          {&group->leave, "XGCommunicatorFinalize"},
  };
  if (mst_library_find_all(library, functions, sizeof functions / sizeof *functions))
    *group = (mst__xgb_group){0};
}

/* Does the library's own description say USE_CUDA? */
static mst_status read_build_info(const mst__xgb_api *api, const char *path, int *has_cuda) {
  const char *text = NULL;
  mst_json *info = NULL;
  if (api->build_info(&text)) return MST_FAIL(MST_E_ADAPTER, "%s does not describe itself", path);
  mst_status st = mst_json_parse(text, strlen(text), &info);
  if (st) return mst_error_prefix(st, "%s describes itself as", path);
  *has_cuda = mst_json_bool(mst_json_get(info, "USE_CUDA"));
  mst_json_free(info);
  return MST_OK;
}

static mst_status use_library(void *library, const char *path) {
  mst__xgb_api api = {0};
  const char *missing = load_functions(library, &api);
  if (missing)
    return MST_FAIL(MST_E_ADAPTER, "%s has no %s: XGBoost 1.7 or newer is needed", path, missing);
  mst_xgb_info info = {0};
  api.version(&info.version[0], &info.version[1], &info.version[2]);
  mst_status st = read_build_info(&api, path, &info.has_cuda);
  if (st) return st;
  void *function;
  memcpy(&function, &api.version, sizeof function);
  const char *known = mst_library_path(function);
  (void)snprintf(info.path, sizeof info.path, "%s", known ? known : path);
  if (info.version[0] < 2)
    mst_log(MST_LOG_WARNING,
            "XGBoost %d.%d.%d (%s) is older than 2.0: it trains on the CPU only; ./scripts/setup "
            "installs a newer one",
            info.version[0], info.version[1], info.version[2], info.path);
  api_table = api;
  load_group(library, &group_table);
  library_info = info;
  opened = 1;
  return MST_OK;
}

/* Say where we looked or, of a library that is there but does not open, why. */
static mst_status not_found(const candidates *c, const char *why) {
  const char *chosen = getenv("MISSTEP_XGBOOST_LIB");
  if (chosen && *chosen)
    return MST_FAIL(
        MST_E_ADAPTER,
        "XGBoost's library MISSTEP_XGBOOST_LIB=%s does not open: %s; unset it, run ./scripts/setup",
        chosen, why);
  if (c->n && strchr(c->path[0], '/'))
    return MST_FAIL(MST_E_ADAPTER, "XGBoost's library does not open: %s; run ./scripts/setup", why);
  char looked[700] = "";
  for (int i = 0; i < c->n; i++) {
    const size_t used = strlen(looked);
    (void)snprintf(looked + used, sizeof looked - used, "%s%s", i ? ", " : "", c->path[i]);
  }
  return MST_FAIL(MST_E_ADAPTER,
                  "XGBoost's library is missing: run ./scripts/setup (looked for %s/" IN_CLONE
                  ", the same beside the program, %s)",
                  MST_CLONE, looked);
}

static mst_status open_library(void) {
  candidates c;
  list_candidates(&c);
  wait_passively();
  char why[512] = "";
  for (int i = 0; i < c.n; i++) {
    void *library = mst_library_open(c.path[i], 1);
    if (!library) {
      const char *reason = mst_library_why();
      (void)snprintf(why, sizeof why, "%s", reason ? reason : "unknown reason");
      if (strchr(c.path[i], '/') && access(c.path[i], F_OK) == 0) break; /* there, but broken */
      continue;
    }
    mst_status st = use_library(library, c.path[i]);
    if (st) mst_library_close(library);
    return st;
  }
  return not_found(&c, why);
}

mst_status mst_xgb_open(mst_xgb_info *info) {
  (void)pthread_mutex_lock(&opening);
  mst_status st = opened ? MST_OK : open_library();
  if (!st && info) *info = library_info;
  (void)pthread_mutex_unlock(&opening);
  return st;
}

/* Take `{ "a", "b" }` out of the warning as `a, b`. */
static void note_unused(const char *braces) {
  size_t n = strlen(unused_names);
  if (n && n + 2 < sizeof unused_names) n += (size_t)snprintf(unused_names + n, 3, ", ");
  for (const char *p = braces + 1; *p && *p != '}' && n + 1 < sizeof unused_names; p++)
    if (*p != '"' && !(*p == ' ' && (n == 0 || p[1] == '}'))) unused_names[n++] = *p;
  unused_names[n] = 0;
}

/* Hears every line of XGBoost on the thread that registered it. */
static void on_log(const char *message) {
  const char *unused = strstr(message, "Parameters: {");
  if (watching && unused && strstr(unused, "not used")) {
    note_unused(strchr(unused, '{'));
    return;
  }
  const char *warning = strstr(message, "WARNING:");
  char line[512];
  (void)snprintf(line, sizeof line, "%s", message);
  for (char *p = line; *p; p++)
    if (*p == '\n') *p = ' ';
  mst_log(warning ? MST_LOG_WARNING : MST_LOG_INFO, "XGBoost: %s", line);
}

mst_status mst__xgb(const mst__xgb_api **api) {
  mst_status st = mst_xgb_open(NULL);
  if (st) return st;
  if (!log_registered) log_registered = api_table.register_log(on_log) == 0;
  *api = &api_table;
  return MST_OK;
}

mst_status mst__xgb_group_open(const mst__xgb_group **group) {
  mst_status st = mst_xgb_open(NULL);
  if (st) return st;
  if (!group_table.tracker_create)
    return MST_FAIL(MST_E_UNSUPPORTED,
                    "--workers needs XGBoost 2.1 or newer; this is %d.%d.%d (%s); run "
                    "./scripts/setup",
                    library_info.version[0], library_info.version[1], library_info.version[2],
                    library_info.path);
  *group = &group_table;
  return MST_OK;
}

void mst__xgb_watch_unused(void) {
  watching = 1;
  unused_names[0] = 0;
}

const char *mst__xgb_unused(void) {
  watching = 0;
  return unused_names;
}

/* Skip "[21:33:01] /path/file.cc:12: ", which names a build machine's files. */
static const char *skip_origin(const char *message) {
  if (*message == '[') {
    const char *end = strchr(message, ']');
    if (end) message = end + 1;
  }
  while (*message == ' ') message++;
  if (*message == '/') {
    const char *colon = strstr(message, ": ");
    if (colon) message = colon + 2;
  }
  return message;
}

mst_status mst__xgb_fail(const mst__xgb_api *api, mst_status status, const char *function,
                         const char *doing) {
  char line[512];
  (void)snprintf(line, sizeof line, "%s", skip_origin(api->get_last_error()));
  char *stack = strstr(line, "Stack trace");
  if (stack) *stack = 0;
  for (char *p = line; *p; p++)
    if (*p == '\n') *p = ' ';
  for (size_t n = strlen(line); n && line[n - 1] == ' '; n--) line[n - 1] = 0;
  return mst_error_set(status, function, "XGBoost %d.%d.%d, %s: %s", library_info.version[0],
                       library_info.version[1], library_info.version[2], doing, line);
}
