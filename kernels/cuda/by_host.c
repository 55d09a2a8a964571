/* by_host.c: the stages that have no kernel yet, done by the host with the CPU's code: what lies on
 * the device is fetched, worked on, and put back. Right, and slower than a kernel: README.md says
 * which stages these are. A stage that gets its kernel leaves this file.
 */
#include <string.h>

#include "cpu/operations.h"
#include "cuda/operations.h"
#include "misstep/alloc.h"

/* The CPU with the caller's threads. It has no state, so it need not be opened. */
static mst_backend host_of(const mst_backend *backend) {
  return (mst_backend){
      .operations = &mst__cpu_operations, .device = "cpu", .n_threads = backend->n_threads};
}

/* Copy count * size bytes at home into new memory of the host; NULL stays NULL. */
static mst_status fetch(mst_backend *backend, const void *home, int64_t count, size_t size,
                        void *out) {
  void *host = NULL;
  if (home) {
    host = mst_alloc((size_t)count, size);
    if (!host) return MST_E_NOMEM;
    const mst_status st = mst__cuda_to_host(backend, host, home, (size_t)count * size);
    if (st) {
      mst_free(host);
      return st;
    }
  }
  memcpy(out, &host, sizeof host);
  return MST_OK;
}

/* The other way; the host's memory stays the caller's. */
static mst_status bring(mst_backend *backend, const void *host, int64_t count, size_t size,
                        void *out) {
  void *home = mst__cuda_alloc(backend, (size_t)count, size);
  if (!home) return mst_error_last()->status;
  const mst_status st = mst__cuda_to_home(backend, home, host, (size_t)count * size);
  if (st) mst__cuda_free(backend, home);
  else memcpy(out, &home, sizeof home);
  return st;
}

static void sequences_free(mst_sequences *s) {
  mst_free((void *)s->ptr);
  mst_free((void *)s->id);
}

static mst_status fetch_sequences(mst_backend *backend, const mst_sequences *home,
                                  mst_sequences *out) {
  mst_sequences s = *home;
  s.ptr = NULL;
  s.id = NULL;
  mst_status st = fetch(backend, home->ptr, home->n_items + 1, sizeof *home->ptr, &s.ptr);
  if (!st) st = fetch(backend, home->id, home->n_positions, sizeof *home->id, &s.id);
  if (st) sequences_free(&s);
  else *out = s;
  return st;
}

/* Sequences or n-grams of the host to home: ptr and id, freed here in either case. */
static mst_status bring_lists(mst_backend *backend, int64_t n_items, int64_t n_ids, int64_t **ptr,
                              int32_t **id) {
  int64_t *home_ptr = NULL;
  int32_t *home_id = NULL;
  mst_status st = bring(backend, *ptr, n_items + 1, sizeof **ptr, &home_ptr);
  if (!st) st = bring(backend, *id, n_ids, sizeof **id, &home_id);
  mst_free(*ptr);
  mst_free(*id);
  *ptr = home_ptr;
  *id = home_id;
  if (!st) return MST_OK;
  mst__cuda_free(backend, home_ptr);
  *ptr = NULL;
  *id = NULL;
  return st;
}

static mst_status bring_sequences(mst_backend *backend, mst_sequences *s) {
  int64_t *ptr = (int64_t *)s->ptr;
  int32_t *id = (int32_t *)s->id;
  const mst_status st = bring_lists(backend, s->n_items, s->n_positions, &ptr, &id);
  s->ptr = ptr;
  s->id = id;
  return st;
}

static mst_status bring_grams(mst_backend *backend, mst_grams *grams) {
  grams->home = backend;
  return bring_lists(backend, grams->n_items, grams->n_grams, &grams->ptr, &grams->id);
}

static void tokens_arrays_free(mst_tokens *t) {
  mst_free(t->doc_ptr);
  mst_free(t->id);
}

/* A view of tokens whose arrays are copies in the host's memory. */
static mst_status fetch_tokens(mst_backend *backend, const mst_tokens *home, mst_tokens *out) {
  mst_tokens t = *home;
  t.doc_ptr = NULL;
  t.id = NULL;
  mst_status st = fetch(backend, home->doc_ptr, home->n_docs + 1, sizeof *t.doc_ptr, &t.doc_ptr);
  if (!st) st = fetch(backend, home->id, home->n_tokens, sizeof *t.id, &t.id);
  if (st) tokens_arrays_free(&t);
  else *out = t;
  return st;
}

mst_status mst__cuda_items_take(mst_backend *backend, const mst_tokens *tokens, const int64_t *rows,
                                int64_t n_rows, const uint8_t *drop, mst_sequences *out) {
  mst_backend host = host_of(backend);
  mst_tokens t;
  mst_sequences items;
  mst_status st = fetch_tokens(backend, tokens, &t);
  if (st) return st;
  st = mst__cpu_items_take(&host, &t, rows, n_rows, drop, &items);
  tokens_arrays_free(&t);
  if (!st) st = bring_sequences(backend, &items);
  if (!st) *out = items;
  return st;
}

