/* energy.c: the counters of Linux' powercap and the busy time of /proc/stat. */
#include "energy.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than any package takes: a counter that such a load could bring round twice says nothing. */
#define MOST_WATTS 1000.0
#define MICRO 1e-6

static const char *folder(void) {
  const char *given = getenv("MISSTEP_POWERCAP");
  return given ? given : "/sys/class/powercap";
}

/* The first line of a file of a domain; 0: it cannot be read. */
static int read_line(int id, const char *name, char out[64]) {
  char path[4096];
  (void)snprintf(path, sizeof path, "%.3900s/intel-rapl:%d/%s", folder(), id, name);
  FILE *file = fopen(path, "r");
  const int read = file && fgets(out, 64, file);
  const int why = errno;
  if (file) (void)fclose(file);
  errno = why;
  if (read) out[strcspn(out, "\n")] = 0;
  return read;
}

/* A counter in joules; NaN: none. */
static double read_joules(int id, const char *name) {
  char text[64], *end = NULL;
  if (!read_line(id, name, text)) return NAN;
  const unsigned long long micro = strtoull(text, &end, 10);
  return end == text || *end ? NAN : (double)micro * MICRO;
}

/* CPU seconds since the start that the machine's processors were not idle; 0: unknown. */
static double busy_seconds(void) {
  enum { FIELDS = 7, IDLE = 3, WAIT = 4 }; /* "cpu", user, nice, system, idle, wait, irq, soft */
  char line[512];
  unsigned long long ticks = 0;
  FILE *file = fopen("/proc/stat", "r");
  const int is_there = file && fgets(line, sizeof line, file) && strncmp(line, "cpu ", 4) == 0;
  if (file) (void)fclose(file);
  char *at = is_there ? line + 4 : NULL;
  for (int i = 0; at && i < FIELDS; i++) {
    char *end = NULL;
    const unsigned long long field = strtoull(at, &end, 10);
    if (i != IDLE && i != WAIT) ticks += field;
    at = end == at ? NULL : end;
  }
  return at ? (double)ticks / (double)sysconf(_SC_CLK_TCK) : 0;
}

static int is_platform(int id) {
  char name[64];
  return read_line(id, "name", name) && strcmp(name, "psys") == 0;
}

void sweep_energy_read(sweep_energy *out) {
  *out = (sweep_energy){.busy = busy_seconds()};
  for (int id = 0; id < SWEEP_PACKAGES; id++) {
    const double joules = read_joules(id, "energy_uj"),
                 range = read_joules(id, "max_energy_range_uj");
    if (isnan(joules) || isnan(range) || is_platform(id)) continue;
    out->id[out->n] = id;
    out->joules[out->n] = joules;
    out->range[out->n++] = range;
  }
}

double sweep_energy_between(const sweep_energy *from, const sweep_energy *to, double seconds,
                            double cpu_seconds) {
  double sum = 0;
  if (!from->n || from->n != to->n) return NAN;
  for (int i = 0; i < from->n; i++) {
    if (from->id[i] != to->id[i] || seconds * MOST_WATTS >= from->range[i]) return NAN;
    const double more = to->joules[i] - from->joules[i];
    sum += more < 0 ? more + from->range[i] : more;
  }
  /* /proc/stat counts hundredths of seconds: it can lag behind a process' own time */
  const double busy = fmax(to->busy - from->busy, cpu_seconds);
  return busy > 0 ? sum * (cpu_seconds / busy) : 0;
}

const char *sweep_energy_words(char text[256]) {
  sweep_energy now;
  char line[64];
  sweep_energy_read(&now);
  if (now.n)
    (void)snprintf(text, 256, "by the counters of %d package%s, shared by CPU time", now.n,
                   now.n == 1 ? "" : "s");
  else if (!read_line(0, "max_energy_range_uj", line))
    (void)snprintf(text, 256, "not known: %.150s has no counter intel-rapl:0", folder());
  else if (!read_line(0, "energy_uj", line))
    (void)snprintf(text, 256, "not known: %.100s/intel-rapl:0/energy_uj: %.100s", folder(),
                   strerror(errno));
  else (void)snprintf(text, 256, "not known: %.150s has no counter of a package", folder());
  return text;
}
