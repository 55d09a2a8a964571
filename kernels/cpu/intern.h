/* intern.h: distinct byte strings of one thread, numbered in the order of their first appearance.
 * Internal.
 *
 * Open addressing. A slot holds the first 16 bytes of the key, so that a hit on a short key (nearly
 * every word) touches one cache line and no spelling; of a longer key it holds 8 bytes and a hash.
 */
#ifndef MISSTEP_CPU_INTERN_H
#define MISSTEP_CPU_INTERN_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "misstep/status.h"
#include "misstep/text.h"

typedef struct mst__slot {
  uint64_t w0, w1; /* up to 16 bytes: the key, zeros behind it; longer: first 8 bytes, hash */
  uint32_t len;    /* bytes, at most UINT32_MAX */
  uint32_t id1;    /* id + 1; 0: free */
} mst__slot;

typedef struct mst__key {
  int64_t start; /* first byte, from the table's base */
  int64_t len;
  uint64_t w0, w1; /* first 16 bytes, zeros behind them: sorting rarely needs more */
} mst__key;

typedef struct mst__intern {
  mst__slot *slot;     /* [mask + 1], owned; NULL before the first key */
  uint64_t mask;       /* number of slots - 1 */
  mst__key *key;       /* [n], owned */
  int64_t n, capacity; /* keys; key has room for capacity */
  const uint8_t *base; /* what keys count from: borrowed memory, or arena */
  uint8_t *arena;      /* owned copies of the keys; NULL when keys are borrowed */
  int64_t arena_used, arena_capacity;
} mst__intern;

/* Start a table. base: memory that holds every key and outlives the table; NULL: copy keys. */
void mst__intern_init(mst__intern *t, const uint8_t *base);
void mst__intern_fini(mst__intern *t);

/* Make room for n keys in an empty table, to be made ready before the first. MST_E_NOMEM. */
mst_status mst__intern_reserve(mst__intern *t, int64_t n);

/* Make reserved room ready: on the thread that will use it, which then has it in its cache. */
void mst__intern_ready(mst__intern *t);

/* Key id's bytes, borrowed; valid until the next key is added. */
static inline mst_slice mst__intern_at(const mst__intern *t, int64_t id) {
  return (mst_slice){t->base + t->key[id].start, t->key[id].len};
}

/* The slow part of mst__intern_add: a new key, or a table that must grow. */
mst_status mst__intern_insert(mst__intern *t, mst__slot want, const uint8_t *p, int64_t len,
                              uint32_t *id);

/* Is this long key the one in a slot with the same words? */
int mst__intern_same(const mst__intern *t, uint32_t id, const uint8_t *p, int64_t len);

uint64_t mst__hash_long(const uint8_t *p, int64_t len);

static inline uint64_t mst__slot_hash(uint64_t w0, uint64_t w1, uint32_t len) {
  uint64_t h = (w0 ^ len) * 0x9e3779b97f4a7c15u;
  h = ((h ^ h >> 32) + w1) * 0xd6e8feb86659fd93u;
  return h ^ h >> 29;
}

/* n <= 8 bytes at p as a number, zeros behind them. readable: bytes that may be read at p. */
static inline uint64_t mst__load(const uint8_t *p, int64_t n, int64_t readable) {
  uint64_t w = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  if (readable >= 8) {
    if (n == 0) return 0;
    memcpy(&w, p, 8);
    return w & UINT64_MAX >> (64 - 8 * n);
  }
#else
  (void)readable;
#endif
  memcpy(&w, p, (size_t)n);
  return w;
}

/* The two words of a slot for the key p[0 .. len). */
static inline void mst__slot_words(mst__slot *s, const uint8_t *p, int64_t len, int64_t readable) {
#ifdef __SSE2__
  if (len <= 16 && readable >= 16) { /* no branch on the length: words have all of them */
    static const uint8_t window[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                       255, 255, 255, 255, 255, 255, 255, 255};
    const __m128i mask = _mm_loadu_si128((const __m128i *)(const void *)(window + 16 - len));
    const __m128i w = _mm_and_si128(_mm_loadu_si128((const __m128i *)(const void *)p), mask);
    s->w0 = (uint64_t)_mm_cvtsi128_si64(w);
    s->w1 = (uint64_t)_mm_cvtsi128_si64(_mm_srli_si128(w, 8));
    return;
  }
#endif
  s->w0 = mst__load(p, len < 8 ? len : 8, readable);
  if (len > 16) s->w1 = mst__hash_long(p, len);
  else s->w1 = len > 8 ? mst__load(p + 8, len - 8, readable - 8) : 0;
}

/* Find or add the key p[0 .. len) whose words and hash are known. Errors as mst__intern_add. */
static inline mst_status mst__intern_find(mst__intern *t, const mst__slot *want, uint64_t hash,
                                          const uint8_t *p, int64_t len, uint32_t *id) {
  if (t->slot) {
    uint64_t i = hash & t->mask;
    for (; t->slot[i].id1; i = (i + 1) & t->mask) {
      const mst__slot *s = &t->slot[i];
      if (s->w0 != want->w0 || s->w1 != want->w1 || s->len != want->len) continue;
      if (len > 16 && !mst__intern_same(t, s->id1 - 1, p, len)) continue;
      *id = s->id1 - 1;
      return MST_OK;
    }
  }
  return mst__intern_insert(t, *want, p, len, id);
}

static inline uint32_t mst__slot_len(int64_t len) {
  return len < UINT32_MAX ? (uint32_t)len : UINT32_MAX;
}

/* Find or add the key p[0 .. len).
 *   readable  bytes that may be read at p, >= len
 *   id        receives its number
 * MST_E_NOMEM; MST_E_LIMIT beyond 2^31-1 keys. */
static inline mst_status mst__intern_add(mst__intern *t, const uint8_t *p, int64_t len,
                                         int64_t readable, uint32_t *id) {
  mst__slot want = {.len = mst__slot_len(len)};
  mst__slot_words(&want, p, len, readable);
  return mst__intern_find(t, &want, mst__slot_hash(want.w0, want.w1, want.len), p, len, id);
}

#endif
