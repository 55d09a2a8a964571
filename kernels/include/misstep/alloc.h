/* alloc.h: all memory of misstep goes through here.
 *
 * In: counts and sizes. Out: memory, or MST_E_NOMEM with a message that says how much was wanted.
 * Products are checked for overflow, tests replace the allocator by one that fails the k-th call,
 * and a growing buffer always names its ceiling.
 */
#ifndef MISSTEP_ALLOC_H
#define MISSTEP_ALLOC_H

#include <stddef.h>
#include <stdint.h>

#include "misstep/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Allocate count * size bytes, uninitialised; at least one byte, so NULL always means failure.
 * NULL: MST_E_NOMEM is recorded. Free with mst_free. Any thread. */
void *mst_alloc(size_t count, size_t size);

/* Like mst_alloc, all bytes zero. Large blocks are lazily zeroed pages of the system. */
void *mst_alloc_zero(size_t count, size_t size);

/* Resize block (or NULL) to count * size bytes. On failure the old block stays valid and NULL
 * is returned with MST_E_NOMEM recorded. */
void *mst_realloc(void *block, size_t count, size_t size);

/* Free what mst_alloc, mst_alloc_zero or mst_realloc gave. NULL is fine. */
void mst_free(void *block);

/* Let mst_free hand a block that did not come from here to `release`: memory of another kind
 * (pinned for a device) that becomes part of something owned. Not for mst_realloc. MST_E_NOMEM: it
 * stays the caller's. Any thread. */
typedef void mst_release_fn(void *block);
mst_status mst_alloc_adopt(void *block, mst_release_fn *release);

/* Like mst_alloc for a library that does not survive running out of memory in the middle of its
 * work: the test hook below is not asked. */
void *mst_alloc_for_library(size_t n_bytes);

/* Keep freed memory for the next use instead of giving it back to the system: fetching pages anew
 * is a quarter of the time of a short run, and costs a few ten MB at the peak. Blocks of 128 MiB or
 * more are mappings of their own, which grow without a copy and are gone when freed. A setting of
 * the whole process: for the first line of a program's main, not for a library. */
void mst_alloc_keep_freed(void);

/* Give what is kept back to the system, so that it does not add to a peak that cannot use it.
 * Blocks of 128 MiB or more do so by themselves: they are never made of kept memory. */
void mst_alloc_give_back(void);

/* Test hook: when set, it is asked before every allocation; non-zero makes that one fail.
 * Not for use while other threads allocate. NULL removes it. */
typedef int mst_alloc_fail_fn(void *payload);
void mst_alloc_set_fail(mst_alloc_fail_fn *fail, void *payload);

/* A byte buffer that grows up to a ceiling. */
typedef struct mst_buffer {
  uint8_t *data;     /* owned; NULL while empty */
  size_t size_bytes; /* used */
  size_t capacity_bytes;
  size_t limit_bytes; /* ceiling */
  const char *what;   /* what grows, for the message: "a field (--max-field-bytes)" */
} mst_buffer;

/* Start an empty buffer. what is borrowed and must outlive it. Cannot fail. */
void mst_buffer_init(mst_buffer *buffer, size_t limit_bytes, const char *what);

/* Append n bytes. MST_E_LIMIT beyond the ceiling, MST_E_NOMEM; the buffer is then as it was. */
mst_status mst_buffer_append(mst_buffer *buffer, const void *bytes, size_t n);

/* Append formatted text (no terminating zero is counted). Errors as mst_buffer_append. */
mst_status mst_buffer_printf(mst_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Make room for n more bytes and return where they go; size_bytes is the caller's to advance.
 * NULL on failure, with the error recorded (MST_E_LIMIT, MST_E_NOMEM). */
uint8_t *mst_buffer_reserve(mst_buffer *buffer, size_t n);

/* Free the storage; the buffer is empty and usable again. */
void mst_buffer_fini(mst_buffer *buffer);

#ifdef __cplusplus
}
#endif
#endif
