/* analyze.cuh: what the parts of the look-up of documents share. Internal.
 *
 * analyze.cu looks documents up; plain.cu takes out those that must be analysed whole and puts
 * their units back; runs.cu makes the things that char_wb looks up.
 */
#ifndef MISSTEP_CUDA_ANALYZE_CUH
#define MISSTEP_CUDA_ANALYZE_CUH

#include "cpu/units.h"
#include "cuda/intern.cuh"

/* Documents as sequences of things that have a list of units each. */
typedef struct mst__cuda_docs {
  int64_t n_docs, n;      /* documents, entries */
  const int64_t *doc_ptr; /* [n_docs + 1] */
  const uint32_t *entry;  /* [n] thing << 1 | (1 when one space follows) */
  const uint8_t *skip;    /* [n] 1: in a document that is analysed whole; NULL: none is */
} mst__cuda_docs;

/* What is on the way from pieces to tokens. */
typedef struct mst__cuda_tokens_job {
  mst_backend *backend;
  const mst_pieces *pieces;
  const mst_token_options *options;
  mst__cuda_docs s;
  /* the host's; owned */
  uint8_t *dependent, *used;
  int64_t n_plain, *plain, *plain_ptr; /* documents analysed whole: numbers, entries before each */
  uint32_t *plain_entry;
  mst_strings runs;
  mst__units units;
  int has_space;
  /* the device's */
  mst__cuda_scratch<uint8_t> d_skip, d_used;
  mst__cuda_scratch<int64_t> d_plain, d_run_ptr, d_list_ptr;
  mst__cuda_scratch<uint32_t> d_run, d_value;
  mst__cuda_scratch<int32_t> d_one;

  mst__cuda_tokens_job(mst_backend *backend, const mst_pieces *pieces,
                       const mst_token_options *options)
      : backend(backend), pieces(pieces), options(options), s(), dependent(NULL), used(NULL),
        n_plain(0), plain(NULL), plain_ptr(NULL), plain_entry(NULL), runs(), units(), has_space(0),
        d_skip(backend), d_used(backend), d_plain(backend), d_run_ptr(backend), d_list_ptr(backend),
        d_run(backend), d_value(backend), d_one(backend) {
    s = {pieces->n_docs, pieces->n_entries, pieces->doc_ptr, pieces->entry, NULL};
  }
  ~mst__cuda_tokens_job() {
    mst_free(dependent);
    mst_free(used);
    mst_free(plain);
    mst_free(plain_ptr);
    mst_free(plain_entry);
    mst_strings_fini(&runs);
    mst__cpu_units_fini(&units);
  }
} mst__cuda_tokens_job;

/* plain.cu: find the documents that hold a dependent piece, leave them out of the look-up and fetch
 * their entries; find out which pieces the others hold. MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst__cuda_plain_take(mst__cuda_tokens_job *j);

/* plain.cu: put the units of those documents between the others.
 *   id, n    units of the documents looked up; then of all
 *   doc_ptr  [n_docs + 1] likewise
 * MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst__cuda_plain_put(mst__cuda_tokens_job *j, mst__cuda_scratch<int32_t> *id,
                               int64_t *doc_ptr, int64_t *n);

/* runs.cu: look up the distinct runs of pieces between white space instead of pieces (char_wb).
 * MST_E_NOMEM, MST_E_LIMIT, MST_E_DEVICE. */
mst_status mst__cuda_runs_make(mst__cuda_tokens_job *j);

#endif
