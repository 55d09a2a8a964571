/* choose.c: draws the choices of copies, a thread some documents. */
#include <string.h>

#include "body/choose.h"
#include "cpu/operations.h"
#include "misstep/alloc.h"

/* The choices of all copies of a document. */
static void choose_for(const mst_choices *s, int64_t d, uint8_t *open, uint8_t *n_made,
                       mst_choice *made) {
  const int64_t first = s->candidate_ptr[d], max = s->program.max;
  for (int64_t c = s->copy_ptr[d]; c < s->copy_ptr[d + 1]; c++) {
    mst_body_choice choice = {
        .program = &s->program,
        .candidate = s->candidate + first,
        .n_candidates = (int32_t)(s->candidate_ptr[d + 1] - first),
        .limit = s->limit[d],
        .open = open,
        .draws = {s->seed, s->record[d], (uint32_t)(c - s->copy_ptr[d] + 1), 0}};
    memset(made + c * max, 0, (size_t)max * sizeof *made);
    n_made[c] = (uint8_t)mst_body_choose(&choice, made + c * max);
  }
}

mst_status mst__cpu_choices_draw(mst_backend *backend, const mst_choices *choices, uint8_t *n_made,
                                 mst_choice *made) {
  int64_t most = 0;
  int failed = MST_OK;
  for (int64_t d = 0; d < choices->n_docs; d++) {
    const int64_t n = choices->candidate_ptr[d + 1] - choices->candidate_ptr[d];
    most = n > most ? n : most;
  }
#pragma omp parallel num_threads(backend->n_threads) reduction(min : failed)
  {
    uint8_t *open = mst_alloc((size_t)most, 1);
    failed = open ? MST_OK : MST_E_NOMEM;
#pragma omp for schedule(dynamic, 64)
    for (int64_t d = 0; d < choices->n_docs; d++)
      if (open) choose_for(choices, d, open, n_made, made);
    mst_free(open);
  }
  return failed ? MST_FAIL((mst_status)failed, "no memory to draw from %lld candidates",
                           (long long)most)
                : MST_OK;
}
