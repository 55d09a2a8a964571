/* balance.h: how many copies each record gets, from labels alone.
 *
 * In: labels and ids of records. Out: a number of copies for each. Next stage: making them.
 */
#ifndef MISSTEP_BALANCE_H
#define MISSTEP_BALANCE_H

#include <stdint.h>

#include "misstep/status.h"

/* Records that each label should have.
 *   text   --balance: max, median, a number of records, or a share of the largest with a point
 *   count  [n] records of each label
 * MST_E_ARG, MST_E_NOMEM. */
mst_status mst_balance_target(const char *text, const int64_t *count, int64_t n, int64_t *out);

/* What a plan follows from, borrowed. */
typedef struct mst_balance {
  const int32_t *label; /* [n] 0 .. n_classes-1 */
  const uint64_t *id;   /* [n] of mst_augment_id: who gets one more is drawn by it */
  int64_t n;
  int32_t n_classes;
  int64_t copies;     /* --copies: of each record, before labels are raised */
  const char *target; /* --balance: max, median, N, or a share of the largest; NULL: none */
  int64_t max_copies; /* --max-copies: of a record in all; 0: any number */
  uint64_t seed;
} mst_balance;

/* Plan copies: each record gets `copies`; labels whose records and copies are still below the
 * target get more, spread evenly.
 *   planned  [n] written
 * MST_E_ARG: no such target, or more than 2^20-2 copies of a record. MST_E_NOMEM. Exact; the order
 * of records matters only among equal ids. */
mst_status mst_balance_plan(const mst_balance *balance, int32_t *planned);

#endif
