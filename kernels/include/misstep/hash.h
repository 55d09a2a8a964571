/* hash.h: 64-bit hashes of bytes, the same on every machine.
 *
 * In: a run of bytes. Out: XXH3-64 (xxHash by Yann Collet; its values are frozen since 0.8.0),
 * which may therefore be stored and may decide draws. Not against an adversary.
 */
#ifndef MISSTEP_HASH_H
#define MISSTEP_HASH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Hash n bytes (bytes may be NULL if n is 0). Exact; any thread. */
uint64_t mst_hash64(const void *bytes, size_t n, uint64_t seed);

#ifdef __cplusplus
}
#endif
#endif
