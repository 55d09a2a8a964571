/* crew_pulse.c: signs of life between tasks that share nothing but a file system: a count in a
 * file, which rises. No clock of one machine is compared with another's.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "learn/crew_internal.h"
#include "learn/model_internal.h"
#include "misstep/alloc.h"

struct mst__pulse {
  char path[MST__CREW_PATH];
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int is_over; /* under the lock */
};

static void count(const char *path, long n) {
  FILE *f = fopen(path, "w"); /* a failure will be noticed by the silence */
  if (!f) return;
  (void)fprintf(f, "%ld\n", n);
  (void)fclose(f);
}

static void *beat(void *payload) {
  mst__pulse *p = payload;
  (void)pthread_mutex_lock(&p->lock);
  for (long n = 1; !p->is_over; n++) {
    struct timespec next;
    (void)clock_gettime(CLOCK_REALTIME, &next);
    next.tv_sec++;
    count(p->path, n);
    (void)pthread_cond_timedwait(&p->changed, &p->lock, &next);
  }
  (void)pthread_mutex_unlock(&p->lock);
  return NULL;
}

mst_status mst__pulse_open(const char *folder, int rank, mst__pulse **out) {
  mst__pulse *p = mst_alloc_zero(1, sizeof *p);
  if (!p) return MST_E_NOMEM;
  mst__crew_file(p->path, folder, rank, "alive");
  (void)pthread_mutex_init(&p->lock, NULL);
  (void)pthread_cond_init(&p->changed, NULL);
  if (pthread_create(&p->thread, NULL, beat, p)) {
    mst_free(p);
    return MST_FAIL(MST_E_NOMEM, "no memory for a thread");
  }
  *out = p;
  return MST_OK;
}

void mst__pulse_close(mst__pulse *pulse) {
  if (!pulse) return;
  (void)pthread_mutex_lock(&pulse->lock);
  pulse->is_over = 1;
  (void)pthread_cond_signal(&pulse->changed);
  (void)pthread_mutex_unlock(&pulse->lock);
  (void)pthread_join(pulse->thread, NULL);
  (void)pthread_cond_destroy(&pulse->changed);
  (void)pthread_mutex_destroy(&pulse->lock);
  mst_free(pulse);
}

int mst__is_silent(const char *folder, int rank, mst__heard *heard) {
  char path[MST__CREW_PATH], text[32] = "";
  const double now = mst__seconds();
  mst__crew_file(path, folder, rank, "alive");
  FILE *f = fopen(path, "r");
  const long n = f && fgets(text, sizeof text, f) ? strtol(text, NULL, 10) : 0;
  if (f) (void)fclose(f);
  if (heard->at <= 0 || n > heard->count) heard->at = now;
  if (n > heard->count) heard->count = n;
  return now - heard->at > MST__CREW_SILENCE;
}
