/* radix.c: least-significant-digit radix sorts. Threads take even slices of the input and write to
 * places that depend on counts alone, so the order is the same for any number of them. */
#include "cpu/radix.h"

#include <omp.h>
#include <string.h>

#include "misstep/alloc.h"

enum { PAIR_DIGIT_BITS = 11, ID_DIGIT_BITS = 8, RANK_MAX = 64 };

/* One stable pass by the digit at shift. count is [n_threads x radix] scratch. */
static void pair_pass(const mst__pair *from, mst__pair *to, int64_t n, int shift, int digit_bits,
                      int n_threads, int64_t *count) {
  const int64_t radix = (int64_t)1 << digit_bits;
  const uint64_t mask = (uint64_t)radix - 1;
#pragma omp parallel num_threads(n_threads)
  {
    /* The runtime may grant fewer threads than asked: slices, not threads, are the unit. */
    for (int s = omp_get_thread_num(); s < n_threads; s += omp_get_num_threads()) {
      int64_t *mine = count + s * radix;
      memset(mine, 0, (size_t)radix * sizeof *mine);
      for (int64_t i = mst__slice(n, s, n_threads); i < mst__slice(n, s + 1, n_threads); i++)
        mine[(from[i].key >> shift) & mask]++;
    }
#pragma omp barrier
#pragma omp single
    {
      int64_t before = 0;
      for (int64_t d = 0; d < radix; d++)
        for (int s = 0; s < n_threads; s++) {
          const int64_t here = count[s * radix + d];
          count[s * radix + d] = before;
          before += here;
        }
    }
    for (int s = omp_get_thread_num(); s < n_threads; s += omp_get_num_threads()) {
      int64_t *mine = count + s * radix;
      for (int64_t i = mst__slice(n, s, n_threads); i < mst__slice(n, s + 1, n_threads); i++)
        to[mine[(from[i].key >> shift) & mask]++] = from[i];
    }
  }
}

mst_status mst__radix_sort(mst__pair *pairs, mst__pair *scratch, int64_t n, int key_bits,
                           int n_threads) {
  const int n_passes = (key_bits + PAIR_DIGIT_BITS - 1) / PAIR_DIGIT_BITS;
  const int digit_bits = (key_bits + n_passes - 1) / n_passes;
  if (n < 1 << 14) n_threads = 1;
  int64_t *count = mst_alloc((size_t)n_threads << digit_bits, sizeof *count);
  if (!count) return MST_E_NOMEM;
  mst__pair *from = pairs, *to = scratch;
  for (int pass = 0; pass < n_passes; pass++) {
    pair_pass(from, to, n, pass * digit_bits, digit_bits, n_threads, count);
    mst__pair *swap = from;
    from = to;
    to = swap;
  }
  if (from != pairs && n) memcpy(pairs, from, (size_t)n * sizeof *pairs);
  mst_free(count);
  return MST_OK;
}

/* Count what goes before each id: no branch depends on the data, which for the ten ids of a usual
 * row is twice as fast as moving them past each other. */
static void rank_sort(int32_t *id, int32_t *scratch, int64_t n) {
  memcpy(scratch, id, (size_t)n * sizeof *id);
  for (int64_t i = 0; i < n; i++) {
    const int32_t x = scratch[i];
    int32_t rank = 0;
    for (int64_t j = 0; j < i; j++) rank += scratch[j] <= x;
    for (int64_t j = i + 1; j < n; j++) rank += scratch[j] < x;
    id[rank] = x;
  }
}

void mst__sort_ids(int32_t *id, int32_t *scratch, int64_t n, int id_bits) {
  if (n <= RANK_MAX) {
    rank_sort(id, scratch, n);
    return;
  }
  int32_t *from = id, *to = scratch;
  for (int shift = 0; shift < id_bits; shift += ID_DIGIT_BITS) {
    int64_t count[1 << ID_DIGIT_BITS] = {0};
    for (int64_t i = 0; i < n; i++) count[(uint32_t)from[i] >> shift & 255]++;
    int64_t before = 0;
    for (int d = 0; d < 1 << ID_DIGIT_BITS; d++) {
      const int64_t here = count[d];
      count[d] = before;
      before += here;
    }
    for (int64_t i = 0; i < n; i++) to[count[(uint32_t)from[i] >> shift & 255]++] = from[i];
    int32_t *swap = from;
    from = to;
    to = swap;
  }
  if (from != id) memcpy(id, from, (size_t)n * sizeof *id);
}
