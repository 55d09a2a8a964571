/* augment.h: copies of records, as lists of edits.
 *
 * In: a batch of texts, rules (rules.h), lexicons (lexicon.h). Out: for each copy of each record a
 * list of edits on the pieces of its text (tokens.h). The edits are written as text, or applied to
 * pieces without becoming text; cutting the text gives the same pieces. Next stages: a file with
 * provenance, or features of a training part.
 *
 * A record's copies are a pure function of rules, lexicons, seed, the record's id, label and text:
 * neither batch, neighbours, order nor threads matter. Copy k depends on copies 1 .. k-1 of the
 * same record (it differs from them), so asking for more copies leaves the first ones as they are.
 *
 * Never changed: what maths.h calls number, fraction, operator, unit or variable, LaTeX, and what
 * rules protect. Each copy is scanned again: a copy in which those tokens are not its parent's is
 * dropped. Rules with [keeps: value] may rewrite such tokens inside what they match.
 */
#ifndef MISSTEP_AUGMENT_AUGMENT_H
#define MISSTEP_AUGMENT_AUGMENT_H

#include <stdint.h>

#include "lexicon.h"
#include "misstep/alloc.h"
#include "misstep/tokens.h"
#include "operation.h"
#include "rules.h"

/* Rules, lexicons and a program together. Immutable: threads may share it. */
typedef struct mst_augmenter mst_augmenter;

/* Put an augmenter together.
 *   rules     borrowed, must outlive it
 *   lexicons  [n_lexicons], borrowed; may be NULL if there are none
 *   program   what it leaves open is taken from the rules' settings, then from
 *             mst_program_default; may be NULL
 * MST_E_NOMEM. MST_E_ARG: edits outside 1..16 or min above max. */
mst_status mst_augmenter_create(const mst_rules *rules, const mst_lexicon *const *lexicons,
                                int n_lexicons, const mst_program *program, mst_augmenter **out);
void mst_augmenter_free(mst_augmenter *augmenter);

/* What it does, with nothing left open. */
mst_program mst_augmenter_program(const mst_augmenter *augmenter);

/* Number of a label in the rules, -1: no rule names it. */
int32_t mst_augmenter_label(const mst_augmenter *augmenter, mst_slice label);

/* Name of an edit's rule: a rule's, a lexicon's, an operation's, or "article". Borrowed. */
mst_slice mst_augmenter_rule_name(const mst_augmenter *augmenter, int32_t rule);

/* Texts that have been cut and looked up. Read only once made: threads may share it. */
typedef struct mst_augment_batch mst_augment_batch;

/* Cut texts and look their words up, once for each distinct one.
 *   text       valid UTF-8, borrowed, must outlive the batch
 *   n_threads  >= 1; the result is the same for any number
 * MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_augment_batch_create(const mst_augmenter *augmenter, const mst_text *text,
                                    int n_threads, mst_augment_batch **out);
void mst_augment_batch_free(mst_augment_batch *batch);

/* The pieces of the batch, borrowed. */
const mst_pieces *mst_augment_batch_pieces(const mst_augment_batch *batch);

/* What else a record's copies depend on. */
typedef struct mst_augment_record {
  uint64_t id;      /* of its id column, or a hash of its content */
  int32_t label;    /* of mst_augmenter_label */
  int32_t n_copies; /* wanted, 0 .. 2^20-2 */
} mst_augment_record;

/* One edit: pieces pos .. pos + len - 1 of the document give way to a replacement. What follows the
 * last of them (a single space) stays. */
typedef struct mst_edit {
  int32_t pos, len;    /* pieces, counted from the document's first */
  int32_t replacement; /* >= 0: one that the rules hold ready; else -1 - string of mst_edits */
  int32_t rule;        /* for mst_augmenter_rule_name */
} mst_edit;

/* One copy. */
typedef struct mst_copy {
  int64_t doc;        /* in the batch */
  int32_t copy;       /* 1, 2, ...; numbers of copies that could not be made are left out */
  int32_t n_edits;    /* from left to right, not overlapping; 0: the record as it is */
  int64_t first_edit; /* in mst_edits.edit */
} mst_copy;

