/* exceptions.c: WordNet's lists of irregular forms, read both ways.
 *
 *     form base [base ...]      morph(7WN)
 */
#include <string.h>

#include "internal.h"
#include "misstep/hash.h"

static uint64_t slot_of(const mst__exceptions *x, mst_slice s) {
  return mst_hash64(s.ptr, (size_t)s.len, 0) & x->mask;
}

static int same(mst_slice a, mst_slice b) {
  return a.len == b.len && !memcmp(a.ptr, b.ptr, (size_t)a.len);
}

static void add(mst__exceptions *x, mst_slice form, mst_slice base) {
  const uint64_t f = slot_of(x, form), b = slot_of(x, base);
  x->item[x->n] = (mst__exception){form, base, x->by_form[f] - 1, x->by_base[b] - 1};
  x->by_form[f] = x->by_base[b] = ++x->n;
}

static mst_slice next_field(const uint8_t **p, const uint8_t *end) {
  while (*p < end && **p == ' ') ++*p;
  const uint8_t *begin = *p;
  while (*p < end && **p != ' ') ++*p;
  return (mst_slice){begin, *p - begin};
}

static mst_status read_line(const mst__map *map, int64_t at, const uint8_t *end,
                            mst__exceptions *x) {
  const uint8_t *p = map->bytes + at;
  const mst_slice form = next_field(&p, end);
  mst_slice base = next_field(&p, end);
  if (!base.len) return mst__map_fail(map, at, "a damaged line, expected a form and its base");
  for (; base.len; base = next_field(&p, end)) add(x, form, base);
  return MST_OK;
}

mst_status mst__exceptions_read(const mst__map *map, mst__exceptions *x) {
  int64_t n_most = 1;
  uint64_t n_slots = 2;
  for (int64_t i = 0; i < map->n; i++) n_most += map->bytes[i] == ' ' || map->bytes[i] == '\n';
  if (n_most > INT32_MAX / 4) return mst__map_fail(map, map->n, "too many irregular forms");
  while (n_slots < 2 * (uint64_t)n_most) n_slots *= 2;
  x->item = mst_alloc((size_t)n_most, sizeof *x->item);
  x->by_form = mst_alloc_zero(n_slots, sizeof *x->by_form);
  x->by_base = mst_alloc_zero(n_slots, sizeof *x->by_base);
  if (!x->item || !x->by_form || !x->by_base) return MST_E_NOMEM;
  x->mask = n_slots - 1;
  mst_status st = MST_OK;
  for (int64_t at = 0; !st && at < map->n;) {
    const uint8_t *end = memchr(map->bytes + at, '\n', (size_t)(map->n - at));
    if (!end) end = map->bytes + map->n;
    st = read_line(map, at, end, x);
    at = end - map->bytes + 1;
  }
  return st;
}

void mst__exceptions_close(mst__exceptions *x) {
  mst_free(x->item);
  mst_free(x->by_form);
  mst_free(x->by_base);
  *x = (mst__exceptions){0};
}

/* Chains hold what has the same slot: pass the others. */
int32_t mst__exception_by_form(const mst__exceptions *x, mst_slice form) {
  int32_t i = x->by_form[slot_of(x, form)] - 1;
  while (i >= 0 && !same(x->item[i].form, form)) i = x->item[i].next_form;
  return i;
}

int32_t mst__exception_by_base(const mst__exceptions *x, mst_slice base) {
  int32_t i = x->by_base[slot_of(x, base)] - 1;
  while (i >= 0 && !same(x->item[i].base, base)) i = x->item[i].next_base;
  return i;
}
