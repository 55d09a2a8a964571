/* lists.c: runs a pass over items with one table per thread, puts the threads' lists together. */
#include "cpu/lists.h"

#include <math.h>
#include <omp.h>
#include <stdatomic.h>

#include "base/pattern.h"

enum { FIRST_VALUES = 1 << 14, BLOCKS_PER_THREAD = 32, MAX_BLOCK = 8192 };

/* Items [first, last) were done by one thread, whose values from `from` on are theirs. */
typedef struct block {
  int64_t first, last;
  int64_t from, n;
  int64_t to; /* where they go in the result */
  int thread;
} block;

typedef struct pass {
  const mst__job *job;
  int n_threads;
  mst__worker *worker; /* [n_threads] */
  mst_error *error;    /* [n_threads] the failure of the thread's lowest block */
  int64_t *bad;        /* [n_threads] that block, or INT64_MAX */
  block *blocks;       /* [n_blocks] */
  int64_t n_blocks;
  atomic_llong first_bad; /* lowest block that failed so far: later ones need not run */
} pass;

static mst_status worker_reserve(mst__worker *w, int64_t capacity) {
  if (capacity <= w->capacity) return MST_OK;
  uint32_t *value = mst_realloc(w->value, (size_t)capacity, sizeof *value);
  if (!value) return MST_E_NOMEM;
  w->value = value;
  w->capacity = capacity;
  return MST_OK;
}

mst_status mst__worker_grow(mst__worker *w) {
  return worker_reserve(w, w->capacity < FIRST_VALUES / 2 ? FIRST_VALUES : w->capacity * 2);
}

/* What is looked up: the spelling's slot and hash, once all pending ones have theirs. */
typedef struct wanted {
  mst__slot slot;
  uint64_t hash;
} wanted;

mst_status mst__worker_flush(mst__worker *w) {
  const mst__intern *t = &w->table;
  const int n = w->n_pending;
  uint32_t *value = w->value + (w->n - n);
  wanted want[MST__PENDING];
  for (int i = 0; i < n; i++) {
    const mst__pending e = w->pending[i];
    mst__slot *s = &want[i].slot;
    *s = (mst__slot){.len = mst__slot_len(e.len)};
    mst__slot_words(s, e.p, e.len, w->base_end - e.p);
    want[i].hash = mst__slot_hash(s->w0, s->w1, s->len);
    if (t->slot) __builtin_prefetch(&t->slot[want[i].hash & t->mask]);
  }
  for (int i = 0; i < n; i++) {
    const mst__pending *e = &w->pending[i];
    uint32_t id = 0;
    const mst_status st =
        mst__intern_find(&w->table, &want[i].slot, want[i].hash, e->p, e->len, &id);
    if (st) return st;
    value[i] |= id << w->flag_bits;
  }
  w->n_pending = 0;
  return MST_OK;
}

static void worker_init(mst__worker *w, const mst__job *job) {
  *w = (mst__worker){.flag_bits = job->flag_bits, .base_end = job->base_end};
  mst__intern_init(&w->table, job->base);
  mst_buffer_init(&w->text, SIZE_MAX / 4, "a document");
  mst_buffer_init(&w->changed, SIZE_MAX / 4, "a preprocessed document");
}

static void worker_fini(mst__worker *w) {
  mst__intern_fini(&w->table);
  mst_free(w->value);
  mst_buffer_fini(&w->text);
  mst_buffer_fini(&w->changed);
  mst__match_free(w->match);
}

static mst_status run_block(pass *s, mst__worker *w, block *b, int64_t *ptr) {
  b->from = w->n;
  for (int64_t i = b->first; i < b->last; i++) {
    const int64_t before = w->n;
    const mst_status st = s->job->fn(s->job->payload, w, i);
    if (st) return st;
    ptr[i + 1] = w->n - before;
  }
  b->n = w->n - b->from;
  return mst__worker_flush(w);
}

/* One thread's share: blocks in rising order. Every block below the lowest failing one is run, so
 * the failure that is reported does not depend on the threads. */
static void run_thread(pass *s, int thread, atomic_llong *next, int64_t *ptr) {
  mst__intern_ready(&s->worker[thread].table);
  for (;;) {
    const int64_t i = atomic_fetch_add(next, 1);
    if (i >= s->n_blocks || i > atomic_load(&s->first_bad)) return;
    s->blocks[i].thread = thread;
    if (!run_block(s, &s->worker[thread], &s->blocks[i], ptr)) continue;
    s->error[thread] = *mst_error_last();
    s->bad[thread] = i;
    long long lowest = atomic_load(&s->first_bad);
    while (i < lowest && !atomic_compare_exchange_weak(&s->first_bad, &lowest, i)) continue;
    return;
  }
}

/* Report the failure of the lowest block on the calling thread. */
static mst_status pass_status(const pass *s) {
  int worst = 0;
  for (int t = 1; t < s->n_threads; t++)
    if (s->bad[t] < s->bad[worst]) worst = t;
  if (s->bad[worst] == INT64_MAX) return MST_OK;
  const mst_error *e = &s->error[worst];
  return mst_error_set(e->status, e->function, "%s", e->message);
}

static mst_status pass_run(pass *s, int64_t *ptr) {
  atomic_llong next = 0;
#pragma omp parallel num_threads(s->n_threads)
  run_thread(s, omp_get_thread_num(), &next, ptr);
  return pass_status(s);
}

