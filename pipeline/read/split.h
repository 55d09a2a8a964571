/* split.h: which records train, which test, which fold: without leaks.
 *
 * In: texts, labels, optional groups. Out: a part or fold per record. Records of one group, and
 * records whose texts are equal after normalisation (lower case, white space runs to one space,
 * trimmed), form one unit that is never divided. Draws are indexed by the unit's content, so the
 * split does not depend on the order of the file or on neighbours. Next stage: features.
 */
#ifndef MISSTEP_SPLIT_H
#define MISSTEP_SPLIT_H

#include <stdint.h>

#include "misstep/status.h"
#include "misstep/text.h"

/* Distinct values of one column in byte order, and each row's number. */
typedef struct mst_categories {
  mst_strings name; /* C names, sorted, distinct */
  int32_t *id;      /* [D] */
} mst_categories;

/* Number the values of a field list: value d is text document d. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_categories_init(const mst_text *values, mst_categories *out);
void mst_categories_fini(mst_categories *categories);

/* Hash the normalised texts: equal where texts count as the same.
 *   hash  [D] written
 * MST_E_NOMEM. */
mst_status mst_split_hash(const mst_text *text, int n_threads, uint64_t *hash);

/* Find the units: connected components of "same group" and "same normalised text".
 *   group  [D] group ids or NULL; an empty name is no group
 *   unit   [D] written: 0 .. *n_units-1, numbered by first appearance
 *   key    [D] written, or NULL: hash of the unit's content (equal within a unit; depends on
 *          neither order nor other records)
 * MST_E_NOMEM. */
mst_status mst_split_units(const mst_text *text, const mst_categories *group, int n_threads,
                           int64_t *unit, uint64_t *key, int64_t *n_units);

/* What is to be divided, borrowed: unit and key of mst_split_units, or a selection of its
 * entries. */
typedef struct mst_split_records {
  const int64_t *unit;  /* [D] */
  const uint64_t *key;  /* [D] */
  const int32_t *label; /* [D] 0 .. n_classes-1 */
  int64_t n_docs;       /* D */
  int32_t n_classes;
} mst_split_records;

/* Choose the test part: whole units, stratified: of each class the share that comes nearest to
 * test_frac. Units are taken in the order of their draws and change sides where that lowers
 *     sum over classes c of (test rows of c - test_frac * rows of c)^2 / rows of c
 * so that units of several records with mixed labels come near as well. Every class keeps a unit in
 * training; one that is too small for a test record stays there whole.
 *   is_test  [D] written, 0 or 1
 *   small    [n_classes] flags the classes without a test record; may be NULL
 *   n_small  receives their number
 * MST_E_ARG: test_frac not in (0, 1); nothing left on a side. MST_E_NOMEM. */
mst_status mst_split_test(const mst_split_records *records, double test_frac, uint64_t seed,
                          uint8_t *is_test, uint8_t *small, int32_t *n_small);

/* Divide into n_folds folds the same way, as even as possible per class: larger units first, each
 * to the fold that holds least of its classes.
 *   rows  [n_rows] the records to divide, or NULL for all of n_docs
 *   fold  [n_docs] written for those rows: 0 .. n_folds-1; -1 elsewhere
 * MST_E_ARG: n_folds < 2 or more folds than units. MST_E_NOMEM. */
mst_status mst_split_folds(const mst_split_records *records, const int64_t *rows, int64_t n_rows,
                           int32_t n_folds, uint64_t seed, int32_t *fold);

#endif
