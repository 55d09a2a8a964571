/* analyze_plan.c: which documents can be analysed piece by piece.
 *
 * A piece is dependent when its units, or those of its neighbours, could change if it were analysed
 * alone: the capital sigma, whose lower case looks at its neighbours, and pieces whose edges change
 * sides under the preprocessor (a combining mark that vanishes joins the words around it).
 */
#include "cpu/analyze.h"
#include "cpu/units.h"

typedef struct marking {
  const mst__analysis *a;
  uint8_t *dependent;
} marking;

static int is_ascii(mst_slice s) {
  for (int64_t i = 0; i < s.len; i++)
    if (s.ptr[i] >= 0x80) return 0;
  return 1;
}

/* U+03A3 is CE A3. */
static int has_sigma(mst_slice s) {
  for (int64_t i = 0; i + 1 < s.len; i++)
    if (s.ptr[i] == 0xce && s.ptr[i + 1] == 0xa3) return 1;
  return 0;
}

/* Does the text after the preprocessor begin or end with class k? 1 also for an empty text. */
static int edge_is(const uint8_t *bmp, const mst_buffer *text, int k) {
  if (!text->size_bytes) return 1;
  const uint8_t *p = text->data, *end = p + text->size_bytes;
  int n;
  if (mst__class_at(bmp, p, end, &n) == k) return 1;
  const int32_t last = mst_body_decode_back(p, end, &n);
  return (last < 0x10000 ? bmp[last] : mst__unicode_class(last)) == k;
}

static int all_space(const uint8_t *bmp, const mst_buffer *text) {
  if (!text->size_bytes) return 0;
  const uint8_t *end = text->data + text->size_bytes;
  return mst__class_end(bmp, MST_PIECE_SPACE, text->data, end) == end;
}

/* Is a piece of this kind, changed into text, safe to look up alone? */
static int is_dependent(const mst__analysis *a, int kind, const mst_buffer *text) {
  switch (a->options.analyzer) {
  case MST_ANALYZER_WORD: return kind != MST_PIECE_WORD && edge_is(a->bmp, text, MST_PIECE_WORD);
  case MST_ANALYZER_CHAR:
    return kind == MST_PIECE_SPACE ? !all_space(a->bmp, text)
                                   : edge_is(a->bmp, text, MST_PIECE_SPACE);
  case MST_ANALYZER_CHAR_WB: return kind == MST_PIECE_SPACE && !all_space(a->bmp, text);
  case MST_ANALYZER_MATHS: break;
  }
  return 1;
}

static mst_status mark_piece(const void *payload, mst__worker *w, int64_t v) {
  const marking *m = payload;
  const mst__analysis *a = m->a;
  const mst_slice s = mst_strings_at(&a->pieces->types, v);
  if (is_ascii(s)) return MST_OK;
  w->changed.size_bytes = 0;
  const mst_status st =
      mst__preprocess(s.ptr, s.len, a->options.lowercase, a->options.strip_accents, &w->changed);
  if (st) return st;
  const int sigma =
      a->options.lowercase && a->options.analyzer != MST_ANALYZER_CHAR_WB && has_sigma(s);
  m->dependent[v] = sigma || is_dependent(a, a->pieces->kind[v], &w->changed);
  return MST_OK;
}

/* Find the dependent pieces; *any receives whether there are some. */
static mst_status mark_pieces(const mst__analysis *a, mst__plan *plan, int *any) {
  const int64_t n = a->pieces->types.n;
  plan->dependent = mst_alloc_zero((size_t)n, 1);
  if (!plan->dependent) return MST_E_NOMEM;
  const marking m = {a, plan->dependent};
  const mst__job job = {.n_items = n, .fn = mark_piece, .payload = &m};
  mst__lists none = {0};
  const mst_status st = mst__lists_create(&job, a->n_threads, &none);
  mst__lists_fini(&none);
  for (int64_t v = 0; v < n && !*any; v++) *any = plan->dependent[v];
  return st;
}

static int document_is_plain(const mst_pieces *pieces, const uint8_t *dependent, int64_t d) {
  for (int64_t i = pieces->doc_ptr[d]; i < pieces->doc_ptr[d + 1]; i++)
    if (dependent[pieces->entry[i] >> 1]) return 1;
  return 0;
}

/* Mark what document d holds; several threads may set the same byte. */
static void mark_used(const mst_pieces *pieces, uint8_t *used, int64_t d) {
  for (int64_t i = pieces->doc_ptr[d]; i < pieces->doc_ptr[d + 1]; i++) {
    uint8_t *u = &used[pieces->entry[i] >> 1];
    if (!__atomic_load_n(u, __ATOMIC_RELAXED)) __atomic_store_n(u, 1, __ATOMIC_RELAXED);
  }
}

mst_status mst__plan_init(const mst__analysis *a, mst__plan *plan) {
  const mst_pieces *pieces = a->pieces;
  *plan = (mst__plan){0};
  int any = 0;
  const mst_status st = mark_pieces(a, plan, &any);
  if (st || !any) return st;
  plan->used = mst_alloc_zero((size_t)pieces->types.n, 1);
  plan->plain_at = plan->used ? mst_alloc((size_t)pieces->n_docs, sizeof *plan->plain_at) : NULL;
  if (!plan->plain_at) return MST_E_NOMEM;
#pragma omp parallel for schedule(dynamic, 1024) num_threads(a->n_threads)
  for (int64_t d = 0; d < pieces->n_docs; d++) {
    const int plain = document_is_plain(pieces, plan->dependent, d);
    plan->plain_at[d] = plain ? 0 : -1;
    if (!plain) mark_used(pieces, plan->used, d);
  }
  for (int64_t d = 0; d < pieces->n_docs; d++)
    if (plan->plain_at[d] == 0) plan->plain_at[d] = plan->n_plain++;
  plan->plain = mst_alloc((size_t)plan->n_plain, sizeof *plan->plain);
  if (!plan->plain) return MST_E_NOMEM;
  for (int64_t d = 0; d < pieces->n_docs; d++)
    if (plan->plain_at[d] >= 0) plan->plain[plan->plain_at[d]] = d;
  return MST_OK;
}

void mst__plan_fini(mst__plan *plan) {
  mst_free(plan->dependent);
  mst_free(plan->used);
  mst_free(plan->plain_at);
  mst_free(plan->plain);
  *plan = (mst__plan){0};
}

mst_status mst__cpu_units_mark(const mst_pieces *pieces, const mst_token_options *options,
                               int n_threads, uint8_t **dependent) {
  const mst__analysis a = {pieces, *options, mst__unicode_bmp(), NULL, n_threads};
  mst__plan plan = {0};
  int any = 0;
  const mst_status st = mark_pieces(&a, &plan, &any);
  if (!st) *dependent = any ? plan.dependent : NULL;
  if (st || !any) mst_free(plan.dependent);
  return st;
}
