/* units.h: what an analyzer makes of each distinct piece, for a backend that looks its documents up
 * elsewhere. Internal; analyze.c and analyze_plan.c do the work.
 *
 * In: spellings, and the few documents that cannot be looked up. Out: lists of units, as ranks of
 * their spellings. Next stage: cuda/analyze.cu.
 */
#ifndef MISSTEP_CPU_UNITS_H
#define MISSTEP_CPU_UNITS_H

#include <stdint.h>

#include "misstep/tokens.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A unit list that is no unit, and one of several (mst__units.one). */
enum { MST__UNIT_NONE = -1, MST__UNIT_SEVERAL = -2 };

/* Lists of units: of things 0 .. n_ids-1 (pieces, or runs of them), of the lone space (n_ids), then
 * of the given documents. Owned. */
typedef struct mst__units {
  int64_t n_ids, n_lists;
  int64_t *ptr;      /* [n_lists + 1] */
  uint32_t *value;   /* [ptr[n_lists]] ranks */
  int32_t *one;      /* [n_ids + 1] the only unit of a list, or one of the two numbers above */
  mst_strings types; /* sorted by bytes, distinct, all used */
  int joinable;      /* mst_tokens.joinable */
} mst__units;

/* Find the pieces that may mean something else beside their neighbours; only types and kind of
 * pieces are read.
 *   dependent  [types.n] receives 1 where so; owned by the caller; NULL where there are none
 * MST_E_NOMEM. */
mst_status mst__cpu_units_mark(const mst_pieces *pieces, const mst_token_options *options,
                               int n_threads, uint8_t **dependent);

/* Analyse every thing, the lone space and every document of pieces, once each.
 *   pieces     types and kind of the corpus; documents, in the host's memory: those to be analysed
 *              whole
 *   used       [types.n] pieces that are looked up; NULL: all
 *   runs       NULL: the things are the pieces. Else what they are: runs of entries, 4 bytes each
 *   has_space  the lone space is a unit
 * MST_E_NOMEM, MST_E_LIMIT. */
mst_status mst__cpu_units_create(const mst_pieces *pieces, const mst_token_options *options,
                                 int n_threads, const uint8_t *used, const mst_strings *runs,
                                 int has_space, mst__units *out);
void mst__cpu_units_fini(mst__units *units);

#ifdef __cplusplus
}
#endif
#endif
