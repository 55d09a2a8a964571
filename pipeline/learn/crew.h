/* crew.h: boosting by several processes, each of which holds a share of the rows.
 *
 * In: the options of a fit, through mst_model_options.crew. Out: one booster, the same in all. The
 * first process reads, splits, vectorises and fits the linear part; it deals the rows of the
 * trees' matrix out into a folder beside the output (which all must see), and each worker, a
 * process of its own, holds nothing but its share. Workers meet through XGBoost's tracker, which
 * neither encrypts nor asks who is there: one machine, or a network that is trusted.
 */
#ifndef MISSTEP_CREW_H
#define MISSTEP_CREW_H

#include "learn/model.h"

/* Who this process is among the tasks of a run. */
typedef struct mst_crew_place {
  int n;          /* workers */
  int rank;       /* 0: the first process */
  int is_spread;  /* each worker is started by a task of its own (srun); else all by the first */
  char id[128];   /* of the run, the same for all its tasks */
  char host[256]; /* this machine as the others may call it */
} mst_crew_place;

/* Find it out, from Slurm's variables where srun started several tasks. MST_E_ARG: srun started
 * another number of tasks than n. */
mst_status mst_crew_place_find(int n, mst_crew_place *out);

/* The first process: be ready to start workers. output is the model's path: shares lie beside it
 * until mst_crew_close. MST_E_UNSUPPORTED: XGBoost is older than 2.1. MST_E_ADAPTER, MST_E_IO,
 * MST_E_NOMEM. */
mst_status mst_crew_open(const mst_crew_place *place, const char *output, mst_crew **out);
/* Tell the other tasks how the run went, and remove the shares. NULL is fine. */
void mst_crew_close(mst_crew *crew, mst_status status);

/* Any other task: run this task's worker for each fit of the first process until that ends well.
 * MST_E_ADAPTER: it did not, or this task's worker failed. MST_E_CANCELLED. */
mst_status mst_crew_serve(const mst_crew_place *place, const char *output);

/* Started as "PROGRAM train-worker FOLDER NUMBER PARENT" by the program that deals the rows out. */
#define MST_CREW_COMMAND "train-worker"
/* A worker's work: folder of the fit, number of the worker, process that started it. After a
 * failure, which is also written into the folder, the process must end at once, without a farewell
 * to the others: they learn of it by the connection that breaks off. */
mst_status mst_crew_work(const char *folder, const char *number, const char *parent);

#endif
