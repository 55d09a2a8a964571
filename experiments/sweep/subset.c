/* subset.c: an order of units of which every beginning is stratified: a unit's place is the share
 * of its class that comes before it. */
#include <stdlib.h>
#include <string.h>

#include "misstep/alloc.h"
#include "misstep/rng.h"
#include "part.h"

typedef struct unit {
  int64_t number, size;
  uint64_t draw;
  int32_t label; /* most frequent, the lowest of equals */
  double place;  /* below 0: the first of its class */
} unit;

static int by_label(const void *a, const void *b) {
  const unit *x = a, *y = b;
  if (x->label != y->label) return x->label - y->label;
  if (x->draw != y->draw) return x->draw < y->draw ? -1 : 1;
  return (x->number > y->number) - (x->number < y->number);
}

static int by_place(const void *a, const void *b) {
  const unit *x = a, *y = b;
  if (x->place < y->place || x->place > y->place) return x->place < y->place ? -1 : 1;
  return by_label(a, b);
}

/* A record of the part as (unit, label), to be sorted. */
typedef struct member {
  int64_t unit;
  uint64_t key;
  int32_t label;
} member;

static int by_unit(const void *a, const void *b) {
  const member *x = a, *y = b;
  if (x->unit != y->unit) return x->unit < y->unit ? -1 : 1;
  return x->label - y->label;
}

/* Sorted members to units. */
static int64_t gather(const member *m, int64_t n, uint64_t seed, unit *u) {
  int64_t n_units = 0;
  for (int64_t i = 0; i < n;) {
    const int64_t number = m[i].unit;
    int64_t most = 0;
    u[n_units] = (unit){.number = number, .draw = mst_rng_u64(seed, MST_RNG_SWEEP, m[i].key, 2, 0)};
    while (i < n && m[i].unit == number) {
      const int64_t from = i;
      while (i < n && m[i].unit == number && m[i].label == m[from].label) i++;
      if (i - from > most) u[n_units].label = m[from].label;
      most = i - from > most ? i - from : most;
      u[n_units].size += i - from;
    }
    n_units++;
  }
  return n_units;
}

static void set_places(unit *u, int64_t n) {
  qsort(u, (size_t)n, sizeof *u, by_label);
  for (int64_t i = 0; i < n;) {
    const int64_t first = i;
    double total = 0, before = 0;
    for (; i < n && u[i].label == u[first].label; i++) total += (double)u[i].size;
    for (int64_t k = first; k < i; k++) {
      u[k].place = k == first ? -1 : (before + (double)u[k].size / 2) / total;
      before += (double)u[k].size;
    }
  }
  qsort(u, (size_t)n, sizeof *u, by_place);
}

mst_status sweep_subset(const mst_split_records *records, uint64_t seed, int32_t which,
                        int64_t n_wanted, int32_t *part) {
  int64_t n = 0, n_units = 0, top = 0;
  for (int64_t d = 0; d < records->n_docs; d++) {
    n += part[d] == which;
    if (records->unit[d] >= top) top = records->unit[d] + 1;
  }
  member *m = mst_alloc((size_t)n, sizeof *m);
  unit *u = mst_alloc((size_t)n, sizeof *u);
  uint8_t *kept = mst_alloc_zero((size_t)top, 1);
  mst_status st = m && u && kept ? MST_OK : MST_E_NOMEM;
  if (st) goto done;
  int64_t at = 0, taken = 0;
  for (int64_t d = 0; d < records->n_docs; d++)
    if (part[d] == which) m[at++] = (member){records->unit[d], records->key[d], records->label[d]};
  qsort(m, (size_t)n, sizeof *m, by_unit);
  n_units = gather(m, n, seed, u);
  set_places(u, n_units);
  for (int64_t i = 0; i < n_units && taken + u[i].size <= n_wanted; i++) {
    kept[u[i].number] = 1;
    taken += u[i].size;
  }
  for (int64_t d = 0; d < records->n_docs; d++)
    if (part[d] == which && !kept[records->unit[d]]) part[d] = -1;
done:
  mst_free(m);
  mst_free(u);
  mst_free(kept);
  return st;
}
