/* copies.h: what the files of misstep augment share.
 *
 * In: settings. Out: rules and lexicons put together, a plan of how many copies each record gets,
 * and lines of output. Next stage: the command.
 */
#ifndef MISSTEP_CLI_COPIES_H
#define MISSTEP_CLI_COPIES_H

#include "augment.h"
#include "cli/data.h"
#include "cli/option.h"
#include "read/records.h"

/* Rules, lexicons and the program of one run. */
typedef struct mst_augment_setup {
  mst_rules *rules;
  mst_lexicon **lexicon; /* [n_lexicons] */
  int n_lexicons;
  mst_augmenter *augmenter;
} mst_augment_setup;

/* Read what --rules, --lexicon, --operations, --edits and --max-change name. MST_E_ARG,
 * MST_E_FORMAT "file:line:column: ...", MST_E_NOMEM. Free with mst_augment_setup_fini in any
 * case. */
mst_status mst_augment_setup_init(const mst_settings *s, mst_augment_setup *out);
void mst_augment_setup_fini(mst_augment_setup *setup);

/* Read one --rules value into a builder: a set that is built in, or a file. */
mst_status mst_rules_add_named(mst_rules_builder *builder, const char *name);

/* Print what rules and lexicons could write in --explain TEXT. MST_E_ARG, MST_E_IO, MST_E_NOMEM. */
mst_status mst_augment_explain_text(const mst_settings *s, const mst_augment_setup *setup);

/* Where a run finds things in its input. */
typedef struct mst_augment_columns {
  int32_t text, label, id; /* -1: there is none */
} mst_augment_columns;

/* Find the columns. MST_E_FORMAT: no such column, or the input holds augmented rows already.
 * MST_E_ARG: several text columns. */
mst_status mst_augment_columns_find(const mst_settings *s, const mst_records *records,
                                    mst_augment_columns *out);

/* A record's id: a hash of its id column, or of its text and label. */
uint64_t mst_augment_id(const mst_records *records, int64_t row, const mst_augment_columns *at);

/* How many copies each record gets: the same for all, or planned from the whole file. */
typedef struct mst_augment_plan {
  int32_t copies;   /* for all */
  int32_t *planned; /* [n_rows] by row, or NULL */
  int64_t n_rows;
} mst_augment_plan;

/* Make the plan. --to and --balance read the file once before. MST_E_ARG: contradictory options, or
 * standard input where the whole is needed. MST_E_FORMAT: --to below the present size, an empty
 * label. MST_E_NOMEM. */
mst_status mst_augment_plan_make(const mst_settings *s, const char *path, mst_augment_plan *out);
void mst_augment_plan_fini(mst_augment_plan *plan);

typedef enum mst_row_format { MST_ROW_CSV, MST_ROW_TSV, MST_ROW_JSONL } mst_row_format;

/* One line of output. */
typedef struct mst_augment_row {
  const mst_records *records;
  int64_t row;
  int32_t text_col;
  mst_slice text; /* in place of the text column */
  mst_slice parent;
  int32_t copy;
  mst_slice rules, edits; /* written by mst_augment_row_rules */
} mst_augment_row;

/* Append a whole number >= 0 in digits. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_augment_number(int64_t number, mst_buffer *out);

/* Append the header (nothing for JSON lines), or one line. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_augment_header(mst_row_format format, const mst_records *records, mst_buffer *out);
mst_status mst_augment_line(mst_row_format format, const mst_augment_row *row, mst_buffer *out);

/* Copies made and not made. */
typedef struct mst_augment_tally {
  int64_t n_records, n_copies, n_wanted, n_without, n_duplicates, n_unsafe, n_reordered;
} mst_augment_tally;

/* Add what was made of some records. */
void mst_augment_count(mst_augment_tally *t, const mst_edits *edits,
                       const mst_augmenter *augmenter);

/* Say the counts, and warn where they are fewer than asked for.
 *   originals  are the records themselves in the output?
 *   output     its path, or NULL */
void mst_augment_say(const mst_augment_tally *t, int originals, const char *output, double seconds);

/* Write a copy's rules ("a;b") and edits ("12+5>mistake|...": byte, bytes and replacement in the
 * record's text) into emptied buffers. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_augment_describe(const mst_augment_batch *batch, const mst_augmenter *augmenter,
                                const mst_edits *edits, const mst_copy *copy, mst_buffer *rules,
                                mst_buffer *changes);

#endif
