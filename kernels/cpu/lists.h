/* lists.h: the shape of every tokenizing pass: items in, spellings per item out. Internal.
 *
 * In: n items (documents, or distinct pieces) and a function that emits the spellings of one item.
 * Out: per item the ranks of its spellings among all distinct ones in byte order. Threads take
 * blocks of items and number spellings by themselves; sorting the union afterwards makes the result
 * independent of who did what.
 */
#ifndef MISSTEP_CPU_LISTS_H
#define MISSTEP_CPU_LISTS_H

#include <stdint.h>

#include "cpu/intern.h"
#include "misstep/alloc.h"

enum { MST__PENDING = 64 };

/* A spelling that waits to be looked up with others (mst__worker_emit_later). */
typedef struct mst__pending {
  const uint8_t *p;
  int64_t len;
} mst__pending;

/* What one thread owns while a pass runs. */
typedef struct mst__worker {
  mst__intern table;
  uint32_t *value; /* [n] emitted so far: id << flag_bits */
  int64_t n, capacity;
  int flag_bits;
  int n_pending; /* the last values are flags only: their ids follow when flushed */
  mst__pending pending[MST__PENDING];
  const uint8_t *base_end; /* the job's */
  mst_buffer text;         /* scratch: a document or piece written back */
  mst_buffer changed;      /* scratch: the same after the preprocessor */
  void *match;             /* scratch of a regular expression, or NULL (pattern.h) */
  uint8_t
      apart[128]; /* unused: what the next thread's worker writes lies in no cache line of ours */
} mst__worker;

typedef mst_status mst__item_fn(const void *payload, mst__worker *w, int64_t item);

typedef struct mst__job {
  int64_t n_items;
  mst__item_fn *fn; /* called once per item, by any thread, in rising order per thread */
  const void *payload;
  const uint8_t *base;     /* all spellings lie in this memory, or NULL: they are copied */
  const uint8_t *base_end; /* of base, if any: where it ends */
  int flag_bits;           /* 0 or 1: low bits of a value that belong to fn */
  int64_t n_values;        /* of all items, roughly; what is not used costs no memory */
  int64_t n_keys;          /* of one thread's table, roughly */
} mst__job;

typedef struct mst__lists {
  int64_t n_items;
  int64_t *ptr;      /* [n_items + 1] */
  uint32_t *value;   /* [ptr[n_items]]: rank << flag_bits | flags */
  mst_strings types; /* sorted by bytes, distinct, all used */
} mst__lists;

/* Room for more values; the slow half of mst__worker_emit. */
mst_status mst__worker_grow(mst__worker *w);

/* Append the spelling p[0 .. len) to the current item's list. readable: see mst__intern_add. */
static inline mst_status mst__worker_emit(mst__worker *w, const uint8_t *p, int64_t len,
                                          int64_t readable) {
  uint32_t id = 0;
  const mst_status st = mst__intern_add(&w->table, p, len, readable, &id);
  if (st) return st;
  if (w->n == w->capacity && mst__worker_grow(w)) return MST_E_NOMEM;
  w->value[w->n++] = id << w->flag_bits;
  return MST_OK;
}

/* Give the pending spellings their ids. The end of a block does it too. All hashes first: the
 * table's memory is on its way while the next ones are computed, which hides most of the waiting,
 * and neither loop waits for the other's guesses. */
mst_status mst__worker_flush(mst__worker *w);

/* Like mst__worker_emit, for spellings in the job's base: they are looked up many at a time.
 * Errors may be those of earlier ones. */
static inline mst_status mst__worker_emit_later(mst__worker *w, const uint8_t *p, int64_t len) {
  if (w->n_pending == MST__PENDING) {
    const mst_status st = mst__worker_flush(w);
    if (st) return st;
  }
  if (w->n == w->capacity && mst__worker_grow(w)) return MST_E_NOMEM;
  w->pending[w->n_pending++] = (mst__pending){p, len};
  w->value[w->n++] = 0;
  return MST_OK;
}

/* Keys of each of n_threads tables if one thread alone would have n: of a text, whose spellings
 * grow with the root of its length and so are mostly the same in every part (Heaps's law). */
int64_t mst__keys_of_part(int64_t n, int n_threads);

/* Run a pass. The same bytes for any n_threads >= 1. Fails as the item of the lowest number that
 * fails; MST_E_NOMEM. *out only on success; free with mst__lists_fini. */
mst_status mst__lists_create(const mst__job *job, int n_threads, mst__lists *out);
void mst__lists_fini(mst__lists *lists);

/* Sort the union of n_tables tables.
 *   types  receives the distinct spellings, sorted by bytes
 *   rank   [sum of n] receives, for table 0's ids, then table 1's and so on, the spelling's number
 * MST_E_NOMEM, MST_E_LIMIT (more than 2^31-1 spellings). */
mst_status mst__intern_merge(const mst__worker *workers, int n_tables, int n_threads,
                             mst_strings *types, uint32_t *rank);

#endif
