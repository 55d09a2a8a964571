/* vectorizer_json.c: a vectorizer's options and string lists in JSON and back, for the manifest.
 * A document-frequency cut is a count when it is written as an integer and a share when it has a
 * decimal point, as in scikit-learn. */
#include <string.h>

#include "learn/model_internal.h"
#include "misstep/alloc.h"

/* The spellings of one enumeration, in the order of its values. */
typedef struct names {
  const char *key;
  const char *name[5];
} names;

static const names analyzers = {"analyzer", {"word", "char", "char_wb", "maths", NULL}};
static const names accents = {"strip_accents", {"none", "ascii", "unicode", NULL}};
static const names tfs = {"tf", {"count", "sublinear", "relative", NULL}};
static const names idfs = {"idf", {"none", "smooth", "plain", "paper", NULL}};
static const names norms = {"norm", {"none", "l1", "l2", NULL}};

static mst_json *cut_to_json(mst_df_cut cut) {
  return cut.is_fraction ? mst_json_new_real(cut.value) : mst_json_new_int((int64_t)cut.value);
}

static mst_status set_name(mst_json *o, const names *n, int value) {
  return mst_json_set(o, n->key, mst_json_new_string(n->name[value]));
}

mst_json *mst__strings_to_json(const mst_strings *strings) {
  mst_json *array = mst_json_new_array();
  mst_status st = array ? MST_OK : MST_E_NOMEM;
  for (int64_t v = 0; !st && v < strings->n; v++) {
    const mst_slice s = mst_strings_at(strings, v);
    st = mst_json_append(array, mst_json_new_bytes(s.ptr, (size_t)s.len));
  }
  if (!st) return array;
  mst_json_free(array);
  return NULL;
}

static mst_json *stop_words_to_json(const mst_vectorizer_options *o) {
  if (!o->stop_words) return mst_json_new_null();
  if (strcmp(o->stop_words, "list") == 0 && o->stop_list) return mst__strings_to_json(o->stop_list);
  return mst_json_new_string(o->stop_words);
}

mst_json *mst__vectorizer_to_json(const mst_vectorizer_options *o) {
  mst_json *j = mst_json_new_object(), *range = mst_json_new_array();
  const char *pattern = o->token.token_pattern;
  mst_status st = j && range ? MST_OK : MST_E_NOMEM;
  if (!st) st = set_name(j, &analyzers, (int)o->token.analyzer);
  if (!st) st = mst_json_set(j, "lowercase", mst_json_new_bool(o->token.lowercase));
  if (!st) st = set_name(j, &accents, (int)o->token.strip_accents);
  if (!st)
    st = mst_json_set(j, "token_pattern",
                      pattern ? mst_json_new_string(pattern) : mst_json_new_null());
  if (!st) st = mst_json_append(range, mst_json_new_int(o->ngram_min));
  if (!st) st = mst_json_append(range, mst_json_new_int(o->ngram_max));
  if (!st) {
    st = mst_json_set(j, "ngram_range", range);
    range = NULL;
  }
  if (!st) st = mst_json_set(j, "stop_words", stop_words_to_json(o));
  if (!st) st = mst_json_set(j, "min_df", cut_to_json(o->min_df));
  if (!st) st = mst_json_set(j, "max_df", cut_to_json(o->max_df));
  if (!st) st = mst_json_set(j, "max_features", mst_json_new_int(o->max_features));
  if (!st) st = mst_json_set(j, "binary", mst_json_new_bool(o->binary));
  if (!st) st = set_name(j, &tfs, (int)o->tf);
  if (!st) st = set_name(j, &idfs, (int)o->idf);
  if (!st) st = set_name(j, &norms, (int)o->norm);
  mst_json_free(range);
  if (!st) return j;
  mst_json_free(j);
  return NULL;
}

static const mst_json *member(const mst_json *o, const char *key) {
  return o && mst_json_kind_of(o) == MST_JSON_OBJECT ? mst_json_get(o, key) : NULL;
}

static mst_status get_name(const mst_json *o, const names *n, int *value) {
  const mst_json *found = member(o, n->key);
  const char *text = found ? mst_json_string(found, NULL) : NULL;
  for (int i = 0; text && n->name[i]; i++)
    if (strcmp(text, n->name[i]) == 0) {
      *value = i;
      return MST_OK;
    }
  return MST_FAIL(MST_E_FORMAT, "\"%s\": %s", n->key, text ? text : "missing");
}

static mst_status get_number(const mst_json *o, const char *key, double low, double high,
                             double *value) {
  const mst_json *found = member(o, key);
  const double x = found ? mst_json_number(found) : -1;
  if (!(x >= low && x <= high))
    return MST_FAIL(MST_E_FORMAT, "\"%s\": missing or out of range", key);
  *value = x;
  return MST_OK;
}

