/* count.cu: how many pairs each row has, in how many rows each term stands, and how often; and two
 * small steps, new ids for n-grams and the longest row.
 *
 * Rows are sorted by rows_sort.cu and rows_long.cu; here, block 256, no shared memory:
 * gram_remap_kernel  per n-gram 4 + 4 read, 4 written
 * frequency_kernel   per term 12 read, 16 written, then sent to the host
 * scan of row_ptr    16 a row
 */
#include "cuda/rows.cuh"

__global__ void __launch_bounds__(MST__BLOCK)
    gram_remap_kernel(const int32_t *map, int64_t n, int32_t *id) {
  const int64_t i = mst__at();
  if (i < n && id[i] >= 0) id[i] = map[id[i]];
}

mst_status mst__cuda_grams_remap(mst_backend *backend, mst_grams *grams, const int32_t *map,
                                 int64_t n_terms) {
  mst__cuda_scratch<int32_t> d_map(backend);
  MST_TRY(mst__cuda_send_array(&d_map, map, n_terms));
  MST_TRY(MST_LAUNCH(backend, gram_remap_kernel, mst__cuda_blocks(grams->n_grams, MST__BLOCK),
                     MST__BLOCK, d_map.ptr, grams->n_grams, grams->id));
  return mst__cuda_wait(backend);
}

mst_status mst__cuda_rows_longest(mst_backend *backend, const mst_rows *rows, int64_t *longest) {
  return mst__cuda_rows_most(backend, rows, longest);
}

__global__ void __launch_bounds__(MST__BLOCK)
    frequency_kernel(const unsigned *doc_freq, const unsigned long long *more, int64_t n_terms,
                     int64_t *doc_out, int64_t *term_out) {
  const int64_t t = mst__at();
  if (t >= n_terms) return;
  doc_out[t] = (int64_t)doc_freq[t];
  term_out[t] = (int64_t)(doc_freq[t] + more[t]);
}

/* Send frequencies, as the host wants them; either may be NULL. */
static mst_status fetch_frequencies(mst_backend *backend, const mst__cuda_sink *s, int64_t n_terms,
                                    int64_t *doc_freq, int64_t *term_freq) {
  mst__cuda_scratch<int64_t> doc(backend), term(backend);
  const size_t n_bytes = (size_t)n_terms * sizeof *doc_freq;
  MST_TRY(doc.alloc(n_terms));
  MST_TRY(term.alloc(n_terms));
  MST_TRY(MST_LAUNCH(backend, frequency_kernel, mst__cuda_blocks(n_terms, MST__BLOCK), MST__BLOCK,
                     s->doc_freq, s->more, n_terms, doc.ptr, term.ptr));
  if (doc_freq) MST_TRY(mst__cuda_to_host(backend, doc_freq, doc.ptr, n_bytes));
  return term_freq ? mst__cuda_to_host(backend, term_freq, term.ptr, n_bytes) : MST_OK;
}

mst_status mst__cuda_rows_count(mst_backend *backend, const mst_rows *rows, int64_t n_terms,
                                int64_t *row_ptr, int64_t *n_entries, int64_t *doc_freq,
                                int64_t *term_freq) {
  mst__cuda_scratch<unsigned> doc(backend);
  mst__cuda_scratch<unsigned long long> more(backend);
  mst__cuda_sink s = {};
  int64_t n = 0;
  const int frequencies = doc_freq || term_freq;
  if (frequencies) {
    MST_TRY(doc.alloc_zero(n_terms));
    MST_TRY(more.alloc_zero(n_terms));
  }
  s.n = row_ptr;
  s.doc_freq = doc.ptr;
  s.more = more.ptr;
  MST_TRY(mst__cuda_rows_read(backend, rows, n_terms, &s));
  MST_TRY(mst__cuda_sum_up(backend, row_ptr, rows->n_rows, &n));
  if (frequencies) MST_TRY(fetch_frequencies(backend, &s, n_terms, doc_freq, term_freq));
  *n_entries = n;
  return MST_OK;
}
