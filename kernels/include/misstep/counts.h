/* counts.h: n-grams, counts and weights as integer work on sequences of unit ids.
 *
 * In: a token stream. Out: sequences of units (tokens or code points), one per item; the distinct
 * n-grams in the order of their spellings, the n-grams of every item as ids, document and term
 * frequencies, and CSR rows of counts or weights. Next stage: the vectorizer (features), which
 * knows options and spellings.
 *
 * An item is a document; or, for n-grams inside words, a distinct word, and a row is then a list of
 * items. Every result is the same bytes on any backend, for any number of threads. Arrays marked
 * "at home" lie in the backend's memory (backend.h), all others in the host's. Functions with a
 * backend fail with MST_E_ARG (an argument is missing), MST_E_NOMEM, MST_E_DEVICE and what they
 * name; outputs are written on success only.
 */
#ifndef MISSTEP_COUNTS_H
#define MISSTEP_COUNTS_H

#include <stdint.h>

#include "misstep/backend.h"
#include "misstep/csr.h"
#include "misstep/status.h"
#include "misstep/tokens.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MST_NGRAM_LIMIT 16 /* longest n-gram */

/* Sequences of unit ids; item i is id[ptr[i] .. ptr[i+1]). Borrowed. */
typedef struct mst_sequences {
  int64_t n_items;
  const int64_t *ptr; /* [n_items + 1], ptr[0] == 0, at home */
  const int32_t *id;  /* [n_positions], 0 .. n_units-1, ranks of the spellings, at home */
  int32_t n_units;
  int64_t n_positions; /* ptr[n_items] */
} mst_sequences;

