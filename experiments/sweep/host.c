/* host.c: names of processes. START is in clock ticks since boot, from /proc, so it is the same
 * whoever asks; the boot's own number goes into HOST. */
#include "host.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digits.h"
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
  enum { STATE = 3, START = 22 };      /* fields of proc(5), which counts from 1 */
  const char *at = strrchr(text, ')'); /* the name in brackets may hold anything */
  unsigned long long ticks = 0;
  for (int field = STATE; at && field <= START; field++) {
    at = strchr(at + 1, ' ');
    if (at && field == STATE && (at[1] == 'Z' || at[1] == 'X')) return 0;
  }
  if (!at) return 0;
  at++;
  return sweep_digits(&at, 10, ULLONG_MAX, &ticks) ? ticks : 0;
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
  unsigned long long pid = 0, ticks = 0;
  if (!sweep_word(&name, host) || !sweep_word(&name, "-") ||
      !sweep_digits(&name, 10, LONG_MAX, &pid) || !sweep_word(&name, "-") ||
      !sweep_digits(&name, 10, ULLONG_MAX, &ticks))
    return 0;
  return started((long)pid) != ticks;
}
