/* augment_work.h: what augment_run.c and augment_batch.c share: one batch of a file at work. */
#ifndef MISSTEP_CLI_AUGMENT_WORK_H
#define MISSTEP_CLI_AUGMENT_WORK_H

#include "cli/chunks.h"
#include "cli/copies.h"

enum { MST_AUGMENT_ROWS = 16384, MST_AUGMENT_CHUNKS = MST_AUGMENT_ROWS / MST_CHUNK_ROWS };

/* What one chunk makes; used again for the next batch. */
struct mst_augment_chunk {
  mst_edits edits;
  mst_buffer lines; /* of output; when counting, a uint64_t hash for each copy */
  mst_buffer text, rules, changes;
  mst_buffer verdicts; /* of the checker, one byte a copy */
  int64_t n_written;   /* copies */
};

/* One batch. */
struct mst_augment_work {
  mst_augment_job *j;
  mst_records *records;
  mst_strings storage; /* what text points into */
  mst_text text;       /* start NULL: not read out yet */
  mst_augment_batch *batch;
  mst_augment_record *record; /* [n] */
  int64_t *place;             /* [n] in the plan that is followed */
  int64_t n;
  struct mst_augment_chunk *chunk; /* [MST_AUGMENT_CHUNKS] */
  int is_made; /* the chunks hold copies, as many as were counted of each record */
  struct mst_augment_work *next;
};

/* Make the batch's copies and use them: lines are written, or copies are counted. MST_E_FORMAT: an
 * empty label, a record that the plan does not know. MST_E_IO, MST_E_NOMEM. */
mst_status mst__augment_work(struct mst_augment_work *work);

#endif
