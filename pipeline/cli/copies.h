/* copies.h: what the files of misstep augment share.
 *
 * In: settings. Out: rules and lexicons put together, a plan of how many copies each record gets,
 * and lines of output. Next stage: the command.
 */
#ifndef MISSTEP_CLI_COPIES_H
#define MISSTEP_CLI_COPIES_H

#include <stdio.h>

#include "augment.h"
#include "cli/data.h"
#include "cli/option.h"
#include "plan.h"
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

/* Protect what --protect names: expressions, and files of phrases. MST_E_FORMAT for a bad
 * expression ("--protect:line:column: ..."). --protect-top: the k terms of a file's highest
 * chi-squared against its labels (features/select.h). MST_E_ARG, MST_E_FORMAT, MST_E_NOMEM. */
mst_status mst_augment_protect(const char *list, mst_rules_builder *builder);
mst_status mst_augment_protect_top(const mst_settings *s, const char *path, int64_t k,
                                   mst_rules_builder *builder);

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

typedef enum mst_row_format { MST_ROW_CSV, MST_ROW_TSV, MST_ROW_JSONL } mst_row_format;

/* One line of output. */
typedef struct mst_augment_row {
  const mst_records *records;
  int64_t row;
  int32_t text_col;
  mst_slice text; /* in place of the text column */
  mst_slice parent;
  int32_t copy;
  mst_slice rules, edits; /* of mst_augment_describe */
  int has_verdict;        /* a column more */
  mst_slice verdict;
} mst_augment_row;

/* Append a whole number >= 0 in digits. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_augment_number(int64_t number, mst_buffer *out);

/* Append the header (nothing for JSON lines), or one line. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_augment_header(mst_row_format format, const mst_records *records, int has_verdict,
                              mst_buffer *out);
mst_status mst_augment_line(mst_row_format format, const mst_augment_row *row, mst_buffer *out);

/* Copies made and not made. */
typedef struct mst_augment_tally {
  int64_t n_records, n_copies, n_wanted, n_without, n_duplicates, n_unsafe, n_reordered, n_flipped;
  int64_t n_written; /* copies in the output: a plan may leave some out */
  int is_planned;    /* then the plan says what is missing, mst_augment_say_plan */
} mst_augment_tally;

/* Add what was made of some records. */
void mst_augment_count(mst_augment_tally *t, const mst_edits *edits,
                       const mst_augmenter *augmenter);

/* Say the counts, and warn where they are fewer than asked for.
 *   originals  are the records themselves in the output?
 *   output     its path, or NULL */
void mst_augment_say(const mst_augment_tally *t, int originals, const char *output, double seconds);
/* Warn where a plan cannot give what was asked for, and say why. */
void mst_augment_say_plan(const mst_plan_outcome *outcome);

/* --check: copies that make a model change its mind about a record that it gets right are dropped,
 * or flagged with --check-action flag. MODEL: best one that was trained without these records;
 * cross: models that are trained here, each without the records that it judges (augment_check.h).
 *   path  the file whose records are copied; cross reads it
 * MST_E_FORMAT: no model, one label only; MST_E_ARG, MST_E_ADAPTER, MST_E_DEVICE, MST_E_NOMEM. */
typedef struct mst_augment_checker mst_augment_checker;
mst_status mst_augment_checker_open(const mst_settings *s, const char *path,
                                    const mst_augmenter *augmenter, mst_augment_checker **out);
void mst_augment_checker_free(mst_augment_checker *checker);
/* Do copies that flip stay? 0 without a checker. */
int mst_augment_checker_flags(const mst_augment_checker *checker);
/* Forget the counts: a file is read once more. */
void mst_augment_checker_reset(mst_augment_checker *checker);

/* Nothing is known of copies of records that the model gets wrong anyway. */
enum { MST_AUGMENT_UNJUDGED, MST_AUGMENT_HOLDS, MST_AUGMENT_FLIPS };
/* Copies to check, and room for a verdict (a byte) on each as they come in. */
typedef struct mst_augment_checked {
  mst_edits *edits;
  mst_buffer *verdicts;
} mst_augment_checked;
/* Judge a batch's copies and count them by rule; what flips is taken out unless flagged. */
mst_status mst_augment_check(mst_augment_checker *checker, const mst_augment_batch *batch,
                             const mst_text *records, const mst_records *rows, int32_t label_col,
                             const mst_augment_checked *checked, int64_t n);
/* Edits of a rule in copies that were judged, and in those that flipped. */
void mst_augment_checker_rate(const mst_augment_checker *checker, int32_t rule, int64_t *judged,
                              int64_t *flipped);
/* Say how many, and which rules did it. */
void mst_augment_checker_say(const mst_augment_checker *checker);

/* One run over a file: lines are written, or copies are counted. */
typedef struct mst_augment_job {
  const mst_settings *s;
  mst_augment_setup setup;
  mst_augment_columns at;
  mst_backend *backend; /* of --device, which finds and draws; NULL: the CPU */
  mst_row_format format;
  int originals, by_label;
  int32_t copies;   /* of each record, without a plan */
  mst_plan *plan;   /* decided; it is followed. NULL: none */
  mst_plan *counts; /* not NULL: nothing is written, copies are counted into it */
  FILE *stream;     /* borrowed */
  const char *stream_name;
  mst_augment_checker *checker;      /* NULL: copies are not checked */
  struct mst_augment_report *report; /* NULL: none is wanted */
  struct mst_augment_chunk *chunk;   /* room for the next batch, or NULL */
  struct mst_augment_work *kept; /* all batches of a file that was counted and is small, or NULL */
  int header_done;
  mst_augment_tally tally;
  int64_t n_skipped, skipped_line; /* records with broken UTF-8 */
} mst_augment_job;

/* Room to work in; setup has been made. MST_E_NOMEM. Close in any case: it frees setup, plan and
 * counts too. */
mst_status mst_augment_job_open(mst_augment_job *j);
void mst_augment_job_close(mst_augment_job *j);
/* Read a whole file ("-": standard input). MST_E_FORMAT, MST_E_IO, MST_E_NOMEM, MST_E_CANCELLED. */
mst_status mst_augment_run(mst_augment_job *j, const char *path);

/* Find out how many copies each record gets: --copies, or a plan, counted here (--to, --balance) or
 * before (--plan). MST_E_ARG: contradictory options, or standard input read twice.
 * MST_E_FORMAT: --to below the present size, an empty label, a plan of other settings.
 * MST_E_NOMEM. */
mst_status mst_augment_plan_make(mst_augment_job *j, const char *path, mst_plan_outcome *out);
/* --make-plan: write what copies of a shard there can be. --merge: make one plan of several. */
mst_status mst_augment_plan_count(mst_augment_job *j, const char *path);
mst_status mst_augment_plans_merge(const mst_settings *s);

/* Write a copy's rules ("a;b") and edits ("12+5>mistake|...": byte, bytes and replacement in the
 * record's text) into emptied buffers. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_augment_describe(const mst_augment_batch *batch, const mst_augmenter *augmenter,
                                const mst_edits *edits, const mst_copy *copy, mst_buffer *rules,
                                mst_buffer *changes);

#endif
