/* choose.cu: draws the choices of copies, as cpu/choose.c does.
 *
 * choose_kernel  block 256, 4 to a multiprocessor (without that bound it spills on two
 *                architectures); a thread a copy, as many threads as find room to work in (a byte a
 *                candidate of the longest document each), which take copy after copy. Per copy 40
 *                read, 32 a candidate two times and once more a choice, 8 a choice and 1 written;
 *                some 100 operations a draw, about 4 draws a choice
 * To the device 32 bytes a candidate and 28 a document, to the host 1 and 8 a possible choice of a
 * copy. Launches: 1.
 */
#include "cuda/counts.cuh"

#include "body/choose.h"

enum { MOST_BLOCKS = 1024, SECTOR = 32 };

__global__ void __launch_bounds__(MST__BLOCK, 4)
    choose_kernel(const __grid_constant__ mst_choices s, int64_t n_copies, uint8_t *open,
                  int64_t most, uint8_t *n_made, mst_choice *made) {
  const int64_t n_threads = (int64_t)gridDim.x * MST__BLOCK;
  for (int64_t c = mst__at(); c < n_copies; c += n_threads) {
    const int64_t d = mst__below(s.copy_ptr, s.n_docs + 1, c, 1) - 1, first = s.candidate_ptr[d];
    mst_body_choice choice;
    choice.program = &s.program;
    choice.candidate = s.candidate + first;
    choice.n_candidates = (int32_t)(s.candidate_ptr[d + 1] - first);
    choice.limit = s.limit[d];
    choice.open = open + mst__at() * most;
    choice.draws = {s.seed, s.record[d], (uint32_t)(c - s.copy_ptr[d] + 1), 0};
    n_made[c] = (uint8_t)mst_body_choose(&choice, made + c * s.program.max);
  }
}

/* The arrays of choices on the device. */
typedef struct choice_arrays {
  mst__cuda_scratch<uint64_t> record;
  mst__cuda_scratch<int32_t> limit;
  mst__cuda_scratch<int64_t> candidate_ptr, copy_ptr;
  mst__cuda_scratch<mst_candidate> candidate;
  mst__cuda_scratch<uint8_t> open, n_made;
  mst__cuda_scratch<mst_choice> made;

  explicit choice_arrays(mst_backend *backend)
      : record(backend), limit(backend), candidate_ptr(backend), copy_ptr(backend),
        candidate(backend), open(backend), n_made(backend), made(backend) {}
} choice_arrays;

static mst_status send(const mst_choices *s, choice_arrays *a, mst_choices *out) {
  const int64_t n = s->n_docs;
  *out = *s;
  MST_TRY(mst__cuda_send_array(&a->record, s->record, n));
  MST_TRY(mst__cuda_send_array(&a->limit, s->limit, n));
  MST_TRY(mst__cuda_send_array(&a->candidate_ptr, s->candidate_ptr, n + 1));
  MST_TRY(mst__cuda_send_array(&a->candidate, s->candidate, s->candidate_ptr[n]));
  MST_TRY(mst__cuda_send_array(&a->copy_ptr, s->copy_ptr, n + 1));
  out->record = a->record.ptr;
  out->limit = a->limit.ptr;
  out->candidate_ptr = a->candidate_ptr.ptr;
  out->candidate = a->candidate.ptr;
  out->copy_ptr = a->copy_ptr.ptr;
  return MST_OK;
}

mst_status mst__cuda_choices_draw(mst_backend *backend, const mst_choices *choices, uint8_t *n_made,
                                  mst_choice *made) {
  choice_arrays a(backend);
  mst_choices s;
  const int64_t n = choices->copy_ptr[choices->n_docs], n_choices = n * choices->program.max;
  int64_t most = 1;
  for (int64_t d = 0; d < choices->n_docs; d++) {
    const int64_t here = choices->candidate_ptr[d + 1] - choices->candidate_ptr[d];
    most = here > most ? here : most;
  }
  most = (most + SECTOR - 1) / SECTOR * SECTOR; /* no two threads write to one word */
  MST_TRY(send(choices, &a, &s));
  MST_TRY(a.n_made.alloc(n));
  MST_TRY(a.made.alloc_zero(n_choices));
  int64_t n_blocks = mst__cuda_blocks(n, MST__BLOCK);
  const int64_t fit = mst__cuda_budget(backend) / (most * MST__BLOCK);
  if (n_blocks > fit) n_blocks = fit < 1 ? 1 : fit;
  if (n_blocks > MOST_BLOCKS) n_blocks = MOST_BLOCKS;
  MST_TRY(a.open.alloc(n_blocks * MST__BLOCK * most));
  MST_TRY(MST_LAUNCH(backend, choose_kernel, n_blocks, MST__BLOCK, s, n, a.open.ptr, most,
                     a.n_made.ptr, a.made.ptr));
  MST_TRY(mst__cuda_to_host(backend, n_made, a.n_made.ptr, (size_t)n));
  return mst__cuda_to_host(backend, made, a.made.ptr, (size_t)n_choices * sizeof *made);
}
