/* alloc.c: checked allocation, and the byte buffer that everything growing is built on. */
#include "misstep/alloc.h"

#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#define LARGE_BYTES ((size_t)128 << 20)

static mst_alloc_fail_fn *fail_hook;
static void *fail_payload;
static int keeps_freed; /* set once, before there are threads */

/* glibc keeps no block that it maps, and maps what is larger than 32 MiB unless it may not at all:
 * it may while a large block is asked for. 65536: its own limit. */
static void map_large(int on) {
#ifdef __GLIBC__
  if (keeps_freed) (void)mallopt(M_MMAP_MAX, on ? 65536 : 0);
#else
  (void)on;
#endif
}

void mst_alloc_set_fail(mst_alloc_fail_fn *fail, void *payload) {
  fail_hook = fail;
  fail_payload = payload;
}

void mst_alloc_keep_freed(void) {
#ifdef __GLIBC__
  (void)mallopt(M_TRIM_THRESHOLD, INT_MAX);
  (void)mallopt(M_TOP_PAD, 64 << 20);
  (void)mallopt(M_MMAP_THRESHOLD, 32 << 20); /* the most that it takes */
  keeps_freed = 1;
  map_large(0);
#endif
}

void mst_alloc_give_back(void) {
#ifdef __GLIBC__
  (void)malloc_trim(0);
#endif
}

/* Bytes to ask the system for, or 0 (with the error recorded) where there can be none. */
static size_t checked_bytes(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    MST_FAIL(MST_E_NOMEM, "no memory for %zu items of %zu bytes", count, size);
    return 0;
  }
  if (fail_hook && fail_hook(fail_payload)) {
    MST_FAIL(MST_E_NOMEM, "no memory for %zu bytes (made to fail by a test)", bytes);
    return 0;
  }
  if (bytes >= LARGE_BYTES) {
    mst_alloc_give_back();
    map_large(1);
  }
  return bytes ? bytes : 1;
}

static void *checked(void *block, size_t bytes) {
  if (bytes >= LARGE_BYTES) map_large(0);
  if (!block) MST_FAIL(MST_E_NOMEM, "no memory for %zu bytes", bytes);
  return block;
}

void *mst_alloc(size_t count, size_t size) {
  size_t bytes = checked_bytes(count, size);
  return bytes ? checked(malloc(bytes), bytes) : NULL;
}

void *mst_alloc_zero(size_t count, size_t size) {
  size_t bytes = checked_bytes(count, size);
  return bytes ? checked(calloc(1, bytes), bytes) : NULL;
}

void *mst_realloc(void *block, size_t count, size_t size) {
  size_t bytes = checked_bytes(count, size);
  return bytes ? checked(realloc(block, bytes), bytes) : NULL;
}

void *mst_alloc_for_library(size_t n_bytes) {
  return checked(malloc(n_bytes ? n_bytes : 1), n_bytes);
}

/* Blocks that are not malloc's: a handful at a time, so mst_free mostly looks at the count
 * alone. */
typedef struct adopted {
  void *block;
  mst_release_fn *release;
} adopted;

static pthread_mutex_t adopting = PTHREAD_MUTEX_INITIALIZER;
static adopted *foreign; /* [capacity], under the mutex, as are the next two */
static size_t n_foreign, foreign_capacity;
static atomic_size_t n_foreign_seen; /* n_foreign, for those who only look */

/* Room for one more. */
static mst_status grow_foreign(void) {
  if (n_foreign < foreign_capacity) return MST_OK;
  const size_t capacity = foreign_capacity ? foreign_capacity * 2 : 16;
  adopted *more = mst_realloc(foreign, capacity, sizeof *more);
  if (!more) return MST_E_NOMEM;
  foreign = more;
  foreign_capacity = capacity;
  return MST_OK;
}

/* The last one takes the list with it: nothing is left at the end of a program. */
static void drop_foreign(size_t i) {
  foreign[i] = foreign[--n_foreign];
  if (!n_foreign) {
    free(foreign);
    foreign = NULL;
    foreign_capacity = 0;
  }
  atomic_store(&n_foreign_seen, n_foreign);
}

mst_status mst_alloc_adopt(void *block, mst_release_fn *release) {
  (void)pthread_mutex_lock(&adopting);
  const mst_status st = grow_foreign();
  if (!st) {
    foreign[n_foreign++] = (adopted){block, release};
    atomic_store(&n_foreign_seen, n_foreign);
  }
  (void)pthread_mutex_unlock(&adopting);
  return st;
}

/* What releases a block, which is forgotten; NULL: it is malloc's. */
static mst_release_fn *forget(const void *block) {
  mst_release_fn *release = NULL;
  (void)pthread_mutex_lock(&adopting);
  for (size_t i = 0; i < n_foreign && !release; i++) {
    if (foreign[i].block != block) continue;
    release = foreign[i].release;
    drop_foreign(i);
  }
  (void)pthread_mutex_unlock(&adopting);
  return release;
}

void mst_free(void *block) {
  mst_release_fn *release = block && atomic_load(&n_foreign_seen) ? forget(block) : NULL;
  if (release) release(block);
  else free(block);
}

void mst_buffer_init(mst_buffer *buffer, size_t limit_bytes, const char *what) {
  *buffer = (mst_buffer){.limit_bytes = limit_bytes, .what = what};
}

uint8_t *mst_buffer_reserve(mst_buffer *buffer, size_t n) {
  if (n > buffer->limit_bytes || buffer->size_bytes > buffer->limit_bytes - n) {
    MST_FAIL(MST_E_LIMIT, "%s would grow beyond %zu bytes", buffer->what, buffer->limit_bytes);
    return NULL;
  }
  size_t want = buffer->size_bytes + n;
  if (want > buffer->capacity_bytes || !buffer->data) {
    size_t capacity = buffer->capacity_bytes < 64 ? 64 : buffer->capacity_bytes;
    while (capacity < want) capacity = capacity > SIZE_MAX / 2 ? want : capacity * 2;
    uint8_t *data = mst_realloc(buffer->data, capacity, 1);
    if (!data) return NULL;
    buffer->data = data;
    buffer->capacity_bytes = capacity;
  }
  return buffer->data + buffer->size_bytes;
}

mst_status mst_buffer_append(mst_buffer *buffer, const void *bytes, size_t n) {
  uint8_t *to = mst_buffer_reserve(buffer, n);
  if (!to) return mst_error_last()->status;
  if (n) memcpy(to, bytes, n);
  buffer->size_bytes += n;
  return MST_OK;
}

mst_status mst_buffer_printf(mst_buffer *buffer, const char *format, ...) {
  va_list args;
  va_start(args, format);
  va_list again;
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  mst_status st = MST_OK;
  uint8_t *to = n < 0 ? NULL : mst_buffer_reserve(buffer, (size_t)n + 1);
  if (n < 0) st = MST_FAIL(MST_E_ARG, "a format that cannot be printed");
  else if (!to) st = mst_error_last()->status;
  else {
    (void)vsnprintf((char *)to, (size_t)n + 1, format, again);
    buffer->size_bytes += (size_t)n;
  }
  va_end(again);
  return st;
}

void mst_buffer_fini(mst_buffer *buffer) {
  mst_free(buffer->data);
  buffer->data = NULL;
  buffer->size_bytes = buffer->capacity_bytes = 0;
}
