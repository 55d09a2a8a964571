/* test_backend.h: the backend that a test runs on: the CPU, or what MST_TEST_DEVICE names, so that
 * one list of cases serves every device. Include after cmocka.h.
 *
 * There is one for the whole program, closed at its end; open it before allocations are made to
 * fail. Home may be a device's memory: what is there is read after mst_test_read_....
 */
#ifndef MISSTEP_TEST_BACKEND_H
#define MISSTEP_TEST_BACKEND_H

#include <stdio.h>
#include <stdlib.h>

#include "misstep/alloc.h"
#include "misstep/counts.h"

static mst_backend *mst_test_the_backend;

static inline void mst_test_backend_close(void) { mst_backend_close(mst_test_the_backend); }

/* The program's backend, with so many host threads from now on. */
static inline mst_backend *mst_test_backend(int n_threads) {
  if (!mst_test_the_backend) {
    const char *device = getenv("MST_TEST_DEVICE");
    if (mst_backend_open(device ? device : "cpu", n_threads, &mst_test_the_backend)) {
      (void)fprintf(stderr, "%s\n", mst_error_last()->message);
      abort();
    }
    (void)atexit(mst_test_backend_close);
  }
  mst_backend_set_threads(mst_test_the_backend, n_threads);
  return mst_test_the_backend;
}

/* n things of the host, at home; free it with mst_backend_free. */
static inline void *mst_test_put(const void *host, int64_t n, size_t size) {
  mst_backend *backend = mst_test_backend(1);
  void *home = mst_backend_alloc(backend, (size_t)n, size);
  if (!home || mst_backend_to_home(backend, home, host, (size_t)n * size)) abort();
  return home;
}

/* Move an array at home to the host. */
static inline void *mst_test_fetch(mst_backend *backend, void *home, int64_t n, size_t size) {
  void *host = mst_alloc((size_t)n, size);
  if (!host || mst_backend_to_host(backend, host, home, (size_t)n * size)) abort();
  mst_backend_free(backend, home);
  return host;
}

/* Move what is at home to the host, so that a test can read it. No stage takes it afterwards. */
static inline void mst_test_read_pieces(mst_pieces *p) {
  p->doc_ptr = mst_test_fetch(p->home, p->doc_ptr, p->n_docs + 1, sizeof *p->doc_ptr);
  p->entry = mst_test_fetch(p->home, p->entry, p->n_entries, sizeof *p->entry);
  p->home = NULL;
}

static inline void mst_test_read_tokens(mst_tokens *t) {
  t->doc_ptr = mst_test_fetch(t->home, t->doc_ptr, t->n_docs + 1, sizeof *t->doc_ptr);
  t->id = mst_test_fetch(t->home, t->id, t->n_tokens, sizeof *t->id);
  t->home = NULL;
}

static inline void mst_test_read_grams(mst_grams *g) {
  g->ptr = mst_test_fetch(g->home, g->ptr, g->n_items + 1, sizeof *g->ptr);
  g->id = mst_test_fetch(g->home, g->id, g->n_grams, sizeof *g->id);
  g->home = NULL;
}

#endif
