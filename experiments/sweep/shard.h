/* shard.h: which part of a sweep a task of a job array is to compute.
 *
 * In: --shard, and what Slurm, AWS Batch, Kubernetes, SkyPilot or Cloud Run put into the
 * environment of a task. Out: a number and how many there are. Next stage: run.
 */
#ifndef MISSTEP_SWEEP_SHARD_H
#define MISSTEP_SWEEP_SHARD_H

#include "misstep/status.h"

typedef struct sweep_shard {
  int index, count;     /* 0 .. count - 1; count at least 1 */
  const char *variable; /* of the environment it came from; NULL: given as I/N */
} sweep_shard;

/* Read "I/N" (from 1), "auto" (number and count from the environment) or "auto/N" (the number from
 * the environment, for engines that do not say how many there are: Kubernetes).
 * MST_E_ARG: something else, a number that is not below the count, no variable set. */
mst_status sweep_shard_parse(const char *text, sweep_shard *out);

#endif
