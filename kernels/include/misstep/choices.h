/* choices.h: which edits a copy gets: draws of candidates by weight, one after the other, none of
 * which touch each other.
 *
 * In: for each document what could be written at which place, and how many copies are wanted; a
 * program of steps. Out: for each copy candidates and their alternatives, in the order in which
 * they were drawn. Next stage: the copies are written (splices.h). Draws are indexed (rng.h), so a
 * copy's choices depend on its document, its number and the seed alone.
 */
#ifndef MISSTEP_CHOICES_H
#define MISSTEP_CHOICES_H

#include <stdint.h>

#include "misstep/backend.h"
#include "misstep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MST_CHOICE_KINDS = 16, MST_CHOICE_STEPS = 16, MST_CHOICE_LIMIT = 16 /* a copy */ };

/* Something that could be written at a place. Places are units of a document, counted from its
 * first. */
typedef struct mst_candidate {
  int32_t first, last; /* units */
  int32_t n_words;     /* of them */
  int32_t n_alts;      /* alternatives, >= 1 */
  int32_t kind;        /* 0 .. MST_CHOICE_KINDS - 1 */
  uint32_t weight;
  uint64_t p; /* considered by a copy whose draw is below it; UINT64_MAX: by all */
} mst_candidate;

/* One step: with probability p one of the kinds, drawn by weight among those that can. */
typedef struct mst_choice_step {
  uint64_t p;                        /* taken when a draw is below it; UINT64_MAX: always */
  uint32_t weight[MST_CHOICE_KINDS]; /* 0: not this one */
} mst_choice_step;

/* Steps in turn until a copy has its number of choices. */
typedef struct mst_choice_program {
  int32_t n_kinds;
  int32_t n_ruled;  /* kinds below have candidates, kinds from here on are the caller's own */
  int32_t min, max; /* choices of a copy, max at most MST_CHOICE_LIMIT */
  int32_t n_steps;
  mst_choice_step step[MST_CHOICE_STEPS];
} mst_choice_program;

/* One choice. */
typedef struct mst_choice {
  int32_t candidate; /* of the document's */
  int32_t alt;       /* of its alternatives */
} mst_choice;

/* What is to be drawn. All arrays are the host's. */
typedef struct mst_choices {
  mst_choice_program program; /* n_ruled is n_kinds */
  uint64_t seed;
  int64_t n_docs;
  const uint64_t *record;         /* [n_docs] */
  const int32_t *limit;           /* [n_docs] words that a second choice may bring the copy to */
  const int64_t *candidate_ptr;   /* [n_docs + 1], candidate_ptr[0] is 0 */
  const mst_candidate *candidate; /* [candidate_ptr[n_docs]], first never falling in a document */
  const int64_t *copy_ptr; /* [n_docs + 1], copy_ptr[0] is 0; copies of a document: 1, 2, ... */
} mst_choices;

/* Draw the choices of all copies, at their first attempt.
 *   n_made  [copy_ptr[n_docs]] choices of a copy; 0: nothing applies
 *   made    [copy_ptr[n_docs] * program.max], the host's; behind a copy's last one: zeros
 * MST_E_ARG, MST_E_NOMEM, MST_E_DEVICE. Exact; the same bytes on any backend, for any number of
 * threads. */
mst_status mst_choices_draw(mst_backend *backend, const mst_choices *choices, uint8_t *n_made,
                            mst_choice *made);

#ifdef __cplusplus
}
#endif
#endif
