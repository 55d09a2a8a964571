/* memory.c: memory of workers, from what they used or, before the first, from the size of the
 * texts. */
#include "memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Measured: 27 bytes for each byte of text, trees and linear part alike, at 20,000 records; bins
 * and histograms of wide vocabularies come on top. */
enum { BYTES_PER_BYTE = 50 };
#define BYTES_OF_ANY (64.0 * 1024 * 1024)
/* Of a GPU: the context and the code of two libraries. Text takes what is free and no more. Never
 * measured on a real one. */
#define GPU_BYTES_OF_ANY (1024.0 * 1024 * 1024)

/* The number behind a word in a small file of the system, times a factor; -1: it is not there. */
static int64_t number_in(const char *path, const char *word, int64_t factor) {
  char text[4096];
  FILE *file = fopen(path, "r");
  if (!file) return -1;
  const size_t n = fread(text, 1, sizeof text - 1, file);
  (void)fclose(file);
  text[n] = 0;
  const char *at = strstr(text, word);
  char *end = NULL;
  const double value = at ? strtod(at + strlen(word), &end) : 0;
  return at && end != at + strlen(word) && value < 0x1p60 ? (int64_t)value * factor : -1;
}

static int64_t available(void) {
  int64_t there = number_in("/proc/meminfo", "MemAvailable:", 1024);
  const int64_t most = number_in("/sys/fs/cgroup/memory.max", "", 1),
                used = number_in("/sys/fs/cgroup/memory.current", "", 1);
  if (most >= 0 && used >= 0 && (there < 0 || most - used < there)) there = most - used;
  return there;
}

/* Rows that a record becomes at most. */
static double rows_of_a_record(const sweep_spec *spec) {
  double most = 1;
  for (int32_t p = 0; p < spec->n_parameters; p++) {
    const sweep_parameter *parameter = &spec->parameter[p];
    const int copies = strcmp(parameter->name, "copies") == 0;
    if (!copies && strcmp(parameter->name, "augment") != 0) continue;
    most = fmax(most, 2);
    for (int64_t v = 0; copies && v < parameter->n; v++)
      most = fmax(most, 1 + strtod(parameter->value[v], NULL));
  }
  return most;
}

sweep_memory sweep_memory_look(const sweep_run *run, const sweep_ledger *ledger, int64_t limit) {
  const mst_text *text = &run->data->data.text;
  const double bytes = (double)text->start[text->n_docs] * rows_of_a_record(run->spec);
  const int64_t known = ledger ? sweep_ledger_memory(ledger) : 0;
  sweep_memory m = {.worker = known, .there = limit ? limit : available()};
  m.is_estimate = known == 0;
  if (m.is_estimate) m.worker = (int64_t)(BYTES_OF_ANY + BYTES_PER_BYTE * bytes);
  if (run->device.n_gpus) {
    m.gpu_worker = (int64_t)(GPU_BYTES_OF_ANY + BYTES_PER_BYTE * bytes);
    m.gpu_there = run->device.free_bytes * run->device.n_gpus;
  }
  return m;
}

int sweep_memory_fit(const sweep_memory *m, int n_wanted) {
  int64_t n = m->there < 0 ? n_wanted : m->there / m->worker;
  if (m->gpu_worker && m->gpu_there / m->gpu_worker < n) n = m->gpu_there / m->gpu_worker;
  return n >= n_wanted ? n_wanted : n > 1 ? (int)n : 1;
}

int64_t sweep_memory_peak(void) {
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) ? 0 : (int64_t)usage.ru_maxrss * 1024;
}

int sweep_memory_parse(const char *text, int64_t *out) {
  static const char units[] = "KMGT";
  char *end = NULL;
  double value = strtod(text, &end);
  if (end == text || !(value > 0)) return 0;
  const char *unit = *end ? strchr(units, *end) : NULL;
  if (*end && (!unit || end[1])) return 0;
  if (unit) value *= pow(1024, (double)(unit - units) + 1);
  if (!(value >= 1 && value < 0x1p60)) return 0;
  *out = (int64_t)value;
  return 1;
}
