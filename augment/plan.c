/* plan.c: counts of records and copies: gathered, merged, written and read. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "plan_internal.h"

static const char magic[8] = {'M', 'S', 'T', 'P', 'L', 'A', 'N', '1'};

mst_status mst_plan_create(mst_slice terms, mst_plan **out) {
  mst_plan *p = mst_alloc_zero(1, sizeof *p);
  char *copy = mst_alloc((size_t)terms.len + 1, 1);
  if (!p || !copy) {
    mst_free(p);
    mst_free(copy);
    return MST_E_NOMEM;
  }
  if (terms.len) memcpy(copy, terms.ptr, (size_t)terms.len);
  copy[terms.len] = 0; /* messages print it */
  p->terms = copy;
  p->n_terms = terms.len;
  *out = p;
  return MST_OK;
}

void mst_plan_free(mst_plan *p) {
  if (!p) return;
  mst_free(p->terms);
  mst_free(p->record);
  mst_free(p->copy);
  mst_free(p->label_count);
  mst_strings_fini(&p->labels);
  mst_free(p);
}

mst_slice mst_plan_terms(const mst_plan *p) {
  return (mst_slice){(const uint8_t *)p->terms, p->n_terms};
}

int64_t mst_plan_n_records(const mst_plan *p) { return p->n; }
const mst_strings *mst_plan_labels(const mst_plan *p) { return &p->labels; }
int64_t mst_plan_label_count(const mst_plan *p, int64_t label) { return p->label_count[label]; }

static mst_status add_label(mst_plan *p, mst_slice name) {
  mst_strings *s = &p->labels;
  const int64_t end = s->n ? s->start[s->n] : 0;
  if (s->n + 2 > p->label_capacity) {
    const int64_t capacity = 2 * p->label_capacity + 16;
    int64_t *start = mst_realloc(s->start, (size_t)capacity, sizeof *start);
    if (!start) return MST_E_NOMEM;
    s->start = start;
    int64_t *count = mst_realloc(p->label_count, (size_t)capacity, sizeof *count);
    if (!count) return MST_E_NOMEM;
    p->label_count = count;
    p->label_capacity = capacity;
  }
  if (!s->bytes || end + name.len > p->byte_capacity) {
    const int64_t capacity = 2 * (end + name.len) + 256;
    uint8_t *bytes = mst_realloc(s->bytes, (size_t)capacity, 1);
    if (!bytes) return MST_E_NOMEM;
    s->bytes = bytes;
    p->byte_capacity = capacity;
  }
  s->start[s->n] = end;
  if (name.len) memcpy(s->bytes + end, name.ptr, (size_t)name.len);
  p->label_count[s->n] = 0;
  s->start[++s->n] = end + name.len;
  return MST_OK;
}

/* Number of a label; labels are few. */
static mst_status label_number(mst_plan *p, mst_slice name, int32_t *out) {
  for (int64_t i = 0; i < p->labels.n; i++)
    if (!mst_slice_compare(mst_strings_at(&p->labels, i), name)) {
      *out = (int32_t)i;
      return MST_OK;
    }
  *out = (int32_t)p->labels.n;
  return add_label(p, name);
}

mst_status mst_plan_add(mst_plan *p, uint64_t id, mst_slice label, uint64_t text) {
  mst__plan_record r = {.id = id, .text = text, .first = p->n_copies};
  if (p->n >= INT32_MAX) return MST_FAIL(MST_E_LIMIT, "more than %d records in a plan", INT32_MAX);
  if (p->n == p->capacity) {
    const int64_t capacity = 2 * p->capacity + 1024;
    mst__plan_record *grown = mst_realloc(p->record, (size_t)capacity, sizeof *grown);
    if (!grown) return MST_E_NOMEM;
    p->record = grown;
    p->capacity = capacity;
  }
  const mst_status st = label_number(p, label, &r.label);
  if (st) return st;
  p->label_count[r.label]++;
  p->record[p->n++] = r;
  return MST_OK;
}

