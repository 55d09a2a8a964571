/* arena.c: memory for fields that cannot stay as they are stored. */
#include "read/internal.h"

enum { BLOCK_BYTES = 64 * 1024 };

struct mst__block {
  mst__block *older;
  int64_t used, size;
  uint8_t bytes[];
};

uint8_t *mst__arena_take(mst__arena *arena, int64_t n) {
  mst__block *block = arena->newest;
  if (!block || block->size - block->used < n) {
    const int64_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
    block = mst_alloc(sizeof *block + (size_t)size, 1);
    if (!block) return NULL;
    block->older = arena->newest;
    block->used = 0;
    block->size = size;
    arena->newest = block;
  }
  uint8_t *bytes = block->bytes + block->used;
  block->used += n;
  return bytes;
}

void mst__arena_fini(mst__arena *arena) {
  while (arena->newest) {
    mst__block *older = arena->newest->older;
    mst_free(arena->newest);
    arena->newest = older;
  }
}
