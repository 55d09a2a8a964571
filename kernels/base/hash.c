/* hash.c: XXH3 compiled in here, and only here. */
#include "misstep/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t mst_hash64(const void *bytes, size_t n, uint64_t seed) {
  return XXH3_64bits_withSeed(n ? bytes : "", n, seed);
}
