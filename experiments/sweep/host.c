/* host.c: names of processes. START is in clock ticks since boot, from /proc, so it is the same
 * whoever asks; the boot's own number goes into HOST. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "misstep/hash.h"

/* Begin of a process in clock ticks since boot; 0: there is none (or only its remains). */
static unsigned long long started(long pid) {
  char path[64], text[1024];
  (void)snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  const size_t n = fread(text, 1, sizeof text - 1, file);
  (void)fclose(file);
  text[n] = 0;
  char *at = strrchr(text, ')'); /* the name in brackets may hold anything */
  char state = 0;
  unsigned long long ticks = 0;
  if (!at || sscanf(at + 1,
                    " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
                    "%*d %*d %llu",
                    &state, &ticks) != 2)
    return 0;
  return state == 'Z' || state == 'X' ? 0 : ticks;
}

/* "name.boot": a machine that was started again has none of its old processes. */
static void machine(char text[96]) {
  char host[64] = "", boot[64] = "";
  (void)gethostname(host, sizeof host - 1);
  for (char *c = host; *c; c++)
    if (*c == '/' || *c == '-') *c = '_';
  FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
  if (file) {
    (void)!fread(boot, 1, sizeof boot - 1, file);
    (void)fclose(file);
  }
  (void)snprintf(text, 96, "%.60s.%08llx", host,
                 (unsigned long long)mst_hash64(boot, strlen(boot), 0) & 0xffffffff);
}

void sweep_host_name(char name[SWEEP_HOST_NAME]) {
  char host[96];
  machine(host);
  (void)snprintf(name, SWEEP_HOST_NAME, "%s-%ld-%llu", host, (long)getpid(),
                 started((long)getpid()));
}

int sweep_host_is_dead(const char *name) {
  char host[96];
  machine(host);
  const size_t n = strlen(host);
  long pid = 0;
  unsigned long long ticks = 0;
  if (strncmp(name, host, n) != 0 || sscanf(name + n, "-%ld-%llu", &pid, &ticks) != 2) return 0;
  return started(pid) != ticks;
}
