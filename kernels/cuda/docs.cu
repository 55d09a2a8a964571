/* docs.cu: where documents begin, as bits of a text and as places among its spellings.
 *
 * docs_mark_kernel   thread per document, block 256: 8 bytes read, one atomic OR into a bitmap
 * docs_place_kernel  thread per document, block 256: 8 + 8 + about 16 bytes read, 8 written
 */
#include "cuda/intern.cuh"

enum { BLOCK = 256 };

__global__ void __launch_bounds__(BLOCK)
    docs_mark_kernel(const int64_t *start, int64_t n, int64_t origin, int64_t scale,
                     uint32_t *docs) {
  const int64_t d = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (d >= n) return;
  const int64_t at = (start[d] - origin) * scale;
  atomicOr(&docs[at >> 5], 1u << (at & 31));
}

__global__ void __launch_bounds__(BLOCK)
    docs_place_kernel(const __grid_constant__ mst__cuda_cut cut, const int64_t *start, int64_t n,
                      int64_t origin, int64_t scale, int64_t base, int64_t *ptr) {
  const int64_t d = (int64_t)blockIdx.x * BLOCK + threadIdx.x;
  if (d >= n) return;
  const int64_t at = (start[d] - origin) * scale, strip = at / MST__STRIP, word = at >> 5;
  int64_t before = cut.d_strip_ptr[strip];
  for (int64_t w = strip * MST__STRIP_WORDS; w < word; w++) before += __popc(cut.d_begin[w]);
  before += __popc(cut.d_begin[word] & ~(~0u << (at & 31)));
  ptr[d] = base + before;
}

mst_status mst__cuda_docs_mark(mst_backend *backend, const int64_t *d_start, int64_t n,
                               int64_t origin, int64_t scale, uint32_t *d_docs) {
  return MST_LAUNCH(backend, docs_mark_kernel, mst__cuda_blocks(n, BLOCK), BLOCK, d_start, n,
                    origin, scale, d_docs);
}

mst_status mst__cuda_docs_place(mst_backend *backend, const mst__cuda_cut *cut,
                                const int64_t *d_start, int64_t n, int64_t origin, int64_t scale,
                                int64_t base, int64_t *d_ptr) {
  return MST_LAUNCH(backend, docs_place_kernel, mst__cuda_blocks(n, BLOCK), BLOCK, *cut, d_start, n,
                    origin, scale, base, d_ptr);
}