mst_status mst__cuda_items_words(mst_backend *backend, const mst_tokens *tokens,
                                 const int64_t *rows, int64_t n_rows, mst_sequences *out,
                                 mst_strings *spelling) {
  mst_backend host = host_of(backend);
  mst_tokens t;
  mst_sequences items;
  mst_strings units;
  mst_status st = fetch_tokens(backend, tokens, &t);
  if (st) return st;
  st = mst__cpu_items_words(&host, &t, rows, n_rows, &items, &units);
  tokens_arrays_free(&t);
  if (st) return st;
  st = bring_sequences(backend, &items);
  if (st) {
    mst_strings_fini(&units);
    return st;
  }
  *out = items;
  *spelling = units;
  return MST_OK;
}

mst_status mst__cuda_items_copy(mst_backend *backend, const mst_sequences *items,
                                mst_grams *grams) {
  mst_sequences host;
  const mst_status st = fetch_sequences(backend, items, &host);
  if (st) return st;
  mst_grams copy = {.n_items = items->n_items,
                    .ptr = (int64_t *)host.ptr,
                    .id = (int32_t *)host.id,
                    .n_grams = items->n_positions};
  const mst_status brought = bring_grams(backend, &copy);
  if (!brought) *grams = copy;
  return brought;
}

mst_status mst__cuda_ngrams_rank(mst_backend *backend, const mst_sequences *items, int32_t n_min,
                                 int32_t n_max, int whole, mst_grams *grams,
                                 mst_gram_table *table) {
  mst_backend host = host_of(backend);
  mst_sequences s;
  mst_grams made;
  mst_gram_table nodes;
  mst_status st = fetch_sequences(backend, items, &s);
  if (st) return st;
  st = mst__cpu_ngrams_rank(&host, &s, n_min, n_max, whole, &made, &nodes);
  sequences_free(&s);
  if (st) return st;
  st = bring_grams(backend, &made);
  if (st) {
    mst_gram_table_fini(&nodes);
    return st;
  }
  *grams = made;
  *table = nodes;
  return MST_OK;
}

mst_status mst__cuda_ngrams_find(mst_backend *backend, const mst_sequences *items,
                                 const mst_gram_tree *tree, const int32_t *unit_map, int32_t n_min,
                                 int32_t n_max, int whole, mst_grams *grams) {
  mst_backend host = host_of(backend);
  mst_sequences s;
  mst_grams made;
  mst_status st = fetch_sequences(backend, items, &s);
  if (st) return st;
  st = mst__cpu_ngrams_find(&host, &s, tree, unit_map, n_min, n_max, whole, &made);
  sequences_free(&s);
  if (!st) st = bring_grams(backend, &made);
  if (!st) *grams = made;
  return st;
}

mst_status mst__cuda_grams_remap(mst_backend *backend, mst_grams *grams, const int32_t *map,
                                 int64_t n_terms) {
  mst_backend host = host_of(backend);
  mst_grams g = {.n_grams = grams->n_grams};
  mst_status st = fetch(backend, grams->id, grams->n_grams, sizeof *g.id, &g.id);
  if (!st) st = mst__cpu_grams_remap(&host, &g, map, n_terms);
  if (!st)
    st = mst__cuda_to_home(backend, grams->id, g.id, (size_t)grams->n_grams * sizeof *grams->id);
  mst_free(g.id);
  return st;
}

static void rows_arrays_free(mst_rows *rows) {
  sequences_free(&rows->grams);
  mst_free((void *)rows->doc);
  mst_free((void *)rows->doc_ptr);
  mst_free((void *)rows->item);
}

/* Documents up to which doc_ptr is read. */
static int64_t docs_of(const mst_rows *rows, const int64_t *doc) {
  int64_t n = doc ? 0 : rows->n_rows;
  for (int64_t r = 0; doc && r < rows->n_rows; r++)
    if (doc[r] >= n) n = doc[r] + 1;
  return n;
}

static mst_status fetch_rows(mst_backend *backend, const mst_rows *home, mst_rows *out) {
  mst_rows r = {.n_rows = home->n_rows, .n_listed = home->n_listed};
  mst_status st = fetch_sequences(backend, &home->grams, &r.grams);
  if (!st) st = fetch(backend, home->doc, home->n_rows, sizeof *r.doc, &r.doc);
  if (!st)
    st = fetch(backend, home->doc_ptr, docs_of(home, r.doc) + 1, sizeof *r.doc_ptr, &r.doc_ptr);
  if (!st) st = fetch(backend, home->item, home->n_listed, sizeof *r.item, &r.item);
  if (st) rows_arrays_free(&r);
  else *out = r;
  return st;
}

mst_status mst__cuda_rows_longest(mst_backend *backend, const mst_rows *rows, int64_t *longest) {
  mst_backend host = host_of(backend);
  mst_rows r;
  mst_status st = fetch_rows(backend, rows, &r);
  if (st) return st;
  st = mst__cpu_rows_longest(&host, &r, longest);
  rows_arrays_free(&r);
  return st;
}

