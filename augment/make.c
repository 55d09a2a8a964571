/* make.c: the copies of a whole batch, drawn by a backend: documents are laid open some lists at a
 * time, what could be written goes to the backend, and its choices become edits.
 *
 * The backend draws the first attempt at each copy. What depends on bytes stays the host's:
 * spellings with case and particles, a or an, whether a copy reads like another one or would change
 * maths. A copy that fails there is drawn again on the host by the same body (body/choose.h).
 * Operations without rules write spellings while they draw: programs with them are the host's.
 */
#include <string.h>

#include "engine.h"

enum { LISTS_FOR_DEVICE = 32 /* at a time, so that there are copies for its threads */ };

typedef struct group {
  mst_backend *backend;
  const mst_augment_batch *batch;
  const mst_augment_record *records;
  uint64_t seed;
  int64_t n_docs, per_list; /* of the batch */
  mst_edits *out;
  int64_t first, n; /* documents of this group */
  mst__doc *doc;    /* [most] */
  int64_t most;
  int64_t *candidate_ptr, *copy_ptr; /* [most + 1] */
  uint64_t *id;                      /* [most] */
  int32_t *limit;                    /* [most] */
  mst__list candidates, n_made, made;
} group;

typedef mst_status work_fn(group *g, int64_t k);

/* Do n things side by side; of those that fail the first one is told. */
static mst_status side_by_side(group *g, int64_t n, work_fn *work) {
  mst_error failed = {.status = MST_OK};
  int64_t at = n;
#pragma omp parallel for schedule(dynamic) num_threads(mst_backend_threads(g->backend))
  for (int64_t k = 0; k < n; k++) {
    if (!work(g, k)) continue;
#pragma omp critical
    if (k < at) {
      at = k;
      failed = *mst_error_last();
    }
  }
  return failed.status ? mst_error_set(failed.status, failed.function, "%s", failed.message)
                       : MST_OK;
}

static int64_t end_of(int64_t first, int64_t n, int64_t last) {
  return first + n < last ? first + n : last;
}

/* List k of the batch, drawn here. */
static mst_status make_list(group *g, int64_t k) {
  return mst_augment_records(g->batch, g->records, g->seed, k * g->per_list,
                             end_of(k * g->per_list, g->per_list, g->n_docs), &g->out[k]);
}

/* List k of the group: lay its documents open. */
static mst_status open_list(group *g, int64_t k) {
  const int64_t last = end_of(k * g->per_list, g->per_list, g->n);
  mst_status st = MST_OK;
  for (int64_t i = k * g->per_list; !st && i < last; i++) {
    const mst_augment_record *record = &g->records[g->first + i];
    g->doc[i].choices.n = 0;
    if (record->n_copies > 0) st = mst__doc_open(&g->doc[i], g->first + i, record->label);
  }
  return st;
}

/* List k of the group: its copies, by the choices that were drawn. */
static mst_status finish_list(group *g, int64_t k) {
  mst_edits *out = &g->out[g->first / g->per_list + k];
  const int64_t last = end_of(k * g->per_list, g->per_list, g->n);
  mst_status st = MST_OK;
  mst__edits_forget(out);
  for (int64_t i = k * g->per_list; !st && i < last; i++) {
    const int64_t copy = g->copy_ptr[i];
    g->doc[i].n_drawn = MST__AT(g->n_made, uint8_t, copy);
    g->doc[i].drawn = MST__AT(g->made, mst_choice, copy * g->batch->a->choice.max);
    st = mst__copies_make(&g->doc[i], g->first + i, &g->records[g->first + i], g->seed, out);
  }
  if (st) mst__edits_forget(out);
  return st;
}

