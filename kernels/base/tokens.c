/* tokens.c: options, freeing and writing back of pieces and tokens, wherever they are at home. */
#include "misstep/tokens.h"

#include <assert.h>
#include <string.h>

#include "misstep/alloc.h"

mst_token_options mst_token_options_default(void) {
  return (mst_token_options){MST_ANALYZER_WORD, 1, MST_ACCENTS_KEEP, NULL};
}

void mst_pieces_free(mst_pieces *pieces) {
  if (!pieces) return;
  mst_backend_free(pieces->home, pieces->doc_ptr);
  mst_backend_free(pieces->home, pieces->entry);
  mst_strings_fini(&pieces->types);
  mst_free(pieces->kind);
  mst_free(pieces);
}

int64_t mst_pieces_write(const mst_pieces *pieces, int64_t d, uint8_t *out,
                         int64_t capacity_bytes) {
  assert(mst_backend_is_host(pieces->home));
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

void mst_tokens_free(mst_tokens *tokens) {
  if (!tokens) return;
  mst_backend_free(tokens->home, tokens->doc_ptr);
  mst_backend_free(tokens->home, tokens->id);
  mst_strings_fini(&tokens->types);
  mst_free(tokens);
}