mst_status mst__cuda_rows_count(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                                int64_t *row_ptr, int64_t *n_entries, int64_t *doc_freq,
                                int64_t *term_freq) {
  mst_backend host = host_of(backend);
  mst_rows r;
  mst_status st = fetch_rows(backend, rows, &r);
  if (st) return st;
  int64_t *ptr = mst_alloc((size_t)rows->n_rows + 1, sizeof *ptr);
  st = ptr ? mst__cpu_rows_count(&host, &r, n_terms, ptr, n_entries, doc_freq, term_freq)
           : MST_E_NOMEM;
  if (!st) st = mst__cuda_to_home(backend, row_ptr, ptr, (size_t)(rows->n_rows + 1) * sizeof *ptr);
  mst_free(ptr);
  rows_arrays_free(&r);
  return st;
}

/* A host's matrix of the shape and row_ptr of one at home; NULL stays empty. */
static mst_status mirror(mst_backend *backend, const mst_csr *home, int64_t n_entries,
                         mst_csr *out) {
  if (!home) return MST_OK;
  mst_csr x;
  mst_status st = mst_csr_init(&x, home->n_rows, home->n_cols, n_entries, home->dtype);
  if (st) return st;
  st = mst__cuda_to_host(backend, x.row_ptr, home->row_ptr,
                         (size_t)(x.n_rows + 1) * sizeof *x.row_ptr);
  if (st) mst_csr_fini(&x);
  else *out = x;
  return st;
}

/* Write col and val of a host's matrix into its original. */
static mst_status write_back(mst_backend *backend, const mst_csr *host, int64_t n_entries,
                             const mst_csr *home) {
  if (!home) return MST_OK;
  const size_t width = (size_t)mst_dtype_bytes(host->dtype);
  const mst_status st =
      mst__cuda_to_home(backend, home->col, host->col, (size_t)n_entries * sizeof *host->col);
  return st ? st : mst__cuda_to_home(backend, home->val, host->val, (size_t)n_entries * width);
}

mst_status mst__cuda_rows_fill(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                               int64_t n_entries, const mst_weighing *weighing, mst_csr *counts,
                               mst_csr *x) {
  mst_backend host = host_of(backend);
  mst_rows r;
  mst_csr c = {0}, w = {0};
  mst_status st = fetch_rows(backend, rows, &r);
  if (st) return st;
  st = mirror(backend, counts, n_entries, &c);
  if (!st) st = mirror(backend, x, n_entries, &w);
  if (!st)
    st = mst__cpu_rows_fill(&host, &r, n_terms, n_entries, weighing, counts ? &c : NULL,
                            x ? &w : NULL);
  if (!st) st = write_back(backend, &c, n_entries, counts);
  if (!st) st = write_back(backend, &w, n_entries, x);
  mst_csr_fini(&c);
  mst_csr_fini(&w);
  rows_arrays_free(&r);
  return st;
}

/* All of a matrix at home. */
static mst_status fetch_csr(mst_backend *backend, const mst_csr *home, mst_csr *out) {
  mst_csr x = {.n_rows = home->n_rows, .n_cols = home->n_cols, .dtype = home->dtype};
  mst_status st = fetch(backend, home->row_ptr, home->n_rows + 1, sizeof *x.row_ptr, &x.row_ptr);
  const int64_t n = st ? 0 : x.row_ptr[x.n_rows];
  if (!st) st = fetch(backend, home->col, n, sizeof *x.col, &x.col);
  if (!st) st = fetch(backend, home->val, n, (size_t)mst_dtype_bytes(x.dtype), &x.val);
  if (st) mst_csr_fini(&x);
  else *out = x;
  return st;
}

mst_status mst__cuda_counts_weigh(mst_backend *backend, const mst_csr *counts,
                                  const mst_weighing *weighing, mst_dtype dtype, mst_csr *out) {
  mst_backend host = host_of(backend);
  mst_csr c, x, home = {0};
  mst_status st = fetch_csr(backend, counts, &c);
  if (st) return st;
  st = mst__cpu_counts_weigh(&host, &c, weighing, dtype, &x);
  mst_csr_fini(&c);
  if (st) return st;
  const int64_t n = x.row_ptr[x.n_rows];
  st = bring(backend, x.row_ptr, x.n_rows + 1, sizeof *x.row_ptr, &home.row_ptr);
  if (!st) st = bring(backend, x.col, n, sizeof *x.col, &home.col);
  if (!st) st = bring(backend, x.val, n, (size_t)mst_dtype_bytes(dtype), &home.val);
  if (!st) {
    *out = (mst_csr){x.n_rows, x.n_cols, home.row_ptr, home.col, home.val, dtype};
  } else {
    mst__cuda_free(backend, home.row_ptr);
    mst__cuda_free(backend, home.col);
  }
  mst_csr_fini(&x);
  return st;
}

mst_status mst__cuda_counts_by_class(mst_backend *backend, const mst_csr *counts,
                                     const int32_t *label, int32_t n_classes, int64_t *observed,
                                     int64_t *rows_of) {
  mst_backend host = host_of(backend);
  mst_csr c;
  mst_status st = fetch_csr(backend, counts, &c);
  if (st) return st;
  st = mst__cpu_counts_by_class(&host, &c, label, n_classes, observed, rows_of);
  mst_csr_fini(&c);
  return st;
}
