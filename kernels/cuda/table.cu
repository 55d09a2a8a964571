/* table.cu: the CUDA backend's operations, in the order of backend_table.h. */
#include "cuda/operations.h"

extern "C" const mst__operations mst__cuda_operations = {
    "cuda",
    mst__cuda_open,
    mst__cuda_close,
    mst__cuda_enter,
    mst__cuda_alloc,
    mst__cuda_free,
    mst__cuda_alloc_host,
    mst__cuda_to_home,
    mst__cuda_to_host,
    mst__cuda_pieces_create,
    mst__cuda_tokens_create,
    mst__cuda_items_take,
    mst__cuda_items_words,
    mst__cuda_items_copy,
    mst__cuda_ngrams_rank,
    mst__cuda_ngrams_find,
    mst__cuda_grams_remap,
    mst__cuda_rows_longest,
    mst__cuda_rows_count,
    mst__cuda_rows_fill,
    mst__cuda_counts_weigh,
    mst__cuda_counts_by_class,
    mst__cuda_logistic_fit,
};
