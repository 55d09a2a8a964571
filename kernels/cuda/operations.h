/* operations.h: the operations of the CUDA backend, by the names that table.cu lists. Internal.
 *
 * What each does, and what it may fail with, stands in backend_table.h; the arrays that are at home
 * lie in the device's memory.
 */
#ifndef MISSTEP_CUDA_OPERATIONS_H
#define MISSTEP_CUDA_OPERATIONS_H

#include "backend_table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* device.cu */
mst_status mst__cuda_open(mst_backend *backend, int device);
void mst__cuda_close(mst_backend *backend);
void mst__cuda_enter(const mst_backend *backend);
void *mst__cuda_alloc(mst_backend *backend, size_t count, size_t size);
void mst__cuda_free(mst_backend *backend, void *home);
mst_status mst__cuda_to_home(mst_backend *backend, void *home, const void *host, size_t n_bytes);
mst_status mst__cuda_to_host(mst_backend *backend, void *host, const void *home, size_t n_bytes);

/* pinned.cu */
void *mst__cuda_alloc_host(mst_backend *backend, size_t count, size_t size);

/* tokenize.cu, analyze.cu */
mst_status mst__cuda_pieces_create(mst_backend *backend, const mst_text *text, mst_pieces *out);
mst_status mst__cuda_tokens_create(mst_backend *backend, const mst_pieces *pieces,
                                   const mst_token_options *options, mst_tokens *out);

/* match.cu */
mst_status mst__cuda_matches_find(mst_backend *backend, const mst_matches *matches,
                                  mst_match_lists *out);

/* choose.cu */
mst_status mst__cuda_choices_draw(mst_backend *backend, const mst_choices *choices, uint8_t *n_made,
                                  mst_choice *made);

/* splice.cu */
mst_status mst__cuda_splices_apply(mst_backend *backend, const mst_splices *splices,
                                   mst_pieces *out);
mst_status mst__cuda_pieces_used(mst_backend *backend, const mst_pieces *pieces, uint8_t *used);
mst_status mst__cuda_pieces_renumber(mst_backend *backend, mst_pieces *pieces,
                                     const uint32_t *number);

/* items.cu */
mst_status mst__cuda_items_take(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                                int64_t n_rows, const uint8_t *drop, mst_sequences *out);
mst_status mst__cuda_items_words(mst_backend *backend, const mst_tokens *tokens,
                                 const int64_t *rows, int64_t n_rows, mst_sequences *out,
                                 mst_strings *spelling);
mst_status mst__cuda_items_copy(mst_backend *backend, const mst_sequences *items, mst_grams *grams);

/* ngram.cu, find.cu */
mst_status mst__cuda_ngrams_rank(mst_backend *backend, const mst_sequences *items, int32_t n_min,
                                 int32_t n_max, int whole, mst_grams *grams, mst_gram_table *table);
mst_status mst__cuda_ngrams_find(mst_backend *backend, const mst_sequences *items,
                                 const mst_gram_tree *tree, const int32_t *unit_map, int32_t n_min,
                                 int32_t n_max, int whole, mst_grams *grams);

/* count.cu */
mst_status mst__cuda_grams_remap(mst_backend *backend, mst_grams *grams, const int32_t *map,
                                 int64_t n_terms);
mst_status mst__cuda_rows_longest(mst_backend *backend, const mst_rows *rows, int64_t *longest);
mst_status mst__cuda_rows_count(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                                int64_t *row_ptr, int64_t *n_entries, int64_t *doc_freq,
                                int64_t *term_freq);

/* weight.cu, chi2.cu */
mst_status mst__cuda_rows_fill(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                               int64_t n_entries, const mst_weighing *weighing, mst_csr *counts,
                               mst_csr *x);
mst_status mst__cuda_counts_weigh(mst_backend *backend, const mst_csr *counts,
                                  const mst_weighing *weighing, mst_dtype dtype, mst_csr *x);
mst_status mst__cuda_counts_by_class(mst_backend *backend, const mst_csr *counts,
                                     const int32_t *label, int32_t n_classes, int64_t *observed,
                                     int64_t *rows_of);

/* linear/newton.cu */
mst_status mst__cuda_logistic_fit(mst_backend *backend, const mst_logistic_problem *problem,
                                  const mst_logistic_options *options,
                                  const mst_logistic_result *result, char *device);

#ifdef __cplusplus
}
#endif
#endif
