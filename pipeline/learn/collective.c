/* collective.c: tracker and membership on XGBoost's C API, from 2.1 on. */
#include "learn/collective.h"

#include <stdio.h>
#include <string.h>

#include "files/json.h"
#include "learn/xgboost_library.h"
#include "misstep/alloc.h"

/* A member may read its share for long while others wait for it; one that ends is found by those
 * who started it, not by this limit. */
#define LIMIT_SECONDS 7200

/* XGBoost does not free a tracker whose members were lost. It stays, known, until the process ends,
 * which a lost member brings about. */
static void *volatile lost_tracker;

struct mst__tracker {
  const mst__xgb_group *group;
  void *handle;
};

static mst_status read_port(const mst__xgb_group *group, void *handle, int *port) {
  const char *text = NULL;
  mst_json *args = NULL;
  const mst__xgb_api *api;
  mst_status st = mst__xgb(&api);
  if (st) return st;
  if (group->tracker_args(handle, &text))
    return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "asking its tracker");
  st = mst_json_parse(text, strlen(text), &args);
  if (st) return mst_error_prefix(st, "XGBoost's tracker");
  *port = (int)mst_json_int(mst_json_get(args, "dmlc_tracker_port"));
  mst_json_free(args);
  if (*port <= 0) return MST_FAIL(MST_E_ADAPTER, "XGBoost's tracker does not say its port");
  return MST_OK;
}

mst_status mst__tracker_open(int n, const char *host, mst__tracker **out, int *port) {
  const mst__xgb_api *api;
  const mst__xgb_group *group;
  char config[512];
  mst_status st = mst__xgb(&api);
  if (!st) st = mst__xgb_group_open(&group);
  if (st) return st;
  mst__tracker *t = mst_alloc_zero(1, sizeof *t);
  if (!t) return MST_E_NOMEM;
  t->group = group;
  (void)snprintf(config, sizeof config,
                 "{\"dmlc_communicator\":\"rabit\",\"n_workers\":%d,\"port\":0,\"host\":\"%s\","
                 "\"sortby\":1,\"timeout\":%d}",
                 n, host, LIMIT_SECONDS);
  if (group->tracker_create(config, &t->handle))
    st = mst__xgb_fail(api, MST_E_ADAPTER, __func__, "making a tracker");
  else if (group->tracker_run(t->handle, "{}"))
    st = mst__xgb_fail(api, MST_E_ADAPTER, __func__, "starting its tracker");
  if (!st) st = read_port(group, t->handle, port);
  if (st) mst__tracker_close(t);
  else *out = t;
  return st;
}

void mst__tracker_close(mst__tracker *tracker) {
  if (!tracker) return;
  if (tracker->handle && tracker->group->tracker_free(tracker->handle))
    lost_tracker = tracker->handle;
  mst_free(tracker);
}

mst_status mst__collective_join(const char *host, int port, int rank) {
  const mst__xgb_api *api;
  const mst__xgb_group *group;
  char config[512];
  mst_status st = mst__xgb(&api);
  if (!st) st = mst__xgb_group_open(&group);
  if (st) return st;
  /* Names are sorted as text, and give the members their numbers. */
  (void)snprintf(config, sizeof config,
                 "{\"dmlc_communicator\":\"rabit\",\"dmlc_tracker_uri\":\"%s\","
                 "\"dmlc_tracker_port\":%d,\"dmlc_task_id\":\"%06d\",\"dmlc_timeout\":%d}",
                 host, port, rank, LIMIT_SECONDS);
  if (group->join(config))
    return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "joining the other workers");
  return MST_OK;
}

mst_status mst__collective_leave(void) {
  const mst__xgb_api *api;
  const mst__xgb_group *group;
  mst_status st = mst__xgb(&api);
  if (!st) st = mst__xgb_group_open(&group);
  if (st) return st;
  if (group->leave()) return mst__xgb_fail(api, MST_E_ADAPTER, __func__, "leaving the workers");
  return MST_OK;
}
