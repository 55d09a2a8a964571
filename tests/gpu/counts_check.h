/* counts_check.h: one step after the other on the device and on the CPU, and both results the same
 * bytes, for test_cuda_counts.c. Include after counts_data.h. */
#ifndef MISSTEP_TEST_COUNTS_CHECK_H
#define MISSTEP_TEST_COUNTS_CHECK_H

#include "counts_data.h"

/* The two backends, and the steps' size of the one. */
typedef struct pair {
  mst_backend *device, *cpu;
} pair;

static inline pair pair_open(const char *batch_bytes) {
  return (pair){open_device(batch_bytes), open_named("cpu")};
}

static inline void pair_close(pair *b) {
  mst_backend_close(b->device);
  mst_backend_close(b->cpu);
}

/* A matrix with its arrays at home. */
static inline mst_csr csr_at_home(mst_backend *backend, int64_t n_rows, int64_t n_cols,
                                  int64_t n_entries, mst_dtype dtype, int64_t *row_ptr) {
  mst_csr x = {n_rows, n_cols, row_ptr, NULL, NULL, dtype};
  x.col = mst_backend_alloc(backend, (size_t)n_entries, 4);
  x.val = mst_backend_alloc(backend, (size_t)n_entries, (size_t)mst_dtype_bytes(dtype));
  assert_true(x.col && x.val);
  return x;
}

static inline void csr_free(mst_backend *backend, mst_csr *x) {
  mst_backend_free(backend, x->row_ptr);
  mst_backend_free(backend, x->col);
  mst_backend_free(backend, x->val);
}

static inline void assert_same_csr(mst_backend *device, const mst_csr *got, const mst_csr *want) {
  const int64_t n = want->row_ptr[want->n_rows];
  assert_int_equal(got->n_rows, want->n_rows);
  assert_int_equal(got->n_cols, want->n_cols);
  assert_int_equal(got->dtype, want->dtype);
  assert_home_equal(device, got->row_ptr, want->row_ptr, (want->n_rows + 1) * 8);
  assert_home_equal(device, got->col, want->col, n * 4);
  assert_home_equal(device, got->val, want->val, n * mst_dtype_bytes(want->dtype));
}

/* Rows on both sides, and what they count up to. */
typedef struct counted {
  mst_rows device, cpu;
  int64_t n_terms, n_entries, longest;
  int64_t *d_row_ptr, *row_ptr; /* at home, twice */
  double *tf, *idf;             /* tables for any count and term; every fifth idf is 0 */
} counted;

static inline void count_rows(const pair *b, counted *c) {
  const size_t n_terms = (size_t)c->n_terms;
  int64_t *freq[4], n = -1, longest = -1;
  for (int k = 0; k < 4; k++) freq[k] = must_malloc(n_terms * 8);
  c->d_row_ptr = mst_backend_alloc(b->device, (size_t)c->cpu.n_rows + 1, 8);
  c->row_ptr = mst_backend_alloc(b->cpu, (size_t)c->cpu.n_rows + 1, 8);
  must(mst_rows_longest(b->cpu, &c->cpu, &c->longest));
  must(mst_rows_longest(b->device, &c->device, &longest));
  assert_int_equal(longest, c->longest);
  must(mst_rows_count(b->cpu, &c->cpu, c->n_terms, c->row_ptr, &c->n_entries, freq[0], freq[1]));
  must(mst_rows_count(b->device, &c->device, c->n_terms, c->d_row_ptr, &n, freq[2], freq[3]));
  assert_int_equal(n, c->n_entries);
  assert_memory_equal(freq[2], freq[0], n_terms * 8);
  assert_memory_equal(freq[3], freq[1], n_terms * 8);
  must(mst_rows_count(b->device, &c->device, c->n_terms, c->d_row_ptr, &n, NULL, freq[2]));
  assert_memory_equal(freq[2], freq[1], n_terms * 8);
  must(mst_rows_count(b->device, &c->device, c->n_terms, c->d_row_ptr, &n, NULL, NULL));
  assert_home_equal(b->device, c->d_row_ptr, c->row_ptr, (c->cpu.n_rows + 1) * 8);
  for (int k = 0; k < 4; k++) free(freq[k]);
}