static mst_status get_bool(const mst_json *o, const char *key, int *value) {
  const mst_json *found = member(o, key);
  if (!found || mst_json_kind_of(found) != MST_JSON_BOOL)
    return MST_FAIL(MST_E_FORMAT, "\"%s\": expected true or false", key);
  *value = mst_json_bool(found);
  return MST_OK;
}

static mst_status get_cut(const mst_json *o, const char *key, mst_df_cut *cut) {
  mst_status st = get_number(o, key, 0, 9e15, &cut->value);
  if (!st) cut->is_fraction = mst_json_kind_of(member(o, key)) == MST_JSON_REAL;
  return st;
}

mst_status mst__strings_from_json(const mst_json *json, mst_strings *strings) {
  if (!json || mst_json_kind_of(json) != MST_JSON_ARRAY)
    return MST_FAIL(MST_E_FORMAT, "expected an array of strings");
  const size_t n = mst_json_size(json);
  size_t total = 0, length = 0;
  mst_strings s = {.n = (int64_t)n};
  s.start = mst_alloc_zero(n + 1, sizeof *s.start);
  if (!s.start) return MST_E_NOMEM;
  for (size_t v = 0; v < n; v++) {
    if (!mst_json_string(mst_json_at(json, v), &length)) {
      mst_strings_fini(&s);
      return MST_FAIL(MST_E_FORMAT, "item %zu is not a string", v);
    }
    total += length;
    s.start[v + 1] = (int64_t)total;
  }
  s.bytes = mst_alloc(total, 1);
  if (!s.bytes) {
    mst_strings_fini(&s);
    return MST_E_NOMEM;
  }
  for (size_t v = 0; v < n; v++) {
    const char *text = mst_json_string(mst_json_at(json, v), &length);
    if (length) memcpy(s.bytes + s.start[v], text, length);
  }
  *strings = s;
  return MST_OK;
}

static mst_status get_stop_words(const mst_json *json, mst_vectorizer_options *o,
                                 mst_strings *stop) {
  const mst_json *found = member(json, "stop_words");
  if (!found) return MST_FAIL(MST_E_FORMAT, "\"stop_words\": missing");
  if (mst_json_kind_of(found) == MST_JSON_NULL) return MST_OK;
  if (mst_json_kind_of(found) == MST_JSON_STRING) {
    o->stop_words = mst_json_string(found, NULL);
    return MST_OK;
  }
  mst_status st = mst__strings_from_json(found, stop);
  if (st) return mst_error_prefix(st, "\"stop_words\"");
  o->stop_words = "list";
  o->stop_list = stop;
  return MST_OK;
}

static mst_status get_range(const mst_json *json, mst_vectorizer_options *o) {
  const mst_json *range = member(json, "ngram_range");
  if (!range || mst_json_kind_of(range) != MST_JSON_ARRAY || mst_json_size(range) != 2)
    return MST_FAIL(MST_E_FORMAT, "\"ngram_range\": expected two numbers");
  const int64_t low = mst_json_int(mst_json_at(range, 0)),
                high = mst_json_int(mst_json_at(range, 1));
  if (low < 1 || high < low || high > 16)
    return MST_FAIL(MST_E_FORMAT, "\"ngram_range\": %lld to %lld", (long long)low, (long long)high);
  o->ngram_min = (int32_t)low;
  o->ngram_max = (int32_t)high;
  return MST_OK;
}

static mst_status get_token(const mst_json *json, mst_token_options *token) {
  int value = 0;
  mst_status st = get_name(json, &analyzers, &value);
  token->analyzer = (mst_analyzer)value;
  if (!st) st = get_bool(json, "lowercase", &token->lowercase);
  if (!st) st = get_name(json, &accents, &value);
  token->strip_accents = (mst_accents)value;
  const mst_json *pattern = member(json, "token_pattern");
  if (pattern) token->token_pattern = mst_json_string(pattern, NULL);
  return st;
}

mst_status mst__vectorizer_from_json(const mst_json *json, mst_vectorizer_options *options,
                                     mst_strings *stop) {
  mst_vectorizer_options o = mst_vectorizer_options_default();
  o.dtype = MST_FLOAT32;
  double number = 0;
  int tf = 0, idf = 0, norm = 0;
  mst_status st = get_token(json, &o.token);
  if (!st) st = get_range(json, &o);
  if (!st) st = get_cut(json, "min_df", &o.min_df);
  if (!st) st = get_cut(json, "max_df", &o.max_df);
  if (!st) st = get_number(json, "max_features", 0, 9e15, &number);
  o.max_features = (int64_t)number;
  if (!st) st = get_bool(json, "binary", &o.binary);
  if (!st) st = get_name(json, &tfs, &tf);
  if (!st) st = get_name(json, &idfs, &idf);
  if (!st) st = get_name(json, &norms, &norm);
  o.tf = (mst_tf)tf;
  o.idf = (mst_idf)idf;
  o.norm = (mst_norm)norm;
  if (!st) st = get_stop_words(json, &o, stop); /* last: it allocates */
  if (!st) *options = o;
  return st;
}