mst_status mst_plan_add_copy(mst_plan *p, int32_t copy, uint64_t hash) {
  if (p->n_copies == p->copy_capacity) {
    const int64_t capacity = p->copy_capacity + p->copy_capacity / 2 + 4096;
    mst__plan_copy *grown = mst_realloc(p->copy, (size_t)capacity, sizeof *grown);
    if (!grown) return MST_E_NOMEM;
    p->copy = grown;
    p->copy_capacity = capacity;
  }
  p->copy[p->n_copies++] = (mst__plan_copy){hash, copy, (int32_t)(p->n - 1)};
  p->record[p->n - 1].n_copies++;
  return MST_OK;
}

mst_status mst_plan_merge(mst_plan *into, const mst_plan *from) {
  mst_status st = MST_OK;
  if (mst_slice_compare(mst_plan_terms(into), mst_plan_terms(from)))
    return MST_FAIL(MST_E_FORMAT,
                    "plans of different settings: '%s' and '%s'; the same ones are "
                    "expected",
                    into->terms, from->terms);
  for (int64_t i = 0; !st && i < from->n; i++) {
    const mst__plan_record *r = &from->record[i];
    st = mst_plan_add(into, r->id, mst_strings_at(&from->labels, r->label), r->text);
    for (int32_t k = 0; !st && k < r->n_copies; k++)
      st = mst_plan_add_copy(into, from->copy[r->first + k].copy, from->copy[r->first + k].hash);
  }
  return st;
}

static int compare_records(const void *x, const void *y) {
  const mst__plan_record *a = x, *b = y;
  if (a->id != b->id) return a->id < b->id ? -1 : 1;
  if (a->text != b->text) return a->text < b->text ? -1 : 1;
  return (a->label > b->label) - (a->label < b->label);
}

/* Labels by their bytes. They are few. */
static mst_status sort_labels(mst_plan *p) {
  const int64_t n = p->labels.n;
  mst_plan other = {0};
  mst_status st = MST_OK;
  int32_t *renamed = mst_alloc((size_t)n, sizeof *renamed);
  if (!renamed) return MST_E_NOMEM;
  for (int64_t done = 0; !st && done < n; done++) {
    int64_t best = -1;
    for (int64_t i = 0; i < n; i++) {
      const mst_slice s = mst_strings_at(&p->labels, i);
      if (done && mst_slice_compare(s, mst_strings_at(&other.labels, done - 1)) <= 0) continue;
      if (best < 0 || mst_slice_compare(s, mst_strings_at(&p->labels, best)) < 0) best = i;
    }
    renamed[best] = (int32_t)done;
    st = add_label(&other, mst_strings_at(&p->labels, best));
    if (!st) other.label_count[done] = p->label_count[best];
  }
  for (int64_t i = 0; !st && i < p->n; i++) p->record[i].label = renamed[p->record[i].label];
  mst_free(renamed);
  mst_strings_fini(st ? &other.labels : &p->labels);
  mst_free(st ? other.label_count : p->label_count);
  if (st) return st;
  p->labels = other.labels;
  p->label_count = other.label_count;
  p->label_capacity = other.label_capacity;
  p->byte_capacity = other.byte_capacity;
  return MST_OK;
}

mst_status mst_plan_sort(mst_plan *p) {
  mst_status st = sort_labels(p);
  mst__plan_copy *copy = st ? NULL : mst_alloc((size_t)p->n_copies, sizeof *copy);
  if (!copy) return MST_E_NOMEM;
  if (p->n) qsort(p->record, (size_t)p->n, sizeof *p->record, compare_records);
  int64_t at = 0;
  for (int64_t i = 0; i < p->n; i++) {
    mst__plan_record *r = &p->record[i];
    for (int32_t k = 0; k < r->n_copies; k++) {
      copy[at + k] = p->copy[r->first + k];
      copy[at + k].record = (int32_t)i;
    }
    r->first = at;
    at += r->n_copies;
  }
  mst_free(p->copy);
  p->copy = copy;
  p->copy_capacity = p->n_copies;
  return MST_OK;
}

static mst_status put(mst_buffer *out, uint64_t value, int n_bytes) {
  uint8_t bytes[8];
  for (int i = 0; i < n_bytes; i++) bytes[i] = (uint8_t)(value >> (8 * i));
  return mst_buffer_append(out, bytes, (size_t)n_bytes);
}