static inline void make_tables(counted *c) {
  c->tf = must_malloc(((size_t)c->longest + 1) * 8);
  c->idf = must_malloc((size_t)c->n_terms * 8);
  for (int64_t k = 0; k <= c->longest; k++) c->tf[k] = 1.0 + (double)k / 3.0;
  for (int64_t t = 0; t < c->n_terms; t++) c->idf[t] = t % 5 ? 1.0 + 7.0 / (double)(t + 3) : 0.0;
}

static inline void counted_free(const pair *b, counted *c) {
  mst_backend_free(b->device, c->d_row_ptr);
  mst_backend_free(b->cpu, c->row_ptr);
  free(c->tf);
  free(c->idf);
}

/* Weighing number k of WEIGHINGS: everything that can be said in it, not every combination. */
enum { WEIGHINGS = 12 };

static inline mst_weighing weighing_of(const counted *c, int k) {
  return (mst_weighing){.idf = k & 1 ? c->idf : NULL,
                        .tf = k & 2 ? c->tf : NULL,
                        .binary = k % 5 == 0,
                        .relative = k % 4 == 3,
                        .norm = k % 3};
}

/* Fill on one side: counts, weights or both. row_ptr stays the caller's. */
static inline void fill(mst_backend *backend, const mst_rows *rows, const counted *c,
                        int64_t *row_ptr, int k, mst_csr *counts, mst_csr *x) {
  const mst_weighing weighing = weighing_of(c, k);
  const mst_dtype dtype = k / 3 % 2 ? MST_FLOAT64 : MST_FLOAT32;
  *counts = csr_at_home(backend, rows->n_rows, c->n_terms, c->n_entries, MST_INT32, row_ptr);
  *x = csr_at_home(backend, rows->n_rows, c->n_terms, c->n_entries, dtype, row_ptr);
  must(mst_rows_fill(backend, rows, c->n_terms, c->n_entries, &weighing, k % 4 ? counts : NULL,
                     k % 4 == 1 ? NULL : x));
}

static inline void check_fill(const pair *b, counted *c, int k) {
  mst_csr counts[2], x[2];
  fill(b->device, &c->device, c, c->d_row_ptr, k, &counts[0], &x[0]);
  fill(b->cpu, &c->cpu, c, c->row_ptr, k, &counts[1], &x[1]);
  if (k % 4) assert_same_csr(b->device, &counts[0], &counts[1]);
  if (k % 4 != 1) assert_same_csr(b->device, &x[0], &x[1]);
  for (int side = 0; side < 2; side++) {
    counts[side].row_ptr = x[side].row_ptr = NULL;
    csr_free(side ? b->cpu : b->device, &counts[side]);
    csr_free(side ? b->cpu : b->device, &x[side]);
  }
}

