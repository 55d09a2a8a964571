/* counts_data.h: sequences, rows and matrices for test_cuda_counts.c, on the host and at home.
 * Include after cmocka.h. */
#ifndef MISSTEP_TEST_COUNTS_DATA_H
#define MISSTEP_TEST_COUNTS_DATA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "misstep/alloc.h"
#include "misstep/counts.h"
#include "misstep/rng.h"

/* Sequences of the host's. */
typedef struct data {
  int64_t n_items, *ptr;
  int32_t *id, n_units;
} data;

/* How ids are chosen. */
typedef enum ids { IDS_RANDOM, IDS_EQUAL, IDS_EDGES } ids;

static inline void must(mst_status st) {
  if (st) print_error("%s\n", mst_error_last()->message);
  assert_int_equal(st, MST_OK);
}

static inline void *must_malloc(size_t n_bytes) {
  void *block = malloc(n_bytes + 1);
  assert_non_null(block);
  return block;
}

static inline mst_backend *open_named(const char *name) {
  mst_backend *backend = NULL;
  must(mst_backend_open(name, 2, &backend));
  return backend;
}

/* The device under test, whose steps take at most so many bytes at a time; 0: what is free. */
static inline mst_backend *open_device(const char *batch_bytes) {
  const char *name = getenv("MST_TEST_DEVICE");
  assert_int_equal(setenv("MST_CUDA_BATCH_BYTES", batch_bytes, 1), 0);
  return open_named(name ? name : "cuda:0");
}

/* Item i has length[i] units. */
static inline data data_of(const int64_t *length, int64_t n_items, int32_t n_units, ids how) {
  data d = {n_items, must_malloc(((size_t)n_items + 1) * 8), NULL, n_units};
  d.ptr[0] = 0;
  for (int64_t i = 0; i < n_items; i++) d.ptr[i + 1] = d.ptr[i] + length[i];
  const int64_t n = d.ptr[n_items];
  d.id = must_malloc((size_t)n * 4);
  for (int64_t p = 0; p < n; p++) {
    const uint64_t x = mst_rng_u64((uint64_t)n_units, MST_RNG_GENERATE, (uint64_t)p, 0, 0);
    if (how == IDS_RANDOM) /* the lower, the more frequent */
      d.id[p] = (int32_t)(x % (uint64_t)n_units * (x >> 40 & 0xff) / 256);
    else d.id[p] = how == IDS_EQUAL || x & 1 ? n_units - 1 : 0;
  }
  return d;
}

/* n_items items of 0 .. longest units. */
static inline data data_random(uint64_t seed, int64_t n_items, int64_t longest, int32_t n_units) {
  int64_t *length = must_malloc((size_t)n_items * 8);
  for (int64_t i = 0; i < n_items; i++)
    length[i] =
        (int64_t)(mst_rng_u64(seed, MST_RNG_GENERATE, (uint64_t)i, 1, 0) % (uint64_t)(longest + 1));
  const data d = data_of(length, n_items, n_units, IDS_RANDOM);
  free(length);
  return d;
}

static inline void data_free(data *d) {
  free(d->ptr);
  free(d->id);
}

/* n_bytes of the host's at home. */
static inline void *put(mst_backend *backend, const void *host, int64_t n_bytes) {
  void *home = mst_backend_alloc(backend, (size_t)n_bytes, 1);
  assert_non_null(home);
  must(mst_backend_to_home(backend, home, host, (size_t)n_bytes));
  return home;
}

/* Freed by mst_items_free. */
static inline mst_sequences put_items(mst_backend *backend, const data *d) {
  const int64_t n = d->ptr[d->n_items];
  return (mst_sequences){d->n_items, put(backend, d->ptr, (d->n_items + 1) * 8),
                         put(backend, d->id, n * 4), d->n_units, n};
}

