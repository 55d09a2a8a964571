/* pieces.c: applies edits to pieces. Three sorted lists of spellings become one: the batch's, those
 * that the rules hold ready, and those of replacements that were made for one place. After that all
 * is integers, and a backend's work (splices.h). */
#include <string.h>

#include "engine.h"
#include "misstep/splices.h"

enum { SOURCES = 3 };

typedef struct apply {
  const mst_augment_batch *batch;
  const mst_edits *const *edits;
  int64_t n_edits;
  int64_t *first_string; /* [n_edits + 1] document of its string 0 in made */
  int64_t *first_copy;   /* [n_edits + 1] document of its copy 0 in the result */
  int64_t *first_splice; /* [n_edits + 1] of its copy 0 */
  mst_pieces *made;      /* the strings as documents */
  const mst_pieces *source[SOURCES];
  uint32_t *number[SOURCES]; /* a source's type in the result */
  mst_pieces *out;
  int64_t *by_ptr; /* the replacements: those that the rules hold ready, then the strings */
  uint32_t *by_entry;
  int64_t *copy_doc, *copy_ptr;
  mst_splice *splice;
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

/* Lay out the replacements of both kinds, one behind the other, with the numbers of the result. */
static mst_status lay_out_replacements(apply *a) {
  const mst_pieces *ready = a->source[1], *made = a->source[2];
  int64_t n = 0, at = 0;
  a->by_ptr = mst_alloc((size_t)(ready->n_docs + made->n_docs) + 1, sizeof *a->by_ptr);
  a->by_entry = mst_alloc((size_t)(ready->n_entries + made->n_entries), sizeof *a->by_entry);
  if (!a->by_ptr || !a->by_entry) return MST_E_NOMEM;
  for (int s = 1; s < SOURCES; s++) {
    const mst_pieces *p = a->source[s];
    for (int64_t d = 0; d < p->n_docs; d++) a->by_ptr[n++] = at + p->doc_ptr[d];
    for (int64_t k = 0; k < p->n_entries; k++)
      a->by_entry[at++] = a->number[s][p->entry[k] >> 1] << 1 | (p->entry[k] & 1);
  }
  a->by_ptr[n] = at;
  return MST_OK;
}

/* The edits of list i as splices. */
static void lay_out_list(const apply *a, int64_t i) {
  const mst_edits *e = a->edits[i];
  const int64_t first_string = a->source[1]->n_docs + a->first_string[i];
  int64_t at = a->first_splice[i];
  for (int64_t c = 0; c < e->n_copies; c++) {
    const mst_copy *copy = &e->copy[c];
    a->copy_doc[a->first_copy[i] + c] = copy->doc;
    a->copy_ptr[a->first_copy[i] + c] = at;
    for (int32_t k = 0; k < copy->n_edits; k++) {
      const mst_edit *edit = &e->edit[copy->first_edit + k];
      const int64_t by =
          edit->replacement < 0 ? first_string - 1 - edit->replacement : edit->replacement;
      a->splice[at++] = (mst_splice){edit->pos, edit->len, by};
    }
  }
}

static mst_status lay_out_edits(apply *a, int n_threads) {
  const int64_t n = a->first_copy[a->n_edits], n_splices = a->first_splice[a->n_edits];
  a->copy_doc = mst_alloc((size_t)n, sizeof *a->copy_doc);
  a->copy_ptr = mst_alloc((size_t)n + 1, sizeof *a->copy_ptr);
  a->splice = mst_alloc((size_t)n_splices, sizeof *a->splice);
  if (!a->copy_doc || !a->copy_ptr || !a->splice) return MST_E_NOMEM;
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
  for (int64_t i = 0; i < a->n_edits; i++) lay_out_list(a, i);
  a->copy_ptr[n] = n_splices;
  return MST_OK;
}

static mst_status splice_all(const apply *a, mst_backend *backend) {
  const mst_pieces *p = a->batch->pieces;
  const mst_splices s = {.n_docs = p->n_docs,
                         .doc_ptr = p->doc_ptr,
                         .entry = p->entry,
                         .n_types = p->types.n,
                         .number = a->number[0],
                         .n_by = a->source[1]->n_docs + a->source[2]->n_docs,
                         .by_ptr = a->by_ptr,
                         .by_entry = a->by_entry,
                         .n_copies = a->first_copy[a->n_edits],
                         .copy_doc = a->copy_doc,
                         .copy_ptr = a->copy_ptr,
                         .splice = a->splice};
  return mst_splices_apply(backend, &s, a->out);
}

/* Splices of a list. */
static int64_t count_splices(const mst_edits *e) {
  int64_t n = 0;
  for (int64_t c = 0; c < e->n_copies; c++) n += e->copy[c].n_edits;
  return n;
}

static mst_status count(apply *a) {
  a->first_string = mst_alloc((size_t)a->n_edits + 1, sizeof *a->first_string);
  a->first_copy = mst_alloc((size_t)a->n_edits + 1, sizeof *a->first_copy);
  a->first_splice = mst_alloc((size_t)a->n_edits + 1, sizeof *a->first_splice);
  a->out = mst_alloc_zero(1, sizeof *a->out);
  if (!a->first_string || !a->first_copy || !a->first_splice || !a->out) return MST_E_NOMEM;
  a->first_string[0] = a->first_copy[0] = a->first_splice[0] = 0;
  for (int64_t i = 0; i < a->n_edits; i++) {
    a->first_string[i + 1] = a->first_string[i] + a->edits[i]->n_strings;
    a->first_copy[i + 1] = a->first_copy[i] + a->edits[i]->n_copies;
    a->first_splice[i + 1] = a->first_splice[i] + count_splices(a->edits[i]);
  }
  return MST_OK;
}

static void apply_fini(apply *a) {
  mst_pieces_free(a->made);
  for (int s = 0; s < SOURCES; s++) mst_free(a->number[s]);
  mst_free(a->first_string);
  mst_free(a->first_copy);
  mst_free(a->first_splice);
  mst_free(a->by_ptr);
  mst_free(a->by_entry);
  mst_free(a->copy_doc);
  mst_free(a->copy_ptr);
  mst_free(a->splice);
}

mst_status mst_augment_apply(mst_backend *backend, const mst_augment_batch *batch,
                             const mst_edits *const *edits, int64_t n_edits, mst_pieces **out) {
  apply a = {.batch = batch, .edits = edits, .n_edits = n_edits};
  const int n_threads = mst_backend_threads(backend);
  mst_status st = count(&a);
  if (!st) st = cut_strings(&a, n_threads);
  if (!st) {
    a.source[0] = batch->pieces;
    a.source[1] = batch->a->rules->cased;
    a.source[2] = a.made;
    st = merge_types(&a);
  }
  if (!st) st = lay_out_replacements(&a);
  if (!st) st = lay_out_edits(&a, n_threads);
  if (!st) st = splice_all(&a, backend);
  if (st) mst_pieces_free(a.out);
  else *out = a.out;
  apply_fini(&a);
  return st;
}

mst_status mst_augment_pieces(const mst_augment_batch *batch, const mst_edits *const *edits,
                              int64_t n_edits, int n_threads, mst_pieces **out) {
  mst_backend *cpu = NULL;
  mst_pieces *pieces = NULL;
  mst_status st = mst_backend_open("cpu", n_threads, &cpu);
  if (!st) st = mst_augment_apply(cpu, batch, edits, n_edits, &pieces);
  if (!st) {
    pieces->home = NULL; /* the host's memory, which outlives the backend */
    *out = pieces;
  }
  mst_backend_close(cpu);
  return st;
}
