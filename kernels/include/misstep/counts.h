/* counts.h: n-grams, counts and weights as integer work on sequences of unit ids.
 *
 * In: sequences of units (tokens or code points), one per item. Out: the distinct n-grams in the
 * order of their spellings, the n-grams of every item as ids, document and term frequencies, and
 * CSR rows of counts or weights. Next stage: the vectorizer (features), which knows options and
 * spellings.
 *
 * An item is a document; or, for n-grams inside words, a distinct word, and a row is then a list of
 * items. Every result is the same bytes for any number of threads.
 */
#ifndef MISSTEP_COUNTS_H
#define MISSTEP_COUNTS_H

#include <stdint.h>

#include "misstep/csr.h"
#include "misstep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MST_NGRAM_LIMIT 16 /* longest n-gram */

/* Sequences of unit ids; item i is id[ptr[i] .. ptr[i+1]). Borrowed. */
typedef struct mst_sequences {
  int64_t n_items;
  const int64_t *ptr; /* [n_items + 1], ptr[0] == 0 */
  const int32_t *id;  /* [ptr[n_items]], 0 .. n_units-1, ranks of the spellings */
  int32_t n_units;
} mst_sequences;

/* The n-grams of each item as ids, owned. A negative id is no n-gram and is skipped everywhere. */
typedef struct mst_grams {
  int64_t n_items;
  int64_t *ptr; /* [n_items + 1] */
  int32_t *id;  /* [ptr[n_items]] */
} mst_grams;

void mst_grams_fini(mst_grams *grams);

/* The distinct n-grams as a tree of prefixes, nodes in the order of their spellings (a prefix
 * before what it begins). Owned. */
typedef struct mst_gram_table {
  int64_t n_nodes;
  int32_t *parent;    /* [n_nodes] node of the prefix, -1: one unit long */
  int32_t *unit;      /* [n_nodes] last unit */
  int64_t n_terms;    /* V: the nodes that are n-grams of some item */
  int32_t *term_node; /* [n_terms] rising */
} mst_gram_table;

void mst_gram_table_fini(mst_gram_table *table);

/* n-grams that one sequence of n_units yields for n_min <= n <= n_max. whole: a sequence shorter
 * than n_min yields itself once. */
int64_t mst_ngram_total(int64_t n_units, int32_t n_min, int32_t n_max, int whole);

/* Lay out room for the n-grams of every item: ptr is filled, id uninitialised. Grams of an item are
 * ordered by n, then by position. MST_E_NOMEM. *out only on success. */
mst_status mst_ngrams_layout(const mst_sequences *items, int32_t n_min, int32_t n_max, int whole,
                             mst_grams *out);

/* Number all n-grams of all items.
 *   n_min, n_max  1 .. MST_NGRAM_LIMIT
 *   whole         1: scikit-learn's char_wb rule, an item shorter than n_min is one n-gram itself
 *   grams, table  written on success: ids are 0 .. V-1 in the order of the tuples of unit ids, a
 *                 prefix first, over all n together
 * MST_E_NOMEM, MST_E_LIMIT (2^31 prefixes or more; n_units * positions above 2^64). Exact.
 * Cost: one radix sort of the positions per n; 8 bytes a position, at most 128 MiB. */
mst_status mst_ngrams_rank(const mst_sequences *items, int32_t n_min, int32_t n_max, int whole,
                           int n_threads, mst_grams *grams, mst_gram_table *table);

/* Replace every id by map[id] (negative ids stay). */
void mst_grams_remap(mst_grams *grams, const int32_t *map, int n_threads);

/* Rows of a matrix as n-grams, in any order. item == NULL: row r is item r. Else row r has the
 * items item[doc_ptr[d] .. doc_ptr[d+1]) with d = doc ? doc[r] : r. Borrowed. */
typedef struct mst_rows {
  int64_t n_rows;
  mst_sequences grams; /* of every item; negative ids are skipped */
  const int64_t *doc;
  const int64_t *doc_ptr;
  const int32_t *item; /* [n_listed] */
  int64_t n_listed;
} mst_rows;

/* Count what each row and term holds.
 *   n_terms    V, all ids are below
 *   row_ptr    [n_rows + 1], written: entries before each row, the last is Z
 *   doc_freq   [V] rows that hold the term, or NULL
 *   term_freq  [V] occurrences, or NULL
 * MST_E_NOMEM. Exact. */
mst_status mst_rows_count(const mst_rows *rows, int64_t n_terms, int n_threads, int64_t *row_ptr,
                          int64_t *doc_freq, int64_t *term_freq);

/* How a count becomes a weight, w = tf(count) * idf, then the row's norm. */
typedef struct mst_weighing {
  const double *idf; /* [V], or NULL: 1 */
  const double *tf;  /* [greatest count + 1] by count, or NULL: the count itself */
  int binary;        /* counts are taken as 1 */
  int relative;      /* the count is divided by the sum of the row's counts */
  int norm;          /* 0 none, 1: sum of absolute values, 2: Euclidean */
} mst_weighing;

/* The greatest number of n-grams in a row: no count is above it. */
int64_t mst_rows_longest(const mst_rows *rows);

/* Write rows into matrices whose row_ptr is already mst_rows_count's.
 *   counts  MST_INT32, or NULL
 *   x       MST_FLOAT32 or MST_FLOAT64, or NULL; weights are double, rounded once
 * MST_E_NOMEM. */
mst_status mst_rows_fill(const mst_rows *rows, int64_t n_terms, const mst_weighing *weighing,
                         int n_threads, mst_csr *counts, mst_csr *x);

/* Weigh counts that exist already; entries of weight 0 are left out.
 *   counts  [D x V] MST_INT32;  x  of dtype, made here
 * MST_E_NOMEM. */
mst_status mst_counts_weigh(const mst_csr *counts, const mst_weighing *weighing, mst_dtype dtype,
                            int n_threads, mst_csr *x);

/* observed[c * V + t] = sum of counts(d,t) over the rows d of class c; rows_of[c] = rows of class
 * c.
 *   label  [D] 0 .. n_classes-1 (checked by the caller)
 * MST_E_NOMEM. Exact. */
mst_status mst_counts_by_class(const mst_csr *counts, const int32_t *label, int32_t n_classes,
                               int n_threads, int64_t *observed, int64_t *rows_of);

#ifdef __cplusplus
}
#endif
#endif