/* An array at home holds the same n_bytes as one of the host's. */
static inline void assert_home_equal(mst_backend *backend, const void *home, const void *host,
                                     int64_t n_bytes) {
  void *copy = must_malloc((size_t)n_bytes);
  must(mst_backend_to_host(backend, copy, home, (size_t)n_bytes));
  assert_memory_equal(copy, host, (size_t)n_bytes);
  free(copy);
}

static inline void assert_same_grams(mst_backend *device, const mst_grams *got,
                                     const mst_grams *want) {
  assert_int_equal(got->n_items, want->n_items);
  assert_int_equal(got->n_grams, want->n_grams);
  assert_ptr_equal(got->home, device);
  assert_home_equal(device, got->ptr, want->ptr, (want->n_items + 1) * 8);
  assert_home_equal(device, got->id, want->id, want->n_grams * 4);
}

static inline void assert_same_table(const mst_gram_table *got, const mst_gram_table *want) {
  assert_int_equal(got->n_nodes, want->n_nodes);
  assert_int_equal(got->n_terms, want->n_terms);
  assert_memory_equal(got->parent, want->parent, (size_t)want->n_nodes * 4);
  assert_memory_equal(got->unit, want->unit, (size_t)want->n_nodes * 4);
  assert_memory_equal(got->term_node, want->term_node, (size_t)want->n_terms * 4);
}

static inline void assert_same_sequences(mst_backend *device, const mst_sequences *got,
                                         const mst_sequences *want) {
  assert_int_equal(got->n_items, want->n_items);
  assert_int_equal(got->n_units, want->n_units);
  assert_int_equal(got->n_positions, want->n_positions);
  assert_home_equal(device, got->ptr, want->ptr, (want->n_items + 1) * 8);
  assert_home_equal(device, got->id, want->id, want->n_positions * 4);
}

/* What a table holds as a tree to look up in; its arrays are owned here. */
typedef struct tree {
  mst_gram_tree view;
  int32_t *term, *edge_node;
  uint64_t *edge_key;
} tree;

static inline void tree_add(tree *t, int32_t node, int32_t unit, int32_t to) {
  const uint64_t key = (uint64_t)(uint32_t)node << 32 | (uint32_t)unit;
  uint64_t at = key * 0x9E3779B97F4A7C15u >> t->view.edge_shift;
  while (t->edge_key[at] != UINT64_MAX) at = (at + 1) & t->view.edge_mask;
  t->edge_key[at] = key;
  t->edge_node[at] = to;
}

static inline tree tree_of(const mst_gram_table *table, int32_t n_units) {
  int bits = 1;
  while ((int64_t)1 << bits <= table->n_nodes) bits++;
  const size_t n_slots = (size_t)1 << bits, most = (size_t)table->n_nodes + (size_t)n_units;
  tree t = {{n_units, n_units, NULL, NULL, NULL, n_slots - 1, 64 - bits},
            must_malloc(most * 4),
            must_malloc(n_slots * 4),
            must_malloc(n_slots * 8)};
  int32_t *node_of = must_malloc((size_t)table->n_nodes * 4);
  memset(t.edge_key, 0xff, n_slots * 8);
  memset(t.edge_node, 0, n_slots * 4);
  memset(t.term, 0xff, most * 4);
  for (int64_t i = 0; i < table->n_nodes; i++) {
    node_of[i] = table->parent[i] < 0 ? table->unit[i] : t.view.n_nodes++;
    if (table->parent[i] >= 0) tree_add(&t, node_of[table->parent[i]], table->unit[i], node_of[i]);
  }
  for (int64_t k = 0; k < table->n_terms; k++) t.term[node_of[table->term_node[k]]] = (int32_t)k;
  free(node_of);
  t.view.term = t.term;
  t.view.edge_key = t.edge_key;
  t.view.edge_node = t.edge_node;
  return t;
}

static inline void tree_free(tree *t) {
  free(t->term);
  free(t->edge_key);
  free(t->edge_node);
}

#endif
