/* augment_report.h: what augmentation did, rule by rule and label by label.
 *
 * In: records and their copies as they are written. Out: a folder with report.txt, report.json and
 * report.html. Next stage: a person who decides which rules stay.
 */
#ifndef MISSTEP_CLI_AUGMENT_REPORT_H
#define MISSTEP_CLI_AUGMENT_REPORT_H

#include "augment.h"
#include "cli/copies.h"

typedef struct mst_augment_report mst_augment_report;

/* Begin; the augmenter and the checker (NULL: none) are borrowed. MST_E_NOMEM. */
mst_status mst_augment_report_create(const mst_augmenter *augmenter,
                                     const mst_augment_checker *checker, mst_augment_report **out);
void mst_augment_report_free(mst_augment_report *report);

/* Count a record: where each rule could apply. label: its column, empty without one; number: of
 * mst_augmenter_label. MST_E_NOMEM. */
mst_status mst_augment_report_record(mst_augment_report *report, const mst_augment_batch *batch,
                                     int64_t doc, mst_slice text, mst_slice label, int32_t number);

/* Count a copy of the record that was counted last. kept 0: the plan leaves it out. MST_E_NOMEM. */
mst_status mst_augment_report_copy(mst_augment_report *report, const mst_edits *edits,
                                   const mst_copy *copy, mst_slice text, int kept);

/* Write the folder --report. MST_E_ARG: it exists, and there is no --force. MST_E_IO,
 * MST_E_NOMEM. */
mst_status mst_augment_report_write(mst_augment_report *report, const mst_settings *s);

/* What is counted; for the writers. */
enum {
  MST_REPORT_LABELS = 32,
  MST_REPORT_EXAMPLES = 3,
  MST_REPORT_SHIFT = 4096 /* codes of lexicons and operations are below 0 */
};
typedef struct mst_rule_report {
  int64_t could[MST_REPORT_LABELS], did[MST_REPORT_LABELS]; /* places, copies */
  int64_t n_dropped;                                        /* copies that a plan left out */
  char *before[MST_REPORT_EXAMPLES], *after[MST_REPORT_EXAMPLES];
  int n_examples;
} mst_rule_report;

struct mst_augment_report {
  const mst_augmenter *augmenter;
  const mst_augment_checker *checker; /* or NULL */
  mst_rule_report **rule; /* [n_rules], NULL: never seen; rule r is at r + MST_REPORT_SHIFT */
  int64_t n_rules;
  char *label[MST_REPORT_LABELS]; /* the last one is for all that do not fit */
  int n_labels;
  int64_t records[MST_REPORT_LABELS], copies[MST_REPORT_LABELS];
  int64_t n_near, n_identical; /* copies: nearly or quite the words of their record */
  int64_t n_grams_before, n_grams_after;
  uint64_t *gram; /* a set of hashes */
  int64_t gram_mask, n_grams;
  uint64_t *own; /* words of the record at hand, sorted */
  int64_t n_own, own_capacity;
  uint64_t *other;
  int64_t other_capacity;
  char *text; /* of the record at hand */
  int at;     /* its label */
};

/* The rate at which copies with edits of a rule flip, in per cent; NAN: none was judged. */
double mst_augment_report_flips(const mst_augment_report *report, int64_t at, int64_t *judged,
                                int64_t *flipped);

/* The name of the rule at a place of report->rule, borrowed. */
mst_slice mst_augment_report_name(const mst_augment_report *report, int64_t at);

/* augment_report_text.c: the tables of labels and of rules (mst_free). MST_E_NOMEM. */
mst_status mst_augment_report_labels(const mst_augment_report *report, char **out);
mst_status mst_augment_report_rules(const mst_augment_report *report, char **out);

/* augment_report_json.c: all of it (mst_free). MST_E_NOMEM. */
mst_status mst_augment_report_json(const mst_augment_report *report, char **out, size_t *n);

/* augment_report_html.c: the page. MST_E_NOMEM. */
mst_status mst_augment_report_html(const mst_augment_report *report, mst_buffer *out);

#endif
