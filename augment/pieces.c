/* pieces.c: applies edits to pieces. Three sorted lists of spellings become one: the batch's, those
 * that the rules hold ready, and those of replacements that were made for one place. */
#include <string.h>

#include "engine.h"

enum { SOURCES = 3 };

typedef struct apply {
  const mst_augment_batch *batch;
  const mst_edits *const *edits;
  int64_t n_edits;
  int64_t *first_string; /* [n_edits + 1] document of its string 0 in made */
  int64_t *first_copy;   /* [n_edits + 1] document of its copy 0 in the result */
  mst_pieces *made;      /* the strings as documents */
  const mst_pieces *source[SOURCES];
  uint32_t *number[SOURCES]; /* a source's type in the result */
  mst_pieces *out;
} apply;

/* Cut the strings of all edits. */
static mst_status cut_strings(apply *a, int n_threads) {
  mst_buffer bytes;
  mst_buffer_init(&bytes, SIZE_MAX / 4, "replacements");
  const int64_t n = a->first_string[a->n_edits];
  int64_t *start = mst_alloc((size_t)n + 1, sizeof *start);
  mst_status st = start ? MST_OK : MST_E_NOMEM;
  if (start) start[0] = 0;
  for (int64_t i = 0, k = 0; !st && i < a->n_edits; i++) {
    const int64_t at = (int64_t)bytes.size_bytes;
    st = mst_buffer_append(&bytes, a->edits[i]->bytes.data, a->edits[i]->bytes.size_bytes);
    for (int64_t s = 0; !st && s < a->edits[i]->n_strings; s++)
      start[++k] = at + a->edits[i]->string[s];
  }
  const mst_text text = {n, bytes.data, start};
  if (!st) st = mst__cut(&text, n_threads, &a->made);
  mst_buffer_fini(&bytes);
  mst_free(start);
  return st;
}

/* The source whose next type is the lowest; -1: all are at their end. */
static int lowest(const apply *a, const int64_t at[SOURCES]) {
  int best = -1;
  for (int s = 0; s < SOURCES; s++) {
    if (at[s] == a->source[s]->types.n) continue;
    if (best < 0 || mst_slice_compare(mst_strings_at(&a->source[s]->types, at[s]),
                                      mst_strings_at(&a->source[best]->types, at[best])) < 0)
      best = s;
  }
  return best;
}

/* Merge the types. Room is for all of them, though some are equal. */
static mst_status merge_types(apply *a) {
  int64_t n = 0, n_bytes = 0, at[SOURCES] = {0};
  for (int s = 0; s < SOURCES; s++) {
    const mst_strings *types = &a->source[s]->types;
    n += types->n;
    n_bytes += types->n ? types->start[types->n] : 0;
    a->number[s] = mst_alloc((size_t)types->n, sizeof(uint32_t));
    if (!a->number[s]) return MST_E_NOMEM;
  }
  if (n > INT32_MAX) return MST_FAIL(MST_E_LIMIT, "%lld spellings, at most 2^31-1", (long long)n);
  mst_pieces *out = a->out;
  out->types.bytes = mst_alloc((size_t)n_bytes, 1);
  out->types.start = mst_alloc((size_t)n + 1, sizeof *out->types.start);
  out->kind = mst_alloc((size_t)n, 1);
  if (!out->types.bytes || !out->types.start || !out->kind) return MST_E_NOMEM;
  out->types.start[0] = 0;
  for (int s = lowest(a, at); s >= 0; s = lowest(a, at)) {
    const mst_slice spelling = mst_strings_at(&a->source[s]->types, at[s]);
    const int64_t v = out->types.n;
    const int known = v && !mst_slice_compare(mst_strings_at(&out->types, v - 1), spelling);
    a->number[s][at[s]] = (uint32_t)(known ? v - 1 : v);
    if (!known) {
      memcpy(out->types.bytes + out->types.start[v], spelling.ptr, (size_t)spelling.len);
      out->types.start[v + 1] = out->types.start[v] + spelling.len;
      out->kind[v] = a->source[s]->kind[at[s]];
      out->types.n++;
    }
    at[s]++;
  }
  return MST_OK;
}

/* The document of a source that holds a replacement. */
static int64_t replacement_doc(const apply *a, int64_t i, const mst_edit *edit, int *source) {
  *source = edit->replacement < 0 ? 2 : 1;
  return edit->replacement < 0 ? a->first_string[i] - 1 - edit->replacement : edit->replacement;
}

static int64_t doc_len(const mst_pieces *p, int64_t doc) {
  return p->doc_ptr[doc + 1] - p->doc_ptr[doc];
}

