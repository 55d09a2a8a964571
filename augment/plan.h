/* plan.h: which copies of a whole set are written, when the set is spread over many files.
 *
 * In: for each record its id, label, text and what copies could be made of it, counted shard by
 * shard; counts of shards are merged. Out: a total that is met exactly where the rules can make
 * enough, spread evenly, without two copies that read the same. Next stage: every shard is written
 * by the same plan, so that the union of the shards is what one machine would have written.
 *
 * Of copies that read the same the one with the smallest number stays, then the one of the smallest
 * id; a copy that reads like a record never stays. Records with the same id (twins: the same text
 * and label) get no copies, since no shard could know which of them is meant.
 */
#ifndef MISSTEP_AUGMENT_PLAN_H
#define MISSTEP_AUGMENT_PLAN_H

#include <stdint.h>

#include "misstep/alloc.h"
#include "misstep/text.h"

typedef struct mst_plan mst_plan;

/* Begin without records.
 *   terms  what the counts depend on besides the records, copied; plans of one set have the same
 * MST_E_NOMEM. */
mst_status mst_plan_create(mst_slice terms, mst_plan **out);
void mst_plan_free(mst_plan *plan);
mst_slice mst_plan_terms(const mst_plan *plan);

/* Count a record, or a copy of the record that was counted last.
 *   text, hash  mst_hash64 of the record's and the copy's text
 *   copy        its number, above those before
 * MST_E_NOMEM, MST_E_LIMIT: above 2^31-1 records. */
mst_status mst_plan_add(mst_plan *plan, uint64_t id, mst_slice label, uint64_t text);
mst_status mst_plan_add_copy(mst_plan *plan, int32_t copy, uint64_t hash);

/* Add the counts of another shard. MST_E_FORMAT: other terms. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_plan_merge(mst_plan *into, const mst_plan *from);

/* Bring records into the order of their ids and labels into that of their bytes, after which no
 * order of shards is left. MST_E_NOMEM. */
mst_status mst_plan_sort(mst_plan *plan);

/* Append the counts as bytes, the same for any order in which shards were merged. Sorts the plan.
 * MST_E_NOMEM. */
mst_status mst_plan_save(mst_plan *plan, mst_buffer *out);
/* Read them back. MST_E_FORMAT "name: what is wrong". MST_E_NOMEM. */
mst_status mst_plan_load(const char *name, const void *bytes, size_t n_bytes, mst_plan **out);

/* Labels, and how many records have each. */
int64_t mst_plan_n_records(const mst_plan *plan);
const mst_strings *mst_plan_labels(const mst_plan *plan);
int64_t mst_plan_label_count(const mst_plan *plan, int64_t label);

/* What was asked for and what can be had. */
typedef struct mst_plan_outcome {
  int64_t n_wanted, n_planned; /* copies */
  int64_t n_possible;          /* copies that could be planned at most */
  int64_t n_doubles;           /* copies that read like a record or another copy */
  int64_t n_twins;             /* records that share their id with another one */
} mst_plan_outcome;

/* Decide. Copies are spread evenly; who gets one more is drawn by seed and id.
 *   plan      sorted
 *   by_label  0: wanted[0] copies of all records; else wanted[i] of those of label i; below 0 is 0
 *   ceiling   copies of a record at most
 * MST_E_NOMEM. Exact: the order of records and shards does not matter. */
mst_status mst_plan_decide(mst_plan *plan, uint64_t seed, int by_label, const int64_t *wanted,
                           int64_t ceiling, mst_plan_outcome *out);

/* Once decided: a record's place in the plan, or -1. */
int64_t mst_plan_find(const mst_plan *plan, uint64_t id);
/* How many copies must be made for those that are written; is copy number `copy` written? */
int32_t mst_plan_n_copies(const mst_plan *plan, int64_t place);
int mst_plan_keeps(const mst_plan *plan, int64_t place, int32_t copy);

#endif
