/* analyze.c: tokens from pieces. Every distinct piece is analysed once, documents are look-ups;
 * documents that hold a dependent piece are analysed whole, which is also the definition. */
#include "cpu/analyze.h"
#include "cpu/operations.h"
#include "cpu/units.h"

enum { NONE = MST__UNIT_NONE, SEVERAL = MST__UNIT_SEVERAL, MANY = UINT8_MAX };

/* Documents as sequences of things that are analysed once each: pieces, or runs of pieces. */
typedef struct stream {
  const int64_t *doc_ptr; /* [D + 1] */
  const uint32_t *entry;  /* id << bits, low bit (if bits): a space follows */
  int bits;
  int64_t n_ids;
  const mst_strings *runs; /* NULL: ids are pieces; else id is a run of entries (uint32_t each) */
} stream;

/* The pass over what is analysed: items 0 .. n_ids-1 are the stream's ids, item n_ids is the space
 * between two pieces, the rest are the plain documents. */
typedef struct looking {
  const mst__analysis *a;
  const mst__plan *plan;
  stream s;
  int has_space; /* a fast document needs the space as a unit of its own (char) */
  mst__lists lists;
  int32_t *one; /* [n_ids + 1] the item's only unit, or NONE, or SEVERAL: see lists */
  uint8_t *few; /* [n_ids + 1] how many it has, or MANY: a quarter of the memory to look at */
} looking;

/* Run r's text into w->text. */
static mst_status write_run(const looking *l, mst__worker *w, int64_t r) {
  const mst_slice entries = mst_strings_at(l->s.runs, r);
  w->text.size_bytes = 0;
  for (int64_t i = 0; i < entries.len; i += (int64_t)sizeof(uint32_t)) {
    uint32_t entry;
    memcpy(&entry, entries.ptr + i, sizeof entry);
    const mst_slice s = mst_strings_at(&l->a->pieces->types, entry >> 1);
    const mst_status st = mst_buffer_append(&w->text, s.ptr, (size_t)s.len);
    if (st) return st;
  }
  return MST_OK;
}

static mst_status look_at(const void *payload, mst__worker *w, int64_t item) {
  const looking *l = payload;
  const int64_t n_ids = l->s.n_ids;
  if (item > n_ids) return mst__analyze_document(l->a, w, l->plan->plain[item - n_ids - 1]);
  if (item == n_ids)
    return l->has_space ? mst__analyze_text(l->a, w, (const uint8_t *)" ", 1) : MST_OK;
  if (l->s.runs) {
    const mst_status st = write_run(l, w, item);
    return st ? st : mst__analyze_text(l->a, w, w->text.data, (int64_t)w->text.size_bytes);
  }
  if (l->plan->used && !l->plan->used[item]) return MST_OK;
  const mst_slice s = mst_strings_at(&l->a->pieces->types, item);
  return mst__analyze_text(l->a, w, s.ptr, s.len);
}

static int is_plain(const mst__plan *plan, int64_t d) {
  return plan->plain_at && plan->plain_at[d] >= 0;
}

static int any_space(const mst__analysis *a, const mst__plan *plan) {
  for (int64_t d = 0; d < a->pieces->n_docs; d++) {
    if (is_plain(plan, d)) continue;
    for (int64_t i = a->pieces->doc_ptr[d]; i < a->pieces->doc_ptr[d + 1]; i++)
      if (a->pieces->entry[i] & 1) return 1;
  }
  return 0;
}

static mst_status look_at_all(looking *l) {
  const int64_t n_items = l->s.n_ids + 1 + l->plan->n_plain;
  const mst__job job = {.n_items = n_items,
                        .fn = look_at,
                        .payload = l,
                        .n_values = n_items,
                        .n_keys = n_items / l->a->n_threads};
  const mst_status st = mst__lists_create(&job, l->a->n_threads, &l->lists);
  if (st) return st;
  l->one = mst_alloc((size_t)l->s.n_ids + 1, sizeof *l->one);
  l->few = l->one ? mst_alloc((size_t)l->s.n_ids + 1, sizeof *l->few) : NULL;
  if (!l->few) return MST_E_NOMEM;
  for (int64_t i = 0; i <= l->s.n_ids; i++) {
    const int64_t at = l->lists.ptr[i], n = l->lists.ptr[i + 1] - at;
    l->one[i] = n == 1 ? (int32_t)l->lists.value[at] : n == 0 ? NONE : SEVERAL;
    l->few[i] = n < MANY ? (uint8_t)n : MANY;
  }
  return MST_OK;
}

static int64_t list_length(const mst__lists *lists, int64_t i) {
  return lists->ptr[i + 1] - lists->ptr[i];
}

/* Copy item i's list to id; returns its length. */
static int64_t put_list(const mst__lists *lists, int64_t i, int32_t *id) {
  const int64_t n = list_length(lists, i);
  if (n) memcpy(id, lists->value + lists->ptr[i], (size_t)n * sizeof *id);
  return n;
}

