/* stop_words.c: stop words as flags on token types, so that removing them costs one look per
 * token. */
#include <string.h>

#include "features/internal.h"

/* Flag one word if it is a type: the types are sorted. */
static void flag_word(const mst_strings *types, mst_slice word, uint8_t *drop) {
  int64_t lo = 0, hi = types->n;
  while (lo < hi) {
    const int64_t middle = lo + (hi - lo) / 2;
    if (mst_slice_compare(mst_strings_at(types, middle), word) < 0) lo = middle + 1;
    else hi = middle;
  }
  if (lo < types->n && mst_slice_compare(mst_strings_at(types, lo), word) == 0) drop[lo] = 1;
}

mst_status mst__stop_words_flag(const mst_vectorizer_options *options, const mst_strings *types,
                                uint8_t **out) {
  *out = NULL;
  if (!options->stop_words || options->token.analyzer != MST_ANALYZER_WORD) return MST_OK;
  uint8_t *drop = mst_alloc_zero((size_t)types->n, 1);
  if (!drop) return MST_E_NOMEM;
  if (strcmp(options->stop_words, "english") == 0) {
    for (int i = 0; i < mst__n_stop_words_english; i++) {
      const char *word = mst__stop_words_english[i];
      flag_word(types, (mst_slice){(const uint8_t *)word, (int64_t)strlen(word)}, drop);
    }
  } else {
    for (int64_t i = 0; i < options->stop_list->n; i++)
      flag_word(types, mst_strings_at(options->stop_list, i), drop);
  }
  *out = drop;
  return MST_OK;
}
