/* failing_alloc.h: run a call again and again, failing its first, second, ... allocation, until it
 * succeeds. Include after cmocka.h. */
#ifndef MISSTEP_TEST_FAILING_ALLOC_H
#define MISSTEP_TEST_FAILING_ALLOC_H

#include <stdatomic.h>

#include "misstep/alloc.h"
#include "misstep/status.h"

/* Atomic: parallel code allocates from several threads. */
typedef struct failing_alloc {
  atomic_long countdown;
} failing_alloc;

static int failing_alloc_hook(void *payload) {
  failing_alloc *f = payload;
  return atomic_fetch_sub(&f->countdown, 1) == 0;
}

/* call makes, checks and frees everything it needs; returns its status. After each failure outputs
 * must be as before: call checks that itself. Returns how many allocations had to be refused. */
static inline long fail_every_alloc(mst_status (*call)(void *), void *payload) {
  for (long k = 0;; k++) {
    failing_alloc f;
    atomic_init(&f.countdown, k);
    mst_alloc_set_fail(failing_alloc_hook, &f);
    const mst_status st = call(payload);
    mst_alloc_set_fail(NULL, NULL);
    if (st == MST_OK) {
      assert_true(atomic_load(&f.countdown) >= 0); /* success without the refused allocation */
      return k;
    }
    assert_int_equal(st, MST_E_NOMEM);
    assert_int_equal(mst_error_last()->status, MST_E_NOMEM);
  }
}

#endif
