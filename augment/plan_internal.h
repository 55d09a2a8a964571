/* plan_internal.h: what plan.c and decide.c share. */
#ifndef MISSTEP_AUGMENT_PLAN_INTERNAL_H
#define MISSTEP_AUGMENT_PLAN_INTERNAL_H

#include "plan.h"

/* A record, and where its copies begin. */
typedef struct mst__plan_record {
  uint64_t id, text;
  int64_t first;
  int32_t n_copies; /* counted */
  int32_t last;     /* decided: number of the last copy that is written, 0: none */
  int32_t label;
} mst__plan_record;

/* A copy; `copy` becomes negative when it reads like another one. */
typedef struct mst__plan_copy {
  uint64_t hash;
  int32_t copy, record;
} mst__plan_copy;

struct mst_plan {
  char *terms;
  int64_t n_terms;
  mst__plan_record *record;
  int64_t n, capacity;
  mst__plan_copy *copy;
  int64_t n_copies, copy_capacity;
  mst_strings labels;
  int64_t *label_count;
  int64_t label_capacity, byte_capacity;
};

#endif
