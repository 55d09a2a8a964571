/* ngram.cuh: what the parts of n-gram numbering share: ranks per length (ngram.cu, one length
 * from the one before in ngram_level.cu), then one order over all lengths (ngram_order.cu).
 * Internal. The CPU's is cpu/ngram.h. */
#ifndef MISSTEP_CUDA_NGRAM_CUH
#define MISSTEP_CUDA_NGRAM_CUH

#include "cuda/counts.cuh"

/* The distinct n-grams of one length, in order; all arrays are the device's. */
typedef struct mst__cuda_level {
  int64_t n;
  int32_t *parent;  /* [n] rank of the prefix in the level below; NULL in the first */
  int32_t *unit;    /* [n] last unit */
  int32_t *is_term; /* [n] flags, of levels below n_min under the whole rule; else NULL */
  int32_t *map;     /* [n] first sizes of trees, then node numbers, then ids */
} mst__cuda_level;

typedef struct mst__cuda_ranking {
  mst_backend *backend;
  mst_sequences items;
  int32_t n_min, n_max;
  int whole;
  int32_t n_levels; /* at most n_max, and no longer than the longest item */
  mst__cuda_level level[MST_NGRAM_LIMIT];
  mst__cuda_scratch<uint8_t> left;     /* [n_positions] units from here to the item's end */
  mst__cuda_scratch<int64_t> gram_ptr; /* [n_items + 1] */
  mst__cuda_scratch<int32_t> gram_id;  /* [n_grams] ranks within their level, then ids */
  int64_t n_grams;

  mst__cuda_ranking(mst_backend *backend, const mst_sequences *items, int32_t n_min, int32_t n_max,
                    int whole)
      : backend(backend), items(*items), n_min(n_min), n_max(n_max), whole(whole), n_levels(0),
        level(), left(backend), gram_ptr(backend), gram_id(backend), n_grams(0) {}
  mst__cuda_ranking(const mst__cuda_ranking &) = delete;
  mst__cuda_ranking &operator=(const mst__cuda_ranking &) = delete;
  ~mst__cuda_ranking() {
    for (mst__cuda_level &l : level)
      for (int32_t *array : {l.parent, l.unit, l.is_term, l.map}) mst__cuda_free(backend, array);
  }
} mst__cuda_ranking;

/* ngram_level.cu: level n >= 2 from level n-1: d_rank[p] of the prefix that begins at position p
 * becomes d_next[p], and level[n-1] and n_levels are set; they stay as they are where no item is so
 * long. MST_E_NOMEM, MST_E_DEVICE, MST_E_LIMIT (2^31 n-grams; units and positions beyond 64 bits
 * together). */
mst_status mst__cuda_level_rank(mst__cuda_ranking *g, int32_t n, const int32_t *d_rank,
                                int32_t *d_next);

/* ngram_order.cu: number the nodes of all levels in the order of their spellings, fill the table
 * and replace the ranks in gram_id by ids. MST_E_NOMEM, MST_E_LIMIT, MST_E_DEVICE. */
mst_status mst__cuda_ngrams_order(mst__cuda_ranking *g, mst_gram_table *out);

#endif