/* The n-grams of each item as ids, owned. A negative id is no n-gram and is skipped everywhere. */
typedef struct mst_grams {
  int64_t n_items;
  int64_t *ptr;      /* [n_items + 1], at home */
  int32_t *id;       /* [n_grams], at home */
  int64_t n_grams;   /* ptr[n_items] */
  mst_backend *home; /* whose memory ptr and id are; NULL: the host's */
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

/* Terms as a tree of units, to look n-grams up by. Node u < n_units is unit u alone. An edge (node,
 * unit) -> longer node lies at slot key * 0x9E3779B97F4A7C15 >> edge_shift, or at the next that is
 * free, cyclically; key = node << 32 | unit. Borrowed, in the host's memory on every backend. */
typedef struct mst_gram_tree {
  int32_t n_units, n_nodes;
  const int32_t *term;      /* [n_nodes] term of a node, or -1 */
  const uint64_t *edge_key; /* [edge_mask + 1], UINT64_MAX: free */
  const int32_t *edge_node; /* [edge_mask + 1] */
  uint64_t edge_mask;
  int edge_shift;
} mst_gram_tree;

/* Take rows of a token stream as items, without the types that are dropped.
 *   rows  [n_rows] document numbers, or NULL: all n_docs
 *   drop  [types.n] nonzero: leave the type out; or NULL
 *   out   freed by mst_items_free */
mst_status mst_items_take(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                          int64_t n_rows, const uint8_t *drop, mst_sequences *out);

/* Take the distinct tokens of some rows as items: one per type, as code points between two spaces;
 * a type that does not occur in the rows is an empty item.
 *   rows      [n_rows] document numbers, or NULL: all n_docs
 *   out       freed by mst_items_free; units are the code points that occur, and the space
 *   spelling  receives the units as UTF-8, in the order of code points; owned */
mst_status mst_items_words(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                           int64_t n_rows, mst_sequences *out, mst_strings *spelling);

/* Free what mst_items_take or mst_items_words gave. */
void mst_items_free(mst_backend *backend, mst_sequences *items);

/* Copy items: every unit is the n-gram of its own id. */
mst_status mst_items_copy(mst_backend *backend, const mst_sequences *items, mst_grams *grams);

/* n-grams that one sequence of n_units yields for n_min <= n <= n_max. whole: a sequence shorter
 * than n_min yields itself once. */
int64_t mst_ngram_total(int64_t n_units, int32_t n_min, int32_t n_max, int whole);

/* Lay out room for the n-grams of every item, in the host's memory: ptr is filled, id
 * uninitialised. Grams of an item are ordered by n, then by position.
 *   items  ptr in the host's memory
 * MST_E_NOMEM. *out only on success. */
mst_status mst_ngrams_layout(const mst_sequences *items, int32_t n_min, int32_t n_max, int whole,
                             mst_grams *out);

/* Number all n-grams of all items.
 *   n_min, n_max  1 .. MST_NGRAM_LIMIT
 *   whole         1: scikit-learn's char_wb rule, an item shorter than n_min is one n-gram itself
 *   grams, table  ids are 0 .. V-1 in the order of the tuples of unit ids, a prefix first, over all
 *                 n together
 * MST_E_LIMIT (2^31 prefixes or more; n_units * positions above 2^64). Exact.
 * Cost on the CPU: one radix sort of the positions per n; 8 bytes a position, at most 128 MiB. */
mst_status mst_ngrams_rank(mst_backend *backend, const mst_sequences *items, int32_t n_min,
                           int32_t n_max, int whole, mst_grams *grams, mst_gram_table *table);

/* Look all n-grams of all items up: their terms, or -1. Arguments as mst_ngrams_rank.
 *   unit_map  [n_units] the tree's unit of each of the items' units, or -1 */
mst_status mst_ngrams_find(mst_backend *backend, const mst_sequences *items,
                           const mst_gram_tree *tree, const int32_t *unit_map, int32_t n_min,
                           int32_t n_max, int whole, mst_grams *grams);

/* Replace every id by map[id] (negative ids stay).
 *   map  [n_terms] */
mst_status mst_grams_remap(mst_backend *backend, mst_grams *grams, const int32_t *map,
                           int64_t n_terms);

/* Rows of a matrix as n-grams, in any order. item == NULL: row r is item r. Else row r has the
 * items item[doc_ptr[d] .. doc_ptr[d+1]) with d = doc ? doc[r] : r. Borrowed; all arrays are at
 * home. */
typedef struct mst_rows {
  int64_t n_rows;
  mst_sequences grams; /* of every item; negative ids are skipped */
  const int64_t *doc;
  const int64_t *doc_ptr;
  const int32_t *item; /* [n_listed] */
  int64_t n_listed;
} mst_rows;

/* The greatest number of n-grams in a row: no count is above it. */
mst_status mst_rows_longest(mst_backend *backend, const mst_rows *rows, int64_t *longest);

/* Count what each row and term holds.
 *   n_terms    V, all ids are below
 *   row_ptr    [n_rows + 1] at home: entries before each row, the last is Z
 *   n_entries  Z
 *   doc_freq   [V] rows that hold the term, or NULL
 *   term_freq  [V] occurrences, or NULL
 * MST_E_LIMIT (2^32 rows). Exact. */
mst_status mst_rows_count(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                          int64_t *row_ptr, int64_t *n_entries, int64_t *doc_freq,
                          int64_t *term_freq);

/* How a count becomes a weight, w = tf(count) * idf, then the row's norm. */
typedef struct mst_weighing {
  const double *idf; /* [V], or NULL: 1 */
  const double *tf;  /* [greatest count + 1] by count, or NULL: the count itself */
  int binary;        /* counts are taken as 1 */
  int relative;      /* the count is divided by the sum of the row's counts */
  int norm;          /* 0 none, 1: sum of absolute values, 2: Euclidean */
} mst_weighing;

/* Write rows into matrices whose arrays are at home, made by the caller (mst_backend_alloc), and
 * whose row_ptr is mst_rows_count's; both may have the same.
 *   n_entries  mst_rows_count's
 *   counts     MST_INT32, or NULL
 *   x          MST_FLOAT32 or MST_FLOAT64, or NULL; weights are double, rounded once
 * MST_E_ARG: neither of the two. */
mst_status mst_rows_fill(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                         int64_t n_entries, const mst_weighing *weighing, mst_csr *counts,
                         mst_csr *x);

/* Weigh counts that exist already; entries of weight 0 are left out.
 *   counts  [D x V] MST_INT32 at home
 *   x       of dtype; its arrays are made here, at home, for mst_backend_free */
mst_status mst_counts_weigh(mst_backend *backend, const mst_csr *counts,
                            const mst_weighing *weighing, mst_dtype dtype, mst_csr *x);

/* observed[c * V + t] = sum of counts(d,t) over the rows d of class c; rows_of[c] = rows of class
 * c.
 *   counts  [D x V] MST_INT32 at home
 *   label   [D] 0 .. n_classes-1 (checked by the caller)
 * Exact. */
mst_status mst_counts_by_class(mst_backend *backend, const mst_csr *counts, const int32_t *label,
                               int32_t n_classes, int64_t *observed, int64_t *rows_of);

#ifdef __cplusplus
}
#endif
#endif
