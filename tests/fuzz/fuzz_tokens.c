/* fuzz_tokens.c: any text through every analyzer: written back as it was, a document means the same
 * alone and among others, and a device gives the CPU's bytes. */
#include "fuzz_text.h"
#include "misstep/alloc.h"
#include "misstep/tokens.h"
#include "test_backend.h"

static void check_written(const mst_text *text, const mst_pieces *pieces) {
  for (int64_t d = 0; d < text->n_docs; d++) {
    const int64_t len = text->start[d + 1] - text->start[d];
    uint8_t *out = malloc((size_t)len + 1);
    fuzz_demand(out && mst_pieces_write(pieces, d, out, len) == len);
    fuzz_demand(memcmp(out, text->bytes + text->start[d], (size_t)len) == 0);
    free(out);
  }
}

/* A document alone gives the spellings that it gives among others. */
static void check_alone(const mst_text *text, const mst_tokens *all, const mst_token_options *o) {
  const int64_t from = text->start[0], ends[2] = {0, text->start[1] - from};
  const mst_text one = {1, text->bytes, ends};
  mst_pieces *pieces = NULL;
  mst_tokens *t = NULL;
  fuzz_demand(mst_pieces_create(mst_test_backend(1), &one, &pieces) == MST_OK);
  fuzz_demand(mst_tokens_create(mst_test_backend(1), pieces, o, &t) == MST_OK);
  mst_test_read_tokens(t);
  fuzz_demand(t->doc_ptr[1] == all->doc_ptr[1]);
  for (int64_t i = 0; i < t->doc_ptr[1]; i++)
    fuzz_demand(mst_slice_compare(mst_strings_at(&t->types, t->id[i]),
                                  mst_strings_at(&all->types, all->id[i])) == 0);
  mst_tokens_free(t);
  mst_pieces_free(pieces);
}

static int same_strings(const mst_strings *a, const mst_strings *b) {
  return a->n == b->n && memcmp(a->start, b->start, (size_t)(a->n + 1) * sizeof *a->start) == 0 &&
         (!a->start[a->n] || memcmp(a->bytes, b->bytes, (size_t)a->start[a->n]) == 0);
}

static int same(const void *a, const void *b, int64_t n, size_t size) {
  return !n || memcmp(a, b, (size_t)n * size) == 0;
}

/* The CPU's tokens, which are on the host, against the device's. */
static void check_device(const mst_pieces *theirs, const mst_token_options *o,
                         const mst_tokens *ours) {
  mst_tokens *t = NULL;
  fuzz_demand(mst_tokens_create(fuzz_device(), theirs, o, &t) == MST_OK);
  mst_test_read_tokens(t);
  fuzz_demand(t->n_docs == ours->n_docs && t->n_tokens == ours->n_tokens);
  fuzz_demand(t->joinable == ours->joinable && same_strings(&t->types, &ours->types));
  fuzz_demand(same(t->doc_ptr, ours->doc_ptr, t->n_docs + 1, sizeof *t->doc_ptr));
  fuzz_demand(same(t->id, ours->id, t->n_tokens, sizeof *t->id));
  mst_tokens_free(t);
}

static void check_pieces(mst_pieces *theirs, const mst_pieces *ours) {
  mst_test_read_pieces(theirs);
  fuzz_demand(theirs->n_entries == ours->n_entries && same_strings(&theirs->types, &ours->types));
  fuzz_demand(same(theirs->kind, ours->kind, ours->types.n, 1));
  fuzz_demand(same(theirs->doc_ptr, ours->doc_ptr, ours->n_docs + 1, sizeof *ours->doc_ptr));
  fuzz_demand(same(theirs->entry, ours->entry, ours->n_entries, sizeof *ours->entry));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const mst_text text = fuzz_text(data, size);
  mst_pieces *pieces = NULL, *theirs = NULL;
  fuzz_demand(mst_pieces_create(mst_test_backend(1), &text, &pieces) == MST_OK);
  if (fuzz_device()) fuzz_demand(mst_pieces_create(fuzz_device(), &text, &theirs) == MST_OK);
  for (int i = 0; i < 4 * 3; i++) {
    mst_token_options o = mst_token_options_default();
    o.analyzer = (mst_analyzer)(i % 4);
    o.strip_accents = (mst_accents)(i / 4);
    mst_tokens *t = NULL;
    fuzz_demand(mst_tokens_create(mst_test_backend(1), pieces, &o, &t) == MST_OK);
    mst_test_read_tokens(t);
    check_alone(&text, t, &o);
    if (theirs) check_device(theirs, &o, t);
    mst_tokens_free(t);
  }
  mst_test_read_pieces(pieces);
  check_written(&text, pieces);
  if (theirs) check_pieces(theirs, pieces);
  mst_pieces_free(theirs);
  mst_pieces_free(pieces);
  fuzz_text_free(&text);
  return 0;
}