/* Lay out what is to be drawn. */
static mst_status lay_out(group *g) {
  int64_t n = 0;
  g->candidate_ptr[0] = g->copy_ptr[0] = 0;
  for (int64_t i = 0; i < g->n; i++) {
    const mst_augment_record *record = &g->records[g->first + i];
    g->candidate_ptr[i + 1] = g->candidate_ptr[i] + g->doc[i].choices.n;
    g->copy_ptr[i + 1] = g->copy_ptr[i] + (record->n_copies > 0 ? record->n_copies : 0);
    g->id[i] = record->id;
    g->limit[i] = g->doc[i].limit;
  }
  n = g->copy_ptr[g->n];
  g->candidates.n = g->n_made.n = g->made.n = 0;
  mst_status st =
      mst__list_reserve(&g->candidates, g->candidate_ptr[g->n] + 1, sizeof(mst_candidate));
  if (!st) st = mst__list_reserve(&g->n_made, n + 1, 1);
  if (!st) st = mst__list_reserve(&g->made, n * g->batch->a->choice.max + 1, sizeof(mst_choice));
  for (int64_t i = 0; !st && i < g->n; i++)
    if (g->doc[i].choices.n)
      memcpy(MST__AT(g->candidates, mst_candidate, g->candidate_ptr[i]), g->doc[i].choices.items,
             (size_t)g->doc[i].choices.n * sizeof(mst_candidate));
  return st;
}

static mst_status draw(group *g) {
  mst_choices c = {.program = g->batch->a->choice,
                   .seed = g->seed,
                   .n_docs = g->n,
                   .record = g->id,
                   .limit = g->limit,
                   .candidate_ptr = g->candidate_ptr,
                   .candidate = g->candidates.items,
                   .copy_ptr = g->copy_ptr};
  c.program.n_kinds = c.program.n_ruled; /* the others are not in the program */
  return mst_choices_draw(g->backend, &c, g->n_made.items, g->made.items);
}

static mst_status make_group(group *g) {
  const int64_t n_lists = (g->n + g->per_list - 1) / g->per_list;
  mst_status st = side_by_side(g, n_lists, open_list);
  if (!st) st = lay_out(g);
  if (!st) st = draw(g);
  return st ? st : side_by_side(g, n_lists, finish_list);
}

static mst_status group_init(group *g) {
  const int n_threads = mst_backend_threads(g->backend);
  const int64_t n_lists = mst_backend_is_host(g->backend) || n_threads > LISTS_FOR_DEVICE
                              ? n_threads
                              : LISTS_FOR_DEVICE;
  g->most = end_of(0, n_lists * g->per_list, g->n_docs);
  const size_t n = (size_t)g->most;
  g->doc = mst_alloc(n, sizeof *g->doc);
  for (int64_t i = 0; g->doc && i < g->most; i++) mst__doc_init(&g->doc[i], g->batch);
  g->candidate_ptr = mst_alloc(n + 1, sizeof *g->candidate_ptr);
  g->copy_ptr = mst_alloc(n + 1, sizeof *g->copy_ptr);
  g->id = mst_alloc(n, sizeof *g->id);
  g->limit = mst_alloc(n, sizeof *g->limit);
  return g->doc && g->candidate_ptr && g->copy_ptr && g->id && g->limit ? MST_OK : MST_E_NOMEM;
}

static void group_fini(group *g) {
  for (int64_t i = 0; g->doc && i < g->most; i++) mst__doc_fini(&g->doc[i]);
  mst_free(g->doc);
  mst_free(g->candidate_ptr);
  mst_free(g->copy_ptr);
  mst_free(g->id);
  mst_free(g->limit);
  mst__list_fini(&g->candidates);
  mst__list_fini(&g->n_made);
  mst__list_fini(&g->made);
}

mst_status mst_augment_make(mst_backend *backend, const mst_augment_batch *batch,
                            const mst_augment_record *records, uint64_t seed, int64_t per_list,
                            mst_edits *out) {
  group g = {.backend = backend,
             .batch = batch,
             .records = records,
             .seed = seed,
             .n_docs = batch->text->n_docs,
             .per_list = per_list,
             .out = out};
  if (batch->a->wanted >> MST_OP_INSERTION)
    return side_by_side(&g, (g.n_docs + per_list - 1) / per_list, make_list);
  mst_status st = group_init(&g);
  for (; !st && g.first < g.n_docs; g.first += g.n) {
    g.n = end_of(g.first, g.most, g.n_docs) - g.first;
    st = make_group(&g);
  }
  group_fini(&g);
  return st;
}
