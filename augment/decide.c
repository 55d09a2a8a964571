/* decide.c: which copies of a plan are written. */
#include <stdlib.h>
#include <string.h>

#include "plan_internal.h"
#include "spread.h"

/* The same text: records (copy 0) first, then the smallest number, then the smallest id. */
static int compare_texts(const void *x, const void *y) {
  const mst__plan_copy *a = x, *b = y;
  if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
  if (a->copy != b->copy) return a->copy < b->copy ? -1 : 1;
  return (a->record > b->record) - (a->record < b->record);
}

static int compare_places(const void *x, const void *y) {
  const mst__plan_copy *a = x, *b = y;
  if (a->record != b->record) return a->record < b->record ? -1 : 1;
  const int32_t i = abs(a->copy), k = abs(b->copy);
  return (i > k) - (i < k);
}

/* Records that share an id lose their copies. The plan is sorted. */
static int64_t drop_twins(mst_plan *p) {
  int64_t n = 0;
  for (int64_t i = 0; i < p->n; i++) {
    const int twin = (i > 0 && p->record[i - 1].id == p->record[i].id) ||
                     (i + 1 < p->n && p->record[i + 1].id == p->record[i].id);
    if (twin) p->record[i].n_copies = 0;
    n += twin;
  }
  return n;
}

/* Mark copies that read like a record or another copy by a negative number. */
static mst_status mark_doubles(mst_plan *p, int64_t *n_doubles) {
  int64_t n = 0;
  mst__plan_copy *all = mst_alloc((size_t)(p->n + p->n_copies), sizeof *all);
  if (!all) return MST_E_NOMEM;
  for (int64_t i = 0; i < p->n; i++) {
    const mst__plan_record *r = &p->record[i];
    all[n++] = (mst__plan_copy){r->text, 0, (int32_t)i};
    for (int32_t k = 0; k < r->n_copies; k++) all[n++] = p->copy[r->first + k];
  }
  if (n) qsort(all, (size_t)n, sizeof *all, compare_texts);
  int64_t kept = 0;
  *n_doubles = 0;
  for (int64_t i = 0; i < n; i++) {
    const int is_double = i > 0 && all[i].hash == all[i - 1].hash;
    if (all[i].copy == 0) continue; /* its hash stands where it stood: all[i - 1] above reads it */
    p->copy[kept] = all[i];
    if (is_double) p->copy[kept].copy = -all[i].copy;
    *n_doubles += is_double;
    kept++;
  }
  mst_free(all);
  p->n_copies = kept;
  if (kept) qsort(p->copy, (size_t)kept, sizeof *p->copy, compare_places);
  int64_t at = 0;
  for (int64_t i = 0; i < p->n; i++) {
    p->record[i].first = at;
    at += p->record[i].n_copies;
  }
  return MST_OK;
}

/* The number of the share-th copy that a record may write. */
static int32_t last_copy(const mst_plan *p, const mst__plan_record *r, int64_t share) {
  for (int32_t k = 0; share > 0 && k < r->n_copies; k++) {
    const int32_t copy = p->copy[r->first + k].copy;
    if (copy > 0 && --share == 0) return copy;
  }
  return 0;
}

static int64_t room_of(const mst_plan *p, const mst__plan_record *r, int64_t ceiling) {
  int64_t n = 0;
  for (int32_t k = 0; k < r->n_copies; k++) n += p->copy[r->first + k].copy > 0;
  return n < ceiling ? n : ceiling;
}

/* What is wanted of the groups that have records. The seats are sorted. */
static int64_t wanted_of(const mst_seat *at, int64_t n, const int64_t *wanted) {
  int64_t sum = 0;
  for (int64_t i = 0; i < n; i++) {
    const int32_t group = at[i].group;
    if ((i == 0 || at[i - 1].group != group) && wanted[group] > 0) sum += wanted[group];
  }
  return sum;
}

mst_status mst_plan_decide(mst_plan *p, uint64_t seed, int by_label, const int64_t *wanted,
                           int64_t ceiling, mst_plan_outcome *out) {
  mst_plan_outcome o = {0};
  mst_seat *at = mst_alloc((size_t)p->n, sizeof *at);
  mst_status st = at ? MST_OK : MST_E_NOMEM;
  if (!st) o.n_twins = drop_twins(p);
  if (!st) st = mark_doubles(p, &o.n_doubles);
  for (int64_t i = 0; !st && i < p->n; i++) {
    const mst__plan_record *r = &p->record[i];
    at[i] = (mst_seat){.draw = mst_seat_draw(seed, r->id),
                       .record = i,
                       .room = room_of(p, r, ceiling),
                       .group = by_label ? r->label : 0};
    o.n_possible += at[i].room;
  }
  if (!st) {
    o.n_planned = mst_spread(at, p->n, wanted);
    o.n_wanted = wanted_of(at, p->n, wanted);
    for (int64_t i = 0; i < p->n; i++) {
      mst__plan_record *r = &p->record[at[i].record];
      r->last = last_copy(p, r, at[i].share);
    }
    *out = o;
  }
  mst_free(at);
  return st;
}

int64_t mst_plan_find(const mst_plan *p, uint64_t id) {
  int64_t low = 0, high = p->n;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (p->record[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return low < p->n && p->record[low].id == id ? low : -1;
}

int32_t mst_plan_n_copies(const mst_plan *p, int64_t place) { return p->record[place].last; }

int mst_plan_keeps(const mst_plan *p, int64_t place, int32_t copy) {
  const mst__plan_record *r = &p->record[place];
  for (int32_t k = 0; k < r->n_copies; k++)
    if (abs(p->copy[r->first + k].copy) == copy) return p->copy[r->first + k].copy > 0;
  return 0;
}
