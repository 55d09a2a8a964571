/* train_copies.h: copies of training records: made on the fly, or found in the training file.
 *
 * In: the records of a training part. Out: a corpus in which each record stands before its copies,
 * with labels, units and parents. Next stage: fitting. Copies made on the fly never become text.
 */
#ifndef MISSTEP_TRAIN_COPIES_H
#define MISSTEP_TRAIN_COPIES_H

#include "cli/copies.h"
#include "cli/data.h"
#include "learn/model.h"
#include "report/table.h"

/* What makes the copies of one run. */
typedef struct mst_train_maker {
  const mst_settings *s;
  mst_settings own; /* with --augment's rules among --rules; value is owned, its strings are not */
  char *rules;      /* owned; NULL: no copies are made on the fly */
  mst_augment_setup setup;
  char hash[65]; /* SHA-256 of the rules' texts */
  int duplicates;
  int weights; /* duplicates as weights: the records once, each weighing as many rows */
  int as_text; /* set it to have the rows as texts, which may be divided, and no corpus */
} mst_train_maker;

/* Read --augment and what goes with it. MST_E_ARG: options that need --augment without it, unknown
 * or contradictory ones. MST_E_FORMAT: rules other than those that --rules-hash names. MST_E_NOMEM.
 * Free with mst_train_maker_fini in any case. */
mst_status mst_train_maker_init(const mst_settings *s, mst_train_maker *out);
void mst_train_maker_fini(mst_train_maker *maker);

/* Copies that the training file holds (misstep augment wrote them). */
typedef struct mst_given {
  mst_strings storage;
  mst_text text;   /* [n] */
  int64_t *parent; /* [n] rising: the row of each one's record in the data */
  int64_t n;
  int found; /* does the file have such rows' columns? */
} mst_given;

/* Take copies out of data that was just read: data then holds the records alone.
 * MST_E_FORMAT: a copy without its record in the file, a number of a copy that is none, a label
 * that differs from the record's, with the line. MST_E_NOMEM. */
mst_status mst_given_take(const mst_settings *s, mst_data *data, mst_given *out);
void mst_given_fini(mst_given *given);
/* Does the file hold copies? The columns of misstep augment are there and some row is a copy. */
int mst_given_is_in(const mst_records *records);

/* What the tested records say: no copy may say the same. */
typedef struct mst_tested {
  uint64_t *hash; /* [n] rising, of mst_split_hash */
  int64_t n;
  int n_threads;
} mst_tested;

/* MST_E_NOMEM. */
mst_status mst_tested_init(const mst_text *text, int n_threads, mst_tested *out);
void mst_tested_fini(mst_tested *tested);

/* A training part with its copies. */
typedef struct mst_augmented {
  mst_corpus *corpus;
  mst_strings text; /* [D] with as_text */
  int64_t n;        /* D */
  int32_t *label;   /* [D] */
  int64_t *unit;    /* [D] */
  uint64_t *key;    /* [D] */
  int64_t *parent;  /* [D] as mst_training has it */
  float *weight;    /* [D] likewise; NULL: 1 each */
  int64_t *before;  /* [C] records of each label */
  int64_t *after;   /* [C] records and copies, or their weight */
  int32_t n_classes;
  mst_augment_tally tally; /* of copies made on the fly */
  int64_t n_left_out;      /* given copies of records that are in no training part */
  int64_t n_equal;         /* copies left out because they equal a tested text */
} mst_augmented;

/* Put the copies of a part's records behind them.
 *   names  of the part's labels
 *   given  copies of the file, used where it holds some; else the maker makes them
 *   tested  what the records say that the model will be tested on: copies that say it are left out
 * MST_E_ARG, MST_E_NOMEM, MST_E_LIMIT, MST_E_DEVICE. Exact: for any number of threads, and the same
 * as with the copies that misstep augment writes for these records. */
mst_status mst_train_augment(const mst_train_maker *maker, const mst_given *given,
                             const mst_data *data, const mst_part *part, const mst_strings *names,
                             const mst_tested *tested, mst_backend *backend, mst_augmented *out);
void mst_augmented_fini(mst_augmented *augmented);

/* What was made of the labels, as a table and as JSON . MST_E_NOMEM. */
mst_status mst_augmented_table(const mst_augmented *augmented, const mst_strings *names,
                               mst_table **out);
mst_status mst_augmented_json(const mst_augmented *augmented, const mst_strings *names,
                              mst_json **out);

/* The two ways, and what both do. *out is to be freed in any case. */
mst_status mst__train_make(const mst_train_maker *maker, const mst_data *data, const mst_part *part,
                           const mst_strings *names, const mst_tested *tested, mst_backend *backend,
                           mst_augmented *out);
mst_status mst__given_join(const mst_given *given, const mst_part *part, const mst_strings *names,
                           const mst_tested *tested, mst_backend *backend, mst_augmented *out);
/* flag[d]: does copy d say what a tested record says? MST_E_NOMEM. */
mst_status mst__tested_flag(const mst_tested *tested, const mst_text *copies, uint8_t *flag);
/* Room for a->n documents. MST_E_NOMEM. */
mst_status mst__augmented_alloc(mst_augmented *a, int32_t n_classes);
/* Document d is row i of the part, or a copy of it; parent is the row's document. */
void mst__augmented_set(mst_augmented *a, int64_t d, const mst_part *part, int64_t i,
                        int64_t parent);

#endif
