/* splice.cu: copies of documents as pieces, as cpu/splice.c makes them; which types pieces have,
 * and other numbers for them.
 *
 * Block 256, a thread a piece but where said otherwise:
 * splice_length_kernel  thread per copy: 40 read, 24 a splice, 8 written; scan 16
 * splice_write_kernel   4 + 4 read, 4 written; per splice before it 24, from caches: the threads of
 *                       a copy walk the same few; 2 KiB of shared memory
 * piece_used_kernel     4 read, an atomic per distinct type
 * piece_number_kernel   4 + 4 read, 4 written
 * To the device the documents' pieces, 4 bytes each, and 24 a copy and 16 a splice; the result
 * stays there. Launches of splices_apply: 2 and a scan.
 */
#include "cuda/counts.cuh"

#include "body/splice.h"

__global__ void __launch_bounds__(MST__BLOCK)
    splice_length_kernel(const __grid_constant__ mst_splices s, int64_t *ptr) {
  const int64_t c = mst__at();
  if (c < s.n_copies) ptr[c] = mst_body_splice_length(&s, c);
}

__global__ void __launch_bounds__(MST__BLOCK)
    splice_write_kernel(const __grid_constant__ mst_splices s, const int64_t *ptr, int64_t n,
                        uint32_t *entry) {
  const mst__span copy = mst__owner(ptr, s.n_copies, 0);
  const int64_t at = mst__at();
  if (at < n) entry[at] = mst_body_splice_entry(&s, copy.item, at - copy.from);
}

__global__ void __launch_bounds__(MST__BLOCK)
    piece_used_kernel(const uint32_t *entry, int64_t n, int32_t *used) {
  const int64_t i = mst__at();
  if (i < n) mst__flag(&used[entry[i] >> 1]);
}

__global__ void __launch_bounds__(MST__BLOCK)
    piece_number_kernel(uint32_t *entry, int64_t n, const uint32_t *number) {
  const int64_t i = mst__at();
  if (i < n) entry[i] = number[entry[i] >> 1] << 1 | (entry[i] & 1);
}

/* The arrays of splices on the device. */
typedef struct splice_arrays {
  mst__cuda_scratch<int64_t> doc_ptr, by_ptr, copy_doc, copy_ptr;
  mst__cuda_scratch<uint32_t> entry, number, by_entry;
  mst__cuda_scratch<mst_splice> splice;

  explicit splice_arrays(mst_backend *backend)
      : doc_ptr(backend), by_ptr(backend), copy_doc(backend), copy_ptr(backend), entry(backend),
        number(backend), by_entry(backend), splice(backend) {}
} splice_arrays;

static mst_status send(const mst_splices *s, splice_arrays *a, mst_splices *out) {
  *out = *s;
  MST_TRY(mst__cuda_send_array(&a->doc_ptr, s->doc_ptr, s->n_docs + 1));
  MST_TRY(mst__cuda_send_array(&a->entry, s->entry, s->doc_ptr[s->n_docs]));
  MST_TRY(mst__cuda_send_array(&a->number, s->number, s->n_types));
  MST_TRY(mst__cuda_send_array(&a->by_ptr, s->by_ptr, s->n_by + 1));
  MST_TRY(mst__cuda_send_array(&a->by_entry, s->by_entry, s->by_ptr[s->n_by]));
  MST_TRY(mst__cuda_send_array(&a->copy_doc, s->copy_doc, s->n_copies));
  MST_TRY(mst__cuda_send_array(&a->copy_ptr, s->copy_ptr, s->n_copies + 1));
  MST_TRY(mst__cuda_send_array(&a->splice, s->splice, s->copy_ptr[s->n_copies]));
  out->doc_ptr = a->doc_ptr.ptr;
  out->entry = a->entry.ptr;
  out->number = a->number.ptr;
  out->by_ptr = a->by_ptr.ptr;
  out->by_entry = a->by_entry.ptr;
  out->copy_doc = a->copy_doc.ptr;
  out->copy_ptr = a->copy_ptr.ptr;
  out->splice = a->splice.ptr;
  return MST_OK;
}

mst_status mst__cuda_splices_apply(mst_backend *backend, const mst_splices *splices,
                                   mst_pieces *out) {
  splice_arrays arrays(backend);
  mst__cuda_scratch<int64_t> ptr(backend);
  mst__cuda_scratch<uint32_t> entry(backend);
  mst_splices s;
  int64_t n = 0;
  MST_TRY(send(splices, &arrays, &s));
  MST_TRY(ptr.alloc(s.n_copies + 1));
  MST_TRY(MST_LAUNCH(backend, splice_length_kernel, mst__cuda_blocks(s.n_copies, MST__BLOCK),
                     MST__BLOCK, s, ptr.ptr));
  MST_TRY(mst__cuda_sum_up(backend, ptr.ptr, s.n_copies, &n));
  MST_TRY(entry.alloc(n));
  MST_TRY(MST_LAUNCH(backend, splice_write_kernel, mst__cuda_blocks(n, MST__BLOCK), MST__BLOCK, s,
                     ptr.ptr, n, entry.ptr));
  MST_TRY(mst__cuda_wait(backend));
  out->n_docs = s.n_copies;
  out->doc_ptr = ptr.take();
  out->entry = entry.take();
  out->n_entries = n;
  out->home = backend;
  return MST_OK;
}

mst_status mst__cuda_pieces_used(mst_backend *backend, const mst_pieces *pieces, uint8_t *used) {
  const int64_t n_types = pieces->types.n;
  mst__cuda_scratch<int32_t> d_used(backend);
  int32_t *flag = NULL;
  MST_TRY(d_used.alloc_zero(n_types));
  MST_TRY(MST_LAUNCH(backend, piece_used_kernel, mst__cuda_blocks(pieces->n_entries, MST__BLOCK),
                     MST__BLOCK, pieces->entry, pieces->n_entries, d_used.ptr));
  const mst_status st = mst__cuda_fetch_array(backend, d_used.ptr, n_types, &flag);
  for (int64_t v = 0; !st && v < n_types; v++) used[v] = (uint8_t)flag[v];
  mst_free(flag);
  return st;
}

mst_status mst__cuda_pieces_renumber(mst_backend *backend, mst_pieces *pieces,
                                     const uint32_t *number) {
  mst__cuda_scratch<uint32_t> d_number(backend);
  MST_TRY(mst__cuda_send_array(&d_number, number, pieces->types.n));
  MST_TRY(MST_LAUNCH(backend, piece_number_kernel, mst__cuda_blocks(pieces->n_entries, MST__BLOCK),
                     MST__BLOCK, pieces->entry, pieces->n_entries, d_number.ptr));
  return mst__cuda_wait(backend);
}
