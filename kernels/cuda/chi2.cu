/* chi2.cu: occurrences of every term in every class, by integer additions: any order is exact. A
 * thread an entry, so a long row is no one's burden. Classes that do not fit the free memory
 * together are counted a few at a time.
 *
 * class_count_kernel  block 256; per entry 8 read (and row_ptr and label, from caches), an atomic
 *                     of 8 bytes; 2 KiB of shared memory
 * To the host 8 bytes a class and term. Launches: 1.
 */
#include "cuda/counts.cuh"

/* Count rows of the classes first .. first + n_classes - 1. */
__global__ void __launch_bounds__(MST__BLOCK)
    class_count_kernel(const __grid_constant__ mst_csr counts, int64_t n_entries,
                       const int32_t *label, int32_t first, int32_t n_classes,
                       unsigned long long *observed) {
  const int64_t e = mst__at(), r = mst__owner(counts.row_ptr, counts.n_rows, 0).item;
  if (e >= n_entries) return;
  const int64_t c = label[r] - first;
  if (c < 0 || c >= n_classes) return;
  const int32_t n = static_cast<const int32_t *>(counts.val)[e];
  atomicAdd(&observed[c * counts.n_cols + counts.col[e]], (unsigned long long)n);
}

mst_status mst__cuda_counts_by_class(mst_backend *backend, const mst_csr *counts,
                                     const int32_t *label, int32_t n_classes, int64_t *observed,
                                     int64_t *rows_of) {
  mst__cuda_scratch<unsigned long long> table(backend);
  mst__cuda_scratch<int32_t> d_label(backend);
  const int64_t n_terms = counts->n_cols;
  int64_t n_entries = 0;
  MST_TRY(mst__cuda_send_array(&d_label, label, counts->n_rows));
  MST_TRY(mst__cuda_fetch(backend, &n_entries, counts->row_ptr + counts->n_rows));
  const int64_t row_bytes = (n_terms ? n_terms : 1) * (int64_t)sizeof *observed;
  const int64_t fit = mst__cuda_budget(backend) / row_bytes;
  const int32_t step = (int32_t)(fit < 1 ? 1 : fit < n_classes ? fit : n_classes);
  for (int32_t first = 0; first < n_classes; first += step) {
    const int32_t n = n_classes - first < step ? n_classes - first : step;
    MST_TRY(table.alloc_zero(n * n_terms));
    MST_TRY(MST_LAUNCH(backend, class_count_kernel, mst__cuda_blocks(n_entries, MST__BLOCK),
                       MST__BLOCK, *counts, n_entries, d_label.ptr, first, n, table.ptr));
    MST_TRY(mst__cuda_to_host(backend, observed + first * n_terms, table.ptr,
                              (size_t)(n * n_terms) * sizeof *observed));
  }
  for (int32_t c = 0; c < n_classes; c++) rows_of[c] = 0;
  for (int64_t r = 0; r < counts->n_rows; r++) rows_of[label[r]]++;
  return MST_OK;
}
