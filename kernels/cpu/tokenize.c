/* tokenize.c: the lossless cut of a corpus into pieces, and writing it back. */
#include "base/unicode.h"
#include "body/pieces.h"
#include "cpu/lists.h"
#include "misstep/tokens.h"

/* Few texts have more pieces than one in so many bytes; a long one has a new one in so many. */
enum { BYTES_PER_PIECE = 4, BYTES_PER_TYPE = 200 };

typedef struct cut {
  const mst_text *text;
  const uint8_t *bmp;
} cut;

/* End of the piece that begins at p, and its kind. Most pieces are short ASCII words. */
static const uint8_t *piece_end(const uint8_t *bmp, const uint8_t *p, const uint8_t *end,
                                const uint8_t *limit, int *kind) {
  int n = mst_body_word_run(p, end, limit - p);
  *kind = MST_PIECE_WORD;
  if (n && n < 16 && (p + n == end || p[n] < 0x80)) return p + n;
  if (!n) *kind = *p < 0x80 ? bmp[*p] : mst__class_at(bmp, p, end, &n);
  return mst__class_end(bmp, *kind, p + (n ? n : 1), end);
}

/* Emit the pieces of document d. A lone space is the flag of the piece before it. */
static mst_status cut_document(const void *payload, mst__worker *w, int64_t d) {
  const cut *c = payload;
  const mst_text *text = c->text;
  const uint8_t *p = text->bytes + text->start[d], *end = text->bytes + text->start[d + 1];
  const uint8_t *limit = text->bytes + text->start[text->n_docs];
  while (p < end) {
    int kind;
    const uint8_t *q = piece_end(c->bmp, p, end, limit, &kind);
    const mst_status st = mst__worker_emit_later(w, p, q - p, limit - p);
    if (st) return st;
    p = q;
    if (kind == MST_PIECE_SPACE || p == end || *p != ' ') continue;
    int n = 1;
    if (p + 1 < end && mst__class_at(c->bmp, p + 1, end, &n) == MST_PIECE_SPACE) continue;
    w->value[w->n - 1] |= 1;
    p++;
  }
  return MST_OK;
}

mst_status mst_pieces_create(const mst_text *text, int n_threads, mst_pieces **out) {
  if (!text || !out || n_threads < 1)
    return MST_FAIL(MST_E_ARG, "no text, no place for the pieces, or %d threads", n_threads);
  const cut c = {text, mst__unicode_bmp()};
  const mst__job job = {.n_items = text->n_docs,
                        .fn = cut_document,
                        .payload = &c,
                        .base = text->bytes,
                        .flag_bits = 1,
                        .n_values = text->start[text->n_docs] / BYTES_PER_PIECE,
                        .n_keys = text->start[text->n_docs] / BYTES_PER_TYPE};
  mst__lists lists = {0};
  mst_pieces *pieces = NULL;
  mst_status st = mst__lists_create(&job, n_threads, &lists);
  if (st) goto done;
  st = MST_E_NOMEM;
  uint8_t *kind = mst_alloc((size_t)lists.types.n, 1);
  if (!kind) goto done;
  for (int64_t v = 0; v < lists.types.n; v++) {
    const mst_slice s = mst_strings_at(&lists.types, v);
    int n;
    kind[v] = (uint8_t)mst__class_at(c.bmp, s.ptr, s.ptr + s.len, &n);
  }
  pieces = mst_alloc(1, sizeof *pieces);
  if (!pieces) {
    mst_free(kind);
    goto done;
  }
  *pieces = (mst_pieces){text->n_docs, lists.ptr, lists.value, lists.types, kind};
  lists = (mst__lists){0};
  *out = pieces;
  st = MST_OK;
done:
  mst__lists_fini(&lists);
  return st;
}

void mst_pieces_free(mst_pieces *pieces) {
  if (!pieces) return;
  mst_free(pieces->doc_ptr);
  mst_free(pieces->entry);
  mst_strings_fini(&pieces->types);
  mst_free(pieces->kind);
  mst_free(pieces);
}

int64_t mst_pieces_write(const mst_pieces *pieces, int64_t d, uint8_t *out,
                         int64_t capacity_bytes) {
  int64_t n = 0;
  for (int64_t i = pieces->doc_ptr[d]; i < pieces->doc_ptr[d + 1]; i++) {
    const mst_slice s = mst_strings_at(&pieces->types, pieces->entry[i] >> 1);
    if (n + s.len <= capacity_bytes) memcpy(out + n, s.ptr, (size_t)s.len);
    n += s.len;
    if ((pieces->entry[i] & 1) && n < capacity_bytes) out[n] = ' ';
    n += pieces->entry[i] & 1;
  }
  return n;
}
