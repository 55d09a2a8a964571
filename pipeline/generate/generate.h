/* generate.h: synthetic diagnostic statements with nine labels, for trials without private data.
 *
 * In: a number of records, a seed, rates. Out: CSV rows id,text,label,grade,topic of statements
 * that a teacher could have written about a pupil's answer, in the proportions of the paper's Table
 * 1, and what the best possible classifier reaches on them. Next stage: train, like any CSV.
 *
 * The model behind it. Every text comes from one family: a pattern with alternatives and slots. A
 * family belongs to one label, or is shared by two in a known ratio; labels are noisy at a known
 * rate. So P(label, family) is a table; slots, wording, topic, grade and typos are drawn given the
 * family alone, and families share no text, hence P(label | text) = P(label | family).
 */
#ifndef MISSTEP_GENERATE_H
#define MISSTEP_GENERATE_H

#include <stddef.h>
#include <stdint.h>

#include "misstep/status.h"

#define MST_GENERATE_N_LABELS 9
#define MST_GENERATE_MAX_TEXT 1024 /* bytes of one text, at most */

typedef struct mst_generate_options {
  int64_t n_rows;   /* -n, >= 0 */
  int64_t first;    /* --first, number of the first record, >= 0: shards of one whole */
  uint64_t seed;    /* --seed */
  double noise;     /* --noise, 0 .. 0.5: share of labels that are not the text's, the same share of
                       every label; the label that stands there instead is a confusable one */
  double ambiguity; /* --ambiguity, 0 .. 0.25: share of texts from families that two labels share */
  double typos;     /* --typos, 0 .. 1: share of words (runs of 4 letters and more) with one typo: a
                       letter swapped with the next, dropped, doubled or replaced by its neighbour
                       on the keyboard */
  int header;       /* --header: the first line names the columns */
  int n_threads;    /* --threads, >= 1; the same bytes for any number */
} mst_generate_options;

/* 30,000 rows from 0, seed 0, noise 0.03, ambiguity 0.08, typos 0.01, header, 1 thread. */
mst_generate_options mst_generate_options_default(void);

/* What was written. */
typedef struct mst_generate_summary {
  int64_t n_rows;
  int64_t label_count[MST_GENERATE_N_LABELS]; /* Table 1's order */
  int64_t n_shared;                           /* records whose text two labels share */
  int64_t n_with_typo;                        /* records with at least one typo */
  int64_t n_best_right;  /* records whose label is the most probable one given the text */
  int64_t n_distinct;    /* distinct texts among the first distinct_rows records */
  int64_t distinct_rows; /* min(n_rows, 2^24) */
  int64_t size_bytes;
  double expected_best_accuracy; /* what n_best_right / n_rows tends to: no classifier that reads
                                    the texts can be expected to do better */
} mst_generate_summary;

/* Label k, 0 .. MST_GENERATE_N_LABELS - 1, in the paper's words, and its share (Table 1's counts
 * over their sum, 29,000). */
const char *mst_generate_label_name(int32_t label);
double mst_generate_label_share(int32_t label);

/* The fitted probabilities and the compiled patterns. Read only after creation: threads may
 * share. */
typedef struct mst_generator mst_generator;

/* One record. */
typedef struct mst_generated {
  char text[MST_GENERATE_MAX_TEXT]; /* ASCII, zero-terminated */
  size_t n_bytes;
  int32_t label;
  int32_t family;
  int32_t grade;     /* 4 .. 6 */
  const char *topic; /* static */
  int32_t n_typos;
} mst_generated;

/* Prepare. MST_E_ARG: a rate or a number outside the ranges above. MST_E_NOMEM. */
mst_status mst_generator_create(const mst_generate_options *options, mst_generator **out);
void mst_generator_free(mst_generator *generator);

/* How many families (kinds of text) the grammar has; they are numbered from 0. */
int32_t mst_generator_n_families(const mst_generator *generator);
/* P(family), and P(label | family) into posterior [MST_GENERATE_N_LABELS], which sums to 1; where
 * P(family) is 0 (ambiguity 0) it holds the labels' shares. */
double mst_generator_family(const mst_generator *generator, int32_t family, double *posterior);
/* 1 where the family belongs to two labels. */
int mst_generator_is_shared(const mst_generator *generator, int32_t family);
/* Sum over families of the largest P(label, family). */
double mst_generator_best_accuracy(const mst_generator *generator);
/* Write record number index (any, not only those of the options). Depends on the seed, the rates
 * and index alone. Cannot fail. */
void mst_generator_record(const mst_generator *generator, int64_t index, mst_generated *out);

/* Receives rows in order, whole records at a time; a failure (recorded by it) ends the
 * generation. */
typedef mst_status mst_generate_write_fn(const uint8_t *bytes, size_t n_bytes, void *payload);

/* Generate rows as CSV (RFC 4180, LF) into a callback, with progress ("generating").
 *   summary  written on success; may be NULL
 * MST_E_ARG as mst_generator_create; MST_E_NOMEM, MST_E_CANCELLED, or what write returned.
 * Memory: blocks of 4,096 records a thread, and 8 bytes a record (at most 128 MiB) to count
 * texts. */
mst_status mst_generate(const mst_generate_options *options, mst_generate_write_fn *write,
                        void *payload, mst_generate_summary *summary);

/* Generate a file and its manifest PATH.manifest.json ("synthetic": true, the rates, the counts,
 * the accuracy of the best classifier, the file's sha256). Both appear whole or not at all, the
 * manifest first.
 *   force  replace what is there
 *   out    written on success; may be NULL
 * MST_E_ARG: also where a file exists and force is 0. MST_E_IO: disk full and so on. */
mst_status mst_generate_file(const mst_generate_options *options, const char *path, int force,
                             mst_generate_summary *out);

#endif
