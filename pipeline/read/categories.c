/* categories.c: number the distinct values of a column in byte order. */
#include <stdlib.h>
#include <string.h>

#include "misstep/alloc.h"
#include "misstep/hash.h"
#include "read/split.h"

/* A value: the document that showed it first. */
typedef struct distinct {
  int64_t doc;
  uint64_t hash;
} distinct;

/* Open addressing: slot[hash & mask] is a distinct value's number + 1, or 0. */
typedef struct table {
  const mst_text *values;
  int32_t *slot;
  uint64_t mask;
  distinct *value; /* [n] */
  int64_t n, capacity;
} table;

static mst_slice value_at(const mst_text *t, int64_t d) {
  return (mst_slice){t->bytes + t->start[d], t->start[d + 1] - t->start[d]};
}

/* Room for one more value: half of the slots stay empty. */
static mst_status grow(table *t) {
  if (t->n == INT32_MAX) return MST_FAIL(MST_E_LIMIT, "more than 2^31-1 distinct values");
  if (t->n < t->capacity) return MST_OK;
  const int64_t capacity = t->capacity ? 2 * t->capacity : 512;
  distinct *value = mst_realloc(t->value, (size_t)capacity, sizeof *value);
  if (!value) return MST_E_NOMEM;
  t->value = value;
  int32_t *slot = mst_alloc_zero((size_t)capacity * 2, sizeof *slot);
  if (!slot) return MST_E_NOMEM;
  mst_free(t->slot);
  t->slot = slot;
  t->mask = (uint64_t)capacity * 2 - 1;
  t->capacity = capacity;
  for (int64_t i = 0; i < t->n; i++) {
    uint64_t at = value[i].hash & t->mask;
    while (slot[at]) at = (at + 1) & t->mask;
    slot[at] = (int32_t)i + 1;
  }
  return MST_OK;
}

/* The number of document d's value by first appearance, made if new. */
static mst_status number_of(table *t, int64_t d, int32_t *id) {
  const mst_status st = grow(t);
  if (st) return st;
  const mst_slice value = value_at(t->values, d);
  const uint64_t hash = mst_hash64(value.ptr, (size_t)value.len, 0);
  uint64_t at = hash & t->mask;
  for (; t->slot[at]; at = (at + 1) & t->mask) {
    const distinct *known = t->value + t->slot[at] - 1;
    if (known->hash != hash) continue;
    const mst_slice other = value_at(t->values, known->doc);
    if (value.len != other.len || memcmp(value.ptr, other.ptr, (size_t)value.len) != 0) continue;
    *id = t->slot[at] - 1;
    return MST_OK;
  }
  t->value[t->n] = (distinct){d, hash};
  *id = (int32_t)t->n++;
  t->slot[at] = *id + 1;
  return MST_OK;
}

/* A value to sort: its first bytes, as a number, decide most comparisons. */
typedef struct item {
  uint64_t prefix;
  mst_slice value;
  int32_t id;
} item;

static int compare_items(const void *a, const void *b) {
  const item *x = a, *y = b;
  if (x->prefix != y->prefix) return x->prefix < y->prefix ? -1 : 1;
  return mst_slice_compare(x->value, y->value);
}

static item item_of(mst_slice value, int32_t id) {
  uint8_t head[8] = {0};
  memcpy(head, value.ptr, (size_t)(value.len < 8 ? value.len : 8));
  uint64_t prefix = 0;
  for (int i = 0; i < 8; i++) prefix = prefix << 8 | head[i];
  return (item){prefix, value, id};
}

/* Names in byte order; rank[i] is the place of value i among them. */
static mst_status sort_names(const table *t, int32_t *rank, mst_strings *name) {
  item *items = mst_alloc((size_t)t->n, sizeof *items);
  int64_t *start = mst_alloc((size_t)t->n + 1, sizeof *start);
  int64_t n_bytes = 0;
  uint8_t *bytes = NULL;
  if (items && start) {
    for (int64_t i = 0; i < t->n; i++) {
      items[i] = item_of(value_at(t->values, t->value[i].doc), (int32_t)i);
      n_bytes += items[i].value.len;
    }
    bytes = mst_alloc((size_t)n_bytes, 1);
  }
  if (!bytes) {
    mst_free(items);
    mst_free(start);
    return MST_E_NOMEM;
  }
  qsort(items, (size_t)t->n, sizeof *items, compare_items);
  start[0] = 0;
  for (int64_t i = 0; i < t->n; i++) {
    rank[items[i].id] = (int32_t)i;
    memcpy(bytes + start[i], items[i].value.ptr, (size_t)items[i].value.len);
    start[i + 1] = start[i] + items[i].value.len;
  }
  mst_free(items);
  *name = (mst_strings){t->n, bytes, start};
  return MST_OK;
}

mst_status mst_categories_init(const mst_text *values, mst_categories *out) {
  table t = {.values = values};
  mst_strings name = {0};
  int32_t *rank = NULL;
  int32_t *id = mst_alloc((size_t)values->n_docs, sizeof *id);
  mst_status st = id ? MST_OK : MST_E_NOMEM;
  for (int64_t d = 0; !st && d < values->n_docs; d++) st = number_of(&t, d, id + d);
  if (st) goto done;
  rank = mst_alloc((size_t)t.n, sizeof *rank);
  st = rank ? sort_names(&t, rank, &name) : MST_E_NOMEM;
  if (st) goto done;
  for (int64_t d = 0; d < values->n_docs; d++) id[d] = rank[id[d]];
  *out = (mst_categories){name, id};
  id = NULL;
done:
  mst_free(id);
  mst_free(rank);
  mst_free(t.value);
  mst_free(t.slot);
  return st;
}

void mst_categories_fini(mst_categories *categories) {
  mst_strings_fini(&categories->name);
  mst_free(categories->id);
  categories->id = NULL;
}