/* Counts as class tables and as weights; both sides hold the same counts. */
static inline void check_counts(const pair *b, const counted *c, const mst_csr *device,
                                const mst_csr *cpu) {
  enum { CLASSES = 5 }; /* class 2 has no rows */
  const size_t n_rows = (size_t)cpu->n_rows, n = CLASSES * (size_t)cpu->n_cols;
  int32_t *label = must_malloc(n_rows * 4);
  int64_t *got = must_malloc(n * 8), *want = must_malloc(n * 8), rows_got[CLASSES],
          rows_want[CLASSES];
  for (size_t r = 0; r < n_rows; r++) label[r] = r % 4 == 2 ? 4 : (int32_t)(r % 4);
  must(mst_counts_by_class(b->cpu, cpu, label, CLASSES, want, rows_want));
  must(mst_counts_by_class(b->device, device, label, CLASSES, got, rows_got));
  assert_memory_equal(got, want, n * 8);
  assert_memory_equal(rows_got, rows_want, sizeof rows_want);
  for (int k = 0; k < WEIGHINGS; k++) {
    const mst_weighing weighing = weighing_of(c, k);
    const mst_dtype dtype = k / 3 % 2 ? MST_FLOAT64 : MST_FLOAT32;
    mst_csr x[2];
    must(mst_counts_weigh(b->device, device, &weighing, dtype, &x[0]));
    must(mst_counts_weigh(b->cpu, cpu, &weighing, dtype, &x[1]));
    assert_same_csr(b->device, &x[0], &x[1]);
    csr_free(b->device, &x[0]);
    csr_free(b->cpu, &x[1]);
  }
  free(label);
  free(got);
  free(want);
}

/* Everything that is made of rows. full: all weighings, and what is made of counts. */
static inline void check_rows(const pair *b, const mst_rows *device, const mst_rows *cpu,
                              int64_t n_terms, int full) {
  counted c = {.device = *device, .cpu = *cpu, .n_terms = n_terms};
  count_rows(b, &c);
  make_tables(&c);
  for (int k = full ? 0 : 3; k < (full ? WEIGHINGS : 5); k++) check_fill(b, &c, k);
  if (full) {
    mst_csr counts[2], x[2];
    fill(b->device, device, &c, c.d_row_ptr, 1, &counts[0], &x[0]);
    fill(b->cpu, cpu, &c, c.row_ptr, 1, &counts[1], &x[1]);
    check_counts(b, &c, &counts[0], &counts[1]);
    for (int side = 0; side < 2; side++) {
      counts[side].row_ptr = x[side].row_ptr = NULL;
      csr_free(side ? b->cpu : b->device, &counts[side]);
      csr_free(side ? b->cpu : b->device, &x[side]);
    }
  }
  counted_free(b, &c);
}

/* Rows that list items: documents of 0 to 5 of them, all of them or some, backwards; few documents
 * of long items. */
static inline void check_lists(const pair *b, const mst_grams *device, const mst_grams *cpu,
                               int64_t n_terms, int full) {
  enum { DOCS = 40, FEW = 6, MOST = 5, LONG = 30 };
  const int64_t n_items = cpu->n_items, n_docs = cpu->n_grams > LONG * n_items ? FEW : DOCS;
  int64_t doc_ptr[DOCS + 1] = {0}, doc[DOCS];
  int32_t item[DOCS * MOST];
  for (int64_t d = 0; d < n_docs; d++) {
    doc[d] = n_docs - 1 - d;
    doc_ptr[d + 1] = doc_ptr[d] + (n_items ? d % (MOST + 1) : 0);
    for (int64_t e = doc_ptr[d]; e < doc_ptr[d + 1]; e++) item[e] = (int32_t)(e * e % n_items);
  }
  mst_rows rows[2];
  for (int side = 0; side < 2; side++) {
    mst_backend *backend = side ? b->cpu : b->device;
    const mst_grams *g = side ? cpu : device;
    rows[side] = (mst_rows){n_docs,
                            {g->n_items, g->ptr, g->id, 0, g->n_grams},
                            NULL,
                            put(backend, doc_ptr, (n_docs + 1) * 8),
                            put(backend, item, doc_ptr[n_docs] * 4),
                            doc_ptr[n_docs]};
  }
  check_rows(b, &rows[0], &rows[1], n_terms, full);
  for (int side = 0; side < 2; side++) {
    rows[side].doc = put(side ? b->cpu : b->device, doc, n_docs * 8);
    rows[side].n_rows = n_docs - 3;
  }
  check_rows(b, &rows[0], &rows[1], n_terms, 0);
  for (int side = 0; side < 2; side++) {
    mst_backend *backend = side ? b->cpu : b->device;
    mst_backend_free(backend, (void *)rows[side].doc);
    mst_backend_free(backend, (void *)rows[side].doc_ptr);
    mst_backend_free(backend, (void *)rows[side].item);
  }
}

