/* shards.c: shards side by side, rows dealt out to them, matrices put together again. */
#include "features/shards.h"

#include <omp.h>
#include <string.h>

mst_status mst__shards_run(mst_backend *backend, int n, mst__shard_fn *work, void *payload) {
  mst_backend *home[MST__SHARDS_MAX];
  mst_error failed[MST__SHARDS_MAX];
  const int n_threads = mst_backend_threads(backend), n_levels = omp_get_max_active_levels();
  int i = 0;
  for (mst_backend *b = backend; b && i < n; b = mst_backend_next(b), i++) {
    home[i] = b;
    failed[i].status = MST_OK;
    mst_backend_set_threads(b, n_threads > n ? n_threads / n : 1);
  }
  if (n_levels < 2) omp_set_max_active_levels(2); /* a shard's host work has threads of its own */
#pragma omp parallel for schedule(dynamic, 1) num_threads(n_threads < n ? n_threads : n)
  for (int k = 0; k < n; k++)
    if (work(payload, k)) failed[k] = *mst_error_last();
  omp_set_max_active_levels(n_levels);
  for (int k = 0; k < n; k++) mst_backend_set_threads(home[k], n_threads);
  for (int k = 0; k < n; k++)
    if (failed[k].status)
      return mst_error_set(failed[k].status, failed[k].function, "%s", failed[k].message);
  return MST_OK;
}

/* Give every row its shard; returns the first row that no shard has, or n_rows. */
static int64_t name_shards(mst__split *split, const int64_t *first, const int64_t *rows) {
  const int n = split->n_shards;
  int s = 0;
  for (int64_t r = 0; r < split->n_rows; r++) {
    const int64_t d = rows ? rows[r] : r;
    if (d < 0 || d >= first[n]) return r;
    if (d < first[s]) s = 0; /* rows mostly rise */
    while (d >= first[s + 1]) s++;
    split->shard[r] = s;
    split->begin[s + 1]++;
  }
  return split->n_rows;
}

mst_status mst__split_init(mst__split *out, const mst_corpus *corpus, const int64_t *rows,
                           int64_t n_rows) {
  int64_t first[MST__SHARDS_MAX + 1] = {0}, at[MST__SHARDS_MAX];
  mst__split split = {.n_shards = mst__corpus_n_shards(corpus)};
  for (int i = 0; i < split.n_shards; i++)
    first[i + 1] = first[i] + mst_corpus_n_docs(mst__corpus_shard(corpus, i));
  split.n_rows = rows ? n_rows : first[split.n_shards];
  split.shard = mst_alloc((size_t)split.n_rows, sizeof *split.shard);
  split.local = mst_alloc((size_t)split.n_rows, sizeof *split.local);
  if (!split.shard || !split.local) {
    mst__split_fini(&split);
    return MST_E_NOMEM;
  }
  const int64_t bad = name_shards(&split, first, rows);
  if (rows && bad < split.n_rows) { /* all rows of the corpus are in it */
    const int64_t n_docs = first[split.n_shards];
    mst__split_fini(&split);
    return MST_FAIL(MST_E_ARG, "row %lld of a corpus with %lld documents", (long long)rows[bad],
                    (long long)n_docs);
  }
  for (int i = 0; i < split.n_shards; i++) {
    split.begin[i + 1] += split.begin[i];
    at[i] = split.begin[i];
  }
  for (int64_t r = 0; r < split.n_rows; r++)
    split.local[at[split.shard[r]]++] = (rows ? rows[r] : r) - first[split.shard[r]];
  *out = split;
  return MST_OK;
}

void mst__split_fini(mst__split *split) {
  mst_free(split->shard);
  mst_free(split->local);
  *split = (mst__split){0};
}

/* Write the joined row_ptr, and to from[r] where row r's entries stand in its shard's matrix. */
static void place_rows(const mst__split *split, const mst_csr *part, int64_t *from,
                       int64_t *row_ptr) {
  int64_t at[MST__SHARDS_MAX] = {0};
  row_ptr[0] = 0;
  for (int64_t r = 0; r < split->n_rows; r++) {
    const int s = split->shard[r];
    const int64_t *ptr = part[s].row_ptr;
    from[r] = ptr ? ptr[at[s]] : 0;
    row_ptr[r + 1] = row_ptr[r] + (ptr ? ptr[at[s] + 1] - from[r] : 0);
    at[s]++;
  }
}

mst_status mst__split_join(const mst__split *split, const mst_csr *part, int64_t n_cols,
                           mst_dtype dtype, int n_threads, mst_csr *out) {
  mst_csr x = {0};
  int64_t *from = mst_alloc((size_t)split->n_rows, sizeof *from), n_entries = 0;
  if (!from) return MST_E_NOMEM;
  for (int s = 0; s < split->n_shards; s++)
    if (part[s].row_ptr) n_entries += part[s].row_ptr[part[s].n_rows];
  const mst_status st = mst_csr_init(&x, split->n_rows, n_cols, n_entries, dtype);
  if (!st) {
    const size_t size = (size_t)mst_dtype_bytes(dtype);
    place_rows(split, part, from, x.row_ptr);
#pragma omp parallel for schedule(static) num_threads(n_threads)
    for (int64_t r = 0; r < split->n_rows; r++) {
      const mst_csr *p = &part[split->shard[r]];
      const size_t to = (size_t)x.row_ptr[r], n = (size_t)x.row_ptr[r + 1] - to;
      if (!n) continue;
      memcpy(x.col + to, p->col + from[r], n * sizeof *x.col);
      memcpy((char *)x.val + to * size, (const char *)p->val + (size_t)from[r] * size, n * size);
    }
    *out = x;
  }
  mst_free(from);
  return st;
}
