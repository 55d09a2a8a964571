/* make.c: the copies of a whole batch, found and drawn by a backend: documents are laid open some
 * lists at a time, the backend finds what could be written and draws, and its choices become edits.
 *
 * The backend walks the rules' trie and draws the first attempt at each copy. What depends on bytes
 * stays the host's: maths and regular expressions, which guard places before and behind the walk;
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
  int64_t *unit_ptr, *token_ptr;     /* [most + 1] */
  uint64_t *label;                   /* [most] */
  uint8_t *any_label;                /* [most] */
  int64_t *text_start;               /* [most + 1] */
  mst__list units, tokens;
  mst_match_lists found;
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
    g->doc[i].units.n = g->doc[i].tokens.n = g->doc[i].choices.n = 0;
    if (record->n_copies > 0) st = mst__doc_lay_open(&g->doc[i], g->first + i, record->label);
  }
  return st;
}

/* List k of the group: take what was found in its documents. */
static mst_status take_list(group *g, int64_t k) {
  const int64_t last = end_of(k * g->per_list, g->per_list, g->n);
  const mst_match_lists *f = &g->found;
  mst_status st = MST_OK;
  for (int64_t i = k * g->per_list; !st && i < last; i++) {
    if (g->records[g->first + i].n_copies <= 0) continue;
    st = mst__match_take(&g->doc[i], f->match + f->match_ptr[i],
                         f->match_ptr[i + 1] - f->match_ptr[i], f->capture + f->capture_ptr[i],
                         f->capture_ptr[i + 1] - f->capture_ptr[i]);
  }
  return st;
}

/* Lay out the documents that were laid open. */
static mst_status lay_out_documents(group *g) {
  const int64_t *start = g->batch->text->start + g->first;
  g->unit_ptr[0] = g->token_ptr[0] = g->text_start[0] = 0;
  for (int64_t i = 0; i < g->n; i++) {
    const mst__doc *d = &g->doc[i];
    g->unit_ptr[i + 1] = g->unit_ptr[i] + d->units.n;
    g->token_ptr[i + 1] = g->token_ptr[i] + d->tokens.n;
    g->text_start[i + 1] = start[i + 1] - start[0];
    g->label[i] = d->label;
    g->any_label[i] = d->any_label != 0;
  }
  g->units.n = g->tokens.n = 0;
  if (mst__list_reserve(&g->units, g->unit_ptr[g->n] + 1, sizeof(mst__unit)) ||
      mst__list_reserve(&g->tokens, g->token_ptr[g->n] + 1, sizeof(mst__token)))
    return MST_E_NOMEM;
  for (int64_t i = 0; i < g->n; i++) {
    const mst__doc *d = &g->doc[i];
    if (d->units.n)
      memcpy(MST__AT(g->units, mst__unit, g->unit_ptr[i]), d->units.items,
             (size_t)d->units.n * sizeof(mst__unit));
    if (d->tokens.n)
      memcpy(MST__AT(g->tokens, mst__token, g->token_ptr[i]), d->tokens.items,
             (size_t)d->tokens.n * sizeof(mst__token));
  }
  return MST_OK;
}

/* Find what could be written in the group's documents. */
static mst_status find(group *g) {
  mst_matches m = g->batch->matches;
  const mst_status st = lay_out_documents(g);
  m.n_docs = g->n;
  m.text = g->batch->text->bytes + g->batch->text->start[g->first];
  m.text_start = g->text_start;
  m.unit_ptr = g->unit_ptr;
  m.unit = g->units.items;
  m.token_ptr = g->token_ptr;
  m.token = g->tokens.items;
  m.label = g->label;
  m.any_label = g->any_label;
  mst_match_lists_fini(&g->found);
  return st ? st : mst_matches_find(g->backend, &m, &g->found);
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
  if (!st) st = find(g);
  if (!st) st = side_by_side(g, n_lists, take_list);
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
  g->unit_ptr = mst_alloc(n + 1, sizeof *g->unit_ptr);
  g->token_ptr = mst_alloc(n + 1, sizeof *g->token_ptr);
  g->text_start = mst_alloc(n + 1, sizeof *g->text_start);
  g->label = mst_alloc(n, sizeof *g->label);
  g->any_label = mst_alloc(n, sizeof *g->any_label);
  return g->doc && g->candidate_ptr && g->copy_ptr && g->id && g->limit && g->unit_ptr &&
                 g->token_ptr && g->text_start && g->label && g->any_label
             ? MST_OK
             : MST_E_NOMEM;
}

static void group_fini(group *g) {
  for (int64_t i = 0; g->doc && i < g->most; i++) mst__doc_fini(&g->doc[i]);
  mst_free(g->doc);
  mst_free(g->candidate_ptr);
  mst_free(g->copy_ptr);
  mst_free(g->id);
  mst_free(g->limit);
  mst_free(g->unit_ptr);
  mst_free(g->token_ptr);
  mst_free(g->text_start);
  mst_free(g->label);
  mst_free(g->any_label);
  mst__list_fini(&g->units);
  mst__list_fini(&g->tokens);
  mst_match_lists_fini(&g->found);
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
