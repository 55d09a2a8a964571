/* part_files.h: the files that a part of the data lies in (internal to parts).
 *
 * In: records and the side that each is on. Out: DIR/data/...train.csv and ...test.csv with id,
 * text, label, and for test records why they were seen in training. Next stage: misstep train.
 */
#ifndef MISSTEP_PAPER_PART_FILES_H
#define MISSTEP_PAPER_PART_FILES_H

#include "paper.h"
#include "read/records.h"

enum { PAPER_TRAIN, PAPER_TEST }; /* sides; -1: left out */

/* Records to be divided. */
typedef struct paper_rows {
  int64_t n;
  mst_text text;
  int32_t *label;
  int64_t *id; /* [n] number of the original record */
} paper_rows;

/* DIR/relative. */
void paper_part_path(const paper_run *run, const char *relative, char path[4200]);

/* Write the rows of one side, unless the file is there. twin: of test records, else NULL. */
mst_status paper_side_write(const paper_run *run, const paper_rows *r, const int32_t *side,
                            int which, const uint8_t *twin, const char *relative);

/* Write both sides of a part. */
mst_status paper_part_write(const paper_run *run, const paper_rows *r, const int32_t *side,
                            const paper_part *part);

/* Read a file of ours: labels by their names in the set, ids (paper_rows_fini, also after a
 * failure). */
mst_status paper_rows_read(const paper_set *s, const char *path, mst_records **records,
                           mst_strings *storage, paper_rows *out);
void paper_rows_fini(paper_rows *r);

/* What tables need of a part: labels and twins of its test rows, counts, hashes. */
mst_status paper_part_load(const paper_run *run, paper_part *p);

#endif
