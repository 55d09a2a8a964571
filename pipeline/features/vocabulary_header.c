/* vocabulary_header.c: the first line of a vocabulary file: the options that decide what a term
 * is. */
#include <stdlib.h>
#include <string.h>

#include "features/vocabulary_file.h"

const char *const mst__vocabulary_options[] = {
    "analyzer", "lowercase", "strip_accents", "token_pattern", "stop_words", "ngram_range", NULL};

static const char *const analyzers[] = {"word", "char", "char_wb", "maths", NULL};
static const char *const accents[] = {"none", "ascii", "unicode", NULL};

static mst_json *text_or_null(const char *text) {
  return text ? mst_json_new_string(text) : mst_json_new_null();
}

static int by_bytes(const void *a, const void *b) {
  return mst_slice_compare(*(const mst_slice *)a, *(const mst_slice *)b);
}

/* A list of words, sorted and each once: its order in the option must not tell two files apart. */
static mst_json *sorted_words(const mst_strings *list) {
  mst_slice *word = mst_alloc((size_t)list->n, sizeof *word);
  mst_json *array = word ? mst_json_new_array() : NULL;
  for (int64_t i = 0; array && i < list->n; i++) word[i] = mst_strings_at(list, i);
  if (array) qsort(word, (size_t)list->n, sizeof *word, by_bytes);
  for (int64_t i = 0; array && i < list->n; i++) {
    if (i && by_bytes(&word[i - 1], &word[i]) == 0) continue;
    if (mst_json_append(array, mst_json_new_bytes(word[i].ptr, (size_t)word[i].len))) {
      mst_json_free(array);
      array = NULL;
    }
  }
  mst_free(word);
  return array;
}

static mst_json *stop_words(const mst_vectorizer_options *o) {
  if (o->token.analyzer != MST_ANALYZER_WORD || !o->stop_words) return mst_json_new_null();
  return o->stop_list ? sorted_words(o->stop_list) : mst_json_new_string(o->stop_words);
}

mst_json *mst__vocabulary_header(const mst_vectorizer_options *o, int64_t n_docs) {
  const int is_word = o->token.analyzer == MST_ANALYZER_WORD;
  mst_json *range = mst_json_new_array();
  if (!range) return NULL;
  mst_status st = mst_json_append(range, mst_json_new_int(o->ngram_min));
  if (!st) st = mst_json_append(range, mst_json_new_int(o->ngram_max));
  mst_json *h = st ? NULL : mst_json_new_object();
  if (!h) {
    mst_json_free(range);
    return NULL;
  }
  st = mst_json_set(h, "format", mst_json_new_string("misstep-vocabulary"));
  if (!st) st = mst_json_set(h, "version", mst_json_new_int(1));
  if (!st) st = mst_json_set(h, "documents", mst_json_new_int(n_docs));
  if (!st) st = mst_json_set(h, "analyzer", mst_json_new_string(analyzers[o->token.analyzer]));
  if (!st) st = mst_json_set(h, "lowercase", mst_json_new_bool(o->token.lowercase != 0));
  if (!st)
    st = mst_json_set(h, "strip_accents", mst_json_new_string(accents[o->token.strip_accents]));
  if (!st)
    st = mst_json_set(h, "token_pattern", text_or_null(is_word ? o->token.token_pattern : NULL));
  if (!st) st = mst_json_set(h, "stop_words", stop_words(o));
  if (st) mst_json_free(range);
  else st = mst_json_set(h, "ngram_range", range);
  if (!st) return h;
  mst_json_free(h);
  return NULL;
}

/* Position of a string value in a list that ends with NULL; -1 where it is none of them. */
static int choice(const mst_json *value, const char *const *names) {
  const char *text = value ? mst_json_string(value, NULL) : NULL;
  for (int i = 0; text && names[i]; i++)
    if (strcmp(text, names[i]) == 0) return i;
  return -1;
}

static mst_status bad(const char *name) {
  return MST_FAIL(MST_E_FORMAT, "%s is missing or is not one that this version knows", name);
}

static int is_null(const mst_json *value) {
  return value && mst_json_kind_of(value) == MST_JSON_NULL;
}

static mst_status read_list(const mst_json *array, mst_strings *out) {
  mst__string_map map;
  mst_status st = mst__string_map_init(&map);
  for (size_t i = 0; !st && i < mst_json_size(array); i++) {
    size_t len = 0;
    int32_t id;
    const char *text = mst_json_string(mst_json_at(array, i), &len);
    st = text ? mst__string_map_add(&map, (mst_slice){(const uint8_t *)text, (int64_t)len}, &id)
              : bad("stop_words");
  }
  if (!st) {
    const mst_strings words = {map.n, map.bytes.data, map.start};
    st = mst__strings_copy(&words, out);
  }
  mst__string_map_fini(&map);
  return st;
}

static mst_status apply_stop_words(const mst_json *value, mst_vectorizer_options *o,
                                   mst_strings *stop_list) {
  o->stop_words = NULL;
  o->stop_list = NULL;
  if (is_null(value)) return MST_OK;
  if (value && mst_json_kind_of(value) == MST_JSON_ARRAY) {
    o->stop_words = "list";
    o->stop_list = stop_list;
    return read_list(value, stop_list);
  }
  o->stop_words = value ? mst_json_string(value, NULL) : NULL;
  return o->stop_words ? MST_OK : bad("stop_words");
}

mst_status mst__vocabulary_apply(const mst_json *h, mst_vectorizer_options *o,
                                 mst_strings *stop_list) {
  const int analyzer = choice(mst_json_get(h, "analyzer"), analyzers);
  if (analyzer < 0) return bad("analyzer");
  o->token.analyzer = (mst_analyzer)analyzer;
  const int accent = choice(mst_json_get(h, "strip_accents"), accents);
  if (accent < 0) return bad("strip_accents");
  o->token.strip_accents = (mst_accents)accent;
  const mst_json *lowercase = mst_json_get(h, "lowercase");
  if (!lowercase || mst_json_kind_of(lowercase) != MST_JSON_BOOL) return bad("lowercase");
  o->token.lowercase = mst_json_bool(lowercase);
  const mst_json *pattern = mst_json_get(h, "token_pattern");
  o->token.token_pattern = pattern ? mst_json_string(pattern, NULL) : NULL;
  if (!o->token.token_pattern && !is_null(pattern)) return bad("token_pattern");
  const mst_json *range = mst_json_get(h, "ngram_range");
  if (!range || mst_json_kind_of(range) != MST_JSON_ARRAY || mst_json_size(range) != 2)
    return bad("ngram_range");
  const int64_t low = mst_json_int(mst_json_at(range, 0)),
                high = mst_json_int(mst_json_at(range, 1));
  if (low < 1 || high < low || high > MST_NGRAM_LIMIT) return bad("ngram_range");
  o->ngram_min = (int32_t)low;
  o->ngram_max = (int32_t)high;
  return apply_stop_words(mst_json_get(h, "stop_words"), o, stop_list);
}
