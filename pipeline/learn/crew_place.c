/* crew_place.c: who this process is among the tasks of a run, and how they find each other: by a
 * folder beside the output that the first one has signed with the run's id. */
#include <arpa/inet.h>
#include <dirent.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/folder.h"
#include "learn/crew_internal.h"
#include "misstep/alloc.h"

/* What a temporary folder of files/folder.h is called. */
#define TEMPORARY ".misstep-"
#define SIGNATURE "crew"

/* A whole number of a variable, or -1. */
static long variable(const char *name) {
  const char *text = getenv(name);
  char *end = NULL;
  const long n = text ? strtol(text, &end, 10) : -1;
  return text && end != text && !*end ? n : -1;
}

mst_status mst_crew_place_find(int n, mst_crew_place *out) {
  mst_crew_place p = {.n = n};
  if (gethostname(p.host, sizeof p.host - 1))
    (void)snprintf(p.host, sizeof p.host, "%s", "localhost");
  const long n_tasks = variable("SLURM_STEP_NUM_TASKS"), rank = variable("SLURM_PROCID");
  if (n > 1 && n_tasks > 1) {
    const char *job = getenv("SLURM_JOB_ID"), *step = getenv("SLURM_STEP_ID"),
               *again = getenv("SLURM_RESTART_COUNT"), *node = getenv("SLURMD_NODENAME");
    if (n_tasks != n || rank < 0 || rank >= n)
      return MST_FAIL(MST_E_ARG, "--workers %d under srun with %ld tasks: as many are expected", n,
                      n_tasks);
    p.is_spread = 1;
    p.rank = (int)rank;
    (void)snprintf(p.id, sizeof p.id, "slurm %.40s.%.40s.%.20s", job ? job : "", step ? step : "",
                   again ? again : "0");
    if (node) (void)snprintf(p.host, sizeof p.host, "%s", node);
  }
  *out = p;
  return MST_OK;
}

void mst__crew_address(const mst_crew_place *place, char address[64]) {
  const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo *list = NULL;
  (void)snprintf(address, 64, "127.0.0.1");
  if (!place->is_spread || getaddrinfo(place->host, NULL, &hints, &list)) return;
  for (const struct addrinfo *a = list; a; a = a->ai_next) {
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)a->ai_addr;
    if ((ntohl(in->sin_addr.s_addr) >> 24) == 127) continue; /* a name for itself alone */
    (void)inet_ntop(AF_INET, &in->sin_addr, address, 64);
    break;
  }
  freeaddrinfo(list);
}

mst_status mst__crew_sign(const char *folder, const mst_crew_place *place) {
  char path[MST__CREW_PATH];
  (void)snprintf(path, sizeof path, "%s/" SIGNATURE, folder);
  return mst_file_write(path, 0, place->id, strlen(place->id));
}

static int is_signed(const char *folder, const char *id) {
  char path[MST__CREW_PATH], *text = NULL;
  size_t n = 0;
  (void)snprintf(path, sizeof path, "%.4300s/" SIGNATURE, folder);
  const int same = access(path, F_OK) == 0 && !mst_file_read(path, 4096, &text, &n) &&
                   n == strlen(id) && memcmp(text, id, n) == 0;
  mst_free(text);
  return same;
}

int mst__crew_find(const char *output, const mst_crew_place *place, char path[MST__CREW_PATH]) {
  char parent[4096]; /* with its slash, or empty */
  size_t n = strlen(output);
  while (n > 1 && output[n - 1] == '/') n--;
  while (n && output[n - 1] != '/') n--;
  (void)snprintf(parent, sizeof parent, "%.*s", (int)n, output);
  DIR *dir = opendir(n ? parent : ".");
  int found = 0;
  for (const struct dirent *e; dir && !found && (e = readdir(dir));) {
    if (strncmp(e->d_name, TEMPORARY, sizeof TEMPORARY - 1) != 0) continue;
    const int used = snprintf(path, MST__CREW_PATH, "%s%s/" MST__CREW_RUN, parent, e->d_name);
    found = used > 0 && used < MST__CREW_PATH && is_signed(path, place->id);
  }
  if (dir) (void)closedir(dir);
  return found;
}
