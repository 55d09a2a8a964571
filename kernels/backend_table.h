/* backend_table.h: what a backend can do, as one struct of functions. Internal to kernels.
 *
 * cpu/table.c and cuda/table.cu fill one each; backend.c opens them by name and is the only file
 * that knows which of them this build has. Every operation gives the same bytes on every backend.
 *
 * An array "at home" lies in the backend's own memory: the host's for cpu, the device's for cuda.
 * Only the backend's operations read it; backend_to_host fetches it. Everything else (spellings,
 * tables over terms, options, frequencies) is the host's. Operations return when their results may
 * be read: streams and pending copies are the backend's own affair.
 *
 * Every operation fails with MST_E_NOMEM (the device's memory: how much was wanted, how much there
 * is), MST_E_DEVICE (a CUDA call failed; the message names it) and what the public header adds;
 * outputs are written on success only.
 */
#ifndef MISSTEP_BACKEND_TABLE_H
#define MISSTEP_BACKEND_TABLE_H

#include <stddef.h>

#include "misstep/backend.h"
#include "misstep/choices.h"
#include "misstep/counts.h"
#include "misstep/logistic.h"
#include "misstep/matches.h"
#include "misstep/splices.h"
#include "misstep/tokens.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mst__operations {
  const char *kind; /* "cpu", "cuda" */

  /* Start and end the backend's state (streams, pools): backend->state. device is N of cuda:N. */
  mst_status (*open)(mst_backend *backend, int device);
  void (*close)(mst_backend *backend);

  /* Make its device the calling thread's, before anything else is asked of it; or NULL. What fails
   * here fails again in what follows. */
  void (*enter)(const mst_backend *backend);

  /* Memory at home. NULL with the error recorded; free takes NULL. */
  void *(*alloc)(mst_backend *backend, size_t count, size_t size);
  void (*free)(mst_backend *backend, void *home);
  void *(*alloc_host)(mst_backend *backend, size_t count, size_t size); /* for mst_free */
  mst_status (*to_home)(mst_backend *backend, void *home, const void *host, size_t n_bytes);
  mst_status (*to_host)(mst_backend *backend, void *host, const void *home, size_t n_bytes);

  /* tokens.h */
  mst_status (*pieces_create)(mst_backend *backend, const mst_text *text, mst_pieces *out);
  mst_status (*tokens_create)(mst_backend *backend, const mst_pieces *pieces,
                              const mst_token_options *options, mst_tokens *out);

  /* matches.h */
  mst_status (*matches_find)(mst_backend *backend, const mst_matches *matches,
                             mst_match_lists *out);

  /* choices.h */
  mst_status (*choices_draw)(mst_backend *backend, const mst_choices *choices, uint8_t *n_made,
                             mst_choice *made);

  /* splices.h; the pieces that splices_apply makes are at home */
  mst_status (*splices_apply)(mst_backend *backend, const mst_splices *splices, mst_pieces *out);
  mst_status (*pieces_used)(mst_backend *backend, const mst_pieces *pieces, uint8_t *used);
  mst_status (*pieces_renumber)(mst_backend *backend, mst_pieces *pieces, const uint32_t *number);

  /* counts.h, in the order of the data. What sequences, grams, rows, row_ptr, col and val point to
   * is at home; row numbers, labels, tables over terms, units or classes are the host's. */
  mst_status (*items_take)(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                           int64_t n_rows, const uint8_t *drop, mst_sequences *out);
  mst_status (*items_words)(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                            int64_t n_rows, mst_sequences *out, mst_strings *spelling);
  mst_status (*items_copy)(mst_backend *backend, const mst_sequences *items, mst_grams *grams);
  mst_status (*ngrams_rank)(mst_backend *backend, const mst_sequences *items, int32_t n_min,
                            int32_t n_max, int whole, mst_grams *grams, mst_gram_table *table);
  mst_status (*ngrams_find)(mst_backend *backend, const mst_sequences *items,
                            const mst_gram_tree *tree, const int32_t *unit_map, int32_t n_min,
                            int32_t n_max, int whole, mst_grams *grams);
  mst_status (*grams_remap)(mst_backend *backend, mst_grams *grams, const int32_t *map,
                            int64_t n_terms);
  mst_status (*rows_longest)(mst_backend *backend, const mst_rows *rows, int64_t *longest);
  mst_status (*rows_count)(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                           int64_t *row_ptr, int64_t *n_entries, int64_t *doc_freq,
                           int64_t *term_freq);
  mst_status (*rows_fill)(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                          int64_t n_entries, const mst_weighing *weighing, mst_csr *counts,
                          mst_csr *x);
  mst_status (*counts_weigh)(mst_backend *backend, const mst_csr *counts,
                             const mst_weighing *weighing, mst_dtype dtype, mst_csr *x);
  mst_status (*counts_by_class)(mst_backend *backend, const mst_csr *counts, const int32_t *label,
                                int32_t n_classes, int64_t *observed, int64_t *rows_of);

  /* logistic.h; all but device is the host's, arguments are checked. device: [32] where it was. */
  mst_status (*logistic_fit)(mst_backend *backend, const mst_logistic_problem *problem,
                             const mst_logistic_options *options, const mst_logistic_result *result,
                             char *device);
} mst__operations;

/* An open backend. What is behind state is the operations' own. */
struct mst_backend {
  const mst__operations *operations;
  char device[32]; /* "cpu", "cuda:N" */
  int n_threads;   /* of the host */
  void *state;
  mst_backend *next; /* joined to it */
};

/* The operations, on the backend's device. */
static inline const mst__operations *mst__on(const mst_backend *backend) {
  if (backend->operations->enter) backend->operations->enter(backend);
  return backend->operations;
}

extern const mst__operations mst__cpu_operations;
extern const mst__operations mst__cuda_operations; /* in builds with CUDA only */

/* cuda: devices that can be used, at least one, or why there are none (MST_E_DEVICE: no driver, too
 * old). */
mst_status mst__cuda_count(int *n_devices);

/* cuda: one line about a device: name, memory, compute capability, driver. MST_E_DEVICE. */
mst_status mst__cuda_describe(int device, char *line, size_t size);
mst_status mst__cuda_memory(int device, int64_t *free_bytes);
mst_status mst__cuda_sparse_open(void);

#ifdef __cplusplus
}
#endif
#endif