/* Pieces of a copy. */
static int64_t copy_len(const apply *a, int64_t i, const mst_copy *copy) {
  int64_t n = doc_len(a->source[0], copy->doc);
  for (int32_t e = 0; e < copy->n_edits; e++) {
    const mst_edit *edit = &a->edits[i]->edit[copy->first_edit + e];
    int source;
    const int64_t doc = replacement_doc(a, i, edit, &source);
    n += doc_len(a->source[source], doc) - edit->len;
  }
  return n;
}

/* Copy entries from a source with the numbers of the result. */
static uint32_t *put(const apply *a, int source, int64_t from, int64_t to, uint32_t *out) {
  const uint32_t *entry = a->source[source]->entry, *number = a->number[source];
  for (int64_t k = from; k < to; k++) *out++ = number[entry[k] >> 1] * 2 + (entry[k] & 1);
  return out;
}

static void fill_copy(const apply *a, int64_t i, const mst_copy *copy, uint32_t *out) {
  const mst_pieces *p = a->source[0];
  const int64_t first = p->doc_ptr[copy->doc];
  int64_t at = first;
  for (int32_t e = 0; e < copy->n_edits; e++) {
    const mst_edit *edit = &a->edits[i]->edit[copy->first_edit + e];
    int source;
    const int64_t doc = replacement_doc(a, i, edit, &source);
    out = put(a, 0, at, first + edit->pos, out);
    const int64_t *ptr = a->source[source]->doc_ptr;
    out = put(a, source, ptr[doc], ptr[doc + 1], out);
    at = first + edit->pos + edit->len;
    out[-1] |= p->entry[at - 1] & 1; /* the space behind what was replaced */
  }
  (void)put(a, 0, at, p->doc_ptr[copy->doc + 1], out);
}

static mst_status fill(apply *a, int n_threads) {
  mst_pieces *out = a->out;
  out->n_docs = a->first_copy[a->n_edits];
  out->doc_ptr = mst_alloc((size_t)out->n_docs + 1, sizeof *out->doc_ptr);
  if (!out->doc_ptr) return MST_E_NOMEM;
  out->doc_ptr[0] = 0;
  for (int64_t i = 0; i < a->n_edits; i++)
    for (int64_t c = 0; c < a->edits[i]->n_copies; c++) {
      const int64_t doc = a->first_copy[i] + c;
      out->doc_ptr[doc + 1] = out->doc_ptr[doc] + copy_len(a, i, &a->edits[i]->copy[c]);
    }
  out->n_entries = out->doc_ptr[out->n_docs];
  out->entry = mst_alloc((size_t)out->n_entries, sizeof *out->entry);
  if (!out->entry) return MST_E_NOMEM;
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
  for (int64_t i = 0; i < a->n_edits; i++)
    for (int64_t c = 0; c < a->edits[i]->n_copies; c++)
      fill_copy(a, i, &a->edits[i]->copy[c], out->entry + out->doc_ptr[a->first_copy[i] + c]);
  return MST_OK;
}

static mst_status count(apply *a) {
  a->first_string = mst_alloc((size_t)a->n_edits + 1, sizeof *a->first_string);
  a->first_copy = mst_alloc((size_t)a->n_edits + 1, sizeof *a->first_copy);
  a->out = mst_alloc_zero(1, sizeof *a->out);
  if (!a->first_string || !a->first_copy || !a->out) return MST_E_NOMEM;
  a->out->home = a->batch->pieces->home;
  a->first_string[0] = a->first_copy[0] = 0;
  for (int64_t i = 0; i < a->n_edits; i++) {
    a->first_string[i + 1] = a->first_string[i] + a->edits[i]->n_strings;
    a->first_copy[i + 1] = a->first_copy[i] + a->edits[i]->n_copies;
  }
  return MST_OK;
}

mst_status mst_augment_pieces(const mst_augment_batch *batch, const mst_edits *const *edits,
                              int64_t n_edits, int n_threads, mst_pieces **out) {
  apply a = {.batch = batch, .edits = edits, .n_edits = n_edits};
  mst_status st = count(&a);
  if (!st) st = cut_strings(&a, n_threads);
  if (!st) {
    a.source[0] = batch->pieces;
    a.source[1] = batch->a->rules->cased;
    a.source[2] = a.made;
    st = merge_types(&a);
  }
  if (!st) st = fill(&a, n_threads);
  if (st) mst_pieces_free(a.out);
  else *out = a.out;
  mst_pieces_free(a.made);
  for (int s = 0; s < SOURCES; s++) mst_free(a.number[s]);
  mst_free(a.first_string);
  mst_free(a.first_copy);
  return st;
}
