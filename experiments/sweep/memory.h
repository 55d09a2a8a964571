/* memory.h: how many workers fit.
 *
 * In: the data, the ledgers, the machine. Out: bytes that a worker needs and a number of workers.
 */
#ifndef MISSTEP_SWEEP_MEMORY_H
#define MISSTEP_SWEEP_MEMORY_H

#include "run.h"

/* What a worker needs, and what there is, in bytes. */
typedef struct sweep_memory {
  int64_t worker; /* the most that a worker of this sweep has used, or an estimate */
  int64_t there;  /* --memory, or what the machine and its control group have free */
  int is_estimate;
  /* The same of GPUs, an estimate always; there: all that the device names have free. 0: no GPU */
  int64_t gpu_worker, gpu_there;
} sweep_memory;

/* Look. limit: --memory; 0: the machine's. ledger: read, or NULL. */
sweep_memory sweep_memory_look(const sweep_run *run, const sweep_ledger *ledger, int64_t limit);

/* Of n_wanted workers so many as fit on the machine and its GPUs, at least one. */
int sweep_memory_fit(const sweep_memory *memory, int n_wanted);

/* The most memory that this process has used, in bytes. */
int64_t sweep_memory_peak(void);

/* A number of bytes: "512M", "8G", "1.5T". 0: it is none. */
int sweep_memory_parse(const char *text, int64_t *out);

#endif