/* Copies of some records. Grows; used again without giving memory back. */
typedef struct mst_edits {
  mst_copy *copy;
  int64_t n_copies, copy_capacity;
  mst_edit *edit;
  int64_t n_edits, edit_capacity;
  mst_buffer bytes; /* replacements that were made for one place */
  int64_t *string;  /* string i ends at string[i]; it begins where i - 1 ends */
  int64_t n_strings, string_capacity;
  int64_t n_wanted;     /* copies asked for */
  int64_t n_without;    /* not made: no rule or operation applies to the record */
  int64_t n_duplicates; /* not made: each attempt gave the record or another copy of it */
  int64_t n_unsafe;     /* not made: each attempt would have changed what must not change */
} mst_edits;

/* Start without copies. Cannot fail. */
void mst_edits_init(mst_edits *edits);
void mst_edits_fini(mst_edits *edits);

/* Make the copies of records first .. last - 1 of a batch.
 *   records  [D]
 *   out      what it held is forgotten
 * MST_E_NOMEM, MST_E_LIMIT; out then holds nothing. Exact. Any thread, one each out. */
mst_status mst_augment_records(const mst_augment_batch *batch, const mst_augment_record *records,
                               uint64_t seed, int64_t first, int64_t last, mst_edits *out);

/* Make the copies of all records of a batch, drawn by a backend: list k holds what
 * mst_augment_records makes of records k * per_list .. (k + 1) * per_list - 1. Programs with
 * operations that need no rule (from MST_OP_INSERTION on) are drawn by the host, wherever the
 * backend is: their draws depend on spellings. Of joined backends the first draws.
 *   records  [D]
 *   out      [ceil(D / per_list)]
 * MST_E_NOMEM, MST_E_LIMIT, MST_E_DEVICE. Exact; the same on any backend, for any number of its
 * threads. */
mst_status mst_augment_make(mst_backend *backend, const mst_augment_batch *batch,
                            const mst_augment_record *records, uint64_t seed, int64_t per_list,
                            mst_edits *out);

/* Append the text of a copy to out. MST_E_NOMEM, MST_E_LIMIT (out's ceiling). Exact. */
mst_status mst_augment_write(const mst_augment_batch *batch, const mst_edits *edits,
                             const mst_copy *copy, mst_buffer *out);

/* Append the bytes that an edit writes. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_augment_write_edit(const mst_augment_batch *batch, const mst_edits *edits,
                                  const mst_edit *edit, mst_buffer *out);

/* Apply edits to pieces: the copies as documents, without any text.
 *   edits      [n_edits] of this batch, in the order in which the copies are wanted
 *   n_threads  >= 1; the result is the same for any number
 *   out        its types are those of the batch and of the replacements, sorted by bytes; a type
 *              need not occur. The documents' spellings, kinds and spaces are those that
 *              mst_pieces_create gives for the copies' texts.
 * MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst_augment_pieces(const mst_augment_batch *batch, const mst_edits *const *edits,
                              int64_t n_edits, int n_threads, mst_pieces **out);

/* The same on a backend, at whose home out then is; its threads are the host's. Strings, types and
 * edits are laid out by the host, the copies are written by the backend (splices.h): the same bytes
 * on any. MST_E_NOMEM, MST_E_LIMIT, MST_E_DEVICE. */
mst_status mst_augment_apply(mst_backend *backend, const mst_augment_batch *batch,
                             const mst_edits *const *edits, int64_t n_edits, mst_pieces **out);

/* One place where something applies. */
typedef struct mst_applicable {
  int64_t first_byte, n_bytes; /* in the text */
  int32_t rule;
  mst_operation operation;
  mst_slice alternative; /* valid during the call */
} mst_applicable;

/* In place of a label: rules for some labels only are named too. */
enum { MST_AUGMENT_ANY_LABEL = -2 };

/* Name all that rules and lexicons could write in document `doc`, left to right.
 *   label  as in mst_augment_record, or MST_AUGMENT_ANY_LABEL
 * MST_E_NOMEM, and what `each` returns. */
typedef mst_status mst_applicable_fn(void *payload, const mst_applicable *applicable);
mst_status mst_augment_explain(const mst_augment_batch *batch, int64_t doc, int32_t label,
                               mst_applicable_fn *each, void *payload);

#endif
