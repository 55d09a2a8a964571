/* splices.h: copies of documents as pieces: runs of pieces give way to other ones, and no text is
 * made.
 *
 * In: documents and replacements as pieces (tokens.h), for each copy its document and splices. Out:
 * the copies as pieces, at home. Next stage: tokens of an analyzer.
 */
#ifndef MISSTEP_SPLICES_H
#define MISSTEP_SPLICES_H

#include <stdint.h>

#include "misstep/tokens.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Pieces pos .. pos + len - 1 of a document, len >= 1, give way to a replacement. What follows the
 * last of them (a single space) stays. */
typedef struct mst_splice {
  int32_t pos, len;
  int64_t by; /* replacement */
} mst_splice;

/* What is to be done. All arrays are the host's. */
typedef struct mst_splices {
  int64_t n_docs;
  const int64_t *doc_ptr; /* [n_docs + 1], doc_ptr[0] is 0 */
  const uint32_t *entry;  /* [doc_ptr[n_docs]] as in mst_pieces */
  int64_t n_types;
  const uint32_t *number; /* [n_types] of a document's type in the result */

  int64_t n_by;
  const int64_t *by_ptr;    /* [n_by + 1], rising: no replacement is empty */
  const uint32_t *by_entry; /* [by_ptr[n_by]], with numbers of the result */

  int64_t n_copies;
  const int64_t *copy_doc; /* [n_copies] */
  const int64_t *copy_ptr; /* [n_copies + 1] a copy's splices */
  const mst_splice
      *splice; /* [copy_ptr[n_copies]] of a copy from left to right, none overlapping */
} mst_splices;

/* Make the copies.
 *   out  its n_docs, doc_ptr, n_entries, entry and home are written
 * MST_E_ARG, MST_E_NOMEM, MST_E_DEVICE. Exact; the same bytes on any backend, for any number of
 * threads. */
mst_status mst_splices_apply(mst_backend *backend, const mst_splices *splices, mst_pieces *out);

/* Flag the types that pieces have.
 *   pieces  at home
 *   used    [types.n] 0 or 1
 * MST_E_ARG, MST_E_NOMEM, MST_E_DEVICE. Exact. */
mst_status mst_pieces_used(mst_backend *backend, const mst_pieces *pieces, uint8_t *used);

/* Give the types of pieces other numbers; spellings and kinds are the caller's.
 *   number  [types.n]; what no piece has is not read
 * MST_E_ARG, MST_E_NOMEM, MST_E_DEVICE. Exact. */
mst_status mst_pieces_renumber(mst_backend *backend, mst_pieces *pieces, const uint32_t *number);

#ifdef __cplusplus
}
#endif
#endif
