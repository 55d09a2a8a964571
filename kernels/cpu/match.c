/* match.c: finds the matches of documents, a thread some documents: counts them, then writes them.
 */
#include "body/match.h"
#include "cpu/operations.h"
#include "misstep/alloc.h"

static mst_body_matching matching(const mst_matches *s, int64_t d) {
  return (mst_body_matching){.s = s,
                             .text = s->text + s->text_start[d],
                             .unit = s->unit + s->unit_ptr[d],
                             .n_units = (int32_t)(s->unit_ptr[d + 1] - s->unit_ptr[d]),
                             .token = s->token + s->token_ptr[d],
                             .label = s->label[d],
                             .any_label = s->any_label[d]};
}

static void sum_up(int64_t *ptr, int64_t n) {
  ptr[0] = 0;
  for (int64_t i = 0; i < n; i++) ptr[i + 1] += ptr[i];
}

mst_status mst__cpu_matches_find(mst_backend *backend, const mst_matches *matches,
                                 mst_match_lists *out) {
  const int64_t n = matches->n_docs;
  mst_match_lists lists = {.n_docs = n};
  lists.match_ptr = mst_alloc((size_t)n + 1, sizeof *lists.match_ptr);
  lists.capture_ptr = mst_alloc((size_t)n + 1, sizeof *lists.capture_ptr);
  if (!lists.match_ptr || !lists.capture_ptr) goto no_memory;
#pragma omp parallel for schedule(dynamic, 64) num_threads(backend->n_threads)
  for (int64_t d = 0; d < n; d++) {
    mst_body_matching m = matching(matches, d);
    mst_body_match_all(&m);
    lists.match_ptr[d + 1] = m.n;
    lists.capture_ptr[d + 1] = m.n_captures;
  }
  sum_up(lists.match_ptr, n);
  sum_up(lists.capture_ptr, n);
  lists.match = mst_alloc((size_t)lists.match_ptr[n], sizeof *lists.match);
  lists.capture = mst_alloc((size_t)lists.capture_ptr[n], sizeof *lists.capture);
  if (!lists.match || !lists.capture) goto no_memory;
#pragma omp parallel for schedule(dynamic, 64) num_threads(backend->n_threads)
  for (int64_t d = 0; d < n; d++) {
    mst_body_matching m = matching(matches, d);
    m.match = lists.match + lists.match_ptr[d];
    m.room = lists.match_ptr[d + 1] - lists.match_ptr[d];
    m.capture = lists.capture + lists.capture_ptr[d];
    m.capture_room = lists.capture_ptr[d + 1] - lists.capture_ptr[d];
    mst_body_match_all(&m);
  }
  *out = lists;
  return MST_OK;
no_memory:
  mst_match_lists_fini(&lists);
  return MST_E_NOMEM;
}