/* Number of units of document d. */
static int64_t count_document(const looking *l, int64_t d) {
  if (is_plain(l->plan, d)) return list_length(&l->lists, l->s.n_ids + 1 + l->plan->plain_at[d]);
  int64_t n = 0;
  for (int64_t i = l->s.doc_ptr[d]; i < l->s.doc_ptr[d + 1]; i++) {
    const int64_t id = l->s.entry[i] >> l->s.bits;
    n += l->few[id];
    if (l->few[id] == MANY) n += list_length(&l->lists, id) - MANY;
    if (l->has_space) n += l->s.entry[i] & 1;
  }
  return n;
}

/* Write the units of the stream's entries i .. last-1. A unit that is not one is overwritten by the
 * next: the look-up of a word has no branch. */
static void fill_entries(const looking *l, int64_t i, int64_t last, int32_t *out,
                         const int32_t *end) {
  for (; i < last && out < end; i++) {
    const uint32_t entry = l->s.entry[i];
    const int64_t id = entry >> l->s.bits;
    const int32_t unit = l->one[id];
    *out = unit;
    out += unit >= 0;
    if (unit == SEVERAL) out += put_list(&l->lists, id, out);
    if (l->has_space && (entry & 1)) *out++ = l->one[l->s.n_ids];
  }
}

/* Write the units of documents d .. last-1. What lies between two plain ones is one run of entries,
 * whose ends of documents nothing has to ask for. */
static void fill_documents(const looking *l, const mst_tokens *t, int64_t d, int64_t last) {
  while (d < last) {
    int32_t *out = t->id + t->doc_ptr[d];
    int64_t next = d;
    while (next < last && !is_plain(l->plan, next)) next++;
    fill_entries(l, l->s.doc_ptr[d], l->s.doc_ptr[next], out, t->id + t->doc_ptr[next]);
    for (d = next; d < last && is_plain(l->plan, d); d++)
      (void)put_list(&l->lists, l->s.n_ids + 1 + l->plan->plain_at[d], t->id + t->doc_ptr[d]);
  }
}

/* Turn the look-ups into token streams. */
static mst_status fill(looking *l, mst_tokens *t) {
  enum { BATCH = 4096 };
  const int64_t n_docs = t->n_docs;
  t->doc_ptr = mst_alloc((size_t)n_docs + 1, sizeof *t->doc_ptr);
  if (!t->doc_ptr) return MST_E_NOMEM;
  t->doc_ptr[0] = 0;
#pragma omp parallel for schedule(dynamic, 4096) num_threads(l->a->n_threads)
  for (int64_t d = 0; d < n_docs; d++) t->doc_ptr[d + 1] = count_document(l, d);
  for (int64_t d = 0; d < n_docs; d++) t->doc_ptr[d + 1] += t->doc_ptr[d];
  t->id = mst_alloc((size_t)t->doc_ptr[n_docs], sizeof *t->id);
  if (!t->id) return MST_E_NOMEM;
#pragma omp parallel for schedule(dynamic, 1) num_threads(l->a->n_threads)
  for (int64_t d = 0; d < n_docs; d += BATCH)
    fill_documents(l, t, d, d + BATCH < n_docs ? d + BATCH : n_docs);
  t->types = l->lists.types;
  l->lists.types = (mst_strings){0};
  return MST_OK;
}

typedef struct run_cut {
  const mst_pieces *pieces;
  const mst__plan *plan;
} run_cut;

/* Emit the runs of pieces that white space separates in document d: their entries, as they lie in
 * memory. The last one's flag belongs to the run: a word before a space and at an end are two. */
static mst_status cut_runs(const void *payload, mst__worker *w, int64_t d) {
  const run_cut *c = payload;
  const mst_pieces *pieces = c->pieces;
  if (is_plain(c->plan, d)) return MST_OK;
  const int64_t last = pieces->doc_ptr[d + 1];
  const int64_t size = (int64_t)sizeof *pieces->entry;
  for (int64_t i = pieces->doc_ptr[d], from = i; i < last; i++) {
    const uint32_t entry = pieces->entry[i];
    const int space = pieces->kind[entry >> 1] == MST_PIECE_SPACE;
    if (!space && !(entry & 1) && i + 1 < last) continue;
    const int64_t to = space ? i : i + 1;
    const uint8_t *run = (const uint8_t *)(pieces->entry + from);
    const mst_status st = to > from ? mst__worker_emit_later(w, run, (to - from) * size) : MST_OK;
    if (st) return st;
    from = i + 1;
  }
  return MST_OK;
}

/* In a long text a new run comes with so many pieces, roughly. */
enum { PIECES_PER_RUN_TYPE = 16 };

