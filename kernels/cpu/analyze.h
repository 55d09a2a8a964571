/* analyze.h: what the parts of the analyzers share. Internal.
 *
 * analyze.c decides which documents may be looked up piece by piece (the fast path) and which are
 * written back and analysed whole (the plain path, the definition); analyze_scan.c cuts one text
 * into units; analyze_plan.c finds out what depends on its neighbours.
 */
#ifndef MISSTEP_CPU_ANALYZE_H
#define MISSTEP_CPU_ANALYZE_H

#include "base/pattern.h"
#include "base/unicode.h"
#include "cpu/lists.h"
#include "misstep/tokens.h"

typedef struct mst__analysis {
  const mst_pieces *pieces;
  mst_token_options options;
  const uint8_t *bmp;    /* mst__unicode_bmp() */
  mst__pattern *pattern; /* owned; NULL without token_pattern */
  int n_threads;
} mst__analysis;

/* Documents that need the plain path, and the pieces that the others hold. */
typedef struct mst__plan {
  uint8_t *dependent; /* [n_types] 1: may mean something else beside its neighbours; owned */
  uint8_t *used;      /* [n_types] 1: occurs in a fast document; NULL: all do; owned */
  int64_t *plain_at;  /* [D] number among the plain documents, -1: fast; NULL: all fast; owned */
  int64_t *plain;     /* [n_plain] their numbers, rising; owned */
  int64_t n_plain;
} mst__plan;

mst_status mst__plan_init(const mst__analysis *a, mst__plan *plan);
void mst__plan_fini(mst__plan *plan);

/* Preprocess a text and emit its units. Uses w->changed. */
mst_status mst__analyze_text(const mst__analysis *a, mst__worker *w, const uint8_t *text,
                             int64_t len);

/* Write document d back into w->text and analyse it whole. */
mst_status mst__analyze_document(const mst__analysis *a, mst__worker *w, int64_t d);

/* Analyse every document whole: the definition that the fast path must equal. t has its n_docs. */
mst_status mst__tokens_plain(const mst__analysis *a, mst_tokens *t);

#endif