/* Rows that are single items; and rows that list them, but for more n-grams than that. */
enum { LISTED_MOST = 4000 };

static inline void check_grams(const pair *b, const mst_grams *device, const mst_grams *cpu,
                               int64_t n_terms, int full) {
  const mst_rows d_rows = {.n_rows = device->n_items,
                           .grams = {device->n_items, device->ptr, device->id, 0, device->n_grams}};
  const mst_rows rows = {.n_rows = cpu->n_items,
                         .grams = {cpu->n_items, cpu->ptr, cpu->id, 0, cpu->n_grams}};
  check_rows(b, &d_rows, &rows, n_terms, full);
  if (cpu->n_grams < LISTED_MOST) check_lists(b, device, cpu, n_terms, full);
}

/* Drop every third term and number the others anew. */
static inline void check_remap(const pair *b, mst_grams *device, mst_grams *cpu, int64_t n_terms) {
  int32_t *map = must_malloc((size_t)n_terms * 4), next = 0;
  for (int64_t t = 0; t < n_terms; t++) map[t] = t % 3 == 1 ? -1 : next++;
  must(mst_grams_remap(b->device, device, map, n_terms));
  must(mst_grams_remap(b->cpu, cpu, map, n_terms));
  assert_same_grams(b->device, device, cpu);
  check_grams(b, device, cpu, next, 0);
  free(map);
}

/* Look the same items up in their own table, some units unknown. */
static inline void check_find(const pair *b, const mst_sequences *device, const mst_sequences *cpu,
                              const mst_gram_table *table, const int32_t lengths[3]) {
  tree t = tree_of(table, cpu->n_units);
  int32_t *map = must_malloc((size_t)cpu->n_units * 4);
  mst_grams got, want;
  for (int32_t u = 0; u < cpu->n_units; u++) map[u] = u % 7 == 5 ? -1 : u;
  must(mst_ngrams_find(b->device, device, &t.view, map, lengths[0], lengths[1], lengths[2], &got));
  must(mst_ngrams_find(b->cpu, cpu, &t.view, map, lengths[0], lengths[1], lengths[2], &want));
  assert_same_grams(b->device, &got, &want);
  check_grams(b, &got, &want, table->n_terms, 0);
  mst_grams_fini(&got);
  mst_grams_fini(&want);
  tree_free(&t);
  free(map);
}

/* Rank the items' n-grams, and everything that follows. */
static inline void check_items(const pair *b, const data *d, const int32_t lengths[3], int full) {
  mst_sequences items[2] = {put_items(b->device, d), put_items(b->cpu, d)};
  mst_grams got, want;
  mst_gram_table got_table, want_table;
  must(mst_ngrams_rank(b->device, &items[0], lengths[0], lengths[1], lengths[2], &got, &got_table));
  must(mst_ngrams_rank(b->cpu, &items[1], lengths[0], lengths[1], lengths[2], &want, &want_table));
  assert_same_grams(b->device, &got, &want);
  assert_same_table(&got_table, &want_table);
  check_grams(b, &got, &want, want_table.n_terms, full);
  check_find(b, &items[0], &items[1], &want_table, lengths);
  check_remap(b, &got, &want, want_table.n_terms);
  mst_grams_fini(&got);
  mst_grams_fini(&want);
  must(mst_items_copy(b->device, &items[0], &got));
  must(mst_items_copy(b->cpu, &items[1], &want));
  assert_same_grams(b->device, &got, &want);
  mst_grams_fini(&got);
  mst_grams_fini(&want);
  mst_gram_table_fini(&got_table);
  mst_gram_table_fini(&want_table);
  mst_items_free(b->device, &items[0]);
  mst_items_free(b->cpu, &items[1]);
}

#endif