/* char_wb: the words between white space are what is analysed once each. */
static mst_status make_runs(const mst__analysis *a, const mst__plan *plan, mst__lists *runs,
                            stream *s) {
  const run_cut c = {a->pieces, plan};
  const int64_t n = a->pieces->doc_ptr[a->pieces->n_docs];
  const mst__job job = {.n_items = a->pieces->n_docs,
                        .fn = cut_runs,
                        .payload = &c,
                        .base = (const uint8_t *)a->pieces->entry,
                        .base_end = (const uint8_t *)(a->pieces->entry + n),
                        .n_values = n,
                        .n_keys = mst__keys_of_part(n / PIECES_PER_RUN_TYPE, a->n_threads)};
  const mst_status st = mst__lists_create(&job, a->n_threads, runs);
  if (!st) *s = (stream){runs->ptr, runs->value, 0, runs->types.n, &runs->types};
  return st;
}

static mst_status look_up(const mst__analysis *a, mst_tokens *t) {
  mst__plan plan;
  mst__lists runs = {0};
  looking l = {.a = a, .plan = &plan};
  mst_status st = mst__plan_init(a, &plan);
  if (st) goto done;
  l.s = (stream){a->pieces->doc_ptr, a->pieces->entry, 1, a->pieces->types.n, NULL};
  if (a->options.analyzer == MST_ANALYZER_CHAR_WB) st = make_runs(a, &plan, &runs, &l.s);
  if (st) goto done;
  l.has_space = a->options.analyzer == MST_ANALYZER_CHAR && any_space(a, &plan);
  st = look_at_all(&l);
  if (!st) st = fill(&l, t);
done:
  mst__lists_fini(&l.lists);
  mst_free(l.one);
  mst_free(l.few);
  mst__lists_fini(&runs);
  mst__plan_fini(&plan);
  return st;
}

static mst_status plain_document(const void *payload, mst__worker *w, int64_t d) {
  return mst__analyze_document(payload, w, d);
}

mst_status mst__tokens_plain(const mst__analysis *a, mst_tokens *t) {
  const mst__job job = {.n_items = t->n_docs,
                        .fn = plain_document,
                        .payload = a,
                        .n_values = a->pieces->doc_ptr[t->n_docs]};
  mst__lists lists = {0};
  const mst_status st = mst__lists_create(&job, a->n_threads, &lists);
  if (st) return st;
  t->doc_ptr = lists.ptr;
  t->id = (int32_t *)lists.value;
  t->types = lists.types;
  return MST_OK;
}

static int joinable(const mst_strings *types) {
  int ok = 1;
  for (int64_t i = 0; i < types->start[types->n]; i++) ok &= types->bytes[i] > 0x20;
  for (int64_t v = 0; v < types->n; v++) ok &= types->start[v + 1] > types->start[v];
  return ok;
}

mst_status mst__cpu_tokens_create(mst_backend *backend, const mst_pieces *pieces,
                                  const mst_token_options *options, mst_tokens *out) {
  mst__analysis a = {pieces, *options, mst__unicode_bmp(), NULL, backend->n_threads};
  mst_status st = MST_OK;
  if (options->token_pattern) st = mst__pattern_create(options->token_pattern, &a.pattern);
  if (st) return st;
  mst_tokens t = {.analyzer = options->analyzer, .n_docs = pieces->n_docs, .home = backend};
  const int plain = options->analyzer == MST_ANALYZER_MATHS || a.pattern;
  st = plain ? mst__tokens_plain(&a, &t) : look_up(&a, &t);
  mst__pattern_free(a.pattern);
  if (st) {
    mst_free(t.doc_ptr);
    mst_free(t.id);
    mst_strings_fini(&t.types);
    return st;
  }
  t.n_tokens = t.doc_ptr[t.n_docs];
  t.joinable = joinable(&t.types);
  *out = t;
  return MST_OK;
}

mst_status mst__cpu_units_create(const mst_pieces *pieces, const mst_token_options *options,
                                 int n_threads, const uint8_t *used, const mst_strings *runs,
                                 int has_space, mst__units *out) {
  const mst__analysis a = {pieces, *options, mst__unicode_bmp(), NULL, n_threads};
  const int64_t n_ids = runs ? runs->n : pieces->types.n;
  mst__plan plan = {.used = (uint8_t *)used, .n_plain = pieces->n_docs};
  plan.plain = mst_alloc((size_t)plan.n_plain, sizeof *plan.plain);
  if (!plan.plain) return MST_E_NOMEM;
  for (int64_t d = 0; d < plan.n_plain; d++) plan.plain[d] = d;
  looking l = {.a = &a, .plan = &plan, .s = {.n_ids = n_ids, .runs = runs}, has_space};
  const mst_status st = look_at_all(&l);
  mst_free(plan.plain);
  mst_free(l.few);
  if (st) {
    mst_free(l.one);
    mst__lists_fini(&l.lists);
    return st;
  }
  *out = (mst__units){n_ids,         l.lists.n_items,         l.lists.ptr, l.lists.value, l.one,
                      l.lists.types, joinable(&l.lists.types)};
  return MST_OK;
}

void mst__cpu_units_fini(mst__units *units) {
  mst_free(units->ptr);
  mst_free(units->value);
  mst_free(units->one);
  mst_strings_fini(&units->types);
  *units = (mst__units){0};
}
