/* crew_serve.c: a task beside the first one: runs its worker for each fit, and looks whether the
 * first one is still there. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "files/folder.h"
#include "learn/crew_internal.h"
#include "learn/model_internal.h"
#include "misstep/log.h"

/* Tasks of a run are started together; a first one that is not there by then has failed. */
#define START_SECONDS 120.0

static mst_status nap(const char *stage) {
  (void)nanosleep(&(struct timespec){.tv_nsec = MST__CREW_NAP_NANOSECONDS}, NULL);
  return mst_progress(stage, 0, -1, "");
}

static mst_status find_first(const mst_crew_place *place, const char *output,
                             char folder[MST__CREW_PATH]) {
  const double began = mst__seconds();
  mst_status st = MST_OK;
  while (!st && !mst__crew_find(output, place, folder)) {
    st = nap("waiting for the first worker");
    if (!st && mst__seconds() - began > START_SECONDS)
      st = MST_FAIL(MST_E_ADAPTER,
                    "worker %d: the first worker has left no folder beside %s in %.0f seconds: "
                    "all tasks must see the same file system",
                    place->rank, output, START_SECONDS);
  }
  return st;
}

/* What a task looks at. */
typedef struct watch {
  const mst_crew_place *place;
  char folder[MST__CREW_PATH], fit[MST__CREW_PATH];
  mst__heard heard; /* of the first task */
} watch;

static mst_status check_first(watch *w) {
  if (access(w->folder, F_OK))
    return MST_FAIL(MST_E_ADAPTER, "worker %d: the first worker has ended", w->place->rank);
  if (mst__is_silent(w->folder, 0, &w->heard))
    return MST_FAIL(MST_E_ADAPTER,
                    "worker %d: the first worker has given no sign of life for %.0f seconds",
                    w->place->rank, MST__CREW_SILENCE);
  return MST_OK;
}

/* Until something is there; 1 in *ended: the run has ended well instead. */
static mst_status wait_for_job(watch *w, int *ended) {
  char job[MST__CREW_PATH], end[MST__CREW_PATH];
  (void)snprintf(job, sizeof job, "%.4300s/job.json", w->fit);
  (void)snprintf(end, sizeof end, "%.4300s/finished", w->folder);
  for (;;) {
    if (access(job, F_OK) == 0) return MST_OK;
    if ((*ended = access(end, F_OK) == 0)) return MST_OK;
    mst_status st = check_first(w);
    if (!st) st = nap("waiting for rows");
    if (st) return st;
  }
}

static mst_status one_fit(watch *w) {
  const int k = w->place->rank;
  char done[MST__CREW_PATH], why[512];
  mst__hand hand = {0};
  mst_status st = mst__hand_start(w->fit, k, &hand);
  while (!st && !mst__hand_ended(&hand)) {
    st = check_first(w);
    if (!st) st = nap("boosting with the others");
  }
  mst__hand_stop(&hand);
  if (st == MST_E_CANCELLED) mst__crew_fail_write(w->fit, k, 1, "it was told to stop");
  if (st) return st;
  mst__crew_file(done, w->fit, k, "done");
  if (hand.code == 0 && hand.signal == 0 && access(done, F_OK) == 0) return MST_OK;
  const int is_cause = mst__crew_why(w->fit, k, &hand, why);
  st = check_first(w);
  if (st) return st;
  mst__crew_fail_write(w->fit, k, is_cause, why);
  return MST_FAIL(MST_E_ADAPTER, "worker %d of %d%s: %s", k, w->place->n,
                  is_cause ? "" : " has lost another one", why);
}

mst_status mst_crew_serve(const mst_crew_place *place, const char *output) {
  watch w = {.place = place};
  int ended = 0;
  char path[MST__CREW_PATH];
  mst__pulse *pulse = NULL;
  mst_status st = find_first(place, output, w.folder);
  if (!st) st = mst__pulse_open(w.folder, place->rank, &pulse);
  for (int fit = 0; !st && !ended; fit++) {
    (void)snprintf(w.fit, sizeof w.fit, "%.4300s/fit-%d", w.folder, fit);
    st = wait_for_job(&w, &ended);
    if (!st && !ended) st = one_fit(&w);
  }
  mst__pulse_close(pulse);
  mst__crew_file(path, w.folder, place->rank, "bye");
  if (!st) (void)mst_file_write(path, 1, "", 0); /* the first one waits for it a moment only */
  return st;
}
