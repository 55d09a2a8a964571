/* intern.cuh: distinct spellings on the device, numbered as they turn up. Internal.
 *
 * In: bytes cut into spellings (a bitmap of where they begin). Out: per spelling its number, the
 * same for equal bytes; which number a spelling gets depends on the order of threads, so nothing
 * but equality may be read from it: sort_types.cu turns numbers into ranks. Next stage: tokenize.cu
 * (pieces of a text), analyze.cu (words of char_wb).
 */
#ifndef MISSTEP_CUDA_INTERN_CUH
#define MISSTEP_CUDA_INTERN_CUH

#include "cuda/device.cuh"

/* A strip of bytes is the work of one warp while cutting, and the unit of the offsets. */
enum { MST__STRIP = 256, MST__STRIP_WORDS = MST__STRIP / 32 };

/* Strips of n bytes: there is always one that holds bit n, where the last spelling ends. */
static inline int64_t mst__strips(int64_t n_bytes) { return n_bytes / MST__STRIP + 1; }

/* Bytes on the device, cut into spellings. Borrowed. */
typedef struct mst__cuda_cut {
  const uint8_t *d_bytes; /* [n_bytes], aligned to 8 and readable up to a multiple of 8 */
  int64_t n_bytes;
  int64_t n_strips;           /* mst__strips(n_bytes) */
  const uint32_t *d_begin;    /* [n_strips * MST__STRIP_WORDS] bit i: a spelling begins at byte i */
  const uint32_t *d_border;   /* bit i: one begins, or what lies between two; and bit n_bytes */
  const int64_t *d_strip_ptr; /* [n_strips + 1] spellings that begin before each strip */
} mst__cuda_cut;

/* text_cut.cu: find where the pieces of a text begin.
 *   cut            its bytes: zeros behind the end, up to n_strips * MST__STRIP
 *   d_docs         [n_strips * MST__STRIP_WORDS] bit i: a document begins at byte i
 *   d_begin, d_border, d_strip_count  written: the cut's bitmaps, and [n_strips] beginnings of each
 * MST_E_DEVICE. */
mst_status mst__cuda_text_cut(mst_backend *backend, const mst__cuda_cut *cut,
                              const uint32_t *d_docs, uint32_t *d_begin, uint32_t *d_border,
                              int32_t *d_strip_count);

/* docs.cu: mark where documents begin in a bitmap that is zero.
 *   d_start  [n] in units of scale bytes, counted from origin; one more than there are documents
 *            marks the end of the last
 * MST_E_DEVICE. */
mst_status mst__cuda_docs_mark(mst_backend *backend, const int64_t *d_start, int64_t n,
                               int64_t origin, int64_t scale, uint32_t *d_docs);

/* Write to d_ptr [n], for each start of a document as above, base + the number of spellings of the
 * cut before it. d_ptr may be d_start. MST_E_DEVICE. */
mst_status mst__cuda_docs_place(mst_backend *backend, const mst__cuda_cut *cut,
                                const int64_t *d_start, int64_t n, int64_t origin, int64_t scale,
                                int64_t base, int64_t *d_ptr);

/* What a slot points to: 0 free, else
 *     bits 40..63  tag: the upper bits of the fingerprint
 *     bit  39      1: a place in the cut at hand; 0: a place in the arena
 *     bits 0..38   byte of that place, + 1
 * One word, so that one compare-and-swap makes it and no thread ever sees half a slot. */
typedef unsigned long long mst__cuda_slot;

/* In the arena a spelling has its length (8 bytes) before it, zeros behind it up to a multiple of
 * 16: the nine out of ten that are short are verified from one 32-byte sector. */
typedef struct mst__cuda_table {
  mst_backend *backend;
  mst__cuda_scratch<mst__cuda_slot> slot; /* [n_slots], a power of two, at most 2^31 */
  mst__cuda_scratch<uint32_t> slot_type;  /* [n_slots] number of the slot's spelling */
  int64_t n_slots;
  int64_t n_types, limit;                /* distinct spellings; how many before the table grows */
  mst__cuda_scratch<uint32_t> type_slot; /* [limit] */
  mst__cuda_scratch<int64_t> type_start; /* [limit] place in the arena */
  mst__cuda_scratch<uint8_t> arena;
  int64_t arena_used, arena_capacity;
  mst__cuda_scratch<unsigned long long> counters; /* [2] types so far; not 0: over the limit */

  explicit mst__cuda_table(mst_backend *backend)
      : backend(backend), slot(backend), slot_type(backend), n_slots(0), n_types(0), limit(0),
        type_slot(backend), type_start(backend), arena(backend), arena_used(0), arena_capacity(0),
        counters(backend) {}
} mst__cuda_table;

/* Start an empty table for about n_keys spellings; it grows. MST_E_NOMEM. */
mst_status mst__cuda_table_open(mst__cuda_table *t, int64_t n_keys);

/* Number the spellings of a cut.
 *   d_value  [spellings of the cut] written: number << 1 | (1 when something lies between it and
 *            what follows)
 * Afterwards the table needs the cut's bytes no more. MST_E_NOMEM, MST_E_LIMIT (more than 2^31-1
 * distinct spellings), MST_E_DEVICE. */
mst_status mst__cuda_table_add(mst__cuda_table *t, const mst__cuda_cut *cut, uint32_t *d_value);

/* Fetch the spellings in the order of the numbers in d_order, or of their own where that is NULL.
 * Owned by the caller. MST_E_NOMEM. */
mst_status mst__cuda_table_fetch(const mst__cuda_table *t, const uint32_t *d_order,
                                 mst_strings *types);

/* sort_types.cu: sort the spellings by bytes.
 *   d_order  [n_types] written: numbers in the order of their spellings
 *   d_rank   [n_types] written: the place of each number in d_order
 * MST_E_NOMEM, MST_E_DEVICE. */
mst_status mst__cuda_table_sort(const mst__cuda_table *t, uint32_t *d_order, uint32_t *d_rank);

/* A spelling in the arena. */
__device__ static inline const uint8_t *mst__arena_at(const uint8_t *arena, int64_t start,
                                                      int64_t *len) {
  *len = *reinterpret_cast<const int64_t *>(arena + start);
  return arena + start + 8;
}

/* Bytes i .. i+7 of a spelling (i a multiple of 8, below len) as a number, the first byte lowest,
 * zeros behind the end. Reads whole aligned words that hold a byte of it, and no others. */
__device__ static inline uint64_t mst__chunk(const uint8_t *p, int64_t i, int64_t len) {
  const uintptr_t at = reinterpret_cast<uintptr_t>(p + i);
  const uint64_t *word = reinterpret_cast<const uint64_t *>(at & ~(uintptr_t)7);
  const int shift = 8 * (int)(at & 7);
  const int64_t n = len - i < 8 ? len - i : 8;
  uint64_t w = word[0] >> shift;
  if (shift + 8 * n > 64) w |= word[1] << (64 - shift);
  return n == 8 ? w : w & (~(uint64_t)0 >> (64 - 8 * n));
}

#endif
