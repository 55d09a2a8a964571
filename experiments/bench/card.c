/* card.c: which machine, compiler and commit a figure was measured with. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "misstep/alloc.h"
#include "report/process.h"

/* Value of "key : value" in a file of /proc, or "unknown". */
static void proc_value(const char *path, const char *key, char *out, size_t n) {
  char line[512];
  FILE *file = fopen(path, "r");
  (void)snprintf(out, n, "unknown");
  while (file && fgets(line, sizeof line, file)) {
    const char *colon = strchr(line, ':');
    if (strncmp(line, key, strlen(key)) != 0 || !colon) continue;
    line[strcspn(line, "\n")] = '\0';
    (void)snprintf(out, n, "%s", colon + 1 + strspn(colon + 1, " \t"));
    break;
  }
  if (file) fclose(file);
}

/* The commit of the sources, "-dirty" after it where they differ, or "unknown". */
static void read_commit(char *out, size_t n) {
  char *const git[] = {"git",      "-C",      BENCH_SOURCE_DIR, "describe",
                       "--always", "--dirty", "--abbrev=12",    NULL};
  char *text = NULL;
  size_t n_text = 0;
  const mst_status st = mst_process_run(git, "", 0, &text, &n_text);
  (void)snprintf(out, n, "%.*s", st ? 7 : (int)strcspn(text, "\n"), st ? "unknown" : text);
  mst_free(text);
}

/* A letter in lower case, a digit as it is, a dash for the rest. */
static char name_char(char c) {
  const unsigned char byte = (unsigned char)c;
  return isalnum(byte) ? (char)tolower(byte) : '-';
}

/* "Intel(R) Xeon(R) CPU @ 2.20GHz", 2 cores -> "intel-xeon-cpu-2-20ghz-2-cores". */
static void make_name(const char *cpu, long cores, char *out, size_t n) {
  char text[256];
  size_t to = 0;
  (void)snprintf(text, sizeof text, "%s %ld cores", cpu, cores);
  for (const char *c = text; *c && to + 1 < n; c++) {
    if (strncmp(c, "(R)", 3) == 0) c += 2;
    else if (name_char(*c) != '-' || (to && out[to - 1] != '-')) out[to++] = name_char(*c);
  }
  while (to && out[to - 1] == '-') to--;
  out[to] = '\0';
}

mst_status bench_card(bench *b) {
  char cpu[200], memory[64], commit[64], date[32];
  struct utsname system = {0};
  double load[3] = {0, 0, 0};
  const time_t today = time(NULL);
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  proc_value("/proc/cpuinfo", "model name", cpu, sizeof cpu);
  proc_value("/proc/meminfo", "MemTotal", memory, sizeof memory);
  read_commit(commit, sizeof commit);
  (void)uname(&system);
  (void)getloadavg(load, 3);
  (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime(&today));
  make_name(cpu, cores, b->machine, sizeof b->machine);
  b->card = mst_json_new_object();
  mst_json *card = b->card;
  mst_status st = mst_json_set(card, "cpu", mst_json_new_string(cpu));
  if (!st) st = mst_json_set(card, "cores", mst_json_new_int(cores));
  if (!st) st = mst_json_set(card, "memory", mst_json_new_string(memory));
  if (!st) st = mst_json_set(card, "kernel", mst_json_new_string(system.release));
  if (!st) st = mst_json_set(card, "compiler", mst_json_new_string(BENCH_COMPILER));
  if (!st) st = mst_json_set(card, "flags", mst_json_new_string(BENCH_FLAGS));
  if (!st) st = mst_json_set(card, "commit", mst_json_new_string(commit));
  if (!st) st = mst_json_set(card, "load_average_1min", mst_json_new_real(load[0]));
  if (!st) st = mst_json_set(card, "date", mst_json_new_string(date));
  return st;
}
