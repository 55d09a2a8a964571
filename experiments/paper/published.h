/* published.h: every number that the paper prints, and what follows from them by arithmetic alone.
 *
 * In: Park, Oh, Park: Automated Classification Model for Elementary Mathematics Diagnostic
 * Assessment Data Based on TF-IDF and XGBoost. Appl. Sci. 2025, 15, 3764. Out: the column
 * "published" of every table. Next stage: tables, and the chapter on what does not add up.
 */
#ifndef MISSTEP_PAPER_PUBLISHED_H
#define MISSTEP_PAPER_PUBLISHED_H

#include <stdint.h>

enum { PAPER_LABELS = 9, PAPER_SIZES = 4, PAPER_PEERS = 6 };

/* Accuracy, precision, recall, F1 as shares of one. */
typedef struct paper_four {
  double accuracy, precision, recall, f1;
} paper_four;

/* A label in Tables 1 (count, share in %), 2 (accuracy in %) and 3. */
typedef struct paper_label {
  const char *name;
  int64_t count;
  double share, accuracy, precision, recall, f1;
} paper_label;

typedef struct paper_peer {
  const char *name;
  paper_four scores;
} paper_peer;

typedef struct paper_size {
  int64_t rows;
  paper_four scores;
} paper_size;

extern const paper_label paper_labels[PAPER_LABELS];
extern const paper_peer paper_peers[PAPER_PEERS]; /* Table 6; the last is TF-IDF + XGBoost */
extern const paper_size paper_sizes[PAPER_SIZES]; /* Table 7 */

/* Tables 1, 4 and 5, and the text. */
extern const struct paper_printed {
  int64_t total;                           /* of Table 1 */
  double average, longest, shortest;       /* seconds a record, Table 4 */
  double per_minute;                       /* records a minute, Table 4 */
  double accuracy_percent, f1;             /* Table 5 */
  double abstract_percent, recall_in_text; /* what the text says instead */
  double concept_in_text;                  /* "over 95 %" for Concept Deficiency */
  double f1_in_text;                       /* "above 0.90 across all labels" */
} paper_printed;

int64_t paper_total(void);            /* sum of Table 1's counts */
double paper_share_sum(void);         /* sum of Table 1's printed shares, in % */
double paper_weighted_accuracy(void); /* Table 2 weighted by Table 1's counts, in % */
double paper_majority(void);          /* what the largest label alone reaches */
double paper_harmonic(double precision, double recall);
/* Number of the label of this name, or -1. */
int paper_label_find(const char *name, int64_t n);

#endif