int64_t mst__keys_of_part(int64_t n, int n_threads) {
  return (int64_t)((double)n / sqrt((double)n_threads));
}

static mst_status pass_init(pass *s, const mst__job *job, int n_threads) {
  int64_t size = job->n_items / ((int64_t)n_threads * BLOCKS_PER_THREAD) + 1;
  if (size > MAX_BLOCK) size = MAX_BLOCK;
  const int64_t n_blocks = (job->n_items + size - 1) / size;
  if (n_threads > n_blocks) n_threads = n_blocks ? (int)n_blocks : 1;
  *s = (pass){.job = job, .n_threads = n_threads, .n_blocks = n_blocks};
  atomic_init(&s->first_bad, INT64_MAX);
  s->worker = mst_alloc_zero((size_t)n_threads, sizeof *s->worker);
  s->error = s->worker ? mst_alloc_zero((size_t)n_threads, sizeof *s->error) : NULL;
  s->bad = s->error ? mst_alloc((size_t)n_threads, sizeof *s->bad) : NULL;
  s->blocks = s->bad ? mst_alloc_zero((size_t)n_blocks, sizeof *s->blocks) : NULL;
  if (!s->blocks) return MST_E_NOMEM;
  for (int t = 0; t < n_threads; t++) {
    worker_init(&s->worker[t], job);
    s->bad[t] = INT64_MAX;
  }
  /* By this thread, so that it is this thread's to use again: the C library keeps memory by
   * thread. */
  for (int t = 0; t < n_threads; t++)
    if (worker_reserve(&s->worker[t], job->n_values / n_threads + 1) || /* never without memory */
        mst__intern_reserve(&s->worker[t].table, job->n_keys))
      return MST_E_NOMEM;
  for (int64_t i = 0; i < n_blocks; i++) {
    s->blocks[i].first = i * size;
    s->blocks[i].last = (i + 1) * size < job->n_items ? (i + 1) * size : job->n_items;
  }
  return MST_OK;
}

static void pass_fini(pass *s) {
  for (int t = 0; s->worker && t < s->n_threads; t++) worker_fini(&s->worker[t]);
  mst_free(s->worker);
  mst_free(s->error);
  mst_free(s->bad);
  mst_free(s->blocks);
}

/* Copy the values of all blocks to their places, ids replaced by ranks, and turn counts into
 * offsets. */
static void pass_gather(const pass *s, const uint32_t *rank, const int64_t *base, int64_t *ptr,
                        uint32_t *value) {
  const int bits = s->job->flag_bits;
  const uint32_t flags = (1u << bits) - 1;
#pragma omp parallel for schedule(dynamic, 1) num_threads(s->n_threads)
  for (int64_t i = 0; i < s->n_blocks; i++) {
    const block *b = &s->blocks[i];
    const uint32_t *from = s->worker[b->thread].value + b->from;
    const uint32_t *map = rank + base[b->thread];
    uint32_t *to = value + b->to;
    for (int64_t k = 0; k < b->n; k++) to[k] = map[from[k] >> bits] << bits | (from[k] & flags);
    int64_t at = b->to;
    for (int64_t d = b->first; d < b->last; d++) ptr[d + 1] = at += ptr[d + 1];
  }
}

/* Number the spellings and gather the lists; out's arrays are freed by the caller on failure. */
static mst_status pass_finish(pass *s, mst__lists *out) {
  int64_t n_keys = 0, n_values = 0;
  int64_t *base = mst_alloc((size_t)s->n_threads, sizeof *base);
  uint32_t *rank = NULL;
  mst_status st = MST_E_NOMEM;
  if (!base) goto done;
  for (int t = 0; t < s->n_threads; t++) {
    base[t] = n_keys;
    n_keys += s->worker[t].table.n;
  }
  for (int64_t i = 0; i < s->n_blocks; i++) {
    s->blocks[i].to = n_values;
    n_values += s->blocks[i].n;
  }
  rank = mst_alloc((size_t)n_keys, sizeof *rank);
  if (!rank) goto done;
  st = mst__intern_merge(s->worker, s->n_threads, s->n_threads, &out->types, rank);
  if (st) goto done;
  out->value = mst_alloc((size_t)n_values, sizeof *out->value);
  st = out->value ? MST_OK : MST_E_NOMEM;
  if (!st) pass_gather(s, rank, base, out->ptr, out->value);
done:
  mst_free(base);
  mst_free(rank);
  return st;
}

mst_status mst__lists_create(const mst__job *job, int n_threads, mst__lists *out) {
  pass s;
  mst__lists lists = {.n_items = job->n_items};
  /* What stays is made before what goes, which leaves one hole that a later matrix fits into. */
  lists.ptr = mst_alloc((size_t)job->n_items + 1, sizeof *lists.ptr);
  if (lists.ptr) lists.ptr[0] = 0;
  mst_status st = pass_init(&s, job, n_threads);
  if (!st) st = lists.ptr ? pass_run(&s, lists.ptr) : MST_E_NOMEM;
  if (!st) st = pass_finish(&s, &lists);
  if (st) goto done;
  *out = lists;
  lists = (mst__lists){0};
done:
  mst__lists_fini(&lists);
  pass_fini(&s);
  return st;
}

void mst__lists_fini(mst__lists *lists) {
  mst_free(lists->ptr);
  mst_free(lists->value);
  mst_strings_fini(&lists->types);
  *lists = (mst__lists){0};
}
