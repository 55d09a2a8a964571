/* operations.h: the operations of the CPU backend, by the names that table.c lists. Internal.
 *
 * What each does, and what it may fail with, stands in backend_table.h; home is the host's memory.
 */
#ifndef MISSTEP_CPU_OPERATIONS_H
#define MISSTEP_CPU_OPERATIONS_H

#include "backend_table.h"

/* tokenize.c, analyze.c */
mst_status mst__cpu_pieces_create(mst_backend *backend, const mst_text *text, mst_pieces *out);
mst_status mst__cpu_tokens_create(mst_backend *backend, const mst_pieces *pieces,
                                  const mst_token_options *options, mst_tokens *out);

/* match.c */
mst_status mst__cpu_matches_find(mst_backend *backend, const mst_matches *matches,
                                 mst_match_lists *out);

/* choose.c */
mst_status mst__cpu_choices_draw(mst_backend *backend, const mst_choices *choices, uint8_t *n_made,
                                 mst_choice *made);

/* splice.c */
mst_status mst__cpu_splices_apply(mst_backend *backend, const mst_splices *splices,
                                  mst_pieces *out);
mst_status mst__cpu_pieces_used(mst_backend *backend, const mst_pieces *pieces, uint8_t *used);
mst_status mst__cpu_pieces_renumber(mst_backend *backend, mst_pieces *pieces,
                                    const uint32_t *number);

/* items.c */
mst_status mst__cpu_items_take(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                               int64_t n_rows, const uint8_t *drop, mst_sequences *out);
mst_status mst__cpu_items_words(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                                int64_t n_rows, mst_sequences *out, mst_strings *spelling);
mst_status mst__cpu_items_copy(mst_backend *backend, const mst_sequences *items, mst_grams *grams);

/* ngram.c, find.c */
mst_status mst__cpu_ngrams_rank(mst_backend *backend, const mst_sequences *items, int32_t n_min,
                                int32_t n_max, int whole, mst_grams *grams, mst_gram_table *table);
mst_status mst__cpu_ngrams_find(mst_backend *backend, const mst_sequences *items,
                                const mst_gram_tree *tree, const int32_t *unit_map, int32_t n_min,
                                int32_t n_max, int whole, mst_grams *grams);

/* count.c, doc_freq.c */
mst_status mst__cpu_grams_remap(mst_backend *backend, mst_grams *grams, const int32_t *map,
                                int64_t n_terms);
mst_status mst__cpu_rows_longest(mst_backend *backend, const mst_rows *rows, int64_t *longest);
mst_status mst__cpu_rows_count(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                               int64_t *row_ptr, int64_t *n_entries, int64_t *doc_freq,
                               int64_t *term_freq);

/* weight.c, chi2.c */
mst_status mst__cpu_rows_fill(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                              int64_t n_entries, const mst_weighing *weighing, mst_csr *counts,
                              mst_csr *x);
mst_status mst__cpu_counts_weigh(mst_backend *backend, const mst_csr *counts,
                                 const mst_weighing *weighing, mst_dtype dtype, mst_csr *x);
mst_status mst__cpu_counts_by_class(mst_backend *backend, const mst_csr *counts,
                                    const int32_t *label, int32_t n_classes, int64_t *observed,
                                    int64_t *rows_of);

#endif
