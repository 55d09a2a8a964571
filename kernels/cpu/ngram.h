/* ngram.h: what the parts of n-gram numbering share: ranks per length (ngram.c, one length from the
 * one before in ngram_level.c), then one order over all lengths (ngram_order.c). Internal. */
#ifndef MISSTEP_CPU_NGRAM_H
#define MISSTEP_CPU_NGRAM_H

#include "misstep/counts.h"

/* The distinct n-grams of one length, in order. */
typedef struct mst__level {
  int64_t n;
  int32_t *parent;  /* [n] rank of the prefix in the level below; NULL in the first */
  int32_t *unit;    /* [n] last unit */
  uint8_t *is_term; /* [n] of levels below n_min under the whole rule; else NULL */
  int32_t *map;     /* [n] first subtree sizes, then node numbers, then ids */
} mst__level;

typedef struct mst__ranking {
  const mst_sequences *items;
  int32_t n_min, n_max;
  int whole;
  int n_threads;
  int32_t n_levels; /* at most n_max, and no longer than the longest item */
  mst__level level[MST_NGRAM_LIMIT];
  mst_grams grams; /* ids are ranks within their level, then final */
} mst__ranking;

/* Level n >= 2 from level n-1: rank[p] of the prefix that begins at position p becomes next[p], and
 * level[n-1] and n_levels are set; they stay as they are where no item is so long.
 * MST_E_NOMEM, MST_E_LIMIT (2^31 n-grams; units and positions beyond 64 bits together). */
mst_status mst__level_rank(mst__ranking *ranking, int32_t n, const int32_t *rank, int32_t *next);

/* Under the whole rule levels below n_min say which of their n-grams are terms. MST_E_NOMEM. */
mst_status mst__level_flag_terms(mst__ranking *ranking, int32_t n);

/* Number the nodes of all levels in the order of their spellings, fill the table and replace the
 * ranks in grams by ids. MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst__ngrams_order(mst__ranking *ranking, mst_gram_table *table);

#endif
