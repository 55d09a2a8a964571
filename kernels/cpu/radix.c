/* radix.c: least-significant-digit radix sorts, each by one thread. */
#include "cpu/radix.h"

#include <string.h>

enum { WORD_DIGIT_BITS = 11, ID_DIGIT_BITS = 8, RANK_BITS = 6, RANK_MAX = 1 << RANK_BITS };

/* One stable pass by the digit at shift. */
static void word_pass(const uint64_t *from, uint64_t *to, int64_t n, int shift, int digit_bits) {
  int64_t place[1 << WORD_DIGIT_BITS];
  const int64_t radix = (int64_t)1 << digit_bits;
  const uint64_t mask = (uint64_t)radix - 1;
  memset(place, 0, (size_t)radix * sizeof *place);
  for (int64_t i = 0; i < n; i++) place[from[i] >> shift & mask]++;
  for (int64_t d = 0, before = 0; d < radix; d++) {
    const int64_t here = place[d];
    place[d] = before;
    before += here;
  }
  for (int64_t i = 0; i < n; i++) to[place[from[i] >> shift & mask]++] = from[i];
}

uint64_t *mst__radix_sort(uint64_t *words, uint64_t *scratch, int64_t n, int low_bit,
                          int key_bits) {
  const int n_passes = (key_bits + WORD_DIGIT_BITS - 1) / WORD_DIGIT_BITS;
  for (int pass = 0, done = 0; pass < n_passes && n > 1; pass++) {
    const int digit_bits = (key_bits - done + n_passes - pass - 1) / (n_passes - pass);
    word_pass(words, scratch, n, low_bit + done, digit_bits);
    done += digit_bits;
    uint64_t *swap = words;
    words = scratch;
    scratch = swap;
  }
  return words;
}

/* Four places of a row at once; rows are filled up to whole ones. */
typedef int32_t four __attribute__((vector_size(16)));

/* Count what goes before each id: no branch depends on the data, which for the ten ids of a usual
 * row is twice as fast as moving them past each other. An id is made different from its equals by
 * its place in the low bits. */
static void rank_sort(int32_t *id, int64_t n) {
  union {
    int32_t one[RANK_MAX];
    four four[RANK_MAX / 4];
  } key;
  const int64_t n_fours = (n + 3) / 4;
  for (int64_t i = 0; i < n; i++) key.one[i] = id[i] << RANK_BITS | (int32_t)i;
  for (int64_t i = n; i < 4 * n_fours; i++) key.one[i] = INT32_MAX;
  for (int64_t i = 0; i < n; i++) {
    const int32_t x = key.one[i];
    four before = {0};
    for (int64_t j = 0; j < n_fours; j++) before -= key.four[j] < (four){x, x, x, x};
    id[before[0] + before[1] + before[2] + before[3]] = x >> RANK_BITS;
  }
}

void mst__sort_ids(int32_t *id, int32_t *scratch, int64_t n, int id_bits) {
  if (n <= RANK_MAX && id_bits + RANK_BITS < 32) {
    rank_sort(id, n);
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
