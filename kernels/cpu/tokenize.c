/* tokenize.c: the lossless cut of a corpus into pieces. */
#include "base/unicode.h"
#include "cpu/block.h"
#include "cpu/lists.h"
#include "cpu/operations.h"

/* Few texts have more pieces than one in so many bytes; a long one has a new one in so many. */
enum { BYTES_PER_PIECE = 4, BYTES_PER_TYPE = 300 };

typedef struct cut {
  const mst_text *text;
  const uint8_t *bmp;
} cut;

/* Emit the piece that begins at p; *next receives where the one after it begins. A lone space
 * between is the flag of the piece before it. */
static mst_status cut_piece(const cut *c, mst__worker *w, const uint8_t *p, const uint8_t *end,
                            const uint8_t **next) {
  int n;
  const int kind = mst__class_at(c->bmp, p, end, &n);
  const uint8_t *q = mst__class_end(c->bmp, kind, p + n, end);
  const mst_status st = mst__worker_emit_later(w, p, q - p);
  *next = q;
  if (st || kind == MST_PIECE_SPACE || q == end || *q != ' ') return st;
  if (q + 1 < end && mst__class_at(c->bmp, q + 1, end, &n) == MST_PIECE_SPACE) return MST_OK;
  w->value[w->n - 1] |= 1;
  *next = q + 1;
  return MST_OK;
}

/* The pieces of a block of ASCII, as bits. */
typedef struct block_cut {
  uint64_t kept; /* first bytes of the pieces whose ends are known */
  uint64_t ends; /* last bytes of all pieces */
  uint64_t lone; /* lone spaces */
  int n;         /* bytes up to the next block; 0: the first piece may be longer than the block */
} block_cut;

/* Cut the n bytes of a block; its first byte begins a piece. last: the document ends with them. */
static block_cut cut_block(mst__block b, int n, int last) {
  const uint64_t valid = UINT64_MAX >> (MST__BLOCK - n);
  const uint64_t change = (b.word ^ b.word << 1) | (b.space ^ b.space << 1);
  const uint64_t starts = (change | 1) & valid;
  block_cut bits = {.ends = starts >> 1 | (uint64_t)1 << (n - 1), .n = n};
  bits.lone = b.blank & starts & bits.ends & ~(uint64_t)1;
  bits.kept = starts & ~bits.lone;
  if (last) return bits;
  /* What begins last may go on, and whether a space is alone shows behind it. */
  bits.n = 63 - __builtin_clzll(starts);
  if (bits.n && b.blank >> bits.n & 1)
    bits.n = 63 - __builtin_clzll(starts & (((uint64_t)1 << bits.n) - 1));
  bits.kept &= ((uint64_t)1 << bits.n) - 1;
  return bits;
}

static mst__block read_block(const uint8_t *p, const uint8_t *limit) {
  uint8_t copy[MST__BLOCK] = {0};
  if (limit - p >= MST__BLOCK) return mst__block_read(p);
  memcpy(copy, p, (size_t)(limit - p));
  return mst__block_read(copy);
}

/* Emit the pieces of document d: block by block where it is ASCII, else piece by piece. */
static mst_status cut_document(const void *payload, mst__worker *w, int64_t d) {
  const cut *c = payload;
  const mst_text *text = c->text;
  const uint8_t *p = text->bytes + text->start[d], *end = text->bytes + text->start[d + 1];
  const uint8_t *limit = text->bytes + text->start[text->n_docs];
  mst_status st = MST_OK;
  while (p < end && !st) {
    const int n = end - p < MST__BLOCK ? (int)(end - p) : MST__BLOCK;
    const mst__block b = read_block(p, limit);
    const uint8_t *slow_end = p; /* up to there piece by piece */
    if (b.high & UINT64_MAX >> (MST__BLOCK - n)) {
      slow_end = p + n;
    } else {
      const block_cut bits = cut_block(b, n, p + n == end);
      for (uint64_t left = bits.kept; left; left &= left - 1) {
        const int k = __builtin_ctzll(left), len = __builtin_ctzll(bits.ends >> k) + 1;
        st = mst__worker_emit_later(w, p + k, len);
        if (st) return st;
        w->value[w->n - 1] |= (uint32_t)(bits.lone >> 1 >> (k + len - 1) & 1);
      }
      if (bits.n == 0) slow_end = p + 1;
      p += bits.n;
    }
    while (p < slow_end && !st) st = cut_piece(c, w, p, end, &p);
  }
  return st;
}

mst_status mst__cpu_pieces_create(mst_backend *backend, const mst_text *text, mst_pieces *out) {
  const cut c = {text, mst__unicode_bmp()};
  const int64_t n_types = text->start[text->n_docs] / BYTES_PER_TYPE;
  const mst__job job = {.n_items = text->n_docs,
                        .fn = cut_document,
                        .payload = &c,
                        .base = text->bytes,
                        .base_end = text->bytes + text->start[text->n_docs],
                        .flag_bits = 1,
                        .n_values = text->start[text->n_docs] / BYTES_PER_PIECE,
                        .n_keys = mst__keys_of_part(n_types, backend->n_threads)};
  mst__lists lists = {0};
  const mst_status st = mst__lists_create(&job, backend->n_threads, &lists);
  if (st) return st;
  uint8_t *kind = mst_alloc((size_t)lists.types.n, 1);
  if (!kind) {
    mst__lists_fini(&lists);
    return MST_E_NOMEM;
  }
  for (int64_t v = 0; v < lists.types.n; v++) {
    const mst_slice s = mst_strings_at(&lists.types, v);
    int n;
    kind[v] = (uint8_t)mst__class_at(c.bmp, s.ptr, s.ptr + s.len, &n);
  }
  *out = (mst_pieces){.n_docs = text->n_docs,
                      .doc_ptr = lists.ptr,
                      .entry = lists.value,
                      .types = lists.types,
                      .kind = kind,
                      .n_entries = lists.ptr[text->n_docs],
                      .home = backend};
  return MST_OK;
}
