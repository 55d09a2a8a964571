/* fuzz_tokens.c: any text through every analyzer: written back as it was, and a document means the
 * same alone and among others. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "misstep/alloc.h"
#include "misstep/tokens.h"
#include "test_backend.h"

static void demand(int truth) {
  if (!truth) abort();
}

/* Length of the valid UTF-8 sequence at p, or 0. */
static size_t utf8_length(const uint8_t *p, size_t n) {
  const int lead = p[0];
  if (lead < 0x80) return 1;
  const size_t len = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (!len || n < len) return 0;
  for (size_t i = 1; i < len; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  const int second = p[1];
  const int bad = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                  (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
  return bad ? 0 : len;
}

/* Bytes to valid text: what is broken becomes '?', a newline ends a document. */
static int64_t make_text(const uint8_t *data, size_t n, uint8_t *bytes, int64_t *start) {
  int64_t n_docs = 0, to = 0;
  start[0] = 0;
  for (size_t i = 0; i < n;) {
    const size_t len = utf8_length(data + i, n - i);
    if (data[i] == '\n') start[++n_docs] = to;
    else if (len) memcpy(bytes + to, data + i, len);
    else bytes[to] = '?';
    if (data[i] != '\n') to += len ? (int64_t)len : 1;
    i += len ? len : 1;
  }
  start[++n_docs] = to;
  return n_docs;
}

static void check_written(const mst_text *text, const mst_pieces *pieces) {
  for (int64_t d = 0; d < text->n_docs; d++) {
    const int64_t len = text->start[d + 1] - text->start[d];
    uint8_t *out = malloc((size_t)len + 1);
    demand(out && mst_pieces_write(pieces, d, out, len) == len);
    demand(memcmp(out, text->bytes + text->start[d], (size_t)len) == 0);
    free(out);
  }
}

/* A document alone gives the spellings that it gives among others. */
static void check_alone(const mst_text *text, const mst_tokens *all, const mst_token_options *o) {
  const int64_t from = text->start[0], ends[2] = {0, text->start[1] - from};
  const mst_text one = {1, text->bytes, ends};
  mst_pieces *pieces = NULL;
  mst_tokens *t = NULL;
  demand(mst_pieces_create(mst_test_backend(1), &one, &pieces) == MST_OK);
  demand(mst_tokens_create(mst_test_backend(1), pieces, o, &t) == MST_OK);
  mst_test_read_tokens(t);
  demand(t->doc_ptr[1] == all->doc_ptr[1]);
  for (int64_t i = 0; i < t->doc_ptr[1]; i++)
    demand(mst_slice_compare(mst_strings_at(&t->types, t->id[i]),
                             mst_strings_at(&all->types, all->id[i])) == 0);
  mst_tokens_free(t);
  mst_pieces_free(pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  uint8_t *bytes = malloc(size + 1);
  int64_t *start = malloc((size + 2) * sizeof *start);
  demand(bytes && start);
  mst_text text = {0, bytes, start};
  text.n_docs = make_text(data, size, bytes, start);
  mst_pieces *pieces = NULL;
  demand(mst_pieces_create(mst_test_backend(1), &text, &pieces) == MST_OK);
  for (int i = 0; i < 4 * 3; i++) {
    mst_token_options o = mst_token_options_default();
    o.analyzer = (mst_analyzer)(i % 4);
    o.strip_accents = (mst_accents)(i / 4);
    mst_tokens *t = NULL;
    demand(mst_tokens_create(mst_test_backend(1), pieces, &o, &t) == MST_OK);
    mst_test_read_tokens(t);
    check_alone(&text, t, &o);
    mst_tokens_free(t);
  }
  mst_test_read_pieces(pieces);
  check_written(&text, pieces);
  mst_pieces_free(pieces);
  free(bytes);
  free(start);
  return 0;
}