static mst_status put_slice(mst_buffer *out, mst_slice s) {
  const mst_status st = put(out, (uint64_t)s.len, 8);
  return st ? st : mst_buffer_append(out, s.ptr, (size_t)s.len);
}

mst_status mst_plan_save(mst_plan *p, mst_buffer *out) {
  mst_status st = mst_plan_sort(p);
  if (!st) st = mst_buffer_append(out, magic, sizeof magic);
  if (!st) st = put_slice(out, mst_plan_terms(p));
  if (!st) st = put(out, (uint64_t)p->labels.n, 8);
  for (int64_t i = 0; !st && i < p->labels.n; i++)
    st = put_slice(out, mst_strings_at(&p->labels, i));
  if (!st) st = put(out, (uint64_t)p->n, 8);
  for (int64_t i = 0; !st && i < p->n; i++) {
    const mst__plan_record *r = &p->record[i];
    st = put(out, r->id, 8);
    if (!st) st = put(out, r->text, 8);
    if (!st) st = put(out, (uint64_t)r->label, 4);
    if (!st) st = put(out, (uint64_t)r->n_copies, 4);
    for (int32_t k = 0; !st && k < r->n_copies; k++) {
      st = put(out, (uint64_t)p->copy[r->first + k].copy, 4);
      if (!st) st = put(out, p->copy[r->first + k].hash, 8);
    }
  }
  return st;
}

/* Bytes that are read; ok becomes 0 where they end too early. */
typedef struct source {
  const uint8_t *p, *end;
  int ok;
} source;

static uint64_t take(source *s, int n_bytes) {
  uint64_t value = 0;
  if (s->end - s->p < n_bytes) s->ok = 0;
  for (int i = 0; s->ok && i < n_bytes; i++) value |= (uint64_t)s->p[i] << (8 * i);
  s->p += s->ok ? n_bytes : 0;
  return value;
}

static mst_slice take_slice(source *s) {
  const uint64_t n = take(s, 8);
  if (n > (uint64_t)(s->end - s->p)) s->ok = 0;
  const mst_slice out = {s->p, s->ok ? (int64_t)n : 0};
  s->p += out.len;
  return out;
}

static mst_status take_record(source *s, const mst_strings *names, mst_plan *p) {
  const uint64_t id = take(s, 8), text = take(s, 8), label = take(s, 4), n = take(s, 4);
  int32_t before = 0;
  if (label >= (uint64_t)names->n || n > (uint64_t)(s->end - s->p) / 12) s->ok = 0;
  mst_status st = s->ok ? mst_plan_add(p, id, mst_strings_at(names, (int64_t)label), text) : MST_OK;
  for (uint64_t k = 0; !st && s->ok && k < n; k++) {
    const int32_t copy = (int32_t)(take(s, 4) & INT32_MAX);
    if (copy <= before) s->ok = 0;
    before = copy;
    st = mst_plan_add_copy(p, copy, take(s, 8));
  }
  return st;
}

mst_status mst_plan_load(const char *name, const void *bytes, size_t n_bytes, mst_plan **out) {
  source s = {.p = bytes, .end = (const uint8_t *)bytes + n_bytes, .ok = 1};
  mst_plan *p = NULL, names = {0};
  if (n_bytes < sizeof magic || memcmp(bytes, magic, sizeof magic) != 0)
    return MST_FAIL(MST_E_FORMAT, "%s: it is no plan of misstep augment --make-plan", name);
  s.p += sizeof magic;
  mst_status st = mst_plan_create(take_slice(&s), &p);
  const uint64_t n_labels = take(&s, 8);
  for (uint64_t i = 0; !st && s.ok && i < n_labels; i++) st = add_label(&names, take_slice(&s));
  const uint64_t n = take(&s, 8);
  for (uint64_t i = 0; !st && s.ok && i < n; i++) st = take_record(&s, &names.labels, p);
  if (!st && (!s.ok || s.p != s.end))
    st = MST_FAIL(MST_E_FORMAT, "%s: it is damaged or cut off", name);
  mst_strings_fini(&names.labels);
  mst_free(names.label_count);
  if (st) mst_plan_free(p);
  else *out = p;
  return st;
}
