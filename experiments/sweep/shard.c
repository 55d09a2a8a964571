/* shard.c: indices of job arrays. */
#include "shard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digits.h"

enum { MOST_SHARDS = 1000000 };

/* What an engine sets: the number of the task, the lowest number, how many tasks. */
static const struct engine {
  const char *index, *first, *count;
} engines[] = {
    {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_COUNT"},
    {"AWS_BATCH_JOB_ARRAY_INDEX", NULL, "AWS_BATCH_JOB_ARRAY_SIZE"},
    {"JOB_COMPLETION_INDEX", NULL, NULL}, /* Kubernetes */
    {"SKYPILOT_NODE_RANK", NULL, "SKYPILOT_NUM_NODES"},
    {"CLOUD_RUN_TASK_INDEX", NULL, "CLOUD_RUN_TASK_COUNT"},
};
enum { N_ENGINES = sizeof engines / sizeof *engines };

/* A variable's whole number; name NULL: otherwise. */
static mst_status variable(const char *name, long otherwise, long *out) {
  const char *text = name ? getenv(name) : NULL;
  char *end = NULL;
  *out = otherwise;
  if (!name) return MST_OK;
  if (!text) return MST_FAIL(MST_E_ARG, "--shard auto: %s is not set", name);
  errno = 0;
  *out = strtol(text, &end, 10);
  if (errno || end == text || *end || *out < 0 || *out > MOST_SHARDS)
    return MST_FAIL(MST_E_ARG, "--shard auto: %s=%s: a whole number from 0 to %d is expected", name,
                    text, MOST_SHARDS);
  return MST_OK;
}

static mst_status from_environment(long count, sweep_shard *out) {
  const struct engine *e = engines;
  while (e < engines + N_ENGINES && !getenv(e->index)) e++;
  if (e == engines + N_ENGINES)
    return MST_FAIL(MST_E_ARG, "--shard auto: none of SLURM_ARRAY_TASK_ID, "
                               "AWS_BATCH_JOB_ARRAY_INDEX, JOB_COMPLETION_INDEX, "
                               "SKYPILOT_NODE_RANK, CLOUD_RUN_TASK_INDEX is set; I/N says it too");
  if (!count && !e->count)
    return MST_FAIL(
        MST_E_ARG, "--shard auto: %s does not say how many tasks there are; auto/N does", e->index);
  long index = 0, first = 0;
  mst_status st = variable(e->index, 0, &index);
  if (!st) st = variable(e->first, 0, &first);
  if (!st && !count) st = variable(e->count, 0, &count);
  if (st) return st;
  index -= first;
  if (index < 0 || index >= count)
    return MST_FAIL(MST_E_ARG, "--shard: %s makes it number %ld of %ld", e->index, index + 1,
                    count);
  *out = (sweep_shard){(int)index, (int)count, e->index};
  return MST_OK;
}

mst_status sweep_shard_parse(const char *text, sweep_shard *out) {
  unsigned long long index = 0, count = 0;
  const char *at = text;
  if (strcmp(text, "auto") == 0) return from_environment(0, out);
  const int automatic = sweep_word(&at, "auto/");
  if (!(automatic || (sweep_digits(&at, 10, MOST_SHARDS, &index) && sweep_word(&at, "/"))) ||
      !sweep_digits(&at, 10, MOST_SHARDS, &count) || *at || count < 1 ||
      (!automatic && (index < 1 || index > count)))
    return MST_FAIL(MST_E_ARG,
                    "--shard %s: I/N with I from 1 to N, auto or auto/N is expected; misstep sweep "
                    "--help explains",
                    text);
  if (automatic) return from_environment((int)count, out);
  *out = (sweep_shard){(int)index - 1, (int)count, NULL};
  return MST_OK;
}
